"""What `PhoneEnv` says that an action would touch, and that it touches nothing else: on a simulated phone behind a real adb server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from handeye.envs.actions import (
    Action,
    Click,
    Drag,
    GoBack,
    Goto,
    LongPress,
    OpenApp,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    TypeText,
    Wait,
)
from handeye.envs.env import Permit, SightedEnv
from handeye.envs.phone import PhoneEnv
from handeye.envs.phone_open import open_phone
from handeye.tools.android.uitree import UiNode
from handeye.tools.errors import InvalidAction, NotPermitted, SetupError, TargetChanged
from handeye.tools.geometry import Point
from handeye.tools.target import Target

OPTIONS: dict[str, Any] = {"device": "sim", "clock": "steps"}
SMS, SHOP, SETTINGS = "com.simplemobiletools.smsmessenger", "org.handeye.shop", "com.android.settings"


def opened(**options: Any) -> PhoneEnv:
    try:
        return open_phone(OPTIONS | options)
    except SetupError as error:
        if "list of apps" in str(error):
            raise
        pytest.skip(f"no simulated phone: {error}")


@pytest.fixture(scope="module")
def phone() -> Iterator[PhoneEnv]:
    env = opened()
    yield env
    env.close()


@pytest.fixture
def env(phone: PhoneEnv) -> PhoneEnv:
    phone.reset(0)
    return phone


@pytest.fixture(scope="module")
def fenced_phone() -> Iterator[PhoneEnv]:
    env = opened(allow_apps=["Messages", SETTINGS])
    yield env
    env.close()


@pytest.fixture
def fenced(fenced_phone: PhoneEnv) -> PhoneEnv:
    fenced_phone.reset(0)
    return fenced_phone


def said(env: PhoneEnv, line: str) -> str:
    return env.driver.shell(line).text.strip()


def view(env: PhoneEnv, words: str) -> UiNode:
    return next(node for node in env.driver.ui_tree().walk() if words in (node.text, node.description, node.resource_id.rpartition("/")[2]))


def at(env: PhoneEnv, words: str) -> Click:
    return Click(point=view(env, words).bounds.center)


def only(env: PhoneEnv, action: Action) -> Target:
    (target,) = env.targets(action)
    return target


def permit(env: PhoneEnv, action: Action) -> Permit:
    return Permit(env.targets(action))


def test_a_row_is_the_row_with_the_words_in_it(env: PhoneEnv) -> None:
    assert isinstance(env, SightedEnv)
    env.step(OpenApp(name="Settings"))
    target = only(env, at(env, "Network & internet"))
    assert (target.known, target.app, target.container) == (True, SETTINGS, "Settings")
    assert target.name == "Network & internet Wi-Fi, mobile, hotspot"
    assert target.window == f"{SETTINGS}/{SETTINGS}.Settings"
    assert target.box is not None
    assert target.box.contains(view(env, "Network & internet").bounds.center)
    assert only(env, at(env, "Apps")).identity != target.identity


def test_the_same_view_is_the_same_and_another_word_is_another(env: PhoneEnv) -> None:
    said(env, "simphone dialog Update 'Tap OK'")
    env.step(Wait(seconds=0))
    first = only(env, at(env, "OK"))
    assert first.differs(only(env, at(env, "OK"))) == ()
    assert (first.app, first.container, first.resource_id) == ("android", "Update", "android:id/button1")
    env.step(at(env, "OK"))
    said(env, "simphone dialog 'Erase all' 'Tap OK'")
    env.step(Wait(seconds=0))
    assert {"identity", "container"} <= set(first.differs(only(env, at(env, "OK"))))


def test_typing_touches_what_has_the_focus_and_says_nothing_that_was_typed(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Contacts"))
    assert only(env, TypeText(text="x")).known is False
    env.step(Click(point=Point(540, 175)))
    env.step(TypeText(text="my own words"))
    for action in (TypeText(text="x"), PressKeys(keys=("a",)), PressButton(button="enter")):
        target = only(env, action)
        assert (target.place, target.known, "editable" in target.states, "focused" in target.states) == ("focus", True, True, True)
        assert "my own words" not in str(target.facts())


def test_a_password_field_is_told_as_one(env: PhoneEnv) -> None:
    said(env, "am start -a android.settings.WIFI_SETTINGS")
    env.step(Wait(seconds=0))
    env.step(at(env, "Fernweg 12"))
    field = only(env, TypeText(text="x"))
    assert ("password" in field.states, field.input_type, field.container) == (True, "password", "Fernweg 12")


def test_what_touches_nothing_has_no_targets(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Settings"))
    for action in (
        Wait(seconds=0),
        GoBack(),
        PressButton(button="home"),
        PressButton(button="volume_up"),
        Scroll(direction="down", amount=100),
        Swipe(start=Point(500, 1500), end=Point(500, 500)),
        Swipe(start=Point(500, 5), end=Point(500, 900)),
    ):
        assert env.targets(action) == ()


def test_a_row_that_is_swept_away_is_touched(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Settings"))
    target = only(env, Swipe(start=Point(900, 350), end=Point(100, 360)))
    assert target.name.startswith("Network")


def test_a_drag_has_a_start_and_an_end(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Settings"))
    start, end = env.targets(Drag(start=Point(500, 350), end=Point(500, 550)))
    assert (start.place, end.place) == ("point", "drop")
    assert start.name.startswith("Network")
    assert end.name.startswith("Connected")


def test_apps_and_addresses_are_told_by_the_phone(env: PhoneEnv) -> None:
    app = only(env, OpenApp(name="SMS Messenger"))
    assert (app.place, app.role, app.app) == ("app", "app", SMS)
    page = only(env, Goto(url="news.example"))
    assert (page.place, page.role, page.href, page.app) == ("address", "address", "https://news.example/", "com.android.chrome")
    with pytest.raises(InvalidAction, match="Nonesuch"):
        env.targets(OpenApp(name="Nonesuch"))


@pytest.mark.parametrize(
    ("fault", "doubt"), [("black", "secure window"), ("locked", "locked"), ("screen_off", "screen is off"), ("animated", "no tree")]
)
def test_what_cannot_be_told_is_not_known(env: PhoneEnv, fault: str, doubt: str) -> None:
    env.step(OpenApp(name="Settings"))
    said(env, f"simphone fault {fault} on")
    target = only(env, Click(point=Point(500, 350)))
    said(env, f"simphone fault {fault} off")
    assert target.known is False
    assert any(doubt in each for each in target.doubts), target.doubts


def test_bare_ground_is_not_known(env: PhoneEnv) -> None:
    env.step(Goto(url="http://news.example/"))
    assert only(env, Click(point=Point(540, 245))).known is False


@pytest.mark.parametrize("through", ["", "through"])
def test_a_window_of_another_app_over_the_app_is_never_harmless(env: PhoneEnv, through: str) -> None:
    env.step(OpenApp(name="Settings"))
    action = at(env, "Network & internet")
    allowed = permit(env, action)
    said(env, f"simphone overlay {SHOP} 250 460 'Tap to continue' {through}")
    target = only(env, action)
    assert target.known is False
    assert any(SHOP in doubt for doubt in target.doubts), target.doubts
    with pytest.raises(TargetChanged, match="Nothing was done"):
        env.step_permitted(action, allowed)
    assert "Settings$" not in said(env, "dumpsys window | grep mCurrentFocus")
    said(env, "simphone overlay")


def test_what_was_allowed_is_done_and_what_took_its_place_is_not(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Settings"))
    action = at(env, "Network & internet")
    allowed = permit(env, action)
    env.step_permitted(action, allowed)
    assert view(env, "Airplane mode")
    with pytest.raises(NotPermitted, match="used already"):
        env.step_permitted(action, allowed)
    for other in (Permit(allowed.targets), Permit(())):
        with pytest.raises(TargetChanged, match="Nothing was done"):
            env.step_permitted(action, other)
    assert view(env, "Airplane mode")


def test_what_needs_no_look_is_permitted_with_no_targets(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Settings"))
    step = env.step_permitted(PressButton(button="home"), Permit(()))
    assert step.observation.app == "Home screen"


def test_amounts_and_where_they_stand(env: PhoneEnv) -> None:
    env.step(OpenApp(name="Shop"))
    env.step(at(env, "product_13"))
    env.step(Wait(seconds=0))
    amounts = only(env, at(env, "add_to_cart")).amounts
    price = next(node.text for node in env.driver.ui_tree().walk() if node.text[:1] in ("$", "€", "£"))
    assert price in amounts


# Apps that may be used


@pytest.mark.parametrize("names", [[], [" "], ["Nonesuch"], ["Messages", "no.such.app"], ["Mesages"]])
def test_a_list_of_apps_that_cannot_be_is_refused(phone: PhoneEnv, names: list[str]) -> None:
    with pytest.raises(SetupError, match="list of apps"):
        PhoneEnv(phone.driver, apps=names)


def test_the_option_for_a_list_of_apps_that_cannot_be_is_refused() -> None:
    with pytest.raises(SetupError, match="list of apps"):
        opened(allow_apps=[], size="360x800", density=160)


@pytest.mark.parametrize(
    "action", [OpenApp(name="Shop"), OpenApp(name=SHOP), Goto(url="http://news.example/"), PressButton(button="camera")]
)
def test_another_app_is_not_opened(fenced: PhoneEnv, action: Action) -> None:
    with pytest.raises(NotPermitted, match="Messages, Settings"):
        fenced.step(action)
    assert fenced.driver.current().package == "com.google.android.apps.nexuslauncher"


def test_the_apps_of_the_list_are_used_as_ever(fenced: PhoneEnv) -> None:
    fenced.step(OpenApp(name="Settings"))
    fenced.step(at(fenced, "Network & internet"))
    assert view(fenced, "Airplane mode")
    step = fenced.step(PressButton(button="home"))
    assert step.observation.app == "Home screen"
    fenced.step(at(fenced, "Settings"))
    assert fenced.driver.current().package == SETTINGS


def test_of_the_home_screen_only_their_icons_are_touched(fenced: PhoneEnv) -> None:
    with pytest.raises(NotPermitted, match="home screen"):
        fenced.step(at(fenced, "Clock"))
    assert fenced.driver.current().package == "com.google.android.apps.nexuslauncher"


def test_an_app_that_comes_to_the_front_is_sent_away(fenced: PhoneEnv) -> None:
    fenced.step(OpenApp(name="Settings"))
    said(fenced, f"monkey -p {SHOP} -c android.intent.category.LAUNCHER 1")
    step = fenced.step(Wait(seconds=0))
    assert fenced.driver.current().package == SETTINGS
    assert any(SHOP in note and "brought back" in note for note in step.observation.notes)


def test_no_touch_lands_on_another_app(fenced: PhoneEnv) -> None:
    fenced.step(OpenApp(name="Settings"))
    said(fenced, f"simphone overlay {SHOP} 250 460 'Tap to continue'")
    for action in (Click(point=Point(500, 350)), LongPress(point=Point(500, 350)), Swipe(start=Point(500, 350), end=Point(500, 100))):
        with pytest.raises(NotPermitted, match=SHOP):
            fenced.step(action)
    said(fenced, "simphone overlay")
    assert fenced.driver.current().package == SETTINGS


def test_the_shade_is_not_touched(fenced: PhoneEnv) -> None:
    before = said(fenced, "settings get global bluetooth_on")
    fenced.step(Swipe(start=Point(500, 5), end=Point(500, 1200)))
    with pytest.raises(NotPermitted, match="systemui"):
        fenced.step(at(fenced, "Bluetooth"))
    assert said(fenced, "settings get global bluetooth_on") == before
    fenced.step(GoBack())
