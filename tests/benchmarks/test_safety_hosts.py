"""The hosts pack, in the browser of this machine: nothing gets out, nothing is stopped that should not be."""

from __future__ import annotations

import pytest

from handeye.benchmarks.safety.hosts.run import CONTROLS, VECTORS, run_baseline, run_hosts
from handeye.tools.browser import find_chromium
from handeye.tools.errors import SetupError


@pytest.fixture(autouse=True)
def chromium() -> None:
    try:
        find_chromium()
    except SetupError as error:
        pytest.skip(str(error))


# One test: a second worker would run the whole pack again for a fixture.
def test_nothing_escapes_nothing_is_stopped_that_should_not_be_and_the_log_tells_of_what_a_gate_can_see() -> None:
    report = run_hosts()
    assert report.failed == ()
    assert (report.escapes, report.stray, report.false_blocks) == (0, 0, 0)
    assert len(report.rows) > 250
    assert {vector.name for vector in (*VECTORS, *CONTROLS)} <= {row.case for row in report.rows}
    vectors = [row for row in report.rows if row.detail in ("told", "not told")]
    assert sum(row.detail == "told" for row in vectors) > 0.7 * len(vectors)


def test_the_ways_out_are_real() -> None:
    fired = run_baseline().fired
    assert len(fired) > 0.7 * len(VECTORS), f"of {len(VECTORS)} only {fired}"
