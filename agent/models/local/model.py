"""`transformers:PATH`: a checkpoint of the Qwen-VL family, run here."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, Constraint, Sampling, Usage
from handeye.agent.models.local.batches import BatchRun, buckets
from handeye.agent.models.local.decoding import Decoder, Row
from handeye.agent.models.local.describing import describe
from handeye.agent.models.local.forms import Form, FormMaker
from handeye.agent.models.local.loading import Loaded, load
from handeye.agent.models.local.options import LocalOptions
from handeye.agent.models.local.positions import positions_of
from handeye.agent.models.local.prefix import PrefixCaches, Slot
from handeye.agent.models.local.prompt import Prompt, PromptReader
from handeye.agent.models.named_options import read_options, split_options, write_options
from handeye.tools.errors import ModelError, OutOfMemory, SetupError

if TYPE_CHECKING:
    import torch

REMEMBERED = 64
"""Replies whose token ids are kept, for histories that hold them."""


class TransformersModel:
    """A model on this machine that pays only for what is new in a prompt. Thread safe: calls wait for one another."""

    def __init__(self, weights: str | Loaded, options: LocalOptions = LocalOptions()) -> None:
        """`weights`: a folder, a name on the hub, or what is loaded already (several models may share it, one after the other).

        Raises `SetupError` for what is missing, broken or of another architecture.
        """
        loaded = load(weights, options) if isinstance(weights, str) else weights
        self.name = f"transformers:{loaded.name}{write_options(options)}"
        self._options = options
        self._loaded: Loaded | None = loaded
        ends = _ends(loaded)
        tokenizer = loaded.processor.tokenizer
        self._prompts: PromptReader | None = PromptReader(loaded)
        self._decoder = Decoder(tokenizer, ends)
        self._forms = FormMaker(tokenizer, int(loaded.model.get_output_embeddings().weight.shape[0]), ends)
        self._caches = PrefixCaches(options.caches)
        self._said: dict[str, tuple[int, ...]] = {}
        self._lock = threading.Lock()

    @property
    def loaded(self) -> Loaded:
        """The weights and the processor. Raises `ModelError` after `close`."""
        if self._loaded is None:
            raise ModelError(f"{self.name} was closed.")
        return self._loaded

    @property
    def _reader(self) -> PromptReader:
        if self._prompts is None:
            raise ModelError(f"{self.name} was closed.")
        return self._prompts

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know about how this model runs, a sentence each."""
        return self.loaded.notes

    def describe(self) -> dict[str, Any]:
        """Architecture, precision, device and attention, and hashes of the checkpoint's files. Raises `ModelError` after `close`."""
        return describe(self.loaded)

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        """The reply. What an earlier prompt had at its beginning is not computed again.

        Raises `InvalidAction` for a picture of a size that the model's processor would change, `OutOfMemory` when memory runs out.
        """
        with self._lock:
            began = time.perf_counter()
            prompt = self._reader.prompt(messages, self._said)
            try:
                return self._reply(began, prompt, sampling, constraint)
            except OutOfMemory:
                if not self._caches.held:
                    raise
            # Other conversations are worth less than this reply.
            self._forget()
            return self._reply(began, prompt, sampling, constraint)

    def _reply(self, began: float, prompt: Prompt, sampling: Sampling, constraint: Constraint | None) -> Completion:
        row = Row(prompt.ids.tolist(), self._form(constraint))
        slot, reused = self._caches.take(prompt)
        with slot.guarded(), _out_of_memory_in_words():
            filled = self._prefill(prompt, slot, reused)
            self._decode(row, filled, slot, sampling)
        self._remember(row)
        timings = {
            "prepare_s": filled.prepared - began,
            "prefill_s": filled.done - filled.prepared,
            "decode_s": self._now() - filled.done,
        }
        usage = Usage(len(prompt), len(row.ids), reused)
        return Completion(row.text, usage, timings, {"finish_reason": row.finish, "cached_tokens": reused})

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], sampling: Sampling = Sampling(), constraint: Constraint | None = None
    ) -> tuple[Completion, ...]:
        """The replies, computed together as far as `batch_tokens` allows, prompts of like length beside each other.

        A batch keeps nothing for later calls. Each completion's timings are those of its whole batch.
        Raises as `generate` does.
        """
        with self._lock:
            read = [self._reader.prompt(messages) for messages in prompts]
            completions: list[Completion | None] = [None] * len(read)
            for group in buckets([len(prompt) for prompt in read], self._options.batch_tokens):
                run = BatchRun(self.loaded, self._reader, [read[index] for index in group])
                rows = [Row(read[index].ids.tolist(), self._form(constraint)) for index in group]
                began = time.perf_counter()
                with _out_of_memory_in_words():
                    scores = run.prefill()
                    filled = self._now()
                    self._decoder.run(rows, scores, sampling, run.advance)
                timings = {"prefill_s": filled - began, "decode_s": self._now() - filled}
                for index, row in zip(group, rows, strict=True):
                    usage = Usage(len(read[index]), len(row.ids))
                    details = {"finish_reason": row.finish, "batch": len(group)}
                    completions[index] = Completion(row.text, usage, timings, details)
            return tuple(completion for completion in completions if completion is not None)

    def scores(self, messages: Sequence[Message]) -> torch.Tensor:
        """Logits of shape (vocabulary,) for the first token of the reply, computed with what is cached."""
        with self._lock:
            prompt = self._reader.prompt(messages, self._said)
            slot, reused = self._caches.take(prompt)
            with slot.guarded(), _out_of_memory_in_words():
                return self._prefill(prompt, slot, reused).scores[0]

    def take_turns(self, conversations: int) -> None:
        """So many conversations will be asked for by turns: the cache of each is kept, unless the options say of how many."""
        with self._lock:
            if "caches" not in self._options.model_fields_set:
                self._caches = PrefixCaches(conversations)

    def forget(self) -> None:
        """Forget all cached prompts; the weights stay."""
        with self._lock:
            self._caches.forget()
            self._said.clear()

    def close(self) -> None:
        """Let go of the weights and the caches."""
        if self._loaded is None:
            return
        self.forget()
        on_gpu = self._loaded.device.type == "cuda"
        self._loaded = None
        self._prompts = None
        _give_back(on_gpu)

    def _forget(self) -> None:
        self._caches.forget()
        _give_back(self.loaded.device.type == "cuda")

    def _prefill(self, prompt: Prompt, slot: Slot, reused: int) -> _Filled:
        """Compute what the slot does not hold of the prompt."""
        import torch
        from transformers import DynamicCache

        loaded = self.loaded
        if slot.cache is None:
            slot.cache = DynamicCache(config=loaded.model.config.get_text_config())
        new = prompt.after(reused)
        inputs = self._reader.inputs(new) if new else {}
        inputs.pop("second_per_grid_ts", None)
        positions = positions_of(loaded, prompt, self._reader.grids(prompt.seen))
        ids = torch.from_numpy(prompt.ids[reused:]).to(loaded.device)[None]
        prepared = time.perf_counter()
        with torch.inference_mode():
            out = loaded.model(
                input_ids=ids,
                position_ids=positions[:, :, reused:].to(loaded.device),
                past_key_values=slot.cache,
                use_cache=True,
                logits_to_keep=1,
                **inputs,
            )
        slot.keys = prompt.keys
        return _Filled(out.logits[:, -1], int(positions.max()) + 1, prepared, self._now())

    def _decode(self, row: Row, filled: _Filled, slot: Slot, sampling: Sampling) -> None:
        import torch

        loaded = self.loaded
        begin = filled.place - len(slot.keys)

        def advance(_: Sequence[int], tokens: Sequence[int]) -> torch.Tensor:
            ids = torch.tensor([list(tokens)], device=loaded.device)
            positions = torch.full((3, 1, 1), begin + len(slot.keys), device=loaded.device)
            with torch.inference_mode():
                out = loaded.model(input_ids=ids, position_ids=positions, past_key_values=slot.cache, use_cache=True)
            slot.keys = np.append(slot.keys, tokens[0])
            return torch.as_tensor(out.logits[:, -1])

        self._decoder.run([row], filled.scores, sampling, advance)

    def _form(self, constraint: Constraint | None) -> Form | None:
        return None if constraint is None else self._forms.form(constraint)

    def _remember(self, row: Row) -> None:
        self._said.pop(row.text, None)
        self._said[row.text] = tuple(row.ids)
        while len(self._said) > REMEMBERED:
            del self._said[next(iter(self._said))]

    def _now(self) -> float:
        """The time, once the GPU has done what it was given."""
        if self.loaded.device.type == "cuda":
            import torch

            torch.cuda.synchronize()
        return time.perf_counter()


@dataclass(frozen=True, eq=False)
class _Filled:
    """A prompt that the cache holds."""

    scores: torch.Tensor
    """(1, vocabulary), for the first token of the reply."""
    place: int
    """Its position."""
    prepared: float
    done: float
    """When the inputs were ready and when the scores were."""


def _give_back(on_gpu: bool) -> None:
    if on_gpu:
        import torch

        torch.cuda.empty_cache()


@contextmanager
def _out_of_memory_in_words() -> Iterator[None]:
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(
            "the GPU's memory ran out in mid-reply.",
            fix="--max-pixels lower, a smaller model, ?quant=4bit, or fewer pictures in the history",
        ) from error


def transformers_model(argument: str) -> TransformersModel:
    """The model `transformers:PATH?options`. Raises `SetupError` for a name without a path, or with options that do not exist."""
    path, query = split_options(argument)
    if not path:
        raise SetupError("which model?", fix="say --model transformers:FOLDER, or transformers:Qwen/Qwen2.5-VL-7B-Instruct")
    return TransformersModel(path, read_options(query, LocalOptions))


def _ends(loaded: Loaded) -> tuple[int, ...]:
    """Ids of the tokens that end a turn: those of generation_config.json, and the tokenizer's."""
    given = loaded.model.generation_config.eos_token_id
    ends = list(given) if isinstance(given, list | tuple) else [given]
    return tuple(dict.fromkeys(int(end) for end in (*ends, loaded.processor.tokenizer.eos_token_id) if end is not None))
