"""Every program of the phone by its name. A module in this folder that has a `COMMANDS` is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from handeye.tools.simphone import commands
from handeye.tools.simphone.commands.call import Command

PROGRAM_FOLDERS = ("/system/bin", "/system/xbin", "/vendor/bin", "/product/bin", "/apex/com.android.runtime/bin", "/bin", "/sbin")
"""Where programs lie; each is in all of them, as far as calling it by its path goes."""


@cache
def programs() -> dict[str, Command]:
    """All programs by name. Raises `ValueError` when two modules have one of the same name."""
    found: dict[str, Command] = {}
    for module in pkgutil.iter_modules(commands.__path__):
        own: dict[str, Command] = getattr(importlib.import_module(f"{commands.__name__}.{module.name}"), "COMMANDS", {})
        if twice := found.keys() & own.keys():
            raise ValueError(f"{', '.join(sorted(twice))} of {module.name} is in another module too")
        found.update(own)
    return found


def find_program(name: str) -> Command | None:
    """The program of a name or of a path to it; None when there is none."""
    folder, _, last = name.rpartition("/")
    return programs().get(last) if not folder or folder in PROGRAM_FOLDERS else None
