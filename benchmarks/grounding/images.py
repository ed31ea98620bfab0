"""Where the image of a sample comes from: a file, a row of a parquet file, a row of a data set that `datasets` opened."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size


@dataclass(frozen=True)
class FileImage:
    """An image in a folder."""

    name: str
    path: Path

    def read(self) -> bytes:
        """See `SampleImage`."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise SetupError(
                f"the image {self.path} cannot be read ({error})", fix="give the folder of the images with --images"
            ) from error


@dataclass(frozen=True)
class ParquetImage:
    """An image in the column `image` of a parquet file, as the hub writes it: `{"bytes", "path"}`."""

    name: str
    path: Path
    row: int
    """From 0, within the file."""

    def read(self) -> bytes:
        """See `SampleImage`."""
        from handeye.benchmarks.grounding.loaders.hub import parquet_image

        return parquet_image(self.path, self.row)


@dataclass(frozen=True, eq=False)
class DatasetImage:
    """An image in a data set that the `datasets` library opened, its column `image` not decoded."""

    name: str
    rows: Sequence[Any]
    row: int

    def read(self) -> bytes:
        """See `SampleImage`."""
        return stored_bytes(self.rows[self.row].get("image"), f"{self.name} (row {self.row})")


def stored_bytes(stored: Any, what: str) -> bytes:
    """The bytes in the hub's `{"bytes", "path"}`. Raises `SetupError` when there are none."""
    data = stored.get("bytes") if isinstance(stored, dict) else None
    if not isinstance(data, bytes) or not data:
        raise SetupError(f"{what} has no image in it", fix="download the file again")
    return data


def image_size(data: bytes | Path) -> Size:
    """Width and height from an image's header; no pixel is decoded. Raises `ValueError` for what is no image."""
    try:
        with Image.open(io.BytesIO(data) if isinstance(data, bytes) else data) as image:
            return Size(*image.size)
    # Pillow's readers of damaged headers raise these; its own error for an unknown format is an OSError.
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as error:
        raise ValueError(f"is no image ({error})") from error
