"""The doctor on this machine, and on machines made up from it: with an empty PATH, without a package, with an old one."""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from rich.console import Console

from handeye.agent.check_result import Check
from handeye.agent.cli.doctor import show
from handeye.agent.doctor import diagnose, extra_names
from handeye.agent.install_commands import CORE
from handeye.tools.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]
REPORT = """
import sys
from handeye.agent.cli.doctor import to_json
from handeye.agent.doctor import diagnose
print(to_json(diagnose(sys.argv[1:])))
"""
COMMAND = "import sys; from handeye.agent.cli.doctor import doctor_command; sys.exit(doctor_command(deep=False, as_json=True))"


def ask(code: str, home: Path, *arguments: str, site: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that has nothing but this environment; `site` takes the place of the installed packages."""
    code = code if site is None else f"import sys; sys.path.insert(0, {str(site)!r})\n{code}"
    return subprocess.run(
        [sys.executable, *(["-S"] if site else []), "-c", code, *arguments],
        env={"PATH": "", "HOME": str(home), "PLAYWRIGHT_BROWSERS_PATH": str(home / "browsers"), **environment},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )


def report(home: Path, *extras: str, site: Path | None = None, **environment: str) -> dict[tuple[str, str], Check]:
    """What the doctor says of some extras there."""
    done = ask(REPORT, home, *extras, site=site, **environment)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    checks = [Check(**row) for row in answer["checks"]]
    assert answer["ok"] == all(check.ok for check in checks)
    return {(check.extra, check.name): check for check in checks}


def program(folder: Path, name: str, output: str) -> None:
    """A program for a made-up machine that says the same whatever it is asked."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{output}'\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder of packages like this environment's, to take some away from."""
    site = tmp_path / "site"
    (site / "handeye").mkdir(parents=True)
    for package in ("tools", "envs", "agent", "benchmarks"):
        (site / "handeye" / package).symlink_to(ROOT / package)
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith("__editable__"):
            (site / entry.name).symlink_to(entry) if entry.name != "handeye" else None
    return site


def take_away(site: Path, name: str) -> None:
    gone = [*site.glob(f"{name}-*.dist-info"), *site.glob(name)]
    assert gone
    for entry in gone:
        entry.unlink()


def test_this_machine_can_do_what_the_tests_need() -> None:
    checks = diagnose((CORE, "browser", "ocr"), deep=True)
    assert [check for check in checks if not check.ok] == []
    assert {"python", "playwright", "chromium", "a page opens", "a picture is read"} <= {check.name for check in checks}


def test_every_extra_is_looked_at_and_every_failure_says_what_mends_it() -> None:
    checks = diagnose()
    assert list(dict.fromkeys(check.extra for check in checks)) == list(extra_names())
    assert extra_names() == (
        CORE,
        "browser",
        "desktop",
        "android",
        "android-unicode",
        "local",
        "quant",
        "modelscope",
        "openai",
        "anthropic",
        "secrets",
        "serving",
        "ocr",
        "bench",
        "offline",
        "osworld",
        "ray",
        "datasets",
    )
    for check in checks:
        assert check.detail
        assert bool(check.fix) is not check.ok


def test_versions_are_those_that_are_installed() -> None:
    (check,) = [check for check in diagnose(("browser",)) if check.name == "playwright"]
    assert check == Check("browser", "playwright", True, importlib.metadata.version("playwright"))


def test_an_extra_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SetupError, match=r"no extra named 'phone'.*browser"):
        diagnose(("phone",))


def test_without_a_path_there_is_no_browser_and_the_fix_names_the_download(tmp_path: Path) -> None:
    checks = report(tmp_path, "browser")
    chromium = checks["browser", "chromium"]
    assert not chromium.ok
    assert chromium.fix is not None
    assert f"{sys.executable} -m playwright install chromium" in chromium.fix
    assert checks["browser", "playwright driver"].ok


def test_playwrights_own_download_is_found(tmp_path: Path) -> None:
    locate = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    environment = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "browsers")}
    done = subprocess.run([sys.executable, "-c", locate], env=environment, capture_output=True, text=True, check=True)
    place = Path(done.stdout.strip())
    place.parent.mkdir(parents=True)
    program(place.parent, place.name, "Chromium")
    assert report(tmp_path, "browser")["browser", "chromium"] == Check("browser", "chromium", True, str(place))


def test_a_display_must_be_one_that_answers(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux has displays to choose from")
    none = report(tmp_path, "desktop")
    dead = report(tmp_path, "desktop", DISPLAY=":4242")
    wayland = report(tmp_path, "desktop", WAYLAND_DISPLAY="wayland-0")
    remote = report(tmp_path, "desktop", DISPLAY="elsewhere:0")
    assert none["desktop", "display"].detail == "DISPLAY is not set"
    assert "no X server" in dead["desktop", "display"].detail
    assert "Wayland" in wayland["desktop", "display"].detail
    assert "Xvfb :99" in (none["desktop", "display"].fix or "")
    assert remote["desktop", "display"].ok


def test_a_gpu_and_an_adb_on_the_path_are_found(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    program(programs, "nvidia-smi", "NVIDIA H200, 143771 MiB")
    program(programs, "adb", "Android Debug Bridge version 1.0.41")
    assert not report(tmp_path, "local")["local", "gpu"].ok
    checks = report(tmp_path, "local", "android", PATH=f"{programs}:/usr/bin:/bin")
    if sys.platform == "linux":
        assert checks["local", "gpu"] == Check("local", "gpu", True, "NVIDIA H200, 143771 MiB")
    assert checks["android", "adb"] == Check("android", "adb", True, f"{programs / 'adb'} (1.0.41, from PATH)")


def test_a_missing_package_names_the_command_that_installs_its_extra(tmp_path: Path, packages: Path) -> None:
    take_away(packages, "playwright")
    take_away(packages, "rapidocr")
    checks = report(tmp_path, "browser", "ocr", site=packages)
    for extra, name in (("browser", "playwright"), ("ocr", "rapidocr")):
        check = checks[extra, name]
        assert not check.ok
        assert check.detail == "not installed"
        assert check.fix is not None
        assert f"[{extra}]" in check.fix
        assert sys.executable in check.fix
    assert ("browser", "playwright driver") not in checks
    assert ("ocr", "weights") not in checks


def test_a_package_that_is_too_old_is_not_enough(tmp_path: Path, packages: Path) -> None:
    take_away(packages, "playwright")
    old = packages / "playwright-1.2.dist-info"
    old.mkdir()
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: playwright\nVersion: 1.2\n", encoding="utf-8")
    checks = report(tmp_path, "browser", site=packages)
    check = checks["browser", "playwright"]
    assert not check.ok
    assert check.detail.startswith("1.2, but >=")


def test_the_command_prints_one_object_and_tells_by_its_exit_code_whether_a_browser_is_there(tmp_path: Path) -> None:
    bad = ask(COMMAND, tmp_path)
    assert bad.returncode == 2
    assert not json.loads(bad.stdout)["ok"]
    good = ask(COMMAND, tmp_path, **os.environ)
    assert good.returncode == 0
    assert {"extra", "name", "ok", "detail", "fix"} == set(json.loads(good.stdout)["checks"][0])


def test_the_table_keeps_each_command_whole_and_says_each_once() -> None:
    command = "uv pip install --python /a/very/long/path/to/a/python/in/an/environment/bin/python -e '/checkout[browser]'"
    checks = (
        Check("browser", "playwright", False, "not installed", command),
        Check("browser", "chromium", False, "not found", command),
        Check("ocr", "rapidocr", True, "3.4 [/] odd"),
    )
    out = io.StringIO()
    show(checks, Console(file=out, width=60))
    lines = out.getvalue().splitlines()
    assert [line for line in lines if command in line] == [f"  browser  {command}"]
    assert any("3.4 [/] odd" in line for line in lines)
    out = io.StringIO()
    show(checks[2:], Console(file=out, width=60))
    assert "Nothing is missing." in out.getvalue()
