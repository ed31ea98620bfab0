"""Permits where they are used: each for one action, and only while what it names is still there."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

from handeye.envs.env import Permit
from handeye.tools.errors import NotPermitted, TargetChanged
from handeye.tools.target import Target

SHOWN = 120
"""Characters of a value that a message quotes."""
NAMED = 3
"""Facts that a message names."""


class Permits:
    """Which permits were used. Every permit is good for one try, whether or not anything came of it."""

    def __init__(self) -> None:
        self._used: weakref.WeakValueDictionary[int, Permit] = weakref.WeakValueDictionary()

    def use(self, permit: Permit, found: Sequence[Target]) -> None:
        """Use `permit` for what was `found` on looking again.

        Raises `NotPermitted` when it was used before, `TargetChanged` when what it names is not what was found.
        """
        if self._used.get(id(permit)) is permit:
            raise NotPermitted("This permit was used already; each is for one action. Nothing was done: ask again.")
        self._used[id(permit)] = permit
        expect_targets(permit.targets, found)


def expect_targets(approved: Sequence[Target], found: Sequence[Target]) -> None:
    """Raise `TargetChanged`, saying what is otherwise, unless `found` says of the same things what `approved` says."""
    if len(approved) != len(found):
        raise changed(f"{len(approved)} things were to be touched, now there are {len(found)}")
    differences = [line for old, new in zip(approved, found, strict=True) for line in _differences(old, new)]
    if differences:
        more = len(differences) - NAMED
        raise changed("; ".join(differences[:NAMED]) + (f"; and {more} more" if more > 0 else ""))


def changed(what: str) -> TargetChanged:
    """The error for a target that is not what was approved; `what` says in which way."""
    return TargetChanged(f"What was approved is not there any more: {what}. Nothing was done: look again before going on.")


def _differences(old: Target, new: Target) -> list[str]:
    names = old.differs(new)
    if "identity" in names and len(names) == 1:
        return [f"{_called(old)} was replaced by another that looks the same"]
    told = [f"{name} was {_shown(getattr(old, name))}, is {_shown(getattr(new, name))}" for name in names if name != "identity"]
    return [f"another element, {_called(new)}", *told] if "identity" in names else told


def _called(target: Target) -> str:
    return " ".join(part for part in (target.role or target.place, _shown(target.name or target.text)) if part)


def _shown(value: object) -> str:
    if isinstance(value, frozenset):
        value = sorted(value)
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
