"""Noun phrases of instructions: "the 2nd check box", "the "OK" button in the dialog", "a red circle"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handeye.agent.models.ocr.instructions import Target
from handeye.agent.models.ocr.shapes import is_color

_NOUNS = {
    "button": "button|btn",
    "link": "hyperlink|link",
    "tab": "tab",
    "checkbox": r"check ?boxe?|tick ?box",
    "radio": r"radio button|radio option|radio",
    "option": "option|choice|answer",
    "area": r"text ?area|multi-?line field|text area",
    "field": r"(?:text |input |search |entry )*(?:field|text ?box|input(?: box)?|(?:search|edit) ?box|search ?bar|textfield|entry)",
    "dropdown": r"drop-?\s?down(?: list| menu| box)?|select(?: box| list)|combo ?box|(?:scroll )?list(?: ?box)?|picker|menu list",
    "icon": "icon|symbol",
    "dialog": r"dialog(?: box)?|pop-?up|modal",
    "slider": "slider",
    "menu": "menu",
    "letter": "letter|character",
    "digit": "digit",
    "shape": r"shape|figure",
    "text": "text|word|paragraph|label|heading|title|line",
    "item": "search result|item|entry|row|element|result|card|section|folder|file|post|email|message|number",
    "box": "box|square|rectangle|area",
}
_NOUN = {kind: re.compile(rf"\b(?:{pattern})(?:e?s)?\b", re.IGNORECASE) for kind, pattern in _NOUNS.items()}
_SHAPES = re.compile(r"\b(circle|triangle|square|rectangle)s?\b", re.IGNORECASE)
_ORDINALS = {
    word: number
    for number, words in enumerate(("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"), 1)
    for word in (words,)
} | {"last": -1, "final": -1, "bottom": -1, "top": 1}
_ORDINAL = re.compile(rf"\b(?:(\d+)(?:st|nd|rd|th)|({'|'.join(_ORDINALS)}))\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:(?:on|at|the|a|an|any|this|that|your|its|their|in|into|following|of)\s+)+", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(?:labell?ed|named|called|titled|entitled|that says|which says|saying|with (?:the )?(?:text|label|name|title))\b:?", re.IGNORECASE
)
_NEAR = re.compile(
    r"\b(?:next to|beside|near|for|of|by|from|in the row (?:of|with)|to the (?:left|right) of|belonging to)\s+(.+)$", re.IGNORECASE
)
_PLACE = re.compile(
    r"\s+(?:below|above|on the (?:page|screen|left|right)|at the (?:top|bottom)|"
    r"in the (?:dialog(?: box)?|page|form|popup|window|menu|list|text))\b",
    re.IGNORECASE,
)
_MARK = re.compile(r"⟦(\d+)⟧")


def unquote(text: str, quotes: Sequence[str]) -> str:
    """Put the quoted strings, which the grammar took out, back in."""
    return _MARK.sub(lambda match: quotes[int(match[1])], text).strip()


def quoted_in(text: str, quotes: Sequence[str]) -> list[str]:
    """The quoted strings of `text`, in order."""
    return [quotes[int(index)] for index in _MARK.findall(text)]


def ordinal_in(text: str) -> int:
    """1 for "first" or "1st", -1 for "last", 0 if `text` has no ordinal."""
    found = _ORDINAL.search(text)
    if not found:
        return 0
    return int(found[1]) if found[1] else _ORDINALS[found[2].lower()]


def kind_in(text: str) -> str:
    """The kind of thing that `text` names last; empty if none."""
    found = [(match.end(), match.end() - match.start(), kind) for kind, noun in _NOUN.items() for match in noun.finditer(text)]
    return max(found)[2] if found else ""


def read_target(text: str, quotes: Sequence[str] = ()) -> Target:
    """The thing that a noun phrase names; quoted parts stand in it as numbered marks."""
    text = text.strip(" .,;:!")
    phrase = unquote(_ARTICLE.sub("", text), quotes)
    near = ""
    names = quoted_in(text, quotes)
    if (found := _NEAR.search(text)) and kind_in(text[: found.start()]):
        near = unquote(_ARTICLE.sub("", found[1]), quotes)
        text = text[: found.start()]
        names = quoted_in(text, quotes)
    text = _PLACE.sub("", text)
    ordinal = ordinal_in(_MARK.sub("", text))
    bare = _ORDINAL.sub("", text) if ordinal else text
    bare = re.sub(r"^(?:on |the )*(?:exact )?(?:center|centre|middle) of ", "", bare, flags=re.IGNORECASE)
    color = next((word for word in re.findall(r"[a-z]+", bare.lower()) if is_color(word)), "")
    shape = found[1].lower() if (found := _SHAPES.search(bare)) else ""
    if _NAMED.search(bare):
        head, _, tail = re.sub(_NAMED, "\x00", bare, count=1).partition("\x00")
        return Target(unquote(tail, quotes).strip(), phrase, _kind(head), ordinal, near=near)
    kind = _kind(_MARK.sub("", bare))
    if names and re.search(r"\b(?:widget|control)\b", bare) and (asked := kind_in(names[0])):
        return Target(kind="field" if asked == "text" else asked, ordinal=ordinal)
    if names:
        return Target(names[0], phrase, kind, ordinal, near=near)
    words = _without_noun(_ARTICLE.sub("", bare), kind)
    if (color and kind) or shape:
        rest = re.sub(
            rf"\b(?:{color or shape}|{shape or color}|colou?red|colou?r|box|area|item|button|letter|digit)s?\b", "", words
        ).strip()
        if not rest or kind in {"shape", "box"}:
            kind = kind if kind in {"button", "letter", "digit"} else "shape"
            return Target("", phrase, kind, ordinal, color, shape, near)
    return Target(words, phrase, kind, ordinal, near=near)


def _kind(text: str) -> str:
    kind = kind_in(text)
    return {"box": "shape"}.get(kind, kind)


def _without_noun(words: str, kind: str) -> str:
    if not kind:
        return words.strip()
    noun = _NOUN["box" if kind == "shape" and not _NOUN["shape"].search(words) else kind]
    return re.sub(r"\s+", " ", noun.sub("", words)).strip(" .,")


def read_names(text: str, quotes: Sequence[str]) -> tuple[Target, ...]:
    """Several things, separated by commas and "and"."""
    kind = kind_in(_MARK.sub("", text))
    parts = [part for part in re.split(r"\s*,\s*(?:and\s+|or\s+)?|\s+and\s+|\s*&\s*", text) if part.strip()]
    targets = tuple(read_target(part, quotes) for part in parts)
    if len(targets) > 1 and kind:
        targets = tuple(target if target.kind else Target(target.text, target.phrase, kind, target.ordinal) for target in targets)
    return targets
