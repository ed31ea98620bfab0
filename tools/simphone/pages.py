"""What the phone's pages are made of: requests under `http://phone.internal/` are answered from the package and from the phone's files."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from handeye.tools.simphone.files import FileFault, FileTree

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Route

ORIGIN = "http://phone.internal"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml", ".json": "application/json", ".md": "text/plain"}
TEXTS = ("text/", "application/json", "image/svg")


class Reply(NamedTuple):
    """An answer to a request."""

    status: int
    kind: str
    body: bytes


async def serve(context: BrowserContext, files: FileTree, hooks: dict[str, Callable[[], bytes]] | None = None) -> None:
    """Answer the requests of a phone's pages. `hooks` gives pages that are made when they are asked for, by path."""

    async def answer(route: Route) -> None:
        from playwright.async_api import Error

        path = unquote(urlsplit(route.request.url).path)
        reply = Reply(200, "image/png", hooks[path]()) if hooks and path in hooks else page(path, files)
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
    """A file of the package below `tools/simphone`. Raises `OSError` for what is not there or not a page's."""
    parts = path.strip("/").split("/")
    if parts[0] not in ("system", "apps") or ".." in parts or path.endswith((".py", ".sql")):
        raise FileNotFoundError(path)
    return resources.files("handeye.tools.simphone").joinpath(*parts).read_bytes()


def kind_of(path: str) -> str:
    """The MIME type of a file by its name."""
    ending = "." + path.rpartition(".")[2].lower()
    kind: Any = TYPES.get(ending) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(TEXTS) else str(kind)
