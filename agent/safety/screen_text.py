"""Reading what a picture says, for those who must find something on it that is to be hidden or refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from handeye.tools.geometry import Box

if TYPE_CHECKING:
    from handeye.tools.device import Pixels


def screen_reader() -> Callable[[Pixels], Sequence[tuple[str, Box]]]:
    """A function that gives the words on a picture (uint8 RGB, shape (height, width, 3)) and their boxes in its pixels.

    It reads again only what changed since the pictures before. Its models are loaded at the first picture; that call raises `SetupError`
    without rapidocr.
    """
    from handeye.agent.models.ocr.reading import Reader

    reader = Reader()

    def read(pixels: Pixels) -> Sequence[tuple[str, Box]]:
        return tuple((word.text, word.box) for line in reader.read(pixels) for word in line.words)

    return read
