"""The page of dialects in the docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from handeye.agent.dialects.registry import DIALECT_NAMES
from handeye.agent.dialects.table import model_of, page

PAGE = Path(__file__).parents[3] / "docs/dialects.md"


@pytest.mark.parametrize("name", DIALECT_NAMES)
def test_it_is_said_whose_every_dialect_is(name: str) -> None:
    assert model_of(name)


def test_the_page_is_what_the_code_says_now() -> None:
    if not PAGE.is_file():
        pytest.skip("installed without the docs")
    assert PAGE.read_text(encoding="utf-8") == page(), "run python scripts/dialects_page.py"
