"""AndroidControl as Google distributes it (google-research/google-research:android_control/README.md): GZIP TFRecords.

Conventions: `x` and `y` are pixels of the screenshot; `direction` names the content that a scroll brings into view, so the finger goes
the other way; there is one action less than screenshots. Kinds are named as in UI-S1's file, so that one set of rules does for both.
The elements of a screen are the visible nodes of its accessibility tree that have an area; candidate boxes are those of them that hold
the recorded point, the smallest first, since UI-S1's list of candidates looks to be made so.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from handeye.benchmarks.offline import fields
from handeye.benchmarks.offline.loaders.tfrecord import read_example, read_message, records
from handeye.benchmarks.offline.step import OPPOSITE, Gold, OfflineEpisode, OfflineStep, Rect, Source, Spot, UiBox
from handeye.envs.actions import Click, LongPress, OpenApp, PressButton, Scroll, TypeText, Wait
from handeye.tools.geometry import Size


def load(path: Path, size: Size | None = None) -> Iterator[OfflineEpisode]:
    """The episodes of a TFRecord file. The pictures are in it, as `OfflineStep.picture`; `size` is not needed.

    Splits are the names of `splits.json` beside the file, groups those of `test_subsplits.json` (IDD, app_unseen, ...) and else the split,
    where those files are there. Raises `SetupError` that names file, record and step for what is not as the module says.
    """
    splits = _groups(path.parent / "splits.json")
    groups = {**splits, **_groups(path.parent / "test_subsplits.json")}
    for number, (source, record) in enumerate(records(path)):
        yield _episode(read_example(record, source), source, number, splits, groups)


def pictures(record: bytes, source: Source) -> list[bytes]:
    """The screenshots (PNG) in a record, one more than there are steps. Raises `SetupError` for a record that is none."""
    found = read_example(record, source).get("screenshots", [])
    if not all(isinstance(one, bytes) for one in found):
        raise fields.fault(source, '"screenshots" holds no pictures')
    return found


def _groups(path: Path) -> dict[int, str]:
    if not path.is_file():
        return {}
    splits = fields.mapping(fields.read_json(path), "the file", Source(path, "the whole file"))
    return {number: name for name, members in splits.items() for number in fields.items(members, name, Source(path, name))}


def _episode(
    example: Mapping[str, list[Any]], source: Source, record: int, splits: Mapping[int, str], groups: Mapping[int, str]
) -> OfflineEpisode:
    def column(key: str, kind: type, count: int | None = None) -> list[Any]:
        values = example.get(key, [])
        if any(type(value) is not kind for value in values) or (count is not None and len(values) != count):
            raise fields.fault(source, f'"{key}" has {len(values)} values, or not those that belong there')
        return values

    (number,), (goal,) = column("episode_id", int, 1), column("goal", bytes, 1)
    shots, actions = column("screenshots", bytes), column("actions", bytes)
    if len(shots) != len(actions) + 1:
        raise fields.fault(source, f"has {len(shots)} screenshots and {len(actions)} actions; there must be one more of the former")
    sizes = list(zip(column("screenshot_widths", int, len(shots)), column("screenshot_heights", int, len(shots)), strict=True))
    words, trees = column("step_instructions", bytes, len(actions)), column("accessibility_trees", bytes, len(shots))
    episode, said = str(number), _utf8(goal, source)
    steps = []
    for index, action in enumerate(actions):
        place = Source(source.file, f"{source.row}, step {index}")
        size = Size(*sizes[index])
        _check_picture(shots[index], size, place)
        ui = tuple(_nodes(trees[index], place))
        gold = _gold(fields.mapping(fields.packed({"action": _utf8(action, place)}, "action", place), "an action", place), size, ui, place)
        instruction = _utf8(words[index], place)
        steps.append(OfflineStep(episode, index, said, None, size, (gold,), place, instruction, ui=ui, picture=shots[index], record=record))
    return OfflineEpisode(episode, said, tuple(steps), groups.get(number, ""), splits.get(number, ""))


def _utf8(value: bytes, source: Source) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise fields.fault(source, f"a text is not UTF-8: {error}") from error


def _check_picture(data: bytes, size: Size, source: Source) -> None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as picture:
            found = Size(*picture.size)
    except (OSError, UnidentifiedImageError, ValueError, Image.DecompressionBombError) as error:
        raise fields.fault(source, f"the screenshot is no picture: {error}") from error
    if found != size:
        raise fields.fault(source, f"the screenshot is {found} and annotated as {size}")


def _nodes(data: bytes, source: Source) -> Iterator[UiBox]:
    for window in read_message("forest", "Forest", data, source).windows:
        for node in window.tree.nodes:
            at = node.bounds_in_screen
            if node.is_visible_to_user and at.left < at.right and at.top < at.bottom:
                rect = Rect(at.left, at.top, at.right, at.bottom)
                yield UiBox(rect, "\n".join(words for words in (node.text, node.content_description) if words), node.class_name)


def _gold(record: Mapping[str, Any], size: Size, ui: tuple[UiBox, ...], source: Source) -> Gold:
    kind = fields.text(record, "action_type", source)
    spot: Spot | None = None
    holding: tuple[Rect, ...] = ()
    if "x" in record or "y" in record:
        spot = fields.spot([record.get("x"), record.get("y")], "the point", size, source)
        holding = tuple(sorted((box.rect for box in ui if box.rect.holds(spot)), key=lambda rect: rect.area))
    if kind in ("click", "long_press"):
        if spot is None:
            raise fields.fault(source, f"a {kind} without a point")
        pressed = Click(point=spot.pixel(size)) if kind == "click" else LongPress(point=spot.pixel(size))
        return Gold(kind, (pressed,), spot=spot, boxes=holding, record=record)
    if kind == "scroll":
        direction = fields.text(record, "direction", source)
        if direction not in OPPOSITE:
            raise fields.fault(source, f"{direction!r} is no direction")
        scroll = Scroll.model_validate({"direction": direction})
        return Gold("swipe", (scroll,), direction=direction, finger=OPPOSITE[direction], record=record)
    if kind in ("type", "type_text", "input_text"):
        words = fields.text(record, "text", source)
        first = () if spot is None else (Click(point=spot.pixel(size)),)
        return Gold("type", (*first, TypeText(text=words)), spot=spot, text=words, boxes=holding, record=record)
    return _plain(kind, record, ui, source)


def _plain(kind: str, record: Mapping[str, Any], ui: tuple[UiBox, ...], source: Source) -> Gold:
    if kind == "open_app" and (app := fields.text(record, "app_name", source)):
        icons = tuple(box.rect for box in ui if app.lower() in box.text.lower())
        return Gold("open", (OpenApp(name=app),), text=app, boxes=icons, record=record)
    if kind in ("navigate_back", "navigate_home"):
        button = kind.removeprefix("navigate_").title()
        return Gold("system_button", (PressButton.model_validate({"button": button.lower()}),), button=button, record=record)
    if kind == "wait":
        return Gold("wait", (Wait(),), record=record)
    raise fields.fault(source, f"{kind!r} is not among the actions of this benchmark")
