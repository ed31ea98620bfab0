"""How fast a desktop is seen, touched and typed into, each beside what others use, on one virtual desktop of the same run."""

from __future__ import annotations

import importlib
import importlib.util
import os
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handeye.benchmarks.processes import busy_s, parent_of, weight_gb
from handeye.benchmarks.speed import SpeedReport, SpeedRow, SpeedTable, compared
from handeye.benchmarks.typing_programs import PROGRAMS, TypingPad, TypingProgram, opened
from handeye.envs.actions import Click
from handeye.envs.desktop import DesktopEnv
from handeye.envs.settle import wait
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceError, DeviceTimeout
from handeye.tools.geometry import Point, Size

SIZE = Size(1280, 800)
ROUNDS = 5
"""Screenshots, clicks and steps of each kind for each repeat: taken by turns, so that a busy machine slows all alike."""
IDLE_S = 2.0
XDOTOOL_S = 60.0
_SENTENCES = (
    "Zażółć gęślą jaźń, łódź: 5 < 7 & 9 > 3. ",
    "我能吞下玻璃而不伤身体。",
    "色は匂へど散りぬるを、",
    "<b>&amp;</b> ",
    "العربية e\u0301a\u0308 ",
    "다람쥐 헌 쳇바퀴에 ",
    "Съешь же ещё этих мягких булок 😀🚀🎉🍕🐍 ",
    "Falsches Üben von Xylophonmusik quält; ça coûte 20 € à l'été, ¿qué? ",
)
TEXT = ("".join(_SENTENCES) * 2)[:200]
"""200 characters: ASCII with `<>&`, accents, Polish, Cyrillic, Chinese, Japanese, Korean, Arabic, combining marks and emoji, some
120 of them different."""

_PYAUTOGUI = """
import sys, time
import pyautogui
ways = {"screenshot": pyautogui.screenshot, "click": lambda: pyautogui.click(640, 400)}
print(MARK, 0, flush=True)
for line in sys.stdin:
    begun = time.perf_counter()
    ways[line.strip()]()
    print(MARK, time.perf_counter() - begun, flush=True)
"""
_MARK = "handeye:"
"""Begins the lines that are meant for us: python-xlib prints warnings."""


@dataclass(eq=False)
class _Bench:
    """What the parts share."""

    desktop: VirtualDesktop
    driver: X11Driver
    folder: Path
    repeats: int
    left_out: list[str] = field(default_factory=list)
    """What could not be measured, and why."""


@dataclass(frozen=True)
class _Typed:
    """One way of typing into one program."""

    seconds: tuple[float, ...]
    exact: int
    wrong: str = ""
    """What arrived instead, the first time that it was wrong."""

    @property
    def share(self) -> float:
        return self.exact / len(self.seconds)


def measure(repeats: int = 5, programs: Sequence[TypingProgram] = PROGRAMS, idle_s: float = IDLE_S) -> SpeedReport:
    """Medians over `repeats` rounds of everything; about 10 s for each, and half a minute for programs to start.
    An idle desktop is watched for `idle_s` seconds.

    Raises `SetupError` when Xvfb, a window manager or the packages of the desktop are missing.
    """
    starts = []
    with ExitStack() as stack:
        for _ in range(max(1, repeats // 2)):
            begun = time.perf_counter()
            with VirtualDesktop.start(SIZE):
                starts.append(time.perf_counter() - begun)
        desktop = stack.enter_context(VirtualDesktop.start(SIZE))
        driver = X11Driver.open(desktop.display)
        stack.callback(driver.close)
        bench = _Bench(desktop, driver, Path(stack.enter_context(tempfile.TemporaryDirectory())), repeats)
        idle = tuple(_idle(bench, idle_s))
        typing, table = _typing(bench, programs)
        rows = (*_screenshots_and_clicks(bench), *typing, *_steps(bench), *idle)
    rows = (*rows, SpeedRow("start of a virtual desktop with its window manager", statistics.median(starts), "s"))
    notes = (
        f"Medians of {repeats * ROUNDS} screenshots, clicks and steps and of {repeats} texts of {len(TEXT)} characters; Xvfb of {SIZE}.",
        "pyautogui with its defaults, its screenshots through scrot; xdotool type with its default delay, as a process.",
        "Exact: the file that the program saves afterwards holds the text to the letter. A wrong text counts as fast as it was typed.",
        "A step is a click, settling, capture, observation, with nothing moving on the screen.",
        *bench.left_out,
    )
    return SpeedReport("speed desktop", rows, (table,) if table.lines else (), notes)


def _screenshots_and_clicks(bench: _Bench) -> Iterator[SpeedRow]:
    driver, rounds = bench.driver, bench.repeats * ROUNDS
    point = Point(SIZE.width // 2, SIZE.height // 2)
    with _pyautogui(bench) as theirs, importlib.import_module("mss").MSS(display=bench.desktop.display) as grabber:
        ways: dict[str, Callable[[], Any]] = {
            "screenshot": driver.screenshot,
            "mss": lambda: grabber.grab(grabber.monitors[0]),
            "click": lambda: driver.click(point),
        }
        # Their times are taken in their own process: the way to it does not count.
        seconds: dict[str, list[float]] = {name: [] for name in (*ways, "their screenshot", "their click")}
        for number in range(rounds + 1):
            taken = {name: _timed(way) for name, way in ways.items()}
            if theirs is not None:
                taken |= {"their screenshot": theirs("screenshot"), "their click": theirs("click")}
            if number:  # the first of each warms it up
                for name, value in taken.items():
                    seconds[name].append(value)
    medians = {name: statistics.median(values) for name, values in seconds.items() if values}
    yield compared("screenshot to RGB (baseline: mss alone, not RGB)", medians["screenshot"], "s", medians["mss"])
    if theirs is not None:
        yield compared("screenshot to RGB (baseline: pyautogui, scrot)", medians["screenshot"], "s", medians["their screenshot"])
        yield compared("click (baseline: pyautogui)", medians["click"], "s", medians["their click"])
    else:
        yield SpeedRow("click", medians["click"], "s")


@contextmanager
def _pyautogui(bench: _Bench) -> Iterator[Callable[[str], float] | None]:
    """pyautogui in a process of its own, since it knows one display for each; None, with the reason noted, where it cannot be used."""
    missing = [name for name in ("pyautogui",) if importlib.util.find_spec(name) is None]
    missing += [name for name in ("scrot",) if shutil.which(name) is None]
    if missing:
        bench.left_out.append(f"Left out: pyautogui's times, for want of {', '.join(missing)}.")
        yield None
        return
    process = subprocess.Popen(
        [sys.executable, "-c", _PYAUTOGUI.replace("MARK", repr(_MARK))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=bench.folder,
        env=_environment(bench) | {"XDG_SESSION_TYPE": "x11"},
    )

    def heard() -> float:
        assert process.stdout is not None
        while select.select([process.stdout], [], [], 60)[0]:
            if not (line := process.stdout.readline()):
                raise DeviceError("pyautogui ended by itself.")
            if line.startswith(_MARK):
                return float(line.removeprefix(_MARK))
        raise DeviceTimeout("pyautogui does not answer.")

    def ask(what: str) -> float:
        assert process.stdin is not None
        process.stdin.write(f"{what}\n")
        process.stdin.flush()
        return heard()

    with process:
        try:
            heard()
            yield ask
        finally:
            process.kill()


def _typing(bench: _Bench, programs: Sequence[TypingProgram]) -> tuple[tuple[SpeedRow, ...], SpeedTable]:
    rows: list[SpeedRow] = []
    lines: list[tuple[str, ...]] = []
    xdotool = shutil.which("xdotool") is not None
    if not xdotool:
        bench.left_out.append("Left out: xdotool's times, for want of xdotool.")
    for program in programs:
        if program.missing:
            bench.left_out.append(f"Left out: typing in {program.toolkit}, for want of {program.missing}.")
            continue
        try:
            with opened(program, bench.desktop, bench.driver, bench.folder) as pad:
                ours, theirs = _typed_by_turns(bench, pad, xdotool)
        except DeviceTimeout as error:
            bench.left_out.append(f"Left out: typing in {program.toolkit}. {error}")
            continue
        name = f"typing {len(TEXT)} characters in {program.toolkit}"
        if theirs is None:
            rows += [SpeedRow(name, _median(ours), "s"), SpeedRow(f"{name}, exact", ours.share, "of the texts")]
        else:
            rows.append(compared(f"{name} (baseline: xdotool type)", _median(ours), "s", _median(theirs)))
            rows.append(compared(f"{name}, exact (baseline: xdotool type)", ours.share, "of the texts", theirs.share))
        lines.append((program.toolkit, *_cells(ours), *(_cells(theirs) if theirs else ("", ""))))
        for who, typed in (("handeye", ours), ("xdotool", theirs)):
            if typed is not None and typed.wrong:
                bench.left_out.append(f"Wrong in {program.toolkit} by {who}: {typed.wrong!r}")
    return tuple(rows), SpeedTable("Typing", ("", "handeye s", "handeye exact", "xdotool s", "xdotool exact"), tuple(lines))


def _typed_by_turns(bench: _Bench, pad: TypingPad, xdotool: bool) -> tuple[_Typed, _Typed | None]:
    def by_xdotool() -> None:
        command = ["xdotool", "type", "--", TEXT]
        subprocess.run(
            command, check=False, env=_environment(bench), timeout=XDOTOOL_S, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    ways: dict[str, Callable[[], None]] = {"ours": lambda: bench.driver.type_text(TEXT)} | ({"theirs": by_xdotool} if xdotool else {})
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    wrong: dict[str, list[str]] = {name: [] for name in ways}
    for _ in range(bench.repeats):
        for name, way in ways.items():
            pad.clear()
            seconds[name].append(_timed(way))
            if (arrived := pad.text()) != TEXT:
                wrong[name].append(arrived)
    typed = {name: _Typed(tuple(seconds[name]), bench.repeats - len(wrong[name]), (wrong[name] or [""])[0]) for name in ways}
    return typed["ours"], typed.get("theirs")


def _steps(bench: _Bench) -> Iterator[SpeedRow]:
    env = DesktopEnv(X11Driver.open(bench.desktop.display))
    whole: list[float] = []
    parts: list[tuple[float, float, float]] = []
    try:
        # A corner of the empty desktop, where no program blinks a cursor at a click.
        env.reset()
        for number in range(bench.repeats * ROUNDS + 1):
            begun = time.perf_counter()
            step = env.step(Click(point=Point(SIZE.width - 2, SIZE.height - 2)))
            if number:
                whole.append(time.perf_counter() - begun)
                parts.append((step.act_s, step.settled.waited_s, step.capture_s))
    finally:
        env.close()
    yield SpeedRow("step without the model on a quiet desktop", statistics.median(whole), "s")
    for name, values in zip(("act", "settle", "capture"), zip(*parts, strict=True), strict=True):
        yield SpeedRow(f"of it: {name}", statistics.median(values), "s")


def _idle(bench: _Bench, idle_s: float) -> Iterator[SpeedRow]:
    """What the display and its window manager cost while nothing happens."""
    if not Path("/proc/self/smaps_rollup").exists():
        bench.left_out.append("Left out: the cost of an idle desktop, which only Linux tells.")
        return
    root = parent_of(bench.desktop.run(["sleep", "30"]))
    before, begun = busy_s(root), time.perf_counter()
    wait(idle_s)
    yield SpeedRow("idle desktop: processor", (busy_s(root) - before) / (time.perf_counter() - begun), "cores")
    yield SpeedRow("idle desktop: memory", weight_gb(root), "GB")


def _environment(bench: _Bench) -> dict[str, str]:
    return {**os.environ, "DISPLAY": bench.desktop.display}


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _median(typed: _Typed) -> float:
    return statistics.median(typed.seconds)


def _cells(typed: _Typed) -> tuple[str, str]:
    return f"{_median(typed):.3f}", f"{typed.exact}/{len(typed.seconds)}"
