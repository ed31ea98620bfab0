"""What the data were, as one hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from handeye.benchmarks.offline.step import Gold, OfflineEpisode, OfflineStep


def data_sha256(episodes: Iterable[OfflineEpisode]) -> str:
    """SHA-256 of what a loader gave: ids, words, recorded actions, boxes, elements, sizes and names of pictures; not of where it lies."""
    digest = hashlib.sha256()
    for episode in episodes:
        for step in episode.steps:
            values = [episode.id, episode.group, episode.split, *_of_step(step)]
            digest.update(json.dumps(values, sort_keys=True, default=str).encode() + b"\n")
    return digest.hexdigest()


def _of_step(step: OfflineStep) -> list[Any]:
    name = "" if step.screenshot is None else step.screenshot.name
    golds = [_of_gold(gold) for golds in (step.gold, *step.alternatives) for gold in golds]
    elements = [[*element.rect, element.text, element.kind] for element in step.ui]
    return [step.number, step.goal, step.instruction, step.thought, name, step.size, golds, len(step.gold), elements]


def _of_gold(gold: Gold) -> list[Any]:
    actions = [action.model_dump(mode="json") for action in gold.actions]
    return [gold.kind, actions, gold.spot, gold.text, gold.direction, gold.finger, gold.button, gold.boxes, dict(gold.record)]
