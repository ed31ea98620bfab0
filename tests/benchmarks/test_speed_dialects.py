"""The speed benchmark of dialects reports every figure that is asked for. Nothing here depends on how fast the machine is."""

from __future__ import annotations

from handeye.benchmarks.speed_dialects import measure


def test_each_dialect_has_a_worst_reply_and_the_slowest_is_the_headline() -> None:
    report = measure(1, ("showui/point", "uground/point"))
    (table,) = report.tables
    assert [line[0] for line in table.lines] == ["showui/point", "uground/point"]
    assert f"{report.rows[0].value:.1f}" == max((line[1] for line in table.lines), key=float)
