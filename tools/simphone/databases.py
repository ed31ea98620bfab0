"""SQLite files of the phone: the bytes in the file tree are the database, so that a pull, a push and `sqlite3` all see the same."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from handeye.tools.simphone.files import FileFault, FileTree

LONGEST_S = 2.0
"""How long one statement may take."""
STEPS_BETWEEN_LOOKS = 20_000
"""Instructions of SQLite's machine between two looks at the clock."""
LARGEST_VALUE = 64 << 20
"""Most bytes of a text or blob."""
MOST_ROWS = 200_000
"""Most rows of one statement."""
T = TypeVar("T")


class DatabaseFault(Exception):
    """SQLite refused; the message is its own."""


@dataclass(frozen=True)
class Table:
    """What a statement gives; without columns where it gives nothing."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Databases:
    """Runs SQL on database files. A connection is kept until its file is replaced from outside.

    Statements reach no file of the computer: `ATTACH` and all that needs it are refused.
    """

    def __init__(self, files: FileTree) -> None:
        self._files = files
        self._open: dict[str, tuple[bytes, sqlite3.Connection]] = {}
        self._deadline = 0.0

    def run(self, path: str, sql: str, arguments: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows that one statement gives; what it changes is in the file at once.

        Raises `DatabaseFault` for bad SQL, SQL that takes longer than `LONGEST_S`, or a file that is no database. A missing file is
        made, if its folder is there.
        """
        table = self.table(path, sql, arguments)
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    def table(self, path: str, sql: str, arguments: Sequence[Any] = ()) -> Table:
        """The same with the names of the columns apart, which need not differ."""

        def work(db: sqlite3.Connection) -> Table:
            cursor = db.execute(sql, list(arguments))
            rows = cursor.fetchmany(MOST_ROWS + 1)
            if len(rows) > MOST_ROWS:
                raise DatabaseFault(f"more than {MOST_ROWS} rows")
            return Table(tuple(column[0] for column in cursor.description or ()), tuple(rows))

        return self._work(path, work)

    def script(self, path: str, sql: str) -> None:
        """Run many statements. Raises `DatabaseFault`."""
        self._work(path, lambda db: db.executescript(sql))

    def _work(self, path: str, work: Callable[[sqlite3.Connection], T]) -> T:
        place = path
        try:
            place = self._files.real(path)
            self._deadline = time.monotonic() + LONGEST_S
            db = self._connection(place)
            before = db.total_changes, db.execute("PRAGMA schema_version").fetchone()[0]
            result = work(db)
            db.commit()
            after = db.total_changes, db.execute("PRAGMA schema_version").fetchone()[0]
            if before != after or self._files.get(place) is None:
                self._files.write(place, db.serialize())
                self._open[place] = (self._files.read(place), db)
        except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError, MemoryError) as error:
            if place in self._open:
                self._open[place][1].rollback()
            raise DatabaseFault(str(error)) from error
        except FileFault as error:
            self._open.pop(place, None)
            raise DatabaseFault(f"unable to open database file: {error}") from error
        return result

    def _connection(self, place: str) -> sqlite3.Connection:
        entry = self._files.get(place)
        data = b"" if entry is None else self._files.read(place)
        kept = self._open.get(place)
        if kept is not None and kept[0] is data:
            return kept[1]
        db = sqlite3.connect(":memory:", check_same_thread=False)
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
        db.set_progress_handler(lambda: time.monotonic() > self._deadline, STEPS_BETWEEN_LOOKS)
        if data:
            db.deserialize(_without_log(data))
        # Only now: reading the bytes is an ATTACH to SQLite.
        db.set_authorizer(_allowed)
        self._open[place] = (data, db)
        return db


def _allowed(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    """`VACUUM` attaches a nameless file in memory; anything with a name would be a file of the computer."""
    refused = (action == sqlite3.SQLITE_ATTACH and bool(first)) or (
        action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in ("temp_store_directory", "data_store_directory")
    )
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


def _without_log(data: bytes) -> bytes:
    """A database in memory has no write-ahead log: the two bytes of the header that ask for one are set to none."""
    return data[:18] + b"\x01\x01" + data[20:] if data[18:20] == b"\x02\x02" else data
