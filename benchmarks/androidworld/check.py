"""Which of AndroidWorld's tasks its own code finds done on the simulated phone: each is prepared by its own `initialize_task`, carried
out on the screen, and scored by its own `is_successful`, before and after.

    python -m handeye.benchmarks.androidworld.check --android-world CHECKOUT [--python PYTHON] [--json]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from handeye.benchmarks.androidworld.hand import Hand
from handeye.benchmarks.androidworld.host import AndroidWorldGuest
from handeye.benchmarks.androidworld.solutions import EIGHTEEN, FURTHER, TRUE_AT_ONCE
from handeye.tools.errors import DeviceError, DeviceLost


@dataclass(frozen=True)
class Row:
    """One task."""

    task: str
    goal: str = ""
    before: float | None = None
    """Its score when nothing was done."""
    after: float | None = None
    """Its score when it was carried out."""
    error: str = ""

    @property
    def as_it_should(self) -> bool:
        """1.0 when done, and 0.0 before, except for the tasks that are true as they begin."""
        return self.after == 1.0 and self.before == (1.0 if self.task in TRUE_AT_ONCE else 0.0) and not self.error

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {**asdict(self), "true_at_once": self.task in TRUE_AT_ONCE, "ok": self.as_it_should}


def check_task(guest: AndroidWorldGuest, task: str, seed: int, restore: Callable[[], None]) -> Row:
    """Run one task. `restore` makes the phone as it was at first. Raises `DeviceLost` when the phone or the guest is gone."""
    solution = {**EIGHTEEN, **FURTHER}[task]
    row = Row(task)
    restore()
    try:
        begun = guest.begin(task, seed)
        row = Row(task, begun.goal, before=guest.score())
        solution(Hand(guest.shell), begun.params)
        row = Row(task, begun.goal, row.before, guest.score())
        guest.end()
    except DeviceLost:
        raise
    except DeviceError as error:
        return Row(task, row.goal, row.before, row.after, str(error)[:600])
    return row


def check(guest: AndroidWorldGuest, tasks: Iterable[str], restore: Callable[[], None], seed: int = 30) -> Iterable[Row]:
    """Every task in turn; 30 is the seed that AndroidWorld's run.py takes. Raises `DeviceLost`."""
    for task in tasks:
        yield check_task(guest, task, seed, restore)


if __name__ == "__main__":
    from handeye.benchmarks.androidworld.cli import app

    app()
