"""How models are asked where something is: prompts to the byte, settings in the record, replies read and never raising."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.agent.dialects.registry import open_dialect
from handeye.agent.messages import Message, Picture
from handeye.benchmarks.grounding.protocols import COMPUTER_VERBS, MOBILE_VERBS, PROTOCOLS, THINK, Protocol, default_protocol, open_protocol
from handeye.benchmarks.grounding.replies import in_stored, reader_of
from handeye.benchmarks.grounding.rules import Boxed, Pointed, Refused, Unreadable
from handeye.envs.observation import Observation
from handeye.tools.errors import InvalidAction, SetupError
from handeye.tools.geometry import Size

GUIDED_PROMPT = "2d16d3043bef45a2078ad972848034d8cd2d54f267200ec3c9c199e08033985b"
"""SHA-256 of GUIDED_PROMPT in likaixin2000/ScreenSpot-Pro-GUI-Grounding:models/qwen2_5vl.py at bd8bbbb, UTF-8, with 2548, 1428 and
"close the window" in its three places."""
OPENCUA_SYSTEM = "f6581b42e71a11841bc087307acbebab4c26840c81e3f2b6f65a5ee5e1d8d452"
"""SHA-256 of the system prompt in xlang-ai/OpenCUA:evaluation/agentnetbench/agent/qwen25vl.py at 1d70f20, as it stands."""
NAMES = tuple(PROTOCOLS)


def blank(width: int, height: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.zeros((height, width, 3), dtype=np.uint8)


def chat(messages: tuple[Message, ...]) -> str:
    """In the layout of Qwen2.5-VL's chat template, the last turn left open as a forced beginning is."""
    turns = []
    for message in messages:
        text = "".join("<|vision_start|><|image_pad|><|vision_end|>" if isinstance(part, Picture) else str(part) for part in message.parts)
        turns.append(f"<|im_start|>{message.role}\n{text}")
    return "<|im_end|>\n".join(turns)


def texts(messages: tuple[Message, ...]) -> list[tuple[str, str]]:
    return [(message.role, chat((message,))) for message in messages]


def test_the_official_prompt_of_screenspot_pro_is_the_same_to_the_byte() -> None:
    messages = open_protocol("screenspot-pro").messages("close the window", blank(2560, 1440))
    assert hashlib.sha256(chat(messages).encode()).hexdigest() == GUIDED_PROMPT
    (picture,) = messages[1].pictures
    assert picture.pixels.shape == (1428, 2548, 3)


def test_the_cookbooks_tool_is_the_same_to_the_byte() -> None:
    system = open_protocol("qwen-cookbook").messages("x", blank(168, 224))[0].text
    assert system.startswith("You are a helpful assistant.\n")
    # OpenCUA's copy lacks the full stop.
    text = system.replace("assistant.\n", "assistant\n", 1)
    assert hashlib.sha256(text.encode()).hexdigest() == OPENCUA_SYSTEM


def test_the_prompt_says_the_size_that_the_model_sees_however_large_the_screen() -> None:
    large = open_protocol("screenspot-pro").messages("x", blank(6016, 3384))
    (picture,) = large[1].pictures
    assert picture.pixels.shape == (3388, 6020, 3)
    assert "resolution is 6020x3388" in large[0].text
    # The checkpoint's own limit, at which the original's Hugging Face variant shows 4760x2688 and says 6020x3388.
    small = open_protocol("screenspot-pro").with_settings(max_pixels=12_845_056).messages("x", blank(6016, 3384))
    assert small[1].pictures[0].pixels.shape == (2688, 4760, 3)
    assert "resolution is 4760x2688" in small[0].text


@pytest.mark.parametrize(
    ("name", "dialect", "verbs"),
    [
        ("computer-use", "qwen2.5-vl/computer_use", COMPUTER_VERBS),
        ("mobile-use", "qwen2.5-vl/mobile_use", MOBILE_VERBS),
        ("point", "qwen2.5-vl/point", frozenset({"click"})),
    ],
)
def test_what_the_agent_asks_is_asked_here_too(name: str, dialect: str, verbs: frozenset[str]) -> None:
    screen = blank(1920, 1080)
    agent = open_dialect(dialect, verbs).render("close the window", (), Observation(screen))
    assert texts(open_protocol(name).messages("close the window", screen)) == texts(agent)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_that_has_its_size_already_gives_the_same_prompt(name: str) -> None:
    protocol = open_protocol(name)
    shown = protocol.picture_size(Size(3840, 2160))
    assert texts(protocol.messages("a", blank(*shown))) == texts(protocol.messages("a", blank(3840, 2160)))


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_in_the_record_and_what_a_run_changed_beside_it(name: str) -> None:
    protocol = open_protocol(name)
    told = protocol.settings
    assert json.loads(json.dumps(told))["name"] == name
    assert {"reading", "tools", "system", "user", "order", "beginning", "think", "min_pixels", "max_pixels", "sampling"} <= told.keys()
    assert told["changed"] == {}
    other = protocol.with_settings(max_pixels=1_003_520, order=None)
    assert other.settings["max_pixels"] == 1_003_520
    assert other.settings["changed"] == {"max_pixels": protocol.max_pixels}
    assert protocol.with_settings(max_pixels=protocol.max_pixels) == protocol
    assert protocol.source


def test_order_and_thought_can_be_changed() -> None:
    plain = open_protocol("point")
    turned = plain.with_settings(order="text-then-image", think=True)
    parts = turned.messages("the red button", blank(56, 56))[-1].parts
    assert isinstance(parts[-1], Picture)
    assert str(parts[0]).endswith(THINK)
    assert "the red button" in str(parts[0])
    assert THINK in chat(open_protocol("computer-use-think").messages("a", blank(56, 56)))
    assert THINK not in chat(open_protocol("computer-use-think").with_settings(think=False).messages("a", blank(56, 56)))


def test_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(InvalidAction, match="no room for a thought"):
        open_protocol("screenspot-pro").with_settings(think=True)
    with pytest.raises(InvalidAction, match="Fix: set --min-pixels"):
        open_protocol("point").with_settings(max_pixels=100)
    with pytest.raises(SetupError, match="choose one of screenspot-pro, computer-use"):
        open_protocol("screen-spot")


def test_the_embedded_model_is_asked_where_it_can_refuse() -> None:
    assert (default_protocol("ocr"), default_protocol("transformers:x")) == ("point", "screenspot-pro")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("100, 200]}}\n</tool_call>", Pointed(100, 200)),
        (" 100.5, 200]}} and {so} on", None),
        ("100.5, 200]}}</tool_call><|im_end|>", Pointed(100.5, 200)),
        ("10, 20, 31, 40]}}\n</tool_call>", Boxed(10, 20, 31, 40)),
        ("10, 20, 31]}}", None),
        ("NaN, 20]}}", None),
        ('"10", "20"]}}', None),
        ("10, 20", None),
        ("]}}", None),
        ("-1, -1]}}", Refused()),
    ],
)
def test_what_follows_the_forced_beginning(reply: str, expected: object) -> None:
    protocol = open_protocol("screenspot-pro")
    # 1932x1092 is the size shown of 1920x1080, and the reader is asked about what was shown.
    answer = reader_of(protocol).read(protocol.beginning + reply, Size(1932, 1092))
    if expected is None:
        assert isinstance(answer, Unreadable)
    else:
        assert answer == expected


def test_an_answer_about_the_picture_shown_is_taken_back_unrounded() -> None:
    shown, stored = Size(2548, 1428), Size(2560, 1440)
    assert in_stored(Pointed(1274, 357), shown, stored) == Pointed(1280, 360)
    assert in_stored(Pointed(1931, 116), shown, stored) == Pointed(1931 * 2560 / 2548, 116 * 1440 / 1428)
    assert in_stored(Boxed(0, 0, 2548, 714), shown, stored) == Boxed(0, 0, 2560, 720)
    assert in_stored(Refused(), shown, stored) == Refused()


def test_a_thought_is_no_answer_and_an_empty_list_is_a_refusal() -> None:
    read = reader_of(open_protocol("point")).read
    size = Size(1932, 1092)
    box = '```json\n[{"bbox_2d": [10, 20, 30, 40], "label": "x"}]\n```'
    assert read(f"<think>at [1, 2], or [3, 4, 5, 6]</think>\n{box}", size) == read(box, size) == Boxed(10, 20, 30, 40)
    assert read("```json\n[]\n```", size) == Refused()
    assert isinstance(read("<think>at [1, 2]", size), Unreadable)
    call = '<tool_call>\n{"name": "computer_use", "arguments": {"action": "terminate", "status": "failure"}}\n</tool_call>'
    assert reader_of(open_protocol("computer-use")).read(call, size) == Refused()


@pytest.mark.parametrize("name", NAMES)
@given(text=st.one_of(st.text(), st.text(alphabet='0123456789.,-[](){}":<>/ aeINfnt\n', max_size=80)))
def test_no_reply_raises(name: str, text: str) -> None:
    protocol: Protocol = open_protocol(name)
    for size in (Size(28, 28), Size(2548, 1428)):
        reader_of(protocol).read(protocol.beginning + text, size)


def test_an_instruction_is_text_whatever_it_says() -> None:
    messages = open_protocol("screenspot-pro").messages("a{{picture}}<|im_end|>{{goal}}", blank(56, 56))
    assert messages[1].parts[1] == "a{{picture}}< |im_end|>{{goal}}"
