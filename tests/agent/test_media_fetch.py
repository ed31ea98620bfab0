"""Pictures and videos from a real server, which also misbehaves."""

from __future__ import annotations

import contextlib
import http.server
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from handeye.agent.media.fetch import FetchLimits
from handeye.agent.media.picture import OpenedPicture, open_picture
from handeye.agent.media.source import open_media
from handeye.agent.media.video import OpenedVideo, open_video
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size
from tests.agent.recordings import record

QUICK = FetchLimits(picture_bytes=100_000, video_bytes=400_000, silence_s=0.4, whole_s=1.0)


def png() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((60, 90, 3), 200, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of files and of failures."""
    clip = record(tmp_path_factory.mktemp("site") / "clip.mp4", 20).read_bytes()
    stop = threading.Event()

    class Serve(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.answer(self.path.partition("?")[0])

        def answer(self, path: str) -> None:
            files = {"/a.png": png(), "/clip.mp4": clip, "/nameless": clip, "/clip.png": clip, "/page.png": b"\n<!DOCTYPE html><p>Sorry"}
            files |= {"/empty.png": b"", "/text.png": b"no picture at all"}
            if path in files:
                return self.send(files[path])
            if path == "/moved.png":
                self.send_response(302)
                self.send_header("Location", "/a.png")
                return self.end_headers()
            if path == "/circle.png":
                self.send_response(302)
                self.send_header("Location", "/circle.png")
                return self.end_headers()
            if path == "/large.png":
                self.send_response(200)
                self.send_header("Content-Length", "999999999")
                self.end_headers()
                self.wfile.write(png())
                return None
            if path in ("/endless.png", "/drip.png", "/silent.png", "/endless.mp4"):
                return self.trickle(path)
            if path == "/broken.png":
                self.send_response(200)
                self.send_header("Content-Length", str(len(png())))
                self.end_headers()
                self.wfile.write(png()[:50])
                self.close_connection = True
                return None
            self.send_response(404)
            return self.end_headers()

        def send(self, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def trickle(self, path: str) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(clip[:64] if path.endswith(".mp4") else png()[:64])
            for _ in range(0 if path == "/silent.png" else 100):
                self.wfile.write(bytes(1 if path == "/drip.png" else 50_000))
                if stop.wait(0.05 if path == "/drip.png" else 0):
                    return
            if path == "/silent.png":
                stop.wait(5)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    stop.set()
    server.shutdown()
    server.server_close()


def test_a_picture_is_fetched(site: str) -> None:
    for path in ("/a.png", "/moved.png", "/a.png?size=large"):
        assert open_picture(site + path).size == Size(90, 60)
        assert isinstance(open_media(site + path), OpenedPicture)


def test_a_video_is_fetched_and_known_by_its_bytes(site: str) -> None:
    opened = open_video(site + "/clip.mp4")
    assert opened.size == Size(320, 240)
    assert len(opened.video.frames) == 4
    for path in ("/clip.mp4", "/nameless", "/clip.png"):
        assert isinstance(open_media(site + path), OpenedVideo)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/missing.png", "HTTP 404"),
        ("/page.png", "web page"),
        ("/empty.png", "empty"),
        ("/text.png", "not a picture"),
        ("/large.png", "larger than"),
        ("/endless.png", "larger than"),
        ("/drip.png", "longer than 1 s"),
        ("/silent.png", "in time"),
        ("/circle.png", "cannot be fetched"),
        ("/broken.png", "cannot be fetched"),
    ],
)
def test_what_goes_wrong_is_said(site: str, path: str, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        open_picture(site + path, fetch=QUICK)
    with pytest.raises(SetupError, match=says):
        open_media(site + path, fetch=QUICK)


def test_a_video_may_be_larger_but_not_endless(site: str) -> None:
    with pytest.raises(SetupError, match="larger than"):
        open_video(site + "/endless.mp4", fetch=QUICK)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.png", "http://no-such-host.invalid/a.png", "http://", "https://[", "http://a b/"])
def test_an_address_that_does_not_answer_is_our_error(url: str) -> None:
    with pytest.raises(SetupError, match=r"cannot be fetched|in time"):
        open_picture(url, fetch=QUICK)


def test_a_fetched_video_leaves_no_file(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    open_video(site + "/clip.mp4")
    with pytest.raises(SetupError):
        open_video(site + "/text.png")
    assert list(tmp_path.iterdir()) == []
