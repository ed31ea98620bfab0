"""Which dialect reads which rows of the real replies (`given.jsonl` of HANDEYE_DATA), by the rows' own names for dialects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handeye.tools.geometry import Size

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Given:
    """How rows are read."""

    dialect: str
    """Its name in the registry."""
    options: Mapping[str, Any] = field(default_factory=dict)
    screen: Size = Size(1000, 1000)
    """The screen of rows that state none, of a size that the dialect's picture keeps: the model's pixels are its pixels."""


def qwen25(row: Row) -> Given:
    pixels = 3_500_000 if row["id"].startswith("segui") else 12_845_056
    screen = Size(1092, 2408) if row["dialect"].endswith("use") else Size(2548, 1428)
    return Given(row["dialect"], {"max_pixels": pixels}, screen)


def ui_tars(row: Row) -> Given:
    if not row["space"] or row["space"].startswith("absolute"):
        return Given("ui-tars-1.5/computer", screen=Size(1932, 1092))
    return Given("ui-tars/computer")


def showui(row: Row) -> Given:
    return Given("showui/point" if row["id"] == "showui-ground" else "showui/web")


GIVEN: dict[str, Given | Callable[[Row], Given]] = {
    "qwen2.5-vl/computer_use": qwen25,
    "qwen2.5-vl/mobile_use": qwen25,
    "qwen2.5-vl/point": qwen25,
    "qwen3-vl/mobile_use": Given("qwen3-vl/mobile_use"),
    "qwen3-vl/json": Given("json"),
    "qwen-xml/computer_use": Given("qwen-xml/computer_use"),
    "qwen2-vl/box": Given("qwen2-vl/box"),
    "fara": Given("fara/browser", screen=Size(1428, 896)),
    "gui-owl-1": Given("gui-owl-1/computer_use"),
    "holo": Given("holo/point"),
    "opencua": Given("opencua/computer", screen=Size(1932, 1092)),
    "kimi": Given("kimi/computer", screen=Size(1920, 1080)),
    "openai-computer": Given("openai-computer"),
    "anthropic-computer": Given("anthropic-computer"),
    "ui-tars": ui_tars,
    "autoglm": Given("autoglm/phone"),
    "agentcpm-gui": Given("agentcpm-gui/phone"),
    "stepgui": Given("stepgui/phone"),
    "mai-ui": Given("mai-ui/point"),
    "os-atlas-base": Given("os-atlas-base/point"),
    "os-atlas-pro": Given("os-atlas-pro/phone"),
    "showui": showui,
    "aguvis": Given("aguvis/computer"),
}
"""One line for each name in the rows. Rows of other names are not tried."""
