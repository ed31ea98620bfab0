"""Tasks with two programs."""

from __future__ import annotations

from handeye.benchmarks.desktop.ui import Acts, Ui, keys, saved, text


def reading(ui: Ui) -> Acts:
    """The number goes into the spreadsheet behind the letter."""
    yield from ui.front("letter.txt")
    yield from ui.switch("meter.xlsx")
    yield from keys("ctrl+Home", "ctrl+Down", "Right")
    yield from text("48213\n")
    ui.decisive()
    yield from saved(ui, "Documents/meter.xlsx")


def hours(ui: Ui) -> Acts:
    """The sum goes to the end of the note."""
    yield from ui.front("summary.txt")
    yield from keys("ctrl+End")
    yield from text("16")
    ui.decisive()
    yield from saved(ui, "Documents/summary.txt")
