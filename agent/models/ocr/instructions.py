"""What the embedded model can be told to do: the closed set of instructions that the grammar gives and the planner carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Way = Literal["", "tabs", "sections", "tree", "menu", "pages"]
"""Where else a target may be hidden, as far as the goal says so."""


@dataclass(frozen=True)
class Target:
    """A thing on the screen, as the goal names it."""

    text: str = ""
    """What it says."""
    phrase: str = ""
    """The whole noun phrase without its article, for labels that hold the noun themselves ("Tab #2")."""
    kind: str = ""
    """button, link, tab, checkbox, radio, option, field, area, dropdown, icon, dialog, shape, text, menu, item or nothing."""
    ordinal: int = 0
    """1 for the first, -1 for the last, 0 if it does not say."""
    color: str = ""
    shape: str = ""
    near: str = ""
    """Words that stand close to it."""
    extreme: Literal["", "least", "most"] = ""
    """The one with the smallest or largest number, or size."""
    measure: str = ""
    """What that number is: price, duration, size, or the word in front of it."""

    def __str__(self) -> str:
        place = {0: "", -1: "last "}.get(self.ordinal, f"{self.ordinal}. ")
        words = [self.color, self.shape if self.shape != self.kind else "", self.kind if self.kind != "shape" or not self.shape else ""]
        name = f'"{self.text or self.phrase}"' if self.text or not any(words) else ""
        near = f' near "{self.near}"' if self.near else ""
        return place + " ".join(word for word in (name, *words) if word) + near


@dataclass(frozen=True)
class Source:
    """Text that has to be read from the screen first."""

    kind: Literal["word", "text", "row", "sum", "count"]
    """The nth word, a text as it stands, the cell right of a label, the result of a sum, how many of a thing there are."""
    label: str = ""
    ordinal: int = 0
    place: Target = Target()


Value: TypeAlias = str | Source


@dataclass(frozen=True)
class Click:
    """Click a target."""

    target: Target
    button: Literal["left", "right", "middle"] = "left"
    count: int = 1
    way: Way = ""
    hold: bool = False
    """Press and hold it."""
    opens: bool = False
    """The goal says "open": on a phone it may be the name of an app."""


@dataclass(frozen=True)
class Pick:
    """Tick, choose or untick one or more things by their names; from a list if `where` says so."""

    names: tuple[Target, ...]
    on: bool = True
    where: Target | None = None


@dataclass(frozen=True)
class Enter:
    """Type a value into a field."""

    value: Value
    field: Target = Target()
    every: bool = False
    """Into all the fields there are."""


@dataclass(frozen=True)
class Press:
    """Press keys together."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class Scroll:
    """Scroll, or bring a target into view."""

    direction: Literal["up", "down", "left", "right"] = "down"
    target: Target | None = None
    to_end: bool = False


@dataclass(frozen=True)
class Drag:
    """Drag a thing onto another, or some way."""

    what: Target
    onto: Target | None = None
    direction: str = ""
    """up, down, left or right; or where in its list or grid it is to come: top, bottom, a number, "top left" ..."""
    every: bool = False


@dataclass(frozen=True)
class Expand:
    """Open what is folded."""

    target: Target


@dataclass(frozen=True)
class Visit:
    """Open an address."""

    url: str


@dataclass(frozen=True)
class Wait:
    """Do nothing for a while."""

    seconds: float


@dataclass(frozen=True)
class Mark:
    """Select text by dragging over it."""

    text: Target


@dataclass(frozen=True)
class Tell:
    """Answer with text that is read from the screen."""

    source: Source


@dataclass(frozen=True)
class Copy:
    """Copy the text of a field or text area."""

    place: Target


@dataclass(frozen=True)
class Paste:
    """Paste into a field."""

    field: Target


@dataclass(frozen=True)
class Each:
    """Click everything that a target means, one after the other."""

    target: Target
    order: Literal["", "ascending", "descending"] = ""
    most: int = 0
    """No more than so many; 0 for all."""
    shades: bool = False
    """The target's colour means all its shades."""


@dataclass(frozen=True)
class Judge:
    """Give the answer to a question about what is drawn, by the button that says it if there is one."""

    question: Literal["count", "sides", "shape"]
    target: Target = Target()


@dataclass(frozen=True)
class Slide:
    """Set the sliders, from top to bottom, to these values."""

    values: tuple[int, ...]


@dataclass(frozen=True)
class Complete:
    """Type the beginning of an entry and take the suggestion that fits."""

    start: str
    end: str = ""


@dataclass(frozen=True)
class Resize:
    """Pull the lower right corner of a text area."""

    dx: int
    dy: int
    """Signs of the way: 1 right or down, -1 left or up, 0 neither."""


@dataclass(frozen=True)
class Sort:
    """Drag the rows of a list into the order of their numbers."""

    descending: bool = False


@dataclass(frozen=True)
class AnswerDialog:
    """Accept or dismiss the dialog that the page opened."""

    accept: bool
    text: str | None = None
    """What to put into a dialog that asks for text."""


@dataclass(frozen=True)
class OpenApp:
    """Open an app by its name."""

    name: str


@dataclass(frozen=True)
class Toggle:
    """Turn what a label names on or off; None: the other way."""

    target: Target
    on: bool | None


@dataclass(frozen=True)
class Button:
    """Press a button of the device itself."""

    name: Literal["back", "home", "recents", "power", "volume_up", "volume_down"]


Instruction: TypeAlias = (
    Click
    | Pick
    | Enter
    | Press
    | Scroll
    | Drag
    | Expand
    | Visit
    | Wait
    | Mark
    | Tell
    | Copy
    | Paste
    | Each
    | Judge
    | Slide
    | Complete
    | Resize
    | Sort
    | AnswerDialog
    | OpenApp
    | Toggle
    | Button
)

FORMS = (
    'click / press / tap / double-click / right-click "X" (button, link, tab, icon, 2nd check box ...)',
    "select / check / uncheck A, B and C",
    'select "X" from the list',
    'enter "text" into the "name" field',
    "press enter, press ctrl+a",
    "scroll down, scroll to X, swipe left",
    "drag X to Y",
    "go to an address",
    "wait N seconds",
    "read the text after X",
    "accept / dismiss the dialog",
    "open the X app, turn X on / off, long-press X, go back, go home",
    "on a desktop: press F2, open the X menu, click X > Y, close the window, save the document",
)
"""The forms of instructions, for the message that says that a goal is none of them."""
