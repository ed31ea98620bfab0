"""Screens of coloured, labelled buttons: what is on them, what can be asked about them, and how they look in HTML and in memory.

The training draws screens in memory; the benchmark renders the same screens in a real browser. They agree in layout and colours, and
differ in what a renderer decides: fonts, smoothing, the roundness of corners.
"""

from __future__ import annotations

import html
import random
from collections.abc import Sequence
from dataclasses import dataclass

from handeye.tools.geometry import Box, Size

VIEWPORT = Size(336, 224)
"""12 x 8 visual tokens of Qwen2.5-VL: small enough to train on a CPU, and a fixed point of smart-resize."""
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (214, 45, 45),
    "green": (40, 160, 70),
    "blue": (40, 90, 215),
    "yellow": (240, 210, 50),
    "orange": (240, 140, 30),
    "purple": (140, 60, 180),
    "cyan": (60, 190, 210),
    "black": (35, 35, 40),
}
JITTER = 14
"""How far each channel of a button's colour may lie from its name's."""
LABELS = ("Save", "Open", "Send", "Close", "Next", "Back", "Help", "Print", "Search", "Login", "Reset", "Stop")
MAX_BUTTONS = 6
GAP = 6
"""Pixels that stay free between buttons and to the edge."""
_TRIES = 60


@dataclass(frozen=True)
class Button:
    """One button; `colour` is a name of `COLOURS`, `rgb` what is drawn."""

    colour: str
    label: str
    box: Box
    rgb: tuple[int, int, int]

    @property
    def ink(self) -> tuple[int, int, int]:
        """Colour of the label: what can be read on `rgb`."""
        red, green, blue = self.rgb
        return (20, 20, 20) if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else (255, 255, 255)


@dataclass(frozen=True)
class Screen:
    """Buttons that do not overlap, each colour and each label once."""

    buttons: tuple[Button, ...]
    background: tuple[int, int, int]
    font_size: int
    radius: int


@dataclass(frozen=True)
class Task:
    """A screen and what to do on it."""

    screen: Screen
    target: int
    """Index of the button to click."""
    goal: str


def make_screen(random_: random.Random, count: int | None = None) -> Screen:
    """A screen with `count` buttons (None: 2 to `MAX_BUTTONS`), or fewer where they do not fit."""
    count = count or random_.randint(2, MAX_BUTTONS)
    colours = random_.sample(sorted(COLOURS), count)
    labels = random_.sample(LABELS, count)
    boxes: list[Box] = []
    for _ in range(count * _TRIES):
        if len(boxes) == count:
            break
        width, height = random_.randint(60, 116), random_.randint(28, 48)
        left, top = random_.randint(GAP, VIEWPORT.width - width - GAP), random_.randint(GAP, VIEWPORT.height - height - GAP)
        box = Box(left, top, left + width, top + height)
        if not any(_close(box, other) for other in boxes):
            boxes.append(box)
    buttons = tuple(
        Button(colour, label, box, _jittered(random_, COLOURS[colour])) for colour, label, box in zip(colours, labels, boxes, strict=False)
    )
    grey = random_.choice((255, 255, 250, 245, 240, 232))
    return Screen(buttons, (grey, grey, grey), random_.randint(14, 18), random_.randint(0, 8))


def make_task(random_: random.Random) -> Task:
    """A fresh screen and a button of it to click."""
    screen = make_screen(random_)
    target = random_.randrange(len(screen.buttons))
    return Task(screen, target, goal_for(random_, screen.buttons[target]))


def phrase_for(random_: random.Random, button: Button) -> str:
    """Words that mean `button` alone on its screen: by its colour. (Labels are there to be looked past; see README.md.)"""
    return random_.choice(("the {} button", "the {} button", "the button that is {}", "the {} one")).format(button.colour)


def goal_for(random_: random.Random, button: Button) -> str:
    """An instruction to click `button`."""
    return random_.choice(("Click {}", "click {}", "Press {}", "Click on {}", "Please click {}.")).format(phrase_for(random_, button))


def page(screen: Screen) -> str:
    """`screen` as an HTML document; each button calls `clicked(index)`, which the page keeps in `window.hits`."""
    background = _css(screen.background)
    style = f"margin:0;overflow:hidden;background:{background};width:{VIEWPORT.width}px;height:{VIEWPORT.height}px;position:relative"
    buttons = "\n".join(_button(index, button, screen) for index, button in enumerate(screen.buttons))
    script = "window.hits=[];const clicked=(event,index)=>{event.stopPropagation();window.hits.push(index)}"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Buttons</title><script>{script}</script></head>\n'
        f'<body style="{style}" onclick="clicked(event,-1)">\n{buttons}\n</body></html>\n'
    )


def _button(index: int, button: Button, screen: Screen) -> str:
    box = button.box
    style = (
        f"position:absolute;left:{box.left}px;top:{box.top}px;width:{box.width}px;height:{box.height}px;border:0;padding:0;"
        f"border-radius:{screen.radius}px;background:{_css(button.rgb)};color:{_css(button.ink)};"
        f"font:{screen.font_size}px 'Liberation Sans',Arial,Helvetica,sans-serif"
    )
    return f'<button style="{style}" onclick="clicked(event,{index})">{html.escape(button.label)}</button>'


def _css(colour: Sequence[int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)


def _jittered(random_: random.Random, colour: tuple[int, int, int]) -> tuple[int, int, int]:
    red, green, blue = (min(255, max(0, channel + random_.randint(-JITTER, JITTER))) for channel in colour)
    return red, green, blue


def _close(box: Box, other: Box) -> bool:
    return box.left < other.right + GAP and other.left < box.right + GAP and box.top < other.bottom + GAP and other.top < box.bottom + GAP
