"""AITZ (Android in the Zoo, IMNearth/CoAT): a folder for each episode, with one JSON file of the folder's name and its pictures.

Conventions: `result_touch_yx` and `result_lift_yx` are strings "[y, x]", Y FIRST, parts of the picture from 0 to 1, -1 for none;
`ui_positions` is a string of [[y, x, h, w], ...] in pixels. The paths in `image_path` are those of the authors' disk, so their base
names alone are used. Action codes are AITW's (google-research/google-research:android_in_the_wild/action_type.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from handeye.benchmarks.offline import fields
from handeye.benchmarks.offline.step import Gold, OfflineEpisode, OfflineStep, Rect, Source, Spot, UiBox, finger_direction
from handeye.envs.actions import Click, Finish, PressButton, Swipe, TypeText
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

TYPE, DUAL_POINT, BACK, HOME, ENTER, COMPLETE, IMPOSSIBLE = 3, 4, 5, 6, 7, 10, 11
TAP_DISTANCE = 0.04
"""Touch and lift no further apart than this, as parts of the picture, are a tap (AITW, action_matching.py)."""
EDGE = 0.02
"""How far outside of the picture, in parts of it, a touch may lie: fingers reach over the bezel."""
SPLITS = ("train", "test")
"""Folders of the archive under which the episodes lie."""


def load(folder: Path, size: Size | None = None) -> Iterator[OfflineEpisode]:
    """The episodes under `folder`, in the order of their paths. `size`: of screens whose picture is not there.

    Raises `SetupError` that names file and step for what is not as the module says.
    """
    files = [path for path in sorted(folder.rglob("*.json")) if path.stem == path.parent.name]
    if not files:
        raise SetupError(f"There are no AITZ episodes (NAME/NAME.json) under {folder}.", fix="see https://github.com/IMNearth/CoAT")
    for path in files:
        rows = fields.items(fields.read_json(path), "an episode", Source(path, "the whole file"))
        steps = tuple(_step(path, index, row, size) for index, row in enumerate(rows))
        if not steps:
            raise fields.fault(path, "has no steps")
        _check_episode(path, rows, steps)
        split = next((part for part in path.relative_to(folder.parent).parts if part in SPLITS), "")
        yield OfflineEpisode(steps[0].episode, steps[0].goal, steps, path.stem.partition("-")[0], split)


def _check_episode(path: Path, rows: list[Any], steps: tuple[OfflineStep, ...]) -> None:
    for index, (row, step) in enumerate(zip(rows, steps, strict=True)):
        if step.episode != steps[0].episode:
            raise fields.fault(step.source, f"belongs to episode {step.episode}, the file to {steps[0].episode}")
        if step.number != index:
            raise fields.fault(step.source, f"has number {step.number}: a step is missing, or the order is wrong")
        if fields.whole(row, "episode_length", step.source) != len(rows):
            raise fields.fault(path, f"has {len(rows)} steps and says that there are {row['episode_length']}")


def _step(path: Path, index: int, value: Any, assumed: Size | None) -> OfflineStep:
    source = Source(path, f"step {index}")
    row = fields.mapping(value, "a step", source)
    picture = path.parent / PurePosixPath(fields.text(row, "image_path", source)).name
    size, is_assumed = fields.needed_size(picture, assumed, source)
    ui = tuple(_ui(row, size, source))
    return OfflineStep(
        episode=fields.text(row, "episode_id", source),
        number=fields.whole(row, "step_id", source),
        goal=fields.text(row, "instruction", source),
        instruction=fields.text(row, "coat_action_desc", source, ""),
        thought=fields.text(row, "coat_action_think", source, ""),
        screenshot=None if is_assumed else picture,
        size=size,
        assumed_size=is_assumed,
        gold=(_gold(row, size, ui, source),),
        ui=ui,
        source=source,
    )


def _ui(row: Mapping[str, Any], size: Size, source: Source) -> Iterator[UiBox]:
    boxes = fields.items(fields.packed(row, "ui_positions", source), '"ui_positions"', source)
    texts = fields.items(fields.packed(row, "ui_text", source), '"ui_text"', source)
    kinds = fields.items(fields.packed(row, "ui_types", source), '"ui_types"', source)
    if not len(boxes) == len(texts) == len(kinds):
        raise fields.fault(source, f"has {len(boxes)} UI boxes, {len(texts)} texts and {len(kinds)} types")
    for box, words, kind in zip(boxes, texts, kinds, strict=True):
        y, x, height, width = fields.numbers(box, 4, "a UI box", source)
        if not (0 <= x <= size.width and 0 <= y <= size.height and width >= 0 and height >= 0):
            raise fields.fault(source, f"the UI box {box} is not [y, x, h, w] in a {size} picture")
        yield UiBox(Rect(x, y, x + width, y + height), str(words), str(kind))


def _yx(row: Mapping[str, Any], key: str, size: Size, source: Source) -> Spot:
    y, x = fields.numbers(fields.packed(row, key, source), 2, f'"{key}"', source)
    if not (-EDGE <= x <= 1 + EDGE and -EDGE <= y <= 1 + EDGE):
        raise fields.fault(source, f'"{key}" [{y:g}, {x:g}] is not [y, x] in parts of the picture')
    return Spot(x * size.width, y * size.height)


def _gold(row: Mapping[str, Any], size: Size, ui: tuple[UiBox, ...], source: Source) -> Gold:
    code, words = fields.whole(row, "result_action_type", source), fields.text(row, "result_action_text", source, "")
    buttons = {BACK: "back", HOME: "home", ENTER: "enter"}
    if code == DUAL_POINT:
        return _touch(row, size, ui, source)
    if code == TYPE:
        return Gold("type", (TypeText(text=words),), text=words, record=row)
    if code in buttons:
        return Gold("press", (PressButton.model_validate({"button": buttons[code]}),), button=buttons[code], record=row)
    if code in (COMPLETE, IMPOSSIBLE):
        return Gold("stop", (Finish(success=code == COMPLETE),), record=row)
    raise fields.fault(source, f"has the action code {code}, which AITW does not have")


def _touch(row: Mapping[str, Any], size: Size, ui: tuple[UiBox, ...], source: Source) -> Gold:
    touch, lift = _yx(row, "result_touch_yx", size, source), _yx(row, "result_lift_yx", size, source)
    across, down = (touch.x - lift.x) / size.width, (touch.y - lift.y) / size.height
    if (across**2 + down**2) ** 0.5 <= TAP_DISTANCE:
        holding = tuple(box.rect for box in ui if box.rect.holds(touch))
        return Gold("click", (Click(point=touch.pixel(size)),), spot=touch, boxes=holding, record=row)
    start, end = touch.pixel(size), lift.pixel(size)
    finger = finger_direction(start, end)
    said = fields.text(row, "coat_action_desc", source, "").lower().split()
    direction = said[1] if len(said) > 1 and said[0] == "scroll" else finger
    return Gold("scroll", (Swipe(start=start, end=end),), spot=touch, direction=direction, finger=finger, record=row)
