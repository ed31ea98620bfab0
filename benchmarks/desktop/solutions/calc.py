"""LibreOffice Calc."""

from __future__ import annotations

from handeye.benchmarks.desktop.ui import Acts, Ui, keys, press_button, saved, text

BOOK = "Documents/expenses.xlsx"
TITLE = "expenses.xlsx"


def total(ui: Ui) -> Acts:
    """A formula below the last cell that is filled."""
    yield from ui.front(TITLE)
    yield from keys("ctrl+End", "Down")
    yield from text("=SUM(C2:C8)\n")
    ui.decisive()
    yield from saved(ui, BOOK)


def sort(ui: Ui) -> Acts:
    """Data, Sort Descending, with the cursor in the column."""
    yield from ui.front(TITLE)
    yield from keys("ctrl+End", "alt+d", "Down", "Down", "Return")
    ui.decisive()
    yield from saved(ui, BOOK)


def replace(ui: Ui) -> Acts:
    """Find and Replace in the chosen column only."""
    yield from ui.front(TITLE)
    yield from keys("ctrl+Home", "Right", "ctrl+space")
    yield from replace_all(ui, "Berlin", "Lisbon")
    yield from close_results(ui)
    ui.decisive()
    yield from saved(ui, BOOK)


def sheet(ui: Ui) -> Acts:
    """Sheet, Insert Sheet."""
    yield from ui.front(TITLE)
    yield from keys("alt+s", "s")
    yield from ui.front("Insert Sheet")
    yield from keys("alt+m", "ctrl+a")
    yield from text("Archive")
    yield from keys("Return")
    yield from ui.gone("Insert Sheet")
    yield from text("empty\n")
    ui.decisive()
    yield from saved(ui, BOOK)


def replace_all(ui: Ui, old: str, new: str) -> Acts:
    """Replace All of Find and Replace, which Calc and Writer share."""
    yield from keys("ctrl+h")
    yield from ui.front("Find and Replace")
    yield from text(old)
    yield from keys("alt+p")
    yield from text(new)
    yield from press_button("alt+l")


def close_results(ui: Ui) -> Acts:
    """Calc shows what it replaced in a window of its own."""
    yield from ui.front("Search Results")
    yield from keys("Escape")
    yield from ui.gone("Search Results")
    yield from ui.front("Find and Replace")
    yield from keys("Escape")
    yield from ui.gone("Find and Replace")
    yield from ui.front(TITLE)
