"""OpenAI's Responses interface: the body of a request, and what its answer says.

Source: the types of the `openai` package (types/responses) and openai/openai-cua-sample-app. Nothing is stored at the provider
(`store` false), so that every request holds the whole conversation, the model's reasoning in the encrypted form in which it came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from handeye.agent.messages import ComputerTool, Picture, Tool
from handeye.agent.models.base import Sampling, Usage
from handeye.agent.models.hosted.turns import Asked, Conversation, Given

Url = Callable[[Picture], str]
"""A picture as a data URL."""
PREVIEW = "computer_use_preview"
TOOLS = (PREVIEW, "computer")


def tool_for(model: str) -> str:
    """The computer tool of the model called `model`: the preview's is its own, all later models have the other one."""
    return PREVIEW if "computer-use-preview" in model else "computer"


def body_of(model: str, tool: str, conversation: Conversation, sampling: Sampling, url: Url) -> dict[str, Any]:
    """The request for one answer."""
    items: list[dict[str, Any]] = []
    before: Given | None = None
    for turn in conversation.turns:
        if isinstance(turn, Asked):
            items += _asked(turn, before, url)
        else:
            before = turn
    body: dict[str, Any] = {
        "model": model,
        "input": items,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "truncation": "auto",
        "max_output_tokens": sampling.max_new_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
    }
    if conversation.system:
        body["instructions"] = conversation.system
    if conversation.tools:
        body["tools"] = [_tool(one, tool) for one in conversation.tools]
    return body


def text_of(answer: dict[str, Any], tools: bool) -> str:
    """What the model gave: all items as JSON where `tools` were offered, else its words."""
    output = [item for item in answer.get("output") or () if isinstance(item, dict)]
    if tools:
        return json.dumps(output, ensure_ascii=False) if output else ""
    return "".join(_words(output))


def refusal_of(answer: dict[str, Any]) -> str:
    """The words in which the model refused; empty where it did not."""
    parts = [part for item in answer.get("output") or () if isinstance(item, dict) for part in item.get("content") or ()]
    return " ".join(str(part.get("refusal")) for part in parts if isinstance(part, dict) and part.get("type") == "refusal")


def finish_of(answer: dict[str, Any]) -> str:
    """`stop`, or why the answer is not whole: `length`, `content_filter`."""
    if answer.get("status") != "incomplete":
        return "stop"
    reason = str((answer.get("incomplete_details") or {}).get("reason") or "")
    return {"max_output_tokens": "length"}.get(reason, reason or "length")


def usage_of(answer: dict[str, Any]) -> Usage:
    """Tokens, as the provider counts them."""
    said = answer.get("usage") or {}
    cached = (said.get("input_tokens_details") or {}).get("cached_tokens") or 0
    return Usage(int(said.get("input_tokens") or 0), int(said.get("output_tokens") or 0), int(cached))


def _tool(tool: Tool, name: str) -> dict[str, Any]:
    if isinstance(tool, ComputerTool):
        if name != PREVIEW:
            return {"type": name}
        return {"type": name, "display_width": tool.size.width, "display_height": tool.size.height, "environment": tool.environment}
    told = {"type": "function", "name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return told | {"strict": False}


def _asked(turn: Asked, before: Given | None, url: Url) -> Iterator[dict[str, Any]]:
    """A turn of ours, after the model's own where there was one: what came of its calls, then words and further pictures."""
    pictures = list(turn.pictures)
    if before is not None:
        native = _native(before, bool(pictures))
        yield from native
        calls = [item for item in native if item["type"] in ("computer_call", "function_call")]
        shown = pictures.pop() if any(call["type"] == "computer_call" for call in calls) else None
        for call in calls:
            if call["type"] == "function_call":
                yield {"type": "function_call_output", "call_id": call["call_id"], "output": "See the next screenshot."}
            elif shown is not None:
                yield _output(call, url(shown), turn.consent)
    content: list[dict[str, Any]] = [{"type": "input_text", "text": text} for text in turn.texts]
    content += [{"type": "input_image", "image_url": url(picture), "detail": "auto"} for picture in pictures]
    if content:
        yield {"type": "message", "role": "user", "content": content}


def _output(call: dict[str, Any], screenshot: str, consent: bool) -> dict[str, Any]:
    checks = call.get("pending_safety_checks") or []
    return {
        "type": "computer_call_output",
        "call_id": call["call_id"],
        "output": {"type": "computer_screenshot", "image_url": screenshot},
        **({"acknowledged_safety_checks": checks} if checks and consent else {}),
    }


def _native(turn: Given, seen: bool) -> list[dict[str, Any]]:
    """The model's items as they came. Where one cannot be given back (a call whose screenshot is no longer shown, or that has no id),
    the whole turn is told in words: reasoning must not stand without what it led to."""
    calls = [item for item in turn.items if item["type"] in ("computer_call", "function_call")]
    whole = all(isinstance(call.get("call_id"), str) for call in calls)
    if turn.items and whole and (seen or not any(call["type"] == "computer_call" for call in calls)):
        return list(turn.items)
    told = "\n".join([*_words(turn.items), *(json.dumps(_bare(call), ensure_ascii=False) for call in calls)]) or turn.text
    return [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": told, "annotations": []}]}]


def _bare(call: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in call.items() if name in ("type", "action", "actions", "name", "arguments")}


def _words(items: Any) -> Iterator[str]:
    for item in items:
        if item.get("type") == "message" and isinstance(item.get("content"), list):
            yield from (part["text"] for part in item["content"] if isinstance(part, dict) and isinstance(part.get("text"), str))
