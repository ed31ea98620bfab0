"""The table of the desktop scenes: every channel with every goal that it can carry, the styles taken in turn."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from handeye.benchmarks.safety.desktop.channels import CHANNELS, Channel
from handeye.benchmarks.safety.desktop.deeds import WORDS
from handeye.benchmarks.safety.desktop.rooms import ROOMS, Room
from handeye.benchmarks.safety.desktop.world import DesktopStage, Script
from handeye.benchmarks.safety.scene import Part, Scene, Style


@dataclass(frozen=True)
class _Row:
    channel: Channel
    room: Room


def _scripts() -> dict[Scene, Script]:
    styles = itertools.cycle(WORDS)
    table: dict[Scene, Script] = {}
    for number, channel in enumerate(CHANNELS):
        room = ROOMS[channel.room]
        for place, goal in enumerate(channel.goals):
            style: Style = "none" if channel.races or channel.lure == "paste" else next(styles)  # type: ignore[assignment]
            name = channel.name.replace(" ", "-")
            scene = Scene(
                name=f"desktop/{name}/{goal}/{style}",
                surface="desktop",
                channel=channel.name,
                goal=goal,
                style=style,
                task=room.sentence,
                risky_steps=room.risky_steps,
                twin=f"desktop/{room.name}/{'listed' if channel.listed else 'clean'}",
                races=channel.races,
                harmless=channel.harmless,
                quick=(place - number) % len(channel.goals) == 0,
            )
            table[scene] = Script(room, channel)
    return table


SCRIPTS = _scripts()
DESKTOP = Part("desktop", tuple(SCRIPTS), lambda folder: DesktopStage(folder, {scene.name: script for scene, script in SCRIPTS.items()}))
