"""Several prompts at once: padded on the left, so that all replies begin at the same place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from handeye.agent.models.local.loading import Loaded
from handeye.agent.models.local.positions import positions_of
from handeye.agent.models.local.prompt import Prompt, PromptReader

if TYPE_CHECKING:
    import torch


def buckets(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Indices of `lengths` in groups of like length that have at most `most` tokens with padding, and at least one member."""
    groups: list[list[int]] = []
    # From the longest down, so that what does not fit into memory fails first.
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if groups and (len(groups[-1]) + 1) * lengths[groups[-1][0]] <= most:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


class BatchRun:
    """One batch through the model: `prefill` once, then `advance`. Rows that are complete are taken out."""

    def __init__(self, loaded: Loaded, reader: PromptReader, prompts: Sequence[Prompt]) -> None:
        self._loaded, self._reader, self._prompts = loaded, reader, prompts
        self._rows = list(range(len(prompts)))
        self._cache: Any = None
        self._mask: Any = None
        self._places: Any = None

    def prefill(self) -> torch.Tensor:
        """Scores of shape (prompts, vocabulary) after each prompt."""
        import torch
        from transformers import DynamicCache

        loaded, prompts = self._loaded, self._prompts
        longest = max(len(prompt) for prompt in prompts)
        ids = torch.full((len(prompts), longest), self._padding(), dtype=torch.long)
        mask = torch.zeros_like(ids)
        positions = torch.zeros((3, len(prompts), longest), dtype=torch.long)
        for row, prompt in enumerate(prompts):
            begin = longest - len(prompt)
            ids[row, begin:] = torch.from_numpy(prompt.ids)
            mask[row, begin:] = 1
            positions[:, row, begin:] = positions_of(loaded, prompt, self._reader.grids(prompt.seen))[:, 0]
        inputs = self._reader.inputs([seen for prompt in prompts for seen in prompt.seen])
        inputs.pop("second_per_grid_ts", None)
        self._cache = DynamicCache(config=loaded.model.config.get_text_config())
        self._mask, positions = mask.to(loaded.device), positions.to(loaded.device)
        self._places = positions.amax(dim=(0, 2)) + 1
        with torch.inference_mode():
            out = loaded.model(
                input_ids=ids.to(loaded.device),
                attention_mask=self._mask,
                position_ids=positions,
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
                **inputs,
            )
        return torch.as_tensor(out.logits[:, -1])

    def advance(self, rows: Sequence[int], tokens: Sequence[int]) -> torch.Tensor:
        """Scores of shape (rows, vocabulary) after one more token each; the other rows are over."""
        import torch

        device = self._loaded.device
        if len(rows) < len(self._rows):
            left = torch.tensor([self._rows.index(row) for row in rows], device=device)
            self._cache.batch_select_indices(left)
            self._mask, self._places, self._rows = self._mask[left], self._places[left], list(rows)
        self._mask = torch.cat((self._mask, torch.ones_like(self._mask[:, :1])), dim=1)
        with torch.inference_mode():
            out = self._loaded.model(
                input_ids=torch.tensor(tokens, device=device)[:, None],
                attention_mask=self._mask,
                position_ids=self._places.expand(3, -1)[:, :, None],
                past_key_values=self._cache,
                use_cache=True,
            )
        self._places = self._places + 1
        return torch.as_tensor(out.logits[:, -1])

    def _padding(self) -> int:
        tokenizer = self._loaded.processor.tokenizer
        return int(tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id)
