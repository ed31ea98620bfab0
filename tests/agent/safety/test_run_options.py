"""`handeye run` under rules, and `handeye rules`, as a person starts them: processes, a real browser, a real terminal."""

from __future__ import annotations

import http.server
import json
import os
import pty
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from handeye.agent.safety.reading import default_text
from handeye.agent.trajectory import Trajectory, load_trajectory
from handeye.tools.browser import find_chromium
from handeye.tools.errors import SetupError
from tests.command_line import handeye_here

PAGE = """<!doctype html><title>Shop</title><body style='margin:0'>
<form action=/buy method=post>
<button style='position:absolute;left:100px;top:100px;width:200px;height:60px'>Buy for 20 &euro;</button></form>"""
CLICK, DONE = (
    f'<tool_call>\n{{"name": "computer_use", "arguments": {json.dumps(arguments)}}}\n</tool_call>'
    for arguments in ({"action": "left_click", "coordinate": [201, 132]}, {"action": "terminate", "status": "success"})
)


class Shop(http.server.ThreadingHTTPServer):
    """One button that buys."""

    bought = 0


@pytest.fixture
def shop() -> Iterator[Shop]:
    try:
        find_chromium()
    except SetupError as error:
        pytest.skip(str(error))

    class Serve(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def do_POST(self) -> None:
            server.bought += 1
            self.do_GET()

        def log_message(self, *args: object) -> None:
            pass

    server = Shop(("127.0.0.1", 0), Serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def run_options(folder: Path, shop: Shop, *more: object) -> list[str]:
    replies = folder / "replies.jsonl"
    replies.write_text("".join(json.dumps(reply) + "\n" for reply in (CLICK, DONE)), encoding="utf-8")
    address = f"http://127.0.0.1:{shop.server_port}/"
    return [*map(str, ("run", "Look at the shop", "--url", address, "--model", f"scripted:{replies}", "--out", folder / "run", *more))]


def saved(folder: Path) -> Trajectory:
    return load_trajectory(folder / "run")


def test_without_a_terminal_what_is_risky_is_not_done(shop: Shop, tmp_path: Path) -> None:
    done = handeye_here(*run_options(tmp_path, shop, "--json"))
    assert done.returncode == 0, done.stderr
    assert shop.bought == 0
    first = saved(tmp_path).steps[0]
    assert first.decision is not None
    assert (first.decision.verdict, first.decision.by, first.decision.classes) == ("deny", "nobody", ("pay",))
    assert json.loads(done.stdout)["unapproved"] == []


def test_rules_of_ones_own_and_what_they_leave_unapproved(shop: Shop, tmp_path: Path) -> None:
    rules = tmp_path / "mine.toml"
    once = f'host = "127.0.0.1:{shop.server_port}"\nmax_amount = 20\ncurrency = "EUR"\ntimes = 1\nanswer = "allow"\n'
    rules.write_text(f'[limits]\nsteps = 7\n[[rule]]\ntitle = "one book"\nclass = "pay"\n{once}', encoding="utf-8")
    done = handeye_here(*run_options(tmp_path, shop, "--rules", rules, "--json"))
    assert done.returncode == 0, done.stderr
    assert shop.bought == 1
    assert json.loads(done.stdout)["unapproved"] == ["step 1, click (200, 130): pay, allowed by 'one book'"]
    assert saved(tmp_path).episode.limits["steps"] == 7


def test_auto_carries_out_everything(shop: Shop, tmp_path: Path) -> None:
    assert handeye_here(*run_options(tmp_path, shop, "--approve", "auto", "--json")).returncode == 0
    assert shop.bought == 1
    assert "guard" not in saved(tmp_path).episode.env_options


@pytest.mark.parametrize(("answer", "bought"), [("y\n", 1), ("n\n", 0), ("a leave it\n", 0), ("what?\nhm?\n", 0)])
def test_a_person_at_the_terminal(shop: Shop, tmp_path: Path, answer: str, bought: int) -> None:
    person, ours = pty.openpty()
    command = [sys.executable, "-c", "from handeye.agent.cli import main; main()", *run_options(tmp_path, shop)]
    process = subprocess.Popen(command, stdin=ours, stdout=ours, stderr=ours, close_fds=True)
    os.close(ours)
    shown, lines = b"", answer.splitlines(keepends=True)
    end = time.monotonic() + 120
    try:
        while time.monotonic() < end:
            if not select.select([person], [], [], 1)[0]:
                if process.poll() is not None:
                    break
                continue
            try:
                read = os.read(person, 65536)
            except OSError:
                break
            if not read:
                break
            shown += read
            if lines and shown.count(b"within 120 s:") > len(answer.splitlines()) - len(lines):
                os.write(person, lines.pop(0).encode())
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(person)
    said = shown.decode()
    assert shop.bought == bought
    assert said.index("20 €") < said.index("class") < said.index("y (yes)")
    assert "the browser has no window" not in said
    decision = saved(tmp_path).steps[0].decision
    assert decision is not None
    assert decision.verdict == ("allow" if bought else "instead" if answer.startswith("a ") else "deny")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--rules", "no-such.toml"], "no-such.toml cannot be read"),
        (["--rules", "mine.toml", "--approve", "auto"], "--rules are for --approve rules"),
        (["--load-host", "cdn.test"], "--load-host adds to a list that is not there"),
        (["--allow-app", "com.example"], "--allow-app is for --env android and desktop"),
        (["--env", "desktop", "--upload-from", "x"], "--upload-from is for --env browser"),
        (["--env", "android", "--permission", "geolocation"], "--permission is for --env browser"),
        (["--allow-host", "shop.test", "--url", "https://evil.test/"], "would begin outside of --allow-host"),
        (["--allow-host", "*.com", "--url", "https://evil.com/"], "public suffix"),
        (["--answer-within", "0"], "answer-within"),
        (["--answer-within", "inf"], "answer-within"),
        (["--proxy-port", "8123"], "--proxy-port is that of the proxy of --allow-host"),
        (["--download-mb", "inf"], "a largest download of inf megabytes is none"),
        (["--download-kind", "../x"], "is no kind of file"),
        (["--download-kind", ""], "is no kind of file"),
        (["--upload-from", ""], "'' is no folder"),
        (["--upload-from", "none"], "'none' is no folder"),
        (["--secret", "a=env:OF_A_TEST@app:com.example"], "could never be typed with --env browser"),
        (["--env", "desktop", "--secret", "a=env:OF_A_TEST@https://a.test"], "could never be typed with --env desktop"),
    ],
)
def test_what_contradicts_itself_is_refused_before_anything_starts(
    tmp_path: Path, options: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OF_A_TEST", "hunter2xyz")
    done = handeye_here("run", "Look", *options, "--out", "run")
    assert done.returncode == 2
    assert says in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_typo_in_a_rule_file_names_the_line(tmp_path: Path) -> None:
    rules = tmp_path / "mine.toml"
    rules.write_text('[[rule]]\nclass = "pay"\nanser = "ask"\n', encoding="utf-8")
    for arguments in (("rules", rules), ("run", "Look", "--rules", rules, "--out", tmp_path / "run")):
        done = handeye_here(*arguments)
        assert done.returncode == 2
        assert "mine.toml, line 3: anser: a rule has no such field. Fix: write answer" in done.stderr


def test_rules_are_printed_and_said_in_words(tmp_path: Path) -> None:
    printed = handeye_here("rules")
    assert (printed.returncode, printed.stdout) == (0, default_text())
    mine = tmp_path / "mine.toml"
    mine.write_text(printed.stdout, encoding="utf-8")
    said = handeye_here("rules", mine)
    assert said.returncode == 0
    assert "1. What is free (risks nothing): allowed." in said.stdout
    assert "Whatever none of these fits: denied." in said.stdout
