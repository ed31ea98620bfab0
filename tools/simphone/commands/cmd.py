"""`cmd`, `svc` and `service`: the services of the system by their names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from handeye.tools.simphone import power, telephony
from handeye.tools.simphone.commands.am import am
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.dumpsys import DUMPS, dumpsys
from handeye.tools.simphone.commands.ime import ime
from handeye.tools.simphone.commands.input import input_command
from handeye.tools.simphone.commands.pm import pm
from handeye.tools.simphone.commands.settings import settings
from handeye.tools.simphone.commands.wm import wm
from handeye.tools.simphone.effects import airplane_on, bluetooth_on, put_setting, switch_bluetooth, switch_wifi, wifi_name, wifi_on
from handeye.tools.simphone.state import DeviceState, Namespace

Sub: TypeAlias = Callable[[Call, list[str]], Awaitable[int]]
WHOLE: Final[dict[str, Command]] = {
    "package": pm, "activity": am, "settings": settings, "window": wm, "input_method": ime, "input": input_command,
}  # fmt: skip
"""Services whose commands are a program's."""
ON_WORDS: Final = ("enable", "enabled", "on", "true", "yes", "1")
OFF_WORDS: Final = ("disable", "disabled", "off", "false", "no", "0")
PARCEL: Final = "Result: Parcel(00000000    '....')"
SET_TIME_ZONE: Final = "3"
"""Number of setTimeZone in android.app.IAlarmManager; AndroidWorld calls it (utils/datetime_utils.py)."""
AWAKE_WHEN: Final = {"true": "15", "false": "0", "ac": "1", "usb": "2", "wireless": "4", "dock": "8"}
"""Values of global/stay_on_while_plugged_in for the words of `svc power stayon`."""


async def cmd(call: Call) -> int:
    """Hand a command to a service."""
    words = call.arguments
    if not words:
        call.complain("cmd: No service specified; use -l to list all services")
        return 20
    name, *rest = words
    if name == "-l":
        call.say("Currently running services:")
        for service in sorted({*DUMPS, *WHOLE, *SERVICES}):
            call.say(f"  {service}")
        return 0
    if name in WHOLE:
        return await WHOLE[name](replace(call, argv=[name, *rest]))
    run = SERVICES.get(name)
    if run is None:
        call.complain(
            f"cmd: Can't find service: {name}"
            if name not in DUMPS
            else f"cmd: Failure calling service {name}: the service takes no commands"
        )
        return 20
    code = await run(call, rest)
    await call.phone.screen.sync()
    return code


def _switch(word: str) -> bool | None:
    return True if word in ON_WORDS else False if word in OFF_WORDS else None


def _unknown(call: Call, words: list[str]) -> int:
    call.complain(f"Unknown command: {' '.join(words)}" if words else "No shell command specified.")
    return 255


async def _wifi(call: Call, words: list[str]) -> int:
    match words:
        case ["set-wifi-enabled", word] if (on := _switch(word)) is not None:
            switch_wifi(call.phone.state, on)
            return 0
        case ["status"]:
            call.say(f"Wifi is {'enabled' if wifi_on(call.phone.state) else 'disabled'}")
            if name := wifi_name(call.phone.state):
                call.say(f'Wifi is connected to "{name}"')
            return 0
        case ["list-networks" | "list-scan-results", *_]:
            call.say("Network Id      SSID                         Security type")
            if name := wifi_name(call.phone.state):
                call.say(f"0            {name:<34}wpa2-psk")
            return 0
    return _unknown(call, words)


async def _bluetooth(call: Call, words: list[str]) -> int:
    match words:
        case ["enable" | "disable" as word]:
            switch_bluetooth(call.phone.state, word == "enable")
            return 0
        case [word, *_] if word.startswith("wait-for-state"):
            call.say(f"wait-for-state: {'STATE_ON' if bluetooth_on(call.phone.state) else 'STATE_OFF'}")
            return 0
    return _unknown(call, words)


async def _connectivity(call: Call, words: list[str]) -> int:
    match words:
        case ["airplane-mode"]:
            call.say("enabled" if airplane_on(call.phone.state) else "disabled")
            return 0
        case ["airplane-mode", word] if (on := _switch(word)) is not None:
            put_setting(call.phone.state, "global", "airplane_mode_on", str(int(on)))
            return 0
    return _unknown(call, words)


async def _statusbar(call: Call, words: list[str]) -> int:
    match words:
        case ["expand-notifications" | "expand-settings" | "collapse" as word]:
            await power.shade(call.phone, word)
            return 0
        case ["get-status-icons" | "send-disable-flag" | "tracing" | "add-tile" | "remove-tile" | "click-tile", *_]:
            return 0
    return _unknown(call, words)


async def _uimode(call: Call, words: list[str]) -> int:
    match words:
        case ["night"]:
            night = call.phone.state.setting("secure", "ui_night_mode", "1")
            call.say(f"Night mode: {({'1': 'no', '2': 'yes', '0': 'auto'}).get(night, 'no')}")
            return 0
        case ["night", "yes" | "no" | "auto" as word]:
            put_setting(call.phone.state, "secure", "ui_night_mode", {"no": "1", "yes": "2", "auto": "0"}[word])
            call.say(f"Night mode: {word}")
            return 0
        case ["time", *_] | ["car", *_]:
            return 0
    return _unknown(call, words)


async def _notification(call: Call, words: list[str]) -> int:
    match words:
        case ["post", *rest]:
            return _post(call, rest)
        case ["list"]:
            for entry in call.phone.state.facts.notifications:
                call.say(f"0|{entry.package}|{entry.id}|null|10100")
            return 0
        case ["set_dnd", word]:
            put_setting(
                call.phone.state,
                "global",
                "zen_mode",
                {"off": "0", "all": "0", "priority": "1", "none": "2", "on": "1", "alarms": "3"}.get(word, "0"),
            )
            return 0
        case ["allow_listener" | "disallow_listener" | "allow_dnd" | "disallow_dnd" | "snooze" | "unsnooze", *_]:
            return 0
    return _unknown(call, words)


def _post(call: Call, words: list[str]) -> int:
    title, rest = "", list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        value = rest.pop(0) if rest and option not in ("-v", "--verbose") else ""
        title = value if option in ("-t", "--title") else title
    if len(rest) < 2:
        call.complain("usage: cmd notification post [flags] <tag> <text>")
        return 255
    telephony.notify(call.phone.state, "com.android.shell", title or rest[0], " ".join(rest[1:]))
    call.say(f"posting:\n  Notification(channel=shell_cmd tag={rest[0]})")
    return 0


async def _media_session(call: Call, words: list[str]) -> int:
    match words:
        case ["volume", *rest]:
            return _volume(call, rest)
        case ["list-sessions"]:
            call.say("Sessions:")
            return 0
        case ["dispatch" | "monitor", *_]:
            return 0
    return _unknown(call, words)


def _volume(call: Call, words: list[str]) -> int:
    names = {"0": "voice_call", "1": "system", "2": "ring", "3": "music", "4": "alarm", "5": "notification"}
    stream = names.get(words[words.index("--stream") + 1] if "--stream" in words[:-1] else "3", "music")
    state, key = call.phone.state, f"volume_{stream}"
    level = int(state.setting("system", key, "5") or 0)
    if "--set" in words[:-1] and words[words.index("--set") + 1].isdigit():
        put_setting(state, "system", key, str(min(15, int(words[words.index("--set") + 1]))))
    elif "--adj" in words[:-1]:
        step = {"raise": 1, "lower": -1}.get(words[words.index("--adj") + 1], 0)
        put_setting(state, "system", key, str(min(15, max(0, level + step))))
    if "--get" in words:
        call.say(f"[V] will get volume\n[V] volume is {state.setting('system', key, '5')} in range [0..15]")
    return 0


async def _power(call: Call, words: list[str]) -> int:
    match words:
        case ["set-mode", word] if word in ("0", "1"):
            put_setting(call.phone.state, "global", "low_power", word)
            return 0
        case ["set-adaptive-power-saver-enabled" | "suppress-ambient-display" | "set-face-down-detector", *_]:
            return 0
    return _unknown(call, words)


async def _location(call: Call, words: list[str]) -> int:
    match words:
        case ["set-location-enabled", word, *_] if (on := _switch(word)) is not None:
            put_setting(call.phone.state, "secure", "location_mode", "3" if on else "0")
            return 0
        case ["is-location-enabled", *_]:
            call.say("true" if call.phone.state.setting("secure", "location_mode", "3") != "0" else "false")
            return 0
    return _unknown(call, words)


async def _alarm(call: Call, words: list[str]) -> int:
    match words:
        case ["set-timezone", zone]:
            set_zone(call.phone.state, zone)
            return 0
        case ["set-time", when] if when.isdigit():
            call.phone.state.clock.set(int(when[:15]))
            call.phone.state.changed("clock")
            return 0
        case ["get-config-version"]:
            call.say("0")
            return 0
    return _unknown(call, words)


async def _phone(call: Call, words: list[str]) -> int:
    match words:
        case ["data", "enable" | "disable" as word]:
            put_setting(call.phone.state, "global", "mobile_data", str(int(word == "enable")))
            return 0
    return _unknown(call, words)


async def _lock_settings(call: Call, words: list[str]) -> int:
    match words:
        case ["get-disabled"]:
            call.say("false")
        case ["verify"]:
            call.say("Lock credential verified successfully")
        case ["set-disabled" | "clear", *_]:
            call.say("Lock credential cleared")
        case _:
            return _unknown(call, words)
    return 0


async def _role(call: Call, words: list[str]) -> int:
    """Which app is the default for texts, calls, the web."""
    holders = {
        "android.app.role.SMS": telephony.MESSENGER, "android.app.role.DIALER": telephony.DIALER,
        "android.app.role.BROWSER": "com.android.chrome",
    }  # fmt: skip
    match words:
        case ["holders" | "get-role-holders", name] | ["holders" | "get-role-holders", "--user", _, name]:
            call.say(holders.get(name, ""))
            return 0
        case ["add-role-holder" | "remove-role-holder", *_]:
            return 0
    return _unknown(call, words)


async def _telecom(call: Call, words: list[str]) -> int:
    match words:
        case ["get-default-dialer" | "get-system-dialer"]:
            call.say(telephony.DIALER)
            return 0
        case ["set-default-dialer" | "set-phone-account-enabled" | "register-sim-phone-account" | "wait-on-handlers", *_]:
            return 0
    return _unknown(call, words)


async def _device_config(call: Call, words: list[str]) -> int:
    match words:
        case ["get", _, _]:
            call.say("null")
    return 0


async def _quiet(call: Call, words: list[str]) -> int:
    return 0


def set_zone(state: DeviceState, zone: str) -> bool:
    """Put the phone into a time zone; whether there is one of that name."""
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        return False
    state.clock.zone = zone
    state.facts.props["persist.sys.timezone"] = zone
    state.changed("clock")
    return True


async def svc(call: Call) -> int:
    """Switch a radio or the power."""
    state = call.phone.state
    tables: dict[str, tuple[Namespace, str]] = {"data": ("global", "mobile_data"), "nfc": ("global", "nfc_on")}
    match call.arguments:
        case ["wifi", "enable" | "disable" as word]:
            switch_wifi(state, word == "enable")
        case ["bluetooth", "enable" | "disable" as word]:
            switch_bluetooth(state, word == "enable")
        case ["data" | "nfc" as name, "enable" | "disable" as word]:
            put_setting(state, *tables[name], str(int(word == "enable")))
        case ["power", "stayon", word] if word in AWAKE_WHEN:
            put_setting(state, "global", "stay_on_while_plugged_in", AWAKE_WHEN[word])
        case ["power", "reboot" | "shutdown", *_]:
            await power.reboot(call.phone)
            return 0
        case ["power", "forcesuspend"] | ["usb", *_] | ["wifi", "prefer"] | ["data", "prefer"]:
            return 0
        case _:
            call.complain("Available commands:\n    help     Show information about the subcommands\n"
                          "    power    Control the power manager\n"
                          "    data     Control mobile data connectivity\n    wifi     Control the Wi-Fi manager\n"
                          "    usb      Control Usb state\n"
                          "    nfc      Control NFC functions\n    bluetooth Control Bluetooth service")  # fmt: skip
            return 1
    await call.phone.screen.sync()
    return 0


async def service(call: Call) -> int:
    """Look for services, and call the few whose numbers are known."""
    match call.arguments:
        case ["list"]:
            call.say(f"Found {len(DUMPS)} services:")
            for index, name in enumerate(sorted(DUMPS)):
                call.say(f"{index}\t{name}: [android.handeye.{name}]")
        case ["check", name]:
            call.say(f"Service {name}: {'found' if name in DUMPS or name in SERVICES else 'not found'}")
        case ["call", "alarm", number, "s16", zone, *_] if number == SET_TIME_ZONE:
            if not set_zone(call.phone.state, zone):
                call.say('Result: Parcel(Error: 0xfffffffffffffffd "Not a valid time zone")')
                return 0
            await call.phone.screen.sync()
            call.say(PARCEL)
        case ["call", name, number, *_] if number.isdigit():
            if name in DUMPS or name in SERVICES:
                call.say(PARCEL)
            else:
                call.complain(f"service: Service {name} does not exist")
                return 10
        case _:
            call.say(
                "Usage: service [-h|-?]\n       service list\n       service check SERVICE\n"
                "       service call SERVICE CODE [i32 N | s16 STR] ..."
            )
            return 10
    return 0


async def reboot(call: Call) -> int:
    """Start again; all that is stored stays."""
    await power.reboot(call.phone)
    return 0


def _alone(name: str) -> Command:
    """A program that is a service's command."""

    async def run(call: Call) -> int:
        return await cmd(replace(call, argv=["cmd", name, *call.arguments]))

    return run


async def _battery(call: Call, words: list[str]) -> int:
    return await dumpsys(replace(call, argv=["dumpsys", "battery", *words]))


SERVICES: Final[dict[str, Sub]] = {
    "wifi": _wifi, "bluetooth_manager": _bluetooth, "connectivity": _connectivity, "statusbar": _statusbar, "uimode": _uimode,
    "notification": _notification, "media_session": _media_session, "power": _power, "location": _location, "alarm": _alarm,
    "phone": _phone, "lock_settings": _lock_settings, "role": _role, "overlay": _quiet, "deviceidle": _quiet, "battery": _battery,
    "thermalservice": _quiet, "jobscheduler": _quiet, "appops": _quiet,
    "device_config": _device_config, "telecom": _telecom, "user": _quiet, "vibrator_manager": _quiet, "display": _quiet,
    "shortcut": _quiet, "netpolicy": _quiet,
}  # fmt: skip
COMMANDS: Final[dict[str, Command]] = {
    "cmd": cmd, "svc": svc, "service": service, "reboot": reboot, "telecom": _alone("telecom"), "locksettings": _alone("lock_settings"),
    "media": _alone("media_session"), "device_config": _alone("device_config"),
}  # fmt: skip
