"""The rules of AITZ: CoAT's (IMNearth/CoAT:coat/evaluate.py), as published, as released with its slip, and two for models that point."""

from __future__ import annotations

import math
from collections.abc import Callable

from handeye.benchmarks.offline.rules.said import WRONG, Prediction, Said, Verdict, said
from handeye.benchmarks.offline.rules.texts import similarity
from handeye.benchmarks.offline.step import OPPOSITE, Gold, OfflineStep, Rect, Spot, finger_direction
from handeye.envs.actions import Action, Scroll, Swipe
from handeye.tools.geometry import Size

ENLARGED = 1.2
"""coat/screen_utils.py: enlarge_bbox."""
OVERLAP = 0.5
"""coat/evaluate.py: _check_click_, IoU above which a predicted box is the element's."""
ALIKE = 0.8
"""coat/evaluate.py: Levenshtein's ratio above which texts are the same."""
TAP_DISTANCE = 0.14
"""AITW (google-research/google-research:android_in_the_wild/action_matching.py): taps no further apart match, in parts of the screen."""

_KINDS = {"click": "click", "swipe": "scroll", "type": "type", "system_button": "press", "terminate": "stop"}
Touches = Callable[[OfflineStep, Gold, Said, Rect | None], bool]


def coat(step: OfflineStep, prediction: Prediction) -> Verdict:
    """CoAT's as its paper describes it (IMNearth/CoAT:coat/evaluate.py).

    Click: the gold point lies in the predicted box enlarged 1.2 times, or the box's IoU with a UI box enlarged 1.2 times that holds
    the gold point is above 0.5. A model that points instead gives a box without area, which is right on the very pixel alone: see
    `coat-point`. Scroll: the same direction, of the finger. Text: one part of the other, or Levenshtein's ratio above 0.8. Button
    equal. Stop by its type.
    """
    return _coat(step, prediction, _box_touches)


def coat_released(step: OfflineStep, prediction: Prediction) -> Verdict:
    """`coat` as the released script computes it: the gold point of a click stays at (0, 0), since it is set for scrolls only."""
    return _coat(step, prediction, _box_touches_origin)


def coat_point(step: OfflineStep, prediction: Prediction) -> Verdict:
    """`coat` for models that point: the predicted point lies with the gold one in a UI box enlarged 1.2 times, or no further from it than
    0.14 in parts of the screen, as taps match in AITW (google-research/google-research:android_in_the_wild/action_matching.py).
    Ours: CoAT has no rule for points."""
    return _coat(step, prediction, _point_touches)


def _coat(step: OfflineStep, prediction: Prediction, touches: Touches) -> Verdict:
    gold, answer = step.gold[0], said(prediction)
    kind = _KINDS.get(answer.kind, "")
    if kind != gold.kind:
        return WRONG
    match kind:
        case "click":
            return Verdict(True, touches(step, gold, answer, prediction.box))
        case "scroll":
            return Verdict(True, answer.finger == gold.direction)
        case "type":
            mine, theirs = answer.text, gold.text
            return Verdict(True, mine in theirs or theirs in mine or similarity(mine, theirs) > ALIKE)
        case "press":
            return Verdict(True, answer.button == gold.button)
        case _:
            return Verdict(True, True)


def _predicted(answer: Said, box: Rect | None) -> Rect | None:
    if box is not None or answer.point is None:
        return box
    return Rect(answer.point.x, answer.point.y, answer.point.x, answer.point.y)


def _box_touches(step: OfflineStep, gold: Gold, answer: Said, box: Rect | None) -> bool:
    assert gold.spot is not None
    # The script works in whole pixels, rounded down.
    return _check_click(step, Spot(math.floor(gold.spot.x), math.floor(gold.spot.y)), _predicted(answer, box))


def _box_touches_origin(step: OfflineStep, gold: Gold, answer: Said, box: Rect | None) -> bool:
    return _check_click(step, Spot(0, 0), _predicted(answer, box))


def _check_click(step: OfflineStep, gold: Spot, box: Rect | None) -> bool:
    if box is None:
        return False
    predicted = box.enlarged(ENLARGED)
    if predicted.holds(gold):
        return True
    elements = (element.rect.enlarged(ENLARGED) for element in step.ui)
    return any(overlap(predicted, element) > OVERLAP for element in elements if element.holds(gold))


def overlap(left: Rect, right: Rect) -> float:
    """Area that both share over the area that either covers, each counted as one square pixel at least (coat/screen_utils.py)."""
    wide = max(0.0, min(left.right, right.right) - max(left.left, right.left))
    high = max(0.0, min(left.bottom, right.bottom) - max(left.top, right.top))
    return wide * high / (max(left.area, 1) + max(right.area, 1) - wide * high)


def _point_touches(step: OfflineStep, gold: Gold, answer: Said, box: Rect | None) -> bool:
    point = answer.point if box is None else box.centre
    if point is None or gold.spot is None:
        return False
    elements = (element.rect.enlarged(ENLARGED) for element in step.ui)
    if any(element.holds(point) and element.holds(gold.spot) for element in elements):
        return True
    return math.hypot((point[0] - gold.spot.x) / step.size.width, (point[1] - gold.spot.y) / step.size.height) <= TAP_DISTANCE


def agentcpm_gui(step: OfflineStep, prediction: Prediction) -> Verdict:
    """AgentCPM-GUI's (OpenBMB/AgentCPM-GUI:eval/utils/evaluator.py), which says that it follows the evaluator of Qwen2.5-VL's authors
    (QwenLM/Qwen3-VL#904), and by which it gives 57.58 for Qwen2.5-VL-7B.

    Click: the point, cut to whole thousandths of the screen, lies in a UI box enlarged 1.2 times that holds the gold point, or no further
    from that than 0.14 in parts of the screen. Scroll: the way of the finger, in parts of the screen, is that from the recorded touch to
    the lift. Text: one part of the other, trimmed, without case, so an empty text is right. Button equal. Stop by its type, and waiting
    counts as stopping.
    """
    gold, answer = step.gold[0], said(prediction)
    kind = "stop" if answer.kind == "wait" else _KINDS.get(answer.kind, "")
    if kind != gold.kind:
        return WRONG
    match kind:
        case "click":
            return Verdict(True, _thousandth_touches(step, gold, answer))
        case "scroll":
            recorded = _way(gold.actions[0], step.size) if gold.actions else gold.finger
            return Verdict(True, _way(prediction.actions[0], step.size) == recorded)
        case "type":
            mine, theirs = answer.text.lower().strip(), gold.text.lower().strip()
            return Verdict(True, mine in theirs or theirs in mine)
        case "press":
            return Verdict(True, answer.button == gold.button)
        case _:
            return Verdict(True, True)


def _thousandth_touches(step: OfflineStep, gold: Gold, answer: Said) -> bool:
    if answer.point is None or gold.spot is None:
        return False
    width, height = step.size
    at = Spot(int(answer.point.x / width * 1000) / 1000, int(answer.point.y / height * 1000) / 1000)
    aim = Spot(gold.spot.x / width, gold.spot.y / height)
    boxes = (_moved_in(element.rect, width, height) for element in step.ui)
    return any(box.holds(aim) and box.holds(at) for box in boxes) or math.dist(at, aim) <= TAP_DISTANCE


def _moved_in(rect: Rect, width: int, height: int) -> Rect:
    """Enlarged, in parts of the screen. The script keeps the upper left corner on the screen and moves the whole box with it."""
    wide, high = (rect.right - rect.left) / width, (rect.bottom - rect.top) / height
    left = max(0.0, rect.left / width - (ENLARGED - 1) * wide / 2)
    top = max(0.0, rect.top / height - (ENLARGED - 1) * high / 2)
    return Rect(left, top, left + min(1.0, wide * ENLARGED), top + min(1.0, high * ENLARGED))


def _way(action: Action, size: Size) -> str:
    """Where the finger goes, by the longer of its ways in parts of the screen."""
    match action:
        case Swipe(start=start, end=end):
            return finger_direction((start.x / size.width, start.y / size.height), (end.x / size.width, end.y / size.height))
        case Scroll(direction=direction):
            return OPPOSITE[direction]
        case _:
            return ""
