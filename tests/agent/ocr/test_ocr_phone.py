"""The embedded model on a phone's screen: what it understands, and where it touches a page drawn at 1080 x 2400."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from handeye.agent.messages import Message, Picture
from handeye.agent.models.ocr import OcrModel
from handeye.agent.models.ocr.grammar import read_goal
from handeye.agent.models.ocr.instructions import Button, Click, OpenApp, Scroll, Target, Toggle
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Box, Point, Size

PAGE = Path(__file__).parent / "pages" / "phone.html"
SCALE = 3


def named(text: str, phrase: str = "", kind: str = "") -> Target:
    return Target(text, phrase or text, kind)


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("Open the Settings app", OpenApp("Settings")),
        ("Launch Clock", OpenApp("Clock")),
        ("Start the Simple Calendar app", OpenApp("Simple Calendar")),
        ("Open Settings", Click(named("Settings"), opens=True)),
        ("turn Wi-Fi off", Toggle(named("Wi-Fi"), False)),
        ("Turn off the Wi-Fi switch.", Toggle(named("Wi-Fi"), False)),
        ("switch the airplane mode switch on", Toggle(named("airplane mode"), True)),
        ('Turn "Do Not Disturb" on', Toggle(named("Do Not Disturb"), True)),
        ("enable Bluetooth", Toggle(named("Bluetooth"), True)),
        ("Toggle Dark theme", Toggle(named("Dark theme"), None)),
        ("go back", Button("back")),
        ("press the Back button", Button("back")),
        ("Go back to the home screen", Button("home")),
        ("go home", Button("home")),
        ("Press home", Button("home")),
        ("show the recent apps", Button("recents")),
        ("press volume up", Button("volume_up")),
        ("swipe up", Scroll("down")),
        ("Swipe left", Scroll("right")),
        ("swipe up until you see About phone", Scroll("down", named("About phone"))),
        ("scroll down to Display", Scroll("down", named("Display"))),
        ("long-press Ada King", Click(named("Ada King"), hold=True)),
        ("press and hold the Ada King row", Click(named("Ada King", "Ada King row", "item"), hold=True)),
    ],
)
def test_understands_what_is_said_about_phones(goal: str, expected: Any) -> None:
    assert read_goal(goal) == (expected,)


def test_parts_a_goal_into_its_steps() -> None:
    plan = read_goal("Open the Settings app, tap Network & internet, turn Wi-Fi off, go back, then go home and long-press Clock.")
    assert [type(step).__name__ for step in plan] == ["OpenApp", "Click", "Toggle", "Button", "Button", "Click"]


class Phone:
    """A page as a phone shows it, and one model that is asked about it step by step."""

    def __init__(self, driver: BrowserDriver, model: OcrModel) -> None:
        self.driver, self.model = driver, model
        self.calls: list[dict[str, Any]] = []
        self.failed = ""
        model.forget()

    @property
    def pixels(self) -> Pixels:
        return self.driver.screenshot()

    def box(self, selector: str) -> Box:
        edges = "const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]"
        found: Sequence[float] = self.driver.evaluate(f"((e) => {{ {edges} }})(document.querySelector({selector!r}))")
        left, top, right, bottom = (round(SCALE * edge) for edge in found)
        return Box(left, top, right, bottom)

    def ask(self, goal: str) -> dict[str, Any]:
        steps = "".join(f"Step {n}: {json.dumps({'name': 'mobile_use', 'arguments': call})}; " for n, call in enumerate(self.calls, 1))
        task = (
            f"The user query: {goal}\nTask progress (You have done the following operation on the current device): {steps}\n{self.failed}"
        )
        system = Message("system", ('{"type": "function", "function": {"name": "mobile_use"}}',))
        reply = self.model.generate((system, Message("user", (task, Picture(self.pixels))))).text
        body = json.loads(reply.partition("<tool_call>\n")[2].partition("\n</tool_call>")[0])
        assert body["name"] == "mobile_use"
        self.calls.append(body["arguments"])
        return self.calls[-1]


Open: TypeAlias = Callable[[], Phone]


@pytest.fixture(scope="module")
def driver() -> Iterator[BrowserDriver]:
    try:
        driver = BrowserDriver.launch(BrowserOptions(viewport=Size(360, 800), scale=SCALE))
    except SetupError as error:
        pytest.skip(f"no Chromium to start: {error}")
    yield driver
    driver.close()


@pytest.fixture
def phone(driver: BrowserDriver, model: OcrModel) -> Phone:
    driver.goto(PAGE.as_uri())
    return Phone(driver, model)


def touches(call: dict[str, Any], box: Box) -> bool:
    return call["action"] == "click" and box.contains(Point(*call["coordinate"]))


DONE = {"action": "terminate", "status": "success"}


def test_turns_a_switch_off_and_sees_that_it_is(phone: Phone) -> None:
    assert touches(phone.ask("Turn Wi-Fi off"), phone.box("#wifi"))
    phone.driver.evaluate("document.querySelector('#wifi').classList.remove('on')")
    assert phone.ask("Turn Wi-Fi off") == DONE


def test_leaves_a_switch_that_is_as_it_should_be(phone: Phone) -> None:
    assert phone.ask("Turn airplane mode off") == DONE


def test_turns_the_switch_of_the_row_that_is_named(phone: Phone) -> None:
    assert touches(phone.ask("Turn on Data Saver"), phone.box("#saver"))


def test_opens_the_page_of_a_row_without_a_switch(phone: Phone) -> None:
    call = phone.ask("Turn Private DNS on")
    assert touches(call, phone.box("#dns"))
    phone.driver.evaluate("document.querySelectorAll('.row').forEach((row, n) => { if (n !== 1) row.remove() }); airplane.id = 'dns'")
    assert touches(phone.ask("Turn Private DNS on"), phone.box("#dns"))


def test_gives_up_on_a_switch_that_does_not_turn(phone: Phone) -> None:
    calls = [phone.ask("Turn Wi-Fi off") for _ in range(3)]
    assert calls[-1] == {"action": "terminate", "status": "failure"}


def test_types_into_fields_by_their_hints_and_replaces_what_stands_there(phone: Phone) -> None:
    goal = 'Enter "Ada" into the First name field and enter "12" into the Phone field'
    assert touches(phone.ask(goal), phone.box("#first"))
    assert phone.ask(goal) == {"action": "type", "text": "Ada"}
    assert touches(phone.ask(goal), phone.box("#phone"))
    assert phone.ask(goal) == {"action": "key", "keys": ["ctrl", "a"]}
    assert phone.ask(goal) == {"action": "type", "text": "12"}


def test_swipes_to_what_is_not_in_sight_until_nothing_moves(phone: Phone) -> None:
    call = phone.ask("Tap Developer options")
    assert call["action"] == "swipe"
    assert call["coordinate"][1] > call["coordinate2"][1]
    assert phone.ask("Tap Developer options") == {"action": "terminate", "status": "failure"}


def test_opens_apps_by_name_and_else_looks_for_their_icons(phone: Phone) -> None:
    goal = "Open the Nonesuch app"
    assert phone.ask(goal) == {"action": "open", "text": "Nonesuch"}
    phone.failed = "Note: Your last action was not carried out. There is no such app."
    assert phone.ask(goal) == {"action": "system_button", "button": "Home"}
    phone.failed = ""
    assert phone.ask(goal)["action"] == "swipe"


def test_presses_the_buttons_of_the_phone(phone: Phone) -> None:
    goal = "Go back, press volume down, long-press Airplane mode and swipe left"
    assert phone.ask(goal) == {"action": "system_button", "button": "Back"}
    assert phone.ask(goal) == {"action": "key", "text": "volume_down"}
    held = phone.ask(goal)
    assert held["action"] == "long_press"
    assert abs(held["coordinate"][1] - phone.box("#airplane").center.y) < 60
    swiped = phone.ask(goal)
    assert swiped["action"] == "swipe"
    assert swiped["coordinate"][0] > swiped["coordinate2"][0]
    assert phone.ask(goal) == DONE
