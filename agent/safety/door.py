"""The door in a terminal: a person is shown the facts, then the model's words, and answers in a line, in time."""

from __future__ import annotations

import os
import queue
import select
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Literal, Protocol, TypeAlias

from handeye.agent.approval import Question, Reply, read_reply
from handeye.agent.describe import one_line
from handeye.agent.safety.rules import ANSWER_WITHIN_S

Style: TypeAlias = Literal["question", "fact", "said", "hint"]
Show: TypeAlias = Callable[[str, Style], None]
"""Shows one line. It is plain text: nothing in it is markup."""
LABEL_LENGTH = 20
FACT_LENGTH = 200
SAID_LENGTH = 300
"""Characters of a fact's label, of a fact, and of the model's words that are shown."""


class Lines(Protocol):
    """Where a person's lines come from."""

    def forget(self) -> None:
        """Let go of what was typed before the question was there to be read."""

    def read(self, within_s: float | None) -> str | None:
        """The next line without its end; None when the time is up (None: no limit) or no line will ever come."""


class TerminalLines:
    """Lines of a terminal, by its file descriptor: nothing is read ahead, so that a limit in time can be kept."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._left = b""

    def forget(self) -> None:
        """See `Lines`."""
        import termios

        self._left = b""
        with suppress(termios.error):  # of a terminal that is gone nothing will be read
            termios.tcflush(self._descriptor, termios.TCIFLUSH)

    def read(self, within_s: float | None) -> str | None:
        """See `Lines`."""
        end = None if within_s is None else time.monotonic() + within_s
        while b"\n" not in self._left:
            left = None if end is None else end - time.monotonic()
            if (left is not None and left <= 0) or not select.select([self._descriptor], [], [], left)[0]:
                self._left = b""
                return None
            try:
                read = os.read(self._descriptor, 4096)
            except OSError:  # the terminal is gone
                return None
            if not read:
                return None
            self._left += read
        line, _, self._left = self._left.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")


class ThreadLines:
    """Lines read by a thread of its own, where a terminal cannot be waited for with a limit (Windows)."""

    def __init__(self, readline: Callable[[], str]) -> None:
        """`readline` gives a line with its end, or nothing at the end, as a text file does."""
        self._readline = readline
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def forget(self) -> None:
        """See `Lines`."""
        while not self._lines.empty():
            self._lines.get()

    def read(self, within_s: float | None) -> str | None:
        """See `Lines`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._follow, name="terminal", daemon=True)
            self._thread.start()
        elif not self._thread.is_alive() and self._lines.empty():
            return None
        try:
            return self._lines.get(timeout=within_s)
        except queue.Empty:
            return None

    def _follow(self) -> None:
        while line := self._readline():
            self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)


def terminal_lines() -> Lines | None:
    """The lines of this process's standard input; None where nobody sits at it."""
    if not sys.stdin.isatty():
        return None
    return ThreadLines(sys.stdin.readline) if os.name == "nt" else TerminalLines(sys.stdin.fileno())


class TerminalDoor:
    """Asks in a terminal. One question at a time, whichever thread it comes from."""

    def __init__(
        self,
        show: Show,
        lines: Lines,
        *,
        answer_within: float = ANSWER_WITHIN_S,
        no_hand_over: str = "",
        pause: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """`answer_within`: seconds for an answer; then there is none. `no_hand_over`: why the person cannot work the screen themselves;
        empty: they can. `pause`: what else is drawn in the terminal stands still within."""
        self._show, self._lines = show, lines
        self._answer_within = answer_within
        self._no_hand_over = no_hand_over
        self._pause = pause
        self._lock = threading.Lock()

    def ask(self, question: Question) -> Reply | None:
        """See `Door`: the second answer that is no answer counts as none."""
        with self._lock, self._pause():
            for line, style in lines_of(question):
                self._show(line, style)
            end = time.monotonic() + self._answer_within
            for again in (False, True):
                # Of several lines at once only the first answers: the others were written before they could be asked for.
                self._lines.forget()
                self._show(self._choices(question, again), "hint")
                answer = self._lines.read(max(0.0, end - time.monotonic()))
                if answer is None:
                    self._show("No answer: that is a no." if question.kind == "approval" else "No answer.", "hint")
                    return None
                if (reply := self._reply(question, answer)) is not None:
                    return reply
            self._show("That was no answer: that is a no.", "hint")
            return None

    def _reply(self, question: Question, answer: str) -> Reply | None:
        said = answer.strip()
        if said.casefold() == "h" and (question.kind == "approval" or not self._no_hand_over):
            return self._handed_over()
        if question.kind == "approval" and said[:2].casefold() == "a " and said[2:].strip():
            return Reply("text", said[2:].strip())
        return read_reply(question, answer)

    def _handed_over(self) -> Reply | None:
        if self._no_hand_over:
            self._show(f"It cannot be handed over: {self._no_hand_over}.", "hint")
            return None
        self._show("The screen is yours. Press Enter here when it is to go on.", "question")
        return None if self._lines.read(None) is None else Reply("handed_over")

    def _choices(self, question: Question, again: bool) -> str:
        hand_over = "" if self._no_hand_over else ", h (work the screen yourself)"
        first = "Please: " if again else ""
        if question.kind == "question":
            return f"{first}an answer in one line{hand_over}, within {self._answer_within:g} s:"
        return f"{first}y (yes), n (no), a TEXT (do this instead){hand_over}, within {self._answer_within:g} s:"


def lines_of(question: Question) -> list[tuple[str, Style]]:
    """What a person is shown: for an approval the facts, then what is to be done, then the model's words, marked as such. Every line is
    one line, with what does not print (line ends, terminal escapes, direction marks) as escapes."""
    if question.kind == "question":
        return [("The model asks (its words):", "question"), (one_line(question.text, SAID_LENGTH * 4), "said")]
    shown: list[tuple[str, Style]] = [("May it do this?", "question")]
    facts = [(one_line(label, LABEL_LENGTH), one_line(value, FACT_LENGTH)) for label, value in question.facts]
    width = max((len(label) for label, _ in facts), default=0)
    shown += [(f"  {label:<{width}}  {value}", "fact") for label, value in facts]
    shown.append((f"  {'action':<{width}}  {one_line(question.text, FACT_LENGTH)}", "fact"))
    if question.said.strip():
        shown.append((f"  the model says (this proves nothing): {one_line(' '.join(question.said.split()), SAID_LENGTH)}", "said"))
    return shown
