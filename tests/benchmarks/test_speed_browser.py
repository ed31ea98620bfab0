"""The speed benchmark of the browser measures and reports; its figures are not tested."""

from __future__ import annotations

import json
from io import StringIO

from rich.console import Console

from handeye.benchmarks.settle_pages import SCENARIOS
from handeye.benchmarks.speed import SpeedReport, SpeedRow, compared, render
from handeye.benchmarks.speed_browser import measure


def test_a_ratio_is_to_the_baseline() -> None:
    assert compared("a", 3.0, "s", 2.0) == SpeedRow("a", 3.0, "s", 2.0, 1.5)
    assert compared("a", 3.0, "s", 0.0).ratio is None


def test_measures_and_reports() -> None:
    chosen = [scenario for scenario in SCENARIOS if scenario.name in ("instant", "debounce 0.25 s + fetch 0.15 s")]
    report = measure(1, chosen)
    assert isinstance(report, SpeedReport)
    data = json.loads(json.dumps(report.as_dict()))
    first = data["rows"][0]
    assert set(first) == {"name", "value", "unit", "baseline", "ratio"}
    assert first["ratio"] == first["value"] / first["baseline"] > 0
    lines = {line[0]: line for line in data["tables"][0]["lines"]}
    assert [lines[scenario.name][2:4] for scenario in chosen] == [["1/1", "0"]] * 2
    text = StringIO()
    Console(file=text, width=220).print(render(report))
    assert "debounce" in text.getvalue()
    assert "Trust the ratios" in text.getvalue()
