"""The screenshots of a run as data URLs: the files as they are, or smaller ones when the page would grow too large for a browser."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from handeye.agent.trajectory import Trajectory
from handeye.tools.device import Pixels
from handeye.tools.errors import TrajectoryError
from handeye.tools.geometry import Size

PAGE_LIMIT = 32_000_000
"""Bytes of picture files that a page holds at most; in base64 they take a third more."""

_THUMBNAIL = (320, 240)
_JPEG_QUALITY = 82


@dataclass(frozen=True)
class EmbeddedPicture:
    """A screenshot, ready for the page."""

    key: str
    """Its name within the page."""
    url: str = ""
    """A data URL; empty when the screenshot cannot be shown."""
    thumbnail: str = ""
    """A data URL of a small version."""
    size: Size | None = None
    """Size of the screenshot on disk; None when it cannot be shown."""
    problem: str = ""
    """Why it cannot be shown."""


@dataclass(frozen=True)
class Album:
    """Every screenshot of a run by the name that the rows use."""

    pictures: dict[str, EmbeddedPicture]
    note: str = ""
    """What was done to the pictures to keep the page small, in words; empty if nothing."""


def embed(trajectory: Trajectory, names: Iterable[str], limit: int = PAGE_LIMIT) -> Album:
    """Read the screenshots in `names` and bring them to at most about `limit` bytes in all.

    A screenshot that is missing or damaged becomes a picture with a `problem`; nothing is raised.
    """
    wanted = list(dict.fromkeys(name for name in names if name))
    files: dict[str, bytes] = {}
    pictures: dict[str, EmbeddedPicture] = {}
    for number, name in enumerate(wanted):
        key = f"s{number}"
        try:
            pixels = trajectory.screen(name)
            files[name] = _png(trajectory, name, pixels)
        except TrajectoryError as error:
            pictures[name] = EmbeddedPicture(key, problem=_without_folder(str(error), trajectory.path))
            continue
        size = Size(pixels.shape[1], pixels.shape[0])
        pictures[name] = EmbeddedPicture(key, thumbnail=_url(_jpeg(pixels, _THUMBNAIL), "jpeg"), size=size)
    kind, note = "png", ""
    if sum(map(len, files.values())) > limit:
        kind = "jpeg"
        files, note = _shrink(trajectory, list(files), limit)
    shown = {
        name: EmbeddedPicture(p.key, _url(files[name], kind), p.thumbnail, p.size) if name in files else p for name, p in pictures.items()
    }
    return Album(shown, note)


def _without_folder(text: str, folder: Path) -> str:
    # A page is passed on to others, whom the folders of this machine do not concern.
    return text.replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "")


def _shrink(trajectory: Trajectory, names: list[str], limit: int) -> tuple[dict[str, bytes], str]:
    files = {name: _jpeg(trajectory.screen(name)) for name in names}
    scale = 1.0
    while (total := sum(map(len, files.values()))) > limit and scale > 0.1:
        # Bytes go roughly with the area; the factor below 1 makes sure that it gets smaller each time.
        scale *= 0.95 * (limit / total) ** 0.5
        files = {name: _scaled(trajectory.screen(name), scale) for name in names}
    how = f"as JPEG (quality {_JPEG_QUALITY})" + (f", scaled to {scale:.0%}" if scale < 1 else "")
    return files, f"To keep this page small its {len(names)} screenshots are shown {how}; the originals are in the run's folder."


def _scaled(pixels: Pixels, scale: float) -> bytes:
    height, width = pixels.shape[:2]
    return _jpeg(pixels, (max(1, int(width * scale)), max(1, int(height * scale))))


def _jpeg(pixels: Pixels, within: tuple[int, int] | None = None) -> bytes:
    image = Image.fromarray(pixels)
    if within is not None:
        image.thumbnail(within, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=_JPEG_QUALITY, optimize=True)
    return buffer.getvalue()


def _png(trajectory: Trajectory, name: str, pixels: Pixels) -> bytes:
    """The file as it is where it is a PNG, else its pixels as one."""
    try:
        data = trajectory.screen_file(name).read_bytes()
    except OSError as error:
        raise TrajectoryError(f"{name}: this screenshot cannot be read ({error.strerror}).") from error
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def _url(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
