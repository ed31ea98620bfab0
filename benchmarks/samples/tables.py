"""The numbers of a scored benchmark as tables and sentences, for the terminal, Markdown and the report's page alike.

`numbers` is what `summary.json` holds, or what `handeye bench rescore` counts: a part that is not there is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

NAMED = 8
"""Rows that the terminal names."""
_OWN_COLUMNS = ("text", "icon")
"""Kinds of target that have a column each, as in the tables of ScreenSpot; other kinds (of actions) have a line each."""
_GRADED = {"type_match": "type", "points": "points"}
"""Rates that cells of offline agents have beside `accuracy`."""


@dataclass(frozen=True)
class ScoreTable:
    """Columns, and lines of as many cells; the first column names the line."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    rates: tuple[float | None, ...] = ()
    """The rate of each line, 0..1, for a bar beside it; None for a line without rows."""


def percent(rate: float | None, digits: int = 1) -> str:
    """A rate in 0..1 as `95.1%`; of nothing a dash."""
    return "–" if rate is None else f"{rate * 100:.{digits}f}%"


def title_of(numbers: Mapping[str, Any]) -> str:
    """Benchmark and what answered: the model, or the dialect of re-scored outputs."""
    return f"{numbers.get('title') or numbers['benchmark']}, {numbers.get('model') or numbers.get('dialect') or 'no model named'}"


def headline(numbers: Mapping[str, Any]) -> str:
    """The one number, with its interval and what it is a share of."""
    low, high = numbers["interval"]
    of_all = f"{numbers['correct']} of {numbers['total']}"
    return f"{percent(numbers['accuracy'])} right, {of_all} (95% interval {percent(low)} to {percent(high)})"


def score_tables(numbers: Mapping[str, Any]) -> list[ScoreTable]:
    """The benchmark's own table first, then one for each other way in which its rows are cut."""
    tables = [_own_table(numbers)]
    groups = numbers.get("groups") or {}
    if tables[0].columns[0] == "kind" and len(groups) > 1:
        tables.append(_lines("by group", "group", groups))
    for name, parts in (numbers.get("cuts") or {}).items():
        if len(parts) > 1:
            tables.append(_lines(f"by {name}", name, parts))
    rules = numbers.get("by_rule") or {}
    if len(rules) > 1:
        tables.append(_lines("the same replies under each rule", "rule", rules))
    return [table for table in tables if table.lines]


def _own_table(numbers: Mapping[str, Any]) -> ScoreTable:
    kinds = [kind for kind in _OWN_COLUMNS if any(cell["kind"] == kind for cell in numbers["cells"])]
    if kinds:
        return _matrix(numbers, kinds)
    groups: Mapping[str, Any] = numbers.get("groups") or {}
    of_kind: Mapping[str, Any] = numbers.get("kinds") or {}
    what, parts = ("kind", of_kind) if len(of_kind) > 1 else ("group", groups)
    lines = _lines(f"by {what}", what, {**parts, "all": numbers} if len(parts) > 1 else parts)
    return lines if lines.lines else _lines("all", "", {"all": numbers})


def _matrix(numbers: Mapping[str, Any], kinds: Sequence[str]) -> ScoreTable:
    found = {(cell["group"], cell["kind"]): cell for cell in numbers["cells"]}
    lines, rates = [], []
    for group, whole in numbers["groups"].items():
        of_kinds = (share(found.get((group, kind))) for kind in kinds)
        lines.append((group or "(not told)", *of_kinds, share(whole), str(whole["wrong_format"])))
        rates.append(whole["accuracy"])
    if len(lines) > 1:
        all_kinds = (share(numbers["kinds"].get(kind)) for kind in kinds)
        lines.append(("all", *all_kinds, share(numbers), str(numbers["wrong_format"])))
        rates.append(numbers["accuracy"])
    return ScoreTable("by group and kind", ("", *kinds, "all", "wrong format"), tuple(lines), tuple(rates))


def _lines(title: str, what: str, parts: Mapping[str, Mapping[str, Any]]) -> ScoreTable:
    graded = [key for key in _GRADED if any(part.get(key) is not None for part in parts.values())]
    columns = (what, "right", "exact" if graded else "share", *(_GRADED[key] for key in graded), "wrong format")
    lines = [
        (
            name or "(not told)",
            f"{part['correct']}/{part['total']}",
            percent(part["accuracy"]),
            *(percent(part.get(key)) for key in graded),
            str(part["wrong_format"]),
        )
        for name, part in parts.items()
    ]
    return ScoreTable(title, columns, tuple(lines), tuple(part["accuracy"] for part in parts.values()))


def share(part: Mapping[str, Any] | None) -> str:
    """`383/400 95.8%`; empty for no rows."""
    return "" if part is None or not part["total"] else f"{part['correct']}/{part['total']} {percent(part['accuracy'])}"


def sentences(numbers: Mapping[str, Any], most: int | None = None) -> list[str]:
    """What a table cannot hold: rules, averages, denominators, notes, and rows that were not joined, `most` of them at most."""
    said = [f"Rules: {', '.join(numbers['rules'])}. Data: {numbers.get('convention') or 'convention not told'}."]
    if numbers.get("protocol"):
        said[0] = f"Protocol: {numbers['protocol']}. {said[0]}"
    said += averages(numbers)
    verdicts = ", ".join(f"{count} {name}" for name, count in (numbers.get("verdicts") or {}).items() if count)
    if verdicts:
        said.append(f"Verdicts: {verdicts}.")
    if numbers.get("errors"):
        said.append(f"{numbers['errors']} samples have an error and no reply: they count as wrong. --retry-errors asks them again.")
    published = numbers.get("published") or {}
    if published:
        said.append(f"The verdicts that came with the rows: {published['agree']} of {published['rows']} are the same.")
    speed = numbers.get("samples_per_s")
    if speed:
        prompt, reply = (numbers.get(name) or 0 for name in ("prompt_tokens", "completion_tokens"))
        said.append(f"{speed:.3g} samples/s, {prompt:,} prompt and {reply:,} reply tokens.")
    said += numbers.get("notes") or ()
    return [*said, *_first(numbers.get("unmatched") or [], most), *_first(published.get("differ") or [], most)]


def averages(numbers: Mapping[str, Any]) -> list[str]:
    """Both averages, both denominators, repeats, and the numbers that only offline agents have, a sentence each."""
    low, high = numbers["interval"]
    found = numbers.get("averages") or {}
    said = [f"micro (right / all rows): {percent(found.get('micro'), 3)}, 95% interval {percent(low)} to {percent(high)}."]
    for name, words in MACROS.items():
        if found.get(name) is not None:
            said[0] += f" {name.replace('_', ' ')} ({words}): {percent(found[name], 3)}."
    if numbers["benchmark"] in _WITH_SIX and found.get("macro6") is None:
        said[0] += " macro6 is not given, as not all of mobile, desktop, web x text, icon have rows."
    if parts := numbers.get("denominators"):
        both = "; ".join(f"{share(part)} {_DENOMINATORS.get(name, f'of those that are {name}')}" for name, part in parts.items() if part)
        said.append(f"Denominators: {both}.")
    if repeats := numbers.get("repeats"):
        low, high = repeats["interval"]
        said.append(
            f"{repeats['count']} repeats: mean {percent(repeats['mean'], 2)}, standard deviation {percent(repeats['sd'], 2)}, "
            f"95% interval of the mean {percent(low)} to {percent(high)}."
        )
    rates = [f"{words} {percent(numbers[key])}" for key, words in _OFFLINE.items() if numbers.get(key) is not None]
    if rates:
        said.append(f"{'; '.join(rates)[:1].upper()}{'; '.join(rates)[1:]}.")
    return said


MACROS = {"macro6": "mean of the six cells", "macro_kinds": "mean over kinds of action"}
"""Averages beside the micro one, and what they are."""
_WITH_SIX = ("screenspot", "screenspot-v2")
_DENOMINATORS = {"all": "of all rows", "groundable": "of those with a target"}
_OFFLINE = {
    "type_match": "the action's type is right in",
    "points": "mean points",
    "hit_rate": "answers that could be read",
    "episode_success": "episodes whose every step is right",
    "goal_progress": "goal progress",
}


def _first(lines: Sequence[str], most: int | None) -> Sequence[str]:
    if most is None or len(lines) <= most:
        return lines
    return [*lines[:most], f"... and {len(lines) - most} more, all in --json and --markdown."]


def rendered(numbers: Mapping[str, Any]) -> RenderableType:
    """For a terminal."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    tables = []
    for table in score_tables(numbers):
        drawn = Table(title=printable(f"{title_of(numbers)}, {table.title}"), title_justify="left")
        for number, column in enumerate(table.columns):
            drawn.add_column(printable(column), justify="right" if number else "left")
        for line in table.lines:
            drawn.add_row(*(Text(printable(cell)) for cell in line))
        tables.append(drawn)
    said = [headline(numbers), *sentences(numbers, NAMED)]
    return Group(*tables, *(Text(printable(sentence)) for sentence in said))


def printable(text: str) -> str:
    """`text` without anything that a terminal would obey: names come from files of others."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def markdown(numbers: Mapping[str, Any]) -> str:
    """Tables and sentences as Markdown; what comes from files is escaped."""
    lines = [f"## {escaped(title_of(numbers))}", "", f"**{escaped(headline(numbers))}**", ""]
    for table in score_tables(numbers):
        lines += [*markdown_table(table), ""]
    return "\n".join([*lines, *(f"- {escaped(sentence)}" for sentence in sentences(numbers)), ""])


def markdown_table(table: ScoreTable) -> list[str]:
    """A table's lines in Markdown."""
    columns = [escaped(column) for column in table.columns]
    figures = [all(not line[n] or line[n][0] in "0123456789+-–<" for line in table.lines) for n in range(len(columns))]
    lines = ["| " + " | ".join(columns) + " |", "|" + "".join("---:|" if right else "---|" for right in figures)]
    return lines + ["| " + " | ".join(escaped(cell) for cell in line) + " |" for line in table.lines]


def escaped(text: str) -> str:
    """One line of Markdown that says `text` and means nothing else."""
    marked = "".join(f"\\{letter}" if letter in "\\`*_[]<>|#~!&$" else letter for letter in printable(" ".join(text.split())))
    return " ".join(marked.split())
