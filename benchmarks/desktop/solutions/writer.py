"""LibreOffice Writer."""

from __future__ import annotations

from handeye.benchmarks.desktop.solutions.calc import replace_all
from handeye.benchmarks.desktop.ui import Acts, Ui, keys, saved

LETTER = "Documents/minutes.docx"
TITLE = "minutes.docx"


def replace(ui: Ui) -> Acts:
    """Find and Replace."""
    yield from ui.front(TITLE)
    yield from replace_all(ui, "Mr Palmer", "Ms Castle")
    yield from keys("Escape")
    yield from ui.gone("Find and Replace")
    yield from ui.front(TITLE)
    ui.decisive()
    yield from saved(ui, LETTER)


def heading(ui: Ui) -> Acts:
    """Writer's own keys for styles."""
    yield from ui.front(TITLE)
    yield from keys("ctrl+Home", "ctrl+1")
    ui.decisive()
    yield from saved(ui, LETTER)
