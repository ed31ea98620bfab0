"""Which window and which view take a touch: dumps as phones write them, and as an app could forge them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.android import AndroidDriver, AndroidOptions, PrivateServer
from handeye.tools.android.look import acting_at, focused_path, leaf_at, look
from handeye.tools.android.uitree import read_tree
from handeye.tools.android.windows import read_windows
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Point
from handeye.tools.simphone.launcher import SimPhones

MIDDLE = Point(540, 1200)


def block(number: int, name: str, package: str, frame: str = "[0,0][1080,2400]", flags: str = "", more: str = "isVisible=true") -> str:
    return (
        f"  Window #{number} Window{{a{number} u0 {name}}}:\n    mDisplayId=0 rootTaskId=1\n"
        f"    mOwnerUid=10123 showForAllUsers=false package={package} appop=NONE\n"
        f"    mAttrs={{(0,0)(fillxfill) sim={{adjust=pan}} ty=BASE_APPLICATION\n      fl={flags or 'LAYOUT_IN_SCREEN'}}}\n"
        f"    Frames: parent={frame} display={frame} frame={frame} last={frame} insetsChanged=false\n"
        f"    mHasSurface=true isReadyForDisplay()=true\n    {more}\n"
    )


APP = block(1, "com.bank/com.bank.Main", "com.bank")


def taker(text: str, point: Point = MIDDLE) -> str:
    windows = read_windows(text)
    assert windows is not None
    return next((window.package for window in windows if window.takes(point)), "")


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        (block(0, "Over", "evil", flags="NOT_FOCUSABLE"), "evil"),
        (block(0, "Over", "evil", flags="NOT_FOCUSABLE NOT_TOUCHABLE"), "com.bank"),
        (block(0, "Over", "evil", flags="#18"), "com.bank"),
        (block(0, "Over", "evil", flags="0x8"), "evil"),
        (block(0, "Over", "evil", "[0,0][1080,100]", flags="NOT_FOCUSABLE"), "com.bank"),
        (block(0, "A dialog", "com.shop", "[100,300][900,700]"), "com.shop"),
        (block(0, "Over", "evil", flags="NOT_FOCUSABLE", more="isVisible=false"), "com.bank"),
        (block(0, "Over", "evil", flags="NOT_FOCUSABLE", more="isVisible=false\n    isVisible=true"), "evil"),
        (
            block(0, "Keys", "ime", flags="NOT_FOCUSABLE", more="isVisible=true\n    touchable region=SkRegion((0,1700,1080,2400))"),
            "com.bank",
        ),
        (block(0, "Keys", "ime", flags="NOT_FOCUSABLE", more="isVisible=true\n    touchable region=SkRegion((0,900,1080,2400))"), "ime"),
        (block(0, "Old", "evil", flags="NOT_FOCUSABLE").replace("Frames: parent", "Flames: parent").replace(" frame=", " flame="), "evil"),
    ],
)
def test_who_takes_a_touch(above: str, expected: str) -> None:
    assert taker(above + APP) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing of the kind",
        APP,  # number 1 without number 0
        block(0, "Over", "evil") + block(2, "com.bank/.Main", "com.bank"),
        block(0, "Over\n    isVisible=false", "evil") + APP,
        block(0, "x}:\n    isVisible=false\n  Window #1 Window{ff u0 y", "evil") + APP,
    ],
)
def test_windows_that_do_not_add_up_are_not_believed(text: str) -> None:
    assert read_windows(text) is None


def test_a_title_with_lines_of_its_own_hides_no_window() -> None:
    forged = block(
        0, "x}:\n    isVisible=false\n    package=com.bank\n      fl=NOT_TOUCHABLE\n    frame=[0,0][1,1]", "evil", flags="NOT_FOCUSABLE"
    )
    windows = read_windows(forged + APP)
    assert windows is None or (windows[0].package == "" and windows[0].takes(MIDDLE))


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_windows(text)
    read_windows(block(0, text, "evil") + APP)


VIEWS = """<?xml version='1.0'?><hierarchy rotation="0">
<node class="Frame" package="p" bounds="[0,0][100,100]" clickable="true" resource-id="row">
 <node class="Text" package="p" bounds="[0,0][50,100]" text="Delete" />
 <node class="Edit" package="p" bounds="[50,0][100,100]" text="x" focused="true" clickable="true" resource-id="field" />
</node>
<node class="Frame" package="p" bounds="[0,0][100,100]" resource-id="glass">
 <node class="Text" package="p" bounds="[0,50][50,100]" text="Cancel" />
</node>
</hierarchy>"""


def test_the_view_that_acts_is_the_topmost_that_takes_touches() -> None:
    tree = read_tree(VIEWS)
    assert acting_at(tree, Point(10, 10))[-1].resource_id == "row"
    assert acting_at(tree, Point(60, 10))[-1].resource_id == "field"
    assert leaf_at(tree, Point(10, 60))[-1].text == "Cancel"
    assert acting_at(tree, Point(10, 60))[-1].resource_id == "row"
    assert acting_at(tree, Point(100, 100)) == () == leaf_at(tree, Point(100, 100))
    assert focused_path(tree)[-1].resource_id == "field"


@pytest.fixture(scope="module")
def driver() -> Iterator[AndroidDriver]:
    try:
        phones = SimPhones(1).start()
    except SetupError as error:
        pytest.skip(f"no simulated phone: {error}")
    with phones, PrivateServer() as server:
        driver = AndroidDriver.connect(phones.serials[0], AndroidOptions(server=server.address))
        yield driver
        driver.close()


def test_one_look_at_a_phone(driver: AndroidDriver) -> None:
    driver.open_app("Settings")
    seen = look(driver.ask)
    assert seen.tree is not None
    assert seen.focused is not None
    assert seen.focused.package == "com.android.settings" == acting_at(seen.tree, Point(500, 350))[-1].package
    assert {seen.window_at(point).kind for point in (Point(500, 10), Point(500, 2399)) if seen.window_at(point)} == {  # type: ignore[union-attr]
        "STATUS_BAR",
        "NAVIGATION_BAR",
    }
    assert driver.shell("ls /data/local/tmp").text.strip() == ""


def test_a_phone_that_gives_no_views_says_why(driver: AndroidDriver) -> None:
    driver.shell("simphone fault screen_off on")
    seen = look(driver.ask)
    driver.shell("simphone fault screen_off off")
    assert seen.tree is None
    assert "null root node" in seen.why


def test_an_overlay_takes_touches_or_lets_them_through(driver: AndroidDriver) -> None:
    driver.shell("simphone overlay org.handeye.shop 300 600 Continue")
    over = look(driver.ask, views=False)
    driver.shell("simphone overlay org.handeye.shop 300 600 Continue through")
    through = look(driver.ask, views=False)
    driver.shell("simphone overlay")
    here = Point(500, 400)
    assert over.tree is None
    assert (over.window_at(here) or over.focused).package == "org.handeye.shop"  # type: ignore[union-attr]
    assert through.window_at(here) == through.focused
    assert [window.package for window in through.over(here)] == ["org.handeye.shop"]
    assert look(driver.ask, views=False).over(here) == ()
