"""Config steps: what is done to a world before a task begins, and before it is scored."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from typing import Any

from handeye.benchmarks.osworld import chrome, windows
from handeye.benchmarks.osworld.downloads import bring
from handeye.benchmarks.osworld.programs import BROWSERS, WINDOWED, opener
from handeye.benchmarks.osworld.snippets import MAX_SLEEP_S, Call, play, read_snippet, snippet_of
from handeye.benchmarks.osworld.task import ConfigStep
from handeye.benchmarks.osworld.world import World
from handeye.envs.settle import wait
from handeye.tools.errors import DeviceError, DeviceTimeout, HandeyeError, InvalidAction

_TERMINAL_KEYS = {"ctrl", "alt", "t"}
Step = Callable[..., None]
"""Takes the world and the step's parameters by name."""
WINDOW_S = 60.0
"""How long a program that is known to have a window may take to show it."""
MAYBE_S = 4.0
"""How long others are waited for, which may have none."""
UNTIL_S = 60.0
AGAIN_S = 0.3
"""Between two runs of a command with `until` (OSWorld's desktop_env/controllers/setup.py)."""


def take(world: World, steps: Sequence[ConfigStep]) -> None:
    """Do the steps in order. Raises `DeviceError` with the number and type of the one that failed."""
    for number, step in enumerate(steps, 1):
        work = STEPS.get(step.type)
        try:
            if work is None:
                raise InvalidAction(f"there is no step of type {step.type!r} here")
            try:
                bound = inspect.signature(work).bind(world, **step.parameters)
            except TypeError as error:
                raise InvalidAction(f"its parameters do not fit: {error}") from error
            work(*bound.args, **bound.kwargs)
        except HandeyeError as error:
            raise DeviceError(f"step {number} ({step.type}): {error}") from error


def _download(world: World, files: list[dict[str, str]]) -> None:
    for one in files:
        if not isinstance(one, dict) or "url" not in one or "path" not in one:
            raise InvalidAction(f"a file to download has url and path, not {one!r}")
        target = world.path(one["path"])
        # A task that runs no commands is taken without `trusted`: it must not write to this machine either. OSWorld's never do.
        if not target.resolve().is_relative_to(world.home.resolve()):
            raise InvalidAction(f"{one['path']} is outside of the task's home folder")
        bring(one["url"], target, world.assets)


def _upload_file(world: World, files: list[dict[str, str]]) -> None:
    _download(world, [{"url": f"file:{one.get('local_path', '')}", "path": one.get("path", "")} for one in files])


def _launch(world: World, command: str | list[str], shell: bool = False) -> None:
    argv = world.argv(command, shell)
    program = argv[0].rpartition("/")[2]
    if program == "socat":
        # It lets OSWorld's host at the browser inside of its machine; here both are one.
        return
    if program in BROWSERS:
        # A free port: several worlds may be on this machine. `chrome.port` reads which it became.
        argv = [program, *("--remote-debugging-port=0" if w.startswith("--remote-debugging-port") else w for w in argv[1:])]
    elif argv[0].startswith("/usr/bin/") and program in WINDOWED:
        argv = [program, *argv[1:]]
    known = program in WINDOWED or (shell and any(name in " ".join(argv) for name in WINDOWED))
    if program in ("pkill", "killall"):
        world.run(_found(world, argv))
        return
    before = {window.id for window in world.driver.windows()}
    world.start(_found(world, argv))
    _await_window(world, program, before, WINDOW_S if known else MAYBE_S, must=known and not shell)
    if program in BROWSERS and "--remote-debugging-port=0" in argv:
        chrome.await_browser(world)


def _found(world: World, argv: list[str]) -> list[str]:
    """The command with the shim's path, where one stands for it: env(1) looks on its own search path."""
    shim = world.shims / argv[0]
    return [str(shim), *argv[1:]] if "/" not in argv[0] and shim.is_file() else argv


def _await_window(world: World, name: str, before: set[int], limit_s: float, must: bool) -> None:
    def shown() -> bool:
        return any(window.id not in before for window in world.driver.windows())

    try:
        windows.await_that(f"a window of {name}", shown, limit_s)
    except DeviceTimeout:
        if must:
            raise
        return
    world.await_quiet()


def _open(world: World, path: str) -> None:
    target = world.path(path)
    if not target.exists():
        if path not in WINDOWED:
            raise InvalidAction(f"there is no {path} to open")
        _launch(world, [path])
        return
    before = {window.id for window in world.driver.windows()}
    world.start(_found(world, [*opener(target), str(target)]))
    windows.await_that(f"a window of {target.name}", lambda: _shows(world, target.stem, before), WINDOW_S)
    world.await_quiet()
    for window in windows.matching(world.driver, target.stem)[-1:]:
        world.driver.activate(window)


def _shows(world: World, name: str, before: set[int]) -> bool:
    """Whether a window with the file's name has come: a splash screen is not it."""
    return any(window.id not in before and name in window.title for window in world.driver.windows())


def _execute(
    world: World, command: str | list[str], shell: bool = False, stdout: str = "", stderr: str = "", until: dict[str, Any] | None = None
) -> None:
    argv = world.argv(command, shell)
    calls = read_snippet(snippet_of(argv)) if snippet_of(argv) else None
    if calls is not None:
        _play(world, calls)
        world.await_quiet()
        return
    end = time.monotonic() + UNTIL_S
    while True:
        ran = world.run(_found(world, argv))
        for name, text in ((stdout, ran.out), (stderr, ran.err)):
            if name:
                _keep(world, name, text)
        if not until or _holds(until, ran.code, ran.out, ran.err):
            return
        if time.monotonic() > end:
            raise DeviceTimeout(f"{command!r} did not come to {until} within {UNTIL_S:.0f} s")
        wait(AGAIN_S)


def _play(world: World, calls: Sequence[Call]) -> None:
    """Play a snippet's calls; the keys that open a terminal in GNOME, which nine of OSWorld's tasks begin with, open one."""
    part: list[Call] = []
    for call in calls:
        if call.name == "hotkey" and set(call.given["keys"]) == _TERMINAL_KEYS and not any(one.name == "keyDown" for one in calls):
            play(part, world.driver)
            part = []
            _launch(world, ["gnome-terminal"])
        else:
            part.append(call)
    play(part, world.driver)


def _keep(world: World, name: str, text: str) -> None:
    target = (world.cache / name).resolve()
    if not target.is_relative_to(world.cache.resolve()):
        raise InvalidAction(f"{name!r} is outside of the folder for output")
    target.write_text(text, encoding="utf-8")


def _holds(until: dict[str, Any], code: int, out: str, err: str) -> bool:
    return (
        ("returncode" in until and code == until["returncode"])
        or ("stdout" in until and str(until["stdout"]) in out)
        or ("stderr" in until and str(until["stderr"]) in err)
    )


def _execute_with_verification(
    world: World,
    command: str | list[str],
    verification: dict[str, Any] | None = None,
    max_wait_time: float = 10,
    check_interval: float = 1.0,
    shell: bool = False,
) -> None:
    _execute(world, command, shell)
    wanted = verification or {}
    if name := wanted.get("window_exists"):
        windows.await_that(f"the window {name!r}", lambda: bool(windows.matching(world.driver, name)), max_wait_time)
    if check := wanted.get("command_success"):
        windows.await_that(f"{check!r}", lambda: world.run(world.argv(check, True)).code == 0, max_wait_time)


def _sleep(world: World, seconds: float) -> None:
    wait(min(max(float(seconds), 0.0), MAX_SLEEP_S))


def _activate_window(world: World, window_name: str, strict: bool = False, by_class: bool = False) -> None:
    # OSWorld goes on when there is no such window, and some of its tasks count on that.
    for window in windows.matching(world.driver, window_name, strict, by_class)[-1:]:
        world.driver.activate(window)
        world.await_quiet()


def _close_window(world: World, window_name: str, strict: bool = False, by_class: bool = False) -> None:
    found = windows.matching(world.driver, window_name, strict, by_class)
    for window in found[-1:]:
        windows.close(world.driver, window)
    world.await_quiet()


def _close_all(world: World) -> None:
    for window in world.driver.windows():
        windows.close(world.driver, window)
    world.await_quiet()


def _chrome_open_tabs(world: World, urls_to_open: list[str]) -> None:
    chrome.await_browser(world)
    blank = [tab for tab in chrome.tabs(world) if tab["url"].startswith(("about:blank", "chrome://new"))]
    for url in urls_to_open:
        chrome.open_tab(world, world.mapped(url))
    # As in OSWorld, the first address takes the place of the empty tab that the browser began with.
    for tab in blank[:1] if urls_to_open else []:
        chrome.close_tab(world, tab)
    world.await_quiet()


def _chrome_close_tabs(world: World, urls_to_close: list[str]) -> None:
    chrome.await_browser(world)
    for url in urls_to_close:
        wanted = world.mapped(url).rstrip("/")
        for tab in [one for one in chrome.tabs(world) if one["url"].rstrip("/") == wanted][:1]:
            chrome.close_tab(world, tab)


STEPS: dict[str, Step] = {
    "download": _download,
    "upload_file": _upload_file,
    "launch": _launch,
    "open": _open,
    "execute": _execute,
    "command": _execute,
    "execute_with_verification": _execute_with_verification,
    "sleep": _sleep,
    "activate_window": _activate_window,
    "close_window": _close_window,
    "close_all": _close_all,
    "chrome_open_tabs": _chrome_open_tabs,
    "chrome_close_tabs": _chrome_close_tabs,
}
"""The steps that can be taken here, by the type that the JSON names."""
