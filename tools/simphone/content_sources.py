"""Which rows stand behind a `content://` address: tables of the providers' databases, files, settings."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from handeye.tools.simphone.state import DeviceState
from handeye.tools.simphone.telephony import CALL_LOG, CONTACTS, MESSAGES, digits

Row: TypeAlias = dict[str, Any]
CALENDAR: Final = "/data/data/com.simplemobiletools.calendar.pro/databases/events.db"
MEDIA_FOLDER: Final = "/storage/emulated/0"
NAME_TYPE: Final = "vnd.android.cursor.item/name"
PHONE_TYPE: Final = "vnd.android.cursor.item/phone_v2"
EMAIL_TYPE: Final = "vnd.android.cursor.item/email_v2"
NOTE_TYPE: Final = "vnd.android.cursor.item/note"
COMPANY_TYPE: Final = "vnd.android.cursor.item/organization"
"""MIME types of rows of contacts' data (android.provider.ContactsContract)."""
_LABELS: Final = "CASE number_type WHEN 'Home' THEN 1 WHEN 'Work' THEN 3 ELSE 2 END"
"""ContactsContract.CommonDataKinds.Phone.TYPE_*."""
_NAMED: Final = "display_name IS NOT NULL"
_PHONES: Final = (
    f"SELECT _id, _id AS contact_id, _id AS raw_contact_id, _id AS person, display_name, display_name AS name, number, {_LABELS} AS type,"
    " NULL AS label, starred, 0 AS times_contacted, 1 AS isprimary, number AS data1, number AS data4 FROM contacts"
    " WHERE number IS NOT NULL AND number != ''"
)
_PEOPLE: Final = (
    "SELECT _id, display_name, display_name AS name, display_name AS display_name_alt, first_name, last_name, number, email, company, note,"
    " note AS notes, starred, (number IS NOT NULL AND number != '') AS has_phone_number, 1 AS in_visible_group, _id AS lookup,"
    f" 0 AS times_contacted, last_updated AS contact_last_updated_timestamp FROM contacts WHERE {_NAMED}"
)
_DATA: Final = " UNION ALL ".join(
    f"SELECT _id * 5 + {index} AS _id, _id AS contact_id, _id AS raw_contact_id, '{mime}' AS mimetype, {value} AS data1, {second} AS data2,"
    f" {third} AS data3, display_name, starred FROM contacts WHERE {value} IS NOT NULL AND {value} != ''"
    for index, (mime, value, second, third) in enumerate([
        (NAME_TYPE, "display_name", "first_name", "last_name"),
        (PHONE_TYPE, "number", _LABELS, "NULL"),
        (EMAIL_TYPE, "email", "1", "NULL"),
        (NOTE_TYPE, "note", "NULL", "NULL"),
        (COMPANY_TYPE, "company", "1", "NULL"),
    ])
)  # fmt: skip
_CONVERSATIONS: Final = (
    "SELECT thread_id AS _id, thread_id, COUNT(*) AS msg_count, body AS snippet, MAX(date) AS date, address, MIN(read) AS read FROM sms"
    " GROUP BY thread_id"
)
_EVENTS: Final = (
    "SELECT id AS _id, event_type AS calendar_id, title, description, location AS eventLocation, start_ts * 1000 AS dtstart,"
    " end_ts * 1000 AS dtend, time_zone AS eventTimezone, (flags & 1) AS allDay, 1 AS eventStatus, 0 AS deleted, 1 AS visible,"
    " CASE WHEN reminder_1_minutes >= 0 THEN 1 ELSE 0 END AS hasAlarm, NULL AS rrule, NULL AS duration, color AS eventColor FROM events"
)
_INSTANCES: Final = (
    f'SELECT _id, _id AS event_id, dtstart AS "begin", dtend AS "end", title, eventLocation, allDay, calendar_id FROM ({_EVENTS})'
)
_CALENDARS: Final = (
    "SELECT id AS _id, title AS name, title AS calendar_displayName, color AS calendar_color,"
    " 'Local' AS account_name, 'LOCAL' AS account_type,"
    " 1 AS visible, 700 AS calendar_access_level FROM event_types"
)


class NoSource(Exception):
    """An address that no provider answers; the message is what `content` says."""


@dataclass(frozen=True)
class Source:
    """What is read, and where rows of it are written."""

    provider: str
    """Authority, for messages."""
    database: str = ""
    """Path of the database; empty: `rows` are given."""
    select: str = ""
    """All rows, as a statement."""
    rows: tuple[Row, ...] = ()
    columns: tuple[str, ...] = ()
    """Of `rows`."""
    where: str = ""
    """What the address itself demands."""
    table: str = ""
    """Table that rows are put into and taken from; empty: read only."""
    key: str = "_id"
    """Column of the select that is the table's primary key, or points to it."""
    table_key: str = "_id"
    names: dict[str, str] = field(default_factory=dict)
    """The table's columns for names in the select, where they differ."""
    fixed: dict[str, Any] = field(default_factory=dict)
    """Columns of every new row, unless they are given."""


def source(state: DeviceState, address: str) -> Source:
    """What stands behind an address. Raises `NoSource`."""
    found = re.fullmatch(r"content://([^/?#]+)/?([^?#]*)(?:\?.*)?", address)
    if found is None:
        raise NoSource(f"Could not find provider: {address.removeprefix('content://').partition('/')[0]}")
    authority = found[1].rpartition("@")[2]
    parts = [unquote(part) for part in found[2].split("/") if part]
    make = AUTHORITIES.get(authority)
    if make is None:
        raise NoSource(f"Could not find provider: {authority}")
    return make(state, authority, parts)


def _sms(state: DeviceState, authority: str, parts: list[str]) -> Source:
    boxes = {"inbox": 1, "sent": 2, "draft": 3, "outbox": 4, "failed": 5, "queued": 6}
    if (parts[:1] == ["conversations"] and len(parts) == 1) or (authority == "mms-sms" and parts[:1] != ["conversations"]):
        return Source("sms", MESSAGES, _CONVERSATIONS)
    where, fixed = "", {"type": 1, "read": 0, "seen": 0, "status": -1, "locked": 0, "error_code": -1, "date": state.clock.now_ms}
    match parts:
        case [box] if box in boxes:
            where, fixed = f"type = {boxes[box]}", {**fixed, "type": boxes[box], "read": int(boxes[box] != 1)}
        case ["conversations", thread] if thread.isdigit():
            where = f"thread_id = {int(thread)}"
        case [number] if number.isdigit():
            where = f"_id = {int(number)}"
        case [_, *_]:
            raise _unknown_url(authority, parts)
    return Source("sms", MESSAGES, "SELECT * FROM sms", where=where, table="sms", fixed=fixed)


def _contacts(state: DeviceState, authority: str, parts: list[str]) -> Source:
    names = {"name": "display_name", "data1": "number", "notes": "note"}
    match parts:
        case ["phones" | "phone"] | ["data", "phones"]:
            return Source(authority, CONTACTS, _PHONES, table="contacts", key="_id", names=names)
        case ["people" | "contacts"] | []:
            return Source(authority, CONTACTS, _PEOPLE, table="contacts", names=names)
        case ["people" | "contacts", number, *_] if number.isdigit():
            return Source(authority, CONTACTS, _PEOPLE, where=f"_id = {int(number)}", table="contacts", names=names)
        case ["raw_contacts", *rest]:
            select = "SELECT _id, _id AS contact_id, display_name, starred, 0 AS deleted FROM contacts"
            where = f"_id = {int(rest[0])}" if rest and rest[0].isdigit() else ""
            return Source(authority, CONTACTS, select, where=where, table="contacts", names=names)
        case ["data"]:
            return Source(authority, CONTACTS, _DATA, table="contacts", key="contact_id", names=names)
        case ["data", "emails"]:
            return Source(authority, CONTACTS, f"SELECT * FROM ({_DATA})", where=f"mimetype = '{EMAIL_TYPE}'")
        case ["phone_lookup", number]:
            last = "".join(letter for letter in digits(number) if letter.isdigit())[-7:]
            plain = "REPLACE(REPLACE(REPLACE(REPLACE(number, '-', ''), ' ', ''), '(', ''), ')', '')"
            return Source(authority, CONTACTS, _PHONES, where=f"{plain} LIKE '%{last}'")
    raise _unknown_url(authority, parts)


def _calls(state: DeviceState, authority: str, parts: list[str]) -> Source:
    select = "SELECT *, number AS formatted_number, 1 - new AS is_read, NULL AS countryiso FROM calls"
    where = f"_id = {int(parts[1])}" if len(parts) > 1 and parts[1].isdigit() else ""
    if parts[:1] != ["calls"]:
        raise _unknown_url(authority, parts)
    fixed = {"date": state.clock.now_ms, "duration": 0, "type": 1, "new": 0}
    return Source(authority, CALL_LOG, select, where=where, table="calls", fixed=fixed)


def _calendar(state: DeviceState, authority: str, parts: list[str]) -> Source:
    where = f"_id = {int(parts[1])}" if len(parts) == 2 and parts[1].isdigit() else ""
    match parts[:1]:
        case ["events"]:
            names = {
                "eventLocation": "location",
                "dtstart": "start_ts",
                "dtend": "end_ts",
                "eventTimezone": "time_zone",
                "calendar_id": "event_type",
            }
            return Source(
                authority, CALENDAR, _EVENTS, where=where, table="events", table_key="id", names=names, fixed=_event_defaults(state)
            )
        case ["instances"]:
            return Source(authority, CALENDAR, _INSTANCES)
        case ["calendars"]:
            return Source(authority, CALENDAR, _CALENDARS, where=where)
        case ["reminders" | "attendees" | "colors" | "extendedproperties"]:
            return Source(authority, rows=(), columns=("_id", "event_id"))
    raise _unknown_url(authority, parts)


def _event_defaults(state: DeviceState) -> dict[str, Any]:
    numbers = dict.fromkeys(
        ("reminder_1_type", "reminder_2_type", "reminder_3_type", "repeat_interval", "repeat_rule", "repeat_limit", "flags", "parent_id",
         "availability", "color", "type"), 0)  # fmt: skip
    texts = dict.fromkeys(("title", "location", "description", "import_id", "attendees"), "")
    reminders = dict.fromkeys(("reminder_1_minutes", "reminder_2_minutes", "reminder_3_minutes"), -1)
    return {**numbers, **texts, **reminders, "repetition_exceptions": "[]", "time_zone": state.clock.zone, "event_type": 1,
            "last_updated": state.clock.now_ms, "source": "simple-calendar"}  # fmt: skip


def _media(state: DeviceState, authority: str, parts: list[str]) -> Source:
    kinds = {"images": "image/", "video": "video/", "audio": "audio/"}
    match parts:
        case [_, kind, "media", *rest] if kind in kinds:
            rows = [row for row in media_rows(state) if str(row["mime_type"]).startswith(kinds[kind])]
        case [_, "file" | "downloads" as kind, *rest]:
            rows = [row for row in media_rows(state) if kind == "file" or "/Download/" in row["_data"]]
        case [_, "images" | "video", "thumbnails", *rest]:
            rows = []
        case _:
            raise _unknown_url(authority, parts)
    where = f"_id = {int(rest[0])}" if rest and rest[0].isdigit() else ""
    columns = ("_id", "_data", "_display_name", "title", "_size", "mime_type", "date_added", "date_modified", "datetaken", "relative_path",
               "bucket_display_name", "media_type")  # fmt: skip
    return Source(authority, rows=tuple(rows), columns=columns, where=where)


def media_rows(state: DeviceState) -> list[Row]:
    """Every file of the shared storage, as the media provider has it; ids go by the paths' order."""
    rows = []
    paths = [(path, entry) for path, entry in state.files.entries.items() if path.startswith(f"{MEDIA_FOLDER}/") and entry.data is not None]
    for number, (path, entry) in enumerate(sorted(paths, key=lambda pair: pair[0]), 1):
        folder, _, name = path.rpartition("/")
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind = {"image": 1, "audio": 2, "video": 3}.get(mime.partition("/")[0], 0)
        rows.append({
            "_id": number, "_data": path, "_display_name": name, "title": name.rpartition(".")[0] or name, "_size": entry.size,
            "mime_type": mime, "date_added": entry.mtime, "date_modified": entry.mtime, "datetaken": entry.mtime * 1000,
            "relative_path": folder.removeprefix(MEDIA_FOLDER).lstrip("/") + "/", "bucket_display_name": folder.rpartition("/")[2],
            "media_type": kind,
        })  # fmt: skip
    return rows


def _settings(state: DeviceState, authority: str, parts: list[str]) -> Source:
    if not parts or parts[0] not in state.facts.settings:
        raise _unknown_url(authority, parts)
    table = state.facts.settings[parts[0]]
    rows = [{"_id": number, "name": key, "value": table[key]} for number, key in enumerate(sorted(table), 1) if parts[1:] in ([], [key])]
    return Source(authority, rows=tuple(rows), columns=("_id", "name", "value"))


def _empty(*columns: str) -> Callable[[DeviceState, str, list[str]], Source]:
    return lambda state, authority, parts: Source(authority, columns=columns)


def _unknown_url(authority: str, parts: list[str]) -> NoSource:
    return NoSource(f"java.lang.IllegalArgumentException: Unknown URL content://{'/'.join([authority, *parts])}")


AUTHORITIES: Final[dict[str, Callable[[DeviceState, str, list[str]], Source]]] = {
    "sms": _sms, "mms-sms": _sms, "contacts": _contacts, "com.android.contacts": _contacts, "call_log": _calls,
    "com.android.calendar": _calendar, "media": _media, "settings": _settings, "mms": _empty("_id", "thread_id", "date"),
    "user_dictionary": _empty("_id", "word", "frequency", "locale"), "downloads": _empty("_id", "_data", "title", "uri"),
    "browser": _empty("_id", "title", "url"), "icc": _empty("_id", "name", "number"),
}  # fmt: skip
