"""`ButtonsEnv`: a screen with coloured buttons and a text field, drawn in memory. For trying loops, dialects and models without a device.

A click on a button changes its colour, a click on the field gives it the focus, typed text appears in it as bars. So every
effect of an action can be seen in the pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from handeye.envs.actions import Action, Click, Drag, LongPress, PressKeys, TypeText
from handeye.envs.env import Effect, Permit, Settled, TimeStep
from handeye.envs.observation import Observation
from handeye.envs.permits import Permits
from handeye.envs.pointer import POINTER_ACTIONS, check_action, point_and_type
from handeye.tools.device import Pixels
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Box, Point, Size
from handeye.tools.recording import Call, RecordingDevice
from handeye.tools.target import Place, Target

ACTION_TYPES = POINTER_ACTIONS | {"wait"}
BUTTONS = (Box(20, 20, 100, 60), Box(120, 20, 200, 60), Box(220, 20, 300, 60))
"""Where the three buttons are."""
FIELD = Box(20, 90, 300, 120)
"""Where the text field is."""
SCREEN = Size(320, 240)
UP = ((200, 60, 60), (60, 160, 60), (60, 60, 200))
DOWN = (240, 200, 40)
"""Colours of the buttons, and of one that is pressed."""


@dataclass(frozen=True)
class Screen:
    """What the screen shows."""

    pressed: frozenset[int] = frozenset()
    """Buttons that were clicked an odd number of times."""
    focused: bool = False
    text: str = ""


def screen_after(calls: Sequence[Call]) -> Screen:
    """What the screen shows after `calls`."""
    pressed: set[int] = set()
    focused, text = False, ""
    for call in calls:
        if call.verb == "click":
            point = call.arguments[0]
            pressed ^= {number for number, box in enumerate(BUTTONS) if box.contains(point)}
            focused = FIELD.contains(point)
        elif call.verb == "type_text" and focused:
            text += call.arguments[0]
        elif call.verb == "press_keys" and focused and call.arguments[0] == ("backspace",):
            text = text[:-1]
    return Screen(frozenset(pressed), focused, text)


def draw_screen(screen: Screen) -> Pixels:
    """The picture of `screen`: (240, 320, 3) uint8 RGB."""
    pixels = np.full((SCREEN.height, SCREEN.width, 3), 245, dtype=np.uint8)
    for number, box in enumerate(BUTTONS):
        pixels[box.top : box.bottom, box.left : box.right] = DOWN if number in screen.pressed else UP[number]
    pixels[FIELD.top : FIELD.bottom, FIELD.left : FIELD.right] = (30, 90, 220) if screen.focused else (120, 120, 120)
    pixels[FIELD.top + 2 : FIELD.bottom - 2, FIELD.left + 2 : FIELD.right - 2] = 255
    for place, character in enumerate(screen.text[:45]):
        left, tall = FIELD.left + 6 + place * 6, 4 + ord(character) % 16
        pixels[FIELD.bottom - 5 - tall : FIELD.bottom - 5, left : left + 4] = 0
    return pixels


class ButtonsEnv:
    """The screen above as an `Env`. The episode is done when button `goal` is pressed and no other; then the reward is 1."""

    def __init__(self, goal: int = 0) -> None:
        if not 0 <= goal < len(BUTTONS):
            raise InvalidAction(f"there is no button {goal}")
        self.goal = goal
        self._device: RecordingDevice | None = None

    @property
    def action_types(self) -> frozenset[str]:
        """The verbs of a pointer device."""
        return ACTION_TYPES

    @property
    def device(self) -> RecordingDevice:
        """The device of this episode, with its calls. Raises `InvalidAction` before `reset`."""
        if self._device is None:
            raise InvalidAction("call reset first")
        return self._device

    @property
    def screen(self) -> Screen:
        """What the screen shows now."""
        return screen_after(self.device.calls)

    def reset(self, seed: int | None = None) -> Observation:
        """Nothing pressed, nothing typed. Every seed gives the same."""
        self._device = RecordingDevice(draw=lambda calls: draw_screen(screen_after(calls)))
        return self._observation()

    def step(self, action: Action) -> TimeStep:
        """Do `action` and draw the screen anew."""
        device = self.device
        check_action(action, ACTION_TYPES, SCREEN, "this screen")
        point_and_type(device, action)
        done = self.screen.pressed == {self.goal}
        return TimeStep(self._observation(), Settled(), reward=float(done), done=done)

    def close(self) -> None:
        """Forget the episode."""
        self._device = None

    def _observation(self) -> Observation:
        return Observation(self.device.screenshot(), app="buttons", pointer=self.device.pointer)


class SightedButtonsEnv(ButtonsEnv):
    """The same screen as a `SightedEnv`: it says what an action would touch, or whatever it is told to say."""

    def __init__(self, goal: int = 0, says: Callable[[Action], tuple[Target, ...]] | None = None) -> None:
        super().__init__(goal)
        self.says = says
        """What `targets` gives, in place of the buttons and the field. It is asked for each look: what it says may change in between."""
        self.sets_off: tuple[Effect, ...] = ()
        """What every later permitted step tries to change on a server."""
        self.carried_out: list[Effect] = []
        """Those of them that permits covered."""
        self.kept_out: tuple[str, ...] = ()
        """What it was last told to keep out."""
        self._permits = Permits()

    def targets(self, action: Action) -> tuple[Target, ...]:
        """What `action` would touch: a button, the field, the ground between them, or what `says` says."""
        device = self.device
        check_action(action, ACTION_TYPES, SCREEN, "this screen")
        if self.says is not None:
            return self.says(action)
        match action:
            case Click() | LongPress():
                return (self._under(action.point or device.pointer),)
            case Drag():
                return (self._under(action.start or device.pointer), self._under(action.end, "drop"))
            case TypeText():
                return (self._focused(),)
            case PressKeys():
                return (replace(self._focused(), detail="+".join(action.keys)),)
            case _:
                return ()

    def step_permitted(self, action: Action, permit: Permit) -> TimeStep:
        """`step`, if the targets are still those of `permit`. What it sets off is held back unless the permit covers effects."""
        self._permits.use(permit, self.targets(action))
        step = self.step(action)
        if permit.effects:
            self.carried_out += self.sets_off
            return step
        return replace(step, held=self.sets_off)

    def shown_at(self, values: Sequence[str]) -> tuple[Box, ...] | None:
        """None: it draws bars, not letters."""
        return None

    def keep_out(self, values: Sequence[str]) -> None:
        """Keep `values` as `kept_out`. Nothing is ever pasted here."""
        self.kept_out = tuple(values)

    def _under(self, point: Point, place: Place = "point") -> Target:
        number = next((number for number, box in enumerate(BUTTONS) if box.contains(point)), None)
        if number is not None:
            states = frozenset({"checked"} if number in self.screen.pressed else ())
            return Target("desktop", place, identity=f"button {number}", box=BUTTONS[number], role="button", name=f"Button {number}",
                          states=states, app="buttons")  # fmt: skip
        if FIELD.contains(point):
            return replace(self._field(), place=place)
        return Target("desktop", place, identity="ground", role="ground", app="buttons")

    def _focused(self) -> Target:
        if self.screen.focused:
            return self._field()
        return Target("desktop", "focus", known=False, doubts=("nothing has the focus",), app="buttons")

    def _field(self) -> Target:
        states = frozenset({"editable", "focused"} if self.screen.focused else {"editable"})
        return Target("desktop", "focus", identity="field", box=FIELD, role="textbox", name="Field", states=states, app="buttons")


def button_centre(number: int) -> Point:
    """The middle of a button."""
    return BUTTONS[number].center
