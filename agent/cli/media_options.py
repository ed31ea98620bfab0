"""The options that say what a model sees of pictures and videos, and which models can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from handeye.agent.media.limits import PictureLimits, VideoLimits, changed
from handeye.agent.media.source import Opened, open_media
from handeye.tools.errors import SetupError

WHICH = (
    "say --model transformers:Qwen/Qwen2.5-VL-7B-Instruct (or a folder with weights), "
    "or openai:MODEL@http://localhost:8000/v1 for a server that runs one"
)


@dataclass(frozen=True)
class MediaOptions:
    """As given on the command line; None is the default of `PictureLimits` and `VideoLimits`."""

    min_pixels: int | None = None
    max_pixels: int | None = None
    resized_width: int | None = None
    resized_height: int | None = None
    fps: float | None = None
    max_frames: int | None = None
    start_s: float | None = None
    end_s: float | None = None
    decoder: str | None = None

    def picture_limits(self, default: PictureLimits = PictureLimits()) -> PictureLimits:
        """The limits of each picture. Raises `SetupError` for impossible ones."""
        return changed(default, self._given)

    def video_limits(self) -> VideoLimits:
        """The limits of each video. Raises `SetupError` for impossible ones."""
        return changed(VideoLimits(), self._given)

    @property
    def _given(self) -> dict[str, object]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def open_all(files: Sequence[str], options: MediaOptions) -> list[Opened]:
    """Every file opened, in order. Raises `SetupError` for the first that cannot be."""
    pictures, videos = options.picture_limits(), options.video_limits()
    return [open_media(file, pictures, videos) for file in files]


def check_vision_model(name: str) -> None:
    """Raise `SetupError` for no model, and for the embedded one, which cannot be asked about pictures."""
    if not name:
        raise SetupError("no model is named that could answer.", fix=WHICH)
    if name.partition(":")[0] == "ocr":
        raise SetupError("the embedded model follows instructions on screens; it answers no questions.", fix=WHICH)
