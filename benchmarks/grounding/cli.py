"""`handeye bench NAME` for every grounding benchmark, and `handeye bench protocols`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal, cast

import typer
from rich.console import Console
from rich.markup import escape

from handeye.agent.models.registry import DEFAULT_MODEL
from handeye.benchmarks.command import AsJson, Debug, command_app
from handeye.benchmarks.grounding.loaders.options import Language, LoadOptions
from handeye.benchmarks.grounding.protocols import DEFAULT_PROTOCOL, PROTOCOLS, Order, default_protocol, open_protocol
from handeye.benchmarks.grounding.suite import TITLES, GroundingRun, grounding_suite
from handeye.benchmarks.samples.run import RunOptions
from handeye.benchmarks.samples.run_cli import (
    BatchOption,
    ConcurrencyOption,
    DecodersOption,
    LimitOption,
    ModelOption,
    OutOption,
    RepeatsOption,
    RetryErrorsOption,
    SeedOption,
    ShardOption,
    default_out,
    read_shard,
    run_and_print,
)
from handeye.tools.errors import InvalidAction

_ORDERS: tuple[Order, ...] = ("image-then-text", "text-then-image")


def _app(name: str) -> typer.Typer:
    app = command_app()

    @app.command(
        help=f"{TITLES[name]}: where on a screen is what an instruction names? Of any model, by a named protocol and named rules.",
        epilog="Exit codes: 0 done, 2 usage or set-up error, or data that contradict what is stated about them.",
    )
    def run(
        model: ModelOption = DEFAULT_MODEL,
        data: Annotated[
            str, typer.Option(help="Folder of the benchmark's data, or hub: through the library datasets.", show_default=False)
        ] = "",
        images: Annotated[Path | None, typer.Option(help="Folder of the images, where they lie elsewhere.", show_default=False)] = None,
        protocol: Annotated[
            str,
            typer.Option(
                help=f"How the model is asked: {', '.join(PROTOCOLS)}. `handeye bench protocols` says what they are.  "
                f"[default: {DEFAULT_PROTOCOL}; point for ocr]",
                show_default=False,
            ),
        ] = "",
        list_protocols: Annotated[bool, typer.Option("--list-protocols", help="Say what the protocols are, and end.")] = False,
        rule: Annotated[
            list[str] | None,
            typer.Option(
                help="inclusive, centre-of-box, polygon, first-four or refusal; may be repeated, one for each kind of target.  "
                "[default: centre-of-box, polygon, refusal]",
                show_default=False,
            ),
        ] = None,
        max_pixels: Annotated[int | None, typer.Option(min=1, help="Another limit than the protocol's.", show_default=False)] = None,
        min_pixels: Annotated[int | None, typer.Option(min=1, help="Another limit than the protocol's.", show_default=False)] = None,
        order: Annotated[str, typer.Option(help="image-then-text or text-then-image, if not the protocol's.", show_default=False)] = "",
        think: Annotated[
            bool | None,
            typer.Option("--think/--no-think", help="Ask for a thought first, or not.", show_default=False),
        ] = None,
        language: Annotated[str, typer.Option(help="en or cn: the instructions of ScreenSpot-Pro.")] = "en",
        partial: Annotated[bool, typer.Option("--partial", help="Take data with fewer or more rows than published.")] = False,
        with_images: Annotated[bool, typer.Option("--with-images", help="Ask only the rows whose image is there; say how many.")] = False,
        out: OutOption = None,
        limit: LimitOption = 0,
        shard: ShardOption = "",
        repeats: RepeatsOption = 1,
        seed: SeedOption = 0,
        batch: BatchOption = 0,
        concurrency: ConcurrencyOption = 0,
        decoders: DecodersOption = 0,
        retry_errors: RetryErrorsOption = False,
        as_json: AsJson = False,
        debug: Debug = False,
    ) -> None:
        if list_protocols:
            print_protocols(as_json)
            return
        if language not in ("en", "cn"):
            raise InvalidAction(f"--language is en or cn, not {language!r}")
        if order and order not in _ORDERS:
            raise InvalidAction(f"--order is {' or '.join(_ORDERS)}, not {order!r}")
        chosen = open_protocol(protocol or default_protocol(model)).with_settings(
            max_pixels=max_pixels, min_pixels=min_pixels, order=order or None, think=think
        )
        folder: Path | Literal["hub"] | None = "hub" if data == "hub" else Path(data) if data else None
        load = LoadOptions(folder, images, cast(Language, language), partial=partial)
        suite = grounding_suite(GroundingRun(name, model, load, chosen, tuple(rule or ()), seed, with_images))
        place = out or default_out(name)
        options = RunOptions(place, limit, read_shard(shard), repeats, batch, concurrency, decoders, retry_errors)
        run_and_print(suite, model, options, as_json)

    return app


screenspot = _app("screenspot")
screenspot_v2 = _app("screenspot-v2")
screenspot_pro = _app("screenspot-pro")
osworld_g = _app("osworld-g")
osworld_g_refined = _app("osworld-g-refined")
mmbench_gui_l2 = _app("mmbench-gui-l2")
ui_vision = _app("ui-vision")

protocols = command_app()


@protocols.command()
def protocols_command(as_json: AsJson = False) -> None:
    """The protocols of the grounding benchmarks: what each asks and forces, its limits, and where it is published."""
    print_protocols(as_json)


def print_protocols(as_json: bool) -> None:
    """Every protocol with its source, for people; or all settings as one JSON object."""
    if as_json:
        named = {name: protocol.settings | {"about": protocol.about} for name, protocol in PROTOCOLS.items()}
        sys.stdout.write(json.dumps({"default": DEFAULT_PROTOCOL, "protocols": named}) + "\n")
        return
    console = Console(highlight=False)
    for name, protocol in PROTOCOLS.items():
        console.print(f"[bold]{escape(name)}[/]{' (default)' if name == DEFAULT_PROTOCOL else ''}: {escape(protocol.about)}")
        console.print(f"  source: {escape(protocol.source)}", soft_wrap=True)
        forced = f", the answer begins with {json.dumps(protocol.beginning)}" if protocol.beginning else ""
        limits = f"{protocol.min_pixels:,} to {protocol.max_pixels:,} pixels, at most {protocol.sampling.max_new_tokens} new tokens"
        console.print(f"  {protocol.order}, {limits}, read as {escape(protocol.reading)}{escape(forced)}", soft_wrap=True)
