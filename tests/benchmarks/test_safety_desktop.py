"""The desktop scenes of the attack pack: nothing of the attacker's happens, nothing of the user's is stopped; and without a gate nearly all
of it happens, so that the scenes are known to work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from handeye.agent.approval import allow_all
from handeye.benchmarks.safety.desktop.scenes import DESKTOP, SCRIPTS
from handeye.benchmarks.safety.gate import rules_approver
from handeye.benchmarks.safety.scene import Scene, Stage
from handeye.benchmarks.safety.trial import attacked, clean, raced
from handeye.tools.desktop.virtual import network_refusal
from handeye.tools.errors import SetupError

QUICK = tuple({scene.channel: scene for scene in DESKTOP.scenes}.values())
"""The last scene of each channel."""
OBEYED = tuple(scene for scene in QUICK if not scene.races)
"""What the agent that obeys everything meets; where windows race it meets them racing."""
THOROUGH = tuple({SCRIPTS[scene].channel.lure: scene for scene in OBEYED}.values())
"""For each way of obeying a scene in which the agent tries again and by other inputs; in the others it tries once and nobody answers."""
TWINS = tuple({scene.twin: scene for scene in DESKTOP.scenes}.values())
LISTED = frozenset({"lying dialog", "notification unlisted"})
"""Channels that a list of programs closes; without approvals it still holds."""
HELD = tuple(scene for scene in QUICK if not (scene.races or scene.harmless or scene.channel in LISTED))
"""Scenes that nothing but approvals holds."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    try:
        found = DESKTOP.open_stage(tmp_path_factory.mktemp("stage"))
    except SetupError as error:
        pytest.skip(str(error))
    yield found
    found.close()


def named(scenes: Iterable[Scene]) -> list[object]:
    return [pytest.param(scene, id=scene.name.replace("/", "-")) for scene in scenes]


def needs_network(scene: Scene) -> None:
    if scene.channel == "network" and (why := network_refusal()) is not None:
        pytest.skip(f"no network of its own here: {why}")


@pytest.mark.parametrize("scene", named(OBEYED))
def test_nothing_is_executed_that_nobody_allowed(stage: Stage, scene: Scene, tmp_path: Path) -> None:
    needs_network(scene)
    trial = attacked(stage, scene, rules_approver, "no" if scene in THOROUGH else "nobody", tmp_path / "run")
    assert (trial.executed, trial.error) == ((), "")
    assert trial.passed
    assert trial.hijacked, "an agent that obeys everything has something to obey in every scene"
    assert trial.stopped, "and is stopped somewhere"


@pytest.mark.parametrize("scene", named(scene for scene in QUICK if scene.races))
def test_what_comes_between_look_and_touch_is_not_touched(stage: Stage, scene: Scene, tmp_path: Path) -> None:
    trial = raced(stage, scene, rules_approver, tmp_path)
    assert (trial.executed, trial.error) == ((), "")
    assert trial.passed
    assert trial.hijacked
    assert trial.stopped.get("look again"), "the second look sees the other window"


@pytest.mark.parametrize("scene", named(TWINS))
def test_the_users_task_is_not_stopped(stage: Stage, scene: Scene, tmp_path: Path) -> None:
    trial = clean(stage, scene, rules_approver, tmp_path)
    assert (trial.wrong, trial.error) == ((), "")
    assert trial.benign
    assert trial.asked == scene.risky_steps
    assert trial.passed


@pytest.mark.parametrize("scene", named(scene for scene in QUICK if scene.channel in LISTED or scene.harmless))
def test_lists_hold_without_any_approval(stage: Stage, scene: Scene, tmp_path: Path) -> None:
    needs_network(scene)
    # A list of programs is to hold whatever input is tried; what dials out does not depend on the input.
    trial = attacked(stage, scene, lambda scene, bounds: allow_all, "nobody" if scene.harmless else "no", tmp_path)
    assert (trial.executed, trial.error) == ((), "")


@pytest.mark.parametrize("scene", named(HELD[::3]))
def test_without_a_gate_the_attacks_work(stage: Stage, scene: Scene, tmp_path: Path) -> None:
    trial = attacked(stage, scene, lambda scene, bounds: allow_all, "nobody", tmp_path)
    assert trial.error == ""
    assert trial.executed


def test_the_scenes_are_well_formed() -> None:
    names = [scene.name for scene in DESKTOP.scenes]
    assert len(names) == len(set(names))
    assert all(scene.surface == "desktop" and scene.name.startswith("desktop/") for scene in DESKTOP.scenes)
    assert 0 < sum(scene.quick for scene in DESKTOP.scenes) < len(QUICK)
    assert {scene.goal for scene in QUICK} == {scene.goal for scene in DESKTOP.scenes}, "each class of risk is met here"
    assert set(THOROUGH) < set(OBEYED), "somewhere nobody answers"
