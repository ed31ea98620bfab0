"""The doctor's look at adb, its server, and (deep) at every phone that is attached."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from handeye.agent.check_result import Check
from handeye.agent.install_commands import install_command, system_command
from handeye.tools.android import AndroidDriver, AndroidOptions, state
from handeye.tools.android.binary import AdbBinary, find_adb, shipped_adb
from handeye.tools.android.keyboards import keyboard_apk
from handeye.tools.android.serials import ATTACH, Attached, attached
from handeye.tools.android.server import running_server, server_address, server_version
from handeye.tools.android.transport import ServerAddress
from handeye.tools.android.typing import KEYBOARDS
from handeye.tools.errors import HandeyeError, SetupError

EXTRA = "android"
SLOW_S = 1.0
"""A screenshot that takes longer makes every step slow."""
SCALES = ("window_animation_scale", "transition_animation_scale", "animator_duration_scale")
"""Global settings of Android; 0 switches that kind of animation off."""


def check_android(deep: bool) -> list[Check]:
    """An adb, its server and the phones that it knows; a deep diagnosis starts the server and tries each phone."""
    try:
        adb = find_adb()
        version, release = adb.version()
    except SetupError as error:
        fix = system_command("adb") if shipped_adb() else install_command(EXTRA)
        return [Check(EXTRA, "adb", False, error.args[0], fix)]
    checks = [Check(EXTRA, "adb", True, f"{adb.path} ({release or f'1.0.{version}'}, from {adb.source})")]
    try:
        address = running_server(adb=adb) if deep else server_address()
        checks.append(_server(address, version))
        if server_version(address) is not None:
            checks += _phones(address, adb, deep)
    except HandeyeError as error:
        checks.append(Check(EXTRA, "adb server", False, error.args[0], error.fix or f"{adb.path} kill-server"))
    return checks


def _server(address: ServerAddress, ours: int) -> Check:
    version = server_version(address)
    if version is None:
        return Check(EXTRA, "adb server", True, "none runs; it is started when a phone is used")
    detail = f"1.0.{version} at {address}"
    if version != ours:
        detail += f"; this adb is 1.0.{ours} and would restart it, handeye speaks to it as it is"
    return Check(EXTRA, "adb server", True, detail)


def _phones(address: ServerAddress, adb: AdbBinary, deep: bool) -> Iterator[Check]:
    known = attached(address)
    if not known and deep:
        yield Check(EXTRA, "phone", False, "none is attached", ATTACH)
    for phone in known:
        name = f"phone {phone.serial}"
        if phone.mend is not None:
            yield Check(EXTRA, name, False, phone.state, phone.mend)
        elif deep:
            yield from _phone(address, phone, adb)
        else:
            yield Check(EXTRA, name, True, phone.about.get("model", phone.state))


def _phone(address: ServerAddress, phone: Attached, adb: AdbBinary) -> Iterator[Check]:
    """Every part of a phone that handeye uses, each tried by itself: one that fails does not hide the others."""
    name = f"phone {phone.serial}"
    try:
        driver = AndroidDriver.connect(phone.serial, AndroidOptions(address))
    except HandeyeError as error:
        yield Check(EXTRA, name, False, error.args[0], error.fix or "look at `adb devices -l`")
        return
    shell = f"{shlex.quote(adb.path)} -s {phone.serial} shell"
    tries: dict[str, Callable[[str], Check]] = {
        name: lambda what: _version(driver, what),
        f"{name} screen": lambda what: _screen(driver, what),
        f"{name} screenshots": lambda what: _screenshots(driver, what),
        f"{name} input": lambda what: _input(driver, what),
        f"{name} keyboard": lambda what: _keyboard(driver, what),
        f"{name} animations": lambda what: _animations(driver, what, shell),
        f"{name} stays awake": lambda what: _stays_awake(driver, what, shell),
    }
    try:
        for what, work in tries.items():
            try:
                yield work(what)
            except HandeyeError as error:
                yield Check(EXTRA, what, False, error.args[0], error.fix or "look at the phone, then try again")
    finally:
        driver.close()


def _version(driver: AndroidDriver, name: str) -> Check:
    keys = ("ro.product.manufacturer", "ro.product.model", "ro.build.version.release", "ro.build.version.sdk")
    maker, model, release, level = (driver.shell(["getprop", key]).text.strip() for key in keys)
    return Check(EXTRA, name, True, f"{maker} {model}, Android {release} (API level {level})".strip())


def _screen(driver: AndroidDriver, name: str) -> Check:
    now = driver.state()
    if now.awake is False:
        return Check(EXTRA, name, False, "off", "press the phone's power button")
    if now.locked:
        return Check(EXTRA, name, False, "locked", "unlock the phone")
    if now.secure:
        return Check(EXTRA, name, False, "the app in front forbids screenshots", "open another app")
    return Check(EXTRA, name, True, "on and unlocked")


def _screenshots(driver: AndroidDriver, name: str) -> Check:
    picture = driver.screenshot()
    times = ", ".join(f"{form} {seconds:.2f} s" for form, seconds in driver.form_seconds.items())
    detail = f"{picture.shape[1]}x{picture.shape[0]}; {times}; {driver.form} is used"
    slow = min(driver.form_seconds.values()) > SLOW_S
    fix = "use a USB cable in place of Wi-Fi, or another USB port" if slow else None
    return Check(EXTRA, name, not slow, detail, fix)


def _input(driver: AndroidDriver, name: str) -> Check:
    driver.press_nothing()
    return Check(EXTRA, name, True, "is let through")


def _keyboard(driver: AndroidDriver, name: str) -> Check:
    there = driver.keyboards()
    for keyboard in KEYBOARDS:
        if keyboard.id in there:
            return Check(EXTRA, name, True, f"{keyboard.id} types any text")
    if keyboard_apk() is not None:
        return Check(EXTRA, name, True, "ASCII now; uiautomator2's keyboard is put on the phone when other text is typed")
    return Check(EXTRA, name, False, "types ASCII only", install_command("android-unicode"))


def _animations(driver: AndroidDriver, name: str, shell: str) -> Check:
    values = [driver.shell(["settings", "get", "global", scale]).text.strip() for scale in SCALES]
    on = [scale for scale, value in zip(SCALES, values, strict=True) if value not in ("0", "0.0")]
    if not on:
        return Check(EXTRA, name, True, "off")
    commands = "; ".join(f"settings put global {scale} 0" for scale in on)
    return Check(EXTRA, name, True, f"on, so every step waits for them; to switch them off: {shell} '{commands}'")


def _stays_awake(driver: AndroidDriver, name: str, shell: str) -> Check:
    if state.stays_awake(driver.shell("dumpsys power").text):
        return Check(EXTRA, name, True, "while it charges")
    return Check(EXTRA, name, True, f"no, the screen goes off after a while; to keep it on: {shell} svc power stayon usb")
