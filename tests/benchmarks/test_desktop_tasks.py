"""The desktop tasks on paper: files, names, assets and solutions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from handeye.benchmarks.desktop import catalogue
from handeye.benchmarks.desktop.catalogue import ASSETS, DOMAINS, TASKS, find, guided, jobs, of_osworld, ours
from handeye.benchmarks.desktop.solutions import SOLUTIONS
from handeye.benchmarks.osworld.getters import GETTERS
from handeye.benchmarks.osworld.metrics import METRICS
from handeye.benchmarks.osworld.steps import STEPS
from handeye.tools.errors import InvalidAction

KEYS = ["id", "snapshot", "instruction", "source", "config", "related_apps", "evaluator", "proxy", "fixed_ip", "possibility_of_env_change"]


def texts(data: Any) -> list[str]:
    """Every text in a task's JSON."""
    if isinstance(data, str):
        return [data]
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [text for one in inside for text in texts(one)]


@pytest.mark.parametrize("path", sorted(TASKS.glob("*/*.json")), ids=lambda path: path.stem)
def test_a_task_has_osworlds_shape_and_what_it_names_is_there(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    assert list(data) == KEYS
    assert (data["id"], data["snapshot"]) == (path.stem, path.parent.name)
    task = find(path.stem).task
    assert {step.type for step in (*task.config, *task.evaluator.postconfig)} <= set(STEPS)
    if not task.evaluator.infeasible:
        assert set(task.evaluator.func) <= set(METRICS)
    assert {getter["type"] for getter in (*task.evaluator.result, *task.evaluator.expected) if getter} <= set(GETTERS)
    for asset in (text.removeprefix("asset:") for text in texts(data) if text.startswith("asset:")):
        assert (ASSETS / asset).is_file()


def test_the_tasks_are_of_many_kinds_and_each_has_a_solution() -> None:
    known = ours()
    assert len(known) >= 14
    assert {entry.domain for entry in known.values()} == set(DOMAINS)
    assert set(SOLUTIONS) == set(known)
    assert not set(known) & set(guided())
    assert sum(entry.task.evaluator.infeasible for entry in known.values()) == 1
    assert sum(len(entry.task.related_apps) > 1 for entry in known.values()) >= 2
    assert len({entry.task.instruction for entry in known.values()}) == len(known)


def test_every_asset_is_used() -> None:
    named = {text.removeprefix("asset:") for path in TASKS.glob("*/*.json") for text in texts(json.loads(path.read_text()))}
    assert {path.name for path in ASSETS.iterdir()} <= named


def test_jobs_are_chosen_by_name_and_domain() -> None:
    assert [job.task for job in jobs()] == list(ours())
    assert [job.task for job in jobs(domains=["terminal"])] == ["terminal-count", "terminal-permissions"]
    assert [(job.task, job.index) for job in jobs(["files-move", "files-move"], repeats=2)] == [("files-move", 0), ("files-move", 1)]
    assert find("several-hours").max_steps > find("calc-total").max_steps
    with pytest.raises(InvalidAction, match="did you mean files-rename"):
        jobs(["files-renam"])
    with pytest.raises(InvalidAction, match="no domain 'chrome'"):
        jobs(domains=["chrome"])


def test_a_checkout_of_osworld_gives_the_tasks_that_can_run_here(tmp_path: Path) -> None:
    examples = tmp_path / "evaluation_examples" / "examples"
    easy = json.loads((TASKS / "terminal" / "terminal-count.json").read_text())
    hard = {**easy, "id": "far", "evaluator": {**easy["evaluator"], "func": ["of_a_machine_that_is_not_here", "exact_match"]}}
    for domain, task in (("os", {**easy, "id": "near"}), ("os", hard)):
        (examples / domain).mkdir(parents=True, exist_ok=True)
        (examples / domain / f"{task['id']}.json").write_text(json.dumps(task))
    assert list(of_osworld(tmp_path)) == ["os/far", "os/near"]
    assert [job.task for job in jobs(osworld=tmp_path)] == ["os/near"]
    assert find("os/near", tmp_path).assets is None
    with pytest.raises(InvalidAction, match="of_a_machine_that_is_not_here"):
        jobs(["os/far"], osworld=tmp_path)
    with pytest.raises(InvalidAction, match="holds no OSWorld tasks"):
        catalogue.jobs(osworld=tmp_path / "evaluation_examples" / "examples" / "os")
