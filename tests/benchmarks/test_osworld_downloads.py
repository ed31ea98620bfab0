"""Where OSWorld's files come from: a real HTTP server on this machine, its errors, the cache, and a name that leads nowhere."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from handeye.benchmarks.osworld import downloads
from handeye.benchmarks.osworld.downloads import bring, cache_folder
from handeye.tools.errors import DeviceError, InvalidAction

ASKED: list[str] = []


class Files(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ASKED.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/file")
            self.end_headers()
            return
        data = {"/file": b"data", "/large": b"x" * 5000}.get(self.path)
        self.send_response(404 if data is None else 200)
        if self.path != "/large":
            self.send_header("Content-Length", str(len(data or b"")))
        self.end_headers()
        self.wfile.write(data or b"")

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    ASKED.clear()
    return cache_folder()


def test_a_file_is_downloaded_once(server: str, tmp_path: Path) -> None:
    for name in ("in/one", "two"):
        bring(f"{server}/moved", tmp_path / name, None)
        assert (tmp_path / name).read_bytes() == b"data"
    assert ASKED == ["/moved", "/file"]


@pytest.mark.parametrize("place", ["/none", "/large"])
def test_what_cannot_be_had_leaves_nothing(server: str, tmp_path: Path, cache: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MAX_BYTES", 4000)
    with pytest.raises(DeviceError, match="larger" if place == "/large" else "404"):
        bring(f"{server}{place}", tmp_path / "out", None)
    assert not (tmp_path / "out").exists()
    assert list(cache.iterdir()) == []


def test_without_a_network_it_is_said_where_to_put_the_file(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        nobody = listening.getsockname()[1]
    url = f"https://127.0.0.1:{nobody}/a.xlsx"
    with pytest.raises(DeviceError, match="put the file at") as caught:
        bring(url, tmp_path / "out", None)
    place = Path(str(caught.value).partition("put the file at ")[2].split()[0])
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"by hand")
    bring(url, tmp_path / "out", None)
    assert (tmp_path / "out").read_bytes() == b"by hand"


def test_files_of_the_task_and_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/a b.txt").write_text("A")
    (tmp_path / "secret").write_text("S")
    (tmp_path / "assets/link").symlink_to(tmp_path / "secret")
    bring("asset:a b.txt", tmp_path / "out", tmp_path / "assets")
    bring(f"file:{tmp_path}/assets/a%20b.txt", tmp_path / "out2", None)
    assert (tmp_path / "out").read_text() == (tmp_path / "out2").read_text() == "A"
    for source in ("asset:../secret", "asset:link", f"asset:{tmp_path}/secret"):
        with pytest.raises(InvalidAction, match="outside"):
            bring(source, tmp_path / "out3", tmp_path / "assets")
    for source in ("", "a.txt", "ftp://x/y", "http:", "https://"):
        with pytest.raises((InvalidAction, DeviceError)):
            bring(source, tmp_path / "out3", tmp_path / "assets")
    assert not (tmp_path / "out3").exists()
