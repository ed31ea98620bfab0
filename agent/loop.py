"""The loop: look, ask the model, ask the approver, act, and write it down, until the goal is met or a limit is reached."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np

from handeye.agent.approval import Approver, Asker, Proposal, allow_all, decide
from handeye.agent.describe import describe
from handeye.agent.dialects.base import Dialect, PastStep, Reply
from handeye.agent.messages import Message
from handeye.agent.models.base import Model, Sampling
from handeye.agent.repeats import RepeatGuard, same_screen
from handeye.agent.trajectory import Attempt, Episode, Outcome, Result, SettledRow, StepRow, Timings, TrajectoryWriter
from handeye.envs.actions import Action, Answer, AskUser, Finish, points_of
from handeye.envs.env import Env, TimeStep
from handeye.envs.observation import Observation
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError, InvalidAction, ModelError, ParseError, StoppedByPerson
from handeye.tools.geometry import Box, Point, Size

QUOTED = 2_000
"""Characters of an unreadable reply that are shown to the model again."""
TARGET_RADIUS = 24
"""Pixels around the target of a later action of one reply that must still look as they did when the model decided."""


@dataclass(frozen=True)
class Limits:
    """When to give up."""

    steps: int = 40
    seconds: float = 1_800.0
    """Checked before each turn; a call of the model that is under way is not cut off."""
    parse_retries: int = 3
    """How often in one turn the model may try again after a reply that cannot be read."""
    repeats: int = 4
    """How often the same action may be proposed on the same screen; at this count the episode stops."""


@dataclass(frozen=True, eq=False)
class Agent:
    """Who acts: a model, the dialect that it speaks, and who may say no."""

    model: Model
    dialect: Dialect
    sampling: Sampling = field(default_factory=Sampling)
    """Where it names no `stop`, the dialect's end a reply."""
    approver: Approver = allow_all
    asker: Asker | None = None
    constrain: bool = False
    """Hold replies to the dialect's form, where it has one. No thought comes before a call then."""


@dataclass(frozen=True)
class Setting:
    """What opens the environment and the dialect again, as JSON values: recorded, and used by a replay."""

    env: str = ""
    env_options: dict[str, Any] = field(default_factory=dict)
    dialect_options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """What goes on, for live progress. `row` is there when a step is complete, `thought` from the moment the model has spoken."""

    phase: Literal["thinking", "acting", "step"]
    index: int
    thought: str = ""
    action: Action | None = None
    row: StepRow | None = None


def run_episode(
    goal: str,
    env: Env,
    agent: Agent,
    out: Path,
    *,
    limits: Limits = Limits(),
    seed: int | None = None,
    setting: Setting = Setting(),
    on_event: Callable[[Event], None] = lambda event: None,
) -> Result:
    """Work towards `goal` in `env` and write the trajectory to the folder `out`; `env` is reset first and stays open afterwards.

    A failure of the device or the model in mid-episode, Ctrl-C, and a person's stop at the device end the episode with a result that
    says so. Raises `InvalidAction` for an empty goal, `DeviceError` when the environment cannot be reset, `TrajectoryError` when
    `out` cannot be written.
    """
    if not goal.strip():
        raise InvalidAction("The goal is empty.", fix='say what is to be done, as in handeye run "Click the Submit button" --url ...')
    observation = env.reset(seed)
    episode = Episode(
        goal=goal,
        env=setting.env or type(env).__name__,
        env_options=setting.env_options,
        model=agent.model.name,
        dialect=agent.dialect.name,
        dialect_options=setting.dialect_options,
        sampling=asdict(agent.sampling),
        limits=asdict(limits),
        seed=seed,
        prompt_hash=_prompt_hash(agent.dialect.render(goal, (), observation)),
        versions=_versions(),
        started_at=_now(),
    )
    writer = TrajectoryWriter(out, episode)
    run = _Run(goal, env, agent, limits, writer, on_event, observation)
    try:
        result = run.to_the_end()
        writer.finish(result)
    finally:
        writer.close()
    return result


@dataclass(eq=False)
class _Run:
    """The state of one episode."""

    goal: str
    env: Env
    agent: Agent
    limits: Limits
    writer: TrajectoryWriter
    on_event: Callable[[Event], None]
    observation: Observation
    history: list[PastStep] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What the loop has to tell the model at its next turn."""
    index: int = 0
    turn: int = 0
    reward: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    said: str = ""
    """The reply whose first action is yet to be remembered."""
    told: tuple[str, ...] = ()
    """What the loop told the model before it."""
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self.guard = RepeatGuard(self.limits.repeats)

    def to_the_end(self) -> Result:
        try:
            while True:
                ended = self.one_turn()
                if ended is not None:
                    return ended
                self.turn += 1
        except DeviceError as error:
            return self.result("device_error", str(error))
        except ModelError as error:
            return self.result("model_error", str(error))
        except StoppedByPerson as stop:
            return self.result("interrupted", str(stop))
        except KeyboardInterrupt:
            return self.result("interrupted", "Stopped by the person.")

    def one_turn(self) -> Result | None:
        """One call of the model and the actions of its reply; the result, if they end the episode."""
        if self.index >= self.limits.steps:
            return self.result("step_limit", f"Not done after {self.index} steps.")
        if self.seconds >= self.limits.seconds:
            return self.result("time_limit", f"Not done after {self.seconds:.0f} s.")
        self.told, self.notes = tuple(self.notes), []
        messages = self.agent.dialect.render(self.goal, self.history, self.observation, self.told)
        self.writer.screen(self.observation.screenshot)
        self.on_event(Event("thinking", self.index))
        attempts, reply = self.ask(messages)
        row = self.row(told=self.told, attempts=attempts)
        self.said = attempts[-1].text
        if reply is None:
            self.append(row.model_copy(update={"error": attempts[-1].error}))
            return self.result("unreadable", f"{len(attempts)} replies in a row could not be read. The last: {attempts[-1].error}")
        seen = self.observation.screenshot
        for number, action in enumerate(reply.actions):
            if number:
                if self.index >= self.limits.steps:
                    return None
                if not _target_stands(action, seen, self.observation.screenshot):
                    left = len(reply.actions) - number
                    self.notes.append(f"The last {left} action(s) of your reply were not carried out: the screen changed at their target.")
                    return None
                row = self.row()
            else:
                row = row.model_copy(update={"thought": reply.thought, "repairs": reply.repairs})
            ended, carried_out = self.perform(action, reply.thought, row)
            if ended is not None or not carried_out:
                return ended
        return None

    def ask(self, messages: tuple[Message, ...]) -> tuple[tuple[Attempt, ...], Reply | None]:
        """Ask until a reply can be read or the retries are spent; each unreadable reply goes back with what was wrong."""
        attempts: list[Attempt] = []
        sampling, dialect = self.agent.sampling, self.agent.dialect
        if not sampling.stop:
            sampling = replace(sampling, stop=dialect.stop)
        constraint = dialect.constraint(self.observation.size) if self.agent.constrain else None
        for _ in range(self.limits.parse_retries + 1):
            begun = time.perf_counter()
            completion = self.agent.model.generate(messages, sampling, constraint)
            answered = time.perf_counter()
            self.prompt_tokens += completion.usage.prompt_tokens
            self.completion_tokens += completion.usage.completion_tokens
            reply, error = None, ""
            try:
                reply = dialect.parse(completion.text, self.observation.size)
            except ParseError as fault:
                error = str(fault)
            attempts.append(
                Attempt(
                    text=completion.text,
                    error=error,
                    model_s=answered - begun,
                    parse_s=time.perf_counter() - answered,
                    prompt_tokens=completion.usage.prompt_tokens,
                    completion_tokens=completion.usage.completion_tokens,
                    cached_tokens=completion.usage.cached_tokens,
                    timings=completion.timings,
                    details=completion.details,
                )
            )
            if reply is not None:
                return tuple(attempts), reply
            quoted = Message("assistant", (completion.text[:QUOTED],))
            messages = (*messages, quoted, Message("user", (error,)))
        return tuple(attempts), None

    def perform(self, action: Action, thought: str, row: StepRow) -> tuple[Result | None, bool]:
        """Carry out one action and append its row; the result if that ends the episode, and whether it was carried out."""
        self.on_event(Event("acting", self.index, thought, action))
        row = row.model_copy(update={"action": action})
        if isinstance(action, Answer | Finish):
            self.append(row)
            return self.ending(action), True
        count = self.guard.note(action, self.observation.screenshot)
        if self.guard.exhausted(action, count):
            error = f"proposed for the {count}th time on the same screen without effect"
            self.append(row.model_copy(update={"error": error}))
            return self.result("repeating", f"The model keeps repeating itself: {describe(action)} was {error}."), False
        if advice := self.guard.advice(action, count):
            self.notes.append(advice)
        if isinstance(action, AskUser):
            self.question(action, thought, row)
            return None, True
        verdict = decide(
            self.agent.approver,
            Proposal(self.goal, thought, action, self.observation),
            f"Allow {describe(action)}?",
            self.agent.asker,
        )
        if verdict.decision != "allow":
            self.refuse(row, thought, f"It was not allowed: {verdict.reason}", approval=f"deny: {verdict.reason}")
            return None, False
        if verdict.reason:
            row = row.model_copy(update={"approval": f"allow: {verdict.reason}"})
        return self.step(action, thought, row)

    def step(self, action: Action, thought: str, row: StepRow) -> tuple[Result | None, bool]:
        """Let the environment do `action`."""
        try:
            after = self.env.step(action)
        except InvalidAction as error:
            self.refuse(row, thought, str(error))
            return None, False
        except (DeviceError, StoppedByPerson) as error:
            self.append(row.model_copy(update={"error": str(error)}))
            raise
        self.append(_carried_out(row, self.observation, after))
        self.remember(thought, action)
        self.observation = after.observation
        if after.reward is not None:
            self.reward = after.reward
        if after.done:
            return self.result("env_done", "The environment ended the episode."), True
        return None, True

    def refuse(self, row: StepRow, thought: str, error: str, approval: str = "") -> None:
        """Write down and tell the model that its action was not carried out."""
        assert row.action is not None
        self.append(row.model_copy(update={"error": error, "approval": approval}))
        self.remember(thought, row.action, error)
        self.notes.append(f"Your last action was not carried out. {error}")

    def question(self, action: AskUser, thought: str, row: StepRow) -> None:
        """Put the model's question to the person and hand the answer on."""
        answer = self.agent.asker(action.question) if self.agent.asker else None
        said = "Nobody is there to answer: decide yourself, or end the task." if answer is None else f"The person answers: {answer}"
        self.append(row)
        self.remember(thought, action)
        self.notes.append(said)

    def ending(self, action: Answer | Finish) -> Result:
        if isinstance(action, Answer):
            return self.result("reached", action.text, answer=action.text)
        return self.result("reached" if action.success else "not_reached", action.message)

    def row(self, **more: Any) -> StepRow:
        """A row of the current observation."""
        seen = self.observation
        return StepRow(
            index=self.index,
            turn=self.turn,
            screen=self.writer.screen(seen.screenshot),
            size=seen.size,
            url=seen.url,
            title=seen.title,
            app=seen.app,
            dialog=f"{seen.dialog.kind}: {seen.dialog.message}" if seen.dialog else "",
            seen=seen.notes,
            timings=Timings(
                model_s=sum(attempt.model_s for attempt in more.get("attempts", ())),
                parse_s=sum(attempt.parse_s for attempt in more.get("attempts", ())),
            ),
            **more,
        )

    def append(self, row: StepRow) -> None:
        self.writer.append(row)
        self.index += 1
        self.on_event(Event("step", row.index, row.thought, row.action, row))

    def remember(self, thought: str, action: Action, error: str = "") -> None:
        """Add to the history, and let go of the pictures that the dialect does not show."""
        seen = self.observation
        self.history.append(PastStep(thought, action, seen.size, seen, error, self.said, self.told if self.said else ()))
        self.said = ""
        forget = len(self.history) - self.agent.dialect.history_pictures - 1
        if forget >= 0 and (old := self.history[forget]).observation is not None:
            self.history[forget] = replace(old, observation=None)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def result(self, outcome: Outcome, message: str = "", answer: str | None = None) -> Result:
        won = outcome == "reached" or (outcome == "env_done" and (self.reward or 0.0) > 0)
        return Result(
            outcome=outcome,
            success=won,
            message=message,
            answer=answer,
            steps=self.index,
            seconds=self.seconds,
            reward=self.reward,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            last_screen=self.writer.screen(self.observation.screenshot),
            finished_at=_now(),
        )


def _carried_out(row: StepRow, before: Observation, after: TimeStep) -> StepRow:
    timings = row.timings.model_copy(
        update={"act_s": after.act_s, "settle_s": after.settled.waited_s, "capture_s": after.capture_s},
    )
    return row.model_copy(
        update={
            "changed": not same_screen(before.screenshot, after.observation.screenshot),
            "settled": SettledRow(**asdict(after.settled)),
            "timings": timings,
            "reward": after.reward,
        }
    )


def _target_stands(action: Action, seen: Pixels, now: Pixels) -> bool:
    """Whether the screen still looks as the model saw it around every point of `action`."""
    if seen.shape != now.shape:
        return not points_of(action)
    size = Size(now.shape[1], now.shape[0])
    return all(_alike(seen, now, point, size) for point in points_of(action))


def _alike(seen: Pixels, now: Pixels, point: Point, size: Size) -> bool:
    box = Box.around(point, TARGET_RADIUS).clipped(size)
    area = np.s_[box.top : box.bottom, box.left : box.right]
    return bool(np.array_equal(seen[area], now[area]))


def _prompt_hash(messages: Sequence[Message]) -> str:
    digest = hashlib.sha256()
    for message in messages:
        digest.update(f"{message.role}\0{message.text}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    """Versions of what can change a result, as far as it is installed."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in ("handeye", "playwright", "rapidocr", "torch", "transformers"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
