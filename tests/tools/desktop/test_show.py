"""The page that shows a virtual desktop: seen and worked in a real browser, for this machine and those who know the password alone."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from handeye.envs.actions import Click, TypeText, Wait
from handeye.envs.registry import open_env
from handeye.tools.desktop.guard import descendants
from handeye.tools.desktop.show import missing_pieces, show
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.desktop.window_manager import COLOUR
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Point, Size
from tests.waiting import until

NEEDED = ("Xvfb", "openbox", "xterm")
MISSING = [name for name in NEEDED if shutil.which(name) is None] + missing_pieces()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")
SIZE = Size(800, 600)


@pytest.fixture(scope="module")
def desktop() -> Iterator[VirtualDesktop]:
    with VirtualDesktop.start(SIZE) as desktop:
        yield desktop


@pytest.fixture(scope="module")
def address(desktop: VirtualDesktop) -> str:
    return show(desktop)


def listening(root: int) -> list[str]:
    """Addresses at which the descendants of a process listen by TCP, as the kernel writes them (/proc/net/tcp)."""
    sockets = set()
    for pid in descendants(root):
        for fd in Path(f"/proc/{pid}/fd").iterdir():
            try:
                sockets.add(os.readlink(fd))
            except OSError:
                continue
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path("/proc/net", name).read_text().splitlines()[1:]]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]


def test_a_person_sees_the_desktop_and_takes_over(desktop: VirtualDesktop, address: str, tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    colour = np.array([COLOUR >> 16, COLOUR >> 8 & 255, COLOUR & 255])
    desktop.run(["xterm", "-geometry", "60x20+100+100"], window=True, cwd=tmp_path)
    browser = open_env("browser", {"url": address, "viewport": "800x600"})
    try:
        screens = [browser.reset().screenshot]

        def is_shown() -> bool:
            screens.append(browser.step(Wait(seconds=0.2)).observation.screenshot)
            empty, white = (np.abs(screens[-1].astype(int) - wanted).max(axis=2) <= 8 for wanted in (colour, np.full(3, 255)))
            return bool(empty.mean() > 0.3 and white.mean() > 0.1)

        until(is_shown)
        browser.step(Click(point=Point(300, 300)))
        browser.step(TypeText(text="echo by hand > note.txt\n"))
        until(lambda: (tmp_path / "note.txt").exists() and (tmp_path / "note.txt").read_text())
    finally:
        browser.close()
    assert (tmp_path / "note.txt").read_text() == "by hand\n"


def test_it_is_for_this_machine_alone_behind_a_password_that_no_command_line_shows(desktop: VirtualDesktop, address: str) -> None:
    port = urlsplit(address).port
    assert address.startswith(f"http://127.0.0.1:{port}/vnc.html#")
    (password,) = parse_qs(urlsplit(address).fragment)["password"]
    assert len(password) == 8
    assert listening(desktop._guard.pid) == [f"0100007F:{port:04X}"]
    told = b"".join(
        Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes() for pid in descendants(os.getpid())
    )
    assert password.encode() not in told
    door = desktop.folder / "show-vnc"
    assert stat.S_IMODE(desktop.folder.stat().st_mode) == 0o700
    assert not (desktop.folder / "show-password").exists()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(str(door))
        version = client.recv(12)
        client.sendall(version)
        # RFC 6143, 7.1.2: one kind of security is offered, VNC's (2), not none (1).
        assert client.recv(2) == b"\x01\x02"


def test_it_ends_with_the_desktop_and_two_are_apart(address: str) -> None:
    with VirtualDesktop.start(SIZE, window_manager=None) as other:
        second = show(other)
        assert urlsplit(second).port != urlsplit(address).port
        assert second.rpartition("=")[2] != address.rpartition("=")[2]
        names = [Path(f"/proc/{pid}/comm").read_text().strip() for pid in descendants(os.getpid())]
        assert names.count("x11vnc") == 2
    names = [Path(f"/proc/{pid}/comm").read_text().strip() for pid in descendants(os.getpid())]
    assert names.count("x11vnc") == names.count("websockify") == 1
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", urlsplit(second).port)) != 0


def test_a_port_that_is_taken_and_an_address_that_is_not_ours_are_refused(desktop: VirtualDesktop, address: str) -> None:
    with pytest.raises(SetupError, match=r"cannot be listened at.*another port"):
        show(desktop, port=urlsplit(address).port or 0)
    with pytest.raises(SetupError, match=r"192\.0\.2\.7:0 cannot be listened at"):
        show(desktop, host="192.0.2.7")


def test_what_is_missing_is_named_with_the_packages(desktop: VirtualDesktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"takes x11vnc, websockify.*apt-get install -y x11vnc novnc websockify"):
        show(desktop)
