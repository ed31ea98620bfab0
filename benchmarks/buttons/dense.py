"""What every visual token of a screen should know, and heads that learn to tell it; they are thrown away after training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from handeye.benchmarks.buttons.screens import COLOURS, VIEWPORT, Button, Screen
from handeye.tools.geometry import Size

if TYPE_CHECKING:
    from torch import Tensor, nn

TOKEN = 28
"""Pixels of the picture across and down one visual token."""
GRID = Size(VIEWPORT.width // TOKEN, VIEWPORT.height // TOKEN)
COLOUR_NAMES = sorted(COLOURS)
LEAST = 0.08
"""Share of a token that a button must cover to count there."""


def make_heads(config: Any) -> nn.ModuleDict:
    from torch import nn

    width = config.text_config.hidden_size
    outputs = len(COLOUR_NAMES) + 1 + 4 + 2

    def head() -> nn.Module:
        return nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, outputs))

    return nn.ModuleDict({"vision": head(), "text": head(), "answer": head()})


def dense_targets(screens: Sequence[Screen], device: str) -> dict[str, Tensor]:
    """For every visual token: the button that covers most of it (colour and box), and its own place. Sizes in tokens."""
    import torch

    count = len(screens)
    colour = torch.zeros(count, GRID.height, GRID.width, dtype=torch.long)
    box = torch.zeros(count, GRID.height, GRID.width, 4)
    share = torch.zeros(count, GRID.height, GRID.width)
    for number, screen in enumerate(screens):
        for button in screen.buttons:
            left, top, right, bottom = (edge / TOKEN for edge in button.box)
            for row in range(int(top), min(GRID.height, math.ceil(bottom))):
                for column in range(int(left), min(GRID.width, math.ceil(right))):
                    covered = (min(right, column + 1) - max(left, column)) * (min(bottom, row + 1) - max(top, row))
                    if covered > max(LEAST, float(share[number, row, column])):
                        share[number, row, column] = covered
                        colour[number, row, column] = COLOUR_NAMES.index(button.colour) + 1
                        box[number, row, column] = torch.tensor([left, top, right, bottom])
    rows, columns = torch.meshgrid(torch.arange(GRID.height), torch.arange(GRID.width), indexing="ij")
    place = torch.stack((columns, rows), dim=-1).float().expand(count, -1, -1, -1)
    flat = {"colour": colour.flatten(1), "box": box.flatten(1, 2), "place": place.flatten(1, 2)}
    return {name: value.to(device) for name, value in flat.items()}


def answer_losses(out: Tensor, about: Sequence[Button]) -> dict[str, Tensor]:
    """How well each token, a row of `out`, knows the button that its question is about: colour and box."""
    import torch
    from torch.nn import functional

    count = len(COLOUR_NAMES) + 1
    colour = torch.tensor([COLOUR_NAMES.index(button.colour) + 1 for button in about], device=out.device)
    box = torch.tensor([[edge / TOKEN for edge in button.box] for button in about], device=out.device)
    return {
        "answer_colour": 0.5 * functional.cross_entropy(out[:, :count], colour),
        "answer_box": functional.smooth_l1_loss(out[:, count : count + 4], box, beta=0.2),
    }


def head_losses(out: Tensor, targets: dict[str, Tensor], kind: str) -> dict[str, Tensor]:
    from torch.nn import functional

    count = len(COLOUR_NAMES) + 1
    colour, box, place = out[..., :count], out[..., count : count + 4], out[..., count + 4 :]
    on_button = targets["colour"] > 0
    at = targets["place"]
    wanted = targets["box"] if kind == "absolute" else targets["box"] - at.repeat(1, 1, 2)
    losses = {
        f"{kind}_colour": functional.cross_entropy(colour.flatten(0, 1), targets["colour"].flatten()),
        f"{kind}_box": functional.smooth_l1_loss(box[on_button], wanted[on_button], beta=0.2),
    }
    if kind == "absolute":
        losses["absolute_place"] = functional.smooth_l1_loss(place, at, beta=0.2)
    return losses
