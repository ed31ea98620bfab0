"""The screens of a phone: foldables and phones with something plugged in have several, and one of them is on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from handeye.tools.geometry import Size


@dataclass(frozen=True)
class Display:
    """One screen. `physical` is the 64-bit id that `screencap -d` takes (it may change at a restart), `logical` the small number that
    `input -d` takes; they have nothing to do with each other. `active`: something is drawn on it now; None: nothing says so.
    """

    physical: int
    logical: int = 0
    active: bool | None = None
    size: Size | None = None


def physical_ids(text: str) -> tuple[int, ...]:
    """The ids in what `dumpsys SurfaceFlinger --display-id` prints, in its order."""
    return tuple(int(number) for number in re.findall(r"^Display (\d+) \(", text, re.MULTILINE))


def read_displays(surfaceflinger: str, display: str) -> tuple[Display, ...]:
    """The screens, from `dumpsys SurfaceFlinger --display-id` and the viewports that `dumpsys display` prints."""
    viewports: dict[int, Display] = {}
    for part in re.findall(r"DisplayViewport\{([^}]*)\}", display):
        words = dict(re.findall(r"(\w+)=('[^']*'|[^,\s]+)", part))
        physical = re.fullmatch(r"'?local:(\d+)'?", words.get("uniqueId", ""))
        if physical is None or words.get("valid", "true") != "true":
            continue
        width, height = words.get("deviceWidth", ""), words.get("deviceHeight", "")
        seen = Display(
            int(physical.group(1)),
            int(words["displayId"]) if words.get("displayId", "").isdigit() else 0,
            words["isActive"] == "true" if "isActive" in words else None,
            Size(int(width), int(height)) if width.isdigit() and height.isdigit() else None,
        )
        before = viewports.get(seen.physical)
        if before is None or (seen.active and not before.active):  # one is listed once for each kind of input
            viewports[seen.physical] = seen
    return tuple(viewports.get(physical, Display(physical, active=None)) for physical in physical_ids(surfaceflinger))


def shown(displays: tuple[Display, ...]) -> Display | None:
    """The screen to look at: the first that is on (the one with logical number 0 before others), else the first; None without any.

    A screen without a viewport is one that Android has put out of use: a foldable's other panel.
    """
    best = sorted(displays, key=lambda one: (one.active is not True, one.size is None, one.logical))
    return best[0] if best else None
