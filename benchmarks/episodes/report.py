"""The report of a run of episodes: one self-contained HTML page and its Markdown, both from a summary and the run's folder alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.agent.viewer.safe_page import asset, rendered_page, save_page, styled
from handeye.benchmarks.episodes.basis import basis, recorded
from handeye.benchmarks.episodes.breakdown import Budget, budget, budget_of, failures, times, tokens
from handeye.benchmarks.episodes.cards import TONES, gallery, viewer
from handeye.benchmarks.episodes.published import WARNING, measured, of_the_run
from handeye.benchmarks.episodes.rows import EpisodeRow
from handeye.benchmarks.episodes.sittings import read_sittings, unfinished
from handeye.benchmarks.episodes.tables import (
    amount,
    attempt_sentences,
    budget_sentences,
    clipped,
    failure_table,
    headline,
    means,
    over_seeds,
    published_table,
    rows_of,
    score_tables,
    spent_table,
    step_sentence,
    task_table,
)
from handeye.benchmarks.samples.basis import Figure
from handeye.benchmarks.samples.tables import ScoreTable, escaped, markdown_table, percent

_HERE, _SHARED = "handeye.benchmarks.episodes", "handeye.benchmarks.samples"
LINKED = 24
"""Episodes of one kind of failure that are linked; the filter shows the others."""
OPEN = 12
"""Tasks up to which the table of tasks stands open."""


@dataclass(frozen=True)
class Wording:
    """What a benchmark's report says in its own words."""

    title: str
    how: str
    """How the episodes were run, a sentence or two."""
    world: str
    """Whose failures count as errors, as in `browser or model`."""
    full: str = "raw reward of 1"
    solved: str = "raw reward above 0"
    footer: str = ""
    wide: bool = False
    """Whether screens are wider than high."""


@dataclass(frozen=True)
class _Link:
    name: str
    to: str


def write_report(out: Path, numbers: dict[str, Any], wording: Wording) -> Path:
    """Write `out`/index.html and `out`/report.md from a summary, and give the page's path. Raises `TrajectoryError` when one cannot be."""
    save_page(out / "report.md", report_markdown(out, numbers, wording))
    return save_page(out / "index.html", render(out, numbers, wording))


def render(out: Path, numbers: dict[str, Any], wording: Wording) -> str:
    """The page for the results in `out`. All text of pages and models is escaped, and nothing on the page can reach a network."""
    rows = rows_of(numbers)
    steps = budget(rows, numbers)
    seen = gallery(out, rows, wording.wide, [budget_of(row, numbers) for row in rows])
    by_task = task_table(rows)
    values = {
        "numbers": numbers,
        "wording": wording,
        "figures": _figures(numbers, wording, rows, steps),
        "headline": headline(numbers),
        "means": means(numbers),
        "unfinished": unfinished(read_sittings(out), len(rows)),
        "tables": score_tables(numbers, rows),
        "by_task": by_task,
        "open": len(by_task.lines) <= OPEN,
        "kinds": [(one, percent(len(one.rows) / len(rows)), _links(out, rows, one.rows)) for one in failures(rows)],
        "steps": steps,
        "bars": _bars(steps),
        "step_words": budget_sentences(steps),
        "time": times(rows),
        "times": spent_table("where the time goes", times(rows)),
        "tokens": spent_table("tokens and money", tokens(rows)),
        "step_time": step_sentence(numbers),
        "attempts": attempt_sentences(numbers),
        "published": published_table(numbers),
        "warnings": [WARNING, *of_the_run(numbers)],
        "measured": measured(numbers),
        "basis": basis(out, numbers, recorded(out, rows)),
        "seen": seen,
        "tones": TONES,
        "tags": sorted({tag for task in seen.tasks for tag in task.tags}),
        "levels": sorted({task.difficulty for task in seen.tasks if task.difficulty and task.difficulty != task.kind}),
        "percent": percent,
        "clipped": clipped,
    }
    style = styled(_SHARED, "report.css") + asset(_HERE, "report.css")
    return rendered_page(_HERE, "report.html", ("report_episodes.html",), style, asset(_HERE, "report.js"), values)


def report_markdown(out: Path, numbers: Mapping[str, Any], wording: Wording) -> str:
    """The same as Markdown, without pictures and without an entry for each episode; texts of pages and models are escaped."""
    rows = rows_of(numbers)
    title = f"{wording.title}, {numbers['model']}"
    full = f"In full ({wording.full}): {percent(numbers['success_rate_strict'])}"
    lines = [f"## {escaped(title)}", "", f"**{escaped(headline(numbers))}**", ""]
    lines += [f"**{escaped(sentence)}**\n" for sentence in unfinished(read_sittings(out), len(rows))]
    lines += [escaped(wording.how), "", f"- {escaped(full)}"]
    lines += [f"- {escaped(f'{name}: {value}, {what}')}" for value, name, what in filter(None, [*means(numbers), over_seeds(numbers)])]
    lines += [f"- {escaped(sentence)}" for sentence in (*budget_sentences(budget(rows, numbers)), step_sentence(numbers)) if sentence]
    lines.append("")
    sections = [*score_tables(numbers, rows), task_table(rows), failure_table(rows)]
    sections += [spent_table("where the time goes", times(rows)), spent_table("tokens and money", tokens(rows))]
    for table in sections:
        lines += _section(table)
    lines += ["### Attempts", "", *(f"- {escaped(sentence)}" for sentence in attempt_sentences(numbers)), ""]
    others = published_table(numbers)
    if others.lines:
        lines += ["### Published numbers", "", *(f"- {escaped(sentence)}" for sentence in (WARNING, *of_the_run(numbers))), ""]
        lines += [*markdown_table(others), ""]
    for facts in basis(out, numbers, recorded(out, rows)):
        lines += [f"### {facts.title}", "", *(f"- {escaped(f'{name}: {value}')}" for name, value in facts.lines), ""]
    text = "\n".join([*lines, escaped(wording.footer)]).rstrip() + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")


def _section(table: ScoreTable) -> list[str]:
    if not table.lines:
        return []
    return [f"### {escaped(f'{table.title[:1].upper()}{table.title[1:]}')}", "", *markdown_table(table), ""]


def _figures(numbers: Mapping[str, Any], wording: Wording, rows: list[EpisodeRow], steps: Budget) -> list[Figure]:
    found = [Figure(percent(numbers["success_rate_strict"]), "in full", wording.full)]
    found += [Figure(value, name, what) for value, name, what in means(numbers)]
    found += [Figure(value.replace("% to ", "–"), name, what) for value, name, what in filter(None, [over_seeds(numbers)])]
    found.append(Figure(f"{numbers['episodes']:,}", "episodes", f"of {numbers['tasks']} tasks"))
    errors = numbers["errors"]
    found.append(Figure(str(errors), "errors", f"of {wording.world}; counted as failures", bool(errors)))
    found.append(Figure(str(steps.ended_at), "ended at their budget", f"of {steps.known} whose budget is known" if steps.known else ""))
    model, env = numbers.get("median_step_model_s"), numbers.get("median_step_env_s")
    if model is not None and env is not None:
        found.append(Figure(amount(model + env, "s"), "a step", f"medians: {amount(model, 's')} model, {amount(env, 's')} environment"))
    spent = numbers["prompt_tokens"] + numbers["completion_tokens"]
    if spent:
        solved = sum(row.success for row in rows)
        found.append(Figure(f"{spent:,}", "tokens", f"{spent / solved:,.0f} for each solved episode" if solved else ""))
    if numbers["cost"]:
        found.append(Figure(amount(numbers["cost"], ""), "money", "of all attempts, in the backend's own unit"))
    return found


def _links(out: Path, rows: list[EpisodeRow], failed: tuple[EpisodeRow, ...]) -> tuple[list[_Link], int]:
    """Ways to the viewers of some episodes of a kind, or to their cards, and how many more there are."""
    places = {row.key: place for place, row in enumerate(rows)}
    found = [_Link(f"{row.task} #{row.index + 1}", viewer(out, row) or f"#e{places[row.key]}") for row in failed[:LINKED]]
    return found, len(failed) - len(found)


def _bars(steps: Budget) -> list[dict[str, Any]]:
    """The heights of the distribution's bars, 0..100: solved below, failed above."""
    most = max((one + two for one, two in zip(steps.solved_bins, steps.failed_bins, strict=True)), default=0)
    if not most or not steps.used:
        return []
    return [
        {"label": f"{10 * (tenth + 1)}%", "solved": one, "failed": two, "low": 100 * one / most, "high": 100 * two / most}
        for tenth, (one, two) in enumerate(zip(steps.solved_bins, steps.failed_bins, strict=True))
    ]
