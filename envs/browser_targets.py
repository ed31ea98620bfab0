"""What an action would touch in a browser, and carrying it out on that and on nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from handeye.envs.actions import (
    Action,
    AnswerDialog,
    ChooseFiles,
    Click,
    CloseTab,
    Drag,
    GoBack,
    Goto,
    LongPress,
    Move,
    PressKeys,
    Scroll,
    SwitchTab,
    TypeText,
)
from handeye.envs.addresses import address
from handeye.envs.env import Effect, Permit
from handeye.envs.permits import changed
from handeye.tools.browser import Asked, BrowserDriver, Cover, Form
from handeye.tools.browser.sight import Seen
from handeye.tools.target import Target

HARMLESS_KEYS = frozenset("tab escape space up down left right home end page_up page_down shift ctrl alt meta caps_lock".split())
"""Keys that move about or take back, and change nothing where nothing has the focus."""
BEYOND = "typed on beyond this field"
_DONE = frozenset({"click", "auxclick", "dblclick", "contextmenu", "drop", "submit"})
"""Kinds of events after which something was done."""
_TYPED = frozenset({"beforeinput", "keydown"})


@dataclass(frozen=True)
class Look:
    """What an action would touch, and how the page's guard is to know it again."""

    seen: tuple[Seen, ...] = ()
    guarded: bool = False
    """Whether it is input to the page, which its guard can stop."""
    drag: bool = False
    entered: bool = False
    """Enter is pressed in what has the focus."""
    held: bool = False
    """It touches nothing, and the page hears of it all the same."""
    free: bool = False
    """It types on after the focus has moved."""
    typed: bool = False
    extra_s: float = 0.0

    @property
    def targets(self) -> tuple[Target, ...]:
        """What an approver gets to see."""
        return tuple(one.target for one in self.seen)


def look(driver: BrowserDriver, action: Action) -> Look:
    """What `action` would touch now. The action was checked."""
    match action:
        case Click():
            seen = driver.look_at(action.point or driver.pointer)
            return Look((_told(seen, _clicked(action)),), guarded=True)
        case LongPress():
            return Look((_told(driver.look_at(action.point), "long press"),), guarded=True, extra_s=action.duration_s)
        case Drag():
            ends = (driver.look_at(action.start or driver.pointer), driver.look_at(action.end, "drop"))
            return Look(ends, guarded=True, drag=True)
        case TypeText():
            return _typed(driver, action.text)
        case PressKeys():
            return _pressed(driver, action.keys)
        case Goto():
            return _plain(_address(driver, canonical(address(action.url))))
        case GoBack():
            back = driver.page_before()
            return Look() if back is None else _plain(_address(driver, back, "back"))
        case SwitchTab():
            tabs = driver.tabs()
            return _plain(_address(driver, tabs[action.index][1], "tab")) if action.index < len(tabs) else Look()
        case CloseTab():
            return _plain(_address(driver, driver.tab_after(), "close"))
        case AnswerDialog():
            dialog = driver.dialog_target()
            return Look() if dialog is None else _plain(dialog)
        case ChooseFiles():
            files = driver.files_target(action.paths)
            return Look() if files is None else _plain(files)
        case Move() | Scroll():
            return Look(held=True)
        case _:
            return Look()


def carry_out(driver: BrowserDriver, found: Look, act: Callable[[], None]) -> str:
    """Do `act` on what was `found` just now; a note where the page was stopped from having it go elsewhere after a part was done.

    Raises `TargetChanged` when nothing was done.
    """
    if not found.guarded:
        act()
        return ""
    stopped = driver.guarded(found.seen, act, drag=found.drag, entered=found.entered, free=found.free, extra_s=found.extra_s)
    if stopped is None:
        return ""
    # A form that was stopped from being sent was not sent, whatever click or key it followed.
    finished = frozenset() if stopped.event == "submit" else _DONE
    if stopped.passed & (finished | (_TYPED if found.typed else frozenset())):
        return f"Only a part of this was done, then it was stopped: {stopped.why}. Look where things stand before going on."
    raise changed(stopped.why)


def covered(driver: BrowserDriver, found: Look, permit: Permit) -> Cover | None:
    """What `permit` allows the page to send because of what was `found`; None: nothing."""
    if not permit.effects:
        return None
    asked = tuple(Asked(one.method, one.url, one.why) for one in permit.sends)
    places = [driver.url, *(address for target in found.targets for address in (target.origin, target.form_action))]
    forms = tuple(
        Form(target.form_method.upper(), target.form_action, target.origin, target.form_sums)
        for target in found.targets
        if target.form_action and target.form_method != "dialog"
    )
    # Typed on beyond its field, it may come to be another form.
    return Cover(() if found.free else forms, tuple(dict.fromkeys(place for place in places if place)), asked)


@contextmanager
def effects_held(driver: BrowserDriver, found: Look, permit: Permit, cover: Cover | None) -> Iterator[list[Effect]]:
    """Hold back, while this lasts and shortly after, what the page would change on its servers and `cover` does not cover; those, once
    this is over."""
    held: list[Effect] = []
    free = permit.effects and (permit.anywhere or not driver.options.guard)
    if free or not (found.seen or found.held):
        yield held
        return
    driver.hold_effects(next((one.target.identity for one in found.seen if one.target.identity), ""), permit.harmless, cover)
    try:
        yield held
    finally:
        held += [Effect(one.method, one.url, one.origin, one.identity, one.why) for one in driver.release_effects()]


def canonical(url: str) -> str:
    """`url` as browsers write it, whatever spelling it came in; unchanged where it is no address."""
    import ada_url

    try:
        return str(ada_url.URL(url).href)
    except ValueError:
        return url


def _typed(driver: BrowserDriver, text: str) -> Look:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    entered = "\n" in lines
    seen = driver.look_at_focus(entered)
    field = seen[0].target
    several = "\n" in lines[:-1] and not (field.role == "textbox" and not field.input_type)
    beyond = "\t" in lines[:-1] or several
    told = [_told(one, "enter" if entered else "") for one in seen]
    if beyond:
        told.append(Seen(Target("browser", "focus", known=False, doubts=(BEYOND,), page=field.page)))
    return Look(tuple(told), guarded=True, entered=entered, free=beyond, typed=True, extra_s=len(text) * 0.02)


def _pressed(driver: BrowserDriver, keys: Sequence[str]) -> Look:
    entered = "enter" in keys and not set(keys) & {"ctrl", "alt", "meta"}
    seen = driver.look_at_focus(entered)
    told = [_told(one, "+".join(keys)) for one in seen]
    if seen[0].how == "page" and HARMLESS_KEYS.issuperset(keys):
        told[0] = replace(told[0], target=replace(told[0].target, known=True, doubts=()))
    return Look(tuple(told), guarded=True, entered=entered)


def _clicked(action: Click) -> str:
    """How it is clicked, where not once with the left button."""
    names = [
        *action.modifiers,
        *([] if action.button == "left" else [action.button]),
        *({2: ["double"], 3: ["triple"]}.get(action.count, [])),
    ]
    return "+".join(names)


def _told(seen: Seen, detail: str) -> Seen:
    opens = bool(seen.target.href and {"ctrl", "meta", "shift", "middle"} & set(detail.split("+")))
    return replace(seen, target=replace(seen.target, detail=detail, new_tab=seen.target.new_tab or opens))


def _plain(target: Target) -> Look:
    return Look((Seen(target),))


def _address(driver: BrowserDriver, url: str, detail: str = "") -> Target:
    import ada_url

    try:
        origin = str(ada_url.URL(url).origin)
    except ValueError:
        origin = ""
    doubts = () if origin else ("no address",)
    told = Target("browser", "address", known=bool(origin), doubts=doubts, role="address", href=url, origin=origin)
    return replace(told, page=driver.url, detail=detail)
