"""What a checkpoint is, for the record of a run: its architecture, how it runs, and what tells its files from others of the same name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from handeye.agent.models.local.loading import Loaded

SMALL = 32 << 20
"""Files up to this many bytes are hashed whole: configurations, tokenizers, indexes and small weights."""
PIECES, PIECE = 64, 64 << 10
"""Of a larger file so many pieces of so many bytes are hashed, evenly spread: reading 16 GB for a hash would take longer than many a run,
and training changes nearly every piece."""
_TEXTS = ("*.json", "*.jinja", "*.txt", "*.model")
_WEIGHTS = ("*.safetensors", "*.bin")


def describe(loaded: Loaded) -> dict[str, Any]:
    """JSON values only. `files`: the sha256 of each; `weights`: size and hash of each; both empty where there is no folder here."""
    model, config = loaded.model, loaded.model.config
    folder = _folder(loaded)
    return {
        "architecture": type(model).__name__,
        "family": loaded.family,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": str(loaded.device),
        "attention": str(getattr(config, "_attn_implementation", None) or ""),
        "quantization": str(getattr(getattr(model, "hf_quantizer", None), "quantization_config", "") or ""),
        "commit": str(getattr(config, "_commit_hash", None) or ""),
        "image_processor": type(loaded.processor.image_processor).__name__,
        "files": {path.name: _hash(path) for path in _found(folder, _TEXTS)},
        "weights": {path.name: {"bytes": path.stat().st_size, **_weights_hash(path)} for path in _found(folder, _WEIGHTS)},
        "notes": list(loaded.notes),
    }


def _folder(loaded: Loaded) -> Path | None:
    """Where the files lie; `_name_or_path` is what transformers read, which for ModelScope is not the name."""
    for name in (loaded.name, str(getattr(loaded.model.config, "_name_or_path", ""))):
        path = Path(name).expanduser()
        if name and path.is_dir():
            return path
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        cached = try_to_load_from_cache(loaded.name, "config.json", revision=getattr(loaded.model.config, "_commit_hash", None))
    except HFValidationError:
        return None
    return Path(cached).parent if isinstance(cached, str) else None


def _found(folder: Path | None, patterns: tuple[str, ...]) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}) if folder else []


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _weights_hash(path: Path) -> dict[str, str]:
    size = path.stat().st_size
    if size <= SMALL:
        return {"sha256": _hash(path)}
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for index in range(PIECES):
            file.seek((size - PIECE) * index // (PIECES - 1))
            digest.update(file.read(PIECE))
    return {"sha256_of_pieces": digest.hexdigest()}
