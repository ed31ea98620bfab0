"""Makes the spreadsheets and documents of the desktop tasks, and what they should become, in benchmarks/desktop/assets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl

ASSETS = Path(__file__).resolve().parent.parent / "benchmarks" / "desktop" / "assets"
Rows = Sequence[Sequence[str | int | float | None]]

EXPENSES: Rows = [
    ("Item", "City", "Amount"),
    ("Train tickets", "Oslo", 148),
    ("Hotel", "Berlin", 312),
    ("Berlin guide", "Oslo", 19),
    ("Dinner", "Berlin", 64),
    ("Taxi", "Vienna", 27),
    ("Museum", "Vienna", 36),
    ("Bus", "Berlin", 9),
]
METER: Rows = [("Month", "Reading"), ("January", 46210), ("February", 46984), ("March", 47655), ("April", None)]
HOURS: Rows = [
    ("Day", "Project", "Hours"),
    ("Mon", "Heron", 6),
    ("Tue", "Swift", 8),
    ("Wed", "Heron", 3),
    ("Thu", "Heron", 7),
    ("Fri", "Swift", 5),
]
LETTER = (
    "Minutes of the garden club",
    "Mr Palmer opened the meeting and read the last minutes.",
    "The treasurer thanked Mr Palmer for the new shed.",
    "Next meeting: first Monday in May, at Mr Palmer's house.",
)


def main() -> None:
    """Write every file anew."""
    ASSETS.mkdir(exist_ok=True)
    book("expenses.xlsx", {"Expenses": EXPENSES})
    book("expenses_total.xlsx", {"Expenses": [*EXPENSES, (None, None, 615)]})
    book("expenses_sorted.xlsx", {"Expenses": [EXPENSES[0], *sorted(EXPENSES[1:], key=lambda row: -int(row[2] or 0))]})
    book("expenses_lisbon.xlsx", {"Expenses": [(a, "Lisbon" if b == "Berlin" else b, c) for a, b, c in EXPENSES]})
    book("meter.xlsx", {"Meter": METER})
    book("meter_april.xlsx", {"Meter": [*METER[:4], ("April", 48213)]})
    book("hours.xlsx", {"Hours": HOURS})
    letter("minutes.docx", LETTER)
    letter("minutes_castle.docx", [line.replace("Mr Palmer", "Ms Castle") for line in LETTER])


def book(name: str, sheets: dict[str, Rows]) -> None:
    """A spreadsheet with these sheets."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        sheet.column_dimensions["A"].width = 16
    made.save(ASSETS / name)


def letter(name: str, lines: Sequence[str]) -> None:
    """A document with these paragraphs."""
    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    made.save(ASSETS / name)


if __name__ == "__main__":
    main()
