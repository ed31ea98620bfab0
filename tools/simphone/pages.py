"""What the phone's pages are made of: requests under `http://phone.internal/` are answered from the package and from the phone's files."""

from __future__ import annotations

import base64
import mimetypes
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from handeye.tools.simphone.files import FileFault, FileTree

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Route

ORIGIN = "http://phone.internal"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".md": "text/plain",
}
TEXTS = ("text/", "application/json", "image/svg")


class Reply(NamedTuple):
    """An answer to a request."""

    status: int
    kind: str
    body: bytes


async def serve(context: BrowserContext, files: FileTree) -> None:
    """Answer the requests of a phone's pages."""

    async def answer(route: Route) -> None:
        from playwright.async_api import Error

        reply = page(unquote(urlsplit(route.request.url).path), files)
        headers = {"content-type": reply.kind, "cache-control": "no-store", "access-control-allow-origin": "*"}
        try:
            await route.fulfill(status=reply.status, headers=headers, body=reply.body)
        except Error:
            return  # The page that asked is gone.

    await context.route(f"{ORIGIN}/**", answer)


def page(path: str, files: FileTree) -> Reply:
    """The answer to a path: `/files/...` is a file of the phone, anything else one of the package."""
    try:
        body = files.read(path.removeprefix("/files")) if path.startswith("/files/") else packaged(path)
    except (FileFault, OSError, ValueError):
        return Reply(404, "text/plain", b"there is nothing here")
    return Reply(200, kind_of(path), body)


@cache
def packaged(path: str) -> bytes:
    """A file of the package below `tools/simphone`. Raises `OSError` for what is not there or not a page's.

    A document comes with its scripts and style sheets in it: every request costs two trips to Playwright's driver.
    """
    parts = path.strip("/").split("/")
    if parts[0] not in ("system", "apps") or ".." in parts or path.endswith((".py", ".sql")):
        raise FileNotFoundError(path)
    body = resources.files("handeye.tools.simphone").joinpath(*parts).read_bytes()
    return _whole(path, body.decode()).encode() if path.endswith(".html") else body


def _whole(path: str, html: str) -> str:
    def sheet(found: re.Match[str]) -> str:
        return f"<style>{packaged(urljoin(path, found[1])).decode()}</style>"

    def script(found: re.Match[str]) -> str:
        place = urljoin(path, found[1])
        return f"<script>{packaged(place).decode()}\n//# sourceURL={place}\n</script>"

    html = re.sub(r'<script src="([^"]+)"></script>', script, html)
    return re.sub(r'<link rel="stylesheet" href="([^"]+)">', sheet, html)


@cache
def icon_address(app: str) -> str:
    """The icon of an app as an address that holds it; empty when it has none."""
    try:
        return "data:image/svg+xml;base64," + base64.b64encode(packaged(f"/apps/{app}/icon.svg")).decode()
    except OSError:
        return ""


def kind_of(path: str) -> str:
    """The MIME type of a file by its name."""
    ending = "." + path.rpartition(".")[2].lower()
    kind: Any = TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(TEXTS) else str(kind)
