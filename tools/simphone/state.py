"""All that a phone remembers. It can be copied whole: that is a snapshot."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from handeye.tools.geometry import Size
from handeye.tools.simphone.clock import DeviceClock
from handeye.tools.simphone.databases import Databases
from handeye.tools.simphone.files import Entry, FileTree
from handeye.tools.simphone.manifest import Manifest
from handeye.tools.simphone.options import PhoneOptions

Namespace: TypeAlias = Literal["system", "secure", "global"]
HOME = "com.google.android.apps.nexuslauncher"
"""Package of the home screen."""


@dataclass
class Task:
    """An app that was opened and not closed since."""

    id: int
    package: str
    activity: str
    """Full class name of the activity in front of it."""
    extras: dict[str, Any] = field(default_factory=dict)
    """What it was opened with: `action`, `data` (an address) and the intent's extras."""
    intents: int = 0
    """Grows with each further intent that the running app is to be told of."""
    caller: int = 0
    """Id of the task that opened it, to which BACK leads; 0: the home screen."""


@dataclass
class Installed:
    """A package on the phone."""

    package: str
    label: str = ""
    version_name: str = "1.0"
    version_code: int = 1
    system: bool = True
    enabled: bool = True
    manifest: Manifest | None = None
    """None: a package without a screen of its own (a keyboard, a provider, something installed from outside)."""
    permissions: set[str] = field(default_factory=set)
    first_installed_ms: int = 0


@dataclass
class Notification:
    """One line of the notification shade."""

    id: int
    package: str
    title: str
    text: str
    posted_ms: int


@dataclass
class Facts:
    """The part of the state that is plain data: it is copied for a snapshot."""

    settings: dict[str, dict[str, str]] = field(default_factory=lambda: {"system": {}, "secure": {}, "global": {}})
    props: dict[str, str] = field(default_factory=dict)
    packages: dict[str, Installed] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    """The last one is the newest; what is in front is it, unless `at_home`."""
    at_home: bool = True
    next_task: int = 2
    clipboard: str = ""
    notifications: list[Notification] = field(default_factory=list)
    keyboards: list[str] = field(default_factory=list)
    """Ids of the keyboards that are installed; those that are enabled stand in secure/enabled_input_methods."""
    awake: bool = True
    locked: bool = False
    rotation: int = 0
    """Quarter turns: 0 to 3."""
    size_override: Size | None = None
    density_override: int | None = None
    call: dict[str, str] = field(default_factory=dict)
    """`state` (dialing, ringing, active) and `number` of the call that is going on; empty: none."""
    rooted: bool = True
    battery: dict[str, int] = field(default_factory=lambda: {"level": 100, "status": 2, "plugged": 1})


@dataclass(frozen=True)
class Snapshot:
    """A copy of everything."""

    facts: Facts
    entries: dict[str, Entry]
    now_ms: int
    zone: str


class DeviceState:
    """The live state. Everything that changes it tells each of `listeners(kind, detail)`: kinds are settings, files, sql, tasks, clipboard,
    notifications, packages, clock, power, display, call, ime."""

    def __init__(self, options: PhoneOptions) -> None:
        self.options = options
        self.clock = DeviceClock(options.clock, options.start)
        self.files = FileTree(lambda: self.clock.now_ms // 1000, lambda path: self.changed("files", path))
        self.databases = Databases(self.files)
        self.facts = Facts()
        self.listeners: list[Callable[[str, str], None]] = []

    def changed(self, kind: str, detail: str = "") -> None:
        """Tell that something changed."""
        for listener in list(self.listeners):
            listener(kind, detail)

    def setting(self, namespace: str, key: str, default: str = "") -> str:
        """A setting's value, or `default`."""
        return self.facts.settings[namespace].get(key, default)

    def put_setting(self, namespace: str, key: str, value: str) -> None:
        """Set a setting. What follows from some of them (rotation, radios) is `handeye.tools.simphone.effects`' business."""
        self.facts.settings[namespace][key] = value
        self.changed("settings", f"{namespace}/{key}")

    def delete_setting(self, namespace: str, key: str) -> bool:
        """Take a setting away; whether it was there."""
        found = self.facts.settings[namespace].pop(key, None) is not None
        self.changed("settings", f"{namespace}/{key}")
        return found

    @property
    def front(self) -> Task | None:
        """The task in front; None: the home screen is."""
        return None if self.facts.at_home or not self.facts.tasks else self.facts.tasks[-1]

    @property
    def size(self) -> Size:
        """Pixels of the screen as it is turned and overridden now."""
        size = self.facts.size_override or self.options.size
        return Size(size.height, size.width) if self.facts.rotation % 2 else size

    @property
    def density(self) -> int:
        """Dots per inch now."""
        return self.facts.density_override or self.options.density

    def snapshot(self) -> Snapshot:
        """A copy of everything. Entries of the file tree are frozen, so their dictionary is enough."""
        return Snapshot(copy.deepcopy(self.facts), dict(self.files.entries), self.clock.now_ms, self.clock.zone)

    def restore(self, snapshot: Snapshot) -> None:
        """Be as `snapshot` says."""
        self.facts = copy.deepcopy(snapshot.facts)
        self.files.entries = dict(snapshot.entries)
        self.clock.set(snapshot.now_ms)
        self.clock.zone = snapshot.zone
