from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of public reference data that HANDEYE_DATA names; tests that need it are skipped without."""
    folder = os.environ.get("HANDEYE_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("HANDEYE_DATA names no folder of reference data")
    return Path(folder)
