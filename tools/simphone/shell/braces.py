"""`a{b,c}d`: words that stand for several words."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias

from handeye.tools.simphone.shell.syntax import Literal, Part, SyntaxFault, Word

Item: TypeAlias = str | Part
"""A bare character, or a part that is quoted or will be expanded."""
MOST_WORDS = 1000
LONGEST = 4096
"""A word of more characters is left as it is."""


def braced(word: Word) -> list[Word]:
    """The words that a word stands for; itself where no brace with a comma is in it. Raises `SyntaxFault` when they are too many."""
    if not any(isinstance(part, Literal) and not part.quoted and "{" in part.text for part in word.parts):
        return [word]
    items: list[Item] = []
    for part in word.parts:
        items += part.text if isinstance(part, Literal) and not part.quoted else [part]
    if len(items) > LONGEST:
        return [word]
    found = _expanded(items)
    return [Word(_joined(each)) for each in found]


def _expanded(items: list[Item]) -> list[list[Item]]:
    for start, item in enumerate(items):
        if item != "{":
            continue
        cuts = _cuts(items, start)
        if cuts:
            pieces = [items[left + 1 : right] for left, right in pairwise(cuts)]
            rests = _expanded(items[cuts[-1] + 1 :])
            found = [items[:start] + inner + rest for piece in pieces for inner in _expanded(piece) for rest in rests]
            if len(found) > MOST_WORDS:
                raise SyntaxFault("too many words in braces")
            return found
    return [items]


def _cuts(items: list[Item], start: int) -> list[int]:
    """Where a brace opens, has its commas and closes; nothing when it has no comma or no end."""
    depth = 0
    cuts = [start]
    for at in range(start + 1, len(items)):
        item = items[at]
        if item == "{":
            depth += 1
        elif item == "}" and depth:
            depth -= 1
        elif item == "}":
            return [*cuts, at] if len(cuts) > 1 else []
        elif item == "," and not depth:
            cuts.append(at)
    return []


def _joined(items: list[Item]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for item in items:
        last = parts[-1] if parts else None
        if not isinstance(item, str):
            parts.append(item)
        elif isinstance(last, Literal) and not last.quoted:
            parts[-1] = Literal(last.text + item)
        else:
            parts.append(Literal(item))
    return tuple(parts)
