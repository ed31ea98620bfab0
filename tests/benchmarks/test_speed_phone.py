"""The speed benchmark of the phone runs and reports every figure that is asked for."""

from __future__ import annotations

import json

import pytest

from handeye.benchmarks import speed_phone
from handeye.tools.errors import SetupError


def test_every_figure_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_phone, "ROUNDS", 1)
    monkeypatch.setattr(speed_phone, "TAPS", 1)
    try:
        report = speed_phone.measure(1, 1)
    except SetupError as error:
        pytest.skip(str(error))
    rows = {row.name: row for row in report.rows}
    for screen in ("home", "settings"):
        for form in ("raw", "png"):
            against = rows[f"screenshot of {screen}, {form} (baseline: adbutils)"]
            assert against.ratio == pytest.approx(against.value / (against.baseline or 0))
            assert f"screenshot of {screen}, {form} (baseline: floor)" in rows
    assert all(row.value > 0 for row in report.rows)
    assert {"tap step without the model: a page opens", "reset of the simulated phone"} <= set(rows)
    json.dumps(report.as_dict())
