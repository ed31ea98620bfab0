"""What is sent: pictures, videos, sampling and forms, by the kind of the server."""

from __future__ import annotations

import base64
import gc
import io
import json
import subprocess
import sys
import weakref
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handeye.agent.messages import Message, Picture, Video
from handeye.agent.models.base import BatchModel, Constraint, Sampling
from handeye.agent.models.openai.constraint import fits_strict
from handeye.agent.models.openai.content import PictureEncoder
from handeye.agent.models.openai.kinds import KINDS
from handeye.tools.errors import ModelError, SetupError
from tests.agent.openai.chat_server import Answer, ChatServer, error, piece, says, usage
from tests.agent.openai.conftest import Opener

HI = [Message("user", ("hi",))]
SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"], "additionalProperties": False}
CALL = Constraint(SCHEMA, "<tool_call>\n", "\n</tool_call>")


def picture(height: int = 28, width: int = 56, seed: int = 0) -> Picture:
    return Picture(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def decoded(url: str) -> np.ndarray[Any, Any]:
    assert url.startswith("data:image/png;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1]))))


def test_sends_the_exact_pixels_in_order_and_reads_the_reply(server: ChatServer, opened: Opener) -> None:
    first, second = picture(seed=1), picture(seed=2)
    completion = opened(key="k").generate(
        [Message("system", ("be ", "brief")), Message("user", ("look: ", first, " and ", "then ", second, " what?"))],
        Sampling(temperature=0.5, top_p=0.9, seed=3, stop=("END",), max_new_tokens=9),
    )
    asked = server.asked[0]
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["Authorization"] == "Bearer k"
    body = asked.body
    assert (body["model"], body["temperature"], body["top_p"], body["seed"], body["max_tokens"]) == ("qwen", 0.5, 0.9, 3, 9)
    assert body["stream"] is True
    assert body["messages"][0] == {"role": "system", "content": "be brief"}
    parts = body["messages"][1]["content"]
    assert [part["type"] for part in parts] == ["text", "image_url", "text", "image_url", "text"]
    assert parts[2]["text"] == " and then "
    assert np.array_equal(decoded(parts[1]["image_url"]["url"]), first.pixels)
    assert np.array_equal(decoded(parts[3]["image_url"]["url"]), second.pixels)
    assert completion.text == "hello"
    assert (completion.usage.prompt_tokens, completion.usage.completion_tokens) == (7, 3)
    assert completion.details["finish_reason"] == "stop"
    assert 0 < completion.timings["first_token_s"] <= completion.timings["total_s"]


def test_is_a_batch_model(opened: Opener) -> None:
    assert isinstance(opened(), BatchModel)


def test_importing_it_does_not_load_the_package() -> None:
    code = "import sys, handeye.agent.models.openai.model; print('openai' in sys.modules, 'httpx2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["False", "False"]


def test_half_a_character_is_sent_as_a_question_mark(server: ChatServer, opened: Opener) -> None:
    opened().generate([Message("user", ("a\ud83d b",))])
    assert server.body["messages"][0]["content"] == "a? b"


@pytest.mark.parametrize(
    ("kind", "sampling", "sent", "absent"),
    [
        ("vllm", Sampling(), {"top_k": -1, "repetition_penalty": 1.0, "max_tokens": 2048}, ["max_completion_tokens"]),
        ("vllm", Sampling(top_k=5, repetition_penalty=1.1), {"top_k": 5, "repetition_penalty": 1.1}, []),
        ("sglang", Sampling(), {"top_k": -1, "repetition_penalty": 1.0}, []),
        ("llamacpp", Sampling(), {"top_k": 0, "repeat_penalty": 1.0}, ["repetition_penalty"]),
        ("library", Sampling(top_k=5, repetition_penalty=1.1), {}, ["top_k", "repetition_penalty", "repeat_penalty"]),
        ("somebody", Sampling(top_k=5, repetition_penalty=1.1), {}, ["top_k", "repetition_penalty"]),
    ],
)
def test_each_kind_gets_what_it_takes(
    server: ChatServer, opened: Opener, kind: str, sampling: Sampling, sent: dict[str, Any], absent: list[str]
) -> None:
    server.is_a(kind)
    details = opened().generate(HI, sampling).details
    assert {name: server.body[name] for name in sent} == sent
    assert not set(absent) & set(server.body)
    assert details["server"] == {"library": "ollama", "somebody": "unknown"}.get(kind, kind)
    asked_in_vain = {"top_k": 5, "repetition_penalty": 1.1} if kind in ("library", "somebody") else None
    assert details.get("not_sent") == asked_in_vain


def test_the_server_is_asked_once_what_it_is(server: ChatServer, opened: Opener) -> None:
    model = opened()
    model.generate(HI)
    model.generate(HI)
    assert [asked.path for asked in server.listed] == ["/v1/models"]


@pytest.mark.parametrize(
    "answer", [error(404, "no"), Answer(body=b"<html>", content_type="text/html"), Answer(body=b'{"data": 3}'), Answer(body=b"[]")]
)
def test_a_server_that_does_not_say_what_it_is_gets_the_plain_protocol(server: ChatServer, opened: Opener, answer: Answer) -> None:
    server.models = answer
    assert opened().generate(HI).details["server"] == "unknown"


def test_a_named_kind_is_not_asked(server: ChatServer, opened: Opener) -> None:
    assert opened("kind=vllm").generate(HI).details["server"] == "vllm"
    assert server.listed == []


def test_openai_gets_its_own_limit_and_full_detail_and_nothing_unknown(server: ChatServer, opened: Opener) -> None:
    opened("kind=openai").generate([Message("user", (picture(),))], Sampling(top_k=3, stop=("x",)))
    assert server.body["max_completion_tokens"] == 2048
    assert server.body["messages"][0]["content"][0]["image_url"]["detail"] == "high"
    assert set(server.body) == {"model", "messages", "stream", "stream_options", "temperature", "top_p", "max_completion_tokens"}
    assert server.body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(("penalty", "sent"), [(1.0, 0.0), (1.25, 0.25)])
def test_transformers_gets_the_penalty_on_its_own_scale_and_no_form(
    server: ChatServer, opened: Opener, penalty: float, sent: float
) -> None:
    details = opened("kind=transformers").generate(HI, Sampling(repetition_penalty=penalty), CALL).details
    assert server.body["frequency_penalty"] == sent
    assert "response_format" not in server.body
    assert details["constraint"].startswith("none")


def test_dashscope_is_kept_from_shrinking_pictures(server: ChatServer, opened: Opener) -> None:
    opened("kind=dashscope").generate(HI)
    assert server.body["vl_high_resolution_images"] is True


@pytest.mark.parametrize(("kind", "kept"), [("vllm", "include_stop_str_in_output"), ("sglang", "no_stop_trim")])
def test_the_server_stops_by_itself_where_it_keeps_the_stop_text(server: ChatServer, opened: Opener, kind: str, kept: str) -> None:
    opened(f"kind={kind}").generate(HI, Sampling(stop=("END",)))
    assert (server.body["stop"], server.body[kept]) == (["END"], True)
    assert server.body["stream_options"] == {"include_usage": True, "continuous_usage_stats": True}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"vllm", "sglang"}))
def test_no_other_server_is_told_where_to_stop(server: ChatServer, opened: Opener, kind: str) -> None:
    opened(f"kind={kind}").generate(HI, Sampling(stop=("END",)))
    assert "stop" not in server.body


# What a server does not take.


def test_what_is_refused_is_left_out_once_and_for_all_and_said(server: ChatServer, opened: Opener) -> None:
    server.answers = [
        error(400, "Unsupported value: 'temperature' does not support 0 with this model.", param="temperature", code="unsupported_value"),
        error(400, "Unrecognized request argument supplied: seed", type="invalid_request_error"),
        says("yes"),
    ]
    model = opened("kind=openai")
    completion = model.generate(HI, Sampling(seed=1))
    assert completion.text == "yes"
    assert "temperature" not in server.body
    assert "seed" not in server.body
    assert set(completion.details["dropped"]) == {"temperature", "seed"}
    assert "does not support 0" in completion.details["dropped"]["temperature"]
    assert set(model.generate(HI, Sampling(seed=1)).details["dropped"]) == {"temperature", "seed"}
    assert len(server.asked) == 4


def test_a_server_that_wants_the_other_limit_gets_it(server: ChatServer, opened: Opener) -> None:
    server.answers = [
        error(400, "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.", param="max_tokens"),
        says("ok"),
    ]
    opened().generate(HI, Sampling(max_new_tokens=5))
    assert server.body["max_completion_tokens"] == 5
    assert "max_tokens" not in server.body


def test_a_server_without_stream_options_is_asked_without(server: ChatServer, opened: Opener) -> None:
    answer = {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]}
    server.answers = [Answer(422, json.dumps(answer).encode()), Answer(events=[piece("ok"), piece("", "stop")])]
    completion = opened().generate(HI)
    assert "stream_options" not in server.body
    assert "not counted" in completion.details["usage"]
    assert completion.usage.completion_tokens == 1


def test_without_the_word_that_keeps_the_stop_text_there_is_no_stop(server: ChatServer, opened: Opener) -> None:
    server.answers = [error(400, "unknown field include_stop_str_in_output"), says("a END b")]
    completion = opened("kind=vllm").generate(HI, Sampling(stop=("END",)))
    assert "stop" not in server.body
    assert completion.text == "a END"


def test_a_refusal_of_what_is_needed_is_an_error(server: ChatServer, opened: Opener) -> None:
    server.answers = [error(400, "Invalid value for messages[0]: unsupported role")]
    with pytest.raises(ModelError, match="unsupported role"):
        opened().generate(HI)
    assert len(server.asked) == 1


# Forms.


@pytest.mark.parametrize("kind", ["vllm", "sglang"])
def test_a_form_with_words_around_is_a_structural_tag(server: ChatServer, opened: Opener, kind: str) -> None:
    said = '<tool_call>\n{"x": 1}\n</tool_call>'
    server.answers = [says(said)]
    completion = opened(f"kind={kind}").generate(HI, constraint=CALL)
    assert server.body["response_format"] == {
        "type": "structural_tag",
        "format": {
            "type": "sequence",
            "elements": [
                {"type": "const_string", "value": "<tool_call>\n"},
                {"type": "json_schema", "json_schema": SCHEMA},
                {"type": "const_string", "value": "\n</tool_call>"},
            ],
        },
    }
    assert completion.text == said
    assert completion.details["constraint"] == "structural_tag: kept"


@pytest.mark.parametrize("kind", ["vllm", "sglang", "llamacpp", "ollama", "openai", "openrouter", "unknown"])
def test_plain_json_is_a_schema(server: ChatServer, opened: Opener, kind: str) -> None:
    server.answers = [says('{"x": 1}')]
    completion = opened(f"kind={kind}").generate(HI, constraint=Constraint(SCHEMA))
    wanted = server.body["response_format"]["json_schema"]
    assert wanted["schema"] == SCHEMA
    assert wanted.get("strict") is (True if kind in ("openai", "openrouter", "unknown") else None)
    assert server.body.get("provider") == ({"require_parameters": True} if kind == "openrouter" else None)
    assert completion.text == '{"x": 1}'
    assert completion.details["constraint"] == "json_schema: kept"


@pytest.mark.parametrize(("kind", "form"), [("llamacpp", "json_schema"), ("ollama", "json_schema"), ("dashscope", "json_object")])
def test_json_that_comes_alone_is_wrapped(server: ChatServer, opened: Opener, kind: str, form: str) -> None:
    server.answers = [says(' {"x"', ": 1}\n")]
    completion = opened(f"kind={kind}").generate(HI, Sampling(stop=("</tool_call>",)), CALL)
    assert server.body["response_format"]["type"] == form
    assert completion.text == '<tool_call>\n{"x": 1}\n</tool_call>'
    assert completion.details["constraint"] == f"{form}: wrapped"


def test_a_form_that_was_ignored_is_not_wrapped_twice(server: ChatServer, opened: Opener) -> None:
    server.answers = [says('<tool_call>\n{"x": 1}\n</tool_call>')]
    completion = opened().generate(HI, Sampling(stop=("</tool_call>",)), CALL)
    assert completion.text == '<tool_call>\n{"x": 1}\n</tool_call>'
    assert completion.details["constraint"] == "json_schema: not obeyed"


def test_a_form_that_was_cut_gets_no_end(server: ChatServer, opened: Opener) -> None:
    server.answers = [says('{"x": 1', finish="length")]
    completion = opened("kind=ollama").generate(HI, constraint=CALL)
    assert completion.text == '<tool_call>\n{"x": 1'
    assert completion.details["finish_reason"] == "length"


def test_a_server_falls_back_to_a_looser_form_and_to_none_and_says_so(server: ChatServer, opened: Opener) -> None:
    no_tag = error(400, "Invalid response_format structural_tag specification.", param="response_format")
    no_schema = error(400, "response_format json_schema is not supported")
    server.answers = [no_tag, says('{"x": 1}'), no_schema, says("free text"), says("free text")]
    model = opened("kind=vllm")
    wrapped = model.generate(HI, constraint=CALL)
    assert wrapped.text == '<tool_call>\n{"x": 1}\n</tool_call>'
    assert "structural_tag specification" in wrapped.details["dropped"]["response_format structural_tag"]
    free = model.generate(HI, constraint=CALL)
    assert free.text == "free text"
    assert free.details["constraint"].startswith("none")
    assert set(free.details["dropped"]) == {"response_format structural_tag", "response_format json_schema"}
    assert "response_format" not in server.body
    assert "dropped" not in model.generate(HI).details


def test_openrouter_without_a_provider_for_the_form_goes_on_without(server: ChatServer, opened: Opener) -> None:
    server.answers = [error(404, "No endpoints found that can handle the requested parameters."), says("x")]
    completion = opened("kind=openrouter").generate(HI, constraint=CALL)
    assert "provider" not in server.body
    assert completion.details["constraint"].startswith("none")


@pytest.mark.parametrize(
    ("schema", "fits"),
    [
        (SCHEMA, True),
        ({**SCHEMA, "required": []}, False),
        ({"type": "object", "properties": {"x": {}}, "required": ["x"]}, False),
        ({**SCHEMA, "properties": {"x": {"type": "object"}}}, False),
        ({**SCHEMA, "properties": {"x": {"type": "array", "items": SCHEMA}}}, True),
        ({**SCHEMA, "properties": {"x": {"anyOf": [SCHEMA, {"type": "null"}]}}}, True),
        ({**SCHEMA, "properties": {"x": {"oneOf": [SCHEMA]}}}, False),
        ({"anyOf": [SCHEMA]}, False),
        ({"type": "array", "items": SCHEMA}, False),
        ({**SCHEMA, "$defs": {"a": {"type": "object", "properties": {}, "required": [], "additionalProperties": True}}}, False),
    ],
)
def test_strict_only_where_the_schema_fits(schema: dict[str, Any], fits: bool) -> None:
    assert fits_strict(schema) is fits


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "properties", "items", "anyOf", "$defs", "required"]), inner, max_size=3)
    ),
)


@given(st.dictionaries(st.sampled_from(["type", "properties", "items", "anyOf", "$defs", "required", "additionalProperties"]), JSON))
def test_any_valid_schema_can_be_judged(schema: dict[str, Any]) -> None:
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError:
        return
    assert isinstance(fits_strict(schema), bool)


# Pictures and videos.


def test_a_picture_is_encoded_once_as_an_object_and_by_content() -> None:
    encoder = PictureEncoder(level=1)
    shown = picture()
    again = Picture(shown.pixels.copy())
    assert encoder.url(shown) is encoder.url(shown)
    assert encoder.url(again) is encoder.url(shown)
    assert encoder.url(picture(56, 28)) != encoder.url(shown)
    gone = weakref.ref(again)
    del again
    gc.collect()
    assert gone() is None


def test_pictures_of_the_same_bytes_and_another_shape_differ() -> None:
    pixels = np.zeros((28, 56, 3), np.uint8)
    encoder = PictureEncoder(level=1)
    assert decoded(encoder.url(Picture(pixels.reshape(56, 28, 3)))).shape == (56, 28, 3)
    assert decoded(encoder.url(Picture(pixels))).shape == (28, 56, 3)


def test_a_picture_that_is_too_large_is_an_error_and_not_a_smaller_picture() -> None:
    with pytest.raises(ModelError, match=r"280x280 makes 0\.3 MB.*--max-pixels"):
        PictureEncoder(level=1).url(picture(280, 280), limit=100_000)


def video(count: int, fps: float = 2.0) -> Video:
    return Video(np.random.default_rng(3).integers(0, 256, (count, 28, 28, 3), dtype=np.uint8), fps, start_s=5.0)


def test_vllm_gets_the_frames_of_a_video_in_one_url(server: ChatServer, opened: Opener) -> None:
    shown = video(4)
    details = opened("kind=vllm").generate([Message("user", ("before ", shown, "after"))]).details
    text, sent, after = server.body["messages"][0]["content"]
    assert text["text"].startswith("before A video of 4 frames, 2 a second, from 5.0 s on")
    assert after["text"] == "after"
    head, *rest = sent["video_url"]["url"].split(",")
    assert (sent["type"], head) == ("video_url", "data:video/jpeg;base64")
    frames = [np.asarray(Image.open(io.BytesIO(base64.b64decode(part)))) for part in rest]
    assert np.array_equal(np.stack(frames), shown.frames)
    assert details["video"] == "frames"


def test_dashscope_gets_the_frames_as_a_list(server: ChatServer, opened: Opener) -> None:
    shown = video(4)
    opened("kind=dashscope").generate([Message("user", (shown,))])
    sent = server.body["messages"][0]["content"][1]
    assert (sent["type"], sent["fps"]) == ("video", 2.0)
    assert np.array_equal(np.stack([decoded(url) for url in sent["video"]]), shown.frames)


@pytest.mark.parametrize(("kind", "count"), [("unknown", 2), ("sglang", 2), ("vllm", 34)])
def test_other_videos_are_pictures_with_their_times(server: ChatServer, opened: Opener, kind: str, count: int) -> None:
    details = opened(f"kind={kind}").generate([Message("user", (video(count),))]).details
    parts = server.body["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["text", "image_url"] * count
    assert [part["text"] for part in parts[:4:2]] == ["At 5.0 s:\n", "At 5.5 s:\n"]
    assert details["video"] == "pictures"


def test_usage_of_a_chunk_without_choices_is_read(server: ChatServer, opened: Opener) -> None:
    server.answers = [Answer(events=[piece("a", "stop"), usage(100, 5, prompt_tokens_details={"cached_tokens": 64})])]
    assert opened().generate(HI).usage.cached_tokens == 64


BEGUN = [*HI, Message("assistant", ('{"coordinate": [',))]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("vllm", {"continue_final_message": True, "add_generation_prompt": False}), ("sglang", {"continue_final_message": True})],
)
def test_a_forced_beginning_is_gone_on_from(server: ChatServer, opened: Opener, kind: str, said: dict[str, Any]) -> None:
    server.answers = [says("12, 3]}")]
    model = opened(f"kind={kind}")
    assert model.generate(BEGUN).text == "12, 3]}"
    body = server.asked[-1].body
    assert body["messages"][-1] == {"role": "assistant", "content": '{"coordinate": ['}
    assert {name: body.get(name) for name in ("continue_final_message", "add_generation_prompt") if name in body} == said
    model.generate(HI)
    assert not {"continue_final_message", "add_generation_prompt"} & server.asked[-1].body.keys()


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"vllm", "sglang"}))
def test_no_other_server_is_asked_something_else_than_was_meant(server: ChatServer, opened: Opener, kind: str) -> None:
    with pytest.raises(SetupError, match=f"beginning of an answer.*{kind}.*Fix: .*kind=vllm"):
        opened(f"kind={kind}").generate(BEGUN)
    assert server.asked == []


def test_a_server_that_refuses_to_go_on_is_not_asked_without(server: ChatServer, opened: Opener) -> None:
    server.answers = [error(400, "Unknown parameter: continue_final_message", param="continue_final_message"), says("no")]
    with pytest.raises(ModelError, match="continue_final_message"):
        opened("kind=vllm").generate(BEGUN)
    assert len(server.asked) == 1
