"""A contact sheet of the pages that were not solved: the target outlined, the click as a cross."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from handeye.agent.trajectory import load_trajectory
from handeye.benchmarks.buttons.results import PageRow
from handeye.benchmarks.buttons.screens import VIEWPORT
from handeye.tools.errors import TrajectoryError
from handeye.tools.geometry import Box

SHOWN = 40
"""Failures on a sheet; more than that are not looked at one by one."""
COLUMNS = 4
_CAPTION = 20
_MARK = (255, 0, 255)
_ARM = 7


def write_failures(out: Path, rows: Sequence[PageRow]) -> Path | None:
    """Write `out`/failures.png from the trajectories that were kept, and give its path; None, and no such file, when there is none.

    Raises `TrajectoryError` when it cannot be written.
    """
    path = out / "failures.png"
    failed = [row for row in sorted(rows, key=lambda row: row.page) if row.verdict != "inside" and (out / row.run / "screens").is_dir()]
    try:
        if not failed:
            path.unlink(missing_ok=True)
            return None
        _sheet(out, failed[:SHOWN]).save(path)
    except OSError as error:
        raise TrajectoryError(f"{path} cannot be written ({error}).") from error
    return path


def _sheet(out: Path, rows: Sequence[PageRow]) -> Image.Image:
    lines = -(-len(rows) // COLUMNS)
    width, height = VIEWPORT.width + 4, VIEWPORT.height + _CAPTION
    sheet = Image.new("RGB", (min(COLUMNS, len(rows)) * width, lines * height), "white")
    drawing = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)
    for number, row in enumerate(rows):
        left, top = number % COLUMNS * width, number // COLUMNS * height
        drawing.text((left + 2, top + 2), f"{row.page}: {row.goal} ({row.verdict})", fill="black", font=font)
        if (picture := _picture(out, row)) is not None:
            sheet.paste(picture, (left, top + _CAPTION))
    return sheet


def _picture(out: Path, row: PageRow) -> Image.Image | None:
    """The page as the model saw it, marked; None when the episode ended before its first step was written."""
    run = load_trajectory(out / row.run)
    if not run.steps:
        return None
    picture = Image.fromarray(run.screen(run.steps[0].screen))
    drawing = ImageDraw.Draw(picture)
    box = Box(*row.target)
    drawing.rectangle((box.left - 3, box.top - 3, box.right + 2, box.bottom + 2), outline=_MARK)
    if row.click is not None:
        x, y = row.click
        drawing.line((x - _ARM, y, x + _ARM, y), fill=_MARK, width=2)
        drawing.line((x, y - _ARM, x, y + _ARM), fill=_MARK, width=2)
    return picture
