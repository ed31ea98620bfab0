"""Desktops: any screen with a pointer and a keyboard. `X11Driver` is the one for Linux, `PyAutoGuiDriver` the one for the others."""

from __future__ import annotations

from handeye.tools.desktop.base import DesktopDriver
from handeye.tools.desktop.x11 import X11Driver

__all__ = ["DesktopDriver", "X11Driver"]
