"""An asyncio event loop on a thread of its own, called from ordinary code."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from handeye.tools.errors import DeviceLost, DeviceTimeout

T = TypeVar("T")


class LoopThread:
    """Runs coroutines on a daemon thread. Safe to use from any thread but its own, inside or outside of other event loops."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether calls can be made."""
        return self._thread.is_alive() and not self._loop.is_closed()

    def run(self, coroutine: Coroutine[Any, Any, T], limit_s: float) -> T:
        """What the coroutine returns or raises. Raises `DeviceTimeout` when it takes longer than `limit_s` (it is cancelled then)."""
        if not self.alive:
            coroutine.close()
            raise DeviceLost("The browser is closed.")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(limit_s)
        except concurrent.futures.TimeoutError as error:
            if future.done() and not future.cancelled():
                raise
            raise DeviceTimeout(f"The browser did not answer within {limit_s:.0f} s.") from error
        except concurrent.futures.CancelledError as error:
            raise DeviceLost("The browser is closed.") from error
        finally:
            future.cancel()

    def stop(self) -> None:
        """Cancel what still runs and end the thread. A second call does nothing."""
        if not self.alive:
            return
        self._loop.call_soon_threadsafe(self._cancel_and_stop)
        self._thread.join(5)
        if not self._thread.is_alive():
            self._loop.close()

    def _cancel_and_stop(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()

        async def end() -> None:
            await asyncio.gather(*tasks, return_exceptions=True)
            self._loop.stop()

        self._ending = self._loop.create_task(end())
