"""The rules of AgentNetBench (xlang-ai/OpenCUA:evaluation/agentnetbench/eval.py, ActionEvaluator), which give parts of a point.

The evaluator was released twice under one name: in August 2025 (8d6f506), and later with sterner scrolls, keys and counts (60da8b9).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from handeye.benchmarks.offline.rules.said import WRONG, Prediction, Verdict
from handeye.benchmarks.offline.rules.texts import edit_distance
from handeye.benchmarks.offline.step import Gold, OfflineStep
from handeye.envs.actions import Action, Click, Drag, Finish, Move, PressKeys, Scroll, TypeText
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Size
from handeye.tools.keys import canonical_key

CLOSE = 0.01 * 2**0.5
"""COORD_THRESHOLD: no further from the gold point than this, in parts of the screen, is the whole point."""
FALL = 120
"""ALPHA: how fast the score falls beyond that."""
ALIKE = 0.8
"""WRITE_SIMILARITY_THRESHOLD: more than this share of the text is the whole point."""
NEWLINE = 0.9
"""What is left of a text's similarity when one ends in Enter and the other does not."""
POINTED = ("click", "doubleclick", "rightclick", "tripleclick", "moveto", "dragto")
"""Kinds whose place counts. (`middleClick` has no branch of its own there.)"""


class Told(NamedTuple):
    """A predicted action in the benchmark's words; `value` is a place in parts of the screen, a text, keys, an amount or a status."""

    kind: str
    value: Any


Golds: TypeAlias = Sequence[Gold]


class Release(NamedTuple):
    """In what the releases of the evaluator differ."""

    slips: bool
    """Texts are trimmed before Enter is looked for, and kinds without a branch give no point."""
    lenient: bool
    """Scrolls count by their kind, keys as a set, and actions beyond the gold ones cost nothing."""


MEANT, LATER, FIRST = Release(False, False), Release(True, False), Release(True, True)


def agentnetbench(step: OfflineStep, prediction: Prediction) -> Verdict:
    """OpenCUA's graded score, as its evaluator means it; a step is right if it gets the whole point.

    Actions are compared in order; the first predicted kind must be among the gold ones. A place inside any gold box is the whole point,
    otherwise the score falls with the distance beyond 0.014 of the screen. Text: share of characters that need no edit, whole from 0.8;
    Enter at one end only costs a tenth. Keys in order; scrolls by direction and by the ratio of their amounts; `terminate` by its
    status. More predicted actions than gold ones cost in proportion. Mean over the KINDS of gold action. The best of the gold actions and
    each alternative counts. Unlike the released script, Enter is looked for before the text is trimmed, and kinds without a branch there
    (`wait`, `middleClick`) count by their kind.
    """
    return _best(step, prediction, MEANT)


def agentnetbench_released(step: OfflineStep, prediction: Prediction) -> Verdict:
    """`agentnetbench` as released later (60da8b9): texts are trimmed before the look at their end, so a missing Enter costs nothing, and
    gold actions of a kind without a branch give no point."""
    return _best(step, prediction, LATER)


def agentnetbench_2025_08(step: OfflineStep, prediction: Prediction) -> Verdict:
    """`agentnetbench-released` as it was first (8d6f506, August 2025), when OpenCUA's numbers were published: any scroll is the whole
    point, keys count in any order and number, and more predicted actions than gold ones cost nothing."""
    return _best(step, prediction, FIRST)


def agentnetbench_strict(step: OfflineStep, prediction: Prediction) -> Verdict:
    """Right or wrong: the same kinds in the same order, places inside a gold box (without one, within 0.014 of the screen of the gold
    point), texts equal but for case and blanks at their ends, Enter included, keys equal, scrolls in the same direction. An alternative
    counts as right. Ours, for a rate that can be read as one."""
    found = WRONG
    for golds in (step.gold, *step.alternatives):
        told = _told(prediction.actions, golds, step.size)
        merged = _merged_gold(golds)
        same = [one.kind for one in told] == [_kind(gold) for gold in merged]
        if same and all(_strict(one, gold, step.size) for one, gold in zip(told, merged, strict=True)):
            return Verdict(True, True)
        found = Verdict(found.type_match or same, False)
    return found


def _best(step: OfflineStep, prediction: Prediction, release: Release) -> Verdict:
    verdicts = [_graded(golds, prediction, step.size, release) for golds in (step.gold, *step.alternatives)]
    return max(verdicts, key=lambda verdict: verdict.points)


def _kind(gold: Gold) -> str:
    return gold.kind.lower()


def _told(actions: Sequence[Action], golds: Golds, size: Size) -> list[Told]:
    moves = any(_kind(gold) == "moveto" for gold in golds)
    told: list[Told] = []
    for action in actions:
        # Where the record has a move before its scroll, a scroll at a place is both.
        if isinstance(action, Scroll) and action.point is not None and moves and not (told and told[-1].kind == "moveto"):
            told.append(Told("moveto", _place(action.point, size)))
        one = _tell(action, size)
        enters = one.kind in ("press", "hotkey") and one.value in (["enter"], ["return"])
        if told and told[-1].kind == "write" and enters:
            told[-1] = Told("write", told[-1].value + "\n")
        else:
            told.append(one)
    return told


def _place(point: tuple[int, int] | None, size: Size) -> tuple[float, float] | None:
    return None if point is None else (point[0] / size.width, point[1] / size.height)


def _tell(action: Action, size: Size) -> Told:
    match action:
        case Click(point=point, button="left", count=count):
            return Told({1: "click", 2: "doubleclick", 3: "tripleclick"}[count], _place(point, size))
        case Click(point=point, button=button):
            return Told(f"{button}click", _place(point, size))
        case Move(point=point):
            return Told("moveto", _place(point, size))
        case Drag(end=end):
            return Told("dragto", _place(end, size))
        case TypeText(text=text):
            return Told("write", text)
        case PressKeys(keys=keys):
            return Told("press" if len(keys) == 1 else "hotkey", list(keys))
        case Scroll(direction=direction, amount=amount):
            if direction in ("left", "right"):
                return Told("hscroll", amount if direction == "right" else -amount)
            return Told("scroll", amount if direction == "up" else -amount)
        case Finish(success=success):
            return Told("terminate", "success" if success else "failure")
        case _:
            return Told(action.type, None)


def _merged_gold(golds: Golds) -> list[Gold]:
    merged: list[Gold] = []
    for gold in golds:
        enters = _kind(gold) in ("press", "hotkey") and _keys(gold) in (["enter"], ["return"])
        if merged and _kind(merged[-1]) == "write" and enters:
            merged[-1] = Gold(merged[-1].kind, text=merged[-1].text + "\n", record=merged[-1].record)
        else:
            merged.append(gold)
    return merged


def _keys(gold: Gold) -> list[str]:
    keys = gold.record.get("params", {}).get("keys", [])
    return [_key(str(key)) for key in (keys if isinstance(keys, list) else [keys])]


def _key(name: str) -> str:
    # Ours are canonical by the time they come here; "ctrl" and "control" must not differ for that.
    try:
        return canonical_key(name)
    except InvalidAction:
        return name.lower()


def _graded(golds: Golds, prediction: Prediction, size: Size, release: Release) -> Verdict:
    told, merged = _told(prediction.actions, golds, size), _merged_gold(golds)
    kinds = [_kind(gold) for gold in merged]
    surplus = 1.0 if release.lenient else min(1.0, len(merged) / len(told))
    if kinds[0] == "terminate":
        right = told[0].kind == "terminate" and told[0].value == _status(merged[0])
        return Verdict(told[0].kind == "terminate", right and surplus == 1, surplus * right, {"terminate": surplus * right})
    if told[0].kind not in kinds:
        return Verdict(False, False, 0.0, dict.fromkeys(kinds, 0.0))
    sums: dict[str, float] = {}
    for index, (gold, kind) in enumerate(zip(merged, kinds, strict=True)):
        answer = told[index] if index < len(told) else Told("", None)
        score = _one(answer, gold, size, release) if answer.kind == kind else 0.0
        if score is not None:
            sums[kind] = sums.get(kind, 0.0) + score
    parts = {kind: points / kinds.count(kind) * surplus for kind, points in sums.items()}
    total = sum(parts.values()) / len(parts) if parts else 0.0
    return Verdict(True, total >= 1 - 1e-9, total, parts)


def _status(gold: Gold) -> str:
    status = str(gold.record.get("params", {}).get("status", "success"))
    return "failure" if status in ("fail", "failure") else status


def _one(answer: Told, gold: Gold, size: Size, release: Release) -> float | None:
    """The score of an action of the right kind; None where the released script passes it over."""
    kind = _kind(gold)
    if kind in POINTED:
        return _place_score(answer.value, gold, size)
    if kind == "write":
        return _text_score(answer.value, gold.text, release.slips)
    if kind in ("press", "hotkey"):
        return float(set(answer.value) == set(_keys(gold)) if release.lenient else answer.value == _keys(gold))
    if kind == "scroll":
        return 1.0 if release.lenient else _scroll_score(answer.value, gold)
    return None if release.slips else 1.0


def _place_score(place: tuple[float, float] | None, gold: Gold, size: Size) -> float:
    if place is None or gold.spot is None:
        return 0.0
    if _in_box(place, gold, size):
        return 1.0
    away = math.hypot(place[0] - gold.spot.x / size.width, place[1] - gold.spot.y / size.height)
    return 1.0 if away <= CLOSE else math.exp(-FALL * (away - CLOSE))


def _text_score(answer: str, gold: str, trimmed: bool) -> float:
    mine, theirs = answer.lower().strip(), gold.lower().strip()
    longest = max(len(mine), len(theirs))
    if longest == 0:
        return 1.0
    alike = 1 - edit_distance(mine, theirs) / longest
    if not trimmed and answer.endswith("\n") != gold.endswith("\n"):
        alike *= NEWLINE
    return 1.0 if alike >= ALIKE else alike / ALIKE


def _scroll_score(amount: float, gold: Gold) -> float:
    params = gold.record.get("params", {})
    recorded = params.get("amount", params.get("pixels"))
    if not isinstance(recorded, int | float):
        direction = {"up": 1, "down": -1}.get(str(params.get("direction", "")).lower(), 0)
        return float(direction == (amount > 0) - (amount < 0))
    if amount * recorded <= 0:
        return float(amount == recorded == 0)
    return min(abs(amount), abs(recorded)) / max(abs(amount), abs(recorded))


def _strict(answer: Told, gold: Gold, size: Size) -> bool:
    kind = _kind(gold)
    if kind == "terminate":
        return bool(answer.value == _status(gold))
    if kind == "write":
        mine, theirs = answer.value.lower(), gold.text.lower()
        return bool(mine.strip() == theirs.strip() and mine.endswith("\n") == theirs.endswith("\n"))
    if kind == "scroll":
        return _scroll_score(answer.value, gold) > 0
    if kind in POINTED and gold.boxes:
        return _in_box(answer.value, gold, size)
    return (_one(answer, gold, size, MEANT) or 0.0) == 1


def _in_box(place: tuple[float, float] | None, gold: Gold, size: Size) -> bool:
    return place is not None and any(box.holds((place[0] * size.width, place[1] * size.height)) for box in gold.boxes)
