"""Which phone: what adb knows, connecting over a network, and choosing one."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from handeye.tools.android.deadline import Deadline
from handeye.tools.android.faults import UNAUTHORISED, is_address, reattach
from handeye.tools.android.server import ask
from handeye.tools.android.transport import Connection, Refused, ServerAddress
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, HandeyeError, SetupError

OFFLINE_LIMIT_S = 10.0
"""adb's server tries a lost phone again on a grid of about 3 s: after three of those it will not come by itself."""
CONNECT_LIMIT_S = 15.0
"""An address that nobody has is given up by the server's own connect after about 10 s."""
TRUST_LIMIT_S = 3.0
"""A phone that knows this computer's key says so within a second; one that asks its user is not waited for much longer."""
LOOK_S = 0.2
ANEW_S = 1.5
"""How long a phone of the network may be offline before it is connected anew."""
ANSWER_S = 3.0
"""How long a phone that is said to be attached may take to answer; one that has gone does not."""
ATTACH = "connect a phone with USB debugging on, `adb connect HOST:PORT` over Wi-Fi, start an emulator, or use the simulated phone (sim)"


class NotTrusted(SetupError):
    """The phone has not been told to trust this computer."""


@dataclass(frozen=True)
class Attached:
    """A phone that adb's server knows. `state`: `device` when all is well, else `offline`, `unauthorized`, `recovery`, ..."""

    serial: str
    state: str
    about: Mapping[str, str] = field(default_factory=dict)
    """What else the server says, as `model`."""

    @property
    def mend(self) -> str | None:
        """What makes it usable; None when it is."""
        match self.state:
            case "device":
                return None
            case "unauthorized" | "authorizing":
                return UNAUTHORISED
            case "offline" | "connecting":
                return reattach(self.serial)
            case state if "permissions" in state:
                return "add a udev rule for it (Debian, Ubuntu: the package android-sdk-platform-tools-common), or run adb as root"
            case "bootloader" | "recovery" | "sideload" | "rescue" | "host":
                return "restart the phone into Android"
        return "look at `adb devices -l`"


def read_devices(text: str) -> tuple[Attached, ...]:
    """The phones in the server's answer to `host:devices-l`: serial, state, then `key:value` words."""
    found = []
    for line in text.splitlines():
        parts = re.match(r"(\S+)\s+(no permissions[^;]*(?:;[^\[]*)?(?:\[[^\]]*\])?|\S+)\s*(.*)", line)
        if parts is None:
            continue
        about = dict(word.partition(":")[::2] for word in parts.group(3).split() if ":" in word)
        found.append(Attached(parts.group(1), parts.group(2).strip(), about))
    return tuple(found)


def attached(address: ServerAddress) -> tuple[Attached, ...]:
    """The phones that the server knows. Raises `SetupError` when it does not run."""
    return read_devices(ask(address, "host:devices-l"))


def connect(address: ServerAddress, target: str, limit_s: float = CONNECT_LIMIT_S) -> str:
    """Have the server connect to HOST:PORT; its serial. Nothing happens to a phone that is connected already.

    Raises `SetupError` with the step that mends it when nobody listens there or the phone does not trust this computer.
    """
    text = ask(address, f"host:connect:{target}", limit_s)
    if re.match(r"(?:already )?connected to ", text):
        return target
    if "failed to authenticate" in text:
        raise NotTrusted(f"The phone at {target} does not trust this computer yet.", fix=UNAUTHORISED)
    if "refused" in text:
        fix = "look up the address under 'Wireless debugging' on the phone (the port changes), or run `adb tcpip 5555` over USB first"
        raise SetupError(f"Nothing listens at {target}: {text.strip()}", fix=fix)
    raise SetupError(
        f"adb could not connect to {target}: {text.strip()}", fix="check the address, and that phone and computer share a network"
    )


def disconnect(address: ServerAddress, target: str) -> None:
    """Have the server forget a phone of the network. Nothing happens when it does not know it."""
    try:
        ask(address, f"host:disconnect:{target}")
    except HandeyeError as error:
        if "no such device" not in str(error):
            raise


def choose(address: ServerAddress, serial: str | None, wait_s: float = OFFLINE_LIMIT_S) -> str:
    """The serial of the phone to use, which answers.

    None takes the only one that is attached. HOST:PORT is connected to first. A phone that is offline is waited for, `wait_s` at
    most. Raises `SetupError` when there is none, when there are several and none is named, when it is unknown or does not trust this
    computer, and `DeviceLost` when it stays offline.
    """
    known = attached(address)
    if serial is None:
        serial = _only(known)
    elif not any(phone.serial == serial for phone in known):
        if not is_address(serial):
            raise SetupError(f"adb knows no phone {serial!r}. {_listed(known)}", fix="name one of those, or attach it")
        with suppress(NotTrusted):
            connect(address, serial)
    deadline, trust = Deadline(wait_s, "coming back"), Deadline(min(wait_s, TRUST_LIMIT_S), "asking whether to trust this computer")
    pause, anew = threading.Event(), Deadline(ANEW_S, "coming back by itself")
    while True:
        phone = next((phone for phone in attached(address) if phone.serial == serial), Attached(serial, "offline"))
        if phone.state == "device":
            return serial
        if phone.state == "unauthorized" and trust.passed:
            raise NotTrusted(f"The phone {serial} does not trust this computer yet.", fix=UNAUTHORISED)
        if phone.state not in ("offline", "connecting", "authorizing", "unauthorized"):
            raise SetupError(f"The phone {serial} cannot be used: it is {phone.state}.", fix=phone.mend)
        if deadline.passed:
            raise DeviceLost(f"The phone {serial} is {phone.state}, and was for {wait_s:.0f} s.", fix=phone.mend)
        if phone.state == "offline" and is_address(serial) and anew.passed:
            # The server may hold on to a connection that ended; it calls the phone "already connected" then, and tries no other.
            disconnect(address, serial)
            with suppress(HandeyeError):
                connect(address, serial, deadline.left(ANEW_S))
            anew = Deadline(ANEW_S, "coming back by itself")
        pause.wait(LOOK_S)


def reconnect(address: ServerAddress, serial: str, wait_s: float = OFFLINE_LIMIT_S) -> None:
    """Bring a phone back that was lost: one of the network is connected anew, others are waited for. Raises like `choose`."""
    if is_address(serial):
        state = next((phone.state for phone in attached(address) if phone.serial == serial), "")
        if state != "device" or not _answers(address, serial):
            if state:
                disconnect(address, serial)
            _connect_until(address, serial, Deadline(wait_s, f"connecting to {serial} again"))
    try:
        choose(address, serial, wait_s)
    except SetupError as error:
        raise DeviceLost(f"The phone {serial} did not come back: {error.args[0]}", fix=error.fix) from error


def _answers(address: ServerAddress, serial: str) -> bool:
    """Whether a phone that the server holds for attached is there: it learns of a loss only after a moment."""
    try:
        with Connection(address, Deadline(ANSWER_S, "asking the phone for an answer")) as connection:
            connection.request(f"host:transport:{serial}")
            connection.request("shell:true")
            connection.read_to_end()
    except (Refused, ConnectionError, DeviceError):
        return False
    return True


def _connect_until(address: ServerAddress, serial: str, deadline: Deadline) -> None:
    pause = threading.Event()
    while True:
        try:
            connect(address, serial, deadline.left(CONNECT_LIMIT_S))
            return
        except (SetupError, DeviceTimeout) as error:
            if deadline.passed:
                raise DeviceLost(f"The phone {serial} did not come back: {error.args[0]}", fix=error.fix) from error
        pause.wait(LOOK_S)


def _only(known: tuple[Attached, ...]) -> str:
    usable = [phone for phone in known if phone.state == "device"]
    if len(usable) == 1:
        return usable[0].serial
    if len(usable) > 1:
        raise SetupError(
            f"Several phones are attached, and none was named. {_listed(known)}", fix="name one by its serial: --device SERIAL"
        )
    if len(known) == 1:
        return known[0].serial
    if known:
        raise SetupError(f"No phone is ready. {_listed(known)}", fix=known[0].mend)
    raise SetupError("No phone is attached.", fix=ATTACH)


def _listed(known: tuple[Attached, ...]) -> str:
    if not known:
        return "None is attached."
    words = [f"{phone.serial} ({phone.about.get('model') or phone.state})" for phone in known]
    return f"Attached: {', '.join(words)}."
