"""A whole phone, drawn by real Chromium, whose shell runs command lines."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from handeye.tools.browser.loop import LoopThread
from handeye.tools.simphone.chromium import launch, new_context
from handeye.tools.simphone.options import PhoneOptions
from handeye.tools.simphone.phone import Phone
from handeye.tools.simphone.pipes import Capture, Input
from handeye.tools.simphone.shell.interpreter import Shell, Streams

T = TypeVar("T")


@dataclass(frozen=True)
class Ran:
    """What a command line left."""

    raw: bytes
    err: str
    code: int

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class PhoneShell:
    """Runs command lines on a phone that lives on another thread's loop."""

    def __init__(self, loop: LoopThread, phone: Phone) -> None:
        self.loop = loop
        self.phone = phone

    def wait(self, work: Awaitable[T], limit_s: float = 60) -> T:
        async def run() -> T:
            return await work

        return self.loop.run(run(), limit_s)

    def __call__(self, script: str, stdin: bytes = b"") -> Ran:
        out, err = Capture(), Capture()
        code = self.wait(Shell(self.phone).run(script, Streams(Input(stdin), out, err)))
        return Ran(bytes(out.data), err.data.decode(), code)

    def ok(self, script: str, stdin: bytes = b"") -> str:
        """The output of a command line that must succeed."""
        ran = self(script, stdin)
        assert ran.code == 0, ran
        return ran.out

    def reset(self) -> None:
        """Be as at boot."""
        self.wait(self.phone.restore())

    def fault(self, name: str, value: float = 1) -> None:
        async def set_it() -> None:
            self.phone.faults.set(name, value)

        self.wait(set_it())


@contextlib.contextmanager
def phone_shell(options: PhoneOptions | None = None) -> Iterator[PhoneShell]:
    """A booted phone; Chromium and the loop end with it."""
    from playwright.async_api import async_playwright

    loop = LoopThread("phone")
    phone = Phone(options or PhoneOptions(clock="steps"))
    manager = async_playwright()

    async def open_it() -> None:
        browser = await launch(await manager.__aenter__())
        await phone.boot(await new_context(browser))

    async def close_it() -> None:
        await phone.close()
        await manager.__aexit__(None, None, None)

    try:
        loop.run(open_it(), 60)
        yield PhoneShell(loop, phone)
    finally:
        loop.run(close_it(), 30)
        loop.stop()
