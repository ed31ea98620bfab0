"""The folders and system files that every Android phone has, before anybody has used it."""

from __future__ import annotations

from handeye.tools.simphone.files import FileTree

SHARED = (
    "Alarms Android Android/data Android/media Android/obb DCIM Documents Download Movies Music Notifications Pictures Podcasts Ringtones"
)
FOLDERS = (
    "/apex", "/acct", "/config", "/d", "/data/app", "/data/data", "/data/local/tmp", "/data/misc", "/data/system", "/data/user_de/0",
    "/data/anr", "/data/tombstones", "/dev", "/mnt", "/odm", "/oem", "/product/app", "/proc", "/storage/emulated/0", "/storage/self",
    "/sys", "/system/app", "/system/bin", "/system/etc", "/system/fonts", "/system/framework", "/system/lib64", "/system/priv-app",
    "/system/xbin", "/vendor/bin",
)  # fmt: skip
FILES = {
    "/dev/null": "",
    "/dev/random": "",
    "/dev/urandom": "",
    "/dev/zero": "",
    "/proc/cpuinfo": "".join(f"processor\t: {core}\nvendor_id\t: GenuineIntel\nmodel name\t: Virtual CPU\n\n" for core in range(4)),
    "/proc/meminfo": "MemTotal:        4028892 kB\nMemFree:         1304520 kB\nMemAvailable:    2480112 kB\n",
    "/proc/uptime": "3600.00 14400.00\n",
    "/proc/version": "Linux version 5.15.41-android13 (build@handeye) #1 SMP PREEMPT\n",
    "/system/etc/hosts": "127.0.0.1       localhost\n::1             ip6-localhost\n",
}


def lay_out(files: FileTree) -> None:
    """Make them; what is there already stays."""
    for folder in FOLDERS:
        files.mkdir(folder, parents=True)
    for path, text in FILES.items():
        if files.get(path) is None:
            files.write(path, text.encode(), mode=0o644)
