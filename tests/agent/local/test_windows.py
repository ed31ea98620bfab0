"""The vision tower's attention over pieces of like length: the same sums as transformers' own, in few calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from handeye.agent.messages import Message, Picture, Video
from handeye.agent.models.local.loading import Loaded, load
from handeye.agent.models.local.options import LocalOptions
from handeye.agent.models.local.prompt import PromptReader
from handeye.agent.models.local.windows import group_windows

from .conftest import FACTORS  # isort: skip

if TYPE_CHECKING:
    import torch


def seen_by(loaded: Loaded, parts: tuple[Picture | Video, ...], name: str) -> torch.Tensor:
    """What the tower makes of pictures or of videos, with the attention of that name."""
    reader = PromptReader(loaded)
    inputs = reader.inputs(reader.prompt([Message("user", (*parts, "Where?"))]).seen)
    pixels = next(value for key, value in inputs.items() if key.startswith("pixel_values"))
    grid = next(value for key, value in inputs.items() if key.endswith("grid_thw"))
    tower = loaded.model.model.visual
    tower.config._attn_implementation = name
    import torch

    with torch.inference_mode():
        return torch.as_tensor(tower(pixels, grid_thw=grid).pooler_output)


@pytest.mark.parametrize("family", sorted(FACTORS))
def test_the_tower_sees_what_it_sees_with_transformers_own_attention(
    checkpoints: dict[str, Path], family: str, picture: Callable[..., Picture], video: Callable[..., Video]
) -> None:
    from torch.testing import assert_close

    loaded, side = load(str(checkpoints[family]), LocalOptions()), FACTORS[family]
    group_windows(loaded.model)
    name = loaded.model.model.visual.config._attn_implementation
    assert name != "sdpa"
    one, other = picture(1, 9 * side, 5 * side), picture(2, 3 * side, 6 * side)
    for parts in ((one,), (one, other, one), (video(1, 4, 5 * side, 3 * side),)):
        assert_close(seen_by(loaded, parts, name), seen_by(loaded, parts, "sdpa"), atol=1e-5, rtol=0)
    # Ends of another picture's pieces, as many as before, are read anew.
    assert_close(seen_by(loaded, (other, one), name), seen_by(loaded, (other, one), "sdpa"), atol=1e-5, rtol=0)


def test_windows_of_equal_length_are_computed_in_one_call(
    folder: Path, picture: Callable[..., Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    loaded = load(str(folder), LocalOptions())
    group_windows(loaded.model)
    name = loaded.model.model.visual.config._attn_implementation
    whole, calls = torch.nn.functional.scaled_dot_product_attention, 0

    def counted(*tensors: Any, **options: Any) -> torch.Tensor:
        nonlocal calls
        calls += 1
        return whole(*tensors, **options)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", counted)
    # Windows of 112 pixels: 3 by 2 whole ones in each, rims of 28 on two sides and a corner: three lengths.
    parts = (picture(1, 364, 252), picture(2, 364, 252))
    seen_by(loaded, parts, name)
    layers, all_at_once = loaded.model.config.vision_config.depth, len(loaded.model.config.vision_config.fullatt_block_indexes)
    assert calls == 3 * (layers - all_at_once) + all_at_once
    calls = 0
    seen_by(loaded, parts, "sdpa")
    assert calls == 2 * 12 * (layers - all_at_once) + 2 * all_at_once


def test_another_attention_that_was_asked_for_is_kept(folder: Path) -> None:
    loaded = load(str(folder), LocalOptions(attn="eager"))
    group_windows(loaded.model)
    assert loaded.model.model.visual.config._attn_implementation == "eager"
