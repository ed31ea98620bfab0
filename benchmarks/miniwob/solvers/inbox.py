"""Tasks of the e-mail inbox."""

from __future__ import annotations

import re

from handeye.benchmarks.episodes.policies import OracleError
from handeye.benchmarks.miniwob.oracle import Page, Solver, Steps
from handeye.envs.actions import TypeText

_PATTERNS = {
    "reply": r'email by (?P<by>\S+) and reply to them with the text "(?P<text>[^"]*)"',
    "forward": r"email by (?P<by>\S+) and forward that email to (?P<text>\S+?)\.$",
    "delete": r"email by (?P<by>\S+) and click the trash",
    "star": r"email by (?P<by>\S+) and click the star",
}


def _wish(page: Page) -> tuple[str, str, str]:
    """What to do, whose mail, and the text or the addressee. The pages in free language tell by `getUtterance` what they mean."""
    said = page.read("() => core.getUtterance()")
    if isinstance(said, dict):
        fields = said["fields"]
        return fields.get("task", "forward"), fields["by"], fields.get("message") or fields.get("to") or ""
    for action, pattern in _PATTERNS.items():
        if match := re.search(pattern, page.goal):
            return action, match["by"], match.groupdict().get("text") or ""
    raise OracleError(f"the goal {page.goal!r} is none that the inbox solver knows")


def inbox(page: Page) -> Steps:
    action, sender, text = _wish(page)
    names = [one.text for one in page.all("#main .email-thread .email-sender")]
    thread = f"#main .email-thread[data-index='{names.index(sender)}']"
    if action in ("delete", "star"):
        yield from page.click(f"{thread} .{'trash' if action == 'delete' else 'star'}")
        return
    yield from page.click(f"{thread} .email-sender")
    yield from page.click(f".email-{action} .icon")
    yield from page.click("#reply-text" if action == "reply" else ".forward-sender")
    yield TypeText(text=text)
    yield from page.click(f"#send-{action}")


SOLVERS: dict[str, Solver] = dict.fromkeys(
    (
        "email-inbox",
        "email-inbox-delete",
        "email-inbox-forward",
        "email-inbox-forward-nl",
        "email-inbox-forward-nl-turk",
        "email-inbox-important",
        "email-inbox-nl-turk",
        "email-inbox-noscroll",
        "email-inbox-reply",
        "email-inbox-star-reply",
    ),
    inbox,
)
