"""`BrowserEnv` as a `SightedEnv`: the targets of every action, and pages that try to have an approved action do something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handeye.envs.actions import (
    Action,
    AnswerDialog,
    ChooseFiles,
    Click,
    CloseTab,
    Drag,
    GoBack,
    Goto,
    LongPress,
    Move,
    PressKeys,
    Scroll,
    SwitchTab,
    TypeText,
    Wait,
)
from handeye.envs.browser import BrowserEnv
from handeye.envs.check import check_env
from handeye.envs.env import Permit, SightedEnv
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.errors import InvalidAction, NotPermitted, TargetChanged
from handeye.tools.geometry import Point
from tests.envs.browser_permits import BOX, CLICK, ENTER, OVER, SPOT, Page, permitted


def test_conforms(site: Any) -> None:
    html = "<textarea autofocus style='width:100vw;height:100vh'></textarea>"
    env = BrowserEnv(BrowserOptions(guard=True), site.page(html))
    assert isinstance(env, SightedEnv)
    check_env(env)


def test_what_every_action_would_touch(env: BrowserEnv, page: Page, site: Any) -> None:
    page(f"<a id=a href='/there' {BOX}>There</a><p style='position:absolute;top:100px;left:10px;width:200px;height:50px'>Bin</p>"
         "<input autofocus name=q>")  # fmt: skip
    told = {
        action: [(target.place, target.role, target.name, target.detail) for target in env.targets(action)]
        for action in (
            CLICK, Click(point=SPOT, button="right"), Click(point=SPOT, count=2), LongPress(point=SPOT),
            Drag(start=SPOT, end=Point(50, 130)),
            TypeText(text="a"), TypeText(text="a\n"), PressKeys(keys=("ctrl", "s")), PressKeys(keys=("delete",)), Wait(), Move(point=SPOT),
            Scroll(point=SPOT),
        )
    }  # fmt: skip
    assert list(told.values()) == [
        [("point", "link", "There", "")], [("point", "link", "There", "right")], [("point", "link", "There", "double")],
        [("point", "link", "There", "long press")], [("point", "link", "There", ""), ("drop", "paragraph", "Bin", "")],
        [("focus", "textbox", "", "")], [("focus", "textbox", "", "enter")], [("focus", "textbox", "", "ctrl+s")],
        [("focus", "textbox", "", "delete")], [], [], [],
    ]  # fmt: skip
    (opened,) = env.targets(Click(point=SPOT, modifiers=("ctrl",)))
    assert (opened.new_tab, opened.detail, opened.href) == (True, "ctrl", site.base + "/there")
    env.step(Move(point=SPOT))
    assert env.targets(Click())[0].name == "There"
    with pytest.raises(InvalidAction):
        env.targets(Click(point=Point(1280, 0)))


@pytest.mark.parametrize(
    ("url", "href", "origin"),
    [
        ("HTTPS://Shop.TEST:443/a/../b", "https://shop.test/b", "https://shop.test"),
        ("https://shop.test@evil.test/", "https://shop.test@evil.test/", "https://evil.test"),
        ("http://ⓔvil。test:8080", "http://evil.test:8080/", "http://evil.test:8080"),
        ("https://sh\u043ep.test", "https://xn--shp-ted.test/", "https://xn--shp-ted.test"),
        ("http://0x7f.1/x", "http://127.0.0.1/x", "http://127.0.0.1"),
    ],
)
def test_addresses_are_told_as_browsers_write_them(env: BrowserEnv, url: str, href: str, origin: str) -> None:
    (target,) = env.targets(Goto(url=url))
    assert (target.place, target.role, target.href, target.origin) == ("address", "address", href, origin)


def test_where_history_and_tabs_lead(env: BrowserEnv, site: Any) -> None:
    first, second = site.page("one", "/one"), site.page("<a href='/one' target=_blank>open</a>", "/two")
    env.step(Goto(url=first))
    env.step(Goto(url=second))
    assert env.targets(GoBack())[0].href == first
    assert env.targets(CloseTab())[0].href == "about:blank"
    permitted(env, Click(point=Point(10, 10)))
    assert env.driver.url == first
    assert env.targets(CloseTab())[0].href == second
    assert env.targets(SwitchTab(index=0))[0].href == second
    assert env.targets(SwitchTab(index=7)) == ()
    assert env.targets(GoBack()) == ()
    with pytest.raises(TargetChanged):
        env.step_permitted(CloseTab(), Permit(env.targets(SwitchTab(index=1))))
    permitted(env, CloseTab())
    assert env.driver.url == second


def test_dialogs(env: BrowserEnv, page: Page) -> None:
    page(f"<button onclick=\"hit = confirm('Delete everything?') ? 1 : 0; ok = prompt('Name?', 'Ann')\" {BOX}>Go</button>")
    assert env.targets(AnswerDialog(accept=True)) == ()
    permitted(env, CLICK)
    (asked,) = env.targets(AnswerDialog(accept=True))
    assert (asked.place, asked.role, asked.detail, asked.name) == ("dialog", "dialog", "confirm", "Delete everything?")
    permitted(env, AnswerDialog(accept=False))
    (prompted,) = env.targets(AnswerDialog(accept=True))
    assert (prompted.detail, prompted.name, prompted.text) == ("prompt", "Name?", "Ann")
    with pytest.raises(TargetChanged, match="name was 'Delete everything\\?', is 'Name\\?'"):
        env.step_permitted(AnswerDialog(accept=True), Permit((asked,)))
    permitted(env, AnswerDialog(accept=True))
    assert env.driver.evaluate("[hit, ok]") == [0, "Ann"]


def test_leaving_a_page_that_asks(env: BrowserEnv, page: Page, site: Any) -> None:
    page(f"<input {BOX}><script>onbeforeunload = (event) => event.preventDefault()</script>")
    permitted(env, CLICK)
    permitted(env, TypeText(text="draft"))
    permitted(env, Goto(url=site.page("other", "/other")))
    (asked,) = env.targets(AnswerDialog(accept=True))
    assert asked.detail == "beforeunload"


def test_files(site: Any, tmp_path: Path) -> None:
    path = tmp_path / "scan.txt"
    path.write_text("scan")
    env = BrowserEnv(BrowserOptions(guard=True, upload_from=(tmp_path,)), site.page(f"<input type=file {BOX}>"))
    env.reset()
    try:
        assert env.targets(ChooseFiles(paths=(str(path),))) == ()
        assert env.targets(CLICK)[0].input_type == "file"
        permitted(env, CLICK)
        (target,) = env.targets(ChooseFiles(paths=(str(path),)))
        assert (target.place, target.known, target.origin, target.detail) == ("files", True, site.base, "scan.txt")
        permitted(env, ChooseFiles(paths=(str(path),)))
        assert env.driver.evaluate("document.querySelector('input').files[0].name") == "scan.txt"
    finally:
        env.close()


def test_a_permit_is_for_one_action_on_what_it_names(env: BrowserEnv, page: Page) -> None:
    page(f"<button id=b onclick='ok += 1' {BOX}>Next</button>")
    permit = Permit(env.targets(CLICK), effects=True)
    env.step_permitted(CLICK, permit)
    with pytest.raises(NotPermitted, match="used already"):
        env.step_permitted(CLICK, permit)
    late = Permit(env.targets(CLICK), effects=True)
    env.driver.evaluate("b.textContent = 'Pay'")
    with pytest.raises(TargetChanged, match="name was 'Next', is 'Pay'"):
        env.step_permitted(CLICK, late)
    with pytest.raises(TargetChanged):
        env.step_permitted(CLICK, Permit((), effects=True))
    assert env.driver.evaluate("ok") == 1
    permitted(env, CLICK)
    assert env.driver.evaluate("ok") == 2


@pytest.mark.parametrize(
    ("html", "action", "result"),
    [
        (f"<button onclick='ok += 1' {BOX}>Next</button>", CLICK, 1),
        (f"<button ondblclick='ok = 2' {BOX}>Next</button>", Click(point=SPOT, count=2), 2),
        (f"<button oncontextmenu='ok = 3' {BOX}>Next</button>", Click(point=SPOT, button="right"), 3),
        (f"<button onauxclick='ok = 4' {BOX}>Next</button>", Click(point=SPOT, button="middle"), 4),
        (f"<button onclick='ok = 5' {BOX}>Next</button>", LongPress(point=SPOT, duration_s=0.1), 5),
        (f"<label {BOX}>I agree<input type=checkbox onchange='ok = 6'></label>", CLICK, 6),
        (f"<form onsubmit='ok = 7; return false'><button {BOX}>Next</button></form>", CLICK, 7),
        (f"<form onsubmit='ok = 8; return false'><input autofocus required value=x {BOX}><button>Next</button></form>", ENTER, 8),
        (f"<form onsubmit='ok = q.value; return false'><input id=q autofocus "
         f"{BOX}><button>Next</button></form>", TypeText(text="Grüße\n"), "Grüße"),
        (f"<form onsubmit='ok = q.value; return false'><input id=q autofocus oninput='go.disabled = false' {BOX}><button id=go disabled>Go"
         "</button></form>", TypeText(text="ab\n"), "ab"),
        ("<textarea id=q autofocus oninput='ok = q.value'></textarea>", TypeText(text="a\nb"), "a\nb"),
        ("<input autofocus><input id=z oninput='ok = z.value'>", TypeText(text="a\tbc"), "bc"),
        ("<div id=d contenteditable oninput='ok = d.innerText'></div><script>d.focus()</script>", TypeText(text="hé"), "hé"),
        (f"<button autofocus onclick='ok = 9' {BOX}>Next</button>", PressKeys(keys=("space",)), 9),
        (f"<button autofocus onclick='ok = 10' {BOX}>Next</button>", ENTER, 10),
        ("<input autofocus onkeydown='ok = event.ctrlKey && event.key'>", PressKeys(keys=("ctrl", "k")), "k"),
        ("<p>x</p><script>onkeydown = (e) => { ok = e.key }</script>", PressKeys(keys=("escape",)), "Escape"),
        (f"<div id=h {BOX}></div><script>h.attachShadow({{mode: 'closed'}}).innerHTML = \"<button "
         f"style='width:200px;height:50px'>Pay</button>\";"
         "h.onclick = () => { ok = 11 }</script>", CLICK, 11),
        ("<div id=h></div><script>const r = h.attachShadow({mode: 'closed'}); r.innerHTML = '<input>'; r.firstChild.focus();"
         "r.firstChild.oninput = () => { ok = r.firstChild.value }</script>", TypeText(text="in"), "in"),
        (f"<button onmousedown='ok = 12; this.style.background = \"red\"' {BOX}>Next</button>", CLICK, 12),
        ("<input maxlength=1 autofocus oninput='b.focus()'><input id=b maxlength=1 oninput='c.focus()'>"
         "<input id=c maxlength=1 oninput='ok = b.value + c.value'>", TypeText(text="123"), "23"),
        (f"<div draggable=true {BOX}>Card</div><div style='position:absolute;left:10px;top:200px;width:300px;height:100px' "
         "ondragover='event.preventDefault()' ondrop='ok = 13'>Done</div>", Drag(start=SPOT, end=Point(60, 250)), 13),
        (f"<select size=3 onchange='ok = 16' {BOX}><option>one<option>two<option>three</select>", CLICK, 16),
        (f"<p id=d {BOX}>Day</p><script>d.onmousedown = () => {{ document.body.insertAdjacentHTML('beforeend',"
         " '<i id=g style=\"position:absolute;"
         "left:0;top:0;width:300px;height:300px\">New</i>'); g.onmouseup = () => { ok = 17 } }</script>",
         Drag(start=SPOT, end=Point(100, 50)), 17),
        (f"<input type=range min=0 max=10 value=0 oninput='ok = 14' {BOX}>", Drag(start=Point(20, 35), end=Point(150, 35)), 14),
        (f"<p {BOX}>words</p><script>document.addEventListener('click', () => {{ ok = 15 }})</script>", CLICK, 15),
    ],
)  # fmt: skip
def test_what_was_approved_is_done(env: BrowserEnv, page: Page, html: str, action: Action, result: Any) -> None:
    page(html)
    assert permitted(env, action) == ()
    assert env.driver.evaluate("ok") == result


def test_what_was_approved_is_done_in_a_frame_of_another_process(env: BrowserEnv, page: Page, site: Any) -> None:
    site.page(f"<button onclick=\"parent.postMessage('done', '*')\" {BOX}>Next</button><input style='position:absolute;top:100px;left:10px'"
              " oninput=\"parent.postMessage(this.value, '*')\">", "/inner")  # fmt: skip
    page(
        f"<iframe src='{site.base.replace('127.0.0.1', 'localhost')}/inner' {OVER}></iframe><script>onmessage = (e) => {{ ok = "
        f"e.data }}</script>"
    )
    for _ in range(100):
        if env.targets(CLICK)[0].name == "Next":  # a frame of another process may come after the page has settled
            break
        env.look()
    permitted(env, CLICK)
    env.look()
    assert env.driver.evaluate("ok") == "done"
    permitted(env, Click(point=Point(40, 112)))
    permitted(env, TypeText(text="ab"))
    env.look()
    assert env.driver.evaluate("ok") == "ab"


def test_after_a_refusal_the_page_works_as_before(env: BrowserEnv, page: Page) -> None:
    page(f"<button id=b onclick='ok += 1' {BOX}>Next</button><script>b.onpointermove = () => {{ b.textContent = 'Go on' }}</script>")
    with pytest.raises(TargetChanged):
        permitted(env, CLICK)
    env.step(CLICK)
    assert env.driver.evaluate("ok") == 1
    permitted(env, CLICK)
    assert env.driver.evaluate("ok") == 2


def test_changes_on_servers_are_held_back_unless_permitted(env: BrowserEnv, page: Page, site: Any) -> None:
    page(f"<button onclick=\"fetch('/order?id=7', {{method: 'POST'}}).then(() => {{ ok = 1 }}, () => {{ ok = 2 }})\" {BOX}></button>")
    targets = env.targets(CLICK)
    step = env.step_permitted(CLICK, Permit(targets))
    assert [(one.method, one.url, one.identity) for one in step.held] == [("POST", site.base + "/order?id=7", targets[0].identity)]
    assert any("Held back" in note and "/order" in note for note in step.observation.notes)
    assert env.driver.evaluate("ok") == 2
    assert env.step_permitted(CLICK, Permit(env.targets(CLICK), harmless=(f"POST {site.base[7:]}/order*",))).held == ()
    assert env.driver.evaluate("ok") == 1


def test_what_the_pointer_sets_off_on_its_way_is_held_back(env: BrowserEnv, page: Page) -> None:
    page(f"<div onmouseenter=\"fetch('/order', {{method: 'POST'}})\" {BOX}>Details</div>")
    over = Move(point=SPOT)
    assert [one.method for one in env.step_permitted(over, Permit(env.targets(over))).held] == ["POST"]
    env.step_permitted(Move(point=Point(300, 300)), Permit(()))
    before = len(env.driver.refusals)
    assert env.step_permitted(over, Permit(env.targets(over), effects=True)).held == ()
    assert len(env.driver.refusals) == before


@pytest.mark.parametrize("event", ["scroll", "wheel"])
def test_what_a_scroll_sets_off_is_held_back(env: BrowserEnv, page: Page, event: str) -> None:
    page(f"<p style='height:3000px'>Pictures<script>on{event} = () => {{ on{event} = null; fetch('/order', {{method: 'POST'}}) }}</script>")
    down = Scroll(point=SPOT, amount=300)
    assert [one.method for one in env.step_permitted(down, Permit(env.targets(down))).held] == ["POST"]
    assert env.driver.evaluate("scrollY") == 300


def test_nobody_is_told_of_beacons(env: BrowserEnv, page: Page, site: Any) -> None:
    page(f"<button onclick=\"navigator.sendBeacon('/count', 'x')\" {BOX}>Next</button>")
    step = env.step_permitted(CLICK, Permit(env.targets(CLICK)))
    assert (step.held, step.observation.notes) == ((), ())
    assert [one.what for one in env.driver.refusals] == [f"POST {site.base}/count"]


def test_without_a_guard_effects_cannot_be_held_and_nothing_is_done(shared: BrowserDriver, site: Any) -> None:
    env = BrowserEnv(shared, site.page(f"<script>ok = 0</script><button onclick='ok += 1' {BOX}>Next</button>"))
    env.reset()
    with pytest.raises(InvalidAction, match="without a guard"):
        env.step_permitted(CLICK, Permit(env.targets(CLICK)))
    assert env.driver.evaluate("ok") == 0
    permitted(env, CLICK)
    assert env.driver.evaluate("ok") == 1
