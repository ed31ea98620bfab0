"""What people press all day on pages and risks nothing, although a word on it does elsewhere; each beside a twin that is asked about."""

from __future__ import annotations

import pytest

from handeye.agent.safety.classes import Around, judge
from handeye.envs.actions import Click, PressKeys
from handeye.tools.geometry import Point
from handeye.tools.target import Target
from tests.agent.safety.targets import HERE, in_form, on_desk, on_page, on_phone

CLICK = Click(point=Point(1, 1))


def classes(target: Target) -> set[str]:
    (judged,) = judge(CLICK, (target,), Around())
    return set(judged.classes)


def get_form(name: str, *fields: str, path: str = "/list", **more: str) -> Target:
    return in_form(name, f"{HERE}{path}", "get", *fields, **more)


@pytest.mark.parametrize(
    "target",
    [
        on_page("button", "How do I cancel my order?"),
        on_page("button", "Wie kann ich bezahlen?"),
        on_page("button", "\u00bfC\u00f3mo puedo eliminar mi cuenta?"),
        on_page("button", "\u5982\u4f55\u5220\u9664\u6211\u7684\u8d26\u6237\uff1f"),
        on_page("columnheader", "Order"),
        on_page("columnheader", "Report"),
        on_page("button", "Order summary"),
        on_page("button", "Clear all", container="Filters"),
        on_page("button", "Zur\u00fccksetzen", container="Suche und Filter"),
        on_page("treeitem", "Trash"),
        on_page("link", "Trash (3)", href=f"{HERE}/page#trash"),
        on_page("link", "Archive", href=f"{HERE}/mail/archive"),
        on_page("link", "Papierkorb", href=f"{HERE}/mail/bin"),
        on_page("button", "\u00f7", known=False, doubts=("no name",)),
        get_form("Apply", "number", "name=min", "name=max"),
        get_form("Anwenden", "select", "checkbox", "name=brand", "name=size", "hidden", "name=page"),
        get_form("Translate", "text", "name=word"),
        get_form("Get forecast", "text", "name=place"),
        get_form("Apply", "text", "name=low", "name=high", container="Filters"),
    ],
    ids=lambda target: f"{target.role} {target.name} {target.container}",
)
def test_it_risks_nothing(target: Target) -> None:
    assert classes(target) == {"free"}


@pytest.mark.parametrize(
    ("target", "risk"),
    [
        (on_page("button", "Cancel my order"), "delete"),
        (on_page("button", "Delete everything?"), "delete"),
        (on_page("button", "How do I pay?", text="Pay 490 \u20ac"), "pay"),
        (in_form("How do I pay?", f"{HERE}/p/17"), "submit"),
        (on_phone("How do I cancel my order?"), "pay"),
        (on_desk("How do I delete my account?"), "delete"),
        (on_page("button", "Order"), "pay"),
        (on_page("option", "Delete"), "delete"),
        (on_page("button", "Clear all", container="Messages"), "delete"),
        (on_page("button", "Delete all", container="Filters"), "delete"),
        (on_phone("Clear all", container="Filters"), "delete"),
        (on_page("button", "Trash"), "delete"),
        (on_page("link", "Archive", href=f"{HERE}/page#"), "delete"),
        (on_page("link", "Trash everything", href=f"{HERE}/page#trash"), "delete"),
        (on_page("link", "Trash", href=f"{HERE}/mail/7/delete"), "delete"),
        (on_page("button", "$", known=False, doubts=("no name",)), "unknown"),
        (get_form("Apply", "number", "name=amount-to-give-money"), "submit"),
        (get_form("Apply", "text", "name=a", "name=b"), "submit"),
        (get_form("Apply", "select", "name=who", path="/transfer"), "submit"),
        (get_form("Continue", "number", "name=min", "name=max"), "submit"),
        (get_form("Apply", "number", "email", "name=m"), "submit"),
    ],
    ids=lambda value: f"{value.role} {value.name}" if isinstance(value, Target) else "",
)
def test_its_twin_is_asked_about(target: Target, risk: str) -> None:
    assert risk in classes(target)


def test_a_key_that_scrolls_a_page() -> None:
    ground = on_page("document", "", place="focus")
    (judged,) = judge(PressKeys(keys=("space",)), (ground,), Around())
    assert judged.classes == {"free"}
