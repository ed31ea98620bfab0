"""The exact commands that install what is missing, for the environment and the system that run now."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import shlex
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

DISTRIBUTION = "handeye"
CORE = "core"
"""Stands for what handeye needs whatever it is used for, beside the names of its extras."""

OTHER_NAMES = {
    "dnf": {
        "clipboard": "xclip",
        "show": "x11vnc novnc",
        "window manager": "openbox",
        "xvfb": "xorg-x11-server-Xvfb",
    },
    "pacman": {
        "clipboard": "xclip",
        "show": "x11vnc",
        "window manager": "openbox",
        "xvfb": "xorg-server-xvfb",
    },
}
"""What Fedora and Arch call what a desktop needs. (noVNC is not among Arch's own packages.)"""
APT_NAMES = {
    "adb": "adb",
    "clipboard": "xclip",
    "chromium": "chromium fonts-liberation fonts-droid-fallback",
    "driver libraries": "libatomic1",
    "fonts": "fonts-liberation fonts-droid-fallback",
    "show": "x11vnc novnc websockify",
    "window manager": "openbox",
    "xvfb": "xvfb",
}


def install_command(extra: str) -> str:
    """The command that installs an extra into the environment that runs now, from where handeye itself came."""
    suffix = "" if extra == CORE else f"[{extra}]"
    origin = _checkout()
    target = f"-e {shlex.quote(f'{origin}{suffix}')}" if origin else shlex.quote(f"{DISTRIBUTION}{suffix}")
    return f"{installer()} {target}"


def installer() -> str:
    """What installs into this environment: its own pip, or uv, whose environments have none; `make` keeps a uv in the checkout."""
    python = shlex.quote(sys.executable)
    if importlib.util.find_spec("pip"):
        return f"{python} -m pip install"
    origin = _checkout()
    uv = shutil.which("uv") or (origin and shutil.which("uv", path=origin / ".cache" / "uv" / "bin"))
    if uv:
        return f"{shlex.quote(uv)} pip install --python {python}"
    return f"{python} -m ensurepip && {python} -m pip install"


def _checkout() -> Path | None:
    """The folder that handeye was installed from in editable mode, None for an ordinary install."""
    text = importlib.metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
    origin = json.loads(text) if text else {}
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(origin["url"]).path))


def system_command(need: str) -> str:
    """The command by which this system's package manager installs `need`, one of `APT_NAMES`."""
    if shutil.which("apt-get"):
        sudo = "" if os.geteuid() == 0 else "sudo "
        return f"{sudo}apt-get update && {sudo}apt-get install -y {APT_NAMES[need]}"
    for program, install in (("dnf", "dnf install -y"), ("pacman", "pacman -S --needed")):
        if need in OTHER_NAMES[program] and shutil.which(program):
            return f"{'' if os.geteuid() == 0 else 'sudo '}{install} {OTHER_NAMES[program][need]}"
    return f"install {need} with your system's package manager"


def module(name: str) -> str:
    """The command that runs a package's own program in this environment, on PATH or not."""
    return f"{shlex.quote(sys.executable)} -m {name}"


def is_debian() -> bool:
    """Debian itself: Ubuntu's package of that name is a stub for a snap."""
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False
