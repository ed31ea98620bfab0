"""What programs have saved to their home: files that a person would look for, not settings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from handeye.tools.errors import DeviceError


def saved_files(home: Path) -> list[Path]:
    """Files below `home` that no part of their path hides (a name that begins with a dot), links left out; by name."""
    found: list[Path] = []
    for folder, folders, files in os.walk(home):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(folder, name) for name in files if not name.startswith("."))
        found += [path for path in paths if path.is_file() and not path.is_symlink()]
    return sorted(found)


def keep_saved(home: Path, folder: Path) -> list[Path]:
    """Copy `saved_files` of `home` into `folder`, which is made if there are any; give the copies.

    Raises `DeviceError` with the first that cannot be copied, after all others have been.
    """
    kept, fault = [], ""
    for path in saved_files(home):
        copy = folder / path.relative_to(home)
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
        except OSError as error:
            fault = fault or f"{path} could not be kept as {copy} ({error.strerror or error})."
            continue
        kept.append(copy)
    if fault:
        raise DeviceError(fault)
    return kept
