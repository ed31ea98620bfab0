"""A recorded step as a question to a model: what it is asked with, and what a reply to it is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from handeye.agent.dialects.base import Dialect, PastStep
from handeye.agent.dialects.registry import open_dialect
from handeye.agent.messages import Message
from handeye.benchmarks.offline import history
from handeye.benchmarks.offline.answers import Reader, open_format
from handeye.benchmarks.offline.fields import fault
from handeye.benchmarks.offline.pictures import RecordPictures, stored_picture
from handeye.benchmarks.offline.protocol import OfflineProtocol, words
from handeye.benchmarks.offline.registry import COMPUTER, MOBILE
from handeye.benchmarks.offline.rules.registry import Rule
from handeye.benchmarks.offline.scoring import Scores, score
from handeye.benchmarks.offline.step import OfflineEpisode, OfflineStep
from handeye.benchmarks.offline.verdicts import described, said, verdict_word
from handeye.benchmarks.samples.pictures import Pictures
from handeye.benchmarks.samples.question import Asked, Judgement
from handeye.envs.observation import Observation
from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

VERBS: Mapping[str, frozenset[str]] = {
    MOBILE: frozenset({"click", "long_press", "swipe", "type_text", "press_button", "open_app", "wait"}),
    COMPUTER: frozenset({"click", "move", "drag", "scroll", "type_text", "press_keys", "wait"}),
}
"""The actions that the models were trained to say with each tool; the dialect adds the loop's `finish`."""


@dataclass(frozen=True, eq=False)
class Manner:
    """How all steps of a run are asked and judged."""

    protocol: OfflineProtocol
    level: str
    dialect: str
    options: Mapping[str, Any]
    """The dialect's own, as reading an answer needs them too."""
    rule: Rule
    asks: Dialect
    """Says the prompts; offers what the models were trained to say."""
    speaks: Dialect
    """Says earlier steps."""
    read: Reader

    @property
    def touch(self) -> bool:
        """Whether the screen is touched."""
        return self.dialect != COMPUTER


def open_manner(protocol: OfflineProtocol, level: str, dialect: str, rule: Rule, max_pixels: int = 0) -> Manner:
    """Opens the dialect. `max_pixels`: instead of the protocol's. Raises `SetupError` for a dialect that cannot be opened so."""
    options = protocol.options | ({"max_pixels": max_pixels} if max_pixels else {})
    turns = {"history": "turns", "history_pictures": protocol.past_pictures} if protocol.history == "turns" else {}
    offered = {"loop_actions": frozenset({"finish"})} if dialect in VERBS else {}
    asks = open_dialect(dialect, VERBS.get(dialect, VERBS[MOBILE]), **options, **turns, **offered)
    speaks = open_dialect(dialect, VERBS[MOBILE] | VERBS[COMPUTER], **options)
    return Manner(protocol, level, dialect, options, rule, asks, speaks, open_format(dialect, **options))


@dataclass(frozen=True, eq=False)
class StepQuestion:
    """One step of an episode."""

    episode: OfflineEpisode
    index: int
    """Place in the episode, from 0."""
    manner: Manner
    pictures: Pictures
    recorded: RecordPictures

    @property
    def step(self) -> OfflineStep:
        """The step."""
        return self.episode.steps[self.index]

    @property
    def id(self) -> str:
        """Episode and the benchmark's number of the step."""
        return step_id(self.step)

    @property
    def instruction(self) -> str:
        """See `Question`: the goal, and what else the level hands over."""
        return self.step.goal if self.lacks else words(self.step, self.manner.level, replace(self.manner.protocol, thinking=False))

    @property
    def lacks(self) -> tuple[SetupError, ...]:
        """Why the step cannot be asked at this level, if the data have no words for it; `prepare` raises the same."""
        try:
            words(self.step, self.manner.level, self.manner.protocol)
        except SetupError as error:
            return (error,)
        return ()

    @property
    def image_name(self) -> str:
        """See `Question`."""
        return image_name(self.step)

    @property
    def target(self) -> Mapping[str, Any]:
        """See `Question`. Boxes and the point are those of all recorded actions."""
        golds = self.step.gold
        found: dict[str, Any] = {"action": described(self.step)}
        if boxes := [list(box) for gold in golds for box in gold.boxes]:
            found["boxes"] = boxes
        if spot := next((gold.spot for gold in golds if gold.spot is not None), None):
            found["point"] = list(spot)
        return found

    @property
    def cells(self) -> Mapping[str, str]:
        """See `Question`."""
        kind = "+".join(gold.kind for gold in self.step.gold)
        return {"group": self.episode.group, "kind": kind, "level": self.manner.level, "split": self.episode.split}

    def picture(self) -> bytes:
        """See `Question`."""
        return stored_picture(self.step, self.recorded)

    def prepare(self) -> Asked:
        """See `Question`. Earlier pictures are read too, where the protocol shows them."""
        protocol, asks = self.manner.protocol, self.manner.asks
        pixels, image = self._look(self.step)
        goal = words(self.step, self.manner.level, protocol)
        past: tuple[PastStep, ...] = ()
        if protocol.history == "calls":
            past = history.calls(self.episode.steps[: self.index], self.manner.touch, protocol.wheel)
        elif protocol.history == "turns":
            first = max(0, self.index - protocol.past_pictures)
            before = [history.in_words(one, number) for number, one in enumerate(self.episode.steps[:first], 1)]
            goal = "\n".join((goal, "Done before:", *(before or ["None"])))
            past = tuple(self._turns(first))
        messages = asks.render(goal, past, Observation(pixels))
        if protocol.beginning:
            messages = (*messages, Message("assistant", (self._beginning(),)))
        return Asked(messages, image, Size(pixels.shape[1], pixels.shape[0]))

    def _turns(self, first: int) -> Iterable[PastStep]:
        manner = self.manner
        for number, earlier in enumerate(self.episode.steps[first : self.index], first + 1):
            turn = history.spoken(earlier, number, manner.speaks, manner.touch, manner.protocol.wheel)
            if turn is not None:
                yield replace(turn, observation=Observation(self._look(earlier)[0]))

    def _look(self, step: OfflineStep) -> tuple[Pixels, Size]:
        key = (step.source.file, step.episode, step.number)
        pixels, image = self.pictures.shown(key, lambda: stored_picture(step, self.recorded), self.manner.asks.picture_size)
        if image != step.size:
            raise fault(step.source, f"the picture is {image} now, and was {step.size} when the data was loaded", "load it again")
        return pixels, image

    def _beginning(self) -> str:
        return self.manner.protocol.beginning.format(step=self.index + 1)

    def judge(self, reply: str, asked: Asked) -> Judgement:
        """See `Question`. A forced beginning is read with the reply."""
        found = self.scores(reply, (self.manner.rule,))[self.manner.rule.name]
        return Judgement(found.verdict.exact, verdict_word(found), said(found))

    def scores(self, reply: str | None, rules: Iterable[Rule]) -> Scores:
        """A reply under any rules of the benchmark; None where the world failed and there is none."""
        whole = None if reply is None else self._beginning() + reply
        return score(self.step, self.episode.group, whole, self.manner.read, rules, failed=reply is None)


def step_id(step: OfflineStep) -> str:
    """The name of a step among all of its benchmark."""
    return f"{step.episode}/{step.number}"


def image_name(step: OfflineStep) -> str:
    """The picture as the data name it; of TFRecords the place in them."""
    return f"{step.source.file.name}, {step.source.row}" if step.screenshot is None else step.screenshot.name
