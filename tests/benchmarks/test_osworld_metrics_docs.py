"""OSWorld's metrics on Writer's documents, both ways, on real .docx and .odt files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.osworld_cases import Case, Given, check, docx, odt, picture, right, uncovered, write, wrong

Maker = Callable[[Path], Given]
Change = Callable[[Any], object]


def pair(metric: str, good: Maker, bad: Maker, note: str = "", **options: Any) -> list[Case]:
    return [right(metric, good, note, **options), wrong(metric, bad, note, **options)]


def two(mine: list[str], wanted: list[str], change: Change | None = None, other: Change | None = None) -> Maker:
    """The document that was made and the expected one: their paragraphs, and what is done to each."""
    return lambda folder: (docx(folder / "mine.docx", *mine, change=change), docx(folder / "wanted.docx", *wanted, change=other))


def one(lines: list[str], change: Change | None = None, *rules: Any) -> Maker:
    return lambda folder: (docx(folder / "mine.docx", *lines, change=change), *rules)


def run(document: Any, number: int = -1) -> Any:
    return document.paragraphs[number].runs[0]


def table(*rows: tuple[str, ...]) -> Change:
    def make(document: Any) -> None:
        made = document.add_table(len(rows), len(rows[0]))
        for row, words in zip(made.rows, rows, strict=True):
            for cell, word in zip(row.cells, words, strict=True):
                cell.text = word

    return make


def colored(**colors: str) -> Change:
    """A table of words, each in its colour."""

    def make(document: Any) -> None:
        from docx.shared import RGBColor

        made = document.add_table(1, len(colors))
        for cell, (word, color) in zip(made.rows[0].cells, colors.items(), strict=True):
            cell.paragraphs[0].add_run(word).font.color.rgb = RGBColor.from_string(color)

    return make


def image(folder: Path, name: str, bright: bool) -> Change:
    path = picture(folder / f"{name}.png", lambda made: made.point(lambda value: 255 - value) if bright else made)
    return lambda document: document.add_paragraph().add_run().add_picture(path)


def pictures(metric: str) -> list[Case]:
    return pair(
        metric,
        lambda f: (docx(f / "m.docx", "a", change=image(f, "m", False)), docx(f / "w.docx", "a", change=image(f, "w", False))),
        lambda f: (docx(f / "m.docx", "a", "b"), docx(f / "w.docx", "a", change=image(f, "w", False))),
    )


def spaced(*spacings: float) -> Change:
    def change(document: Any) -> None:
        for paragraph, spacing in zip(document.paragraphs, spacings, strict=True):
            paragraph.paragraph_format.line_spacing = spacing

    return change


def equation(document: Any) -> None:
    from docx.oxml import OxmlElement

    run(document)._element.append(OxmlElement("w:object"))


def marked(name: str, value: Any = True, number: int = -1) -> Change:
    return lambda document: setattr(run(document, number).font, name, value)


def italic(points: int) -> Change:
    def change(document: Any) -> None:
        from docx.shared import Pt

        run(document).italic, run(document).font.size = True, Pt(points)

    return change


def footer(text: str) -> Change:
    return lambda document: setattr(document.sections[0].footer.paragraphs[0], "text", text)


def centered(document: Any) -> None:
    document.paragraphs[0].alignment = 1


def breaks(count: int) -> Change:
    return lambda document: [document.add_page_break() for _ in range(count)]


def stop(inches: float) -> Change:
    def change(document: Any) -> None:
        from docx.enum.text import WD_TAB_ALIGNMENT
        from docx.shared import Inches

        for paragraph in document.paragraphs:
            paragraph.paragraph_format.tab_stops.add_tab_stop(Inches(inches), WD_TAB_ALIGNMENT.RIGHT)

    return change


def highlighted(color: int) -> Change:
    return lambda document: setattr(run(document).font, "highlight_color", color)


YELLOW = '<style:style style:name="T1" style:family="text"><style:text-properties fo:background-color="{}"/></style:style>'
SPAN = '<text:span text:style-name="T1">b</text:span>'


def spans(color: str) -> Maker:
    return lambda f: (odt(f / "m.odt", f"a {SPAN}", styles=YELLOW.format(color)), odt(f / "w.odt", f"a {SPAN}"))


def fonts(name: str) -> str:
    return (
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Writer/DefaultFont">'
        f'<prop oor:name="Standard" oor:op="fuse"><value>{name}</value></prop></item></oor:items>'
    )


def trains(*lines: str) -> Maker:
    wanted, before = ["8:00, T1, A, 1", "9:00, T2, A, 1"], ["8:00, T1, A, 1", "8:30, T1, A, 1", "9:00, T2, A, 1"]
    return lambda f: (docx(f / "m.docx", *lines), [docx(f / "w.docx", *wanted), docx(f / "b.docx", *before)])


METRIC = "compare_docx_files"
TEXTS: list[Case] = [
    *pair(METRIC, two(["a  b", "c"], ["a b", "c"]), two(["a b"], ["a b", "c"])),
    *pair(METRIC, two(["a b"], ["a b"]), two(["a  b"], ["a b"]), "blanks count", ignore_blanks=False),
    *pair(METRIC, two(["A"], ["a"]), two(["B"], ["a"]), "case", ignore_case=True),
    *pair(METRIC, two(["b", "a"], ["a", "b"]), two(["b", "b"], ["a", "b"]), "order", ignore_order=True),
    *pair(METRIC, two(["a", "", "b"], ["a", "b"]), two(["a", "b", "c"], ["a", "b"]), "lines", delete_empty_lines=True, ignore_blanks=False),
    *pair(METRIC, two(["abcd"], ["abcd"]), two(["abce"], ["abcd"]), "fuzzy", fuzzy_match=True),
    *pair(
        METRIC, two(["abcd", "x"], ["abcd", "x"]), two(["abcd", "y"], ["abcd", "x"]), "lines fuzzy", fuzzy_match=True, ignore_blanks=False
    ),
    *pair(METRIC, two(["Abcd"], ["abcd"]), two(["abce"], ["abcd"]), "content", content_only=True, ignore_case=True),
    *pair(
        METRIC,
        lambda f: (odt(f / "m.odt", "a <text:span>b</text:span>"), odt(f / "w.odt", "a b")),
        lambda f: (odt(f / "m.odt", "a"), odt(f / "w.odt", "a b")),
        "odt",
    ),
    wrong(METRIC, lambda f: (odt(f / "m.odt", "a"), docx(f / "w.docx", "a")), "kinds"),
    *pair("compare_docx_files_and_ignore_new_lines", two(["a", "", "b"], ["a", "b"]), two(["a", "c"], ["a", "b"])),
    *pair(
        "compare_docx_files_and_ignore_new_lines",
        two(["a b", ""], ["a b"]),
        two(["a  b"], ["a b"]),
        "blanks count",
        ignore_blanks=False,
    ),
    *pair("compare_docx_lines", two(["b ", "a", ""], ["a", "b"]), two(["a"], ["a", "b"])),
    *pair("compare_init_lines", two(["a"], ["a", "b"]), two(["a", "c"], ["a", "b"])),
    *pair("compare_docx_tables", two([], [], table(("a ", "b")), table(("a", "b"))), two([], [], table(("a", "c")), table(("a", "b")))),
    wrong("compare_docx_tables", two([], [], table(("a",), ("b",)), table(("a", "b"))), "shape"),
    *pair(
        "compare_references",
        two(["x", "References", "Ann 2001"], ["References", "Ann 2001"]),
        two(["References", "Q"], ["References", "Ann"]),
    ),
    *pair("compare_unique_train_records", trains("8:00, T1, A, 1", "9:00, T2, A, 1"), trains("8:00, T1, A, 1")),
    wrong("compare_unique_train_records", trains("8:00, T1, A, 1", "8:30, T1, A, 1"), "twice"),
    wrong("compare_unique_train_records", trains("8:00, T1, A, 1", "9:05, T2, A, 1"), "made up"),
    *pair(
        "fuzzy_place_math",
        one(["Berlin Paris", "", "Rome"], None, {"expected": ["Rome", "Paris", "Berlin"]}),
        one(["Berlin Paris"], None, {"expected": ["Rome", "Paris", "Berlin"]}),
    ),
    *pair("check_file_exists", lambda f: (str(f), Path(write(f / "a", "")).name), lambda f: (str(f), "b")),
    *pair(
        "find_default_font",
        lambda f: (write(f / "r.xcu", fonts("Arial")), {"font_name": "Arial"}),
        lambda f: (write(f / "r.xcu", fonts("Times")), {"font_name": "Arial"}),
    ),
]
LOOKS: list[Case] = [
    *pictures("compare_docx_images"),
    wrong(
        "compare_docx_images",
        lambda f: (docx(f / "m.docx", "a", change=image(f, "m", True)), docx(f / "w.docx", "a", change=image(f, "w", False))),
        "other",
    ),
    *pictures("compare_contains_image"),
    *pair("compare_line_spacing", two(["a", "b"], ["a", "b"], spaced(1, 2), spaced(1, 2)), two(["a"], ["a"], spaced(2), spaced(1.5))),
    *pair("compare_insert_equation", two(["a"], ["a"], equation, equation), two(["a"], ["a"], None, equation)),
    *pair(
        "compare_font_names",
        one(["a"], marked("name", "Arial"), {"font_name": "Arial"}),
        one(["a", "b"], marked("name", "Arial"), {"font_name": "Arial"}),
    ),
    *pair(
        "compare_subscript_contains",
        two(["a"], ["b"], marked("subscript"), marked("subscript")),
        two(["a"], ["b"], marked("superscript"), marked("subscript")),
    ),
    *pair("has_page_numbers_in_footers", one(["a"], footer("Page 1")), one(["a"], footer("Page"))),
    *pair("is_first_line_centered", one(["a"], centered), one(["a"])),
    *pair("contains_page_break", one(["a"], breaks(1)), one(["a"])),
    *pair("contains_page_break", one(["a"], breaks(2), {"page_break_count": 2}), one(["a"], breaks(1), {"page_break_count": 2}), "counted"),
    *pair("check_tabstops", two(["a\tb"], ["a\tb"], stop(3), stop(3)), two(["a\tb"], ["a\tb"], stop(2), stop(3))),
    wrong("check_tabstops", two(["a\tb"], ["a\tb"], None, stop(3)), "none"),
    *pair(
        "check_tabstops",
        two(["a b c\td e"], ["a b c\td e"], stop(3), stop(3)),
        two(["a b\tc d e"], ["a b c\td e"], stop(3), stop(3)),
        "words",
        word_number_split_by_tabstop=3,
        index=0,
    ),
    *pair(
        "evaluate_colored_words_in_tables",
        two(["a"], ["a"], colored(Egg="FF0000", milk="0000FF"), colored(Egg="000000", milk="000000")),
        two(["a"], ["a"], colored(Egg="FF0000", milk="FF0000"), colored(Egg="000000", milk="000000")),
    ),
    *pair("check_highlighted_words", spans("#00ff00"), spans("#ffff00")),
    *pair(
        "compare_highlighted_text",
        two(["a", "b"], ["a", "b"], highlighted(7), highlighted(7)),
        two(["a", "b"], ["a", "b"], None, highlighted(7)),
    ),
    *pair("evaluate_strike_through_last_paragraph", two(["a", "b"], ["a", "b"], marked("strike")), two(["a", "b"], ["a", "b"])),
    *pair("check_italic_font_size_14", two(["a", "b"], ["a", "b"], italic(14)), two(["a", "b"], ["a", "b"], italic(12))),
    *pair("evaluate_conversion", one(["ab"], table(("c",))), one(["ab"], table(("C",)))),
    wrong("evaluate_conversion", one(["AB"]), "outside"),
    *pair("evaluate_spacing", one(["a", "b", "c"], spaced(1.0, 2.0, 1.5)), one(["a", "b", "c"], spaced(1.0, 2.0, 1.0))),
]
CASES = [*TEXTS, *LOOKS]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_is_one_and_wrong_is_less(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


def test_every_metric_is_tried_both_ways() -> None:
    assert not uncovered(CASES, "docs")
