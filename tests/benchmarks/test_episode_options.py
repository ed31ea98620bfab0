"""The options that every episode benchmark shares, as a command line gives them."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from handeye.benchmarks.episodes import options
from handeye.benchmarks.miniwob.cli import app as miniwob


@pytest.mark.parametrize(
    ("arguments", "ray"),
    [
        ([], None),
        (["--ray"], ""),
        (["--ray", "--workers", "3"], ""),
        (["--workers", "3", "--ray"], ""),
        (["--ray", "local"], ""),
        (["--ray", "10.0.0.1:6379", "--workers", "3"], "10.0.0.1:6379"),
        (["--ray=ray://head:10001"], "ray://head:10001"),
    ],
)
def test_ray_may_stand_alone_or_name_a_cluster(arguments: list[str], ray: str | None) -> None:
    app = typer.Typer()
    found: list[str | None] = []

    @app.command(cls=options.EpisodeCommand)
    def run(workers: options.Workers = 1, ray: options.Ray = None) -> None:
        found.append(options.how_of(workers, 1, 0, False, "", ray).ray)

    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert found == [ray]


def test_a_benchmark_takes_ray_without_an_address() -> None:
    result = CliRunner().invoke(miniwob, ["--ray", "--protocol", "nonsense"])
    assert "--protocol is distinct or browsergym" in str(result.exception)
