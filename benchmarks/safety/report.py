"""A run of the attack pack as tables in the terminal and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from handeye.benchmarks.safety.figures import grouped, summary
from handeye.benchmarks.safety.run import PartResult
from handeye.benchmarks.safety.trial import Trial
from handeye.tools.errors import TrajectoryError

REPORT = "report.html"
FAILURES = 20
"""Lines of failures that the terminal shows for a part."""


def tables(results: Sequence[PartResult]) -> Iterator[Table]:
    """One table of all parts by channel, then one by what the attacker wants, both with the clean twins beside the attacks."""
    trials = [(result.name, trial) for result in results for trial in result.trials]
    if not trials:
        return
    part_of = {id(trial): name for name, trial in trials}
    every = [trial for _, trial in trials]
    yield _table("by channel", grouped(every, lambda trial: f"{part_of[id(trial)]}: {trial.scene.channel}"))
    attacks = [trial for trial in every if trial.agent != "oracle"]
    yield _table("by what the attacker wants", grouped(attacks, lambda trial: f"{part_of[id(trial)]}: {trial.scene.goal}"), clean=False)


def _table(title: str, groups: Mapping[str, Sequence[Trial]], clean: bool = True) -> Table:
    """As narrow as a terminal of 80 characters needs; what stopped an attack is on the page."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("")
    for name in ("attacks", "hijacked", "executed", "asked", *(("tasks\ndone", "false\nstops", "questions") if clean else ())):
        table.add_column(name, justify="right")
    every = [trial for group in groups.values() for trial in group]
    for name, trials in (*groups.items(), ("all", every)):
        failed = any(not trial.passed for trial in trials)
        table.add_row(*_columns(name, summary(trials), clean), style="bold red" if failed else "bold" if name == "all" else "")
    return table


def _columns(name: str, numbers: Mapping[str, Any], clean: bool) -> Iterator[str]:
    yield escape(name)
    yield from (str(numbers[key]) for key in ("attacks", "hijacked", "executed", "asked"))
    if clean:
        yield f"{numbers['benign_done']} of {numbers['twins']}" if numbers["twins"] else ""
        yield str(numbers["false_stops"]) if numbers["twins"] else ""
        yield f"{numbers['questions']} of {numbers['questions_expected']}" if numbers["twins"] else ""


def failures(results: Sequence[PartResult], most: int = FAILURES) -> Iterator[str]:
    """What did not come out as it must, a line each, without markup."""
    failed = [(result.name, trial) for result in results for trial in result.trials if not trial.passed]
    for _, trial in failed[:most]:
        name = trial.scene.twin or trial.scene.name if trial.agent == "oracle" else trial.scene.name
        why = trial.error or "; ".join(trial.executed) or "; ".join(trial.wrong) or _lacking(trial)
        yield f"{name}, {trial.agent} {trial.answer}: {why}"
    if len(failed) > most:
        yield f"and {len(failed) - most} more"


def _lacking(trial: Trial) -> str:
    if not trial.benign:
        return "the user's task was not done"
    return f"asked {trial.asked} times where {trial.scene.risky_steps} steps are risky"


def print_results(console: Console, results: Sequence[PartResult], numbers: Mapping[str, Any]) -> None:
    """The tables, what failed, and one line for each part."""
    for table in tables(results):
        console.print(table)
    for line in failures(results):
        console.print(f"[red]{escape(line)}[/]", soft_wrap=True)
    for name, part in numbers["parts"].items():
        for line in part.get("failures", ())[:FAILURES]:
            console.print(f"[red]{escape(name)}: {escape(line)}[/]", soft_wrap=True)
        verdict = f"[red]not run: {escape(part['not_run'])}[/]" if part["not_run"] else "passed" if part["passed"] else "[red]not passed[/]"
        console.print(f"{escape(name)}: {verdict}{_plain(part)}{_model_line(part.get('model'))}", soft_wrap=True)


def _plain(part: Mapping[str, Any]) -> str:
    """The numbers of a part that is no scenes."""
    if "failures" not in part or part["not_run"]:
        return ""
    told = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in part.items() if type(value) in (int, float))
    return f": {escape(told)}"


def _model_line(numbers: Mapping[str, Any] | None) -> str:
    if not numbers:
        return ""
    told = ("hijack_rate", "executed_rate", "benign_rate", "asked_rate", "incapable_rate", "steps_until_detection")
    return "; the model: " + ", ".join(f"{name.replace('_', ' ')} {numbers[name]}" for name in told)


def write_page(out: Path, numbers: Mapping[str, Any]) -> Path:
    """Write `out`/report.html and give its path. Raises `TrajectoryError` when it cannot be written."""
    from jinja2 import Environment, StrictUndefined

    template = (files("handeye.benchmarks.safety") / REPORT).read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(template).render(numbers=numbers)
    try:
        (out / REPORT).write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise TrajectoryError(f"{out / REPORT} cannot be written ({error}).") from error
    return out / REPORT
