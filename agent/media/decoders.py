"""What reads the frames of a video file: PyAV, or one of the readers of qwen-vl-utils by its name there."""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib.util
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.agent.install_commands import install_command, installer
from handeye.agent.media.limits import VideoLimits
from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError

DECODERS = ("pyav", "torchcodec", "decord", "torchvision")
"""pyav, of the extra `local`, counts on nothing but its package, reads true times, and keeps one frame at a time. The others are those of
qwen-vl-utils 0.0.14 (VIDEO_READER_BACKENDS): torchcodec needs the system's FFmpeg, torchvision reads videos before 0.24 only."""
VARIABLE = "FORCE_QWENVL_VIDEO_READER"
"""The environment variable by which users of qwen-vl-utils choose."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """The frames to show, at their own size."""

    frames: Iterable[Pixels]
    """In order, each (height, width, 3); to be gone through once, which may raise `SetupError`."""
    count: int
    """Even."""
    fps: float
    """Of the shown frames, as qwen-vl-utils counts it: frames shown / seconds covered."""
    start_s: float
    """Where in the recording the first shown frame stands."""


Decoder = Callable[[Path, VideoLimits], Decoded]


def open_decoder(name: str) -> tuple[str, Decoder]:
    """The decoder called `name` and its name; `auto` is what the environment variable says, else the first that is installed.

    Raises `SetupError`, with the command that installs it, for one that is not there.
    """
    if name == "auto":
        name = os.environ.get(VARIABLE, "") or next(filter(_installed, DECODERS[:3]), DECODERS[0])
    if name not in DECODERS:
        raise SetupError(f"there is no video decoder {name!r}.", fix=f"use one of {', '.join(DECODERS)}")
    if name == "pyav":
        if not _installed(name):
            raise SetupError("Videos need PyAV, which is not installed.", fix=f"{installer()} av")
        from handeye.agent.media.pyav import decode

        return name, decode
    if importlib.util.find_spec("qwen_vl_utils") is None:
        raise SetupError(f"The decoder {name} needs qwen-vl-utils, which is not installed.", fix=install_command("local"))
    if not _installed(name):
        raise SetupError(f"The video decoder {name} is not installed.", fix=f"{installer()} {name}")
    return name, lambda path, limits: _by_qwen(name, path, limits)


def share_system_xcb() -> None:
    """Let all libraries of this process find the system's libxcb, where there is one, before any that decord brings.

    decord opens its library, and with it a libxcb of its own, for all others to see (RTLD_GLOBAL). The screenshots of a desktop (mss) would
    then call a part of each, and end the process with a segmentation fault. What was opened so first is found first.
    """
    if name := ctypes.util.find_library("xcb"):
        with suppress(OSError):
            ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)


def _installed(name: str) -> bool:
    return importlib.util.find_spec("av" if name == "pyav" else name) is not None


def _by_qwen(name: str, path: Path, limits: VideoLimits) -> Decoded:
    # Its fetch_video chooses a reader once a process and falls back to torchvision for any error: so the reader is called by name.
    from qwen_vl_utils.vision_process import VIDEO_READER_BACKENDS

    if name == "decord":
        share_system_xcb()
    asked: dict[str, Any] = {"video": str(path), "fps": limits.fps, "min_frames": limits.min_frames, "max_frames": limits.max_frames}
    asked |= {key: value for key, value in (("video_start", limits.start_s), ("video_end", limits.end_s)) if value is not None}
    try:
        frames, about, fps = VIDEO_READER_BACKENDS[name](asked)
    except (RuntimeError, ValueError, AttributeError, OSError, LookupError, TypeError, ImportError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise SetupError(f"{name} cannot read {path.name} ({reason}).", fix="use --decoder pyav") from error
    rate = float(about["fps"])
    # torchvision's reader counts its frames from video_start.
    first = limits.start_s or 0.0 if name == "torchvision" else int(about["frames_indices"][0]) / rate
    pixels = frames.permute(0, 2, 3, 1).numpy()
    return Decoded(pixels, len(pixels), float(fps), first)
