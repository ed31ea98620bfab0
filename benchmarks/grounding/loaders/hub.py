"""The hub's copies: parquet files in a folder (pyarrow), or a data set by its name (the library `datasets`).

Their rows hold the image itself as `{"bytes", "path"}`, so the size of every image is read from its header.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from handeye.agent.install_commands import install_command
from handeye.benchmarks.grounding.images import DatasetImage, ParquetImage, image_size, stored_bytes
from handeye.benchmarks.grounding.loaders.reading import Problems, Row
from handeye.benchmarks.grounding.sample import SampleImage
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

BATCH = 16
"""Rows that are held at a time: a screenshot of 4K may have 10 MB."""


@dataclass(frozen=True)
class StoredRow:
    """A row with its image in it."""

    row: Row
    image: SampleImage
    size: Size


def parquet_rows(paths: Sequence[Path], problems: Problems) -> list[StoredRow]:
    """The rows of parquet files in order. What is wrong with a file or a row goes to `problems`."""
    found = []
    for path in paths:
        for number, values in enumerate(_parquet_values(path, problems)):
            image = values.pop("image", None)
            row = Row(path, number, values)
            stored = _stored(row, image, ParquetImage(_name(values, image, row), path, number), problems)
            if stored:
                found.append(stored)
    return found


def _parquet_values(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    parquet = _pyarrow_parquet()
    import pyarrow

    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        problems.add(path.name, f"cannot be read as parquet, perhaps it was cut off ({error})")


def parquet_image(path: Path, row: int) -> bytes:
    """The image in a row of a parquet file. Raises `SetupError`."""
    parquet = _pyarrow_parquet()
    import pyarrow

    try:
        with parquet.ParquetFile(path) as file:
            left = row
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                if left < count:
                    column = file.read_row_group(group, columns=["image"]).column("image")
                    return stored_bytes(column[left].as_py(), f"{path.name} row {row}")
                left -= count
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise SetupError(f"{path} cannot be read as parquet ({error})", fix="download the file again") from error
    raise SetupError(f"{path} has no row {row}", fix="download the file again")


def dataset_rows(repository: str, problems: Problems, split: str = "test") -> list[StoredRow]:
    """A split of a data set on the hub, fetched and kept by `datasets`. Raises `SetupError`."""
    try:
        import datasets
    except ImportError as error:
        raise SetupError("the library datasets is not installed", fix=install_command("datasets")) from error
    try:
        rows = datasets.load_dataset(repository, split=split).cast_column("image", datasets.Image(decode=False))
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise SetupError(
            f"{repository} cannot be loaded ({error})", fix=f"hf download {repository} --repo-type dataset --local-dir DIR, then --data DIR"
        ) from error
    return opened_rows(rows, repository, problems)


def opened_rows(rows: Sequence[Any], repository: str, problems: Problems) -> list[StoredRow]:
    """The rows of a data set whose column `image` is not decoded."""
    found = []
    for number in range(len(rows)):
        values = dict(rows[number])
        image = values.pop("image", None)
        row = Row(Path(repository.rpartition("/")[2]), number, values)
        stored = _stored(row, image, DatasetImage(_name(values, image, row), rows, number), problems)
        if stored:
            found.append(stored)
    return found


def _stored(row: Row, stored: Any, image: SampleImage, problems: Problems) -> StoredRow | None:
    try:
        return StoredRow(row, image, image_size(stored_bytes(stored, "the row")))
    except (SetupError, ValueError) as error:
        problems.add(row.source, "has no image in it" if isinstance(error, SetupError) else f"its image {error}")
        return None


def _name(values: dict[str, Any], stored: Any, row: Row) -> str:
    inner = stored.get("path") if isinstance(stored, dict) else None
    name = values.get("file_name") or values.get("img_filename") or inner
    return name if isinstance(name, str) else f"{row.path.stem}_{row.number}"


def _pyarrow_parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise SetupError("parquet files are read by pyarrow, which is not installed", fix=install_command("datasets")) from error
    return pyarrow.parquet
