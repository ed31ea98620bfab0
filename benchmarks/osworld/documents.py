"""Opening documents: one place that turns what the libraries raise about broken files into `Unreadable`."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from handeye.tools.errors import SetupError


class Unreadable(ValueError):
    """A document is not there, broken, or not of its kind."""


UNREADABLE = (
    OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, SyntaxError, NotImplementedError, RecursionError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What a broken or unexpected document makes the libraries raise, and code that reads what is not in it: such a document scores 0."""


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Around the opening of a document. Raises `Unreadable` for a broken one, `SetupError` when the library is not installed."""
    try:
        yield
    except ImportError as error:
        raise SetupError(f"Scoring this needs the package {error.name}.", fix="pip install 'handeye[osworld]'") from error
    except UNREADABLE as error:
        raise Unreadable(f"{Path(path).name} cannot be read ({type(error).__name__}: {error})") from error


def text(path: str | Path) -> str:
    """A text file; what is not UTF-8 is read as Latin-1."""
    with reading(path):
        data = Path(path).read_bytes()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return data.decode("latin-1")


def docx(path: str | Path) -> Any:
    """A Writer or Word document (python-docx)."""
    with reading(path):
        from docx import Document
        from docx.opc.exceptions import OpcError

        try:
            return Document(str(path))
        except OpcError as error:
            raise Unreadable(f"no document: {error}") from error


def pptx(path: str | Path) -> Any:
    """A presentation (python-pptx)."""
    with reading(path):
        from pptx import Presentation
        from pptx.exc import PythonPptxError

        try:
            return Presentation(str(path))
        except PythonPptxError as error:
            raise Unreadable(f"no presentation: {error}") from error


def xlsx(path: str | Path, values: bool = False) -> Any:
    """A workbook (openpyxl); `values`: the results of formulas as they were saved, instead of the formulas."""
    with reading(path):
        import warnings

        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return load_workbook(path, data_only=values)
        except InvalidFileException as error:
            raise Unreadable(f"no workbook: {error}") from error


def pdf(path: str | Path) -> Any:
    """A PDF (pypdf)."""
    with reading(path):
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError

        try:
            return PdfReader(str(path))
        except PyPdfError as error:
            raise Unreadable(f"no PDF: {error}") from error


def image(path: str | Path) -> Any:
    """A picture (Pillow), all of it loaded."""
    with reading(path):
        from PIL import Image

        with Image.open(path) as opened:
            opened.load()
            return opened.copy()


def last_row(path: Path) -> list[str]:
    """The last row of a workbook's first sheet, as text."""
    rows = [row for row in xlsx(path, values=True).worksheets[0].iter_rows(values_only=True) if any(cell is not None for cell in row)]
    return [_shown(cell) for cell in rows[-1]] if len(rows) > 1 else []


def _shown(value: Any) -> str:
    """As pandas writes a cell (OSWorld's getter uses it): whole numbers without a point, nothing as nan."""
    return "nan" if value is None else str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
