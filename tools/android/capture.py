"""Looking at a phone's screen: in the form that is faster on this phone, at the display that is on, and never a stand-in for a failure."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Literal, TypeAlias

from handeye.tools.android import state
from handeye.tools.android.displays import Display, physical_ids, read_displays, shown
from handeye.tools.android.faults import first_line
from handeye.tools.android.screencap import READERS, BadFrame
from handeye.tools.android.transport import DeviceLink, Growing
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError

Form: TypeAlias = Literal["raw", "png", "gzip"]
FORMS: dict[Form, str] = {"png": "screencap -p{}", "raw": "screencap{}", "gzip": "screencap{} | gzip -1"}
"""The phone's command for each form; `{}` takes the display."""
GZIP_FROM_S = 0.25
"""Where a raw frame takes longer than this, the way to the phone is slow and packing it is tried too; over USB it only costs time."""
AGAIN_BELOW_S = 1.5
"""Forms that take less than this are timed twice and the better time counts: the first is often slow."""
NOT_FOUND = 127
"""A shell's exit code for a program that is not there."""
NOT_BLACK = 8
"""A pixel with a channel above this is not black."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Blank:
    """Why a screenshot is black though the phone answered."""

    kind: Literal["asleep", "locked", "secure"]
    message: str
    fix: str


ASLEEP = Blank("asleep", "The phone's screen is off.", "wake the phone")
LOCKED = Blank("locked", "The phone is locked and shows nothing.", "unlock the phone; where it asks for a PIN, do it by hand")
SECURE = Blank(
    "secure",
    "The app forbids screenshots (FLAG_SECURE): what is on the screen cannot be seen.",
    "do this part by hand, or leave the app with the back or home button",
)


class Capture:
    """Takes screenshots of one phone. `form` is None until the first, unless one was given: then both are tried and the faster kept."""

    def __init__(self, link: DeviceLink, form: Form | None = None, limit_s: float = 20.0) -> None:
        self._link = link
        self._limit_s = limit_s
        self.form: Form | None = form
        self.seconds: dict[Form, float] = {}
        """How long each form took when they were compared."""
        self.display: Display | None = None
        """The screen that is looked at, where there are several; None: there is one."""
        self._looked = False
        self._data = Growing()
        self._lock = threading.Lock()
        self.blank: Blank | None = None
        """Why the last screenshot is black; None: it is not, or the app in front is."""

    def take(self) -> Pixels:
        """The screen as it is now. Raises `DeviceError` when two frames in a row are none, and what `DeviceLink` raises."""
        if not self._looked:
            self.choose_display()
        picture = self._taken(self.form) if self.form else self._fastest()
        self.blank = None
        if is_black(picture):
            if self.choose_display():  # a foldable may have been folded since
                picture = self._taken(self.form or "png")
            if is_black(picture):
                self.blank = self.why_black()
        return picture

    def choose_display(self) -> bool:
        """Look for the screen that is on; whether it is another one than before."""
        before = self.display
        ids = self._link.shell("dumpsys SurfaceFlinger --display-id", doing="looking for displays").text
        self._looked = True
        if len(physical_ids(ids)) > 1:
            viewports = self._link.shell("dumpsys display", doing="looking for the display that is on").text
            self.display = shown(read_displays(ids, viewports))
        else:
            self.display = None
        return self.display != before

    def why_black(self) -> Blank | None:
        """Why nothing is to be seen; None when the phone is awake, unlocked and allows looking: the app is black, then."""
        text = self._link.shell("dumpsys power; dumpsys window", self._limit_s, "finding out why the screen is black").text
        if state.awake(text) is False:
            return ASLEEP
        if state.secure(text):
            return SECURE
        return LOCKED if state.locked(text) else None

    def measure(self, form: Form) -> float:
        """Seconds that one screenshot in this form takes. Raises `DeviceError` when the phone cannot do it."""
        start = time.perf_counter()
        self._taken(form)
        return time.perf_counter() - start

    def _fastest(self) -> Pixels:
        picture, failure = None, None
        for form in FORMS:
            if form == "gzip" and self.seconds.get("raw", 0.0) < GZIP_FROM_S:
                continue
            try:
                start = time.perf_counter()
                picture = self._taken(form)
                self.seconds[form] = time.perf_counter() - start
                if self.seconds[form] < AGAIN_BELOW_S:
                    self.seconds[form] = min(self.seconds[form], self.measure(form))
            except DeviceError as error:
                if type(error) is not DeviceError:
                    raise
                failure = error
        if picture is None:
            raise failure or DeviceError("The phone takes no screenshot.")
        self.form = min(self.seconds.items(), key=lambda item: item[1])[0]
        log.info("screenshots of %s: %s; keeping %s", self._link.serial, _listed(self.seconds), self.form)
        return picture

    def _taken(self, form: Form) -> Pixels:
        try:
            return self._read(form)
        except BadFrame as first:
            log.info("screenshot of %s: %s; once more", self._link.serial, first)
            if "isplay" in str(first) or "Status" in str(first):
                self.choose_display()
        try:
            return self._read(form)
        except BadFrame as error:
            raise DeviceError(f"The phone gave no screenshot: {error}.") from error

    def _read(self, form: Form) -> Pixels:
        place = f" -d {self.display.physical}" if self.display else ""
        with self._lock:
            done = self._link.shell_onto(self._data, FORMS[form].format(place), self._limit_s, "taking a screenshot")
            if done.code == NOT_FOUND:
                raise DeviceError(f"The phone lacks a program for screenshots: {first_line(done.stderr.decode('utf-8', 'replace'))}")
            try:
                return READERS[form](self._data.view)
            except BadFrame as error:
                said = done.stderr.decode("utf-8", "replace").strip()
                raise BadFrame(f"{error}; it said {said.splitlines()[-1][:200]!r}" if said else str(error)) from error


def is_black(picture: Pixels) -> bool:
    """Whether the screen shows nothing but, perhaps, its status bar: all of the rest is (nearly) black."""
    height = picture.shape[0]
    body = picture[height // 16 : height - height // 16]
    return int(body[::16, ::16].max(initial=0)) <= NOT_BLACK and int(body.max(initial=0)) <= NOT_BLACK


def _listed(seconds: dict[Form, float]) -> str:
    return ", ".join(f"{form} {value:.3f} s" for form, value in seconds.items())
