"""Metrics on presentations."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from handeye.benchmarks.osworld.documents import pptx, reading
from handeye.benchmarks.osworld.metrics.docs import setting

Rules = dict[str, Any]
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_PICTURE, _TABLE, _FREEFORM = 13, 19, 5
"""Shape types (python-pptx's MSO_SHAPE_TYPE)."""
_LOWER_HALF, _RIGHT_SIDE, _UPPER = 3_600_000, 4_320_000, 1_980_000
"""Places on a slide in EMU, as OSWorld's tasks mean "to the bottom", "to the right" and "to the top" (metrics/slides.py)."""
_PLACES = ("left", "top", "width", "height")


def compare_pptx_files(result: str | None, expected: str | None, **options: Any) -> float:
    """Two presentations are the same in what is examined. `examine_...` options switch parts on and off, `approximately_tolerance` is
    the share by which places and sizes may differ."""
    if not result or not expected:
        return 0.0
    on = _Options(options)
    mine, wanted = pptx(result), pptx(expected)
    with reading(result):
        if on("number_of_slides") and len(mine.slides) != len(wanted.slides):
            return 0.0
        for number, (slide, other) in enumerate(zip(mine.slides, wanted.slides, strict=False), 1):
            if not _same_slide(number, slide, other, on):
                return 0.0
    return 1.0


class _Options:
    """Which parts are examined: all but those that OSWorld has off by default."""

    _OFF = frozenset(
        "title_bottom_position table_bottom_position right_position top_position shape_for_shift_size image_size modify_height".split()
    )

    def __init__(self, options: dict[str, Any]) -> None:
        self._given = options
        self.tolerance = float(options.get("approximately_tolerance", 0.005))

    def __call__(self, part: str) -> bool:
        return bool(self._given.get(f"examine_{part}", part not in self._OFF))

    def near(self, left: Any, right: Any) -> bool:
        if left == right:
            return True
        return bool(left and right) and abs(left - right) / max(abs(left), abs(right)) <= self.tolerance

    def placed(self, shape: Any, other: Any) -> bool:
        return all(self.near(getattr(shape, name), getattr(other, name)) for name in _PLACES)


_CELLS = _Options({})
"""In cells nothing can be switched off but the count of runs and colours."""


def _same_slide(number: int, slide: Any, other: Any, on: _Options) -> bool:
    if on("background_color") and _background(slide) != _background(other):
        return False
    if on("note") and _notes(slide) != _notes(other):
        return False
    if len(slide.shapes) != len(other.shapes):
        return False
    for one, two in zip(slide.shapes, other.shapes, strict=True):
        if not _same_place(number, one, two, on) or not _same_content(one, two, on):
            return False
    if on("bullets") and _bullets(slide) != _bullets(other):
        return False
    return not on("alignment") or _aligned(list(_texts(slide.shapes)), list(_texts(other.shapes)), on)


def _background(slide: Any) -> Any:
    """The colour of a slide's background if it is of one, the master's if it has none of its own."""
    fill = slide.background.fill
    if fill.type == 5:
        fill = slide.slide_layout.slide_master.background.fill
    return getattr(fill.fore_color, "rgb", None) if fill.type == 1 else None


def _notes(slide: Any) -> str:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    return "" if frame is None else str(frame.text).strip()


def _texts(shapes: Any) -> Iterator[Any]:
    """Shapes with text, those in groups too."""
    for shape in shapes:
        if shape.has_text_frame:
            yield shape
        if hasattr(shape, "shapes"):
            yield from _texts(shape.shapes)


def _text(shape: Any) -> str | None:
    return str(shape.text_frame.text) if shape.has_text_frame else None


def _same_place(number: int, one: Any, two: Any, on: _Options) -> bool:
    """Places and sizes, by the options; some of them are about one slide of one task of OSWorld's."""
    both_text = one.has_text_frame and two.has_text_frame
    placed = on.placed(one, two)
    if on("title_bottom_position"):
        if both_text and _text(one) == _text(two):
            if _text(one) == "Product Comparison" and (one.top <= two.top or one.top < _LOWER_HALF):
                return False
        elif not placed:
            return False
    if on("table_bottom_position"):
        if number == 3 and one.shape_type == two.shape_type == _TABLE:
            if one.top <= two.top or one.top < _LOWER_HALF:
                return False
        elif not placed:
            return False
    second_without_text = number == 2 and not one.has_text_frame and not two.has_text_frame
    if on("right_position") and second_without_text and (one.left <= two.left or one.left < _RIGHT_SIDE):
        return False
    second_picture = number == 2 and one.shape_type == two.shape_type == _PICTURE
    if on("top_position") and second_picture and (one.top >= two.top or one.top > _UPPER):
        return False
    may_shift = both_text and _text(one) == _text(two) == "Elaborate on what you want to discuss."
    if on("shape_for_shift_size") and not placed and not may_shift:
        return False
    # What has no text is decoration, which versions of LibreOffice place differently.
    if on("shape") and not placed and ((_text(one) or "").strip() or (_text(two) or "").strip()):
        return False
    return _same_size(one, two, placed, on)


def _same_size(one: Any, two: Any, placed: bool, on: _Options) -> bool:
    if on("image_size"):
        pictures = one.shape_type == two.shape_type == _PICTURE
        if not (on.near(one.width, two.width) and on.near(one.height, two.height) if pictures else placed):
            return False
    if on("modify_height"):
        height_only = (not one.has_text_frame and not two.has_text_frame) or one.shape_type == two.shape_type == _FREEFORM
        if not (on.near(one.height, two.height) if height_only else placed):
            return False
    return True


def _same_content(one: Any, two: Any, on: _Options) -> bool:
    if one.shape_type == _TABLE and two.shape_type == _TABLE:
        mine, wanted = ([list(row.cells) for row in shape.table.rows] for shape in (one, two))
        if [len(row) for row in mine] != [len(row) for row in wanted]:
            return False
        cells = zip([c for row in mine for c in row], [c for row in wanted for c in row], strict=True)
        return all(_same_cell(a.text_frame.paragraphs, b.text_frame.paragraphs, on) for a, b in cells)
    if not (one.has_text_frame and two.has_text_frame):
        return True
    if on("text") and str(_text(one)).strip() != str(_text(two)).strip():
        return False
    return _same_frame(one.text_frame, two.text_frame, on)


def _same_frame(one: Any, two: Any, on: _Options) -> bool:
    if len(one.paragraphs) != len(two.paragraphs):
        return False
    return all(_same_paragraph(a, b, on) for a, b in zip(one.paragraphs, two.paragraphs, strict=True))


def _same_paragraph(one: Any, two: Any, on: _Options) -> bool:
    if on("alignment") and _alignment(one) != _alignment(two):
        return False
    if on("text") and one.text != two.text:
        return False
    # Levels 0 and 1 look alike, and programs write either.
    if on("indent") and one.level != two.level and not {one.level or 0, two.level or 0} <= {0, 1}:
        return False
    mine, wanted = _runs(one, two)
    if on("run_count") and len(mine) != len(wanted):
        return False
    return all(_same_font(a.font, b.font, on) for a, b in zip(mine, wanted, strict=False))


def _same_cell(one: Any, two: Any, on: _Options) -> bool:
    """The paragraphs of a table's cell. As in OSWorld the words, fonts and sizes in it are not compared, only how they are set off."""
    if len(one) != len(two):
        return False
    for first, second in zip(one, two, strict=True):
        mine, wanted = _runs(first, second)
        if on("run_count") and len(mine) != len(wanted):
            return False
        if not all(
            _same_emphasis(a.font, b.font, _CELLS) and (not on("color_rgb") or _same_color(a.font, b.font))
            for a, b in zip(mine, wanted, strict=False)
        ):
            return False
    return True


def _runs(one: Any, two: Any) -> tuple[list[Any], list[Any]]:
    """The runs of two paragraphs; where both are empty, those with text alone, which is none."""
    empty = not one.text.strip() and not two.text.strip()
    mine, wanted = ([run for run in part.runs if run.text.strip()] if empty else list(part.runs) for part in (one, two))
    return mine, wanted


def _alignment(paragraph: Any) -> Any:
    """Left (1) where nothing is said."""
    return paragraph.alignment or 1


def _same_font(one: Any, two: Any, on: _Options) -> bool:
    if (on("font_name") and one.name != two.name) or (on("font_size") and one.size != two.size):
        return False
    if not _same_emphasis(one, two, on) or (on("strike_through") and _strike(one) != _strike(two)):
        return False
    return not on("color_rgb") or _same_color(one, two)


def _same_emphasis(one: Any, two: Any, on: _Options) -> bool:
    names = [name for name in ("bold", "italic", "underline") if on(f"font_{name}")]
    return all((getattr(one, name) or False) == (getattr(two, name) or False) for name in names)


def _same_color(one: Any, two: Any) -> bool:
    colors = getattr(one.color, "rgb", None), getattr(two.color, "rgb", None)
    return None in colors or colors[0] == colors[1]


def _strike(font: Any) -> str:
    return str(font._element.get("strike", "noStrike"))


def _bullets(slide: Any) -> list[tuple[str, str, str]]:
    """Character, level and text of every paragraph that is not empty; the level counts only where there is a character."""
    found = []
    for paragraph in slide.part._element.iter(f"{_A}p"):
        words = "".join(one.text or "" for one in paragraph.iter(f"{_A}t"))
        properties = paragraph.find(f"{_A}pPr")
        character = None if properties is None else properties.find(f"{_A}buChar")
        if words.strip():
            level = "0" if properties is None or character is None else properties.get("lvl", "0")
            found.append(("" if character is None else character.get("char", ""), level, words))
    return found


def _aligned(mine: list[Any], wanted: list[Any], on: _Options) -> bool:
    if len(mine) != len(wanted):
        return False
    for one, two in zip(mine, wanted, strict=True):
        if on("text") and one.text_frame.text.strip() != two.text_frame.text.strip():
            return False
        paragraphs = zip_longest(one.text_frame.paragraphs, two.text_frame.paragraphs)
        if any(a is None or b is None or _alignment(a) != _alignment(b) for a, b in paragraphs):
            return False
    return True


def check_slide_orientation_Portrait(result: str | None) -> float:
    """Slides are higher than wide."""
    if not result:
        return 0.0
    found = pptx(result)
    return float(found.slide_width < found.slide_height)


def check_strikethrough(result: str | None, rules: Rules) -> float:
    """The first run of the paragraphs at the given indices is struck through."""
    if not result:
        return 0.0
    slides = pptx(result).slides
    runs = [
        slides[slide].shapes[shape].text_frame.paragraphs[paragraph].runs[0]
        for slide in rules["slide_index_s"]
        for shape in rules["shape_index_s"]
        for paragraph in rules["paragraph_index_s"]
    ]
    return float(all(_strike(run.font) != "noStrike" for run in runs))


def evaluate_presentation_fill_to_rgb_distance(result: str | None, rules: Rules) -> float:
    """How near the slides' backgrounds are to `rgb`, 1 being it; a background that is still `original_rgb` counts 0."""
    if not result:
        return 0.0
    slides, original = list(pptx(result).slides), rules.get("original_rgb")
    total = 0.0
    for slide in slides:
        color = _background(slide)
        if color is not None and (original is None or list(color) != list(original)):
            total += 1 - (sum((a - b) ** 2 for a, b in zip(color, rules["rgb"], strict=True)) / (3 * 255**2)) ** 0.5
    return total / len(slides)


def check_image_stretch_and_center(result: str | None, expected: str | None) -> float:
    """The first slide's picture fills the slide, to half an inch, and is in its middle."""
    if not result or not expected:
        return 0.0
    half_inch = 457_200
    mine, before = pptx(result), pptx(expected)
    pictures = [shape for shape in before.slides[0].shapes if shape.shape_type == _PICTURE]
    if not pictures:
        return 0.0
    for shape in mine.slides[0].shapes:
        if shape.shape_type == _PICTURE and shape.image.blob == pictures[0].image.blob:
            off = (
                shape.width - before.slide_width,
                shape.height - before.slide_height,
                shape.left - (before.slide_width - shape.width) / 2,
                shape.top - (before.slide_height - shape.height) / 2,
            )
            return float(all(abs(one) <= half_inch for one in off))
    return 0.0


def _part(path: str, name: str) -> ElementTree.Element | None:
    with reading(path), zipfile.ZipFile(path) as package:
        return ElementTree.fromstring(package.read(name)) if name in package.namelist() else None


def check_transition(result: str | None, rules: Rules) -> float:
    """Slide `slide_idx` (from 0) has the transition `transition_type`."""
    slide = _part(result, f"ppt/slides/slide{int(rules['slide_idx']) + 1}.xml") if result else None
    if slide is None:
        return 0.0
    return float(any(True for one in slide.iter(f"{_P}transition") for _ in one.iter(f"{_P}{rules['transition_type']}")))


def check_page_number_colors(result: str | None, rules: Rules) -> float:
    """The master's slide number is in a red, blue, green or black (`color`)."""
    master = _part(result, "ppt/slideMasters/slideMaster1.xml") if result else None
    if master is None:
        return 0.0
    for shape in master.iter(f"{_P}sp"):
        if any(one.get("type") == "sldNum" for one in shape.iter(f"{_P}ph")) or any(
            one.get("type") == "slidenum" for one in shape.iter(f"{_A}fld")
        ):
            runs = [one for run in shape.iter(f"{_A}rPr") for one in run.iter(f"{_A}srgbClr")]
            colors = [one.get("val", "") for one in runs or shape.iter(f"{_A}srgbClr")]
            return float(any(_is(color, rules["color"]) for color in colors[-1:]))
    return 0.0


def _is(color: str, name: str) -> bool:
    try:
        red, green, blue = (int(color[at : at + 2], 16) for at in (0, 2, 4))
    except ValueError:
        return False
    # Fifty steps apart is what OSWorld's metric calls a colour of its own.
    return {
        "red": red > max(green, blue) + 50,
        "green": green > max(red, blue) + 50,
        "blue": blue > max(red, green) + 50,
        "black": max(red, green, blue) < 50,
    }.get(name, False)


def check_presenter_console_disable(result: str | None) -> float:
    """LibreOffice's settings switch the presenter's console off."""
    found = setting(result, "/org.openoffice.Office.Impress/Misc/Start", "EnablePresenterScreen") if result else None
    return float((found or "").lower() == "false")


def check_auto_saving_time(result: str | None, rules: Rules) -> float:
    """LibreOffice's settings save by themselves every `minutes`."""
    found = None
    if result and Path(result).is_file():
        found = setting(result, "/org.openoffice.Office.Common/Save/Document", "AutoSaveTimeIntervall") or setting(
            result, "/org.openoffice.Office.Recovery/AutoSave", "TimeIntervall"
        )
    return float(found is not None and int(found) == rules["minutes"])
