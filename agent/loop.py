"""The loop: look, ask the model, ask the approver, act, and write it down, until the goal is met or a limit is reached."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from handeye.agent.approval import Decision, Proposal, Question, as_door
from handeye.agent.describe import describe
from handeye.agent.dialects.base import PastStep, Reply
from handeye.agent.messages import Message
from handeye.agent.provenance import now, prompt_hash, versions
from handeye.agent.repeats import RepeatGuard
from handeye.agent.rows import carried_out
from handeye.agent.safety.gate import Gate, decision_row
from handeye.agent.setting import Act, Acts, Agent, EpisodeStopped, Event, Limits, Look, Setting
from handeye.agent.spending import Spending
from handeye.agent.targets import target_stands
from handeye.agent.trajectory import (
    Attempt,
    DecisionRow,
    Episode,
    Outcome,
    Result,
    StepRow,
    Timings,
    TrajectoryWriter,
    Unwritten,
)
from handeye.envs.actions import Action, Answer, AskUser, Finish, Wait
from handeye.envs.env import Env, SightedEnv, TimeStep
from handeye.envs.observation import Observation
from handeye.tools.errors import DeviceError, InvalidAction, ModelError, ParseError, StoppedByPerson, TargetChanged

__all__ = ["Act", "Acts", "Agent", "EpisodeStopped", "Event", "Limits", "Look", "Setting", "episode_acts", "run_episode"]

USUAL_LIMITS = Limits()
UNSAID = Setting()
QUOTED = 2_000
"""Characters of an unreadable reply that are shown to the model again."""


def run_episode(
    goal: str,
    env: Env,
    agent: Agent,
    out: Path,
    *,
    limits: Limits = USUAL_LIMITS,
    seed: int | None = None,
    setting: Setting = UNSAID,
    on_event: Callable[[Event], None] = lambda event: None,
) -> Result:
    """Work towards `goal` in `env` and write the trajectory to the folder `out`; `env` is reset first and stays open afterwards.

    A failure of the device or the model in mid-episode, Ctrl-C, and a person's stop at the device end the episode with a result that
    says so. Raises `InvalidAction` for an empty goal, `DeviceError` when the environment cannot be reset, `TrajectoryError` when
    `out` cannot be written.
    """
    _check_goal(goal)
    observation = env.reset(seed)
    setting = replace(setting, env=setting.env or type(env).__name__)
    look = env.targets if isinstance(env, SightedEnv) else None
    acts = episode_acts(goal, observation, agent, out, limits=limits, seed=seed, setting=setting, on_event=on_event, targets=look)
    with closing(acts):
        try:
            act = next(acts)
            while True:
                try:
                    after = _carry_out(env, act)
                except (InvalidAction, DeviceError, StoppedByPerson, KeyboardInterrupt) as error:
                    act = acts.throw(error)
                else:
                    act = acts.send(after)
        except StopIteration as ended:
            result: Result = ended.value
            return result


def episode_acts(
    goal: str,
    observation: Observation,
    agent: Agent,
    out: Path | None,
    *,
    limits: Limits = USUAL_LIMITS,
    seed: int | None = None,
    setting: Setting = UNSAID,
    on_event: Callable[[Event], None] = lambda event: None,
    targets: Look | None = None,
) -> Acts:
    """The loop with no environment in it: gives each action that is to be carried out, and takes what came of it.

    It is sent the `TimeStep`, or thrown the environment's `InvalidAction` or `DeviceError`, or `EpisodeStopped`; it returns the result.
    `out` None: no trajectory is written. `targets` says what an action would touch, for an approver that wants to know; what it then
    allows comes with a permit. Raises as `run_episode` does.
    """
    _check_goal(goal)
    goal = agent.redact(goal)
    episode = Episode(
        goal=goal,
        env=setting.env,
        env_options=setting.env_options,
        model=agent.model.name,
        dialect=setting.dialect or agent.dialect.name,
        dialect_options=setting.dialect_options,
        notes=setting.notes,
        sampling=asdict(agent.sampling),
        limits=asdict(limits),
        seed=seed,
        prompt_hash=prompt_hash(agent.dialect.render(goal, (), observation)),
        versions=versions(),
        started_at=now(),
    )
    writer = Unwritten() if out is None else TrajectoryWriter(out, episode, agent.redact)
    try:
        with agent.scrubbing():
            result = yield from _Run(goal, agent, limits, writer, on_event, observation, targets).to_the_end()
        writer.finish(result)
    finally:
        writer.close()
    return result


def _carry_out(env: Env, act: Act) -> TimeStep:
    if act.permit is not None and isinstance(env, SightedEnv):
        return env.step_permitted(act.action, act.permit)
    return env.step(act.action)


def _check_goal(goal: str) -> None:
    if not goal.strip():
        raise InvalidAction("The goal is empty.", fix='say what is to be done, as in handeye run "Click the Submit button" --url ...')


@dataclass(eq=False)
class _Run:
    """The state of one episode."""

    goal: str
    agent: Agent
    limits: Limits
    writer: TrajectoryWriter | Unwritten
    on_event: Callable[[Event], None]
    observation: Observation
    targets: Look | None
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
        self.gate = Gate(self.goal, self.agent.approver, as_door(self.agent.asker), self.targets)
        self.spending = Spending(self.limits.cost, self.limits.prices)
        if self.agent.secrets:
            self.notes.append(self.agent.secrets.hint())

    def to_the_end(self) -> Acts:
        try:
            while True:
                ended = yield from self.one_turn()
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
        except EpisodeStopped as stopped:
            return self.result("step_limit", str(stopped))

    def one_turn(self) -> Generator[Act, TimeStep, Result | None]:
        """One call of the model and the actions of its reply; the result, if they end the episode."""
        if self.index >= self.limits.steps:
            return self.result("step_limit", f"Not done after {self.index} steps.")
        if self.seconds >= self.limits.seconds:
            return self.result("time_limit", f"Not done after {self.seconds:.0f} s.")
        if over := self.spending.over():
            return self.result("cost_limit", over)
        self.told, self.notes = tuple(map(self.agent.redact, self.notes)), []
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
                if not target_stands(action, seen, self.observation.screenshot):
                    left = len(reply.actions) - number
                    self.notes.append(f"The last {left} action(s) of your reply were not carried out: the screen changed at their target.")
                    return None
                row = self.row()
            else:
                row = row.model_copy(update={"thought": reply.thought, "repairs": reply.repairs})
            ended, carried_out = yield from self.perform(action, reply.thought, row)
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
        for number in range(self.limits.parse_retries + 1):
            if number and self.spending.over():
                break
            begun = time.perf_counter()
            completion = self.agent.model.generate(messages, sampling, constraint)
            answered = time.perf_counter()
            self.spending.add(completion)
            self.prompt_tokens += completion.usage.prompt_tokens
            self.completion_tokens += completion.usage.completion_tokens
            reply, error = None, ""
            try:
                reply = dialect.parse(completion.text, self.observation.size)
            except ParseError as fault:
                error = self.agent.redact(str(fault))
            attempts.append(
                Attempt(
                    text=self.agent.redact(completion.text),
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
                return tuple(attempts), replace(reply, thought=self.agent.redact(reply.thought))
            quoted = Message("assistant", (attempts[-1].text[:QUOTED],))
            messages = (*messages, quoted, Message("user", (error,)))
        return tuple(attempts), None

    def perform(self, action: Action, thought: str, row: StepRow) -> Generator[Act, TimeStep, tuple[Result | None, bool]]:
        """Carry out one action and append its row; the result if that ends the episode, and whether it was carried out."""
        if why := self.agent.why_unsaid(action):
            self.refuse(row.model_copy(update={"action": self.agent.redacted(action)}), thought, why)
            return None, False
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
            return (yield from self.question(action, thought, row))
        try:
            proposal = self.gate.propose(action, thought, self.observation)
        except InvalidAction as error:
            self.refuse(row, thought, str(error))
            return None, False
        except (DeviceError, StoppedByPerson) as error:
            self.append(row.model_copy(update={"error": str(error)}))
            raise
        decision = self.gate.decide(proposal)
        row = row.model_copy(update={"decision": decision_row(proposal, decision)})
        if decision.verdict != "allow":
            return (yield from self.refused(proposal, decision, row))
        if decision.reason:
            row = row.model_copy(update={"approval": f"allow: {decision.reason}"})
        return (yield from self.step(proposal, decision, row))

    def refused(self, proposal: Proposal, decision: Decision, row: StepRow) -> Generator[Act, TimeStep, tuple[Result | None, bool]]:
        """Tell the model what was decided instead; the same denied again and again ends the episode."""
        words = f"It was not allowed: {decision.reason}"
        self.refuse(row, proposal.thought, words, approval=f"{decision.verdict.replace('_', ' ')}: {decision.reason}")
        if decision.verdict == "handed_over":
            yield from self.look_again()
        if self.gate.denials >= self.limits.denials:
            last = f"{describe(proposal.action)} was denied {self.gate.denials} times in a row: {decision.reason}"
            return self.result("denied", last), False
        return None, False

    def look_again(self) -> Generator[Act, TimeStep, None]:
        """The screen after a person worked it."""
        self.notes.append("The person worked the screen themselves and gave it back: go by how it looks now.")
        yield from self.fresh()

    def fresh(self) -> Generator[Act, TimeStep, None]:
        """The screen as it is now."""
        try:
            after = yield Act(Wait(seconds=0))
        except InvalidAction as error:
            self.notes.append(f"It could not be looked at anew ({error}); the picture is from before.")
        else:
            self.observation = after.observation

    def step(self, proposal: Proposal, decision: Decision, row: StepRow) -> Generator[Act, TimeStep, tuple[Result | None, bool]]:
        """Let the environment do what was allowed."""
        thought, action = proposal.thought, proposal.action
        try:
            after = yield Act(action, self.said, self.gate.permit(proposal, decision))
        except InvalidAction as error:
            changed = isinstance(error, TargetChanged)
            if changed and row.decision is not None:
                row = row.model_copy(update={"decision": row.decision.model_copy(update={"voided": True})})
            self.refuse(row, thought, str(error))
            if changed:
                yield from self.fresh()
            return None, False
        except (DeviceError, EpisodeStopped, StoppedByPerson) as error:
            stopped = isinstance(error, EpisodeStopped)
            self.append(row if stopped else row.model_copy(update={"error": str(error)}))
            raise
        if told := self.gate.carried_out(proposal, decision, after, row.index):
            self.notes.append(told)
        self.append(carried_out(row, self.observation, after))
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

    def question(self, action: AskUser, thought: str, row: StepRow) -> Generator[Act, TimeStep, tuple[Result | None, bool]]:
        """Put the model's question to the person and hand the answer on."""
        before = self.gate.asked_s
        reply = self.gate.ask(Question("question", action.question, said=thought))
        said = DecisionRow(
            verdict="unanswered" if reply is None else "handed_over" if reply.kind == "handed_over" else "answered",
            by="nobody" if reply is None else "person",
            reason="" if reply is None else reply.text,
            asked_s=self.gate.asked_s - before,
        )
        answer = None if reply is None else reply.text if reply.kind == "text" else reply.kind
        self.append(row.model_copy(update={"decision": said}))
        self.remember(thought, action, answer=answer)
        if reply is None:
            self.notes.append("Nobody is there to answer: decide yourself, or end the task.")
        elif reply.kind == "handed_over":
            yield from self.look_again()
        else:
            self.notes.append(f"The person answers: {answer}")
        return None, True

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

    def remember(self, thought: str, action: Action, error: str = "", answer: str | None = None) -> None:
        """Add to the history, and let go of the pictures that the dialect does not show."""
        seen = self.observation
        self.history.append(PastStep(thought, action, seen.size, seen, error, self.said, self.told if self.said else (), answer))
        self.said = ""
        forget = len(self.history) - self.agent.dialect.history_pictures - 1
        if forget >= 0 and (old := self.history[forget]).observation is not None:
            self.history[forget] = replace(old, observation=None)

    @property
    def seconds(self) -> float:
        """Since the beginning, without the time for which a person was asked."""
        return time.perf_counter() - self.started - self.gate.asked_s

    def result(self, outcome: Outcome, message: str = "", answer: str | None = None) -> Result:
        won = outcome == "reached" or (outcome == "env_done" and (self.reward or 0.0) > 0)
        return Result(
            outcome=outcome,
            success=won,
            message=self.agent.redact(message),
            answer=answer,
            unapproved=tuple(self.gate.unapproved) if won else (),
            cost=self.spending.spent,
            steps=self.index,
            seconds=self.seconds,
            reward=self.reward,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            last_screen=self.writer.screen(self.observation.screenshot),
            finished_at=now(),
        )
