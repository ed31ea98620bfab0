"""`handeye replay`: the recorded replies again, in the environment that the run's options open, and nothing that the run did not do."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from handeye.agent.approval import Proposal, Verdict
from handeye.agent.cli.run import new_run_folder, step_line, with_downloads
from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Agent, Event, Limits, Setting, run_episode
from handeye.agent.models.scripted import replay_model
from handeye.agent.repeats import changed_box
from handeye.agent.trajectory import Result, StepRow, Trajectory, load_trajectory
from handeye.envs.actions import LOOP_ACTIONS
from handeye.envs.env import TimeStep
from handeye.envs.registry import open_env


def replay_command(run: Path, out: Path | None, as_json: bool) -> int:
    """Replay the run and compare, step by step, what the model would have seen; the exit code: 0 ended as recorded, 1 otherwise."""
    console = Console(stderr=as_json, highlight=False)
    old = load_trajectory(run)
    out = out or new_run_folder()
    result = _again(old, out, console)
    new = load_trajectory(out)
    differing = [row.index for row, other in zip(old.steps, new.steps, strict=False) if not _same_look(old, row, new, other)]
    same = old.result is not None and (result.outcome, result.success) == (old.result.outcome, old.result.success)
    if as_json:
        found = {"run": str(out), "same_end": same, "steps": result.steps, "recorded_steps": len(old.steps), "differing_screens": differing}
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        ended = f"{result.outcome.replace('_', ' ')} after {result.steps} of {len(old.steps)} steps"
        console.print(f"[bold]{ended}[/]: {'as recorded' if same else 'the recording ended otherwise'}")
        console.print(f"Screens that differ: {', '.join(map(str, differing)) or 'none'}")
        console.print(f"[dim]Look at it: handeye view {escape(str(out))}[/]")
    return 0 if same else 1


def _again(old: Trajectory, out: Path, console: Console) -> Result:
    episode = old.episode
    model = replay_model(str(old.path))
    env = open_env(episode.env, with_downloads(episode.env, episode.env_options, out))
    try:
        dialect = open_dialect(episode.dialect, env.action_types | LOOP_ACTIONS, **episode.dialect_options)
        limits = Limits(steps=max(len(old.steps), 1), parse_retries=episode.limits.get("parse_retries", Limits().parse_retries))

        def progress(event: Event) -> None:
            if event.row is not None:
                console.print(step_line(event.row))

        return run_episode(
            episode.goal,
            env,
            Agent(model, dialect, approver=AsRecorded(old.steps)),
            out,
            limits=limits,
            seed=episode.seed,
            setting=Setting(episode.env, episode.env_options, episode.dialect_options),
            on_event=progress,
        )
    finally:
        env.close()


class AsRecorded:
    """Allows what a recorded run carried out, in its order, and nothing else: what a rule, a person or a list kept from being done then is
    not done now, when nobody is asked. What was held back from servers is held back again. A `SightedApprover`.
    """

    def __init__(self, steps: Sequence[StepRow]) -> None:
        self._held = any(row.held for row in steps)
        self._left = deque(row for row in steps if row.action is not None)

    @property
    def sees_targets(self) -> bool:
        """Only with a permit can an environment hold anything back."""
        return self._held

    def __call__(self, proposal: Proposal) -> Verdict:
        """See `Approver`."""
        while self._left:
            row = self._left.popleft()
            if row.action == proposal.action:
                if row.error:
                    return Verdict("deny", "the recorded run did not carry it out.")
                return Verdict("allow", effects=not row.held)
        return Verdict("deny", "the recorded run did nothing of the kind at this point.")

    def carried_out(self, proposal: Proposal, after: TimeStep) -> None:
        """Nothing: what is held back is not asked for."""


def _same_look(old: Trajectory, row: StepRow, new: Trajectory, other: StepRow) -> bool:
    return changed_box(old.screen(row.screen), new.screen(other.screen)) is None
