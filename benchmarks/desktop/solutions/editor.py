"""The text editors Mousepad (GTK) and FeatherPad (Qt)."""

from __future__ import annotations

from handeye.benchmarks.desktop.ui import Acts, Ui, keys, saved, text
from handeye.envs.actions import Finish


def replace(ui: Ui) -> Acts:
    """Find and Replace, in all of the document."""
    yield from ui.front("Mousepad")
    yield from keys("ctrl+r")
    yield from ui.front("Find and Replace")
    yield from text("milk\toat drink")
    yield from keys("alt+a", "alt+r")
    yield from ui.until(lambda: bool(ui.windows("*")), "nothing was replaced")
    yield from keys("Escape")
    yield from ui.gone("Find and Replace")
    yield from ui.front("Mousepad")
    ui.decisive()
    yield from saved(ui, "Documents/recipe.txt")


def save_as(ui: Ui) -> Acts:
    """A line more, under another name."""
    yield from ui.front("packing.txt")
    yield from keys("ctrl+End")
    yield from text("Sunglasses\n")
    yield from keys("ctrl+shift+s")
    yield from ui.front("Save as")
    yield from keys("ctrl+a")
    yield from text("summer.txt")
    ui.decisive()
    yield from keys("Return")
    yield from ui.gone("Save as")
    yield from ui.until((ui.home / "Documents/summer.txt").exists, "nothing was saved")


def bold(ui: Ui) -> Acts:
    """Plain text has no bold letters: saying so is what is asked."""
    yield from ui.front("Mousepad")
    ui.decisive()
    yield Finish(success=False, message="A plain text file cannot hold bold letters.")
