"""Answers: from the text that a model gave, or that another published, to a prediction that a rule can judge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from handeye.agent.coordinates import Relative
from handeye.agent.dialects.base import Dialect
from handeye.agent.dialects.registry import DIALECT_NAMES, open_dialect
from handeye.benchmarks.offline import fields
from handeye.benchmarks.offline.rules.said import Prediction
from handeye.benchmarks.offline.step import OPPOSITE, OfflineStep, Rect, Source
from handeye.envs.actions import ACTIONS, Action, Click, Finish, PressButton, Scroll, TypeText
from handeye.tools.errors import ParseError, SetupError
from handeye.tools.geometry import Size

COAT = "coat"
"""CoAT's own format, which is no dialect: it can be scored, and nobody would drive a phone with it."""
FORMATS = (*DIALECT_NAMES, COAT)
"""Names that `open_format` knows."""
Reader: TypeAlias = Callable[[str, Size], Prediction]
"""From a reply to a screenshot of a size to a prediction. Raises `ParseError`."""


def open_format(name: str, **options: Any) -> Reader:
    """The reader of the format called `name`; `options` are the dialect's own (`max_pixels`, ...). Raises `SetupError` for other names."""
    if name == COAT:
        return read_coat
    dialect = _dialect(name, **options)
    return lambda text, size: Prediction(dialect.parse(text, size).actions)


def _dialect(name: str, **options: Any) -> Dialect:
    return open_dialect(name, frozenset(ACTIONS), **options)


def read_coat(text: str, size: Size) -> Prediction:
    """A reply of CoAT's: the JSON object `{"ACTION": ..., "ARGS": {...}}`, boxes [x1, y1, x2, y2] from 0 to 1000 (coat/evaluate.py,
    _parse_action_). Raises `ParseError` for what is none, and for numbers of elements instead of boxes."""
    begin = text.find("{")
    try:
        found, _ = json.JSONDecoder().raw_decode(text, begin) if begin >= 0 else (None, 0)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"the reply holds no JSON object: {error}") from error
    name = str(found.get("ACTION") or "").lower() if isinstance(found, dict) else ""
    arguments = found.get("ARGS") if isinstance(found, dict) else None
    values: Mapping[str, Any] = arguments if isinstance(arguments, dict) else {}
    if "click" in name:
        return _coat_click(values, size)
    return Prediction((_coat_action(name, values),))


def _coat_click(values: Mapping[str, Any], size: Size) -> Prediction:
    bbox = values.get("bbox")
    try:
        numbers = [float(number) for number in bbox[:4]] if isinstance(bbox, list) else []
        left, top, right, bottom = (_thousandth(number, size[index % 2]) for index, number in enumerate(numbers))
    except (TypeError, ValueError, OverflowError) as error:
        raise ParseError('a click needs "bbox", four numbers from 0 to 1000') from error
    box = Rect(left, top, right, bottom)
    point, _ = Relative(1000).to_screen((numbers[0] + numbers[2]) / 2, (numbers[1] + numbers[3]) / 2, size)
    return Prediction((Click(point=point),), box)


def _thousandth(number: float, side: int) -> float:
    # The script rounds to whole pixels, which also refuses what is not finite.
    return float(round(number / 1000 * side))


def _coat_action(name: str, values: Mapping[str, Any]) -> Action:
    if "scroll" in name:
        finger = str(values.get("direction")).lower()
        if finger not in OPPOSITE:
            raise ParseError('a scroll needs "direction", one of up, down, left and right')
        return Scroll.model_validate({"direction": OPPOSITE[finger]})
    if name == "input" or "type" in name:
        return TypeText(text=str(values.get("text", ""))[:20_000])
    if "press" in name:
        button = name.partition("_")[2]
        if button not in ("back", "home", "enter"):
            raise ParseError("a button is PRESS_BACK, PRESS_HOME or PRESS_ENTER")
        return PressButton.model_validate({"button": button})
    if "stop" in name:
        return Finish()
    raise ParseError('"ACTION" names no action of CoAT')


def oracle_text(step: OfflineStep, dialect: Dialect) -> str:
    """The reply that says the recorded actions in `dialect`; empty where there are no words for one."""
    actions = [action for gold in step.gold for action in gold.actions]
    if any(not gold.actions for gold in step.gold):
        return ""
    return "\n".join(dialect.format(action, step.size) for action in actions)


def oracle(name: str, **options: Any) -> Callable[[OfflineStep], str]:
    """What answers each step with its recorded actions, in the dialect called `name`. Raises `SetupError` for a format that is none."""
    if name == COAT:
        raise SetupError("The oracle speaks in a dialect, and coat is none.", fix=f"choose one of {', '.join(DIALECT_NAMES)}")
    dialect = _dialect(name, **options)
    return lambda step: oracle_text(step, dialect)


@dataclass(frozen=True)
class Answers:
    """Published outputs: a text, or None where the run had an error, for steps by episode and number."""

    texts: Mapping[tuple[str, int], str | None]
    sources: Mapping[tuple[str, int], Source]
    sha256: str = ""
    """Of the file."""

    def check(self, steps: Iterable[tuple[str, int]], partial: bool = False) -> None:
        """Raises `SetupError` for an answer to a step that is not among `steps`, and for steps without an answer unless `partial`."""
        known = dict.fromkeys(steps)
        for key in self.texts:
            if key not in known:
                raise fields.fault(self.sources[key], f"answers step {key[1]} of episode {key[0]}, which the data does not have")
        missing = [key for key in known if key not in self.texts]
        if missing and not partial:
            first = f"step {missing[0][1]} of episode {missing[0][0]}"
            raise SetupError(
                f"{len(missing)} of {len(known)} steps have no answer; the first is {first}.", fix="answer them, or say --partial"
            )


def read_answers(path: Path) -> Answers:
    """The rows of a JSON Lines file of `{"episode": ..., "step": ..., "response": text}`; `"error"` instead of `"response"` counts as an
    answer that cannot be read. Raises `SetupError` that names file and line for anything else and for a step that is answered twice."""
    texts: dict[tuple[str, int], str | None] = {}
    sources: dict[tuple[str, int], Source] = {}
    for source, row in fields.json_lines(path):
        episode = row.get("episode")
        if not isinstance(episode, str | int) or isinstance(episode, bool):
            raise fields.fault(source, f'"episode" must be a name or a number, not {episode!r:.80}')
        key = (str(episode), fields.whole(row, "step", source))
        if key in texts:
            raise fields.fault(source, f"answers step {key[1]} of episode {key[0]} again, after {sources[key].row}")
        response = row.get("response")
        if not isinstance(response, str) and not ("response" not in row and "error" in row):
            raise fields.fault(source, f'"response" must be a text, not {response!r:.80}')
        texts[key], sources[key] = response if isinstance(response, str) else None, source
    with path.open("rb") as file:
        return Answers(texts, sources, hashlib.file_digest(file, "sha256").hexdigest())
