"""Pictures as a model is shown them, decoded and resized once for all questions that share one."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from handeye.agent.media.rgb import BROKEN, in_8_bits
from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

FORMATS = ("PNG", "JPEG", "WEBP")
"""What is decoded, whatever a file's name says: what benchmarks hold."""
MOST_PIXELS = 89_478_485
"""Beyond this Pillow warns of a decompression bomb (Pillow: Image.MAX_IMAGE_PIXELS). ScreenSpot-Pro's largest has 20,358,144."""
MAX_BYTES = 512 * 1024 * 1024
_FIX = "download the file again, or open it with another program to see what it is"


@dataclass(frozen=True, eq=False)
class _Shown:
    pixels: Pixels
    stored: Size

    @property
    def size(self) -> Size:
        return Size(self.pixels.shape[1], self.pixels.shape[0])


class Pictures:
    """Decoded pictures, the last used ones kept. Safe in threads: who asks for a picture that is being decoded waits for it."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        """Keeps at most `max_bytes` of pixels; a larger picture is given and not kept."""
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Shown] = OrderedDict()
        self._bytes = 0
        self._coming: dict[Hashable, Future[_Shown | None]] = {}

    def shown(self, key: Hashable, read: Callable[[], bytes], shown_size: Callable[[Size], Size]) -> tuple[Pixels, Size]:
        """The picture that `read` gives, at `shown_size` of its stored size; and that stored size.

        RGB uint8 (height, width, 3), read-only: the pixels of `handeye.agent.dialects.picture.picture_of`. Alpha is dropped as by
        `Image.convert("RGB")`, 16-bit grey is scaled. `key` stands for the stored picture; `read` is called where it is not at hand.
        Raises `SetupError` for what is no PNG, JPEG or WebP, and whatever `read` and `shown_size` raise; nothing of that is kept.
        """
        while True:
            with self._lock:
                found = self._kept.get(key)
                if found is not None:
                    self._kept.move_to_end(key)
                coming = None if found else self._coming.get(key)
                if found is None and coming is None:
                    mine = self._coming[key] = Future()
            if coming is not None:
                # None: its maker failed, perhaps for a reason of its own.
                found = coming.result()
                if found is None:
                    continue
            if found is None:
                return self._make(key, mine, read, shown_size)
            if shown_size(found.stored) == found.size:
                return found.pixels, found.stored
            made = _decode(read(), shown_size)
            self._keep(key, made)
            return made.pixels, made.stored

    def _make(
        self, key: Hashable, mine: Future[_Shown | None], read: Callable[[], bytes], shown_size: Callable[[Size], Size]
    ) -> tuple[Pixels, Size]:
        made = None
        try:
            made = _decode(read(), shown_size)
            self._keep(key, made)
        finally:
            with self._lock:
                del self._coming[key]
            mine.set_result(made)
        return made.pixels, made.stored

    def _keep(self, key: Hashable, made: _Shown) -> None:
        if made.pixels.nbytes > self._max_bytes:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._bytes += made.pixels.nbytes - (before.pixels.nbytes if before else 0)
            self._kept[key] = made
            while self._bytes > self._max_bytes:
                self._bytes -= self._kept.popitem(last=False)[1].pixels.nbytes


def _decode(data: bytes, shown_size: Callable[[Size], Size]) -> _Shown:
    rgb = _rgb(data)
    stored = Size(*rgb.size)
    size = shown_size(stored)
    if size != stored:
        # Before it becomes an array: the same pixels, and two copies fewer that would hold the interpreter's lock.
        rgb = rgb.resize(size, Image.Resampling.BICUBIC)
    pixels = np.asarray(rgb)
    pixels.setflags(write=False)
    return _Shown(pixels, stored)


def _rgb(data: bytes) -> Image.Image:
    """Decoded. Raises `SetupError`."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            size = Size(*image.size)
            if size.area > MOST_PIXELS:
                raise SetupError(f"the picture claims to have {size} pixels, more than the {MOST_PIXELS:,} that are decoded", fix=_FIX)
            image.load()
            # Of it only RGB is used, and Pillow would warn that a palette's is lost.
            image.info.pop("transparency", None)
            shown = in_8_bits(image, "the picture")
            return shown if shown.mode == "RGB" else shown.convert("RGB")
    except UnidentifiedImageError:
        raise SetupError(f"the picture ({len(data):,} bytes) is no PNG, JPEG or WebP", fix=_FIX) from None
    except (*BROKEN, Image.DecompressionBombWarning) as error:
        raise SetupError(f"the picture cannot be decoded ({error or type(error).__name__})", fix=_FIX) from error
