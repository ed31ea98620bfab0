"""An installed Android SDK: its emulator, adb and command-line tools, and the virtual devices (AVDs) that it runs."""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from handeye.tools.errors import SetupError

VARIABLES = ("ANDROID_HOME", "ANDROID_SDK_ROOT")
"""developer.android.com/tools/variables; the second is the older name."""
FOLDERS = (
    "~/Android/Sdk", "~/Library/Android/sdk", "~/AppData/Local/Android/Sdk", "/opt/android-sdk", "/opt/android", "/usr/lib/android-sdk",
    "/opt/homebrew/share/android-commandlinetools", "/usr/local/share/android-commandlinetools",
)  # fmt: skip
"""Where Android Studio, distributions, Homebrew and containers put it."""
PROBE_LIMIT_S = 30.0
DOWNLOAD = "https://developer.android.com/studio#command-line-tools-only"
KVM = Path("/dev/kvm")


@dataclass(frozen=True)
class Avd:
    """A virtual device, as its configuration describes it."""

    name: str
    folder: Path
    image: str
    """Folder of its system image below the SDK, as `system-images/android-33/google_apis/x86_64`."""
    profile: str
    """The phone that it imitates, as `pixel_6`."""
    snapshots: tuple[str, ...]
    """Names of what was saved of it."""

    @property
    def level(self) -> int | None:
        """Android's API level; None where the image does not say."""
        found = re.search(r"android-(\d+)", self.image)
        return int(found[1]) if found else None

    @property
    def play_store(self) -> bool:
        """Whether the image has the Play Store, and so gives nobody root."""
        return "playstore" in self.image


@dataclass(frozen=True)
class AndroidSdk:
    """Where an SDK lies, and why it was taken."""

    root: Path
    source: str
    """The variable that names it, `PATH`, or `usual folder`."""

    @property
    def emulator(self) -> Path:
        """The emulator program."""
        return _program(self.root / "emulator", "emulator") or self.root / "emulator" / "emulator"

    @property
    def adb(self) -> Path | None:
        """Its own adb, if it has one."""
        return _program(self.root / "platform-tools", "adb")

    def tool(self, name: str) -> str:
        """The command that calls `avdmanager` or `sdkmanager`: its path, or its name where it is not installed."""
        tools = self.root / "cmdline-tools"
        folders = [tools / "latest" / "bin", *sorted(tools.glob("*/bin"), reverse=True)]
        found = next((path for folder in folders if (path := _program(folder, name))), None)
        return shlex.quote(str(found)) if found else name

    def version(self) -> str:
        """The emulator's version, as `35.1.4.0`. Raises `SetupError` when it does not run."""
        said = self._ask("-version")
        found = re.search(r"emulator version (\S+)", said)
        if found is None:
            raise SetupError(f"The program at {self.emulator} is no emulator: it printed {said.strip()[:200]!r}.", fix=how_to_install(self))
        return found[1]

    def acceleration(self) -> str:
        """What the emulator says of the processor's virtualisation. Raises `SetupError`, with what mends it, when it cannot use it."""
        if sys.platform == "linux" and KVM.exists() and not os.access(KVM, os.R_OK | os.W_OK):
            raise SetupError(f"{KVM} may not be opened by this user.", fix="sudo gpasswd -a $USER kvm, then log in again")
        try:
            said = self._ask("-accel-check")
        except SetupError as error:
            fix = (
                "switch virtualisation (VT-x, AMD-V) on in the firmware, or nested virtualisation for a virtual machine, and load the "
                "modules kvm and kvm_intel or kvm_amd"
                if sys.platform == "linux"
                else "see https://developer.android.com/studio/run/emulator-acceleration"
            )
            raise SetupError(f"The emulator cannot use the processor's virtualisation: {error.args[0]}", fix=fix) from error
        lines = [line.strip() for line in said.splitlines() if line.strip() and line.strip() not in ("accel:", "accel", "0")]
        return lines[-1] if lines else "usable"

    def avd(self, name: str, environment: Mapping[str, str] = os.environ) -> Avd:
        """The virtual device of that name. Raises `SetupError` with those that there are."""
        known = avds(environment)
        if name not in known:
            names = ", ".join(known) or "none"
            raise SetupError(f"There is no AVD {name!r} in {avd_home(environment)}; there are: {names}.", fix=how_to_create(self, name))
        return known[name]

    def _ask(self, flag: str) -> str:
        try:
            done = subprocess.run(
                [self.emulator, flag], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                errors="replace", timeout=PROBE_LIMIT_S, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SetupError(f"The emulator at {self.emulator} does not run: {error}", fix=how_to_install(self)) from error
        if done.returncode:
            raise SetupError(" ".join(done.stdout.split())[-300:] or f"exit code {done.returncode}", fix=how_to_install(self))
        return done.stdout


def find_sdk(environment: Mapping[str, str] = os.environ) -> AndroidSdk:
    """The SDK that ANDROID_HOME or ANDROID_SDK_ROOT names, else one in a usual folder, else the one of the emulator on PATH.

    Raises `SetupError`, with every step of the installation, when none has an emulator.
    """
    named = [(Path(environment[name]), name) for name in VARIABLES if environment.get(name)]
    usual = [(_expanded(folder, environment), "usual folder") for folder in FOLDERS]
    for root, source in (*named, *usual):
        if _program(root / "emulator", "emulator"):
            return AndroidSdk(root, source)
    if path := shutil.which("emulator", path=environment.get("PATH", os.defpath)):
        return AndroidSdk(Path(path).resolve().parent.parent, "PATH")
    where = f"{named[0][1]} names {named[0][0]}, which holds no emulator" if named else "no ANDROID_HOME is set"
    raise SetupError(
        f"There is no Android emulator: {where}, none of the usual folders has one, and none is on PATH.", fix=how_to_install()
    )


def avd_home(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the virtual devices (developer.android.com/tools/variables)."""
    if path := environment.get("ANDROID_AVD_HOME"):
        return Path(path)
    for name, below in (("ANDROID_EMULATOR_HOME", "avd"), ("ANDROID_USER_HOME", "avd"), ("ANDROID_SDK_HOME", ".android/avd")):
        if path := environment.get(name):
            return Path(path) / below
    return _expanded("~/.android/avd", environment)


def avds(environment: Mapping[str, str] = os.environ) -> dict[str, Avd]:
    """Every virtual device, by its name. Nothing is asked of the emulator: the files say it all."""
    home = avd_home(environment)
    found = (_read_avd(path, home) for path in sorted(home.glob("*.ini")))
    return {avd.name: avd for avd in found if avd is not None}


def _read_avd(path: Path, home: Path) -> Avd | None:
    pointer = _read_ini(path)
    folders = [Path(pointer["path"])] if "path" in pointer else []
    folders.append(home / f"{path.stem}.avd")
    folder = next((each for each in folders if (each / "config.ini").is_file()), None)
    if folder is None:
        return None
    facts = _read_ini(folder / "config.ini")
    snapshots = sorted(each.parent.name for each in (folder / "snapshots").glob("*/snapshot.pb"))
    image = facts.get("image.sysdir.1", "").strip("/\\").replace("\\", "/")
    return Avd(path.stem, folder, image, facts.get("hw.device.name", ""), tuple(snapshots))


def _read_ini(path: Path) -> dict[str, str]:
    """`name=value` lines, with or without spaces about the sign; nothing for a file that cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    return {name.strip(): value.strip() for name, sign, value in (line.partition("=") for line in lines) if sign}


def image_package(level: int = 33) -> str:
    """The system image's name for `sdkmanager` on this machine: with Google's apps, without the Play Store, so that adb can be root."""
    arm = platform.machine().lower() in ("arm64", "aarch64")
    return f"system-images;android-{level};google_apis;{'arm64-v8a' if arm else 'x86_64'}"


def how_to_install(sdk: AndroidSdk | None = None, level: int = 33) -> str:
    """The steps from nothing to an emulator on this platform, as one line of shell after what has to be done by hand."""
    package = f'"{image_package(level)}"'
    if sdk is not None:
        return f'{sdk.tool("sdkmanager")} --install emulator platform-tools "platforms;android-{level}" {package}'
    root = "~/Library/Android/sdk" if sys.platform == "darwin" else "~/Android/Sdk"
    java = "brew install openjdk@17" if sys.platform == "darwin" else "a Java 17 (Debian, Ubuntu: apt-get install openjdk-17-jre-headless)"
    tools = f"{root}/cmdline-tools/latest"
    return (
        f"install {java} and the command-line tools from {DOWNLOAD}, unpacked so that {tools}/bin/sdkmanager is there; then "
        f'{tools}/bin/sdkmanager --install emulator platform-tools "platforms;android-{level}" {package} && '
        f"{tools}/bin/avdmanager create avd -n AndroidWorldAvd -d pixel_6 -k {package}; export ANDROID_HOME={root}"
    )


def how_to_create(sdk: AndroidSdk, name: str, level: int = 33) -> str:
    """The command that makes a virtual device."""
    return f'{sdk.tool("avdmanager")} create avd -n {shlex.quote(name)} -d pixel_6 -k "{image_package(level)}"'


def _expanded(folder: str, environment: Mapping[str, str]) -> Path:
    home = environment.get("HOME") or environment.get("USERPROFILE") or str(Path.home())
    return Path(folder.replace("~", home, 1)) if folder.startswith("~") else Path(folder)


def _program(folder: Path, name: str) -> Path | None:
    for suffix in ("", ".exe", ".bat"):
        path = folder / f"{name}{suffix}"
        if path.is_file() and os.access(path, os.X_OK):
            return path
    return None
