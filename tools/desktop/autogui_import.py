"""pyautogui, imported without its traps.

Its import opens the display that DISPLAY names (KeyError without one), and draws in mouseinfo, which ends the whole process where
tkinter is missing, beside pymsgbox and pyscreeze, which want tkinter or scrot. Nothing of those is used here, and pyautogui goes on
without each of them where its import fails: so they are kept out. Read from the sources of pyautogui 0.9.54 and mouseinfo 0.1.3.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from handeye.tools.errors import SetupError

UNUSED = ("mouseinfo", "pymsgbox", "pyscreeze", "pytweening")
INSTALL = "pip install 'handeye[desktop]'"
INSTALL_ON_LINUX = "pip install --no-deps pyautogui"
"""Its dependencies would overwrite python-xlib's files with those of an abandoned copy, python3-xlib; none of them is needed."""
_LOCK = threading.Lock()


def load_pyautogui(display: str = "") -> Any:
    """The module, ready for use: no fail-safe, no pause. `display`: the X display to join, on Linux.

    Raises `SetupError` when it is not installed, cannot be imported, cannot reach the display, or holds another display already.
    """
    with _LOCK:
        module: Any = sys.modules.get("pyautogui") or _imported(display)
        if display:
            _refuse_other(module, display)
        # Every call looks at both: set again each time, in case other code in this process wants them.
        module.FAILSAFE, module.PAUSE = False, 0
        return module


def _imported(display: str) -> Any:
    linux = sys.platform.startswith("linux")
    install = INSTALL_ON_LINUX if linux else INSTALL
    try:
        with _environment("DISPLAY", display), _kept_out(UNUSED):
            import pyautogui

        return pyautogui
    except ImportError as error:
        missing = "python-xlib" if error.name and error.name.startswith("Xlib") else "pyautogui"
        mend = "pip install 'handeye[desktop]'" if missing == "python-xlib" else install
        raise SetupError(f"This driver of the desktop needs the package {missing} ({error}).", fix=mend) from error
    except KeyError as error:
        raise SetupError("DISPLAY is not set: there is no X display.", fix="use a virtual desktop (--virtual), or set DISPLAY") from error
    except SystemExit as error:
        raise SetupError(
            f"pyautogui ended its own import ({error}).", fix="install tkinter, as in apt-get install -y python3-tk"
        ) from error
    except AssertionError as error:
        # macOS: this is how it says that pyobjc is not there.
        raise SetupError(f"pyautogui cannot be used ({error}).", fix="pip install pyobjc-core pyobjc-framework-quartz") from error
    except _display_errors() as error:
        raise SetupError(f"The display {display} cannot be opened ({error}).", fix="start it, or name another with --display") from error
    except (OSError, RuntimeError, NotImplementedError) as error:
        raise SetupError(f"pyautogui cannot be used ({error}).", fix=install) from error
    finally:
        if "pyautogui" in sys.modules and not hasattr(sys.modules["pyautogui"], "platformModule"):
            del sys.modules["pyautogui"]


def _display_errors() -> tuple[type[Exception], ...]:
    try:
        from Xlib.error import DisplayError, XauthError, XError
    except ImportError:
        return ()
    return (DisplayError, XauthError, XError)


def _refuse_other(module: Any, display: str) -> None:
    held = str(module.platformModule._display.get_display_name())
    if _full(held) != _full(display):
        raise SetupError(
            f"pyautogui holds the display {held} in this process, it cannot join {display} too.",
            fix="use the x11 driver (--driver x11), which can, or a process of its own",
        )


def _full(display: str) -> str:
    """`:7` as `:7.0`."""
    return display if "." in display.rpartition(":")[2] else f"{display}.0"


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    if value:
        os.environ[name] = value
    try:
        yield
    finally:
        if value and before is None:
            del os.environ[name]
        elif value and before is not None:
            os.environ[name] = before


@contextmanager
def _kept_out(names: Sequence[str]) -> Iterator[None]:
    """Imports of `names` fail with `ImportError`, unless they were imported before."""
    absent = [name for name in names if name not in sys.modules]
    modules: dict[str, Any] = sys.modules
    for name in absent:
        modules[name] = None
    try:
        yield
    finally:
        for name in absent:
            modules.pop(name, None)
