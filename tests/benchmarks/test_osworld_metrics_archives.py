"""OSWorld's metrics on PDFs, archives and e-books, both ways; what archives must not do to this machine."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from handeye.benchmarks.osworld.documents import Unreadable
from handeye.benchmarks.osworld.metrics import measure
from tests.benchmarks.osworld_cases import Case, Given, archive, check, docx, pdf, picture, pptx, right, uncovered, write, wrong, xlsx

Maker = Callable[[Path], Given]
BOOK = '<ncx><navPoint id="{}"/><a>{}</a></ncx>'


def pdfs(mine: str, wanted: str) -> Maker:
    return lambda f: (pdf(f / "m.pdf", mine), pdf(f / "w.pdf", wanted))


def zips(mine: dict[str, str], wanted: dict[str, str]) -> Maker:
    return lambda f: (archive(f / "m.zip", dict(mine)), archive(f / "w.zip", dict(wanted)))


def with_pdf(words: str) -> Maker:
    def make(folder: Path) -> Given:
        mine, wanted = (Path(pdf(folder / f"{name}.pdf", text)).read_bytes() for name, text in (("m", words), ("w", "Hello there")))
        return archive(folder / "m.zip", {"a.pdf": mine + b"\n%x"}), archive(folder / "w.zip", {"a.pdf": wanted})

    return make


def gold(words: str) -> Maker:
    return lambda f: (pdf(f / "m.pdf", words), write(f / "w.json", json.dumps({"a": "Hello", "b": "world"})))


def paged(count: int, relation: str = "le") -> Maker:
    return lambda f: (pdf(f / "m.pdf", *["x"] * count), {"relation": relation, "ref_value": 2})


def epub(text: str, number: str = "1") -> dict[str, str]:
    return {"toc.ncx": BOOK.format(number, "t"), "content.opf": f"<p><dc:identifier>{number}</dc:identifier></p>", "c.html": text}


def packed(kind: str) -> list[Case]:
    """An archive with one file of a type in it, right and wrong."""
    make = {
        "text": lambda path, text: write(path, text),
        "pdf": lambda path, text: pdf(path, text),
        "docx": lambda path, text: docx(path, text),
        "ppt": lambda path, text: pptx(path, *([lambda slide: None] * len(text))),
        "image": lambda path, text: picture(path, lambda image: image.rotate(180) if text == "b" * 2 else image),
        "csv": lambda path, text: write(path, text),
        "table": lambda path, text: xlsx(path, [[text]]),
    }[kind]
    ending = {"text": "txt", "image": "png", "table": "xlsx", "ppt": "pptx"}.get(kind, kind)
    more = {"rules": [{"type": "sheet_data", "sheet_idx0": 0, "sheet_idx1": "EI0"}]} if kind == "table" else {}

    def made(mine: str) -> Maker:
        def both(folder: Path) -> Given:
            paths = [make(folder / f"{name}.{ending}", text) for name, text in (("m", mine), ("w", "a"))]
            left, wanted = (Path(path).read_bytes() for path in paths)
            return archive(folder / "m.zip", {f"in/a.{ending}": left}), archive(folder / "w.zip", {f"in/a.{ending}": wanted})

        return both

    options = {"file_type": kind, "file_path": "in", **more}
    return [right("compare_archive", made("a"), kind, **options), wrong("compare_archive", made("bb"), kind, **options)]


CASES: list[Case] = [
    right("compare_pdfs", pdfs("Hello", "Hello")),
    wrong("compare_pdfs", pdfs("Hello", "Help")),
    wrong("compare_pdfs", lambda f: ([pdf(f / "m.pdf", "a")], [pdf(f / "w.pdf", "a"), pdf(f / "v.pdf", "a")]), "fewer"),
    right("check_pdf_pages", paged(2)),
    wrong("check_pdf_pages", paged(3)),
    right("check_pdf_pages", paged(2, "eq"), "eq"),
    wrong("check_pdf_pages", paged(1, "eq"), "eq"),
    right("is_gold_text_included_in_pdf", gold("Hello world")),
    wrong("is_gold_text_included_in_pdf", gold("Hello you")),
    right("compare_zip_files", zips({"a": "1", "b": "2"}, {"b": "2", "a": "1"})),
    wrong("compare_zip_files", zips({"a": "1"}, {"a": "2"})),
    wrong("compare_zip_files", zips({"a": "1", "b": ""}, {"a": "1"}), "names"),
    right("compare_zip_files", with_pdf("Hello there"), "pdf"),
    wrong("compare_zip_files", with_pdf("Goodbye"), "pdf"),
    right("compare_epub", lambda f: (archive(f / "m.epub", epub("a", "1")), archive(f / "w.epub", epub("a", "2")))),
    wrong("compare_epub", lambda f: (archive(f / "m.epub", epub("a")), archive(f / "w.epub", epub("b")))),
    *[case for kind in ("text", "pdf", "docx", "ppt", "image", "csv", "table") for case in packed(kind)],
    wrong("compare_archive", zips({"a": "1", "b": "1"}, {"a": "1"}), "more"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_is_one_and_wrong_is_less(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


def test_every_metric_is_tried_both_ways() -> None:
    assert not uncovered(CASES, "archives")


def test_an_archive_writes_nothing_outside_of_its_folder(tmp_path: Path) -> None:
    evil, fine = tmp_path / "m.tar", archive(tmp_path / "w.zip", {"a": "1"})
    with tarfile.open(evil, "w") as tape:
        entry = tarfile.TarInfo("../../escaped")
        entry.size = 1
        tape.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(Unreadable):
        measure("compare_archive", str(evil), fine, True, {"file_type": "text"})
    assert not list(tmp_path.parent.rglob("escaped"))


@pytest.mark.parametrize("metric", ["compare_pdfs", "compare_zip_files", "compare_archive", "compare_epub"])
def test_what_is_broken_is_unreadable(metric: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        measure(metric, write(tmp_path / "m", b"\0broken"), write(tmp_path / "w", b"\0broken"), True, {})
