"""Preferences of programs."""

from __future__ import annotations

from handeye.benchmarks.desktop.ui import Acts, Ui, keys

KEYFILE = ".config/glib-2.0/settings/keyfile"


def line_numbers(ui: Ui) -> Acts:
    """Edit, Preferences (the last entry), and from the tab's name on to the first box."""
    yield from ui.front("Mousepad")
    yield from keys("alt+e", "Up", "Return")
    yield from ui.front("Mousepad Preferences")
    ui.decisive()
    yield from keys("Tab", "space")
    yield from ui.until(lambda: "show-line-numbers=true" in (ui.home / KEYFILE).read_text(), "the box was not ticked")
    yield from keys("Escape")


def single_click(ui: Ui) -> Acts:
    """Edit, Preferences (the last entry), and the box with the o underlined."""
    yield from ui.front("Documents")
    yield from keys("alt+e", "Up", "Return")
    yield from ui.front("Preferences")
    ui.decisive()
    yield from keys("alt+o", "Escape")
    yield from ui.gone("Preferences")
