"""What the phone's browser gets: pages of the real web, pages that ship with it, files of the phone, pages that say what went wrong.

The browser app shows a page in a frame, which much of the web refuses or treats as a stranger. So the documents of frames are fetched
here, and handed on without what forbids frames; `agent.js` in the app's folder tells the app what goes on in them.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import socket
from functools import partial
from ipaddress import ip_address
from itertools import count
from mimetypes import guess_type
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from handeye.tools.egress.addresses import private_reason
from handeye.tools.egress.hosts import Allowed
from handeye.tools.simphone.files import FileFault
from handeye.tools.simphone.manifest import app_folder
from handeye.tools.simphone.options import PhoneOptions
from handeye.tools.simphone.state import DeviceState

if TYPE_CHECKING:
    from playwright.async_api import APIResponse, BrowserContext, Request, Route

SHELL_HOST = "phone.internal"
"""Host of the phone's own pages; nothing here touches them."""
FILE_HOST = "file.internal"
"""Host under which the browser shows `file:///` addresses: an origin of its own, so that a page from a file cannot reach the phone's."""
EMULATOR_HOST = "10.0.2.2"
"""Where an Android emulator finds the machine that it runs on (developer.android.com/studio/run/emulator-networking)."""
DOWNLOADS = "/storage/emulated/0/Download"
SHOWN = ("text/", "image/", "video/", "audio/", "application/json", "application/xml", "application/xhtml", "application/javascript")
"""MIME types that a frame shows; a document of any other is downloaded."""
FETCH_TIMEOUT_MS = 20_000
REFUSALS = {"x-frame-options", "cross-origin-opener-policy", "cross-origin-embedder-policy", "cross-origin-resource-policy"}
"""Headers of a document that keep it out of a frame."""
SPENT = {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"}
"""Headers that were true on the wire only."""
FAULTS = (
    ("ERR_NAME_NOT_RESOLVED", ("ENOTFOUND", "EAI_AGAIN", "getaddrinfo"), "{host}'s server IP address could not be found."),
    ("ERR_CONNECTION_REFUSED", ("ECONNREFUSED",), "{host} refused to connect."),
    ("ERR_CONNECTION_TIMED_OUT", ("Timeout", "ETIMEDOUT", "timed out"), "{host} took too long to respond."),
    ("ERR_CERT_INVALID", ("certificate", "CERT", "SSL", "altname"), "The certificate of {host} is not valid, so this page was not opened."),
    ("ERR_CONNECTION_RESET", ("ECONNRESET", "hang up", "EPIPE"), "The connection to {host} was reset."),
    ("ERR_ADDRESS_UNREACHABLE", ("EHOSTUNREACH", "ENETUNREACH"), "{host} is unreachable."),
)
"""Chromium's name of a fault, what Node's messages for it contain, and what the page says."""


NO_WAY_ROUND = """for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport"])
  Object.defineProperty(globalThis, name, {value: undefined, writable: false, configurable: false});"""
"""What of a page does not go through a proxy is not there."""


async def prepare(context: BrowserContext, state: DeviceState) -> None:
    """Let the frames of `context` show pages. To be called once, before its page is opened; the phone's own pages are the caller's."""
    allowed = allowed_hosts(state.options)
    if allowed is not None:
        await context.add_init_script(NO_WAY_ROUND)
    await context.add_init_script(app_folder("browser").joinpath("agent.js").read_text(encoding="utf-8"))
    await context.route(is_outside, partial(answer, state, allowed))


def allowed_hosts(options: PhoneOptions) -> Allowed | None:
    """The list that is in force on a phone; None: there is none. Raises `SetupError` for a pattern that is wrong."""
    return Allowed.read(options.allow_hosts, options.load_hosts) if options.allow_hosts or options.load_hosts else None


def is_outside(url: str) -> bool:
    """Whether an address is one of the web, or of a file that the browser shows."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and parts.hostname != SHELL_HOST


async def answer(state: DeviceState, allowed: Allowed | None, route: Route, request: Request) -> None:
    """Answer one request of a page."""
    from playwright.async_api import Error

    parts = urlsplit(request.url)
    host = parts.hostname or ""
    try:
        if host == FILE_HOST:
            await _answer_with_file(state, route, unquote(parts.path))
        elif allowed is not None and (why := allowed.refusal(request.url, _is_document(request))):
            await _give_up(route, request, "ERR_BLOCKED_BY_ADMINISTRATOR", f"This address may not be opened on this phone: {why}.")
        elif (shipped := shipped_page(host, parts.path)) is not None:
            await route.fulfill(status=200, content_type=shipped[0], body=shipped[1])
        elif allowed is None and from_afar(request) and (is_near(host) or await leads_inside(host)):
            await route.abort("blockedbyclient")
        elif not online(state, host):
            await _give_up(route, request, "ERR_INTERNET_DISCONNECTED", "You are offline. Turn on Wi-Fi or mobile data, then try again.")
        elif host.endswith(".example"):
            await _give_up(route, request, "ERR_NAME_NOT_RESOLVED", f"{host}'s server IP address could not be found.")
        elif await _is_ours_to_fetch(request, host):
            await _fetch(state, route, request)
        else:
            await route.continue_()
    except Error:
        # The frame went away while its answer was on the way: nobody waits for it any more.
        return


def online(state: DeviceState, host: str) -> bool:
    """Whether the phone reaches `host`: this machine always, another one over Wi-Fi or mobile data."""
    if _is_here(host):
        return True
    if state.setting("global", "wifi_on", "1") != "0":
        return True
    return state.setting("global", "mobile_data", "1") != "0" and state.setting("global", "airplane_mode_on", "0") != "1"


def shipped_page(host: str, path: str) -> tuple[str, bytes] | None:
    """MIME type and bytes of a page that ships in the browser's folder (its hosts end in `.example`, RFC 2606); None: there is none."""
    names = [name for name in unquote(path).split("/") if name]
    if not host.endswith(".example") or not all(re.fullmatch(r"[A-Za-z0-9_-]+(\.[a-z]+)?", name) for name in [host, *names]):
        return None
    last = names[-1] if names else "index"
    file = app_folder("browser").joinpath("pages", host, *names[:-1], last if "." in last else f"{last}.html")
    if not file.is_file():
        return None
    return _mime(file.name), file.read_bytes()


def error_page(code: str, text: str, url: str) -> str:
    """A page that says why another one could not be shown."""
    template = app_folder("browser").joinpath("pages", "error.html").read_text(encoding="utf-8")
    title = urlsplit(url).hostname or url
    for name, value in (("TITLE", title), ("CODE", code), ("TEXT", text)):
        template = template.replace(f"%{name}%", html.escape(value))
    return template


async def _answer_with_file(state: DeviceState, route: Route, path: str) -> None:
    try:
        data = state.files.read(path)
    except FileFault:
        page = error_page("ERR_FILE_NOT_FOUND", "The file may have been moved or deleted.", path)
        await route.fulfill(status=404, content_type="text/html; charset=utf-8", body=page)
        return
    await route.fulfill(status=200, content_type=_mime(path), body=data)


async def _fetch(state: DeviceState, route: Route, request: Request) -> None:
    from playwright.async_api import Error

    try:
        # A redirection of a script is nobody's address, and one that sends a form again keeps its method: both are followed by the fetch.
        response = await route.fetch(url=_here(request.url), max_redirects=0 if _is_document(request) else 20, timeout=FETCH_TIMEOUT_MS)
        if response.status in (307, 308) and request.method != "GET":
            response = await route.fetch(url=_here(request.url), timeout=FETCH_TIMEOUT_MS)
        body = await response.body()
    except Error as error:
        host = urlsplit(request.url).hostname or request.url
        for code, marks, text in FAULTS:
            if any(mark in error.message for mark in marks):
                await _give_up(route, request, code, text.format(host=host))
                return
        await _give_up(route, request, "ERR_FAILED", f"{host} could not be reached.")
        return
    # With a list in force its proxy has judged every hop.
    if (
        not state.options.allow_hosts
        and is_near(urlsplit(response.url).hostname or "")
        and not is_near(urlsplit(request.url).hostname or "")
        and from_afar(request)
    ):
        await route.abort("blockedbyclient")
        return
    location = response.headers.get("location", "")
    if 300 <= response.status < 400 and location:
        await route.fulfill(status=200, content_type="text/html; charset=utf-8", body=_redirection(urljoin(request.url, location)))
        return
    if _is_document(request) and (name := _download_name(response, request.url)):
        await _save(state, route, name, body)
        return
    await route.fulfill(status=response.status, headers=_frame_headers(response), body=body)


async def _give_up(route: Route, request: Request, code: str, text: str) -> None:
    if _is_document(request):
        # With another status than 200 an empty body would become Chromium's own error page; this one is drawn like the phone.
        await route.fulfill(status=502, content_type="text/html; charset=utf-8", body=error_page(code, text, request.url))
    else:
        await route.abort("internetdisconnected" if code == "ERR_INTERNET_DISCONNECTED" else "failed")


def _download_name(response: APIResponse, url: str) -> str:
    """The name of a file that is to be kept instead of shown; empty for what a frame can show."""
    disposition = response.headers.get("content-disposition", "")
    kind = response.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    if not disposition.lower().startswith("attachment") and (kind.startswith(SHOWN) or kind.endswith(("+xml", "+json"))):
        return ""
    given = re.search(r"""filename\*=UTF-8''([^;]+)|filename="?([^";]+)""", disposition, re.IGNORECASE)
    last = (given.group(1) or given.group(2)) if given else urlsplit(url).path.rpartition("/")[2]
    name = re.sub(r"[/\x00-\x1f\x7f]", "_", unquote(last).strip()) or "download"
    return name.encode()[:200].decode(errors="ignore") if name.strip(".") else "download"


async def _save(state: DeviceState, route: Route, name: str, body: bytes) -> None:
    stem, dot, ending = name.rpartition(".") if "." in name[1:] else (name, "", "")
    state.files.mkdir(DOWNLOADS, parents=True)
    path = f"{DOWNLOADS}/{name}"
    for number in count(1):
        if state.files.get(path) is None:
            break
        path = f"{DOWNLOADS}/{stem} ({number}){dot}{ending}"
    state.files.write(path, body)
    state.changed("download", path)
    # "No content" leaves the frame at the page that it shows.
    await route.fulfill(status=204)


def _redirection(url: str) -> str:
    """A page that goes on to `url`: a redirected request is not routed again, so the next address must be a request of its own."""
    target = json.dumps(url).replace("<", "\\u003c")
    return f"<!doctype html><script>location.replace({target})</script>"


def _frame_headers(response: APIResponse) -> dict[str, str]:
    kept: dict[str, str] = {}
    for pair in response.headers_array:
        name, value = pair["name"].lower(), pair["value"]
        if name in REFUSALS or name in SPENT or name == "set-cookie":
            continue
        if name.startswith("content-security-policy"):
            rules = [rule for rule in value.split(";") if not rule.strip().lower().startswith("frame-ancestors")]
            value = ";".join(rules)
            if not value.strip():
                continue
        kept[name] = f"{kept[name]}, {value}" if name in kept else value
    return kept


async def _is_ours_to_fetch(request: Request, host: str) -> bool:
    """Documents, and what goes with cookies: they are `SameSite=Lax` by default, and a frame below the phone's page does not send those."""
    if _is_document(request) or host == EMULATOR_HOST:
        return True
    if request.resource_type in ("eventsource", "websocket", "media"):
        # Streams: a fetch would wait for their end.
        return False
    if request.resource_type in ("fetch", "xhr") and request.method not in ("GET", "HEAD", "OPTIONS"):
        return True
    return bool(await request.frame.page.context.cookies(request.url))


def _is_document(request: Request) -> bool:
    return request.is_navigation_request()


def _is_here(host: str) -> bool:
    if host in ("localhost", EMULATOR_HOST) or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_near(host: str) -> bool:
    """Whether a host is this machine, or one of its own network."""
    try:
        return _is_here(host) or not ip_address(host).is_global
    except ValueError:
        return host.endswith((".local", ".internal", ".lan")) or (host != "" and "." not in host)


async def leads_inside(host: str) -> bool:
    """Whether any network address of a name is this machine's or one of its network's."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(private_reason(ip_address(entry[4][0])) is not None for entry in found)


def from_afar(request: Request) -> bool:
    """Whether a page of the public web asks. Frames are shown without the same-origin rule, so it could read what it gets."""
    frame = request.frame.parent_frame if _is_document(request) else request.frame
    while frame is not None:
        parts = urlsplit(frame.url)
        host = parts.hostname or ""
        if (
            parts.scheme in ("http", "https")
            and host not in (SHELL_HOST, FILE_HOST)
            and not host.endswith(".example")
            and not is_near(host)
        ):
            return True
        frame = frame.parent_frame
    return False


def _here(url: str) -> str:
    parts = urlsplit(url)
    if parts.hostname != EMULATOR_HOST:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(EMULATOR_HOST, "127.0.0.1", 1)))


def _mime(name: str) -> str:
    kind = guess_type(name)[0] or "application/octet-stream"
    if name.endswith((".md", ".log")):
        kind = "text/plain"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
