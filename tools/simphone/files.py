"""The phone's files: a tree in memory. Paths are absolute; `/sdcard` and its other names lead to `/storage/emulated/0`."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from posixpath import normpath

LINKS = {
    "/sdcard": "/storage/emulated/0",
    "/mnt/sdcard": "/storage/emulated/0",
    "/storage/self/primary": "/storage/emulated/0",
    "/data/media/0": "/storage/emulated/0",
    "/data/user/0": "/data/data",
}
"""Other names of folders, as on a device."""
SHELL_FILES = "/data/local/tmp"
"""Where adb keeps its own: apps can neither list nor watch what is there (AOSP: init.rc, mode 0771 of the user shell; untrusted_app.te)."""
FOLDER_MODE = stat.S_IFDIR | 0o771
FILE_MODE = stat.S_IFREG | 0o660
FILE_LIMIT = 64 << 20
"""Most bytes of a file."""
DISK_LIMIT = 512 << 20
"""Most bytes of all files together."""
ENTRY_LIMIT = 100_000
"""Most files and folders."""
NAME_LIMIT = 255
"""Most bytes in the name of a file (ext4)."""
PATH_LIMIT = 4096
"""Most bytes of a path (Linux: PATH_MAX)."""


class FileFault(OSError):
    """A path that cannot be used in this way; the message is what a shell command says after the path (`No such file or directory`)."""


@dataclass(frozen=True)
class Entry:
    """A file (`data` holds its bytes) or a folder (`data` is None)."""

    data: bytes | None
    mode: int
    mtime: int
    """Seconds since 1970."""
    owner: str = "root"
    group: str = "root"

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder."""
        return self.data is None

    @property
    def size(self) -> int:
        """Bytes; 4096 for a folder, as ext4 says."""
        return 4096 if self.data is None else len(self.data)


@dataclass
class FileTree:
    """Every file by its path. `on_change` hears each path that was written, made or taken away; `now_s` gives times of change."""

    now_s: Callable[[], int] = lambda: 0
    on_change: Callable[[str], None] = lambda path: None
    entries: dict[str, Entry] = field(default_factory=lambda: {"/": Entry(None, FOLDER_MODE, 0)})
    incoming: int = 0
    """Bytes that arrive just now and are in no file yet."""

    def real(self, path: str, cwd: str = "/") -> str:
        """The path itself: absolute, without `..`, other names followed. Raises `FileFault` for a path with a zero byte."""
        if "\0" in path:
            raise FileFault("Invalid argument")
        whole = normpath(path if path.startswith("/") else f"{cwd}/{path}")
        whole = "/" + whole.lstrip("/")
        for name, target in LINKS.items():
            if whole == name or whole.startswith(name + "/"):
                return target + whole[len(name) :]
        return whole

    def get(self, path: str) -> Entry | None:
        """What is at `path`, or None."""
        return self.entries.get(self.real(path))

    def need(self, path: str) -> Entry:
        """What is at `path`. Raises `FileFault` when nothing is."""
        entry = self.get(path)
        if entry is None:
            raise FileFault("No such file or directory")
        return entry

    def read(self, path: str) -> bytes:
        """A file's bytes. Raises `FileFault` when there is none or it is a folder."""
        data = self.need(path).data
        if data is None:
            raise FileFault("Is a directory")
        return data

    def write(self, path: str, data: bytes, mode: int | None = None, mtime: int | None = None) -> None:
        """Make or replace a file. Raises `FileFault` when its folder is not there, a folder has that name, or the disk is full."""
        place = self.real(path)
        self._need_parent(place)
        before = self.entries.get(place)
        if before is not None and before.is_folder:
            raise FileFault("Is a directory")
        self._need_room(place, len(data) - (0 if before is None else before.size), len(data))
        owner, group = owner_of(place)
        kept = FILE_MODE if before is None else before.mode
        wanted = kept if mode is None else stat.S_IFREG | stat.S_IMODE(mode)
        self.entries[place] = Entry(bytes(data), wanted, self.now_s() if mtime is None else mtime, owner, group)
        self.on_change(place)

    def mkdir(self, path: str, parents: bool = False) -> None:
        """Make a folder, with `parents` those above it too. Raises `FileFault` when something is there (a folder is fine with
        `parents`), there is no folder to make it in, or the disk is full."""
        place = self.real(path)
        there = self.entries.get(place)
        if there is not None:
            if parents and there.is_folder:
                return
            raise FileFault("File exists")
        steps = place.split("/")
        for count in range(2 if parents else len(steps), len(steps) + 1):
            folder = "/".join(steps[:count])
            if folder in self.entries and folder != place:
                continue
            self._need_parent(folder)
            self._need_room(folder)
            owner, group = owner_of(folder)
            self.entries[folder] = Entry(None, FOLDER_MODE, self.now_s(), owner, group)
            self.on_change(folder)

    def remove(self, path: str) -> None:
        """Take a file away, or a folder with all that is in it. Raises `FileFault` when nothing is there."""
        place = self.real(path)
        self.need(place)
        if place == "/":
            raise FileFault("Device or resource busy")
        for inside in [place, *self._below(place)]:
            del self.entries[inside]
        self.on_change(place)

    def move(self, source: str, target: str) -> None:
        """Give a file or folder another path, in place of a file that may be there. Raises `FileFault`."""
        old, new = self.real(source), self.real(target)
        if new == old or new.startswith(old + "/"):
            raise FileFault("Invalid argument")
        self.need(old)
        self._need_parent(new)
        if (there := self.entries.get(new)) is not None and there.is_folder:
            raise FileFault("Is a directory")
        for inside in [old, *self._below(old)]:
            self.entries[new + inside[len(old) :]] = self.entries.pop(inside)
        self.on_change(old)
        self.on_change(new)

    def set_mode(self, path: str, mode: int) -> None:
        """Set the permissions. Raises `FileFault` when nothing is there."""
        entry = self.need(path)
        self.entries[self.real(path)] = replace(entry, mode=stat.S_IFMT(entry.mode) | stat.S_IMODE(mode))

    def set_mtime(self, path: str, mtime: int) -> None:
        """Set the time of change. Raises `FileFault` when nothing is there."""
        self.entries[self.real(path)] = replace(self.need(path), mtime=mtime)

    def children(self, path: str) -> dict[str, Entry]:
        """What a folder holds, by name and in order of names. Raises `FileFault` for anything else."""
        place = self.real(path)
        if not self.need(place).is_folder:
            raise FileFault("Not a directory")
        prefix = place.rstrip("/") + "/"
        found = {inside[len(prefix) :]: entry for inside, entry in self.entries.items() if inside.startswith(prefix) and inside != prefix}
        return {name: found[name] for name in sorted(found) if "/" not in name}

    def _below(self, place: str) -> Iterator[str]:
        prefix = place.rstrip("/") + "/"
        yield from [inside for inside in self.entries if inside.startswith(prefix)]

    @property
    def used(self) -> int:
        """Bytes of all files together."""
        return sum(len(entry.data) for entry in self.entries.values() if entry.data is not None)

    def _need_room(self, place: str, growth: int = 0, size: int = 0) -> None:
        """Raises `FileFault` where `growth` more bytes, or a new entry, do not fit."""
        encoded = place.encode("utf-8", "surrogateescape")
        if len(encoded) >= PATH_LIMIT or len(encoded) - encoded.rfind(b"/") - 1 > NAME_LIMIT:
            raise FileFault("File name too long")
        if place not in self.entries and len(self.entries) >= ENTRY_LIMIT:
            raise FileFault("No space left on device")
        if size > FILE_LIMIT:
            raise FileFault("No space left on device")
        if growth > 0 and self.used + growth > DISK_LIMIT:
            raise FileFault("No space left on device")

    def _need_parent(self, place: str) -> None:
        parent = self.entries.get(place.rpartition("/")[0] or "/")
        if parent is None:
            raise FileFault("No such file or directory")
        if not parent.is_folder:
            raise FileFault("Not a directory")


def owner_of(path: str) -> tuple[str, str]:
    """Owner and group of what lies there, in the names that `ls -l` prints."""
    if path.startswith("/storage/emulated/"):
        return "u0_a1", "media_rw"
    if path.startswith(SHELL_FILES):
        return "shell", "shell"
    if path.startswith("/data/data/"):
        return "u0_a1", "u0_a1"
    return "root", "root"
