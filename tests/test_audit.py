"""What is said of the pinned packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts/audit.py"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    if not SCRIPT.is_file():
        pytest.skip("installed without the scripts")
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def package(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": []} | more


def test_a_known_vulnerability_fails_and_names_the_version_that_mends_it(audit: ModuleType) -> None:
    bad = {"id": "PYSEC-1", "fix_versions": ["1.2"], "aliases": [], "description": ""}
    text, code = audit.verdict({"dependencies": [package("good"), package("bad", vulns=[bad])]})
    assert code == 1
    assert "2 pinned packages: 2 looked up, 1 with known vulnerabilities" in text
    assert "bad 1.0: PYSEC-1 (mended in 1.2)" in text


def test_what_could_not_be_looked_up_is_counted_and_fails_nothing(audit: ModuleType) -> None:
    text, code = audit.verdict({"dependencies": [package("good"), {"name": "away", "skip_reason": "not found"}]})
    assert (text, code) == (
        "2 pinned packages: 1 looked up, 0 with known vulnerabilities; 1 could not be looked up from here",
        0,
    )


def test_the_pins_hold_names_and_versions_only() -> None:
    pins = SCRIPT.parent.parent / "constraints.txt"
    if not pins.is_file():
        pytest.skip("installed without the pins")
    lines = [line for line in pins.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert len(lines) > 50
    assert [line for line in lines if "==" not in line or "://" in line or line.startswith("-")] == []
