"""OSWorld's tasks, read from its JSON.

The format is OSWorld's (xlang-ai/OSWorld:evaluation_examples/examples): `config` steps make the world before the first action, the
`evaluator` says how what was left behind is scored. Keys that are not known are left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from handeye.tools.errors import InvalidAction

MAX_BYTES = 4_000_000
"""A task's JSON is some kilobytes; a file beyond this is not one."""

Getter = dict[str, Any]
"""Where a value comes from: `type` and that type's own keys."""


class ConfigStep(BaseModel):
    """One thing to be done to the machine: a download, a launch, a command, ..."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: str = Field(min_length=1)
    parameters: dict[str, Any] = Field(default_factory=dict)


class Evaluator(BaseModel):
    """How a task is scored: for each of `func` a metric compares `result` with `expected`; `conj` says how several go together.

    In the JSON a single metric stands by itself and several stand in lists of equal length; here all are tuples.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    func: tuple[str, ...] = Field(min_length=1)
    conj: Literal["and", "or"] = "and"
    result: tuple[Getter | None, ...] = ()
    expected: tuple[Getter | None, ...] = ()
    options: tuple[dict[str, Any], ...] = ()
    postconfig: tuple[ConfigStep, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _even(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        func = data.get("func")
        several = isinstance(func, list)
        names = func if isinstance(func, list) else [func]
        even = {**data, "func": names}
        for key, nothing in (("result", None), ("expected", None), ("options", {})):
            given = data.get(key)
            found = (given if given else [nothing] * len(names)) if several else [given or nothing]
            if not isinstance(found, list) or len(found) != len(names):
                raise ValueError(f"func names {len(names)} metrics, {key} must be a list of as many")
            even[key] = [one or nothing for one in found]
        return even

    @field_validator("result", "expected")
    @classmethod
    def _typed(cls, getters: tuple[Getter | None, ...]) -> tuple[Getter | None, ...]:
        for getter in getters:
            if getter is not None and not isinstance(getter.get("type"), str):
                raise ValueError("a getter must have a type")
        return getters

    @property
    def infeasible(self) -> bool:
        """Whether the task cannot be done, so that saying so is what is asked."""
        return self.func == ("infeasible",)


class Task(BaseModel):
    """A task of OSWorld's. `config` is run in order before the episode."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(min_length=1)
    instruction: str = Field(min_length=1)
    evaluator: Evaluator
    snapshot: str = ""
    source: str | tuple[str, ...] = ""
    config: tuple[ConfigStep, ...] = ()
    related_apps: tuple[str, ...] = ()
    proxy: bool = False
    fixed_ip: bool = False
    possibility_of_env_change: str = ""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


def read_task(path: Path) -> Task:
    """Read one task. Raises `InvalidAction` with the file and what is wrong with it."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidAction(f"{path} is no task: it has more than {MAX_BYTES // 1_000_000} MB")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidAction(f"the task {path} cannot be read: {error}") from error
    return parse_task(text, str(path))


def parse_task(text: str, name: str = "the task") -> Task:
    """A task from its JSON; `name` is for the errors. Raises `InvalidAction`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidAction(f"{name} is not JSON: {error}") from error
    try:
        return Task.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InvalidAction(f"{name} is no OSWorld task: {place}: {first['msg']}") from error


def why_not(task: Task) -> str:
    """Why this task cannot run here without OSWorld's virtual machine, in words; empty if it can."""
    from handeye.benchmarks.osworld.support import obstacle

    return obstacle(task)
