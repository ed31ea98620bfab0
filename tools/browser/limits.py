"""The part of a browser's driver that keeps to limits: files for pages, effects held back, and what was refused."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from handeye.tools.browser.cover import Cover
from handeye.tools.browser.downloads import upload_refusal
from handeye.tools.browser.effects import Effects, HeldRequest
from handeye.tools.browser.options import BrowserOptions
from handeye.tools.browser.refusals import Refused
from handeye.tools.browser.session import Session
from handeye.tools.errors import InvalidAction, NotPermitted

T = TypeVar("T")


class LimitedDriver(ABC):
    """What `BrowserDriver` is built on."""

    options: BrowserOptions
    _session: Session

    @property
    def refusals(self) -> tuple[Refused, ...]:
        """What was refused since the last `renew`, in order."""
        return tuple(self._session.gate.refused)

    def hold_effects(self, identity: str, harmless: tuple[str, ...] = (), cover: Cover | None = None) -> None:
        """For the next input: hold back what its page then sends that would change something on a server, told as following `identity`.

        `harmless`: what may be sent all the same, as `METHOD host/path`, `*` at the end for any path that begins so. `cover`: what was
        allowed; None: nothing. Raises `InvalidAction` for a browser that was started without `guard`.
        """
        self._effects(lambda effects: effects.hold(identity, harmless, cover))

    def release_effects(self) -> tuple[HeldRequest, ...]:
        """What was held back since `hold_effects` or the last call. Until the next input, for `AFTER_INPUT_S` at most, the page still sends
        nothing that changes something; input without `hold_effects` before it may, and ends this. Moving and scrolling do not."""
        return self._effects(lambda effects: effects.release())

    def effects_sent(self) -> bool:
        """Whether something was sent since `hold_effects` that its `cover` covers."""
        return self._effects(lambda effects: effects.sent)

    def choose_files(self, paths: Sequence[str | Path]) -> None:
        """Answer the file chooser; no paths cancel it. Raises `InvalidAction` when none is open or a file is not there, `NotPermitted`
        for a file outside of `options.upload_from`."""
        # As judged, so they are given: a link could lead elsewhere a moment later.
        limited = self.options.restricted or self.options.upload_from is not None
        files = [Path(path).resolve() if limited else Path(path) for path in paths]
        for path in files:
            if (why := upload_refusal(self.options, path)) is not None:
                self._session.gate.refuse("upload", str(path), why, "")
                raise NotPermitted(f"{path} may not be given to a page: {why}")
        missing = [str(path) for path in files if not path.is_file()]
        if missing:
            raise InvalidAction(f"there is no such file: {', '.join(missing)}")

        async def work() -> None:
            tab = self._session.tab
            chooser = tab.chooser
            if chooser is None:
                raise InvalidAction("no file chooser is open")
            if len(files) > 1 and not chooser.is_multiple():
                raise InvalidAction("this file chooser takes one file only")
            tab.chooser = None
            self._session.gate.touched()
            if files:
                await chooser.set_files([str(path) for path in files])

        self._call("choosing files", work())

    @abstractmethod
    def _call(self, doing: str, work: Coroutine[Any, Any, T], limits: float = 1.0, extra_s: float = 0.0) -> T:
        """What `work` gives on the event loop, within `limits` times the time limit and `extra_s`."""

    def _effects(self, work: Callable[[Effects], T]) -> T:
        effects = self._session.gate.effects
        if effects is None:
            raise InvalidAction("this browser was started without a guard: what its pages send cannot be held back")

        async def done() -> T:
            return work(effects)

        return self._call("holding requests back", done())
