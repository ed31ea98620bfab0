from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.agent.dialects.check import check_dialect
from handeye.agent.dialects.registry import DIALECT_NAMES, open_dialect
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Click
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Size
from tests.strategies import actions, points, sizes

ALL = frozenset(ACTIONS) - LOOP_ACTIONS
BROWSER = frozenset(
    {"click", "move", "drag", "scroll", "type_text", "press_keys", "goto", "go_back", "wait", "answer_dialog", "choose_files"}
)
PHONE = frozenset({"click", "long_press", "swipe", "type_text", "press_button", "open_app", "wait"})


def takes(name: str, option: str) -> bool:
    try:
        open_dialect(name, ALL, **{option: "turns"})
    except SetupError:
        return False
    return True


@pytest.mark.parametrize("name", DIALECT_NAMES)
@pytest.mark.parametrize("types", [ALL, BROWSER, PHONE, frozenset({"press_keys"})], ids=["all", "browser", "phone", "keys"])
def test_every_dialect_keeps_the_contract(name: str, types: frozenset[str]) -> None:
    check_dialect(open_dialect(name, types))


@pytest.mark.parametrize("name", [name for name in DIALECT_NAMES if takes(name, "history")])
def test_a_history_of_turns_keeps_the_contract_too(name: str) -> None:
    check_dialect(open_dialect(name, ALL, history="turns"))


@pytest.mark.parametrize("name", DIALECT_NAMES)
@settings(max_examples=60)
@given(data=st.data(), size=sizes)
def test_what_is_said_is_read_back_exactly(name: str, data: st.DataObject, size: Size) -> None:
    dialect = open_dialect(name, ALL)
    plain = [st.builds(Click, point=points(size))] if "click" in dialect.action_types else []
    action = data.draw(st.one_of(actions(size, dialect.action_types), *plain))
    try:
        text = dialect.format(action, size)
    except InvalidAction:
        # Which of a verb's particulars a family has words for is its own test's matter; that there are some is `check_dialect`'s.
        return
    reply = dialect.parse(text, size)
    assert reply.actions == (action,)
    assert reply.repairs == ()


def test_the_check_catches_a_dialect_that_reads_another_action_than_it_said() -> None:
    class Off:
        def __init__(self) -> None:
            self.inner = open_dialect("qwen2.5-vl/computer_use", ALL)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def parse(self, text: str, size: Size) -> Any:
            return self.inner.parse(text.replace("[0, 0]", "[40, 40]"), size)

    with pytest.raises(AssertionError, match="is said as"):
        check_dialect(Off())  # type: ignore[arg-type]


def test_an_unknown_dialect_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(SetupError, match=r"qwen2\.5-vl/computer_use") as caught:
        open_dialect("qwen9", ALL)
    assert "qwen9" in str(caught.value)


@pytest.mark.parametrize("options", [{"colour": 1}, {"min_pixels": 9_000_000}, {"prompt_file": "/no/such/file"}])
def test_bad_options_are_a_setup_error(options: dict[str, Any]) -> None:
    with pytest.raises(SetupError):
        open_dialect("qwen2.5-vl/computer_use", ALL, **options)
