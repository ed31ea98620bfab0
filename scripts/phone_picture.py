"""Make docs/phone.png: the simulated phone's home screen and some of its apps, side by side.

.venv/bin/python scripts/phone_picture.py docs/phone.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from handeye.envs.actions import OpenApp
from handeye.envs.registry import open_env

APPS = ("Messages", "Calendar", "Settings", "Shop")
WIDTH, HEIGHT, GAP = 300, 667, 16


def main() -> int:
    """Draw it into the file that was named."""
    env = open_env("android", {"device": "sim", "clock": "steps"})
    try:
        screens = [env.reset().screenshot]
        screens += [env.step(OpenApp(name=app)).observation.screenshot for app in APPS]
    finally:
        env.close()
    sheet = Image.new("RGB", (len(screens) * (WIDTH + GAP) - GAP, HEIGHT), "white")
    for place, screen in enumerate(screens):
        small = Image.fromarray(screen).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        sheet.paste(small, (place * (WIDTH + GAP), 0))
    sheet.quantize(256).save(Path(sys.argv[1]), optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
