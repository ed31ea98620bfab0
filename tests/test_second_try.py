"""What fails once beside others is told of and forgiven; what is wrong is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "second_try.py"
ONCE = """
from pathlib import Path
def test_{name}():
    seen = Path("{name}.seen"); first = not seen.exists(); seen.touch()
    assert not first
def test_fine():
    pass
"""


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, str(SCRIPT), *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_fails_once_is_named(tmp_path: Path, workers: str) -> None:
    (tmp_path / "test_one.py").write_text(ONCE.format(name="slow"))
    code, told = run(tmp_path, "-n", workers)
    assert code == 0
    assert told.rstrip().endswith("passed only at the second try:\n  test_one.py::test_slow")
    assert "1 failed, 1 passed" in told
    # Nothing is left of it: the next run has nothing to tell.
    code, told = run(tmp_path, "-n", workers)
    assert (code, "second try" in told) == (0, False)


@pytest.mark.parametrize(
    ("name", "text", "second"),
    [
        ("test_wrong.py", "def test_it():\n    assert False\n", True),
        ("test_safety_pack.py", ONCE.format(name="escape"), False),
        ("test_many.py", "\n".join(f"def test_{n}():\n    assert False" for n in range(6)), False),
        ("test_broken.py", "import nothing_of_this_name\n", False),
    ],
)
def test_what_is_wrong_fails(tmp_path: Path, name: str, text: str, second: bool) -> None:
    (tmp_path / name).write_text(text)
    code, told = run(tmp_path)
    assert code != 0
    assert ("failed twice:" in told) is second


def test_what_failed_last_can_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text("def test_it():\n    assert False\ndef test_fine():\n    pass\n")
    run(tmp_path)
    code, told = run(tmp_path, "--lf")
    assert (code, "1 failed" in told, "1 passed" in told) == (1, True, False)


def test_no_test_is_no_second_try(tmp_path: Path) -> None:
    code, told = run(tmp_path)
    assert (code, "second try" in told) == (5, False)
