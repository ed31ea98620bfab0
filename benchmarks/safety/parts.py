"""The parts of the attack pack, a line each: where what makes it is found, so that none is loaded before it is run."""

from __future__ import annotations

from importlib import import_module

from handeye.benchmarks.safety.scene import Part

SCENES = {
    "web": "handeye.benchmarks.safety.web.scenes:WEB",
    "phone": "handeye.benchmarks.safety.phone.scenes:PHONE",
    "desktop": "handeye.benchmarks.safety.desktop.scenes:DESKTOP",
}
"""Parts that are scenes: name and place of the `Part`."""
PARTS = ("hosts", *SCENES, "secrets")
"""Every part, in the order in which they are run."""


def scene_part(name: str) -> Part:
    """The part `name` of `SCENES`."""
    module, _, attribute = SCENES[name].partition(":")
    part = getattr(import_module(module), attribute)
    assert isinstance(part, Part)
    return part
