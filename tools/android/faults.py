"""What adb's server and Android's shell say when something goes wrong, as errors of ours with the step that mends it."""

from __future__ import annotations

import re

from handeye.tools.errors import DeviceError, DeviceLost, HandeyeError, SetupError

VENDOR_LOCK = (
    "in the phone's developer options turn on 'USB debugging (Security settings)' (Xiaomi, Redmi, POCO: sign in and insert a SIM first) or "
    "'Disable permission monitoring' (OPPO, realme, OnePlus), then plug the phone in again"
)
"""What frees input and keyboards where a vendor locks them (zai-org/Open-AutoGLM issues 228, 188, 130, 180, 260)."""
UNAUTHORISED = "unlock the phone and accept 'Allow USB debugging?'; if nothing is asked, revoke the authorisations in the developer options"


def refused(text: str, serial: str, doing: str) -> HandeyeError:
    """Our error for a `FAIL` of adb's server. `serial`: the phone that was meant; `doing`: words such as "tapping"."""
    said = text.strip() or "no reason given"
    if "unauthorized" in said or "failed to authenticate" in said:
        return SetupError(f"The phone {serial} does not trust this computer yet.", fix=UNAUTHORISED)
    if "not found" in said or "no devices" in said:
        return DeviceLost(f"The phone {serial} is not attached any more ({said}, while {doing}).", fix=reattach(serial))
    if "offline" in said or "still connecting" in said:
        return DeviceLost(f"The phone {serial} is offline ({said}, while {doing}).", fix=reattach(serial))
    if "no permissions" in said:
        return SetupError(f"This user may not open the phone {serial}: {said}", fix="add a udev rule for it, or run adb's server as root")
    if said in ("closed", "error: closed"):
        return DeviceError(f"The phone {serial} refused the service while {doing}: its Android is too old or does not allow it.")
    return DeviceError(f"adb refused while {doing}: {said}")


def cut_off(serial: str, doing: str) -> DeviceLost:
    """Our error for a connection that ended in the middle of an answer."""
    return DeviceLost(f"The connection to the phone {serial} broke off while {doing}.", fix=reattach(serial))


def reattach(serial: str) -> str:
    """How a phone that went away is brought back."""
    if is_address(serial):
        return f"see that the phone is on and in the network, then `adb connect {serial}`"
    return "see that the phone is on, check the cable, and look at `adb devices -l`"


def is_address(serial: str) -> bool:
    """Whether a serial is an address in a network, HOST:PORT, as `adb connect` makes them."""
    return re.fullmatch(r".+:\d{1,5}", serial) is not None


def command_fault(output: str, doing: str) -> DeviceError | None:
    """Our error for what a command printed, if it speaks of a failure that no exit code tells: a vendor's lock, an exception."""
    if "SecurityException" in output or "INJECT_EVENTS" in output or "WRITE_SECURE_SETTINGS" in output:
        return DeviceError(f"The phone does not let adb do this ({doing}): {first_line(output, 'SecurityException')}", fix=VENDOR_LOCK)
    if re.search(r"^(?:java\.|android\.)[\w.]+(?:Exception|Error)\b|^Exception occurred", output, re.MULTILINE):
        return DeviceError(f"The phone failed while {doing}: {first_line(output, 'Exception')}")
    return None


def first_line(output: str, word: str = "") -> str:
    """The first line that holds `word`, else the first line, shortened."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    chosen = next((line for line in lines if word in line and len(line) > len(word)), lines[0] if lines else "no output")
    return chosen[:300]
