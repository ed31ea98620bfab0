"""A grounding benchmark asked of a real checkpoint on this machine: the tiny one of the buttons benchmark, in batches and one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("transformers", reason="the extra `local` is not installed")

from handeye.agent.models.base import Sampling
from handeye.agent.models.registry import open_model
from handeye.benchmarks import buttons
from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.protocols import open_protocol
from handeye.benchmarks.grounding.suite import GroundingRun, grounding_suite
from handeye.benchmarks.results import read_rows
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.run import RunOptions, run_suite

CHECKPOINT = Path(str(buttons.__file__)).parent / "checkpoint"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """ScreenSpot-v2's layout with three rows about two pictures of the size that the checkpoint knows."""
    folder = tmp_path / "data"
    (folder / "screenspotv2_image").mkdir(parents=True)
    rows = []
    for number, instruction in enumerate(("the red button", "the blue button", "the red one")):
        name = f"web_{number % 2}.png"
        Image.new("RGB", (336, 224), (40 * number, 90, 200)).save(folder / "screenspotv2_image" / name)
        rows.append(
            {"img_filename": name, "bbox": [10, 20, 100, 50], "instruction": instruction, "data_type": "text", "data_source": "tool"}
        )
    for group, some in (("web", rows), ("mobile", []), ("desktop", [])):
        (folder / f"screenspot_{group}_v2.json").write_text(json.dumps(some))
    return folder


def test_the_reply_is_what_the_model_adds_in_batches_as_alone(data: Path, tmp_path: Path) -> None:
    load = LoadOptions(data, partial=True)
    model = open_model(f"transformers:{CHECKPOINT}")
    protocol = replace(open_protocol("screenspot-pro"), sampling=Sampling(max_new_tokens=8))
    suite = grounding_suite(GroundingRun("screenspot-v2", model.name, load, protocol))
    replies = []
    for batch in (0, 1):
        out = tmp_path / f"run-{batch}"
        numbers = run_suite(suite, model, RunOptions(out, batch=batch), None)
        assert (numbers["total"], numbers["errors"]) == (3, 0)
        rows, _ = read_rows(out / "results.jsonl", SampleRow)
        assert all(row.shown == (336, 224) and row.completion_tokens <= 8 and row.verdict for row in rows)
        assert not any(row.reply.startswith(protocol.beginning) for row in rows)
        replies.append({row.id: (row.reply, row.prompt_tokens) for row in rows})
    assert replies[0] == replies[1]
    alone = model.generate(suite.questions[0].prepare().messages, suite.sampling)
    assert replies[0][suite.questions[0].id] == (alone.text, alone.usage.prompt_tokens)
    model.close()
