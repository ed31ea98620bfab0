"""What a worker process is told, as plain JSON: which benchmark's worker to open, with what, and which episode to run."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from handeye.benchmarks.episodes.worker import EpisodeWorker


class WorkerSpec(BaseModel):
    """How a worker is opened, in this process, another one, or on another machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    worker: str
    """`module:Class` of an `EpisodeWorker`."""
    configuration: dict[str, Any]
    """The benchmark's `RunConfiguration`, as JSON values."""
    out: str
    """The folder of the results."""
    options: dict[str, Any] = {}
    """What else the class takes."""
    number: int = 0
    """Which of the run's workers, from 0."""
    model_at: str = ""
    """Address of a process that holds the model for all workers (see `model_host`); empty: the worker opens its own."""
    patience_s: float = 0.0
    """See `EpisodeWorker.patience_s`."""

    def open(self) -> EpisodeWorker:
        """Make the worker. Nothing of its world is opened yet."""
        module, _, name = self.worker.partition(":")
        kind = cast("type[EpisodeWorker]", getattr(import_module(module), name))
        worker = kind(kind.configuration_type.model_validate(self.configuration), Path(self.out), **self.options)
        worker.number, worker.model_at, worker.patience_s = self.number, self.model_at, self.patience_s
        return worker


def spec_of(kind: type[EpisodeWorker], configuration: BaseModel, out: Path, **options: Any) -> WorkerSpec:
    """The spec that opens `kind` with these."""
    return WorkerSpec(
        worker=f"{kind.__module__}:{kind.__name__}",
        configuration=configuration.model_dump(mode="json"),
        out=str(out.absolute()),
        options=options,
    )
