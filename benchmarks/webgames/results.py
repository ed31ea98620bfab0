"""What a run of WebGames is bound to, and what is counted from its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from handeye.benchmarks.episodes import rows as episodes
from handeye.benchmarks.episodes.rows import EpisodeRow, RunConfiguration, final_rows
from handeye.benchmarks.webgames.games import VARIANTS
from handeye.benchmarks.webgames.published import published

BENCHMARK = "webgames"
POLICY = "Solved is an episode that the agent ended with an answer which is the game's password, white space around it aside"


class Verdict(StrEnum):
    """What came of an episode: the `reason` of its row."""

    SOLVED = "the password was shown and said"
    UNSEEN = "the password was said, but was not seen in the page's text"
    AMONG = "the password was said among other words"
    UNSAID = "the password was shown, but not said"
    HIDDEN = "the password was not shown"


class Configuration(RunConfiguration):
    """All that can change a score, but for the copy of the games itself, which has no version to ask for."""

    benchmark: str = BENCHMARK
    policy: str = POLICY
    games: str = ""
    """Hash of the list of games."""
    viewport: tuple[int, int] = (1280, 800)


def judge(said: str | None, password: str, revealed: bool) -> Verdict:
    """What came of it. `said`: the agent's last words; None when it did not end the episode as done."""
    if said is not None and said.strip() == password:
        return Verdict.SOLVED if revealed else Verdict.UNSEEN
    if said is not None and password in said:
        return Verdict.AMONG
    return Verdict.UNSAID if revealed else Verdict.HIDDEN


def summary(configuration: Configuration, rows: Sequence[EpisodeRow]) -> dict[str, Any]:
    """The numbers of a run.

    `verdicts` counts what came of the episodes. `published_rule_rate` is the rule of the published scores, by which the password may stand
    among other words (convergence-ai/webgames: evals/browseruse_webgames/browseruse_webgames.py). `published` is what others reached on the
    same variants.
    """
    numbers = episodes.summary(BENCHMARK, configuration, rows, VARIANTS)
    counted = final_rows(rows)
    verdicts = Counter(row.reason for row in counted if row.reason)
    by_the_published_rule = sum(verdicts[verdict] for verdict in (Verdict.SOLVED, Verdict.UNSEEN, Verdict.AMONG))
    return {
        **numbers,
        "verdicts": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "published_rule_rate": by_the_published_rule / len(counted) if counted else 0.0,
        "published": published({kind: part["tasks"] for kind, part in numbers["classes"].items()}),
    }
