"""What each kind of server takes beside the plain chat protocol, as a table.

Sources, read in 2026: vllm-project/vllm:vllm/entrypoints/openai/chat_completion/protocol.py, sgl-project/sglang:python/sglang/srt/
entrypoints/openai/protocol.py, ggml-org/llama.cpp:tools/server/README.md, ollama/ollama:openai/openai.go (which drops the fields
that it does not know without a word, top_k and penalties among them), openrouter.ai/docs (parameters, usage accounting),
help.aliyun.com/en/model-studio/qwen-vl-compatible-with-openai, platform.openai.com/docs (chat completions, images and vision),
huggingface/transformers:src/transformers/cli/serving/chat_completion.py (5.23, the one that was run).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

Form: TypeAlias = Literal["structural_tag", "json_schema", "json_object"]
"""The types of `response_format`."""


@dataclass(frozen=True)
class ServerKind:
    """What one kind of server takes."""

    name: str
    top_k: str = ""
    """The parameter's name; empty where there is none."""
    top_k_off: int | None = None
    """What says that all tokens stand; None where that is what silence means."""
    repetition_penalty: str = ""
    """The parameter's name; empty where there is none."""
    penalty_always: bool = False
    """Say a penalty of 1 too, since the server would else take the checkpoint's own 1.05."""
    penalty_off: float = 1.0
    """What says that there is no penalty; the scale is the same."""
    max_tokens: str = "max_tokens"
    stop_kept: str = ""
    """The parameter that leaves the stop text in the reply. Only with it is the server told where to stop: elsewhere the text would be
    lost, and a reply that ended by itself would look the same. There we read along and hang up instead."""
    running_usage: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What asks for the count of tokens with every chunk, so that it is known when we hang up."""
    forms: tuple[Form, ...] = ("json_schema",)
    """The forms of structured output, the tightest first."""
    strict: bool = False
    """Whether json_schema knows `strict`."""
    constraint_extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What must go along with a constraint for it to be heeded."""
    video: Literal["frames", "list", "pictures"] = "pictures"
    video_frames: int = 0
    """How many frames a video may have; the server would drop the rest without a word."""
    detail: str = ""
    """The `detail` of pictures."""
    picture_bytes: int | None = None
    """The limit of one picture's data URL."""
    request_bytes: int | None = None
    """The limit of all data URLs of a request."""
    billed: bool = False
    """Somebody pays for each token, so that the true count is worth reading a few tokens on."""
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Parameters that go into every request."""
    going_on: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What makes the model go on from a last message of the assistant's instead of answering it. Empty where nothing is known to do that
    for every model: the message would be closed, and the model asked something else than was meant."""


_PER_CHUNK = MappingProxyType({"stream_options": {"include_usage": True, "continuous_usage_stats": True}})

KINDS: Mapping[str, ServerKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            ServerKind(
                "vllm",
                top_k="top_k",
                top_k_off=-1,
                repetition_penalty="repetition_penalty",
                penalty_always=True,
                stop_kept="include_stop_str_in_output",
                running_usage=_PER_CHUNK,
                forms=("structural_tag", "json_schema"),
                # VideoMediaIO takes frames in base64 with commas between, and from 0.19 on keeps the first 32 of them.
                video="frames",
                video_frames=32,
                going_on=MappingProxyType({"continue_final_message": True, "add_generation_prompt": False}),
            ),
            ServerKind(
                "sglang",
                top_k="top_k",
                top_k_off=-1,
                repetition_penalty="repetition_penalty",
                penalty_always=True,
                stop_kept="no_stop_trim",
                running_usage=_PER_CHUNK,
                forms=("structural_tag", "json_schema"),
                # It has no field for add_generation_prompt (its example openai_chat_with_response_prefill.py).
                going_on=MappingProxyType({"continue_final_message": True}),
            ),
            ServerKind(
                "llamacpp",
                top_k="top_k",
                top_k_off=0,
                repetition_penalty="repeat_penalty",
                penalty_always=True,
                running_usage=MappingProxyType({"timings_per_token": True}),
            ),
            ServerKind("ollama"),
            ServerKind(
                "transformers",
                # It makes 1 + frequency_penalty the penalty on repetition; response_format it passes over.
                repetition_penalty="frequency_penalty",
                penalty_always=True,
                penalty_off=0.0,
                forms=(),
            ),
            ServerKind(
                "dashscope",
                top_k="top_k",
                repetition_penalty="repetition_penalty",
                penalty_always=True,
                forms=("json_object",),
                video="list",
                video_frames=512,
                picture_bytes=10_000_000,
                billed=True,
                # Without it pictures are shrunk to 1,280 or 2,560 tokens, and the coordinates with them.
                extra=MappingProxyType({"vl_high_resolution_images": True}),
            ),
            ServerKind(
                "openrouter",
                top_k="top_k",
                repetition_penalty="repetition_penalty",
                strict=True,
                # A provider that does not know response_format would else be asked without it.
                constraint_extra=MappingProxyType({"provider": {"require_parameters": True}}),
                billed=True,
            ),
            ServerKind(
                "openai",
                # The models since o1 refuse max_tokens; all of them take this one.
                max_tokens="max_completion_tokens",
                strict=True,
                detail="high",
                request_bytes=50_000_000,
                billed=True,
            ),
            ServerKind("unknown", strict=True),
        )
    }
)
"""Every kind by its name. `unknown` is the plain protocol."""

OWNERS: Mapping[str, str] = MappingProxyType({"vllm": "vllm", "sglang": "sglang", "llamacpp": "llamacpp", "library": "ollama"})
"""The kind that the `owned_by` of `GET /models` gives away. Ollama says the model's namespace, which is `library` for its own."""
