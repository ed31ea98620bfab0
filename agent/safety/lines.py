"""Where something stands in a TOML file: `tomllib` gives values without their lines."""

from __future__ import annotations

import re
import tomllib


def line_of(text: str, table: tuple[str, int] | tuple[()], field: str = "") -> int:
    """The line, from 1, of `field` in the `table[1]`-th table called `table[0]`; () is the top of the file. The line of the table where
    its field is not written as a line of its own; 1 where there is neither."""
    lines = text.split("\n")
    start, end = 0, len(lines)
    if table:
        header = re.compile(rf"\s*\[{{1,2}}\s*[\"']?{re.escape(table[0])}[\"']?\s*\]")
        heads = [number for number, line in enumerate(lines) if header.match(line) and _begins_statement(lines, number)]
        if table[1] >= len(heads):
            return line_of(text, (), table[0])
        start = heads[table[1]]
        after = (
            number for number in range(start + 1, len(lines)) if re.match(r"\s*\[", lines[number]) and _begins_statement(lines, number)
        )
        end = next(after, len(lines))
        if not field:
            return start + 1
    own = re.compile(rf"\s*(?:\[{{1,2}}\s*)?[\"']?{re.escape(field)}[\"']?\s*[=.\]]")
    found = (number for number in range(start, end) if own.match(lines[number]) and _begins_statement(lines, number))
    return next(found, start) + 1


def _begins_statement(lines: list[str], number: int) -> bool:
    """Whether a statement begins in that line, and not the rest of a text or a list over several lines."""
    try:
        tomllib.loads("\n".join(lines[:number]))
    except (ValueError, RecursionError):
        return False
    return True
