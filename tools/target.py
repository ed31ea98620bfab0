"""What is really where an action lands: facts that a device reads at the moment of asking, never a model's description.

An environment gives the targets of an action, an approver judges them, and the environment carries the action out only while they still
hold. Words in here come from pages, apps and windows: they are data to be matched and shown escaped, never instructions.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from handeye.tools.geometry import Box

Surface: TypeAlias = Literal["browser", "android", "desktop"]
Place: TypeAlias = Literal["point", "focus", "drop", "address", "dialog", "files", "app"]
"""What was looked at: what is under a point, what has the focus, where a drag ends; an address that is to be opened, the dialog that is
open, the files that a chooser is to be given, an app that is to be opened."""

_NOT_FACTS = frozenset({"box"})


@dataclass(frozen=True)
class Target:
    """One thing that an action would touch. Empty texts: there is none, or this kind of device does not know it.

    `known` False: it could not be told what it is; `doubts` say why, and nobody may take it for harmless.
    """

    surface: Surface
    place: Place
    known: bool = True
    doubts: tuple[str, ...] = ()
    """Why this may not be what it seems, a few words each: "canvas", "no size", "covered", "frame of another process", "no tree", ..."""
    identity: str = ""
    """The same for the same element of the same document, window or screen, and for nothing else. Opaque."""
    box: Box | None = None
    """Where it is, in pixels of the screenshot. No part of what is compared."""
    role: str = ""
    """What it is, as the accessibility tree of the device says: `button`, `link`, `textbox`, `android.widget.Button`, `push button`, ..."""
    name: str = ""
    """Its accessible name: what a screen reader says."""
    text: str = ""
    """The words on it, where they differ from `name`."""
    states: frozenset[str] = frozenset()
    """Those of `disabled`, `checked`, `editable`, `password`, `focused`, `default` (Enter acts on it) that hold."""
    input_type: str = ""
    """`type` of an HTML input or button, in lower case."""
    autocomplete: str = ""
    href: str = ""
    """Where a link leads, or which address is to be opened: absolute, as the browser itself writes it."""
    new_tab: bool = False
    download: bool = False
    form_action: str = ""
    """Where the form goes to which this would submit, `formaction` included: absolute. Empty: it submits none."""
    form_method: str = ""
    """`get`, `post` or `dialog`."""
    form_fields: tuple[str, ...] = ()
    """Types, autocompletes and names of the fields of its form, each as `type`, `autocomplete=...` or `name=...`, sorted, without
    values."""
    amounts: tuple[str, ...] = ()
    """Sums of money with their currency, as written in its form, its dialog or on itself."""
    form_sums: tuple[str, ...] = ()
    """The fields of its form that carry one of `amounts`, each as `name=value`, sorted: what is to be sent of what was shown."""
    container: str = ""
    """Name or heading of the dialog, the form or the section that it stands in."""
    origin: str = ""
    """Origin of the document that it is in (`https://shop.test`, a port where it is not the scheme's own); `null` for an opaque one."""
    page: str = ""
    """Address of the document of the tab."""
    frame: Literal["", "top", "same", "other"] = ""
    """Whether its document is the tab's, a frame of the same origin, or a frame of another one."""
    app: str = ""
    """Package of the app; class (WM_CLASS) and program of the window on a desktop."""
    window: str = ""
    """Activity or kind of window; title of the window on a desktop."""
    resource_id: str = ""
    """Android's resource id; `id` of an HTML element."""
    detail: str = ""
    """What is left to tell: kind of a dialog, names of files, permission that is asked for."""

    def facts(self) -> dict[str, Any]:
        """Every field that says something, by its name, as JSON values; for records and for the person who is asked."""
        told = {field.name: getattr(self, field.name) for field in fields(self)} | {"states": sorted(self.states)}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}
        return {name: value for name, value in plain.items() if value not in ("", [], None)}

    def differs(self, other: Target) -> tuple[str, ...]:
        """Names of the facts in which `other` differs from this; where it is on the screen is none of them."""
        return tuple(
            field.name for field in fields(self) if field.name not in _NOT_FACTS and getattr(self, field.name) != getattr(other, field.name)
        )
