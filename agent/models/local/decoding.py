"""Token by token: choose, check whether the reply is complete, go on. One row or several at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from handeye.agent.models.base import Sampling
from handeye.agent.models.local.forms import Form

if TYPE_CHECKING:
    import torch

Finish = Literal["stop", "end", "form", "length"]
"""Why a reply ended: one of `Sampling.stop` was met, the model ended its turn, its form is complete, or the limit was reached."""
Advance = Callable[[Sequence[int], Sequence[int]], "torch.Tensor"]
"""Computes one more token each for some rows: (their indices, their tokens) -> scores of shape (rows, vocabulary)."""


@dataclass(eq=False)
class Row:
    """One reply that is being generated."""

    prompt: Sequence[int]
    form: Form | None = None
    ids: list[int] = field(default_factory=list)
    """What was generated; the token that ends the turn is not among it."""
    text: str = ""
    finish: Finish | None = None


class Decoder:
    """Chooses tokens for one tokenizer."""

    def __init__(self, tokenizer: Any, ends: tuple[int, ...]) -> None:
        self._tokenizer, self._ends = tokenizer, frozenset(ends)

    def run(self, rows: Sequence[Row], scores: torch.Tensor, sampling: Sampling, advance: Advance) -> None:
        """Fill `rows`; `scores` of shape (rows, vocabulary) are those after the prompts."""
        choose = _Chooser(sampling, scores.device)
        open_rows = list(range(len(rows)))
        while open_rows:
            tokens = choose([rows[index] for index in open_rows], scores)
            for index, token in zip(open_rows, tokens, strict=True):
                self._add(rows[index], token, sampling)
            open_rows = [index for index in open_rows if rows[index].finish is None]
            if open_rows:
                scores = advance(open_rows, [rows[index].ids[-1] for index in open_rows])

    def _add(self, row: Row, token: int, sampling: Sampling) -> None:
        if row.form is not None:
            row.form.take(token)
        if token in self._ends:
            row.finish = "end"
        else:
            row.ids.append(token)
            if sampling.stop and self._stops(row.ids, sampling.stop):
                row.finish = "stop"
            elif row.form is not None and row.form.complete:
                row.finish = "form"
            elif len(row.ids) >= sampling.max_new_tokens:
                row.finish = "length"
        if row.finish is not None:
            row.text = self._text(row.ids, sampling.stop)

    def _stops(self, ids: Sequence[int], stops: Sequence[str]) -> bool:
        """Whether one of `stops` is at the end; a token has at least one byte, so as many tokens as the text has bytes hold it."""
        window = max(len(stop.encode()) for stop in stops) + 4
        tail = self._tokenizer.decode(ids[-window:], skip_special_tokens=False)
        return any(stop in tail for stop in stops)

    def _text(self, ids: Sequence[int], stops: Sequence[str]) -> str:
        # Boxes and references are special tokens in this family, and belong to the reply.
        text = str(self._tokenizer.decode(ids, skip_special_tokens=False))
        ends = [text.index(stop) + len(stop) for stop in stops if stop in text]
        return text[: min(ends)] if ends else text


class _Chooser:
    def __init__(self, sampling: Sampling, device: torch.device) -> None:
        from transformers import (
            LogitsProcessorList,
            RepetitionPenaltyLogitsProcessor,
            TemperatureLogitsWarper,
            TopKLogitsWarper,
            TopPLogitsWarper,
        )

        self._sampling = sampling
        self._penalty = RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty) if sampling.repetition_penalty != 1.0 else None
        warpers: list[Any] = []
        if sampling.temperature > 0:
            warpers.append(TemperatureLogitsWarper(sampling.temperature))
            if sampling.top_k:
                warpers.append(TopKLogitsWarper(sampling.top_k))
            if sampling.top_p < 1:
                warpers.append(TopPLogitsWarper(sampling.top_p))
        self._warpers = LogitsProcessorList(warpers)
        self._generators: dict[Row, torch.Generator] = {}
        self._device = device

    def __call__(self, rows: Sequence[Row], scores: torch.Tensor) -> list[int]:
        """The next token of each row."""
        import torch

        scores = scores.float().clone()
        for row, of_row in zip(rows, scores, strict=True):
            if self._penalty is not None:
                ids = torch.tensor([[*row.prompt, *row.ids]], device=scores.device)
                of_row.copy_(self._penalty(ids, of_row[None])[0])
            if row.form is not None:
                row.form.forbid(of_row)
        if self._sampling.temperature <= 0:
            return [int(token) for token in scores.argmax(dim=-1).tolist()]
        none = torch.zeros((len(rows), 1), dtype=torch.long, device=scores.device)
        chances = torch.softmax(self._warpers(none, scores), dim=-1)
        drawn = [torch.multinomial(of_row, 1, generator=self._of(row)) for row, of_row in zip(rows, chances, strict=True)]
        # Read together: each reading waits for the GPU.
        return [int(token) for token in torch.cat(drawn).tolist()]

    def _of(self, row: Row) -> torch.Generator:
        """The row's own source of chance: what is drawn for it depends on the seed and its prompt, not on the rows beside it."""
        import torch

        if row not in self._generators:
            self._generators[row] = torch.Generator(self._device)
            if self._sampling.seed is None:
                self._generators[row].seed()
            else:
                digest = hashlib.sha256(f"{self._sampling.seed} {list(row.prompt)}".encode()).digest()
                self._generators[row].manual_seed(int.from_bytes(digest[:8], "big"))
        return self._generators[row]
