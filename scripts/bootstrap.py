"""Make `.venv` and a Chromium ready, with nothing but Python's standard library, and only what is missing.

    scripts/bootstrap demo    what `handeye demo` needs: the browser, ocr, android and desktop extras, MiniWoB++'s pages, a virtual desktop
    scripts/bootstrap dev     the same, more programs to work, what local models and servers need (torch, transformers), code checkers

Everything lands in this checkout (`.venv`, `.cache`), except a distribution's own packages, which are installed only by root.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
CACHE = ROOT / ".cache"
LOG = CACHE / "bootstrap.log"
STAMP = VENV / "handeye-bootstrap.json"

REQUIREMENTS = {
    "demo": ("-e", ".[browser,ocr,android,desktop]"),
    "dev": ("-e", ".[browser,ocr,android,android-unicode,anthropic,datasets,desktop,local,offline,openai,osworld,ray,secrets,serving]"),
}
# miniwob's own dependencies (gymnasium, selenium) drive its pages in another way; handeye needs the pages alone. On Linux pyautogui and
# its companions ask for python3-xlib, whose files would overwrite python-xlib's; they work with python-xlib.
BARE_REQUIREMENTS = {
    "demo": ("--no-deps", "miniwob"),
    "dev": ("--no-deps", "miniwob", "mouseinfo", "pyautogui", "pygetwindow", "pymsgbox", "pyperclip", "pyrect", "pyscreeze", "pytweening"),
}

# Playwright's driver is a Node.js that links libatomic, which a small Debian or Ubuntu lacks.
DRIVER_LIBRARIES = ("libatomic1",)
# fonts-droid-fallback draws Chinese, Japanese and Korean in 2 MB.
DEBIAN_BROWSER = ("chromium", "fonts-liberation", "fonts-droid-fallback", *DRIVER_LIBRARIES)

# A virtual desktop and three programs for the demo; the tests also work LibreOffice, a Qt editor and the tools that peers use.
DEBIAN_DESKTOP = {
    "demo": ("xvfb", "openbox", "at-spi2-core", "xterm", "mousepad", "pcmanfm", "fonts-dejavu-core", "fonts-droid-fallback"),
    "dev": (
        *("xvfb", "openbox", "xterm", "mousepad", "pcmanfm", "fonts-dejavu-core", "fonts-droid-fallback", "fonts-noto-color-emoji"),
        *("at-spi2-core", "libatk-adaptor", "libgail-common", "curl"),
        *("featherpad", "libreoffice-calc", "libreoffice-writer", "libreoffice-gtk3", "python3-tk", "zenity"),
        *("scrot", "wmctrl", "x11-utils", "x11-xserver-utils", "xclip", "xdotool", "x11vnc", "novnc", "websockify"),
    ),
}

# What the tests drive in place of the whole browser (tests/conftest.py says why). Ubuntu has no such package.
DEBIAN_SHELL = ("chromium-headless-shell",)

DIAGNOSE = """
from handeye.agent.doctor import diagnose
for check in diagnose(["browser"], deep=True):
    if not check.ok:
        print(f"{check.name}: {check.detail}")
"""


class BootstrapError(Exception):
    """What is missing, and what the user can do about it."""


@dataclass(frozen=True)
class Installer:
    """One way to make an environment and to install into it."""

    name: str
    make_venv: tuple[str, ...]
    install: tuple[str, ...]


def say(text: str) -> None:
    print(f"handeye: {text}", file=sys.stderr, flush=True)


def run(command: Sequence[str], timeout_s: float = 1800) -> bool:
    """Run a command with its output in the log; tell whether it succeeded."""
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"\n$ {' '.join(command)}\n")
        log.flush()
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=timeout_s, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            log.write(f"{error}\n")
            return False
    return done.returncode == 0


def log_tail(lines: int = 15) -> str:
    return "\n".join(LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def is_apt_root() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: Sequence[str]) -> bool:
    return run(["apt-get", "update"]) and run(["apt-get", "install", "-y", "--no-install-recommends", *packages])


def find_pip() -> tuple[str, ...]:
    """A pip that runs: Python's own, else one in a private environment, since Debian splits pip and ensurepip from Python."""
    own = (sys.executable, "-m", "pip")
    if run([*own, "--version"]):
        return own
    private = CACHE / "pip"
    pip = (str(private / "bin" / "python"), "-m", "pip")
    make_private = [sys.executable, "-m", "venv", "--clear", str(private)]
    if run([*pip, "--version"]) or run(make_private):
        return pip
    package = f"python3.{sys.version_info.minor}-venv"
    if is_apt_root():
        say(f"installing {package} (apt-get), for pip")
        if apt_install([package]) and run(make_private):
            return pip
    raise BootstrapError(
        f"this Python ({sys.executable}) has neither pip nor ensurepip, and there is no uv.\n"
        f"Install either, then run this again:\n  Debian, Ubuntu:  apt-get install {package}\n  or uv:           see its documentation"
    )


def find_uv() -> str | None:
    """A uv that runs: the one on PATH, else a private one, installed now if need be. None where it cannot be had."""
    private = CACHE / "uv"
    for candidate in ("uv", str(private / "bin" / "uv")):
        if run([candidate, "--version"]):
            return candidate
    say("fetching uv into .cache")
    if run([*find_pip(), "install", "--quiet", "--upgrade", "--target", str(private), "uv"]):
        return str(private / "bin" / "uv")
    return None


def installers() -> Iterator[Installer]:
    """The ways to install, best first. pip comes second: slower, but it knows the user's own pip settings (mirrors, proxies)."""
    if uv := find_uv():
        venv = (uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV))
        yield Installer("uv", venv, (uv, "pip", "install", "--python", str(VENV_PYTHON)))
    venv = (sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV))
    yield Installer("pip", venv, (*find_pip(), "--python", str(VENV_PYTHON), "install"))


def dev_requirements() -> tuple[str, ...]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return tuple(project["dependency-groups"]["dev"])


def fingerprint() -> str:
    """Changes when what would be installed changes."""
    digest = hashlib.sha256(str(sys.version_info[:2]).encode())
    for name in ("pyproject.toml", "constraints.txt", "scripts/bootstrap.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """What an earlier run brought about."""

    fingerprint: str
    purpose: str
    browser: bool
    desktop: str = ""
    """The purpose that a desktop's packages were seen to for."""

    def write(self) -> None:
        STAMP.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read_stamp() -> Stamp | None:
    """None where nothing was set up, or where something else would be set up now."""
    try:
        stamp = Stamp(**json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    # The interpreter behind a .venv goes away when the system's Python is upgraded.
    return stamp if VENV_PYTHON.exists() and stamp.fingerprint == fingerprint() else None


def still_to_do(purpose: str, browser: bool, stamp: Stamp | None) -> tuple[bool, bool]:
    """Whether packages must be installed, and whether the browser must be seen to; dev holds all that demo does."""
    installed = stamp is not None and stamp.purpose in (purpose, "dev")
    return not installed, browser and not (stamp is not None and stamp.browser)


def set_up(purpose: str, browser: bool) -> None:
    """Do what an earlier run has not done, and note each part once it is done. One at a time, for `make -j`."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _set_up(purpose, browser)


def _set_up(purpose: str, browser: bool) -> None:
    stamp = read_stamp()
    packages_due, browser_due = still_to_do(purpose, browser, stamp)
    if packages_due or browser_due:
        LOG.unlink(missing_ok=True)
    if packages_due or stamp is None:
        install(purpose)
        stamp = Stamp(fingerprint(), purpose, browser=stamp is not None and stamp.browser, desktop=stamp.desktop if stamp else "")
        stamp.write()
    if browser_due:
        ensure_browser()
        stamp = replace(stamp, browser=True)
        stamp.write()
    if browser and stamp.desktop not in (purpose, "dev"):
        ensure_desktop(purpose)
        if purpose == "dev":
            ensure_shell()
        replace(stamp, desktop=purpose).write()


def install(purpose: str) -> None:
    """Bring `.venv` to what pyproject.toml and constraints.txt say."""
    say(f"installing handeye into .venv ({purpose}; the first time takes about a minute)")
    STAMP.unlink(missing_ok=True)
    requirements = REQUIREMENTS[purpose] + (dev_requirements() if purpose == "dev" else ())
    for installer in installers():
        add = [*installer.install, "--quiet", "--constraint", "constraints.txt"]
        usable = run([str(VENV_PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]) or run(installer.make_venv)
        if usable and run([*add, *requirements]) and run([*add, *BARE_REQUIREMENTS[purpose]]):
            return
        say(f"{installer.name} could not install it")
    raise BootstrapError(f"the packages could not be installed. The end of {LOG}:\n\n{log_tail()}")


def browser_faults() -> list[str]:
    """What keeps pages from opening and being seen, as handeye's own doctor finds by opening one. Empty: nothing does."""
    done = subprocess.run([VENV_PYTHON, "-c", DIAGNOSE], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"\n$ handeye doctor --deep (browser)\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines() if done.returncode == 0 else [f"handeye itself fails: {done.stderr.strip().splitlines()[-1]}"]


def is_debian() -> bool:
    """Debian itself: on Ubuntu the package of that name is a stub for a snap."""
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def ensure_browser() -> None:
    """See that pages open: in a system Chromium or playwright's, else install the distribution's (root on Debian) or playwright's."""
    faults = browser_faults()
    if faults and is_apt_root():
        say("installing what the browser lacks (apt-get)")
        apt_install(DEBIAN_BROWSER if is_debian() else DRIVER_LIBRARIES)
        faults = browser_faults()
    if any(fault.startswith("chromium:") for fault in faults):
        say("fetching Chromium (playwright)")
        # Playwright installs the system libraries and fonts that its Chromium needs through apt, which takes root.
        system = ["--with-deps"] if is_apt_root() else []
        run([str(VENV_PYTHON), "-m", "playwright", "install", *system, "chromium"], timeout_s=900)
        faults = browser_faults()
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise BootstrapError(
            f"the browser does not work yet:\n{listed}\nEither of these mends it; then run this again:\n"
            f"  Debian:    apt-get update && apt-get install -y {' '.join(DEBIAN_BROWSER)}\n"
            f"  anywhere:  .venv/bin/playwright install --with-deps chromium\nAll that was tried stands in {LOG}."
        )


def missing_packages(packages: Sequence[str]) -> list[str]:
    """Those of Debian's packages that are not installed."""
    asked = ["dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package}\n", *packages]
    told = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout
    there = {line.removeprefix("installed ") for line in told.splitlines() if line.startswith("installed ")}
    return [package for package in packages if package not in there]


def ensure_desktop(purpose: str) -> None:
    """Install what a virtual desktop needs, where root can. Without it what needs a desktop leaves itself out and says why."""
    if is_apt_root() and (missing := missing_packages(DEBIAN_DESKTOP[purpose])):
        say("installing a virtual desktop and programs for it (apt-get)")
        if not apt_install(missing):
            say(f"they could not be installed, so the desktop's part will be left out; see {LOG}")


def ensure_shell() -> None:
    """Install the browser without windows for the tests, where root can. Without it they drive the whole one, and take longer."""
    if is_apt_root() and is_debian() and missing_packages(DEBIAN_SHELL):
        say("installing a browser without windows for the tests (apt-get)")
        if not apt_install(DEBIAN_SHELL):
            say(f"it could not be installed, so the tests take longer; see {LOG}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("purpose", choices=("demo", "dev"))
    parser.add_argument("--no-browser", action="store_true", help="leave the browser as it is")
    arguments = parser.parse_args()
    try:
        set_up(arguments.purpose, browser=not arguments.no_browser)
    except BootstrapError as error:
        say(str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
