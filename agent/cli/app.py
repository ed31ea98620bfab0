"""Every command's name, options and help; what a command does is imported when it runs, so that `--help` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from handeye.agent.cli.bench import BenchGroup

app = typer.Typer(
    name="handeye",
    help="Let a vision-language model work a screen.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: handeye demo. Exit codes: 0 reached, 1 not reached, 2 usage or set-up error.",
)
app.add_typer(
    typer.Typer(cls=BenchGroup, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False),
    name="bench",
    help="Run a benchmark. `handeye bench --help` lists those that are installed.",
)

Debug = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="ocr (embedded, follows explicit instructions), openai:MODEL@URL?option=value (URL or openai, dashscope, openrouter, ollama, "
        "...; see docs/servers.md), scripted:FILE or replay:RUN.",
    ),
]


@app.callback(invoke_without_command=True)
def top(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    """Let a vision-language model work a screen."""
    if version:
        from importlib import metadata

        typer.echo(f"handeye {metadata.version('handeye')}")
        raise typer.Exit()


@app.command()
def run(
    goal: Annotated[str, typer.Argument(help='What is to be done, as in "Click the Submit button".')],
    env: Annotated[str, typer.Option(help="Where: browser.")] = "browser",
    url: Annotated[str, typer.Option(help="Address of the page to begin with.")] = "about:blank",
    model: ModelName = "",
    dialect: Annotated[str, typer.Option(help="The model's action format; chosen by the model if not given.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder of the run.  [default: runs/TIME]", show_default=False)] = None,
    steps: Annotated[int, typer.Option(min=1, help="Give up after this many actions.")] = 40,
    seconds: Annotated[float, typer.Option(min=0.0, help="Give up after this long.")] = 1800.0,
    parse_retries: Annotated[int, typer.Option(min=0, help="Further tries after a reply that cannot be read.")] = 3,
    seed: Annotated[int | None, typer.Option(help="Seed of the environment and of sampling.")] = None,
    temperature: Annotated[float, typer.Option(min=0.0, help="Sampling temperature; 0 is greedy.")] = 0.0,
    top_p: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of the likeliest tokens to sample from.")] = 1.0,
    repetition_penalty: Annotated[float, typer.Option(min=0.1, help="Above 1, said tokens get rarer; 1 is none.")] = 1.0,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest reply, in tokens.")] = 2048,
    constrain: Annotated[bool, typer.Option("--constrain", help="Hold each reply to one well-formed call, without a thought.")] = False,
    history: Annotated[
        str | None,
        typer.Option(help="text: past calls in words (as trained); turns: past screenshots too, append-only.", show_default="text"),
    ] = None,
    history_pictures: Annotated[
        int | None, typer.Option(min=1, help="Past screenshots that turns keep at most.", show_default="10")
    ] = None,
    approve: Annotated[str, typer.Option(help="auto: carry out every action; ask: ask in the terminal before each.")] = "auto",
    prompt: Annotated[Path | None, typer.Option(help="File with your own prompt text for the dialect.", show_default=False)] = None,
    min_pixels: Annotated[int | None, typer.Option(help="Smallest picture for the model, in pixels.", show_default=False)] = None,
    max_pixels: Annotated[int | None, typer.Option(help="Largest picture for the model, in pixels.", show_default=False)] = None,
    viewport: Annotated[str, typer.Option(help="Size of the page, WIDTHxHEIGHT.")] = "1280x800",
    scale: Annotated[float, typer.Option(min=0.25, max=8.0, help="Device scale factor.")] = 1.0,
    headed: Annotated[bool, typer.Option("--headed", help="Show the browser's window.")] = False,
    profile: Annotated[Path | None, typer.Option(help="Folder of a persistent browser profile.", show_default=False)] = None,
    attach: Annotated[str, typer.Option(help="Work in a running Chrome: its debugging address, as http://localhost:9222.")] = "",
    chromium: Annotated[Path | None, typer.Option(help="The browser program to start.", show_default=False)] = None,
    downloads: Annotated[Path | None, typer.Option(help="Folder for downloads.  [default: in the run]", show_default=False)] = None,
    plain_select: Annotated[bool, typer.Option("--plain-select", help="Leave native drop-down lists as they are.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Work towards GOAL with a model, step by step, and write everything down."""
    from handeye.agent.cli.run import RunRequest, run_command

    given: dict[str, Any] = {name: value for name, value in locals().items() if name in RunRequest.__dataclass_fields__}
    raise typer.Exit(run_command(RunRequest(**given)))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder of the runs and the report.")] = Path("runs/demo"),
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Watch the embedded model work real web pages: no GPU, key or weights."""
    from handeye.agent.cli.bench import load_demo

    raise typer.Exit(load_demo()(out, as_json))


@app.command()
def view(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    out: Annotated[Path | None, typer.Option(help="The page to write.  [default: RUN/index.html]", show_default=False)] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
    debug: Debug = False,
) -> None:
    """Make one self-contained HTML page of a run."""
    from handeye.agent.viewer import write

    page = write(run, out)
    typer.echo(page)
    if open_it:
        typer.launch(page.resolve().as_uri())


@app.command()
def replay(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the new run.  [default: runs/TIME]", show_default=False)] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Do again what the model of RUN did, in a fresh environment, and say where the screens differ."""
    from handeye.agent.cli.replay import replay_command

    raise typer.Exit(replay_command(run, out, as_json))


@app.command()
def locate(
    image: Annotated[Path, typer.Argument(help="A picture: PNG, JPEG, WebP, ...")],
    what: Annotated[str, typer.Argument(help='What to look for, as in "the Submit button".')],
    model: ModelName = "",
    out: Annotated[Path | None, typer.Option(help="Write the picture with the place drawn on it.", show_default=False)] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say where something is in a picture, in its pixels."""
    from handeye.agent.cli.locate import locate_command

    raise typer.Exit(locate_command(image, what, model, out, as_json))


@app.command()
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Also start the browser and read a picture.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what each extra needs, what is missing, and the command that mends it."""
    from handeye.agent.cli.doctor import doctor_command

    raise typer.Exit(doctor_command(deep, as_json))
