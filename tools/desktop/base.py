"""What every driver of a desktop can do beside a `PointerDevice`."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from handeye.tools.device import PointerDevice


@runtime_checkable
class DesktopDriver(PointerDevice, Protocol):
    """A desktop: the X server's (`X11Driver`), or the one that pyautogui finds (`PyAutoGuiDriver`)."""

    @property
    def name(self) -> str:
        """Which screen this is: an X display's name, else the system's (`macOS`, `Windows`)."""

    def title(self) -> str:
        """Title of the active window; empty where there is none or the system does not tell."""
