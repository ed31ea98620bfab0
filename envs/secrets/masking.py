"""Taking values out of what is seen: dark boxes on the picture, placeholders in the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from handeye.envs.env import TimeStep
from handeye.envs.observation import Dialog, Observation, Tab
from handeye.envs.secrets.redaction import Redactor
from handeye.tools.device import Pixels
from handeye.tools.geometry import Box, Size

ReadText: TypeAlias = Callable[[Pixels], Sequence[tuple[str, Box]]]
"""Reads a picture (height, width, 3) uint8 RGB: each text on it and where it is, in its pixels."""
DARK = (24, 24, 28)
"""Colour of what is hidden: no text, no pattern, and no colour that programs use for an empty field."""
_EDGE, _SIDE, _MOST_SIDE = 3, 0.35, 14
"""What is hidden around a box too, for letters that reach out of it: pixels on every side, and to the left and right this share of its
height, up to so many pixels (a reader places the first and last letter by their middle)."""


def painted(pixels: Pixels, boxes: Iterable[Box]) -> Pixels:
    """A copy of `pixels` with `boxes`, and a narrow edge around them, dark; `pixels` itself where there are none."""
    size = Size(pixels.shape[1], pixels.shape[0])
    shown = [_around(box).clipped(size) for box in boxes]
    if not any(box.width > 0 and box.height > 0 for box in shown):
        return pixels
    result = pixels.copy()
    for box in shown:
        result[box.top : box.bottom, box.left : box.right] = DARK
    return result


def _around(box: Box) -> Box:
    side = max(_EDGE, min(_MOST_SIDE, round(_SIDE * box.height)))
    return Box(box.left - side, box.top - _EDGE, box.right + side, box.bottom + _EDGE)


def dark(pixels: Pixels) -> Pixels:
    """A picture of the same size that shows nothing."""
    return np.full_like(pixels, 0) + np.array(DARK, np.uint8)


def told(observation: Observation, pixels: Pixels, redact: Redactor, notes: Sequence[str] = ()) -> Observation:
    """`observation` with another picture, further notes, and placeholders for values in all of its words."""
    dialog = observation.dialog
    return replace(
        observation,
        screenshot=pixels,
        url=redact(observation.url),
        title=redact(observation.title),
        app=redact(observation.app),
        tabs=tuple(Tab(redact(tab.title), redact(tab.url), tab.active) for tab in observation.tabs),
        dialog=None if dialog is None else Dialog(dialog.kind, redact(dialog.message), redact(dialog.default)),
        downloads=tuple(redact(path) for path in observation.downloads),
        notes=tuple(redact(note) for note in (*observation.notes, *notes)),
        extra={redact(name): redact(text) for name, text in observation.extra.items()},
    )


def told_step(step: TimeStep, observation: Observation, redact: Redactor) -> TimeStep:
    """`step` with another observation, and without values in what is told of held requests and of what was waited for."""
    held = tuple(replace(one, url=redact(one.url), origin=redact(one.origin), why=redact(one.why)) for one in step.held)
    settled = replace(step.settled, left_out=tuple(redact(text) for text in step.settled.left_out))
    return replace(step, observation=observation, held=held, settled=settled)


def holds(path: Path, redact: Redactor) -> bool:
    """Whether a file's name, or what is in it, holds a value. What cannot be read is taken to hold one."""
    if redact.finds(path.name):
        return True
    try:
        with path.open("rb") as file:
            tail = ""
            while data := file.read(_PIECE):
                # One character a byte: values are looked for as UTF-8 and as they are.
                text = tail + data.decode("utf-8", "replace")
                if redact.finds(text) or redact.finds(data.decode("utf-16-le", "replace")):
                    return True
                tail = text[-_OVERLAP:]
    except OSError:
        return True
    return False


_PIECE = 1 << 20
_OVERLAP = 16_384
