from __future__ import annotations

import importlib.util
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from handeye.agent.media.decoders import VARIABLE, open_decoder, share_system_xcb
from handeye.agent.media.limits import FRAME_MAX_PIXELS, FRAME_MIN_PIXELS, TOTAL_PIXELS, PictureLimits, VideoLimits, changed
from handeye.agent.media.picture import OpenedPicture
from handeye.agent.media.source import open_media
from handeye.agent.media.video import OpenedVideo, open_video
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size
from tests.agent.recordings import HEIGHT, WIDTH, number_of, record, sound, step

pytest.importorskip("av", reason="videos are made and read with PyAV")


@pytest.fixture(scope="module")
def four_seconds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 frames at 10 a second."""
    return record(tmp_path_factory.mktemp("video") / "four.mp4", 40)


def numbers(opened: OpenedVideo, count: int = 40) -> list[int]:
    return [number_of(frame, count) for frame in opened.video.frames]


def test_a_video_is_looked_at_twice_a_second(four_seconds: Path) -> None:
    for source in (str(four_seconds), four_seconds, four_seconds.as_uri()):
        opened = open_video(source)
        assert opened.video.frames.shape == (8, 280, 392, 3)
        assert opened.video.frames.dtype == np.uint8
        assert opened.video.fps == 2.0
        assert opened.video.start_s == 0.0
        assert opened.size == Size(WIDTH, HEIGHT)
        assert opened.end_s == 4.0
        assert opened.decoder == "pyav"
        assert opened.notes == ()
        # linspace(0, 39, 8), rounded, as the readers of qwen-vl-utils choose.
        assert numbers(opened) == [0, 6, 11, 17, 22, 28, 33, 39]


@pytest.mark.parametrize(
    ("limits", "frames", "fps", "start_s"),
    [
        ({"fps": 1.0}, [0, 13, 26, 39], 1.0, 0.0),
        ({"fps": 5.0, "start_s": 1.0, "end_s": 2.0}, [10, 13, 17, 20], 40 / 11, 1.0),
        ({"start_s": 2.0}, [20, 26, 33, 39], 2.0, 2.0),
        ({"end_s": 1.0}, [0, 3, 7, 10], 40 / 11, 0.0),
        ({"start_s": 1.05}, [11, 20, 30, 39], 40 / 29, 1.1),
        ({"end_s": 99.0, "fps": 1.0}, [0, 13, 26, 39], 1.0, 0.0),
        ({"max_frames": 5}, [0, 13, 26, 39], 1.0, 0.0),
        ({"min_frames": 10, "fps": 0.1}, [0, 4, 9, 13, 17, 22, 26, 30, 35, 39], 2.5, 0.0),
        ({"fps": 100.0}, list(range(40)), 10.0, 0.0),
    ],
)
def test_limits_choose_the_frames(four_seconds: Path, limits: dict[str, Any], frames: list[int], fps: float, start_s: float) -> None:
    opened = open_video(four_seconds, VideoLimits(**limits))
    assert numbers(opened) == frames
    assert opened.video.fps == pytest.approx(fps)
    assert opened.video.start_s == pytest.approx(start_s)


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "libx264"), ("a.webm", "libvpx-vp9"), ("a.avi", "mpeg4"), ("a.mov", "libx264")])
def test_other_containers_and_codecs(tmp_path: Path, name: str, codec: str) -> None:
    opened = open_media(record(tmp_path / name, 30, codec=codec))
    assert isinstance(opened, OpenedVideo)
    assert opened.video.fps == pytest.approx(2.0)
    assert numbers(opened, 30) == [0, 6, 12, 17, 23, 29]


def test_uneven_frames_are_shown_by_their_times(tmp_path: Path) -> None:
    # A screen that changed in its first second, and once near the end: frame by frame, the stillness would take no time.
    recording = record(tmp_path / "screen.mkv", 6, times_s=[0, 0.2, 0.4, 0.6, 0.8, 9.0])
    opened = open_video(recording, VideoLimits(fps=1.0))
    assert numbers(opened, 6) == [0, 4, 4, 4, 4, 4, 4, 5]
    assert opened.video.fps == pytest.approx(8 / 9.2)
    part = open_video(recording, VideoLimits(fps=1.0, start_s=2.0, end_s=6.0))
    assert numbers(part, 6) == [4, 4, 4, 4]
    assert part.video.start_s == 2.0
    assert part.end_s == pytest.approx(6.0)


def test_a_turned_recording_is_shown_upright(tmp_path: Path, four_seconds: Path) -> None:
    # Phones store the sensor's picture and a matrix: here a quarter turn clockwise, in the track header (ISO/IEC 14496-12).
    data = bytearray(four_seconds.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, HEIGHT << 16, 0, 1 << 30)
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(data)
    opened = open_video(turned)
    assert opened.size == Size(HEIGHT, WIDTH)
    assert opened.video.frames.shape == (8, 392, 280, 3)


def test_frames_in_a_list_and_in_a_folder(tmp_path: Path) -> None:
    frames = [step(number, 5) for number in range(5)]
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(tmp_path / f"frame{number + 8}.png")
    paths = [tmp_path / f"frame{number + 8}.png" for number in range(5)]
    for opened in (open_video(frames, VideoLimits(fps=4.0)), open_video(paths, VideoLimits(fps=4.0)), open_media(tmp_path)):
        assert isinstance(opened, OpenedVideo)
        assert numbers(opened, 5) == [0, 1, 2, 3, 4, 4]
        assert opened.video.frames.shape[1:] == (280, 392, 3)
        assert opened.video.start_s == 0.0
    assert open_video(frames, VideoLimits(fps=4.0)).video.fps == 4.0


def test_frame_sizes_keep_the_limits() -> None:
    limits = VideoLimits()
    assert limits.frame_size(Size(1920, 1080), 8) == Size(1008, 560)
    assert limits.frame_size(Size(320, 240), 8) == Size(392, 280)
    # A long video has less room for each frame: 90,316,800 * 2 / 768 pixels.
    assert limits.frame_size(Size(1920, 1080), 768) == Size(644, 336)
    assert changed(limits, {"max_pixels": 50_000}).frame_size(Size(1920, 1080), 8).area <= 50_000
    assert VideoLimits(resized_width=300, resized_height=205).frame_size(Size(1, 1), 4) == Size(308, 196)
    assert (FRAME_MIN_PIXELS, FRAME_MAX_PIXELS, TOTAL_PIXELS) == (100_352, 602_112, 90_316_800)


def test_looking_less_often_is_said(four_seconds: Path) -> None:
    (note,) = open_video(four_seconds, VideoLimits(max_frames=4)).notes
    assert "1 times a second" in note
    assert "4 frames" in note


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"start_s": 4.0}, "start, 4 s"),
        ({"start_s": 3.0, "end_s": 3.05}, "single frame"),
        ({"total_pixels": 100_000}, "too long"),
        ({"resized_width": 2800, "resized_height": 2800, "total_pixels": 1_000_000}, "too long"),
        ({"decoder": "vlc"}, "no video decoder 'vlc'"),
    ],
)
def test_what_cannot_be_shown_is_refused(four_seconds: Path, limits: dict[str, Any], says: str) -> None:
    with pytest.raises(SetupError, match=says):
        open_video(four_seconds, VideoLimits(**limits))


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"start_s": 3.0, "end_s": 2.0}, "before the end"),
        ({"start_s": -1.0}, "from 0"),
        ({"start_s": float("nan")}, "from 0"),
        ({"end_s": float("nan")}, "before the end"),
        ({"fps": 0.0}, "above 0"),
        ({"fps": float("inf")}, "above 0"),
        ({"min_frames": 8, "max_frames": 4}, "no video"),
        ({"max_frames": 1, "min_frames": 1}, "no video"),
        ({"total_pixels": 0}, "no pixels"),
        ({"resized_width": 28}, "together"),
        ({"min_pixels": 9, "max_pixels": 8}, "further apart"),
    ],
)
def test_limits_that_contradict_each_other_are_refused(limits: dict[str, Any], says: str) -> None:
    with pytest.raises(SetupError, match=says):
        VideoLimits(**limits)


def test_files_that_are_no_video(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
    (tmp_path / "cut.mp4").write_bytes(record(tmp_path / "whole.mp4", 20).read_bytes()[:1500])
    sound(tmp_path / "sound.mp4")
    record(tmp_path / "one.mp4", 1)
    record(tmp_path / "none.mkv", 0)
    for name, says in {
        "missing.mp4": "no file",
        "empty.mp4": "not a video|no video stream",
        "text.mp4": "not a video",
        "cut.mp4": "not a video",
        "sound.mp4": "no video stream",
        "one.mp4": "single frame",
        "none.mkv": "not a video|no frames",
    }.items():
        with pytest.raises(SetupError, match=says):
            open_video(tmp_path / name)
    with pytest.raises(SetupError, match="no file"):
        open_video(tmp_path)


@pytest.mark.parametrize(
    ("frames", "limits", "says"),
    [
        ([], {}, "no frames"),
        ([np.zeros((60, 60, 3), np.uint8), np.zeros((60, 61, 3), np.uint8)], {}, "frame 2 is 61x60, the first is 60x60"),
        (["no/such.png"], {}, "no picture no/such.png"),
        ([np.zeros((60, 60, 3), np.uint8)] * 7, {"max_frames": 6}, "too long"),
        ([np.zeros((60, 60, 3), np.uint8)] * 2, {"start_s": 1.0}, "no start and end"),
        ([np.zeros((20, 20_000, 3), np.uint8)] * 2, {}, "200 to 1"),
    ],
)
def test_lists_that_are_no_video(frames: list[Any], limits: dict[str, Any], says: str) -> None:
    with pytest.raises(SetupError, match=says):
        open_video(frames, VideoLimits(**limits))


def test_the_environment_chooses_like_for_qwen_vl_utils(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_decoder("auto")[0] == "pyav"
    monkeypatch.setenv(VARIABLE, "vlc")
    with pytest.raises(SetupError, match="no video decoder 'vlc'"):
        open_decoder("auto")
    assert open_decoder("pyav")[0] == "pyav"


@pytest.mark.skipif(importlib.util.find_spec("qwen_vl_utils") is None, reason="these are its readers")
@pytest.mark.parametrize("name", ["torchcodec", "decord"])
def test_a_decoder_that_is_missing_says_how_to_install_it(four_seconds: Path, name: str) -> None:
    if importlib.util.find_spec(name) is not None:
        pytest.skip(f"{name} is installed")
    with pytest.raises(SetupError, match=f"install.* {name}$"):
        open_video(four_seconds, VideoLimits(decoder=name))


def test_a_decoder_that_fails_says_what_helps(tmp_path: Path) -> None:
    pytest.importorskip("qwen_vl_utils")
    (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
    with pytest.raises(SetupError, match=r"torchvision cannot read text.mp4 .*--decoder pyav"):
        open_video(tmp_path / "text.mp4", VideoLimits(decoder="torchvision"))


CHOICES: list[dict[str, Any]] = [
    {},
    {"fps": 4.0},
    {"start_s": 1.0, "end_s": 2.1},
    {"max_frames": 6},
    {"min_pixels": 9_000, "max_pixels": 60_000},
]


@pytest.mark.parametrize("limits", CHOICES)
@pytest.mark.parametrize(("name", "codec", "rate"), [("a.mp4", "libx264", 10), ("a.mkv", "libx264", 30), ("a.avi", "mpeg4", 25)])
def test_frames_are_those_of_qwen_vl_utils(tmp_path: Path, limits: dict[str, Any], name: str, codec: str, rate: int) -> None:
    if importlib.util.find_spec("decord") is None:
        pytest.skip("decord, the reader of qwen-vl-utils that needs nothing but its package, is not installed")
    share_system_xcb()
    process = pytest.importorskip("qwen_vl_utils.vision_process")
    recording = record(tmp_path / name, 90, rate, codec)
    names = {"start_s": "video_start", "end_s": "video_end"}
    given = {names.get(name, name): value for name, value in limits.items()}
    process.get_video_reader_backend.cache_clear()
    frames, fps = process.fetch_video({"video": str(recording)} | given, return_video_sample_fps=True)
    opened = open_video(recording, VideoLimits(**limits))
    by_name = open_video(recording, VideoLimits(**{**limits, "decoder": "decord"}))
    expected = frames.permute(0, 2, 3, 1).numpy()
    for ours in (opened, by_name):
        assert ours.video.frames.shape == expected.shape
        assert ours.video.fps == pytest.approx(fps)
        assert np.abs(ours.video.frames - expected).max() <= 2
    assert by_name.video.start_s == pytest.approx(opened.video.start_s, abs=0.001)


AFTER_DECORD = """
import sys
from pathlib import Path
from handeye.agent.media.decoders import open_decoder
from handeye.agent.media.limits import VideoLimits
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.desktop.x11 import X11Driver
from handeye.tools.geometry import Size

print(open_decoder("decord")[1](Path(sys.argv[1]), VideoLimits()).count)
with VirtualDesktop.start(Size(320, 240)) as desktop:
    driver = X11Driver.open(desktop.display)
    print(driver.screenshot().shape)
    driver.close()
"""


def test_a_desktop_can_be_looked_at_after_decord_has_read_a_video(tmp_path: Path) -> None:
    """In a process of its own: what decord does to the libraries of X11 once ended that process."""
    for package in ("decord", "qwen_vl_utils", "Xlib"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb")
    recording = record(tmp_path / "a.mp4", 30, 10, "libx264")
    done = subprocess.run([sys.executable, "-c", AFTER_DECORD, str(recording)], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.split("\n")[1:]) == (0, ["(240, 320, 3)", ""]), done.stderr[-2000:]


@given(st.floats(0.5, 2000), st.floats(0.05, 60), st.integers(2, 60), st.integers(0, 900), st.integers(4, 5000))
def test_the_number_of_frames_is_that_of_qwen_vl_utils(seconds: float, fps: float, least: int, more: int, available: int) -> None:
    process = pytest.importorskip("qwen_vl_utils.vision_process")
    most = max(least + more, least + least % 2)
    limits = VideoLimits(fps=fps, min_frames=least, max_frames=most)
    given = {"fps": fps, "min_frames": least, "max_frames": most}
    rate = available / seconds
    assert limits.frame_count(available / rate, available) == process.smart_nframes(given, available, rate)


@given(st.integers(28, 4000), st.integers(28, 4000), st.integers(1, 384))
def test_the_size_of_frames_is_a_fixed_point_within_the_budget(width: int, height: int, pairs: int) -> None:
    shown = VideoLimits().frame_size(Size(width, height), pairs * 2)
    assert shown.width % 28 == shown.height % 28 == 0
    assert shown.area <= FRAME_MAX_PIXELS
    assert shown.area * pairs <= TOTAL_PIXELS * 1.06
    assert PictureLimits().picture_size(shown) == shown


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 5000), st.booleans())
def test_any_bytes_are_media_or_our_error(
    tmp_path_factory: pytest.TempPathFactory, four_seconds: Path, noise: bytes, at: int, whole: bool
) -> None:
    data = four_seconds.read_bytes()
    at %= len(data)
    path = tmp_path_factory.mktemp("noise") / "a"
    path.write_bytes(noise if whole else data[:at] + noise + data[at + len(noise) :])
    try:
        opened = open_media(path)
    except SetupError:
        return
    assert isinstance(opened, OpenedPicture | OpenedVideo)
    if isinstance(opened, OpenedVideo):
        assert len(opened.video.frames) % 2 == 0
