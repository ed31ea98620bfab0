"""Apps on a phone: which there are, opening and stopping them, what is in front."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from handeye.tools.android.app_names import App, find_app, read_launchable, read_packages
from handeye.tools.android.deadline import Deadline
from handeye.tools.android.faults import command_fault, first_line
from handeye.tools.android.state import Foreground, foreground
from handeye.tools.android.transport import DeviceLink, quoted
from handeye.tools.errors import DeviceError, InvalidAction

MAIN, LAUNCHER, VIEW = "android.intent.action.MAIN", "android.intent.category.LAUNCHER", "android.intent.action.VIEW"
RESUME = "0x10200000"
"""FLAG_ACTIVITY_NEW_TASK and FLAG_ACTIVITY_RESET_TASK_IF_NEEDED: what a home screen starts apps with."""
START_LIMIT_S = 20.0
"""`am start -W` waits for the first frame; a large app on a slow phone takes ten seconds."""
FRONT_LIMIT_S = 5.0
LOOK_S = 0.1
FOREGROUND = (
    "dumpsys window displays | grep -E 'mCurrentFocus|mFocusedApp'; dumpsys window windows | grep -E 'mCurrentFocus|mFocusedApp'; "
    "dumpsys activity activities | grep -E 'ResumedActivity|mFocusedActivity'"
)
"""Before Android 10 the focus stands under `windows`, since then under `displays`."""


class Apps:
    """The apps of one phone. `aliases` are names of the user's own for packages."""

    def __init__(self, link: DeviceLink, aliases: Mapping[str, str] | None = None) -> None:
        self._link = link
        self._aliases = dict(aliases or {})
        self._known: tuple[App, ...] = ()

    def known(self, fresh: bool = False) -> tuple[App, ...]:
        """The apps that have an icon, asked for once unless `fresh`; on Android 6 and older all packages."""
        if not self._known or fresh:
            line = f"cmd package query-activities -a {MAIN} -c {LAUNCHER}"
            self._known = read_launchable(self._link.shell(line, START_LIMIT_S, "listing apps").text)
            if not self._known:
                listed = self._link.shell("pm list packages", START_LIMIT_S, "listing apps").text
                self._known = tuple(App(name) for name in read_packages(listed))
        return self._known

    def find(self, name: str) -> App:
        """The app that a name or a package means. Raises `InvalidAction` when there is none or more than one (see `find_app`)."""
        try:
            return find_app(name, self.known(), self._aliases)
        except InvalidAction:
            return find_app(name, self.known(fresh=True), self._aliases)

    def open(self, name: str) -> App:
        """Open an app by name or package, as its icon does, and wait until it is in front.

        Raises `InvalidAction` for a name that fits no app or several, `DeviceError` when it does not come to the front.
        """
        app = self.find(name)
        component = f"{app.package}/{app.activity}" if app.activity else self._icon(app.package)
        doing = f"opening {app.package}"
        if component and self._comes_to_front(app.package, self._start(["-a", MAIN, "-c", LAUNCHER, "-f", RESUME, "-n", component], doing)):
            return app
        said = self._link.shell(quoted(["monkey", "-p", app.package, "-c", LAUNCHER, "1"]), START_LIMIT_S, doing).all_text
        if not self._comes_to_front(app.package, said):
            raise DeviceError(f"{app.package} did not come to the front: {first_line(said, 'Error')}")
        return app

    def stop(self, name: str) -> None:
        """Stop an app, by name or package, with all that it runs. Raises `InvalidAction` for an unknown one."""
        package = self.find(name).package
        done = self._link.shell(quoted(["am", "force-stop", package]), doing=f"stopping {package}")
        if done.code != 0 or (fault := command_fault(done.all_text, "stopping an app")):
            raise fault if done.code == 0 and fault else DeviceError(f"{package} was not stopped: {first_line(done.all_text)}")

    def open_url(self, url: str) -> None:
        """Open an address in the app that the phone has for it.

        Raises `InvalidAction` for what is no address, `DeviceError` when no app takes it.
        """
        try:
            scheme = urlsplit(url).scheme
        except ValueError as error:
            raise InvalidAction(f"{url[:200]!r} is no address: {error}") from error
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) or any(letter < " " or letter == "\x7f" for letter in url):
            raise InvalidAction(f"{url[:200]!r} is no address as in https://example.org/")
        said = self._start(["-a", VIEW, "-d", url], f"opening {url[:100]}")
        if re.search(r"^Error|unable to resolve Intent", said, re.MULTILINE):
            raise DeviceError(f"No app of the phone opens {url[:200]}: {first_line(said, 'Error')}")

    def opener(self, url: str) -> str:
        """Package of the app that opens an address; empty where the phone does not say, or would ask its user."""
        line = quoted(["cmd", "package", "resolve-activity", "--brief", "-a", VIEW, "-d", url])
        lines = self._link.shell(line, doing="asking which app opens an address").text.strip().splitlines()
        package = lines[-1].strip().partition("/")[0] if lines and "/" in lines[-1] else ""
        return "" if package == "android" else package

    def current(self) -> Foreground:
        """The app, activity and window in front."""
        found = foreground(self._link.shell(FOREGROUND, doing="asking what is in front").text)
        if not found.package:
            stacks = self._link.shell("am stack list", doing="asking what is in front").text
            behind = foreground(stacks)
            found = Foreground(behind.package, behind.activity, found.window)
        return found

    def _icon(self, package: str) -> str:
        line = f"cmd package resolve-activity --brief -a {MAIN} -c {LAUNCHER} {quoted([package])}"
        lines = self._link.shell(line, doing=f"looking for {package}").text.strip().splitlines()
        return lines[-1].strip() if lines and "/" in lines[-1] else ""

    def _start(self, arguments: list[str], doing: str) -> str:
        done = self._link.shell(quoted(["am", "start", "-W", *arguments]), START_LIMIT_S, doing)
        if fault := command_fault(done.all_text, doing):
            raise fault
        return done.all_text

    def _comes_to_front(self, package: str, said: str) -> bool:
        if re.search(r"^Error|No activities found|monkey aborted", said, re.MULTILINE):
            return False
        deadline = Deadline(FRONT_LIMIT_S, "opening an app")
        # Some apps begin in another package: a first-run consent, a permission dialog, an account picker.
        elsewhere = re.search(r"^Activity: ([\w.]+)/", said, re.MULTILINE)
        wanted = {package, elsewhere.group(1) if elsewhere else package}
        while self.current().package not in wanted:
            if deadline.passed:
                return False
            self._link.closed.wait(LOOK_S)
        return True
