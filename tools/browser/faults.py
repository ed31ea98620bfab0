"""Playwright's exceptions as ours. No other file of handeye reads them."""

from __future__ import annotations

import re

from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, HandeyeError, SetupError

_NETWORK = {
    "ERR_NAME_NOT_RESOLVED": "no host has that name",
    "ERR_CONNECTION_REFUSED": "nothing listens there (connection refused)",
    "ERR_CONNECTION_RESET": "the connection was reset",
    "ERR_CONNECTION_CLOSED": "the server closed the connection",
    "ERR_CONNECTION_TIMED_OUT": "the server did not answer in time",
    "ERR_TIMED_OUT": "the server did not answer in time",
    "ERR_INTERNET_DISCONNECTED": "this machine has no network",
    "ERR_ADDRESS_UNREACHABLE": "the address cannot be reached",
    "ERR_EMPTY_RESPONSE": "the server sent nothing",
    "ERR_INVALID_URL": "that is not an address",
    "ERR_FILE_NOT_FOUND": "there is no such file",
    "ERR_TOO_MANY_REDIRECTS": "the server redirects in circles",
    "ERR_UNSAFE_PORT": "browsers refuse that port",
    "ERR_BLOCKED_BY_CLIENT": "the request was blocked",
    "ERR_TUNNEL_CONNECTION_FAILED": "the proxy refused it: the host is not on the list, leads to a private address, or does not answer",
    "ERR_PROXY_CONNECTION_FAILED": "the proxy that is the browser's only way out is gone; start again",
    "ERR_ABORTED": "the page did not open (no content, or a download)",
}
_LOST = ("has been closed", "Connection closed", "Target closed", "browser has disconnected", "Browser closed")
_CONTEXT_GONE = (
    "Execution context was destroyed",
    "Inspected target navigated or closed",
    "Cannot find context",
    "Promise was collected",
    "frame was detached",
)


def network_reason(text: str) -> str | None:
    """What Chromium's `net::ERR_...` code in `text` means, in words; None if there is none."""
    found = re.search(r"ERR_[A-Z_]+", text)
    return None if found is None else f"{_NETWORK.get(found.group(), 'the network refused it')} ({found.group()})"


def context_gone(error: BaseException) -> bool:
    """Whether a script was cut off because its document went away."""
    return any(words in str(error) for words in _CONTEXT_GONE)


_BETWEEN = ("Not attached to an active page", "Unable to capture screenshot")
"""What Chromium says when a page has no surface to capture: its old one is gone and the new one, which may belong to another process, is
not there yet."""


def between_documents(error: BaseException) -> bool:
    """Whether a capture failed because one document was just giving way to another: it is worth another try."""
    return any(words in str(error) for words in _BETWEEN)


def fault(error: BaseException, doing: str) -> DeviceError:
    """Our error for one of Playwright's that came up while `doing` (words such as "opening https://...")."""
    text = str(error)
    first = text.split("\n")[0].split("Call log")[0].strip()
    if type(error).__name__ == "TimeoutError":
        return DeviceTimeout(f"The browser did not answer in time while {doing}.")
    if reason := network_reason(text):
        return DeviceError(f"{doing[:1].upper()}{doing[1:]} failed: {reason}.")
    if any(words in text for words in _LOST):
        return DeviceLost(f"The browser or its page was closed while {doing}.")
    return DeviceError(f"{doing[:1].upper()}{doing[1:]} failed: {first}")


def start_fault(error: BaseException) -> HandeyeError:
    """Our error for a browser that did not start; Playwright's text holds what the browser wrote."""
    text = str(error)
    if "Missing X server" in text or "without having a XServer" in text:
        return SetupError("A visible browser needs a display, and there is none.", fix="leave it headless, or run under xvfb-run")
    if library := re.search(r"error while loading shared libraries: ([^\s:]+)", text):
        return SetupError(f"The browser lacks the system's library {library.group(1)}.", fix="playwright install-deps chromium")
    if unusable := re.search(r"(?:[Ee]xecutable doesn't exist at|spawn) (\S+?)(?: (?:ENOENT|EACCES))?(?=\s|$)", text):
        return SetupError(f"There is no program to start at {unusable.group(1)}.", fix="give the path of a Chromium or Chrome")
    if "user data directory is already in use" in text or "ProcessSingleton" in text:
        return DeviceError("The profile is in use by another browser.", fix="close that browser, or take another profile folder")
    said = re.findall(r"\[err\] (.+)", text)
    return DeviceError(f"The browser did not start: {said[-1] if said else text.splitlines()[0]}")
