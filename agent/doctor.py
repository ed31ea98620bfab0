"""What each extra needs on this machine, what is missing, and the command that mends it.

Packages are read from their metadata and programs are looked up or asked for their version, so that a broken one cannot break the
doctor. A deep diagnosis uses the parts: it starts the browser and has a picture read.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from handeye.agent.check_result import Check
from handeye.agent.doctor_android import check_android
from handeye.agent.doctor_desktop import check_desktop
from handeye.agent.doctor_emulator import check_emulators
from handeye.agent.install_commands import CORE, DISTRIBUTION, install_command, installer, is_debian, module, system_command
from handeye.tools.errors import SetupError

PROBE_LIMIT_S = 180.0
"""A cold OCR takes 4 s of computing; the rest is for machines that are busy."""
RUNS_GB = 1.0
"""Room for the screenshots of a few thousand steps."""
WEIGHTS_GB = 20.0
"""Qwen2.5-VL-7B-Instruct's weights are 16.6 GB (model card: Qwen/Qwen2.5-VL-7B-Instruct)."""

MISSING_LIBRARY = "error while loading shared libraries"
"""What glibc's dynamic linker says of a library that is not there."""
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/run/current-system/sw/share/X11/fonts")
FONT_SUFFIXES = {".ttf", ".otf", ".ttc", ".pfb"}

LOCATE_BROWSER = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
START_BROWSER = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    with playwright.chromium.launch(executable_path=sys.argv[1]) as browser:
        page = browser.new_page()
        page.set_content("<title>it works</title>")
        page.screenshot()
        print(browser.version)
"""
READ_PICTURE = """
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidocr import RapidOCR
picture = Image.new("RGB", (400, 100), "white")
ImageDraw.Draw(picture).text((20, 20), "handeye", "black", ImageFont.load_default(48))
print(*(RapidOCR()(np.asarray(picture)).txts or ()))
"""


def diagnose(extras: Sequence[str] | None = None, *, deep: bool = False) -> tuple[Check, ...]:
    """Check what the named extras need (None: handeye itself and every extra), in the order of pyproject.toml.

    A deep diagnosis also starts the browser and reads a picture, which takes some seconds. Raises `SetupError` for an extra that
    handeye does not have.
    """
    known = extra_names()
    for extra in extras or ():
        if extra not in known:
            raise SetupError(f"handeye has no extra named {extra!r}.", fix=f"choose from {', '.join(known)}")
    checks: list[Check] = []
    for extra in known if extras is None else extras:
        packages = list(check_packages(extra))
        checks += packages
        if extra in PARTS:
            # A part that lives in a missing package would only repeat the same complaint.
            checks += PARTS[extra](deep and all(check.ok for check in packages))
    return tuple(checks)


def extra_names() -> tuple[str, ...]:
    """`core`, then the extras that can be installed, less `all`, which is their sum."""
    provided = importlib.metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or []
    return (CORE, *(name for name in provided if name != "all"))


def check_packages(extra: str) -> Iterator[Check]:
    """Whether the packages that the extra asks for are there, in a version that it takes."""
    for line in importlib.metadata.requires(DISTRIBUTION) or []:
        requirement = Requirement(line)
        if not _asked_for_by(requirement, extra):
            continue
        fix = install_command(extra)
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            yield Check(extra, requirement.name, False, "not installed", fix)
            continue
        if requirement.specifier.contains(version, prereleases=True):
            yield Check(extra, requirement.name, True, version)
        else:
            yield Check(extra, requirement.name, False, f"{version}, but {requirement.specifier} is needed", fix)


def _asked_for_by(requirement: Requirement, extra: str) -> bool:
    """Whether a requirement belongs to this extra on this platform, and to no other."""
    marker = requirement.marker
    if marker is None:
        return extra == CORE
    without = marker.evaluate({"extra": ""})
    return without if extra == CORE else marker.evaluate({"extra": extra}) and not without


def check_core(deep: bool) -> list[Check]:
    """Python itself, and room for runs."""
    version = platform.python_version()
    old = sys.version_info < (3, 11)
    return [
        Check(CORE, "python", not old, version, "install Python 3.11 or newer" if old else None),
        _check_disk(CORE, Path.cwd(), RUNS_GB, "screenshots of runs"),
    ]


def _check_disk(extra: str, folder: Path, needed_gb: float, what: str) -> Check:
    while not folder.exists():
        folder = folder.parent
    free_gb = shutil.disk_usage(folder).free / 1e9
    ok = free_gb >= needed_gb
    detail = f"{free_gb:.0f} GB free under {folder}" + ("" if ok else f", {needed_gb:.0f} GB wanted for {what}")
    return Check(extra, "disk", ok, detail, None if ok else f"make room for {what}")


def check_browser(deep: bool) -> list[Check]:
    """A driver that starts, a Chromium that it can find (deep: and start), and fonts to draw pages with."""
    if importlib.util.find_spec("playwright") is None:
        return [_check_chromium(None), _check_fonts()]
    driver = _probe(LOCATE_BROWSER)
    if not driver.ok:
        fix = system_command("driver libraries") if MISSING_LIBRARY in driver.output else f"{installer()} --force-reinstall playwright"
        return [Check("browser", "playwright driver", False, _reason(driver.output), fix), _check_chromium(None), _check_fonts()]
    chromium = _check_chromium(Path(_last_line(driver.output)))
    checks = [Check("browser", "playwright driver", True, "starts"), chromium, _check_fonts()]
    if deep and chromium.ok:
        started = _probe(START_BROWSER, chromium.detail)
        detail = f"Chromium {_last_line(started.output)}" if started.ok else _reason(started.output)
        checks.append(
            Check("browser", "a page opens", started.ok, detail, None if started.ok else f"{module('playwright')} install-deps chromium")
        )
    return checks


def _check_chromium(bundled: Path | None) -> Check:
    from handeye.tools.browser import find_chromium

    try:
        return Check("browser", "chromium", True, str(find_chromium(bundled)))
    except SetupError as error:
        apt = f"{system_command('chromium')}, or " if is_debian() else ""
        return Check("browser", "chromium", False, error.args[0], f"{apt}{module('playwright')} install chromium")


def _check_fonts() -> Check:
    if sys.platform != "linux":
        return Check("browser", "fonts", True, "the system's")
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    count = sum(path.suffix.lower() in FONT_SUFFIXES for folder in folders for path in folder.rglob("*"))
    if count:
        return Check("browser", "fonts", True, f"{count} found")
    return Check("browser", "fonts", False, "none found: pages would show no text", system_command("fonts"))


def check_local(deep: bool) -> list[Check]:
    """A GPU that torch can use, and room for weights."""
    server = "serve the model elsewhere and name it: --model openai:MODEL@ADDRESS"
    cache = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser()
    checks = [_check_disk("local", cache, WEIGHTS_GB, "a 7B model's weights")]
    if sys.platform == "darwin":
        apple = platform.machine() == "arm64"
        detail = "Apple silicon" if apple else "none: models run slowly on the processor"
        return [Check("local", "gpu", apple, detail, None if apple else server), *checks]
    listed = _run(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"])
    if not listed.ok or not listed.output.strip():
        return [Check("local", "gpu", False, "no NVIDIA GPU: models run slowly on the processor", server), *checks]
    try:
        torch = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        torch = ""
    names = "; ".join(listed.output.strip().splitlines())
    if torch.endswith("+cpu"):
        detail = f"{names}, but torch {torch} cannot use it"
        return [Check("local", "gpu", False, detail, f"{installer()} --force-reinstall torch torchvision"), *checks]
    return [Check("local", "gpu", True, names), *checks]


def check_ocr(deep: bool) -> list[Check]:
    """The weights, which rapidocr's wheel ships, and (deep) that a word is read."""
    folder = _package_folder("rapidocr")
    if folder is None:
        return []
    weights = sorted(path.name for path in (folder / "models").glob("*.onnx"))
    found = any("det" in name for name in weights) and any("rec" in name for name in weights)
    fix = None if found else f"{installer()} --force-reinstall rapidocr"
    checks = [Check("ocr", "weights", found, ", ".join(weights) or "not in the package", fix)]
    if deep and found:
        read = _probe(READ_PICTURE)
        words = _last_line(read.output)
        ok = read.ok and "handeye" in words.lower()
        checks.append(
            Check(
                "ocr",
                "a picture is read",
                ok,
                f"as {words!r}" if read.ok else _reason(read.output),
                None if ok else f"{installer()} --force-reinstall rapidocr onnxruntime",
            )
        )
    return checks


def check_bench(deep: bool) -> list[Check]:
    """The pages of MiniWoB++, which its package ships."""
    folder = _package_folder("miniwob")
    if folder is None:
        return []
    count = len(list((folder / "html" / "miniwob").glob("*.html")))
    return [Check("bench", "miniwob pages", count > 0, f"{count} found", None if count else f"{installer()} --force-reinstall miniwob")]


PARTS: dict[str, Callable[[bool], list[Check]]] = {
    CORE: check_core,
    "browser": check_browser,
    "desktop": check_desktop,
    "android": lambda deep: [*check_android(deep), *check_emulators(deep)],
    "local": check_local,
    "ocr": check_ocr,
    "bench": check_bench,
}
"""What an extra needs beside packages."""


def _package_folder(name: str) -> Path | None:
    """Where a package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations))) if locations else None


@dataclass(frozen=True)
class _Ran:
    ok: bool
    output: str


def _probe(code: str, *arguments: str) -> _Ran:
    """Run a piece of Python in a process of its own, which may crash or hang without taking the doctor with it."""
    return _run([sys.executable, "-c", code, *arguments])


def _run(command: Sequence[str]) -> _Ran:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=PROBE_LIMIT_S, check=False
        )
    except OSError as error:
        return _Ran(False, str(error))
    except subprocess.TimeoutExpired:
        return _Ran(False, f"no answer within {PROBE_LIMIT_S:.0f} s")
    return _Ran(done.returncode == 0, done.stdout if done.returncode == 0 else done.stdout + done.stderr)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else "no output"


def _reason(output: str) -> str:
    """The line of a failed program's output that says why: the linker's complaint where there is one, else the last."""
    linker = [line for line in output.splitlines() if MISSING_LIBRARY in line]
    return linker[0].partition(": ")[2] if linker else _last_line(output)
