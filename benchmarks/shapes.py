"""Models of Qwen2.5-VL's real shapes with random weights: the same work for the machine, and nothing to download."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from handeye.agent.models.local.loading import Loaded
from handeye.agent.models.local.windows import group_windows
from handeye.benchmarks.buttons.architecture import make_processor, tiny_config, train_tokenizer
from handeye.benchmarks.buttons.samples import corpus

Shape: TypeAlias = Literal["tiny", "3b", "7b"]

_VISION = {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "fullatt_block_indexes": [7, 15, 23, 31]}
_ROPE = {"rope_type": "default", "rope_theta": 1_000_000.0, "mrope_section": [16, 24, 24]}
_REAL: dict[str, dict[str, Any]] = {
    "3b": {
        "hidden_size": 2048, "intermediate_size": 11_008, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 2,
        "vocab_size": 151_936,
    },
    "7b": {
        "hidden_size": 3584, "intermediate_size": 18_944, "num_hidden_layers": 28, "num_attention_heads": 28, "num_key_value_heads": 4,
        "vocab_size": 152_064,
    },
}  # fmt: skip
"""config.json of Qwen/Qwen2.5-VL-3B-Instruct and Qwen/Qwen2.5-VL-7B-Instruct."""


def random_weights(shape: Shape, device: str) -> Loaded:
    """A model of that shape: `tiny` in float32, the others in bfloat16. Its tokenizer is the tiny one: texts take other counts of tokens.

    Needs about 16 GB for 7b and 8 GB for 3b.
    """
    import torch
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    tokenizer = train_tokenizer(corpus(batches=10))
    config = tiny_config(tokenizer)
    dtype = torch.float32
    if shape != "tiny":
        config["text_config"] |= _REAL[shape] | {"rope_parameters": _ROPE}
        config["vision_config"] |= _VISION | {"out_hidden_size": _REAL[shape]["hidden_size"]}
        config["tie_word_embeddings"] = shape == "3b"
        dtype = torch.bfloat16
    before = torch.get_default_dtype()
    torch.manual_seed(0)
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**config))
    finally:
        torch.set_default_dtype(before)
    if torch.device(device).type == "cuda":
        group_windows(model)
    name = f"random-{shape}"
    return Loaded(name, model.eval(), make_processor(tokenizer), "qwen2_5_vl", torch.device(device), 14, 2, ())
