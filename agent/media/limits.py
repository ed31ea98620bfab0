"""How large a picture or a video may be that a model sees, in the words of qwen-vl-utils 0.0.14 (vision_process.py)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from handeye.agent.coordinates import SmartResizedPixels, smart_resize
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Size

FACTOR = 28
"""Sides are divisible by this: a patch of 14 pixels, merged two by two (Qwen2-VL and Qwen2.5-VL)."""
FRAME_FACTOR = 2
"""Frames are read in pairs (FRAME_FACTOR)."""
FRAME_MIN_PIXELS = 128 * FACTOR**2
"""VIDEO_MIN_TOKEN_NUM visual tokens."""
FRAME_MAX_PIXELS = 768 * FACTOR**2
"""VIDEO_MAX_TOKEN_NUM visual tokens."""
TOTAL_PIXELS = 128_000 * FACTOR**2 * 9 // 10
"""All frames of a video, halved since they are read in pairs: nine tenths of MODEL_SEQ_LEN visual tokens."""


@dataclass(frozen=True)
class PictureLimits:
    """The size of a picture: within limits in pixels, or as stated. Raises `SetupError` for limits that no picture can keep."""

    factor: int = FACTOR
    min_pixels: int = 4 * FACTOR**2
    """IMAGE_MIN_TOKEN_NUM visual tokens."""
    max_pixels: int = 16_384 * FACTOR**2
    """IMAGE_MAX_TOKEN_NUM visual tokens."""
    resized_height: int | None = None
    """With `resized_width`: this size, brought to multiples of `factor`, instead of the limits."""
    resized_width: int | None = None

    def __post_init__(self) -> None:
        _space(self.factor, self.min_pixels, self.max_pixels)
        _check_stated(self.resized_width, self.resized_height)

    def picture_size(self, size: Size) -> Size:
        """The size at which a picture of `size` is shown. Raises `SetupError` for one that cannot be shown."""
        if self.resized_width is not None and self.resized_height is not None:
            return _stated(Size(self.resized_width, self.resized_height), self.factor)
        return _fitted(size, _space(self.factor, self.min_pixels, self.max_pixels))


@dataclass(frozen=True)
class VideoLimits:
    """Which frames of a video are shown and how large. Raises `SetupError` for limits that contradict each other."""

    fps: float = 2.0
    """Frames a second that are looked at (FPS). Of a list of frames: the rate at which they were taken."""
    min_frames: int = 4
    """FPS_MIN_FRAMES; a video with fewer shows what it has."""
    max_frames: int = 768
    """FPS_MAX_FRAMES. A longer video is looked at less often."""
    min_pixels: int = FRAME_MIN_PIXELS
    max_pixels: int = FRAME_MAX_PIXELS
    total_pixels: int = TOTAL_PIXELS
    """Lowers `max_pixels` for many frames."""
    resized_height: int | None = None
    resized_width: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    decoder: str = "auto"
    """One of `handeye.agent.media.decoders.DECODERS`, or auto."""
    factor: int = FACTOR

    def __post_init__(self) -> None:
        _space(self.factor, self.min_pixels, self.max_pixels)
        _check_stated(self.resized_width, self.resized_height)
        if not (math.isfinite(self.fps) and self.fps > 0):
            raise SetupError(f"{self.fps} frames a second are none.", fix="give a rate above 0")
        if not FRAME_FACTOR <= self.min_frames <= self.max_frames:
            raise SetupError(
                f"from {self.min_frames} to {self.max_frames} frames are no video.", fix="give at least 2, and the larger number last"
            )
        if self.total_pixels < 1:
            raise SetupError("a video of no pixels shows nothing.", fix="give total_pixels above 0")
        start, end = self.start_s or 0.0, math.inf if self.end_s is None else self.end_s
        if not (math.isfinite(start) and start >= 0):
            raise SetupError(f"a video does not begin at {start} s.", fix="count the start from 0")
        if not start < end:
            raise SetupError(f"the start, {start:g} s, does not lie before the end, {end:g} s.", fix="give an end after the start")

    def frame_count(self, seconds: float, available: int | None) -> int:
        """How many frames to show of `seconds` of video: even, `smart_nframes` of qwen-vl-utils.

        `available` is the number of frames there are; None where frames may be shown twice. Raises `SetupError` below two.
        """
        least = math.ceil(self.min_frames / FRAME_FACTOR) * FRAME_FACTOR
        most = self.max_frames // FRAME_FACTOR * FRAME_FACTOR
        count = min(max(seconds * self.fps, least), most)
        if available is not None:
            count = min(count, available)
        even = math.floor(count / FRAME_FACTOR) * FRAME_FACTOR
        if even < FRAME_FACTOR:
            raise SetupError("the video has a single frame between its start and its end.", fix="ask about a picture of it instead")
        return even

    def frame_size(self, size: Size, count: int) -> Size:
        """The size at which each of `count` frames of `size` is shown. Raises `SetupError` for frames that cannot be shown."""
        if self.resized_width is not None and self.resized_height is not None:
            shown = _stated(Size(self.resized_width, self.resized_height), self.factor)
        else:
            # max_pixels of fetch_video: the budget of the whole video, yet never below what min_pixels needs.
            budget = max(self.total_pixels / count * FRAME_FACTOR, self.min_pixels * 1.05)
            try:
                shown = smart_resize(size, self.factor, self.min_pixels, int(min(self.max_pixels, budget)))
            except ValueError as error:
                raise SetupError(f"{error}.", fix="crop it") from error
        if shown.area * count > self.total_pixels * FRAME_FACTOR:
            raise SetupError(
                f"the video is too long: {count} frames of {shown} are more than total_pixels={self.total_pixels} allows.",
                fix="lower fps, max_frames or min_pixels, or ask about a part of it",
            )
        return shown


Limits = TypeVar("Limits", PictureLimits, VideoLimits)


def changed(limits: Limits, given: Mapping[str, Any]) -> Limits:
    """`limits` with the fields that `given` has and that are not None; other names are left out.

    Where only one of min_pixels and max_pixels is given and the other does not leave it room, that becomes the checkpoints' own.
    """
    known = {field.name for field in fields(limits)}
    own = {name: value for name, value in given.items() if name in known and value is not None}
    if "max_pixels" in own and "min_pixels" not in own:
        own["min_pixels"] = limits.min_pixels if 2 * limits.min_pixels <= own["max_pixels"] else 4 * limits.factor**2
    if "min_pixels" in own and "max_pixels" not in own:
        own["max_pixels"] = limits.max_pixels if 2 * own["min_pixels"] <= limits.max_pixels else 16_384 * limits.factor**2
    return replace(limits, **own)


def _space(factor: int, min_pixels: int, max_pixels: int) -> SmartResizedPixels:
    try:
        return SmartResizedPixels(factor, min_pixels, max_pixels)
    except ValueError as error:
        raise SetupError(f"{error}.", fix="set min_pixels and max_pixels further apart") from error


def _check_stated(width: int | None, height: int | None) -> None:
    if (width is None) != (height is None):
        raise SetupError("one side of the size is stated and the other is not.", fix="give resized_width and resized_height together")
    if width is not None and height is not None and min(width, height) < 1:
        raise SetupError(f"a picture of {width}x{height} has no pixels.", fix="give sides above 0")


def _fitted(size: Size, space: SmartResizedPixels) -> Size:
    try:
        return space.picture_size(size)
    except InvalidAction as error:
        raise SetupError(f"{error}.", fix="crop it, or set its limits further apart") from error


def _stated(size: Size, factor: int) -> Size:
    """`resized_width` x `resized_height` as fetch_image rounds them; a processor that resizes again must leave it alone."""
    least, most = 4 * factor**2, 16_384 * factor**2
    try:
        shown = smart_resize(size, factor, least, most)
        if smart_resize(shown, factor, least, most) == shown:
            return shown
    except ValueError as error:
        raise SetupError(f"{error}.", fix="state a size of another shape") from error
    raise SetupError(f"the stated size {size} becomes {shown}, which the model's processor would resize again.", fix="state another size")
