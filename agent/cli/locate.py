"""`handeye locate`: where something is in a picture."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps
from rich.console import Console
from rich.markup import escape

from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.agent.models.registry import DEFAULT_MODEL, open_model
from handeye.envs.observation import Observation
from handeye.tools.device import Pixels
from handeye.tools.errors import ParseError, SetupError
from handeye.tools.geometry import Box, Point, Size


@dataclass(frozen=True)
class Place:
    """A place on the picture, in its pixels."""

    point: Point
    box: Box | None
    label: str
    score: float | None = None
    """1 for a perfect fit; None where the model does not say."""


def locate_command(image: Path, what: str, model: str, out: Path | None, as_json: bool) -> int:
    """Find `what` and print the places, best first; the exit code: 0 found, 1 not found."""
    if not what.strip():
        raise SetupError("What to look for is empty.", fix='say what, as in handeye locate page.png "the Submit button"')
    picture = _read(image)
    places = _by_ocr(picture, what) if (model or DEFAULT_MODEL) == "ocr" else _by_model(picture, what, model)
    if out is not None and places:
        _draw(picture, places, out)
    if as_json:
        found = [{"point": place.point, "box": place.box, "label": place.label, "score": place.score} for place in places]
        size = Size(picture.shape[1], picture.shape[0])
        sys.stdout.write(json.dumps({"image": str(image), "size": size, "what": what, "places": found}) + "\n")
    else:
        _print(places, what, image)
    return 0 if places else 1


def _read(path: Path) -> Pixels:
    """The picture upright and as RGB. Raises `SetupError` when it cannot be read."""
    try:
        with Image.open(path) as image:
            return np.array(ImageOps.exif_transpose(image).convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise SetupError(f"{path} is not a picture that can be read ({error}).") from error


def _by_ocr(picture: Pixels, what: str) -> list[Place]:
    from handeye.agent.models.ocr.locate import locate

    return [Place(found.box.center, found.box, f"{found.kind}: {found.text}", found.score) for found in locate(picture, what)]


def _by_model(picture: Pixels, what: str, name: str) -> list[Place]:
    dialect = QwenPoint()
    observation = Observation(picture)
    model = open_model(name)
    try:
        completion = model.generate(dialect.render(what, (), observation))
    finally:
        model.close()
    try:
        return [Place(found.point, found.box, found.label) for found in dialect.locate(completion.text, observation.size)]
    except ParseError:
        return []


def _draw(picture: Pixels, places: list[Place], out: Path) -> None:
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    for place in reversed(places):
        colour = (220, 20, 60) if place is places[0] else (255, 165, 0)
        if place.box is not None:
            pen.rectangle((place.box.left, place.box.top, place.box.right - 1, place.box.bottom - 1), outline=colour, width=2)
        pen.ellipse((place.point.x - 4, place.point.y - 4, place.point.x + 4, place.point.y + 4), fill=colour)
    try:
        image.save(out)
    except (OSError, ValueError) as error:
        raise SetupError(f"{out} cannot be written ({error}).") from error


def _print(places: list[Place], what: str, image: Path) -> None:
    console = Console(highlight=False)
    if not places:
        console.print(f"[red]{escape(what)} was not found[/] in {escape(str(image))}")
    for place in places:
        box = f"  box ({place.box.left}, {place.box.top}) to ({place.box.right}, {place.box.bottom})" if place.box else ""
        score = f"  score {place.score:.2f}" if place.score is not None else ""
        console.print(f"[bold]({place.point.x}, {place.point.y})[/]{box}{score}  [dim]{escape(place.label)}[/]")
