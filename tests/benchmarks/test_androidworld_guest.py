"""AndroidWorld's own tasks, by its own code, on the simulated phone. Only where a checkout is named: it is not part of this repository."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from handeye.benchmarks.androidworld.check import check_task
from handeye.benchmarks.androidworld.host import AndroidWorldGuest, check_checkout
from handeye.benchmarks.androidworld.solutions import EIGHTEEN, FURTHER, TRUE_AT_ONCE
from handeye.tools.android.serials import connect
from handeye.tools.android.server import PrivateServer
from handeye.tools.errors import DeviceError, SetupError
from handeye.tools.simphone.launcher import SimPhones

CHECKOUT = os.environ.get("HANDEYE_ANDROID_WORLD", "")
PYTHON = os.environ.get("HANDEYE_ANDROID_WORLD_PYTHON", sys.executable)
needs_checkout = pytest.mark.skipif(not CHECKOUT, reason="HANDEYE_ANDROID_WORLD names no checkout of google-research/android_world")


@pytest.fixture(scope="module")
def phone() -> Iterator[tuple[SimPhones, PrivateServer, str]]:
    with SimPhones(1) as phones, PrivateServer() as server:
        yield phones, server, connect(server.address, phones.serials[0])


@pytest.fixture(scope="module")
def guest(phone: tuple[SimPhones, PrivateServer, str]) -> Iterator[AndroidWorldGuest]:
    _, server, serial = phone
    with AndroidWorldGuest(CHECKOUT, PYTHON, serial, server.address.port, str(server.adb.path)) as started:
        yield started


@pytest.fixture
def restore(phone: tuple[SimPhones, PrivateServer, str]) -> Callable[[], None]:
    phones, _, serial = phone

    def run() -> None:
        phones.run(serial, "simphone reset")

    return run


def test_there_are_eighteen_of_which_six_are_true_at_once() -> None:
    assert len(EIGHTEEN) == 18
    assert len(TRUE_AT_ONCE) == 6
    assert not set(EIGHTEEN) & set(FURTHER)


@needs_checkout
@pytest.mark.parametrize("task", EIGHTEEN)
def test_its_own_evaluator_says_what_is_true(guest: AndroidWorldGuest, restore: Callable[[], None], task: str) -> None:
    row = check_task(guest, task, 30, restore)
    assert row.error == ""
    assert (row.before, row.after) == (1.0 if task in TRUE_AT_ONCE else 0.0, 1.0)


@needs_checkout
@pytest.mark.parametrize("task", FURTHER)
def test_contacts_messages_and_files(guest: AndroidWorldGuest, restore: Callable[[], None], task: str) -> None:
    row = check_task(guest, task, 30, restore)
    assert row.error == ""
    assert (row.before, row.after) == (0.0, 1.0)


@needs_checkout
def test_a_failed_command_loses_neither_phone_nor_guest(guest: AndroidWorldGuest) -> None:
    with pytest.raises(DeviceError, match="AdbControllerError"):
        guest.shell("exit 3")
    assert guest.shell("echo still here").strip() == "still here"


@needs_checkout
def test_an_unknown_task_is_said(guest: AndroidWorldGuest) -> None:
    with pytest.raises(DeviceError, match="KeyError at init"):
        guest.begin("NoSuchTask", 1)


def test_a_folder_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no checkout of google-research/android_world"):
        check_checkout(tmp_path)
    with pytest.raises(SetupError, match="no checkout"):
        AndroidWorldGuest(tmp_path, sys.executable, "127.0.0.1:1", 1, "adb")


def hollow(folder: Path) -> Path:
    """A folder that has a checkout's files, but not its code."""
    for name in ("registry.py", "env/interface.py", "task_evals/task_eval.py"):
        file = folder / "android_world" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return folder


def test_a_python_without_its_packages_is_told_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"cannot be imported.*uv pip install"):
        AndroidWorldGuest(hollow(tmp_path), sys.executable, "127.0.0.1:1", 1, "adb")


def test_a_python_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no Python that can be started"):
        AndroidWorldGuest(hollow(tmp_path), tmp_path / "python", "127.0.0.1:1", 1, "adb")


def test_the_command_says_what_is_wrong_with_the_checkout(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "handeye.benchmarks.androidworld.check", "--android-world", str(tmp_path), "--task", "Nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "there is no solution for Nonsense" in done.stderr + done.stdout
