"""The set-up script: what it says where it cannot go on, and when it works anew. A whole set-up is what the gate begins with."""

from __future__ import annotations

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
    """The script in a checkout that has been set up for the demo, its browser too."""
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
    script.Stamp(script.fingerprint(), "demo", browser=True).write()
    return script


def test_what_was_set_up_is_not_set_up_again(checkout: ModuleType) -> None:
    nothing, packages, browser = (False, False), (True, False), (False, True)
    stamp = checkout.read_stamp()
    assert checkout.still_to_do("demo", True, stamp) == nothing
    assert checkout.still_to_do("dev", True, stamp) == packages
    checkout.Stamp(checkout.fingerprint(), "dev", browser=False).write()
    stamp = checkout.read_stamp()
    assert checkout.still_to_do("dev", False, stamp) == nothing
    assert checkout.still_to_do("demo", False, stamp) == nothing
    assert checkout.still_to_do("demo", True, stamp) == browser
    assert checkout.still_to_do("demo", True, None) == (True, True)


def test_running_it_where_all_is_there_does_nothing(checkout: ModuleType) -> None:
    command = [sys.executable, str(checkout.ROOT / "scripts" / "bootstrap.py"), "demo"]
    done = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not checkout.LOG.exists()


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_asked_for_sets_up_anew(checkout: ModuleType, name: str) -> None:
    assert checkout.read_stamp() is not None
    with (checkout.ROOT / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert checkout.read_stamp() is None


def test_a_python_that_has_gone_sets_up_anew(checkout: ModuleType) -> None:
    checkout.VENV_PYTHON.unlink()
    checkout.VENV_PYTHON.symlink_to("/nowhere/python3")
    assert checkout.read_stamp() is None


@pytest.mark.parametrize("damage", ['{"finger', "[]", "7", '{"of": "another kind"}'])
def test_a_damaged_stamp_sets_up_anew(checkout: ModuleType, damage: str) -> None:
    checkout.STAMP.write_text(damage, encoding="utf-8")
    assert checkout.read_stamp() is None
