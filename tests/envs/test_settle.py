"""Settling is right, judged by the screenshot alone, and perpetual movers are left out. Nothing here is timed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from handeye.benchmarks.settle_pages import BUTTON, SCENARIOS, Reply, Scenario, page, settled_right
from handeye.envs.actions import Click, Goto, Scroll, TypeText
from handeye.envs.browser import BrowserEnv
from handeye.envs.env import TimeStep
from handeye.envs.settle import SettleLimits, settle
from handeye.tools.browser import Activity, BrowserDriver
from handeye.tools.device import Pixels
from handeye.tools.geometry import Point

# ruff: noqa: E501  the pages below are one line each
DONE = "document.getElementById('out').className = 'done'"


@pytest.fixture(scope="module")
def env(shared: BrowserDriver) -> BrowserEnv:
    # A busy machine gets to nothing for seconds; whatever here is not recognised as going on for ever goes on for 20 s at least.
    env = BrowserEnv(shared, limits=SettleLimits(cap_s=10.0))
    env.reset()
    return env


def clicked(env: BrowserEnv, site: Any, scenario: Scenario) -> TimeStep:
    site.replies["/settle"] = Reply(page(scenario))
    env.step(Goto(url=site.base + "/settle"))
    return env.step(Click(point=BUTTON))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_nine_scenarios(env: BrowserEnv, site: Any, scenario: Scenario) -> None:
    step = clicked(env, site, scenario)
    assert settled_right(step.observation.screenshot)
    assert not step.settled.capped


CAUSES = {
    "interval that stops": f"const id = setInterval(() => {{ if (++n === 3) {{ clearInterval(id); {DONE} }} }}, 100)",
    "frames": f"const f = () => {{ if (++n === 20) {DONE}; else requestAnimationFrame(f) }}; requestAnimationFrame(f)",
    "idle work": f"requestIdleCallback(() => setTimeout(() => requestIdleCallback(() => {{ {DONE} }}), 80))",
    "async function": f"(async () => {{ for (let i = 0; i < 3; i++) await new Promise((r) => setTimeout(r, 90)); await null; {DONE} }})()",
    "request and its body": f"fetch('/slow?ms=150').then((r) => r.text()).then((t) => new Promise((r) => setTimeout(r, 100))).then(() => {{ {DONE} }})",
    "XMLHttpRequest": f"const x = new XMLHttpRequest(); x.onload = () => setTimeout(() => {{ {DONE} }}, 100); x.open('GET', '/slow?ms=200'); x.send()",
    "failed request": f"fetch('http://127.0.0.1:1/').catch(() => setTimeout(() => {{ {DONE} }}, 150))",
    "message channel": f"const c = new MessageChannel(); c.port1.onmessage = () => setTimeout(() => {{ {DONE} }}, 120); c.port2.postMessage(1)",
    "message to itself": f"addEventListener('message', () => setTimeout(() => {{ {DONE} }}, 120)); postMessage('x', '*')",
    "posted task": f"scheduler.postTask(() => {{ {DONE} }}, {{delay: 200}})",
    "worker": "const w = new Worker(URL.createObjectURL(new Blob(['onmessage = () => setTimeout(() => postMessage(1), 150)'])));"
    f"w.onmessage = () => {{ {DONE} }}; w.postMessage(0)",
    "script": f"const s = document.createElement('script'); s.src = '/late.js?ms=200'; s.onload = () => {{ {DONE} }}; document.head.append(s)",
    "image": "const i = new Image(); i.src = '/square.svg?ms=300'; i.style = 'position:absolute;left:0;top:0'; out.append(i)",
    "shadow tree": "const r = out.attachShadow({mode: 'closed'}); r.innerHTML = '<style>div{height:80px;background:rgb(0,128,0);"
    "animation:a .4s} @keyframes a { from { margin-left: 300px } }</style><div>x</div>'",
    "animation and its end": "out.animate([{left: '0px'}, {left: '300px'}], 300).onfinish = () => fetch('/slow?ms=100').then(() => { "
    + DONE
    + " })",
    "transition and its end": "out.addEventListener('transitionend', () => setTimeout(() => { "
    + DONE
    + " }, 100)); out.style.transition = 'top .3s';"
    "getComputedStyle(out).top; out.style.top = '90px'; setTimeout(() => { out.style.transition = ''; out.style.top = '' }, 350)",
    "frame": "const f = document.createElement('iframe'); f.src = '/frame?ms=200'; f.style = 'border:0;position:absolute;left:0;top:0'; out.append(f)",
    "form": "const f = document.createElement('form'); f.action = '/done'; f.innerHTML = '<input name=ms value=300>'; document.body.append(f); f.submit()",
    "redirect in steps": "setTimeout(() => { location.href = '/step?ms=150' }, 200)",
    "reload": "sessionStorage.n = 1; location.reload()",
    "hash": f"onhashchange = () => setTimeout(() => {{ {DONE} }}, 100); location.hash = 'x'",
    "history": f"onpopstate = () => setTimeout(() => {{ {DONE} }}, 100); history.pushState(1, ''); history.back()",
}


@pytest.mark.parametrize("cause", CAUSES)
def test_other_causes(env: BrowserEnv, site: Any, cause: str) -> None:
    site.replies["/late.js"] = Reply("1", "text/javascript")
    site.replies["/square.svg"] = Reply(
        "<svg xmlns='http://www.w3.org/2000/svg' width='80' height='80'><rect width='80' height='80' fill='rgb(0,128,0)'/></svg>",
        "image/svg+xml",
    )
    site.replies["/frame"] = Reply(
        "<body style='background:white'><script>setTimeout(() => { document.body.style.background = 'rgb(0,128,0)' }, 200)</script>"
    )
    site.replies["/step"] = Reply("<script>setTimeout(() => location.replace('/done?ms=150'), 150)</script>")
    load = f"let n = 0; if (sessionStorage.n) {{ sessionStorage.clear(); setTimeout(() => {{ {DONE} }}, 150) }}"
    step = clicked(env, site, Scenario(cause, CAUSES[cause], load))
    assert settled_right(step.observation.screenshot), step.settled
    assert not step.settled.capped


MOVERS = {
    "ticker that the click starts": "setInterval(() => { side.textContent = Math.random() }, 40)",
    "poller that the click starts": "const p = () => fetch('/slow?ms=30').then(() => { side.textContent = Math.random(); setTimeout(p, 50) }); p()",
    "timers that start themselves": "const t = () => { side.textContent = Math.random(); setTimeout(t, 30) }; t()",
    "drawing that the click starts": "const f = () => { side.textContent = Math.random(); requestAnimationFrame(f) }; f()",
    "spinner": "side.animate([{transform: 'rotate(0)'}, {transform: 'rotate(1turn)'}], {duration: 500, iterations: Infinity})",
    "slow progress": "side.animate([{width: '0px'}, {width: '300px'}], 60000)",
    "far timer": "setTimeout(() => { side.textContent = 'late' }, 20000)",
    "picture that never comes": "const i = new Image(); i.src = '/slow?ms=60000'; side.append(i)",
}


@pytest.mark.parametrize("mover", MOVERS)
def test_perpetual_movers_are_left_out_and_said(env: BrowserEnv, site: Any, mover: str) -> None:
    step = clicked(env, site, Scenario(mover, MOVERS[mover] + f"; setTimeout(() => {{ {DONE} }}, 100)"))
    assert settled_right(step.observation.screenshot)
    assert step.settled.left_out
    assert not step.settled.capped
    assert not env.step(Click(point=Point(600, 600))).settled.capped


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_input_in_frames_of_this_and_other_origins(env: BrowserEnv, site: Any, host: str) -> None:
    inner = f"{site.base.replace('127.0.0.1', host)}/scenario/4"
    site.replies["/outer"] = Reply(f"<body style='margin:0'><iframe src='{inner}' style='border:0;width:800px;height:400px'></iframe>")
    env.step(Goto(url=site.base + "/outer"))
    step = env.step(Click(point=BUTTON))
    assert settled_right(step.observation.screenshot)
    assert not step.settled.capped
    assert not env.step(Click(point=Point(600, 600))).settled.capped


def test_the_cap_is_said(shared: BrowserDriver, site: Any) -> None:
    env = BrowserEnv(shared, limits=SettleLimits(cap_s=0.3))
    env.reset()
    step = clicked(env, site, Scenario("slow", "fetch('/slow?ms=5000')"))
    assert step.settled.capped
    assert "requests" in step.settled.waited_for


@pytest.mark.parametrize("href", ["/nothing", "/file", "mailto:a@example.com", "#place", "javascript:void 0"])
def test_links_that_lead_nowhere(env: BrowserEnv, site: Any, href: str) -> None:
    site.replies["/nothing"] = Reply(status=204)
    site.replies["/file"] = Reply("x", "application/octet-stream", headers=(("Content-Disposition", "attachment; filename=x.bin"),))
    step = clicked(env, site, Scenario("link", f"const a = document.createElement('a'); a.href = '{href}'; a.click(); {DONE}"))
    assert settled_right(step.observation.screenshot)
    assert not step.settled.capped
    assert env.step(Click(point=Point(600, 600))).observation.title == "link"


def test_scrolling_is_over_when_the_picture_is_taken(env: BrowserEnv, site: Any) -> None:
    rows = "".join(f"<div style='height:100px;background:rgb({n * 5},0,0)'></div>" for n in range(50))
    site.replies["/rows"] = Reply(
        f"<body style='margin:0'>{rows}<script>onscroll = () => setTimeout(() => {{ document.title = scrollY }}, 150)</script>"
    )
    env.step(Goto(url=site.base + "/rows"))
    step = env.step(Scroll(point=Point(300, 300), direction="down", amount=1000))
    assert step.observation.screenshot[50, 300].tolist() == [50, 0, 0]
    assert step.observation.title == "1000"


def test_typing_waits_for_what_it_sets_off(env: BrowserEnv, site: Any) -> None:
    site.replies["/type"] = Reply(
        page(Scenario("typing", load=f"const i = document.createElement('input'); document.body.append(i); i.focus();"
                      f"let id; i.oninput = () => {{ clearTimeout(id); id = setTimeout(() => {{ if (i.value === 'abc') {DONE} }}, 300) }}"))
    )  # fmt: skip
    env.step(Goto(url=site.base + "/type"))
    assert settled_right(env.step(TypeText(text="abc")).observation.screenshot)


def test_pages_do_not_notice_the_watch(env: BrowserEnv, site: Any) -> None:
    site.replies["/probe"] = Reply("""<!doctype html><script>
      const seen = {};
      seen.native = [setTimeout, setInterval, fetch, requestAnimationFrame, MessageChannel, Response.prototype.json, XMLHttpRequest.prototype.send]
        .every((f) => /\\[native code\\]/.test(Function.prototype.toString.call(f)));
      seen.names = [setTimeout.name, fetch.length, setTimeout.length].join();
      seen.keys = Object.keys(window).filter((key) => /handeye|watch/i.test(key));
      addEventListener('unhandledrejection', (e) => { (seen.unhandled ??= []).push(e.reason.message); e.preventDefault() });
      addEventListener('error', (e) => { (seen.errors ??= []).push(e.error?.message); });
      setTimeout(function (a, b) { seen.args = [a, b]; seen.self = this === window }, 1, 'x', 2);
      setTimeout(() => { throw new Error('thrown') }, 2);
      setTimeout('document.title = "text"', 1);
      const gone = setTimeout(() => { seen.cleared = false }, 5); clearTimeout(gone);
      const frame = requestAnimationFrame(() => { seen.frame = false }); cancelAnimationFrame(frame);
      fetch('http://127.0.0.1:1/');
      fetch('http://127.0.0.1:1/').catch(() => { seen.caught = true });
      seen.promise = fetch('/slow') instanceof Promise;
      try { setTimeout() } catch (e) { seen.missing = e.constructor.name }
      window.seen = seen;
    </script>""")
    env.step(Goto(url=site.base + "/probe"))
    seen = env.driver.evaluate("seen")
    assert len(seen.pop("unhandled")) == 1
    assert seen == {
        "native": True, "names": "setTimeout,1,1", "keys": [], "args": ["x", 2], "self": True, "errors": ["thrown"], "caught": True,
        "promise": True, "missing": "TypeError",
    }  # fmt: skip
    assert env.driver.title == "text"


class Scripted:
    """A page that does what a test says: activities in order, then the last again and again."""

    def __init__(self, seen: Sequence[Activity], watched: Sequence[Activity]) -> None:
        self.seen, self.watched = list(seen), list(watched)
        self.captures = 0

    def activity(self, wait_s: float, navigation_s: float) -> Activity:
        return self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]

    def screenshot_watched(self, mark: str, quiet_s: float) -> tuple[Pixels, Activity]:
        self.captures += 1
        return np.full((2, 2, 3), self.captures % 256, np.uint8), self.watched.pop(0) if len(self.watched) > 1 else self.watched[0]


def test_a_quiet_page_costs_one_capture_and_a_change_another() -> None:
    quiet = Activity(mark="a")
    page = Scripted([quiet], [quiet])
    assert settle(page).settled.waited_for == ()
    assert page.captures == 1
    page = Scripted([quiet, Activity(mark="b")], [Activity(mark="b")])
    look = settle(page)
    assert page.captures == 2
    assert look.pixels[0, 0, 0] == 2
    assert look.settled.waited_for == ("changes",)
    assert not look.settled.capped


def test_what_never_ends_is_capped_and_what_is_blocked_is_not_waited_for() -> None:
    restless = Scripted([Activity(pending=("timers",), mark="a")], [Activity(pending=("timers",), mark="b")])
    assert settle(restless, SettleLimits(cap_s=0.01)).settled.capped
    blocked = Activity(blocked="dialog")
    look = settle(Scripted([blocked], [blocked]))
    assert not look.settled.capped
    assert "dialog" in look.note
