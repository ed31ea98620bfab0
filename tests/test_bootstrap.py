"""The set-up script: what it says where it cannot go on, and when it works anew. A whole set-up is what the gate begins with."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


def bootstrap(path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(ROOT / "scripts" / "bootstrap"), "demo", "--help"]
    return subprocess.run(command, env={"PATH": path, **environment}, capture_output=True, text=True, check=False)


def test_without_a_python_it_says_how_to_get_one(tmp_path: Path) -> None:
    done = bootstrap(str(tmp_path))
    assert done.returncode == 2
    assert "no Python 3.11 or newer was found" in done.stderr
    assert "apt-get install python3" in done.stderr


def test_an_old_python_is_passed_over_for_a_newer_one_beside_it(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\n[ \"$1\" = --version ] || exit 1\necho 'Python 3.9.2'\n", encoding="utf-8")
    old.chmod(0o755)
    done = bootstrap(str(tmp_path))
    assert done.returncode == 2
    assert "(python3 here: Python 3.9.2)" in done.stderr
    (tmp_path / "python3.12").symlink_to(sys.executable)
    assert "ready" in bootstrap(str(tmp_path)).stdout


def test_the_python_that_the_user_names_comes_first(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text('#!/bin/sh\n[ "$1" = -c ] || echo "mine: $2"\n', encoding="utf-8")
    mine.chmod(0o755)
    assert bootstrap("/usr/bin:/bin", PYTHON=str(mine)).stdout == "mine: demo\n"


@pytest.fixture
def checkout(tmp_path: Path) -> ModuleType:
    """The script in a checkout that has been set up for the demo."""
    (tmp_path / "scripts").mkdir()
    for name in ("pyproject.toml", "constraints.txt", "scripts/bootstrap.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    spec = spec_from_file_location("bootstrap_under_test", tmp_path / "scripts" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    script = module_from_spec(spec)
    sys.modules[spec.name] = script
    spec.loader.exec_module(script)
    script.VENV_PYTHON.parent.mkdir(parents=True)
    script.VENV_PYTHON.symlink_to(sys.executable)
    script.STAMP.write_text(json.dumps({"fingerprint": script.fingerprint(), "purpose": "demo"}), encoding="utf-8")
    return script


def test_what_was_set_up_is_not_set_up_again(checkout: ModuleType) -> None:
    assert checkout.is_ready("demo")
    assert not checkout.is_ready("dev")
    checkout.STAMP.write_text(json.dumps({"fingerprint": checkout.fingerprint(), "purpose": "dev"}), encoding="utf-8")
    assert checkout.is_ready("demo")
    assert checkout.is_ready("dev")


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_asked_for_sets_up_anew(checkout: ModuleType, name: str) -> None:
    with (checkout.ROOT / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not checkout.is_ready("demo")


def test_a_python_that_has_gone_sets_up_anew(checkout: ModuleType) -> None:
    checkout.VENV_PYTHON.unlink()
    checkout.VENV_PYTHON.symlink_to("/nowhere/python3")
    assert not checkout.is_ready("demo")


def test_a_damaged_stamp_sets_up_anew(checkout: ModuleType) -> None:
    checkout.STAMP.write_text('{"finger', encoding="utf-8")
    assert not checkout.is_ready("demo")
