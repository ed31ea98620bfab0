"""Whatever is killed, and however programs hide, nothing of a virtual desktop is left: no process, no lock, no file."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from handeye.tools.desktop.guard import descendants

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None or shutil.which("xterm") is None, reason="needs Xvfb and xterm")

OWNER = """
import json, sys
from pathlib import Path
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.geometry import Size
desktop = VirtualDesktop.start(Size(640, 480), window_manager=None)
for script in sys.argv[1:]:
    desktop.run(["sh", "-c", script])
print(json.dumps({"display": desktop.display, "folder": str(desktop.folder), "guard": desktop._guard.pid}), flush=True)
sys.stdin.read()
"""
SCRIPTS = (
    "exec xterm",
    # A daemon: a session of its own, its parent gone.
    "(setsid sh -c 'setsid sleep 1000 & exec sleep 1000' &) & exit 0",
)
DEAF = "trap '' TERM HUP INT; (trap '' TERM; while :; do sleep 1000; done) & while :; do sleep 1000; done"
"""Does not end when it is asked to, and its child neither; waiting for them takes the guard its two seconds of grace."""


@dataclass(frozen=True)
class Owned:
    """A process with a virtual desktop, full of programs that do not want to end."""

    owner: subprocess.Popen[str]
    display: str
    folder: Path
    guard: int
    members: dict[int, str]

    def process(self, name: str) -> int:
        """The first process of that name."""
        return next(pid for pid, command in self.members.items() if name in command)


@pytest.fixture
def owned(request: pytest.FixtureRequest) -> Iterator[Owned]:
    scripts = [*SCRIPTS, *getattr(request, "param", ())]
    owner = subprocess.Popen([sys.executable, "-c", OWNER, *scripts], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    hello = json.loads(owner.stdout.readline())
    end = time.monotonic() + 30
    # Two sleep as daemons, two more for those that are deaf.
    while sleepers(members := commands(owner.pid)) < 2 * len(scripts) - 2 and time.monotonic() < end:
        select.select([], [], [], 0.05)
    assert sleepers(members) == 2 * len(scripts) - 2
    yield Owned(owner, hello["display"], Path(hello["folder"]), hello["guard"], members)
    owner.kill()
    owner.wait()
    assert owner.stdin is not None
    owner.stdin.close()
    owner.stdout.close()


def commands(root: int) -> dict[int, str]:
    """Command lines of all processes below `root`."""
    found = {}
    for pid in descendants(root):
        try:
            found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def sleepers(members: dict[int, str]) -> int:
    return sum(command.startswith("sleep 1000") for command in members.values())


def nothing_left(owned: Owned) -> bool:
    return not any(runs(pid) for pid in owned.members) and not owned.folder.exists() and is_free(owned)


def is_free(owned: Owned) -> bool:
    """Whether the display has no lock and no socket, or those of another X server that has taken its number since."""
    number = owned.display[1:]
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(f"/tmp/.X11-unix/X{number}")
        except ConnectionRefusedError:
            return False
        except FileNotFoundError:
            return not Path(f"/tmp/.X{number}-lock").exists()
    return True


def runs(pid: int) -> bool:
    """Whether it lives. One that ended and waits for a parent outside of the desktop's reach (this container's init) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def await_nothing_left(owned: Owned) -> None:
    end = time.monotonic() + 60
    while not nothing_left(owned) and time.monotonic() < end:
        select.select([], [], [], 0.05)
    assert nothing_left(owned), {pid: command for pid, command in owned.members.items() if runs(pid)}


@pytest.mark.parametrize("owned", [[DEAF]], indirect=True)
def test_the_owner_is_killed(owned: Owned) -> None:
    owned.owner.kill()
    await_nothing_left(owned)


def test_the_owner_is_killed_while_a_child_of_it_holds_the_pipe(owned: Owned) -> None:
    # The guard cannot see its input end: it must see the process end.
    pipe = next(path for path in Path(f"/proc/{owned.guard}/fd").iterdir() if path.name == "0")
    with open(f"/proc/{owned.owner.pid}/fd/{_writer(owned.owner.pid, os.readlink(pipe))}", "wb"):
        owned.owner.kill()
        await_nothing_left(owned)


def _writer(pid: int, pipe: str) -> str:
    return next(path.name for path in Path(f"/proc/{pid}/fd").iterdir() if os.readlink(path) == pipe)


@pytest.mark.parametrize("owned", [[DEAF]], indirect=True)
def test_the_guard_is_killed(owned: Owned) -> None:
    os.kill(owned.guard, signal.SIGKILL)
    await_nothing_left(owned)
    assert owned.owner.poll() is None


def test_the_inner_guard_is_killed(owned: Owned) -> None:
    inner = next(pid for pid, command in owned.members.items() if "guard.py" in command and pid != owned.guard)
    os.kill(inner, signal.SIGKILL)
    await_nothing_left(owned)


def test_the_x_server_is_killed(owned: Owned) -> None:
    os.kill(owned.process("Xvfb"), signal.SIGKILL)
    await_nothing_left(owned)


def test_the_owner_ends_by_itself(owned: Owned) -> None:
    assert owned.owner.stdin is not None
    owned.owner.stdin.close()
    assert owned.owner.wait(60) == 0
    # Not only in the end: once the owner has gone, all has.
    assert nothing_left(owned)
    assert not Path(f"/proc/{owned.guard}").exists()
