"""From a goal in plain English to instructions. Knows explicit instructions only; anything else is `NotUnderstood`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from handeye.agent.models.ocr.instructions import (
    Click,
    Drag,
    Enter,
    Expand,
    Instruction,
    Mark,
    Pick,
    Press,
    Scroll,
    Source,
    Target,
    Tell,
    Value,
    Visit,
    Wait,
    Way,
)
from handeye.agent.models.ocr.phrases import kind_in, quoted_in, read_names, read_target, unquote
from handeye.agent.models.ocr.words import tidy
from handeye.tools.errors import InvalidAction
from handeye.tools.keys import canonical_key


class NotUnderstood(Exception):
    """A clause of the goal is no instruction that is known here; the message is that clause."""


_VERBS = (
    "double[- ]?click|right[- ]?click|middle[- ]?click|triple[- ]?click|click|press|tap|hit|push|choose|select|pick|check|tick|uncheck|untick|"
    "unselect|deselect|clear|enter|type|write|input|fill|put|insert|paste|set|open|scroll|drag|move|go to|go back|visit|navigate|search|submit|"
    "log ?in|sign ?in|find|read|wait|switch|expand|collapse|close|focus|copy|mark|highlight|tell|use|save|cancel|continue|hover|follow|buy|book"
)
_QUOTED = re.compile(r'"([^"]*)"|(?<![\w])\'([^\']+)\'(?!\w)')
_SPLIT = re.compile(
    rf"\s*(?:[.;!](?=\s|$)|,?\s*\b(?:and then|then|and|after that|next|finally)\b,?|,)\s*(?:please\s+)?(?=(?:{_VERBS})\b)", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[\w⟧)])[.;!]\s+(?=[A-Z⟦])")
_FIELD = r"(?:into|in|to|inside|on|at|within)"
_KEYS = {
    "enter",
    "return",
    "tab",
    "escape",
    "esc",
    "backspace",
    "space",
    "pagedown",
    "pageup",
    "home",
    "end",
    "up",
    "down",
    "left",
    "right",
    "delete",
}
_SURE_KEYS = {"enter", "return", "tab", "escape", "esc", "backspace"}

Rule = Callable[[re.Match[str], Sequence[str]], Sequence[Instruction]]


def read_goal(goal: str) -> tuple[Instruction, ...]:
    """The instructions of `goal`, in order. Raises `NotUnderstood` with the first clause that is none."""
    text, quotes = _take_quotes(tidy(goal))
    text = re.sub(r",?\s+(?:in order )?to find and\s+", ". ", text, flags=re.IGNORECASE)
    instructions: list[Instruction] = []
    way: Way = ""
    near = ""
    for clause in _clauses(text):
        if hint := _way(clause):
            way = hint
            continue
        if found := re.fullmatch(r"find (?:the )?(.+?)(?: in the [\w ]+)?", clause, re.IGNORECASE):
            near = _thing_found(found[1], quotes)
            continue
        for instruction in _instructions(clause, quotes):
            if isinstance(instruction, Click):
                target = instruction.target
                where = near if near and not target.near else target.near
                instruction = replace(instruction, way=way or instruction.way, target=replace(target, near=where))
            instructions.append(instruction)
    if not instructions:
        raise NotUnderstood(goal)
    return tuple(instructions)


def _take_quotes(text: str) -> tuple[str, list[str]]:
    quotes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        quotes.append(match[1] if match[1] is not None else match[2])
        return f"⟦{len(quotes) - 1}⟧"

    return _QUOTED.sub(keep, text), quotes


def _clauses(text: str) -> list[str]:
    pieces = [piece for sentence in _SENTENCE.split(text) for piece in _SPLIT.split(sentence)]
    pieces = [
        re.sub(r"^(?:please|first|now|then|and|next|finally|you should|i want you to|can you)\b,?\s*", "", p.strip(), flags=re.IGNORECASE)
        for p in pieces
    ]
    pieces = [piece.strip().rstrip(".,;!? ").strip() for piece in pieces]
    return [piece for piece in pieces if piece and not re.fullmatch(r"(?:find|submit when|when done|finish)", piece, re.IGNORECASE)]


def _way(clause: str) -> Way:
    """Whether `clause` says no more than where to look."""
    if re.match(r"switch between (?:the )?tabs|(?:look|go) through (?:the )?tabs", clause, re.IGNORECASE):
        return "tabs"
    if re.match(r"expand (?:all )?(?:the )?sections(?: below)?$", clause, re.IGNORECASE):
        return "sections"
    if re.match(r"(?:navigate|go|look) through (?:the )?(?:file |folder )?(?:tree|folders|directory)", clause, re.IGNORECASE):
        return "tree"
    if re.match(r"(?:go|look|browse) through (?:the )?(?:pages|results)", clause, re.IGNORECASE):
        return "pages"
    return ""


def _thing_found(text: str, quotes: Sequence[str]) -> str:
    named = re.search(r"\b(?:by|from|of|named|called|with|for)\s+(.+)$", text, re.IGNORECASE)
    return unquote(named[1] if named else text, quotes)


def _instructions(clause: str, quotes: Sequence[str]) -> Sequence[Instruction]:
    clause = re.sub(r"\s+(?:when (?:you are |you're )?(?:done|finished|ready)|when finished|afterwards)$", "", clause, flags=re.IGNORECASE)
    for pattern, rule in _RULES:
        if found := re.fullmatch(pattern, clause, re.IGNORECASE):
            if result := rule(found, quotes):
                return result
    raise NotUnderstood(unquote(clause, quotes))


def _value(text: str, quotes: Sequence[str]) -> Value:
    names = quoted_in(text, quotes)
    if names:
        value = names[0]
        if re.search(r"upper ?case|capital", text, re.IGNORECASE):
            return value.upper()
        return value.lower() if re.search(r"lower ?case", text, re.IGNORECASE) else value
    if found := re.fullmatch(r"(?:the )?value (?:of|for) (?:the )?(.+)", text, re.IGNORECASE):
        return Source("row", found[1])
    if re.fullmatch(
        r"(?:the )?(?:text|word|letters|characters|code)(?: (?:that is )?(?:below|above|shown|displayed|in the (?:image|picture)))?",
        text,
        re.IGNORECASE,
    ):
        return Source("text")
    return re.sub(
        r"^(?:the (?:following )?(?:text|word|number|value|name|date|time|code)|number|value)\s+", "", text.strip(), flags=re.IGNORECASE
    )


def _pairs(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    """`the username "a" and the password "b"`: a field for each."""
    pairs = re.findall(r"(?:the |a |an |your )?([A-Za-z][\w -]*?)\s*(?:as|is|=|:|of)?\s*⟦(\d+)⟧", found[1])
    nouns = {"text", "word", "number", "value", "string", "phrase", "characters", "following", "following text"}
    field = found[2] if found.lastindex and found.lastindex > 1 and found[2] else ""
    every = bool(re.search(r"\b(?:both|all|each|every)\b", field, re.IGNORECASE))
    if not pairs or any(label.strip().lower() in nouns for label, _ in pairs) or (field and not _no_name(field)):
        return ()
    if every and len(pairs) == 1:
        return [Enter(quotes[int(pairs[0][1])], Target(kind="field"), every=True)]
    result: list[Instruction] = [
        Enter(quotes[int(index)], Target(re.sub(r"^and\s+(?:the\s+)?", "", label.strip()), kind="field")) for label, index in pairs
    ]
    return result


def _no_name(field: str) -> bool:
    target = read_target(re.sub(r"\b(?:both|all|each|every|corresponding|correct|respective)\b", "", field, flags=re.IGNORECASE))
    return target.kind in {"field", "area", ""} and target.text.lower() in {"", "form", "login"} and not target.ordinal


def _enter(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    value = _value(found["value"], quotes)
    field = found.groupdict().get("field") or ""
    every = bool(re.search(r"\b(?:both|all|each|every)\b", field, re.IGNORECASE))
    target = read_target(re.sub(r"\b(?:both|all|each|every)\b", "", field), quotes) if field else Target()
    if field and not target.kind and (kind := kind_in(field)):
        target = replace(target, kind=kind)
    return [Enter(value, replace(target, kind=target.kind or "field"), every)] if value else ()


def _search(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    return [Enter(_value(found["value"], quotes), Target("search", kind="field")), Press(("enter",))]


def _keys(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    names = [name for name in re.split(r"\s*\+\s*|-(?=\w)|\s+", unquote(found["keys"], quotes).strip().lower()) if name]
    sure = bool(found["key"]) or (len(names) == 1 and names[0] in _SURE_KEYS) or len(names) > 1
    try:
        return [Press(tuple(canonical_key(name) for name in names))] if sure and names and "⟦" not in found["keys"] else ()
    except InvalidAction:
        return ()


def _click(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    verb = found["verb"].lower()
    button = "right" if "right" in verb else "middle" if "middle" in verb else "left"
    count = 2 if "double" in verb else 3 if "triple" in verb else 1
    text = re.sub(
        r"\s+to\s+(?:\w+\s+)?(?:it|them|mark|delete|open|submit|continue|proceed|the form).*$", "", found["what"], flags=re.IGNORECASE
    )
    if re.search(r",|\band\b", text) and not quoted_in(text, quotes) and re.search(r"boxes|buttons", text):
        return [Click(target, button, count) for target in read_names(text, quotes)]
    return [Click(read_target(text, quotes), button, count)]


def _pick(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    on = not re.match(r"un|de|clear", found["verb"], re.IGNORECASE)
    where = found.groupdict().get("where")
    targets = read_names(found["what"], quotes)
    if where:
        place = read_target(where, quotes)
        return [Pick(targets, on, replace(place, kind=place.kind or "dropdown"))]
    if len(targets) == 1 and targets[0].kind in {"button", "link", "tab", "icon", "shape"}:
        return [Click(targets[0])]
    return [Pick(targets, on)] if targets else ()


def _scroll(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    text = found[1] or ""
    if end := re.search(r"\bto (?:the )?(?:very )?(top|bottom|end|start|beginning)\b", text, re.IGNORECASE):
        up = end[1].lower() in {"top", "start", "beginning"}
        place = re.match(r"(?:the )?(.*?)\s*\bto\b", text, re.IGNORECASE)
        return [Scroll("up" if up else "down", read_target(place[1], quotes) if place and place[1] else None, to_end=True)]
    if way := re.match(r"(up|down|left|right)\b", text, re.IGNORECASE):
        rest = re.sub(r"^(?:to|until)\s+(?:you see\s+)?", "", text[way.end() :].strip(), flags=re.IGNORECASE)
        return [Scroll(way[1].lower(), read_target(rest, quotes) if rest else None)]  # type: ignore[arg-type]
    rest = re.sub(r"^(?:down )?(?:to|until)\s+(?:you see\s+)?", "", text.strip(), flags=re.IGNORECASE)
    return [Scroll("down", read_target(rest, quotes) if rest else None)]


def _drag(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    onto = found["onto"]
    if found["way"]:
        return [Drag(read_target(found["what"], quotes), None, found["way"].lower())]
    return [Drag(read_target(found["what"], quotes), read_target(onto, quotes))]


def _tell(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    return [Tell(Source("row", unquote(found["what"], quotes)))]


def _bare(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    rest = re.sub(r"^(?:the|this|it|your|form|page|changes|dialog)\b.*", "", (found["rest"] or "").strip(), flags=re.IGNORECASE)
    return [Click(Target(found["verb"], found["verb"], "button"))] if not rest else ()


def _copied(found: re.Match[str], quotes: Sequence[str]) -> Sequence[Instruction]:
    place = read_target(found["place"] or "", quotes)
    return [Enter(Source("text", place=replace(place, kind=place.kind or "area")), Target())]


_RULES: tuple[tuple[str, Rule], ...] = (
    (r"(?:go to|visit|open|navigate to|browse to)\s+(?:the (?:page|site|address|url)\s+)?(?P<url>(?:https?|file)://\S+|www\.\S+|[\w.-]+\.(?:com|org|net|io|dev|html?)(?:/\S*)?)", lambda m, q: [Visit(m["url"])]),
    (r"(?:press|hit|use|type)\s+(?:the\s+)?(?:keys?\s+)?(?P<keys>[\w+ -]+?)(?P<key>\s+keys?(?: combination)?)?", _keys),
    (r"wait(?: for)?(?: about)?(?:\s+(\d+(?:\.\d+)?)\s*(?:s|sec|seconds?))?.*", lambda m, q: [Wait(float(m[1] or 1))]),
    (r"(?:enter|type|input|fill in|fill|put|write|use)\s+(.*?⟦\d+⟧)(?:\s+(?:into|in|to|for)\s+(.+))?", _pairs),
    (r"(?:log ?in|sign ?in)\s+(?:with|using|as)\s+(.*⟦\d+⟧)", _pairs),
    (r"use (?:the )?(?P<field>.+?) to (?:enter|type|input|write|search for) (?P<value>.+)", _enter),
    (rf"(?:enter|type|input|put|write|insert|paste) (?P<value>⟦\d+⟧|.+?) {_FIELD} (?P<field>(?!all (?:upper|lower)|upper|lower|capital).+)", _enter),
    (r"(?:enter|type|input|write|set|use|select|choose) (?P<value>[^⟦]*\d.*?) as (?:the |a )?(?P<field>.+)", _enter),
    (r"fill (?:in |out )?(?:the )?(?P<field>.+?) with (?P<value>.+)", _enter),
    (r"set (?:the )?(?P<field>.+?) to (?P<value>.+)", _enter),
    (r"search for (?P<value>.+)", _search),
    (r"copy (?:the )?(?:text|content|contents|words?)(?: (?:from|in|of) (?P<place>.+))?", _copied),
    (r"paste it(?: into .+)?", lambda m, q: [Press(())]),
    (r"(?:enter|type|input|write) (?P<value>.+)", _enter),
    (r"scroll\s*(.*)", _scroll),
    (r"(?:drag|move) (?P<what>.+?)(?: (?:to|onto|into|on|over) (?P<onto>.+)| (?P<way>up|down|left|right|upwards?|downwards?))", _drag),
    (r"(?P<verb>select|choose|pick|set) (?P<what>.+?) (?:from|in|on|using|with) (?:the |a )?(?P<where>.*(?:list|drop ?-?down|select|menu|combo ?box|options).*)", _pick),
    (r"(?:highlight|mark) (?P<what>(?:the )?(?:text|words?|paragraph|⟦).*)", lambda m, q: [Mark(read_target(m["what"], q))]),
    (r"(?P<verb>select|choose|pick|check|tick|uncheck|untick|unselect|deselect) (?P<what>.+)", _pick),
    (r"(?:expand|unfold|open) (?:the )?(?P<what>.*\bsections?\b.*)", lambda m, q: [Expand(read_target(m["what"], q))]),
    (r"(?:focus|place the cursor|put the cursor)(?: (?:into|in|on))? (?P<what>.+)", lambda m, q: [Click(replace(t, kind=t.kind or "field") if (t := read_target(m["what"], q)) else t)]),
    (r"(?:close|dismiss) .*(?:by clicking|with) (?:the )?(?P<what>.+)", lambda m, q: [Click(read_target(m["what"], q))]),
    (r"for (?:the )?(?:user |row |item )?(?P<near>.+?), (?:click|press|tap)(?: on)? (?P<what>.+)", lambda m, q: [Click(replace(read_target(m["what"], q), near=unquote(m["near"], q)))]),
    (r"(?:read|tell me|what is|find out)(?: me)? (?:the )?(?:text |value |what is )?(?:after|of|next to|beside|written after)?\s*(?P<what>.+)", _tell),
    (r"(?P<verb>(?:double|right|middle|triple)[- ]?click|click|press|tap|hit|push|open|follow|switch to|go to)(?:\s+(?:on|to))?\s+(?P<what>.+)", _click),
    (r"(?P<verb>submit|log ?in|sign ?in|save|cancel|continue|close)(?P<rest>\s.*)?", _bare),
)  # fmt: skip


def read_phrase(what: str) -> Target:
    """The target that a noun phrase outside any sentence names ("the "Save" button")."""
    text, quotes = _take_quotes(tidy(what))
    return read_target(text, quotes)
