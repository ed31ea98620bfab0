"""Anthropic's Messages interface: the body of a request, and what its answer says.

Source: the types of the `anthropic` package (types/beta) and the provider's manual, "Computer use tool", of autumn 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from handeye.agent.messages import ComputerTool, Picture, Tool
from handeye.agent.models.base import Sampling, Usage
from handeye.agent.models.hosted.turns import Asked, Conversation, Given

Url = Callable[[Picture], str]
"""A picture as a data URL."""
TOOLSET = "computer_toolset_20260801"
BETAS = {"computer_20250124": "computer-use-2025-01-24", "computer_20251124": "computer-use-2025-11-24", TOOLSET: ""}
"""The computer tools and the word that unlocks each; the last is for everybody."""
_FIRST = re.compile(r"claude-(3-7-|sonnet-4-(5|20)|opus-4-(0|1|20)|haiku-4-5)")
_SECOND = re.compile(r"claude-(opus-4-|sonnet-4-|mythos-preview)")
_UNUSED = ("zoom", "left_mouse_down", "left_mouse_up", "cursor_position")
"""Members of the toolset for which there are no actions here."""
_KEPT = ("tool_use", "text", "thinking", "redacted_thinking")


def tool_for(model: str) -> str:
    """The computer tool of the model called `model`: models older than 4.5 or 4.6 have one of their own, those of the fifth generation
    take the toolset only."""
    return "computer_20250124" if _FIRST.search(model) else "computer_20251124" if _SECOND.search(model) else TOOLSET


def body_of(model: str, tool: str, conversation: Conversation, sampling: Sampling, url: Url) -> dict[str, Any]:
    """The request for one answer, with the words that unlock the tool as `betas`."""
    messages: list[dict[str, Any]] = []
    calls: list[str] = []
    for turn in conversation.turns:
        if isinstance(turn, Given):
            blocks = _native(turn)
            calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
            messages.append({"role": "assistant", "content": blocks})
        else:
            messages.append({"role": "user", "content": list(_asked(turn, calls, url))})
            calls = []
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": sampling.max_new_tokens,
        "messages": messages,
        "temperature": sampling.temperature,
        # The longest beginning that was sent before is not computed again.
        "cache_control": {"type": "ephemeral"},
    }
    if sampling.top_k > 0:
        body["top_k"] = sampling.top_k
    if sampling.top_p < 1:
        body["top_p"] = sampling.top_p
    if conversation.system:
        body["system"] = conversation.system
    if conversation.tools:
        body["tools"] = [_tool(one, tool) for one in conversation.tools]
        if BETAS[tool]:
            body["betas"] = [BETAS[tool]]
    return body


def text_of(answer: dict[str, Any], tools: bool) -> str:
    """What the model gave: all blocks as JSON where `tools` were offered, else its words."""
    blocks = [block for block in answer.get("content") or () if isinstance(block, dict)]
    if tools:
        return json.dumps(blocks, ensure_ascii=False) if blocks else ""
    return "".join(str(block["text"]) for block in blocks if block.get("type") == "text")


def refusal_of(answer: dict[str, Any]) -> str:
    """The words in which the model refused; empty where it did not."""
    if answer.get("stop_reason") != "refusal":
        return ""
    return text_of(answer, tools=False) or "without a word"


def finish_of(answer: dict[str, Any]) -> str:
    """`stop`, or why the answer is not whole: `length`."""
    reason = str(answer.get("stop_reason") or "")
    return {"end_turn": "stop", "tool_use": "stop", "stop_sequence": "stop", "max_tokens": "length"}.get(reason, reason or "stop")


def usage_of(answer: dict[str, Any]) -> Usage:
    """Tokens, as the provider counts them: those that it had computed before are counted apart from the rest there."""
    said = answer.get("usage") or {}
    cached = int(said.get("cache_read_input_tokens") or 0)
    prompt = int(said.get("input_tokens") or 0) + int(said.get("cache_creation_input_tokens") or 0) + cached
    return Usage(prompt, int(said.get("output_tokens") or 0), cached)


def _tool(tool: Tool, name: str) -> dict[str, Any]:
    if isinstance(tool, ComputerTool):
        if name == TOOLSET:
            return {"type": name, "configs": {member: {"enabled": False} for member in _UNUSED}}
        return {"type": name, "name": "computer", "display_width_px": tool.size.width, "display_height_px": tool.size.height}
    return {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}


def _asked(turn: Asked, calls: list[str], url: Url) -> Iterator[dict[str, Any]]:
    """What came of each call first, the picture with the last; then words and further pictures."""
    pictures = [_picture(url(picture)) for picture in turn.pictures]
    texts = [{"type": "text", "text": text} for text in turn.texts]
    for call in calls[:-1]:
        yield {"type": "tool_result", "tool_use_id": call, "content": [{"type": "text", "text": "See the next screenshot."}]}
    if calls:
        yield {"type": "tool_result", "tool_use_id": calls[-1], "content": [*pictures, *texts]}
    else:
        yield from (*texts, *pictures)


def _picture(url: str) -> dict[str, Any]:
    kind, _, data = url.removeprefix("data:").partition(";base64,")
    return {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}}


def _native(turn: Given) -> list[dict[str, Any]]:
    """The model's blocks as they came; in words where they are none that can be given back."""
    blocks = [block for block in turn.items if block["type"] in _KEPT]
    ids = [block.get("id") for block in blocks if block["type"] == "tool_use"]
    if blocks and all(isinstance(one, str) for one in ids) and len(blocks) == len(turn.items):
        return blocks
    told = turn.text or json.dumps(list(turn.items), ensure_ascii=False)
    return [{"type": "text", "text": told or "(nothing)"}]
