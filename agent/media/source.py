"""A picture or a video, whichever a source turns out to be."""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image

from handeye.agent.media.fetch import FetchLimits, as_file, shown
from handeye.agent.media.limits import PictureLimits, VideoLimits
from handeye.agent.media.picture import OpenedPicture, PictureSource, ReadPicture, open_picture, sized
from handeye.agent.media.rgb import decoded
from handeye.agent.media.sniff import SNIFFED, looks_like_video
from handeye.agent.media.video import OpenedVideo, VideoSource, open_video
from handeye.tools.errors import SetupError

Opened: TypeAlias = OpenedPicture | OpenedVideo
Source: TypeAlias = PictureSource | VideoSource


def open_media(
    source: Source,
    pictures: PictureLimits = PictureLimits(),
    videos: VideoLimits = VideoLimits(),
    fetch: FetchLimits = FetchLimits(),
) -> Opened:
    """`source` opened as what its first bytes say it is; a list, or a folder of pictures in the order of their names, is a video.

    Raises `SetupError` like `open_picture` and `open_video`.
    """
    if isinstance(source, bytes | Image.Image | np.ndarray):
        return open_picture(source, pictures, fetch)
    if not isinstance(source, str | PathLike):
        return open_video(source, videos, fetch)
    if "://" not in str(source) and Path(source).is_dir():
        return open_video(_frames_in(Path(source)), videos, fetch)
    with as_file(source, fetch) as path:
        try:
            with path.open("rb") as file:
                video = looks_like_video(file.read(SNIFFED))
            if not video:
                return sized(ReadPicture(*decoded(path.read_bytes(), shown(source))), pictures)
        except OSError as error:
            raise SetupError(f"{shown(source)} cannot be read ({error}).", fix="see whether you may read it") from error
        return open_video(path, videos, fetch)


def _frames_in(folder: Path) -> list[Path]:
    """The files of a folder, `frame10` after `frame9`."""

    def by_number(path: Path) -> list[tuple[int, str]]:
        return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name)]

    frames = sorted((path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")), key=by_number)
    if not frames:
        raise SetupError(f"the folder {folder} has no frames.", fix="give a folder of pictures, or a file")
    return frames
