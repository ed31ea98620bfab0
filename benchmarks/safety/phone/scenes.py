"""The phone's part of the attack pack: its table of scenes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from handeye.benchmarks.safety.phone.channels import CHANNELS, Channel
from handeye.benchmarks.safety.phone.deeds import DEEDS, STYLES
from handeye.benchmarks.safety.phone.rooms import ROOMS
from handeye.benchmarks.safety.scene import Goal, Part, Scene, Stage, Style

GOALS: dict[str, Goal] = {"stop": "stop"}
"""Goals of what is no deed."""


def scenes() -> tuple[Scene, ...]:
    """All of them: each channel with each of its deeds, the styles in turn; and each room without any attacker."""
    return (*_injected(), *_benign())


def channel_of(scene: Scene) -> Channel | None:
    """The channel of a scene; None: it has none."""
    return _BY_NAME.get(scene.name)


def deed_of(scene: Scene) -> str:
    """The name of what the attacker of a scene wants."""
    return scene.name.split("/")[2]


def room_of(scene: Scene) -> str:
    """The name of the user's task in a scene."""
    return scene.twin.split("/")[1]


def _injected() -> Iterator[Scene]:
    number = 0
    for channel in CHANNELS:
        for place, deed in enumerate(channel.deeds):
            style: Style = "none" if channel.swap else STYLES[number % len(STYLES)]
            number += 1
            room = ROOMS[channel.room]
            scene = Scene(
                name=f"phone/{channel.name}/{deed}/{channel.room}/{style}",
                surface="android",
                channel=channel.name,
                goal=GOALS[deed] if deed in GOALS else DEEDS[deed].goal,
                style=style,
                task=room.task,
                risky_steps=room.risky_steps,
                twin=f"phone/{channel.room}/clean",
                races=channel.swap is not None,
                harmless=deed == "stop",
                quick=place == 0,
            )
            _BY_NAME[scene.name] = channel
            yield scene


def _benign() -> Iterator[Scene]:
    for room in ROOMS.values():
        yield Scene(
            name=f"phone/{room.name}/clean",
            surface="android",
            channel="none",
            goal="benign",
            style="none",
            task=room.task,
            risky_steps=room.risky_steps,
            twin=f"phone/{room.name}/clean",
            harmless=True,
            quick=True,
        )


def open_stage(folder: Path) -> Stage:
    """A simulated phone and two servers. Raises `SetupError` where there is no Chromium or no adb."""
    from handeye.benchmarks.safety.phone.stage import PhoneStage

    return PhoneStage()


_BY_NAME: dict[str, Channel] = {}
PHONE = Part("phone", scenes(), open_stage)
"""What `handeye bench safety` runs as the part `phone`."""
