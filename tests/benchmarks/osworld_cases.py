"""What the tests of OSWorld's metrics share: cases that must score 1 or less, and the makers of small real documents."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handeye.benchmarks.osworld.documents import Unreadable
from handeye.benchmarks.osworld.metrics import METRICS, measure

Given = tuple[Any, ...]
"""What the getters gave: the result, and the expected value if there is one."""


@dataclass(frozen=True)
class Case:
    """One metric, what it is given (made in a folder), and whether that is right."""

    metric: str
    right: bool
    make: Callable[[Path], Given]
    note: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.metric}-{'right' if self.right else 'wrong'}{'-' if self.note else ''}{self.note}"

    def score(self, folder: Path) -> float:
        """As in a task: a document that cannot be read, or has not what is looked for, scores 0."""
        given = self.make(folder)
        try:
            return measure(self.metric, given[0], given[1] if len(given) > 1 else None, len(given) > 1, self.options)
        except Unreadable:
            return 0.0


def right(metric: str, make: Callable[[Path], Given], note: str = "", **options: Any) -> Case:
    return Case(metric, True, make, note, options)


def wrong(metric: str, make: Callable[[Path], Given], note: str = "", **options: Any) -> Case:
    return Case(metric, False, make, note, options)


def both(metric: str, good: Given, bad: Given, note: str = "", **options: Any) -> list[Case]:
    """A right and a wrong case for metrics on plain values."""
    return [right(metric, lambda _: good, note, **options), wrong(metric, lambda _: bad, note, **options)]


def uncovered(cases: Sequence[Case], module: str) -> set[str]:
    """The metrics of a module that lack a right or a wrong case."""
    names = {name for name, metric in METRICS.items() if metric.__module__.rpartition(".")[2] == module}
    return names - ({case.metric for case in cases if case.right} & {case.metric for case in cases if not case.right})


def check(case: Case, folder: Path) -> None:
    """Right is 1, wrong is less."""
    score = case.score(folder)
    assert score == 1.0 if case.right else 0.0 <= score < 1.0, f"{case}: {score}"


# Documents


def write(path: Path, text: str | bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def docx(path: Path, *lines: Any, change: Callable[[Any], object] | None = None) -> str:
    """A document of paragraphs; `change` does what it wants with it before it is saved."""
    from docx import Document

    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if change is not None:
        change(document)
    document.save(str(path))
    return str(path)


def odt(path: Path, *paragraphs: str, styles: str = "") -> str:
    """An OpenDocument text whose paragraphs are XML; only what the metrics read is in it."""
    names = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    )
    body = "".join(f"<text:p>{one}</text:p>" for one in paragraphs)
    mime = "application/vnd.oasis.opendocument.text"
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    content = (
        f"<office:document-content {names}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", mime)
        package.writestr("META-INF/manifest.xml", manifest)
        package.writestr("content.xml", content)
    return str(path)


def xlsx(path: Path, rows: Sequence[Sequence[Any]] = (), change: Callable[[Any], object] | None = None) -> str:
    """A workbook with one sheet, `Sheet1`; `change` gets the workbook before it is saved."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Sheet1"
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book)
    book.save(path)
    return str(path)


def pptx(path: Path, *slides: Callable[[Any], object]) -> str:
    """A presentation; each of `slides` fills one empty slide."""
    from pptx import Presentation

    shown = Presentation()
    for fill in slides:
        fill(shown.slides.add_slide(shown.slide_layouts[6]))
    shown.save(str(path))
    return str(path)


def pdf(path: Path, *pages: str) -> str:
    """A PDF with a line of text on each page."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    font = DictionaryObject(
        {NameObject(key): NameObject(value) for key, value in {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}.items()}
    )
    for words in pages:
        page = writer.add_blank_page(300, 300)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({words}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})})
    with path.open("wb") as file:
        writer.write(file)
    return str(path)


def picture(path: Path, change: Callable[[Any], Any] = lambda image: image, size: tuple[int, int] = (64, 48)) -> str:
    """A picture with structure in all three channels; `change` gives the one that is saved."""
    import numpy as np
    from PIL import Image

    across, down = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    pixels = np.stack([40 + 2 * across, 60 + 2 * down, 90 + 30 * ((across // 8 + down // 8) % 2)], axis=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    change(Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))).save(path)
    return str(path)


def archive(path: Path, members: dict[str, str | bytes]) -> str:
    with zipfile.ZipFile(path, "w") as package:
        for name, data in members.items():
            package.writestr(name, data)
    return str(path)
