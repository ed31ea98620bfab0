"""The file manager: a name that is typed chooses the file of that name."""

from __future__ import annotations

from handeye.benchmarks.desktop.ui import Acts, Ui, keys, text

FOLDER = "Documents"


def rename(ui: Ui) -> Acts:
    """F2."""
    yield from choose(ui, "letter.txt")
    yield from keys("F2")
    yield from ui.front("Rename")
    yield from keys("ctrl+a")
    yield from text("energy-april.txt")
    ui.decisive()
    yield from keys("Return")
    yield from there(ui, "energy-april.txt")


def move(ui: Ui) -> Acts:
    """A folder, then cut and paste."""
    yield from ui.front(FOLDER)
    yield from keys("ctrl+shift+n")
    yield from ui.front("Creating New Folder")
    yield from keys("ctrl+a")
    yield from text("Kitchen\n")
    yield from ui.gone("Creating New Folder")
    yield from there(ui, "Kitchen")
    yield from choose(ui, "recipe.txt")
    yield from keys("ctrl+x")
    yield from choose(ui, "Kitchen")
    yield from keys("Return")
    yield from ui.front("Kitchen")
    ui.decisive()
    yield from keys("ctrl+v")
    yield from there(ui, "Kitchen/recipe.txt")


def trash(ui: Ui) -> Acts:
    """Delete, and yes."""
    yield from choose(ui, "packing.txt")
    yield from keys("Delete")
    yield from ui.front("Confirm")
    ui.decisive()
    yield from keys("Return")
    yield from ui.until(lambda: not (ui.home / FOLDER / "packing.txt").exists(), "the file stays")


def choose(ui: Ui, name: str) -> Acts:
    """Type the name, and leave the small field that it is typed into."""
    yield from ui.front(FOLDER)
    yield from text(name)
    yield from keys("Escape")


def there(ui: Ui, name: str) -> Acts:
    """Wait until a file is there."""
    yield from ui.until((ui.home / FOLDER / name).exists, f"there is no {name}")
