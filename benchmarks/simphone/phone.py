"""What a task sees of the phone: its state, through adb. Nothing here looks at the screen or touches it."""

from __future__ import annotations

import base64
import shlex
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from posixpath import dirname
from typing import Any, TypeAlias

from handeye.tools.errors import DeviceError

Row: TypeAlias = dict[str, Any]
Shell: TypeAlias = Callable[[str], bytes]
"""Runs a line of the phone's shell and gives its standard output. Raises `DeviceError` when it fails."""

STORAGE = "/storage/emulated/0"
"""Where the files of the phone's user lie."""
NOTES = f"{STORAGE}/Documents/Markor"
"""Where Notes keeps its files."""


class Phone:
    """Settings, databases and files. Every method raises `DeviceError` when the phone refuses."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def run(self, *arguments: str) -> str:
        """What a program prints. The arguments are quoted."""
        return self._shell(shlex.join(arguments)).decode("utf-8", "replace")

    def put_setting(self, namespace: str, key: str, value: object) -> None:
        """Set one of `system`, `secure` and `global`."""
        self.run("settings", "put", namespace, key, str(value))

    def settings(self) -> dict[tuple[str, str], str]:
        """Every setting by namespace and key."""
        found = {}
        for namespace in ("system", "secure", "global"):
            for line in self.run("settings", "list", namespace).splitlines():
                key, _, value = line.partition("=")
                found[namespace, key] = value
        return found

    def hang_up(self) -> None:
        """End the call that goes on, if there is one."""
        if "mCallState=2" in self.run("dumpsys", "telephony.registry"):
            self.run("input", "keyevent", "KEYCODE_ENDCALL")

    def read(self, path: str) -> bytes:
        """A file's bytes."""
        return self._shell(shlex.join(["cat", path]))

    def has_text(self, path: str, text: str) -> bool:
        """Whether a file says this, line by line; empty lines and spaces at the ends do not count."""
        found, wanted = (
            [line.strip() for line in whole.splitlines() if line.strip()] for whole in (self.read(path).decode("utf-8", "replace"), text)
        )
        return found == wanted

    def write(self, path: str, data: bytes | str) -> None:
        """Make or replace a file, and the folders that it needs."""
        encoded = base64.b64encode(data.encode() if isinstance(data, str) else data).decode("ascii")
        place = shlex.quote(path)
        self._shell(f"mkdir -p {shlex.quote(dirname(path))} && echo {encoded} | base64 -d > {place}")

    def write_notes(self, notes: Mapping[str, str]) -> None:
        """Put these notes, texts by name, in place of all that there are."""
        self.clear_folder(NOTES)
        for name, text in sorted(notes.items()):
            self.write(f"{NOTES}/{name}", text + "\n")

    def clear_folder(self, path: str) -> None:
        """An empty folder at `path`, whatever was there."""
        self._shell(f"rm -rf {shlex.quote(path)} && mkdir -p {shlex.quote(path)}")

    def files(self, folder: str = STORAGE) -> dict[str, str]:
        """MD5 of every file below a folder, by its path. Apps' own (`Android/`) and hidden files are left out."""
        listed = self.run("find", folder, "-type", "f").splitlines()
        paths = [path for path in listed if "/." not in path and not path.startswith(f"{STORAGE}/Android/")]
        if not paths:
            return {}
        sums = self.run("md5sum", *paths).splitlines()
        return {line[34:]: line[:32] for line in sums}

    def tables(self, path: str, names: Iterable[str]) -> dict[str, list[Row]]:
        """All rows of tables of a database file, which is pulled and read here."""
        data = self.read(path)
        with closing(sqlite3.connect(":memory:")) as database:
            database.row_factory = sqlite3.Row
            try:
                database.deserialize(data)
                return {name: [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')] for name in names}
            except sqlite3.Error as error:
                raise DeviceError(f"{path} on the phone is not the database that was expected ({error}).") from error

    def fill(self, path: str, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Put these rows into a table in place of those that it has."""
        statements = [f"DELETE FROM {table};"]
        for row in rows:
            statements.append(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(_literal, row.values()))});")
        self.run("sqlite3", path, " ".join(statements))


def _literal(value: object) -> str:
    """A value as SQL writes it."""
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
