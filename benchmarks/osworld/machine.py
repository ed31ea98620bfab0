"""`Machine`: what stands for OSWorld's virtual machine: a virtual desktop with a home folder of its own."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from handeye.benchmarks.osworld.programs import prepare
from handeye.benchmarks.osworld.scoring import Last, Verdict, judge
from handeye.benchmarks.osworld.steps import take
from handeye.benchmarks.osworld.task import Task, why_not
from handeye.benchmarks.osworld.world import World
from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import DeviceLost, InvalidAction, SetupError
from handeye.tools.geometry import Size

DEFAULT_SIZE = Size(1280, 800)
OSWORLD_SIZE = Size(1920, 1080)
"""The screen of OSWorld's virtual machine: real tasks that click at fixed points want it."""


class Machine:
    """A desktop on which one task after the other is begun and scored. Make it with `start`.

    `desktop`, `driver` and `home` are those of the task that was begun last: each task gets new ones, so ask for them after `begin`.
    The programs of a task run as this process's user, without the variables of its environment, and end with the next `begin`.
    """

    def __init__(self, size: Size, root: Path) -> None:
        self.size = size
        self._root = root
        self._world: World | None = None
        self._used = False
        self._count = 0
        self._end = weakref.finalize(self, shutil.rmtree, root, True)

    @classmethod
    def start(cls, size: Size = DEFAULT_SIZE) -> Machine:
        """Start an empty desktop. Raises `SetupError` when Xvfb or a window manager is missing, `DeviceError` when it does not start."""
        machine = cls(size, Path(tempfile.mkdtemp(prefix="handeye-osworld-")))
        try:
            machine._renew()
        except BaseException:
            machine.close()
            raise
        return machine

    @property
    def world(self) -> World:
        """The world of the task that was begun last. Raises `DeviceLost` when the machine is closed."""
        if self._world is None:
            raise DeviceLost("The machine is closed.")
        return self._world

    @property
    def desktop(self) -> VirtualDesktop:
        """The display."""
        return self.world.desktop

    @property
    def driver(self) -> X11Driver:
        """Eyes and fingers on the display."""
        return self.world.driver

    @property
    def home(self) -> Path:
        """The home folder; tasks name it `/home/user`."""
        return self.world.home

    def begin(self, task: Task, assets: Path | None = None, *, trusted: bool = False) -> None:
        """End the programs of the task before, give a new home folder and do the task's config steps.

        A task may run any command as you: one that is not `trusted` and has steps or getters that run commands is refused with
        `InvalidAction`. Raises `SetupError` when the task cannot run here (`why_not`), `DeviceError` when a step fails.
        """
        if not trusted and (what := commands_of(task)):
            raise InvalidAction(
                f"task {task.id} runs commands on this machine ({what}): read it and say that you trust it, best inside of a container"
            )
        if reason := why_not(task):
            raise SetupError(f"Task {task.id} cannot run here: {reason}.", fix="run it in OSWorld's own virtual machine")
        if self._used:
            self._renew()
        self._used = True
        world = self.world
        self._world = World(world.desktop, world.driver, world.root, assets)
        take(self._world, task.config)

    def score(self, task: Task, last: Last, answer: str = "") -> Verdict:
        """Do the evaluator's `postconfig`, then compare. `answer`: what the model answered, for the getter `answer` (ours, not OSWorld's).

        Raises `DeviceError` when a step fails or a file cannot be had.
        """
        world = self.world
        world.answers[:] = [answer]
        world.await_quiet()
        take(world, task.evaluator.postconfig)
        world.await_quiet()
        return judge(world, task, last)

    def close(self) -> None:
        """End everything and remove the home folder. A second call does nothing."""
        self._leave()
        self._end()

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _leave(self) -> None:
        if self._world is not None:
            world, self._world = self._world, None
            world.driver.close()
            world.desktop.close()
            shutil.rmtree(world.root, ignore_errors=True)

    def _renew(self) -> None:
        self._leave()
        self._count += 1
        root = self._root / str(self._count)
        root.mkdir()
        desktop = VirtualDesktop.start(self.size)
        try:
            driver = X11Driver.open(desktop.display)
        except BaseException:
            desktop.close()
            raise
        self._world = World(desktop, driver, root)
        prepare(self._world)


def commands_of(task: Task) -> str:
    """What a task would run on this machine, in words; empty when it runs nothing but programs that open its files."""
    steps = (*task.config, *task.evaluator.postconfig)
    found = [step.type for step in steps if step.type in ("launch", "execute", "command", "execute_with_verification")]
    getters = (*task.evaluator.result, *task.evaluator.expected)
    found += [getter["type"] for getter in getters if getter and getter["type"] in ("vm_command_line", "vm_command_error")]
    return ", ".join(dict.fromkeys(found))
