"""Jumps out of a script's commands."""

from __future__ import annotations


class ExitShell(Exception):
    """`exit`."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ReturnFrom(Exception):
    """`return`."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class LoopJump(Exception):
    """`break` or `continue`, out of so many loops."""

    code = 0

    def __init__(self, levels: int, leave: bool) -> None:
        super().__init__(levels, leave)
        self.levels = levels
        self.leave = leave

    def left_after(self, loop: object) -> bool:
        """Whether the loop that caught it ends. Raises itself again when an outer loop is meant."""
        if self.levels > 1:
            raise LoopJump(self.levels - 1, self.leave)
        return self.leave
