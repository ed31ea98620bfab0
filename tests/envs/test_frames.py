"""Settling from pictures: on recorded sequences with a clock of their own, for screens that cost little and much to capture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from handeye.envs.frames import Frame, FrameLimits, SettledFrame, Settling, caret_only, differing, sketch
from handeye.tools.device import Pixels

WIDTH, HEIGHT = 540, 1200
LIMITS = FrameLimits()
COSTS = (0.02, 0.06, 0.15, 0.5)
Draw = Callable[[Pixels, float], None]


def blank() -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), 240, dtype=np.uint8)


@dataclass
class Recording:
    """A screen whose picture is a function of the time since the action; a look takes `cost_s` and shows its first third's end."""

    draw: Draw
    cost_s: float
    window: Callable[[float], str] = lambda at: "app"
    opening: Callable[[float], bool] = lambda at: False
    time_s: float = 0.0
    looks: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time_s

    def wait(self, seconds: float) -> None:
        self.time_s += max(0.0, seconds)

    def look(self) -> Frame:
        at = self.time_s + self.cost_s / 3
        self.looks.append(at)
        pixels = blank()
        self.draw(pixels, at)
        self.time_s += self.cost_s
        return Frame(pixels, self.window(at), self.opening(at))


def settle(recording: Recording, settling: Settling | None = None, before: Pixels | None = None) -> SettledFrame:
    settling = settling or Settling(LIMITS, recording, recording.cost_s)
    return settling.settle(recording, blank() if before is None else before)


def button(pixels: Pixels, shade: int = 40) -> None:
    pixels[100:160, 60:300] = shade


def slide(begins: float, lasts: float) -> Draw:
    """A page that comes in from the right, after a touch that is seen at once."""

    def draw(pixels: Pixels, at: float) -> None:
        button(pixels, 200 - int(min(at, 0.1) * 400))
        part = min(1.0, max(0.0, (at - begins) / lasts))
        if part:
            left = int(WIDTH * (1 - part))
            pixels[80:, left:] = 120
            pixels[300:360, min(WIDTH - 1, left + 40) :] = 10

    return draw


@pytest.mark.parametrize("cost_s", COSTS)
def test_a_still_screen_costs_the_time_of_a_reaction_and_two_looks(cost_s: float) -> None:
    recording = Recording(lambda pixels, at: button(pixels), cost_s)
    before = blank()
    button(before)
    seen = settle(recording, before=before)
    assert not seen.changed
    assert not seen.settled.capped
    assert LIMITS.react_s <= recording.time_s <= LIMITS.react_s + LIMITS.quiet_s + 2 * cost_s


@pytest.mark.parametrize("cost_s", COSTS)
def test_a_change_that_is_there_at_once_is_not_waited_for_longer(cost_s: float) -> None:
    recording = Recording(lambda pixels, at: button(pixels), cost_s)
    seen = settle(recording)
    assert seen.changed
    assert len(recording.looks) == 2
    assert recording.time_s <= max(LIMITS.quiet_s, cost_s) + 2 * cost_s + 0.001


@pytest.mark.parametrize("cost_s", COSTS)
@pytest.mark.parametrize("lasts", [0.2, 0.3, 0.5])
def test_never_in_the_middle_of_a_transition(cost_s: float, lasts: float) -> None:
    recording = Recording(slide(0.08, lasts), cost_s)
    seen = settle(recording)
    assert (seen.frame.pixels[500:, 10:] == 120).all()
    assert not seen.settled.capped
    assert recording.time_s < 0.08 + lasts + LIMITS.quiet_s + 4 * max(cost_s, 0.05)


@pytest.mark.parametrize("cost_s", COSTS)
def test_the_window_tells_that_an_app_is_being_opened(cost_s: float) -> None:
    # The touch is seen, then nothing moves for 0.9 s, until the app's first picture is there.
    recording = Recording(slide(0.9, 0.25), cost_s, lambda at: "home" if at < 0.7 else "app", lambda at: 0.05 < at < 0.9)
    seen = settle(recording)
    assert (seen.frame.pixels[500:, 10:] == 120).all()
    assert "window" in seen.settled.waited_for


def spinner(pixels: Pixels, at: float) -> None:
    button(pixels)
    turn = at * 6
    x, y = 270 + int(40 * np.cos(turn)), 700 + int(40 * np.sin(turn))
    pixels[y - 8 : y + 8, x - 8 : x + 8] = 20


@pytest.mark.parametrize("cost_s", COSTS)
def test_a_spinner_is_recognised_and_then_known(cost_s: float) -> None:
    recording = Recording(spinner, cost_s)
    settling = Settling(LIMITS, recording, cost_s)
    seen = settle(recording, settling)
    assert not seen.settled.capped
    assert "moves on and on" in seen.settled.left_out[0]
    first, recording.looks = recording.time_s, []
    assert first < LIMITS.cap_s
    again = settle(recording, settling, seen.frame.pixels)
    assert again.settled.left_out
    assert recording.time_s - first <= LIMITS.react_s + LIMITS.quiet_s + 3 * cost_s


@pytest.mark.parametrize("cost_s", COSTS[:3])
def test_a_change_beside_a_known_spinner_is_waited_for(cost_s: float) -> None:
    recording = Recording(spinner, cost_s)
    settling = Settling(LIMITS, recording, cost_s)
    before = settle(recording, settling).frame.pixels
    begun, page = recording.time_s, slide(0.1, 0.3)

    def draw(pixels: Pixels, at: float) -> None:
        spinner(pixels, at)
        page(pixels, at - begun)

    recording.draw = draw
    seen = settle(recording, settling, before)
    assert (seen.frame.pixels[900:, 10:] == 120).all()


def test_a_spinner_in_another_window_is_not_known() -> None:
    recording = Recording(spinner, 0.05)
    settling = Settling(LIMITS, recording, 0.05)
    settle(recording, settling)
    recording.window = lambda at: "other"
    begun = recording.time_s
    settle(recording, settling)
    assert recording.time_s - begun > LIMITS.mover_s


def test_a_clock_that_ticks_once_a_second_costs_a_look_at_most() -> None:
    def draw(pixels: Pixels, at: float) -> None:
        button(pixels)
        pixels[10:30, 40 + 10 * int(at + 0.95) :][:, :40] = 0

    recording = Recording(draw, 0.05)
    assert not settle(recording).settled.capped
    assert recording.time_s < 0.6


def test_a_blinking_caret_is_no_motion() -> None:
    def draw(pixels: Pixels, at: float) -> None:
        button(pixels)
        if int(at * 20) % 2:
            pixels[200:260, 100:104] = 0

    recording = Recording(draw, 0.05)
    settle(recording)
    assert len(recording.looks) == 2


@pytest.mark.parametrize("cost_s", COSTS)
def test_a_film_on_the_whole_screen_ends_at_the_cap(cost_s: float) -> None:
    def draw(pixels: Pixels, at: float) -> None:
        pixels[:] = np.random.default_rng(int(at * 1000)).integers(0, 255, (HEIGHT, WIDTH, 1), dtype=np.uint8)

    recording = Recording(draw, cost_s)
    seen = settle(recording)
    assert seen.settled.capped
    assert recording.time_s <= LIMITS.cap_s + 2 * cost_s + LIMITS.quiet_s


@pytest.mark.parametrize("cost_s", COSTS)
def test_a_screen_that_turns_is_looked_at_again(cost_s: float) -> None:
    class Turned(Recording):
        def look(self) -> Frame:
            frame = super().look()
            return frame if self.looks[-1] < 0.1 else Frame(np.ascontiguousarray(frame.pixels.transpose(1, 0, 2)), frame.window)

    recording = Turned(lambda pixels, at: button(pixels), cost_s)
    seen = settle(recording)
    assert seen.frame.pixels.shape[:2] == (WIDTH, HEIGHT)


def test_sketches_tell_small_text_from_nothing() -> None:
    before, after = blank(), blank()
    after[600:612, 200:240:3] = 0
    assert differing(sketch(before), sketch(after)).sum() in range(1, 30)
    assert not differing(sketch(before), sketch(before)).any()
    assert not caret_only(sketch(before), sketch(after), after)


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (240, 320), (4320, 7680), (100, 20000)])
def test_any_size_can_be_sketched(shape: tuple[int, int]) -> None:
    pixels = np.zeros((*shape, 3), dtype=np.uint8)
    assert not differing(sketch(pixels), sketch(pixels)).any()
    assert caret_only(sketch(pixels), sketch(pixels), pixels)
