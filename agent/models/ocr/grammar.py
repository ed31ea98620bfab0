"""From a goal in plain English to instructions. Knows explicit instructions only; anything else is `NotUnderstood`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from handeye.agent.models.ocr.instructions import Click, Each, Enter, Instruction, Scroll, Source, Target, Way
from handeye.agent.models.ocr.phrases import ordinal_in, read_target, unquote
from handeye.agent.models.ocr.rules import FOR_DESKTOPS, RULES, THAT, Rule
from handeye.agent.models.ocr.words import tidy


class NotUnderstood(Exception):
    """A clause of the goal is no instruction that is known here; the message is that clause."""


_VERBS = (
    "double[- ]?click|right[- ]?click|middle[- ]?click|triple[- ]?click|click|press|tap|hit|push|choose|select|pick|check|tick|uncheck|"
    "untick|unselect|deselect|clear|enter|type|write|input|fill|put|insert|paste|set|open|scroll|drag|move|go to|go back|visit|navigate|"
    "search|submit|log ?in|sign ?in|find|read|wait|switch|expand|collapse|close|focus|copy|mark|highlight|tell|use|save|cancel|continue|"
    "accept|dismiss|decline|confirm|answer|hover|follow|buy|book|reply|forward|send|sort|resize|solve|"
    "go home|return to|turn|toggle|enable|disable|launch|swipe|long[- ]?press"
)
_QUOTED = re.compile(r'"([^"]*)"|(?<![\w])\'([^\']+)\'(?!\w)')
_JOIN = r"(?:[.;!](?=\s|$)|,?\s*\b(?:and then|then|and|after that|next|finally)\b,?|,)"
_SPLIT = re.compile(rf"\s*{_JOIN}\s*(?:please\s+)?(?=(?:{_VERBS})\b(?!\s*,)|go (?:back|home)\b)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[\w⟧)])[.;!?]\s+(?=[A-Z⟦])")
_OPENERS = re.compile(
    r"^(?:please|first|now|then|and|next|finally|you should|i want you to|can you|use the \w+ below to)\b,?\s*", re.IGNORECASE
)
_WAYS: tuple[tuple[str, Way], ...] = (
    (r"(?:switch between|look through|go through) (?:the )?tabs", "tabs"),
    (r"expand (?:all )?(?:the )?sections(?: below)?", "sections"),
    (r"(?:navigate|go|look) through (?:the )?(?:file |folder )?(?:tree|folders|directory)", "tree"),
    (r"(?:go|look|browse) through (?:the )?(?:pages|results)", "pages"),
)
_FOUND = re.compile(r"(?:find|locate|look for) (?P<what>.+)", re.IGNORECASE)
_SUM = re.compile(r"(?:solve|calculate|compute|work out|add up)\b.*", re.IGNORECASE)


class _Reading:
    """What the clauses read so far leave for the next: where to look, beside what, and what "it" is."""

    def __init__(self, quotes: Sequence[str], rules: Sequence[tuple[re.Pattern[str], Rule]]) -> None:
        self._quotes, self._rules = quotes, rules
        self._way: Way = ""
        self._near = ""
        self._that: Source | None = None
        self.instructions: list[Instruction] = []

    def take(self, clause: str) -> None:
        """Read one clause. Raises `NotUnderstood`."""
        for pattern, way in _WAYS:
            if re.fullmatch(pattern, clause, re.IGNORECASE):
                self._way = way
                return
        if found := re.fullmatch(r"for (?:the )?(?:user |row |item |person |entry )?(.+)", clause, re.IGNORECASE):
            self._near = unquote(found[1], self._quotes)
        elif _SUM.fullmatch(clause):
            self._that = Source("sum")
        elif (found := _FOUND.fullmatch(clause)) and not re.match(r"(?:out )?what ", found["what"]):
            self._find(found["what"])
        else:
            for instruction in _instructions(clause, self._quotes, self._rules):
                self._add(instruction)

    def _find(self, what: str) -> None:
        if word := re.fullmatch(r"(?:the )?(.*?)\s*word (?:in|of) (?:the )?(.+)", what, re.IGNORECASE):
            place = read_target(word[2])
            self._that = Source("word", ordinal=ordinal_in(word[1]), place=place)
            if self._that.ordinal < 0 and place.kind == "area":
                self.instructions.append(Scroll("down", place, to_end=True))
            return
        if re.search(r"contact book|phone book|address book|pages|directory", what):
            self._way = "pages"
        what = re.sub(r"\s+in the [\w ]+$", "", what)
        named = re.search(r"\b(?:by|from|of|named|called|with|for)\s+(.+)$", what, re.IGNORECASE)
        self._near = unquote(named[1] if named else what, self._quotes)

    def _add(self, instruction: Instruction) -> None:
        if isinstance(instruction, Click | Each):
            target = instruction.target
            if target.kind == "item" and target.phrase == THAT:
                target, self._near = Target(self._near), ""
            elif self._near and not target.near and (target.kind or target.text.lower() not in {"submit", "ok"}):
                target = replace(target, near=self._near)
            instruction = replace(instruction, target=target)
            if isinstance(instruction, Click):
                instruction = replace(instruction, way=self._way or instruction.way)
        elif isinstance(instruction, Enter) and instruction.value == THAT:
            if self._that is None:
                raise NotUnderstood("it")
            instruction = replace(instruction, value=self._that)
        self.instructions.append(instruction)


def read_goal(goal: str, desktop: bool = False) -> tuple[Instruction, ...]:
    """The instructions of `goal`, in order. Raises `NotUnderstood` with the first clause that is none.

    `desktop`: on a desktop "press Delete" means the key, "File" a menu, and windows can be closed.
    """
    text, quotes = _take_quotes(tidy(goal))
    text = re.sub(r",?\s+(?:in order )?to find and\s+", ". ", text, flags=re.IGNORECASE)
    reading = _Reading(quotes, (*FOR_DESKTOPS, *RULES) if desktop else RULES)
    for clause in _clauses(text):
        reading.take(clause)
    if not reading.instructions:
        raise NotUnderstood(goal)
    return tuple(reading.instructions)


def read_phrase(what: str) -> Target:
    """The target that a noun phrase outside any sentence names ("the "Save" button")."""
    text, quotes = _take_quotes(tidy(what))
    return read_target(text, quotes)


def _take_quotes(text: str) -> tuple[str, list[str]]:
    quotes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        quotes.append(match[1] if match[1] is not None else match[2])
        return f"⟦{len(quotes) - 1}⟧"

    return _QUOTED.sub(keep, text.replace("⟦", "[").replace("⟧", "]")), quotes


def _clauses(text: str) -> list[str]:
    pieces = [piece for sentence in _SENTENCE.split(text) for piece in _SPLIT.split(sentence)]
    pieces = [_OPENERS.sub("", piece.strip()).strip().rstrip(".,;!? ").strip() for piece in pieces]
    return [piece for piece in pieces if piece and not re.fullmatch(r"find|locate|when done|finish|solve", piece, re.IGNORECASE)]


def _instructions(clause: str, quotes: Sequence[str], rules: Sequence[tuple[re.Pattern[str], Rule]]) -> Sequence[Instruction]:
    clause = re.sub(r"\s+(?:when (?:you are |you're )?(?:done|finished|ready)|when finished|afterwards)$", "", clause, flags=re.IGNORECASE)
    for pattern, rule in rules:
        if (found := pattern.fullmatch(clause)) and (result := rule(found, quotes)):
            return result
    raise NotUnderstood(unquote(clause, quotes))
