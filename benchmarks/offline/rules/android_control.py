"""The rules of AndroidControl. Five groups score it in four ways that cannot be compared, so each rule has a name.

Faithful modes give what the released script gives; `-corrected` ones what it meant. Points are compared without the rounding of a
script's own files unless a rule says otherwise.
"""

from __future__ import annotations

import math

from handeye.benchmarks.offline.rules.said import WRONG, Prediction, Said, Verdict, said
from handeye.benchmarks.offline.rules.texts import token_f1
from handeye.benchmarks.offline.step import OPPOSITE, Gold, OfflineStep, Rect, Spot
from handeye.tools.geometry import Size

ENLARGED = 1.2
"""UI-S1/evaluation/qwenvl_utils.py: BBOX_ENLARGE_FACTOR; IMNearth/CoAT:coat/screen_utils.py: enlarge_bbox."""
NEAR = 0.04
"""UI-S1/evaluation/qwenvl_utils.py: POINT_DISTANCE_THRESHOLD, in parts of width and height."""
FAR = 0.14
"""OS-Atlas and ClawGUI: 14 % of the screen."""
SAME_TEXT = 0.5
"""OS-Atlas and ClawGUI: F1 above which texts are the same."""


def qwen(step: OfflineStep, prediction: Prediction) -> Verdict:
    """Qwen's, as UI-S1 released it (X-PLUG/MobileAgent:UI-S1/evaluation/qwenvl_utils.py, evaluate_android_control_action).

    Click and long press: inside a candidate box enlarged 1.2 times about its centre, or no further than 0.04 from the gold point, x in
    parts of the width and y of the height. Text: one part of the other, trimmed, without case; so an empty text is right, which is the
    slip. `open` may be met by a click in the app's icon, whose type then counts as right. A swipe is right by its type, a button by its
    name, `wait` by its type.
    """
    return _qwen(step, prediction, empty_is_right=True)


def qwen_corrected(step: OfflineStep, prediction: Prediction) -> Verdict:
    """`qwen`, but an empty text is right only where the gold text is empty, and a swipe must go the way of the recorded one."""
    return _qwen(step, prediction, empty_is_right=False)


def _qwen(step: OfflineStep, prediction: Prediction, empty_is_right: bool) -> Verdict:
    gold, answer = step.gold[0], said(prediction)
    if gold.kind == "open" and answer.kind == "click" and gold.boxes:
        return Verdict(True, _near(answer, gold.boxes[0].centre, gold.boxes, step.size))
    if answer.kind != gold.kind:
        return WRONG
    match gold.kind:
        case "click" | "long_press":
            return Verdict(True, _near(answer, gold.spot, gold.boxes, step.size))
        case "type" | "open":
            return Verdict(True, _part_of(answer.text, gold.text, empty_is_right))
        case "system_button":
            return Verdict(True, answer.button.lower() == gold.button.lower().strip())
        case "swipe":
            return Verdict(True, empty_is_right or answer.finger == gold.finger)
        case _:
            return Verdict(True, gold.kind != "terminate" or _same_end(answer, gold))


def _same_end(answer: Said, gold: Gold) -> bool:
    return any(getattr(action, "success", None) == answer.success for action in gold.actions)


def _near(answer: Said, gold: Spot | None, boxes: tuple[Rect, ...], size: Size) -> bool:
    if answer.point is None:
        return False
    if any(box.enlarged(ENLARGED).holds(answer.point) for box in boxes):
        return True
    return gold is not None and math.hypot((answer.point.x - gold.x) / size.width, (answer.point.y - gold.y) / size.height) <= NEAR


def _part_of(answer: str, gold: str, empty_is_right: bool) -> bool:
    mine, theirs = answer.lower().strip(), gold.lower().strip()
    if not empty_is_right and not (mine and theirs):
        return mine == theirs
    return mine in theirs or theirs in mine


def os_atlas(step: OfflineStep, prediction: Prediction) -> Verdict:
    """OS-Atlas's, as released (OS-Copilot/OS-Atlas:eval/eval_scripts/android_control/evaluation_unify.py).

    Click and long press: no further than 140 from the gold point on a plane of 0 to 1000 both ways, in whole numbers. App and text: the
    same action to the letter, or F1 of the words above 0.5; but the script cuts the action at blanks and compares the second piece
    alone, so a longer text is judged by its first word, the slip. (It stops with an error where there is no text at all; here that is
    wrong.) Everything else: the same action to the letter. `direction` is
    compared as the word for the content that appears, against which UI-S1's swipes to the left and right go.
    """
    return _os_atlas(step, prediction, whole_text=False)


def os_atlas_corrected(step: OfflineStep, prediction: Prediction) -> Verdict:
    """`os-atlas`, but F1 is taken of all of the words, points are not rounded, and swipes are compared by the way of the finger."""
    return _os_atlas(step, prediction, whole_text=True)


def _os_atlas(step: OfflineStep, prediction: Prediction, whole_text: bool) -> Verdict:
    gold, answer = step.gold[0], said(prediction)
    # OS-Atlas has an action of its own for every button, so another button is another type.
    if _atlas_type(answer.kind, answer.button) != _atlas_type(gold.kind, gold.button):
        return WRONG
    match gold.kind:
        case "click" | "long_press":
            return Verdict(True, _within_140(answer, gold, step.size, rounded=not whole_text))
        case "type" | "open":
            if whole_text:
                return Verdict(True, answer.text == gold.text or token_f1(answer.text, gold.text) > SAME_TEXT)
            mine, theirs = f"[{answer.text}]", f"[{gold.text}]"
            first, second = (mine.split() or [""])[0], (theirs.split() or [""])[0]
            return Verdict(True, mine == theirs or token_f1(first, second) > SAME_TEXT)
        case "swipe":
            return Verdict(True, answer.finger == gold.finger if whole_text else OPPOSITE[answer.finger] == gold.direction.lower())
        case _:
            return Verdict(True, gold.kind != "terminate" or _same_end(answer, gold))


def _atlas_type(kind: str, button: str) -> str:
    return f"press {button.lower().strip()}" if kind == "system_button" else kind


def _within_140(answer: Said, gold: Gold, size: Size, rounded: bool) -> bool:
    if answer.point is None or gold.spot is None:
        return False
    spots = [(x / size.width * 1000, y / size.height * 1000) for x, y in (answer.point, gold.spot)]
    if rounded:
        spots = [(int(x), int(y)) for x, y in spots]
    return math.dist(*spots) <= FAR * 1000


def uground(step: OfflineStep, prediction: Prediction) -> Verdict:
    """UGround's (OSU-NLP-Group/UGround:offline_evaluation/AndroidControl/eval.py), which its authors apply to 500 steps.

    Click and long press: inside the smallest element that holds the gold point. Typing: the text to the letter, and the click too where
    the record has a point. Otherwise all of the record's values must be equal. A click on an element named after the app counts for
    opening it, one on an element named "back" for going back. Without an accessibility tree the smallest candidate box stands for the
    element, and one of an app's icons for an element of its name. The script also counts opening an app or going back in place of a
    click, but asks for a point that such an answer does not have; that is left out.
    """
    gold, answer = step.gold[0], said(prediction)
    if answer.kind == gold.kind:
        return Verdict(True, _uground_same(answer, gold))
    if answer.kind == "click" and answer.point is not None:
        back = gold.kind == "system_button" and gold.button.lower() == "back"
        if (gold.kind == "open" and _names(step, answer, gold.text, gold)) or (back and _names(step, answer, "back", gold)):
            return Verdict(True, True)
    return WRONG


def _uground_same(answer: Said, gold: Gold) -> bool:
    touches = gold.spot is None or (answer.point is not None and _in_smallest(answer.point, gold))
    match gold.kind:
        case "click" | "long_press":
            return touches
        case "type":
            return touches and answer.text == gold.text
        case "open":
            return answer.text == gold.text
        case "swipe":
            return answer.finger == gold.finger
        case "system_button":
            return answer.button.lower() == gold.button.lower()
        case _:
            return gold.kind != "terminate" or _same_end(answer, gold)


def _in_smallest(point: tuple[float, float], gold: Gold) -> bool:
    holding = [box for box in gold.boxes if gold.spot is not None and box.holds(gold.spot)]
    return bool(holding) and min(holding, key=lambda box: box.area).holds(point)


def _names(step: OfflineStep, answer: Said, name: str, gold: Gold) -> bool:
    assert answer.point is not None
    if not step.ui:
        return gold.kind == "open" and any(box.holds(answer.point) for box in gold.boxes)
    holding = [box for box in step.ui if box.rect.holds(answer.point)]
    return bool(holding) and name.lower() in min(holding, key=lambda box: box.rect.area).text.lower()


CLAW_SCREEN = Size(1080, 2400)
"""The one screen that ClawGUI knows (androidcontrol_judge.py: SCREEN_WIDTH, SCREEN_HEIGHT)."""


def clawgui(step: OfflineStep, prediction: Prediction) -> Verdict:
    """ClawGUI's, as released (ZJU-REAL/ClawGUI:clawgui-eval/judge/androidcontrol_judge.py, action_matching).

    Click and long press: inside one of the five candidate boxes whose centres are nearest, or no further from the gold point than 14 %
    of width and height taken together, 368 pixels on the 1080x2400 that it assumes of every screen. App and text: equal, or F1 of the
    words above 0.5. All four directions are turned round before they are compared with the finger's, so UI-S1's swipes to the left and
    right are wrong. Buttons by name, of which it knows back and home; `wait` by type.
    """
    scale = CLAW_SCREEN.width / step.size.width, CLAW_SCREEN.height / step.size.height
    return _clawgui(step, prediction, math.hypot(*CLAW_SCREEN) * FAR, scale, turned=True)


def clawgui_corrected(step: OfflineStep, prediction: Prediction) -> Verdict:
    """`clawgui`, but 14 % are those of the step's own screen, directions are compared by the way of the finger, and any button counts."""
    return _clawgui(step, prediction, math.hypot(*step.size) * FAR, (1.0, 1.0), turned=False)


def _clawgui(step: OfflineStep, prediction: Prediction, limit: float, scale: tuple[float, float], turned: bool) -> Verdict:
    gold, answer = step.gold[0], said(prediction)
    unknown = turned and answer.kind == "system_button" and answer.button.lower() not in ("back", "home")
    if answer.kind != gold.kind or unknown:
        return WRONG
    match gold.kind:
        case "click" | "long_press":
            return Verdict(True, _claw_click(answer, gold, step.size, limit, scale))
        case "type" | "open":
            return Verdict(True, answer.text == gold.text or token_f1(answer.text, gold.text) > SAME_TEXT)
        case "swipe":
            return Verdict(True, answer.finger == (OPPOSITE[gold.direction.lower()] if turned else gold.finger))
        case "system_button":
            return Verdict(True, answer.button.lower() == gold.button.lower().strip())
        case _:
            return Verdict(True, gold.kind != "terminate" or _same_end(answer, gold))


def _claw_click(answer: Said, gold: Gold, size: Size, limit: float, scale: tuple[float, float]) -> bool:
    if answer.point is None or gold.spot is None:
        return False
    x, y = answer.point

    def away(box: Rect) -> float:
        return math.hypot((box.centre.x - x) / size.width, (box.centre.y - y) / size.height)

    if any(box.holds((x, y)) for box in sorted(gold.boxes, key=away)[:5]):
        return True
    return math.hypot((x - gold.spot.x) * scale[0], (y - gold.spot.y) * scale[1]) <= limit
