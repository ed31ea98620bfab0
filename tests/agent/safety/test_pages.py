"""Classes and rules on real pages in a real browser: what an ordinary page asks for is done unasked, what risks something is not."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from handeye.agent import Agent, Result, ScriptedModel, load_trajectory, open_dialect, run_episode
from handeye.agent.approval import Question, Reply
from handeye.agent.safety.approver import RuleApprover
from handeye.agent.safety.classes import Around, judge
from handeye.agent.safety.reading import default_rules
from handeye.agent.trajectory import StepRow
from handeye.envs.actions import LOOP_ACTIONS, Action, Click, Finish, PressKeys, TypeText
from handeye.envs.browser import BrowserEnv
from handeye.tools.browser import BrowserOptions
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Point, Size

ROW = 40
ELEMENTS = [
    ("<a href='/list?page=2'>Next page</a>", "free"),
    ("<a href='/product/7'>Order of the Phoenix, 7,99 €</a>", "free"),
    ("<a href='/cart'>Cart (2)</a>", "free"),
    ("<a href='/post/1'>How to delete files and send mail in Linux</a>", "free"),
    ("<form action=/find><input name=q type=search value=x><button>Search</button></form>", "free"),
    ("<form action=/x method=post><input name=who></form>", "free"),
    ("<button onclick='1'>Menu</button>", "free"),
    ("<button onclick='1'>Show more</button>", "free"),
    ("<button onclick='1' aria-label='Close'>×</button>", "free"),
    ("<button onclick='1'>×</button>", "free"),
    ("<button onclick='1'>&#9825;</button>", "unknown"),
    ("<div role=tab tabindex=0>Reviews</div>", "free"),
    ("<select><option>Price<option>Name</select>", "free"),
    ("<label><input type=checkbox> In stock</label>", "free"),
    ("<section aria-label='We value your privacy'><button onclick='1'>Reject all</button></section>", "free"),
    ("<section aria-label='We value your privacy'><button onclick='1'>Accept all</button></section>", "terms"),
    ("<p>Buy nothing, delete nothing and send nothing, says this text.</p>", "free"),
    ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' width=100 height=30 alt='A cat'>", "free"),
    ("<input type=password placeholder=Password>", "free"),
    ("<form action=/cart method=post><button>Add to cart</button> 7,99 €</form>", "submit"),
    ("<form action=/do method=post><button>Go</button></form>", "submit"),
    ("<form action=/buy method=post><button>Buy now</button></form>", "pay"),
    ("<form action=/x method=post><input name=n autocomplete=cc-number><button>Weiter</button></form>", "pay"),
    ("<div role=dialog aria-label='Pay 99 € to Mallory?'><button onclick='1'>OK</button></div>", "pay"),
    ("<div role=dialog aria-label='Delete everything?'><button onclick='1'>OK</button></div>", "delete"),
    ("<div role=dialog aria-label='Delete everything?'><button onclick='1'>Cancel</button></div>", "free"),
    ("<button onclick='1'>Löschen</button>", "delete"),
    ("<a href='/item/7/delete'>x</a>", "delete"),
    ("<button onclick='1'><span>S</span><span>end</span></button>", "send"),
    ("<form action=/login method=post><input type=password name=p><button>Log in</button></form>", "credentials"),
    ("<a href='/tool.exe'>Free tool</a>", "install"),
    ("<a href='mailto:a@b.test'>Write</a>", "leave"),
    ("<form action='https://evil.test/' method=post><button>Continue</button></form>", "leave"),
    ("<label><input type=checkbox> I agree to the terms and conditions</label>", "terms"),
    ("<canvas width=200 height=30></canvas>", "unknown"),
]
PAGE = "<!doctype html><title>Shop</title><body style='margin:0'>" + "".join(
    f"<div style='position:absolute;left:10px;top:{number * ROW}px;height:{ROW - 4}px;overflow:hidden' class=row>{html}</div>"
    for number, (html, _) in enumerate(ELEMENTS)
)
FORM = """<!doctype html><title>Form</title><body style='margin:0'><form action=/sent method=post>
<input name=who style='position:absolute;left:10px;top:10px;width:200px;height:30px'>
<button style='position:absolute;left:10px;top:60px;width:200px;height:40px'>Submit</button></form>
<button style='position:absolute;left:10px;top:120px;width:200px;height:40px' onclick="fetch('/liked', {method: 'POST'})">Like</button>
<form action=/buy method=post><button style='position:absolute;left:10px;top:180px;width:200px;height:40px'>Buy for 20 €</button></form>"""
LATE = (
    FORM
    + """<script>const buy = document.querySelector('form[action="/buy"]');
buy.onsubmit = () => { buy.action = '/buy-more' }</script>"""
)
BESIDE = (
    FORM
    + """<script>document.querySelector('form[action="/buy"]').onsubmit = () => {
fetch(location.origin.replace('127.0.0.1', 'localhost') + '/count', {method: 'POST', keepalive: true}).catch(() => 0) }</script>"""
)


@dataclass
class Site:
    """Pages on loopback, and what was sent to them."""

    address: str = ""
    sent: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    there = Site()

    class Serve(http.server.BaseHTTPRequestHandler):
        def answer(self, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.answer({"/form": FORM, "/late": LATE, "/beside": BESIDE}.get(self.path, PAGE))

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            there.sent.append(self.path)
            self.answer("<title>Done</title>done")

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serve)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    there.address = f"http://127.0.0.1:{server.server_port}"
    yield there
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def env(site: Site) -> Iterator[BrowserEnv]:
    try:
        opened = BrowserEnv(BrowserOptions(guard=True, viewport=Size(800, len(ELEMENTS) * ROW + 20)), f"{site.address}/shop")
    except SetupError as error:
        pytest.skip(str(error))
    yield opened
    opened.close()


def test_each_element_of_a_page_by_its_class(env: BrowserEnv) -> None:
    env.reset()
    places = env.driver.evaluate(
        "[...document.querySelectorAll('.row')].map(row => { const at = row.querySelector('button') "
        "?? row.querySelector('a,select,canvas,img,p,[role=tab],input');"
        "const box = at.getBoundingClientRect(); return [box.x + box.width / 2, box.y + Math.min(box.height, 30) / 2] })"
    )
    wrong = {}
    for (html, risk), (x, y) in zip(ELEMENTS, places, strict=True):
        targets = env.targets(Click(point=Point(int(x), int(y))))
        found = {one for judged in judge(Click(point=Point(int(x), int(y))), targets, Around()) for one in judged.classes}
        if risk not in found or (risk == "free" and found != {"free"}):
            wrong[html] = (risk, found, targets)
    assert wrong == {}


@dataclass
class Person:
    """Says the same every time."""

    reply: Reply | None
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> Reply | None:
        self.asked.append(question)
        return self.reply


def play(
    env: BrowserEnv, site: Site, out: Path, goal: str, person: Person, *actions: Action, page: str = "form"
) -> tuple[Result, tuple[StepRow, ...]]:
    site.sent.clear()
    form = BrowserEnv(env.driver, f"{site.address}/{page}")
    dialect = open_dialect("json", env.action_types | LOOP_ACTIONS)
    size = Size(800, len(ELEMENTS) * ROW + 20)
    model = ScriptedModel([dialect.format(action, size) for action in (*actions, Finish())])
    approver = RuleApprover(default_rules(), start=f"{site.address}/form")
    result = run_episode(goal, form, Agent(model, dialect, approver=approver, asker=person), out / "run")
    return result, load_trajectory(out / "run").steps


FIELD, SUBMIT, HEART, BUY = (Click(point=Point(100, y)) for y in (25, 80, 140, 200))


def test_what_the_user_asked_for_is_done_unasked(env: BrowserEnv, site: Site, tmp_path: Path) -> None:
    person = Person(None)
    result, steps = play(
        env, site, tmp_path, "Type Ann into the field and click the Submit button", person, FIELD, TypeText(text="Ann"), SUBMIT
    )
    assert (result.outcome, person.asked, site.sent) == ("reached", [], ["/sent"]), steps
    result, _ = play(env, site, tmp_path / "b", "Type Ann and press Enter", person, FIELD, TypeText(text="Ann"), PressKeys(keys=("enter",)))
    assert (result.outcome, person.asked, site.sent) == ("reached", [], ["/sent"])


def test_what_nobody_asked_for_is_not_done(env: BrowserEnv, site: Site, tmp_path: Path) -> None:
    for name, person in (("nobody", Person(None)), ("no", Person(Reply("no")))):
        result, steps = play(env, site, tmp_path / name, "Read the page", person, FIELD, TypeText(text="x\n"), SUBMIT, HEART, HEART, BUY)
        assert site.sent == []
        assert [row.decision.verdict for row in steps if row.decision] == ["allow", "deny", "deny", "allow", "deny", "deny"]
        assert steps[3].held[0]["method"] == "POST"
        assert len(person.asked) == 4
        assert result.outcome == "reached"


def test_other_keys_in_a_chord_hide_none(env: BrowserEnv, site: Site, tmp_path: Path) -> None:
    reach = (FIELD, PressKeys(keys=("tab",)), PressKeys(keys=("tab",)), PressKeys(keys=("tab",)))
    for number, chord in enumerate((("enter", "a"), ("space", "a"), ("ctrl", "space"))):
        person = Person(Reply("no"))
        _, steps = play(env, site, tmp_path / str(number), "Read the page", person, *reach, PressKeys(keys=chord))
        assert site.sent == []
        assert steps[4].decision is not None
        assert "pay" in steps[4].decision.classes, (chord, steps[4])


def test_yes_is_for_what_was_shown(env: BrowserEnv, site: Site, tmp_path: Path) -> None:
    person = Person(Reply("yes"))
    play(env, site, tmp_path, "Read the page", person, HEART, HEART, BUY)
    assert site.sent == ["/liked", "/buy"]
    assert person.asked[1].facts[0] == ("amount", "20 €")


def test_a_form_that_turns_elsewhere_after_the_yes_is_asked_about_with_its_real_address(
    env: BrowserEnv, site: Site, tmp_path: Path
) -> None:
    person = Person(Reply("yes"))
    _, steps = play(env, site, tmp_path, "Read the page", person, BUY, BUY, page="late")
    assert site.sent == ["/buy-more"]
    assert [effect["url"] for effect in steps[0].held] == [f"{site.address}/buy-more"]
    asked = dict(person.asked[1].facts)
    assert asked["would send"] == f'POST {site.address}/buy-more (what was allowed is to "POST {site.address}/buy")'
    assert "take the same action again" in steps[1].told[0]


def test_what_goes_to_another_site_beside_what_was_allowed_is_told_as_such(env: BrowserEnv, site: Site, tmp_path: Path) -> None:
    _, steps = play(env, site, tmp_path, "Read the page", Person(Reply("yes")), BUY, BUY, page="beside")
    assert site.sent == ["/buy"]
    assert "what was allowed was sent" in steps[1].told[0]
