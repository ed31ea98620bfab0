"""The embedded model behind the `Model` protocol."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Sampling
from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.grammar import NotUnderstood, read_goal
from handeye.agent.models.ocr.grounding import described, ground
from handeye.agent.models.ocr.instructions import FORMS, Instruction
from handeye.agent.models.ocr.moves import UNOPENED
from handeye.agent.models.ocr.planning import Decision, Progress, blind, decide, recall, stopped
from handeye.agent.models.ocr.prompt import Request, read_request
from handeye.agent.models.ocr.reading import Line, Reader
from handeye.agent.models.ocr.screen import Screen, understand, unread
from handeye.tools.device import Pixels

_GREEDY = Sampling()
_PHONE_SIDE = 540
"""Pixels of a phone's shorter side that are enough to read it: a phone is about 360 dp wide, its smallest text 11 dp high."""


class OcrModel:
    """Reads the picture, follows the goal's explicit instructions one call at a time, and says so when it cannot.

    Sees the messages only. What it keeps between calls can be had from the messages again: the lines of the last frames, and for the
    calls that it made itself what they were made for. Not thread safe.
    """

    def __init__(self) -> None:
        self._reader = Reader()
        self._notes: dict[tuple[str, tuple[str, ...]], tuple[Progress, Progress]] = {}
        self._looked: tuple[Pixels, Screen] | None = None

    @property
    def name(self) -> str:
        """`ocr`."""
        return "ocr"

    def generate(self, messages: Sequence[Message], sampling: Sampling = _GREEDY, constraint: Constraint | None = None) -> Completion:
        """The next call. Raises `ModelError` for messages without a picture, `SetupError` where rapidocr is not installed."""
        request = read_request(messages)
        if request.wanted != "call":
            return self._pointed(request)
        try:
            instructions = read_goal(request.goal, request.desktop)
        except NotUnderstood as error:
            known = "; ".join(FORMS)
            thought = f"I follow explicit instructions only and do not understand {str(error)!r}. What I can follow: {known}."
            return Completion(calls.say(thought, calls.finish(False), request.phone))
        started = time.perf_counter()
        lines: tuple[Line, ...] = ()
        pixels, scale = _readable(request)
        if not request.calls:
            self._reader.forget()
        progress = self._progress(request, instructions)
        if request.desktop and blind(instructions[progress.index :]):
            # Reading takes most of a step's time.
            screen = unread(pixels)
            read = time.perf_counter()
        else:
            lines = self._reader.read(pixels)
            read = time.perf_counter()
            screen = understand(
                pixels, lines, request.goal, still=bool(request.calls) and not self._reader.pixels_read, phone=request.phone
            )
        screen = replace(screen, desktop=request.desktop)
        decision = stopped(request, progress) or decide(instructions, progress, screen, request.dialog)
        self._remember(request, progress, decision)
        call = calls.scaled(decision.call, scale)
        timings = {"read_s": read - started, "decide_s": time.perf_counter() - read}
        details = {"lines": [line.text for line in lines], "pixels_read": self._reader.pixels_read if lines else 0}
        return Completion(calls.say(decision.thought, call, request.phone), timings=timings, details=details)

    def forget(self) -> None:
        """Forget the frames and the calls, and stay loaded."""
        self._reader.forget()
        self._notes.clear()
        self._looked = None

    def close(self) -> None:
        """Forget everything and free the OCR engine."""
        self._reader = Reader()
        self._notes.clear()
        self._looked = None

    def _pointed(self, request: Request) -> Completion:
        """Where what is asked for is; an empty list where it is not found."""
        started, pixels = time.perf_counter(), request.picture.pixels
        if self._looked is None or not np.array_equal(self._looked[0], pixels):
            # Whole, whatever was read before it, so that an answer does not depend on the order of the questions.
            self._reader.forget()
            self._looked = (pixels, understand(pixels, self._reader.read(pixels), ""))
        screen = self._looked[1]
        read = time.perf_counter()
        found = ground(screen, request.goal)
        timings = {"read_s": read - started, "decide_s": time.perf_counter() - read}
        if request.wanted == "numbers":
            text = calls.rest_of_point(found.box.center if found else None)
        else:
            text = calls.boxes([(described(found.element), found.box)] if found else [])
        return Completion(text, timings=timings, details={"lines": [line.text for line in screen.lines]})

    def _progress(self, request: Request, instructions: Sequence[Instruction]) -> Progress:
        """How far the calls have led; one that was not carried out leads nowhere."""
        if not request.calls:
            return Progress()
        known = self._notes.get((request.goal, tuple(str(call.get("action")) for call in request.calls)))
        if known and request.refused is not None:
            unopened = (UNOPENED,) if request.calls[-1].get("action") == "open" else ()
            return replace(known[0], memo=(*known[0].memo, *unopened))
        if known:
            return known[1]
        done = (call for call, failed in zip(request.calls, request.failed, strict=True) if not failed)
        return recall(instructions, [*done])

    def _remember(self, request: Request, before: Progress, decision: Decision) -> None:
        if not request.calls:
            self._notes.clear()
        past = tuple(str(call.get("action")) for call in request.calls)
        said = calls.said(decision.call, request.phone)
        self._notes[(request.goal, (*past, str(said["action"])))] = (before, decision.progress)


def _readable(request: Request) -> tuple[Pixels, int]:
    """The picture as it is read, and how many of its pixels' sides one of those is long: a phone's screen has more than reading needs."""
    pixels = request.picture.pixels
    height, width = pixels.shape[:2]
    scale = min(height, width) // _PHONE_SIDE if request.phone else 1
    if scale < 2:
        return pixels, 1
    import cv2

    return np.asarray(cv2.resize(pixels, (width // scale, height // scale), interpolation=cv2.INTER_AREA), dtype=np.uint8), scale
