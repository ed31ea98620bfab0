"""`content`: query and change what providers have, by `content://` addresses."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from dataclasses import dataclass, field
from typing import Any, Final

from handeye.tools.simphone import telephony
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.content_sources import (
    COMPANY_TYPE,
    EMAIL_TYPE,
    NAME_TYPE,
    NOTE_TYPE,
    PHONE_TYPE,
    NoSource,
    Row,
    Source,
    media_rows,
    source,
)
from handeye.tools.simphone.databases import DatabaseFault
from handeye.tools.simphone.effects import delete_setting, put_setting
from handeye.tools.simphone.files import FileFault
from handeye.tools.simphone.state import DeviceState

VERBS: Final = ("query", "insert", "update", "delete", "read", "write", "call", "gettype")
USAGE: Final = """usage: adb shell content [subcommand] [options]

usage: adb shell content insert --uri <URI> [--user <USER_ID>] --bind <BINDING> [--bind <BINDING>...]
usage: adb shell content update --uri <URI> [--user <USER_ID>] [--where <WHERE>] --bind <BINDING>
usage: adb shell content delete --uri <URI> [--user <USER_ID>] [--where <WHERE>]
usage: adb shell content query --uri <URI> [--user <USER_ID>] [--projection <PROJECTION>] [--where <WHERE>] [--sort <SORT_ORDER>]
  <PROJECTION> is a list of colon separated column names and is formatted: <COLUMN_NAME>[:<COLUMN_NAME>...]
  <BINDING> binds a typed value to a column and is formatted: <COLUMN_NAME>:<TYPE>:<COLUMN_VALUE> where TYPE is one of b s i l f d n
usage: adb shell content read --uri <URI> [--user <USER_ID>]
usage: adb shell content write --uri <URI> [--user <USER_ID>]"""


class BadArguments(Exception):
    """The message is what `content` says after `[ERROR] `."""


@dataclass
class Options:
    """What the command line held."""

    uri: str = ""
    projection: list[str] = field(default_factory=list)
    where: str = ""
    sort: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    method: str = ""
    argument: str = ""


async def content(call: Call) -> int:
    """Run one command on a provider."""
    words = call.arguments
    if not words or words[0] not in VERBS:
        call.complain((f"[ERROR] Unsupported operation: {words[0]}\n" if words else "") + USAGE)
        return 1
    try:
        options = _options(words[1:])
        return await _run(call, words[0], options)
    except BadArguments as fault:
        call.complain(f"[ERROR] {fault}\n\n{USAGE}")
        return 1
    except (NoSource, DatabaseFault, FileFault) as fault:
        provider = re.sub(r"^content://|/.*$", "", options.uri)
        text = f"android.database.sqlite.SQLiteException: {fault} (code 1 SQLITE_ERROR)" if isinstance(fault, DatabaseFault) else str(fault)
        call.complain(f"Error while accessing provider:{provider}\n{text}")
        return 1


def _options(words: list[str]) -> Options:
    options, rest = Options(), list(words)
    while rest:
        word = rest.pop(0)
        if word not in ("--uri", "--projection", "--where", "--sort", "--bind", "--extra", "--user", "--method", "--arg"):
            raise BadArguments(f"Unsupported argument: {word}")
        if not rest:
            raise BadArguments(f"No value after argument: {word}")
        value = rest.pop(0)
        match word:
            case "--uri":
                options.uri = value
            case "--projection":
                options.projection = [name for name in value.split(":") if name]
            case "--where":
                options.where = value
            case "--sort":
                options.sort = value
            case "--bind":
                _bind(options, value)
            case "--method":
                options.method = value
            case "--arg":
                options.argument = value
    if not options.uri:
        raise BadArguments("Content provider URI not specified. Did you specify --uri argument?")
    return options


def _bind(options: Options, text: str) -> None:
    name, _, rest = text.partition(":")
    kind, _, value = rest.partition(":")
    try:
        match kind:
            case "s":
                options.values[name] = value
            case "i" | "l":
                options.values[name] = int(value)
            case "f" | "d":
                options.values[name] = float(value)
            case "b":
                options.values[name] = int(value.lower() == "true")
            case "n":
                options.values[name] = None
            case _:
                raise BadArguments(f"Unsupported type: {kind}" if kind else f"Binding not well formed: {text}")
    except ValueError as error:
        raise BadArguments(f'For input string: "{value}"') from error


async def _run(call: Call, verb: str, options: Options) -> int:
    state = call.phone.state
    match verb:
        case "query":
            _query(call, options)
            return 0
        case "read":
            call.out += state.files.read(_media_path(state, options.uri))
            return 0
        case "write":
            state.files.write(_media_path(state, options.uri), await call.stdin.read())
            return 0
        case "gettype":
            call.say(f"Result: vnd.android.cursor.dir/{re.sub('^content://', '', options.uri).replace('/', '.')}")
            return 0
        case "call":
            return _method(call, options)
    origin = source(state, options.uri)
    if origin.provider == "settings":
        _change_setting(state, verb, options)
    elif origin.provider == "media" and verb == "delete":
        for row in read_rows(state, origin, ["_data"], options.where):
            state.files.remove(row["_data"])
    elif not origin.table:
        raise NoSource(f"java.lang.UnsupportedOperationException: {verb} is not supported for {options.uri}")
    else:
        {"insert": _insert, "update": _update, "delete": _delete}[verb](state, origin, options)
        state.changed("sql", origin.database)
    await call.phone.screen.sync()
    return 0


def _query(call: Call, options: Options) -> None:
    rows = read_rows(call.phone.state, source(call.phone.state, options.uri), options.projection, options.where, options.sort)
    if not rows:
        call.say("No result found.")
    for index, row in enumerate(rows):
        call.say(f"Row: {index} " + ", ".join(f"{name}={_shown(value)}" for name, value in row.items()))


def _shown(value: Any) -> str:
    return "NULL" if value is None else "BLOB" if isinstance(value, bytes) else str(value)


def read_rows(state: DeviceState, origin: Source, projection: list[str], where: str = "", sort: str = "") -> list[Row]:
    """The rows of a source. Raises `DatabaseFault` for columns and conditions that are none."""
    columns = ", ".join(projection) if projection else "*"
    conditions = " AND ".join(f"({part})" for part in (origin.where, where) if part)
    order = sort or ("date DESC" if origin.table in ("sms", "calls") or "msg_count" in origin.select else "")
    tail = (f" WHERE {conditions}" if conditions else "") + (f" ORDER BY {order}" if order else "")
    if origin.database:
        if state.files.get(origin.database) is None:
            return []
        return state.databases.run(origin.database, f"SELECT {columns} FROM ({origin.select}){tail}")
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = sqlite3.Row
        names = origin.columns or ("_id",)
        db.execute(f"CREATE TABLE rows ({', '.join(names)})")
        db.executemany(
            f"INSERT INTO rows VALUES ({', '.join('?' * len(names))})", [[row.get(name) for name in names] for row in origin.rows]
        )
        db.set_authorizer(_only_reading)
        try:
            found = [dict(row) for row in db.execute(f"SELECT {columns} FROM rows{tail}")]
        except sqlite3.Error as error:
            raise DatabaseFault(str(error)) from error
    return found


def _only_reading(action: int, *names: str | None) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION)
    return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY


def _insert(state: DeviceState, origin: Source, options: Options) -> None:
    if origin.table == "contacts":
        _insert_contact(state, origin, options)
        return
    values = {**origin.fixed, **_in_table(state, origin, options.values)}
    if origin.table == "sms" and "thread_id" not in values:
        values["thread_id"] = telephony.thread_of(state, str(values.get("address", "")))
    _put(state, origin, values)


def _put(state: DeviceState, origin: Source, values: Row) -> None:
    names = [f'"{name.replace(chr(34), "")}"' for name in values]
    state.databases.run(
        origin.database, f"INSERT INTO {origin.table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", list(values.values())
    )


def _in_table(state: DeviceState, origin: Source, values: Row) -> Row:
    """Values under the table's own names: times of the calendar are seconds there, and names a table does not have are left out."""
    known = {row["name"] for row in state.databases.run(origin.database, f"SELECT name FROM pragma_table_info('{origin.table}')")}
    named = {origin.names.get(name, name): value for name, value in values.items()}
    if origin.table == "events":
        named = {
            name: value // 1000 if name in ("start_ts", "end_ts") and isinstance(value, int) else value for name, value in named.items()
        }
    return {name: value for name, value in named.items() if name in known}


def _insert_contact(state: DeviceState, origin: Source, options: Options) -> None:
    values = options.values
    if "mimetype" not in values:
        _put(state, origin, {"last_updated": state.clock.now_ms, **_split_name(_in_table(state, origin, values))})
        return
    number = values.get("raw_contact_id", values.get("contact_id"))
    changes: Row = {}
    match values["mimetype"]:
        case mime if mime == NAME_TYPE:
            whole = values.get("data1") or " ".join(str(values[name]) for name in ("data2", "data3") if values.get(name))
            changes = _split_name({"display_name": whole})
        case mime if mime == PHONE_TYPE:
            changes = {"number": values.get("data1"), "number_type": {1: "Home", 3: "Work"}.get(values.get("data2", 2), "Mobile")}
        case mime if mime == EMAIL_TYPE:
            changes = {"email": values.get("data1")}
        case mime if mime == NOTE_TYPE:
            changes = {"note": values.get("data1")}
        case mime if mime == COMPANY_TYPE:
            changes = {"company": values.get("data1")}
    for name, value in changes.items():
        state.databases.run(origin.database, f"UPDATE contacts SET {name} = ? WHERE _id = ?", [value, number])


def _split_name(values: Row) -> Row:
    if not values.get("display_name") or values.get("first_name"):
        return values
    first, _, last = str(values["display_name"]).rpartition(" ")
    return {**values, "first_name": first or last, "last_name": last if first else ""}


def _update(state: DeviceState, origin: Source, options: Options) -> None:
    values = _in_table(state, origin, options.values)
    if values:
        sets = ", ".join(f'"{name.replace(chr(34), "")}" = ?' for name in values)
        keys = _keys(state, origin, options)
        state.databases.run(
            origin.database,
            f"UPDATE {origin.table} SET {sets} WHERE {origin.table_key} IN ({', '.join('?' * len(keys))})",
            [*values.values(), *keys],
        )


def _delete(state: DeviceState, origin: Source, options: Options) -> None:
    keys = _keys(state, origin, options)
    state.databases.run(origin.database, f"DELETE FROM {origin.table} WHERE {origin.table_key} IN ({', '.join('?' * len(keys))})", keys)


def _keys(state: DeviceState, origin: Source, options: Options) -> list[Any]:
    return [row[origin.key] for row in read_rows(state, origin, [origin.key], options.where, origin.key)]


def _change_setting(state: DeviceState, verb: str, options: Options) -> None:
    found = re.match(r"content://settings/(system|secure|global)/?(\w*)", options.uri)
    name = options.values.get("name") or (found[2] if found else "")
    if verb == "delete":
        quoted = re.search(r"name\s*=\s*[\"']([^\"']+)[\"']", options.where)
        name = quoted[1] if quoted else name
    if found is None or not name:
        raise BadArguments("a setting needs a name: --bind name:s:KEY --bind value:s:VALUE")
    match found[1]:
        case "system" | "secure" | "global" as namespace:
            if verb == "delete":
                delete_setting(state, namespace, str(name))
            else:
                put_setting(state, namespace, str(name), str(options.values.get("value", "")))


def _method(call: Call, options: Options) -> int:
    found = re.fullmatch(r"(GET|PUT)_(system|secure|global)", options.method)
    match found:
        case re.Match() if found[1] == "GET":
            value = call.phone.state.facts.settings[found[2]].get(options.argument)
            call.say(f"Result: Bundle[{{value={'null' if value is None else value}}}]")
            return 0
    call.say("Result: null")
    return 0


def _media_path(state: DeviceState, address: str) -> str:
    found = re.match(r"content://media/\w+/(?:images/media|video/media|audio/media|file|downloads)/(\d+)", address)
    rows = [row for row in media_rows(state) if found and row["_id"] == int(found[1])]
    if not rows:
        raise NoSource(f"java.io.FileNotFoundException: No item at {address}")
    return str(rows[0]["_data"])


COMMANDS: Final[dict[str, Command]] = {"content": content}
