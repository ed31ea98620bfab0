"""Hostile strings: whatever a model says, parse gives actions on the screen or a ParseError, and soon.

Each dialect reads 2,000 of them, more than 20,000 in all; HANDEYE_FUZZ is another number for each, such as 50,000 for a night.
"""

from __future__ import annotations

import functools
import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from handeye.agent.dialects.base import Dialect, Reply
from handeye.agent.dialects.check import example_actions
from handeye.agent.dialects.registry import DIALECT_NAMES, open_dialect
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, points_of, read_action
from handeye.tools.errors import InvalidAction, ParseError
from handeye.tools.geometry import Size

COUNT = int(os.environ.get("HANDEYE_FUZZ", "2000"))
ALL = frozenset(ACTIONS) - LOOP_ACTIONS
SCREEN = Size(1280, 800)
PIECES = [
    "<tool_call>", "</tool_call>", "```json\n", "```", "{", "}", "[", "]", "(", ")", '"', "'", "“", "”", ":", ",", "\\", "\\u",
    "\\ud800", "\x00", "\ud83d", "\u202e", "\x1b[31m", "NaN", "Infinity", "-Infinity", "1e999", "-0", "9"*400, "0x10", "null", "None",
    "True", "name", "arguments", "action", "coordinate", "bbox_2d", "left_click", "computer_use", "key", "keys", "text", "<|im_end|>",
    "\r\n", "\u2028", "__class__", "🖱", '{"name": "computer_use", "arguments": ', '{"action": "left_click", "coordinate": [',
    '"pixels": ', '{"x": 1, "y": ', "[[[[", "{{{{", "}}}}",
]  # fmt: skip
WORLD = [
    '```json\n[\n\t{"bbox_2d": [1359, 248, 1740, 288], "label": "error warning"}\n]\n```',
    '<tool_call>\n{"name": "key", "arguments": [{"text": "ctrl", "pressed": true}, "text": "a"]}\n</tool_call>',
    "{'action': 'swipe', 'coordinate': [546, 1176], 'coordinate2': [546, 1764]}",
    '<tool_call>\n{"name": "left_click", "arguments": [3487, 52]}}\n</tool_call>',
    'Action: "tap"\n<tool_call>\n{"name": "mobile_use", "arguments": "{\\"action\\": \\"click\\", \\"coordinate\\": [447, 81]}"}',
]


@functools.cache
def words(name: str) -> tuple[str, ...]:
    """What the dialect itself says."""
    dialect, said = open_dialect(name, ALL), []
    for action in example_actions(dialect.action_types, SCREEN):
        with suppress(InvalidAction):
            said.append(dialect.format(action, SCREEN))
    return tuple(said)


def seeds(name: str) -> list[str]:
    """Replies to break: its own for the most part, and everybody else's."""
    others = [text for other in DIALECT_NAMES if other != name for text in words(other)[::7]]
    others += [*WORLD, "[196, 37]", '[{"point_2d": [1, 2]}]']
    own = words(name)
    return [*own * max(1, 2 * len(others) // len(own)), *others]


def hostile(rng: random.Random, known: list[str]) -> str:
    text = rng.choice(known)
    kind = rng.randrange(8)
    if kind == 0:
        return "".join(rng.choices(PIECES, k=rng.randrange(1, 60)))
    if kind == 1:
        return rng.choice(PIECES) * rng.randrange(1, 2_000)
    if kind == 2:
        return text[: rng.randrange(len(text))]
    if kind == 3:
        return text[rng.randrange(len(text)) :] + rng.choice(known)
    if kind == 4:
        digits = rng.choice(
            ["1e999", "-1e999", "NaN", "9" * rng.randrange(1, 5_000), "1.5.2", "0.1e-400", "007", "true", "[1]", '"7"', "null"]
        )
        return "".join(digits if char.isdigit() and rng.random() < 0.3 else char for char in text)
    chars = list(text)
    for _ in range(rng.randrange(1, 12)):
        at = rng.randrange(len(chars) + 1)
        if kind == 5 and at < len(chars):
            del chars[at]
        elif kind == 6:
            chars.insert(at, rng.choice(PIECES))
        elif at < len(chars):
            chars[at] = chr(rng.choice([rng.randrange(128), rng.randrange(0x110000)]))
    return "".join(chars)


def strings(name: str) -> Iterator[str]:
    rng, known = random.Random(name), seeds(name)
    for _ in range(COUNT):
        yield hostile(rng, known)


@pytest.mark.parametrize("name", DIALECT_NAMES)
def test_only_parse_errors_come_out_of_parse(name: str) -> None:
    dialect = open_dialect(name, ALL)
    read = sum(_survives(dialect, text) for text in strings(name))
    # Both outcomes must have been tried, or the strings are not near enough to real replies.
    assert COUNT // 100 < read < COUNT * 9 // 10


def _survives(dialect: Dialect, text: str) -> bool:
    try:
        reply = dialect.parse(text, SCREEN)
    except ParseError as error:
        message = str(error)
    else:
        _sound(dialect, reply)
        return True
    assert 0 < len(message.encode("utf-8")) < 3_000
    return False


def _sound(dialect: Dialect, reply: Reply) -> None:
    assert reply.actions
    for action in reply.actions:
        assert action.type in dialect.action_types
        assert all(point.inside(SCREEN) for point in points_of(action))
        assert read_action(json.loads(action.model_dump_json())) == action
    (reply.thought + "".join(reply.repairs)).encode("utf-8")


REPEATED = [
    "[", "{", "(", '{"', "{'", '{"a":', '{"a":[', "[[1],", "<", "</", "<tool_call>", "<tool_call>{", '<tool_call>{"a":1}',
    "</tool_call>", "`", "```", "```python ", "```json\n{", "```a", " ", "\n", "{ ", "{ a", "{a:", '"', "\\", '\\"', "\\u0041", "“",
    "{“k”: “", "1", "1,", "1 ", "-", "e", ",", ", ", "}", "} ", "]}", "ctrl+", "ctrl ", "a_", "x=1,", "<point>", "\ud800", "é",
    "{\u3000", "(1,2)", "[1,2],", "click(", "do(", "f(x,", "<|box_start|>", "<|object_ref_start|>", "<|im_end|>", "<|im_end|> ",
    "<parameter=a>",
    "<function=", "\n\n", "Action:", "Thought: ", "\\n", "a.b(", "=", "#", "/", "['",
]  # fmt: skip
TAILS = ("", '"]}}\n</tool_call>')


def heads(name: str) -> list[str]:
    """Beginnings of what the dialect says, cut where something is to follow."""
    said = words(name)
    texts = [said[0], *(text for text in said if "plain" in text)][:2]
    cuts = {cut for text in texts for cut in (len(text) // 3, len(text) * 2 // 3, len(text) - 4, text.find("plain"))}
    return ["", *sorted({text[:cut] for text in texts for cut in cuts if 0 < cut <= len(text)}), texts[0]]


@pytest.mark.parametrize("name", DIALECT_NAMES)
def test_the_work_grows_in_line_with_the_length(name: str) -> None:
    # Processor time of one dialect over all of these: linear reading takes less than 1 s, one quadratic case alone as much as the limit.
    dialect = open_dialect(name, ALL)
    began = time.process_time()
    for head in heads(name):
        for piece in REPEATED:
            text = head + piece * (30_000 // len(piece))
            for tail in TAILS:
                _survives(dialect, text + tail)
    assert time.process_time() - began < 10
