"""Films a display: a thread that looks ten times a second and keeps what changed, with its time.

Videos go through PyAV (FFmpeg), animated GIFs through Pillow. Every frame is written as it comes, so memory does not grow with the
length, and what a killed process leaves behind can be played up to its last moments. Animated WebP is not offered: FFmpeg writes it at
the end only, and drops a last frame that was shown for a moment.
"""

from __future__ import annotations

import threading
import time
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

import numpy as np

from handeye.tools.desktop.joining import join
from handeye.tools.desktop.pixels import ScreenReader
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError, InvalidAction, SetupError
from handeye.tools.geometry import Box

FPS = 10.0
STILL_S = 5.0
"""A frame is written again after so long without a change: a killed recording lacks no more than this at its end."""
CLOSE_S = 30.0
"""How long the last frames may take to be written."""
VIDEOS = {
    # Zero latency: no frame waits in the encoder for those to come. Text stays sharp at this rate factor.
    ".mp4": ("mp4", "libx264", "yuv420p", {"preset": "veryfast", "tune": "zerolatency", "crf": "20", "threads": "1", "g": "100"}),
    ".webm": ("webm", "libvpx", "yuv420p", {"deadline": "realtime", "cpu-used": "8", "crf": "10", "b": "4M", "lag-in-frames": "0"}),
}
"""By suffix: FFmpeg's container, codec, pixel format and the codec's options."""
# A fragment for each frame, behind an empty index: the file is valid at any moment.
CONTAINERS = {".mp4": {"movflags": "frag_every_frame+empty_moov+default_base_moof"}, ".webm": {"cluster_time_limit": "1000"}}
SUFFIXES = (*VIDEOS, ".gif")
"""What can be written."""


class Writer(Protocol):
    """Writes a film frame by frame."""

    def add(self, frame: Pixels, at_s: float) -> None:
        """Show `frame` from `at_s` seconds on; later than all before."""

    def close(self, at_s: float) -> None:
        """The last frame is shown until `at_s`; finish the file."""


def check_suffix(path: Path) -> None:
    """Raises `InvalidAction` for a name whose suffix is none of `SUFFIXES`."""
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidAction(f"a recording ends in {', '.join(SUFFIXES)}, not {path.name!r}.", fix="name it run.mp4, for instance")


class VideoWriter:
    """A video, through PyAV."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        try:
            import av
        except ImportError as error:
            raise SetupError("Recording needs the package av.", fix="pip install 'handeye[desktop]'") from error
        suffix = path.suffix.lower()
        container, codec, pixel_format, options = VIDEOS[suffix]
        try:
            self._file = av.open(str(path), "w", format=container, options={"flush_packets": "1", **CONTAINERS.get(suffix, {})})
        except (OSError, av.FFmpegError) as error:
            raise SetupError(f"{path} cannot be written ({error}).") from error
        stream: Any = self._file.add_stream(codec, rate=1000, options=options)
        # Both formats keep colour for squares of four pixels.
        stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        self._stream = stream
        self._last: Pixels | None = None
        self._at_ms = -1

    def add(self, frame: Pixels, at_s: float) -> None:
        """Show `frame` from `at_s` seconds on; later than all before."""
        import av

        height, width = frame.shape[:2]
        even = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge") if height % 2 or width % 2 else frame
        picture = av.VideoFrame.from_ndarray(even, format="rgb24")
        self._at_ms = max(self._at_ms + 1, round(at_s * 1000))
        picture.pts, picture.time_base = self._at_ms, Fraction(1, 1000)
        self._file.mux(self._stream.encode(picture))
        self._last = frame

    def close(self, at_s: float) -> None:
        """The last frame is shown until `at_s`; finish the file."""
        if self._last is not None:
            self.add(self._last, at_s)
        self._file.mux(self._stream.encode(None))
        self._file.close()


class GifWriter:
    """An animated GIF, each frame only where it differs from the one before. Without its last byte it can still be played."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        try:
            self._file: IO[bytes] = path.open("wb")
        except OSError as error:
            raise SetupError(f"{path} cannot be written ({error.strerror}).") from error
        self._shown: Pixels | None = None
        self._next: Pixels | None = None
        self._since_s = 0.0
        # GIF89a: logical screen of 256 colours a frame, and Netscape's extension that repeats it for ever.
        self._file.write(b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + b"\x70\0\0")
        self._file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0")

    def add(self, frame: Pixels, at_s: float) -> None:
        """Show `frame` from `at_s` seconds on; later than all before."""
        self._flush(at_s)
        self._next, self._since_s = frame, at_s

    def close(self, at_s: float) -> None:
        """The last frame is shown until `at_s`; finish the file."""
        self._flush(at_s)
        self._file.write(b"\x3b")
        self._file.close()

    def _flush(self, until_s: float) -> None:
        """Write the frame whose duration is known now."""
        if self._next is None:
            return
        from PIL import GifImagePlugin, Image

        box = _changed(self._shown, self._next)
        part = Image.fromarray(np.ascontiguousarray(self._next[box.top : box.bottom, box.left : box.right])).quantize(
            256, dither=Image.Dither.NONE
        )
        hundredths = max(2, round(until_s * 100) - round(self._since_s * 100))
        for piece in GifImagePlugin.getdata(part, (box.left, box.top), duration=min(hundredths, 65535) * 10, include_color_table=True):
            self._file.write(piece)
        self._file.flush()
        self._shown = self._next


def _changed(old: Pixels | None, new: Pixels) -> Box:
    """The rectangle in which two frames differ; one pixel where they do not."""
    height, width = new.shape[:2]
    if old is None:
        return Box(0, 0, width, height)
    differs = (old != new).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not rows.size:
        return Box(0, 0, 1, 1)
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


class Recording:
    """A film of a display that is being made; make it with `start`, end it with `close`. A context manager."""

    def __init__(self, path: Path, reader: ScreenReader, picture: Pixels, writer: Writer, fps: float) -> None:
        self.path = path
        self.frames = 0
        """Frames written so far."""
        self.fault: str = ""
        """Why it ended before it was closed; empty if it did not."""
        self._reader, self._picture, self._writer, self._pause_s = reader, picture, writer, 1 / fps
        self._stop = threading.Event()
        self._first: threading.Event = threading.Event()
        self._thread = threading.Thread(target=self._film, name="handeye recording", daemon=True)

    @classmethod
    def start(cls, path: Path, display: str, *, monitor: int | None = None, fps: float = FPS) -> Recording:
        """Film `display` (one `monitor` of it, from 0; all of it if None), the pointer visible, into `path`, which is replaced.

        Raises `InvalidAction` for a suffix other than those of `SUFFIXES`, `SetupError` when a package, the display or the monitor is
        missing or the file cannot be written, `DeviceError` when the display cannot be read.
        """
        check_suffix(path)
        reader = ScreenReader(display, join(display), monitor, cursor=True)
        try:
            picture = reader.read()
            height, width = picture.shape[:2]
            path.parent.mkdir(parents=True, exist_ok=True)
            # FFmpeg opens a file with its first frame only.
            path.open("wb").close()
            kind = GifWriter if path.suffix.lower() == ".gif" else VideoWriter
            recording = cls(path, reader, picture, kind(path, width, height), fps)
        except OSError as error:
            reader.close()
            raise SetupError(f"{path} cannot be written ({error}).") from error
        except BaseException:
            reader.close()
            raise
        recording._thread.start()
        recording._first.wait(CLOSE_S)
        return recording

    def close(self) -> None:
        """Write the last frame and finish the file. A second call does nothing."""
        self._stop.set()
        self._thread.join(CLOSE_S)

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _film(self) -> None:
        begun = time.monotonic()
        try:
            self._look_until_told(begun)
        except DeviceError as error:
            self.fault = str(error)
        except (OSError, ValueError) as error:
            self.fault = f"{self.path} cannot be written ({error})."
        finally:
            self._first.set()
            self._reader.close()
            try:
                self._writer.close(time.monotonic() - begun)
            except (OSError, ValueError) as error:
                self.fault = self.fault or f"{self.path} cannot be written ({error})."

    def _look_until_told(self, begun: float) -> None:
        last, written_s = self._picture, 0.0
        self._writer.add(last, written_s)
        self.frames += 1
        self._first.set()
        while True:
            # A look that begins after the end was asked for shows what the last action brought about; one that was under way may not.
            last_look = self._stop.is_set()
            at_s = time.monotonic() - begun
            frame = _fitted(self._reader.read(), *self._picture.shape[:2])
            if at_s - written_s >= STILL_S or not np.array_equal(frame, last):
                self._writer.add(frame, at_s)
                last, written_s = frame, at_s
                self.frames += 1
            if last_look:
                return
            self._stop.wait(max(0.0, self._pause_s - (time.monotonic() - begun - at_s)))


def _fitted(frame: Pixels, height: int, width: int) -> Pixels:
    """The picture cut or filled with black to the film's size: a display may be resized in mid-run."""
    if frame.shape[:2] == (height, width):
        return frame
    fitted = np.zeros((height, width, 3), np.uint8)
    part = frame[:height, :width]
    fitted[: part.shape[0], : part.shape[1]] = part
    return fitted
