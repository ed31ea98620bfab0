"""Intents: their form on a command line, and which app answers to one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from handeye.tools.simphone.manifest import IntentFilter, Manifest
from handeye.tools.simphone.state import HOME, DeviceState, Installed, Task

HOME_ACTIVITY: Final = f"{HOME}.NexusLauncherActivity"
HOME_TASK: Final = 1
"""Id of the home screen's task."""
MAIN: Final = "android.intent.action.MAIN"
VIEW: Final = "android.intent.action.VIEW"
LAUNCHER: Final = "android.intent.category.LAUNCHER"
HOME_CATEGORY: Final = "android.intent.category.HOME"
CATEGORY_APPS: Final = {
    "APP_BROWSER": "com.android.chrome",
    "APP_CALCULATOR": "com.google.android.calculator",
    "APP_CALENDAR": "com.simplemobiletools.calendar.pro",
    "APP_CONTACTS": "com.google.android.contacts",
    "APP_FILES": "com.google.android.documentsui",
    "APP_GALLERY": "com.simplemobiletools.gallery.pro",
    "APP_MESSAGING": "com.simplemobiletools.smsmessenger",
}
"""Apps of the categories `android.intent.category.APP_*` (android.content.Intent)."""
DEFAULT_APPS: Final[tuple[tuple[str, str, str, str], ...]] = (
    (r"android\.intent\.action\.(CALL|DIAL|VIEW)", "tel:", "", "com.google.android.dialer"),
    (r"android\.intent\.action\.DIAL", "", "", "com.google.android.dialer"),
    (r"android\.intent\.action\.(SENDTO|VIEW)", "sms(to)?:|mms(to)?:", "", "com.simplemobiletools.smsmessenger"),
    (r"android\.intent\.action\.(VIEW|EDIT|PICK)", "content://(com\\.android\\.)?contacts", "", "com.google.android.contacts"),
    (r"android\.intent\.action\.(INSERT|INSERT_OR_EDIT|PICK)", "", r"vnd\.android\.cursor\.\w+/(contact|raw_contact|person|phone)",
     "com.google.android.contacts"),
    (r"android\.intent\.action\.INSERT", "content://(com\\.android\\.)?contacts", "", "com.google.android.contacts"),
    (r"android\.intent\.action\.(VIEW|INSERT|EDIT)", "content://com\\.android\\.calendar", "", "com.simplemobiletools.calendar.pro"),
    (r"android\.intent\.action\.(INSERT|EDIT)", "", r"vnd\.android\.cursor\.\w+/event", "com.simplemobiletools.calendar.pro"),
    (r"android\.intent\.action\.(VIEW|PICK)", "content://media", "", "com.simplemobiletools.gallery.pro"),
    (r"android\.intent\.action\.(VIEW|EDIT|PICK|SEND)", "", "(image|video)/", "com.simplemobiletools.gallery.pro"),
    (r"android\.intent\.action\.VIEW", r"file:.*\.(?i:jpe?g|png|gif|webp)$", "", "com.simplemobiletools.gallery.pro"),
    (r"android\.intent\.action\.(VIEW|EDIT)", r"file:.*\.(?i:md|txt)$", "", "net.gsantner.markor"),
    (r"android\.intent\.action\.(SEND|VIEW|EDIT)", "", "text/", "net.gsantner.markor"),
    (r"android\.intent\.action\.(VIEW|WEB_SEARCH)", "https?:", "", "com.android.chrome"),
    (r"android\.intent\.action\.VIEW", r"file:.*\.(?i:html?)$", "", "com.android.chrome"),
    (r"android\.intent\.action\.WEB_SEARCH", "", "", "com.android.chrome"),
    (r"android\.intent\.action\.(OPEN_DOCUMENT|GET_CONTENT|VIEW_DOWNLOADS)", "", "", "com.google.android.documentsui"),
    (r"android\.media\.action\.(STILL_IMAGE_CAMERA|IMAGE_CAPTURE|VIDEO_CAMERA|VIDEO_CAPTURE)", "", "", "com.android.camera2"),
    (r"android\.intent\.action\.(SET_ALARM|SET_TIMER|SHOW_ALARMS|SHOW_TIMERS|DISMISS_ALARM)", "", "", "com.google.android.deskclock"),
    (r"android\.settings\..+|android\.intent\.action\.POWER_USAGE_SUMMARY", "", "", "com.android.settings"),
)  # fmt: skip
"""Who answers when no manifest says: expressions for action, start of the address, start of the MIME type; and the package."""
_TYPED_EXTRAS: Final = {
    "--ei": int, "--el": int, "--ef": float, "--ed": float,
}  # fmt: skip
_ARRAYS: Final = {"--eia": int, "--ela": int, "--efa": float, "--esa": str, "--eial": int, "--elal": int, "--efal": float, "--esal": str}
_FLAG_OPTIONS: Final = {
    "--activity-clear-top": 0x04000000, "--activity-single-top": 0x20000000, "--activity-clear-task": 0x00008000,
    "--activity-no-history": 0x40000000, "--activity-no-animation": 0x00010000, "--activity-brought-to-front": 0x00400000,
    "--activity-exclude-from-recents": 0x00800000, "--activity-multiple-task": 0x08000000, "--activity-reorder-to-front": 0x00020000,
    "--activity-reset-task-if-needed": 0x00200000, "--activity-task-on-home": 0x00004000, "--activity-match-external": 0x00000800,
    "--include-stopped-packages": 0x20, "--exclude-stopped-packages": 0x10, "--grant-read-uri-permission": 1,
    "--grant-write-uri-permission": 2, "--grant-persistable-uri-permission": 0x40, "--grant-prefix-uri-permission": 0x80,
    "--receiver-registered-only": 0x40000000, "--receiver-replace-pending": 0x20000000, "--receiver-foreground": 0x10000000,
    "--receiver-no-abort": 0x08000000, "--receiver-include-background": 0x01000000, "--debug-log-resolution": 8,
    "--selector": 0,
}  # fmt: skip
"""Options of `am` that only set flags (android.content.Intent: parseCommandArgs)."""


class IntentFault(Exception):
    """Arguments that are no intent; the message is what `am` says after `Error: `."""


@dataclass(frozen=True)
class Intent:
    """What is wanted from some app."""

    action: str = ""
    data: str = ""
    mime: str = ""
    categories: tuple[str, ...] = ()
    component: str = ""
    """`package/full.class.Name`."""
    package: str = ""
    flags: int = 0
    extras: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = ["Intent {"]
        parts += [f"act={self.action}"] if self.action else []
        parts += [f"cat=[{','.join(self.categories)}]"] if self.categories else []
        parts += [f"dat={safe_address(self.data)}"] if self.data else []
        parts += [f"typ={self.mime}"] if self.mime else []
        parts += [f"flg=0x{self.flags:x}"] if self.flags else []
        parts += [f"pkg={self.package}"] if self.package else []
        parts += [f"cmp={short(self.component)}"] if self.component else []
        parts += ["(has extras)"] if self.extras else []
        return " ".join([*parts, "}"])


def safe_address(address: str) -> str:
    """An address as Android prints it: numbers and people's names hidden (android.net.Uri: toSafeString)."""
    parts = urlsplit(address)
    if parts.scheme in ("tel", "sip", "sms", "smsto", "mailto", "nfc"):
        return f"{parts.scheme}:" + re.sub(r"[^-@.]", "x", address.partition(":")[2])
    if parts.scheme in ("http", "https", "ftp", "rtsp"):
        return (
            f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/..." if parts.path or parts.query else f"{parts.scheme}://{parts.netloc}"
        )
    return address


def short(component: str) -> str:
    """`a.b/a.b.C` as `a.b/.C`, as ComponentName.toShortString does."""
    package, _, name = component.partition("/")
    return f"{package}/{name[len(package) :]}" if name.startswith(f"{package}.") else component


def full(component: str) -> str:
    """`a.b/.C` as `a.b/a.b.C`."""
    package, _, name = component.partition("/")
    return f"{package}/{package}{name}" if name.startswith(".") else component


def component_of(task: Task) -> str:
    """A task's activity, whole."""
    return f"{task.package}/{task.activity}"


def home_task() -> Task:
    """The home screen as a task."""
    return Task(HOME_TASK, HOME, HOME_ACTIVITY)


def front_task(state: DeviceState) -> Task:
    """The task in front, the home screen's too."""
    return state.front or home_task()


def stack(state: DeviceState) -> list[Task]:
    """Every task, the one in front first; the home screen is one of them."""
    others = list(reversed(state.facts.tasks))
    return [home_task(), *others] if state.facts.at_home else [others[0], home_task(), *others[1:]] if others else [home_task()]


@dataclass
class IntentArguments:
    """What a command line held."""

    intent: Intent
    options: dict[str, str] = field(default_factory=dict)
    """Options of the command itself (`-W`, `--user`), with their values."""


def parse_intent(arguments: Sequence[str], switches: Sequence[str] = (), valued: Sequence[str] = ()) -> IntentArguments:
    """Read an intent, and the command's own `switches` and options with values.

    Raises `IntentFault` for unknown options, missing values, bad numbers and when there is no intent.
    """
    rest, found = list(arguments), IntentArguments(Intent())

    def value(option: str) -> str:
        if not rest:
            raise IntentFault(f'Argument expected after "{option}"')
        return rest.pop(0)

    given = False
    while rest:
        option = rest.pop(0)
        if option in switches:
            found.options[option] = ""
        elif option in valued:
            found.options[option] = value(option)
        elif option == "":
            continue
        elif option.startswith("-"):
            found.intent = _with_option(found.intent, option, value)
            given = True
        else:
            found.intent = _with_target(found.intent, option)
            given = True
            if rest:
                raise IntentFault(f"Unknown argument: {rest[0]}" if len(rest) == 1 else f"Unknown arguments: {' '.join(rest)}")
    if not given or found.intent == Intent():
        raise IntentFault("No intent supplied")
    if not found.intent.action and not found.intent.component and (found.intent.package or found.intent.data):
        found.intent = replace(found.intent, action=VIEW if found.intent.data else MAIN)
    return found


def _with_option(intent: Intent, option: str, value: Any) -> Intent:
    match option:
        case "-a":
            return replace(intent, action=value(option))
        case "-d":
            return replace(intent, data=value(option))
        case "-t":
            return replace(intent, mime=value(option))
        case "-c":
            return replace(intent, categories=(*intent.categories, value(option)))
        case "-n":
            name = value(option)
            if "/" not in name:
                raise IntentFault(f"Bad component name: {name}")
            return replace(intent, component=full(name))
        case "-p":
            return replace(intent, package=value(option))
        case "-f":
            return replace(intent, flags=_number(value(option), int))
        case "-i" | "--attribution":
            value(option)
            return intent
    if option in _FLAG_OPTIONS:
        return replace(intent, flags=intent.flags | _FLAG_OPTIONS[option])
    if option == "--esn":
        return replace(intent, extras={**intent.extras, value(option): None})
    return replace(intent, extras={**intent.extras, value(option): _extra(option, value)})


def _extra(option: str, value: Any) -> Any:
    if option in ("-e", "--es", "--eu"):
        return value(option)
    if option == "--ecn":
        return full(value(option))
    if option == "--ez":
        text = value(option).lower()
        if text not in ("true", "false", "t", "f", "1", "0"):
            raise IntentFault(f"Invalid boolean value: {text}")
        return text in ("true", "t", "1")
    if option in _TYPED_EXTRAS:
        return _number(value(option), _TYPED_EXTRAS[option])
    if option in _ARRAYS:
        parts = [part.replace("\\,", ",") for part in re.split(r"(?<!\\),", value(option))]
        return [_number(part, _ARRAYS[option]) for part in parts]
    raise IntentFault(f"Unknown option: {option}")


def _number(text: str, kind: Any) -> Any:
    try:
        return int(text, 16) if kind is int and text.lower().lstrip("-+").startswith("0x") else kind(text)
    except (ValueError, TypeError) as error:
        raise IntentFault(f'For input string: "{text}"') from error


def _with_target(intent: Intent, target: str) -> Intent:
    if ":" in target and "/" not in target.partition(":")[0]:
        if target.startswith("intent:"):
            return _from_address(intent, target)
        return replace(intent, data=target, action=intent.action or VIEW)
    if "/" in target:
        return replace(intent, component=full(target), action=intent.action or MAIN, categories=intent.categories or (LAUNCHER,))
    return replace(intent, package=target, action=intent.action or MAIN, categories=intent.categories or (LAUNCHER,))


def _from_address(intent: Intent, address: str) -> Intent:
    body, _, fields = address.removeprefix("intent:").partition("#Intent;")
    for part in fields.split(";"):
        key, _, value = part.partition("=")
        match key:
            case "action":
                intent = replace(intent, action=value)
            case "component":
                intent = replace(intent, component=full(value))
            case "package":
                intent = replace(intent, package=value)
            case "type":
                intent = replace(intent, mime=value)
            case "scheme":
                body = f"{value}:{body}"
            case _ if key.startswith("S."):
                intent = replace(intent, extras={**intent.extras, key[2:]: value})
    return replace(intent, data=body, action=intent.action or VIEW)


def resolve(state: DeviceState, intent: Intent) -> str | None:
    """The component (whole) that an intent opens; None: nobody does. The home screen answers to MAIN and HOME."""
    if intent.component:
        return intent.component if has_activity(state, intent.component) else None
    if HOME_CATEGORY in intent.categories or intent.package == HOME:
        return f"{HOME}/{HOME_ACTIVITY}"
    fitting = [(score, entry) for entry in _openable(state, intent.package) if (score := _score(entry, intent))]
    if fitting:
        return _main(max(fitting, key=lambda pair: pair[0])[1])
    package = _category_app(intent) or _default_app(intent)
    return launcher_of(state, package) if intent.package in ("", package) else None


def has_activity(state: DeviceState, component: str) -> bool:
    """Whether a component is an activity of a package that is there and enabled."""
    package, _, name = component.partition("/")
    if package == HOME:
        return name == HOME_ACTIVITY
    found = state.facts.packages.get(package)
    return (
        found is not None and found.enabled and found.manifest is not None and name in (found.manifest.activity, *found.manifest.activities)
    )


def launcher_of(state: DeviceState, package: str) -> str | None:
    """The component that a package's icon opens; None when it has none or is disabled."""
    found = state.facts.packages.get(package)
    return _main(found) if found is not None and found.enabled and found.manifest is not None else None


def _main(entry: Installed) -> str:
    return f"{entry.package}/{entry.manifest.activity}" if entry.manifest else ""


def _openable(state: DeviceState, package: str) -> list[Installed]:
    return [entry for entry in state.facts.packages.values() if entry.enabled and entry.manifest and package in ("", entry.package)]


def _score(entry: Installed, intent: Intent) -> int:
    """How well an app fits; 0: not at all."""
    manifest: Manifest | None = entry.manifest
    if manifest is None:
        return 0
    if intent.action in (MAIN, "") and intent.package and not intent.data:
        return 1
    return max((_filter_score(each, intent) for each in manifest.intents), default=0)


def _filter_score(wanted: IntentFilter, intent: Intent) -> int:
    if wanted.action != intent.action:
        return 0
    scheme, _, rest = intent.data.partition(":")
    host = rest.lstrip("/").split("/")[0] if rest.startswith("//") else ""
    if (wanted.scheme and wanted.scheme != scheme.lower()) or (wanted.host and wanted.host != host):
        return 0
    if wanted.mime and not intent.mime.startswith(wanted.mime.rstrip("*")):
        return 0
    if (
        intent.data
        and not wanted.scheme
        and not wanted.mime
        and scheme.lower() in ("http", "https", "tel", "sms", "smsto", "geo", "mailto")
    ):
        return 0
    return 1 + 4 * bool(wanted.mime) + 2 * bool(wanted.host) + 2 * bool(wanted.scheme)


def _category_app(intent: Intent) -> str:
    names = [category.removeprefix("android.intent.category.") for category in intent.categories]
    return next((CATEGORY_APPS[name] for name in names if name in CATEGORY_APPS), "")


def _default_app(intent: Intent) -> str:
    for action, address, mime, package in DEFAULT_APPS:
        if re.fullmatch(action, intent.action) and re.match(address, intent.data) and re.match(mime, intent.mime):
            return package
    return ""
