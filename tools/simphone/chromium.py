"""The one Chromium that draws every simulated phone of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handeye.tools.browser.chromium import find_chromium
from handeye.tools.browser.faults import start_fault
from handeye.tools.browser.options import BrowserOptions, launch_arguments

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Playwright, ProxySettings

ARGUMENTS = (
    # Pictures are drawn by the processor: the same on every machine.
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--force-color-profile=srgb",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    # Frames of phones that nobody looks at are drawn all the same.
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
    # Each phone has a window, whose address bar would keep its suggestions ready in a process of its own (45 MB a phone; measured).
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,AiModeOmniboxEntryPoint,SpareRendererForSitePerProcess,"
    "PreloadTopChromeWebUI,ResamplingScrollEvents,FilteringScrollPrediction,WebUIReloadButton,WebTransport,Translate,OptimizationHints,MediaRouter,IsolateOrigins,site-per-process",
    # The phone's own keyboard, tree and ledger work on the pages that its browser shows: they are in the shell's process and open to it.
    # (In a process of their own they would also be drawn at scale 1 and stretched.) What a page could reach so is the phone's memory only.
    "--disable-site-isolation-trials",
    "--disable-web-security",
    # What would leave a page past a proxy.
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)
HIDDEN_SCROLLBARS = "--hide-scrollbars"


async def launch(playwright: Playwright) -> Browser:
    """Start the browser. Raises `SetupError` when this machine has none, `DeviceError` when it does not start."""
    from playwright.async_api import Error

    program = find_chromium(playwright.chromium.executable_path)
    arguments = [
        each for each in launch_arguments(BrowserOptions()) if not each.startswith(("--force-device-scale-factor", "--disable-features"))
    ]
    try:
        return await playwright.chromium.launch(executable_path=program, args=[*arguments, *ARGUMENTS, HIDDEN_SCROLLBARS])
    except Error as error:
        raise start_fault(error) from error


async def new_context(browser: Browser, proxy: str = "") -> BrowserContext:
    """A context for one phone: a finger instead of a mouse, and a size that the phone itself sets. `proxy`: the one way out of it."""
    # Without the bypass a browser connects to its own machine directly.
    way: ProxySettings | None = {"server": proxy, "bypass": "<-loopback>"} if proxy else None
    return await browser.new_context(
        no_viewport=True, has_touch=True, locale="en-US", timezone_id="UTC", service_workers="block", proxy=way
    )
