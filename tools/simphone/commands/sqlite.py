"""The program `sqlite3`: SQL and its dot commands on a database file of the phone."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from typing import Any

from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.databases import DatabaseFault, Table

MODES = ("list", "csv", "json", "line", "column", "quote", "tabs", "insert", "html", "table", "box")
FLAGS = ("-header", "-noheader", "-bail", "-batch", "-readonly", "-version")


class _Session:
    """How results are printed now."""

    def __init__(self, call: Call, path: str, mode: str, header: bool, separator: str, null: str) -> None:
        self.call = call
        self.path = path
        self.mode = mode
        self.header = header
        self.separator = separator
        self.null = null

    def run(self, sql: str) -> None:
        """Run statements and print their rows. Raises `DatabaseFault`."""
        for statement in statements(sql):
            self.show(self.call.phone.state.databases.table(self.path, statement))

    def show(self, table: Table) -> None:
        """Print rows."""
        if not table.columns or (not table.rows and self.mode != "json"):
            return
        if self.mode == "json":
            if table.rows:
                rows = [dict(zip(table.columns, (_jsonable(value) for value in row), strict=True)) for row in table.rows]
                self.call.say("[" + ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows) + "]")
        elif self.mode == "line":
            width = max(len(name) for name in table.columns)
            blocks = [
                "\n".join(f"{name:>{width}} = {self.text(value)}" for name, value in zip(table.columns, row, strict=True))
                for row in table.rows
            ]
            self.call.say("\n\n".join(blocks))
        elif self.mode in ("column", "table", "box"):
            self._columns(table)
        else:
            self._separated(table)

    def text(self, value: Any) -> str:
        """A value as it is printed."""
        if value is None:
            return self.null
        if isinstance(value, bytes):
            return value.decode("utf-8", "surrogateescape").partition("\0")[0]
        return _number(value) if isinstance(value, float) else str(value)

    def _separated(self, table: Table) -> None:
        separator = {"csv": ",", "tabs": "\t", "quote": ","}.get(self.mode, self.separator)
        rows = [list(row) for row in table.rows]
        if self.mode == "quote":
            cells = [[_quoted(value) for value in row] for row in rows]
        else:
            cells = [[self.text(value) for value in row] for row in rows]
        if self.header:
            cells.insert(0, list(table.columns))
        if self.mode == "csv":
            buffer = io.StringIO()
            csv.writer(buffer, delimiter=separator, lineterminator="\n").writerows(cells)
            self.call.out += buffer.getvalue().encode("utf-8", "surrogateescape")
            return
        for row in cells:
            self.call.say(separator.join(row))

    def _columns(self, table: Table) -> None:
        cells = [list(table.columns), *([self.text(value) for value in row] for row in table.rows)]
        widths = [max(len(row[at]) for row in cells) for at in range(len(table.columns))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
        rule = "  ".join("-" * width for width in widths)
        self.call.say("\n".join([lines[0], rule, *lines[1:]] if self.header or self.mode != "column" else lines[1:]))


def statements(sql: str) -> list[str]:
    """SQL cut where statements end."""
    found: list[str] = []
    start = 0
    for match in re.finditer(";", sql):
        piece = sql[start : match.end()]
        if sqlite3.complete_statement(piece):
            found.append(piece)
            start = match.end()
    rest = sql[start:].strip()
    return [piece for piece in [*found, rest] if piece.strip(" \t\n;")]


def _jsonable(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _quoted(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text if not isinstance(value, float) or re.search(r"[.en]", text) else text + ".0"


async def sqlite3_program(call: Call) -> int:
    """`sqlite3 [OPTION...] FILE [SQL]`; without SQL it is read from the input."""
    arguments = list(call.arguments)
    flags: set[str] = set()
    commands: list[str] = []
    mode, separator, null = "list", "|", ""
    while arguments and arguments[0].startswith("-"):
        word = arguments.pop(0).replace("--", "-")
        if word[1:] in MODES:
            mode = word[1:]
        elif word in ("-separator", "-nullvalue", "-cmd", "-init", "-newline") and arguments:
            value = arguments.pop(0)
            separator = value if word == "-separator" else separator
            null = value if word == "-nullvalue" else null
            commands += [value] if word == "-cmd" else []
        elif word in FLAGS:
            flags.add(word)
        else:
            return call.complain(f"sqlite3: Error: unknown option: {word}\nUse -help for a list of options.")
    if "-version" in flags:
        call.say(f"{sqlite3.sqlite_version} (handeye)")
        return 0
    path = call.path(arguments.pop(0)) if arguments and arguments[0] != ":memory:" else "/data/local/tmp/:memory:"
    scripts = commands + (arguments[1:] if arguments[:1] == [":memory:"] else arguments)
    if not arguments or (arguments[:1] == [":memory:"] and len(arguments) == 1):
        scripts.append((await call.stdin.read()).decode("utf-8", "surrogateescape"))
    session = _Session(call, path, mode, "-header" in flags, separator, null)
    try:
        for script in scripts:
            _lines(session, script)
    except DatabaseFault as error:
        return call.complain(f"Error: {error}")
    return 0


def _lines(session: _Session, script: str) -> None:
    """SQL with dot commands between its lines. Raises `DatabaseFault`."""
    sql: list[str] = []
    for line in script.splitlines():
        if line.startswith(".") and not "".join(sql).strip():
            _dot(session, line)
        else:
            sql.append(line)
            if line.rstrip().endswith(";") and sqlite3.complete_statement("\n".join(sql)):
                session.run("\n".join(sql))
                sql.clear()
    session.run("\n".join(sql))


def _dot(session: _Session, line: str) -> None:
    words = line[1:].split()
    command, rest = (words[0], words[1:]) if words else ("", [])
    named = f" AND name LIKE '{rest[0].replace(chr(39), chr(39) * 2)}'" if rest else ""
    if command == "tables":
        query = f"SELECT name FROM sqlite_master WHERE type IN ('table','view') AND name NOT LIKE 'sqlite_%'{named} ORDER BY 1"
        names = [str(row[0]) for row in session.call.phone.state.databases.table(session.path, query).rows]
        if names:
            session.call.say("  ".join(names))
    elif command in ("schema", "dump"):
        query = f"SELECT sql FROM sqlite_master WHERE sql IS NOT NULL{named} ORDER BY rowid"
        found = [f"{row[0]};" for row in session.call.phone.state.databases.table(session.path, query).rows]
        if command == "dump":
            found = ["PRAGMA foreign_keys=OFF;", "BEGIN TRANSACTION;", *found, *_inserts(session), "COMMIT;"]
        session.call.out += "".join(line + "\n" for line in found).encode("utf-8", "surrogateescape")
    elif command in ("headers", "header"):
        session.header = rest[:1] == ["on"]
    elif command == "mode" and rest and rest[0] in MODES:
        session.mode = rest[0]
    elif command == "separator" and rest:
        session.separator = rest[0].strip("\"'")
    elif command == "nullvalue" and rest:
        session.null = rest[0].strip("\"'")
    elif command not in ("quit", "exit", "timeout", "bail", "timer", "width", "echo"):
        raise DatabaseFault(f'unknown command or invalid arguments:  "{command}". Enter ".help" for help')


def _inserts(session: _Session) -> list[str]:
    databases = session.call.phone.state.databases
    tables = databases.table(session.path, "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'").rows
    found = []
    for (name,) in tables:
        quoted = str(name).replace('"', '""')
        for row in databases.table(session.path, f'SELECT * FROM "{quoted}"').rows:
            found.append(f"INSERT INTO {name} VALUES({','.join(_quoted(value) for value in row)});")
    return found


COMMANDS: dict[str, Command] = {"sqlite3": sqlite3_program}
