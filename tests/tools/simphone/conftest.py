"""What tests of the phone share: a private adb server, a phone without a screen that listens, and a whole one that runs commands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adb_server import AdbServer, adb_server
from tests.tools.simphone.driving import Driven
from tests.tools.simphone.phone_shell import PhoneShell, phone_shell
from tests.tools.simphone.phones import Listening, listening


@pytest.fixture(scope="session")
def adb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdbServer]:
    pytest.importorskip("adbutils")
    with adb_server(tmp_path_factory.mktemp("adb")) as server:
        yield server


@pytest.fixture(scope="module")
def listener() -> Iterator[Listening]:
    """A phone that listens, for the tests of one file."""
    with listening() as phone:
        yield phone


@pytest.fixture
def device(adb: AdbServer, listener: Listening) -> Iterator[Listening]:
    """The same, connected to adb and without faults."""
    listener.clear()
    assert "connected" in adb.connect(listener.serial)
    yield listener
    listener.clear()
    adb.disconnect(listener.serial)


@pytest.fixture(scope="session")
def booted() -> Iterator[PhoneShell]:
    """One phone for all modules of a process that only run commands on it."""
    with phone_shell() as opened:
        yield opened


@pytest.fixture
def sh(booted: PhoneShell) -> PhoneShell:
    """The phone's shell, as at boot: `sh("command")` gives output, errors and exit code."""
    booted.reset()
    return booted


@pytest.fixture
def phone(sh: PhoneShell) -> Driven:
    """The same phone, worked by what is written on its screen."""
    return Driven(sh)
