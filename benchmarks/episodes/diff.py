"""What differs between two runs of an episode benchmark: how they were made, and task by task what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from handeye.benchmarks.episodes.basis import Recorded, recorded
from handeye.benchmarks.episodes.cards import viewer
from handeye.benchmarks.episodes.registry import read_folder
from handeye.benchmarks.episodes.rows import EpisodeRow, final_rows
from handeye.benchmarks.paired import compare_pairs
from handeye.benchmarks.results import differences, read_rows
from handeye.tools.errors import TrajectoryError

Key = tuple[str, int]
RULES: Mapping[str, str] = {
    "policy": "Another rule of when an episode counts",
    "pages": "Another version of the tasks' pages",
    "commit": "Another commit of the tasks' code",
    "osworld": "Other tasks",
}
"""Fields of a configuration that say what is scored and how: runs that differ in one do not measure the same."""
ALLOWED: Mapping[str, str] = {"max_steps": "step limit", "budget": "step budgets", "device": "device"}
"""Fields that make a run easier or harder, and yet may be what is to be compared."""


@dataclass(frozen=True, eq=False)
class EpisodeSide:
    """One of the two."""

    path: str
    title: str
    configuration: Mapping[str, Any]
    rows: Mapping[Key, EpisodeRow]
    """The episodes that count."""
    attempts: int
    recorded: Recorded
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class EpisodePair:
    """The rows of one episode in both."""

    a: EpisodeRow
    b: EpisodeRow


def read_side(path: Path) -> EpisodeSide:
    """Read a run's folder. Raises `TrajectoryError` for one that is none, is damaged, holds no row, or was written by a newer handeye."""
    rows, benchmark, configuration = read_folder(path)
    counted = {row.key: row for row in final_rows(rows)}
    written = path / "results.jsonl"
    whole = read_rows(written, EpisodeRow)[1] == written.stat().st_size
    notes = () if whole else ("its last row was cut off and is left out",)
    title = benchmark.wording(configuration).title
    return EpisodeSide(str(path), title, configuration.model_dump(mode="json"), counted, len(rows), recorded(path, counted.values()), notes)


def compare(a: EpisodeSide, b: EpisodeSide) -> dict[str, Any]:
    """Every difference, JSON values only. B is measured against A: a positive difference says that B is better.

    Success is compared task by task, over the (task, index) pairs that both have with the same seed; several seeds of a task are its mean,
    since they are not independent. Errors of the world count as failures. Raises `TrajectoryError` when no episode is in both.
    """
    common = sorted(a.rows.keys() & b.rows.keys())
    pairs = [EpisodePair(a.rows[key], b.rows[key]) for key in common if a.rows[key].seed == b.rows[key].seed]
    seeds = len(common) - len(pairs)
    if not pairs:
        raise TrajectoryError(_nothing_common(a, b, seeds), fix="give two runs of the same benchmark, tasks and seeds")
    found: dict[str, Any] = {
        "kind": "episodes",
        "a": _about(a),
        "b": _about(b),
        "configuration": [*_told(a.configuration, b.configuration)],
        "record": [*_told(_record(a.recorded), _record(b.recorded))] if a.recorded.read and b.recorded.read else [],
        "prompt": _prompt(a.recorded, b.recorded, pairs),
        "only_a": [list(key) for key in sorted(a.rows.keys() - b.rows.keys())],
        "only_b": [list(key) for key in sorted(b.rows.keys() - a.rows.keys())],
        "other_seeds": seeds,
        "results": _results(pairs),
        "tasks": _tasks(pairs),
        "episodes": [_episode(a, b, pair) for pair in pairs if pair.a.success != pair.b.success or pair.a.raw != pair.b.raw],
        "spent": {name: _spent([getattr(pair, name) for pair in pairs]) for name in ("a", "b")},
        "failures": _failures(pairs),
    }
    against = _against(a, b, pairs, seeds)
    return found | {"comparable": not against, "against": against, "warnings": [*_warnings(a, b, found)]}


def _nothing_common(a: EpisodeSide, b: EpisodeSide, seeds: int) -> str:
    one, two = a.configuration.get("benchmark"), b.configuration.get("benchmark")
    if one != two:
        return f"{a.path} is a run of {one}, {b.path} of {two}: they have no episode in common."
    if seeds:
        return f"{a.path} and {b.path} have other seeds in all {seeds} episodes of the same name: they are other episodes."
    return f"no episode is in both ({_some(a.rows)} in {a.path}, {_some(b.rows)} in {b.path})."


def _some(rows: Mapping[Key, EpisodeRow]) -> str:
    return ", ".join(f"{task[:60]!r} {index}" for task, index in sorted(rows)[:2]) + (", ..." if len(rows) > 2 else "")


def _about(side: EpisodeSide) -> dict[str, Any]:
    rows = list(side.rows.values())
    return {
        "path": side.path,
        "title": side.title,
        "benchmark": side.configuration.get("benchmark"),
        "model": side.configuration.get("model"),
        "tasks": len({row.task for row in rows}),
        "episodes": len(rows),
        "attempts": side.attempts,
        "errors": sum(bool(row.error) for row in rows),
        "notes": list(side.notes),
    }


def _told(a: Any, b: Any) -> Iterator[dict[str, Any]]:
    for name, one, two in sorted(differences(a, b), key=lambda found: found[0]):
        yield {"field": name, "a": one, "b": two}


def _record(known: Recorded) -> dict[str, Any]:
    return {"versions": known.versions, "sampling": known.sampling, "limits": known.limits, "dialect_options": known.options}


def _prompt(a: Recorded, b: Recorded, pairs: Sequence[EpisodePair]) -> dict[str, Any]:
    """How many episodes began with another prompt, by the hashes in the trajectories."""
    keys = [pair.a.key for pair in pairs]
    known = [key for key in keys if key in a.prompts and key in b.prompts]
    other = sum(a.prompts[key] != b.prompts[key] for key in known)
    return {"known": len(known), "other": other, "a_sha256": a.prompt_digest, "b_sha256": b.prompt_digest}


def _by_task(pairs: Sequence[EpisodePair]) -> dict[str, list[EpisodePair]]:
    found: dict[str, list[EpisodePair]] = {}
    for pair in pairs:
        found.setdefault(pair.a.task, []).append(pair)
    return found


def _results(pairs: Sequence[EpisodePair]) -> dict[str, Any]:
    tasks = _by_task(pairs)

    def paired(measure: str) -> dict[str, Any]:
        one, two = (
            {task: fmean(float(getattr(getattr(pair, name), measure)) for pair in of) for task, of in tasks.items()} for name in ("a", "b")
        )
        found = compare_pairs(one, two).as_dict()
        return found | {"interval": found["interval"] and list(found["interval"])}

    success, full = paired("success"), paired("strict")
    graded = all(0 <= row.raw <= 1 for pair in pairs for row in (pair.a, pair.b))
    return {
        "tasks": len(tasks),
        "episodes": len(pairs),
        **success,
        "full": full,
        "reward": paired("raw") if graded else None,
        "a": _counted([pair.a for pair in pairs]),
        "b": _counted([pair.b for pair in pairs]),
    }


def _counted(rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    return {
        "solved": sum(row.success for row in rows),
        "full": sum(row.strict for row in rows),
        "episodes": len(rows),
        "errors": sum(bool(row.error) for row in rows),
        "mean_reward": fmean(row.raw for row in rows),
    }


def _tasks(pairs: Sequence[EpisodePair]) -> list[dict[str, Any]]:
    """Tasks whose rate differs, the largest change first."""
    found = []
    for task, of in _by_task(pairs).items():
        one, two = sum(pair.a.success for pair in of), sum(pair.b.success for pair in of)
        if one != two:
            kinds = {name: dict(Counter(getattr(pair, name).failure for pair in of if getattr(pair, name).failure)) for name in ("a", "b")}
            found.append({"task": task, "kind": of[0].a.kind, "episodes": len(of), "a": one, "b": two, "failures": kinds})
    return sorted(found, key=lambda row: (-abs(row["b"] - row["a"]) / row["episodes"], row["b"] > row["a"], row["task"]))


def _episode(a: EpisodeSide, b: EpisodeSide, pair: EpisodePair) -> dict[str, Any]:
    change = ""
    if pair.a.success != pair.b.success:
        change = "solved in A alone" if pair.a.success else "solved in B alone"
    return {
        "task": pair.a.task,
        "index": pair.a.index,
        "seed": pair.a.seed,
        "goal": pair.a.goal or pair.b.goal,
        "change": change or "another reward",
        "a": _ended(a, pair.a),
        "b": _ended(b, pair.b),
    }


def _ended(side: EpisodeSide, row: EpisodeRow) -> dict[str, Any]:
    names = ("raw", "outcome", "message", "reason", "error", "steps", "seconds", "attempt")
    told = {name: getattr(row, name) for name in names}
    return {**told, "success": row.success, "failure": row.failure, "viewer": viewer(Path(side.path), row)}


def _spent(rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    model, env = (sum(sum(getattr(row, name)) for row in rows) for name in ("model_s", "env_s"))
    whole = sum(row.seconds for row in rows)
    return {
        "steps": sum(row.steps for row in rows),
        "median_steps": median(row.steps for row in rows),
        "at_budget": sum(row.outcome == "step_limit" for row in rows),
        "seconds": round(whole, 3),
        "median_seconds": round(median(row.seconds for row in rows), 3),
        "model_s": round(model, 3),
        "env_s": round(env, 3),
        "beside_s": round(max(0.0, whole - model - env), 3),
        "prompt_tokens": sum(row.prompt_tokens for row in rows),
        "completion_tokens": sum(row.completion_tokens for row in rows),
        "cost": round(sum(row.cost for row in rows), 6),
    }


def _failures(pairs: Sequence[EpisodePair]) -> list[dict[str, Any]]:
    """How many episodes failed in each way, the most frequent first."""
    one, two = (Counter(getattr(pair, name).failure or "unknown" for pair in pairs if not getattr(pair, name).success) for name in "ab")
    return [
        {"kind": kind, "a": one[kind], "b": two[kind]} for kind in sorted({*one, *two}, key=lambda kind: (-one[kind] - two[kind], kind))
    ]


def _against(a: EpisodeSide, b: EpisodeSide, pairs: Sequence[EpisodePair], seeds: int) -> list[str]:
    """Why the two rates do not measure the same thing; empty where they do."""
    told = []
    one, two = (str(side.configuration.get("benchmark")) for side in (a, b))
    if one != two:
        told.append(f"Another benchmark: {one} and {two}.")
    if seeds:
        told.append(f"Other seeds in {seeds} episodes of the same task and number: they are left out, and the rest is a part of both.")
    for name, words in RULES.items():
        values = [side.configuration.get(name) for side in (a, b)]
        if values[0] != values[1]:
            told.append(f"{words}: {values[0]!r} and {values[1]!r}.")
    goals = sum(bool(pair.a.goal and pair.b.goal) and pair.a.goal != pair.b.goal for pair in pairs)
    if goals:
        told.append(f"Another goal under the same task and seed: {goals} episodes.")
    return told


def _warnings(a: EpisodeSide, b: EpisodeSide, found: Mapping[str, Any]) -> Iterator[str]:
    for name, side in (("A", a), ("B", b)):
        yield from (f"{name}: {note}." for note in side.notes)
        if errors := found["results"][name.lower()]["errors"]:
            yield f"{name} has {errors} episodes that the world made fail: they count as failures; --retry-errors runs them again."
        if side.attempts > len(side.rows):
            yield f"{name} tried {side.attempts - len(side.rows)} episodes again after a failure of the world; the last attempt counts."
        if alone := len(found[f"only_{name.lower()}"]):
            yield f"{alone} episodes are only in {name} and are left out of every number here."
    for field, words in ALLOWED.items():
        one, two = a.configuration.get(field), b.configuration.get(field)
        if one != two:
            yield f"Another {words}: {one} in A, {two} in B."
    if found["prompt"]["other"]:
        yield f"Asked in other words: {found['prompt']['other']} of the {found['prompt']['known']} episodes whose first prompts are known."
    if found["results"]["episodes"] > found["results"]["tasks"]:
        yield "Several episodes of one task are its mean in every test here: they are not independent of each other."
