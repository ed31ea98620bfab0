"""The providers' own interfaces with their computer tools, on a real HTTP server that answers as they do."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from handeye.agent import Agent, load_trajectory, open_dialect, open_model, run_episode
from handeye.agent.choosing import choose_dialect
from handeye.agent.messages import Message, Picture, Video
from handeye.agent.models.base import Model, Sampling
from handeye.agent.models.hosted.anthropic import AnthropicModel
from handeye.agent.models.hosted.openai_computer import OpenAIComputerModel
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS, Click
from handeye.envs.fake import ButtonsEnv
from handeye.tools.errors import ModelError, SetupError
from handeye.tools.geometry import Point
from tests.agent.openai.chat_server import Answer, Asked, ChatServer, error

SAID = "sk-test-0123456789abcdef"


def responses(*items: dict[str, Any], status: str = "completed", **more: Any) -> Answer:
    usage = {"input_tokens": 100, "output_tokens": 7, "input_tokens_details": {"cached_tokens": 60}}
    body = {"id": "resp_1", "object": "response", "status": status, "model": "computer-use-preview", "output": list(items), "usage": usage}
    return Answer(body=json.dumps(body | more).encode())


def call(number: int, checks: tuple[dict[str, str], ...] = (), **action: Any) -> dict[str, Any]:
    named = {"id": f"cu_{number}", "call_id": f"call_{number}", "status": "completed", "pending_safety_checks": list(checks)}
    return {"type": "computer_call", **named, "action": action}


def message(text: str) -> dict[str, Any]:
    return {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [{"type": "output_text", "text": text}]}


def blocks(*content: dict[str, Any], stop: str = "tool_use") -> Answer:
    usage = {"input_tokens": 40, "output_tokens": 7, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 10}
    body = {"id": "msg", "type": "message", "role": "assistant", "model": "claude", "content": list(content), "stop_reason": stop}
    return Answer(body=json.dumps(body | {"usage": usage}).encode())


def tool_use(number: int, name: str = "left_click", **values: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "toolset_name": "computer", "input": values}


def episode(model: Model, dialect: str, out: Path, asker: Callable[[str], str | None] | None = None) -> Any:
    env = ButtonsEnv()
    spoken = open_dialect(dialect, env.action_types | LOOP_ACTIONS)
    return run_episode("Press the button", env, Agent(model, spoken, asker=asker), out)


def test_openais_conversation_gives_back_each_call_with_its_screenshot(server: ChatServer, tmp_path: Path) -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"}
    server.answers = [
        responses(reasoning, call(1, type="click", button="left", x=10, y=20)),
        responses(call(2, type="type", text="hello")),
        responses(message("It is done.")),
    ]
    model = OpenAIComputerModel(f"computer-use-preview@{server.url}", {"OPENAI_API_KEY": SAID})
    result = episode(model, "openai-computer", tmp_path / "run")
    assert (result.outcome, result.answer, result.steps) == ("reached", "It is done.", 3)
    first, second, third = (asked.body for asked in server.asked)
    assert {asked.path for asked in server.asked} == {"/v1/responses"}
    assert first["store"] is False
    assert first["truncation"] == "auto"
    assert first["tools"][0] == {"type": "computer_use_preview", "environment": "linux"} | _shown_size(first)
    assert {tool["name"] for tool in first["tools"][1:]} == {"finish", "ask_user", "long_press"}
    kinds = [item["type"] for item in second["input"]]
    assert kinds[:4] == ["message", "reasoning", "computer_call", "computer_call_output"]
    assert second["input"][1] == reasoning
    output = second["input"][3]
    assert output["call_id"] == "call_1"
    assert "acknowledged_safety_checks" not in output
    assert _pixels(output["output"]["image_url"]).shape[2] == 3
    assert [item.get("call_id") for item in third["input"] if item["type"] == "computer_call_output"] == ["call_1", "call_2"]
    rows = load_trajectory(tmp_path / "run").steps
    assert rows[0].action == Click(point=Point(10, 20))
    assert (rows[0].attempts[0].prompt_tokens, rows[0].attempts[0].cached_tokens) == (100, 60)
    assert SAID not in "".join(path.read_text("utf-8") for path in (tmp_path / "run").glob("*.json*"))


@pytest.mark.parametrize(("answer", "acknowledged"), [("yes", True), ("no", False), (None, False), ("yes, but not now", False)])
def test_a_safety_check_is_acknowledged_after_the_persons_yes_and_only_then(
    server: ChatServer, tmp_path: Path, answer: str | None, acknowledged: bool
) -> None:
    check = {"id": "cu_sc_1", "code": "malicious_instructions", "message": "The page gives orders."}
    server.answers = [responses(call(1, (check,), type="click", button="left", x=10, y=20)), responses(message("Well."))]
    asked: list[str] = []

    def person(question: str) -> str | None:
        asked.append(question)
        return answer

    model = OpenAIComputerModel(f"computer-use-preview@{server.url}", {})
    episode(model, "openai-computer", tmp_path / "run", person)
    assert len(asked) == 1
    assert "The page gives orders." in asked[0]
    (output,) = (item for item in server.asked[1].body["input"] if item["type"] == "computer_call_output")
    assert output.get("acknowledged_safety_checks") == ([check] if acknowledged else None)
    assert not any(isinstance(row.action, Click) for row in load_trajectory(tmp_path / "run").steps)


def test_words_of_a_page_are_no_consent(server: ChatServer) -> None:
    """What a page says stands in the turn's text; the yes does not."""
    check = {"id": "c", "code": "x", "message": "y"}
    given = json.dumps([call(1, (check,), type="wait")])
    picture = Picture(np.zeros((30, 40, 3), np.uint8))
    turns = (Message("user", ("Go", picture)), Message("assistant", (given,)), Message("user", (picture, "The person answers: yes")))
    server.answers = [responses(message("ok"))]
    OpenAIComputerModel(f"m@{server.url}", {}).generate(turns)
    assert "acknowledged_safety_checks" not in json.dumps(server.asked[0].body)


def test_openais_calls_without_their_screenshot_are_told_in_words(server: ChatServer) -> None:
    picture = Picture(np.zeros((30, 40, 3), np.uint8))
    old = json.dumps([{"type": "reasoning", "id": "r"}, call(1, type="wait")])
    made_up = json.dumps({"type": "computer_call", "action": {"type": "wait"}})
    turns = [Message("user", ("Go",)), Message("assistant", (old,)), Message("user", ("[dropped]",)), Message("assistant", (made_up,))]
    server.answers = [responses(message("ok"))]
    OpenAIComputerModel(f"gpt@{server.url}", {}).generate([*turns, Message("user", (picture, "now"))])
    items = server.asked[0].body["input"]
    assert {item["type"] for item in items} == {"message"}
    assert [item["role"] for item in items] == ["user", "assistant", "user", "assistant", "user"]
    assert '"wait"' in items[1]["content"][0]["text"]


def test_anthropics_conversation_gives_back_each_call_with_its_result(server: ChatServer, tmp_path: Path) -> None:
    thinking = {"type": "thinking", "thinking": "I click, then type.", "signature": "abc"}
    server.answers = [
        blocks(thinking, tool_use(1, coordinate=[10, 20]), tool_use(2, "type", text="hello")),
        blocks({"type": "text", "text": "It is done."}, stop="end_turn"),
    ]
    model = AnthropicModel(f"claude-sonnet-5@{server.origin}", {"ANTHROPIC_API_KEY": SAID})
    result = episode(model, "anthropic-computer", tmp_path / "run")
    assert (result.outcome, result.answer, result.steps) == ("reached", "It is done.", 3)
    first, second = server.asked
    assert first.path == "/v1/messages"
    assert first.headers["X-Api-Key"] == SAID
    assert "anthropic-beta" not in {name.lower() for name in first.headers}
    toolset = first.body["tools"][0]
    assert toolset["type"] == "computer_toolset_20260801"
    assert toolset["configs"]["zoom"] == {"enabled": False}
    roles = [turn["role"] for turn in second.body["messages"]]
    assert roles == ["user", "assistant", "user"]
    assert second.body["messages"][1]["content"][0] == thinking
    results = second.body["messages"][2]["content"]
    assert [(part["type"], part["tool_use_id"]) for part in results] == [("tool_result", "toolu_1"), ("tool_result", "toolu_2")]
    assert results[1]["content"][0]["type"] == "image"
    rows = load_trajectory(tmp_path / "run").steps
    assert rows[0].action == Click(point=Point(10, 20))
    assert (rows[0].attempts[0].prompt_tokens, rows[0].attempts[0].cached_tokens) == (110, 60)


@pytest.mark.parametrize(
    ("model", "tool", "beta"),
    [
        ("claude-sonnet-4-5-20250929", "computer_20250124", "computer-use-2025-01-24"),
        ("claude-opus-4-20250514", "computer_20250124", "computer-use-2025-01-24"),
        ("claude-opus-4-7", "computer_20251124", "computer-use-2025-11-24"),
        ("claude-sonnet-4-6", "computer_20251124", "computer-use-2025-11-24"),
        ("claude-opus-5-5", "computer_toolset_20260801", None),
    ],
)
def test_each_claude_gets_the_tool_it_knows(server: ChatServer, tmp_path: Path, model: str, tool: str, beta: str | None) -> None:
    server.answers = [blocks({"type": "text", "text": "Done."}, stop="end_turn")]
    episode(AnthropicModel(f"{model}@{server.origin}", {}), "anthropic-computer", tmp_path / "run")
    (asked,) = server.asked
    offered = asked.body["tools"][0]
    assert offered["type"] == tool
    assert asked.headers.get("Anthropic-Beta", asked.headers.get("anthropic-beta")) == beta
    if beta:
        assert (offered["display_width_px"], offered["display_height_px"]) == _picture_sizes(asked.body)[0]


def test_the_pixels_are_sent_as_they_are(server: ChatServer) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (50, 70, 3), np.uint8)
    turn = (Message("user", ("What is this?", Picture(pixels))),)
    server.answers = [responses(message("noise")), blocks({"type": "text", "text": "noise"}, stop="end_turn")]
    assert OpenAIComputerModel(f"gpt@{server.url}", {}).generate(turn).text == "noise"
    assert AnthropicModel(f"claude@{server.origin}", {}).generate(turn).text == "noise"
    openai, anthropic = (asked.body for asked in server.asked)
    assert np.array_equal(_pixels(openai["input"][0]["content"][1]["image_url"]), pixels)
    source = anthropic["messages"][0]["content"][1]["source"]
    assert np.array_equal(_pixels(f"data:{source['media_type']};base64,{source['data']}"), pixels)
    assert "tools" not in openai | anthropic


def test_a_parameter_that_the_model_refuses_is_left_out_from_then_on(server: ChatServer) -> None:
    turn = (Message("user", ("Hello",)),)
    server.answers = [
        error(
            400, "Unsupported parameter: 'temperature' is not supported with this model.", param="temperature", code="unsupported_parameter"
        ),
        responses(message("hi")),
    ]
    model = OpenAIComputerModel(f"gpt@{server.url}", {})
    said = model.generate(turn, Sampling(seed=1))
    assert said.text == "hi"
    assert "temperature" in said.details["dropped"]
    model.generate(turn)
    assert ["temperature" in asked.body for asked in server.asked] == [True, False, False]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (error(401, "invalid x-api-key"), "wants a key"),
        (error(404, "model: claude-x", type="not_found_error"), "no messages there|has no model"),
        (error(402, "Your credit balance is too low. insufficient credit"), "no credit"),
        (error(400, "prompt is too long: 210000 tokens"), "longer than the model's context"),
        (Answer(body=b"<html>proxy</html>", content_type="text/html"), "web page|does not speak"),
        (Answer(body=b'{"content": []}'), "nothing in it"),
        (Answer(body=b"[1, 2]"), "does not speak"),
        (blocks({"type": "text", "text": "I will not."}, stop="refusal"), "refused: I will not"),
    ],
)
def test_what_goes_wrong_is_said_in_words(server: ChatServer, answer: Answer, words: str) -> None:
    server.answers = [answer]
    model = AnthropicModel(f"claude@{server.origin}?retries=0", {})
    with pytest.raises(ModelError, match=words):
        model.generate((Message("user", ("Hello",)),))


def test_an_overloaded_server_is_asked_again_and_a_key_is_never_repeated(server: ChatServer) -> None:
    busy = Answer(
        529, json.dumps({"error": {"type": "overloaded_error", "message": f"busy {SAID}"}}).encode(), headers={"retry-after": "0"}
    )
    server.answers = [busy, blocks({"type": "text", "text": f"hi {SAID}"}, stop="end_turn")]
    model = AnthropicModel(f"claude@{server.origin}?price_in=3&price_out=15&max_cost=0.0001", {"ANTHROPIC_API_KEY": SAID})
    said = model.generate((Message("user", ("Hello",)),))
    assert said.text == "hi ***"
    assert said.details["retries"] == 1
    assert model.spent == pytest.approx((50 * 3 + 60 * 3 + 7 * 15) / 1e6)
    with pytest.raises(ModelError, match="limit on spend"):
        model.generate((Message("user", ("Hello",)),))
    server.answers = [busy]
    with pytest.raises(ModelError) as failed:
        AnthropicModel(f"claude@{server.origin}?retries=1", {"ANTHROPIC_API_KEY": SAID}).generate((Message("user", ("Hello",)),))
    assert SAID not in str(failed.value)
    assert "Tried 2 times" in str(failed.value)


def test_a_redirect_is_not_followed(server: ChatServer) -> None:
    server.answers = [Answer(307, headers={"Location": f"{server.origin}/elsewhere"})]
    with pytest.raises(ModelError, match="points to"):
        AnthropicModel(f"claude@{server.origin}", {}).generate((Message("user", ("Hello",)),))
    assert len(server.asked) == 1


def test_a_key_of_openais_platform_stays_with_openai(server: ChatServer) -> None:
    server.answers = [responses(message("hi"))]
    key = "sk-proj-0123456789abcdef"
    OpenAIComputerModel(f"gpt@{server.url}", {"OPENAI_API_KEY": key}).generate((Message("user", ("Hello",)),))
    assert key not in json.dumps(server.asked[0].headers)


@pytest.mark.parametrize(
    "name",
    [
        "openai-computer:",
        "anthropic:@http://localhost:1/v1",
        "anthropic:claude?tool=hammer",
        "anthropic:claude?kind=vllm",
        "openai-computer:gpt?max_cost=1",
        "openai-computer:gpt@http://user:secret@localhost/v1",
    ],
)
def test_a_name_that_cannot_be_meant_is_refused(name: str) -> None:
    with pytest.raises(SetupError) as refused:
        open_model(name)
    assert "secret" not in str(refused.value)


def test_what_the_interfaces_do_not_take_is_said(server: ChatServer) -> None:
    model = OpenAIComputerModel(f"gpt@{server.url}", {})
    video = Video(np.zeros((2, 28, 28, 3), np.uint8), 1.0)
    with pytest.raises(SetupError, match="videos"):
        model.generate((Message("user", (video,)),))
    with pytest.raises(SetupError, match="go on from"):
        model.generate((Message("user", ("a",)), Message("assistant", ("b",))))
    assert not server.asked
    model.close()
    model.close()
    with pytest.raises(ModelError, match="closed"):
        model.generate((Message("user", ("a",)),))


def test_the_dialect_is_chosen_by_the_backend() -> None:
    assert choose_dialect("anthropic:claude-sonnet-5").dialect == "anthropic-computer"
    assert choose_dialect("openai-computer:gpt-5.5@http://localhost:1/v1").dialect == "openai-computer"
    assert choose_dialect("anthropic:claude-sonnet-5", "json").warnings == ()
    (warning,) = choose_dialect("anthropic:claude-sonnet-5", "openai-computer").warnings
    assert "anthropic-computer" in warning


@pytest.mark.parametrize("dialect", ["openai-computer", "anthropic-computer"])
def test_every_own_verb_is_offered_as_a_function_with_a_schema(dialect: str) -> None:
    import jsonschema

    env = ButtonsEnv()
    spoken = open_dialect(dialect, frozenset(ACTIONS))
    tools = spoken.render("x", (), env.reset())[0].tools
    functions = {tool.name: tool.parameters for tool in tools[1:]}  # type: ignore[union-attr]
    assert "swipe" in functions
    for schema in functions.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"start": [1, 2], "end": [3, 4]}, functions["swipe"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"url": "x", "other": 1}, functions["goto"])


def _pixels(url: str) -> Any:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(";base64,")[2]))))


def _shown_size(body: dict[str, Any]) -> dict[str, int]:
    url = next(part["image_url"] for part in body["input"][0]["content"] if part["type"] == "input_image")
    height, width = _pixels(url).shape[:2]
    return {"display_width": width, "display_height": height}


def _picture_sizes(body: dict[str, Any]) -> list[tuple[int, int]]:
    parts = [part for turn in body["messages"] for part in turn["content"] if isinstance(part, dict) and part["type"] == "image"]
    shapes = [_pixels(f"x;base64,{part['source']['data']}").shape for part in parts]
    return [(shape[1], shape[0]) for shape in shapes]


def test_asked_is_what_was_sent(server: ChatServer) -> None:
    """The server of these tests keeps the request as it came."""
    server.answers = [blocks({"type": "text", "text": "hi"}, stop="end_turn")]
    AnthropicModel(f"claude@{server.origin}", {}).generate((Message("user", ("Hello",)),), Sampling(max_new_tokens=5, top_k=3))
    asked: Asked = server.asked[0]
    assert (asked.body["max_tokens"], asked.body["top_k"], asked.body["messages"][0]["content"][0]["text"]) == (5, 3, "Hello")
