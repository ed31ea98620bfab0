"""How a reply is heard: stop texts, counts of tokens, thoughts, and streams of every shape."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.agent.dialects.registry import open_dialect
from handeye.agent.messages import Message
from handeye.agent.models.base import Sampling, Usage
from handeye.agent.models.openai.stream import GRACE, Heard, listen
from handeye.tools.errors import ModelError
from handeye.tools.geometry import Size
from tests.agent.openai.chat_server import Answer, ChatServer, piece, says, usage
from tests.agent.openai.conftest import Opener

HI = [Message("user", ("hi",))]
STOP = Sampling(stop=("</tool_call>",))


def test_hangs_up_after_the_stop_text_while_the_server_would_go_on(server: ChatServer, opened: Opener) -> None:
    more = threading.Event()
    endless = [piece("and on ") for _ in range(20_000)]
    server.answers = [Answer(events=[piece("{}</tool"), piece("_call> tail"), more, *endless])]
    completion = opened().generate(HI, STOP)
    assert completion.text == "{}</tool_call>"
    assert completion.details["stop"] == "</tool_call>"
    assert completion.details["finish_reason"] == "stop"
    assert completion.usage == Usage(0, 2)
    assert "not counted" in completion.details["usage"]
    more.set()
    assert server.hung_up.wait(20)


def test_running_counts_are_true_when_we_hang_up(server: ChatServer, opened: Opener) -> None:
    def counted(text: str, tokens: int) -> dict[str, Any]:
        return piece(text, usage={"prompt_tokens": 900, "completion_tokens": tokens, "prompt_tokens_details": {"cached_tokens": 800}})

    server.answers = [Answer(events=[counted("", 0), counted("{}", 3), counted("</tool_call>", 4), threading.Event()])]
    completion = opened("kind=vllm").generate(HI, STOP)
    assert completion.usage == Usage(900, 4, 800)
    assert "usage" not in completion.details


def test_llama_cpp_counts_in_its_timings(server: ChatServer, opened: Opener) -> None:
    timings = {"prompt_n": 100, "cache_n": 20, "predicted_n": 6}
    server.answers = [Answer(events=[piece("{}</tool_call>", timings=timings), threading.Event()])]
    assert opened("kind=llamacpp").generate(HI, STOP).usage == Usage(120, 6, 20)
    assert server.body["timings_per_token"] is True


def test_where_tokens_are_paid_for_the_end_is_awaited_for_the_count(server: ChatServer, opened: Opener) -> None:
    server.answers = [Answer(events=[piece("{}</tool_call>"), piece("\n"), piece("", "stop"), usage(1000, 5)])]
    completion = opened("kind=openai&price_in=1&price_out=2").generate(HI, STOP)
    assert completion.text == "{}</tool_call>"
    assert completion.usage == Usage(1000, 5)
    assert completion.details["cost"] == pytest.approx((1000 + 10) / 1e6)


def test_a_model_that_goes_on_is_cut_off_even_where_it_is_paid_for(server: ChatServer, opened: Opener) -> None:
    server.answers = [Answer(events=[piece("a</tool_call>"), *(piece("b") for _ in range(GRACE)), threading.Event()])]
    completion = opened("kind=openai").generate(HI, STOP)
    assert completion.text == "a</tool_call>"
    assert "not counted" in completion.details["usage"]


def test_the_first_of_several_stop_texts_counts(server: ChatServer, opened: Opener) -> None:
    server.answers = [says("one TWO three FOUR")]
    assert opened().generate(HI, Sampling(stop=("FOUR", "TWO"))).text == "one TWO"


def test_a_reply_at_the_limit_comes_as_it_is(server: ChatServer, opened: Opener) -> None:
    server.answers = [says("half a wo", finish="length")]
    completion = opened().generate(HI)
    assert (completion.text, completion.details["finish_reason"]) == ("half a wo", "length")


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_are_kept_apart(server: ChatServer, opened: Opener, name: str) -> None:
    thinking = piece(delta={name: "it is </tool_call> left"})
    server.answers = [Answer(events=[thinking, piece("click"), piece("", "stop"), usage()])]
    completion = opened().generate(HI, STOP)
    assert (completion.text, completion.details["reasoning"]) == ("click", "it is </tool_call> left")


def test_a_server_that_does_not_stream_is_understood(server: ChatServer, opened: Opener) -> None:
    reply = {"choices": [{"message": {"role": "assistant", "content": "a END b"}, "finish_reason": "stop"}], **usage(7, 3)["usage"]}
    reply["usage"] = {"prompt_tokens": 7, "completion_tokens": 3}
    server.answers = [Answer(body=json.dumps(reply).encode())]
    completion = opened().generate(HI, Sampling(stop=("END",)))
    assert (completion.text, completion.usage) == ("a END", Usage(7, 3))


def test_a_stream_under_the_wrong_type_is_understood(server: ChatServer, opened: Opener) -> None:
    lines = [f"data: {json.dumps(event)}" for event in (piece("he"), piece("llo", "stop"))]
    server.answers = [Answer(body="\n\n".join([*lines, "data: [DONE]", ""]).encode(), content_type="text/plain")]
    assert opened().generate(HI).text == "hello"


def test_content_in_parts_is_joined(server: ChatServer, opened: Opener) -> None:
    parts = [{"type": "text", "text": "he"}, {"type": "text", "text": "llo"}]
    server.answers = [Answer(events=[piece(delta={"content": parts}), piece("", "stop")])]
    assert opened().generate(HI).text == "hello"


def test_calls_that_the_server_took_out_of_the_text_are_put_back(server: ChatServer, opened: Opener) -> None:
    """As `transformers serve` and vLLM's tool parsers send them: the name once, the arguments whole or in bits, several by index."""

    def call(index: int, arguments: str, **name: str) -> dict[str, Any]:
        return piece(delta={"tool_calls": [{"index": index, "function": {**name, "arguments": arguments}}]})

    bits = [call(0, '{"action": "wait", ', name="computer_use"), call(0, '"time": 0}'), call(1, '{"action": "wait"}', name="computer_use")]
    server.answers = [Answer(events=[piece("I wait."), *bits, piece(finish="tool_calls")])]
    completion = opened().generate(HI)
    dialect = open_dialect("qwen2.5-vl/computer_use", frozenset({"wait"}))
    reply = dialect.parse(completion.text, Size(320, 240))
    assert [action.type for action in reply.actions] == ["wait", "wait"]
    assert reply.thought == "I wait."
    assert completion.details["finish_reason"] == "tool_calls"
    assert "put back" in completion.details["tool_calls"]


def test_a_call_without_arguments_and_one_that_is_cut_off_stay_text(server: ChatServer, opened: Opener) -> None:
    cut = {"tool_calls": [{"function": {"name": "f"}}, {"function": {"name": "g", "arguments": '{"a'}}]}
    server.answers = [Answer(events=[piece(delta=cut), piece(finish="length")])]
    assert opened().generate(HI).text == (
        '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>\n<tool_call>\n{"name": "g", "arguments": {"a}\n</tool_call>'
    )


def test_an_empty_reply_is_a_reply(server: ChatServer, opened: Opener) -> None:
    server.answers = [says("")]
    assert opened().generate(HI).text == ""


def test_the_model_that_answered_is_recorded_where_it_is_another(server: ChatServer, opened: Opener) -> None:
    server.answers = [Answer(events=[{**piece("a", "stop"), "model": "qwen-2026-01-01"}])]
    assert opened().generate(HI).details["model"] == "qwen-2026-01-01"


def test_what_comes_is_json_for_the_record(server: ChatServer, opened: Opener) -> None:
    completion = opened("price_in=1&price_out=1").generate(HI, STOP)
    json.dumps([completion.details, completion.timings])


@pytest.mark.parametrize(
    ("events", "says_so"),
    [
        ([piece(delta={"refusal": "I cannot "}), piece(delta={"refusal": "do that"}), piece(finish="stop")], "refused: I cannot do that"),
        ([piece("a"), piece(finish="content_filter")], "content filter"),
        ([piece(delta={"content": None}), piece(finish="stop")], "null"),
        ([piece(delta={"reasoning": "hm"}), piece("", "length")], "thought until its tokens were spent"),
        ([piece(delta={"reasoning": "hm"}), piece("", "stop")], "then said nothing"),
    ],
)
def test_a_reply_to_which_nobody_can_act_is_an_error(
    server: ChatServer, opened: Opener, events: list[dict[str, Any]], says_so: str
) -> None:
    server.answers = [Answer(events=events)]
    with pytest.raises(ModelError, match=says_so) as caught:
        opened().generate(HI)
    assert caught.value.fix
    assert len(server.asked) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "message", "content", "usage", "timings", "finish_reason", "cost", "text", "prompt_tokens"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=6), st.lists(st.text(max_size=3), max_size=2))
def test_any_events_are_heard(events: list[Any], stop: list[str]) -> None:
    heard = Heard()
    listen(events, heard, tuple(stop), read_on=False, deadline=float("inf"), unwanted=lambda: False)
    assert heard.usage.completion_tokens >= 0
    assert isinstance(heard.text + heard.reasoning + heard.refusal, str)


@given(
    st.text("abc", max_size=30),
    st.lists(st.integers(1, 5), max_size=30),
    st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=3),
)
def test_however_a_text_is_cut_into_pieces_it_ends_at_the_same_place(text: str, sizes: list[int], stop: list[str]) -> None:
    pieces, left = [], text
    for size in [*sizes, len(text)]:
        pieces.append(left[:size])
        left = left[size:]
    heard = Heard()
    listen(map(piece, pieces), heard, tuple(stop), read_on=False, deadline=float("inf"), unwanted=lambda: False)
    ends = [at + len(word) for word in stop if (at := text.find(word)) >= 0]
    assert heard.text == (text[: min(ends)] if ends else text)
