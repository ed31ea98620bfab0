"""Rotary positions of a whole prompt: one row each for time, height and width."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from handeye.agent.models.local.loading import Loaded
    from handeye.agent.models.local.prompt import Prompt


def positions_of(loaded: Loaded, prompt: Prompt, grids: dict[str, Any]) -> torch.Tensor:
    """Shape (3, 1, tokens), on the CPU, from the model's own `get_rope_index` over the whole prompt, whatever of it is cached."""
    import torch

    index = loaded.model.model.get_rope_index
    known = inspect.signature(index).parameters
    arguments = {"mm_token_type_ids": torch.from_numpy(prompt.types)[None], **grids}
    positions, _ = index(torch.from_numpy(prompt.ids)[None], **{name: value for name, value in arguments.items() if name in known})
    return torch.as_tensor(positions)
