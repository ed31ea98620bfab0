"""`handeye desktop` and `handeye run --env desktop` as a person starts them: what is printed, kept, refused, and left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from handeye.agent.cli import main
from handeye.agent.trajectory import load_trajectory
from handeye.tools.desktop.guard import descendants
from handeye.tools.desktop.show import missing_pieces
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.geometry import Size
from tests.waiting import until

NEEDED = ("Xvfb", "openbox", "xterm")
pytestmark = pytest.mark.skipif(any(shutil.which(name) is None for name in NEEDED), reason=f"needs {', '.join(NEEDED)}")
HANDEYE = [sys.executable, "-c", "from handeye.agent.cli import main; main()"]


def call(action: str, **arguments: object) -> str:
    return f"<tool_call>\n{json.dumps({'name': 'computer_use', 'arguments': {'action': action, **arguments}})}\n</tool_call>"


DONE = call("terminate", status="success")


def script(folder: Path, *replies: str) -> str:
    path = folder / "replies.jsonl"
    path.write_text("".join(json.dumps(reply) + "\n" for reply in replies), encoding="utf-8")
    return f"scripted:{path}"


@dataclass(frozen=True)
class Done:
    """How handeye ended, and what it wrote."""

    code: int
    out: str
    errors: str


Handeye = Callable[..., Done]


@pytest.fixture
def handeye(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Handeye:
    """Runs `handeye run --env desktop` to its end, in this process: starting one takes two seconds."""

    def run(*options: str) -> Done:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["handeye", "run", "goal", "--env", "desktop", "--out", "run", "--approve", "auto", *options])
        before = signal.getsignal(signal.SIGTERM)
        try:
            main()
        except SystemExit as end:
            said = capsys.readouterr()
            return Done(int(end.code or 0), said.out, said.err)
        finally:
            signal.signal(signal.SIGTERM, before)
        raise AssertionError("main returned")

    return run


@contextmanager
def started(folder: Path, command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A handeye that runs meanwhile; it is killed if it has not ended by then."""
    process = subprocess.Popen([*HANDEYE, *command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def others() -> Iterator[VirtualDesktop]:
    """A desktop that handeye runs are not the owners of."""
    with VirtualDesktop.start(Size(640, 480)) as desktop:
        yield desktop


def test_works_a_program_films_it_shows_it_and_keeps_what_was_saved(tmp_path: Path, handeye: Handeye) -> None:
    model = script(tmp_path, call("type", text="cd; echo done > note.txt; touch .hidden\n"), call("wait", time=0.5), DONE)
    show = [] if missing_pieces() else ["--show"]
    done = handeye("--virtual", "--program", "xterm -T 'a b'", "--size", "640x480", "--model", model, "--record", "a.mp4", *show)
    assert done.code == 0, done.errors
    run = load_trajectory(tmp_path / "run")
    assert run.result is not None
    assert run.screen(run.steps[0].screen).shape == (480, 640, 3)
    assert (tmp_path / "run" / "home" / "note.txt").read_text() == "done\n"
    assert not (tmp_path / "run" / "home" / ".hidden").exists()
    assert str(Path("run", "home")) in done.out
    if show:
        assert "http://127.0.0.1:" in done.out.partition(" s env")[0]
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "a.mp4")) as film:
        frames = list(film.decode(video=0))
    assert (frames[0].width, frames[0].height) == (640, 480)
    assert len(frames) > 2


def test_works_on_a_display_that_another_process_started(others: VirtualDesktop, tmp_path: Path, handeye: Handeye) -> None:
    others.run(["xterm"], window=True, cwd=tmp_path)
    model = script(tmp_path, call("type", text="echo there > note.txt\n"), call("wait", time=0.5), DONE)
    done = handeye("--display", others.display, "--model", model)
    assert done.code == 0, done.errors
    assert (tmp_path / "note.txt").read_text() == "there\n"
    assert not others.wait(0)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--virtual", "--program", "no-such-program --fast"], "There is no program 'no-such-program'"),
        (
            ["--virtual", "--program", "sh -c 'echo I cannot >&2; exit 4'"],
            "sh ended with status 4 without showing a window. It said: I cannot",
        ),
        (["--virtual", "--program", "xterm -T 'half"], "cannot be read"),
        (["--virtual", "--size", "wide"], "WIDTHxHEIGHT"),
        (["--virtual", "--record", "film.avi"], "ends in .mp4"),
        (["--virtual", "--display", ":1"], "leave one of them out"),
        (["--show"], "add --env desktop --virtual"),
        (["--program", "xterm"], "add --env desktop --virtual"),
        (["--display", ":4321"], ":4321"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(options: list[str], told: str, tmp_path: Path, handeye: Handeye) -> None:
    done = handeye(*options, "--model", script(tmp_path, DONE))
    assert done.code == 2
    assert told in " ".join(done.errors.split())
    assert "Traceback" not in done.errors
    assert not (tmp_path / "run").exists()


def test_without_xvfb_the_mend_is_told(tmp_path: Path, handeye: Handeye, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = handeye("--virtual", "--model", script(tmp_path, DONE))
    assert done.code == 2
    assert "needs Xvfb. Fix: apt-get install -y xvfb openbox" in " ".join(done.errors.split())


def test_not_reached_is_one(others: VirtualDesktop, tmp_path: Path, handeye: Handeye) -> None:
    model = script(tmp_path, call("terminate", status="failure"))
    assert handeye("--display", others.display, "--model", model).code == 1


def test_ctrl_c_in_mid_run_leaves_a_film_and_no_process(tmp_path: Path) -> None:
    model = script(tmp_path, call("wait", time=60), DONE)
    options = ["--env", "desktop", "--virtual", "--program", "xterm", "--size", "640x480", "--out", "run", "--record", "a.mp4"]
    with started(tmp_path, ["run", "goal", *options, "--model", model]) as process:
        film = tmp_path / "a.mp4"
        until(lambda: film.exists() and film.stat().st_size)
        below = descendants(process.pid)
        assert below
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)
    # Click gives 130 for Ctrl-C, as shells do; before it has begun it is 1.
    assert process.returncode in (1, 130), said
    assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]
    av = pytest.importorskip("av")
    with av.open(str(film)) as played:
        assert list(played.decode(video=0))


def test_a_desktop_is_kept_until_ctrl_c_and_can_be_worked_meanwhile(tmp_path: Path, handeye: Handeye) -> None:
    show = [] if missing_pieces() else ["--show"]
    with started(tmp_path, ["desktop", "--json", "--size", "640x480", "--program", "xterm", *show]) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["size"] == [640, 480]
        assert bool(said["live"]) == bool(show)
        model = script(tmp_path, call("type", text="cd; echo kept > note.txt\n"), call("wait", time=0.5), DONE)
        done = handeye("--display", said["display"], "--model", model)
        assert done.code == 0, done.errors
        assert Path(said["home"], "note.txt").exists()
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]
    (kept,) = (tmp_path / "runs").rglob("note.txt")
    assert kept.read_text() == "kept\n"
    assert not Path(said["home"]).exists()


def test_a_desktop_that_is_ended_from_outside_is_an_error(tmp_path: Path) -> None:
    with started(tmp_path, ["desktop", "--json", "--size", "640x480"]) as process:
        assert process.stdout is not None
        process.stdout.readline()
        server = next(pid for pid in descendants(process.pid) if Path(f"/proc/{pid}/comm").read_text().startswith("Xvfb"))
        os.kill(server, signal.SIGKILL)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "ended by itself" in errors
