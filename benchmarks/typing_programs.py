"""Programs of several toolkits into which text is typed, and which say afterwards, by the file that they save, what arrived."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from handeye.benchmarks.typing_scripts import CHROMIUM, TERMINAL, TK
from handeye.envs.settle import wait
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.first_start import QUIET_OFFICE, office_registry
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceTimeout
from handeye.tools.geometry import Point

LIMIT_S = 120.0
"""Longest wait for a window or a saved file: LibreOffice makes itself a profile first."""
READY_S = 2.0
"""Until it is typed once more into a program that does not listen yet."""
POLL_S = 0.02
TEXT_NS = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE_NS = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"

_FLAT_ODF = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p/></office:text></office:body></office:document>
"""
_FLAT_SHEET = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>
 <table:table table:name="Sheet1"/></office:spreadsheet></office:body></office:document>
"""
_OFFICE_SETTINGS = (
    *QUIET_OFFICE,
    *(
        ("org.openoffice.Office.Common/AutoCorrect", name, "false")
        for name in (
            "CapitalAtStartSentence",
            "TwoCapitalsAtStart",
            "ReplaceSingleQuote",
            "ReplaceDoubleQuote",
            "ChangeDash",
            "ChangeOrdinalNumber",
            "SetInetAttribute",
            "ChangeUnderlineWeight",
            "UseReplacementTable",
            "RemoveDoubleSpaces",
            "CorrectAccidentalCapsLock",
        )
    ),
    ("org.openoffice.Office.Writer/AutoFunction/Completion", "Enable", "false"),
)
"""No window over the document, and nothing that changes what is typed: the question is which keys arrive."""

_ALONE = {
    "DBUS_SESSION_BUS_ADDRESS": "disabled:",
    "GIO_USE_VFS": "local",
    "GSETTINGS_BACKEND": "memory",
    "NO_AT_BRIDGE": "1",
    "GTK_IM_MODULE": "gtk-im-context-simple",
    "QT_IM_MODULE": "compose",
}
"""No bus to wait for, no settings or input methods of the person's session."""


@dataclass(frozen=True)
class TypingProgram:
    """A program with an empty document open, whose saved file tells what was typed."""

    toolkit: str
    executables: tuple[str, ...]
    """What must be installed."""
    file: str
    blank: str
    command: Callable[[Path], list[str]]
    """The command line, given the document."""
    read: Callable[[str], str]
    """The text of the document, given what is in the file."""
    emptied: tuple[tuple[str, ...], ...] = (("ctrl", "a"), ("delete",))
    """What is pressed after a letter was typed, to take out all there is."""
    saved: tuple[str, ...] = ("ctrl", "s")
    """What is pressed to save it."""

    @property
    def missing(self) -> str:
        """The first executable that is not installed; empty if all are."""
        return next((name for name in self.executables if shutil.which(name) is None), "")


def _office(document: Path) -> list[str]:
    profile = document.parent / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(office_registry(_OFFICE_SETTINGS), encoding="utf-8")
    return ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--norestore", "--nologo", "--nofirststartwizard", str(document)]


def _python(script: str) -> Callable[[Path], list[str]]:
    return lambda document: ["/usr/bin/python3", "-c", script, str(document)]


def _paragraphs(data: str) -> str:
    root = ElementTree.fromstring(data)
    return "\n".join("".join(paragraph.itertext()) for paragraph in root.iter(f"{TEXT_NS}p"))


def _cells(data: str) -> str:
    # Its page styles hold text too.
    cells = ElementTree.fromstring(data).iter(f"{TABLE_NS}table-cell")
    return "\n".join("".join(paragraph.itertext()) for cell in cells for paragraph in cell.iter(f"{TEXT_NS}p"))


def _terminal(document: Path) -> list[str]:
    inside = ["/usr/bin/python3", "-c", TERMINAL, str(document)]
    return ["xterm", "-u8", "-T", document.name, "-e", *inside]


def _without_last_end(data: str) -> str:
    # Editors end a file with a line end of their own.
    return data.removesuffix("\n")


_LEAVE_CELL = (("enter",), ("shift", "enter"), ("delete",))
PROGRAMS = (
    TypingProgram("Tk", ("/usr/bin/python3",), "tk.txt", "", _python(TK), str),
    TypingProgram("GTK", ("mousepad",), "gtk.txt", "", lambda file: ["mousepad", "--disable-server", str(file)], _without_last_end),
    TypingProgram("Qt", ("featherpad",), "qt.txt", "", lambda file: ["featherpad", "--standalone", str(file)], _without_last_end),
    TypingProgram("LibreOffice", ("soffice",), "office.fodt", _FLAT_ODF, _office, _paragraphs),
    TypingProgram("LibreOffice Calc", ("soffice",), "sheet.fods", _FLAT_SHEET, _office, _cells, _LEAVE_CELL),
    TypingProgram("Chromium", ("chromium", "/usr/bin/python3"), "web.txt", "", _python(CHROMIUM), str, saved=("f2",)),
    TypingProgram("xterm", ("xterm", "/usr/bin/python3"), "xterm.txt", "", _terminal, str),
)
"""An own small program, Mousepad (GTK 3), FeatherPad (Qt 5), Writer, a cell of Calc, a page in Chromium, and a terminal."""


class TypingPad:
    """A program that is open and has the focus; make it with `opened`."""

    def __init__(self, program: TypingProgram, driver: X11Driver, file: Path) -> None:
        self._program, self._driver, self._file = program, driver, file

    def clear(self) -> None:
        """Take out all text. Raises `DeviceTimeout` if it stays."""
        # LibreOffice carries commands out when it gets to it: keys that follow at once would be deleted with the rest.
        _until(self._cleared, f"{self._program.toolkit} did not let its text be deleted")

    def _cleared(self) -> bool:
        # Some programs save nothing where nothing was changed.
        self._driver.type_text("a")
        for keys in self._program.emptied:
            wait(POLL_S)
            self._driver.press_keys(keys)
        return self.text() == ""

    def text(self) -> str:
        """What the program has, as it saves it. Raises `DeviceTimeout` if it does not save."""
        if not self._saved(LIMIT_S):
            raise DeviceTimeout(f"{self._program.toolkit} did not save its text within {LIMIT_S:.0f} s.")
        return self._program.read(self._whole())

    def wait_ready(self) -> None:
        """Wait until what is typed arrives: a window may be there before its program listens. Raises `DeviceTimeout`."""
        end = time.monotonic() + LIMIT_S
        while True:
            self._driver.type_text("a")
            if self._saved(READY_S) and "a" in self._program.read(self._whole()):
                return
            if time.monotonic() > end:
                raise DeviceTimeout(f"{self._program.toolkit} does not take what is typed.")

    def _whole(self) -> str:
        """The file, once it no longer changes: programs write in several goes."""
        seen = None
        while True:
            wait(0.1)
            data = self._file.read_text(encoding="utf-8", errors="replace") if self._file.exists() else ""
            if data == seen and (data or not self._program.blank):
                return data
            seen = data

    def _saved(self, limit_s: float) -> bool:
        before = self._stamp()
        self._driver.press_keys(self._program.saved)
        return _came(lambda: self._stamp() not in (0, before), limit_s)

    def _stamp(self) -> int:
        """When the file was last written; 0 while it is not there."""
        try:
            return self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return 0


@contextmanager
def opened(program: TypingProgram, desktop: VirtualDesktop, driver: X11Driver, folder: Path) -> Iterator[TypingPad]:
    """The program on `desktop` with an empty document in `folder`, in front; it ends with the desktop.

    Raises `DeviceTimeout` when no window of it comes.
    """
    file = folder / program.file
    file.write_text(program.blank, encoding="utf-8")
    desktop.run(program.command(file), cwd=folder, env=_ALONE | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")})

    def mine() -> bool:
        return any(program.file in window.title for window in driver.windows())

    _until(mine, f"{program.toolkit} did not show a window")
    window = next(window for window in driver.windows() if program.file in window.title)
    driver.activate(window)
    _until(lambda: program.file in driver.title(), f"the window of {program.toolkit} did not come to the front")
    box = window.box
    driver.click(Point((box.left + box.right) // 2, (box.top + box.bottom) // 2).clamped(driver.size))
    pad = TypingPad(program, driver, file)
    pad.wait_ready()
    yield pad


def _until(there: Callable[[], bool], complaint: str) -> None:
    if not _came(there, LIMIT_S):
        raise DeviceTimeout(f"{complaint} within {LIMIT_S:.0f} s.")


def _came(there: Callable[[], bool], limit_s: float) -> bool:
    end = time.monotonic() + limit_s
    while not there():
        if time.monotonic() > end:
            return False
        wait(POLL_S)
    return True
