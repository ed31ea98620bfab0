"""What the row of a step says of how it was carried out."""

from __future__ import annotations

from dataclasses import asdict

from handeye.agent.repeats import same_screen
from handeye.agent.trajectory import SettledRow, StepRow
from handeye.envs.env import TimeStep
from handeye.envs.observation import Observation


def carried_out(row: StepRow, before: Observation, after: TimeStep) -> StepRow:
    """`row` with what the environment told of the step, and whether the screen is another than `before`."""
    timings = row.timings.model_copy(
        update={"act_s": after.act_s, "settle_s": after.settled.waited_s, "capture_s": after.capture_s},
    )
    return row.model_copy(
        update={
            "changed": not same_screen(before.screenshot, after.observation.screenshot),
            "settled": SettledRow(**asdict(after.settled)),
            "timings": timings,
            "reward": after.reward,
            "held": tuple(asdict(effect) for effect in after.held),
        }
    )
