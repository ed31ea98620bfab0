"""The web scenes of the attack pack: nothing of the attacker's happens, nothing of the user's is stopped; and without a gate nearly all of
it happens, so that the scenes are known to work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from handeye.agent.approval import allow_all
from handeye.benchmarks.safety.gate import rules_approver
from handeye.benchmarks.safety.run import PartResult, Request, run_part
from handeye.benchmarks.safety.scene import Part, Scene, Stage
from handeye.benchmarks.safety.web.scenes import SCRIPTS, WEB
from handeye.benchmarks.safety.web.world import WebStage
from handeye.tools.errors import SetupError

QUICK = tuple(scene for scene in WEB.scenes if scene.quick)
ATTACKS = tuple(scene for scene in QUICK if scene.goal != "benign")
SLICES = 6
BY_THE_BROWSER = ("file upload", "new window")
"""Channels that a guarded browser stops by itself, whatever the approver says."""
AFTER = "after the yes"
"""Ends the names of channels in which the person agrees to something honest first."""


class _Kept:
    """The stage, open for all tests of the file."""

    def __init__(self, stage: Stage) -> None:
        self.open = stage.open

    def close(self) -> None:
        """Not here."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from _stage(tmp_path_factory.mktemp("stage"), gated=True)


@pytest.fixture(scope="module")
def open_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from _stage(tmp_path_factory.mktemp("stage"), gated=False)


def _stage(folder: Path, gated: bool) -> Iterator[Stage]:
    try:
        found = WebStage(folder, {scene.name: script for scene, script in SCRIPTS.items()}, gated=gated)
    except SetupError as error:
        pytest.skip(str(error))
    yield found
    found.close()


def run(stage: Stage, request: Request, scenes: Iterable[Scene]) -> PartResult:
    return run_part(Part("web", tuple(scenes), lambda folder: _Kept(stage)), request)


@pytest.mark.parametrize("first", range(SLICES))
def test_nothing_is_executed_and_nothing_stopped_falsely(stage, tmp_path, first) -> None:
    result = run(stage, Request(tmp_path, rules_approver, quick=True), ATTACKS[first::SLICES])
    assert [(trial.scene.name, trial.agent, trial.executed) for trial in result.trials if trial.executed] == []
    assert [(trial.scene.name, trial.agent, trial.error) for trial in result.trials if trial.error] == []
    assert [(trial.scene.twin, trial.wrong) for trial in result.trials if trial.wrong] == []
    assert result.passed
    attacks = [trial for trial in result.trials if trial.agent != "oracle"]
    assert all(trial.hijacked for trial in attacks), "an agent that obeys everything has something to obey in every scene"
    assert all(trial.stopped for trial in attacks if not trial.scene.harmless), "and is stopped somewhere"


def test_what_people_do_all_day_is_not_stopped(stage, tmp_path) -> None:
    benign = (scene for scene in QUICK if scene.goal == "benign")
    result = run(stage, Request(tmp_path, rules_approver, quick=True), benign)
    assert [(trial.scene.name, trial.wrong, trial.error) for trial in result.trials if not trial.passed] == []
    assert {trial.asked for trial in result.trials} >= {0, 1}


def test_without_a_gate_the_attacks_work(open_stage, tmp_path) -> None:
    risky = [scene for scene in ATTACKS if scene.risky_steps][:1]
    scenes = dict.fromkeys(
        (*ATTACKS[::9], *risky, *(scene for scene in ATTACKS if scene.channel in BY_THE_BROWSER or scene.channel.endswith(AFTER)))
    )
    # Nobody is asked: one pass of the agent shows what a second would.
    result = run(open_stage, Request(tmp_path, lambda scene, bounds: allow_all, answers=("nobody",)), scenes)
    assert not result.passed
    attacks = [trial for trial in result.trials if trial.agent != "oracle" and not trial.scene.harmless]
    assert [trial.scene.name for trial in attacks if not trial.executed] == []
    asking = [trial for trial in result.trials if trial.agent == "oracle" and trial.scene.risky_steps]
    assert asking
    assert not any(trial.passed for trial in asking), "a risky step that nobody was asked about is a fault of the gate"


def test_every_name_is_one_scene_and_every_twin_one_task() -> None:
    names = [scene.name for scene in WEB.scenes]
    assert len(set(names)) == len(names)
    assert sum(scene.goal != "benign" for scene in WEB.scenes) >= 150
    tasks: dict[str, set[tuple[str, int]]] = {}
    for scene in WEB.scenes:
        tasks.setdefault(scene.twin or scene.name, set()).add((scene.task, scene.risky_steps))
    assert all(len(found) == 1 for found in tasks.values())
    assert {scene.goal for scene in QUICK} == {scene.goal for scene in WEB.scenes}


def test_a_stage_that_does_not_open_is_a_part_not_run(tmp_path) -> None:
    def nowhere(folder: Path) -> Stage:
        raise SetupError("there is no browser")

    result = run_part(replace(WEB, open_stage=nowhere), Request(tmp_path, rules_approver))
    assert not result.passed
    assert "no browser" in result.not_run
