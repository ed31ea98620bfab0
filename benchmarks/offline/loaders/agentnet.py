"""AgentNetBench (xlang-ai/OpenCUA:evaluation/agentnetbench): one JSON file an episode, pictures in `images` beside it.

Conventions: positions are parts of the picture from 0 to 1; `rel_bbox` is [x, y, w, h] in such parts, `abs_bbox` the same in pixels of
the stored picture, which is smaller than the recorded screen. The relative values are used, the others compared with them.
`step_num` has gaps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError

from handeye.benchmarks.offline import fields
from handeye.benchmarks.offline.step import Gold, OfflineEpisode, OfflineStep, Rect, Source, Spot
from handeye.envs.actions import Action, Click, Drag, Finish, Move, PressKeys, Scroll, TypeText, Wait
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

CLICKS: Mapping[str, tuple[str, int]] = {
    "click": ("left", 1),
    "doubleclick": ("left", 2),
    "tripleclick": ("left", 3),
    "rightclick": ("right", 1),
    "middleclick": ("middle", 1),
}
"""Button and count of each kind of click, by its name in lower case."""
AGREEMENT = 2.0
"""Pixels by which the relative and the absolute box may differ."""


def load(folder: Path, size: Size | None = None) -> Iterator[OfflineEpisode]:
    """The episodes of `folder`, in the order of their names. `size`: of screens whose picture is not there.

    Raises `SetupError` that names file and step for what is not as the module says.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise SetupError(f"There are no AgentNetBench episodes (*.json) in {folder}.", fix="see https://github.com/xlang-ai/OpenCUA")
    for path in files:
        whole = Source(path, "the whole file")
        row = fields.mapping(fields.read_json(path), "an episode", whole)
        episode = fields.text(row, "task_id", whole)
        goal = fields.text(row, "high_level_task_description", whole)
        meta = row.get("meta_info")
        domain = str(meta.get("domain", "")) if isinstance(meta, dict) else ""
        records = fields.items(row.get("steps"), '"steps"', whole)
        steps = tuple(_step(path, episode, goal, one, index, size) for index, one in enumerate(records))
        if any(later.number <= earlier.number for earlier, later in pairwise(steps)):
            raise fields.fault(path, "the numbers of the steps do not rise")
        yield OfflineEpisode(episode, goal, steps, domain)


def _step(path: Path, episode: str, goal: str, value: Any, index: int, assumed: Size | None) -> OfflineStep:
    source = Source(path, f"step {index}")
    record = fields.mapping(value, "a step", source)
    # The README's smallest example has no numbers; the place in the list does then.
    number = fields.whole(record, "step_num", source) if "step_num" in record else index
    picture = path.parent / "images" / PurePosixPath(fields.text(record, "image", source)).name
    size, is_assumed = fields.needed_size(picture, assumed, source)
    monologue = record.get("inner_monologue")
    words = {key: str(text) for key, text in monologue.items()} if isinstance(monologue, dict) else {}
    options = fields.items(record.get("alternative_options", []), '"alternative_options"', source)
    return OfflineStep(
        episode=episode,
        number=number,
        goal=goal,
        instruction=words.get("low_level_instruction", ""),
        thought=words.get("thought", ""),
        screenshot=None if is_assumed else picture,
        size=size,
        assumed_size=is_assumed,
        gold=_golds(record.get("ground_truth_actions"), size, source),
        alternatives=tuple(_golds(option, size, source) for option in options),
        source=source,
    )


def _golds(value: Any, size: Size, source: Source) -> tuple[Gold, ...]:
    records = fields.items(value, "a list of actions", source)
    if not records:
        raise fields.fault(source, "there is no gold action")
    return tuple(_gold(fields.mapping(record, "an action", source), size, source) for record in records)


def _gold(record: Mapping[str, Any], size: Size, source: Source) -> Gold:
    kind = fields.text(record, "type", source)
    params = fields.mapping(record.get("params", {}), '"params"', source)
    spot = _spot(params["position"], size, source) if "position" in params else None
    try:
        actions = _actions(kind, params, spot, size, source)
    except ValidationError as error:
        raise fields.fault(source, f"the action {kind!r} cannot be said: {error.errors()[0]['msg']}") from error
    metadata = fields.mapping(record.get("metadata") or {}, '"metadata"', source)
    boxes = tuple(_box(box, size, source) for box in fields.items(metadata.get("bboxes", []), '"bboxes"', source))
    text = params.get("content") or params.get("text") or ""
    return Gold(kind, actions, spot=spot, text=text if isinstance(text, str) else "", boxes=boxes, record=record)


def _spot(value: Any, size: Size, source: Source) -> Spot:
    position = fields.mapping(value, '"position"', source)
    x, y = fields.numbers([position.get("x"), position.get("y")], 2, '"position"', source)
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise fields.fault(source, f"the position ({x:g}, {y:g}) is not in parts of the picture from 0 to 1")
    return Spot(x * size.width, y * size.height)


def _box(value: Any, size: Size, source: Source) -> Rect:
    record = fields.mapping(value, "a box", source)
    x, y, width, height = fields.numbers(record.get("rel_bbox"), 4, '"rel_bbox"', source)
    if min(width, height) < 0 or max(x, y) > 1 or min(x, y) < -1 or max(width, height) > 2:
        raise fields.fault(source, f'"rel_bbox" [{x:g}, {y:g}, {width:g}, {height:g}] is not [x, y, w, h] in parts of the picture')
    box = [x * size.width, y * size.height, width * size.width, height * size.height]
    if "abs_bbox" in record:
        stated = fields.numbers(record["abs_bbox"], 4, '"abs_bbox"', source)
        if any(abs(mine - theirs) > AGREEMENT for mine, theirs in zip(box, stated, strict=True)):
            raise fields.fault(source, f'"rel_bbox" means {[round(n, 2) for n in box]} in a {size} picture and "abs_bbox" says {stated}')
    return Rect(box[0], box[1], box[0] + box[2], box[1] + box[3])


def _actions(kind: str, params: Mapping[str, Any], spot: Spot | None, size: Size, source: Source) -> tuple[Action, ...]:
    """What we say for it; nothing for kinds that we have no verb for."""
    name = kind.lower()
    at = None if spot is None else spot.pixel(size)
    if name in CLICKS:
        button, count = CLICKS[name]
        return (Click.model_validate({"point": at, "button": button, "count": count}),)
    if name in ("moveto", "dragto"):
        if at is None:
            raise fields.fault(source, f"a {kind} without a position")
        return (Move(point=at),) if name == "moveto" else (Drag(end=at),)
    if name == "write":
        return (TypeText(text=fields.text(params, "content" if "content" in params else "text", source)),)
    if name in ("press", "hotkey"):
        keys = params.get("keys")
        return (PressKeys.model_validate({"keys": [keys] if isinstance(keys, str) else keys}),)
    if name == "scroll":
        amount = params.get("amount", params.get("pixels"))
        if not isinstance(amount, int | float) or not amount:
            return ()
        return (Scroll.model_validate({"point": at, "direction": "up" if amount > 0 else "down", "amount": max(1, round(abs(amount)))}),)
    if name == "terminate":
        return (Finish(success=params.get("status") != "failure"),)
    return (Wait(),) if name == "wait" else ()
