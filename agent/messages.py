"""What is said between a dialect and a model: turns of text and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from handeye.tools.device import Pixels
from handeye.tools.geometry import Size

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


@dataclass(frozen=True)
class ComputerTool:
    """The computer tool that a provider has trained its model on."""

    size: Size
    """Of the pictures, in whose pixels the model points."""
    environment: Literal["browser", "linux"] = "browser"


@dataclass(frozen=True)
class FunctionTool:
    """A function that the model may call."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """A JSON schema (draft 2020-12) of an object."""


Tool: TypeAlias = ComputerTool | FunctionTool


@dataclass(frozen=True, eq=False)
class Message:
    """One turn: its parts in the order in which the model reads them."""

    role: Role
    parts: tuple[Part, ...]
    tools: tuple[Tool, ...] = ()
    """On the first turn: what is offered to a model behind an interface with tools of its own. Other backends leave them out, so that a
    dialect that can be spoken without them says in words what they are."""
    consent: bool = False
    """On a turn of the user's: the person agreed to what the provider wanted to know before the calls of the turn before go on."""

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
