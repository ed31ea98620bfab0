"""What reports say of a step: the recorded action in words, the verdict in a word, and what was read in a reply."""

from __future__ import annotations

from typing import Any

from handeye.benchmarks.offline.scoring import StepScore
from handeye.benchmarks.offline.step import Gold, OfflineStep
from handeye.envs.actions import points_of

RIGHT, PARTLY, PLACE, CONTENT, ACTION, FORMAT = "right", "partly right", "wrong place", "wrong content", "wrong action", "wrong format"
VERDICTS = (RIGHT, PARTLY, PLACE, CONTENT, ACTION, FORMAT)
"""`wrong place`: the action that was recorded, somewhere else. `wrong content`: another text, way or button. `partly right`: of rules that
give parts of a point."""
POINTED = ("click", "long_press", "doubleclick", "rightclick", "tripleclick", "middleclick", "moveto", "dragto")
"""Kinds of recorded action, in lower case, that are right or wrong by their place."""


def described(step: OfflineStep) -> str:
    """What was recorded, in the benchmark's words."""
    return "; ".join(_described(gold) for gold in step.gold)


def _described(gold: Gold) -> str:
    params = gold.record.get("params")
    more = [params[name] for name in ("keys", "amount", "status") if name in params] if isinstance(params, dict) else []
    flat = [word for one in more for word in (one if isinstance(one, list) else [one])]
    told = (repr(gold.text) if gold.text else "", gold.direction, gold.button, *flat)
    return " ".join([gold.kind, *(str(one) for one in told if one != "")])


def verdict_word(found: StepScore) -> str:
    """The verdict, one of `VERDICTS`."""
    verdict = found.verdict
    if found.fault:
        return FORMAT
    if verdict.exact:
        return RIGHT
    if verdict.points > 0:
        return PARTLY
    if not verdict.type_match:
        return ACTION
    return PLACE if found.step.gold[0].kind.lower() in POINTED else CONTENT


def said(found: StepScore) -> dict[str, Any]:
    """What was read in the reply, for `Judgement.said`."""
    told: dict[str, Any] = {"type_match": found.verdict.type_match, "points": found.verdict.points}
    if found.prediction is None:
        return told | {"why": found.fault}
    told["actions"] = [action.model_dump(mode="json", exclude_defaults=True) | {"type": action.type} for action in found.prediction.actions]
    if found.prediction.box is not None:
        told["box"] = list(found.prediction.box)
    points = [point for action in found.prediction.actions for point in points_of(action)]
    return told | ({"point": list(points[0])} if points else {})
