"""How each task is done by someone who knows the way: generators of actions, a module for each kind of program."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from handeye.benchmarks.desktop.solutions import browser, calc, editor, files, settings, several, terminal, writer
from handeye.benchmarks.desktop.ui import Acts, Ui

Solution: TypeAlias = Callable[[Ui], Acts]

SOLUTIONS: dict[str, Solution] = {
    "calc-total": calc.total,
    "calc-sort": calc.sort,
    "calc-replace": calc.replace,
    "calc-sheet": calc.sheet,
    "writer-replace": writer.replace,
    "writer-heading": writer.heading,
    "files-rename": files.rename,
    "files-move": files.move,
    "files-trash": files.trash,
    "terminal-count": terminal.count,
    "terminal-permissions": terminal.permissions,
    "editor-replace": editor.replace,
    "editor-save-as": editor.save_as,
    "editor-bold": editor.bold,
    "settings-line-numbers": settings.line_numbers,
    "settings-single-click": settings.single_click,
    "browser-bookmark": browser.bookmark,
    "browser-form": browser.form,
    "several-reading": several.reading,
    "several-hours": several.hours,
}
"""By the task's id."""
