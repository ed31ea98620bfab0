"""Every environment by its name, and the JSON options that open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from handeye.envs.env import Env
from handeye.envs.sizes import read_size
from handeye.tools.errors import SetupError


def _browser(options: Mapping[str, Any]) -> Env:
    from handeye.envs.browser import BrowserEnv
    from handeye.tools.browser import BrowserOptions

    def path(name: str) -> Path | None:
        return Path(options[name]) if options.get(name) else None

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
        ),
        options.get("url", "about:blank"),
    )


def _android(options: Mapping[str, Any]) -> Env:
    from handeye.envs.phone_open import open_phone

    return open_phone(options)


def _desktop(options: Mapping[str, Any]) -> Env:
    from handeye.envs.desktop_open import open_desktop

    return open_desktop(options)


ENVS: dict[str, Callable[[Mapping[str, Any]], Env]] = {"browser": _browser, "android": _android, "desktop": _desktop}
"""What opens an environment. A new one is one line here."""


def open_env(name: str, options: Mapping[str, Any]) -> Env:
    """The environment `name`, opened with `options` (JSON values, as a trajectory records them).

    Raises `SetupError` for a name that does not exist, an option that makes no sense, or a missing piece.
    """
    if name not in ENVS:
        raise SetupError(f"there is no environment {name!r}.", fix=f"use one of {', '.join(ENVS)}")
    return ENVS[name](options)
