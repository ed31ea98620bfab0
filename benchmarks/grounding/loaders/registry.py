"""Every grounding benchmark by its name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.sample import Dataset
from handeye.tools.errors import SetupError

_LOADERS = {
    "mmbench-gui-l2": "handeye.benchmarks.grounding.loaders.mai_copies:load_mmbench",
    "osworld-g": "handeye.benchmarks.grounding.loaders.osworld_g:load",
    "osworld-g-refined": "handeye.benchmarks.grounding.loaders.osworld_g:load_refined",
    "screenspot": "handeye.benchmarks.grounding.loaders.screenspot_v1:load",
    "screenspot-pro": "handeye.benchmarks.grounding.loaders.screenspot_pro:load",
    "screenspot-v2": "handeye.benchmarks.grounding.loaders.screenspot_v2:load",
    "ui-vision": "handeye.benchmarks.grounding.loaders.mai_copies:load_ui_vision",
}
BENCHMARK_NAMES = tuple(_LOADERS)
"""The names that `load_benchmark` knows."""


def load_benchmark(name: str, options: LoadOptions) -> Dataset:
    """Load a benchmark, every row checked.

    Raises `SetupError` for a name that does not exist, for data that are not there (its fix is the command that fetches them), and
    for data that contradict what is stated about them, with file and row.
    """
    if name not in _LOADERS:
        raise SetupError(f"there is no grounding benchmark {name!r}", fix=f"choose one of {', '.join(BENCHMARK_NAMES)}")
    module, _, function = _LOADERS[name].partition(":")
    return cast(Callable[[LoadOptions], Dataset], vars(import_module(module))[function])(options)
