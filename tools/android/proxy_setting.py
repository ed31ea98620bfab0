"""A phone's own setting of an HTTP proxy, for a proxy on this computer; put back as it was at the end."""

from __future__ import annotations

import re
from contextlib import suppress

from handeye.tools.android.transport import DeviceLink, quoted
from handeye.tools.errors import DeviceError, HandeyeError, SetupError

NONE = ":0"
"""What Android takes for no proxy at once; a setting that is only deleted stays in force until the phone starts anew."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ProxySetting:
    """Sends what keeps to the setting (the browser, web views, most libraries) to a proxy on this computer.

    Apps that open connections of their own, with sockets or QUIC, are not held by it: Android has no way to hold them without a VPN.
    """

    def __init__(self, link: DeviceLink, port: int) -> None:
        """Raises `SetupError` when the phone does not take the setting, or its adb server runs on another computer."""
        if link.address.host not in LOOPBACK:
            raise SetupError(
                f"adb's server runs on {link.address.host}: a phone there cannot reach a proxy of this computer.",
                fix="run handeye where the adb server is, or leave the list of hosts out",
            )
        self._link = link
        self._port = port
        before = self._read()
        # A proxy on the phone itself is what a run left behind that was killed.
        self._before = NONE if before.startswith("127.0.0.1:") else before
        self._over = False
        try:
            link.reverse(f"tcp:{port}", f"tcp:{port}")
            self._write(f"127.0.0.1:{port}")
            if self._read() != f"127.0.0.1:{port}":
                raise DeviceError("it kept another proxy")
        except HandeyeError as error:
            self.close()
            raise SetupError(f"The phone does not take the setting of a proxy, so a list of hosts cannot be kept: {error}") from error

    def close(self) -> None:
        """Put the setting back. A second call does nothing."""
        if self._over:
            return
        self._over = True
        with suppress(HandeyeError):
            self._write(self._before)
        with suppress(HandeyeError):
            self._link.end_reverse(f"tcp:{self._port}")

    def _read(self) -> str:
        said = self._link.shell("settings get global http_proxy", doing="reading its proxy").text.strip()
        return said if re.fullmatch(r"[^\s:]*:\d+", said) else NONE

    def _write(self, value: str) -> None:
        done = self._link.shell(quoted(["settings", "put", "global", "http_proxy", value]), doing="setting its proxy")
        if done.code != 0 or "Exception" in done.all_text:
            raise DeviceError(done.all_text.strip().splitlines()[0] if done.all_text.strip() else "the setting was refused")
