"""`handeye locate`: where something is in a picture.

With `--json`, one object: `image`, its `width` and `height` as a person sees it (after EXIF orientation), `model`, `found`, a list of
`{"label", "point": [x, y], "box": [left, top, right, bottom] or null}` in its pixels, best first where the model ranks, and `repairs`,
what had to be mended to read the reply. `left` and `top` belong to a box, `right` and `bottom` are the first pixels outside.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from rich.console import Console
from rich.markup import escape

from handeye.agent.choosing import choose_dialect
from handeye.agent.cli.media_options import MediaOptions
from handeye.agent.cli.warnings import warn
from handeye.agent.dialects.base import Dialect
from handeye.agent.dialects.qwen25vl import MAX_PIXELS
from handeye.agent.dialects.qwen25vl_point import QwenPoint
from handeye.agent.dialects.registry import open_dialect
from handeye.agent.media.limits import PictureLimits
from handeye.agent.media.picture import ReadPicture, read_picture
from handeye.agent.models.registry import DEFAULT_MODEL, open_model
from handeye.envs.actions import Click
from handeye.envs.observation import Observation
from handeye.tools.device import Pixels
from handeye.tools.errors import ParseError, SetupError
from handeye.tools.geometry import Box, Point, Size

CLICK = frozenset({"click"})
SEVERAL = ("qwen2.5-vl/point", "qwen3-vl/point")
"""Dialects that can find all that fit, on a picture of any stated size."""


@dataclass(frozen=True)
class Place:
    """A place on the picture, in its pixels."""

    point: Point
    box: Box | None
    label: str
    score: float | None = None
    """1 for a perfect fit; None where the model does not say."""


@dataclass(frozen=True)
class LocateRequest:
    """What was asked for on the command line."""

    image: str
    what: str
    model: str
    media: MediaOptions
    every: bool = False
    out: Path | None = None
    as_json: bool = False
    dialect: str = "auto"


def locate_command(request: LocateRequest) -> int:
    """Find what was asked for and print the places; the exit code: 0 found, 1 not found."""
    if not request.what.strip():
        raise SetupError("What to look for is empty.", fix='say what, as in handeye locate page.png "the Submit button"')
    picture = read_picture(request.image)
    name = request.model or DEFAULT_MODEL
    places, repairs = (_by_ocr if name == "ocr" else _by_model)(picture, request, name)
    if request.out is not None and places:
        _draw(picture.pixels, places, request.out)
    if request.as_json:
        found = [{"label": place.label, "point": place.point, "box": place.box} for place in places]
        about: dict[str, Any] = {"image": request.image, "width": picture.size.width, "height": picture.size.height}
        sys.stdout.write(json.dumps(about | {"model": name, "found": found, "repairs": repairs}) + "\n")
    else:
        for note in (*picture.notes, *repairs):
            sys.stderr.write(f"handeye: {note}\n")
        _print(places, request)
    return 0 if places else 1


def _by_ocr(picture: ReadPicture, request: LocateRequest, name: str) -> tuple[list[Place], tuple[str, ...]]:
    from handeye.agent.models.ocr.locate import locate

    found = locate(picture.pixels, request.what)
    return [Place(item.box.center, item.box, f"{item.kind}: {item.text}", item.score) for item in found], ()


def _by_model(picture: ReadPicture, request: LocateRequest, name: str) -> tuple[list[Place], tuple[str, ...]]:
    limits = request.media.picture_limits(PictureLimits(max_pixels=MAX_PIXELS))
    stated = None if limits.resized_width is None else limits.picture_size(picture.size)
    choice = choose_dialect(name, request.dialect, "point")
    warn(choice.warnings)
    dialect = _pointer(choice.dialect, request, stated, limits)
    observation = Observation(picture.pixels)
    goal = request.what if choice.dialect.rpartition("/")[2] in ("point", "box", "grounding") else f"Click {request.what}"
    turns = dialect.render(goal, (), observation)
    model = open_model(name)
    try:
        completion = model.generate(turns)
    finally:
        model.close()
    try:
        if isinstance(dialect, QwenPoint):
            pointing = dialect.pointing(completion.text, observation.size)
            return [Place(item.point, item.box, item.label) for item in pointing.found], pointing.repairs
        reply = dialect.parse(completion.text, observation.size)
    except ParseError as error:
        return [], (f"nothing was found in the reply: {error}",)
    points = [action.point for action in reply.actions if isinstance(action, Click) and action.point is not None]
    return [Place(point, None, request.what) for point in points], reply.repairs


def _pointer(name: str, request: LocateRequest, stated: Size | None, limits: PictureLimits) -> Dialect:
    """The dialect to point with; one that is no dialect of pointing is asked to click."""
    if name in SEVERAL:
        options: dict[str, Any] = {"every": request.every, "resized": stated}
        return open_dialect(name, CLICK, **options, min_pixels=limits.min_pixels, max_pixels=limits.max_pixels)
    if request.every or stated is not None:
        fix = f"leave --all and --resized-width out, or use one of {', '.join(SEVERAL)}"
        raise SetupError(f"the dialect {name} finds one thing, on a picture of its own size.", fix=fix)
    given = {"min_pixels": request.media.min_pixels, "max_pixels": request.media.max_pixels}
    return open_dialect(name, CLICK, **{option: value for option, value in given.items() if value is not None})


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
        raise SetupError(f"{out} cannot be written ({error}).", fix="name a .png file in a folder that exists") from error


def _print(places: list[Place], request: LocateRequest) -> None:
    console = Console(highlight=False)
    if not places:
        console.print(f"[red]{escape(request.what)} was not found[/] in {escape(request.image)}")
    for place in places:
        box = f"  box ({place.box.left}, {place.box.top}) to ({place.box.right}, {place.box.bottom})" if place.box else ""
        score = f"  score {place.score:.2f}" if place.score is not None else ""
        console.print(f"[bold]({place.point.x}, {place.point.y})[/]{box}{score}  [dim]{escape(place.label)}[/]")
