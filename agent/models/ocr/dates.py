"""Dates and times: fields that are masks to be filled in, and calendars to be paged through."""

from __future__ import annotations

import re

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.moves import Move
from handeye.agent.models.ocr.screen import Screen
from handeye.tools.geometry import Box, Point

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})\s*([AaPp][Mm])?")


def read_date(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of `text`, written 12/31/2016 or 2016-12-31; None if it is no date."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        return None
    year, month, day = (found[3], found[1], found[2]) if found[3] else (found[4], found[5], found[6])
    return int(year), int(month), int(day)


def typed_into_mask(mask: str, value: str) -> str:
    """What to type so that `value` fills a field with the mask of a date (mm/dd/yyyy) or a time (--:-- --); empty for another field."""
    shown = mask.lower().replace(" ", "")
    if re.search(r"mm.?dd.?yy|dd.?mm.?yy|yyyy", shown) and (date := read_date(value)):
        year, month, day = date
        parts = {"m": f"{month:02}", "d": f"{day:02}", "y": f"{year:04}"}
        order = sorted("mdy", key=lambda letter: shown.find(letter) if letter in shown else 9)
        return "".join(parts[letter] for letter in order)
    if (time := _TIME.fullmatch(value.strip())) and re.fullmatch(r"[-—–_:.\s]*(?:am|pm)?", shown):
        return f"{int(time[1]):02}{time[2]}{(time[3] or '').upper()}"
    return ""


def calendar_move(value: str, screen: Screen) -> Move | None:
    """The next click in the calendar that is open, towards the date `value`; None without a calendar or a date."""
    date, head = read_date(value), _head(screen)
    if date is None or head is None:
        return None
    year, month, day = date
    shown_year, shown_month, box = head
    away = (year - shown_year) * 12 + month - shown_month
    if away:
        return Move(
            f"turn the calendar {'on' if away > 0 else 'back'}, {abs(away)} to go.", calls.click(_arrow(box, away > 0, screen)), "turned"
        )
    for line in screen.lines:
        for word in line.words:
            if word.text == str(day) and word.box.top > box.bottom:
                return Move(f"choose day {day}.", calls.click(word.box.center), "chosen", last=True)
    return None


def _head(screen: Screen) -> tuple[int, int, Box] | None:
    for line in screen.lines:
        found = re.search(rf"({'|'.join(_MONTHS)})\s*(\d{{4}})", line.text, re.IGNORECASE)
        if found:
            return int(found[2]), _MONTHS.index(found[1].lower()) + 1, line.box
    return None


def _arrow(head: Box, forward: bool, screen: Screen) -> Point:
    """Where the arrow is: a drawing or a short text beside the month, else where calendars have it."""
    row = [
        e.box
        for e in screen.elements
        if e.kind in {"icon", "shape", "radio", "button", "text"} and abs(e.box.center.y - head.center.y) < screen.unit * 0.7
    ]
    row = [box for box in row if box.width < 2 * screen.unit]
    side = [b for b in row if (b.left >= head.right if forward else b.right <= head.left)]
    if side:
        return (max if forward else min)(side, key=lambda b: b.center.x).center
    days = [w.box for line in screen.lines for w in line.words if w.text.isdigit() and w.box.top > head.bottom]
    edge = max((b.right for b in days), default=head.right) if forward else min((b.left for b in days), default=head.left)
    return Point(edge, head.center.y)
