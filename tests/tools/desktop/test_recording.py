"""Films of a display: what each kind holds when it is read again, and what is left when the filming or the display is cut off."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.joining import join
from handeye.tools.desktop.pixels import ScreenReader
from handeye.tools.desktop.recording import SUFFIXES, Recording
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError, DeviceLost, InvalidAction, SetupError
from handeye.tools.geometry import Point, Size
from tests.waiting import until

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
SIZE = Size(321, 243)
"""Odd on both sides, which videos do not take as they are."""
RED, GREEN, BLUE = 0xC02020, 0x20A020, 0x2020C0
FILMING = """
import sys
from pathlib import Path
from handeye.tools.desktop.recording import Recording
recording = Recording.start(Path(sys.argv[1]), sys.argv[2])
print("filming", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, eq=False)
class Film:
    """A film that was read again."""

    frames: list[npt.NDArray[np.uint8]]
    starts_s: list[float]
    length_s: float

    def colours(self) -> list[int]:
        """The colour far from the pointer in each frame, rounded to one of the three that are painted; repeats left out."""
        found: list[int] = []
        for frame in self.frames:
            pixel = frame[frame.shape[0] * 3 // 4, frame.shape[1] // 4].astype(int)
            nearest = min((RED, GREEN, BLUE), key=lambda colour: np.abs(pixel - _rgb(colour)).sum())
            found += [nearest] if found[-1:] != [nearest] else []
        return found


def _rgb(colour: int) -> npt.NDArray[np.int_]:
    return np.array([colour >> 16, colour >> 8 & 255, colour & 255])


def read(path: Path) -> Film:
    if path.suffix == ".gif":
        frames, starts, at = [], [], 0.0
        with Image.open(path) as image:
            for index in range(getattr(image, "n_frames", 1)):
                image.seek(index)
                frames.append(np.asarray(image.convert("RGB")))
                starts.append(at)
                at += image.info["duration"] / 1000
        return Film(frames, starts, at)
    with av.open(str(path)) as file:
        decoded = list(file.decode(video=0))
        starts = [float(frame.time or 0) for frame in decoded]
        return Film([frame.to_ndarray(format="rgb24") for frame in decoded], starts, starts[-1])


@pytest.fixture(scope="module")
def screen() -> Iterator[VirtualDesktop]:
    with VirtualDesktop.start(SIZE, window_manager=None) as desktop:
        yield desktop


def paint(desktop: VirtualDesktop, colour: int) -> None:
    from Xlib.display import Display

    display = Display(desktop.display)
    display.screen().root.change_attributes(background_pixel=colour)
    display.screen().root.clear_area()
    display.sync()
    display.close()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_film_shows_what_was_to_be_seen_when_and_to_the_end(screen: VirtualDesktop, suffix: str, tmp_path: Path) -> None:
    paint(screen, RED)
    path = tmp_path / "deep" / f"film{suffix}"
    driver = X11Driver.open(screen.display)
    driver.move(Point(120, 120))
    begun = time.monotonic()
    with Recording.start(path, screen.display) as recording:
        for colour in (GREEN, BLUE):
            shown = recording.frames
            paint(screen, colour)
            until(lambda shown=shown: recording.frames > shown)
        shown = recording.frames
        driver.move(Point(40, 40))
        until(lambda: recording.frames > shown)
        # Whatever is done last is seen, however soon the end comes after it.
        paint(screen, RED)
    took_s = time.monotonic() - begun
    driver.close()
    assert not recording.fault
    film = read(path)
    assert film.colours() == [RED, GREEN, BLUE, RED]
    assert 5 <= len(film.frames) <= recording.frames + 1
    assert film.starts_s == sorted(film.starts_s)
    assert 0.2 <= film.length_s <= took_s + 0.1
    height, width = film.frames[-1].shape[:2]
    assert (width - SIZE.width, height - SIZE.height) in ((0, 0), (1, 1))
    # The pointer is an arrow, black with a white rim, whose tip is at its place.
    there = film.frames[-1][38:60, 38:60].astype(int)
    assert (np.abs(there - _rgb(RED)).sum(axis=2) > 150).sum() > 20


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_a_film_that_is_killed_can_be_played(screen: VirtualDesktop, suffix: str, tmp_path: Path) -> None:
    paint(screen, RED)
    path = tmp_path / f"film{suffix}"
    process = subprocess.Popen(
        [sys.executable, "-c", FILMING, str(path), screen.display], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "filming\n"
        for colour in (GREEN, BLUE, RED):
            size = path.stat().st_size
            paint(screen, colour)
            until(lambda size=size: path.stat().st_size > size)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()
    # A GIF's frame is written when the next one is there.
    assert read(path).colours()[:2] == [RED, GREEN]


def test_a_display_that_dies_ends_the_film_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    desktop = VirtualDesktop.start(SIZE, window_manager=None)
    paint(desktop, RED)
    recording = Recording.start(path, desktop.display)
    desktop.close()
    until(lambda: recording.fault)
    recording.close()
    recording.close()
    assert desktop.display in recording.fault
    assert read(path).colours() == [RED]


def test_a_display_that_dies_while_a_picture_is_taken_can_be_let_go_of() -> None:
    desktop = VirtualDesktop.start(SIZE, window_manager=None)

    class Connection:
        """The reader's own, after whose last word the display dies."""

        def __init__(self, display: Any) -> None:
            self._display = display

        def __getattr__(self, name: str) -> Any:
            return getattr(self._display, name)

        def pending_events(self) -> int:
            pending = int(self._display.pending_events())
            if shown:
                desktop.close()
            return pending

    shown: list[Pixels] = []
    reader = ScreenReader(desktop.display, Connection(join(desktop.display)), None)
    shown.append(reader.read())
    with pytest.raises(DeviceLost):
        reader.read()
    reader.close()


@pytest.mark.skipif(shutil.which("xrandr") is None, reason="needs xrandr")
def test_a_display_that_is_resized_goes_on_in_the_films_size(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with VirtualDesktop.start(Size(640, 480), window_manager=None) as desktop, Recording.start(path, desktop.display) as recording:
        shown = recording.frames
        desktop.run(["xrandr", "--output", "screen", "--off", "--fb", "400x300"])
        until(lambda: recording.frames > shown or recording.fault)
    assert not recording.fault
    assert {frame.shape for frame in read(path).frames} == {(480, 640, 3)}


def test_one_monitor_alone_and_no_such_monitor(screen: VirtualDesktop, tmp_path: Path) -> None:
    with Recording.start(tmp_path / "film.gif", screen.display, monitor=0):
        pass
    assert read(tmp_path / "film.gif").frames[0].shape == (SIZE.height, SIZE.width, 3)
    with pytest.raises((SetupError, DeviceError), match="monitor"):
        Recording.start(tmp_path / "film.gif", screen.display, monitor=7)


@pytest.mark.parametrize("name", ["film.avi", "film", ".mp4"])
def test_a_name_without_a_known_suffix_is_refused(screen: VirtualDesktop, name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidAction, match=r"ends in \.mp4, \.webm"):
        Recording.start(tmp_path / name, screen.display)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_cannot_be_written_is_told_before_anything_else(screen: VirtualDesktop, suffix: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / f"folder{suffix}").mkdir()
    for path in (tmp_path / "file" / f"film{suffix}", tmp_path / f"folder{suffix}"):
        with pytest.raises(SetupError, match="cannot be written"):
            Recording.start(path, screen.display)


def test_no_display_is_no_film(tmp_path: Path) -> None:
    with pytest.raises((SetupError, DeviceError)):
        Recording.start(tmp_path / "film.mp4", ":4321")
