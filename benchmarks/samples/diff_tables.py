"""A comparison of two runs for the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from handeye.agent.describe import one_line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

WIDE = 200
"""Characters of a value of configuration, and of a model's words."""
LISTED = 12
"""Cells, verdicts, sizes, ids and changed samples that are listed; `--json` has all of them."""


def rendered(found: Mapping[str, Any], show: int) -> RenderableType:
    """All of it, with at most `show` samples of each kind of disagreement."""
    from rich.console import Group

    return Group(*_parts(found, show))


def sentences(found: Mapping[str, Any]) -> list[str]:
    """The result in words: both rates, the difference with its interval, and the test."""
    results = found["results"]
    low, high = results["interval"]
    return [
        f"B less A: {_points(results['difference'])} points on the {results['common']} samples of both, "
        f"95 % interval {_points(low)} to {_points(high)}, p = {results['p_value']:.3g} ({results['method']}).",
        f"Samples better in A: {results['a_better']}; better in B: {results['b_better']}; as good in both: {results['same']}.",
    ]


def value(told: Any) -> str:
    """A value of configuration in one line."""
    if told is None:
        return "(none)"
    return one_line(told if told and isinstance(told, str) else json.dumps(told, ensure_ascii=False), WIDE)


def facts(found: Mapping[str, Any]) -> list[str]:
    """What is known of data, sizes, replies and points, a sentence each; nothing where nothing differs."""
    data, sizes, replies, points = found["data"], found["sizes"], found["replies"], found["points"]
    told = []
    for name, ids in (("A", data["only_a"]), ("B", data["only_b"])):
        if ids:
            told.append(f"Only in {name}: {len(ids)} samples ({_first(ids)}).")
    for row in data["changed"][:LISTED]:
        told.append(f"{one_line(row['id'])}: another {row['field']}: {value(row['a'])} in A, {value(row['b'])} in B.")
    if len(data["changed"]) > LISTED:
        told.append(f"... and {len(data['changed']) - LISTED} more differences of data.")
    if found["prompt"]["other"]:
        told.append(f"Asked in other words: {found['prompt']['other']} of {found['prompt']['known']}.")
    if sizes["other"]:
        pairs = "; ".join(f"{_size(pair['a'])} and {_size(pair['b'])}: {pair['count']}" for pair in sizes["pairs"])
        told.append(f"Shown in another size: {sizes['other']} of {sizes['known']} ({pairs}).")
    for name, words in (("prompt_tokens", "Tokens of the prompts"), ("completion_tokens", "Tokens of the replies")):
        one, two = found["results"]["a"][name], found["results"]["b"][name]
        if one and two and one != two:
            told.append(f"{words}: {one:,} in A, {two:,} in B.")
    if replies["other"]:
        told.append(f"The same reply to the letter: {replies['same']} of {replies['known']}.")
    if replies["judged_otherwise"]:
        told.append(f"The same reply, judged otherwise: {replies['judged_otherwise']}.")
    if points["both"] > points["same"]:
        apart = f"median {points['median_px']:.1f} px apart, furthest {points['furthest_px']:.1f} px"
        told.append(f"The same point: {points['same']} of {points['both']}; {apart}.")
    return told


def _parts(found: Mapping[str, Any], show: int) -> Iterator[RenderableType]:
    from rich.text import Text

    yield _summary(found)
    for line in found["against"]:
        yield Text(f"Cannot be compared. {one_line(line, 400)}", "bold red")
    for line in sentences(found):
        yield Text(line)
    for line in found["warnings"]:
        yield Text(f"Note: {one_line(line, 400)}", "yellow")
    if found["likely"]:
        yield Text("\nWhat most likely explains it", "bold")
        yield from (Text(f"  {number}. {one_line(line, 400)}") for number, line in enumerate(found["likely"], 1))
    for title, rows in (("Configuration", found["configuration"]), ("Record", found["record"])):
        if rows:
            yield Text()
            yield _fields(title, rows)
    if found["prompt"]["diff"]:
        yield Text("\nPrompt (- in A, + in B)", "bold")
        for line in found["prompt"]["diff"]:
            yield Text(one_line(line, WIDE), {"-": "red", "+": "green"}.get(line[:1], "dim"))
    told = facts(found)
    if told:
        yield Text("\nData, pictures, replies", "bold")
        yield from (Text(f"  {line}") for line in told)
    if found["cells"]:
        yield Text()
        yield _cells(found["cells"])
    if found["verdicts"]:
        yield Text()
        yield _verdicts(found["verdicts"])
    if show:
        yield from _samples(found["samples"], show)


def _summary(found: Mapping[str, Any]) -> Table:
    table = _table("", "run", "model", "right", "of", "accuracy", "wrong format", "no reply")
    for name in ("a", "b"):
        about, result = found[name], found["results"][name]
        numbers = (result["correct"], result["total"], f"{result['accuracy']:.2%}", result["wrong_format"], result["errors"])
        table.add_row(*_cells_of(name.upper(), one_line(about["path"], 60), one_line(about["model"] or "", 60), *numbers))
    return table


def _fields(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(title, "A", "B")
    for row in rows:
        table.add_row(*_cells_of(one_line(row["field"]), value(row["a"]), value(row["b"])))
    return table


def _cells(cells: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("Where they differ most", "", "samples", "A", "B", "better in A", "better in B")
    for cell in cells[:LISTED]:
        rates = (cell["samples"], f"{cell['a']:.1%}", f"{cell['b']:.1%}", cell["a_better"], cell["b_better"])
        table.add_row(*_cells_of(one_line(cell["cut"]), one_line(cell["value"] or "(none)"), *rates))
    return table


def _verdicts(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("Verdict in A", "in B", "samples")
    for row in rows[:LISTED]:
        table.add_row(*_cells_of(one_line(row["a"]), one_line(row["b"]), row["count"]))
    return table


def _samples(samples: Sequence[Mapping[str, Any]], show: int) -> Iterator[RenderableType]:
    from rich.text import Text

    for change in dict.fromkeys(sample["change"] for sample in samples):
        of = [sample for sample in samples if sample["change"] == change]
        yield Text(f"\n{change[:1].upper()}{change[1:]}: {len(of)}", "bold")
        for sample in of[:show]:
            asked = f": {one_line(sample['instruction'], 100)}" if sample["instruction"] else ""
            yield Text(f"  {one_line(sample['id'])}{asked}{_apart(sample)}")
            for name in ("a", "b"):
                yield Text(f"    {name.upper()} {answer(sample[name])}", "dim")
        if len(of) > show:
            yield Text(f"  ... and {len(of) - show} more (--show {len(of)}, --html, --json).", "dim")


def answer(said: Mapping[str, Any]) -> str:
    """What became of one reply, in one line."""
    place = f" at ({said['point'][0]:.1f}, {said['point'][1]:.1f})" if said["point"] else ""
    why = f" ({one_line(said['error'] or said['why'], 120)})" if said["error"] or said["why"] else ""
    reply = f": {one_line(said['reply'], 160)}" if said["reply"] else ""
    return f"{one_line(said['verdict'])}{place}{why}{reply}"


def _apart(sample: Mapping[str, Any]) -> str:
    if sample["same_reply"]:
        return " [same reply]"
    return "" if sample["distance_px"] is None else f" [{sample['distance_px']:.1f} px apart]"


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _cells_of(*values: object) -> Iterator[RenderableType]:
    from rich.text import Text

    yield from (Text(str(told)) for told in values)


def _points(share: float) -> str:
    return f"{100 * share:+.2f}"


def _size(size: Sequence[int]) -> str:
    return f"{size[0]}x{size[1]}"


def _first(ids: Sequence[str]) -> str:
    return ", ".join(one_line(key, 60) for key in ids[:3]) + (", ..." if len(ids) > 3 else "")
