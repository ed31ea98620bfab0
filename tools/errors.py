"""Every error that handeye raises, as one tree that says who is to blame.

- `InvalidAction`: our caller asked for something that the environment cannot do, may not do (`NotPermitted`), or was allowed to do to
  something that is not there any more (`TargetChanged`).
- `ParseError`: the model said something that cannot be read.
- `DeviceError`, `ModelError`: the world (a browser, a phone, a model server) failed.
- `StoppedByPerson`: the person at the screen wants it to end.
- `SetupError`: a piece is missing on this machine; `fix` holds the exact command or step that mends it.
- `TrajectoryError`: a folder on disk is not a trajectory that this version can read.

Messages are written for the one who can act on them: a `ParseError` is fed back to the model word for word, the others are
printed to the user as one line.
"""

from __future__ import annotations


class HandeyeError(Exception):
    """Root of the tree. `fix`, where there is one, is a command or a step that mends the cause."""

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.fix = fix

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} Fix: {self.fix}" if self.fix else message


class InvalidAction(HandeyeError):
    """The caller asked for an action that this environment or device does not have, or gave it impossible values."""


class NotPermitted(InvalidAction):
    """What was asked for is outside of what this run may do: a host, an app, a folder, a field for a secret. Nothing was done."""


class TargetChanged(InvalidAction):
    """What was approved is no longer there: between the look and the touch something else took its place. Nothing was done."""


class ParseError(HandeyeError):
    """The model's reply cannot be read as actions. The message tells the model what was wrong with it."""


class DeviceError(HandeyeError):
    """A device failed: it does not answer, refused the input, or showed an error of its own."""


class DeviceLost(DeviceError):
    """The device is gone (browser closed, cable pulled, X server dead): nothing more can be done with it."""


class DeviceTimeout(DeviceError):
    """The device did not answer in time; it may still be alive."""


class StoppedByPerson(HandeyeError):
    """The person at the screen stopped the run. Nothing is wrong: the device can be used again at once."""


class ModelError(HandeyeError):
    """A model backend failed: not loaded, not reachable, refused the request."""


class OutOfMemory(ModelError):
    """The memory of the device that runs the model ran out: fewer prompts together, or smaller ones, may fit."""


class SetupError(HandeyeError):
    """Something that handeye needs is not installed or not configured on this machine."""


class TrajectoryError(HandeyeError):
    """A folder is not a trajectory, is damaged beyond its last line, or was written by a newer handeye."""
