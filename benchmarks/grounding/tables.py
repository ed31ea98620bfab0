"""A scored benchmark as tables, for the terminal and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

NAMED = 8
"""Rows that the terminal names."""


@dataclass(frozen=True)
class ScoreTable:
    """Columns, and lines of as many cells."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


def score_table(numbers: dict[str, Any]) -> ScoreTable:
    """The benchmark's own table: a line for each group, a column for each kind, all of both."""
    found = {(cell["group"], cell["kind"]): cell for cell in numbers["cells"]}
    kinds = [kind for kind in ("text", "icon") if any(key[1] == kind for key in found)]
    lines = []
    for group, whole in numbers["groups"].items():
        lines.append(
            (group or "(not told)", *(_share(found.get((group, kind))) for kind in kinds), _share(whole), str(whole["wrong_format"]))
        )
    if len(lines) > 1:
        all_kinds = (_share(numbers["kinds"].get(kind)) for kind in kinds)
        lines.append(("all", *all_kinds, _share(numbers), str(numbers["wrong_format"])))
    return ScoreTable(f"{numbers['benchmark']}, {numbers['dialect']}", ("", *kinds, "all", "wrong format"), tuple(lines))


def sentences(numbers: dict[str, Any], most: int | None = None) -> list[str]:
    """What the table cannot hold: rules, averages, denominators, notes, and rows that were not joined, `most` of them at most."""
    low, high = numbers["interval"]
    averages = numbers["averages"]
    macro = averages["macro6"]
    six = "not given, as not all of mobile, desktop, web x text, icon have rows" if macro is None else f"{macro:.3%}"
    said = [f"Rules: {', '.join(numbers['rules'])}. Boxes: {numbers['convention']}."]
    if numbers.get("space"):
        said.append(f"Numbers read as: {numbers['space']}.")
    said.append(
        f"micro (correct / all rows): {averages['micro']:.3%}, 95 % interval {low:.1%} to {high:.1%}. macro6 (mean of six cells): {six}."
    )
    if numbers["denominators"]:
        both = (f"{_share(part)} {name}" for name, part in (("of all rows", numbers["denominators"]["all"]), _groundable(numbers)))
        said.append(f"Two denominators: {'; '.join(both)}.")
    verdicts = ", ".join(f"{count} {name}" for name, count in numbers["verdicts"].items() if count)
    said.append(f"Verdicts: {verdicts}.")
    if published := numbers.get("published"):
        said.append(f"The verdicts that came with the rows: {published['agree']} of {published['rows']} are the same.")
    differ = published["differ"] if published else []
    return [*said, *numbers["notes"], *_first(numbers["unmatched"], most), *_first(differ, most)]


def _first(lines: list[str], most: int | None) -> list[str]:
    if most is None or len(lines) <= most:
        return lines
    return [*lines[:most], f"... and {len(lines) - most} more, all in --json and --markdown."]


def _groundable(numbers: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "of those with a target", numbers["denominators"]["groundable"]


def _share(part: dict[str, Any] | None) -> str:
    return "" if part is None or not part["total"] else f"{part['correct']}/{part['total']} {part['accuracy']:.1%}"


def rendered(numbers: dict[str, Any]) -> RenderableType:
    """For a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = score_table(numbers)
    drawn = Table(title=table.title, title_justify="left")
    for number, column in enumerate(table.columns):
        drawn.add_column(column, justify="right" if number else "left")
    for line in table.lines:
        drawn.add_row(*(Text(_printable(cell)) for cell in line))
    return Group(drawn, *(Text(_printable(sentence)) for sentence in sentences(numbers, NAMED)))


def _printable(text: str) -> str:
    # Names come from files of others: no escape sequence of theirs may reach the terminal.
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def markdown(numbers: dict[str, Any]) -> str:
    """The same as Markdown; what comes from files is escaped."""
    table = score_table(numbers)
    lines = [f"## {_escaped(table.title)}", "", "| " + " | ".join(table.columns) + " |", "|---" + "|---:" * (len(table.columns) - 1) + "|"]
    lines += ["| " + " | ".join(_escaped(cell) for cell in line) + " |" for line in table.lines]
    return "\n".join([*lines, "", *(f"- {_escaped(sentence)}" for sentence in sentences(numbers)), ""])


def _escaped(text: str) -> str:
    marked = "".join(f"\\{letter}" if letter in "\\`*[]<>|#" else letter for letter in text)
    return " ".join(marked.split())
