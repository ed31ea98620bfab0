"""What happens in a video, and when: events with times, as Qwen2.5-VL gives them.

The keys `start`, `end` and `description` and the form mm:ss.ff of times are those of QwenLM/Qwen2.5-VL
(cookbooks/video_understanding.ipynb). The model knows time through the positions of the frames, so none is written into the prompt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handeye.agent.ask import Media, question_turns
from handeye.agent.media.video import OpenedVideo
from handeye.agent.messages import Video
from handeye.agent.models.base import Completion, Model, Sampling
from handeye.agent.structured import RETRIES, Schema, generate_structured
from handeye.tools.errors import ParseError, SetupError

FORM = '[{"start": "mm:ss.ff", "end": "mm:ss.ff", "description": "..."}]'
_REQUEST = """
Find each event in the video that this is about, and give its start time, its end time and a description, in JSON format: {form}
Times count from the beginning of the video, in minutes, seconds and hundredths of a second. If there is none, reply []."""
_TIME = {"type": "string", "pattern": r"^[0-9]{2,3}:[0-5][0-9]\.[0-9]{2}$"}
EVENTS_SCHEMA = Schema(
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"start": _TIME, "end": _TIME, "description": {"type": "string"}},
            "required": ["start", "end", "description"],
            "additionalProperties": False,
        },
    }
)
"""The form that the reply is held to where the model can be; reading it is more lenient."""
_NAMES = {
    "start": ("start", "start_time", "start_timestamp", "begin"),
    "end": ("end", "end_time", "end_timestamp"),
    "description": ("description", "caption", "event", "label", "text"),
}
_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,4}):([0-9]{1,2}(?:[.,][0-9]{1,6})?)")
_PLAIN = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)\s*(?:s|sec|seconds)?")


@dataclass(frozen=True)
class TimedEvent:
    """Something that happens in a video."""

    start_s: float
    """Seconds in the time of the recording, whatever part of it was shown."""
    end_s: float
    description: str


@dataclass(frozen=True)
class Events:
    """What a model found, in the order in which it said it."""

    events: tuple[TimedEvent, ...]
    repairs: tuple[str, ...]
    completions: tuple[Completion, ...]


def ask_events(model: Model, question: str, media: Sequence[Media], sampling: Sampling = Sampling(), retries: int = RETRIES) -> Events:
    """The events in the one video among `media` that `question` asks for.

    Raises `SetupError` when there is not exactly one video, `ParseError` when no reply can be used, `ModelError` when there is none.
    """
    videos = [item.video if isinstance(item, OpenedVideo) else item for item in media if isinstance(item, Video | OpenedVideo)]
    if len(videos) != 1:
        raise SetupError(f"times belong to one video, and there are {len(videos)}.", fix="ask about one video at a time")
    turns = question_turns(question.strip() and question.strip() + _REQUEST.replace("{form}", FORM), media)
    found = generate_structured(model, turns, EVENTS_SCHEMA, lambda value: read_events(value, videos[0]), sampling, retries)
    return Events(found.value, found.repairs, found.completions)


def read_events(value: Any, video: Video) -> tuple[tuple[TimedEvent, ...], tuple[str, ...]]:
    """The events that the JSON `value` says, and what was mended. Raises `ParseError` for one that cannot be in `video`."""
    repairs: dict[str, None] = {}
    if isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value.values())), list):
        repairs["took the list out of an object"] = None
        value = next(iter(value.values()))
    if isinstance(value, dict):
        repairs["took one event for a list of one"] = None
        value = [value]
    if not isinstance(value, list):
        raise ParseError(f"it must be a list in this form: {FORM}")
    return tuple(_event(item, video, repairs) for item in value), tuple(repairs)


def _event(item: Any, video: Video, repairs: dict[str, None]) -> TimedEvent:
    if not isinstance(item, dict):
        raise ParseError(f"each event must be an object, as in {FORM}")
    start, end = (_seconds(_take(item, name, repairs), name, repairs) for name in ("start", "end"))
    description = _take(item, "description", repairs)
    if not isinstance(description, str):
        raise ParseError('"description" must be a string')
    length = len(video.frames) / video.fps
    if start > end:
        raise ParseError(f"an event ends before it starts ({_clock(start)} to {_clock(end)})")
    if start > length:
        raise ParseError(f"an event starts at {_clock(start)}, but the video is only {_clock(length)} long")
    if end > length:
        repairs["moved an end that lay after the video to its end"] = None
        end = length
    return TimedEvent(round(video.start_s + start, 3), round(video.start_s + end, 3), description.strip())


def _take(item: dict[str, Any], name: str, repairs: dict[str, None]) -> Any:
    for known in _NAMES[name]:
        if known in item:
            if known != name:
                repairs[f'read "{known}" as "{name}"'] = None
            return item[known]
    raise ParseError(f'an event has no "{name}"; give each as in {FORM}')


def _seconds(value: Any, name: str, repairs: dict[str, None]) -> float:
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = int(match[1] or 0), int(match[2]), float(match[3].replace(",", "."))
        if seconds < 60 and (match[1] is None or minutes < 60):
            return hours * 3600 + minutes * 60 + seconds
    elif match := _PLAIN.fullmatch(text):
        repairs["read a number as seconds"] = None
        return float(match[1])
    raise ParseError(f'"{name}" must be a time in the form mm:ss.ff')


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 100), 6000)
    return f"{minutes:02}:{rest // 100:02}.{rest % 100:02}"
