"""What a grounding benchmark is made of: samples, each with one target on one screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from handeye.tools.geometry import Size

Kind: TypeAlias = Literal["text", "icon"]

SEVERAL = frozenset({"types", "abilities"})
"""Cells of which a sample may have several."""


@dataclass(frozen=True)
class BoxTarget:
    """A rectangle by two corners, in pixels of the image as it is stored; fractions are kept, both edges belong to it."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class PolygonTarget:
    """An area by its corners (x, y), in pixels of the image; the last is joined to the first."""

    vertices: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class RefusalTarget:
    """Nothing on the screen is meant: the right answer is to refuse."""


Target: TypeAlias = BoxTarget | PolygonTarget | RefusalTarget


class SampleImage(Protocol):
    """A sample's image, opened only when it is read."""

    @property
    def name(self) -> str:
        """The image as the annotation names it."""

    def read(self) -> bytes:
        """The file's bytes (PNG or JPEG, whatever its name says). Raises `SetupError` when it is not there."""


@dataclass(frozen=True)
class Sample:
    """One instruction about one screen."""

    id: str
    image: SampleImage
    instruction: str
    size: Size | None
    """Size of the image; None where neither the annotation nor an image tells it."""
    target: Target
    group: str
    """The row of the benchmark's own table: mobile, desktop, web; Dev, CAD, ...; empty where the data do not tell."""
    kind: Kind | None
    cells: Mapping[str, str]
    """What else its tables are cut by: platform, application, language, ...; under the names of `SEVERAL`, with ", " between."""
    source: str
    """The file and the row, as in `screenspot_web_v2.json row 7` (rows count from 0)."""


@dataclass(frozen=True)
class Dataset:
    """A benchmark as it was loaded."""

    name: str
    samples: tuple[Sample, ...]
    convention: str
    """How its boxes were written, and in whose copy; every box was checked against it."""
    notes: tuple[str, ...] = field(default=())
    """What was counted and let pass: known exceptions, duplicates, images that are not there, what could not be checked."""
