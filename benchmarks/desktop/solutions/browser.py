"""Chromium's own window."""

from __future__ import annotations

from handeye.benchmarks.desktop.ui import Acts, Ui, keys, text


def bookmark(ui: Ui) -> Acts:
    """Tab goes from link to link."""
    yield from ui.front("Town library - ")
    yield from keys("Tab", "Tab", "Return")
    yield from ui.front("Opening hours")
    ui.decisive()
    yield from keys("ctrl+d", "Return")


def form(ui: Ui) -> Acts:
    """Tab goes from field to field."""
    yield from ui.front("Garden club")
    yield from keys("Tab")
    yield from text("Ada Lovelace\t")
    yield from text("peas")
    yield from keys("Tab", "space")
    ui.decisive()
    yield from keys("Tab", "Return")
    yield from ui.until((ui.home / "Downloads/order.txt").exists, "nothing was ordered")
