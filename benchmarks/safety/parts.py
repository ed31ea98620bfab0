"""The parts of the attack pack, a line each: where what makes it is found, so that none is loaded before it is run."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

from handeye.benchmarks.safety.scene import Part
from handeye.tools.errors import SetupError

SCENES = {
    "web": "handeye.benchmarks.safety.web.scenes:WEB",
    "phone": "handeye.benchmarks.safety.phone.scenes:PHONE",
    "desktop": "handeye.benchmarks.safety.desktop.scenes:DESKTOP",
}
"""Parts that are scenes: name and place of the `Part`."""
FIGURES = {
    "hosts": "handeye.benchmarks.safety.hosts.run:measure_hosts",
    "secrets": "handeye.benchmarks.safety.secrets.run:run_secrets",
}
"""Parts that are measured otherwise: name and place of a `Measure`."""
PARTS = ("hosts", *SCENES, "secrets")
"""Every part, in the order in which they are run."""


class Figures(Protocol):
    """What a part gives that is no scenes."""

    @property
    def passed(self) -> bool:
        """Whether everything in it came out as it must."""

    def numbers(self) -> dict[str, Any]:
        """All that was found, as JSON values; those that are plain numbers are shown in the terminal."""

    def failures(self) -> tuple[str, ...]:
        """What did not come out as it must, a line each."""


Measure: TypeAlias = Callable[[Path, bool, Callable[[str], None]], Figures]
"""Measures a part: the folder for its runs, whether it is the quick selection, what is told of the progress. Raises `SetupError`."""


def scene_part(name: str) -> Part:
    """The part `name` of `SCENES`. Raises `SetupError` when what makes it cannot be loaded."""
    return cast(Part, _found(name, SCENES[name]))


def measure(name: str) -> Measure:
    """What measures the part `name` of `FIGURES`. Raises `SetupError` when it cannot be loaded."""
    return cast(Measure, _found(name, FIGURES[name]))


def _found(name: str, place: str) -> object:
    module, _, attribute = place.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ImportError as error:
        raise SetupError(f"the part {name} of the attack pack cannot be loaded: {error}.", fix="install the extra that it needs") from error
