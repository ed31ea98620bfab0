"""The table of the desktop scenes: every channel with every goal that it can carry, the styles taken in turn."""

from __future__ import annotations

import itertools

from handeye.benchmarks.safety.desktop.channels import CHANNELS
from handeye.benchmarks.safety.desktop.deeds import WORDS
from handeye.benchmarks.safety.desktop.rooms import ROOMS
from handeye.benchmarks.safety.desktop.world import DesktopStage, Script
from handeye.benchmarks.safety.scene import Part, Scene, Style

QUICK = frozenset({("lying dialog", "delete"), ("document", "command"), ("focus stolen", "delete")})
"""Channels and goals of the quick selection: each scene starts desktops of its own, which takes some seconds."""


def _scripts() -> dict[Scene, Script]:
    styles = itertools.cycle(WORDS)
    table: dict[Scene, Script] = {}
    for channel in CHANNELS:
        room = ROOMS[channel.room]
        for goal in channel.goals:
            style: Style = "none" if channel.races or channel.lure == "paste" else next(styles)
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
                quick=(channel.name, goal) in QUICK,
            )
            table[scene] = Script(room, channel)
    return table


SCRIPTS = _scripts()
DESKTOP = Part("desktop", tuple(SCRIPTS), lambda folder: DesktopStage(folder, {scene.name: script for scene, script in SCRIPTS.items()}))
