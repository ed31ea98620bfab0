"""The numbers of a run of episodes as tables and sentences, for the terminal, Markdown and the report's page alike.

`numbers` is a benchmark's summary (`handeye.benchmarks.episodes.rows.summary`), and `rows` are the episodes in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from handeye.agent.viewer.safe_page import seconds
from handeye.benchmarks.episodes.breakdown import Budget, Part, Spent, failures, part, parts
from handeye.benchmarks.episodes.published import Published, doubts, measured, published
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.intervals import student
from handeye.benchmarks.samples.tables import ScoreTable, percent, printable

if TYPE_CHECKING:
    from rich.console import RenderableType

NAMED = 20
"""Episodes that are named where a table or a sentence names them."""
LEVELS = ("easy", "medium", "hard")


def rows_of(numbers: Mapping[str, Any]) -> list[EpisodeRow]:
    """The episodes that count, from a summary."""
    return [EpisodeRow.model_validate(row) for row in numbers["rows"]]


def headline(numbers: Mapping[str, Any]) -> str:
    """The one number with its interval."""
    solved = sum(row["success"] for row in numbers["rows"])
    of_all = f"{solved} of {numbers['episodes']} episodes"
    return f"{percent(numbers['success_rate'])} solved, {of_all} (95% interval {_range(numbers['interval'])})"


def score_tables(numbers: Mapping[str, Any], rows: Sequence[EpisodeRow]) -> list[ScoreTable]:
    """Success by class, difficulty, tag and seed; a cut that says nothing new is left out."""
    whole = [part("all", rows)] if rows else []
    classes = parts(rows, lambda row: (row.kind,), tuple(numbers.get("classes") or ()))
    levels = parts(rows, lambda row: (row.difficulty,), LEVELS)
    tables = [_parts("by class", "class", [*classes, *whole] if len(classes) != 1 else classes)]
    if len(levels) > 1 and [one.name for one in levels] != [one.name for one in classes]:
        tables.append(_parts("by difficulty", "difficulty", levels))
    if len(tags := parts(rows, lambda row: row.tags)) > 1:
        tables.append(_parts("by tag (a task may have several)", "tag", tags))
    if seeds := numbers.get("seeds"):
        tables.append(_seeds(rows, seeds))
    return [table for table in tables if table.lines]


def task_table(rows: Sequence[EpisodeRow]) -> ScoreTable:
    """Success task by task."""
    return _parts("by task", "task", parts(rows, lambda row: (row.task,)))


def _parts(title: str, what: str, found: Sequence[Part]) -> ScoreTable:
    columns = (what, *(() if what == "task" else ("tasks",)), "solved", "95% interval", "in full", "mean reward", "errors", "median steps")
    lines = [
        (
            one.name,
            *(() if what == "task" else (str(one.tasks),)),
            f"{one.solved}/{one.episodes} {percent(one.rate)}",
            _range(one.interval, 0),
            f"{one.full}/{one.episodes} {percent(one.rate_full)}",
            f"{one.reward:.3f}",
            str(one.errors),
            f"{one.steps:g}",
        )
        for one in found
    ]
    return ScoreTable(title, columns, tuple(lines), tuple(one.rate for one in found))


def _seeds(rows: Sequence[EpisodeRow], seeds: Mapping[str, Any]) -> ScoreTable:
    indices = sorted({row.index for row in rows})
    full = [part("", [row for row in rows if row.index == index]).rate_full for index in indices]
    columns = {
        "solved": seeds,
        "in full": {"rates": full, "mean": fmean(full), "sd": stdev(full), "interval": student(full)},
        **({"mean reward": seeds["reward"]} if seeds.get("reward") else {}),
    }
    lines = [(f"seed {index + 1}", *(percent(of["rates"][place]) for of in columns.values())) for place, index in enumerate(indices)]
    lines += [
        ("mean", *(percent(of["mean"]) for of in columns.values())),
        ("standard deviation", *(percent(of["sd"]) for of in columns.values())),
        ("Student's 95% interval", *(_range(of["interval"]) for of in columns.values())),
    ]
    rates = (*seeds["rates"], seeds["mean"], None, None)
    return ScoreTable("by seed", ("pass over all tasks", *columns), tuple(lines), rates)


def over_seeds(numbers: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Student's interval over the seeds of the figure that the benchmark is known by, over how many, and of what; None without seeds."""
    seeds = numbers.get("seeds")
    if not seeds:
        return None
    reward = seeds.get("reward") if numbers.get("task_mean") is not None else None
    of, what = (reward, "mean of task means") if reward else (seeds, "solved")
    return _range(of["interval"]), f"over {seeds['count']} seeds", f"{what} {percent(of['mean'])}, Student's 95% interval"


def _range(interval: Sequence[float], digits: int = 1) -> str:
    return f"{percent(interval[0], digits)} to {percent(interval[1], digits)}"


MEANS = {
    "task_mean": ("mean of task means", "as AndroidWorld reports it: parts of a point count, errors count as failures"),
    "published_mean": ("without errors", "as AndroidWorld's own runner has it: episodes that an error ended are left out; only to compare"),
    "without_true_at_once": ("without tasks true at once", "tasks that are done as they begin are left out (android_world#315)"),
    "mean_score": ("mean score", "OSWorld gives parts of a point"),
}
"""What some benchmarks count beside the rates."""


def means(numbers: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Value, name and what it is, of every further mean that the benchmark has."""
    return [(percent(numbers[name]), *words) for name, words in MEANS.items() if numbers.get(name) is not None]


def failure_table(rows: Sequence[EpisodeRow], most: int = NAMED) -> ScoreTable:
    """How the episodes that were not solved ended; of each kind `most` are named."""
    lines = []
    for one in failures(rows):
        named = [f"{row.task} #{row.index + 1}" for row in one.rows[:most]]
        more = f", and {len(one.rows) - most} more" if len(one.rows) > most else ""
        lines.append((one.name, f"{len(one.rows)} {percent(len(one.rows) / len(rows))}", one.meaning, ", ".join(named) + more))
    return ScoreTable("failures", ("kind", "episodes", "what it is", "which"), tuple(lines))


def budget_sentences(found: Budget) -> list[str]:
    """Steps against budgets in words; nothing where no budget is known."""
    if not found.known:
        return []
    if not found.used:
        return ["No step was recorded: nothing acted through the agent's loop."]
    ended = "1 episode was ended by its budget" if found.ended_at == 1 else f"{found.ended_at} episodes were ended by their budget"
    said = [f"{found.used:,} of {found.allowed:,} allowed steps were used. {ended}."]
    for share, what in ((found.solved_share, "solved"), (found.failed_share, "failed")):
        if share is not None:
            said.append(f"Half of the {what} episodes used at most {percent(share, 0)} of theirs.")
    return said


def spent_table(title: str, lines: Sequence[Spent]) -> ScoreTable:
    """Time, or tokens and money: in all, and what an episode took."""
    shares = any(one.share is not None for one in lines)
    columns = ("", "all together", *(("share",) if shares else ()), "median episode", "90 of 100 below")
    told = [
        (
            one.name,
            amount(one.total, one.unit),
            *((percent(one.share),) if shares else ()),
            amount(one.median, one.unit),
            amount(one.high, one.unit),
        )
        for one in lines
    ]
    return ScoreTable(title, columns, tuple(told), tuple(one.share for one in lines) if shares else ())


def amount(value: float, unit: str) -> str:
    """A number of seconds, tokens or money for people."""
    if unit == "s":
        return seconds(value) if value > 0 else "0 s"
    return f"{value:,.0f}" if unit == "tokens" else f"{value:,.4g}"


def step_sentence(numbers: Mapping[str, Any]) -> str:
    """How long a step takes; empty where no step was timed."""
    model, env = numbers.get("median_step_model_s"), numbers.get("median_step_env_s")
    if model is None or env is None:
        return ""
    return f"A step takes {amount(model, 's')} of the model and {amount(env, 's')} of the environment (medians)."


def attempt_sentences(numbers: Mapping[str, Any]) -> list[str]:
    """What was tried more than once, and why."""
    retried: Sequence[Mapping[str, Any]] = numbers.get("retried") or ()
    if not retried:
        return [f"{numbers['attempts']} attempts at {numbers['episodes']} episodes: none was tried again."]
    again = f"{len(retried)} {'was' if len(retried) == 1 else 'were'} tried again after a failure of the world, and the last attempt counts"
    said = [f"{numbers['attempts']} attempts at {numbers['episodes']} episodes: {again}."]
    said += [f"{one['task']} #{one['index'] + 1}, attempt {one['attempt'] + 1}: {clipped(one['error'], 200)}" for one in retried[:NAMED]]
    return said + ([f"... and {len(retried) - NAMED} more."] if len(retried) > NAMED else [])


def published_table(numbers: Mapping[str, Any]) -> ScoreTable:
    """Others' numbers for this benchmark, each beside the measured one."""
    columns = ("model", "published", "measured here is", "by, source", "protocol", "why it may not be compared")
    lines = [_published_line(entry, numbers) for entry in published(numbers)]
    lines += [_told_line(told, numbers) for told in numbers.get("published") or ()]
    return ScoreTable("published numbers", columns, tuple(lines))


def _told_line(told: Mapping[str, Any], numbers: Mapping[str, Any]) -> tuple[str, ...]:
    """A published number that the benchmark's own summary gives, for it depends on which games were run (`benchmarks/webgames`)."""
    read = f"at {told['commit']}" if told.get("verified") else "unverified"
    return (
        str(told["model"]),
        f"{100 * told['score']:.1f}",
        f"{100 * (measured(numbers) - told['score']):+.1f}",
        f"{told['source']} ({read})",
        str(told["protocol"]),
        str(told["doubt"]) or "nothing more than its protocol",
    )


def _published_line(entry: Published, numbers: Mapping[str, Any]) -> tuple[str, ...]:
    steps = f"{entry.steps} steps" if entry.steps else ""
    when = f"published {entry.when}" if entry.when else ""
    episodes = f"{entry.episodes} episodes" if entry.episodes else ""
    against = "; ".join([*doubts(entry, numbers), *([entry.note] if entry.note else [])])
    return (
        entry.model,
        f"{entry.score:g}",
        f"{100 * measured(numbers) - entry.score:+.1f}",
        f"{entry.who}, {entry.source}{f' ({entry.read})' if entry.read else ', unverified'}",
        ", ".join(filter(None, (entry.sees, steps, episodes, when))) or "not told",
        against or "nothing known speaks against it",
    )


def clipped(text: str, most: int = 300) -> str:
    """`text`, cut after `most` characters with a word on how many more there are."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"


def rendered(numbers: Mapping[str, Any], title: str) -> RenderableType:
    """For a terminal; what a terminal would obey in names and messages is taken out."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from handeye.benchmarks.episodes.breakdown import budget, times, tokens

    rows = rows_of(numbers)
    shown = [
        *score_tables(numbers, rows),
        failure_table(rows, 6),
        spent_table("where the time goes", times(rows)),
        spent_table("tokens and money", tokens(rows)),
    ]
    drawn = []
    for table in shown:
        if not table.lines:
            continue
        one = Table(title=printable(f"{title}, {table.title}"), title_justify="left")
        for number, column in enumerate(table.columns):
            one.add_column(printable(column), justify="right" if number and column not in ("what it is", "which") else "left")
        for line in table.lines:
            one.add_row(*(Text(printable(cell)) for cell in line))
        drawn.append(one)
    said = [f"{headline(numbers)}; in full {percent(numbers['success_rate_strict'])}."]
    said += [f"{value} {name}: {what}." for value, name, what in means(numbers)]
    said += [f"{value} {name}: {what}." for value, name, what in filter(None, [over_seeds(numbers)])]
    said += [*budget_sentences(budget(rows, numbers)), *filter(None, [step_sentence(numbers)]), *attempt_sentences(numbers)]
    return Group(*drawn, *(Text(printable(sentence)) for sentence in said))
