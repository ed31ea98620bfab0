"""What is packaged is what is in the tree, and what is built can be imported."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("tools", "envs", "agent", "benchmarks")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packages_in_tree() -> set[str]:
    found = set()
    for package in PACKAGES:
        for init in (ROOT / package).rglob("__init__.py"):
            found.add("handeye." + ".".join(init.parent.relative_to(ROOT).parts))
    return found


def files_to_ship() -> set[str]:
    """Every file of the four packages but the folders' READMEs and what Python itself leaves, as a wheel names them."""
    files = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and path.name != "README.md":
                files.add(f"handeye/{path.relative_to(ROOT).as_posix()}")
    return files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a user's pip would, but by the setuptools of this environment, so that nothing is fetched."""
    out = tmp_path_factory.mktemp("wheel")
    source = out / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", *PACKAGES):
        (source / name).symlink_to(ROOT / name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


def test_every_package_in_the_tree_is_listed() -> None:
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == packages_in_tree()


def test_every_module_is_in_a_package() -> None:
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            assert (module.parent / "__init__.py").exists(), f"{module} is in a folder without an __init__.py: no wheel would hold it"


def test_all_names_every_extra() -> None:
    extras = dict(PROJECT["project"]["optional-dependencies"])
    (everything,) = extras.pop("all")
    assert everything == f"handeye[{','.join(extras)}]"


def test_constraints_are_exact_versions_and_cover_what_is_asked_for() -> None:
    pinned = set()
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, exact, _ = line.partition(" ;")[0].partition("==")
            assert exact, line
            assert "://" not in line, line
            assert "--hash" not in line, line
            pinned.add(name)
    asked = list(PROJECT["project"]["dependencies"]) + list(PROJECT["dependency-groups"]["dev"])
    for extra, requirements in PROJECT["project"]["optional-dependencies"].items():
        asked += requirements if extra != "all" else []
    names = {"".join(c if c.isalnum() or c in "-_." else " " for c in requirement).split()[0].lower() for requirement in asked}
    assert names <= pinned


def test_the_wheel_holds_every_file_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == files_to_ship()


def test_the_wheel_imports_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    modules = ", ".join(sorted(packages_in_tree()))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import {modules}; print(handeye.agent.__file__)"
    # -P and a foreign folder, so that neither the checkout nor the editable install's hook can answer in its place.
    code = "import sys; sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in str(f)]; " + code
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "handeye" / "agent" / "__init__.py")
