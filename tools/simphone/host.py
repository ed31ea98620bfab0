"""`Host`: one Chromium and the phones that it draws, all on the event loop that runs now."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handeye.tools.browser.faults import start_fault
from handeye.tools.browser.session import missing_package
from handeye.tools.egress import EgressProxy
from handeye.tools.egress.hosts import Allowed
from handeye.tools.errors import DeviceError
from handeye.tools.simphone.adbd import Adbd
from handeye.tools.simphone.chromium import launch, new_context
from handeye.tools.simphone.commands.registry import programs
from handeye.tools.simphone.files import FileFault
from handeye.tools.simphone.options import PhoneOptions
from handeye.tools.simphone.phone import Phone
from handeye.tools.simphone.pipes import Capture, Closed, Input
from handeye.tools.simphone.shell.flow import ExitShell
from handeye.tools.simphone.shell.interpreter import Shell, Streams
from handeye.tools.simphone.web import EMULATOR_HOST, allowed_hosts

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

BOOTS_AT_ONCE = 2
"""Phones that begin side by side; more only wait for one another's pages."""
CLOSE_LIMIT_S = 5.0


@dataclass(frozen=True)
class Output:
    """What a script on the phone gave."""

    code: int
    out: bytes
    err: bytes


@dataclass(frozen=True)
class Hosted:
    """A phone that adb can connect to."""

    phone: Phone
    adbd: Adbd

    @property
    def serial(self) -> str:
        """What adb calls it once it is connected."""
        return f"127.0.0.1:{self.adbd.port}"


class Host:
    """Starts phones and ends them. Everything of it is for one event loop."""

    def __init__(self) -> None:
        self.phones: list[Hosted] = []
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._proxies: list[EgressProxy] = []

    async def start(self, options: Sequence[PhoneOptions]) -> list[Hosted]:
        """Boot phones; they are drawn and can be connected to.

        Raises `SetupError` when Playwright or a Chromium is missing, `DeviceError` when the browser does not start or a port is
        taken. Nothing is left running then.
        """
        programs()
        for each in options:
            _need_port(each.port)
        try:
            await self._open_browser()
            gate = asyncio.Semaphore(BOOTS_AT_ONCE)
            booted = await asyncio.gather(*(self._boot(each, gate) for each in options), return_exceptions=True)
        except BaseException:
            await self.close()
            raise
        failures = [each for each in booted if isinstance(each, BaseException)]
        if failures:
            await self.close()
            raise failures[0]
        fresh = [each for each in booted if isinstance(each, Hosted)]
        self.phones += fresh
        return fresh

    async def stop(self, hosted: Hosted) -> None:
        """End one phone."""
        self.phones.remove(hosted)
        await self._end(hosted)

    async def close(self) -> None:
        """End all phones and the browser. A second call does nothing."""
        phones, self.phones = self.phones, []
        for hosted in phones:
            await self._end(hosted)
        browser, self._browser = self._browser, None
        playwright, self._playwright = self._playwright, None
        if browser is not None:
            await _quietly(browser.close())
        if playwright is not None:
            await _quietly(playwright.stop())
        while self._proxies:
            self._proxies.pop().close()

    async def _open_browser(self) -> None:
        if self._browser is not None:
            return
        try:
            from playwright.async_api import Error, async_playwright
        except ImportError as error:
            raise missing_package(error) from error
        try:
            self._playwright = await async_playwright().start()
            self._browser = await launch(self._playwright)
        except Error as error:
            raise start_fault(error) from error

    async def _boot(self, options: PhoneOptions, gate: asyncio.Semaphore) -> Hosted:
        assert self._browser is not None
        async with gate:
            phone = Phone(options)
            proxy = self._proxy(options)
            await phone.boot(await new_context(self._browser, proxy))
            adbd = Adbd(phone)
            try:
                await adbd.start(options.port)
            except OSError as error:
                await phone.close()
                raise _taken(options.port, error) from error
            return Hosted(phone, adbd)

    def _proxy(self, options: PhoneOptions) -> str:
        """Address of the proxy through which a phone with a list of hosts reaches them; empty: it has none. Raises `SetupError`."""
        if allowed_hosts(options) is None:
            return ""
        # The pages see the machine under the address that it has on an emulator.
        here = [pattern.replace(EMULATOR_HOST, "127.0.0.1") for pattern in options.allow_hosts]
        proxy = EgressProxy.start(Allowed.read(here, options.load_hosts))
        self._proxies.append(proxy)
        return proxy.address

    async def _end(self, hosted: Hosted) -> None:
        await hosted.adbd.close()
        await _quietly(hosted.phone.close())


def _need_port(port: int) -> None:
    """Raises `DeviceError` before anything is started, when a port is taken."""
    if port:
        try:
            with socket.create_server(("127.0.0.1", port)):
                return
        except OSError as error:
            raise _taken(port, error) from error


def _taken(port: int, error: OSError) -> DeviceError:
    return DeviceError(f"Port {port} cannot be listened on: {os.strerror(error.errno or 0)}.", fix="choose another port")


async def run_script(phone: Phone, script: str, stdin: bytes = b"") -> Output:
    """Run a script on the phone without adb, as when adb is what does not answer."""
    out, err = Capture(), Capture()
    shell = Shell(phone)
    try:
        code = await shell.run(script, Streams(Input(stdin), out, err))
    except ExitShell as jump:
        code = jump.code
    except (Closed, FileFault):
        code = 1
    return Output(code, bytes(out.data), bytes(err.data))


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    """Close something that may be gone already."""
    from playwright.async_api import Error

    with contextlib.suppress(Error, DeviceError, TimeoutError, OSError):
        async with asyncio.timeout(CLOSE_LIMIT_S):
            await work
