"""The camera, pictures, the calculator."""

from __future__ import annotations

import random
from abc import ABC
from typing import Any, ClassVar

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.answers import tells_number
from handeye.benchmarks.simphone.people import picture
from handeye.benchmarks.simphone.phone import STORAGE, Phone
from handeye.benchmarks.simphone.stores import Changes
from handeye.benchmarks.simphone.task import Difficulty, Steps, Task
from handeye.benchmarks.simphone.ui import Ui, open_app

CAMERA = f"{STORAGE}/DCIM/Camera"
_NAMES = ("harbour", "garden", "birthday", "mountains", "kitchen", "market", "bicycle")


class CameraPhoto(Task):
    """One more photo."""

    template = "Take one photo."
    apps = ("Camera",)
    kind = "camera and gallery"
    difficulty = "easy"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {}

    def prepare(self, phone: Phone) -> None:
        phone.clear_folder(CAMERA)

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.any_file_came(CAMERA, ".jpg")

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Camera")
        yield from ui.tap("Take photo")


class _PictureTask(Task, ABC):
    apps = ("Gallery",)
    kind = "camera and gallery"
    difficulty: ClassVar[Difficulty] = "medium"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        """A picture's name, and others."""
        name, *others = rng.sample(_NAMES, 5)
        return {"name": f"{name}.jpg", "others": [f"{other}.jpg" for other in others], "seed": rng.randrange(2**32)}

    @property
    def path(self) -> str:
        """Where the picture lies."""
        return f"{STORAGE}/DCIM/Trips/{self.params['name']}"

    def prepare(self, phone: Phone) -> None:
        rng = random.Random(self.params["seed"])
        phone.clear_folder(f"{STORAGE}/DCIM/Trips")
        for name in sorted([self.params["name"], *self.params["others"]]):
            colour = (rng.randrange(160), rng.randrange(160), rng.randrange(160))
            phone.write(f"{STORAGE}/DCIM/Trips/{name}", picture(colour, name))


class GalleryDelete(_PictureTask):
    """A picture goes."""

    template = 'Delete the picture "{name}" from the album Trips.'

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.file_went(self.path)

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.open_picture(ui, "Trips", self.params["name"])
        yield from ui.tap("Delete")
        yield from pickers.confirm(ui, "Delete")


class GalleryRename(_PictureTask):
    """A picture has another name."""

    template = 'Rename the picture "{name}" in the album Trips to "{new}".'
    difficulty = "hard"
    complexity = 1.4

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {**super().sample(rng), "new": f"trip_{rng.randint(100, 999)}.jpg"}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.file_moved(self.path, f"{STORAGE}/DCIM/Trips/{self.params['new']}")

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.open_picture(ui, "Trips", self.params["name"])
        yield from ui.tap("More options", "Rename")
        yield from pickers.rename(ui, self.params["new"].removesuffix(".jpg"))


class CalculatorQuotient(Task):
    """A question that the calculator answers."""

    template = "Use the calculator: what is {product} divided by {first}, plus {second}? Answer with the number alone."
    apps = ("Calculator",)
    kind = "calculator"
    difficulty = "easy"
    complexity = 2.0
    question = True

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        first, quotient, second = rng.randint(13, 97), rng.randint(113, 987), rng.randint(101, 999)
        return {"product": first * quotient, "first": first, "second": second, "result": quotient + second}

    def prepare(self, phone: Phone) -> None:
        """A calculator has no world."""

    def answered(self, answer: str) -> bool:
        return tells_number(answer, self.params["result"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Calculator")
        yield from pickers.calculate(ui, "{product}/{first}+{second}".format(**self.params))
        yield pickers.answer(ui.said(lambda text: text.replace(",", "") == str(self.params["result"])))
