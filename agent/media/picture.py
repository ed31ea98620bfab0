"""A picture from anywhere: a file, an address, bytes, Pillow's or numpy's."""

from __future__ import annotations

import io
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from handeye.agent.dialects.picture import picture_of
from handeye.agent.media.fetch import FetchLimits, data_of, download, path_of, scheme_of, shown
from handeye.agent.media.limits import PictureLimits
from handeye.agent.media.rgb import decoded, from_array, opened
from handeye.agent.messages import Picture
from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

PictureSource: TypeAlias = str | PathLike[str] | bytes | Image.Image | np.ndarray[Any, Any]
"""A path, an address (http, https, file, data), an encoded picture, or an opened one; arrays are (height, width[, 1, 3 or 4]) uint8."""
LARGEST_FILE = 1 << 30


@dataclass(frozen=True, eq=False)
class ReadPicture:
    """A picture at its own size, as a person sees it."""

    pixels: Pixels
    """Upright, RGB, read-only."""
    notes: tuple[str, ...] = ()
    """What a user should know, as that an animation shows its first frame only."""

    @property
    def size(self) -> Size:
        """Width and height after EXIF orientation."""
        return Size(self.pixels.shape[1], self.pixels.shape[0])


@dataclass(frozen=True, eq=False)
class OpenedPicture:
    """A picture at the size that the model sees."""

    picture: Picture
    size: Size
    """The size of the source, upright: the model's places are scaled back to it."""
    notes: tuple[str, ...] = ()


def read_picture(source: PictureSource, fetch: FetchLimits = FetchLimits()) -> ReadPicture:
    """The picture that `source` is: EXIF orientation applied, transparency on white, 16 bits scaled to 8, CMYK converted.

    Raises `SetupError` for what is missing, damaged, too large or no picture.
    """
    if isinstance(source, np.ndarray):
        return ReadPicture(from_array(source))
    name = shown(source)
    if isinstance(source, Image.Image):
        return ReadPicture(opened(source, name))
    return ReadPicture(*decoded(source if isinstance(source, bytes) else _bytes(source, name, fetch), name))


def open_picture(source: PictureSource, limits: PictureLimits = PictureLimits(), fetch: FetchLimits = FetchLimits()) -> OpenedPicture:
    """`source` at the size that `limits` give, which no processor changes again. Raises `SetupError` like `read_picture`."""
    return sized(read_picture(source, fetch), limits)


def sized(read: ReadPicture, limits: PictureLimits) -> OpenedPicture:
    """A picture that was read, at the size that `limits` give. Raises `SetupError` for a shape that cannot be shown."""
    return OpenedPicture(picture_of(read.pixels, limits.picture_size(read.size)), read.size, read.notes)


def _bytes(source: str | PathLike[str], name: str, fetch: FetchLimits) -> bytes:
    scheme = scheme_of(source) if isinstance(source, str) else ""
    if scheme == "data":
        return data_of(str(source))
    if scheme in ("http", "https"):
        with io.BytesIO() as buffer:
            download(str(source), buffer, fetch)
            return buffer.getvalue()
    try:
        with Path(path_of(str(source)) if scheme == "file" else source).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise SetupError(f"there is no picture {name}.", fix="see whether the path is right") from None
    except (OSError, ValueError) as error:
        raise SetupError(f"{name} is not a picture that can be read ({error}).", fix="see whether the path is right") from error
    if len(content) > LARGEST_FILE:
        raise SetupError(f"{name} is larger than 1 GiB, which is no picture.", fix="see whether the path is right")
    return content
