"""The door in a terminal, on a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.agent.approval import AskerDoor, Door, Question, Reply, as_door, read_reply
from handeye.agent.safety.door import Style, TerminalDoor, TerminalLines, ThreadLines, lines_of
from handeye.tools.errors import InvalidAction
from tests.waiting import until

APPROVAL = Question("approval", "click (1, 2)", (("amount", "42 €"), ("target", 'button "Buy"')), "I was told to")
QUESTION = Question("question", "Which one?")


class Terminal:
    """A terminal with a door on one side and a person on the other."""

    def __init__(self, answer_within: float = 30.0, no_hand_over: str = "") -> None:
        self.person, self.ours = pty.openpty()
        self.shown: list[tuple[str, Style]] = []
        self.hints = threading.Semaphore(0)
        self.door = TerminalDoor(self._show, TerminalLines(self.ours), answer_within=answer_within, no_hand_over=no_hand_over)

    def _show(self, line: str, style: Style) -> None:
        self.shown.append((line, style))
        self.hints.release()

    def types(self, text: str) -> None:
        os.write(self.person, text.encode())

    def ask(self, question: Question, *answers: str) -> Reply | None:
        """Put the question; each answer is typed when there is a further line that asks for one."""
        got: list[Reply | None] = []
        thread = threading.Thread(target=lambda: got.append(self.door.ask(question)))
        thread.start()
        for number, answer in enumerate(answers, 1):
            until(lambda number=number: self.asks() >= number)  # type: ignore[misc]
            time.sleep(0.05)
            self.types(answer)
        thread.join(60)
        assert not thread.is_alive()
        return got[0]

    def asks(self) -> int:
        return sum(line.endswith(" s:") or line.startswith("The screen is yours") for line, _ in self.shown)

    def close(self) -> None:
        for descriptor in (self.person, self.ours):
            try:
                os.close(descriptor)
            except OSError:
                continue


@contextmanager
def terminal(answer_within: float = 30.0, no_hand_over: str = "") -> Iterator[Terminal]:
    opened = Terminal(answer_within, no_hand_over)
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize(
    ("answers", "reply"),
    [
        (["y\n"], Reply("yes")),
        (["YES \n"], Reply("yes")),
        (["n\n"], Reply("no")),
        (["\n"], Reply("no")),
        (["a take the cheaper one\n"], Reply("text", "take the cheaper one")),
        (["h\n", "\n"], Reply("handed_over")),
        (["maybe\n", "y\n"], Reply("yes")),
        (["yy\n", "yo\n"], None),
        (["a\n", "a  \n"], None),
        (["h\n", "nonsense\n"], Reply("handed_over")),
        (["ja, gerne\n", "y\n"], Reply("yes")),
        (["pasted\ny\n", "n\n"], Reply("no")),  # what came with a line that was no answer answers nothing
        (["pasted\nh\n\n", "\n"], Reply("no")),
    ],
)
def test_answers(answers: list[str], reply: Reply | None) -> None:
    with terminal() as there:
        assert there.ask(APPROVAL, *answers) == reply


def test_the_facts_come_first_and_the_models_words_last() -> None:
    with terminal() as there:
        there.ask(APPROVAL, "y\n")
        told = [line for line, _ in there.shown]
    assert "amount" in told[1]
    assert "42 €" in told[1]
    assert "click (1, 2)" in told[3]
    assert "proves nothing" in told[4]
    assert there.shown[4][1] == "said"


def test_no_answer_in_time_is_none_and_half_a_line_is_no_answer() -> None:
    with terminal(answer_within=0.3) as there:
        begun = time.monotonic()
        assert there.ask(APPROVAL) is None
        assert time.monotonic() - begun >= 0.3
    with terminal(answer_within=1.0) as there:
        assert there.ask(APPROVAL, "y") is None
        assert there.ask(APPROVAL) is None


def test_what_was_typed_before_the_question_approves_nothing() -> None:
    with terminal(answer_within=1.0) as there:
        there.types("y\ny\n")
        time.sleep(0.1)
        assert there.ask(APPROVAL) is None


def test_an_end_of_the_terminal_is_no_answer() -> None:
    with terminal() as there:
        assert there.ask(APPROVAL, "\x04") is None
    with terminal() as there:
        got: list[Reply | None] = []
        thread = threading.Thread(target=lambda: got.append(there.door.ask(APPROVAL)))
        thread.start()
        until(lambda: there.asks() >= 1)
        os.close(there.person)
        thread.join(30)
        assert got == [None]


def test_who_takes_over_and_goes_away_has_given_nothing_back() -> None:
    with terminal() as there:
        assert there.ask(APPROVAL, "h\n", "\x04") is None
    with terminal() as there:
        os.close(there.person)
        assert there.door.ask(APPROVAL) is None


@pytest.mark.parametrize("answer", [True, 1, b"y", ["y"], {}])
def test_a_function_that_answers_no_text_says_so(answer: object) -> None:
    with pytest.raises(InvalidAction, match="no text"):
        AskerDoor(lambda question: answer).ask(APPROVAL)  # type: ignore[arg-type, return-value]


def test_what_cannot_be_handed_over_is_said_and_asked_again() -> None:
    with terminal(no_hand_over="the browser has no window") as there:
        assert there.ask(APPROVAL, "h\n", "n\n") == Reply("no")
        assert any("the browser has no window" in line for line, _ in there.shown)
        assert not any("h (work" in line for line, _ in there.shown)


def test_a_question_of_the_models_takes_any_line() -> None:
    with terminal() as there:
        assert there.ask(QUESTION, "y\n") == Reply("text", "y")
        assert there.ask(QUESTION, "", "the red one\n") == Reply("text", "the red one")


def test_two_who_ask_at_once_are_asked_one_after_the_other() -> None:
    with terminal() as there:
        got: list[Reply | None] = []
        threads = [threading.Thread(target=lambda: got.append(there.door.ask(APPROVAL))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for number, answer in enumerate(("y\n", "n\n"), 1):
            until(lambda number=number: there.asks() >= number)  # type: ignore[misc]
            time.sleep(0.05)
            there.types(answer)
        for thread in threads:
            thread.join(30)
        assert sorted(reply.kind for reply in got if reply) == ["no", "yes"]


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=400))
def test_whatever_a_page_says_it_stays_on_its_line_and_prints(label: str, value: str, said: str) -> None:
    hostile = Question("approval", value, (("amount", "1 €"), (label, value + "\x1b[2J\n\u202e")), said)
    for line, _ in lines_of(hostile)[2:]:
        assert "\n" not in line
        assert "\x1b" not in line
        assert "\u202e" not in line
    assert lines_of(hostile)[1][0].strip().startswith("amount")


def test_lines_by_a_thread_where_a_terminal_cannot_be_waited_for() -> None:
    read, write = os.pipe()
    with os.fdopen(read, encoding="utf-8") as source:
        lines = ThreadLines(source.readline)
        assert lines.read(0.1) is None
        os.write(write, b"early\n")
        time.sleep(0.2)
        lines.forget()
        os.write(write, b"y\r\n")
        assert lines.read(30) == "y"
        os.close(write)
        assert lines.read(30) is None
        assert lines.read(30) is None


@pytest.mark.parametrize(
    ("answer", "reply"),
    [("y", Reply("yes")), (" Yes", Reply("yes")), ("", Reply("no")), ("rather not", Reply("text", "rather not")), (None, None)],
)
def test_a_plain_function_is_a_door(answer: str | None, reply: Reply | None) -> None:
    asked: list[str] = []

    def person(line: str) -> str | None:
        asked.append(line)
        return answer

    door = as_door(person)
    assert isinstance(door, AskerDoor)
    assert door.ask(APPROVAL) == reply
    assert asked == ['Allow click (1, 2)? (amount: 42 €; target: button "Buy")']
    assert as_door(door) is door
    assert as_door(None) is None
    assert isinstance(door, Door)


@given(st.text(max_size=20))
def test_only_yes_is_yes(answer: str) -> None:
    reply = read_reply(APPROVAL, answer)
    assert (reply == Reply("yes")) == (answer.strip().lower() in {"y", "yes"})
