"""SQLite files of the phone: the bytes in the file tree are the database, so that a pull, a push and `sqlite3` all see the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from handeye.tools.simphone.files import FileFault, FileTree


class DatabaseFault(Exception):
    """SQLite refused; the message is its own."""


class Databases:
    """Runs SQL on database files. A connection is kept until its file is replaced from outside."""

    def __init__(self, files: FileTree) -> None:
        self._files = files
        self._open: dict[str, tuple[bytes, sqlite3.Connection]] = {}

    def run(self, path: str, sql: str, arguments: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows that one statement gives; what it changes is in the file at once.

        Raises `DatabaseFault` for bad SQL or a file that is no database. A missing file is made, if its folder is there.
        """
        return self._work(path, lambda db: [dict(row) for row in db.execute(sql, list(arguments))])

    def script(self, path: str, sql: str) -> None:
        """Run many statements. Raises `DatabaseFault`."""

        def work(db: sqlite3.Connection) -> list[dict[str, Any]]:
            db.executescript(sql)
            return []

        self._work(path, work)

    def _work(self, path: str, work: Any) -> list[dict[str, Any]]:
        place = self._files.real(path)
        try:
            db = self._connection(place)
            before = db.total_changes, db.execute("PRAGMA schema_version").fetchone()[0]
            rows: list[dict[str, Any]] = work(db)
            db.commit()
            after = db.total_changes, db.execute("PRAGMA schema_version").fetchone()[0]
            if before != after or self._files.get(place) is None:
                data = db.serialize()
                self._files.write(place, data)
                self._open[place] = (self._files.read(place), db)
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            if place in self._open:
                self._open[place][1].rollback()
            raise DatabaseFault(str(error)) from error
        except FileFault as error:
            raise DatabaseFault(f"unable to open database file: {error}") from error
        return rows

    def _connection(self, place: str) -> sqlite3.Connection:
        entry = self._files.get(place)
        data = b"" if entry is None else self._files.read(place)
        kept = self._open.get(place)
        if kept is not None and kept[0] is data:
            return kept[1]
        db = sqlite3.connect(":memory:", check_same_thread=False)
        db.row_factory = sqlite3.Row
        if data:
            db.deserialize(data)
        self._open[place] = (data, db)
        return db
