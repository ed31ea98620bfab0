"""`handeye bench offline`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from handeye.agent.provenance import versions
from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.offline import fields
from handeye.benchmarks.offline.answers import Answers, open_format, oracle, read_answers
from handeye.benchmarks.offline.fingerprint import data_sha256
from handeye.benchmarks.offline.protocol import LEVELS
from handeye.benchmarks.offline.registry import BENCHMARKS, OfflineBenchmark, find_benchmark, load_episodes
from handeye.benchmarks.offline.rules.registry import Rule, find_rule
from handeye.benchmarks.offline.scoring import Scores, score_steps, table
from handeye.benchmarks.offline.step import OfflineEpisode, OfflineStep
from handeye.tools.errors import InvalidAction, SetupError

app = command_app()
NAMES = ", ".join(BENCHMARKS)


@app.command(epilog="Exit codes: 0 done, 2 usage, set-up error or damaged data.")
def offline(
    name: Annotated[str, typer.Argument(help=f"{NAMES}.")],
    data: Annotated[Path | None, typer.Option(help="Folder of the data, as it is distributed.", show_default=False)] = None,
    outputs: Annotated[
        Path | None, typer.Option(help='Answers to score: JSON Lines of {"episode", "step", "response"}.', show_default=False)
    ] = None,
    oracle_answers: Annotated[bool, typer.Option("--oracle", help="No model: the recorded actions, said and read back.")] = False,
    noop: Annotated[bool, typer.Option("--noop", help="No model: answer nothing. Must score nothing.")] = False,
    rule: Annotated[str, typer.Option(help="How answers are judged; all: by each rule there is.  [default: the published one]")] = "",
    dialect: Annotated[str, typer.Option(help="How answers are written.  [default: the benchmark's]")] = "",
    max_pixels: Annotated[int, typer.Option(help="The dialect's, where the answers were made with another.", show_default=False)] = 0,
    level: Annotated[str, typer.Option(help=f"What the model was told: {', '.join(LEVELS)}. Kept in the record.")] = "high",
    group: Annotated[str, typer.Option(help="Only episodes of this group (IDD, GENERAL, ...).", show_default=False)] = "",
    size: Annotated[str, typer.Option(help="Size of screens whose picture is not there, as 1080x2400.", show_default=False)] = "",
    partial: Annotated[bool, typer.Option("--partial", help="Score the steps that have an answer; say how many have none.")] = False,
    rows: Annotated[Path | None, typer.Option(help="Write each step's verdict here, as JSON Lines.", show_default=False)] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say what the rule asks for and where it comes from, and end.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Offline agents: score answers to recorded steps of AITZ, AndroidControl or AgentNetBench, by a named rule."""
    bench = find_benchmark(name)
    chosen = [find_rule(one, bench.rules) for one in (bench.rules if rule == "all" else (rule or bench.rules[0],))]
    if explain:
        sys.stdout.write("\n\n".join(f"{one.name}\n{one.about}" for one in chosen) + "\n")
        return
    if sum((outputs is not None, oracle_answers, noop)) != 1:
        raise InvalidAction("say one of --outputs FILE, --oracle and --noop")
    if level not in LEVELS:
        raise InvalidAction(f"--level is one of {', '.join(LEVELS)}, not {level!r}")
    if data is None:
        raise SetupError(f"--data DIR is missing: the folder of {bench.title}.", fix=bench.fetch)
    about: dict[str, Any] = {
        "benchmark": name,
        "policy": "oracle" if oracle_answers else "noop" if noop else str(outputs),
        "dialect": dialect or bench.dialect,
        "level": level,
        "group": group,
        "options": {"max_pixels": max_pixels} if max_pixels else {},
    }
    episodes = [one for one in load_episodes(name, data, fields.read_size(size)) if not group or one.group == group]
    if not episodes:
        raise SetupError(f"There are no episodes of the group {group!r} in {data}.", fix="leave --group out")
    about["data"] = {"sha256": data_sha256(episodes), "convention": bench.convention}
    answers = None if outputs is None else read_answers(outputs)
    about["outputs"] = None if answers is None else {"file": str(outputs), "sha256": answers.sha256, "rows": len(answers.texts)}
    about["versions"] = versions()
    episodes, about["unanswered"] = _answered(episodes, answers, partial)
    scores = _score(episodes, answers, about, chosen)
    if rows is not None:
        _write_rows(rows, scores)
    tables = {one.name: table(score[one.name] for score in scores) for one in chosen}
    if as_json:
        found = {"rule": chosen[0].name, **tables[chosen[0].name]} if len(chosen) == 1 else {"rules": tables}
        sys.stdout.write(json.dumps(about | found) + "\n")
        return
    _show(Console(highlight=False), bench, about, chosen, tables)


def _score(episodes: list[OfflineEpisode], answers: Answers | None, about: dict[str, Any], rules: list[Rule]) -> list[Scores]:
    def answer(step: OfflineStep) -> str | None:
        return "" if answers is None else answers.texts[step.episode, step.number]

    read = open_format(about["dialect"], **about["options"])
    says = oracle(about["dialect"], **about["options"]) if about["policy"] == "oracle" else answer
    return list(score_steps(episodes, says, read, rules))


def _answered(episodes: list[OfflineEpisode], answers: Answers | None, partial: bool) -> tuple[list[OfflineEpisode], int]:
    """The episodes, less the steps without an answer, and how many those are."""
    if answers is None:
        return episodes, 0
    keys = [(step.episode, step.number) for episode in episodes for step in episode.steps]
    answers.check(keys, partial)
    left = [replace(one, steps=tuple(step for step in one.steps if (step.episode, step.number) in answers.texts)) for one in episodes]
    return [one for one in left if one.steps], sum(key not in answers.texts for key in keys)


def _write_rows(path: Path, scores: list[Scores]) -> None:
    def lines() -> Iterator[str]:
        for by_rule in scores:
            for rule, score in by_rule.items():
                yield json.dumps({"rule": rule, **score.row()}, ensure_ascii=False) + "\n"

    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(lines())
    except OSError as error:
        raise SetupError(f"{path} cannot be written: {error}.", fix="say --rows FILE in a folder that is there") from error


def _show(console: Console, bench: OfflineBenchmark, about: dict[str, Any], rules: list[Rule], tables: dict[str, dict[str, Any]]) -> None:
    title = f"{bench.title}, {about['policy']}, level {about['level']}, {about['dialect']}"
    first = tables[rules[0].name]
    if len(rules) == 1:
        lines = {**first["cells"], "all (micro)": first}
        _print_table(console, f"{title}, rule {rules[0].name}", "kind", lines)
    else:
        _print_table(console, title, "rule", tables)
    for rule in rules:
        numbers = tables[rule.name]
        line = f"{rule.name}: macro {numbers['macro']:.1%}; hit rate {numbers['hit_rate']:.1%}; {numbers['episodes']} episodes, "
        line += f"success {numbers['episode_success']:.1%}, goal progress {numbers['goal_progress']:.1%}"
        console.print(line, soft_wrap=True)
        if about["policy"] == "oracle" and numbers["correct"] < numbers["total"]:
            reason = rule.short_of or "of a fault: please report it"
            console.print(f"  The recorded actions are not all right, because {reason}.", soft_wrap=True)
    if first["assumed_sizes"]:
        console.print(f"{first['assumed_sizes']} screens have no picture here; their size was taken from --size.", soft_wrap=True)
    if about["unanswered"]:
        console.print(f"{about['unanswered']} steps have no answer and are left out.", soft_wrap=True)


def _print_table(console: Console, title: str, what: str, lines: dict[str, dict[str, Any]]) -> None:
    shown = Table(title=title)
    for column in (what, "steps", "right", "exact", "type", "points", "wrong format"):
        shown.add_column(column, justify="left" if column == what else "right")
    for name, cell in lines.items():
        rates = (f"{cell[key]:.1%}" for key in ("accuracy", "type_match", "points"))
        shown.add_row(name, str(cell["total"]), str(cell["correct"]), *rates, str(cell["wrong_format"]))
    console.print(shown)
