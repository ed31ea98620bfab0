"""Getters: the values that metrics compare, taken from the world that a task left behind.

A getter gets the world and its own part of the JSON. A file that is not there is None, as in OSWorld.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from handeye.benchmarks.osworld import chrome, windows
from handeye.benchmarks.osworld.documents import UNREADABLE, last_row
from handeye.benchmarks.osworld.downloads import bring
from handeye.benchmarks.osworld.slide_media import media_in_slide
from handeye.benchmarks.osworld.world import World
from handeye.tools.errors import InvalidAction

Value = Callable[[World, dict[str, Any]], Any]


def _several(config: dict[str, Any]) -> list[tuple[str, str]]:
    """(path, dest) of every file that a getter names."""
    paths, dests = (config["path"], config["dest"]) if config.get("multi") else ([config["path"]], [config["dest"]])
    if not (isinstance(paths, list) and isinstance(dests, list) and len(paths) == len(dests)):
        raise InvalidAction(f"a getter needs as many dest as path: {config!r}")
    return list(zip(paths, dests, strict=True))


def _given(config: dict[str, Any], found: list[str | None]) -> Any:
    """What goes to the metric: the files that `gives` counts, one by itself."""
    chosen = [found[number] for number in sorted(set(config.get("gives", [0]))) if number < len(found)]
    return chosen[0] if len(chosen) == 1 else chosen


def _kept(world: World, name: str) -> Path:
    target = (world.cache / name).resolve()
    if not target.is_relative_to(world.cache.resolve()):
        raise InvalidAction(f"{name!r} is outside of the folder for results")
    return target


def _vm_file(world: World, config: dict[str, Any]) -> Any:
    found: list[str | None] = []
    for path, dest in _several(config):
        source, target = world.path(path), _kept(world, dest)
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        found.append(str(target) if source.is_file() else None)
    return _given(config, found)


def _cloud_file(world: World, config: dict[str, Any]) -> Any:
    found: list[str | None] = []
    for source, dest in _several(config):
        target = _kept(world, dest)
        if not target.exists():
            bring(world.mapped(source), target, world.assets)
        found.append(str(target))
    return _given(config, found)


def _cache_file(world: World, config: dict[str, Any]) -> str | None:
    target = _kept(world, config["path"])
    return str(target) if target.exists() else None


def _command_line(world: World, config: dict[str, Any]) -> str:
    return world.run(world.argv(config["command"], bool(config.get("shell")))).out


def _command_error(world: World, config: dict[str, Any]) -> str:
    return world.run(world.argv(config["command"], bool(config.get("shell")))).err


def _rule(world: World, config: dict[str, Any]) -> Any:
    return config["rules"]


def _content(world: World, config: dict[str, Any]) -> Any:
    path = world.path(config["path"])
    if config.get("file_type") != "xlsx" or config.get("file_content") != "last_row":
        raise InvalidAction(f"content_from_vm_file gives the last_row of an xlsx, not {config!r}")
    return last_row(path) if path.is_file() else None


def _list_directory(world: World, config: dict[str, Any]) -> dict[str, Any] | None:
    path = world.path(config["path"])
    return _tree(path) if path.is_dir() else None


def _tree(path: Path) -> dict[str, Any]:
    if not path.is_dir() or path.is_symlink():
        return {"type": "file", "name": path.name}
    return {"type": "directory", "name": path.name, "children": [_tree(child) for child in sorted(path.iterdir())]}


def _screen_size(world: World, config: dict[str, Any]) -> dict[str, int]:
    return {"width": world.size.width, "height": world.size.height}


def _window_size(world: World, config: dict[str, Any]) -> dict[str, int] | None:
    found = windows.matching(world.driver, config["app_class_name"], by_class=True)
    return {"width": found[-1].box.width, "height": found[-1].box.height} if found else None


def _home_file(world: World, name: str, config: dict[str, Any]) -> str | None:
    return _vm_file(world, {"path": f"{world.home}/{name}", "dest": config["dest"]})  # type: ignore[no-any-return]


def _gimp_config(world: World, config: dict[str, Any]) -> str | None:
    for version in ("3.0", "2.10"):
        found = _home_file(world, f".config/GIMP/{version}/{config['file_name']}", config)
        if found:
            return found
    return None


def _vlc_config(world: World, config: dict[str, Any]) -> str | None:
    return _home_file(world, ".config/vlc/vlcrc", config)


def _in_slide(kind: str) -> Value:
    def given(world: World, config: dict[str, Any]) -> str | None:
        source = world.path(config["ppt_file_path"])
        if not source.is_file():
            return None
        linked = media_in_slide(source, int(config["slide_index"]), kind, world.cache)
        if linked.startswith("file:"):
            return _vm_file(world, {"path": linked.removeprefix("file://"), "dest": config["dest"]})  # type: ignore[no-any-return]
        return linked or None

    return given


def _shortcuts(world: World, config: dict[str, Any]) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8", errors="replace") for path in (world.home / "Desktop").glob("*.desktop")}


# The browser

DEFAULT_ENGINE = "Google"


def _preferences(world: World) -> dict[str, Any]:
    """The profile's settings; they are written when the browser has been idle for some seconds, or ends."""
    return _json(chrome.profile(world) / "Preferences")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _at(data: Any, *keys: str, default: Any = None) -> Any:
    for key in keys:
        if not isinstance(data, dict) or key not in data:
            return default
        data = data[key]
    return data


def _setting(*keys: str, default: Any) -> Value:
    return lambda world, config: _at(_preferences(world), *keys, default=default)


def _word(*keys: str) -> Value:
    """A switch, as OSWorld's getters write it: "true" or "false"."""
    return lambda world, config: "true" if _at(_preferences(world), *keys, default=False) else "false"


def _search_engine(world: World, config: dict[str, Any]) -> str:
    data = _preferences(world)
    return str(_at(data, "default_search_provider_data", "template_url_data", "short_name", default=DEFAULT_ENGINE))


def _startup_page(world: World, config: dict[str, Any]) -> str:
    # 5: open the new tab page (Chromium's SessionStartupPref).
    return "true" if _at(_preferences(world), "session", "restore_on_startup", default=5) == 5 else "false"


def _font_size(world: World, config: dict[str, Any]) -> dict[str, Any]:
    found = _at(_preferences(world), "webkit", "webprefs", default={})
    return found or {"default_fixed_font_size": 13, "default_font_size": 16, "minimum_font_size": 13}


def _bookmarks(world: World, config: dict[str, Any]) -> dict[str, Any]:
    return dict(_at(_json(chrome.profile(world) / "Bookmarks"), "roots", default={}))


def _rows(world: World, names: tuple[str, ...], query: str) -> list[tuple[Any, ...]]:
    """Rows of a database of the profile, read from a copy: the browser has the file locked."""
    for name in names:
        source = chrome.profile(world) / name
        if source.is_file():
            copy = world.root / "database"
            shutil.copyfile(source, copy)
            try:
                with sqlite3.connect(copy) as opened:
                    return opened.execute(query).fetchall()
            except sqlite3.Error as error:
                raise InvalidAction(f"the browser's {name} cannot be read: {error}") from error
    return []


def _cookies(world: World, config: dict[str, Any]) -> list[tuple[Any, ...]]:
    return _rows(world, ("Cookies", "Network/Cookies"), "SELECT * FROM cookies")


def _history(world: World, config: dict[str, Any]) -> list[tuple[Any, ...]]:
    return _rows(world, ("History",), "SELECT url, title, last_visit_time FROM urls")


def _open_tabs(world: World, config: dict[str, Any]) -> list[dict[str, str]]:
    return [{"title": str(tab.get("title", "")), "url": str(tab["url"])} for tab in chrome.tabs(world)]


def _active_tab(world: World, config: dict[str, Any]) -> dict[str, str] | None:
    found = _open_tabs(world, config)
    return found[0] if found else None


def _active_url(world: World, config: dict[str, Any]) -> str | None:
    """The address of the tab in front, as OSWorld takes it from the address bar: `goto_prefix` stands before what the bar leaves out."""
    found = _active_tab(world, config)
    if found is None:
        return None
    bare = found["url"].removeprefix("https://").removeprefix("http://")
    return str(config.get("goto_prefix", "https://")) + bare


def _page_info(world: World, config: dict[str, Any]) -> dict[str, str] | None:
    return next((tab for tab in _open_tabs(world, config) if tab["url"].rstrip("/") == str(config["url"]).rstrip("/")), None)


GETTERS: dict[str, Value] = {
    # Ours: the answer that the model gave. OSWorld's own tasks ask for none.
    "answer": lambda world, config: world.answers[-1] if world.answers else "",
    "active_tab_info": _active_tab,
    "active_url_from_accessTree": _active_url,
    "audio_in_slide": _in_slide("audio"),
    "background_image_in_slide": _in_slide("image"),
    "bookmarks": _bookmarks,
    "cache_file": _cache_file,
    "chrome_font_size": _font_size,
    "cloud_file": _cloud_file,
    "content_from_vm_file": _content,
    "cookie_data": _cookies,
    "data_delete_automacally": lambda world, config: (
        "true" if _at(_preferences(world), "profile", "default_content_setting_values", "cookies") == 4 else "false"
    ),
    "default_search_engine": _search_engine,
    "enable_do_not_track": _word("enable_do_not_track"),
    "enable_enhanced_safety_browsing": _word("safebrowsing", "enhanced"),
    "enable_safe_browsing": lambda world, config: (
        "true" if any(_at(_preferences(world), "safebrowsing", key, default=False) for key in ("enabled", "enhanced")) else "false"
    ),
    "gimp_config_file": _gimp_config,
    "history": _history,
    "list_directory": _list_directory,
    "new_startup_page": _startup_page,
    "open_tabs_info": _open_tabs,
    "page_info": _page_info,
    "profile_name": _setting("profile", "name", default=None),
    "rule": _rule,
    "shortcuts_on_desktop": _shortcuts,
    "vlc_config": _vlc_config,
    "vm_command_error": _command_error,
    "vm_command_line": _command_line,
    "vm_file": _vm_file,
    "vm_screen_size": _screen_size,
    "vm_window_size": _window_size,
}
"""The getters that there are here, by the type that the JSON names."""


def get(world: World, config: dict[str, Any] | None) -> Any:
    """The value that a getter's part of the JSON asks for; None for none.

    Raises `InvalidAction` when there is no such getter or it lacks a key, and what files, network and programs raise.
    """
    if config is None:
        return None
    getter = GETTERS.get(config["type"])
    if getter is None:
        raise InvalidAction(f"there is no getter {config['type']!r} here")
    try:
        return getter(world, config)
    except UNREADABLE as error:
        raise InvalidAction(f"the getter {config['type']!r} cannot give a value ({type(error).__name__}: {error})") from error
