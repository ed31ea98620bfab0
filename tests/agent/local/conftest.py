"""Tiny checkpoints with random weights: the real architectures, files and loading, in seconds."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.agent.messages import Picture, Video

# Found and not imported: with torch that takes 5 s of each process that only collects these tests.
if importlib.util.find_spec("transformers") is None:
    pytest.skip("the extra `local` is not installed", allow_module_level=True)

from handeye.agent.models.local.model import TransformersModel
from handeye.agent.models.local.options import LocalOptions
from handeye.benchmarks.buttons.architecture import CHAT_TEMPLATE, make_model, make_processor, tiny_config, train_tokenizer
from handeye.benchmarks.buttons.samples import corpus

SMALL = {"hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 2, "intermediate_size": 96}
ROPE = {"rope_type": "default", "rope_theta": 1000.0, "mrope_section": [2, 3, 3]}
FACTORS = {"qwen2_5_vl": 28, "qwen2_vl": 28, "qwen3_vl": 32}


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder for each family."""
    tokenizer = train_tokenizer(corpus(batches=3))
    base = tmp_path_factory.mktemp("checkpoints")
    makers: dict[str, Callable[[Any], tuple[Any, Any]]] = {"qwen2_5_vl": qwen25, "qwen2_vl": qwen2, "qwen3_vl": qwen3}
    folders = {}
    for name, make in makers.items():
        folders[name] = base / name
        for part in make(tokenizer):
            part.save_pretrained(folders[name])
    return folders


def qwen25(tokenizer: Any) -> tuple[Any, Any]:
    model = make_model(tiny_config(tokenizer), seed=1)
    # What the real checkpoints carry: applied unless another is said.
    model.generation_config.repetition_penalty = 1.05
    return model, make_processor(tokenizer)


def qwen2(tokenizer: Any) -> tuple[Any, Any]:
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration, Qwen2VLImageProcessor, Qwen2VLProcessor, Qwen2VLVideoProcessor

    config = tiny_config(tokenizer, **SMALL, rope_parameters=ROPE)
    config["vision_config"] = {"depth": 2, "embed_dim": 32, "hidden_size": 64, "mlp_ratio": 2, "num_heads": 2}
    parts = {"image_processor": Qwen2VLImageProcessor(), "video_processor": Qwen2VLVideoProcessor()}
    return Qwen2VLForConditionalGeneration(Qwen2VLConfig(**config)), Qwen2VLProcessor(
        **parts, tokenizer=tokenizer, chat_template=CHAT_TEMPLATE
    )


def qwen3(tokenizer: Any) -> tuple[Any, Any]:
    from transformers import Qwen2VLImageProcessor, Qwen3VLConfig, Qwen3VLForConditionalGeneration, Qwen3VLProcessor, Qwen3VLVideoProcessor

    config = tiny_config(tokenizer, **SMALL, rope_parameters=ROPE, head_dim=16)
    config["vision_config"] = {
        "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 64, "deepstack_visual_indexes": [0],
        "num_position_embeddings": 64, "patch_size": 16,
    }  # fmt: skip
    images = Qwen2VLImageProcessor(patch_size=16, size={"shortest_edge": 4096, "longest_edge": 16_777_216})
    parts = {"image_processor": images, "video_processor": Qwen3VLVideoProcessor()}
    return Qwen3VLForConditionalGeneration(Qwen3VLConfig(**config)), Qwen3VLProcessor(
        **parts, tokenizer=tokenizer, chat_template=CHAT_TEMPLATE
    )


@pytest.fixture(scope="session")
def folder(checkpoints: dict[str, Path]) -> Path:
    """The Qwen2.5-VL one."""
    return checkpoints["qwen2_5_vl"]


@pytest.fixture(scope="module")
def warm(folder: Path) -> Iterator[TransformersModel]:
    """A model that keeps what it has computed."""
    model = TransformersModel(str(folder))
    yield model
    model.close()


@pytest.fixture(scope="module")
def cold(folder: Path) -> Iterator[TransformersModel]:
    """The same weights, computing every prompt from its beginning."""
    model = TransformersModel(str(folder), LocalOptions(caches=0))
    yield model
    model.close()


@pytest.fixture
def picture() -> Callable[..., Picture]:
    """Makes a picture of noise, another for each seed."""

    def make(seed: int = 0, width: int = 112, height: int = 84) -> Picture:
        return Picture(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))

    return make


@pytest.fixture
def video() -> Callable[..., Video]:
    """Makes a video of noise."""

    def make(seed: int = 0, frames: int = 6, width: int = 84, height: int = 56, fps: float = 2.0) -> Video:
        return Video(np.random.default_rng(seed).integers(0, 256, (frames, height, width, 3), dtype=np.uint8), fps)

    return make


@pytest.fixture
def copy_of(folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the checkpoint with changed files: text, bytes, or None to leave one out."""

    def make(**changes: Any) -> Path:
        target = tmp_path / "copy"
        target.mkdir()
        for file in folder.iterdir():
            change = changes.get(file.stem, ...)
            if change is ...:
                (target / file.name).write_bytes(file.read_bytes())
            elif isinstance(change, dict):
                (target / file.name).write_text(json.dumps(json.loads(file.read_text()) | change))
            elif change is not None:
                (target / file.name).write_bytes(change)
        return target

    return make
