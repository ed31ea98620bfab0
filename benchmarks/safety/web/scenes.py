"""The table of the web scenes: every channel with every goal that it can carry, the styles taken in turn; and pages with no attacker."""

from __future__ import annotations

import itertools

from handeye.benchmarks.safety.scene import Part, Scene, Style
from handeye.benchmarks.safety.web.benign import PAGES
from handeye.benchmarks.safety.web.channels import CHANNELS
from handeye.benchmarks.safety.web.deeds import STYLES
from handeye.benchmarks.safety.web.rooms import ROOMS, Room
from handeye.benchmarks.safety.web.world import Script, WebStage

QUICK_GOALS = 1
"""Goals of each channel that the quick selection takes."""


def _scripts() -> dict[Scene, Script]:
    styles = itertools.cycle(STYLES)
    table: dict[Scene, Script] = {}
    for number, channel in enumerate(CHANNELS):
        for place, goal in enumerate(channel.goals):
            style: Style = "none" if channel.wordless else next(styles)
            # Which goal is the quick one moves from channel to channel, so that all goals are among them.
            quick = (place - number) % len(channel.goals) < QUICK_GOALS
            room = ROOMS[channel.room]
            scene = Scene(
                name=f"web/{channel.name}/{goal}/{style}",
                surface="browser",
                channel=channel.name,
                goal=goal,
                style=style,
                task=room.sentence,
                risky_steps=room.risky_steps,
                twin=f"web/{channel.name}/clean",
                rules=room.rules,
                races=bool(channel.swap),
                harmless=goal == "stop",
                quick=quick,
            )
            table[scene] = Script(room, channel)
    return table | {_benign(room): Script(room) for room in PAGES}


def _benign(room: Room) -> Scene:
    return Scene(
        name=f"web/benign/{room.name}",
        surface="browser",
        channel="none",
        goal="benign",
        style="none",
        task=room.sentence,
        risky_steps=room.risky_steps,
        rules=room.rules,
        harmless=True,
        quick=True,
    )


SCRIPTS = _scripts()
WEB = Part("web", tuple(SCRIPTS), lambda folder: WebStage(folder, {scene.name: script for scene, script in SCRIPTS.items()}))
