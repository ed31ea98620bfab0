"""Where a result comes from: what can change it, for the record of an episode."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import metadata

from handeye.agent.messages import Message

PACKAGES = """
    handeye accelerate av bitsandbytes datasets flash-attn httpx llguidance modelscope numpy onnxruntime openai
    opencv-python opencv-python-headless pillow playwright pyarrow qwen-vl-utils rapidfuzz rapidocr
    safetensors tokenizers torch torchvision transformers triton vllm
""".split()
"""What reads and resizes pictures, writes prompts, computes replies or judges them."""


def prompt_hash(messages: Sequence[Message]) -> str:
    """SHA-256 of the text parts of a prompt."""
    digest = hashlib.sha256()
    for message in messages:
        digest.update(f"{message.role}\0{message.text}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of what can change a result, as far as it was installed when this process first asked: what it has loaded stays the same."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def now() -> str:
    """The time, in UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
