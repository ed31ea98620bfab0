"""The doctor's look at what a desktop needs: a screen that lets itself be driven, and what starts and shows a virtual one."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from handeye.agent.check_result import Check
from handeye.agent.install_commands import install_command, system_command
from handeye.tools.desktop.show import missing_pieces
from handeye.tools.desktop.virtual import WINDOW_MANAGERS

EXTRA = "desktop"
PROBE_LIMIT_S = 30.0
ASK_DISPLAY = """
import sys
from Xlib.display import Display
display = Display(sys.argv[1])
print("XTEST" if display.has_extension("XTEST") else "-", "XWAYLAND" if display.has_extension("XWAYLAND") else "-")
"""


def check_desktop(deep: bool) -> list[Check]:
    """The screen that is there, the driver for it, and (on Linux) what a virtual desktop takes. Nothing is started."""
    if sys.platform != "linux":
        return [_screen(), *_pyautogui_packages()]
    # pyautogui serves on Linux only where someone has installed it beside the x11 driver.
    wanted = [_clipboard()] if importlib.util.find_spec("pyautogui") else []
    return [*_display(os.environ), *wanted, _program("Xvfb", "xvfb", "--virtual"), _window_manager(), _show()]


def _screen() -> Check:
    if sys.platform == "darwin":
        detail = "macOS's own; it asks once for Screen Recording and Accessibility (System Settings > Privacy & Security)"
        return Check(EXTRA, "display", True, detail)
    return Check(EXTRA, "display", True, "the system's")


def _pyautogui_packages() -> list[Check]:
    missing = [name for name in ("pyautogui", "pyperclip", "mss") if importlib.util.find_spec(name) is None]
    fix = install_command(EXTRA) if missing else None
    return [Check(EXTRA, "driver", not missing, f"missing: {', '.join(missing)}" if missing else "pyautogui", fix)]


def _display(environment: Mapping[str, str]) -> list[Check]:
    """What DISPLAY names, and whether it takes input from programs."""
    display = environment.get("DISPLAY", "")
    install = "" if shutil.which("Xvfb") else f"{system_command('xvfb')}; "
    fix = f"handeye run ... --env desktop --virtual, or {install}Xvfb :99 -screen 0 1280x800x24 & export DISPLAY=:99"
    if not display:
        wayland = environment.get("WAYLAND_DISPLAY")
        found = "only a Wayland display, which lets no program drive another" if wayland else "DISPLAY is not set"
        return [Check(EXTRA, "display", False, found, fix)]
    number = display.removeprefix("unix").removeprefix(":").partition(".")[0]
    local = display.startswith((":", "unix:"))
    if local and not Path(f"/tmp/.X11-unix/X{number}").exists():
        return [Check(EXTRA, "display", False, f"DISPLAY is {display}, but no X server listens there", fix)]
    if not local or importlib.util.find_spec("Xlib") is None:
        # One that is far away may keep the doctor waiting.
        return [Check(EXTRA, "display", True, f"X11 at {display}")]
    answer = _asked(display)
    if "XTEST" not in answer and "-" not in answer.split():
        return [Check(EXTRA, "display", False, f"DISPLAY is {display}, which lets nobody in ({answer})", fix)]
    bridged = "XWAYLAND" in answer or bool(environment.get("WAYLAND_DISPLAY"))
    kind = f"XWayland at {display}: only X11 programs can be seen and driven" if bridged else f"X11 at {display}"
    xtest = "XTEST" in answer
    return [
        Check(EXTRA, "display", True, kind),
        Check(EXTRA, "xtest", xtest, "there" if xtest else "missing: no input can be sent", None if xtest else fix),
    ]


def _asked(display: str) -> str:
    """What the display says of itself, in a process of its own: a server that hangs must not take the doctor with it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", ASK_DISPLAY, display]
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PROBE_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {PROBE_LIMIT_S:.0f} s"
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return lines[-1] if lines else "no answer"


def _clipboard() -> Check:
    """What keeps the clipboard while pyautogui's driver pastes what its keys cannot give."""
    found = next((name for name in ("xclip", "xsel") if shutil.which(name)), None)
    detail = found or "neither xclip nor xsel: pyautogui's driver cannot type beyond the keyboard's layout where the clipboard is in use"
    return Check(EXTRA, "clipboard", found is not None, detail, None if found else system_command("clipboard"))


def _program(name: str, need: str, option: str) -> Check:
    path = shutil.which(name)
    return Check(EXTRA, name, path is not None, path or f"not found; {option} needs it", None if path else system_command(need))


def _window_manager() -> Check:
    found = next((name for name in WINDOW_MANAGERS if shutil.which(name)), None)
    fix = None if found else system_command("window manager")
    return Check(EXTRA, "window manager", found is not None, found or "none found; --virtual needs one", fix)


def _show() -> Check:
    """What lets a person watch a virtual desktop in a browser."""
    missing = missing_pieces()
    detail = f"missing: {', '.join(missing)}; handeye desktop --show needs them" if missing else "x11vnc, websockify, noVNC"
    return Check(EXTRA, "show", not missing, detail, system_command("show") if missing else None)
