"""Targets and permits where CSS draws what is hit (`::after`, `::backdrop`), and where keys choose within a group."""

from __future__ import annotations

import contextlib

import pytest

from handeye.envs.actions import Click, PressKeys
from handeye.envs.browser import BrowserEnv
from handeye.tools.errors import TargetChanged
from handeye.tools.geometry import Point
from tests.envs.browser_permits import BOX, CLICK, OVER, Page, permitted

CARD = "style='position:absolute;left:10px;top:10px;width:300px;height:150px'"
FILLS = "content:'';position:absolute;inset:0"
LETTER = "font-size:60px;line-height:60px"


DRAWN = {
    "stretched link": (
        f"<style>a::after{{{FILLS}}}</style><div {CARD}>A card<br><a href='#to' onclick='hit=1'>Read on</a></div>",
        "link",
        "Read on",
    ),
    "before": (
        f"<style>#b::before{{content:'';display:block;height:30px}}</style><button id=b {BOX} onclick='hit=1'>Menu</button>",
        "button",
        "Menu",
    ),
    "after": (
        f"<style>b::after{{content:'\u25be';{LETTER}}}</style><button {BOX} onclick='hit=1'><b></b>Sort</button>",
        "button",
        None,
    ),
    "first letter": (f"<style>button::first-letter{{{LETTER}}}</style><button {BOX} onclick='hit=1'>Menu</button>", "button", "Menu"),
    "marker": (f"<ul style='margin:0;list-style:inside'><li onclick='hit=1' style='{LETTER}'>Plan</ul>", "listitem", "Plan"),
    "backdrop": (
        "<dialog id=d onclick='hit=1' aria-label=Help style='top:300px'>Help</dialog><script>d.showModal()</script>",
        "dialog",
        "Help",
    ),
}


@pytest.mark.parametrize(("html", "role", "name"), DRAWN.values(), ids=DRAWN)
def test_what_css_draws_is_its_element(env: BrowserEnv, page: Page, html: str, role: str, name: str | None) -> None:
    page(html)
    (target,) = env.targets(CLICK)
    assert (target.known, target.doubts, target.role) == (True, (), role)
    assert name is None or target.name == name
    permitted(env, CLICK)
    assert env.driver.evaluate("hit") == 1


def test_what_css_draws_in_a_frame_is_where_its_element_is(env: BrowserEnv, page: Page) -> None:
    inner = (
        f"<style>a::after{{{FILLS}}}</style><body style=margin:0><div style=height:90px></div><a href=#x onclick=parent.hit=1>Read on</a>"
    )
    page(f'<iframe {CARD} srcdoc="{inner}"></iframe>')
    (target,) = env.targets(CLICK)
    assert (target.known, target.name, target.frame) == (True, "Read on", "same")
    assert target.box is not None
    assert target.box.top >= 100


@pytest.mark.parametrize(
    ("drawn", "doubt"),
    [
        ("", ""),
        ("background:rgba(0,0,0,.3)", ""),
        ("background:white", "covered by div"),
    ],
)
def test_the_ground_behind_a_popover_covers_only_what_it_hides(env: BrowserEnv, page: Page, drawn: str, doubt: str) -> None:
    page(f"<style>#p::backdrop{{{drawn}}}</style><button {BOX} onclick='hit=1'>Menu</button>"
         "<div id=p popover=manual style='inset:auto 0 0 auto'>Open</div><script>p.showPopover()</script>")  # fmt: skip
    (target,) = env.targets(CLICK)
    assert (target.name, ", ".join(target.doubts)) == ("Menu", doubt)


def test_words_that_css_draws_over_a_button_cover_it(env: BrowserEnv, page: Page) -> None:
    style = f"<style>#o{{pointer-events:none}} #o::after{{{FILLS};content:'Read more'}}</style>"
    page(f"{style}<button {OVER}>Pay</button><div id=o {OVER}></div>")
    (target,) = env.targets(CLICK)
    assert (target.known, target.name, target.doubts) == (False, "Pay", ("covered by Read more",))


def test_arrows_choose_within_a_group(env: BrowserEnv, page: Page) -> None:
    page("<form><input type=radio name=r checked autofocus><input type=radio name=r id=two><input type=radio name=r id=three></form>"
         "<form><input type=radio name=r id=other></form>")  # fmt: skip
    arrow = PressKeys(keys=("down",))
    for chosen in ("two", "three"):
        assert permitted(env, arrow, effects=False) == ()
        assert env.driver.evaluate(f"{chosen}.checked && document.activeElement === {chosen}")


@pytest.mark.parametrize(
    ("handler", "key"),
    [("two.focus()", "space"), ("two.name='b';other.name='r';this.form.append(other);event.preventDefault();two.click()", "down")],
    ids=["no arrow", "another group"],
)
def test_a_key_that_the_page_has_choose_something_else(env: BrowserEnv, page: Page, handler: str, key: str) -> None:
    first = f'<input type=radio name=r autofocus onkeydown="{handler}">'
    page(f"<form>{first}<input type=radio name=r id=two onclick='hit=event.isTrusted'></form>"
         "<form><input type=radio name=r id=other onclick='hit=event.isTrusted'></form>")  # fmt: skip
    with contextlib.suppress(TargetChanged):
        permitted(env, PressKeys(keys=(key,)))
    assert not env.driver.evaluate("hit")


def test_native_controls_of_sound_and_film_need_no_name(env: BrowserEnv, page: Page) -> None:
    page(f"<video controls {OVER}></video>")
    assert [(target.known, target.role) for target in env.targets(CLICK)] == [(True, "video")]
    page(f"<video onclick='hit=1' {OVER}></video>")
    assert [target.doubts for target in env.targets(Click(point=Point(200, 100)))] == [("no name",)]


def test_words_in_the_slot_of_a_button_have_its_size(env: BrowserEnv, page: Page) -> None:
    inner = "<button style=width:200px;height:50px><slot></slot></button>"
    page(f"<x-b {BOX}>Show map</x-b><script>document.querySelector('x-b').attachShadow({{mode: 'open'}}).innerHTML = `{inner}`</script>")
    (target,) = env.targets(Click(point=Point(110, 35)))
    assert (target.known, target.role, target.name) == (True, "button", "Show map")


@pytest.mark.parametrize(
    ("html", "name", "doubts"),
    [
        ("<p><input type=checkbox {}> I agree to the <a href=/terms>terms</a></p>", "I agree to the terms", ()),
        ("<p><input type=checkbox {} aria-label='Select this'> I agree to the terms</p>", "Select this", ()),
        ("<table><tr><td><input type=checkbox {}><td>Terms of service</table>", "", ()),
        ("<p><input type=checkbox {}> I agree <input type=checkbox> and more</p>", "", ()),
        ("<label for=c>I agree to the terms</label><input id=c type=checkbox aria-label=News {}>", "News", ("name and words differ",)),
    ],
    ids=["beside", "named", "beside nothing", "beside others", "named otherwise than labelled"],
)
def test_what_a_box_is_ticked_for(env: BrowserEnv, page: Page, html: str, name: str, doubts: tuple[str, ...]) -> None:
    page(html.format(BOX))
    (target,) = env.targets(CLICK)
    assert (target.name, target.doubts) == (name, doubts)


def test_fields_are_told_by_what_they_are_for_however_long_their_section_is(env: BrowserEnv, page: Page) -> None:
    section = "section-" + "a" * 100
    page(f"<form action=/x method=post><input autocomplete='{section} billing CC-Number'><button {BOX}>Continue</button></form>")
    (target,) = env.targets(CLICK)
    assert "autocomplete=billing cc-number" in target.form_fields
