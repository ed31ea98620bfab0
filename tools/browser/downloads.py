"""Downloads within limits: which files may come in, under which name, and how large."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handeye.tools.browser.refusals import quoted

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Download

    from handeye.tools.browser.gate import Gate
    from handeye.tools.browser.options import BrowserOptions

DOCUMENTS = frozenset(
    {
        *("pdf", "txt", "text", "md", "rtf", "csv", "tsv", "json", "ics", "vcf", "epub", "log"),
        *("docx", "xlsx", "pptx", "odt", "ods", "odp", "odg"),
        *("png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "avif", "heic"),
        *("mp3", "m4a", "ogg", "oga", "opus", "wav", "flac", "mp4", "m4v", "mov", "webm", "ogv", "srt", "vtt"),
    }
)
"""Endings of files that no program runs when they are opened. Not among them: pages (`html`, `svg`, `xml`) and archives, which hold
anything, and office files with macros (`docm`)."""

NAME_LIMIT = 150
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
"""Names that are devices on Windows."""


def cleaned(name: str) -> str:
    """A name for a file that a page proposed: no path, nothing that cannot be seen or that turns the direction of writing, not hidden."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in name if character.isprintable() and character not in '<>:"|?*')
    name = name.strip(" .")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    stem, dot, ending = name.rpartition(".")
    if len(name) > NAME_LIMIT:
        name = f"{stem[: NAME_LIMIT - len(ending) - 1]}{dot}{ending}" if dot and len(ending) <= 10 else name[:NAME_LIMIT]
    return name or "download"


def kind_of(name: str) -> str:
    """The ending of a file's name, in lower case; empty when it has none."""
    return Path(name).suffix.lower().removeprefix(".")


def why_held_back(proposed: str, kinds: tuple[str, ...] | None) -> str | None:
    """Why a file under the name that a page proposed does not come in; None: it does. `kinds` None: only `DOCUMENTS`."""
    wanted = DOCUMENTS if kinds is None else frozenset(kind.lower().lstrip(".") for kind in kinds)
    name = cleaned(proposed)
    if "*" in wanted:
        return None
    if any(not character.isprintable() for character in proposed) or ".." in proposed or "/" in proposed or "\\" in proposed:
        return "its name is not what it seems"
    if kind_of(name) not in wanted:
        return f"files of the kind {kind_of(name) or 'without an ending'} are not taken"
    return None


class Downloads:
    """Files on their way in, and those that arrived. Lives on the event loop of the browser."""

    def __init__(self, options: BrowserOptions, gate: Gate, note: Callable[[str], None]) -> None:
        self.done: list[str] = []
        """Paths of what arrived in this episode."""
        self._options = options
        self._gate = gate
        self._note = note
        cut_off = options.download_bytes is not None and options.downloads is not None and options.attach is None
        self._room = tempfile.TemporaryDirectory(prefix="handeye-downloads-") if cut_off else None
        self._listening = False
        self._where: dict[str, str] = {}
        self._urls: dict[str, str] = {}
        self._cut_off: set[str] = set()
        self._cancelling: set[asyncio.Task[Any]] = set()

    def launch_options(self) -> dict[str, Any]:
        """What to add to Playwright's options for a launch."""
        return {"downloads_path": self._room.name} if self._room is not None else {}

    async def limit(self, cdp: CDPSession, context: str | None) -> None:
        """Cut off what grows too large in a browser context (CDP's id of it; None: the profile's own). `cdp` is of the whole browser.

        Chromium tells of a download's growth twice a second: what is faster than that is dropped when it has arrived.
        """
        if self._room is None:
            return
        if not self._listening:
            cdp.on("Browser.downloadWillBegin", lambda event: self._urls.update({event["guid"]: event["url"]}))
            cdp.on("Browser.downloadProgress", lambda event: self._on_progress(cdp, event))
            self._listening = True
        self._where = {} if context is None else {"browserContextId": context}
        # The same that Playwright asked for, whose own request this one replaces; both are told of what happens.
        wanted = {"behavior": "allowAndName", "downloadPath": self._room.name, "eventsEnabled": True}
        await cdp.send("Browser.setDownloadBehavior", wanted | self._where)

    async def keep(self, download: Download) -> None:
        """Wait until `download` has arrived and move it to the folder; or do without it, with a note."""
        folder, name = self._options.downloads, cleaned(download.suggested_filename)
        if folder is None:
            self._gate.refuse("download", name, "downloads are off", f"The page wanted to download {name}; downloads are off.")
            return
        if (why := self._why_not(download)) is not None:
            await download.cancel()
            self._refuse(name, why)
            return
        failure = await download.failure()
        limit = self._options.download_bytes
        size = 0 if failure is not None else (await download.path()).stat().st_size
        if limit is not None and (download.url in self._cut_off or size > limit):
            self._refuse(name, f"it is larger than {limit / 1e6:g} MB")
            return
        if failure is not None:
            self._note(f"The download of {name} failed: {failure}.")
            return
        folder.mkdir(parents=True, exist_ok=True)
        path = _free(folder / name)
        await download.save_as(path)
        self.done.append(str(path))
        self._note(f"The download of {name} finished.")

    def close(self) -> None:
        """Remove what did not arrive. A second call does nothing."""
        if self._room is not None:
            with contextlib.suppress(OSError):
                self._room.cleanup()

    def _why_not(self, download: Download) -> str | None:
        options = self._options
        if download.url.startswith(("http:", "https:")) and (why := self._gate.refusal(download.url)) is not None:
            return why
        if options.download_kinds is None and not options.restricted:
            return None
        return why_held_back(download.suggested_filename, options.download_kinds)

    def _refuse(self, name: str, why: str) -> None:
        self._gate.refuse("download", name, why, f"The page offered the file {quoted(name)}: {why}. It was not kept.")

    def _on_progress(self, cdp: CDPSession, event: dict[str, Any]) -> None:
        limit, url = self._options.download_bytes or 0, self._urls.get(event["guid"], "")
        if event["state"] == "inProgress" and max(event["receivedBytes"], event["totalBytes"]) > limit and url not in self._cut_off:
            self._cut_off.add(url)
            task = asyncio.ensure_future(self._cancel(cdp, event["guid"]))
            self._cancelling.add(task)
            task.add_done_callback(self._cancelling.discard)

    async def _cancel(self, cdp: CDPSession, guid: str) -> None:
        from playwright.async_api import Error

        with contextlib.suppress(Error):  # it ended first
            await cdp.send("Browser.cancelDownload", {"guid": guid} | self._where)


def upload_refusal(options: BrowserOptions, path: Path) -> str | None:
    """Why the file at `path`, its links resolved, may not be given to a page; None: it may."""
    folders = options.upload_from
    if folders is None:
        return "no folder was named from which files may be given to pages" if options.restricted else None
    if any(path.is_relative_to(folder.resolve()) for folder in folders):
        return None
    shown = ", ".join(str(folder) for folder in folders) or "none"
    return f"it is not in a folder from which files may be given to pages ({shown})"


def _free(path: Path) -> Path:
    """`path`, or the first of its numbered neighbours that is not there yet."""
    for number in range(1, 1000):
        if not path.exists():
            break
        path = path.with_name(f"{path.stem if number == 1 else path.stem.rpartition(' (')[0]} ({number}){path.suffix}")
    return path
