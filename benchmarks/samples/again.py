"""A run's numbers and report from its folder alone; with the data at hand, with pictures and all that takes judging again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from handeye.agent.models.base import Sampling
from handeye.benchmarks.results import read_rows
from handeye.benchmarks.samples.gallery import Picture
from handeye.benchmarks.samples.numbers import run_numbers
from handeye.benchmarks.samples.question import Asked, Judgement
from handeye.benchmarks.samples.rows import SampleConfiguration, SampleRow
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.errors import SetupError

_FIX = "give the folder of a run of `handeye bench NAME`"


@dataclass(frozen=True)
class Again:
    """What a report is made of."""

    numbers: dict[str, Any]
    rows: tuple[SampleRow, ...]
    picture: Picture | None
    """None without the data."""


def read_run(out: Path, data: Path | None = None, images: Path | None = None) -> Again:
    """The run in the folder `out`; `data` is the benchmark's folder, `images` that of its pictures where they lie elsewhere.

    Raises `SetupError` for a folder that holds no such run and for data that cannot be read, `TrajectoryError` for damaged rows.
    """
    configuration, before = _configuration(out), _before(out)
    rows, _ = read_rows(out / "results.jsonl", SampleRow)
    if not rows:
        raise SetupError(f"{out} has no rows in its results.jsonl.", fix=_FIX)
    suite = Suite(
        title=str(before.get("title") or configuration.benchmark),
        questions=[_Recorded(row) for row in {row.id: row for row in rows}.values()],
        configuration=configuration,
        sampling=Sampling(),
        summary=_summary(configuration, len({row.id for row in rows})),
        notes=tuple(map(str, before.get("notes") or ())),
    )
    numbers = run_numbers(suite, rows)
    numbers["notes"] = list(dict.fromkeys(numbers["notes"]))
    if all(before.get(name) == numbers[name] for name in ("correct", "total", "wrong_format")):
        # Speed, other rules and incomplete episodes do not stand in rows; counts that differ would be those of other rows.
        numbers = {**before, **numbers}
    picture = None if data is None else _pictures(configuration, data, images)
    return Again(numbers, tuple(rows), picture)


def _configuration(out: Path) -> SampleConfiguration:
    path = out / "config.json"
    try:
        return SampleConfiguration.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SetupError(f"{path} cannot be read ({error.strerror}).", fix=_FIX) from error
    except ValidationError as error:
        raise SetupError(f"{path} is not the configuration of a run of single replies.", fix=_FIX) from error


def _before(out: Path) -> Mapping[str, Any]:
    """What the run itself counted; of it only is used what rows do not hold. Empty where it was never written."""
    try:
        found = json.loads((out / "summary.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, eq=False)
class _Recorded:
    """A question as far as its row tells it: enough to count, not to ask."""

    row: SampleRow

    @property
    def id(self) -> str:
        """See `Question`."""
        return self.row.id

    @property
    def instruction(self) -> str:
        """See `Question`."""
        return self.row.instruction

    @property
    def image_name(self) -> str:
        """See `Question`."""
        return self.row.image

    @property
    def target(self) -> Mapping[str, Any]:
        """See `Question`."""
        return self.row.target

    @property
    def cells(self) -> Mapping[str, str]:
        """See `Question`."""
        return self.row.cells

    def picture(self) -> bytes:
        """Raises `SetupError`."""
        raise SetupError(f"a row holds no picture ({self.row.image}).", fix="say --data DIR")

    def prepare(self) -> Asked:
        """Raises `SetupError`."""
        raise SetupError(f"{self.row.id} is read from its row and cannot be asked.", fix="run the benchmark")

    def judge(self, reply: str, asked: Asked) -> Judgement:
        """What the row says."""
        return Judgement(self.row.correct, self.row.verdict, self.row.said)


def _summary(configuration: SampleConfiguration, asked: int) -> Callable[[Sequence[SampleRow]], dict[str, Any]]:
    from handeye.benchmarks.grounding.loaders.registry import BENCHMARK_NAMES
    from handeye.benchmarks.offline.registry import BENCHMARKS

    if configuration.benchmark in BENCHMARK_NAMES:
        from handeye.benchmarks.grounding.scores import row_summary

        return row_summary
    if configuration.benchmark in BENCHMARKS:
        from handeye.benchmarks.offline.recount import recounted

        return lambda rows: recounted(rows, whole=asked == configuration.data.get("samples"))
    raise SetupError(f"there is no benchmark {configuration.benchmark!r} of single replies.", fix="use the version that made the run")


def _pictures(configuration: SampleConfiguration, data: Path, images: Path | None) -> Picture:
    from handeye.benchmarks.grounding.loaders.registry import BENCHMARK_NAMES

    found = (_of_samples if configuration.benchmark in BENCHMARK_NAMES else _of_steps)(configuration, data, images)

    def picture(row: SampleRow) -> bytes:
        if row.id not in found:
            raise SetupError(f"the data in {data.name} do not have {row.id}.", fix="give the data of the run")
        target, read = found[row.id]
        if json.loads(json.dumps(target)) != dict(row.target):
            raise SetupError(f"the data in {data.name} have another target for {row.id}.", fix="give the data of the run")
        return read()

    return picture


_Found = dict[str, tuple[Mapping[str, Any], Callable[[], bytes]]]
"""By id: the target, and how the picture is read."""


def _of_samples(configuration: SampleConfiguration, data: Path, images: Path | None) -> _Found:
    from handeye.benchmarks.grounding.loaders.options import Language, LoadOptions
    from handeye.benchmarks.grounding.loaders.registry import load_benchmark
    from handeye.benchmarks.grounding.questions import drawn_target

    language: Language = "cn" if configuration.data.get("language") == "cn" else "en"
    dataset = load_benchmark(configuration.benchmark, LoadOptions(data, images, language, partial=True))
    return {sample.id: (drawn_target(sample.target), sample.image.read) for sample in dataset.samples}


def _of_steps(configuration: SampleConfiguration, data: Path, images: Path | None) -> _Found:
    from handeye.benchmarks.offline.suite import OfflineOptions, offline_suite

    if images is not None:
        raise SetupError(f"the pictures of {configuration.benchmark} lie where its data say.", fix="leave --images out")
    protocol, chosen = configuration.protocol, configuration.data
    options = OfflineOptions(
        protocol=str(protocol.get("name", "handeye")),
        level=str(protocol.get("level", "")),
        rule=configuration.rules[0],
        dialect=str(protocol.get("dialect", "")),
        group=str(chosen.get("group", "")),
        split=str(chosen.get("split", "")),
    )
    suite = offline_suite(configuration.benchmark, data, configuration.model, options)
    return {question.id: (question.target, question.picture) for question in suite.questions}
