"""The peak of memory while something runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def peak_memory(device: str) -> Iterator[Callable[[], float | None]]:
    """Gives the peak inside the block, in GiB: the allocations on a GPU (`device` is `cuda`), else the process on Linux; None elsewhere."""
    if device == "cuda":
        import torch

        torch.cuda.reset_peak_memory_stats()
        yield lambda: float(torch.cuda.max_memory_allocated()) / 2**30
        return
    try:
        # 5 sets VmHWM back (Linux: Documentation/filesystems/proc.rst).
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        yield lambda: None
        return
    yield _resident_peak


def _resident_peak() -> float | None:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 2**20
    return None
