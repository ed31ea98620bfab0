"""Attention of the vision tower where flash-attention is not at hand: pieces of like length are computed beside each other.

The tower sees each picture, or each window of 112 pixels in most layers of Qwen2.5-VL, for itself. Without flash-attention transformers
calls the attention once for each of them: for a screen of 1280x800 that is 96 windows in each of 28 layers, and a GPU waits for the
program most of the time. The windows of a screen have four lengths, so four calls do. On a CPU it makes no difference.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

NAME = "handeye_flash_windows"
"""Has "flash" in it: transformers (utils/generic.py, `is_flash_attention_requested`) hands all pieces over at once to such a one alone."""


def group_windows(model: Any) -> None:
    """Let the vision tower of `model` compute pieces of like length beside each other, if it uses sdpa. The sums stay the same."""
    from transformers import AttentionInterface

    config = model.model.visual.config
    if config._attn_implementation == "sdpa":
        AttentionInterface.register(NAME, _attend)
        config._attn_implementation = NAME


_known: list[tuple[torch.Tensor, list[torch.Tensor]]] = []
"""The last ends of pieces, and their places: the layers of a tower share two of them, and reading them from a GPU waits for it."""


def _places(ends: torch.Tensor) -> list[torch.Tensor]:
    """For each length of piece that there is, the places of its tokens: (pieces, length)."""
    import torch

    for known, places in tuple(_known):
        if known is ends:
            return places
    starts: dict[int, list[int]] = {}
    read = ends.tolist()
    for start, end in itertools.pairwise(read):
        if end > start:
            starts.setdefault(end - start, []).append(start)
    places = [(torch.tensor(begin)[:, None] + torch.arange(length)).to(ends.device) for length, begin in starts.items()]
    _known[:] = [*_known[-1:], (ends, places)]
    return places


def _attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    cu_seq_lens_q: torch.Tensor,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """As transformers calls attentions: tensors of shape (1, heads, tokens, size); `cu_seq_lens_q` has the ends of the pieces.

    Gives (1, tokens, heads, size).
    """
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    queries, keys, values = (tensor[0].transpose(0, 1) for tensor in (query, key, value))
    out = torch.empty_like(queries)
    for places in _places(cu_seq_lens_q):
        asked, known, told = (rows[places].transpose(1, 2) for rows in (queries, keys, values))
        out[places] = scaled_dot_product_attention(asked, known, told, scale=scaling).transpose(1, 2)
    return out[None], None
