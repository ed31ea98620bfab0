"""The doctor's look at what runs emulators: an SDK, virtualisation, virtual devices and room for them, and AndroidWorld's Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from handeye.agent.check_result import Check
from handeye.tools.android.sdk import AndroidSdk, Avd, avd_home, avds, find_sdk, how_to_create
from handeye.tools.errors import SetupError

EXTRA = "android"
PHONE, LEVEL = "pixel_6", 33
"""What AndroidWorld is made for: a Pixel 6 with API level 33 (google-research/android_world: README.md)."""
DISK_GB = 16.0
"""AndroidWorld's virtual device takes 8 GB (google-research/android_world: README.md), a snapshot what the phone's memory has and more."""
PYTHON_LIMIT_S = 120.0
PINS = {
    "android_env": "1.2.3",
    "protobuf": "5.29.5",
    "numpy": "1.26.3",
    "pandas": "2.1.4",
    "jsonschema": "4.17.3",
    "grpcio-tools": "1.71.0",
}
"""google-research/android_world: requirements.txt, as far as its tasks need it."""
VERSIONS = """
import importlib.metadata, sys
for name in sys.argv[1:]:
    try:
        print(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        print(name, "-")
"""
GUIDE = "docs/androidworld.md has the commands"


def check_emulators(deep: bool) -> list[Check]:
    """The SDK and what it runs; a deep diagnosis starts its emulator program and asks it. AndroidWorld's parts where they are named."""
    return [*_sdk(deep), *_android_world(os.environ)]


def _sdk(deep: bool) -> Iterator[Check]:
    try:
        sdk = find_sdk()
    except SetupError as error:
        detail = f"{error.args[0]} Only `handeye bench androidworld --avd` needs one."
        yield Check(EXTRA, "emulator", False, detail, error.fix or GUIDE)
        return
    if not deep:
        yield Check(EXTRA, "emulator", True, f"{sdk.emulator} ({sdk.source})")
    else:
        yield _tried("emulator", lambda: f"{sdk.version()} at {sdk.emulator} ({sdk.source})")
        yield _tried("virtualisation", sdk.acceleration)
    yield _virtual_devices(sdk)
    yield _room(avd_home())


def _tried(name: str, ask: Callable[[], str]) -> Check:
    try:
        return Check(EXTRA, name, True, ask())
    except SetupError as error:
        return Check(EXTRA, name, False, error.args[0], error.fix or GUIDE)


def _virtual_devices(sdk: AndroidSdk) -> Check:
    known = avds()
    if not known:
        return Check(EXTRA, "virtual devices", False, f"none in {avd_home()}", how_to_create(sdk, "AndroidWorldAvd"))
    detail = ", ".join(_described(avd) for avd in known.values())
    if any(_suits(avd) for avd in known.values()):
        return Check(EXTRA, "virtual devices", True, detail)
    detail += f"; none is what AndroidWorld is made for, {PHONE} with API level {LEVEL} and root"
    return Check(EXTRA, "virtual devices", False, detail, how_to_create(sdk, "AndroidWorldAvd"))


def _suits(avd: Avd) -> bool:
    return avd.profile == PHONE and avd.level == LEVEL and not avd.play_store


def _described(avd: Avd) -> str:
    store = ", with the Play Store and so without root" if avd.play_store else ""
    saved = f", snapshots {' '.join(avd.snapshots)}" if avd.snapshots else ""
    return f"{avd.name} ({avd.profile or 'no profile'}, API level {avd.level or 'unknown'}{store}{saved})"


def _room(folder: Path) -> Check:
    while not folder.exists():
        folder = folder.parent
    free_gb = shutil.disk_usage(folder).free / 1e9
    detail = f"{free_gb:.0f} GB free under {folder}"
    if free_gb >= DISK_GB:
        return Check(EXTRA, "room for virtual devices", True, detail)
    return Check(EXTRA, "room for virtual devices", False, f"{detail}, {DISK_GB:.0f} GB wanted", "make room, or set ANDROID_AVD_HOME")


def _android_world(environment: Mapping[str, str]) -> Iterator[Check]:
    """Only for those who say that they want it, by the variables that its command reads."""
    checkout, python = environment.get("HANDEYE_ANDROID_WORLD"), environment.get("HANDEYE_ANDROID_WORLD_PYTHON")
    if checkout:
        found = (Path(checkout) / "android_world" / "registry.py").is_file()
        fix = None if found else "git clone https://github.com/google-research/android_world, and set HANDEYE_ANDROID_WORLD to it"
        yield Check(EXTRA, "AndroidWorld", found, checkout if found else f"{checkout} is no checkout of it", fix)
    if python:
        yield _its_python(python)


def _its_python(python: str) -> Check:
    name = "AndroidWorld's Python"
    try:
        done = subprocess.run(
            [python, "-c", VERSIONS, *PINS], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PYTHON_LIMIT_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Check(EXTRA, name, False, f"{python} does not run: {error}", GUIDE)
    found = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if " " in line)
    other = [f"{each} {found.get(each, '-')} and not {wanted}" for each, wanted in PINS.items() if found.get(each) != wanted]
    if other:
        return Check(EXTRA, name, False, f"{python} has {', '.join(other)}", GUIDE)
    return Check(EXTRA, name, True, f"{python}, with the packages of its pins")
