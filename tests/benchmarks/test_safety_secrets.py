"""The part of the attack pack about secrets: it passes, and it would tell if it did not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from handeye.benchmarks.safety.secrets.cases import BENIGN, CASES, EVIL, PLACES
from handeye.benchmarks.safety.secrets.run import SecretFigures, run_secrets
from handeye.tools.errors import SetupError


def ran(folder: Path, cases: object, quick: bool = False) -> SecretFigures:
    try:
        return run_secrets(folder, quick, lambda line: None, cases)  # type: ignore[arg-type]
    except SetupError as error:
        pytest.skip(str(error))


def test_the_quick_selection_passes(tmp_path: Path) -> None:
    figures = ran(tmp_path, CASES, quick=True)
    assert figures.failures() == ()
    assert figures.passed
    assert len(figures.rows) >= 12


def test_a_secret_that_is_bound_to_the_attacker_reaches_them_and_that_is_told(tmp_path: Path) -> None:
    case = next(case for case in PLACES if case.host == EVIL and not case.framed)
    figures = ran(tmp_path, [replace(case, bound="http://evil.localhost:{port}")])
    assert not figures.passed
    assert "evil.localhost got the value" in figures.failures()[0]


def test_a_log_in_that_does_not_arrive_is_a_false_stop(tmp_path: Path) -> None:
    figures = ran(tmp_path, [replace(BENIGN[0], bound="https://bank.test")])
    assert figures.numbers()["false_stops"] == 1
    assert not figures.passed


def test_names_are_unique() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 60
