"""What is known of a desktop's programs beside the picture: of a real one, and of recorded ones, whose time passes by itself."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from handeye.envs.desktop_work import DesktopWork
from handeye.tools.desktop.programs import Process, Programs, ProgramWatch
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import SetupError
from tests.waiting import until

PYTHON = "/usr/bin/python3"
POLLS = """
import time, tkinter
root = tkinter.Tk()
root.withdraw()
def poll():
    end = time.process_time() + 0.004
    while time.process_time() < end:
        root.winfo_pointerxy()
    root.after(100, poll)
poll()
root.mainloop()
"""
"""On the display without a window, and at work for 4 % of the time."""
PID, FIRST, MASK = 7, 0x200000, 0x1FFFFF


@pytest.fixture
def desktop() -> Iterator[VirtualDesktop]:
    if shutil.which(PYTHON) is None:
        pytest.skip("no system Python")
    try:
        with VirtualDesktop.start(window_manager=None) as started:
            yield started
    except SetupError as error:
        pytest.skip(str(error))


def test_a_program_that_looks_for_something_now_and_then_opens_no_window(desktop: VirtualDesktop) -> None:
    with closing(ProgramWatch(desktop.display)) as watch:
        work = DesktopWork(watch)
        work.begin()
        pid = desktop.run([PYTHON, "-c", POLLS])
        until(lambda: pid in watch.take().clients.values() and work.look(()).opening)
        until(lambda: not work.look(()).opening)
        used = watch.take().processes[pid].cpu_s
        until(lambda: watch.take().processes[pid].cpu_s > used)


class Recorded(ProgramWatch):
    """One program that joins the display after the first look, told of 16 times a second: by steps of `cpu` (a share of a processor), which
    the kernel counts in hundredths of a second, and by `runs`."""

    def __init__(self, cpu: float, runs: Callable[[int], bool]) -> None:
        self._cpu, self._runs, self._looks = cpu, runs, 0

    def take(self) -> Programs:
        self._looks += 1
        at_s = 100 + self._looks / 16
        if self._looks == 1:
            return Programs(at_s, mask=MASK)
        used = int(100 * self._cpu * at_s) / 100
        return Programs(at_s, {PID: Process(1, used, self._runs(self._looks))}, {FIRST: PID}, MASK)

    def close(self) -> None:
        pass


LOOKS = 20 * 16
"""For as long as an environment waits for a window."""


def looked(cpu: float, runs: Callable[[int], bool], windows: tuple[int, ...] = ()) -> list[bool]:
    work = DesktopWork(Recorded(cpu, runs))
    work.begin()
    return [work.look(windows).opening for _ in range(LOOKS)]


@pytest.mark.parametrize(
    ("cpu", "runs"),
    [
        pytest.param(0.03, lambda look: False, id="polls"),
        pytest.param(0.08, lambda look: look % 5 == 0, id="polls on a busy machine"),
    ],
)
def test_one_that_polls_is_given_a_moment_and_no_more(cpu: float, runs: Callable[[int], bool]) -> None:
    told = looked(cpu, runs)
    assert told[0]
    assert not any(told[2 * 16 :])


@pytest.mark.parametrize(
    ("cpu", "runs"),
    [
        pytest.param(0.5, lambda look: look % 2 == 0, id="computes"),
        pytest.param(0.01, lambda look: True, id="gets no processor"),
        pytest.param(0.02, lambda look: look % 4 != 0, id="waits for its disk"),
    ],
)
def test_one_that_is_loaded_is_waited_for_however_long_that_takes(cpu: float, runs: Callable[[int], bool]) -> None:
    assert all(looked(cpu, runs))


def test_one_that_waits_for_something_else_or_shows_its_window_is_not() -> None:
    assert not any(looked(0.0, lambda look: False)[16:])
    assert not any(looked(0.5, lambda look: True, (FIRST + 3,)))
