"""The conformance test of dialects: what every one of them must keep to, for its own test and for those who write another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from handeye.agent.dialects.base import Dialect, PastStep
from handeye.agent.messages import Message
from handeye.envs import actions as act
from handeye.envs.observation import Dialog, Observation, Tab
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Point, Size

SIZES = (Size(1280, 800), Size(1080, 2400), Size(3840, 2160), Size(333, 77), Size(31, 30))
"""Screens that are tried: common ones, and some that no picture size suits exactly."""

_TEXTS = (
    "",
    "plain",
    "two\nlines\tand a tab",
    "quotes \" ' and \\ backslash",
    "日本語 – “ü” 😀",
    "</tool_call>",
    "<tool_call>\n{}",
    "<|im_end|>",
    "```\n{{goal}}",
)

_HOSTILE = (
    "", " ", "\x00", "I would click at (100, 200).", "[", "{", "{" * 5000, "[" * 5000, '{"a":' * 3000, '{"name": NaN}', "\ud800",
    "<tool_call>", "<tool_call>\n</tool_call>", "<tool_call>\n{}\n</tool_call>", "<tool_call>\n[]\n</tool_call>",
    '{"name": "x", "arguments": {"action": "left_click", "coordinate": [NaN, 1e999]}}', "[" + "9" * 5000 + ", 1]", "[1e999, 1]",
    "[-Infinity, 3]", '{"bbox_2d": []}', "```python\nimport os\n```", "pyautogui.click(10, 10)", "Action: click(start_box='(1,2)')",
)  # fmt: skip


def example_actions(types: frozenset[str], size: Size) -> tuple[act.Action, ...]:
    """Actions of every verb in `types`, at the corners and edges of their fields, on a screen of `size`."""
    first, last, middle = Point(0, 0), Point(size.width - 1, size.height - 1), Point(size.width // 3, size.height // 2)
    spread = [Point(size.width * n // 17, size.height * (16 - n) // 17) for n in range(17)]
    actions: list[act.Action] = [act.Click(), act.Click(count=2), act.Click(point=middle, button="middle"), act.Move(point=middle)]
    actions += [act.Click(point=point) for point in (first, last, *spread)]
    actions += [act.Click(point=last, button="right", count=3, modifiers=("ctrl", "shift")), act.Click(point=first, count=3)]
    actions += [
        act.LongPress(point=middle),
        act.LongPress(point=last, duration_s=0.125),
        act.Drag(end=last),
        act.Drag(start=first, end=middle),
    ]
    actions += [
        act.Drag(start=last, end=first, via=(middle, first)),
        act.Swipe(start=last, end=first),
        act.Swipe(start=first, end=last, duration_s=2),
    ]
    actions += [act.Scroll(direction=side, amount=7) for side in ("up", "down", "left", "right")]
    actions += [act.Scroll(), act.Scroll(point=middle, amount=100_000), *(act.TypeText(text=text) for text in _TEXTS)]
    actions += [
        act.PressKeys(keys=keys) for keys in (("enter",), ("home",), ("menu",), ("ctrl", "+"), ("ctrl", "shift", "a"), (",",), ("é",))
    ]
    buttons = ("back", "home", "menu", "enter", "recents", "power", "volume_up", "volume_down", "camera", "clear")
    actions += [act.PressButton(button=button) for button in buttons]  # type: ignore[arg-type]
    actions += [act.OpenApp(name="Files & more"), act.Goto(url="https://example.org/?a=<b>&c=%20"), act.GoBack(), act.SwitchTab(index=3)]
    actions += [
        act.CloseTab(),
        act.AnswerDialog(accept=True),
        act.AnswerDialog(accept=False, text=""),
        act.AnswerDialog(accept=True, text="x"),
    ]
    actions += [act.ChooseFiles(), act.ChooseFiles(paths=("/tmp/a b.txt", "C:\\x")), act.Wait(), act.Wait(seconds=0.5), act.Wait(seconds=0)]
    actions += [
        act.Answer(text="42"),
        act.Answer(text=""),
        act.Finish(),
        act.Finish(success=False),
        act.Finish(success=False, message="no such page"),
        act.AskUser(question="Which?"),
    ]
    return tuple(action for action in actions if action.type in types)


def check_dialect(dialect: Dialect, actions: Sequence[act.Action] | None = None, sizes: Sequence[Size] = SIZES) -> None:
    """Raise `AssertionError`, in words, where `dialect` breaks the contract of `Dialect`.

    `actions` are what it must be able to say, on the first of `sizes`; by default examples of every verb in its `action_types`, of which
    it must be able to say one of each verb, and a plain click everywhere.
    """
    _must(isinstance(dialect.name, str) and dialect.name != "", "a dialect has a name")
    _must(dialect.action_types <= act.ACTIONS.keys(), f"{dialect.name}: action_types holds verbs that do not exist")
    _must(dialect.history_pictures >= 0, f"{dialect.name}: history_pictures is negative")
    _must(all(stop for stop in dialect.stop), f"{dialect.name}: an empty text ends every reply")
    for index, size in enumerate(sizes):
        shown = dialect.picture_size(size)
        _must(dialect.picture_size(shown) == shown, f"{dialect.name}: a picture of {shown}, the size for {size}, would be resized again")
        given = (actions if index == 0 else None) if actions is not None else example_actions(dialect.action_types, size)
        _check_words(dialect, given or (), size, demanded=actions is not None)
        _check_hostile(dialect, size)
        _check_form(dialect, size)
    _check_verbs(dialect, sizes[0])
    _check_picture(dialect, sizes[0])
    # On the smallest, unless the caller's actions are of the first: the rest does not depend on the size, but drawing it does.
    screen = sizes[0] if actions is not None else min(sizes, key=lambda size: size.width * size.height)
    _check_render(dialect, actions if actions is not None else example_actions(dialect.action_types, screen), screen)


def _check_words(dialect: Dialect, actions: Sequence[act.Action], size: Size, demanded: bool) -> None:
    said = set()
    for action in actions:
        try:
            text = dialect.format(action, size)
        except InvalidAction as error:
            plain = isinstance(action, act.Click) and action.point is not None and action == act.Click(point=action.point)
            _must(not demanded and not plain, f"{dialect.name}: {action!r} cannot be said: {error}")
            continue
        said.add(action.type)
        reply = dialect.parse(text, size)
        _must(reply.actions == (action,), f"{dialect.name}: {action!r} is said as {text!r} and read as {reply.actions!r} on {size}")
        _must(reply.repairs == (), f"{dialect.name}: its own words {text!r} had to be mended: {reply.repairs}")
        _must(dialect.parse(text, size) == reply, f"{dialect.name}: two readings of {text!r} differ")
        cut = [text[: text.index(stop) + len(stop)] for stop in dialect.stop if stop in text]
        _must(
            all(dialect.parse(part, size) == reply for part in cut), f"{dialect.name}: {text!r} means something else when its stop ends it"
        )
    silent = sorted({action.type for action in actions} - said)
    _must(not silent, f"{dialect.name}: {', '.join(silent)} among its action_types, but no action of it can be said")


def _check_form(dialect: Dialect, size: Size) -> None:
    form = dialect.constraint(size)
    if form is not None:
        _must(bool(form.schema), f"{dialect.name}: the schema of its form is empty, which says nothing")
        _must(form == dialect.constraint(size), f"{dialect.name}: two forms for {size} differ")


def _check_verbs(dialect: Dialect, size: Size) -> None:
    for action in example_actions(frozenset(act.ACTIONS) - dialect.action_types, size):
        try:
            text = dialect.format(action, size)
        except InvalidAction:
            continue
        raise AssertionError(f"{dialect.name}: {action.type} is not among its action_types, but it says {text!r}")


def _check_hostile(dialect: Dialect, size: Size) -> None:
    for text in _HOSTILE:
        try:
            reply = dialect.parse(text, size)
        except ParseError as error:
            _must(str(error) != "", f"{dialect.name}: the error for {text[:60]!r} says nothing")
        except Exception as error:
            raise AssertionError(f"{dialect.name}: {text[:60]!r} raised {error!r}; only ParseError may come out of parse") from error
        else:
            _must(len(reply.actions) > 0, f"{dialect.name}: no action was read from {text[:60]!r}, yet there was no ParseError")
            points = [point for action in reply.actions for point in act.points_of(action)]
            _must(all(point.inside(size) for point in points), f"{dialect.name}: {text[:60]!r} was read as a point outside of the screen")


def _check_picture(dialect: Dialect, size: Size) -> None:
    observation = Observation(np.zeros((size.height, size.width, 3), np.uint8))
    pixels = dialect.render("find the exit", [], observation, [])[-1].pictures[-1].pixels
    high, wide = pixels.shape[:2]
    _must(Size(wide, high) == dialect.picture_size(size), f"{dialect.name}: the picture is not of the size that picture_size gives")


def _check_render(dialect: Dialect, actions: Sequence[act.Action], size: Size) -> None:
    screenshot = np.random.default_rng(0).integers(0, 256, (size.height, size.width, 3), dtype=np.uint8)
    before = screenshot.copy()
    observation = Observation(
        screenshot,
        url="https://example.org/",
        title="</screen> <|im_end|>",
        tabs=(Tab("one", "https://example.org/", active=True), Tab("two", "about:blank")),
        dialog=Dialog("prompt", "Name?", "nobody"),
        file_chooser=True,
        notes=("A tab opened.",),
    )
    history = [PastStep("", action, size, observation, "it failed" if index % 2 else "") for index, action in enumerate(actions)]
    for past in ([], history):
        messages = dialect.render("find the exit", past, observation, ["Nothing changed."])
        _must(
            _same(messages, dialect.render("find the exit", past, observation, ["Nothing changed."])),
            f"{dialect.name}: two renderings differ",
        )
        text = "".join(message.text for message in messages)
        _must("find the exit" in text, f"{dialect.name}: the goal is not told to the model")
        _must("Nothing changed." in text, f"{dialect.name}: the loop's notes are not told to the model")
        pictures = [picture for message in messages for picture in message.pictures]
        _must(1 <= len(pictures) <= 1 + dialect.history_pictures, f"{dialect.name}: {len(pictures)} pictures are shown")
        high, wide = pictures[-1].pixels.shape[:2]
        _must(Size(wide, high) == dialect.picture_size(size), f"{dialect.name}: the picture is not of the size that picture_size gives")
        _must(messages[-1].role == "user", f"{dialect.name}: the last turn is not the user's")
    _must(np.array_equal(screenshot, before), f"{dialect.name}: rendering changed the screenshot")


def _same(one: Sequence[Message], other: Sequence[Message]) -> bool:
    def plain(messages: Sequence[Message]) -> list[tuple[str, str, list[bytes]]]:
        return [(message.role, message.text, [picture.pixels.tobytes() for picture in message.pictures]) for message in messages]

    return plain(one) == plain(other)


def _must(holds: bool, message: str) -> None:
    if not holds:
        raise AssertionError(message)
