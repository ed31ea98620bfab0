"""`DesktopEnv`: a desktop as an environment, the person's own or a virtual one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace

from handeye.envs.actions import Action, Drag, PressKeys, TypeText, Wait, points_of
from handeye.envs.desktop_apps import refuse_others, unlisted_notes
from handeye.envs.desktop_network import Network
from handeye.envs.desktop_notes import active, aside, desktop_notes
from handeye.envs.desktop_targets import Aim, DesktopSight, ReadText
from handeye.envs.desktop_work import DesktopWork
from handeye.envs.env import Permit, TimeStep
from handeye.envs.frames import Frame, FrameLimits, Settling
from handeye.envs.observation import Observation
from handeye.envs.permits import Permits
from handeye.envs.pointer import POINTER_ACTIONS, check_action, point_and_type
from handeye.envs.settle import wait
from handeye.tools.desktop import DesktopDriver, X11Driver
from handeye.tools.desktop.atspi import Tree
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.desktop.windows import Window
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Box, Point
from handeye.tools.target import Target

ACTION_TYPES = POINTER_ACTIONS | {"wait"}
"""The verbs of a desktop."""
DESKTOP_LIMITS = FrameLimits(
    quiet_s=0.06, react_s=0.1, mover_s=0.8, cap_s=5.0, least_s=0.1, busy_s=3.0, opening_s=20.0, fresh_quiet_s=0.3, fresh_busy_s=10.0
)
"""Programs on a desktop answer sooner than a phone opens an app, and a picture costs next to nothing. LibreOffice takes 3 to 10 s to
show its window, and some more to draw it and to load a document."""
_PRESSED_S = 0.35
"""A button that is pressed by the keyboard shows that first: GTK then waits 0.25 s (ACTIVATE_TIMEOUT in gtkbutton.c), Qt 0.1 s."""
_PRESS = frozenset({"enter", "space"})
_AIMED = POINTER_ACTIONS - {"move"}
"""Actions that are meant for what the model saw, and for nothing that came before it meanwhile."""


@dataclass(frozen=True, eq=False)
class Desk:
    """A desktop that was opened: what `DesktopEnv` works on."""

    driver: DesktopDriver
    owned: ExitStack = field(default_factory=ExitStack)
    """What ends with it, beside the driver."""
    work: DesktopWork | None = None
    """Tells what its programs do, where that can be known."""
    fresh: bool = False
    """Whether its programs were started just now, and may still be loading."""
    virtual: VirtualDesktop | None = None
    """The virtual desktop that it is, if it is one of handeye's."""
    tree: Tree | None = None
    """Tells what its programs show, where that is wanted and can be known; closed with it."""
    network: Network = field(default_factory=Network)
    """What its programs can reach."""


class DesktopEnv:
    """A desktop. A `SightedEnv`; it owns the driver, and what else `owned` holds (a virtual display), and closes it.

    A window that came up or went away after the last picture would get a click, or a text, that was meant for another: such an
    action is not carried out, and the observation that follows says so and shows what is there now.

    `step_permitted` and a list of programs hold on an X display. In the instant before a button or a key is pressed the X server is
    held, asked once more which windows the input will go to, and let go only when the press is done, so that no window can come between.
    What remains: the program itself may change what its own window shows between the last look at its tree and its handling of the
    press (some milliseconds on a machine at rest); a drag may end on another window than its end was looked at.
    """

    def __init__(
        self,
        driver: DesktopDriver,
        *,
        limits: FrameLimits = DESKTOP_LIMITS,
        owned: ExitStack | None = None,
        work: DesktopWork | None = None,
        fresh: bool = False,
        virtual: VirtualDesktop | None = None,
        tree: Tree | None = None,
        network: Network | None = None,
        allow_apps: Sequence[str] = (),
        read_text: ReadText | None = None,
        renew: Callable[[], Desk] | None = None,
    ) -> None:
        """`work`, `fresh`, `virtual`, `tree`, `network`: see `Desk`.

        `allow_apps`: programs that may be touched, each by the file name of the program or a part of WM_CLASS; empty: all. `read_text`:
        reads what stands in the picture where a program tells nothing of what it shows; without it such a target is not known.

        `renew` gives a desktop as it was at the beginning, where that can be had: `reset` calls it.

        Raises `SetupError` for a list of programs on a desktop whose driver cannot tell which window input goes to."""
        if allow_apps and not isinstance(driver, X11Driver):
            raise SetupError(
                "Only on an X display can be told which program a click would touch, so a list of programs would not hold here.",
                fix="use a virtual desktop (--virtual), or leave --allow-app out",
            )
        self._desk = Desk(driver, owned or ExitStack(), work, fresh, virtual, tree, network or Network())
        self._apps = tuple(allow_apps)
        self._permits = Permits()
        self._read_text = read_text
        self._sight = DesktopSight(driver, tree, read_text)
        self._limits = limits
        self._settling = Settling(limits, cost_s=0.0)
        self._renew = renew
        self._worked_on = False
        self._looked_s = time.time()
        self._seen: Observation | None = None
        self._windows: tuple[Window, ...] = ()
        self._shown: tuple[str, tuple[Window, ...]] = ("", ())
        """The windows of the last look, and their arrangement in words."""

    @property
    def driver(self) -> DesktopDriver:
        """What touches the desktop; another one after a `reset` that began anew."""
        return self._desk.driver

    @property
    def virtual(self) -> VirtualDesktop | None:
        """The virtual desktop that was started for it; None on any other. Another one after a `reset` that began anew."""
        return self._desk.virtual

    @property
    def action_types(self) -> frozenset[str]:
        """The verbs of a desktop."""
        return ACTION_TYPES

    def reset(self, seed: int | None = None) -> Observation:
        """Begin, with the windows of the programs that were asked for.

        A virtual desktop that was worked on is replaced by a new one with the same programs; files that they wrote stay written. The
        person's own is looked at as it is: there is no beginning to bring it back to. `seed` means nothing to a desktop.
        Raises `DeviceError` or `SetupError` when a new one does not start.
        """
        self._seen, self._windows = None, ()
        if self._renew and self._worked_on:
            self._end()
            self._desk = self._renew()
            self._sight = DesktopSight(self._desk.driver, self._desk.tree, self._read_text)
            self._settling = Settling(self._limits, cost_s=0.0)
        self._worked_on = False
        if self._desk.work:
            self._desk.work.begin(everything=self._desk.fresh)
        return self._look(0.0, self._desk.network.warnings).observation

    def step(self, action: Action) -> TimeStep:
        """Do `action` with mouse and keyboard, wait until what it set off is done, look again.

        Raises `NotPermitted`, with nothing done, when it would touch a program that is not on the list of those that may be."""
        self._check(action)
        return self._step(action, self._sight.aim(action) if self._apps or self._desk.tree else Aim())

    def targets(self, action: Action) -> tuple[Target, ...]:
        """What `action` would touch: the window and what its program shows at that place, or what has the keyboard; for Enter, the
        default button of the dialog too. Waits, moves and scrolls touch nothing."""
        self._check(action)
        return self._sight.targets(action, self._sight.aim(action))

    def step_permitted(self, action: Action, permit: Permit) -> TimeStep:
        """`step`, if what `action` would touch is what `permit` names; see the class for what can change even so.

        Raises `TargetChanged` when it is not, or when other windows get the input at the last moment; `NotPermitted` as `step` does.
        """
        self._check(action)
        aim = self._sight.aim(action)
        now = self._sight.targets(action, aim)
        self._permits.use(permit, now)
        return self._step(action, aim)

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...] | None:
        """None: what programs tell of themselves is asked for at one place, and not all of them tell anything."""
        return None

    def keep_out(self, values: Sequence[str]) -> None:
        """Nothing: a desktop does not tell what a program is about to paste."""

    def _check(self, action: Action) -> None:
        if self._seen is None:
            raise InvalidAction("call reset first")
        check_action(action, ACTION_TYPES, self._seen.size, "a desktop")

    def _step(self, action: Action, aim: Aim) -> TimeStep:
        begun, note = time.monotonic(), self._in_the_way(action)
        if self._apps and not note:
            refuse_others(aim, self._apps)
        self._worked_on = True
        if self._desk.work:
            self._desk.work.begin()
        if isinstance(action, Wait):
            wait(action.seconds)
        elif not note:
            with self._kept(aim):
                point_and_type(self.driver, action)
            self._sight.done(action, aim)
        return self._look(time.monotonic() - begun, (note,) if note else (), _PRESSED_S if _activates(action) and not note else 0.0)

    def _kept(self, aim: Aim) -> AbstractContextManager[None]:
        """Presses go to the windows of `aim` alone, where any are named."""
        if aim.spots and isinstance(self.driver, X11Driver):
            return self.driver.only_for(aim.spots, keyboard=aim.keyboard)
        return nullcontext()

    def look(self) -> Frame:
        """The screen as it is now, the windows on it, and whether more is to come."""
        pixels = self.driver.screenshot()
        windows = self._listed()
        shown = " ".join(f"{window.id:x}@{tuple(window.box)}{'*' if window.active else ''}" for window in windows)
        if shown != self._shown[0]:
            same = [window.box for window in windows if any(_still(window, old) for old in self._shown[1])]
            others = [window.box for window in windows if not any(_still(window, old) for old in self._shown[1])]
            self._settling.carry(self._shown[0], shown, same, others, pixels)
            self._shown = (shown, windows)
        if self._desk.work is None:
            return Frame(pixels, shown or self.driver.title())
        work = self._desk.work.look([window.id for window in windows])
        return Frame(pixels, shown, work.opening, work.busy, work.fresh, work.slow)

    def close(self) -> None:
        """Let go of the desktop, and end it if it was started for this environment. A second call does nothing."""
        self._seen = None
        self._end()

    def _end(self) -> None:
        with self._desk.owned:
            if self._desk.tree:
                self._desk.tree.close()
            if self._desk.work:
                self._desk.work.close()
            self.driver.close()

    def _listed(self) -> tuple[Window, ...]:
        """Windows, the one at the bottom first; none where the driver does not tell."""
        tell = getattr(self.driver, "windows", None)
        return tuple(tell()) if tell else ()

    def _look(self, act_s: float, notes: tuple[str, ...], least_s: float = 0.0) -> TimeStep:
        before, limits = self._seen, self._limits
        self._settling.limits = replace(limits, least_s=max(least_s, limits.least_s))
        seen = self._settling.settle(self, None if before is None else before.screenshot)
        windows = self._listed()
        front = active(windows)
        changes = () if before is None else desktop_notes(self._windows, windows, before.screenshot.shape, seen.frame.pixels.shape)
        changes += unlisted_notes(self._windows, windows, self._apps)
        changes += self._desk.network.refused(self._looked_s)
        self._looked_s = time.time()
        title = front.title if front else self.driver.title()
        self._windows = windows
        self._seen = Observation(
            seen.frame.pixels,
            title=title,
            app=(front.app if front else "") or "desktop",
            notes=(*notes, *changes),
            pointer=self.driver.pointer,
            extra={"display": self.driver.name, "window": title, "windows": _told(windows)},
        )
        return TimeStep(self._seen, seen.settled, act_s, seen.capture_s)

    def _in_the_way(self, action: Action) -> str:
        """Why the desktop is not the one that the action was meant for; empty if it is."""
        if action.type not in _AIMED:
            return ""
        keyboard = isinstance(action, TypeText | PressKeys)
        touched = () if isinstance(action, Drag) and action.start is None else points_of(action)
        point = None if keyboard else next(iter(touched), self.driver.pointer)
        origin = getattr(self.driver, "origin", Point(0, 0))
        place = None if point is None else Point(point.x + origin.x, point.y + origin.y)
        return aside(self._windows, self._listed(), place)


def _activates(action: Action) -> bool:
    """Whether a key is among it that presses the button in focus; of a text, whether it ends so."""
    if isinstance(action, TypeText):
        return action.text.endswith(("\n", "\r"))
    return isinstance(action, PressKeys) and not _PRESS.isdisjoint(action.keys)


def _still(window: Window, old: Window) -> bool:
    return (window.id, window.box) == (old.id, old.box)


def _told(windows: tuple[Window, ...]) -> str:
    rows = [{"title": one.title, "app": one.app, "box": [*one.box], "active": one.active} for one in windows]
    return json.dumps(rows, ensure_ascii=False)
