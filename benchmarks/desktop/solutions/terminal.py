"""The terminal."""

from __future__ import annotations

from handeye.benchmarks.desktop.ui import Acts, Ui, keys, text


def count(ui: Ui) -> Acts:
    """grep counts."""
    yield from ui.front("Terminal")
    yield from text("grep -c ERROR logs/app.log > logs/errors.txt")
    ui.decisive()
    yield from keys("Return")
    yield from ui.until(lambda: _size(ui, "logs/errors.txt") > 0, "nothing was counted")


def permissions(ui: Ui) -> Acts:
    """chmod, twice."""
    yield from ui.front("Terminal")
    yield from text("chmod u+x bin/backup.sh\nchmod 600 bin/keys.txt")
    ui.decisive()
    yield from keys("Return")
    yield from ui.until(lambda: (ui.home / "bin/keys.txt").stat().st_mode & 0o777 == 0o600, "the permissions stay")


def _size(ui: Ui, path: str) -> int:
    file = ui.home / path
    return file.stat().st_size if file.exists() else 0
