"""Every episode benchmark by its name: what reads its folders again, for reports, merged runs and comparisons."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from handeye.benchmarks.episodes.report import Wording
from handeye.benchmarks.episodes.rows import EpisodeRow, RunConfiguration
from handeye.tools.errors import TrajectoryError


@dataclass(frozen=True)
class EpisodeBenchmark:
    """What is computed from a folder alone."""

    configuration: type[RunConfiguration]
    summary: Callable[[Any, Sequence[EpisodeRow]], dict[str, Any]]
    """Takes a configuration and rows."""
    wording: Callable[[Any], Wording]
    """Takes a configuration."""


_BENCHMARKS = {
    "androidworld": "handeye.benchmarks.androidworld.bench:BENCHMARK",
    "desktop": "handeye.benchmarks.desktop.bench:BENCHMARK",
    "miniwob": "handeye.benchmarks.miniwob.bench:BENCHMARK",
    "simphone": "handeye.benchmarks.simphone.bench:BENCHMARK",
    "webgames": "handeye.benchmarks.webgames.bench:BENCHMARK",
}


def open_folder(out: Path) -> tuple[EpisodeBenchmark, RunConfiguration]:
    """The benchmark and the configuration of a run's folder. Raises `TrajectoryError` for a folder that is none of an episode benchmark."""
    path = out / "config.json"
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise TrajectoryError(
            f"{out} is no folder of a run: {path.name} cannot be read ({error}).", fix="name the --out of a run"
        ) from error
    name = found.get("benchmark") if isinstance(found, dict) else None
    if name not in _BENCHMARKS:
        raise TrajectoryError(
            f"{out} is no run of {', '.join(_BENCHMARKS)} (its benchmark is {name!r}).", fix="name the --out of such a run"
        )
    module, _, variable = _BENCHMARKS[name].partition(":")
    benchmark = cast(EpisodeBenchmark, getattr(import_module(module), variable))
    try:
        return benchmark, benchmark.configuration.model_validate(found)
    except ValidationError as error:
        raise TrajectoryError(f"{path} is not one of this version's ({error.errors()[0]['msg']}).", fix="run it again") from error
