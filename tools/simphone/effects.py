"""What follows from a setting: the screen turns, radios switch, the keyboard changes."""

from __future__ import annotations

from handeye.tools.simphone.state import DeviceState, Namespace

WIFI_ON = ("1", "2")
"""Values of global/wifi_on for Wi-Fi that is on; 2: switched on again in aeroplane mode; 0 is off, 3 is off because of that mode
(AOSP: WifiSettingsStore)."""


def put_setting(state: DeviceState, namespace: Namespace, key: str, value: str) -> None:
    """Set a setting, and do what the phone does then."""
    before = state.facts.settings[namespace].get(key)
    state.put_setting(namespace, key, value)
    _follow(state, namespace, key, before)


def delete_setting(state: DeviceState, namespace: Namespace, key: str) -> bool:
    """Take a setting away, and do what the phone does then; whether it was there."""
    before = state.facts.settings[namespace].get(key)
    found = state.delete_setting(namespace, key)
    _follow(state, namespace, key, before)
    return found


def _follow(state: DeviceState, namespace: Namespace, key: str, before: str | None) -> None:
    value = state.facts.settings[namespace].get(key)
    if value == before:
        return
    match namespace, key:
        case "global", "airplane_mode_on":
            _airplane(state, value == "1")
        case "system", "accelerometer_rotation" | "user_rotation":
            turn(state)
        case "secure", "default_input_method" | "enabled_input_methods":
            state.changed("ime")
        case "system", "font_scale":
            state.changed("display")
        case "secure", "location_mode":
            providers = "gps,network" if value not in (None, "0") else ""
            state.put_setting("secure", "location_providers_allowed", providers)


def _airplane(state: DeviceState, on: bool) -> None:
    wifi, bluetooth = state.setting("global", "wifi_on", "0"), state.setting("global", "bluetooth_on", "0")
    if on:
        moves = {"wifi_on": "3" if wifi == "1" else wifi, "bluetooth_on": "2" if bluetooth == "1" else bluetooth}
    else:
        moves = {"wifi_on": "1" if wifi in ("2", "3") else wifi, "bluetooth_on": "1" if bluetooth == "2" else bluetooth}
    for name, value in moves.items():
        if state.setting("global", name) != value:
            state.put_setting("global", name, value)


def turn(state: DeviceState) -> None:
    """Bring the rotation to the settings. With auto-rotation the phone is held upright."""
    free = state.setting("system", "accelerometer_rotation", "0") == "1"
    wanted = state.setting("system", "user_rotation", "0")
    rotation = int(wanted) if not free and wanted in ("0", "1", "2", "3") else 0
    if rotation != state.facts.rotation:
        state.facts.rotation = rotation
        state.changed("display")


def airplane_on(state: DeviceState) -> bool:
    """Whether aeroplane mode is on."""
    return state.setting("global", "airplane_mode_on") == "1"


def wifi_on(state: DeviceState) -> bool:
    """Whether Wi-Fi is on, as `dumpsys wifi` would say."""
    return state.setting("global", "wifi_on") in WIFI_ON


def wifi_name(state: DeviceState) -> str:
    """The network that the phone is in; empty: none."""
    return state.setting("secure", "wifi_ssid", "HarbourHouse") if wifi_on(state) else ""


def switch_wifi(state: DeviceState, on: bool) -> None:
    """Switch Wi-Fi, in aeroplane mode too."""
    put_setting(state, "global", "wifi_on", ("2" if airplane_on(state) else "1") if on else "0")


def bluetooth_on(state: DeviceState) -> bool:
    """Whether Bluetooth is on; the value 2 is off because of aeroplane mode."""
    return state.setting("global", "bluetooth_on") == "1"


def switch_bluetooth(state: DeviceState, on: bool) -> None:
    """Switch Bluetooth."""
    put_setting(state, "global", "bluetooth_on", "1" if on else "0")
