"""The speed benchmark of safety measures and reports; its figures are not tested."""

from __future__ import annotations

import pytest

from handeye.benchmarks import speed_look, speed_look_devices, speed_safety
from handeye.benchmarks.speed_pages import PICTURES, SCRIPTS, SHEETS, page_files
from handeye.benchmarks.speed_safety import page_load
from handeye.tools.errors import SetupError


def test_the_page_has_forty_resources() -> None:
    files = page_files()
    assert len(files) == 1 + PICTURES + SCRIPTS + SHEETS == 41
    html = files["/"][1].decode()
    assert all(f'"{path}"' in html for path in files if path != "/")


def test_measures_a_page_with_the_proxy_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_safety, "LOADS", 2)
    monkeypatch.setattr(speed_safety, "WARM", 1)
    try:
        rows = page_load(1)
    except SetupError as error:
        pytest.skip(str(error))
    assert rows[0].name.startswith("page of forty resources by http ")
    assert rows[-1].name == "start of the proxy"
    for row in rows[:-1]:
        assert row.baseline is not None
        assert row.ratio == row.value / row.baseline > 0


def test_measures_looks_in_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_look, "LOOKS", 1)
    monkeypatch.setattr(speed_look, "STEPS", 1)
    try:
        names = {row.name for row in speed_look.rows(1, nodes=60)}
    except SetupError as error:
        pytest.skip(str(error))
    kinds = {"a button", "a field", "plain words", "the focus", "the focus before Enter"}
    assert {f"look at {kind}, {page}" for kind in kinds for page in ("small page", "a form of 60 fields")} <= names


def test_measures_looks_at_a_desktop_and_a_phone_or_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed_look_devices, "LOOKS", 1)
    rows, notes = speed_look_devices.rows(1)
    said = [row.name for row in rows] + notes
    assert all(any(device in text for text in said) for device in ("virtual desktop", "simulated phone"))
    assert all(row.value > 0 for row in rows)
    monkeypatch.setattr(speed_look_devices, "DIALOG", ("no-such-program",))
    monkeypatch.setattr(speed_look_devices, "APPS", {})
    rows, notes = speed_look_devices.rows(1)
    assert not rows
    assert notes[0].startswith("No look on a virtual desktop: no-such-program is not installed")
