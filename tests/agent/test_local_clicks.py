"""The whole product with a real, tiny checkpoint: pages in Chromium, the weights run here or served, and where the clicks land."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handeye.tools.browser.chromium import find_chromium
from handeye.tools.errors import SetupError
from tests.command_line import handeye_here
from tests.transformers_server import missing, served

CHECKPOINT = Path(__file__).resolve().parents[2] / "benchmarks" / "buttons" / "checkpoint"
PAGES = 12
INSIDE = 11
AGREEING = 11
"""Pages on which the same weights must say the same in two programs. Sums in another order may tip one choice between two digits."""

pytestmark = [
    pytest.mark.skipif(not (CHECKPOINT / "config.json").is_file(), reason=f"there is no trained checkpoint in {CHECKPOINT}"),
    pytest.mark.skipif(bool(missing()), reason=missing()),
]


@pytest.fixture(scope="session", autouse=True)
def chromium() -> None:
    try:
        find_chromium()
    except SetupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """For the weights that are run here, as the server runs them."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def bench(model: str, out: Path) -> dict[str, Any]:
    """What `handeye bench buttons --json` prints."""
    done = handeye_here("bench", "buttons", "--model", model, "--pages", PAGES, "--json", "--out", out)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# Two times twelve replies and two starts of torch, on cores that other tests use too. One test, so that no second worker computes the
# first half again.
@pytest.mark.timeout(600)
def test_clicks_land_inside_the_button_that_is_meant_and_a_server_with_the_same_weights_clicks_the_same(tmp_path: Path) -> None:
    local = bench(f"transformers:{CHECKPOINT}", tmp_path / "local")
    assert local["episodes"] == PAGES
    assert local["verdicts"]["error"] == 0
    assert local["verdicts"]["inside"] >= INSIDE, local["verdicts"]
    # All pages begin with the same system turn, so from the second on most of the prompt is there already.
    assert all(row["cached_tokens"] > row["prompt_tokens"] / 2 for row in local["rows"][1:])
    with served(CHECKPOINT, tmp_path / "server.log") as url:
        remote = bench(f"openai:{CHECKPOINT}@{url}", tmp_path / "served")
    assert remote["verdicts"]["error"] == 0, [row["error"] for row in remote["rows"]]
    pairs = list(zip(local["rows"], remote["rows"], strict=True))
    assert sum(here["click"] == there["click"] for here, there in pairs) >= AGREEING
    assert sum(here["reply"] == there["reply"] for here, there in pairs) >= AGREEING
    assert abs(remote["success_rate"] - local["success_rate"]) <= 1 - AGREEING / PAGES
