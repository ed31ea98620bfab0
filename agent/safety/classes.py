"""From what an action would touch to what may come of it: classes of risk, by facts alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from handeye.agent.safety.addresses import read_address
from handeye.agent.safety.elements import address_verbs, blind, is_field, is_terminal, pressed, program_file, wordless
from handeye.agent.safety.keyboard import ENTER, order_of, pressed_keys, typed
from handeye.agent.safety.lexicon import lexicon
from handeye.agent.safety.programs import of_kind
from handeye.agent.safety.words import says, words
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
    OpenApp,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    SwitchTab,
    TypeText,
    Wait,
)
from handeye.envs.env import Effect
from handeye.tools.target import Target

CLASSES: dict[str, str] = {
    "pay": "buys, pays or orders something",
    "send": "sends or publishes something",
    "delete": "deletes, resets or overwrites something",
    "grant": "gives access or a permission",
    "credentials": "has to do with passwords or logging in",
    "settings": "changes settings",
    "install": "installs or runs a program",
    "files": "hands over files",
    "leave": "leaves the places that were allowed",
    "terms": "agrees to terms",
    "dialog": "says yes to a dialog of the page",
    "run": "runs a command in a terminal",
    "effect": "changes something on a server",
    "submit": "submits something that nobody can classify",
    "unknown": "touches something that cannot be told",
    "free": "risks nothing",
}
"""Every class and what an action of that class does. The order is that in which a person is told."""
FREE = frozenset({"free"})
SLOP = 32
"""Pixels within which a finger counts as not having moved: Android's touch slop is 8 dp, at 640 dpi."""


@dataclass(frozen=True)
class Around:
    """What is known beside the targets, all of it from the user or from handeye's own record."""

    goal: str = ""
    refusal: Callable[[str], str | None] = lambda address: None
    """Why an address may not be opened; None: it may."""
    apps: tuple[str, ...] = ()
    """Packages or programs that may be used; none: all may."""
    typed: Mapping[str, str | None] = field(default_factory=dict)
    """By identity of a terminal, what was typed into it since its last Enter; None: that is not known."""
    held: tuple[tuple[Action, Effect], ...] = ()
    """Effects that were held back, each with the action that they followed."""


@dataclass(frozen=True)
class Judged:
    """One target of an action with its risks; `target` None: the action touches nothing that could be looked at."""

    target: Target | None
    classes: frozenset[str]
    named: bool = False
    """The user's own words order it."""
    effects: tuple[Effect, ...] = ()
    """What it set off before, and was held back."""


def judge(action: Action, targets: Sequence[Target] | None, around: Around) -> tuple[Judged, ...]:
    """The risks of `action` on each of its `targets` (None: the environment cannot tell them); one element at least."""
    if isinstance(action, Wait | Move | Scroll):
        return (_with_effects(Judged(None, FREE), action, around),)
    if targets is None:
        return (_with_effects(Judged(None, frozenset({"unknown"})), action, around),)
    if not targets:
        return (_with_effects(Judged(None, _without_target(action, around), False), action, around),)
    pressed_too = any(target.place == "focus" and target.known and not is_field(target) and target.form_action for target in targets)
    judged = []
    for target in targets:
        risks = _classes(action, target, around)
        if blind(target) and not (isinstance(action, PressKeys) and not risks):
            risks |= {"unknown"}
        if pressed_too and is_field(target):
            risks -= {"submit"}  # Enter in a field: the button that it presses is judged, by its name
        judged.append(_with_effects(Judged(target, risks or FREE, _named(action, target, around)), action, around))
    return tuple(judged)


def _with_effects(judged: Judged, action: Action, around: Around) -> Judged:
    identity = judged.target.identity if judged.target else ""
    effects = tuple(effect for past, effect in around.held if past == action or (identity and identity == effect.identity))
    if not effects:
        return judged
    return Judged(judged.target, judged.classes - FREE | {"effect"}, judged.named, tuple(dict.fromkeys(effects)))


def _without_target(action: Action, around: Around) -> frozenset[str]:
    match action:
        case Goto(url=url):
            return _address(url, around) or FREE
        case AnswerDialog(accept=accept):
            return frozenset({"dialog"}) if accept else FREE
        case ChooseFiles(paths=paths):
            return frozenset({"files"}) if paths else FREE
        case PressButton(button=button):
            return frozenset({"unknown"}) if button == "enter" else FREE
        case PressKeys(keys=keys):
            return pressed_keys(Target("desktop", "focus", known=False), keys, None) or FREE
        case GoBack() | SwitchTab() | CloseTab() | Swipe():
            return FREE
        case _:
            return frozenset({"unknown"})


def _classes(action: Action, target: Target, around: Around) -> frozenset[str]:
    match action:
        case Click(button="right"):
            return frozenset() if target.known else frozenset({"unknown"})
        case Click(button="middle") if is_terminal(target):
            return frozenset({"run"})  # X11 pastes what was marked last
        case Click(count=count):
            return pressed(target, opens=count > 1) | _leaving(target, around) | _wordless(target)
        case LongPress():
            return pressed(target) | _leaving(target, around) | _wordless(target)
        case Drag() | Swipe():
            # Let go on the thing itself it is a press: browsers click then, and so do views that nothing around them scrolls.
            on_itself = target.place != "drop" and _ends_on(action, target)
            sideways = action.start is None or abs(action.end.x - action.start.x) > abs(action.end.y - action.start.y)
            return _dragged(target, sideways) | (pressed(target) | _leaving(target, around) if on_itself else frozenset())
        case TypeText(text=text):
            return typed(target, text, around.typed.get(target.identity, "")) | _app(target, around)
        case PressKeys(keys=keys):
            return pressed_keys(target, keys, around.typed.get(target.identity, "")) | _app(target, around)
        case PressButton(button=button):
            return pressed_keys(target, ENTER, around.typed.get(target.identity, "")) if button == "enter" else frozenset()
        case Goto(url=url):
            return _address(target.href or url, around)
        case GoBack() | SwitchTab() | CloseTab():
            return frozenset({"leave"}) if target.href and _refused(target.href, around) else frozenset()
        case AnswerDialog(accept=accept):
            return _dialog(target) if accept and target.detail != "alert" else frozenset()
        case ChooseFiles(paths=paths):
            return frozenset({"files"}) if paths else frozenset()
        case OpenApp():
            return _app(target, around) if target.known else frozenset({"unknown"})
        case _:
            return frozenset({"unknown"})


def _dialog(target: Target) -> frozenset[str]:
    return frozenset({"dialog"}) | lexicon().found(target.name) - {"credentials", "settings"}


def _wordless(target: Target) -> frozenset[str]:
    return frozenset({"unknown"}) if wordless(target) else frozenset()


def _dragged(target: Target, sideways: bool) -> frozenset[str]:
    if not target.known:
        return frozenset({"unknown"})
    lex = lexicon()
    texts = [text for text in (target.name, target.text) if text and len(words(text)) <= 6]
    if target.place == "drop":
        thrown = any(lex.begins("bin", text) for text in (*texts, target.resource_id.rpartition("/")[2]) if text)
        # Launchers and file managers do to what is dropped what the place is called.
        told = {risk for text in texts for risk in lex.found(text)} & {"delete", "send"} if target.surface != "browser" else set[str]()
        return frozenset(told | ({"delete"} if thrown else {"files"} if target.input_type == "file" else set()))
    if of_kind(target, "mail") and not is_field(target) and sideways:
        return frozenset({"unknown"})  # archives, deletes or puts off, as its owner has set it
    slides = any(text.casefold().startswith(("slide", "swipe")) for text in texts)
    said = frozenset(risk for text in texts for risk in lex.found(text)) if slides or target.surface == "android" else frozenset()
    if slides and target.surface != "browser" and any(lex.has("final", text) for text in texts):
        said |= {"pay"} if target.amounts else {"submit"}
    # A drag that ends where it began is a press, and a switch is flipped by either.
    return said | pressed(target)


def _ends_on(action: Drag | Swipe, target: Target) -> bool:
    """Whether `target`, on which it begins, is also where it ends."""
    box, end = target.box, action.end
    if box is not None and box.width > 0 and box.height > 0:
        return box.left <= end.x < box.right and box.top <= end.y < box.bottom
    return action.start is None or max(abs(end.x - action.start.x), abs(end.y - action.start.y)) <= SLOP


def _leaving(target: Target, around: Around) -> frozenset[str]:
    if any(address and _refused(address, around) for address in (target.href, target.form_action)):
        return frozenset({"leave"})
    return _app(target, around)


def _app(target: Target, around: Around) -> frozenset[str]:
    """Outside of the apps that may be used."""
    if target.surface == "browser" or not around.apps or not target.app:
        return frozenset()
    names = {target.app, *target.app.split()}
    allowed = {name.casefold() for name in around.apps}
    return frozenset() if any(name.casefold() in allowed for name in names) else frozenset({"leave"})


def _refused(href: str, around: Around) -> bool:
    to = read_address(href)
    return to is not None and to.scheme in {"http", "https"} and around.refusal(to.href) is not None


def _address(text: str, around: Around) -> frozenset[str]:
    """The risks of opening an address that the model named."""
    to = read_address(text) or read_address(f"https://{text}")
    if to is None:
        return frozenset({"leave"})
    if to.scheme == "javascript":
        return frozenset({"run"})
    if to.scheme not in {"http", "https"}:
        return frozenset() if to.href == "about:blank" else frozenset({"leave"})
    found = address_verbs(to)
    if program_file(to.path):
        found.add("install")
    if around.refusal(to.href) is not None:
        found.add("leave")
    return frozenset(found)


def _named(action: Action, target: Target, around: Around) -> bool:
    """Whether the user's own sentence orders this: the whole name of the target, the key, or the text itself."""
    if isinstance(action, TypeText | PressKeys | PressButton) and order_of(
        action, target, around.goal, around.typed.get(target.identity, "")
    ):
        return True
    return target.known and says(around.goal, target.name or target.text)
