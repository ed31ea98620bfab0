"""What the tiny checkpoint is trained on: pictures, the prompts of the real dialects about them, and the answers wanted."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from handeye.agent.dialects.base import Dialect, PastStep
from handeye.agent.dialects.hermes import dump
from handeye.agent.dialects.qwen25vl import QwenComputerUse
from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.agent.messages import Message
from handeye.benchmarks.buttons.drawing import draw
from handeye.benchmarks.buttons.screens import MAX_BUTTONS, VIEWPORT, Button, Screen, goal_for, make_screen, phrase_for
from handeye.envs.actions import LOOP_ACTIONS, Action, Click, Finish
from handeye.envs.browser import ACTION_TYPES
from handeye.envs.observation import Observation
from handeye.tools.device import Pixels

EVERY = "every button"
"""What `locate --all` is asked for."""
_TYPES = sorted(ACTION_TYPES | LOOP_ACTIONS)
_TITLES = ("Buttons", "", "Home", "Untitled", "Order form", "Settings", "Dashboard - Example", "localhost")


@dataclass(frozen=True)
class Question:
    """One thing asked about a picture: what follows the picture in the user's turn, and the answer."""

    text: str
    answer: str
    about: Button | None = None
    """The one button that the answer points at."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A picture and the questions about it."""

    pixels: Pixels
    screen: Screen
    questions: tuple[Question, ...]


@dataclass(frozen=True, eq=False)
class Batch:
    """Pictures under one system turn."""

    system: str
    asked: tuple[Asked, ...]


def plain_screens(random_: random.Random, count: int) -> list[tuple[Screen, Pixels]]:
    """Full screens and their pictures, for looking alone."""
    screens = [make_screen(random_, MAX_BUTTONS) for _ in range(count)]
    return [(screen, draw(screen, random_)) for screen in screens]


def questions_only(random_: random.Random, count: int) -> list[Question]:
    """Questions of the computer-use dialect about screens that are not shown."""
    batch = click_batch(random_, count, 1, tools=False)
    return [question for asked in batch.asked for question in asked.questions]


def click_batch(random_: random.Random, pictures: int, questions: int, tools: bool) -> Batch:
    """Questions of the computer-use dialect; with `tools` False the system turn offers none, which is shorter and trains as well."""
    types = frozenset(random_.sample(_TYPES, random_.randint(6, len(_TYPES)))) if random_.random() < 0.7 else frozenset(_TYPES)
    dialect = QwenComputerUse(types | {"click", "finish"}, loop_actions=frozenset())
    asked = []
    system = ""
    for _ in range(pictures):
        screen, pixels = _screen(random_)
        rows = []
        for button in _some(random_, screen.buttons, questions):
            messages, action = _click_prompt(random_, dialect, pixels, button)
            system, text = _split(messages)
            rows.append(Question(text, dialect.format(action, VIEWPORT), button if isinstance(action, Click) else None))
        asked.append(Asked(pixels, screen, tuple(rows)))
    return Batch(system if tools else "You are a helpful assistant.", tuple(asked))


def locate_batch(random_: random.Random, pictures: int, questions: int) -> Batch:
    """Questions of the pointing dialect: one button by its description, or every button."""
    one, every = QwenPoint(), QwenPoint(every=True)
    asked = []
    system = ""
    for _ in range(pictures):
        screen, pixels = _screen(random_)
        seen = Observation(pixels)
        rows = []
        for button in _some(random_, screen.buttons, questions - 1):
            phrase = phrase_for(random_, button)
            system, text = _split(one.render(phrase, (), seen))
            rows.append(Question(text, boxes_answer([button]), button))
        text = _split(every.render(EVERY, (), seen))[1]
        rows.append(Question(text, boxes_answer(screen.buttons)))
        asked.append(Asked(pixels, screen, tuple(rows)))
    return Batch(system, tuple(asked))


def boxes_answer(buttons: Sequence[Button]) -> str:
    """Boxes in the form of Qwen2.5-VL's spatial_understanding cookbook, from the top to the bottom."""
    ordered = sorted(buttons, key=lambda button: (button.box.top, button.box.left))
    rows = ",\n".join("\t" + dump({"bbox_2d": list(button.box), "label": f"{button.colour} button"}) for button in ordered)
    return f"```json\n[\n{rows}\n]\n```"


def corpus(seed: int = 0, batches: int = 60) -> list[str]:
    """Texts from which the tokenizer is learnt."""
    random_ = random.Random(seed)
    texts = []
    for _ in range(batches):
        for batch in (click_batch(random_, 2, 3, tools=True), locate_batch(random_, 2, 3)):
            texts.append(batch.system)
            texts += [part for asked in batch.asked for question in asked.questions for part in (question.text, question.answer)]
    return texts


def _screen(random_: random.Random) -> tuple[Screen, Pixels]:
    screen = make_screen(random_)
    return screen, draw(screen, random_)


def _some(random_: random.Random, buttons: Sequence[Button], count: int) -> list[Button]:
    return [*random_.sample(buttons, min(count, len(buttons))), *random_.choices(buttons, k=max(0, count - len(buttons)))]


def _click_prompt(random_: random.Random, dialect: Dialect, pixels: Pixels, button: Button) -> tuple[tuple[Message, ...], Action]:
    goal = goal_for(random_, button)
    local = (f"http://127.0.0.1:{random_.randint(1024, 65535)}/", f"http://localhost:{random_.randint(1, 9999)}/page")
    # Most prompts go without what is known about the screen: it is half of their tokens, and learnt soon.
    url = random_.choice((*[""] * 6, "about:blank", *local))
    seen = Observation(pixels, url=url, title=random_.choice(_TITLES) if url else "")
    click = Click(point=button.box.center)
    if random_.random() < 0.1:
        past = PastStep("", click, VIEWPORT)
        return dialect.render(goal, (past,), seen), Finish()
    return dialect.render(goal, (), seen), click


def _split(messages: Sequence[Message]) -> tuple[str, str]:
    """The system turn, and the user turn after its picture, which must come first."""
    system, user = messages
    if len(user.parts) != 2 or isinstance(user.parts[0], str) or not isinstance(user.parts[1], str):
        raise ValueError("the training expects the picture first, then the text")
    return system.text, user.parts[1]
