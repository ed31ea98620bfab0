"""Small recordings that tests make with PyAV."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 240


def step(number: int, count: int) -> NDArray[np.uint8]:
    """A frame whose brightness says which of `count` it is."""
    return np.full((HEIGHT, WIDTH, 3), 20 + round(210 * number / max(1, count - 1)), np.uint8)


def number_of(frame: NDArray[np.uint8], count: int) -> int:
    """Which of `count` frames this is."""
    return round((float(frame.mean()) - 20) * (count - 1) / 210)


def record(path: Path, count: int, rate: int = 10, codec: str = "libx264", times_s: Sequence[float] | None = None) -> Path:
    """A recording of `count` frames, each of its own brightness, at `rate` frames a second or at `times_s`."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        tick = Fraction(1, rate if times_s is None else 1000)
        stream.codec_context.time_base = tick
        container.start_encoding()
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(step(number, count), format="rgb24")
            frame.pts, frame.time_base = number if times_s is None else round(times_s[number] * 1000), tick
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def sound(path: Path) -> Path:
    """A recording of a second of silence."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16_000
        for _ in range(16):
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
