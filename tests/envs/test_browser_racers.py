"""Pages that change in the very instant between an approval and its input: they get none of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from handeye.envs.actions import Action, Click, Drag, PressKeys, TypeText
from handeye.envs.browser import BrowserEnv
from handeye.envs.env import Permit
from handeye.tools.errors import TargetChanged
from handeye.tools.geometry import Point
from tests.envs.browser_permits import BOX, CLICK, ENTER, OVER, PAY, SPOT, Page, permitted

SWAP = f"document.body.innerHTML = `{PAY}`"
COVER = f"document.body.insertAdjacentHTML('beforeend', `{PAY}`)"


@pytest.mark.parametrize(
    "html",
    [
        *(f"<button id=b onclick='ok += 1' {BOX}>Next</button><script>b.on{event} = () => {{ {change} }}</script>"
          for event in ("pointermove", "pointerover", "mouseenter", "mousemove", "pointerdown", "mousedown")
          for change in (SWAP, COVER)),
        *(f"<button id=b onclick='ok += 1' {BOX}>Next</button><script>addEventListener('{event}', () => {{ {change} }}, true)</script>"
          for event in ("pointermove", "pointerdown", "mousedown") for change in (SWAP, COVER)),
        f"<button id=b {BOX}>Next</button><script>b.onmousedown = () => {{ b.textContent = 'Pay $99' }}; b.onclick = () => {{ hit = "
        f"1 }}</script>",
        f"<button id=b {BOX}>Next</button><script>b.onpointermove = () => {{ b.innerHTML = '<a href=#bad "
        f"style=display:block>Next</a>' }}; onhashchange = () => {{ hit = 1 }}</script>",
        f"<a id=a href='#good' {BOX}>Next</a><script>a.onmousedown = () => {{ a.href = '#bad' }}; onhashchange = () => {{ hit = 1 "
        f"}}</script>",
        f"<a id=a href='#good' {BOX}>Next</a><script>a.onmouseup = () => {{ a.href = '#bad' }}; onhashchange = () => {{ hit = 1 "
        f"}}</script>",
        f"<form action='#good' onsubmit='hit = 1'><button id=b {BOX}>Next</button></form><script>b.onmousedown = () => {{ "
        f"b.formAction = '/pay' }}</script>",
        f"<form id=f action='#good' onsubmit='hit = 1'><button id=b {BOX}>Next</button></form><script>b.onclick = () => {{ f.action "
        f"= '/pay' }}</script>",
        f"<form onsubmit='hit = 1'><button id=b type=button {BOX}>Next</button></form><script>b.onpointerdown = () => {{ b.type = "
        f"'submit' }}</script>",
        f"<form onsubmit='hit = 1; return false'><p id=p>Total: $5</p><button id=b {BOX}>Order</button></form>"
        "<script>b.onpointerdown = () => { p.textContent = 'Total: $500' }</script>",
        f"<button id=b {BOX}>Next</button><div style='height:5000px'></div><button "
        f"style='position:absolute;left:0;top:1000px;width:400px;height:500px'"
        " onclick='hit = 1'>Pay</button><script>b.onpointermove = () => scrollTo(0, 1000)</script>",
        f"<label {BOX}>News<input id=n type=checkbox></label><input id=all type=checkbox onchange='hit = "
        f"1'><script>document.querySelector('label')."
        "onmousedown = (e) => { e.target.htmlFor = 'all' }</script>",
        f"<div id=h {BOX}></div><script>const r = h.attachShadow({{mode: 'closed'}}); r.innerHTML = \"<button "
        f"style='width:200px;height:50px'>Next"
        "</button>\"; h.onpointermove = () => { r.innerHTML = \"<button style='width:200px;height:50px' onclick='hit = "
        "1'>Next</button>\" }</script>",
    ],
)  # fmt: skip
def test_a_page_that_changes_under_the_pointer_does_not_win(env: BrowserEnv, page: Page, html: str) -> None:
    page(html)
    with pytest.raises(TargetChanged, match="Nothing was done"):
        permitted(env, CLICK)
    assert env.driver.evaluate("hit") == 0


@pytest.mark.parametrize("event", ["pointerup", "mouseup", "click"])
@pytest.mark.parametrize("change", [SWAP, COVER])
def test_what_comes_up_when_the_button_is_let_go_gets_nothing(env: BrowserEnv, page: Page, event: str, change: str) -> None:
    page(f"<button id=b onclick='ok += 1' {BOX}>Next</button><script>b.addEventListener('{event}', () => {{ {change} }})</script>")
    with suppress(TargetChanged):
        permitted(env, Click(point=SPOT, count=2))
    assert env.driver.evaluate("hit") == 0


@pytest.mark.parametrize("tick", ["setInterval({}, 1)", "(function go() {{ ({})(); requestAnimationFrame(go) }})()"])
def test_a_page_that_changes_all_the_time_does_not_win(env: BrowserEnv, page: Page, tick: str) -> None:
    swap = "() => { c.style.zIndex = Math.random() < .5 ? 2 : 0 }"
    page(f"<button style='position:absolute;left:10px;top:10px;width:200px;height:50px;z-index:1' onclick='ok += 1'>Next</button>"
         f"<button id=c {BOX} onclick='hit += 1'>Pay</button><script>{tick.format(swap)}</script>")  # fmt: skip
    for _ in range(15):
        targets = env.targets(CLICK)
        if targets[0].name != "Next":
            continue
        with suppress(TargetChanged):
            env.step_permitted(CLICK, Permit(targets, effects=True))
    assert env.driver.evaluate("hit") == 0


@pytest.mark.parametrize(
    "html",
    [
        # a frame that is made and filled in the same moment
        f"<button id=b {BOX}>Next</button><script>b.onpointermove = () => {{ const f = document.createElement('iframe');"
        f"f.style = 'position:absolute;left:0;top:0;width:400px;height:200px'; document.body.append(f);"
        'f.contentDocument.body.innerHTML = \'<button onclick="parent.hit = 1" style="width:300px;height:99px">Pay</button>\' }</script>',
        # words around which a link is put
        f"<p id=p {BOX}>Next</p><script>p.onpointermove = () => {{ const a = document.createElement('a'); a.href = '#bad'; "
        f"p.before(a); a.append(p)"
        " }; onhashchange = () => { hit = 1 }</script>",
    ],
)
def test_what_is_put_around_or_over_words_does_not_win(env: BrowserEnv, page: Page, html: str) -> None:
    page(html)
    with pytest.raises(TargetChanged):
        permitted(env, CLICK)
    assert env.driver.evaluate("hit") == 0


@pytest.mark.parametrize("mode", ["open", "closed"])
@pytest.mark.parametrize(
    "turn",
    ["f.action = '/pay'", "q.after(Object.assign(document.createElement('button'), {formAction: '/pay'}))", "q.form.method = 'post'"],
)
def test_forms_in_shadow_trees_are_guarded_too(env: BrowserEnv, page: Page, mode: str, turn: str) -> None:
    page(f"<div id=h></div><script>const r = h.attachShadow({{mode: '{mode}'}}); r.innerHTML ="
        "'<form action=/find><input><button>Find</button>';"
         "const f = r.querySelector('form'), q = r.querySelector('input'); q.focus(); f.onsubmit = () => { hit = 1; return false };"
         f"q.onkeydown = () => {{ {turn} }}</script>")  # fmt: skip
    assert env.targets(ENTER)[0].form_action.endswith("/find")
    with pytest.raises(TargetChanged):
        permitted(env, ENTER)
    assert env.driver.evaluate("hit") == 0


def test_a_link_that_changes_at_the_key(env: BrowserEnv, page: Page) -> None:
    page(
        "<a id=a href='#good'>Next</a><script>a.focus(); a.onkeydown = () => { a.href = '#bad' }; onhashchange = () => { hit = 1 }</script>"
    )
    with pytest.raises(TargetChanged):
        permitted(env, ENTER)
    assert env.driver.evaluate("hit") == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_frame_that_slides_under_the_pointer_does_not_win(env: BrowserEnv, page: Page, site: Any, host: str) -> None:
    base = site.base.replace("127.0.0.1", host)
    site.page(f"<button onclick=\"top.postMessage('hit', '*')\" {OVER}>Pay</button>", "/bait")
    listen = "onmessage = () => { hit = 1 };"
    frame = (
        f"<iframe id=f src='{base}/bait' style='position:absolute;left:0;top:0;width:400px;height:200px;border:0;z-index:{{}}'></iframe>"
    )
    page(f"{frame.format(-1)}<button id=b style='position:absolute;left:10px;top:10px;width:200px;height:50px'>Next</button>"
         f"<script>{listen} b.onpointermove = () => {{ f.style.zIndex = 9 }}</script>")  # fmt: skip
    with pytest.raises(TargetChanged):
        permitted(env, CLICK)
    page(f"<button id=b {BOX}>Next</button><script>{listen} b.onpointermove = () => document.body.insertAdjacentHTML('beforeend',"
         f" `{frame.format(9)}`)</script>")  # fmt: skip
    for _ in range(3):
        try:
            permitted(env, Click(point=SPOT, count=2))
        except TargetChanged:
            break
        env.driver.evaluate("document.querySelectorAll('iframe').forEach((one) => one.remove())")
    env.look()
    assert env.driver.evaluate("hit") == 0


@pytest.mark.parametrize(
    ("html", "action"),
    [
        ("<form onsubmit='return false'><input id=q autofocus><button>Find</button></form><button id=p onclick='hit = 1'>Pay</button>"
         "<script>q.onkeydown = () => p.focus()</script>", ENTER),
        ("<form onsubmit='return false'><input id=q autofocus><button>Find</button></form><button id=p onclick='hit = 1'>Pay</button>"
         "<script>addEventListener('keydown', () => p.focus(), true)</script>", ENTER),
        ("<button id=q autofocus>Next</button><button id=p onclick='hit = 1'>Pay</button><script>q.onkeydown = () => "
         "p.focus()</script>", ENTER),
        ("<button id=q autofocus>Next</button><button id=p onclick='hit = 1'>Pay</button><script>q.onkeydown = () => p.focus()</script>",
         PressKeys(keys=("space",))),
        ("<form id=f action='/find' onsubmit='hit = 1'><input id=q autofocus><button>Find</button></form>"
         "<script>q.onkeydown = () => { f.action = '/pay' }</script>", ENTER),
        ("<form action='/find' onsubmit='hit = 1'><input id=q autofocus><button id=b>Find</button></form>"
         "<script>q.onkeydown = () => { b.insertAdjacentHTML('beforebegin', '<button formaction=/pay>Pay</button>') }</script>", ENTER),
    ],
)  # fmt: skip
def test_a_page_that_takes_the_focus_does_not_win(env: BrowserEnv, page: Page, html: str, action: Action) -> None:
    page(html)
    with pytest.raises(TargetChanged, match="Nothing was done"):
        permitted(env, action)
    assert env.driver.evaluate("hit") == 0


@pytest.mark.parametrize("opened", ["before", "at the key"])
def test_a_document_that_is_written_anew_is_guarded_all_the_same(env: BrowserEnv, page: Page, opened: str) -> None:
    move = "i.addEventListener('keydown', () => j.focus())"
    forms = "<form action=#good><input name=x id=i></form><form onsubmit='hit = 1; return false'><input name=y id=j></form>"
    anew = f"document.open(); document.write(`{forms}`); document.close()"
    then = (
        f"setTimeout(() => {{ {anew}; {move}; i.focus() }})"
        if opened == "before"
        else (f"i.addEventListener('keydown', () => {{ {anew}; document.getElementById('j').focus() }}); i.focus()")
    )
    page(f"{forms}<script>{then}</script>")
    env.driver.evaluate("new Promise((done) => setTimeout(done, 100))")
    with pytest.raises(TargetChanged, match="Nothing was done"):
        permitted(env, ENTER)
    assert env.driver.evaluate("window.hit") == 0


def test_focus_that_moves_before_the_keys(env: BrowserEnv, page: Page) -> None:
    page("<input id=q autofocus><input id=p oninput='hit = 1' onkeydown='hit = 1'>")
    permit = Permit(env.targets(TypeText(text="hello")), effects=True)
    env.driver.evaluate("p.focus()")
    with pytest.raises(TargetChanged):
        env.step_permitted(TypeText(text="hello"), permit)
    assert env.driver.evaluate("[hit, p.value]") == [0, ""]


@pytest.mark.parametrize("text", ["hello world", "héllo wörld"])
def test_focus_that_is_stolen_while_typing_gets_none_of_it(env: BrowserEnv, page: Page, text: str) -> None:
    page("<input id=q autofocus oninput='if (q.value.length > 2) p.focus()'><input id=p oninput='hit = 1' onkeydown='hit = 1'>")
    notes = permitted(env, TypeText(text=text))
    assert any("Only a part" in note for note in notes)
    assert env.driver.evaluate("[hit, p.value]") == [0, ""]
    assert env.driver.evaluate("q.value") == text[:3]


def test_a_field_that_turns_into_another_kind_while_typing(env: BrowserEnv, page: Page) -> None:
    page("<input id=q autofocus type=password oninput='q.type = \"text\"'>")
    permitted(env, TypeText(text="secret"))
    assert env.driver.evaluate("q.value") == "s"


def test_a_place_that_slides_under_what_is_dragged_gets_nothing(env: BrowserEnv, page: Page) -> None:
    page(f"<div draggable=true id=d {BOX}>Card</div>"
         "<div id=z style='position:absolute;left:10px;top:200px;width:300px;height:100px'>Done</div>"
         "<script>d.ondragstart = () => { z.insertAdjacentHTML('afterend',"
         " '<div style=\"position:absolute;left:0;top:150px;width:400px;height:"
         "200px\" ondragover=\"event.preventDefault()\" ondrop=\"hit = 1\">Bin</div>') }</script>")  # fmt: skip
    with pytest.raises(TargetChanged):
        permitted(env, Drag(start=SPOT, end=Point(60, 250)))
    assert env.driver.evaluate("hit") == 0
