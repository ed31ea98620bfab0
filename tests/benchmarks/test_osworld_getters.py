"""What OSWorld's getters and steps do in a world: on one real desktop, with real files, commands and windows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from handeye.benchmarks.osworld import chrome, windows
from handeye.benchmarks.osworld.getters import GETTERS, get
from handeye.benchmarks.osworld.machine import Machine, commands_of
from handeye.benchmarks.osworld.scoring import judge
from handeye.benchmarks.osworld.snippets import play, read_snippet
from handeye.benchmarks.osworld.steps import take
from handeye.benchmarks.osworld.task import ConfigStep, Task, parse_task
from handeye.benchmarks.osworld.world import World
from handeye.tools.errors import DeviceError, InvalidAction, SetupError
from tests.benchmarks.osworld_cases import write, xlsx

TERMINAL = "xterm -T {} -e sh -c 'read line; printf %s \"$line\" > /home/user/typed; exec cat'"


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    try:
        started = Machine.start()
    except SetupError as error:
        pytest.skip(str(error))
    with started:
        yield started


@pytest.fixture
def world(machine: Machine) -> World:
    """The one world of this module; each test uses files of its own."""
    return machine.world


def step(world: World, kind: str, **parameters: Any) -> None:
    take(world, [ConfigStep(type=kind, parameters=parameters)])


def task(evaluator: dict[str, Any], **more: Any) -> Task:
    return parse_task(json.dumps({"id": "t", "instruction": "do", "evaluator": evaluator, **more}))


def profile(world: World, name: str, data: Any) -> None:
    write(chrome.profile(world) / name, data if isinstance(data, str) else json.dumps(data))


def score(world: World, evaluator: dict[str, Any], last: Any = "DONE") -> float:
    return judge(world, task(evaluator), last).score


# Files


def test_a_file_is_copied_and_one_that_is_not_there_is_none(world: World) -> None:
    write(world.home / "one.txt", "1")
    found = get(world, {"type": "vm_file", "path": "/home/user/one.txt", "dest": "copy.txt"})
    assert Path(found).read_text() == "1"
    assert Path(found).parent == world.cache
    assert get(world, {"type": "vm_file", "path": "/home/user/none", "dest": "none"}) is None


def test_of_several_files_those_are_given_that_gives_counts(world: World) -> None:
    write(world.home / "a", "A")
    write(world.home / "c", "C")
    several = {"type": "vm_file", "multi": True, "path": [f"/home/user/{name}" for name in "abc"], "dest": ["a", "b", "c"]}
    assert Path(get(world, several)).read_text() == "A"
    first, second, third = get(world, several | {"gives": [0, 1, 2]})
    assert (Path(first).read_text(), second, Path(third).read_text()) == ("A", None, "C")
    with pytest.raises(InvalidAction, match="as many"):
        get(world, several | {"dest": ["a"]})


def test_nothing_is_written_outside_of_the_folder_for_results(world: World) -> None:
    write(world.home / "a", "A")
    for dest in ("../escaped", "/tmp/handeye-escaped"):
        with pytest.raises(InvalidAction, match="outside"):
            get(world, {"type": "vm_file", "path": "/home/user/a", "dest": dest})
    assert not (world.root / "escaped").exists()


def test_an_expected_file_comes_from_this_machine_or_the_assets(machine: Machine, world: World, tmp_path: Path) -> None:
    local, assets = write(tmp_path / "local.txt", "L"), tmp_path / "assets"
    write(assets / "in/a.txt", "A")
    with_assets = World(world.desktop, world.driver, world.root, assets)
    assert Path(get(world, {"type": "cloud_file", "path": f"file:{local}", "dest": "l1"})).read_text() == "L"
    assert Path(get(with_assets, {"type": "cloud_file", "path": "asset:in/a.txt", "dest": "a1"})).read_text() == "A"
    for source, where in (("asset:../local.txt", with_assets), ("asset:a.txt", world), ("ftp://x/y", world), ("", world)):
        with pytest.raises(InvalidAction):
            get(where, {"type": "cloud_file", "path": source, "dest": "x1"})
    with pytest.raises(DeviceError):
        get(with_assets, {"type": "cloud_file", "path": "asset:none", "dest": "x2"})


def test_the_last_row_of_a_workbook_and_a_folder_are_read(world: World) -> None:
    xlsx(world.home / "rows.xlsx", [["a", "b"], ["x", 2.0], [None, 7]])
    config = {"type": "content_from_vm_file", "path": "/home/user/rows.xlsx", "file_type": "xlsx", "file_content": "last_row"}
    assert get(world, config) == ["nan", "7"]
    assert get(world, config | {"path": "/home/user/none.xlsx"}) is None
    write(world.home / "tree/in/a.txt", "")
    (world.home / "tree/link").symlink_to("/")
    found = get(world, {"type": "list_directory", "path": "/home/user/tree"})
    assert [(one["type"], one["name"]) for one in found["children"]] == [("directory", "in"), ("file", "link")]
    assert get(world, {"type": "list_directory", "path": "/home/user/none"}) is None


def test_the_home_folder_has_its_name_both_ways(world: World) -> None:
    line = {"type": "vm_command_line", "command": "cd /home/user && pwd && echo /home/username $HOME", "shell": True}
    assert get(world, line) == "/home/user\n/home/username /home/user\n"
    assert get(world, {"type": "vm_command_line", "command": ["echo", "/home/user/a", "~/b"]}) == "/home/user/a /home/user/b\n"
    assert get(world, {"type": "vm_command_error", "command": "echo /home/user >&2", "shell": True}) == "/home/user\n"
    assert world.path("~/a") == world.path("/home/user/a") == world.path("a") == world.home / "a"
    assert world.mapped({"a": ["{SCREEN_WIDTH}x{SCREEN_HEIGHT}", 5]}) == {"a": ["1280x800", 5]}


def test_a_command_sees_no_variable_of_ours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_SECRET", "x")
    assert "HANDEYE_SECRET" not in get(world, {"type": "vm_command_line", "command": "env", "shell": True})


# The browser's profile


def test_the_browsers_settings_are_read_from_its_profile(world: World) -> None:
    assert get(world, {"type": "default_search_engine"}) == "Google"
    assert get(world, {"type": "enable_do_not_track"}) == "false"
    assert get(world, {"type": "bookmarks"}) == {}
    assert get(world, {"type": "history"}) == []
    settings = {
        "default_search_provider_data": {"template_url_data": {"short_name": "Bing"}},
        "enable_do_not_track": True,
        "safebrowsing": {"enabled": False, "enhanced": True},
        "profile": {"name": "Thomas", "default_content_setting_values": {"cookies": 4}},
        "session": {"restore_on_startup": 4},
        "webkit": {"webprefs": {"default_font_size": 20}},
    }
    profile(world, "Preferences", settings)
    profile(world, "Bookmarks", {"roots": {"bookmark_bar": {"children": []}}})
    wanted = {
        "default_search_engine": "Bing",
        "enable_do_not_track": "true",
        "enable_safe_browsing": "true",
        "enable_enhanced_safety_browsing": "true",
        "data_delete_automacally": "true",
        "new_startup_page": "false",
        "profile_name": "Thomas",
        "chrome_font_size": {"default_font_size": 20},
        "bookmarks": {"bookmark_bar": {"children": []}},
    }
    assert {name: get(world, {"type": name}) for name in wanted} == wanted
    profile(world, "Preferences", "[broken")
    assert get(world, {"type": "profile_name"}) is None


def test_cookies_and_history_are_read_from_its_databases(world: World) -> None:
    folder = chrome.profile(world)
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "History")) as opened, opened:
        opened.execute("CREATE TABLE urls (url, title, last_visit_time)")
        opened.execute("INSERT INTO urls VALUES ('https://a', 'A', 5)")
    with closing(sqlite3.connect(folder / "Cookies")) as opened, opened:
        opened.execute("CREATE TABLE cookies (at, host)")
        opened.execute("INSERT INTO cookies VALUES (1, '.a.com')")
    assert get(world, {"type": "history"}) == [("https://a", "A", 5)]
    assert get(world, {"type": "cookie_data"}) == [(1, ".a.com")]
    with pytest.raises(DeviceError, match="browser"):
        get(world, {"type": "open_tabs_info"})


def test_starters_on_the_desktop_and_other_settings(world: World) -> None:
    write(world.home / "Desktop/a.desktop", "Name=A\n")
    write(world.home / ".config/GIMP/2.10/gimprc", '(theme "Light")\n')
    assert get(world, {"type": "shortcuts_on_desktop"})["a.desktop"] == "Name=A\n"
    assert Path(get(world, {"type": "gimp_config_file", "file_name": "gimprc", "dest": "gimprc"})).read_text() == '(theme "Light")\n'
    assert get(world, {"type": "vlc_config", "dest": "vlcrc"}) is None
    assert get(world, {"type": "vm_screen_size"}) == {"width": 1280, "height": 800}
    assert get(world, {"type": "vm_window_size", "app_class_name": "none"}) is None


@pytest.mark.parametrize("name", sorted(GETTERS))
def test_a_getter_without_its_keys_gives_a_value_or_our_error(world: World, name: str) -> None:
    try:
        get(world, {"type": name})
    except (InvalidAction, DeviceError):
        return


# Scores


def rule(text: str, wanted: str) -> dict[str, Any]:
    """One metric that holds if `text` is `wanted`."""
    return {
        "func": "exact_match",
        "result": {"type": "vm_command_line", "command": ["printf", text]},
        "expected": {"type": "rule", "rules": {"expected": wanted}},
    }


def several(conj: str, *pairs: tuple[str, str]) -> dict[str, Any]:
    rules = [rule(*pair) for pair in pairs]
    return {"conj": conj} | {key: [one[key] for one in rules] for key in ("func", "result", "expected")}


def test_metrics_go_together_by_and_and_or(world: World) -> None:
    assert score(world, rule("a", "a")) == 1.0
    assert score(world, rule("a", "b")) == 0.0
    assert score(world, several("and", ("a", "a"), ("b", "b"))) == 1.0
    assert score(world, several("and", ("a", "a"), ("b", "c"))) == 0.0
    assert score(world, several("or", ("a", "x"), ("b", "b"))) == 1.0
    assert score(world, several("or", ("a", "x"), ("b", "y"))) == 0.0


def test_parts_of_a_score_are_averaged_by_and_and_the_best_counts_by_or(world: World) -> None:
    both = several("and", ("a", "a"), ("ab", "ax")) | {"func": ["exact_match", "fuzzy_match"]}
    assert score(world, both) == 0.75
    assert score(world, several("or", ("a", "x"), ("ab", "ax")) | {"func": ["exact_match", "fuzzy_match"]}) == 0.5


def test_options_reach_the_metric(world: World) -> None:
    base = {
        "func": "literal_match",
        "result": {"type": "vm_command_line", "command": ["printf", "A"]},
        "expected": {"type": "rule", "rules": "a"},
    }
    assert score(world, base) == 0.0
    assert score(world, base | {"options": {"ignore_case": True}}) == 1.0
    assert score(world, {key: [value] for key, value in base.items()} | {"options": [{"ignore_case": True}]}) == 1.0


def test_only_what_cannot_be_done_may_be_given_up(world: World) -> None:
    assert score(world, {"func": "infeasible"}, "FAIL") == 1.0
    assert score(world, {"func": "infeasible"}, "DONE") == 0.0
    assert score(world, {"func": "infeasible"}, "") == 0.0
    assert score(world, rule("a", "a"), "FAIL") == 0.0


def test_a_broken_document_scores_0_and_says_why(world: World) -> None:
    write(world.home / "broken.docx", "no zip")
    verdict = judge(
        world,
        task(
            {
                "func": "is_first_line_centered",
                "result": {"type": "vm_file", "path": "/home/user/broken.docx", "dest": "broken.docx"},
            }
        ),
        "DONE",
    )
    assert verdict.score == 0.0
    assert "broken.docx" in verdict.reason


# Steps


def test_a_failed_step_says_which_it_was(world: World) -> None:
    with pytest.raises(DeviceError, match=r"(?s)2.*open"):
        take(
            world,
            [ConfigStep(type="sleep", parameters={"seconds": 0}), ConfigStep(type="open", parameters={"path": "/home/user/none.txt"})],
        )
    with pytest.raises(DeviceError, match="nonsense"):
        step(world, "nonsense")
    with pytest.raises(DeviceError):
        step(world, "open", colour="red")


@pytest.mark.parametrize("path", ["/home/user/../../escaped", "../escaped", "/tmp/handeye-escaped", "~/../escaped", "out/escaped"])
def test_a_file_is_put_nowhere_but_into_the_home_folder(world: World, tmp_path: Path, path: str) -> None:
    link = world.home / "out"
    if not link.is_symlink():
        link.symlink_to(tmp_path)
    write(tmp_path / "source", "x")
    with pytest.raises(DeviceError, match="outside"):
        step(world, "download", files=[{"url": f"file:{tmp_path}/source", "path": path}])
    with pytest.raises(DeviceError, match="outside"):
        step(world, "upload_file", files=[{"local_path": f"{tmp_path}/source", "path": path}])
    assert not any(place.exists() for place in (world.root / "escaped", tmp_path / "escaped", Path("/tmp/handeye-escaped")))
    step(world, "download", files=[{"url": f"file:{tmp_path}/source", "path": "/home/user/in/../got"}])
    assert (world.home / "got").read_text() == "x"


def test_a_name_without_a_file_opens_programs_with_windows_alone(world: World) -> None:
    with pytest.raises(DeviceError, match="no env to open"):
        step(world, "open", path="env")


def test_a_commands_output_is_kept_for_a_getter(world: World) -> None:
    step(world, "execute", command=["sh", "-c", "echo out; echo err >&2"], stdout="o.txt", stderr="e.txt")
    assert Path(get(world, {"type": "cache_file", "path": "o.txt"})).read_text() == "out\n"
    assert Path(get(world, {"type": "cache_file", "path": "e.txt"})).read_text() == "err\n"
    with pytest.raises(DeviceError, match="outside"):
        step(world, "execute", command=["true"], stdout="../o.txt")


def test_a_command_is_run_again_until_it_holds(world: World) -> None:
    step(world, "execute", command="echo x >> /home/user/runs; cat /home/user/runs", shell=True, until={"stdout": "x\nx"})
    assert (world.home / "runs").read_text() == "x\nx\n"


def test_windows_are_found_raised_and_closed_and_a_snippet_types_into_them(world: World) -> None:
    step(world, "launch", command=TERMINAL.format("Under"), shell=True)
    windows.await_that("Under", lambda: bool(windows.matching(world.driver, "Under")), 30)
    step(world, "launch", command="xterm -T Over -e cat", shell=True)
    windows.await_that("Over", lambda: bool(windows.matching(world.driver, "Over")), 30)
    assert not windows.matching(world.driver, "nde", strict=True)
    assert windows.matching(world.driver, "xterm.XTerm", strict=True, by_class=True)
    assert get(world, {"type": "vm_window_size", "app_class_name": "xterm"})["width"] > 100
    step(world, "activate_window", window_name="under")
    step(world, "execute", command=["python3", "-c", "import pyautogui; pyautogui.write('hello'); pyautogui.press('enter')"])
    windows.await_that("the typed line", lambda: (world.home / "typed").exists() and (world.home / "typed").read_text() == "hello", 20)
    step(world, "close_window", window_name="Over", strict=True)
    windows.await_that("Over closed", lambda: not windows.matching(world.driver, "Over"), 20)
    assert windows.matching(world.driver, "Under")
    step(world, "activate_window", window_name="no such window")
    step(world, "close_all")
    windows.await_that("all closed", lambda: not world.driver.windows(), 20)


def test_the_keys_that_open_a_terminal_in_gnome_open_one(world: World) -> None:
    keys = "import pyautogui; pyautogui.click({SCREEN_WIDTH_HALF}, {SCREEN_HEIGHT_HALF}); pyautogui.hotkey('ctrl', 'alt', 't')"
    step(world, "execute", command=["python", "-c", keys])
    assert windows.matching(world.driver, "Terminal", strict=True)
    step(world, "close_window", window_name="Terminal")


def test_the_pointer_goes_where_a_snippet_says(world: World) -> None:
    calls = read_snippet(
        "import pyautogui\nimport time\npyautogui.PAUSE = 1\npyautogui.moveTo(300, 200)\ntime.sleep(0)\npyautogui.click(40, y=50)"
    )
    assert calls is not None
    play(calls[:1], world.driver)
    assert (world.driver.pointer.x, world.driver.pointer.y) == (300, 200)
    play(calls[1:], world.driver)
    assert (world.driver.pointer.x, world.driver.pointer.y) == (40, 50)


@pytest.mark.parametrize(
    "source",
    [
        "import pyautogui; pyautogui.press(open('x').read())",
        "import pyautogui; pyautogui.keyDown('shift')",
        "import pyautogui\nfor _ in range(3): pyautogui.press('a')",
        "import pyautogui; pyautogui.press('nokey')",
        "import pyautogui; pyautogui.click(1e9, 0)",
        "pyautogui.",
    ],
)
def test_other_snippets_are_not_read(source: str) -> None:
    assert read_snippet(source) is None


def test_pkill_ends_programs_of_its_own_desktop_alone(world: World) -> None:
    import subprocess

    with subprocess.Popen(["sleep", "300"]) as ours:
        try:
            world.start(world.argv("sleep 301 & echo $! > /home/user/pid; wait", True))
            windows.await_that("the sleeper", lambda: (world.home / "pid").exists() and (world.home / "pid").read_text() != "", 20)
            number = int((world.home / "pid").read_text())
            ran = world.run(world.argv("pkill sleep", True))
            assert ran.code == 0
            windows.await_that("the end of the task's own", lambda: not _runs(number), 20)
            assert ours.poll() is None
            assert world.run(world.argv("pkill nosuchprogram", True)).code == 1
        finally:
            ours.kill()


def _runs(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# Trust


def test_a_task_that_runs_commands_is_refused_before_anything_is_run(machine: Machine, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    parts = {"config": [{"type": "execute", "parameters": {"command": ["touch", str(mark)]}}]}
    given = task({"func": "exact_match", "result": {"type": "vm_command_line", "command": ["pwd"]}}, **parts)
    before = machine.world
    with pytest.raises(InvalidAction, match="execute, vm_command_line"):
        machine.begin(given)
    assert machine.world is before
    assert not mark.exists()
    assert commands_of(task({"func": "exact_match", "result": {"type": "vm_file", "path": "a", "dest": "a"}})) == ""
