"""What a loader is asked for, and how the error reads when there are no data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from handeye.tools.errors import SetupError

Language: TypeAlias = Literal["en", "cn"]


@dataclass(frozen=True)
class LoadOptions:
    """Where the data lie, and how much of them must be there."""

    data: Path | Literal["hub"] | None = None
    """A folder in the original layout or with the hub's parquet files, or `hub`: through the library `datasets`."""
    images: Path | None = None
    """The folder of the images, where they lie elsewhere."""
    language: Language = "en"
    need_images: bool = False
    """Refuse rows whose image is not there; otherwise they are counted."""
    partial: bool = False
    """Take files with fewer or more rows than published, and say so; otherwise they are refused."""


def folder_of(options: LoadOptions, name: str, fetch: str, why_no_hub: str = "") -> Path:
    """The folder to read. Raises `SetupError` with the command `fetch` when none was given, or it is not there.

    `why_no_hub` says why a benchmark is not read through `datasets`.
    """
    if not isinstance(options.data, Path):
        what = f"is not read through datasets: {why_no_hub}" if options.data == "hub" else "needs its data"
        raise SetupError(f"{name} {what}", fix=f"{fetch}, then --data with that folder")
    if not options.data.is_dir():
        raise SetupError(f"{options.data} is no folder", fix=f"{fetch}, then --data with that folder")
    return options.data
