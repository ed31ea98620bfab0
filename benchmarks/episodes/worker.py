"""Runs episodes one after the other, with one world and one model that are opened at the first and kept."""

from __future__ import annotations

import abc
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from handeye.benchmarks.episodes.remains import cost_of, measured, with_remains, write_episode_page
from handeye.benchmarks.episodes.rows import EpisodeRow, Job, Progress, RunConfiguration
from handeye.benchmarks.results import row_line
from handeye.tools.errors import HandeyeError, SetupError

if TYPE_CHECKING:
    from handeye.agent.loop import Event, Limits
    from handeye.agent.models.base import Model
    from handeye.agent.trajectory import Result, StepRow

WORLD_OUTCOMES = frozenset({"device_error", "model_error"})
_NO_LIMIT = 1_000_000
_SHOWN = 300
"""Characters of a thought that are shown while the episode runs."""

Listener = Callable[[Progress], None]


class Interrupted(Exception):
    """The person stopped the run in mid-episode; the episode does not count."""


class EpisodeWorker(abc.ABC):
    """What a benchmark adds: `blank` (the row before the episode), `episode` (the episode itself) and `drop_world`."""

    configuration_type: ClassVar[type[RunConfiguration]]
    """The class of the benchmark's configuration."""

    def __init__(self, configuration: RunConfiguration, out: Path) -> None:
        self.out = out
        self._scripted, self._max_steps, self._model_name = configuration.scripted, configuration.max_steps, configuration.model
        self._model: Model | None = None
        self.number = 0
        """Which of the run's workers, from 0: for worlds of which each worker has its own."""
        self.model_at = ""
        """Where another process holds the model; empty: it is opened here."""
        self.patience_s = 0.0
        """How long a server that is away is waited for, beyond what its backend does by itself."""

    @abc.abstractmethod
    def blank(self, job: Job) -> EpisodeRow:
        """The row of an episode of which nothing is known yet."""

    @abc.abstractmethod
    def episode(self, job: Job, row: EpisodeRow, folder: Path, listen: Callable[[Event], None]) -> EpisodeRow:
        """Run the episode into `folder`, which does not exist yet, and give the row with its score (see `ended`)."""

    @abc.abstractmethod
    def drop_world(self) -> None:
        """Close the browser, the phone, ...: the next episode opens another. A second call does nothing."""

    def run(self, job: Job, on_progress: Listener = lambda progress: None) -> EpisodeRow:
        """Run one episode; a failure of the world is a row with its error.

        Raises `SetupError` when a piece is missing on this machine, `Interrupted` after Ctrl-C.
        """
        begun = time.perf_counter()
        row = self.blank(job).model_copy(update={"attempt": job.attempt})
        steps: list[StepRow] = []
        tokens, cost = 0, 0.0

        def listen(event: Event) -> None:
            from handeye.agent.describe import describe, one_line

            nonlocal tokens, cost
            if event.row is not None:
                steps.append(event.row)
                tokens += sum(attempt.prompt_tokens + attempt.completion_tokens for attempt in event.row.attempts)
                cost += sum(cost_of(attempt) for attempt in event.row.attempts)
            said = event.thought or (describe(event.action) if event.action is not None else event.phase)
            on_progress(Progress(job, event.index, one_line(" ".join(said.split()), _SHOWN), tokens=tokens, cost=cost))

        folder = self.out / job.folder
        try:
            if folder.exists():
                # What a killed run left of this episode: it has no row, so it never counted.
                shutil.rmtree(folder)
            # As the file will have it: what cannot stand there (a score of NaN) must not cost the whole file later.
            row = EpisodeRow.model_validate_json(row_line(self.episode(job, row, folder, listen)))
        except (SetupError, Interrupted):
            raise
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in one episode must not cost the others
            told = str(error) if isinstance(error, HandeyeError) else f"{type(error).__name__}: {error}"
            row = with_remains(row, folder).model_copy(update={"outcome": "world_error", "error": told.encode("utf-8", "replace").decode()})
        if row.error:
            self.drop_world()
        seconds = time.perf_counter() - begun
        write_episode_page(folder)
        return row.model_copy(update={"seconds": round(seconds, 3), **measured(steps)})

    def close(self) -> None:
        """Close the world and the model. A second call does nothing."""
        self.drop_world()
        if self._model is not None:
            self._model.close()
            self._model = None

    def model(self) -> Model:
        """The model that the configuration names, opened at the first call."""
        from handeye.agent.models.base import PatientModel
        from handeye.agent.models.registry import open_model
        from handeye.benchmarks.episodes.model_host import HostedModel

        if self._model is None:
            self._model = HostedModel(self.model_at) if self.model_at else open_model(self._model_name)
            if isinstance(self._model, PatientModel):
                self._model.patience_s = self.patience_s
        return self._model

    def limits(self) -> Limits:
        """When an episode is given up; policies that are no models may repeat themselves."""
        from handeye.agent.loop import Limits

        return Limits(steps=self._max_steps, repeats=_NO_LIMIT if self._scripted else Limits().repeats)


def ended(row: EpisodeRow, result: Result, goal: str) -> EpisodeRow:
    """The row with what the loop says of its end. Raises `Interrupted` when the person stopped it."""
    if result.outcome == "interrupted":
        raise Interrupted
    return row.model_copy(
        update={
            "goal": goal,
            "outcome": result.outcome,
            "message": result.message,
            "error": result.message if result.outcome in WORLD_OUTCOMES else "",
            "prompt_tokens": result.prompt_tokens,
            "completion_tokens": result.completion_tokens,
            "last_screen": result.last_screen,
        }
    )
