"""A model that says what it was told to say: for tests, demonstrations and replays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Sampling
from handeye.agent.trajectory import load_trajectory
from handeye.tools.errors import ModelError, SetupError


class ScriptedModel:
    """Gives its replies one after the other, whatever it is asked. `asked` keeps every prompt that it was given.

    After a forced beginning, too, a reply is what the script says: what follows it.
    """

    def __init__(self, replies: Iterable[str], name: str = "scripted", end: str = "The script has no further reply.") -> None:
        self.name = name
        self.asked: list[tuple[Message, ...]] = []
        self._replies = iter(replies)
        self._end = end

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """The next reply. Raises `ModelError` after the last."""
        self.asked.append(tuple(messages))
        try:
            return Completion(next(self._replies))
        except StopIteration:
            raise ModelError(self._end) from None

    def close(self) -> None:
        """Nothing to let go of."""


def scripted_model(path: str) -> ScriptedModel:
    """The model `scripted:FILE`: one reply a line, each a JSON string with the exact text of the reply in the dialect in use.

    Raises `SetupError` when the file cannot be read or a line is no JSON string.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"the script {path!r} cannot be read ({error}).", fix="give scripted:FILE, one JSON string a line") from error
    replies = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            reply = json.loads(line)
        except ValueError as error:
            raise SetupError(f"{path}, line {number} is not JSON ({error}).", fix="write each reply as one JSON string a line") from error
        if not isinstance(reply, str):
            raise SetupError(f"{path}, line {number} is not a JSON string.", fix="write each reply as one JSON string a line")
        replies.append(reply)
    return ScriptedModel(replies, name=f"scripted:{path}")


def replay_model(path: str) -> ScriptedModel:
    """The model `replay:RUN`: says again what the model of that run said, call by call, broken replies included.

    Raises `TrajectoryError` when the folder is no run.
    """
    trajectory = load_trajectory(Path(path))
    replies = [attempt.text for row in trajectory.steps for attempt in row.attempts]
    return ScriptedModel(replies, name=f"replay:{path}", end=f"The recording {path} ends here, after {len(replies)} replies.")
