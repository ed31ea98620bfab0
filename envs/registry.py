"""Every environment by its name, and the JSON options that open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handeye.envs.env import Env
from handeye.envs.sizes import read_size
from handeye.tools.errors import SetupError

if TYPE_CHECKING:
    from handeye.tools.egress import Allowed


def read_allowed(options: Mapping[str, Any]) -> Allowed | None:
    """The hosts that the options `allow_hosts` and `load_hosts` name; None: there is no list. Raises `SetupError`."""
    visited, loaded = options.get("allow_hosts"), options.get("load_hosts")
    if visited is None:
        if loaded is not None:
            raise SetupError("There is a list of hosts to load from, and none of hosts to visit.", fix="add --allow-host")
        return None
    from handeye.tools.egress import Allowed

    return Allowed.read(visited, loaded)


def _browser(options: Mapping[str, Any]) -> Env:
    from handeye.envs.browser import BrowserEnv
    from handeye.tools.browser import BrowserOptions

    def path(name: str) -> Path | None:
        return Path(options[name]) if options.get(name) else None

    def listed(name: str) -> tuple[str, ...] | None:
        value = options.get(name)
        if isinstance(value, str):
            raise SetupError(f"the option {name} takes a list, not {value!r}.", fix=f'write ["{value}"]')
        return None if value is None else tuple(value)

    allowed = read_allowed(options)
    megabytes = options.get("download_mb")
    if megabytes is not None and not float(megabytes) <= _MOST_MEGABYTES:
        raise SetupError(f"a largest download of {megabytes} megabytes is none.", fix=f"give {_MOST_MEGABYTES:g} at most")
    upload_from = listed("upload_from")
    if (no_folder := next((name for name in upload_from or () if not name.strip() or not Path(name).is_dir()), None)) is not None:
        raise SetupError(f"{no_folder!r} is no folder from which files could be given to pages.", fix="name a folder that is there")
    return BrowserEnv(
        BrowserOptions(
            viewport=read_size(options.get("viewport", "1280x800")),
            scale=float(options.get("scale", 1.0)),
            headless=not options.get("headed", False),
            profile=path("profile"),
            attach=options.get("attach") or None,
            executable=path("chromium"),
            base_select=not options.get("plain_select", False),
            downloads=path("downloads"),
            allowed=allowed,
            proxy_port=int(options.get("proxy_port") or 0),
            guard=bool(options.get("guard", False)),
            download_bytes=None if megabytes is None else round(float(megabytes) * 1_000_000),
            download_kinds=listed("download_kinds"),
            upload_from=None if upload_from is None else tuple(Path(folder) for folder in upload_from),
            permissions=listed("permissions") or (),
        ),
        options.get("url", "about:blank"),
    )


def _android(options: Mapping[str, Any]) -> Env:
    from handeye.envs.phone_open import open_phone

    return open_phone(options)


def _desktop(options: Mapping[str, Any]) -> Env:
    from handeye.envs.desktop_open import open_desktop

    return open_desktop(options)


_MOST_MEGABYTES = 1e9
ENVS: dict[str, Callable[[Mapping[str, Any]], Env]] = {"browser": _browser, "android": _android, "desktop": _desktop}
"""What opens an environment. A new one is one line here."""


def open_env(name: str, options: Mapping[str, Any]) -> Env:
    """The environment `name`, opened with `options` (JSON values, as a trajectory records them).

    Raises `SetupError` for a name that does not exist, an option that makes no sense, or a missing piece.
    """
    if name not in ENVS:
        raise SetupError(f"there is no environment {name!r}.", fix=f"use one of {', '.join(ENVS)}")
    return ENVS[name](options)
