"""OSWorld's metrics on presentations, both ways, on real .pptx files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.osworld_cases import Case, Given, check, picture, pptx, right, uncovered, write, wrong

Fill = Callable[[Any], object]
Maker = Callable[[Path], Given]
INCH = 914_400


def two(mine: list[Fill], wanted: list[Fill]) -> Maker:
    return lambda folder: (pptx(folder / "mine.pptx", *mine), pptx(folder / "wanted.pptx", *wanted))


def differ(mine: Fill, wanted: Fill, note: str, **options: Any) -> list[Case]:
    """The same slide is right, the other one wrong, and right again where what differs is not examined."""
    off = {f"examine_{name}": False for name in options.pop("unless", ())}
    found = [
        right("compare_pptx_files", two([wanted], [wanted]), note, **options),
        wrong("compare_pptx_files", two([mine], [wanted]), note, **options),
    ]
    return [*found, right("compare_pptx_files", two([mine], [wanted]), f"{note} off", **options, **off)] if off else found


def box(text: str = "a", place: tuple[float, float, float, float] = (1, 1, 2, 1), **look: Any) -> Fill:
    """A box of text (inches: left, top, width, height); `look`: what is set of its font, `level`, `alignment` and `bullet`."""

    def fill(slide: Any) -> None:
        frame = slide.shapes.add_textbox(*(int(one * INCH) for one in place)).text_frame
        paragraph = frame.paragraphs[0]
        run = paragraph.add_run()
        run.text = text
        _look(paragraph, run, look)

    return fill


def _look(paragraph: Any, run: Any, look: dict[str, Any]) -> None:
    from pptx.dml.color import RGBColor
    from pptx.oxml.ns import qn

    for name, value in look.items():
        if name in ("level", "alignment"):
            setattr(paragraph, name, value)
        elif name == "color":
            run.font.color.rgb = RGBColor.from_string(value)
        elif name == "strike":
            run.font._element.set("strike", value)
        elif name == "bullet":
            properties = paragraph._p.get_or_add_pPr()
            properties.append(properties.makeelement(qn("a:buChar"), {"char": value}))
        else:
            setattr(run.font, name, value)


def background(color: str) -> Fill:
    def fill(slide: Any) -> None:
        from pptx.dml.color import RGBColor

        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = RGBColor.from_string(color)

    return fill


def noted(text: str) -> Fill:
    return lambda slide: setattr(slide.notes_slide.notes_text_frame, "text", text)


def table(words: str, top: float = 1, **look: Any) -> Fill:
    def fill(slide: Any) -> None:
        made = slide.shapes.add_table(1, 2, INCH, int(top * INCH), INCH, INCH).table
        paragraph = made.cell(0, 0).text_frame.paragraphs[0]
        run = paragraph.add_run()
        run.text = words
        _look(paragraph, run, look)

    return fill


def rows(count: int) -> Fill:
    return lambda slide: slide.shapes.add_table(count, 2, INCH, INCH, INCH, INCH)


def shown(folder: Path, left: float, top: float, width: float, height: float) -> Fill:
    path = picture(folder / "shown.png")
    return lambda slide: slide.shapes.add_picture(path, *(int(one * INCH) for one in (left, top, width, height)))


def with_picture(mine: tuple[float, ...], wanted: tuple[float, ...], second: bool = False) -> Maker:
    """A picture at two places (inches: left, top, width, height) on the first slide, or on the second."""

    def make(folder: Path) -> Given:
        before: list[Fill] = [box()] if second else []
        return two([*before, shown(folder, *mine)], [*before, shown(folder, *wanted)])(folder)  # type: ignore[arg-type]

    return make


def placed(note: str, option: str, good: Maker, bad: Maker) -> list[Case]:
    options = {f"examine_{option}": True, "examine_shape": False}
    return [right("compare_pptx_files", good, note, **options), wrong("compare_pptx_files", bad, note, **options)]


def blank(_: Any) -> None:
    return None


def edited(path: str, part: str, change: Callable[[bytes], bytes]) -> str:
    """The same package with one part changed, where python-pptx has no word for it."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


def transition(name: str) -> Maker:
    def make(folder: Path) -> Given:
        path = pptx(folder / "m.pptx", blank, blank)
        words = f"<p:transition><p:{name}/></p:transition></p:sld>".encode()
        return edited(path, "ppt/slides/slide2.xml", lambda data: data.replace(b"</p:sld>", words)), {
            "slide_idx": 1,
            "transition_type": "dissolve",
        }

    return make


def numbered(color: str) -> Maker:
    def make(folder: Path) -> Given:
        words = f'<a:rPr lang="en"><a:solidFill><a:srgbClr val="{color}"/></a:solidFill></a:rPr><a:t>'.encode()

        def change(data: bytes) -> bytes:
            before, mark, after = data.partition(b'type="slidenum"')
            assert mark
            start, end = after.index(b"<a:rPr"), after.index(b"<a:t>")
            return before + mark + after[:start] + words + after[end + 5 :]

        return edited(pptx(folder / "m.pptx", blank), "ppt/slideMasters/slideMaster1.xml", change), {"color": "red"}

    return make


def settings(path: str, name: str, value: str) -> Callable[[Path], str]:
    words = (
        f'<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item></oor:items>"
    )
    return lambda folder: write(folder / "registrymodifications.xcu", words)


def sized(width: float, height: float) -> Maker:
    def make(folder: Path) -> Given:
        from pptx import Presentation

        made = Presentation()
        made.slide_width, made.slide_height = int(width * INCH), int(height * INCH)
        made.save(str(folder / "m.pptx"))
        return (str(folder / "m.pptx"),)

    return make


AT_END, STRUCK = {"slide_index_s": [0], "shape_index_s": [0], "paragraph_index_s": [0]}, {"strike": "sngStrike"}
CONSOLE = ("/org.openoffice.Office.Impress/Misc/Start", "EnablePresenterScreen")
SAVING = ("/org.openoffice.Office.Common/Save/Document", "AutoSaveTimeIntervall")
SHARED: list[Case] = [
    *differ(box("b"), box("a"), "text", unless=("text", "bullets")),
    *differ(box(place=(1, 2, 2, 1)), box(), "place", unless=("shape",)),
    *differ(box(place=(1, 1, 2.1, 1)), box(), "tolerance", approximately_tolerance=0.01, unless=("shape",)),
    right("compare_pptx_files", two([box(place=(1, 1, 2.01, 1))], [box()]), "nearly", approximately_tolerance=0.01),
    *differ(box(size=200_000), box(size=300_000), "size", unless=("font_size",)),
    *differ(box(name="Arial"), box(name="Times"), "font", unless=("font_name",)),
    *differ(box(bold=True), box(bold=False), "bold", unless=("font_bold",)),
    *differ(box(italic=True), box(), "italic", unless=("font_italic",)),
    *differ(box(underline=True), box(underline=False), "underline", unless=("font_underline",)),
    *differ(box(color="FF0000"), box(color="0000FF"), "colour", unless=("color_rgb",)),
    *differ(box(strike="sngStrike"), box(), "strike", unless=("strike_through",)),
    *differ(box(level=2), box(), "indent", unless=("indent", "bullets")),
    *differ(box(alignment=2), box(alignment=1), "alignment", unless=("alignment",)),
    *differ(box(bullet="-"), box(), "bullet", unless=("bullets",)),
    *differ(background("FF0000"), background("00FF00"), "background", unless=("background_color",)),
    *differ(noted("a"), noted("b"), "note", unless=("note",)),
    *differ(blank, box(), "shapes"),
    *differ(table("a", bold=True), table("a"), "cell"),
    *differ(rows(2), rows(3), "rows"),
    right("compare_pptx_files", two([box(bold=None, alignment=None)], [box(bold=False, alignment=1)]), "said or not"),
    right("compare_pptx_files", two([table("a", size=100_000)], [table("b", size=200_000)]), "words in cells", examine_bullets=False),
    wrong("compare_pptx_files", two([box()], [box(), box()]), "slides"),
    right("compare_pptx_files", two([box()], [box(), box()]), "slides off", examine_number_of_slides=False),
    *placed(
        "title down",
        "title_bottom_position",
        two([box("Product Comparison", (1, 5, 2, 1))], [box("Product Comparison")]),
        two([box("Product Comparison", (1, 3, 2, 1))], [box("Product Comparison")]),
    ),
    *placed(
        "table down",
        "table_bottom_position",
        two([box(), box(), table("a", 5)], [box(), box(), table("a")]),
        two([box(), box(), table("a", 3)], [box(), box(), table("a")]),
    ),
    *placed(
        "to the right", "right_position", with_picture((5, 1, 1, 1), (1, 1, 1, 1), True), with_picture((2, 1, 1, 1), (1, 1, 1, 1), True)
    ),
    *placed("to the top", "top_position", with_picture((1, 1, 1, 1), (1, 4, 1, 1), True), with_picture((1, 3, 1, 1), (1, 4, 1, 1), True)),
    *placed("image size", "image_size", with_picture((2, 2, 1, 1), (1, 1, 1, 1)), with_picture((1, 1, 2, 1), (1, 1, 1, 1))),
    *placed("height", "modify_height", with_picture((2, 2, 3, 1), (1, 1, 1, 1)), with_picture((1, 1, 1, 2), (1, 1, 1, 1))),
    *placed("shift", "shape_for_shift_size", two([box()], [box()]), two([box(place=(1, 2, 2, 1))], [box()])),
]
OTHERS: list[Case] = [
    right("check_slide_orientation_Portrait", sized(7, 10)),
    wrong("check_slide_orientation_Portrait", sized(10, 7)),
    right("check_strikethrough", lambda f: (pptx(f / "m.pptx", box(**STRUCK)), AT_END)),
    wrong("check_strikethrough", lambda f: (pptx(f / "m.pptx", box()), AT_END)),
    right("evaluate_presentation_fill_to_rgb_distance", lambda f: (pptx(f / "m.pptx", background("0000FF")), {"rgb": [0, 0, 255]})),
    wrong(
        "evaluate_presentation_fill_to_rgb_distance",
        lambda f: (pptx(f / "m.pptx", background("0000FF")), {"rgb": [0, 0, 250], "original_rgb": [0, 0, 255]}),
    ),
    wrong(
        "evaluate_presentation_fill_to_rgb_distance",
        lambda f: (pptx(f / "m.pptx", background("0000F0"), blank), {"rgb": [0, 0, 255]}),
        "near",
    ),
    right("check_image_stretch_and_center", with_picture((0, 0, 10, 7.5), (2, 2, 3, 3))),
    wrong("check_image_stretch_and_center", with_picture((0, 0, 8, 7.5), (2, 2, 3, 3))),
    right("check_transition", transition("dissolve")),
    wrong("check_transition", transition("fade")),
    right("check_page_number_colors", numbered("C00000")),
    wrong("check_page_number_colors", numbered("0000C0")),
    right("check_presenter_console_disable", lambda f: (settings(*CONSOLE, "false")(f),)),
    wrong("check_presenter_console_disable", lambda f: (settings(*CONSOLE, "true")(f),)),
    right("check_auto_saving_time", lambda f: (settings(*SAVING, "3")(f), {"minutes": 3})),
    wrong("check_auto_saving_time", lambda f: (settings(*SAVING, "10")(f), {"minutes": 3})),
    wrong("check_auto_saving_time", lambda f: (None, {"minutes": 3}), "missing"),
]
CASES = [*SHARED, *OTHERS]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_is_one_and_wrong_is_less(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


def test_every_metric_is_tried_both_ways() -> None:
    assert not uncovered(CASES, "slides")
