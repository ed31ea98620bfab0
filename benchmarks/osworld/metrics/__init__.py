"""Metrics of OSWorld's evaluators by their names.

A metric takes what the result getter gave, what the expected getter gave (if there is one) and the options, and says how well they go
together: 0 to 1. What OSWorld's metrics mean is kept; their code is not used.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from handeye.benchmarks.osworld.metrics import archives, docs, files, pictures, slides, tables, values, vlc, web

Metric = Callable[..., float]

_MODULES: tuple[ModuleType, ...] = (archives, docs, files, pictures, slides, tables, values, vlc, web)
_INNER = ("pdf_text", "paragraphs", "setting", "similarity", "same_address")
"""Public functions that are no metrics."""


def _public(module: ModuleType) -> dict[str, Metric]:
    return {
        name: found
        for name, found in vars(module).items()
        if inspect.isfunction(found) and found.__module__ == module.__name__ and not name.startswith("_") and name not in _INNER
    }


METRICS: dict[str, Metric] = {name: metric for module in _MODULES for name, metric in _public(module).items()}
"""Every metric that there is here, by the name that the JSON gives in `func`: the public functions of these modules."""


def measure(name: str, result: Any, expected: Any, has_expected: bool, options: dict[str, Any]) -> float:
    """The score of one metric. Raises what broken documents and wrong options make it raise."""
    metric = METRICS[name]
    given = [result, expected] if has_expected else [result]
    return max(0.0, min(1.0, float(metric(*given, **options))))
