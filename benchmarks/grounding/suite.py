"""A grounding benchmark as the runner takes it: its samples under one protocol and one rule for each kind of target."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from handeye.agent.provenance import prompt_hash
from handeye.benchmarks.grounding.images import FileImage
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.loaders.registry import load_benchmark
from handeye.benchmarks.grounding.protocols import CHECKPOINT_MAX_PIXELS, SCREENSPOT_PRO, Protocol
from handeye.benchmarks.grounding.questions import GroundingQuestion, drawn_target
from handeye.benchmarks.grounding.replies import reader_of
from handeye.benchmarks.grounding.rules import choose_rules
from handeye.benchmarks.grounding.sample import Dataset, Sample
from handeye.benchmarks.grounding.scores import row_summary
from handeye.benchmarks.samples.pictures import Pictures
from handeye.benchmarks.samples.rows import SampleConfiguration
from handeye.benchmarks.samples.suite import Suite
from handeye.tools.errors import InvalidAction, SetupError

TITLES = {
    "screenspot": "ScreenSpot",
    "screenspot-v2": "ScreenSpot-v2",
    "screenspot-pro": "ScreenSpot-Pro",
    "osworld-g": "OSWorld-G",
    "osworld-g-refined": "OSWorld-G, refined",
    "mmbench-gui-l2": "MMBench-GUI L2",
    "ui-vision": "UI-Vision",
}
"""What the benchmarks are called."""


_ONLY_THOSE = "give the folder of the images with --images; --with-images asks only the rows whose image is there"


@dataclass(frozen=True)
class GroundingRun:
    """What is asked, how, and of which model."""

    benchmark: str
    model: str
    """The one string that opens it."""
    load: LoadOptions
    protocol: Protocol = SCREENSPOT_PRO
    rules: tuple[str, ...] = ()
    """Names of rules in the place of the defaults."""
    seed: int = 0
    with_images: bool = False
    """Only the rows whose image is there."""
    pictures: Pictures = field(default_factory=Pictures)


def grounding_suite(run: GroundingRun) -> Suite:
    """The benchmark, loaded and checked; the first picture is read, for the hash of its prompt.

    Raises `SetupError` for data or images that are not there or contradict what is stated about them, by file and row, and
    `InvalidAction` for rules that do not exist.
    """
    rules = choose_rules(run.rules)
    load = replace(run.load, need_images=not (run.with_images or run.load.partial))
    try:
        dataset = load_benchmark(run.benchmark, load)
    except SetupError as error:
        lacking = load.need_images and "its image" in str(error.args[0])
        raise SetupError(error.args[0], fix=f"{error.fix}; {_ONLY_THOSE}" if lacking else error.fix) from error
    dataset, notes = _chosen(dataset, run)
    reader = reader_of(run.protocol)
    questions = [GroundingQuestion(sample, run.protocol, reader, rules, run.pictures) for sample in dataset.samples]
    configuration = SampleConfiguration(
        benchmark=dataset.name,
        model=run.model,
        protocol=run.protocol.settings | {"language": load.language, "style": "instruction"},
        rules=rules.used_for([sample.target for sample in dataset.samples]),
        sampling={name: value for name, value in asdict(run.protocol.sampling).items() if name != "seed"},
        seed=run.seed,
        data={
            "sha256": fingerprint(dataset.samples),
            "convention": dataset.convention,
            "language": load.language,
            "samples": len(dataset.samples),
            "chosen": "rows whose image is there" if run.with_images else "all",
        },
        prompt_sha256=_first_prompt(questions),
    )
    return Suite(TITLES[dataset.name], questions, configuration, run.protocol.sampling, row_summary, (*dataset.notes, *notes))


def fingerprint(samples: Sequence[Sample]) -> str:
    """SHA-256 of what a loader gave: ids, names of images, sizes, instructions, targets, cells."""
    digest = hashlib.sha256()
    for sample in samples:
        told = [sample.id, sample.image.name, sample.size, sample.instruction, drawn_target(sample.target)]
        cells = [sample.group, sample.kind, dict(sample.cells)]
        digest.update(json.dumps([*told, cells], ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def _chosen(dataset: Dataset, run: GroundingRun) -> tuple[Dataset, list[str]]:
    notes = []
    if run.with_images:
        kept = tuple(sample for sample in dataset.samples if not isinstance(sample.image, FileImage) or sample.image.path.is_file())
        if not kept:
            raise SetupError(f"not one image of {dataset.name} is there", fix="give the folder of the images with --images")
        if len(kept) < len(dataset.samples):
            notes.append(
                f"Asked are the {len(kept)} rows whose image is there, of {len(dataset.samples)}: no number of the whole benchmark."
            )
        dataset = replace(dataset, samples=kept)
    over = sum(
        sample.size is not None and run.protocol.picture_size(sample.size).area > CHECKPOINT_MAX_PIXELS for sample in dataset.samples
    )
    if over:
        more = f"--mm-processor-kwargs '{{\"max_pixels\": {run.protocol.max_pixels}}}'"
        notes.append(
            f"{over} pictures are shown with more than the {CHECKPOINT_MAX_PIXELS:,} pixels that Qwen2.5-VL's processors allow by default: "
            f"a server must be started with a higher limit (vLLM: {more}), or it shrinks them without a word and the coordinates are wrong."
        )
    return dataset, notes


def _first_prompt(questions: Sequence[GroundingQuestion]) -> str:
    """Empty where the first picture is not there or cannot be shown: its row will say why."""
    try:
        return prompt_hash(questions[0].prepare().messages)
    except (SetupError, InvalidAction):
        return ""
