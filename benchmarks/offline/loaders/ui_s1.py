"""AndroidControl as UI-S1 prepared it (X-PLUG/MobileAgent:UI-S1/evaluation/dataset): JSON Lines, one episode a line.

Conventions: `action_content` is in the words of Qwen's `mobile_use` tool, with points in ORIGINAL pixels of the screenshot;
`check_options` repeats the action and adds `candidate_bbox`, [x1, y1, x2, y2] in pixels. Swipe points are templates made from
`direction`: up and down name the content that appears, so the finger goes the other way; left and right name the way of the finger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from handeye.benchmarks.offline import fields
from handeye.benchmarks.offline.step import OPPOSITE, Gold, OfflineEpisode, OfflineStep, Source, finger_direction
from handeye.envs.actions import Click, Finish, LongPress, OpenApp, PressButton, Swipe, TypeText, Wait
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Size


def load(path: Path, size: Size | None = None) -> Iterator[OfflineEpisode]:
    """The episodes of a file, whose pictures may lie beside it or in `images` there. `size`: of screens whose picture is not there.

    Raises `SetupError` that names file, line and step for what is not as the module says.
    """
    for line, row in fields.json_lines(path):
        episode, goal = str(fields.whole(row, "episode_id", line)), fields.text(row, "goal", line)
        records = fields.items(row.get("steps"), '"steps"', line)
        if not records:
            raise fields.fault(line, "the episode has no steps")
        steps = tuple(_step(path, Source(path, f"{line.row}, step {n}"), episode, goal, n, one, size) for n, one in enumerate(records))
        yield OfflineEpisode(episode, goal, steps)


def _step(path: Path, source: Source, episode: str, goal: str, number: int, value: Any, assumed: Size | None) -> OfflineStep:
    record = fields.mapping(value, "a step", source)
    name = PurePosixPath(fields.text(record, "screenshot", source)).name
    if name != f"{episode}_{number}.png":
        raise fields.fault(source, f"its picture is called {name}, not {episode}_{number}.png")
    beside = path.parent / name
    picture = beside if beside.is_file() else path.parent / "images" / name
    size, is_assumed = fields.needed_size(picture, assumed, source)
    return OfflineStep(
        episode=episode,
        number=number,
        goal=goal,
        instruction=fields.text(record, "step_instruction", source, ""),
        screenshot=None if is_assumed else picture,
        size=size,
        assumed_size=is_assumed,
        gold=(_gold(record, size, source),),
        source=source,
    )


def _gold(record: Mapping[str, Any], size: Size, source: Source) -> Gold:
    done = fields.mapping(record.get("action_content"), '"action_content"', source)
    # A file without `check_options` is scored by the action itself and `bbox` (UI-S1/evaluation/eval_qwenvl.py, fix_line).
    options = fields.mapping(record.get("check_options", {**done, "candidate_bbox": record.get("bbox", [])}), '"check_options"', source)
    kind = fields.text(done, "action", source)
    if options.get("action") != kind:
        raise fields.fault(source, f'"action_content" says {kind!r} and "check_options" {options.get("action")!r}')
    listed = fields.items(options.get("candidate_bbox", []), '"candidate_bbox"', source)
    boxes = tuple(fields.corners(box, "a candidate box", source) for box in listed)
    try:
        return _of_kind(kind, done, options, size, source, Gold(kind, boxes=boxes, record=record))
    except (InvalidAction, ValueError) as error:
        raise fields.fault(source, f"the action {kind!r} cannot be said: {error}") from error


def _of_kind(kind: str, done: Mapping[str, Any], options: Mapping[str, Any], size: Size, source: Source, gold: Gold) -> Gold:
    if kind in ("click", "long_press"):
        spot = fields.spot(options.get("coordinate", done.get("coordinate")), '"coordinate"', size, source)
        action = Click(point=spot.pixel(size)) if kind == "click" else LongPress(point=spot.pixel(size), duration_s=done.get("time", 1.0))
        return Gold(kind, (action,), spot=spot, boxes=gold.boxes, record=gold.record)
    if kind == "swipe":
        return _swipe(done, options, size, source, gold)
    if kind == "type":
        words = fields.text(done, "text", source)
        return Gold(kind, (TypeText(text=words),), text=words, record=gold.record)
    if kind == "open":
        app = fields.text(done, "text", source)
        return Gold(kind, (OpenApp(name=app),), text=app, boxes=gold.boxes, record=gold.record)
    if kind == "system_button":
        button = fields.text(done, "button", source)
        pressed = PressButton.model_validate({"button": button.strip().lower()})
        return Gold(kind, (pressed,), button=button, record=gold.record)
    if kind == "wait":
        return Gold(kind, (Wait(seconds=done.get("time", 1.0)),), record=gold.record)
    if kind == "terminate":
        return Gold(kind, (Finish(success=done.get("status") != "failure"),), record=gold.record)
    raise fields.fault(source, f"{kind!r} is not among the actions of this benchmark")


def _swipe(done: Mapping[str, Any], options: Mapping[str, Any], size: Size, source: Source, gold: Gold) -> Gold:
    start = fields.spot(done.get("coordinate"), '"coordinate"', size, source)
    end = fields.spot(done.get("coordinate2"), '"coordinate2"', size, source)
    finger = finger_direction(start, end)
    direction = fields.text(options, "direction", source, OPPOSITE[finger])
    if direction != (OPPOSITE[finger] if finger in ("up", "down") else finger):
        raise fields.fault(source, f"the swipe goes {finger} and is called {direction!r}, against the convention of this file")
    swipe = Swipe(start=start.pixel(size), end=end.pixel(size))
    return Gold("swipe", (swipe,), spot=start, direction=direction, finger=finger, record=gold.record)
