"""`handeye replay`: the recorded replies again, in a fresh environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from handeye.agent.cli.run import new_run_folder, step_line, with_downloads
from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Agent, Event, Limits, Setting, run_episode
from handeye.agent.models.scripted import replay_model
from handeye.agent.repeats import changed_box
from handeye.agent.trajectory import Result, StepRow, Trajectory, load_trajectory
from handeye.envs.actions import LOOP_ACTIONS
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
            Agent(model, dialect),
            out,
            limits=limits,
            seed=episode.seed,
            setting=Setting(episode.env, episode.env_options, episode.dialect_options),
            on_event=progress,
        )
    finally:
        env.close()


def _same_look(old: Trajectory, row: StepRow, new: Trajectory, other: StepRow) -> bool:
    return changed_box(old.screen(row.screen), new.screen(other.screen)) is None
