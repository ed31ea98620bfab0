"""Real programs, worked through the loop by a model that is told its replies; what came of it is read from files and from the programs."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from handeye.agent import load_trajectory
from handeye.envs.actions import Action, Click, Drag, Finish, Move, PressKeys, TypeText
from handeye.tools.geometry import Box
from tests.agent.desk import CHROMIUM, OFFICE, Desk
from tests.waiting import until

_TABS = 90
"""Pixels of tabs and address bar above a page."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with closing(Desk.start(tmp_path_factory.mktemp("desk") / "outer" / "home")) as desk:
        yield desk


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    yield shared
    shared.end_programs()


def press(*keys: str) -> PressKeys:
    return PressKeys(keys=keys)


def test_mousepad_finds_and_replaces(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("red apple\nred car\nblue sky, red\n")
    desk.run("mousepad", file)

    def actions() -> Iterator[Action]:
        yield press("ctrl", "r")
        yield TypeText(text="red")
        yield press("Tab")
        yield TypeText(text="grün <&>")
        # "Replace all in", and the button for it.
        yield Click(point=desk.at("Find and Replace", -414, -60))
        yield Click(point=desk.at("Find and Replace", -135, -20))
        yield press("Escape")
        yield press("ctrl", "s")

    played = desk.play(tmp_path / "run", actions())
    assert until(lambda: "red" not in file.read_text())
    assert file.read_text() == "grün <&> apple\ngrün <&> car\nblue sky, grün <&>\n"
    assert played.result.success
    assert not played.refused


def test_featherpad_saves_under_a_new_name_by_its_dialog(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    desk.run("featherpad")

    def actions() -> Iterator[Action]:
        yield TypeText(text="Zażółć gęślą jaźń, 你好 🎉\n\tend")
        yield press("ctrl", "s")
        yield press("ctrl", "a")
        yield TypeText(text=str(file))
        yield Click(point=desk.at("Save as", -52, -57))

    played = desk.play(tmp_path / "run", actions())
    assert until(lambda: file.exists() and file.read_text()).rstrip("\n") == "Zażółć gęślą jaźń, 你好 🎉\n\tend"
    assert not played.refused
    assert 'The window "Save as..." is closed.' in played.notes


def test_a_terminal_runs_commands(desk: Desk, tmp_path: Path) -> None:
    desk.run("xterm", "-e", "sh")
    made = tmp_path / "made"
    line = f"for i in 1 2 3; do echo \"<$i> & 'ü'\" >> {made}; done\n"
    played = desk.play(tmp_path / "run", [TypeText(text=line), TypeText(text="exit\n")])
    assert made.read_text() == "<1> & 'ü'\n<2> & 'ü'\n<3> & 'ü'\n"
    assert until(lambda: not desk.driver.windows())
    assert not played.refused


def test_calc_takes_a_formula_and_keeps_the_format(desk: Desk, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in ((3, "x"), (4, "y"), (5, "z")):
        book.active.append(row)
    file = tmp_path / "table.xlsx"
    book.save(file)
    desk.run(*OFFICE, "--calc", file)

    def actions() -> Iterator[Action | tuple[Action, ...]]:
        yield press("ctrl", "Home"), press("ctrl", "Down"), press("Down")
        yield TypeText(text="=SUM(A1:A3)*2\n")
        yield press("ctrl", "s")
        # Keep the format.
        yield press("Enter")

    def saved() -> object:
        return openpyxl.load_workbook(file, data_only=True).active["A4"].value

    played = desk.play(tmp_path / "run", actions())
    assert until(saved) == 24
    assert openpyxl.load_workbook(file).active["A4"].value == "=SUM(A1:A3)*2"
    assert not played.refused
    assert 'A new window came up: "Confirm File Format".' in played.notes


def test_pcmanfm_renames_a_file_and_makes_a_folder(desk: Desk, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "alpha.txt").write_text("what was there")
    desk.run("pcmanfm", files)

    def actions() -> Iterator[Action | tuple[Action, ...]]:
        yield press("ctrl", "a"), press("F2")
        yield press("ctrl", "a"), TypeText(text="Größe & Maß.txt")
        yield press("Enter")
        yield press("shift", "ctrl", "n")
        yield TypeText(text="new folder\n")

    played = desk.play(tmp_path / "run", actions())
    assert until((files / "new folder").is_dir)
    assert (files / "Größe & Maß.txt").read_text() == "what was there"
    assert not (files / "alpha.txt").exists()
    assert not played.refused


@contextmanager
def form() -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """The address of a page with a form, and what was sent by it."""
    sent: list[dict[str, list[str]]] = []
    page = (
        "<!doctype html><meta charset=utf-8><title>Form</title><style>*{position:absolute;left:20px;width:200px;height:40px}</style>"
        "<form method=post><input name=name style='top:20px'><select name=size style='top:80px'><option>small<option>large</select>"
        "<button style='top:140px'>Send</button></form>"
    )

    class Serve(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(page)

        def do_POST(self) -> None:
            sent.append(urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.answer("<!doctype html><title>Thanks</title>thanks")

        def answer(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", sent
        server.shutdown()


def test_chromium_is_told_an_address_and_sends_a_form(desk: Desk, tmp_path: Path) -> None:
    with form() as (address, sent):
        desk.run(*CHROMIUM, f"--user-data-dir={tmp_path / 'profile'}", "--window-position=0,0", "--window-size=900,700", "about:blank")

        def actions() -> Iterator[Action]:
            yield press("ctrl", "l")
            yield TypeText(text=address + "\n")
            # The page takes the lower part of the window.
            page = desk.window("Form").box
            top = page.top + _TABS
            yield Click(point=Box(page.left + 20, top + 20, page.left + 220, top + 60).center)
            yield TypeText(text="Łukasz <&> 你好")
            yield Click(point=Box(page.left + 20, top + 80, page.left + 220, top + 120).center)
            yield press("Down")
            yield press("Enter")
            yield Click(point=Box(page.left + 20, top + 140, page.left + 220, top + 180).center)

        played = desk.play(tmp_path / "run", actions())
        assert until(lambda: sent) == [{"name": ["Łukasz <&> 你好"], "size": ["large"]}]
    assert not played.refused
    assert until(lambda: "Thanks" in desk.driver.title())


def test_a_window_is_dragged_by_its_title_bar(desk: Desk, tmp_path: Path) -> None:
    desk.run("xterm", "-geometry", "60x12+100+100")
    before = desk.window().box
    grip = desk.at("", 120, 0)
    played = desk.play(tmp_path / "run", [Drag(start=grip.moved(0, -10), end=grip.moved(350, 240))])
    box = desk.window().box
    assert (box.left, box.top) == (before.left + 350, before.top + 250)
    assert not played.refused


def test_menus_and_lists_that_open_are_clicked_in_a_gtk_program(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("one\ntwo\n")
    desk.run("mousepad", file)

    def actions() -> Iterator[Action]:
        place = desk.at("Mousepad", 200, 250)
        yield Click(point=place, button="right")
        # "Select All"
        yield Click(point=place.moved(58, 217))
        yield TypeText(text="three")
        yield press("ctrl", "s")
        yield press("ctrl", "r")
        # The direction of the search is a list that opens, with "Up" above "Down".
        yield Click(point=desk.at("Find and Replace", -270, -176))
        yield Click(point=desk.at("Find and Replace", -290, -205))

    played = desk.play(tmp_path / "run", actions())
    assert file.read_text().rstrip("\n") == "three"
    settings = desk.home / ".config/glib-2.0/settings/keyfile"
    assert until(lambda: "direction=0" in settings.read_text().splitlines())
    assert not played.refused


def test_a_tooltip_and_a_list_that_opens_do_not_get_in_the_way_of_a_click_in_a_qt_program(desk: Desk, tmp_path: Path) -> None:
    desk.run("featherpad")

    def actions() -> Iterator[Action | tuple[Action, ...]]:
        yield TypeText(text="not this")
        place = desk.at("Untitled", 200, 250)
        yield Click(point=place, button="right")
        # "Select All"
        yield Click(point=place.moved(50, 152))
        yield TypeText(text="but this")
        yield press("ctrl", "shift", "s")
        # From the home folder to the one above, by a button that says what it does when the pointer rests on it.
        upwards = desk.at("Save as", -110, 23)
        before = popups(desk)
        yield Move(point=upwards)
        until(lambda: popups(desk) > before)
        yield Click(point=upwards)
        # And to the one above that, by the list of folders.
        yield Click(point=desk.at("Save as", -363, 23))
        yield Click(point=desk.at("Save as", -363, 46))
        yield Click(point=desk.at("Save as", -52, -57))

    played = desk.play(tmp_path / "run", actions())
    assert until((desk.home.parent.parent / "Untitled").exists)
    assert (desk.home.parent.parent / "Untitled").read_text().rstrip("\n") == "but this"
    assert not played.refused


def test_a_tooltip_does_not_get_in_the_way_of_a_click_in_a_gtk_program(desk: Desk, tmp_path: Path) -> None:
    desk.run("pcmanfm", tmp_path)
    home = until(lambda: desk.driver.title() == tmp_path.name and desk.at("", 206, 54))

    def actions() -> Iterator[Action]:
        before = popups(desk)
        yield Move(point=home)
        until(lambda: popups(desk) > before)
        yield Click(point=home)

    played = desk.play(tmp_path / "run", actions())
    assert until(lambda: desk.driver.title() == desk.home.name)
    assert not played.refused


def popups(desk: Desk) -> int:
    """How many menus, lists and tooltips are shown: windows that no window manager has in hand."""
    from Xlib import X
    from Xlib.display import Display

    with closing(Display(desk.desktop.display)) as opened:
        shown = [child.get_attributes() for child in opened.screen().root.query_tree().children]
    return sum(one.map_state == X.IsViewable and bool(one.override_redirect) for one in shown)


def handeye(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from handeye.agent.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, check=False)


def test_the_command_line_runs_a_program_on_a_desktop_of_its_own_and_does_it_again(desk: Desk, tmp_path: Path) -> None:
    made, replies, out = tmp_path / "made", tmp_path / "replies.jsonl", tmp_path / "run"
    said = [desk.say(TypeText(text=f"echo done >> {made}\n")), desk.say(Finish())]
    replies.write_text("".join(json.dumps(reply) + "\n" for reply in said))
    wanted = ["--env", "desktop", "--virtual", "--size", "1280x800", "--program", "xterm -geometry 100x20 -e sh"]
    done = handeye("run", "Write the file", *wanted, "--approve", "auto", "--model", f"scripted:{replies}", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "reached"
    assert until(made.exists)
    assert made.read_text() == "done\n"
    run = load_trajectory(out)
    assert (run.steps[0].app, run.episode.env_options["virtual"], run.episode.env_options["program"]) == ("XTerm", True, wanted[-1:])

    again = handeye("replay", out, "--out", tmp_path / "again", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout) | {"run": ""} == {
        "run": "",
        "same_end": True,
        "steps": 2,
        "recorded_steps": 2,
        "differing_screens": [],
    }
    assert made.read_text() == "done\n" * 2
