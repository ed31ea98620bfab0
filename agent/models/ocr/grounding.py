"""Where on a picture is what an instruction names? For goals that are no explicit instructions: "switch to documents", "sign in".

Words are compared, nothing is understood: the text that has most of the instruction's words, and little else, is what it names. Where
no text comes near, and no icon is called like one of its words, there is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from handeye.agent.models.ocr.finding import Candidate, find, spans
from handeye.agent.models.ocr.grammar import NotUnderstood, read_goal, read_phrase
from handeye.agent.models.ocr.icons import icon_called
from handeye.agent.models.ocr.instructions import Click, Instruction, OpenApp, Pick, Target
from handeye.agent.models.ocr.screen import Element, Screen
from handeye.agent.models.ocr.words import folded, likeness

_LEAST = 0.55
"""Candidates that fit less are no answer: a guess would hide that nothing was found."""
_SURE = 0.85
"""From here on the name as a whole was found, and no other reading is tried."""
_ICON = 0.45
_ALIKE = 0.75
"""Likeness from which two words are the same."""
_LONGEST = 6
"""Words of a part of a line that is looked at by itself."""
_IDLE = frozenset(
    "a an and are at be button by can click current field find for from get go icon in input into is it its link me my new now of on open "
    "option page please select see set show switch tab tap text that the then there this to type up use view want what which window with "
    "word you your".split()
)
"""Words that say what to do, or nothing: they name only where no other word does."""


def ground(screen: Screen, instruction: str) -> Candidate | None:
    """The element of `screen` that `instruction` means; None where nothing comes near. Icons are looked at where no text fits."""
    if not instruction.strip():
        return None
    named = [candidate for target in _targets(instruction) for candidate in find(screen, target)[:1]]
    best = max(named, key=_score, default=None)
    if best is None or best.score < _SURE:
        best = max((*named, *_by_words(screen, instruction)), key=_score, default=None)
    if best is None or best.score < _LEAST:
        best = max(_by_icon(screen, instruction), key=_score, default=None)
    return best if best is not None and best.score >= _LEAST else None


def _score(candidate: Candidate) -> float:
    return candidate.score


def _targets(instruction: str) -> Iterator[Target]:
    """What the grammar takes the instruction to name; and the whole of it as a name."""
    with suppress(NotUnderstood):
        yield from (target for step in read_goal(instruction)[:1] for target in _target_of(step))
    yield read_phrase(instruction)


def _target_of(step: Instruction) -> Sequence[Target]:
    if isinstance(step, Click):
        return (step.target,)
    if isinstance(step, Pick):
        return step.names[:1]
    return (Target(step.name),) if isinstance(step, OpenApp) else ()


def _by_words(screen: Screen, instruction: str) -> Iterator[Candidate]:
    wanted = _words(instruction)
    if not wanted:
        return
    for element in (*screen.elements, *spans(screen, min(len(wanted), _LONGEST))):
        score = _shared(wanted, _words(element.text, all_of_them=True))
        if score:
            # At equal words what can be clicked comes before plain text, and a whole line before a part of one.
            yield Candidate(element, element.box, score * (1.0 if element.kind != "text" else 0.97))


def _shared(wanted: Sequence[str], seen: Sequence[str]) -> float:
    """1 where both have the same words; the share of the letters that they have in common, where most of what is seen was wanted."""
    common = [word for word in seen if any(likeness(word, other) >= _ALIKE for other in wanted)]
    told = sum(map(len, common))
    if not told:
        return 0.0
    precision = told / sum(map(len, seen))
    recall = min(1.0, told / sum(map(len, wanted)))
    return 0.9 * precision * (0.6 + 0.4 * recall) if precision > 0.6 else 0.0


def _by_icon(screen: Screen, instruction: str) -> Iterator[Candidate]:
    """Drawings that look like an icon which is called like one of the words, and like no other more."""
    called = {icon for word in _words(instruction) if (icon := icon_called(word))}
    for element in screen.elements:
        if element.icon and element.icon.name in called and (fit := element.icon.fits(element.icon.name)) > _ICON:
            yield Candidate(element, element.box, _LEAST + fit / 5)


def _words(text: str, all_of_them: bool = False) -> list[str]:
    words = [folded(word) for word in re.findall(r"\w+", text)]
    named = [word for word in words if word not in _IDLE]
    return words if all_of_them or not named else named


def described(element: Element) -> str:
    """What to call it in an answer."""
    return element.text or (element.icon.name if element.icon else "") or element.kind
