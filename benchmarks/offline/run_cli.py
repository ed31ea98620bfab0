"""`handeye bench aitz`, `handeye bench android_control`, `handeye bench agentnetbench`: a model answers the recorded steps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from handeye.benchmarks.command import AsJson, Debug
from handeye.benchmarks.offline.fields import read_size
from handeye.benchmarks.offline.protocol import LEVELS, PROTOCOLS, find_protocol
from handeye.benchmarks.offline.registry import BENCHMARKS, OfflineBenchmark
from handeye.benchmarks.offline.rules.registry import find_rule
from handeye.benchmarks.offline.suite import OfflineOptions, offline_suite
from handeye.benchmarks.samples import run_cli as shared
from handeye.benchmarks.samples.run import RunOptions
from handeye.tools.errors import SetupError


def command(bench: OfflineBenchmark) -> typer.Typer:
    """The command of one benchmark."""
    app = typer.Typer(
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    protocols = ", ".join(name for name, one in PROTOCOLS.items() if bench.name in one.benchmarks)

    @app.command(
        help=f"{bench.title}: a model says the next action of each recorded step; judged by a named rule.",
        epilog="Exit codes: 0 done, 2 usage, set-up error, damaged data or a model that is lost, 130 stopped by Ctrl-C.",
    )
    def run(
        data: Annotated[Path | None, typer.Option(help="Folder of the data, as it is distributed.", show_default=False)] = None,
        model: shared.ModelOption = "ocr",
        # Not in the annotations, which are read where the names of this function are not known.
        protocol: str = typer.Option("handeye", help=f"How the model is asked: {protocols}."),
        level: Annotated[str, typer.Option(help=f"What it is told: {', '.join(LEVELS)}.  [default: the protocol's]")] = "",
        rule: str = typer.Option(bench.run_rule, help=f"Whose verdict counts; all are computed: {', '.join(bench.rules)}."),
        dialect: Annotated[str, typer.Option(help="How it answers.")] = bench.dialect,
        max_pixels: Annotated[int, typer.Option(min=0, help="Of the picture that it sees; 0: the protocol's.")] = 0,
        group: Annotated[str, typer.Option(help="Only episodes of this group (IDD, GENERAL, ...).", show_default=False)] = "",
        split: Annotated[str, typer.Option(help="Only episodes of this split (test, train, ...).", show_default=False)] = "",
        size: Annotated[str, typer.Option(help="Size of screens whose picture is missing, as 1080x2400; they become errors.")] = "",
        out: shared.OutOption = None,
        limit: shared.LimitOption = 0,
        shard: shared.ShardOption = "",
        repeats: shared.RepeatsOption = 1,
        seed: shared.SeedOption = 0,
        batch: shared.BatchOption = 0,
        concurrency: shared.ConcurrencyOption = 0,
        decoders: shared.DecodersOption = 0,
        retry_errors: shared.RetryErrorsOption = False,
        explain: Annotated[
            bool, typer.Option("--explain", help="Say what protocol and rule are and where they come from, and end.")
        ] = False,
        as_json: AsJson = False,
        debug: Debug = False,
    ) -> None:
        if explain:
            _explain(bench, protocol, rule)
            return
        if data is None:
            raise SetupError(f"--data DIR is missing: the folder of {bench.title}.", fix=bench.fetch)
        chosen = OfflineOptions(protocol, level, rule, dialect, max_pixels, group, split, read_size(size), seed)
        suite = offline_suite(bench.name, data, model, chosen)
        options = RunOptions(
            out=out or shared.default_out(bench.name),
            limit=limit,
            shard=shared.read_shard(shard),
            repeats=repeats,
            batch=batch,
            concurrency=concurrency,
            decoders=decoders,
            retry_errors=retry_errors,
        )
        shared.run_and_print(suite, model, options, as_json)

    return app


def _explain(bench: OfflineBenchmark, protocol: str, rule: str) -> None:
    asked, judged = find_protocol(protocol, bench.name), find_rule(rule, bench.rules)
    sys.stdout.write(f"protocol {asked.name}\n{asked.about}\n\nrule {judged.name}\n{judged.about}\n")


aitz, android_control, agentnetbench = (command(BENCHMARKS[name]) for name in ("aitz", "android_control", "agentnetbench"))
