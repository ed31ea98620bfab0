"""`pm`: which packages are there, and putting them on and off the phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from zlib import crc32

from handeye.tools.simphone import activities, packages
from handeye.tools.simphone.apk import BadApk, read_apk
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.files import FILE_LIMIT, FileFault
from handeye.tools.simphone.intents import HOME_ACTIVITY, IntentFault, parse_intent, resolve, short
from handeye.tools.simphone.state import HOME

Sub: TypeAlias = Callable[[Call, list[str]], Awaitable[int]]
SESSION_BASE: Final = 0x40000000
"""Ids of install sessions begin there, so that they look like a phone's."""
FEATURES: Final = (
    "android.hardware.bluetooth", "android.hardware.camera", "android.hardware.faketouch", "android.hardware.location",
    "android.hardware.microphone", "android.hardware.screen.landscape", "android.hardware.screen.portrait", "android.hardware.telephony",
    "android.hardware.touchscreen", "android.hardware.touchscreen.multitouch", "android.hardware.wifi", "android.software.input_methods",
)  # fmt: skip
DANGEROUS: Final = (
    "ACCESS_FINE_LOCATION ACCESS_COARSE_LOCATION CAMERA RECORD_AUDIO READ_CONTACTS WRITE_CONTACTS READ_CALENDAR WRITE_CALENDAR READ_SMS "
    "SEND_SMS RECEIVE_SMS READ_PHONE_STATE CALL_PHONE READ_CALL_LOG WRITE_CALL_LOG READ_EXTERNAL_STORAGE WRITE_EXTERNAL_STORAGE "
    "POST_NOTIFICATIONS READ_MEDIA_IMAGES READ_MEDIA_VIDEO READ_MEDIA_AUDIO BLUETOOTH_CONNECT BLUETOOTH_SCAN GET_ACCOUNTS"
).split()
"""Permissions that people are asked for, without `android.permission.`."""


async def pm(call: Call) -> int:
    """Run one command of the package manager."""
    if not call.arguments:
        call.say("Package manager (package) commands:\n  list, path, dump, install, uninstall, clear, enable, grant, resolve-activity, …")
        return 255
    name, *rest = call.arguments
    run = SUBS.get(name)
    if run is None:
        call.complain(f"Unknown command: {name}")
        return 255
    return await run(call, rest)


def _words(arguments: list[str], valued: tuple[str, ...] = ("--user", "-i", "--abi")) -> tuple[list[str], list[str]]:
    """Options and the rest."""
    options, names, rest = [], [], list(arguments)
    while rest:
        word = rest.pop(0)
        if word in valued:
            del rest[:1]
        elif word.startswith("-") and len(word) > 1:
            options.append(word)
        else:
            names.append(word)
    return options, names


async def _list(call: Call, arguments: list[str]) -> int:
    what, *rest = arguments or ["packages"]
    match what:
        case "packages" | "package":
            return _list_packages(call, rest)
        case "features":
            for name in FEATURES:
                call.say(f"feature:{name}")
        case "libraries":
            for name in ("android.ext.shared", "android.test.base", "org.apache.http.legacy"):
                call.say(f"library:{name}")
        case "users":
            call.say("Users:\n\tUserInfo{0:Owner:4c13} running")
        case "permissions":
            call.say("All Permissions:\n")
            for name in DANGEROUS:
                call.say(f"permission:android.permission.{name}")
        case "permission-groups":
            for name in ("CONTACTS", "PHONE", "CALENDAR", "CAMERA", "SMS", "LOCATION", "STORAGE", "MICROPHONE"):
                call.say(f"permission group:android.permission-group.{name}")
        case "instrumentation":
            return 0
        case _:
            call.complain(f"Error: unknown list type '{what}'")
            return 255
    return 0


def _list_packages(call: Call, arguments: list[str]) -> int:
    options, names = _words(arguments, ("--user", "--uid"))
    letters = {letter for option in options if not option.startswith("--") for letter in option[1:]}
    if unknown := letters - set("3sfdeiulUap"):
        call.complain(f"Error: Unknown option: -{min(unknown)}")
        return 255
    for entry in packages.installed(call.phone.state):
        if ("3" in letters and entry.system) or ("s" in letters and not entry.system) or ("e" in letters and not entry.enabled):
            continue
        if ("d" in letters and entry.enabled) or (names and names[0] not in entry.package):
            continue
        line = "package:" + (f"{packages.code_path(entry)}=" if "f" in letters else "") + entry.package
        line += f" versionCode:{entry.version_code}" if "--show-versioncode" in options else ""
        line += f"  installer={'null' if entry.system else 'com.android.shell'}" if "i" in letters else ""
        line += f" uid:{packages.uid_of(call.phone.state, entry.package)}" if "U" in letters else ""
        call.say(line)
    return 0


async def _path(call: Call, arguments: list[str]) -> int:
    _, names = _words(arguments)
    entry = packages.find(call.phone.state, names[0] if names else "")
    if entry is None:
        return 1
    call.say(f"package:{packages.code_path(entry)}")
    return 0


async def _clear(call: Call, arguments: list[str]) -> int:
    _, names = _words(arguments)
    if not names:
        call.complain("Error: no package specified")
        return 1
    if packages.find(call.phone.state, names[0]) is None:
        call.say("Failed")
        return 1
    await activities.force_stop(call.phone, names[0])
    packages.clear_data(call.phone.state, names[0])
    call.say("Success")
    return 0


async def _grant(call: Call, arguments: list[str], give: bool = True) -> int:
    _, names = _words(arguments)
    if len(names) < 2:
        call.complain("Error: no permission specified" if names else "Error: no package specified")
        return 1
    verb, (package, permission) = "grant" if give else "revoke", names[:2]
    entry = packages.find(call.phone.state, package)
    fault = ""
    if entry is None:
        fault = f"java.lang.IllegalArgumentException: Unknown package: {package}"
    elif "." not in permission:
        fault = f"java.lang.IllegalArgumentException: Unknown permission: {permission}"
    if entry is None or fault:
        call.complain(f"\nException occurred while executing '{verb}':\n{fault}")
        return 255
    (entry.permissions.add if give else entry.permissions.discard)(permission)
    call.phone.state.changed("packages", package)
    return 0


async def _revoke(call: Call, arguments: list[str]) -> int:
    return await _grant(call, arguments, give=False)


def _switch(word: str, enabled: bool) -> Sub:
    """`enable`, `disable`, …: `word` is how the new state is printed."""

    async def run(call: Call, arguments: list[str]) -> int:
        _, names = _words(arguments)
        package = names[0].partition("/")[0] if names else ""
        entry = packages.find(call.phone.state, package)
        if entry is None:
            call.complain(
                f"Error: java.lang.IllegalArgumentException: Unknown package: {package}"
                if names
                else "Error: no package or component specified"
            )
            return 1
        if not enabled:
            await activities.force_stop(call.phone, package)
        if "/" not in names[0]:
            entry.enabled = enabled
            call.phone.state.changed("packages", package)
            await call.phone.screen.sync()
        call.say(f"{'Component' if '/' in names[0] else 'Package'} {names[0]} new state: {word}")
        return 0

    return run


async def _uninstall(call: Call, arguments: list[str]) -> int:
    options, names = _words(arguments, ("--user", "--versionCode"))
    entry = packages.find(call.phone.state, names[0] if names else "")
    if entry is None:
        call.say("Failure [DELETE_FAILED_INTERNAL_ERROR]" if names else "Failure [not installed for 0]")
        return 1
    await activities.force_stop(call.phone, entry.package)
    if entry.package == "android" or (entry.system and "--user" not in arguments):
        call.say("Failure [DELETE_FAILED_INTERNAL_ERROR]")
        return 1
    packages.uninstall(call.phone.state, entry, keep_data="-k" in options)
    await call.phone.screen.sync()
    call.say("Success")
    return 0


async def _install(call: Call, arguments: list[str]) -> int:
    options, names = _words(arguments, ("--user", "-i", "--abi", "-S", "--install-location", "--originating-uri", "--referrer", "-p"))
    try:
        if "-S" in arguments or names[:1] in ([], ["-"]):
            data = await _input(call, arguments)
        else:
            data = call.phone.state.files.read(call.path(names[0]))
    except FileFault as fault:
        call.complain(f"Error: failed to open file: {names[0]}: {fault}\nError: Unable to open file: {names[0]}")
        return 1
    return await _commit(call, data, options)


async def _input(call: Call, arguments: list[str]) -> bytes:
    """The APK on standard input, which need not end behind it. Raises `FileFault` when it is too large."""
    size = arguments[arguments.index("-S") + 1] if "-S" in arguments[:-1] else ""
    return await call.stdin.read(min(int(size), FILE_LIMIT + 1) if size.isdigit() else None)


async def _commit(call: Call, data: bytes, options: list[str]) -> int:
    try:
        manifest = read_apk(data)
    except BadApk as fault:
        call.say(f"Failure [{fault}]")
        return 1
    there = packages.find(call.phone.state, manifest.package)
    if there is not None and there.system:
        call.say(
            f"Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: Package {manifest.package} signatures do not match previously installed version]"
        )
        return 1
    if there is not None and there.version_code > manifest.version_code and "-d" not in options:
        call.say("Failure [INSTALL_FAILED_VERSION_DOWNGRADE: Downgrade detected: Update version code "
                 f"{manifest.version_code} is older than current {there.version_code}]")  # fmt: skip
        return 1
    if there is not None:
        await activities.force_stop(call.phone, there.package)
    packages.install(call.phone.state, manifest, data, grant="-g" in options)
    call.say("Success")
    return 0


async def _install_create(call: Call, arguments: list[str]) -> int:
    number = SESSION_BASE + crc32(repr((arguments, len(packages.sessions(call.phone)))).encode()) % SESSION_BASE
    packages.sessions(call.phone)[number] = {}
    call.say(f"Success: created install session [{number}]")
    return 0


async def _install_write(call: Call, arguments: list[str]) -> int:
    _, names = _words(arguments, ("-S",))
    parts = packages.sessions(call.phone).get(int(names[0])) if names and names[0].isdigit() else None
    if parts is None or len(names) < 2:
        call.complain("Error: java.lang.SecurityException: Caller has no access to session")
        return 1
    try:
        data = call.phone.state.files.read(call.path(names[2])) if len(names) > 2 and names[2] != "-" else await _input(call, arguments)
    except FileFault as fault:
        call.complain(f"Error: failed to open file: {fault}")
        return 1
    parts[names[1]] = data
    call.say(f"Success: streamed {len(data)} bytes")
    return 0


async def _install_commit(call: Call, arguments: list[str]) -> int:
    _, names = _words(arguments)
    parts = packages.sessions(call.phone).pop(int(names[0]), None) if names and names[0].isdigit() else None
    if not parts:
        call.say("Failure [INSTALL_FAILED_INVALID_APK: No packages staged]")
        return 1
    base = next((data for name, data in parts.items() if "base" in name), next(iter(parts.values())))
    return await _commit(call, base, [])


async def _install_abandon(call: Call, arguments: list[str]) -> int:
    _, names = _words(arguments)
    if names and names[0].isdigit():
        packages.sessions(call.phone).pop(int(names[0]), None)
    call.say("Success")
    return 0


async def _resolve_activity(call: Call, arguments: list[str]) -> int:
    try:
        parsed = parse_intent(arguments, ("--brief", "--components"), ("--user", "--query-flags"))
    except IntentFault as fault:
        call.complain(f"Error: {fault}")
        return 255
    component = resolve(call.phone.state, parsed.intent)
    if component is None:
        call.say("No activity found")
        return 0
    package, _, name = component.partition("/")
    if "--brief" in parsed.options:
        call.say(f"priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault={'true' if package == HOME else 'false'}")
        call.say(short(component))
    elif "--components" in parsed.options:
        call.say(short(component))
    else:
        call.say("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false")
        call.say(f"ActivityInfo:\n  name={name}\n  packageName={package}\n  enabled=true exported=true directBootAware=false")
    return 0


async def _query_activities(call: Call, arguments: list[str]) -> int:
    try:
        parsed = parse_intent(arguments, ("--brief", "--components"), ("--user", "--query-flags"))
    except IntentFault as fault:
        call.complain(f"Error: {fault}")
        return 255
    intent, state = parsed.intent, call.phone.state
    if "android.intent.category.HOME" in intent.categories:
        found = [f"{HOME}/{HOME_ACTIVITY}"]
    elif "android.intent.category.LAUNCHER" in intent.categories:
        found = [
            f"{entry.package}/{entry.manifest.activity}"
            for entry in packages.installed(state)
            if entry.manifest and entry.enabled and entry.manifest.home and intent.package in ("", entry.package)
        ]
    else:
        component = resolve(state, intent)
        found = [component] if component else []
    if not found:
        call.say("No activities found")
        return 0
    if "--components" not in parsed.options:
        call.say(f"{len(found)} activities found:")
    for index, component in enumerate(found):
        if "--components" in parsed.options:
            call.say(short(component))
        else:
            call.say(
                f"  Activity #{index}:\n    priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false"
                f"\n    {short(component)}"
            )
    return 0


async def _dump(call: Call, arguments: list[str]) -> int:
    entry = packages.find(call.phone.state, arguments[0] if arguments else "")
    call.say(packages.describe(call.phone.state, entry) if entry else f"Unable to find package: {' '.join(arguments)}")
    return 0


async def _get_install_location(call: Call, arguments: list[str]) -> int:
    call.say("0[auto]")
    return 0


async def _get_max_users(call: Call, arguments: list[str]) -> int:
    call.say("Maximum supported users: 1")
    return 0


async def _done(call: Call, arguments: list[str]) -> int:
    call.say("Success")
    return 0


async def _quiet(call: Call, arguments: list[str]) -> int:
    return 0


SUBS: Final[dict[str, Sub]] = {
    "list": _list, "path": _path, "clear": _clear, "grant": _grant, "revoke": _revoke, "enable": _switch("enabled", True),
    "disable": _switch("disabled", False), "disable-user": _switch("disabled-user", False), "default-state": _switch("default", True),
    "uninstall": _uninstall, "install": _install, "install-create": _install_create, "install-write": _install_write,
    "install-commit": _install_commit, "install-abandon": _install_abandon, "install-existing": _done,
    "resolve-activity": _resolve_activity, "query-activities": _query_activities, "dump": _dump, "dump-package": _dump,
    "get-install-location": _get_install_location, "get-max-users": _get_max_users, "reset-permissions": _quiet, "trim-caches": _quiet,
    "compile": _done, "bypass-allowed-apex-update-check": _quiet, "set-home-activity": _done, "set-installer": _done, "suspend": _quiet,
    "unsuspend": _quiet, "wait-for-handler": _quiet, "bg-dexopt-job": _done, "set-permission-enforced": _quiet,
}  # fmt: skip
COMMANDS: Final[dict[str, Command]] = {"pm": pm}
