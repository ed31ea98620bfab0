"""What is installed: paths, user ids, and what comes and goes with a package."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary
from zlib import crc32
from zoneinfo import ZoneInfo

from handeye.tools.simphone import seeding
from handeye.tools.simphone.apk import ApkManifest
from handeye.tools.simphone.effects import put_setting
from handeye.tools.simphone.state import HOME, DeviceState, Installed

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

DATA_FOLDERS: Final = ("/data/data", "/data/user_de/0", "/storage/emulated/0/Android/data")
"""Where packages have folders of their own."""
FIRST_UID: Final = 10000
"""android.os.Process.FIRST_APPLICATION_UID."""
_sessions: WeakKeyDictionary[Phone, dict[int, dict[str, bytes]]] = WeakKeyDictionary()


def sessions(phone: Phone) -> dict[int, dict[str, bytes]]:
    """Installs that are being written: their parts by session."""
    return _sessions.setdefault(phone, {})


def installed(state: DeviceState) -> list[Installed]:
    """Every package, by name."""
    return sorted(state.facts.packages.values(), key=lambda entry: entry.package)


def find(state: DeviceState, package: str) -> Installed | None:
    """A package, or None."""
    return state.facts.packages.get(package)


def uid_of(state: DeviceState, package: str) -> int:
    """A package's user id."""
    return FIRST_UID + sorted(state.facts.packages).index(package) if package in state.facts.packages else 2000


def code_path(entry: Installed) -> str:
    """Where its APK lies."""
    if entry.system:
        name = "".join(part.capitalize() for part in entry.package.split(".")[-2:])
        return "/system/framework/framework-res.apk" if entry.package == "android" else f"/product/app/{name}/{name}.apk"
    mark = f"{crc32(entry.package.encode()):08x}"
    return f"/data/app/~~{mark}==/{entry.package}-{mark[::-1]}==/base.apk"


def clear_data(state: DeviceState, package: str) -> None:
    """Take away all that a package stored; its databases are made again, empty but for what the app brings itself."""
    _remove_folders(state, package)
    found = find(state, package)
    if found is not None:
        found.permissions.clear()
    seeding.fill_app(state, package, with_samples=False)
    state.facts.notifications = [entry for entry in state.facts.notifications if entry.package != package]
    state.changed("notifications", package)
    state.changed("sql", package)


def uninstall(state: DeviceState, entry: Installed, keep_data: bool) -> None:
    """Take a package off the phone."""
    del state.facts.packages[entry.package]
    if not keep_data:
        _remove_folders(state, entry.package)
    state.facts.keyboards = [name for name in state.facts.keyboards if name.partition("/")[0] != entry.package]
    enabled = [name for name in enabled_keyboards(state) if name.partition("/")[0] != entry.package]
    put_setting(state, "secure", "enabled_input_methods", ":".join(enabled))
    if state.setting("secure", "default_input_method").partition("/")[0] == entry.package:
        put_setting(state, "secure", "default_input_method", enabled[0] if enabled else "")
    state.changed("packages", entry.package)


def install(state: DeviceState, manifest: ApkManifest, data: bytes, grant: bool) -> None:
    """Put a package on the phone, or a newer one in its place. It has no screen of its own."""
    before = find(state, manifest.package)
    entry = Installed(
        package=manifest.package,
        label=before.label if before else manifest.package.rpartition(".")[2],
        version_name=manifest.version_name or "null",
        version_code=manifest.version_code,
        system=False,
        permissions=set(manifest.permissions) if grant else set(before.permissions if before else ()),
        first_installed_ms=before.first_installed_ms if before else state.clock.now_ms,
    )
    state.facts.packages[manifest.package] = entry
    path = code_path(entry)
    state.files.mkdir(path.rpartition("/")[0], parents=True)
    state.files.write(path, data, mode=0o644)
    others = [name for name in state.facts.keyboards if name.partition("/")[0] != manifest.package]
    state.facts.keyboards = [*others, *manifest.keyboards]
    state.changed("packages", manifest.package)


def enabled_keyboards(state: DeviceState) -> list[str]:
    """Ids of the keyboards that are enabled."""
    return [name.partition(";")[0] for name in state.setting("secure", "enabled_input_methods").split(":") if name]


def _remove_folders(state: DeviceState, package: str) -> None:
    for folder in DATA_FOLDERS:
        if state.files.get(f"{folder}/{package}") is not None:
            state.files.remove(f"{folder}/{package}")


def describe(state: DeviceState, entry: Installed) -> str:
    """The lines of `dumpsys package NAME`."""
    zone = ZoneInfo(state.clock.zone)
    first = datetime.fromtimestamp((entry.first_installed_ms or state.clock.now_ms) / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")
    flags = "SYSTEM HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP" if entry.system else "HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP"
    mark = f"{crc32(entry.package.encode()):08x}"
    path = code_path(entry).rpartition("/")[0]
    lines = ["Activity Resolver Table:", "  Non-Data Actions:", "      android.intent.action.MAIN:"]
    if entry.manifest is not None or entry.package == HOME:
        activity = entry.manifest.activity if entry.manifest else f"{HOME}.NexusLauncherActivity"
        lines += [
            f"        {mark[:7]} {entry.package}/{activity.removeprefix(entry.package)} filter {mark[1:]}",
            '          Action: "android.intent.action.MAIN"',
            '          Category: "android.intent.category.LAUNCHER"',
        ]
    lines += [
        "",
        "Packages:",
        f"  Package [{entry.package}] ({mark[:7]}):",
        f"    userId={uid_of(state, entry.package)}",
        f"    pkg=Package{{{mark[:7]} {entry.package}}}",
        f"    codePath={path}",
        f"    resourcePath={path}",
        "    primaryCpuAbi=x86_64",
        f"    versionCode={entry.version_code} minSdk=23 targetSdk={state.options.sdk}",
        f"    versionName={entry.version_name}",
        "    splits=[base]",
        "    apkSigningVersion=2",
        f"    flags=[ {flags} ]",
        f"    pkgFlags=[ {flags} ]",
        f"    dataDir=/data/user/0/{entry.package}",
        f"    timeStamp={first}",
        f"    firstInstallTime={first}",
        f"    lastUpdateTime={first}",
        f"    signatures=PackageSignatures{{{mark[:7]} version:2, signatures:[{mark}], past signatures:[]}}",
        f"    User 0: ceDataInode=1000 installed=true hidden=false suspended=false stopped=false enabled={0 if entry.enabled else 3}",
        "      runtime permissions:",
        *[f"        {name}: granted=true, flags=[ USER_SET ]" for name in sorted(entry.permissions)],
    ]
    return "\n".join(lines)
