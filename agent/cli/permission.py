"""`handeye run`'s side of safety: the approver and the door that its options ask for, and `handeye rules`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.status import Status
from rich.text import Text

from handeye.agent.approval import Approver, Door, allow_all
from handeye.agent.safety.approver import RuleApprover
from handeye.agent.safety.door import Style, TerminalDoor, terminal_lines
from handeye.agent.safety.explaining import in_words
from handeye.agent.safety.reading import default_rules, default_text, load_rules
from handeye.agent.safety.rules import ANSWER_WITHIN_S, Rule, Rules
from handeye.agent.setting import Limits
from handeye.tools.errors import SetupError

if TYPE_CHECKING:
    from handeye.agent.cli.run import RunRequest

APPROVE = ("rules", "ask", "auto")
ASK_EVERYTHING = Rules((Rule("ask", title="--approve ask"),))
LOCAL_MODELS = ("ocr", "transformers", "scripted", "replay")
"""Backends whose calls cost nothing."""
_STYLES: dict[Style, str] = {"question": "bold yellow", "fact": "bold", "said": "italic", "hint": "dim"}
_ONLY_FOR = {
    "--load-host": ("load_hosts", ("browser",)),
    "--download-mb": ("download_mb", ("browser",)),
    "--download-kind": ("download_kinds", ("browser",)),
    "--upload-from": ("upload_from", ("browser",)),
    "--permission": ("permissions", ("browser",)),
    "--proxy-port": ("proxy_port", ("browser",)),
    "--allow-app": ("allow_apps", ("android", "desktop")),
}


@dataclass(frozen=True)
class Permission:
    """What a run may do: read before anything is started."""

    approver: Approver
    limits: Limits
    answer_within: float


def permission(request: RunRequest) -> Permission:
    """What the options of a run say. Raises `SetupError` for options that contradict each other, and for rules that cannot be read."""
    from handeye.tools.egress.hosts import Allowed

    if request.approve not in APPROVE:
        raise SetupError(f"--approve is {', '.join(APPROVE[:-1])} or {APPROVE[-1]}, not {request.approve!r}.")
    if request.rules is not None and request.approve != "rules":
        raise SetupError("--rules are for --approve rules.", fix="leave one of the two out")
    for option, (name, environments) in _ONLY_FOR.items():
        if getattr(request, name) is not None and request.env not in environments:
            raise SetupError(f"{option} is for --env {' and '.join(environments)}.", fix="leave it out")
    if request.load_hosts and not request.allow_hosts:
        raise SetupError("--load-host adds to a list that is not there.", fix="name the hosts that may be visited: --allow-host shop.test")
    if request.proxy_port and request.allow_hosts is None:
        raise SetupError("--proxy-port is that of the proxy of --allow-host, which is not there.", fix="leave it out, or name the hosts")
    allowed = Allowed.read(request.allow_hosts, request.load_hosts) if request.allow_hosts is not None else None
    if allowed is not None and request.url != "about:blank" and (why := allowed.refusal(request.url, True)) is not None:
        raise SetupError(f"The run would begin outside of --allow-host: {why}.", fix="list the host of --url, or begin elsewhere")
    rules = _rules(request)
    approver = allow_all if rules is None else RuleApprover(rules, allowed=allowed, apps=request.allow_apps or (), start=request.url)
    within = request.answer_within if request.answer_within is not None else rules.answer_within if rules else None
    return Permission(approver, _limits(request, rules), ANSWER_WITHIN_S if within is None else within)


def _rules(request: RunRequest) -> Rules | None:
    if request.approve == "auto":
        return None
    if request.approve == "ask":
        return ASK_EVERYTHING
    return load_rules(request.rules) if request.rules is not None else default_rules()


def _limits(request: RunRequest, rules: Rules | None) -> Limits:
    """Of two limits the lower one."""

    def lower(given: float | None, ruled: float | None) -> float | None:
        return min((limit for limit in (given, ruled) if limit is not None), default=None)

    costs_nothing = (request.model or "ocr").partition(":")[0] in LOCAL_MODELS
    return Limits(
        steps=min(request.steps, rules.steps or request.steps if rules else request.steps),
        seconds=lower(request.seconds, rules.seconds if rules else None) or 0.0,
        parse_retries=request.parse_retries,
        cost=lower(request.max_cost, rules.cost if rules else None),
        prices=(0.0, 0.0) if costs_nothing else None,
    )


def door(request: RunRequest, console: Console, status: Status, answer_within: float) -> Door | None:
    """The way to the person at the terminal; None where nobody sits at it, or nobody would see the question."""
    lines = terminal_lines()
    shown = console if console.is_terminal else Console(stderr=True, highlight=False)
    if lines is None or not (shown.is_terminal or sys.stderr.isatty()):
        return None

    @contextmanager
    def pause() -> Iterator[None]:
        status.stop()
        try:
            yield
        finally:
            status.start()

    def show(line: str, style: Style) -> None:
        shown.print(Text(line, style=_STYLES[style]), soft_wrap=True)

    return TerminalDoor(show, lines, answer_within=answer_within, no_hand_over=_out_of_reach(request), pause=pause)


def _out_of_reach(request: RunRequest) -> str:
    """Why a person cannot work the screen themselves; empty: they can."""
    if request.env == "browser" and not request.headed and not request.attach:
        return "the browser has no window (--headed gives it one)"
    if request.env == "android" and request.device == "sim":
        return "the simulated phone of a run has no window (handeye phone --show has one)"
    if request.env == "desktop" and request.virtual and not request.show:
        return "the virtual desktop cannot be seen (--show serves it)"
    return ""


def rules_command(file: Path | None) -> int:
    """Print the rules that ship with handeye, or say those of a file in words; the exit code is 0. Raises `SetupError`."""
    if file is None:
        sys.stdout.write(default_text())
        return 0
    for line in in_words(load_rules(file)):
        sys.stdout.write(line + "\n")
    return 0
