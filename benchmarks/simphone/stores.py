"""All of the phone's state that tasks are about, and what differs between two looks at it.

A task takes what it asked for out of the difference; whatever is left is damage. So every task also checks that nothing else was done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeAlias

from handeye.benchmarks.simphone.phone import Phone, Row

Wanted: TypeAlias = "str | int | float | Callable[[Any], bool]"
"""A value, or a test of one. Text is the same whatever its case and spaces."""


@dataclass(frozen=True)
class Store:
    """A table of a database on the phone."""

    path: str
    table: str
    columns: tuple[str, ...]
    """Those that count; what else a row holds (when it was read, which colour it was given) may change by itself."""
    key: str = "_id"


_CONTACTS = "/data/data/com.android.providers.contacts/databases"
_CLOCK = "/data/user_de/0/com.google.android.deskclock/databases"
_SHOP = "/data/data/org.handeye.shop/databases/shop.db"
STORES: dict[str, Store] = {
    "contacts": Store(
        f"{_CONTACTS}/contacts2.db", "contacts", ("display_name", "number", "number_type", "email", "company", "note", "starred")
    ),
    "calls": Store(f"{_CONTACTS}/calllog.db", "calls", ("number", "type")),
    "sms": Store("/data/data/com.android.providers.telephony/databases/mmssms.db", "sms", ("address", "body", "type")),
    "events": Store(
        "/data/data/com.simplemobiletools.calendar.pro/databases/events.db",
        "events",
        ("title", "start_ts", "end_ts", "location", "description", "repeat_interval", "reminder_1_minutes"),
        "id",
    ),
    "alarms": Store(f"{_CLOCK}/alarms.db", "alarm_templates", ("hour", "minutes", "daysofweek", "enabled", "vibrate", "label")),
    "timers": Store(f"{_CLOCK}/timers.db", "timers", ("length_ms", "state", "label")),
    "stopwatch": Store(f"{_CLOCK}/timers.db", "stopwatch", ("state",)),
    "bookmarks": Store("/data/data/com.android.chrome/databases/browser.db", "bookmarks", ("url",)),
    "cart": Store(_SHOP, "cart", ("product_id", "options", "quantity")),
    "wishlist": Store(_SHOP, "wishlist", ("product_id",), "product_id"),
    "orders": Store(_SHOP, "orders", ("number", "status", "name", "street", "delivery")),
    "order_items": Store(_SHOP, "order_items", ("product_id", "options", "quantity")),
}
"""What is looked at, by the names that tasks use. Settings and files are looked at too."""

PRODUCTS = Store(_SHOP, "products", ("name", "price_cents", "stock"))


@dataclass(frozen=True)
class Look:
    """The state at one moment."""

    rows: dict[str, dict[int, Row]]
    """Of each store, by key."""
    settings: dict[tuple[str, str], str]
    files: dict[str, str]
    """MD5 by path."""


def look(phone: Phone) -> Look:
    """All of it, as it is now."""
    rows = {}
    for path, of in groupby(STORES.items(), key=lambda item: item[1].path):
        stores = dict(of)
        tables = phone.tables(path, {store.table for store in stores.values()})
        for name, store in stores.items():
            rows[name] = {row[store.key]: {column: row[column] for column in store.columns} for row in tables[store.table]}
    return Look(rows, phone.settings(), phone.files())


def fill(phone: Phone, store: str, rows: list[dict[str, object]]) -> None:
    """Put these rows into a store in place of what it holds."""
    phone.fill(STORES[store].path, STORES[store].table, rows)


def same(value: object, wanted: Wanted) -> bool:
    """Whether a value is the one that is wanted."""
    if callable(wanted):
        return wanted(value)
    if isinstance(wanted, str):
        return fold(str(value)) == fold(wanted)
    return value == wanted


def fold(text: str) -> str:
    """Text without what does not count: case, spaces at the ends, how many spaces."""
    return " ".join(text.split()).casefold()


def dialled(number: str) -> Callable[[Any], bool]:
    """Tests a phone number by its digits; one may have a country code that the other lacks."""
    wanted = re.sub(r"\D", "", number)

    def test(value: object) -> bool:
        digits = re.sub(r"\D", "", str(value))
        short, long = sorted((digits, wanted), key=len)
        return len(short) >= 7 and long.endswith(short)

    return test


@dataclass
class Changes:
    """What differs between two looks. Each method takes what it finds out, and says whether it found it."""

    came: dict[str, list[Row]] = field(default_factory=dict)
    went: dict[str, list[Row]] = field(default_factory=dict)
    turned: dict[str, list[tuple[Row, Row]]] = field(default_factory=dict)
    """Rows that were changed: before, after."""
    settings: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Before, after; empty where there was none."""
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    """MD5 before and after by path; empty where there was none."""

    def added(self, store: str, **wanted: Wanted) -> bool:
        """One row came that has these values."""
        return _take(self.came.get(store, []), lambda row: _fits(row, wanted))

    def removed(self, store: str, **wanted: Wanted) -> bool:
        """One row went that had these values."""
        return _take(self.went.get(store, []), lambda row: _fits(row, wanted))

    def edited(self, store: str, before: Mapping[str, Wanted], **after: Wanted) -> bool:
        """One row that had the values `before` was changed to have those of `after`, and in no other column."""

        def test(pair: tuple[Row, Row]) -> bool:
            old, new = pair
            changed = {column for column in old if old[column] != new[column]}
            return _fits(old, before) and _fits(new, after) and changed <= after.keys()

        return _take(self.turned.get(store, []), test)

    def set(self, namespace: str, key: str, *wanted: str) -> bool:
        """A setting was changed to one of the values."""
        _, now = self.settings.pop((namespace, key), ("", ""))
        return now in wanted

    def follows(self, *keys: str) -> None:
        """What may follow from what was asked for: settings with these keys, in any namespace."""
        self.settings = {place: values for place, values in self.settings.items() if place[1] not in keys}

    def file_came(self, path: str, md5: str = "") -> bool:
        """A file is there that was not, with that content if given."""
        before, after = self.files.pop(path, ("", ""))
        return not before and bool(after) and (not md5 or md5 == after)

    def file_went(self, path: str) -> bool:
        """A file is gone."""
        before, after = self.files.pop(path, ("", ""))
        return bool(before) and not after

    def file_changed(self, path: str) -> bool:
        """A file has another content."""
        before, after = self.files.pop(path, ("", ""))
        return bool(before) and bool(after)

    def file_moved(self, old: str, new: str) -> bool:
        """A file lies elsewhere, with the same content."""
        before = self.files.get(old, ("", ""))[0]
        return self.file_went(old) and self.file_came(new, before)

    def any_file_came(self, folder: str, ending: str) -> bool:
        """Some file with this ending is in a folder that was not."""
        for path, (before, _) in self.files.items():
            if not before and path.startswith(folder + "/") and path.endswith(ending):
                return self.file_came(path)
        return False

    @property
    def rest(self) -> tuple[str, ...]:
        """What nobody took, in words."""
        told = [f"{store}: {row} came" for store, rows in self.came.items() for row in rows]
        told += [f"{store}: {row} went" for store, rows in self.went.items() for row in rows]
        told += [f"{store}: {old} became {new}" for store, pairs in self.turned.items() for old, new in pairs]
        told += [f"{'/'.join(place)}: {old or '-'} became {new or '-'}" for place, (old, new) in self.settings.items()]
        told += [f"{path} {'came' if not old else 'went' if not new else 'changed'}" for path, (old, new) in self.files.items()]
        return tuple(told)


def compare(before: Look, after: Look) -> Changes:
    """What differs."""
    found = Changes()
    for store in before.rows:
        old, new = before.rows[store], after.rows[store]
        found.came[store] = [row for key, row in new.items() if key not in old]
        found.went[store] = [row for key, row in old.items() if key not in new]
        found.turned[store] = [(row, new[key]) for key, row in old.items() if key in new and new[key] != row]
    found.settings = _differences(before.settings, after.settings)
    found.files = _differences(before.files, after.files)
    return found


def _differences(before: Mapping[Any, str], after: Mapping[Any, str]) -> dict[Any, tuple[str, str]]:
    keys = [key for key in before.keys() | after.keys() if before.get(key, "") != after.get(key, "")]
    return {key: (before.get(key, ""), after.get(key, "")) for key in sorted(keys)}


def _fits(row: Row, wanted: Mapping[str, Wanted]) -> bool:
    return all(same(row[column], value) for column, value in wanted.items())


def _take(found: list[Any], test: Callable[[Any], bool]) -> bool:
    for place, one in enumerate(found):
        if test(one):
            del found[place]
            return True
    return False
