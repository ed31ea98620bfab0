"""What a phone holds when it is new: settings, properties, packages, folders, people, messages. All of it follows from the seed."""

from __future__ import annotations

import json
import random
from datetime import datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Final

from handeye.tools.simphone.manifest import app_folder, manifests
from handeye.tools.simphone.people import messages_between, people
from handeye.tools.simphone.skeleton import lay_out
from handeye.tools.simphone.state import HOME, DeviceState, Installed

if TYPE_CHECKING:
    from jinja2 import Template

SHARED_FOLDERS: Final = (
    "Alarms", "Android/data", "Android/media", "Audiobooks", "DCIM/Camera", "Documents", "Download", "Movies", "Music", "Notifications",
    "Pictures", "Podcasts", "Recordings", "Ringtones",
)  # fmt: skip
"""Folders of the shared storage, as on a device."""
PACKAGE_FOLDERS: Final = ("cache", "databases", "files", "shared_prefs")
KEYBOARD: Final = "com.android.inputmethod.latin/.LatinIME"
ADB_KEYBOARD: Final = "com.android.adbkeyboard/.AdbIME"
"""senzhk/ADBKeyBoard: it is there and not enabled, so that a driver can type any text without installing one."""
RELEASES: Final = {28: "9", 29: "10", 30: "11", 31: "12", 32: "12", 33: "13", 34: "14", 35: "15", 36: "16"}
"""Android's release by API level."""


def fill(state: DeviceState) -> None:
    """Make `state` the one of a new phone. The same options give the same phone, to the byte."""
    facts, options = state.facts, state.options
    facts.settings = default_settings(options.animations, options.name, options.seed)
    facts.props = properties(options.name, options.sdk, options.seed)
    facts.keyboards = [KEYBOARD, ADB_KEYBOARD]
    facts.rotation = 0
    lay_out(state.files)
    for name in SHARED_FOLDERS:
        state.files.mkdir(f"/storage/emulated/0/{name}", parents=True)
    facts.packages = {one.package: one for one in _installed(state)}
    for package in facts.packages:
        fill_app(state, package)


def fill_app(state: DeviceState, package: str, with_samples: bool = True) -> None:
    """Make the private files of an app new, with what it brings along; without samples its databases have no rows."""
    root = f"/data/data/{package}"
    for place in (root, f"/data/user_de/0/{package}"):
        if state.files.get(place) is not None:
            state.files.remove(place)
    for name in PACKAGE_FOLDERS:
        state.files.mkdir(f"{root}/{name}", parents=True)
    for path, template in _providers()["databases"].items():
        if path.startswith(f"{root}/"):
            _fill_database(state, path, resources.files("handeye.tools.simphone").joinpath("providers", template), with_samples)
    found = {manifest.package: (name, manifest) for name, manifest in manifests().items()}.get(package)
    if found is None:
        return
    name, manifest = found
    for path, template in manifest.databases.items():
        _fill_database(state, path, app_folder(name).joinpath(template), with_samples)
    for target, source in manifest.files.items() if with_samples else ():
        _copy(state, app_folder(name).joinpath(*source.split("/")), target)


def default_settings(animations: bool, name: str, seed: int) -> dict[str, dict[str, str]]:
    """The settings of a new phone, by namespace."""
    scale = "1" if animations else "0"
    return {
        "global": {
            "wifi_on": "1", "bluetooth_on": "0", "airplane_mode_on": "0", "mobile_data": "1", "zen_duration": "0", "zen_mode": "0",
            "device_name": name, "adb_enabled": "1", "development_settings_enabled": "1", "window_animation_scale": scale,
            "transition_animation_scale": scale, "animator_duration_scale": scale, "auto_time": "1", "auto_time_zone": "1",
            "device_provisioned": "1", "stay_on_while_plugged_in": "0", "low_power": "0", "heads_up_notifications_enabled": "1",
            "airplane_mode_radios": "cell,bluetooth,wifi,nfc,wimax", "tether_on": "0", "boot_count": "1",
        },
        "system": {
            "screen_brightness": "102", "screen_brightness_mode": "0", "screen_off_timeout": "60000", "font_scale": "1.0",
            "accelerometer_rotation": "0", "user_rotation": "0", "time_12_24": "24", "volume_music": "5", "volume_ring": "5",
            "volume_alarm": "6", "volume_voice": "4", "volume_notification": "5", "haptic_feedback_enabled": "1",
            "vibrate_when_ringing": "0", "sound_effects_enabled": "1", "lockscreen_sounds_enabled": "1", "dtmf_tone": "1",
            "status_bar_show_battery_percent": "0",
        },
        "secure": {
            "default_input_method": KEYBOARD, "enabled_input_methods": KEYBOARD, "location_mode": "3",
            "location_providers_allowed": "gps,network",
            "android_id": f"{random.Random(f'android {seed}').getrandbits(64):016x}", "ui_night_mode": "1", "lockscreen.disabled": "0",
            "user_setup_complete": "1", "accessibility_enabled": "0", "show_ime_with_hard_keyboard": "1", "long_press_timeout": "400",
            "lock_screen_show_notifications": "1", "install_non_market_apps": "1",
        },
    }  # fmt: skip


def properties(name: str, sdk: int, seed: int) -> dict[str, str]:
    """What `getprop` says of a phone."""
    release, serial = RELEASES.get(sdk, "16"), f"SIM{random.Random(f'serial {seed}').getrandbits(40):010X}"
    word = "".join(letter if letter.isalnum() else "_" for letter in name) or "handeye"
    build = f"SIM1.{sdk}.001"
    return {
        "ro.build.version.sdk": str(sdk), "ro.build.version.release": release, "ro.build.version.release_or_codename": release,
        "ro.build.version.codename": "REL", "ro.build.version.security_patch": "2023-10-05", "ro.build.version.incremental": "1",
        "ro.build.id": build, "ro.build.display.id": build, "ro.build.type": "userdebug", "ro.build.tags": "release-keys",
        "ro.build.characteristics": "default", "ro.build.fingerprint": f"handeye/{word}/{word}:{release}/{build}/1:userdebug/release-keys",
        "ro.product.model": name, "ro.product.brand": "handeye", "ro.product.manufacturer": "handeye", "ro.product.device": word,
        "ro.product.name": word, "ro.product.board": word, "ro.product.cpu.abi": "arm64-v8a", "ro.product.cpu.abilist": "arm64-v8a",
        "ro.product.locale": "en-US", "persist.sys.locale": "en-US", "persist.sys.timezone": "UTC", "ro.serialno": serial,
        "ro.boot.serialno": serial, "ro.hardware": "simphone", "ro.debuggable": "1", "ro.secure": "1", "ro.sf.lcd_density": "480",
        "sys.boot_completed": "1", "dev.bootcomplete": "1", "init.svc.bootanim": "stopped", "init.svc.adbd": "running",
        "gsm.sim.state": "LOADED", "gsm.operator.alpha": "Handeye", "net.bt.name": name, "ro.kernel.qemu": "0",
    }  # fmt: skip


def _installed(state: DeviceState) -> list[Installed]:
    now = state.clock.now_ms
    found = [
        Installed(one.package, one.label, one.version_name, one.version_code, True, True, one, set(one.permissions), now)
        for one in sorted(manifests().values(), key=lambda one: one.package)
    ]
    named = {one.package for one in found}
    others = {
        HOME: "Launcher",
        "com.android.systemui": "System UI",
        "com.android.inputmethod.latin": "Keyboard",
        "android": "Android System",
    }
    added = "com.android.adbkeyboard"
    others |= {added: "ADB Keyboard"} | _providers()["packages"]
    bare = [(package, label) for package, label in others.items() if package not in named]
    return [*found, *(Installed(package, label, system=package != added, first_installed_ms=now) for package, label in bare)]


@cache
def _providers() -> dict[str, Any]:
    file = resources.files("handeye.tools.simphone").joinpath("providers", "providers.json")
    found: dict[str, Any] = json.loads(file.read_bytes()) if file.is_file() else {}
    return {"packages": found.get("packages", {}), "databases": found.get("databases", {})}


def _fill_database(state: DeviceState, path: str, template: Traversable, with_samples: bool = True) -> None:
    folder = path.rpartition("/")[0]
    state.files.mkdir(folder, parents=True)
    known = people(state.options.seed) if with_samples else []
    names = {
        "people": known,
        "messages": messages_between(known, state.options.seed, state.clock.now_ms) if with_samples else [],
        "now_ms": state.clock.now_ms,
        "random": random.Random(f"{path} {state.options.seed}"),
        "start": datetime.fromisoformat(state.options.start),
        "samples": with_samples,
        "seed": state.options.seed,
    }
    state.databases.script(path, _template(template.read_text(encoding="utf-8")).render(names))


@cache
def _template(text: str) -> Template:
    from jinja2 import Environment

    environment = Environment(autoescape=False, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - SQL, not HTML: see the filter below
    environment.filters["sql"] = lambda value: "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"
    return environment.from_string(text)


def _copy(state: DeviceState, source: Traversable, target: str) -> None:
    state.files.mkdir(target, parents=True)
    for entry in source.iterdir():
        if entry.is_dir():
            _copy(state, entry, f"{target}/{entry.name}")
        else:
            state.files.write(f"{target}/{entry.name}", entry.read_bytes())
