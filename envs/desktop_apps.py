"""The programs of a desktop that a run may touch."""

from __future__ import annotations

from collections.abc import Sequence

from handeye.envs.desktop_notes import active, named
from handeye.envs.desktop_targets import Aim
from handeye.tools.desktop.look import program_of
from handeye.tools.desktop.windows import Window
from handeye.tools.errors import NotPermitted

_MOST = 4
"""Windows that are named one by one."""


def refuse_others(aim: Aim, apps: Sequence[str]) -> None:
    """Raise `NotPermitted` when input would go to a window of a program that is not among `apps`. The empty desktop is nobody's."""
    for spot in aim.spots:
        if aim.keyboard and not spot.window:
            raise NotPermitted(f"No window has the keyboard, so nothing was pressed; {_only(apps)}.")
        if spot.window and (spot.foreign or not any(spot.named(app) for app in apps)):
            whose = spot.app or "a program that cannot be told"
            raise NotPermitted(f'The window "{spot.title}" belongs to {whose}, which may not be touched; {_only(apps)}. Nothing was done.')


def unlisted_notes(before: Sequence[Window], now: Sequence[Window], apps: Sequence[str]) -> tuple[str, ...]:
    """Sentences about windows that came up, or to the front, since the last look, and belong to programs that are not among `apps`."""
    if not apps:
        return ()
    known = {window.id for window in before}
    old, front = active(before), active(now)
    fresh = [one for one in now if one.id not in known or (front and one.id == front.id and one.id != (old and old.id))]
    others = [one for one in fresh if not _listed(one, apps)]
    return tuple(f"The window {named(one)} is of a program that may not be used: it is not touched." for one in others[-_MOST:])


def _listed(window: Window, apps: Sequence[str]) -> bool:
    names = {name.casefold() for name in (window.app, program_of(window.pid or 0)) if name}
    return any(app.casefold() in names for app in apps)


def _only(apps: Sequence[str]) -> str:
    return f"only {', '.join(apps)} may be"
