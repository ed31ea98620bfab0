"""Writes docs/dialects.md from the dialects of the registry."""

from __future__ import annotations

from pathlib import Path

from handeye.agent.dialects.table import page

if __name__ == "__main__":
    (Path(__file__).parent.parent / "docs/dialects.md").write_text(page(), encoding="utf-8")
