"""The offline benchmarks by name: how each is read, in which dialect it is answered, and which rules score it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from handeye.benchmarks.offline.fields import distinct
from handeye.benchmarks.offline.step import OfflineEpisode
from handeye.tools.errors import SetupError
from handeye.tools.geometry import Size

MOBILE, COMPUTER = "qwen2.5-vl/mobile_use", "qwen2.5-vl/computer_use"


@dataclass(frozen=True)
class OfflineBenchmark:
    """One benchmark."""

    name: str
    title: str
    dialect: str
    """The one in which its gold actions can be said."""
    rules: tuple[str, ...]
    """Names of `handeye.benchmarks.offline.rules.registry`, the published one first."""
    fetch: str
    """How the data comes here."""
    convention: str
    """How its places are written; every one was checked against it."""
    for_points: str = ""
    """The rule for models that point, where the benchmark's own judges boxes."""

    @property
    def run_rule(self) -> str:
        """The rule whose verdict counts when a model is asked, unless another is named: dialects of models point."""
        return self.for_points or self.rules[0]


BENCHMARKS: dict[str, OfflineBenchmark] = {
    bench.name: bench
    for bench in (
        OfflineBenchmark(
            "aitz",
            "AITZ",
            MOBILE,
            ("coat", "coat-released", "coat-point", "agentcpm-gui"),
            "git clone https://github.com/IMNearth/CoAT, then fetch the archive that its README links",
            "touches are strings [y, x] in parts of the picture, elements strings [[y, x, h, w], ...] in its pixels",
            for_points="agentcpm-gui",
        ),
        OfflineBenchmark(
            "android_control",
            "AndroidControl",
            MOBILE,
            ("qwen", "qwen-corrected", "os-atlas", "os-atlas-corrected", "uground", "clawgui", "clawgui-corrected"),
            "gcloud storage cp 'gs://gresearch/android_control/*' android_control/   "
            "(or android_control_evaluation_std.jsonl from https://github.com/X-PLUG/MobileAgent, UI-S1/evaluation/dataset)",
            "points and [x1, y1, x2, y2] boxes in pixels of the stored screenshot; a direction names the content that appears",
        ),
        OfflineBenchmark(
            "agentnetbench",
            "AgentNetBench",
            COMPUTER,
            ("agentnetbench", "agentnetbench-released", "agentnetbench-2025-08", "agentnetbench-strict"),
            "git clone https://github.com/xlang-ai/OpenCUA; the sample is evaluation/agentnetbench/sample_data",
            "positions and [x, y, w, h] boxes in parts of the picture; boxes in pixels are compared with them",
        ),
    )
}
"""In the order in which they are listed."""


def find_benchmark(name: str) -> OfflineBenchmark:
    """The benchmark called `name`. Raises `SetupError` for another name."""
    if name not in BENCHMARKS:
        raise SetupError(f"There is no offline benchmark {name!r}.", fix=f"choose one of {', '.join(BENCHMARKS)}")
    return BENCHMARKS[name]


def load_episodes(name: str, folder: Path, size: Size | None = None, pictures: bool = False) -> Iterator[OfflineEpisode]:
    """The episodes of benchmark `name` under `folder`, read as they are asked for.

    `size`: of screens whose size neither annotation nor picture tells. `pictures`: keep those that lie in the annotation's own file, which
    for AndroidControl's TFRecords is most of their 50 GB. Raises `SetupError` for a folder without data, and for
    anything in it that is not as the loader's module says, with file and row.
    """
    bench = find_benchmark(name)
    if not folder.is_dir():
        raise SetupError(f"There is no folder {folder} with the data of {bench.title}.", fix=bench.fetch)
    episodes = distinct(_load(bench, folder, size))
    return episodes if pictures else map(_without_pictures, episodes)


def _without_pictures(episode: OfflineEpisode) -> OfflineEpisode:
    return replace(episode, steps=tuple(replace(step, picture=b"") if step.picture else step for step in episode.steps))


def _load(bench: OfflineBenchmark, folder: Path, size: Size | None) -> Iterator[OfflineEpisode]:
    if bench.name != "android_control":
        module = {"aitz": "aitz", "agentnetbench": "agentnet"}[bench.name]
        yield from import_module(f"handeye.benchmarks.offline.loaders.{module}").load(folder, size)
        return
    prepared, original = sorted(folder.glob("*.jsonl")), sorted(folder.glob("android_control-*-of-*"))
    if bool(prepared) == bool(original):
        found = "both JSON Lines and TFRecords" if prepared else "neither a .jsonl file nor android_control-*-of-* TFRecords"
        raise SetupError(f"{folder} holds {found}.", fix="keep one kind of file in the folder" if prepared else bench.fetch)
    module = "ui_s1" if prepared else "android_control"
    for path in prepared or original:
        yield from import_module(f"handeye.benchmarks.offline.loaders.{module}").load(path, size)
