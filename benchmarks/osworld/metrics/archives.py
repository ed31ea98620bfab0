"""Metrics on PDFs, archives and e-books."""

from __future__ import annotations

import operator
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from handeye.benchmarks.osworld.documents import Unreadable, pdf, reading
from handeye.benchmarks.osworld.metrics.docs import compare_docx_files
from handeye.benchmarks.osworld.metrics.files import compare_csv, compare_text_file
from handeye.benchmarks.osworld.metrics.pictures import compare_images
from handeye.benchmarks.osworld.metrics.slides import compare_pptx_files
from handeye.benchmarks.osworld.metrics.tables import compare_table

Rules = dict[str, Any]
MAX_MEMBERS, MAX_BYTES = 10_000, 500_000_000
"""What is taken out of an archive that a model made."""


def pdf_text(path: str | Path) -> str:
    """The text of all pages."""
    from pypdf.errors import PyPdfError

    try:
        with reading(path):
            return "".join(page.extract_text() for page in pdf(path).pages).strip()
    except PyPdfError as error:
        raise Unreadable(f"{Path(path).name} cannot be read: {error}") from error


def compare_pdfs(result: str | list[str] | None, expected: str | list[str]) -> float:
    """How alike the texts of PDFs are, from 0 to 1; the mean over several."""
    from rapidfuzz import fuzz

    mine, wanted = (one if isinstance(one, list) else [one] for one in (result, expected))
    score = 0.0
    for left, right in zip(mine, wanted, strict=False):
        if left and right:
            score += float(fuzz.ratio(pdf_text(left), pdf_text(right)) / 100)
    return score / len(wanted)


def check_pdf_pages(result: str | None, rules: Rules) -> float:
    """The number of pages stands in `relation` (eq, lt, ...) to `ref_value`."""
    if rules["relation"] not in ("eq", "ne", "lt", "le", "gt", "ge"):
        raise ValueError(f"there is no relation {rules['relation']!r}")
    return float(bool(result) and getattr(operator, rules["relation"])(len(pdf(str(result)).pages), rules["ref_value"]))


def is_gold_text_included_in_pdf(result: str | None, expected: str | None) -> float:
    """All values of the JSON file are in the PDF's text."""
    import json

    if not result or not expected:
        return 0.0
    found = pdf_text(result)
    with reading(expected):
        wanted = json.loads(Path(expected).read_text(encoding="utf-8"))
    return float(all(str(value) in found for value in wanted.values()))


def compare_zip_files(result: str | None, expected: str) -> float:
    """The same names with the same contents; of PDFs nearly the same text (0.95)."""
    if not result:
        return 0.0
    with reading(result), zipfile.ZipFile(result) as mine, zipfile.ZipFile(expected) as wanted:
        if set(mine.namelist()) != set(wanted.namelist()):
            return 0.0
        return float(all(_same_member(name, mine.read(name), wanted.read(name)) for name in wanted.namelist()))


def _same_member(name: str, found: bytes, wanted: bytes) -> bool:
    if found == wanted or not name.lower().endswith(".pdf"):
        return found == wanted
    import difflib

    from pypdf import PdfReader

    left, right = ("".join(page.extract_text() for page in PdfReader(BytesIO(one)).pages) for one in (found, wanted))
    return difflib.SequenceMatcher(None, left, right).ratio() >= 0.95


def compare_archive(result: str | None, expected: str, file_type: str = "text", file_path: str = "", **options: Any) -> float:
    """The mean score of the files in two archives, below `file_path` in them, by the metric for `file_type`; names must be the same."""
    if not result:
        return 0.0
    metric = _BY_TYPE.get(file_type)
    if metric is None:
        raise ValueError(f"compare_archive has no files of type {file_type!r} here")
    with tempfile.TemporaryDirectory() as folder:
        left, right = (_unpacked(path, Path(folder) / name) / file_path for path, name in ((result, "result"), (expected, "expected")))
        names = sorted(one.name for one in right.iterdir())
        if not left.is_dir() or sorted(one.name for one in left.iterdir()) != names or not names:
            return 0.0
        return sum(metric(str(left / name), str(right / name), **options) for name in names) / len(names)


def _unpacked(path: str, folder: Path) -> Path:
    """What is in a zip or tar, in `folder`. Raises `Unreadable` for what is none, is too much, or leaves the folder."""
    folder.mkdir()
    with reading(path):
        try:
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as packed:
                    _check_size([one.file_size for one in packed.infolist()])
                    packed.extractall(folder)  # noqa: S202 - zipfile keeps names inside the folder
            else:
                with tarfile.open(path) as tape:
                    _check_size([one.size for one in tape.getmembers()])
                    tape.extractall(folder, filter="data")
        except tarfile.TarError as error:
            raise Unreadable(f"no archive: {error}") from error
    return folder


def _check_size(sizes: list[int]) -> None:
    if len(sizes) > MAX_MEMBERS or sum(sizes) > MAX_BYTES:
        raise Unreadable("the archive holds too much")


def compare_epub(result: str | None, expected: str) -> float:
    """How alike the parts of two e-books are: contents and pages, without their identifiers."""
    if not result:
        return 0.0
    mine, wanted = _book(result), _book(expected)
    import difflib

    pairs = zip(mine, wanted, strict=False)
    return sum(difflib.SequenceMatcher(a=a, b=b).ratio() for a, b in pairs) / len(mine) if mine else 0.0


def _book(path: str) -> list[list[str]]:
    """The lines of an e-book's parts, by the parts' names."""
    parts = {}
    with reading(path), zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if name in ("toc.ncx", "content.opf") or name.endswith(".html"):
                skipped = {"toc.ncx": "navPoint", "content.opf": "dc:identifier"}.get(name, "\0")
                words = packed.read(name).decode("utf-8", "replace").replace("><", ">\n<")
                parts[name] = [line.strip() for line in words.splitlines() if line.strip() and skipped not in line]
    return [parts[name] for name in sorted(parts)]


_BY_TYPE: dict[str, Callable[..., float]] = {
    "text": compare_text_file,
    "pdf": compare_pdfs,
    "docx": compare_docx_files,
    "ppt": compare_pptx_files,
    "image": compare_images,
    "csv": compare_csv,
    "table": compare_table,
}
