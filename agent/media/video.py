"""A video from anywhere: a file, an address, or a list of frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TypeAlias

import numpy as np

from handeye.agent.dialects.picture import picture_of
from handeye.agent.media.decoders import open_decoder
from handeye.agent.media.fetch import FetchLimits, as_file, shown
from handeye.agent.media.limits import FRAME_FACTOR, VideoLimits
from handeye.agent.media.picture import PictureSource, read_picture
from handeye.agent.messages import Video
from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

VideoSource: TypeAlias = str | PathLike[str] | Sequence[PictureSource]
"""A path, an address (http, https, file, data), or the frames in order."""


@dataclass(frozen=True, eq=False)
class OpenedVideo:
    """A video as the model sees it."""

    video: Video
    size: Size
    """The size of the source's frames, upright."""
    decoder: str
    """What read it; empty for a list of frames."""
    notes: tuple[str, ...] = ()

    @property
    def end_s(self) -> float:
        """Where in the recording what is shown ends."""
        return self.video.start_s + len(self.video.frames) / self.video.fps


def open_video(source: VideoSource, limits: VideoLimits = VideoLimits(), fetch: FetchLimits = FetchLimits()) -> OpenedVideo:
    """The frames of `source` that `limits` ask for, at the size that they give.

    Raises `SetupError` for what is missing, no video, too short or too long, and for a decoder that is not installed.
    """
    if not isinstance(source, str | PathLike):
        return _of_frames(source, limits, fetch)
    name, decoder = open_decoder(limits.decoder)
    with as_file(source, fetch) as path:
        decoded = decoder(path, limits)
        frames, size = _sized(decoded.frames, decoded.count, limits)
    notes: tuple[str, ...] = ()
    if decoded.count / decoded.fps * limits.fps > limits.max_frames:
        notes = (f"{shown(source)} is looked at {decoded.fps:.3g} times a second, since at most {limits.max_frames} frames are shown",)
    return OpenedVideo(Video(frames, decoded.fps, decoded.start_s), size, name, notes)


def _of_frames(sources: Sequence[PictureSource], limits: VideoLimits, fetch: FetchLimits) -> OpenedVideo:
    # fetch_video of qwen-vl-utils 0.0.14 resizes each frame of a list twice, first to multiples of 56: here they are treated like a file's.
    if limits.start_s is not None or limits.end_s is not None:
        raise SetupError("a list of frames has no start and end.", fix="leave out the frames that are not to be shown")
    if len(sources) == 0:
        raise SetupError("a list of no frames is no video.", fix="give at least one frame")
    count = len(sources) + len(sources) % FRAME_FACTOR
    if count > limits.max_frames:
        raise SetupError(
            f"the video is too long: {len(sources)} frames.", fix=f"leave out all but {limits.max_frames}, or raise max_frames"
        )
    # As there, the last frame is shown twice where the number is odd.
    listed = [*sources, *[sources[-1]] * (count - len(sources))]
    frames, size = _sized((read_picture(frame, fetch).pixels for frame in listed), count, limits, one_size=True)
    return OpenedVideo(Video(frames, limits.fps), size, "")


def _sized(frames: Iterable[Pixels], count: int, limits: VideoLimits, one_size: bool = False) -> tuple[Pixels, Size]:
    """The frames at the size to show, (count, height, width, 3), and their own size, which is the first's."""
    own: Size | None = None
    result = np.empty((0, 0, 0, 3), np.uint8)
    for number, frame in enumerate(frames):
        size = Size(frame.shape[1], frame.shape[0])
        if own is None:
            own = size
            width, height = limits.frame_size(own, count)
            result = np.empty((count, height, width, 3), np.uint8)
        elif one_size and size != own:
            raise SetupError(f"frame {number + 1} is {size}, the first is {own}.", fix="give frames of one size")
        result[number] = picture_of(frame, Size(result.shape[2], result.shape[1])).pixels
    if own is None:
        raise SetupError("the video has no frames.", fix="see whether other programs can play it")
    result.setflags(write=False)
    return result, own
