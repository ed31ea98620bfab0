"""Trains the tiny checkpoint.

What it does beside training on answers, which alone did not learn to look:

- Dense targets. Heads that are thrown away afterwards read from every visual token which button it lies on and where that button is:
  after the vision tower relative to the token, after the third layer of the language model absolutely. The answers then only have to
  look up what the tokens already hold. Another head asks every token from the word that names the colour on which button is meant, as
  numbers: that word is one look away from the button, and digits alone say nothing until all of them are nearly right.
- Shared prefixes. The system turn is computed once for a batch, a picture once for all questions about it; only questions and answers
  are computed one by one. That is the key-value cache of inference with gradients.
- Every batch has another selection of tools, so that the answers do not hang on the system turn.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handeye.benchmarks.buttons.architecture import make_model, make_processor, tiny_config, train_tokenizer
from handeye.benchmarks.buttons.dense import GRID, answer_losses, dense_targets, head_losses, make_heads
from handeye.benchmarks.buttons.samples import EVERY, Batch, Question, click_batch, corpus, locate_batch, plain_screens, questions_only
from handeye.benchmarks.buttons.scoring import boxed_right, clicked_right
from handeye.benchmarks.buttons.screens import Screen
from handeye.tools.device import Pixels

if TYPE_CHECKING:
    from torch import Tensor

LOOK_UP_LAYER = 2
"""Index of the layer of the language model after which the heads read absolute places."""
IGNORE = -100


@dataclass(frozen=True)
class Plan:
    """How long and how hard to train."""

    out: Path
    minutes: float = 60.0
    pictures: int = 16
    questions: int = 2
    rate: float = 8e-4
    warmup: int = 100
    seed: int = 0
    look: float = 0.06
    """Share of the time in which looking and reading are trained apart: pictures for the heads, questions without pictures."""
    evaluate_every: int = 400
    device: str = "cpu"
    init: Path | None = None


class Trainer:
    """A model in training."""

    def __init__(self, plan: Plan, on_note: Callable[[dict[str, Any]], object] = lambda row: None) -> None:
        import torch

        self.plan, self.on_note = plan, on_note
        self.random = random.Random(plan.seed)
        torch.manual_seed(plan.seed)
        if plan.init:
            from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

            self.processor = AutoProcessor.from_pretrained(plan.init)
            self.model = Qwen2_5_VLForConditionalGeneration.from_pretrained(plan.init, dtype=torch.float32)
        else:
            tokenizer = train_tokenizer(corpus())
            self.processor = make_processor(tokenizer)
            self.model = make_model(tiny_config(tokenizer), plan.seed)
        self.model.to(plan.device)
        self.heads = make_heads(self.model.config).to(plan.device)
        groups = [*self.model.parameters(), *self.heads.parameters()]
        self.optimizer = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.95), weight_decay=0.01)
        self.parameters = groups
        self.log = (plan.out / "training_log.jsonl").open("a", encoding="utf-8")
        self.seen_middle: list[Tensor] = []
        layer = self.model.model.language_model.layers[LOOK_UP_LAYER]
        layer.register_forward_hook(lambda module, given, out: self.seen_middle.append(out if isinstance(out, torch.Tensor) else out[0]))

    def ids(self, text: str) -> list[int]:
        """Token ids of `text`."""
        return list(self.processor.tokenizer(text).input_ids)

    def run(self) -> None:
        """Train for the planned time, then save."""
        began, step = time.perf_counter(), 0
        recent: list[dict[str, float]] = []
        while (spent := time.perf_counter() - began) < self.plan.minutes * 60:
            self._set_rate(step, spent / (self.plan.minutes * 60))
            recent.append(self.step(spent / (self.plan.minutes * 60)))
            step += 1
            if step % 25 == 0:
                means = _means(recent)
                self.note(
                    {"step": step, "seconds": round(time.perf_counter() - began), "rate": self.optimizer.param_groups[0]["lr"]} | means
                )
                recent = []
            if step % self.plan.evaluate_every == 0:
                self.note({"step": step} | self.evaluate(24))
                self.save()
        self.note({"step": step, "seconds": round(time.perf_counter() - began), "final": True} | self.evaluate(200))
        self.save()

    def step(self, done: float) -> dict[str, float]:
        """One batch, when `done` of the time is over; its losses."""
        import torch

        draw = self.random.random()
        plan = self.plan
        # In float32: under bfloat16 autocast questions did not find their colour (see README.md).
        if done < plan.look:
            losses = self.looking_losses(plain_screens(self.random, plan.pictures))
            losses |= self.reading_losses(questions_only(self.random, 2 * plan.pictures))
        elif draw < 0.25:
            losses = self.losses(locate_batch(self.random, plan.pictures, plan.questions))
        else:
            # The whole system turn doubles the time of a step: it comes rarely at first, and often at the end.
            tools = draw > (0.92 if done < 0.7 else 0.65)
            losses = self.losses(click_batch(self.random, plan.pictures, plan.questions, tools=tools))
        total = torch.stack(list(losses.values())).sum()
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return {name: float(value.detach()) for name, value in losses.items()}

    def looking_losses(self, seen: Sequence[tuple[Screen, Pixels]]) -> dict[str, Tensor]:
        """The losses of the heads alone."""
        embeds = self._picture_embeds([pixels for _, pixels in seen])
        targets = dense_targets([screen for screen, _ in seen], self.plan.device)
        losses = head_losses(self.heads["vision"](embeds.float()), targets, "relative")
        self._prefix("", embeds)
        return losses | self._place_losses(targets)

    def reading_losses(self, questions: Sequence[Question]) -> dict[str, Tensor]:
        """The losses of questions without their pictures: which colour is named, and the words of the answers."""
        from transformers import DynamicCache

        losses = self._answer_losses(questions, 0, DynamicCache(config=self.model.config.text_config))
        return {name: value for name, value in losses.items() if name in ("answer_colour", "words")}

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """The losses of the heads, and of the answers."""
        embeds = self._picture_embeds([asked.pixels for asked in batch.asked])
        targets = dense_targets([asked.screen for asked in batch.asked], self.plan.device)
        losses = head_losses(self.heads["vision"](embeds.float()), targets, "relative")
        cache, place = self._prefix(batch.system, embeds)
        losses |= self._place_losses(targets)
        questions = [question for asked in batch.asked for question in asked.questions]
        cache.batch_repeat_interleave(len(questions) // len(batch.asked))
        return losses | self._answer_losses(questions, place, cache)

    def _answer_losses(self, questions: Sequence[Question], place: int, cache: Any) -> dict[str, Tensor]:
        """The losses of questions and answers behind what `cache` holds, from position `place` on."""
        import torch
        from torch.nn import functional

        prompts = [self.ids(f"{question.text}<|im_end|>\n<|im_start|>assistant\n") for question in questions]
        wanted_ids = [self.ids(f"{question.answer}<|im_end|>") for question in questions]
        ids, labels = _padded(prompts, wanted_ids, self.plan.device)
        hidden = self._text(ids, place, cache)
        self.seen_middle.clear()
        wanted = labels != IGNORE
        logits = self.model.lm_head(hidden[wanted]).float()
        losses = self._about_losses(questions, hidden, labels)
        each = functional.cross_entropy(logits, labels[wanted], reduction="none")
        digits = torch.isin(labels[wanted], torch.tensor([self.ids(str(digit))[0] for digit in range(10)], device=labels.device))
        losses["digits"] = each[digits].mean() if digits.any() else each.sum() * 0
        losses["words"] = each[~digits].mean()
        return losses

    def _about_losses(self, questions: Sequence[Question], hidden: Tensor, labels: Tensor) -> dict[str, Tensor]:
        """From the word that names the colour on, every token should know the button: that word can look it up by itself."""
        import torch

        rows, about = [], []
        for row, question in enumerate(questions):
            if question.about is not None:
                named = question.text.index(question.about.colour) + len(question.about.colour)
                last = int((labels[row] != IGNORE).nonzero().max())
                places = range(len(self.ids(question.text[:named])) - 1, last + 1)
                rows += [(row, place) for place in places]
                about += [question.about] * len(places)
        if not rows:
            return {}
        chosen = hidden[tuple(torch.tensor(rows, device=hidden.device).T)]
        return answer_losses(self.heads["answer"](chosen.float()), about)

    def _place_losses(self, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """Of what the language model knew of the pictures that `_prefix` has just read."""
        middle = self.seen_middle[-1][:, -GRID.area - 1 : -1]
        self.seen_middle.clear()
        return head_losses(self.heads["text"](middle.float()), targets, "absolute")

    def _picture_embeds(self, pictures: Sequence[Pixels]) -> Tensor:
        """What the language model is given for the pictures: (pictures, tokens, width)."""
        import torch

        inputs = self.processor.image_processor(list(pictures), return_tensors="pt", do_resize=False)
        pixels, grid = inputs["pixel_values"].to(self.plan.device), inputs["image_grid_thw"].to(self.plan.device)
        assert grid[0].tolist() == [1, GRID.height * 2, GRID.width * 2]
        return torch.cat(tuple(self.model.model.get_image_features(pixels, grid).pooler_output)).view(len(pictures), GRID.area, -1)

    def _prefix(self, system: str, embeds: Tensor) -> tuple[Any, int]:
        """The cache of the system turn and the pictures, and the position at which the text goes on."""
        import torch
        from transformers import DynamicCache

        language = self.model.model.language_model
        cache = DynamicCache(config=language.config)
        head = self.ids(f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n<|vision_start|>")
        tokens = torch.tensor([head], device=self.plan.device)
        language(
            inputs_embeds=language.embed_tokens(tokens),
            position_ids=_straight(0, len(head), 1, tokens),
            past_key_values=cache,
            use_cache=True,
        )
        cache.batch_repeat_interleave(len(embeds))
        end = torch.tensor([self.ids("<|vision_end|>")], device=self.plan.device).expand(len(embeds), 1)
        picture = torch.cat((embeds, language.embed_tokens(end).to(embeds.dtype)), dim=1)
        after = len(head) + max(GRID)
        positions = torch.cat((_grid_positions(len(head), len(embeds), tokens), _straight(after, 1, len(embeds), tokens)), dim=2)
        language(inputs_embeds=picture, position_ids=positions, past_key_values=cache, use_cache=True)
        return cache, after + 1

    def _text(self, ids: Tensor, place: int, cache: Any) -> Tensor:
        """Hidden states of text that begins at position `place`."""
        language = self.model.model.language_model
        positions = _straight(place, ids.shape[1], len(ids), ids)
        out = language(inputs_embeds=language.embed_tokens(ids), position_ids=positions, past_key_values=cache, use_cache=True)
        hidden: Tensor = out.last_hidden_state
        return hidden

    def evaluate(self, pictures: int) -> dict[str, float]:
        """Share of right answers on fresh screens, decoded greedily with the whole system turn."""
        import torch

        random_ = random.Random(self.plan.seed + 1_000_003 + pictures)
        self.model.eval()
        with torch.no_grad():
            clicks = click_batch(random_, pictures, 1, tools=True)
            boxes = locate_batch(random_, min(pictures, 48), 2)
            found = {"clicks": share(clicked_right(screen, wanted, given) for screen, _, wanted, given in self.answers(clicks))}
            located = self.answers(boxes)
            found["boxes"] = share(boxed_right(wanted, given) for _, question, wanted, given in located if EVERY not in question)
        self.model.train()
        self.seen_middle.clear()
        return found

    def answers(self, batch: Batch, most: int = 60) -> list[tuple[Screen, str, str, str]]:
        """(screen, question, wanted answer, answer given) for each question; greedy."""
        import torch

        rows = []
        each = len(batch.asked[0].questions)
        for number in range(each):
            embeds = self._picture_embeds([asked.pixels for asked in batch.asked])
            cache, place = self._prefix(batch.system, embeds)
            questions = [asked.questions[number] for asked in batch.asked]
            # Prompts of one length are decoded together: padding would stand between prompt and answer.
            prompts = [self.ids(f"{question.text}<|im_end|>\n<|im_start|>assistant\n") for question in questions]
            for length in sorted({len(prompt) for prompt in prompts}):
                chosen = [index for index, prompt in enumerate(prompts) if len(prompt) == length]
                part = _select(cache, chosen)
                ids = torch.tensor([prompts[index] for index in chosen], device=self.plan.device)
                given = self._greedy(ids, place, part, most)
                rows += [
                    (batch.asked[index].screen, questions[index].text, questions[index].answer, text)
                    for index, text in zip(chosen, given, strict=True)
                ]
        return rows

    def _greedy(self, ids: Tensor, place: int, cache: Any, most: int) -> list[str]:
        import torch

        end = self.ids("<|im_end|>")[0]
        out: list[Tensor] = []
        for _ in range(most):
            hidden = self._text(ids, place, cache)
            place += ids.shape[1]
            ids = self.model.lm_head(hidden[:, -1:]).argmax(-1)
            out.append(ids)
            if all((torch.cat(out, dim=1) == end).any(dim=1)):
                break
        return [text.split("<|im_end|>")[0] for text in self.processor.tokenizer.batch_decode(torch.cat(out, dim=1))]

    def note(self, row: dict[str, Any]) -> None:
        """One line of the log."""
        self.log.write(json.dumps(row) + "\n")
        self.log.flush()
        self.on_note(row)

    def save(self) -> None:
        """The checkpoint, in bf16 as the real ones are."""
        import copy

        import torch

        copy.deepcopy(self.model).to(torch.bfloat16).save_pretrained(self.plan.out)
        self.processor.save_pretrained(self.plan.out)

    def _set_rate(self, step: int, done: float) -> None:
        rate = self.plan.rate * min(1.0, (step + 1) / self.plan.warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
        for group in self.optimizer.param_groups:
            group["lr"] = rate


def _padded(prompts: Sequence[list[int]], answers: Sequence[list[int]], device: str) -> tuple[Tensor, Tensor]:
    """Ids of prompt and answer, and the label of what follows each of them; padded to the right."""
    import torch

    longest = max(len(prompt) + len(answer) for prompt, answer in zip(prompts, answers, strict=True)) - 1
    ids = torch.zeros(len(prompts), longest, dtype=torch.long)
    labels = torch.full((len(prompts), longest), IGNORE, dtype=torch.long)
    for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        whole = prompt + answer
        ids[row, : len(whole) - 1] = torch.tensor(whole[:-1])
        labels[row, len(prompt) - 1 : len(whole) - 1] = torch.tensor(answer)
    return ids.to(device), labels.to(device)


def _straight(begin: int, count: int, batch: int, like: Tensor) -> Tensor:
    import torch

    return torch.arange(begin, begin + count, device=like.device).expand(3, batch, -1)


def _grid_positions(begin: int, batch: int, like: Tensor) -> Tensor:
    """Positions of a picture's tokens: one instant, rows, columns."""
    import torch

    rows, columns = torch.meshgrid(torch.arange(GRID.height), torch.arange(GRID.width), indexing="ij")
    positions = torch.stack((torch.zeros_like(rows), rows, columns)).flatten(1) + begin
    return positions.to(like.device)[:, None].expand(3, batch, -1)


def _select(cache: Any, rows: Sequence[int]) -> Any:
    import copy

    import torch

    part = copy.deepcopy(cache)
    part.batch_select_indices(torch.tensor(rows))
    return part


def _means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    return {name: round(sum(column) / len(column), 4) for name, column in values.items()}


def share(results: Iterable[bool]) -> float:
    """The share of True."""
    values = list(results)
    return round(sum(values) / max(1, len(values)), 4)
