"""Where something stands in a TOML file: `tomllib` gives values without their lines."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

_TOKENS = re.compile(
    r""""{3}(?:\\.|[^\\])*?"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*|[\[\]{}\n]""",
    re.DOTALL,
)
"""What can hold a line end that ends no statement, or hide a bracket: texts, comments, brackets."""


class Lines:
    """The lines of one file."""

    def __init__(self, text: str) -> None:
        """`text` is TOML that `tomllib` has read."""
        self._lines = text.split("\n")
        self._begins = _beginnings(text)
        self._tables = [number for number in self._begins if re.match(r"\s*\[", self._lines[number])]
        self._heads: dict[str, list[int]] = {}

    def of(self, table: tuple[str, int] | tuple[()], field: str = "") -> int:
        """The line, from 1, of `field` in the `table[1]`-th table called `table[0]`; () is the top of the file. The line of the table where
        its field is not written as a line of its own; 1 where there is neither."""
        start, end = 0, len(self._lines)
        if table:
            heads = self._heads_of(table[0])
            if table[1] >= len(heads):
                return self.of((), table[0])
            start = heads[table[1]]
            after = bisect_right(self._tables, start)
            end = self._tables[after] if after < len(self._tables) else end
            if not field:
                return start + 1
        own = re.compile(rf"\s*(?:\[{{1,2}}\s*)?[\"']?{re.escape(field)}[\"']?\s*[=.\]]")
        inside = self._begins[bisect_left(self._begins, start) : bisect_left(self._begins, end)]
        return next((number for number in inside if own.match(self._lines[number])), start) + 1

    def _heads_of(self, name: str) -> list[int]:
        if name not in self._heads:
            header = re.compile(rf"\s*\[{{1,2}}\s*[\"']?{re.escape(name)}[\"']?\s*\]")
            self._heads[name] = [number for number in self._tables if header.match(self._lines[number])]
        return self._heads[name]


def _beginnings(text: str) -> list[int]:
    """Numbers, from 0, of the lines in which a statement begins, and not the rest of a text or a list over several lines."""
    found, line, depth = [0], 0, 0
    for token in _TOKENS.finditer(text):
        line += token.group().count("\n")
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token.group(), 0)
        if token.group() == "\n" and not depth:
            found.append(line)
    return found
