"""What `handeye bench speed grounding` asks: drawn screens as stored PNGs, and suites of questions about them."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from PIL import Image

from handeye.benchmarks.buttons.drawing import draw
from handeye.benchmarks.buttons.screens import VIEWPORT, make_screen
from handeye.benchmarks.grounding.protocols import open_protocol
from handeye.benchmarks.grounding.questions import GroundingQuestion
from handeye.benchmarks.grounding.replies import reader_of
from handeye.benchmarks.grounding.rules import choose_rules
from handeye.benchmarks.grounding.sample import BoxTarget, Sample
from handeye.benchmarks.grounding.scores import row_summary
from handeye.benchmarks.samples.pictures import Pictures
from handeye.benchmarks.samples.rows import SampleConfiguration
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.geometry import Size

SCREENSPOT_V2_SIZES: Mapping[Size, int] = {
    Size(960, 540): 1,
    Size(1920, 1080): 1,
    Size(1080, 2400): 2,
    Size(1170, 2532): 2,
    Size(2360, 1640): 1,
    Size(1280, 2774): 1,
    Size(2560, 1440): 4,
}
"""Its most frequent sizes, in about their proportions: 109, 70, 211, 182, 77, 28 and 393 of its 1272 rows (counted)."""
_RULES = choose_rules()


@dataclass(frozen=True)
class DrawnImage:
    """A picture in memory, as if it were stored."""

    name: str
    data: bytes
    """PNG."""

    def read(self) -> bytes:
        """See `handeye.benchmarks.grounding.sample.SampleImage`."""
        return self.data


@dataclass(frozen=True)
class DrawnScreen:
    """A screen of coloured buttons, tiled to its size, and where its first button lies in the first tile."""

    image: DrawnImage
    size: Size
    instruction: str
    target: BoxTarget


def drawn_screens(sizes: Sequence[Size], seed: int = 0) -> list[DrawnScreen]:
    """A screen of each size, no two alike."""
    random_ = random.Random(seed)
    screens = []
    for number, size in enumerate(sizes):
        screen = make_screen(random_)
        tile = draw(screen, random_)
        wide = np.tile(tile, (-(-size.height // VIEWPORT.height), -(-size.width // VIEWPORT.width), 1))[: size.height, : size.width]
        stream = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(wide)).save(stream, "PNG")
        button = screen.buttons[0]
        # A Box ends at the first pixel outside, both edges of a target belong to it.
        target = BoxTarget(button.box.left, button.box.top, button.box.right - 1, button.box.bottom - 1)
        image = DrawnImage(f"drawn/{number}_{size}.png", stream.getvalue())
        screens.append(DrawnScreen(image, size, f"the {button.colour} button", target))
    return screens


def drawn_suite(screens: Sequence[DrawnScreen], count: int, protocol: str, pictures: Pictures) -> Suite:
    """`count` questions about `screens` in turn, asked with the protocol of that name."""
    asked = open_protocol(protocol)
    reader = reader_of(asked)
    questions = []
    for number in range(count):
        screen = screens[number % len(screens)]
        identity, source = f"drawn-{number}", f"drawn row {number}"
        sample = Sample(identity, screen.image, screen.instruction, screen.size, screen.target, "web", "text", {}, source)
        questions.append(GroundingQuestion(sample, asked, reader, _RULES, pictures))
    configuration = SampleConfiguration(
        benchmark="speed grounding",
        model="",
        protocol=asked.settings,
        rules=_RULES.used_for([screen.target for screen in screens]),
        sampling=asdict(asked.sampling),
        data={"samples": count, "convention": "drawn"},
    )
    return Suite("Drawn screens", questions, configuration, asked.sampling, row_summary)
