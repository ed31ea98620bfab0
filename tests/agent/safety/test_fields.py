"""What is typed into a field, and sent with a form, by what its `autocomplete` says that it is for, however that is written."""

from __future__ import annotations

import pytest

from handeye.agent.safety.classes import Around, judge
from handeye.envs.actions import Action, Click, TypeText
from handeye.tools.geometry import Point
from handeye.tools.target import Target
from tests.agent.safety.targets import HERE, in_form, on_page


def classes(action: Action, target: Target) -> set[str]:
    (judged,) = judge(action, (target,), Around())
    return set(judged.classes)


@pytest.mark.parametrize("before", ["", "billing ", "section-a shipping "])
@pytest.mark.parametrize(
    ("purpose", "risk"),
    [("cc-number", "pay"), ("cc-csc", "pay"), ("current-password", "credentials"), ("new-password webauthn", "credentials"),
     ("one-time-code", "credentials"), ("street-address", "free"), ("username webauthn", "free")],
)  # fmt: skip
def test_typing_into_it(before: str, purpose: str, risk: str) -> None:
    field = on_page("textbox", "Search", place="focus", input_type="text", states=frozenset({"editable"}), autocomplete=before + purpose)
    assert classes(TypeText(text="4111"), field) == {risk}


@pytest.mark.parametrize(
    ("field", "risk"),
    [("autocomplete=billing cc-name", "pay"), ("autocomplete=work one-time-code", "credentials"), ("autocomplete=billing email", "submit")],
)
def test_sending_it(field: str, risk: str) -> None:
    assert classes(Click(point=Point(1, 1)), in_form("Continue", f"{HERE}/p/17", "post", "text", field)) == {risk}
