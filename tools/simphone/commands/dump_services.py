"""What `dumpsys` says of the smaller services."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from handeye.tools.simphone import packages
from handeye.tools.simphone.activities import pid_of
from handeye.tools.simphone.commands.dump_window import flag, mark
from handeye.tools.simphone.databases import DatabaseFault
from handeye.tools.simphone.effects import airplane_on, bluetooth_on, wifi_name, wifi_on
from handeye.tools.simphone.telephony import CALL_STATES

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

Dump: TypeAlias = Callable[["Phone", list[str]], str]
"""What a service prints for its arguments."""
ALARMS: Final = "/data/user_de/0/com.google.android.deskclock/databases/alarms.db"
BATTERY_STATUS: Final = {"unknown": 1, "charging": 2, "discharging": 3, "not-charging": 4, "full": 5}
PLUGS: Final = {"ac": 1, "usb": 2, "wireless": 4, "dock": 8}
"""android.os.BatteryManager.BATTERY_PLUGGED_*."""
STREAMS: Final = ("VOICE_CALL", "SYSTEM", "RING", "MUSIC", "ALARM", "NOTIFICATION")


def dump_battery(phone: Phone, arguments: list[str]) -> str:
    """`dumpsys battery [set KEY VALUE|unplug|reset]`."""
    battery = phone.state.facts.battery
    match [word for word in arguments if word != "-f"]:
        case ["unplug"]:
            battery.update(plugged=0, status=3, stopped=1)
        case ["reset"]:
            battery.update(level=100, status=2, plugged=1, stopped=0)
        case ["set", key, value] if (number := _battery_value(key, value)) is not None:
            if key in PLUGS:
                battery["plugged"] = battery.get("plugged", 0) | PLUGS[key] if number else battery.get("plugged", 0) & ~PLUGS[key]
            else:
                battery[key] = number
            battery["stopped"] = 1
        case ["set", *_]:
            return "Unknown set option" if len(arguments) > 1 else "No option specified"
        case ["get", key]:
            return str(battery.get(key, ""))
        case []:
            return _battery(battery)
        case _:
            return "Dump current battery state, or:\n  set [-f] [ac|usb|wireless|status|level|temp|present|counter] <value>"
    phone.state.changed("power", "battery")
    return ""


def _battery_value(key: str, value: str) -> int | None:
    if key == "status" and value in BATTERY_STATUS:
        return BATTERY_STATUS[value]
    if key not in (*PLUGS, "status", "level", "temp", "present", "counter", "invalid", "voltage") or not value.lstrip("-").isdigit():
        return None
    return int(value)


def _battery(battery: dict[str, int]) -> str:
    plugged = battery.get("plugged", 0)
    lines = ["Current Battery Service state:"]
    lines += ["  (UPDATES STOPPED -- use 'reset' to restart)"] if battery.get("stopped") else []
    return "\n".join([
        *lines, f"  AC powered: {flag(bool(plugged & 1))}", f"  USB powered: {flag(bool(plugged & 2))}",
        f"  Wireless powered: {flag(bool(plugged & 4))}", f"  Dock powered: {flag(bool(plugged & 8))}", "  Max charging current: 3000000",
        "  Max charging voltage: 5000000", "  Charge counter: 2990000", f"  status: {battery.get('status', 2)}", "  health: 2",
        f"  present: {flag(bool(battery.get('present', 1)))}", f"  level: {battery.get('level', 100)}", "  scale: 100",
        f"  voltage: {battery.get('voltage', 4300)}", f"  temperature: {battery.get('temp', 250)}", "  technology: Li-ion",
    ])  # fmt: skip


def _package(phone: Phone, arguments: list[str]) -> str:
    names = [word for word in arguments if not word.startswith("-")]
    if not names or names[0] in ("packages", "p"):
        return "\n".join(packages.describe(phone.state, entry) for entry in packages.installed(phone.state))
    entry = packages.find(phone.state, names[-1])
    if entry is None:
        return f"Unable to find package: {names[-1]}"
    return packages.describe(phone.state, entry)


def _telephony(phone: Phone, arguments: list[str]) -> str:
    call = phone.state.facts.call
    number = CALL_STATES.get(call.get("state", ""), 0)
    incoming = call.get("number", "") if call.get("state") == "ringing" or call.get("direction") == "in" else ""
    return "\n".join([
        "last known state:", "  Phone Id=0", f"  mCallState={number}",
        f"  mRingingCallState={number if call.get('state') == 'ringing' else 0}",
        f"  mForegroundCallState={1 if number == 2 else 0}", f"  mCallIncomingNumber={incoming}",
        f"  mServiceState={{mVoiceRegState={'3(POWER_OFF)' if airplane_on(phone.state) else '0(IN_SERVICE)'}}}",
        "  mSignalStrength=SignalStrength:{mLte=CellSignalStrengthLte: rssi=-51 rsrp=-90 level=4}",
        f"  mDataConnectionState={2 if phone.state.setting('global', 'mobile_data', '1') == '1' and not airplane_on(phone.state) else 0}",
        "registrations: count=0",
    ])  # fmt: skip


def _notification(phone: Phone, arguments: list[str]) -> str:
    lines = ["Current Notification Manager state:", "  Notification List:"]
    plain = "--noredact" in arguments
    for entry in phone.state.facts.notifications:
        key = f"0|{entry.package}|{entry.id}|null|10100"
        title = f"String ({entry.title})" if plain else f"String [length={len(entry.title)}]"
        text = f"String ({entry.text})" if plain else f"String [length={len(entry.text)}]"
        lines += [
            f"    NotificationRecord(0x{mark(key)}: pkg={entry.package} user=UserHandle{{0}} id={entry.id} tag=null"
            f" importance=3 key={key})",
            f"      uid=10100 userId=0\n      opPkg={entry.package}\n      flags=0x10",
            "      notification=",
            f"            when={entry.posted_ms}\n            extras={{",
            f"                android.title={title}",
            f"                android.text={text}",
            "            }",
        ]
    lines += ["", f"  mInterruptionFilter={1 if phone.state.setting('global', 'zen_mode', '0') == '0' else 2}",
              f"  mZenMode={phone.state.setting('global', 'zen_mode', '0')}"]  # fmt: skip
    return "\n".join(lines)


def _alarm(phone: Phone, arguments: list[str]) -> str:
    state = phone.state
    lines = ["Current Alarm Manager state:", f"  nowRTC={state.clock.now_ms}={state.clock.now.strftime('%Y-%m-%d %H:%M:%S')}"]
    try:
        rows = state.databases.run(ALARMS, "SELECT * FROM alarm_templates WHERE enabled = 1") if state.files.get(ALARMS) else []
    except DatabaseFault:
        rows = []
    lines.append(f"  {len(rows)} pending alarms:")
    for row in rows:
        when = f"{row['hour']:02d}:{row['minutes']:02d}"
        name = f"Alarm{{{mark(str(row))} type 0 com.google.android.deskclock}}"
        lines.append(f"    RTC_WAKEUP #{row['_id']}: {name} at {when} label={row['label']}")
    return "\n".join(lines)


def _wifi(phone: Phone, arguments: list[str]) -> str:
    on, name = wifi_on(phone.state), wifi_name(phone.state)
    network = f'"{name}", BSSID: 00:13:10:85:fe:01' if name else "<unknown ssid>, BSSID: <none>"
    return "\n".join([
        f"Wi-Fi is {'enabled' if on else 'disabled'}", f"Verbose logging is off\nmAirplaneModeOn {flag(airplane_on(phone.state))}",
        f"mWifiInfo SSID: {network}, Supplicant state: "
        f"{'COMPLETED' if on else 'DISCONNECTED'}, IP: {'/10.0.2.16' if on else 'null'}",
        f"mNetworkInfo [type: WIFI[], state: {'CONNECTED/CONNECTED' if on else 'DISCONNECTED/DISCONNECTED'}]",
    ])  # fmt: skip


def _bluetooth(phone: Phone, arguments: list[str]) -> str:
    on = bluetooth_on(phone.state)
    return "\n".join(["Bluetooth Status", f"  enabled: {flag(on)}", f"  state: {'ON' if on else 'OFF'}", "  address: 00:11:22:33:44:55",
                      f"  name: {phone.state.setting('global', 'device_name', 'handeye')}"])  # fmt: skip


def _meminfo(phone: Phone, arguments: list[str]) -> str:
    names = sorted(phone.screen.running)
    wanted = [word for word in arguments if not word.startswith("-")]
    if wanted:
        if wanted[0] not in names:
            return f"No process found for: {wanted[0]}"
        head = f"Applications Memory Usage (in Kilobytes):\n\n** MEMINFO in pid {pid_of(wanted[0])} [{wanted[0]}] **"
        return f"{head}\n           TOTAL PSS:    65536            TOTAL RSS:   131072"
    lines = ["Applications Memory Usage (in Kilobytes):", "", "Total PSS by process:"]
    lines += [f"     65,536K: {name} (pid {pid_of(name)} / activities)" for name in names]
    return "\n".join([*lines, "", "Total RAM: 4,029,012K (status normal)", " Free RAM: 2,014,506K"])


def _cpuinfo(phone: Phone, arguments: list[str]) -> str:
    lines = ["Load: 0.1 / 0.1 / 0.1", "CPU usage from 10000ms to 0ms ago:"]
    lines += [f"  0.1% {pid_of(name)}/{name}: 0.1% user + 0% kernel" for name in sorted({"system_server", *phone.screen.running})]
    return "\n".join([*lines, "1% TOTAL: 0.5% user + 0.5% kernel"])


def _deviceidle(phone: Phone, arguments: list[str]) -> str:
    return "  Settings:\n  mLightEnabled=true  mDeepEnabled=true\n  mState=ACTIVE mLightState=ACTIVE\n  mScreenOn=" + flag(
        phone.state.facts.awake
    )


def _location(phone: Phone, arguments: list[str]) -> str:
    on = phone.state.setting("secure", "location_mode", "3") != "0"
    return f"Location Manager State:\n  User Info:\n    running users: u0\n  Location Settings:\n    Location Setting: {'[u0] ' + flag(on)}"


def _audio(phone: Phone, arguments: list[str]) -> str:
    lines = ["Stream volumes (device: index)"]
    for name in STREAMS:
        level = phone.state.setting("system", f"volume_{name.lower()}", "5")
        lines += [
            f"- STREAM_{name}:",
            "   Muted: " + flag(level == "0"),
            "   Min: 0\n   Max: 15",
            f"   streamVolume:{level}",
            f"   Current: 2 (speaker): {level}",
        ]
    silent = phone.state.setting("system", "volume_ring", "5") == "0"
    return "\n".join([*lines, "", f"Ringer mode:\n- mode (internal) = {'VIBRATE' if silent else 'NORMAL'}"])


def _connectivity(phone: Phone, arguments: list[str]) -> str:
    on = wifi_on(phone.state)
    data = phone.state.setting("global", "mobile_data", "1") == "1" and not airplane_on(phone.state)
    lines = [f"Active default network: {'100' if on else '101' if data else 'none'}"]
    lines += ["NetworkAgentInfo{network{100} handle{432902426637} ni{WIFI CONNECTED extra: }}"] if on else []
    lines += ["NetworkAgentInfo{network{101} handle{437197393933} ni{MOBILE[LTE] CONNECTED extra: }}"] if data else []
    return "\n".join(lines)


def _gfxinfo(phone: Phone, arguments: list[str]) -> str:
    name = next((word for word in arguments if not word.startswith("-")), "")
    if name not in phone.screen.running:
        return f"No process found for: {name}" if name else "Applications Graphics Acceleration Info:"
    head = f"Applications Graphics Acceleration Info:\n\n** Graphics info for pid {pid_of(name)} [{name}] **"
    return f"{head}\n\nTotal frames rendered: {phone.screen.frames}\nJanky frames: 0 (0.00%)"


def _clipboard(phone: Phone, arguments: list[str]) -> str:
    return "Clipboard state:\n  " + ("ClipData { text/plain }" if phone.state.facts.clipboard else "empty")


def _uimode(phone: Phone, arguments: list[str]) -> str:
    night = phone.state.setting("secure", "ui_night_mode", "1")
    return (
        f"Current UI Mode Service state:\n  mNightMode={night} ({'yes' if night == '2' else 'no'}) mComputedNightMode={flag(night == '2')}"
    )


def _settings(phone: Phone, arguments: list[str]) -> str:
    lines = []
    for name, table in phone.state.facts.settings.items():
        lines.append(f"{name.upper()} SETTINGS (user 0)")
        lines += [f"_id:{index} name:{key} value:{value}" for index, (key, value) in enumerate(sorted(table.items()), 1)]
    return "\n".join(lines)


def _user(phone: Phone, arguments: list[str]) -> str:
    return "Current user: 0\nUsers:\n  UserInfo{0:Owner:4c13} serialNo=0 isPrimary=true\n    State: RUNNING_UNLOCKED"


def _statusbar(phone: Phone, arguments: list[str]) -> str:
    return "  mDisabled1=0x0\n  mDisabled2=0x0\n  mDisableRecords.size=0"


def _nothing(phone: Phone, arguments: list[str]) -> str:
    return ""


SERVICES: Final[dict[str, Dump]] = {
    "battery": dump_battery, "package": _package, "telephony.registry": _telephony, "notification": _notification, "alarm": _alarm,
    "wifi": _wifi, "bluetooth_manager": _bluetooth, "meminfo": _meminfo, "cpuinfo": _cpuinfo, "deviceidle": _deviceidle,
    "location": _location, "audio": _audio, "connectivity": _connectivity, "gfxinfo": _gfxinfo, "clipboard": _clipboard,
    "uimode": _uimode, "settings": _settings, "user": _user, "statusbar": _statusbar,
    **dict.fromkeys(("account", "accessibility", "appops", "batterystats", "content", "diskstats", "dropbox", "iphonesubinfo", "isms",
                     "jobscheduler", "media_session", "netstats", "package_native", "permission", "phone", "procstats",
                     "sensorservice", "shortcut", "telecom", "usagestats", "usb", "vibrator_manager", "wallpaper"), _nothing),
}  # fmt: skip
"""By name of the service."""
