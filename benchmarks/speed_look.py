"""What an approver's look at a target costs, and what a permitted step takes beyond a step, on a small page and on heavy ones."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from handeye.benchmarks.settle_pages import Reply, served
from handeye.benchmarks.speed import SpeedRow, compared
from handeye.envs.actions import Action, Click, Goto, PressKeys, TypeText
from handeye.envs.browser import BrowserEnv
from handeye.envs.env import Permit
from handeye.tools.browser import BrowserOptions
from handeye.tools.geometry import Point

BUTTON = Point(60, 30)
FIELD = Point(60, 80)
WORDS = Point(60, 130)
"""Words that do nothing: who listens to clicks there is asked for too."""
LOOKS = 15
"""Looks of each kind for each repeat."""
STEPS = 4
"""Pairs of steps for each repeat, taken by turns."""
NODES = 5_000

_TOP = (
    "<!doctype html><meta charset=utf-8><style>#b,#f,#w{position:absolute;left:20px;height:30px;width:160px;margin:0}</style>"
    "<form action=/done onsubmit='return false'><h2 style='margin-left:300px'>Order</h2><p style='margin-left:300px'>Total: 25.00 €</p>"
    "<button id=b style='top:15px'><span>Order now</span></button><input id=f name=q style='top:65px'></form>"
    "<p id=w style='top:115px'>Words</p>"
    "<div style='margin-top:150px'>"
)


def small_page() -> str:
    """A form with a field and a button, and little else."""
    return _TOP + "</div>"


def heavy_page(nodes: int) -> str:
    """The same with a table of `nodes` elements more, in the same form's document."""
    rows = "".join(f"<tr><td>{row}<td><a href=/r/{row}>Row {row}</a><td><button>Open {row}</button>" for row in range(nodes // 6))
    return _TOP + f"<table>{rows}</table></div>"


def deep_page(nodes: int) -> str:
    """The same with the elements inside of the form, so that its fields and sums are read among them."""
    return form_page(nodes // 4)


def form_page(fields: int) -> str:
    """The same with `fields` fields more in its form, each with a label and a sum."""
    rows = "".join(f"<label>Line {row} <input name=n{row}> {row}.50 €</label><br>" for row in range(fields))
    return _TOP.replace("</form>", f"<div style='margin-top:150px'>{rows}</div></form>") + "</div>"


def rows(repeats: int, nodes: int = NODES) -> list[SpeedRow]:
    """Medians of looks (ms), of permitted steps beside steps of a browser without a guard, and of plain steps of both, on each page; of a
    form of many fields, of looks alone. `nodes`: elements of the heavy pages and fields of the form."""
    pages = {"small page": small_page(), f"{nodes} elements": heavy_page(nodes), f"{nodes} elements in the form": deep_page(nodes)}
    forms = {f"a form of {nodes} fields": form_page(nodes)}
    found: list[SpeedRow] = []
    with ExitStack() as stack:
        base = stack.enter_context(served({f"/{number}": Reply(html) for number, html in enumerate((pages | forms).values())}))
        guarded, bare = (BrowserEnv(BrowserOptions(guard=guard)) for guard in (True, False))
        for env in (guarded, bare):
            stack.callback(env.close)
            env.reset()
        for number, name in enumerate(pages | forms):
            for env in (guarded, bare) if name in pages else (guarded,):
                env.step(Goto(url=f"{base}/{number}"))
            found += _looks(guarded, name, repeats)
            if name in pages:
                found += _steps(guarded, bare, name, repeats)
    return found


def _looks(env: BrowserEnv, name: str, repeats: int) -> list[SpeedRow]:
    env.step(Click(point=FIELD))
    kinds: dict[str, Action] = {
        "a button": Click(point=BUTTON),
        "a field": Click(point=FIELD),
        "plain words": Click(point=WORDS),
        "the focus": TypeText(text="a"),
        "the focus before Enter": PressKeys(keys=("enter",)),
    }
    return [
        SpeedRow(f"look at {kind}, {name}", _median(partial(env.targets, action), LOOKS * repeats), "ms") for kind, action in kinds.items()
    ]


def _steps(guarded: BrowserEnv, bare: BrowserEnv, name: str, repeats: int) -> list[SpeedRow]:
    click = Click(point=BUTTON)
    plain: list[float] = []
    beside: list[float] = []
    permitted: list[float] = []
    for _ in range(STEPS * repeats):
        plain.append(_timed(partial(bare.step, click)))
        beside.append(_timed(partial(guarded.step, click)))
        permit = Permit(guarded.targets(click), effects=True)
        permitted.append(_timed(partial(guarded.step_permitted, click, permit)))
    baseline = statistics.median(plain)
    return [
        compared(f"step with a guard, {name} (baseline: without)", statistics.median(beside), "ms", baseline),
        compared(f"permitted step, {name} (baseline: a step without a guard)", statistics.median(permitted), "ms", baseline),
    ]


def _median(work: Callable[[], object], times: int) -> float:
    return statistics.median(_timed(work) for _ in range(times))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
