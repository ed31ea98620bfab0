"""Frames of a video file by PyAV, which brings its own FFmpeg: true times, one decoded frame in memory, turned as the file says.

Where the frames come evenly, those are chosen that the readers of qwen-vl-utils 0.0.14 choose. Where they do not, as in screen
recordings, which hold a frame for each change, the picture that stood at evenly spaced times is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from handeye.agent.media.decoders import Decoded
from handeye.agent.media.limits import VideoLimits
from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError

ROUNDING_S = 0.0006


@dataclass(frozen=True, eq=False)
class _Timeline:
    stamps: NDArray[np.int64]
    """Of each frame in the order of showing: presentation times in units of `tick`, or its number where the file has none."""
    tick: Fraction
    """Seconds."""
    stamped: bool
    stated_rate: float
    """Frames a second, as the file says; 0 where it does not."""

    @property
    def tick_s(self) -> float:
        """`tick` as a float."""
        return float(self.tick)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Seconds from the first frame."""
        return np.asarray((self.stamps - self.stamps[0]) * self.tick_s, np.float64)

    @property
    def even(self) -> bool:
        """Whether the frames come at one rate, up to the rounding of their times."""
        gaps = np.diff(self.stamps)
        middle = float(np.median(gaps))
        return bool(gaps.max() <= 1.5 * middle and gaps.min() >= 0.5 * middle)


def decode(path: Path, limits: VideoLimits) -> Decoded:
    """The frames of the file at `path` to show. Raises `SetupError` for one without video, or without two frames to show."""
    timeline = _timeline(path)
    if len(timeline.stamps) < 2:
        raise SetupError(f"{path.name} has a single frame.", fix="ask about a picture of it instead")
    targets, fps, start_s = (_by_number if timeline.even else _by_time)(timeline, limits)
    return Decoded(_shown(path, targets, timeline.stamped), len(targets), fps, start_s)


def _by_number(timeline: _Timeline, limits: VideoLimits) -> tuple[NDArray[np.int64], float, float]:
    """Stamps of the frames to show, their rate, and the time of the first: `smart_nframes` and `linspace` over the frames."""
    times = timeline.times_s
    rate = float((len(times) - 1) / (int(timeline.stamps[-1] - timeline.stamps[0]) * timeline.tick))
    if abs(rate - timeline.stated_rate) < rate / 100:
        rate = timeline.stated_rate
    first, last = _window(times, limits, 1 / rate)
    # Matroska rounds times to milliseconds: a frame that so lies a hair before the start belongs to it.
    inside = np.flatnonzero((times >= first - ROUNDING_S) & (times <= last + ROUNDING_S))
    count = limits.frame_count(len(inside) / rate, len(inside))
    numbers = np.round(np.linspace(inside[0], inside[-1], count)).astype(np.int64)
    return timeline.stamps[numbers], count * rate / len(inside), float(times[inside[0]])


def _by_time(timeline: _Timeline, limits: VideoLimits) -> tuple[NDArray[np.int64], float, float]:
    """The same for frames that come unevenly, by evenly spaced times."""
    times = timeline.times_s
    hold = float(np.median(np.diff(times)))
    first, last = _window(times, limits, hold)
    seconds = min(last, float(times[-1]) + hold) - first
    count = limits.frame_count(seconds, None)
    chosen = np.linspace(first, min(last, float(times[-1])), count)
    return timeline.stamps[0] + np.round(chosen / timeline.tick_s).astype(np.int64), count / seconds, first


def _window(times: NDArray[np.float64], limits: VideoLimits, hold: float) -> tuple[float, float]:
    end = float(times[-1]) + hold
    first, last = limits.start_s or 0.0, end if limits.end_s is None else limits.end_s
    if first >= end - hold:
        raise SetupError(f"the start, {first:g} s, lies at or after the video's last frame, at {end - hold:g} s.", fix="start earlier")
    return first, last


def _timeline(path: Path) -> _Timeline:
    """From the packets alone: nothing is decoded."""
    with _opened(path) as (container, stream):
        packets = [packet for packet in container.demux(stream) if packet.size and not packet.is_discard]
        stamps = [packet.pts for packet in packets]
        if not stamps:
            raise SetupError(f"{path.name} has no frames.", fix="see whether other programs can play it")
        # Frames in two halves (interlaced) come as two packets, of which one may be without a time.
        if all(stamp is not None for stamp in stamps) and len(set(stamps)) == len(stamps):
            return _Timeline(np.array(sorted(stamps), np.int64), Fraction(stream.time_base), True, float(stream.average_rate or 0))
        rate = Fraction(stream.average_rate or stream.base_rate or 25)
        return _Timeline(np.arange(len(stamps), dtype=np.int64), 1 / rate, False, float(rate))


def _shown(path: Path, targets: NDArray[np.int64], stamped: bool) -> Iterator[Pixels]:
    """For each target the last frame whose stamp is not above it."""
    with _opened(path) as (container, stream):
        stream.thread_type = "AUTO"
        if stamped and targets[0] > 0:
            container.seek(int(targets[0]), stream=stream, backward=True)
        following, current, given = 0, None, None
        for number, frame in enumerate(container.decode(stream)):
            stamp = frame.pts if stamped else number
            if stamp is None:
                continue
            while current is not None and following < len(targets) and targets[following] < stamp:
                given = _pixels(current) if given is None else given
                yield given
                following += 1
            if following == len(targets):
                return
            current, given = frame, None
        if current is None:
            raise SetupError(f"{path.name} has no frames that can be decoded.", fix="see whether other programs can play it")
        given = _pixels(current)
        for _ in range(following, len(targets)):
            yield given


def _pixels(frame: Any) -> Pixels:
    pixels = frame.to_ndarray(format="rgb24")
    turns = round(frame.rotation / 90)
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns % 4 else pixels


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    import av

    try:
        with av.open(str(path)) as container:
            # The cover of a song is a video stream to FFmpeg.
            streams = [stream for stream in container.streams.video if not stream.disposition & av.stream.Disposition.attached_pic]
            if not streams:
                raise SetupError(f"{path.name} has no video stream.", fix="give a file with moving pictures")
            yield container, streams[0]
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        raise SetupError(f"{path.name} is not a video that can be read ({error}).", fix="see whether other programs can play it") from error
