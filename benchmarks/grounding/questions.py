"""Samples as questions: the picture resized, the protocol's prompt, the reply read and judged by named rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from handeye.benchmarks.grounding.formats import Format
from handeye.benchmarks.grounding.protocols import Protocol
from handeye.benchmarks.grounding.replies import in_stored
from handeye.benchmarks.grounding.rules import CORRECT, Rules
from handeye.benchmarks.grounding.sample import BoxTarget, PolygonTarget, Sample, Target
from handeye.benchmarks.grounding.scores import said
from handeye.benchmarks.samples.pictures import Pictures
from handeye.benchmarks.samples.question import Asked, Judgement
from handeye.tools.errors import InvalidAction, SetupError


@dataclass(frozen=True, eq=False)
class GroundingQuestion:
    """See `handeye.benchmarks.samples.question.Question`."""

    sample: Sample
    protocol: Protocol
    reader: Format
    rules: Rules
    pictures: Pictures

    @property
    def id(self) -> str:
        """The sample's."""
        return self.sample.id

    @property
    def instruction(self) -> str:
        """The sample's."""
        return self.sample.instruction

    @property
    def image_name(self) -> str:
        """As the annotation names it."""
        return self.sample.image.name

    @property
    def target(self) -> Mapping[str, Any]:
        """`box`, `polygon` or `refusal`."""
        return drawn_target(self.sample.target)

    @property
    def cells(self) -> Mapping[str, str]:
        """`group`, `kind` (empty where the data have none), and the sample's other cells."""
        return {"group": self.sample.group, "kind": self.sample.kind or "", **self.sample.cells}

    def picture(self) -> bytes:
        """The stored picture. Raises `SetupError`, with the annotation's file and row, when it is not there."""
        try:
            return self.sample.image.read()
        except SetupError as error:
            raise SetupError(f"{self.sample.source}: {error.args[0]}", fix=error.fix) from error

    def prepare(self) -> Asked:
        """The prompt. Raises `SetupError` for a picture that is not there, is none, or has another size than the annotation says, and
        `InvalidAction` for one that cannot be shown, each with the annotation's file and row.
        """
        source = self.sample.source
        try:
            shown, stored = self.pictures.shown(self._key, self.picture, self.protocol.picture_size)
            if self.sample.size is not None and stored != self.sample.size:
                raise SetupError(f"its image {self.image_name} is {stored}, the annotation says {self.sample.size}")
            messages = self.protocol.messages(self.instruction, shown)
        except (SetupError, InvalidAction) as error:
            text = str(error.args[0])
            raise type(error)(text if text.startswith(source) else f"{source}: {text}", fix=error.fix) from error
        return Asked(messages, stored, self.protocol.picture_size(stored))

    def judge(self, reply: str, asked: Asked) -> Judgement:
        """The verdict of the rule for the sample's kind of target, on what the forced beginning and `reply` say together."""
        answer = in_stored(self.reader.read(self.protocol.beginning + reply, asked.shown), asked.shown, asked.image)
        verdict = self.rules.judge(self.sample.target, answer)
        return Judgement(verdict in CORRECT, verdict, said(answer))

    @property
    def _key(self) -> tuple[str, str]:
        # Rows of parquet files may share a name, or have none, and hold pictures of their own.
        return self.image_name, self.id if getattr(self.sample.image, "row", None) is not None else ""


def drawn_target(target: Target) -> dict[str, Any]:
    """A target for reports, in pixels of the stored picture."""
    if isinstance(target, BoxTarget):
        return {"box": list(asdict(target).values())}
    if isinstance(target, PolygonTarget):
        return {"polygon": [list(vertex) for vertex in target.vertices]}
    return {"refusal": True}
