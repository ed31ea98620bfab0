"""A window that an app lays over all others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cover:
    """A window that an app lays over all others (Android: TYPE_APPLICATION_OVERLAY), across the whole width."""

    package: str
    top: int
    bottom: int
    """Where it begins and ends, in pixels of the screen."""
    text: str
    through: bool
    """Whether touches go through it to what lies below (FLAG_NOT_TOUCHABLE)."""
