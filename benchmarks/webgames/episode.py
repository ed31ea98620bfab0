"""One episode: open the game, let the policy work it through the agent's loop, compare its last words with the password."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from handeye.agent.loop import Agent, Event, Setting, run_episode
from handeye.agent.models.base import Sampling
from handeye.benchmarks.episodes.rows import EpisodeRow, Job
from handeye.benchmarks.episodes.worker import EpisodeWorker, ended
from handeye.benchmarks.webgames.games import Game
from handeye.benchmarks.webgames.results import Configuration, Verdict, judge
from handeye.envs.actions import LOOP_ACTIONS
from handeye.tools.geometry import Size

if TYPE_CHECKING:
    from handeye.benchmarks.webgames.env import WebGameEnv
    from handeye.tools.browser import BrowserDriver


class Worker(EpisodeWorker):
    """Runs games in one browser."""

    configuration_type = Configuration

    def __init__(self, configuration: Configuration, out: Path, base: str, games: Sequence[dict[str, Any]]) -> None:
        """`base`: where the copy is served. `games`: as `Game.model_dump` gives them, so that no other machine needs the file."""
        super().__init__(configuration, out)
        self._configuration = configuration
        self._base = base
        self._games = {game.name: game for game in map(Game.model_validate, games)}
        self._driver: BrowserDriver | None = None
        self._downloads: TemporaryDirectory[str] | None = None

    def blank(self, job: Job) -> EpisodeRow:
        """The row before the episode."""
        game = self._games[job.task]
        return EpisodeRow(
            task=job.task,
            kind=game.variant,
            index=job.index,
            seed=job.seed,
            difficulty=game.difficulty,
            tags=game.tags,
            budget=self._configuration.max_steps,
            goal=game.goal,
            run=job.folder,
        )

    def episode(self, job: Job, row: EpisodeRow, folder: Path, listen: Callable[[Event], None]) -> EpisodeRow:
        """Work the game and judge the answer."""
        from handeye.benchmarks.webgames.env import WebGameEnv

        game = self._games[job.task]
        env = WebGameEnv(game, self._base, self._browser())
        setting = Setting("webgames", {"game": game.name, "base_url": self._base})
        result = run_episode(
            game.goal, env, self._agent(env), folder, limits=self.limits(), seed=job.seed, setting=setting, on_event=listen
        )
        found = ended(row, result, game.goal)
        over = result.outcome == "reached"
        verdict = judge(result.message if over else None, game.password, env.search())
        raw = 1.0 if verdict in (Verdict.SOLVED, Verdict.UNSEEN) else 0.0
        return found.model_copy(update={"raw": raw, "decayed": raw, "done": over, "reason": verdict.value})

    def drop_world(self) -> None:
        """Close the browser, and delete what it downloaded."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None
        if self._downloads is not None:
            self._downloads.cleanup()
            self._downloads = None

    def _agent(self, env: WebGameEnv) -> Agent:
        from handeye.benchmarks.episodes.policies import ActionDialect, NoopModel

        if self._configuration.model == "noop":
            return Agent(NoopModel(waits=1), ActionDialect(env.action_types))
        from handeye.agent.dialects.registry import open_dialect

        return Agent(self.model(), open_dialect(self._configuration.dialect, env.action_types | LOOP_ACTIONS), Sampling())

    def _browser(self) -> BrowserDriver:
        from handeye.benchmarks.webgames.env import launch

        if self._driver is None:
            self._downloads = TemporaryDirectory(prefix="handeye-webgames-")
            self._driver = launch(Size(*self._configuration.viewport), Path(self._downloads.name))
        return self._driver
