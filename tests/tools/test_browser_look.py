"""What is really under a point or has the focus, on real pages that tell the truth, that hide it, and that lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import pytest

from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.browser.worlds import Process
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Box, Point
from handeye.tools.target import Target

SPOT = Point(50, 30)
BOX = "style='position:absolute;left:10px;top:10px;width:200px;height:50px'"
FILL = "style='width:200px;height:50px'"
Look: TypeAlias = Callable[..., Target]


@pytest.fixture(scope="module")
def seeing() -> Iterator[BrowserDriver]:
    try:
        driver = BrowserDriver.launch(BrowserOptions(guard=True, args=("--site-per-process",)))
    except SetupError as error:
        pytest.skip(str(error))
    yield driver
    driver.close()


@pytest.fixture
def look(seeing: BrowserDriver, site: Any) -> Look:
    """What is at `SPOT` of a page with this in its body."""

    def at(html: str, point: Point = SPOT) -> Target:
        seeing.goto(site.page(html))
        seeing.activity(5, 5)
        return arrived(seeing, point) if "<iframe src" in html else seeing.look_at(point).target

    return at


def arrived(driver: BrowserDriver, point: Point = SPOT) -> Target:
    """What is at `point`, once the frame there has loaded: one of another process may come after the page has settled."""
    for _ in range(100):
        target = driver.look_at(point).target
        if target.known and target.role not in ("document", "frame"):
            break
        driver.screenshot()
    return target


@pytest.fixture
def focus(seeing: BrowserDriver, site: Any) -> Callable[..., list[Target]]:
    """What has the focus of a page with this in its body."""

    def focused(html: str, entered: bool = False) -> list[Target]:
        seeing.goto(site.page(html))
        seeing.activity(5, 5)
        seeing.evaluate("document.querySelector('[autofocus]')?.focus()")  # a busy browser does it a little later
        return [one.target for one in seeing.look_at_focus(entered)]

    return focused


@pytest.mark.parametrize(
    ("html", "role", "name"),
    [
        (f"<button {BOX}><b>Pay</b> <i>now</i></button>", "button", "Pay now"),
        (f"<button {BOX}><img alt='Pay' {FILL}></button>", "button", "Pay"),
        (f"<a href='/x' {BOX}>Read <b>on</b></a>", "link", "Read on"),
        (f"<a href='/x'><h2 {BOX}>Read on</h2></a>", "link", "Read on"),
        (f"<div role=button {BOX}>Send</div>", "button", "Send"),
        (f"<div onclick='1' {BOX}>Send</div>", "generic", "Send"),
        (f"<div {BOX}><p style='cursor:pointer'>Send<br>it</p></div>", "paragraph", "Send it"),
        (f"<div id=d {BOX}>Send</div><script>d.addEventListener('click', () => 1)</script>", "generic", "Send"),
        (f"<input type=submit {BOX}>", "button", "Submit"),
        (f"<input type=button value='Buy' {BOX}>", "button", "Buy"),
        (f"<input type=image alt='Buy' {BOX}>", "button", "Buy"),
        (f"<label {BOX}>I agree<input type=checkbox></label>", "checkbox", "I agree"),
        (f"<label for=c {BOX}>I agree</label><input id=c type=radio>", "radio", "I agree"),
        (f"<label for=f>Your name</label><input id=f {BOX}>", "textbox", "Your name"),
        (f"<span id=l>Card number</span><input aria-labelledby=l {BOX}>", "textbox", "Card number"),
        (f"<input placeholder='Search' type=search {BOX}>", "searchbox", "Search"),
        (f"<textarea title='Message' {BOX}></textarea>", "textbox", "Message"),
        (f"<div contenteditable aria-label='Message' {BOX}>words</div>", "textbox", "Message"),
        (f"<select aria-label='Country' {BOX}><option>Chile<option>Peru</select>", "combobox", "Country"),
        (f"<details><summary {BOX}>More</summary>text</details>", "button", "More"),
        (f"<svg {BOX}><a href='/x'><rect width=200 height=50 /><text y=20>Go</text></a></svg>", "link", "Go"),
        (f"<img usemap=#m src=data:, {BOX}><map name=m><area alt='North' href='/n' shape=rect coords=0,0,200,50></map>", "link", "North"),
        (f"<button aria-label='Close' {BOX}>×</button>", "button", "Close"),
        (f"<p {BOX}>just words</p>", "paragraph", "just words"),
        (f"<button {BOX}>P<b>a</b><i>y</i> n\u200bo\u00adw</button>", "button", "Pay now"),
        (f"<a href='/x' {BOX}><div>Read</div><div>on</div></a>", "link", "Read on"),
    ],
)
def test_what_acts_under_the_pointer_and_what_it_is_called(look: Look, html: str, role: str, name: str | None) -> None:
    target = look(html)
    assert (target.known, target.doubts, target.role) == (True, (), role)
    assert name is None or target.name == name


def test_all_that_is_told_of_a_button_of_a_form(look: Look, site: Any) -> None:
    target = look(
        "<form action='/checkout?x=1' method=post target=_blank><h2>Your order</h2><p>Total: <b>1.234,50 €</b></p>"
        "<input name=card autocomplete=cc-number><input type=password name=pin><input type=file name=scan><input type=hidden name=token>"
        f"<button id=buy formaction='/pay' {BOX}>Order for 1.234,50 €</button></form>"
    )
    assert target == Target(
        "browser", "point", identity=target.identity, box=Box(10, 10, 210, 60), role="button", name="Order for 1.234,50 €",
        states=frozenset({"default"}), input_type="submit", new_tab=True, form_action=site.base + "/pay", form_method="post",
        form_fields=("autocomplete=cc-number", "file", "hidden", "name=card", "name=pin", "name=scan", "name=token", "password", "text"),
        amounts=("1.234,50 €",), container="Your order", origin=site.base, page=site.base + "/page", frame="top", resource_id="buy",
    )  # fmt: skip


def test_sums_that_are_written_in_pieces(look: Look) -> None:
    target = look(f"<form><p>Total <span>$</span><b>2</b>\u200b0<i>0</i></p><p>or 18\u00ad0 €</p><button {BOX}>Order</button></form>")
    assert target.amounts == ("$200", "180 €")


def test_the_total_of_a_long_form_is_found_at_its_end(look: Look) -> None:
    lines = "".join(f"<p>Part {number}: ${number}.00</p>" for number in range(3000))
    target = look(f"<form>{lines}<p>Total: $4498500</p><button {BOX}>Order</button></form>")
    assert "$4498500" in target.amounts
    assert len(target.amounts) == 20


def test_a_link(look: Look, site: Any) -> None:
    target = look(f"<base target=_blank><section aria-label=Files><a href='../a b?q=ä' download {BOX}>Get</a></section>")
    assert (target.href, target.new_tab, target.download) == (site.base + "/a%20b?q=%C3%A4", True, True)
    assert (target.container, target.form_action) == ("Files", "")


def test_states(look: Look) -> None:
    assert look(f"<input type=password readonly {BOX}>").states == {"password"}
    assert look(f"<input type=checkbox checked disabled {BOX}>").states == {"checked", "disabled"}
    assert look(f"<input autofocus {BOX}>").states == {"editable", "focused"}
    assert look("<input style='-webkit-text-security:disc;position:absolute;left:0;top:0;width:200px;height:60px'>").states == {
        "editable",
        "password",
    }
    assert look(f"<form><button>a</button><button {BOX}>b</button></form>").states == frozenset()


def test_a_button_may_belong_to_a_form_elsewhere(look: Look, site: Any) -> None:
    target = look(f"<form id=f action='/delete' method=post><input name=all></form><button form=f {BOX}>Tidy up</button>")
    assert (target.form_action, target.form_method) == (site.base + "/delete", "post")
    assert "name=all" in target.form_fields


def test_fields_of_a_form_cannot_hide_where_it_goes(look: Look, site: Any) -> None:
    target = look(
        "<form action='/pay' method=post><input name=action value='/harmless'><input name=method><input name=elements><input name=target>"
        f"<input name=querySelectorAll><input name=getAttribute><input name=parentNode><input name=innerText>USD 5"
        f"<button {BOX}>Go</button></form>"
        "<img name=activeElement><form name=elementsFromPoint></form><img name=querySelector>"
    )
    assert (target.form_action, target.form_method, target.amounts) == (site.base + "/pay", "post", ("USD 5",))


def test_a_page_that_overrides_what_is_asked_for_is_not_believed(look: Look, site: Any) -> None:
    lies = """<script>
    for (const name of ['elementFromPoint', 'elementsFromPoint']) Document.prototype[name] = () => document.getElementById('lie');
    Element.prototype.getAttribute = () => 'lie'; Element.prototype.closest = () => null; Element.prototype.matches = () => false;
    Element.prototype.getBoundingClientRect = () => ({left: 0, top: 0, right: 0, bottom: 0, width: 0, height: 0});
    Array.prototype.map = Array.prototype.filter = Array.prototype.find = () => [];
    JSON.stringify = () => '{}'; String.prototype.trim = () => '';
    Object.defineProperty(HTMLFormElement.prototype, 'action', {get: () => 'https://harmless.test/'});
    Object.defineProperty(HTMLElement.prototype, 'innerText', {get: () => 'lie'});
    Object.defineProperty(Node.prototype, 'parentNode', {get: () => null}); Reflect.apply = () => 'lie'; Map = WeakMap = Object;
    globalThis.handeye = {at: () => 'lie'}; globalThis.getComputedStyle = () => ({cursor: 'pointer'}); Promise = Date = RegExp = undefined;
    </script>"""
    target = look(f"{lies}<a id=lie href=/lie>lie</a><form action='/pay' method=post><button {BOX}><b>Pay $5</b></button></form>")
    assert (target.known, target.role, target.name) == (True, "button", "Pay $5")
    assert (target.form_action, target.amounts, target.box) == (site.base + "/pay", ("$5",), Box(10, 10, 210, 60))


@pytest.mark.parametrize("mode", ["open", "closed"])
def test_shadow_trees(look: Look, focus: Callable[..., list[Target]], site: Any, mode: str) -> None:
    made = "<div id=h {}></div><script>h.attachShadow({{mode: '{}'}}).innerHTML = \"{}\"</script>"
    inner = f"<form action='/pay'><button {FILL}><span>Pay</span></button></form>"
    target = look(made.format(BOX, mode, inner))
    assert (target.known, target.name, target.form_action) == (True, "Pay", site.base + "/pay")
    nested = look(
        f"<x-a {BOX}></x-a><script>const r = document.querySelector('x-a').attachShadow({{mode: '{mode}'}});"
        f"const d = document.createElement('div');"
        f"r.append(d); d.attachShadow({{mode: '{mode}'}}).innerHTML = \"<button {FILL}>Deep</button>\"</script>"
    )
    assert (nested.known, nested.name) == (True, "Deep")
    (field,) = focus(f"<div id=h></div><script>const r = h.attachShadow({{mode: '{mode}'}}); r.innerHTML = '<input type=password>';"
                     "r.firstChild.focus()</script>")  # fmt: skip
    assert (field.known, field.role, "password" in field.states) == (True, "textbox", True)


def test_words_in_a_slot_belong_to_the_button_around_it(look: Look) -> None:
    target = look(f"<x-button>Pay</x-button><script>document.querySelector('x-button').attachShadow({{mode: 'open'}}).innerHTML ="
                  f" \"<button {BOX}><slot></slot></button>\"</script>")  # fmt: skip
    assert (target.known, target.role, target.name) == (True, "button", "Pay")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_frames_of_this_process_and_of_others(look: Look, site: Any, host: str) -> None:
    base = site.base.replace("127.0.0.1", host)
    site.page(f"<form action='/pay' method=post><input autofocus name=pw type=password><button {BOX}>Pay</button></form>", "/inner")
    site.page(
        f"<iframe src='{site.base}/inner' style='position:absolute;left:5px;top:5px;width:400px;height:200px;border:0'></iframe>", "/middle"
    )
    kind = "same" if base == site.base else "other"
    target = look(
        f"<iframe src='{base}/inner' style='position:absolute;left:20px;top:10px;width:400px;height:200px;border:3px solid'></iframe>"
    )
    assert (target.known, target.name, target.form_action, target.box) == (True, "Pay", base + "/pay", Box(33, 23, 233, 73))
    assert (target.origin, target.frame, target.page) == (base, kind, site.base + "/page")
    nested = look(f"<iframe src='{base}/middle' style='position:absolute;left:5px;top:5px;width:500px;height:300px;border:0'></iframe>")
    assert (nested.known, nested.name, nested.origin, nested.box) == (True, "Pay", site.base, Box(20, 20, 220, 70))


def test_the_focus_in_a_frame_of_the_same_origin(focus: Callable[..., list[Target]], site: Any) -> None:
    site.page("<form action='/in'><input id=code autocomplete=one-time-code></form>", "/inner")
    (field,) = focus(
        "<iframe id=f src='/inner'></iframe><script>f.onload = () => f.contentDocument.querySelector('input').focus()</script>"
    )
    assert (field.known, field.autocomplete, field.origin, field.frame) == (True, "one-time-code", site.base, "same")


def test_the_focus_in_a_frame_of_another_process(seeing: BrowserDriver, site: Any) -> None:
    base = site.base.replace("127.0.0.1", "localhost")
    site.page(f"<form action='/in'><input name=code autocomplete=one-time-code {BOX}></form>", "/inner")
    seeing.goto(site.page(f"<iframe src='{base}/inner' style='position:absolute;left:0;top:0;width:400px;height:200px;border:0'></iframe>"))
    assert arrived(seeing).role == "textbox"
    seeing.click(SPOT)
    seeing.activity(5, 5)
    (field,) = (one.target for one in seeing.look_at_focus(entered=True))
    assert (field.known, field.autocomplete, field.origin, field.frame) == (True, "one-time-code", base, "other")
    assert field.form_action == base + "/in"


@pytest.mark.parametrize(
    "frame",
    [
        '<iframe sandbox srcdoc="{}" {}></iframe>',
        "<iframe sandbox='allow-forms' srcdoc=\"{}\" {}></iframe>",
        '<iframe srcdoc="{}" {}></iframe>',
    ],
)
def test_frames_without_scripts_of_their_own(look: Look, frame: str) -> None:
    target = look(frame.format(f"<body style=margin:0><button {FILL}>Pay</button>", BOX))
    assert (target.known, target.name) == (True, "Pay")
    assert (target.origin, target.frame) == (("null", "other") if "sandbox" in frame else (target.origin, "same"))


def test_scrolled_and_scaled_pages(seeing: BrowserDriver, look: Look, site: Any) -> None:
    seeing.goto(
        site.page("<div style='height:3000px'></div><button style='width:300px;height:300px'>Low</button><div style='height:900px'></div>")
    )
    seeing.evaluate("scrollTo(0, 3000)")
    assert seeing.look_at(Point(50, 50)).target.name == "Low"
    with BrowserDriverAt(scale=2.0, clip=Box(5, 5, 400, 300)) as driver:
        driver.goto(site.page(f"<button {BOX}>Pay</button>"))
        target = driver.look_at(Point(20, 20)).target
        assert (target.name, target.box) == ("Pay", Box(10, 10, 410, 110))
        assert driver.look_at(Point(2, 2)).target.name == ""


class BrowserDriverAt:
    """A browser of its own for a block."""

    def __init__(self, **options: Any) -> None:
        self._options = options

    def __enter__(self) -> BrowserDriver:
        self.driver = BrowserDriver.launch(BrowserOptions(**self._options))
        return self.driver

    def __exit__(self, *_: object) -> None:
        self.driver.close()


@pytest.mark.parametrize(
    ("html", "doubt"),
    [
        (f"<canvas {BOX}></canvas>", "canvas"),
        (f"<a href='/x'><canvas {BOX}></canvas></a>", "canvas"),
        (f"<button aria-label='Cancel' {BOX}>Pay</button>", "name and words differ"),
        (f"<button aria-label='Cancel' {BOX}><style>button::before{{content:'Pay'}}</style></button>", "name and words differ"),
        (f"<button {BOX}><svg width=20 height=20></svg></button>", "no name"),
        (f"<button {BOX[:-1]};font-size:0;background:url(/pay.png)'>Cancel</button>", "words that cannot be seen"),
        (f"<button {BOX[:-1]};color:transparent;background:url(/pay.png)'>Cancel</button>", "words that cannot be seen"),
        ("<div style='cursor:pointer;position:absolute;left:10px;top:10px;width:200px;height:50px'></div>", "no name"),
        (f"<embed type=application/x-none {BOX}>", "plugin"),
        (f"<button {BOX}>Cancel</button><a href='/x' style='position:absolute;inset:0;opacity:0'>Win</a>", "cannot be seen"),
        (f"<button {BOX}>Cancel</button><a href='/x' style='position:absolute;inset:0;opacity:0'>Win</a>", "lies over Cancel"),
        (f"<button {BOX}>Cancel</button><a href='/x' style='position:absolute;inset:0'></a>", "lies over Cancel"),
        (f"<iframe srcdoc=x {BOX}></iframe><a href='/x' style='position:absolute;inset:0;opacity:.05'>Win</a>", "lies over a frame"),
        (f"<button {BOX}>Pay</button><div style='pointer-events:none;position:absolute;inset:0;background:#fff'>Cancel</div>",
         "covered by Cancel"),
        (f"<div {BOX}>words</div><script>document.addEventListener('click', () => 1)</script>", "the page listens to every click"),
        (f"<div {BOX}>words</div><script>addEventListener('mousedown', () => 1, true)</script>", "the page listens to every click"),
        (f"<body onclick='1'><div {BOX}>words</div>", "the page listens to every click"),
        (f"<div {BOX}>words</div><script>for (const type of ['scrollend', 'click']) document.addEventListener(type, () => 1)</script>",
         "the page listens to every click"),
        (f"<x-pay {BOX}>words</x-pay><script>document.body.firstChild.attachShadow({{mode: 'closed'}}).innerHTML = "
         f"'<slot></slot>'</script>",
         "closed element"),
    ],
)  # fmt: skip
def test_what_may_not_be_what_it_seems_is_not_known(look: Look, html: str, doubt: str) -> None:
    target = look(html)
    assert not target.known
    assert doubt in target.doubts


def test_both_names_of_a_button_that_says_two_things(look: Look) -> None:
    target = look(f"<button aria-label='Cancel' {BOX}>Pay</button>")
    assert (target.name, target.text) == ("Cancel", "Pay")


@pytest.mark.parametrize(
    "html",
    [
        f"<div {BOX}><h3>Shirt</h3><a href='/x' style='position:absolute;inset:0'>Shirt</a></div>",  # a card whose link lies over it
        f"<label {BOX}><input type=checkbox style='position:absolute;inset:0;opacity:0'><span>News</span></label>",
        f"<button {BOX}><svg style='pointer-events:none' width=190 height=40><rect width=190 height=40 /></svg>Send</button>",
        f"<button aria-label='Add to basket: Shirt' {BOX}>Add to basket</button>",
        f"<button aria-label='Search' {BOX}>🔍</button>",
        f"<div style='pointer-events:none;position:absolute;inset:0;z-index:9'></div><button {BOX}>Send</button>",
        f"<button {BOX}>Send</button><script>addEventListener('click', () => 1)</script>",
    ],
)
def test_what_is_drawn_in_the_usual_ways_is_known(look: Look, html: str) -> None:
    target = look(html)
    assert (target.known, target.doubts) == (True, ())


def test_identity_is_of_the_node_and_of_the_document(seeing: BrowserDriver, look: Look) -> None:
    html = f"<button id=b {BOX}>Pay</button>"
    first = look(html)
    seeing.evaluate("document.body.append(b); b.textContent = 'Buy'")
    moved = seeing.look_at(SPOT).target
    assert (moved.identity, first.differs(moved)) == (first.identity, ("name",))
    seeing.evaluate("b.outerHTML = b.outerHTML")
    assert seeing.look_at(SPOT).target.identity != first.identity
    assert look(html).identity != first.identity


def test_lists_of_choices_drawn_in_the_page(seeing: BrowserDriver, site: Any) -> None:
    seeing.goto(site.page(f"<form action='/go'><select id=s name=plan {BOX}><option>Free<option>Gold, $99</select></form>"))
    seeing.click(SPOT)
    place = seeing.evaluate("(({left, top, width, height}) => [left + width / 2, top + height / 2])(s.options[1].getBoundingClientRect())")
    target = seeing.look_at(Point(*map(round, place))).target
    assert (target.known, target.role, target.name) == (True, "option", "Gold, $99")
    assert "$99" in target.amounts


def test_enter_in_a_field_is_the_default_button(focus: Callable[..., list[Target]], site: Any) -> None:
    field, button = focus(
        "<form action='/a'><input autofocus name=q><button type=button>No</button><button formaction='/b' "
        "formmethod=post>Yes</button></form>",
        True,
    )
    assert (field.role, field.form_action, field.form_method) == ("textbox", site.base + "/b", "post")
    assert (button.name, button.states, button.form_action) == ("Yes", {"default"}, site.base + "/b")
    (alone,) = focus("<form action='/a'><input autofocus></form>", True)
    assert alone.form_action == site.base + "/a"
    (pair,) = focus("<form action='/a'><input autofocus><input></form>", True)
    assert pair.form_action == ""
    (typed, *_) = focus("<form action='/a'><input autofocus><button>Yes</button></form>")
    assert typed.form_action == ""


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("<button form=f>Outside</button><form id=f><input autofocus><button>Inside</button></form>", "Outside"),
        ("<form id=f><input autofocus><button form=g>Other</button><input type=SUBMIT value=Own></form><form id=g></form>", "Own"),
        ("<form id=f><input type=image alt=Picture><input autofocus><button>Words</button></form>", "Words"),
        ("<form id=f><input type=image alt=Picture><input autofocus><button type=reset>Words</button></form>", "Picture"),
        (f"<form id=f><input autofocus>{'<input>' * 900}<button>Last</button></form>", "Last"),
    ],
)
def test_which_button_is_the_default(focus: Callable[..., list[Target]], form: str, name: str) -> None:
    _, button = focus(form, True)
    assert (button.name, button.states) == (name, {"default"})


def test_what_listens_in_another_world_is_not_the_page(seeing: BrowserDriver, look: Look) -> None:
    listen = "for (const one of [document, document.querySelector('p')]) one.addEventListener('click', () => 1)"
    assert look(f"<p {BOX}>words</p>").known
    tab = seeing._session.tab

    async def as_an_extension() -> None:
        tree = await tab.cdp.send("Page.getFrameTree")
        world = await tab.cdp.send("Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"]})
        await tab.cdp.send("Runtime.evaluate", {"expression": listen, "contextId": world["executionContextId"]})

    seeing._call("listening", as_an_extension())
    seen = seeing.look_at(SPOT)
    assert (seen.target.known, seen.how) == (True, "plain")
    seeing.evaluate(listen.replace("document, ", ""))
    assert seeing.look_at(SPOT).how == "said"


def test_how_often_the_browser_is_asked(seeing: BrowserDriver, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    send = Process.send

    async def counted(self: Process, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        asked.append(method)
        return await send(self, method, params)

    seeing.goto(site.page(f"<button {BOX}>Pay</button><p style='position:absolute;top:80px'>words</p><input autofocus>"))
    seeing.look_at(SPOT)
    monkeypatch.setattr(Process, "send", counted)
    for count, look in (
        (4, partial(seeing.look_at, SPOT)),
        (2, partial(seeing.look_at_focus, True)),
        (14, partial(seeing.look_at, Point(20, 105))),
    ):
        asked.clear()
        look()
        assert len(asked) == count, asked


def test_focus_that_is_nowhere_or_cannot_be_seen(focus: Callable[..., list[Target]]) -> None:
    (nothing,) = focus("<p>words</p>")
    assert (nothing.known, nothing.doubts) == (False, ("nothing has the focus",))
    (hidden,) = focus("<input autofocus style='position:absolute;left:-999px;width:0;height:0;border:0;padding:0'>")
    assert (hidden.known, hidden.doubts) == (False, ("cannot be seen",))
    (rich,) = focus("<div contenteditable id=d>x</div><script>d.focus()</script>", True)
    assert not rich.known


def test_points_outside_are_refused(seeing: BrowserDriver) -> None:
    with pytest.raises(InvalidAction, match="outside"):
        seeing.look_at(Point(1280, 5))


def test_without_the_option_pages_are_prepared_at_the_first_look(driver: BrowserDriver, site: Any) -> None:
    driver.goto(site.page(f"<button {BOX}>Pay</button>"))
    assert driver.look_at(SPOT).target.name == "Pay"
