"""Where a run happens: the processor, the GPUs, the settings of the environment that change results, and the commit of the code."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from handeye.benchmarks.samples.hiding import hidden, secrets_of

SETTINGS = """
    CUDA_VISIBLE_DEVICES CUBLAS_WORKSPACE_CONFIG NVIDIA_TF32_OVERRIDE OMP_NUM_THREADS MKL_NUM_THREADS PYTORCH_CUDA_ALLOC_CONF
    TORCH_ALLOW_TF32_CUBLAS_OVERRIDE VIDEO_MAX_PIXELS FORCE_QWENVL_VIDEO_READER HF_ENDPOINT HF_HUB_OFFLINE
""".split()
"""Variables that change replies or pictures, or which weights a name means (documented by PyTorch, CUDA, qwen-vl-utils and the hub)."""
GIT_S = 10.0
"""A file system on which git takes longer goes without."""


def machine() -> dict[str, Any]:
    """Processor, cores, memory, GPUs and settings. GPUs only where torch is loaded already: it takes seconds, and no others use them."""
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "usable_cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        **_gpus(),
        "codecs": _codecs(),
        "settings": {name: hidden(os.environ[name], secrets_of(os.environ)) for name in SETTINGS if name in os.environ},
    }


def checkout(file: Path = Path(__file__)) -> dict[str, Any]:
    """The commit that `file` is of, and whether tracked files differ from it (`dirty`, with a hash of how); empty outside of a checkout."""
    folder = file.resolve().parent
    # An installed copy may lie in the checkout of another project, which does not track it.
    if _git(folder, "ls-files", "--error-unmatch", "--", file.name) is None:
        return {}
    commit, changes = _git(folder, "rev-parse", "HEAD"), _git(folder, "diff", "HEAD", "--no-ext-diff", "--no-textconv", "--binary")
    if commit is None or changes is None:
        return {}
    dirty = {"dirty": bool(changes)} | ({"changes_sha256": hashlib.sha256(changes).hexdigest()} if changes else {})
    return {"commit": commit.decode("ascii", "replace").strip(), **dirty}


def _git(folder: Path, *arguments: str) -> bytes | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, timeout=GIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def _gpus() -> dict[str, Any]:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return {"gpus": []}
    names = [str(torch.cuda.get_device_name(index)) for index in range(torch.cuda.device_count())]
    return {"gpus": names, "cuda": str(torch.version.cuda or ""), "cudnn": str(torch.backends.cudnn.version() or "")}


def _codecs() -> dict[str, str]:
    """Versions of the libraries that read pictures: two JPEG decoders give two pictures."""
    from PIL import features

    found = {name: features.version(name) for name in ("jpg", "libjpeg_turbo", "zlib", "webp")}
    return {name: str(version) for name, version in found.items() if version}
