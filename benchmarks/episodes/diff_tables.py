"""A comparison of two runs of episodes for the terminal, and as one HTML page that loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handeye.agent.describe import one_line
from handeye.agent.viewer.safe_page import asset, rendered_page, save_page
from handeye.benchmarks.episodes.breakdown import kind_name
from handeye.benchmarks.episodes.tables import amount
from handeye.benchmarks.samples.diff_tables import value

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

LISTED = 25
"""Tasks that the terminal lists; `--html` and `--json` have all of them."""
MOST = 500
"""Episodes on the page; a browser scrolls through so many without effort."""
_SPENT: tuple[tuple[str, str, str], ...] = (
    ("steps", "steps", "tokens"),
    ("median_steps", "steps of the median episode", "tokens"),
    ("at_budget", "episodes that their budget ended", "tokens"),
    ("seconds", "time of all episodes", "s"),
    ("median_seconds", "time of the median episode", "s"),
    ("model_s", "time of the model", "s"),
    ("env_s", "time of the environment", "s"),
    ("beside_s", "time beside the steps", "s"),
    ("prompt_tokens", "tokens of prompts", "tokens"),
    ("completion_tokens", "tokens of replies", "tokens"),
    ("cost", "money", ""),
)


def sentences(found: Mapping[str, Any]) -> list[str]:
    """The result in words: both rates, the difference with its interval, and the test."""
    results = found["results"]
    said = [_compared("Solved", results, results["tasks"]), _compared("In full", results["full"], results["tasks"])]
    reward = results["reward"]
    # Where every reward is 0 or 1 it is what "in full" says already.
    if reward and (reward["first"], reward["second"]) != (results["full"]["first"], results["full"]["second"]):
        said.append(_compared("Mean reward", reward, results["tasks"]))
    said.append(
        f"Tasks better in A: {results['first_better']}; better in B: {results['second_better']}; as good in both: {results['same']}."
    )
    return said


def _compared(what: str, paired: Mapping[str, Any], tasks: int) -> str:
    low, high = paired["interval"]
    return (
        f"{what}, B less A: {_points(paired['difference'])} points on the {tasks} tasks of both, {paired['first']:.1%} to "
        f"{paired['second']:.1%}, 95 % interval {_points(low)} to {_points(high)}, p = {paired['p_value']:.3g} ({paired['method']})."
    )


def spent_lines(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Steps, time, tokens and money of the common episodes, side by side; what neither has is left out."""
    one, two = found["spent"]["a"], found["spent"]["b"]
    return [(words, amount(one[name], unit), amount(two[name], unit)) for name, words, unit in _SPENT if one[name] or two[name]]


def task_lines(found: Mapping[str, Any]) -> list[tuple[str, str, str, str, str, str]]:
    """Tasks that turned: name, class, solved in A and in B, how they failed in A and in B."""
    return [
        (row["task"], row["kind"], *(f"{row[name]}/{row['episodes']}" for name in "ab"), *(_kinds(row["failures"][name]) for name in "ab"))
        for row in found["tasks"]
    ]


def _kinds(kinds: Mapping[str, int]) -> str:
    return "; ".join(f"{count}x {kind_name(kind)}" if count > 1 else kind_name(kind) for kind, count in kinds.items())


def rendered(found: Mapping[str, Any], show: int) -> RenderableType:
    """All of it, with at most `show` episodes of each kind of change."""
    from rich.console import Group

    return Group(*_parts(found, show))


def _parts(found: Mapping[str, Any], show: int) -> Iterator[RenderableType]:
    from rich.text import Text

    yield _summary(found)
    for line in found["against"]:
        yield Text(f"Cannot be compared. {one_line(line, 400)}", "bold red")
    for line in sentences(found):
        yield Text(line)
    for line in found["warnings"]:
        yield Text(f"Note: {one_line(line, 400)}", "yellow")
    for title, rows in (("Configuration", found["configuration"]), ("Record", found["record"])):
        if rows:
            yield Text()
            yield _table((title, "A", "B"), [(row["field"], value(row["a"]), value(row["b"])) for row in rows])
    if tasks := task_lines(found):
        yield Text()
        yield _table(("Tasks that turned", "class", "solved in A", "in B", "failed in A", "in B"), tasks[:LISTED])
        if len(tasks) > LISTED:
            yield Text(f"... and {len(tasks) - LISTED} more (--html, --json).", "dim")
    yield Text()
    yield _table(("On the episodes of both", "A", "B"), spent_lines(found))
    if found["failures"]:
        yield Text()
        yield _table(("How episodes failed", "A", "B"), [(kind_name(row["kind"]), row["a"], row["b"]) for row in found["failures"]])
    if show:
        yield from _episodes(found["episodes"], show)


def _summary(found: Mapping[str, Any]) -> Table:
    lines = []
    for name in ("a", "b"):
        about, result = found[name], found["results"][name]
        rates = [f"{result[key] / result['episodes']:.1%}" for key in ("solved", "full")]
        counts = (result["solved"], result["episodes"], *rates, result["errors"])
        lines.append((name.upper(), one_line(about["path"], 60), one_line(about["model"] or "", 60), *counts))
    return _table(("", "run", "model", "solved", "of", "rate", "in full", "errors"), lines)


def _episodes(episodes: Sequence[Mapping[str, Any]], show: int) -> Iterator[RenderableType]:
    from rich.text import Text

    for change in dict.fromkeys(one["change"] for one in episodes):
        of = [one for one in episodes if one["change"] == change]
        yield Text(f"\n{change[:1].upper()}{change[1:]}: {len(of)}", "bold")
        for one in of[:show]:
            yield Text(f"  {one_line(one['task'], 60)} #{one['index'] + 1}: {one_line(one['goal'], 100)}")
            for name in ("a", "b"):
                yield Text(f"    {name.upper()} {ended(one[name])}", "dim")
        if len(of) > show:
            yield Text(f"  ... and {len(of) - show} more (--show {len(of)}, --html, --json).", "dim")


def ended(said: Mapping[str, Any]) -> str:
    """How an episode ended, in one line."""
    how = "solved" if said["success"] else kind_name(said["failure"]) or "failed"
    why = said["error"] or said["reason"] or ("" if said["success"] else said["message"])
    told = f": {one_line(why, 160)}" if why else ""
    return f"{one_line(how, 40)}, reward {said['raw']:g}, {said['steps']} steps, {amount(said['seconds'], 's')}{told}"


def _table(columns: Sequence[str], lines: Sequence[Sequence[object]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*(Text(one_line(str(cell), 200)) for cell in line))
    return table


def _points(share: float) -> str:
    return f"{100 * share:+.2f}"


def write_page(path: Path, found: Mapping[str, Any]) -> None:
    """Write the page. Raises `TrajectoryError` where it cannot be written."""
    save_page(path, page(found))


def page(found: Mapping[str, Any]) -> str:
    """The page of what `handeye.benchmarks.episodes.diff.compare` gives. Texts of tasks and models are escaped."""
    changes = dict.fromkeys(one["change"] for one in found["episodes"])
    values = {
        "found": found,
        "sentences": sentences(found),
        "spent": spent_lines(found),
        "tasks": task_lines(found),
        "groups": [(change, [one for one in found["episodes"] if one["change"] == change]) for change in changes],
        "value": value,
        "ended": ended,
        "most": MOST,
        "points": _points,
        "kind_name": kind_name,
    }
    style = asset("handeye.benchmarks.samples", "diff.css")
    return rendered_page("handeye.benchmarks.episodes", "diff.html", (), style, "", values)
