"""One phone for all modules of a process that only run commands on it; each test begins as at boot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.simphone.phone_shell import PhoneShell, phone_shell


@pytest.fixture(scope="session")
def booted() -> Iterator[PhoneShell]:
    with phone_shell() as opened:
        yield opened


@pytest.fixture
def sh(booted: PhoneShell) -> PhoneShell:
    """The phone's shell: `sh("command")` gives output, errors and exit code."""
    booted.reset()
    return booted
