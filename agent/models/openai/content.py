"""Messages as the chat protocol writes them: text as it is, pictures as PNG in data URLs with the dialect's exact pixels.

Videos: vLLM takes frames in one `video_url`, DashScope as a list of pictures of type `video`; all others get pictures with the time
in words before each. In every form the times are said in words too, since vLLM reads a list of frames as one frame a second.
Tested against our own test servers only; neither vLLM nor DashScope was run.
"""

from __future__ import annotations

import base64
import hashlib
import io
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from handeye.agent.messages import Message, Picture, Video
from handeye.agent.models.openai.kinds import ServerKind
from handeye.tools.device import Pixels
from handeye.tools.errors import ModelError

NEAR_LEVEL = 1
"""PNG compression for a server on this machine: the fastest that still compresses (52 ms against 68 ms for an office window)."""
FAR_LEVEL = 6
"""For a server behind a network: zlib's default."""
LAST_LEVEL = 9
"""Tried before a picture is called too large."""
KEPT = 32
"""Encoded pictures that are kept. A dialect makes a new `Picture` of an old screenshot at each step, so they are known by content."""
PATCH = 28
"""Pixels of the side of the square that is one token in Qwen2.5-VL, for the estimate of a prompt's length."""
CHARACTERS = 4
"""Characters of a token, for the same estimate: the usual rule of thumb for English."""


class PictureEncoder:
    """Encodes each picture once. Safe to use from several threads."""

    def __init__(self, level: int) -> None:
        self._level = level
        self._of_object: weakref.WeakKeyDictionary[Picture, str] = weakref.WeakKeyDictionary()
        self._of_content: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()

    def url(self, picture: Picture, limit: int | None = None) -> str:
        """The data URL of `picture`. Raises `ModelError` when it is longer than `limit` even at the best lossless compression."""
        with self._lock:
            known = self._of_object.get(picture)
        if known is None:
            known = self._by_content(picture.pixels)
        if limit is not None and len(known) > limit:
            known = _data_url(_png(picture.pixels, LAST_LEVEL))
            if len(known) > limit:
                height, width = picture.pixels.shape[:2]
                raise ModelError(
                    f"A picture of {width}x{height} makes {len(known) / 1e6:.1f} MB, and this server takes {limit / 1e6:.1f} MB.",
                    fix="let the dialect show less: --max-pixels",
                )
        with self._lock:
            self._of_object[picture] = known
        return known

    def _by_content(self, pixels: Pixels) -> str:
        digest = hashlib.blake2b(repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes(), digest_size=16).digest()
        with self._lock:
            if digest in self._of_content:
                self._of_content.move_to_end(digest)
                return self._of_content[digest]
        url = _data_url(_png(pixels, self._level))
        with self._lock:
            self._of_content[digest] = url
            while len(self._of_content) > KEPT:
                self._of_content.popitem(last=False)
        return url


@dataclass(frozen=True)
class Content:
    """What is sent of a conversation."""

    messages: list[dict[str, Any]]
    picture_bytes: int
    """Characters of all data URLs."""
    estimated_tokens: int
    """A guess at the prompt's length, for when the server does not say."""
    notes: dict[str, str]
    """What could not be sent as it was meant, for the record."""


def content_of(messages: Sequence[Message], kind: ServerKind, encoder: PictureEncoder) -> Content:
    """`messages` in the protocol's form. Raises `ModelError` for pictures that are larger than the server takes."""
    writer = _Writer(kind, encoder)
    written = [{"role": message.role, "content": writer.content(message)} for message in messages]
    if kind.request_bytes is not None and writer.size > kind.request_bytes:
        raise ModelError(
            f"The pictures make {writer.size / 1e6:.1f} MB together, and this server takes {kind.request_bytes / 1e6:.0f} MB a request.",
            fix="show fewer earlier screens, or smaller ones: --max-pixels",
        )
    return Content(written, writer.size, round(writer.tokens), writer.notes)


class _Writer:
    def __init__(self, kind: ServerKind, encoder: PictureEncoder) -> None:
        self._kind, self._encoder = kind, encoder
        self.size = 0
        self.tokens = 0.0
        self.notes: dict[str, str] = {}

    def content(self, message: Message) -> str | list[dict[str, Any]]:
        """A plain string where there is only text: templates differ in how they join parts of text."""
        if not message.pictures and not message.videos:
            return str(self._text(message.text)["text"])
        parts: list[dict[str, Any]] = []
        for part in self._parts(message):
            if part["type"] == "text" and parts and parts[-1]["type"] == "text":
                parts[-1]["text"] += part["text"]
            else:
                parts.append(part)
        return parts

    def _parts(self, message: Message) -> Iterator[dict[str, Any]]:
        for part in message.parts:
            if isinstance(part, str):
                yield self._text(part)
            elif isinstance(part, Picture):
                yield {"type": "image_url", "image_url": self._image(part)}
            else:
                yield from self._video(part)

    def _text(self, text: str) -> dict[str, Any]:
        self.tokens += len(text) / CHARACTERS
        # Halves of surrogate pairs, as a page's title may hold, have no bytes in UTF-8.
        return {"type": "text", "text": text.encode("utf-8", "replace").decode("utf-8")}

    def _image(self, picture: Picture) -> dict[str, str]:
        url = self._encoder.url(picture, self._kind.picture_bytes)
        self.size += len(url)
        self.tokens += picture.pixels.shape[0] * picture.pixels.shape[1] / PATCH**2
        return {"url": url, "detail": self._kind.detail} if self._kind.detail else {"url": url}

    def _video(self, video: Video) -> Iterator[dict[str, Any]]:
        pictures = [Picture(frame) for frame in video.frames]
        form = self._kind.video if len(pictures) <= self._kind.video_frames else "pictures"
        self.notes["video"] = form
        times = [video.start_s + index / video.fps for index in range(len(pictures))]
        if form == "pictures":
            for time_s, picture in zip(times, pictures, strict=True):
                yield self._text(f"At {time_s:.1f} s:\n")
                yield {"type": "image_url", "image_url": self._image(picture)}
            return
        yield self._text(f"A video of {len(pictures)} frames, {video.fps:g} a second, from {video.start_s:.1f} s on:\n")
        urls = [self._image(picture)["url"] for picture in pictures]
        # Frames are read in pairs, so that two cost as much as one.
        self.tokens -= sum(picture.pixels.shape[0] * picture.pixels.shape[1] for picture in pictures) / PATCH**2 / 2
        if form == "list":
            yield {"type": "video", "video": urls, "fps": video.fps}
        else:
            # The media type is the name of the form in vLLM; each frame is opened by its own header, PNG too.
            yield {"type": "video_url", "video_url": {"url": "data:video/jpeg;base64," + ",".join(url.split(",", 1)[1] for url in urls)}}


def _png(pixels: Pixels, level: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=level)
    return buffer.getvalue()


def _data_url(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
