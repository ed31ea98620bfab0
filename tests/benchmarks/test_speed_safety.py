"""The speed benchmark of safety measures and reports; its figures are not tested."""

from __future__ import annotations

import pytest

from handeye.benchmarks.speed_pages import PICTURES, SCRIPTS, SHEETS, page_files
from handeye.benchmarks.speed_safety import page_load
from handeye.tools.errors import SetupError


def test_the_page_has_forty_resources() -> None:
    files = page_files()
    assert len(files) == 1 + PICTURES + SCRIPTS + SHEETS == 41
    html = files["/"][1].decode()
    assert all(f'"{path}"' in html for path in files if path != "/")


def test_measures_a_page_with_the_proxy_and_without() -> None:
    try:
        rows = page_load(1)
    except SetupError as error:
        pytest.skip(str(error))
    assert rows[0].name.startswith("page of forty resources by http ")
    assert rows[-1].name == "start of the proxy"
    for row in rows[:-1]:
        assert row.baseline is not None
        assert row.ratio == row.value / row.baseline > 0
