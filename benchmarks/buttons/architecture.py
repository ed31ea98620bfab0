"""A tiny model of Qwen2.5-VL's architecture: its configuration, tokenizer, processor and chat template, all in the real file formats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2_5_VLProcessor, Qwen2Tokenizer

SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
ADDED = ("<tool_call>", "</tool_call>")
"""Tokens of their own, and yet text: they stay when special tokens are skipped. In the order of Qwen2.5-VL's tokenizer_config.json."""
VOCABULARY = 1_500

CHAT_TEMPLATE = (
    "{%- for message in messages %}"
    "{%- if loop.first and message.role != 'system' %}{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}"
    "{{- '<|im_start|>' + message.role + '\\n' }}"
    "{%- if message.content is string %}{{- message.content }}"
    "{%- else %}{%- for part in message.content %}"
    "{%- if part.type == 'image' or 'image' in part or 'image_url' in part %}{{- '<|vision_start|><|image_pad|><|vision_end|>' }}"
    "{%- elif part.type == 'video' or 'video' in part %}{{- '<|vision_start|><|video_pad|><|vision_end|>' }}"
    "{%- elif 'text' in part %}{{- part.text }}{%- endif %}"
    "{%- endfor %}{%- endif %}"
    "{{- '<|im_end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
"""The layout of Qwen2.5-VL's chat_template.json, in our words."""


def train_tokenizer(texts: Iterable[str], vocabulary: int = VOCABULARY) -> Qwen2Tokenizer:
    """A byte-level BPE tokenizer with Qwen2's splitting (every digit alone) and Qwen2.5-VL's special tokens, learnt from `texts`."""
    import json

    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import Qwen2Tokenizer
    from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

    learner = Tokenizer(models.BPE())
    learner.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated")
    learner.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    learner.decoder = decoders.ByteLevel()
    size = vocabulary - len(SPECIAL) - len(ADDED)
    learner.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    )
    learnt = json.loads(learner.to_str())["model"]
    merges = [tuple(merge) if isinstance(merge, list) else tuple(merge.split(" ")) for merge in learnt["merges"]]
    tokenizer = Qwen2Tokenizer(vocab=learnt["vocab"], merges=merges, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.add_special_tokens({"additional_special_tokens": list(SPECIAL)})
    tokenizer.add_tokens(list(ADDED))
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.model_max_length = 32_768
    return tokenizer


def make_processor(tokenizer: Qwen2Tokenizer) -> Qwen2_5_VLProcessor:
    """The processor, with the limits of the Qwen2.5-VL checkpoints (preprocessor_config.json)."""
    from transformers import Qwen2_5_VLProcessor, Qwen2VLImageProcessor, Qwen2VLVideoProcessor

    size = {"shortest_edge": 3_136, "longest_edge": 12_845_056}
    return Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(size=size),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(size=size),
        chat_template=CHAT_TEMPLATE,
    )


def tiny_config(tokenizer: Qwen2Tokenizer, **text: Any) -> dict[str, Any]:
    """Arguments of `Qwen2_5_VLConfig`: about 3 M parameters. `text` replaces settings of the language model.

    Heads of 32 leave the rotary embedding 16 frequencies, the highest for time, then rows, then columns. With this base and these
    sections, rows and columns get two each that tell neighbours apart, and eleven are so low that they leave contents comparable at any
    distance.
    """
    identity = tokenizer.convert_tokens_to_ids
    width = 192
    text_config = {
        "vocab_size": -(-len(tokenizer) // 8) * 8,
        "hidden_size": width,
        "intermediate_size": 512,
        "num_hidden_layers": 5,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "max_position_embeddings": 32_768,
        "rms_norm_eps": 1e-6,
        # 1 / sqrt(width): with the checkpoints' 0.02 so narrow a model hardly hears its own attention at first.
        "initializer_range": 0.07,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [1, 2, 13]},
        "bos_token_id": identity("<|endoftext|>"),
        "eos_token_id": identity("<|im_end|>"),
        "pad_token_id": identity("<|endoftext|>"),
    } | text
    vision_config = {
        "depth": 4,
        "hidden_size": 128,
        "intermediate_size": 384,
        "num_heads": 4,
        "out_hidden_size": width,
        "fullatt_block_indexes": [1, 3],
        "window_size": 112,
        "tokens_per_second": 2,
    }
    return {
        "text_config": text_config,
        "vision_config": vision_config,
        "image_token_id": identity("<|image_pad|>"),
        "video_token_id": identity("<|video_pad|>"),
        "vision_start_token_id": identity("<|vision_start|>"),
        "vision_end_token_id": identity("<|vision_end|>"),
        "tie_word_embeddings": True,
    }


def make_model(config: dict[str, Any], seed: int = 0) -> Qwen2_5_VLForConditionalGeneration:
    """A model with random weights and greedy decoding by default."""
    import torch
    from transformers import GenerationConfig, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**config))
    text = config["text_config"]
    ends = [text["eos_token_id"], text["pad_token_id"]]
    model.generation_config = GenerationConfig(do_sample=False, eos_token_id=ends, pad_token_id=text["pad_token_id"])
    return model
