"""Metrics on Writer's documents."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from handeye.benchmarks.osworld.documents import docx, reading, text

Rules = dict[str, Any]
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_OOR = "{http://openoffice.org/2001/registry}"


def paragraphs(path: str) -> list[str]:
    """The paragraphs of a .docx or .odt; the lines of anything else."""
    if path.endswith(".docx"):
        return [paragraph.text for paragraph in docx(path).paragraphs]
    if path.endswith(".odt"):
        return ["".join(one.itertext()) for one in _content(path).iter(f"{_TEXT}p")]
    return text(path).splitlines()


def _content(path: str) -> ElementTree.Element:
    with reading(path), zipfile.ZipFile(path) as package:
        return ElementTree.fromstring(package.read("content.xml"))


def _ratio(left: str, right: str) -> float:
    from rapidfuzz import fuzz

    return float(fuzz.ratio(left, right) / 100)


def compare_docx_files(
    result: str | None,
    expected: str | None,
    ignore_blanks: bool = True,
    ignore_case: bool = False,
    ignore_order: bool = False,
    content_only: bool = False,
    fuzzy_match: bool = False,
    delete_empty_lines: bool = False,
) -> float:
    """The texts of two documents of one kind (.docx, .odt) are the same, by options; `content_only`, `fuzzy_match`: how alike."""
    if not result or not expected or Path(result).suffix != Path(expected).suffix:
        return 0.0
    both = []
    for path in (result, expected):
        lines = paragraphs(path)
        lines = sorted(lines) if ignore_order else lines
        lines = [line for line in lines if line.strip()] if delete_empty_lines else lines
        both.append([line.lower() for line in lines] if ignore_case else lines)
    if ignore_blanks or content_only:
        left, right = (" ".join("\n".join(lines).split()) for lines in both)
        return _ratio(left, right) if fuzzy_match or content_only else float(left == right)
    if len(both[0]) != len(both[1]):
        return 0.0
    if fuzzy_match:
        return sum(map(_ratio, *both)) / len(both[0]) if both[0] else 1.0
    return float(both[0] == both[1])


def compare_docx_files_and_ignore_new_lines(result: str | None, expected: str | None, ignore_blanks: bool = True) -> float:
    """The texts are the same, empty paragraphs left out."""
    if not result or not expected:
        return 0.0
    both = [[line for line in paragraphs(path) if line] for path in (result, expected)]
    if ignore_blanks:
        return float(len({" ".join("\n".join(lines).split()) for lines in both}) == 1)
    return float(both[0] == both[1])


def compare_docx_lines(result: str | None, expected: str | None) -> float:
    """The same lines, in any order and number."""
    if not result or not expected:
        return 0.0
    left, right = ({line.strip() for line in paragraphs(path) if line.strip()} for path in (result, expected))
    return float(left == right)


def compare_init_lines(result: str | None, expected: str | None) -> float:
    """As far as both go, their paragraphs are the same."""
    if not result or not expected:
        return 0.0
    return float(all(left == right for left, right in zip(paragraphs(result), paragraphs(expected), strict=False)))


def compare_docx_tables(result: str | None, expected: str | None) -> float:
    """The tables have the same shapes and texts."""
    if not result or not expected:
        return 0.0
    return float(_tables(result) == _tables(expected))


def _tables(path: str) -> list[list[list[str]]]:
    return [[[cell.text.strip() for cell in row.cells] for row in table.rows] for table in docx(path).tables]


def compare_docx_images(result: str | None, expected: str | None) -> float:
    """The pictures are the same, pixel by pixel."""
    if not result or not expected:
        return 0.0
    return float(_pictures(result) == _pictures(expected))


def _pictures(path: str) -> list[tuple[tuple[int, int], bytes]]:
    from io import BytesIO

    from PIL import Image

    found = []
    for relation in docx(path).part.rels.values():
        if "image" in relation.reltype and not relation.is_external:
            with reading(path):
                picture = Image.open(BytesIO(relation.target_part.blob))
                found.append((picture.size, picture.tobytes()))
    return found


def compare_contains_image(result: str | None, expected: str | None) -> float:
    """The same runs of text hold pictures."""
    if not result or not expected:
        return 0.0
    pairs = zip(docx(result).paragraphs, docx(expected).paragraphs, strict=False)
    return float(all(_drawn(a) == _drawn(b) for p, q in pairs for a, b in zip(p.runs, q.runs, strict=False)))


def _drawn(run: Any) -> bool:
    return "graphicData" in run._element.xml


def compare_line_spacing(result: str | None, expected: str | None) -> float:
    """The same text with the same line spacing in every paragraph."""
    if not compare_docx_files(result, expected):
        return 0.0
    left, right = ([one.paragraph_format.line_spacing for one in docx(str(path)).paragraphs] for path in (result, expected))
    return float(left == right)


def compare_insert_equation(result: str | None, expected: str | None) -> float:
    """The same text, and both have an embedded object (an equation)."""
    if not compare_docx_files(result, expected):
        return 0.0
    return float(all(any(run.element.xpath(".//w:object") for run in _runs(path)) for path in (result, expected)))


def _runs(path: str | None) -> list[Any]:
    return [run for one in docx(str(path)).paragraphs for run in one.runs]


def compare_font_names(result: str | None, rules: Rules) -> float:
    """All of the text is in `font_name`."""
    return float(bool(result) and all(run.font.name == rules["font_name"] for run in _runs(result)))


def compare_subscript_contains(result: str | None, expected: str | None) -> float:
    """Both have something in subscript at the same place."""
    if not result or not expected:
        return 0.0
    pairs = zip(docx(result).paragraphs, docx(expected).paragraphs, strict=False)
    return float(any(a.font.subscript and b.font.subscript for p, q in pairs for a, b in zip(p.runs, q.runs, strict=False)))


def has_page_numbers_in_footers(result: str | None) -> float:
    """The first line of every section's footer has a digit, as a page number's field does."""
    if not result:
        return 0.0
    firsts = [section.footer.paragraphs[:1] for section in docx(result).sections]
    return float(all(any(letter.isdigit() for one in first for letter in one.text) for first in firsts))


def is_first_line_centered(result: str | None) -> float:
    """The first paragraph is centred."""
    if not result:
        return 0.0
    from docx.enum.text import WD_PARAGRAPH_ALIGNMENT

    return float(docx(result).paragraphs[0].paragraph_format.alignment == WD_PARAGRAPH_ALIGNMENT.CENTER)


def check_file_exists(folder: str | None, name: str | None) -> float:
    """There is such a file in the folder."""
    return float(bool(folder) and bool(name) and (Path(str(folder)) / str(name)).is_file())


def contains_page_break(result: str | None, rules: Rules | None = None) -> float:
    """There is a page break; as many as `page_break_count`, if that is given."""
    if not result:
        return 0.0
    found = sum(1 for run in _runs(result) for one in run.element.iter(f"{_W}br") if one.get(f"{_W}type") == "page")
    wanted = (rules or {}).get("page_break_count")
    return float(found > 0 and wanted in (None, found))


def check_tabstops(result: str | None, expected: str | None, word_number_split_by_tabstop: int | None = None, index: int = 0) -> float:
    """How well the tab stops fit, as a share of the text's width; with as many words as given in part `index` of each line."""
    if not result or not expected:
        return 0.0
    from docx.enum.text import WD_TAB_ALIGNMENT

    left, right = ([one for one in docx(path).paragraphs if one.text.strip()] for path in (result, expected))
    if len(left) != len(right) or not left:
        return 0.0
    if word_number_split_by_tabstop is not None and any(
        len(one.text.split("\t")[index].split()) != word_number_split_by_tabstop for one in left
    ):
        return 0.0

    def stops(paragraph: Any) -> list[tuple[Any, int]]:
        found = [(stop.alignment, stop.position) for stop in paragraph.paragraph_format.tab_stops]
        return [stop for stop in found if stop[0] != WD_TAB_ALIGNMENT.CLEAR and stop != (WD_TAB_ALIGNMENT.LEFT, 0)]

    section = docx(expected).sections[0]
    width, off = section.page_width - section.left_margin - section.right_margin, 0.0
    for one, other in zip(left, right, strict=True):
        mine, wanted = stops(one), stops(other)
        if [stop[0] for stop in mine] != [stop[0] for stop in wanted]:
            return 0.0
        off += sum(abs(a[1] - b[1]) for a, b in zip(mine, wanted, strict=True)) / width
    return float(1 - off / len(left))


def evaluate_colored_words_in_tables(result: str | None, expected: str | None, threshold: float = 3.5) -> float:
    """The same text, and in its tables words that begin with a vowel are red, others blue.

    `threshold` is a difference of colours in OSWorld (CIEDE2000); here each channel may be off by as many hundredths.
    """
    if not compare_docx_files(result, expected):
        return 0.0
    for table in docx(str(result)).tables:
        for run in (run for row in table.rows for cell in row.cells for one in cell.paragraphs for run in one.runs if run.text):
            wanted, color = (255, 0, 0) if run.text[0].lower() in "aeiou" else (0, 0, 255), run.font.color.rgb
            if color is None or any(abs(a - b) > threshold * 2.55 for a, b in zip(color, wanted, strict=True)):
                return 0.0
    return 1.0


def check_highlighted_words(result: str | None, expected: str | None) -> float:
    """The same text, and nothing of it is highlighted in yellow (.odt)."""
    if not compare_docx_files(result, expected):
        return 0.0
    root = _content(str(result))
    yellow = {
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for look in style.iter(f"{_STYLE}text-properties")
        if look.get(f"{_FO}background-color") == "#ffff00"
    }
    return float(not any(span.get(f"{_TEXT}style-name") in yellow for span in root.iter(f"{_TEXT}span")))


def compare_highlighted_text(result: str | None, expected: str | None) -> float:
    """The same words are highlighted."""
    if not result or not expected:
        return 0.0
    left, right = ({run.text for run in _runs(path) if run.font.highlight_color is not None} for path in (result, expected))
    return float(left == right)


def evaluate_strike_through_last_paragraph(result: str | None, expected: str | None) -> float:
    """The same text, and all of the last paragraph is struck through."""
    if not compare_docx_files(result, expected):
        return 0.0
    return float(all(run.font.strike for run in docx(str(result)).paragraphs[-1].runs))


def check_italic_font_size_14(result: str | None, expected: str | None) -> float:
    """The same text, and all that is italic has 14 points."""
    if not compare_docx_files(result, expected):
        return 0.0
    return float(all(run.font.size is not None and run.font.size.pt == 14 for run in _runs(result) if run.italic))


def evaluate_conversion(result: str | None) -> float:
    """No run is in capitals, in tables and outside."""
    if not result:
        return 0.0
    cells = [cell for table in docx(result).tables for row in table.rows for cell in row.cells]
    inside = [run for cell in cells for one in cell.paragraphs for run in one.runs]
    return float(not any(run.text.isupper() for run in [*inside, *_runs(result)]))


def evaluate_spacing(result: str | None) -> float:
    """The first three paragraphs have line spacings of 1, 2 and 1.5."""
    if not result:
        return 0.0
    return float([one.paragraph_format.line_spacing for one in docx(result).paragraphs[:3]] == [1.0, 2.0, 1.5])


def compare_references(
    result: str | None, expected: str | None, reference_indicator: str = "References", reference_base_result: float = 0.5, **_: Any
) -> float:
    """How alike the entries below the heading "References" are, what is below `reference_base_result` counting nothing."""
    if not result or not expected:
        return 0.0
    found = [_below(paragraphs(path), reference_indicator) for path in (result, expected)]
    if found[0] is None or found[1] is None:
        return float(found[0] is found[1])
    if len(found[0]) != len(found[1]) or not found[0]:
        return 0.0
    alike = sum(map(_ratio, *(one or [] for one in found))) / len(found[0])
    # OSWorld's margin: a document that nobody touched must not score.
    return (alike - reference_base_result) / (1 - reference_base_result) if alike >= reference_base_result + 0.01 else 0.0


def _below(lines: list[str], heading: str) -> list[str] | None:
    return [line for line in lines[lines.index(heading) + 1 :] if line.strip()] if heading in lines else None


def compare_unique_train_records(result: str | None, expected: list[str]) -> float:
    """Lines `time, train, ...`: each of the first document (`expected`: what is wanted, what there was), every train once."""
    if not result:
        return 0.0
    found, wanted, before = ([line.strip() for line in paragraphs(path) if line.strip()] for path in (result, *expected[:2]))

    def trains(lines: list[str]) -> list[str]:
        return [line.split(",")[1].strip() for line in lines if len(line.split(",")) == 4]

    once = len(trains(found)) == len(set(trains(found))) and set(trains(found)) == set(trains(wanted))
    return float(set(found) <= set(before) and once and len(found) == len(wanted))


def fuzzy_place_math(result: str | None, rules: Rules) -> float:
    """The document's three words are alike those of `expected`, in any order."""
    if not result:
        return 0.0
    words = re.split(r"\s+", " ".join(paragraphs(result)).strip())
    return sum(max(_ratio(word, wanted) for wanted in rules["expected"]) for word in words) / 3 if len(words) == 3 else 0.0


def find_default_font(result: str | None, rules: Rules) -> float:
    """LibreOffice's settings (registrymodifications.xcu) name `font_name` as Writer's default font."""
    return float(bool(result) and setting(str(result), "/org.openoffice.Office.Writer/DefaultFont", "Standard") == rules["font_name"])


def setting(path: str, item: str, name: str) -> str | None:
    """A value in LibreOffice's settings; None if it is not set there."""
    with reading(path):
        root = ElementTree.parse(path).getroot()
    for one in root.iter("item"):
        if one.get(f"{_OOR}path") == item:
            for prop in one.iter("prop"):
                if prop.get(f"{_OOR}name") == name:
                    return prop.findtext("value")
    return None
