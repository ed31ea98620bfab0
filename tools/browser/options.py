"""How a browser is started or joined."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handeye.tools.browser.permissions import PERMISSIONS
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Box, Size

if TYPE_CHECKING:
    from handeye.tools.egress import Allowed

DEFAULT_VIEWPORT = Size(1280, 800)


_ENDING = re.compile(r"\.?[A-Za-z0-9_+-]{1,20}|\*")


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
    allowed: Allowed | None = None
    """Where the browser may go and what its pages may load: everything else is refused, by a proxy that is the only way out. None: no
    limit, no proxy."""
    proxy_port: int = 0
    """Port of that proxy on loopback. 0: any that is free."""
    guard: bool = False
    """Pages are prepared for looks at what input would touch and for guarding it (`SightedDriver`), and requests by which they change
    something on their servers can be held back (`BrowserDriver.hold_effects`)."""
    download_bytes: int | None = None
    """The largest file that may be downloaded; a larger one is cut off on its way. None: any size."""
    download_kinds: tuple[str, ...] | None = None
    """Endings of the files that may be downloaded, such as `pdf`; `*` is all. None: all, but with `allowed` or `guard` only
    documents, pictures, sound and video (`downloads.DOCUMENTS`)."""
    upload_from: tuple[Path, ...] | None = None
    """Folders from which files may be given to pages. None: all, but with `allowed` or `guard` none."""
    permissions: tuple[str, ...] = ()
    """What pages may do of `permissions.PERMISSIONS`; the others are denied. A running browser (`attach`) keeps what its owner set."""

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
        if self.download_bytes is not None and self.download_bytes < 1:
            raise InvalidAction(f"a limit for downloads is positive, not {self.download_bytes} bytes")
        if wrong := [kind for kind in self.download_kinds or () if not _ENDING.fullmatch(kind)]:
            raise InvalidAction(f"{wrong[0]!r} is no kind of file; write its ending, as pdf, or * for all")
        if not 0 <= self.proxy_port <= 65535:
            raise InvalidAction(f"a port is a number from 0 to 65535, not {self.proxy_port}")
        if wrong := sorted(set(self.permissions) - set(PERMISSIONS)):
            raise InvalidAction(f"{wrong[0]!r} is no permission of a page; those are {', '.join(sorted(PERMISSIONS))}")
        if self.allowed is not None:
            self._check_one_way_out()

    @property
    def restricted(self) -> bool:
        """Whether this browser is to be left alone: what is not allowed by name is refused then."""
        return self.allowed is not None or self.guard

    def _check_one_way_out(self) -> None:
        if self.attach is not None:
            raise SetupError(
                "A list of hosts cannot be kept in a browser that runs already: what it was started with (its proxy, its extensions, "
                "WebRTC by UDP) and what its open pages hold cannot be changed any more.",
                fix="let handeye start the browser: leave --attach out, and name a folder with --profile to keep cookies and log-ins",
            )
        for argument in self.args:
            # Chromium, too, leaves out the spaces around an argument.
            if argument.split("=")[0].strip().lstrip("-").lower() in FORBIDDEN_ARGUMENTS:
                raise SetupError(
                    f"With a list of hosts the browser takes no {argument.split('=')[0]}: it could open a second way out.",
                    fix="take the argument away, or the list",
                )


DROPPED_ARGUMENTS = ("--hide-scrollbars",)
"""Playwright's defaults that are taken away: a model must see that a page scrolls (precedent: ServiceNow/BrowserGym core/env.py)."""


DISABLED_FEATURES = (
    *("OverlayScrollbars", "FluentOverlayScrollbar"),
    *("OptimizationHints", "MediaRouter", "Translate", "AutofillServerCommunication"),
    # The lists below the address bar, which no screenshot shows: a process of 40 MB for each browser (Chromium 156, measured).
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
)


FORBIDDEN_ARGUMENTS = frozenset(
    {
        *("proxy-server", "proxy-bypass-list", "proxy-pac-url", "proxy-auto-detect", "no-proxy-server", "winhttp-proxy-resolver"),
        *("host-rules", "host-resolver-rules", "enable-quic", "origin-to-force-quic-on", "webtransport-developer-mode"),
        *("load-extension", "enable-extensions", "disable-extensions-except", "enable-features", "disable-features"),
        *("enable-blink-features", "webrtc-ip-handling-policy", "force-webrtc-ip-handling-policy", "remote-debugging-port"),
        *("remote-debugging-address", "remote-allow-origins", "restore-last-session", "app", "load-and-launch-app", "user-data-dir"),
        *("enable-experimental-web-platform-features", "force-fieldtrials", "install-isolated-web-app-from-url"),
        *("auto-open-devtools-for-tabs", "use-fake-ui-for-media-stream", "auto-accept-this-tab-capture", "auto-grant-permissions"),
    }
)
"""Arguments that could change the one way out, or what keeps pages from going round it."""

RESTRICTED_FEATURES = (
    # As Playwright does, whose own list ours replaces: Chromium 155 and later abort preflighted redirects while requests are intercepted.
    "AvoidCorsURLLoaderRestartOnRedirect",
    # The browser's own calls: refused by the proxy, and only noise in its record.
    *("PreconnectToSearch", "NetworkTimeServiceQuerying", "AimEnabled", "LensOverlay", "InterestFeedContentSuggestions"),
    # A page that is listed over http alone stays on http.
    *("HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable"),
    *("PrivacySandboxSettings4", "FencedFrames", "WebTransport"),
)

ONE_WAY_OUT = (
    *("--webrtc-ip-handling-policy=disable_non_proxied_udp", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"),
    *("--disable-quic", "--dns-prefetch-disable", "--disable-extensions", "--disable-component-extensions-with-background-pages"),
    *("--disable-background-mode", "--no-service-autorun", "--hide-crash-restore-bubble"),
    # Nothing is looked up or dialled but the proxy: Chromium's own calls for names over https ask for no proxy (measured: dns.google, by
    # itself, where the system's name server is Google's), and what else should go round it finds no host.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""What keeps a browser with a list from going round its proxy, or from talking by itself. Chromium has had both names of the policy."""


def launch_arguments(options: BrowserOptions) -> list[str]:
    """Command line of the browser: scroll bars that take room, no talk of the browser's own with the network, no smooth scrolling."""
    arguments = [
        # The scale is the browser's own, not emulated: a capture over CDP knows only what its own session emulates, and where that is
        # a scale, the page is told during the capture that the pointer is elsewhere (a menu that opens on hover closes; measured).
        f"--force-device-scale-factor={options.scale:g}",
        f"--disable-features={','.join((*DISABLED_FEATURES, *(RESTRICTED_FEATURES if options.restricted else ())))}",
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
    if options.allowed is not None:
        arguments += ONE_WAY_OUT
    return arguments + list(options.args)
