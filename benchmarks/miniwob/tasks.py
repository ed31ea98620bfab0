"""The tasks: which there are, what class each belongs to, and where their pages lie.

The pages ship in the PyPI package `miniwob` (Farama-Foundation/miniwob-plusplus, MIT). Only its HTML is used, so it is located
without being imported, and may be installed without its dependencies.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from handeye.tools.errors import InvalidAction, SetupError

CLASSES: dict[str, tuple[str, ...]] = {
    "click": tuple(
        """buy-ticket click-button click-button-sequence click-checkboxes click-checkboxes-large click-checkboxes-soft
        click-checkboxes-transfer click-collapsible click-collapsible-2 click-collapsible-2-nodelay click-collapsible-nodelay click-color
        click-dialog click-dialog-2 click-link click-menu click-menu-2 click-option click-shades click-tab click-tab-2 click-tab-2-easy
        click-tab-2-hard click-tab-2-medium click-test click-test-2 click-test-transfer click-widget find-greatest focus-text focus-text-2
        generate-number navigate-tree number-checkboxes odd-or-even phone-book tic-tac-toe unicode-test email-inbox-delete
        email-inbox-important choose-date choose-date-easy choose-date-medium choose-date-nodelay social-media hot-cold""".split()
    ),
    "scroll": ("order-food", "scroll-text-2", "social-media-all", "social-media-some"),
    "graphics": tuple(
        """ascending-numbers bisect-angle circle-center click-pie click-pie-nodelay click-shape count-shape count-sides find-midpoint
        grid-coordinate identify-shape right-angle stock-market""".split()
    ),
    "type": tuple(
        """book-flight book-flight-nodelay copy-paste copy-paste-2 enter-date enter-password enter-text enter-text-2 enter-text-dynamic
        enter-time find-word form-sequence-2 guess-number login-user login-user-popup multi-layouts multi-orderings read-table
        read-table-2 search-engine simple-algebra simple-arithmetic terminal text-transform use-autocomplete use-autocomplete-nodelay
        use-spinner visual-addition sign-agreement scroll-text email-inbox email-inbox-forward email-inbox-forward-nl
        email-inbox-forward-nl-turk email-inbox-nl-turk email-inbox-noscroll email-inbox-reply email-inbox-star-reply""".split()
    ),
    "drag": tuple(
        """daily-calendar drag-box drag-circle drag-cube drag-items drag-items-grid drag-shapes drag-shapes-2 drag-single-shape
        drag-sort-numbers draw-circle draw-line form-sequence highlight-text highlight-text-2 resize-textarea use-colorwheel
        use-colorwheel-2 use-slider use-slider-2""".split()
    ),
    "select": ("choose-list", "click-scroll-list", "form-sequence-3", "text-editor"),
}
"""Task names by their main input; the grouping is ours, for reporting. Together they are the 125 of the protocol."""

LEFT_OUT = ("button-delay", "chase-circle", "hover-shape", "moving-items", "simon-says")
"""Pages that the protocol leaves out because they are played against the clock (ServiceNow/BrowserGym: metadata/miniwob.csv)."""

_LIMITS_S: dict[int, str] = {
    7: "use-colorwheel use-colorwheel-2",
    15: """click-scroll-list click-shades drag-cube drag-shapes enter-password generate-number guess-number hot-cold login-user-popup
        odd-or-even phone-book social-media text-editor text-transform visual-addition""",
    20: """choose-date choose-date-easy choose-date-medium choose-date-nodelay click-checkboxes-large click-tab-2-hard daily-calendar
        enter-date enter-time multi-layouts multi-orderings order-food read-table-2 search-engine social-media-all social-media-some
        terminal use-slider-2""",
    30: """book-flight book-flight-nodelay drag-shapes-2 email-inbox email-inbox-delete email-inbox-forward email-inbox-forward-nl
        email-inbox-forward-nl-turk email-inbox-important email-inbox-nl-turk email-inbox-noscroll email-inbox-reply
        email-inbox-star-reply number-checkboxes""",
}
_LIMIT_OF = {name: limit for limit, names in _LIMITS_S.items() for name in names.split()}

CLOCK_DRIVEN = frozenset({"stock-market", "terminal"})
"""Tasks whose page changes while the model thinks, so that latency is part of the score."""

_PACKAGE = "miniwob"


@dataclass(frozen=True)
class Task:
    """One page of the benchmark."""

    name: str
    kind: str
    """A key of `CLASSES`."""
    limit_s: int
    """The page's own time limit in seconds, meant for reflexes; `MiniWobEnv` raises it."""
    clock_driven: bool = False


TASKS: dict[str, Task] = {
    name: Task(name, kind, _LIMIT_OF.get(name, 10), name in CLOCK_DRIVEN)
    for name, kind in sorted((name, kind) for kind, names in CLASSES.items() for name in names)
}
"""The 125 tasks of the protocol by name, in alphabetical order."""


def find_task(name: str) -> Task:
    """The task called `name`. Raises `InvalidAction` with the nearest names when there is none."""
    if name in TASKS:
        return TASKS[name]
    import difflib

    if name in LEFT_OUT:
        raise InvalidAction(f"{name} is played against the clock and not one of the 125 tasks of the protocol")
    near = difflib.get_close_matches(name, TASKS, n=3, cutoff=0.5)
    raise InvalidAction(f"no MiniWoB++ task is called {name!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))


def html_root() -> Path:
    """The folder with the pages (`miniwob/*.html`, `core`, `common`). Raises `SetupError` when the package is not installed."""
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        root = Path(place) / "html"
        if (root / "miniwob" / "click-test.html").is_file():
            return root
    raise SetupError("the MiniWoB++ pages are not installed.", fix="pip install --no-deps miniwob")


def page_url(task: Task) -> str:
    """The `file:` address of the task's page. Raises `SetupError` when the installed package does not have it."""
    page = html_root() / "miniwob" / f"{task.name}.html"
    if not page.is_file():
        raise SetupError(f"the installed miniwob package has no page for {task.name}.", fix="pip install --no-deps --upgrade miniwob")
    return page.as_uri()
