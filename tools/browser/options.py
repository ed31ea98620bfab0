"""How a browser is started or joined."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Box, Size

DEFAULT_VIEWPORT = Size(1280, 800)


@dataclass(frozen=True)
class BrowserOptions:
    """How a browser is started or joined. Lengths of `viewport` and `clip` are CSS pixels."""

    viewport: Size = DEFAULT_VIEWPORT
    """Not used with `attach`, where the page's own size counts."""
    scale: float = 1.0
    """Device scale factor: pixels of the screenshot for each CSS pixel."""
    clip: Box | None = None
    """The part of the viewport that screenshots show; points of input are pixels of that picture. None: all of it."""
    headless: bool = True
    profile: Path | None = None
    """Folder of a profile that is kept: cookies, logins, history. None: a fresh one for every episode."""
    attach: str | None = None
    """Address of the debugging port of a Chrome that runs already, such as `http://127.0.0.1:9222`. It is left running."""
    executable: Path | None = None
    """None: what `find_chromium` finds."""
    base_select: bool = True
    """Draw `<select>` lists inside the page so that they can be clicked, and take away the buttons of date pickers, which cannot;
    turn it off where that breaks a page's look."""
    downloads: Path | None = None
    """Folder for what pages download. None: downloads are refused, with a note."""
    args: tuple[str, ...] = ()
    """More command line arguments for the browser."""
    timeout_s: float = 15.0
    """Longest wait for one call to the browser; a navigation may take twice that."""

    def __post_init__(self) -> None:
        if self.viewport.width < 1 or self.viewport.height < 1:
            raise InvalidAction(f"a viewport of {self.viewport} has no pixels")
        if not 0.1 <= self.scale <= 10:
            raise InvalidAction(f"a device scale factor is from 0.1 to 10, not {self.scale}")
        if self.timeout_s <= 0:
            raise InvalidAction(f"a time limit is positive, not {self.timeout_s}")
        if self.clip is not None:
            if self.clip.width < 1 or self.clip.height < 1 or self.clip.left < 0 or self.clip.top < 0:
                raise InvalidAction(f"the clip {tuple(self.clip)} is empty or begins outside of the viewport")
            if self.attach is None and self.clip.clipped(self.viewport) != self.clip:
                raise InvalidAction(f"the clip {tuple(self.clip)} reaches out of the viewport of {self.viewport}")
        if self.attach is not None and self.profile is not None:
            raise InvalidAction("a running browser has its own profile: give either attach or profile")


DROPPED_ARGUMENTS = ("--hide-scrollbars",)
"""Playwright's defaults that are taken away: a model must see that a page scrolls (precedent: ServiceNow/BrowserGym core/env.py)."""


DISABLED_FEATURES = (
    *("OverlayScrollbars", "FluentOverlayScrollbar"),
    *("OptimizationHints", "MediaRouter", "Translate", "AutofillServerCommunication"),
    # The lists below the address bar, which no screenshot shows: a process of 40 MB for each browser (Chromium 156, measured).
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
)


def launch_arguments(options: BrowserOptions) -> list[str]:
    """Command line of the browser: scroll bars that take room, no talk of the browser's own with the network, no smooth scrolling."""
    arguments = [
        # The scale is the browser's own, not emulated: a capture over CDP knows only what its own session emulates, and where that is
        # a scale, the page is told during the capture that the pointer is elsewhere (a menu that opens on hover closes; measured).
        f"--force-device-scale-factor={options.scale:g}",
        f"--disable-features={','.join(DISABLED_FEATURES)}",
        "--disable-smooth-scrolling",
        "--disable-auto-reload",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-domain-reliability",
        "--disable-sync",
        "--metrics-recording-only",
        "--no-default-browser-check",
        "--no-first-run",
        "--no-pings",
    ]
    if sys.platform.startswith("linux") and os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return arguments + list(options.args)
