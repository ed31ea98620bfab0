"""Loads a checkpoint of the Qwen-VL family, and says in words what is wrong where it cannot."""

from __future__ import annotations

import importlib.util
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handeye.agent.install_commands import install_command, installer
from handeye.agent.models.local.options import LocalOptions
from handeye.agent.models.local.windows import group_windows
from handeye.tools.errors import SetupError

if TYPE_CHECKING:
    import torch

FAMILIES = {
    "qwen2_vl": "Qwen2-VL",
    "qwen2_5_vl": "Qwen2.5-VL",
    "qwen3_vl": "Qwen3-VL",
    "qwen3_vl_moe": "Qwen3-VL",
}
"""`model_type` of config.json, and the family's name."""
YARN_ORIGINAL = 32_768
"""Positions that Qwen2.5-VL was trained on (model card, Qwen/Qwen2.5-VL-7B-Instruct)."""
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model that is ready, with what the rest has to know about it."""

    name: str
    """The folder, or the name on the hub."""
    model: Any
    processor: Any
    family: str
    """`model_type`, one of `FAMILIES`."""
    device: torch.device
    """Where the inputs go."""
    patch: int
    """Side of a patch in pixels: 14, or 16 in Qwen3-VL."""
    merge: int
    """Patches across and down that make one visual token: 2."""
    notes: tuple[str, ...]
    """What a user should know about how it runs, a sentence each."""

    @property
    def factor(self) -> int:
        """Pixels across and down one visual token: what the sides of every picture are divisible by."""
        return self.patch * self.merge


def load(name: str, options: LocalOptions) -> Loaded:
    """The checkpoint in the folder `name`, or of that name on the hub.

    Raises `SetupError` for a package, a file or a model that is not there, is broken, or is of another architecture.
    """
    need_packages()
    where = _folder(name, options)
    family = _family(where, options)
    notes = [*_yarn_notes(options)]
    processor = _processor(where, options)
    model, more = _model(where, family, options)
    image = processor.image_processor
    device = next(iter(model.parameters())).device
    if device.type == "cuda":
        group_windows(model)
    return Loaded(name, model.eval(), processor, family, device, int(image.patch_size), int(image.merge_size), (*notes, *more))


def need_packages() -> None:
    """Raise `SetupError` where a package of the extra `local` is missing."""
    missing = [
        name for name in ("torch", "torchvision", "transformers", "accelerate", "qwen_vl_utils") if not importlib.util.find_spec(name)
    ]
    if missing:
        raise SetupError(f"local models need {', '.join(missing)}.", fix=install_command("local"))


def _folder(name: str, options: LocalOptions) -> str:
    """A folder on this machine, or a name that the hub may know."""
    path = Path(name).expanduser()
    if path.is_dir():
        return str(path)
    if path.exists() or name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise SetupError(f"there is no folder {name!r}.", fix="name a folder with a checkpoint, or a model of the hub (OWNER/NAME)")
    if options.source == "modelscope":
        return _from_modelscope(name, options)
    return name


def _from_modelscope(name: str, options: LocalOptions) -> str:
    try:
        from modelscope import snapshot_download
    except ImportError as error:
        raise SetupError(f"ModelScope as a source needs the package modelscope ({error}).", fix=install_command("modelscope")) from error
    try:
        return str(snapshot_download(name, revision=options.revision or None))
    except (OSError, ValueError, RuntimeError) as error:
        raise SetupError(f"{name} cannot be had from ModelScope ({_first_line(error)}).", fix="check the name and the network") from error


def _family(where: str, options: LocalOptions) -> str:
    """`model_type`, from config.json alone, before anything large is touched."""
    from transformers import AutoConfig

    folder = Path(where)
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise SetupError(
                f"{where} has no config.json: it is no checkpoint.", fix="name the folder that holds config.json and the weights"
            )
        if not any(next(folder.glob(pattern), None) for pattern in _WEIGHTS):
            raise SetupError(f"{where} has no weights (*.safetensors).", fix="finish the download, or name the folder that holds them")
        kind = _model_type(folder / "config.json")
    else:
        try:
            kind = AutoConfig.from_pretrained(where, revision=options.revision or "main").model_type
        except (OSError, ValueError, KeyError) as error:
            raise SetupError(
                f"{where} is no folder here and cannot be had from the hub ({_first_line(error)}).",
                fix="check the name and the network, or download it and name the folder",
            ) from error
    if kind not in FAMILIES:
        raise SetupError(
            f"{where} is a model of type {kind!r}, which this backend cannot run.",
            fix=f"name a checkpoint of {', '.join(dict.fromkeys(FAMILIES.values()))}, or serve it and use openai:MODEL@URL",
        )
    return kind


def _model_type(config: Path) -> str:
    try:
        data = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(f"{config} cannot be read ({_first_line(error)}).", fix="fetch the checkpoint again") from error
    return str(data.get("model_type", "")) if isinstance(data, Mapping) else ""


def _processor(where: str, options: LocalOptions) -> Any:
    from transformers import AutoProcessor

    try:
        processor = AutoProcessor.from_pretrained(where, revision=options.revision or "main")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SetupError(
            f"the processor of {where} cannot be loaded ({_first_line(error)}).",
            fix="the folder needs preprocessor_config.json (or processor_config.json), the tokenizer's files and the chat template",
        ) from error
    if not getattr(processor, "image_processor", None) or not (processor.chat_template or processor.tokenizer.chat_template):
        raise SetupError(
            f"{where} has no image processor or no chat template.", fix="copy the base model's processor files into the folder"
        )
    return processor


def _model(where: str, family: str, options: LocalOptions) -> tuple[Any, list[str]]:
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForImageTextToText

    on_gpu = torch.cuda.is_available() and options.device_map != "cpu"
    attention = _attention(options, on_gpu)
    arguments: dict[str, Any] = {
        "dtype": _dtype(options, on_gpu),
        "device_map": options.device_map if on_gpu or options.device_map != "auto" else "cpu",
        "attn_implementation": attention,
        "revision": options.revision or "main",
        "output_loading_info": True,
    }
    if options.quant:
        arguments["quantization_config"] = _quantization(options)
    if options.yarn:
        arguments["config"] = _stretched(where, family, options)
    try:
        model, info = AutoModelForImageTextToText.from_pretrained(where, **arguments)
    except SafetensorError as error:
        raise SetupError(f"the weights in {where} are damaged or cut off ({_first_line(error)}).", fix="fetch them again") from error
    except torch.OutOfMemoryError as error:
        raise SetupError(f"{where} does not fit into the memory of the GPU.", fix="?quant=4bit, a smaller model, or more GPUs") from error
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, TypeError) as error:
        raise SetupError(f"{where} cannot be loaded ({_first_line(error)}).", fix="see whether the download is complete") from error
    if lacking := sorted([*info.get("missing_keys", ()), *(str(key) for key in info.get("mismatched_keys", ()))]):
        raise SetupError(
            f"the weights in {where} lack {len(lacking)} tensors ({lacking[0]}, ...), which would be random.", fix="fetch them again"
        )
    notes = [f"{FAMILIES[family]} in {str(model.dtype).removeprefix('torch.')} on {model.device}, attention {attention}"]
    if family != "qwen2_5_vl":
        notes.append(
            f"{FAMILIES[family]} points from 0 to 1000, and the dialects here read Qwen2.5-VL's pixels: its clicks would land elsewhere"
        )
    if model.dtype == torch.float16:
        notes.append("float16 breaks grounding in this family; use bfloat16 (QwenLM/Qwen3-VL#601)")
    if options.quant:
        notes.append(f"{options.quant} weights: coordinates suffer; compare with bfloat16 before you trust them")
    return model, notes


def _dtype(options: LocalOptions, on_gpu: bool) -> Any:
    import torch

    if options.dtype == "auto":
        return "auto" if on_gpu else torch.float32
    return {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}[options.dtype]


def _attention(options: LocalOptions, on_gpu: bool) -> str:
    installed = importlib.util.find_spec("flash_attn") is not None
    if options.attn == "auto":
        return "flash_attention_2" if installed and on_gpu and options.dtype != "float32" else "sdpa"
    if options.attn == "flash_attention_2" and not (installed and on_gpu):
        lacking = "the package flash-attn, which is not installed" if on_gpu else "an NVIDIA GPU"
        raise SetupError(
            f"attn=flash_attention_2 needs {lacking}.",
            fix=f"{installer()} flash-attn --no-build-isolation; or leave attn out, which takes sdpa here",
        )
    return options.attn


def _quantization(options: LocalOptions) -> Any:
    if not importlib.util.find_spec("bitsandbytes"):
        raise SetupError(f"quant={options.quant} needs the package bitsandbytes.", fix=install_command("quant"))
    import torch
    from transformers import BitsAndBytesConfig

    if options.quant == "8bit":
        # It warns in each layer, for each token, that bfloat16 goes in as float16: 200 lines a token.
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)


def _stretched(where: str, family: str, options: LocalOptions) -> Any:
    """The configuration with YaRN, as the model card of Qwen2.5-VL gives it, for long text."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(where, revision=options.revision or "main")
    text = config.text_config
    text.rope_parameters = {
        **text.rope_parameters,
        "rope_type": "yarn",
        "factor": options.yarn,
        "original_max_position_embeddings": YARN_ORIGINAL,
    }
    text.max_position_embeddings = int(YARN_ORIGINAL * options.yarn)
    return config


def _yarn_notes(options: LocalOptions) -> list[str]:
    if not options.yarn:
        return []
    return ["YaRN is on: by the model card it costs much in localisation, in space and in time; do not click with it"]


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
