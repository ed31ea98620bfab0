"""The command line as a user runs it: processes, a real browser, exit codes."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from handeye.agent.trajectory import load_trajectory
from handeye.tools.browser import find_chromium
from handeye.tools.errors import SetupError
from tests.command_line import handeye_here
from tests.waiting import until

PAGE = """<!doctype html><title>Counter</title>
<button style="position:absolute;left:100px;top:100px;width:200px;height:60px"
  onclick="this.textContent = 'pressed ' + ++count">not pressed</button><script>let count = 0</script>"""

ORDER = PAGE.replace("this.textContent", "fetch('/orders', {method: 'POST'}); this.textContent")


@pytest.fixture(scope="module")
def sent() -> list[str]:
    """Paths that were sent to the server of `page` by POST."""
    return []


@pytest.fixture(scope="module")
def page(sent: list[str]) -> Iterator[str]:
    """Address of a page with one button around (200, 130); below it, at `order`, one whose button sends something too."""

    class Serve(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write((ORDER if self.path == "/order" else PAGE).encode())

        def do_POST(self) -> None:
            sent.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", autouse=True)
def chromium() -> None:
    try:
        find_chromium()
    except SetupError as error:
        pytest.skip(str(error))


def call(action: str, **arguments: object) -> str:
    return f"<tool_call>\n{json.dumps({'name': 'computer_use', 'arguments': {'action': action, **arguments}})}\n</tool_call>"


# 1280x800 is shown to the model as 1288x812 at the least reduction; the button is large enough for either scale.
CLICK = call("left_click", coordinate=[201, 132])
DONE = call("terminate", status="success")


def script(folder: Path, *replies: str) -> str:
    path = folder / "replies.jsonl"
    path.write_text("".join(json.dumps(reply) + "\n" for reply in replies), encoding="utf-8")
    return f"scripted:{path}"


def handeye(*arguments: object, timeout_s: float = 90) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from handeye.agent.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, stdin=subprocess.DEVNULL, check=False)


def test_run_view_and_replay(tmp_path: Path, page: str) -> None:
    model = script(tmp_path, CLICK, CLICK, DONE)
    out = tmp_path / "run"
    done = handeye("run", "Press the button twice", "--url", page, "--model", model, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "reached"

    run = load_trajectory(out)
    assert [row.action.type for row in run.steps if row.action] == ["click", "click", "finish"]
    assert [row.changed for row in run.steps] == [True, True, None]
    assert run.steps[0].title == "Counter"
    assert run.steps[0].timings.capture_s > 0
    assert run.episode.env_options["url"] == page

    viewed = handeye_here("view", out)
    assert viewed.returncode == 0
    assert Path(viewed.stdout.strip()).read_text(encoding="utf-8").startswith("<!")

    again = handeye_here("replay", out, "--out", tmp_path / "again", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) == {
        "run": str(tmp_path / "again"),
        "same_end": True,
        "steps": 3,
        "recorded_steps": 3,
        "differing_screens": [],
    }


def test_a_replay_does_nothing_that_nobody_allowed(tmp_path: Path, page: str) -> None:
    model = script(tmp_path, CLICK, DONE)
    out = tmp_path / "run"
    handeye("run", "Press the button", "--url", page, "--model", model, "--approve", "ask", "--out", out)
    assert load_trajectory(out).steps[0].error.startswith("It was not allowed")

    again = handeye_here("replay", out, "--out", tmp_path / "again", "--json")
    assert json.loads(again.stdout)["differing_screens"] == []
    assert load_trajectory(tmp_path / "again").steps[0].error.startswith("It was not allowed")


def test_a_replay_holds_back_what_was_held_back(tmp_path: Path, page: str, sent: list[str]) -> None:
    model = script(tmp_path, CLICK, DONE)
    out = tmp_path / "run"
    handeye("run", "Press the button", "--url", f"{page}order", "--model", model, "--out", out)
    assert [effect["method"] for effect in load_trajectory(out).steps[0].held] == ["POST"]

    handeye("replay", out, "--out", tmp_path / "again")
    assert [effect["method"] for effect in load_trajectory(tmp_path / "again").steps[0].held] == ["POST"]
    assert sent == []


def test_not_reached_is_1(tmp_path: Path, page: str) -> None:
    model = script(tmp_path, call("terminate", status="failure"))
    done = handeye("run", "Do it", "--url", page, "--model", model, "--out", tmp_path / "run")
    assert done.returncode == 1
    assert "not reached" in done.stdout


def test_garbage_for_ever_ends_and_is_kept(tmp_path: Path, page: str) -> None:
    model = script(tmp_path, *["I think that I should press it."] * 50)
    done = handeye_here("run", "Do it", "--url", page, "--model", model, "--out", tmp_path / "run", "--parse-retries", 2, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["outcome"] == "unreadable"
    (row,) = load_trajectory(tmp_path / "run").steps
    assert [attempt.text for attempt in row.attempts] == ["I think that I should press it."] * 3
    assert all(attempt.error for attempt in row.attempts)


IN_A_PROCESS = ("goal is empty", "127.0.0.1:9", "no-such-command")
"""Mistakes of each kind (ours, the browser's, the parser's) that are made in a process of their own; the others in this one."""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "   "], "goal is empty"),
        (["run", "Do it", "--model", "nonsense"], "no model backend 'nonsense'"),
        (["run", "Do it", "--env", "toaster"], "no environment 'toaster'"),
        (["run", "Do it", "--url", "http://no-such-host.invalid/"], "no-such-host.invalid"),
        (["run", "Do it", "--url", "http://127.0.0.1:9/"], "127.0.0.1:9"),
        (["run", "Do it", "--url", "about:blank", "--dialect", "klingon"], "no dialect 'klingon'"),
        (["run", "Do it", "--viewport", "big"], "WIDTHxHEIGHT"),
        (["run", "Do it", "--approve", "maybe"], "--approve is rules, ask or auto"),
        (["run", "Do it", "--chromium", "no/such/program"], "no/such/program"),
        (["view", "no-such-run"], "not a run"),
        (["replay", "no-such-run"], "not a run"),
        (["locate", "no-such-picture.png", "x"], "no picture no-such-picture.png"),
        (["bench", "no-such-benchmark"], "no-such-benchmark"),
        (["no-such-command"], "no-such-command"),
    ],
)
def test_usage_and_set_up_errors_are_2_and_one_clear_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    more = ["--out", str(tmp_path / "run")] if arguments[0] == "run" else []
    done = (handeye if says in IN_A_PROCESS else handeye_here)(*arguments, *more)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run" / "episode.json").exists()


def test_debug_shows_the_traceback() -> None:
    done = handeye("run", "  ", "--debug")
    assert done.returncode != 0
    assert "Traceback" in done.stderr


def test_an_existing_run_is_not_overwritten(tmp_path: Path, page: str) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (out / "mine.txt").write_text("precious", encoding="utf-8")
    done = handeye_here("run", "Do it", "--url", page, "--model", script(tmp_path, DONE), "--out", out)
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_approval_without_a_person_denies(tmp_path: Path, page: str) -> None:
    model = script(tmp_path, CLICK, call("terminate", status="failure"))
    done = handeye("run", "Do it", "--url", page, "--model", model, "--approve", "ask", "--out", tmp_path / "run")
    assert done.returncode == 1
    first = load_trajectory(tmp_path / "run").steps[0]
    assert first.approval.startswith("deny")
    assert first.changed is None


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_a_run_and_no_browser(tmp_path: Path, page: str, stop: signal.Signals) -> None:
    model = script(tmp_path, *[call("wait", time=20)] * 50)
    out = tmp_path / "run"
    command = [sys.executable, "-c", "from handeye.agent.cli import main; main()"]
    process = subprocess.Popen([*command, "run", "Wait", "--url", page, "--model", model, "--out", str(out)], stdout=subprocess.DEVNULL)
    try:
        until(lambda: (out / "screens" / "0000.png").exists())
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        os.kill(process.pid, stop)
        assert process.wait(timeout=60) == 1
    finally:
        process.kill()
    run = load_trajectory(out)
    assert run.result is not None
    assert run.result.outcome == "interrupted"
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


def test_doctor_tells_json(tmp_path: Path) -> None:
    done = handeye("doctor", "--json")
    checks = json.loads(done.stdout)
    assert {"browser", "desktop", "android", "local", "ocr", "bench", "ray"} <= {check["extra"] for check in checks["checks"]}


def test_version_and_help() -> None:
    assert handeye("--version").stdout.startswith("handeye ")
    helped = handeye("--help").stdout
    assert all(command in helped for command in ("run", "demo", "view", "replay", "locate", "ask", "extract", "doctor", "bench"))
    assert "--approve" in handeye_here("run", "--help").stdout
    assert "..." not in helped.partition("Commands:")[2]  # what each command does, to the end of the sentence
    assert "miniwob" in handeye_here("bench", "--help").stdout
