"""What can be wrong with a checkpoint, a package or an option is said in words, with the step that mends it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from handeye.agent.messages import Message, Picture
from handeye.agent.models.base import Sampling
from handeye.agent.models.local.model import TransformersModel
from handeye.agent.models.local.options import LocalOptions
from handeye.agent.models.registry import open_model
from handeye.tools.errors import SetupError

SHORT = Sampling(max_new_tokens=4)


def fault(name: str) -> SetupError:
    with pytest.raises(SetupError) as caught:
        open_model(name)
    assert caught.value.fix
    return caught.value


def test_a_name_without_a_model() -> None:
    assert "transformers:FOLDER" in str(fault("transformers:"))


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "nowhere", "a/b/c"])
def test_a_folder_that_is_not_there(name: str) -> None:
    assert name in str(fault(f"transformers:{name}"))


def test_a_file_is_no_folder(folder: Path) -> None:
    assert "no folder" in str(fault(f"transformers:{folder / 'config.json'}"))


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "config.json" in str(fault(f"transformers:{tmp_path}"))


def test_a_folder_without_weights(copy_of: Callable[..., Path]) -> None:
    assert "no weights" in str(fault(f"transformers:{copy_of(model=None)}"))


@pytest.mark.parametrize("keep", [0, 5, 1000, 2_000_000])
def test_weights_that_are_cut_off(copy_of: Callable[..., Path], folder: Path, keep: int) -> None:
    cut = (folder / "model.safetensors").read_bytes()[:keep]
    assert "damaged or cut off" in str(fault(f"transformers:{copy_of(model=cut)}"))


def test_weights_that_lack_tensors(copy_of: Callable[..., Path], folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    target = copy_of()
    tensors = load_file(folder / "model.safetensors")
    lost = next(name for name in tensors if name.endswith("layers.0.mlp.up_proj.weight"))
    del tensors[lost]
    save_file(tensors, target / "model.safetensors", {"format": "pt"})
    assert "layers.0.mlp.up_proj.weight" in str(fault(f"transformers:{target}"))


def test_a_part_of_the_weights_is_missing(copy_of: Callable[..., Path]) -> None:
    target = copy_of()
    index = {"metadata": {}, "weight_map": {"model.visual.merger.mlp.0.bias": "model-00002-of-00002.safetensors"}}
    (target / "model.safetensors").rename(target / "model-00001-of-00002.safetensors")
    (target / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "cannot be loaded" in str(fault(f"transformers:{target}"))


@pytest.mark.parametrize("kind", ["llama", "qwen2", "", "qwen2_5_omni"])
def test_a_model_of_another_architecture(copy_of: Callable[..., Path], kind: str) -> None:
    error = str(fault(f"transformers:{copy_of(config={'model_type': kind})}"))
    assert repr(kind) in error
    assert "Qwen2.5-VL" in error


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff\xfe"])
def test_a_configuration_that_cannot_be_read(copy_of: Callable[..., Path], text: bytes) -> None:
    fault(f"transformers:{copy_of(config=text)}")


def test_a_folder_without_a_processor(copy_of: Callable[..., Path]) -> None:
    fault(f"transformers:{copy_of(processor_config=None)}")


def test_a_folder_without_a_chat_template(copy_of: Callable[..., Path], folder: Path) -> None:
    assert "chat template" in str(fault(f"transformers:{copy_of(chat_template=None)}"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("dtyp=bfloat16", "no option 'dtyp'"),
        ("dtype=int8", "bfloat16"),
        ("caches=many", "caches"),
        ("caches=-1", "caches"),
        ("yarn=nan", "yarn"),
        ("caches=1&caches=2", "twice"),
        ("quant=2bit", "4bit"),
        ("nonsense", "option=value"),
    ],
)
def test_an_option_that_does_not_exist_or_fit(folder: Path, options: str, words: str) -> None:
    assert words in str(fault(f"transformers:{folder}?{options}"))


def test_flash_attention_where_it_cannot_run(folder: Path) -> None:
    import torch

    if torch.cuda.is_available() and importlib.util.find_spec("flash_attn") is not None:
        pytest.skip("it can run here")
    error = str(fault(f"transformers:{folder}?attn=flash_attention_2"))
    assert ("flash-attn, which is not installed" if torch.cuda.is_available() else "NVIDIA GPU") in error
    assert "sdpa" in error


@pytest.mark.skipif(importlib.util.find_spec("bitsandbytes") is not None, reason="bitsandbytes is installed")
def test_quantised_loading_without_its_package(folder: Path) -> None:
    assert "[quant]" in str(fault(f"transformers:{folder}?quant=4bit"))


@pytest.mark.skipif(importlib.util.find_spec("modelscope") is not None, reason="modelscope is installed")
def test_modelscope_without_its_package() -> None:
    assert "[modelscope]" in str(fault("transformers:Qwen/Qwen2.5-VL-3B-Instruct?source=modelscope"))


def test_a_name_of_the_hub_that_cannot_be_had() -> None:
    """In a process of its own, told to be offline: the hub's client reads that when it is imported."""
    code = (
        "from handeye.agent.models.registry import open_model\n"
        "from handeye.tools.errors import SetupError\n"
        "try:\n    open_model('transformers:Qwen/no-such-model')\n"
        "except SetupError as error:\n    print(error)\n"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "Qwen/no-such-model" in done.stdout
    assert "download it and name the folder" in done.stdout


def test_the_notes_say_how_it_runs(folder: Path) -> None:
    assert any("float32 on cpu, attention sdpa" in note for note in TransformersModel(str(folder), LocalOptions(device_map="cpu")).notes)
    half = TransformersModel(str(folder), LocalOptions(device_map="cpu", dtype="float16"))
    assert any("float16 breaks grounding" in note for note in half.notes)


def test_yarn_stretches_the_positions_and_warns(folder: Path, cold: TransformersModel, picture: Callable[..., Picture]) -> None:
    stretched = TransformersModel(str(folder), LocalOptions(yarn=4.0, caches=0))
    assert any("localisation" in note for note in stretched.notes)
    assert stretched.loaded.model.config.text_config.max_position_embeddings == 131_072
    messages = [Message("user", (picture(1), "Click"))]
    assert (stretched.scores(messages) - cold.scores(messages)).abs().max() > 1e-3
    assert stretched.generate(messages, SHORT).text


def test_eager_attention_gives_the_same_reply(folder: Path, cold: TransformersModel, picture: Callable[..., Picture]) -> None:
    eager = TransformersModel(str(folder), LocalOptions(attn="eager", caches=0))
    messages = [Message("user", (picture(1), "Click"))]
    assert eager.generate(messages, SHORT).text == cold.generate(messages, SHORT).text


def test_eight_bits_say_nothing_at_each_token(folder: Path, picture: Callable[..., Picture], caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("bitsandbytes")
    model = TransformersModel(str(folder), LocalOptions(quant="8bit", dtype="bfloat16"))
    assert any("8bit" in note for note in model.notes)
    assert model.generate([Message("user", (picture(1), "Click"))], SHORT).usage.completion_tokens == 4
    assert not [record for record in caplog.records if "inputs will be cast" in record.message]
