"""The forms of one clause: a pattern each, and the instructions that it stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from handeye.agent.models.ocr.desktop_rules import DESKTOP_RULES
from handeye.agent.models.ocr.instructions import (
    AnswerDialog,
    Click,
    Complete,
    Copy,
    Drag,
    Each,
    Enter,
    Expand,
    Instruction,
    Judge,
    Mark,
    Paste,
    Pick,
    Press,
    Resize,
    Scroll,
    Slide,
    Sort,
    Source,
    Target,
    Tell,
    Value,
    Visit,
    Wait,
)
from handeye.agent.models.ocr.phone_rules import PHONE_RULES
from handeye.agent.models.ocr.phrases import kind_in, quoted_in, read_names, read_target, unquote
from handeye.agent.models.ocr.shapes import color_code
from handeye.tools.errors import InvalidAction
from handeye.tools.keys import canonical_key

Found: TypeAlias = re.Match[str]
Quotes: TypeAlias = Sequence[str]
Rule: TypeAlias = Callable[[Found, Quotes], Sequence[Instruction]]

THAT = "it"
"""What an earlier clause found."""
_THAT = re.compile(
    r"it|that|this|them|the (?:word|answer|result|solution)|(?:your|the) (?:answer|result|solution)|that word", re.IGNORECASE
)
_SURE_KEYS = {"enter", "return", "tab", "escape", "esc", "backspace"}
_EVERY = re.compile(r"\b(?:both|all|each|every)\b(?: of)?", re.IGNORECASE)
_LEAST = r"cheapest|lowest|least|smallest|shortest|fewest|minimum|least expensive|earliest|smaller"
_MOST = r"most expensive|highest|greatest|largest|longest|biggest|maximum|most|latest|larger|bigger"


def _value(text: str, quotes: Quotes) -> Value:
    names = quoted_in(text, quotes)
    if names:
        value = names[0]
        if re.search(r"upper ?case|capital", text, re.IGNORECASE):
            return value.upper()
        return value.lower() if re.search(r"lower ?case", text, re.IGNORECASE) else value
    if _THAT.fullmatch(text.strip()):
        return THAT
    if found := re.fullmatch(r"(?:the )?value (?:of|for) (?:the )?(.+)", text, re.IGNORECASE):
        return Source("row", found[1])
    if found := re.fullmatch(r"(?:the )?(?:total )?number of (.+)", text, re.IGNORECASE):
        return Source("count", found[1])
    shown = r"(?:the )?(?:text|word|letters|characters|code)(?: (?:that is )?(?:below|above|shown|displayed|in the (?:image|picture)))?"
    if re.fullmatch(shown, text, re.IGNORECASE):
        return Source("text")
    return re.sub(
        r"^(?:the (?:following )?(?:text|word|number|value|name|date|time|code)|number|value)\s+", "", text.strip(), flags=re.IGNORECASE
    )


def _pairs(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    """`the username "a" and the password "b"`: a field for each."""
    pairs = re.findall(r"(?:the |a |an |your )?([A-Za-z][\w -]*?)\s*(?:as|is|=|:|of)?\s*⟦(\d+)⟧", found[1])
    nouns = {"text", "word", "number", "value", "string", "phrase", "characters", "following", "following text"}
    field = found[2] if found.re.groups > 1 and found[2] else ""
    if not pairs or any(_label(label).lower() in nouns for label, _ in pairs) or (field and not _no_name(field)):
        return ()
    if re.search(r"\bthat\b|starts|ends", found[1]):
        return ()
    if _EVERY.search(field) and len(pairs) == 1:
        return [Enter(quotes[int(pairs[0][1])], Target(kind="field"), every=True)]
    return [Enter(quotes[int(index)], Target(_label(label), kind="field")) for label, index in pairs]


def _label(text: str) -> str:
    return re.sub(r"^(?:and\s+)?(?:the\s+)?", "", text.strip())


def _no_name(field: str) -> bool:
    target = read_target(re.sub(r"\b(?:both|all|each|every|corresponding|correct|respective)\b", "", field, flags=re.IGNORECASE))
    return target.kind in {"field", "area", ""} and target.text.lower() in {"", "form", "login"} and not target.ordinal


def _enter(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    value = _value(found["value"], quotes)
    field = found.groupdict().get("field") or ""
    if re.search(r"\b(?:slider|spinner)s?\b", field):
        return ()
    every = bool(_EVERY.search(field))
    target = read_target(_EVERY.sub("", field), quotes) if field else Target()
    if field and not target.kind and (kind := kind_in(field)):
        target = replace(target, kind=kind)
    return [Enter(value, replace(target, kind=target.kind or "field"), every)] if value else ()


def _each_label(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    return [Enter(Source("row"), Target(kind="field"), every=True)]


def _search(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    return [Enter(_value(found["value"], quotes), Target("search", kind="field")), Press(("enter",))]


def _complete(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    names = quoted_in(found[0], quotes)
    return [Complete(names[0], names[1] if len(names) > 1 else "")] if names else ()


def _keys(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    names = [name for name in re.split(r"\s*\+\s*|-(?=\w)|\s+", unquote(found["keys"], quotes).strip().lower()) if name]
    sure = bool(found["key"]) or (len(names) == 1 and names[0] in _SURE_KEYS) or len(names) > 1
    try:
        return [Press(tuple(canonical_key(name) for name in names))] if sure and names and "⟦" not in found["keys"] else ()
    except InvalidAction:
        return ()


def _click(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    verb = found["verb"].lower()
    button: Literal["left", "right", "middle"] = "right" if "right" in verb else "middle" if "middle" in verb else "left"
    count = 2 if "double" in verb else 3 if "triple" in verb else 1
    text = re.sub(
        r"\s+to\s+(?:\w+\s+)?(?:it|them|mark|delete|open|submit|continue|proceed|the form).*$", "", found["what"], flags=re.IGNORECASE
    )
    if several := re.fullmatch(r"(.+?) (?:on|for|of) (?:(all|every|each)(?: the)?|(\d+)(?! ?(?:st|nd|rd|th))) (.+)", text, re.IGNORECASE):
        near = re.sub(r"^.*?\b(?:by|from|of|for)\s+", "", several[4])
        return [Each(replace(read_target(several[1], quotes), near=unquote(near, quotes)), most=int(several[3] or 0))]
    if ordered := re.fullmatch(r"(.+?) in (?:(ascending|increasing)|(descending|decreasing)) order", text, re.IGNORECASE):
        return [Each(Target(kind="item", phrase=ordered[1]), "ascending" if ordered[2] else "descending")]
    if re.search(r",|\band\b", text) and not quoted_in(text, quotes) and re.search(r"boxes|buttons", text):
        return [Click(target, button, count) for target in read_names(text, quotes)]
    if labels := re.fullmatch(r"(?:their|the|his|her|its) (email|phone|address|name|number)", text, re.IGNORECASE):
        return [Click(Target(labels[1], labels[1], "value"))]
    return [Click(read_target(text, quotes), button, count, opens=verb == "open")]


def _pick(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    on = not re.match(r"un|de|clear", found["verb"], re.IGNORECASE)
    where = found.groupdict().get("where")
    what = found["what"]
    if shades := re.fullmatch(r"(?:all )?(?:the |of the )*shades of (\w+)", what, re.IGNORECASE):
        return [Each(Target(kind="shape", color=shades[1].lower()), shades=True)]
    if " > " in what or re.search(r"\w>\w", what):
        return [Click(Target(part.strip(), part.strip())) for part in what.split(">")]
    if what.lower() in {"nothing", "none", "none of them"}:
        return [Wait(0.1)]
    targets = read_names(what, quotes)
    if where:
        place = read_target(where, quotes)
        return [Pick(targets, on, replace(place, kind=place.kind or "dropdown"))]
    if len(targets) == 1 and targets[0].kind in {"button", "link", "tab", "icon", "shape"}:
        return [Click(targets[0])]
    return [Pick(targets, on)] if targets else ()


def _with_control(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    """A number with a slider or a spinner, a colour with a colour picker."""
    value, control = unquote(found["value"], quotes), found["control"].lower()
    numbers = tuple(int(number) for number in re.findall(r"-?\d+", value))
    if "color" in control or "colour" in control:
        code = color_code(value.lower())
        return [Enter(code, Target(kind="button"))] if code else ()
    if not numbers:
        return ()
    return [Slide(numbers)] if "slider" in control else [Enter(str(numbers[0]), Target(kind="field"))]


def _extreme(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    word = found["extreme"].lower()
    least = re.fullmatch(_LEAST, word) is not None
    text = f"{word} {found['measure'] or ''}".lower()
    if re.search(r"cheap|expensive|price|cost", text):
        measure = "price"
    else:
        measure = "duration" if re.search(r"short|long|duration|time", text) else (found["measure"] or "").strip()
    return [
        Click(
            Target(kind="button", phrase=f"{word} {found['measure'] or ''}".strip(), extreme="least" if least else "most", measure=measure)
        )
    ]


def _scroll(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    text = found[1] or ""
    if end := re.search(r"\bto (?:the )?(?:very )?(top|bottom|end|start|beginning)\b(?: of (?:the )?(.*))?", text, re.IGNORECASE):
        up = end[1].lower() in {"top", "start", "beginning"}
        place = text[: end.start()].strip() or (end[2] or "").strip()
        submit = [Click(Target("submit", "submit"))] if re.search(r"\b(?:hit|press|click) submit\b", end[2] or "", re.IGNORECASE) else []
        place = re.sub(r"\b(?:hit|press|click) submit\b.*", "", place, flags=re.IGNORECASE)
        target = read_target(place, quotes) if place else None
        return [
            Scroll("up" if up else "down", target if target and target.kind in {"area", "field", "dropdown"} else None, to_end=True),
            *submit,
        ]
    way = re.match(r"(up|down|left|right)\b", text, re.IGNORECASE)
    rest = re.sub(r"^(?:down )?(?:to|until)\s+(?:you see\s+)?", "", text[way.end() if way else 0 :].strip(), flags=re.IGNORECASE)
    direction = way[1].lower() if way else "down"
    return [Scroll(direction, read_target(rest, quotes) if rest else None)]  # type: ignore[arg-type]


def _drag(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    every = bool(_EVERY.match(found["what"]))
    what = _sized(_EVERY.sub("", found["what"]), quotes)
    if found["way"]:
        return [Drag(what, None, re.sub(r"wards?$", "", found["way"].lower()))]
    onto = found["onto"]
    middle = "center|centre|middle"
    spot = rf"(?:top|bottom|upper|lower|{middle})?[ -]?(?:left|right|top|bottom|{middle})?|\d+(?:st|nd|rd|th)"
    place = rf"(?:the )?({spot}) ?(?:position|place|corner|of the list|row)?"
    if there := re.fullmatch(place, onto, re.IGNORECASE):
        return [Drag(what, None, f"to {there[1].lower()}")]
    return [Drag(what, _sized(onto, quotes), every=every)]


def _sized(text: str, quotes: Quotes) -> Target:
    """A target that may be told by its size ("the smaller box")."""
    target = read_target(text, quotes)
    if size := re.search(rf"\b(?:({_LEAST})|({_MOST}))\b", text, re.IGNORECASE):
        return replace(target, text="", kind="shape", shape="", extreme="least" if size[1] else "most", measure="size")
    return target


def _drag_inside(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    return [Drag(_sized(found["what"], quotes), _sized(found["onto"], quotes))]


def _bare(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    rest = re.sub(r"^(?:the|this|it|your|form|page|changes|dialog)\b.*", "", (found["rest"] or "").strip(), flags=re.IGNORECASE)
    return [Click(Target(found["verb"], found["verb"], "button"))] if not rest else ()


def _reply(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    who = found.groupdict().get("who") or ""
    named = who and who.lower() not in {"them", "it", "him", "her", "the email", "that email", "the message"}
    opened = Click(Target(unquote(who, quotes)) if named else Target(kind="item", phrase=THAT))
    return [
        opened,
        Click(Target("reply", "reply", "icon")),
        Enter(quotes[int(found["text"])], Target(kind="area")),
        Click(Target("send", "send", "icon")),
    ]


def _forward(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    who = found.groupdict().get("who")
    opened = Click(Target(unquote(who, quotes)) if who else Target(kind="item", phrase=THAT))
    to = Enter(unquote(found["to"], quotes), Target("to", kind="field"))
    return [opened, Click(Target("forward", "forward", "icon")), to, Click(Target("send", "send", "icon"))]


def _resize(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    sign = -1 if found["how"].lower() in {"smaller", "shorter", "narrower", "less"} else 1
    return [Resize(sign, 0) if found["side"].lower() == "width" else Resize(0, sign)]


def _judge_count(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    return [Judge("count", read_target(found["what"], quotes))]


def _focus(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    target = read_target(found["what"], quotes)
    return [Click(replace(target, kind=target.kind or "field"))]


def _dialog(found: Found, quotes: Quotes) -> Sequence[Instruction]:
    text = found.groupdict().get("text")
    accept = not re.match(r"dis|dec|rej", found["verb"], re.IGNORECASE)
    return [AnswerDialog(accept, unquote(text, quotes) if text and accept else None)]


_DIALOG = (
    r"(?:the |any |its )?(?:java ?script |browser |confirm(?:ation)? |alert |prompt |resulting |pop-?up )*"
    r"(?:dialog(?:ue)?(?: box)?|alert|prompt|confirmation|pop-?up|message box)(?: that (?:appears|opens|follows|pops up|comes up))?"
)
_NAME = r"[\w@.-]+"
_FIELD = r"(?:into|in|to|inside|on|at|within)"
_CONTROL = r"(?:slider|spinner|colou?r ?(?:picker|wheel))s?"
_TEXTS: tuple[tuple[str, Rule], ...] = (
    (
        r"(?:go to|visit|open|navigate to|browse to)\s+(?:the (?:page|site|address|url)\s+)?(?P<url>(?:https?|file)://\S+|www\.\S+|[\w.-]+\.(?:com|org|net|io|dev|html?)(?:/\S*)?)",
        lambda m, q: [Visit(m["url"])],
    ),
    (rf"(?P<verb>accept|confirm|dismiss|decline|reject) {_DIALOG}", _dialog),
    (rf"(?P<verb>answer|accept|confirm) {_DIALOG} with (?P<text>.+)", _dialog),
    (rf"(?:enter|type) (?P<text>⟦\d+⟧) (?:into|in) {_DIALOG} and (?P<verb>accept|confirm)(?: it)?", _dialog),
    (r"(?:press|hit|use|type)\s+(?:the\s+)?(?:keys?\s+)?(?P<keys>[\w+ -]+?)(?P<key>\s+keys?(?: combination)?)?", _keys),
    (
        r"copy (?:the )?(?:text|content|contents|words?)(?: (?:from|in|of) (?P<place>.+))?",
        lambda m, q: [Copy(read_target(m["place"] or "text area", q))],
    ),
    (r"paste it(?: (?:into|in) (?P<field>.+))?", lambda m, q: [Paste(read_target(m["field"] or "field", q))]),
    (r"wait(?: for)?(?: about)?(?:\s+(\d+(?:\.\d+)?)\s*(?:s|sec|seconds?))?.*", lambda m, q: [Wait(float(m[1] or 1))]),
    (
        r"(?:enter|type|choose|select) (?:an? |the )?(?:item|entry|option|value|word|name).*? that (?:starts|begins) with "
        r"⟦\d+⟧(?:.*ends with ⟦\d+⟧)?",
        _complete,
    ),
    (r"(?:enter|type|input|fill in|fill|put|write)\s+(.*?⟦\d+⟧)(?:\s+(?:into|in|to|for)\s+(.+))?", _pairs),
    (r"(?:log ?in|sign ?in)\s+(?:with|using|as)\s+(.*⟦\d+⟧)", _pairs),
    (r"(?:select|set|choose|pick) (?:the )?(?P<value>.+?) (?:with|using|on) the (?P<control>" + _CONTROL + ")", _with_control),
    (r"set the (?P<control>" + _CONTROL + r") to (?:the )?(?:combination |value |values )?(?P<value>.+)", _with_control),
    (r"(?:enter|type) the values? that corresponds? (?:with|to) each label(?: .*)?", _each_label),
    (r"use (?:the )?(?P<field>.+?) to (?:enter|type|input|write|search for) (?P<value>.+)", _enter),
    (
        rf"(?:enter|type|input|put|write|insert|paste) (?P<value>⟦\d+⟧|.+?) {_FIELD} "
        r"(?P<field>(?!all (?:upper|lower)|upper|lower|capital).+)",
        _enter,
    ),
    (r"(?:enter|type|input|write|set|use|select|choose) (?P<value>[^⟦]*\d.*?) as (?:the |a )?(?P<field>.+)", _enter),
    (r"fill (?:in |out )?(?:the )?(?P<field>.+?) with (?P<value>.+)", _enter),
    (r"set (?:the )?(?P<field>.+?) to (?P<value>.+)", _enter),
    (r"search for (?P<value>.+)", _search),
    (rf"reply to (?:the )?(?P<who>{_NAME})(?:'s (?:email|message))? with (?:the )?(?:text |message )?⟦(?P<text>\d+)⟧", _reply),
    (rf"(?:forward|send) (?:that|the|this|it)(?: email| message)? (?:from (?P<who>{_NAME}) )?to (?P<to>{_NAME})", _forward),
    (
        rf"(?:send|give|forward)(?: to)? (?P<to>{_NAME}) (?:the )?"
        rf"(?:(?:email|message)s? (?:that )?(?:you )?(?:received|got)? ?from )(?P<who>{_NAME})",
        _forward,
    ),
    (rf"(?:send|give|forward) (?P<to>{_NAME}) (?:the )?(?P<who>[\w-]+)'s (?:email|message)", _forward),
    (rf"(?:send|forward) (?:the )?(?P<who>[\w-]+)'s (?:email|message) to (?P<to>{_NAME})", _forward),
    (r"(?:enter|type|input|write) (?P<value>.+)", _enter),
    (r"scroll\s*(.*)", _scroll),
    (
        r"(?:drag|move) (?P<what>.+?) so that (?:it|they) (?:is|are) (?:completely |fully )?(?:inside|in|on|over|within) (?P<onto>.+)",
        _drag_inside,
    ),
    (
        r"(?:drag|move) (?P<what>.+?)(?: (?:to|onto|into|on|over) (?P<onto>.+)|"
        r" (?P<way>up|down|left|right|upwards?|downwards?)(?: by .*)?)",
        _drag,
    ),
    (r"sort (?:the )?(?:numbers|items|list|rows)(?: below)? in (?:increasing|ascending) order(?:,.*)?", lambda m, q: [Sort()]),
    (r"sort (?:the )?(?:numbers|items|list|rows)(?: below)? in (?:decreasing|descending) order(?:,.*)?", lambda m, q: [Sort(True)]),
    (r"resize (?:the )?.+? so that the (?P<side>width|height) is (?P<how>\w+).*", _resize),
    (
        r"(?P<verb>select|choose|pick|set) (?P<what>.+?) (?:from|in|on|using|with) "
        r"(?:the |a )?(?P<where>.*(?:list|drop ?-?down|select|menu|combo ?box|options).*)",
        _pick,
    ),
    (r"(?:highlight|mark) (?P<what>(?:the )?(?:text|words?|paragraph|⟦).*)", lambda m, q: [Mark(read_target(m["what"], q))]),
    (r"how many (?P<what>.+?) (?:are there|are shown|do you see|can you see)", _judge_count),
    (
        r"(?:press|click|choose|select)(?: on)? the button that (?:correctly |best )?(?:denotes|shows|says|describes) how many sides .*",
        lambda m, q: [Judge("sides")],
    ),
    (
        r"(?:press|click|choose|select)(?: on)? the button that (?:correctly |best )?"
        r"(?:denotes|names|describes) the (?:figure|shape|item|picture).*",
        lambda m, q: [Judge("shape")],
    ),
    (rf"(?:buy|book|choose|select|click|pick)(?: on)? the (?P<extreme>{_MOST}|{_LEAST}) (?P<measure>\w+)", _extreme),
    (rf"(?:buy|book|choose|select|click|pick)(?: on)? the \w+ with the (?P<extreme>{_MOST}|{_LEAST}) ?(?P<measure>\w+)?", _extreme),
    (r"(?P<verb>select|choose|pick|check|tick|uncheck|untick|unselect|deselect) (?P<what>.+)", _pick),
    (r"(?:expand|unfold|open) (?:the )?(?P<what>.*\b(?:sections?|pie menu|menu)\b.*)", lambda m, q: [Expand(read_target(m["what"], q))]),
    (r"(?:focus|place the cursor|put the cursor)(?: (?:into|in|on))? (?P<what>.+)", _focus),
    (r"(?:close|dismiss) .*(?:by clicking|with) (?:the )?(?P<what>.+)", lambda m, q: [Click(read_target(m["what"], q))]),
    (
        r"(?:read|tell me|what is|find out)(?: me)? (?:the )?"
        r"(?:text |value |what is )?(?:after|of|next to|beside|written after)?\s*(?P<what>.+)",
        lambda m, q: [Tell(Source("row", unquote(m["what"], q)))],
    ),
    (
        r"(?P<verb>(?:double|right|middle|triple)[- ]?click|click|press|tap|hit|push|open|follow|switch to|go to)"
        r"(?:\s+(?:on|to))?\s+(?P<what>.+)",
        _click,
    ),
    (r"(?P<verb>submit|log ?in|sign ?in|save|cancel|continue|close)(?P<rest>\s.*)?", _bare),
)
RULES: tuple[tuple[re.Pattern[str], Rule], ...] = tuple((re.compile(text, re.IGNORECASE), rule) for text, rule in (*PHONE_RULES, *_TEXTS))
"""Every form with its rule; the first that matches and gives something is taken."""
FOR_DESKTOPS: tuple[tuple[re.Pattern[str], Rule], ...] = tuple((re.compile(text, re.IGNORECASE), rule) for text, rule in DESKTOP_RULES)
"""Forms of desktops, which come before all others there."""
