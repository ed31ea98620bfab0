"""What can be said about local weights in the name of the model."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class LocalOptions(BaseModel):
    """How to load the weights and run them: `transformers:PATH?dtype=bfloat16&attn=sdpa`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    source: Literal["hub", "modelscope"] = "hub"
    """Where a name that is no folder is fetched from."""
    revision: str = ""
    """A branch, tag or commit of the hub's repository."""
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "auto"
    """auto: the checkpoint's own on a GPU; float32 on a CPU, whose half precision is slow or inexact."""
    device_map: str = "auto"
    """As accelerate takes it: auto spreads the layers over all GPUs, and means the CPU where there is none; cpu, cuda:1, balanced, ..."""
    attn: Literal["auto", "sdpa", "eager", "flash_attention_2"] = "auto"
    """auto: flash_attention_2 where it is installed and can run, else sdpa."""
    quant: Literal["", "4bit", "8bit"] = ""
    """Load through bitsandbytes in 4 or 8 bits. Grounding suffers: measure before you trust it."""
    yarn: Annotated[float, Field(ge=0)] = 0.0
    """Factor by which YaRN stretches the positions for long text; 0 is off. The model card (Qwen/Qwen2.5-VL-7B-Instruct) warns that it
    costs much in temporal and spatial localisation: not for clicking."""
    caches: Annotated[int, Field(ge=0)] = 1
    """Conversations whose key-value cache is kept between calls; 0 computes every prompt from its beginning."""
    batch_tokens: Annotated[int, Field(ge=1)] = 32_768
    """Prompt tokens, padding included, that one batch may have in `generate_batch`."""
