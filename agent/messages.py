"""What is said between a dialect and a model: turns of text and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from handeye.tools.device import Pixels

Role: TypeAlias = Literal["system", "user", "assistant"]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture of exactly the size that the model is to see: backends send these pixels untouched."""

    pixels: Pixels


@dataclass(frozen=True, eq=False)
class Video:
    """Frames of exactly the size that the model is to see, evenly spaced in time: backends send them untouched."""

    frames: NDArray[np.uint8]
    """(n, height, width, 3) RGB; n is even, since the family of Qwen-VL reads frames in pairs."""
    fps: float
    """Frames a second, as sampled."""
    start_s: float = 0.0
    """Where in the recording the first frame stands."""


Part: TypeAlias = str | Picture | Video


@dataclass(frozen=True, eq=False)
class Message:
    """One turn: its parts in the order in which the model reads them."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The text parts, joined without a separator."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures, in order."""
        return tuple(part for part in self.parts if isinstance(part, Picture))

    @property
    def videos(self) -> tuple[Video, ...]:
        """The videos, in order."""
        return tuple(part for part in self.parts if isinstance(part, Video))
