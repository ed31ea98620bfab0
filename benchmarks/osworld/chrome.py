"""The task's Chromium, through the HTTP side of its debugging port (the DevTools protocol's /json endpoints) and its profile's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from handeye.benchmarks.osworld.programs import BROWSER_DATA
from handeye.benchmarks.osworld.windows import await_that
from handeye.benchmarks.osworld.world import World
from handeye.tools.errors import DeviceError

START_S = 60.0


def profile(world: World) -> Path:
    """Folder of the browser's profile."""
    return world.home / BROWSER_DATA / "Default"


def port(world: World) -> int:
    """The port that the browser of this world listens at; 0 while there is none."""
    try:
        words = (world.home / BROWSER_DATA / "DevToolsActivePort").read_text(encoding="utf-8").split()
        return int(words[0])
    except (OSError, ValueError, IndexError):
        return 0


def tabs(world: World) -> list[dict[str, Any]]:
    """The open tabs (`id`, `title`, `url`), the one used last first. Raises `DeviceError` when no browser listens."""
    found = json.loads(_ask(world, "GET", "list"))
    return [one for one in found if one.get("type") == "page" and not str(one.get("url", "")).startswith("devtools:")]


def open_tab(world: World, url: str) -> None:
    """Open an address in a new tab, which comes to the front."""
    _ask(world, "PUT", f"new?{quote(url, safe=':/?&=%#+,;@')}")


def close_tab(world: World, tab: dict[str, Any]) -> None:
    """Close a tab."""
    _ask(world, "GET", f"close/{tab['id']}")


def await_browser(world: World) -> None:
    """Wait until the browser listens. Raises `DeviceTimeout`."""
    await_that("the browser's debugging port", lambda: _listens(world), START_S)


def _listens(world: World) -> bool:
    try:
        return bool(tabs(world))
    except DeviceError:
        return False


def _ask(world: World, method: str, what: str) -> str:
    import httpx

    number = port(world)
    if not number:
        raise DeviceError("no browser of this task listens at a debugging port; launch it with --remote-debugging-port")
    try:
        answer = httpx.request(method, f"http://127.0.0.1:{number}/json/{what}", timeout=10.0, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise DeviceError(f"the browser of this task does not answer ({error})") from error
    return answer.text
