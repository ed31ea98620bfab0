"""Make the README's picture: `python scripts/viewer_picture.py RUN OUT.png [--step N]` shows a run's page and saves what Chromium draws."""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from handeye.agent.viewer import write

WIDTH, HEIGHT = 1400, 880
LARGEST = 200_000
"""Bytes that a picture in a README should stay under."""


def main() -> None:
    """Read the arguments, draw, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--step", default="1", help="number of the step to show, or `end`")
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    drawn = draw(options.run, options.step, "dark" if options.dark else "light")
    options.out.write_bytes(packed(drawn))
    sys.stdout.write(f"{options.out}: {options.out.stat().st_size:,} bytes\n")


def draw(run: Path, step: str, scheme: str) -> bytes:
    """The page of `run` at `step` as a PNG of WIDTH x HEIGHT."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_path = write(run, Path(folder) / "index.html")
        found = shutil.which("chromium") or shutil.which("google-chrome") or driver.chromium.executable_path
        browser = driver.chromium.launch(executable_path=found)
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(f"{page_path.as_uri()}#step={step}")
        drawn = page.screenshot()
        browser.close()
    return drawn


def packed(drawn: bytes) -> bytes:
    """The picture in full colour if that is under LARGEST bytes, else with a palette of the most colours that bring it there."""
    image = Image.open(io.BytesIO(drawn)).convert("RGB")
    for colours in (None, 256, 128, 64, 32):
        buffer = io.BytesIO()
        shown = image if colours is None else image.quantize(colours, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
        shown.save(buffer, format="PNG", optimize=True)
        if buffer.tell() <= LARGEST:
            break
    return buffer.getvalue()


if __name__ == "__main__":
    main()
