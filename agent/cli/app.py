"""Every command's name, options and help; what a command does is imported when it runs, so that `--help` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handeye.agent.cli.bench import BenchGroup, WholeGroup
from handeye.envs.secrets.secret import SECRET_HELP

app = typer.Typer(
    name="handeye",
    cls=WholeGroup,
    help="Let a vision-language model work a screen.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: handeye demo. Exit codes: 0 reached or done, 1 not, 2 usage or set-up error.",
)
app.add_typer(
    typer.Typer(cls=BenchGroup, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False),
    name="bench",
    help="Run a benchmark, one of those that are installed.",
)

Debug = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on standard output.")]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="ocr (embedded, the default: follows explicit instructions), "
        "transformers:FOLDER_OR_NAME?option=value (weights here; see docs/models.md), openai:MODEL@URL?option=value (URL or openai, "
        "dashscope, openrouter, ollama, ...; see docs/servers.md), openai-computer:MODEL or anthropic:MODEL (the providers' own "
        "computer tools), scripted:FILE or replay:RUN.",
    ),
]
DialectName = Annotated[
    str,
    typer.Option(
        help="The model's action format: auto (by the model's name or config.json), a name such as json, or your own "
        "package.module:MyDialect."
    ),
]
VisionModel = Annotated[
    str,
    typer.Option(
        "--model", "-m", help="Needed: transformers:NAME_OR_FOLDER, openai:MODEL@URL, scripted:FILE or replay:RUN.", show_default=False
    ),
]
MinPixels = Annotated[int | None, typer.Option(min=1, help="Show each picture with at least so many pixels.", show_default=False)]
MaxPixels = Annotated[int | None, typer.Option(min=1, help="Show each picture with at most so many pixels.", show_default=False)]
ResizedWidth = Annotated[int | None, typer.Option(min=1, help="Show each picture this wide instead.", show_default=False)]
ResizedHeight = Annotated[int | None, typer.Option(min=1, help="Show each picture this high instead.", show_default=False)]
MaxNewTokens = Annotated[int, typer.Option(min=1, help="Longest reply, in tokens.")]
Temperature = Annotated[float, typer.Option(min=0.0, help="Sampling temperature; 0 is greedy.")]
AdbPort = Annotated[
    int | None, typer.Option(min=1, max=65535, help="android: port of the adb server.  [default: adb's own]", show_default=False)
]
PhoneSize = Annotated[str, typer.Option(help="Pixels of a simulated phone's screen, WIDTHxHEIGHT.")]
ScreenSize = Annotated[
    str | None,
    typer.Option(
        help="WIDTHxHEIGHT in pixels of a simulated phone's screen (default: 1080x2400) or of a virtual desktop (default: 1280x800).",
        show_default=False,
    ),
]
PhoneDensity = Annotated[int, typer.Option(help="Dots per inch of a simulated phone.")]
PhoneClock = Annotated[
    str, typer.Option(help="Clock of a simulated phone: running, or steps (each input takes a second, nothing else any time).")
]
PhoneAnimations = Annotated[bool, typer.Option("--animations", help="A simulated phone with animations.")]
PhoneFaults = Annotated[
    list[str] | None,
    typer.Option(help="What goes wrong on purpose on a simulated phone, as in docs/android.md; may be repeated.", show_default=False),
]
Programs = Annotated[
    list[str] | None,
    typer.Option(
        "--program",
        help="Command line to start on the virtual desktop (ending in ' &': not waited for); may be repeated.",
        show_default=False,
    ),
]
ProgramsHome = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Folder that programs of the virtual desktop take for HOME.  [default: one that goes with it]", show_default=False
    ),
]
Virtual = Annotated[
    bool, typer.Option("--virtual", help="desktop: start one of its own that ends with the run; your screen stays as it is.")
]
FilmFile = Annotated[
    Path | None,
    typer.Option(help="desktop: film the run into this .mp4, .webm or .gif file.", show_default=False),
]
DeviceName = Annotated[
    str, typer.Option(help="android: sim (starts a simulated phone) or a serial.  [default: the only one attached]", show_default=False)
]
History = Annotated[
    str | None,
    typer.Option(help="text: past calls in words (as trained); turns: past screenshots too, append-only.", show_default="text"),
]
HistoryPictures = Annotated[int | None, typer.Option(min=1, help="Past screenshots that turns keep at most.", show_default="10")]
Approve = Annotated[
    str,
    typer.Option(
        metavar="rules|ask|auto",
        help="rules: risky actions are asked for in the terminal or denied, see handeye rules; ask: ask before each; auto: carry out all. "
        "handeye demo and bench work in worlds of their own and carry out all; handeye replay does what was done, and no more.",
    ),
]
RulesFile = Annotated[
    Path | None, typer.Option("--rules", help="File of your own rules.  [default: what handeye rules prints]", show_default=False)
]
AnswerWithin = Annotated[
    float | None,
    typer.Option(min=1.0, max=86_400.0, help="Seconds that a person has to answer; then it is a no.  [default: 120]", show_default=False),
]
MaxCost = Annotated[float | None, typer.Option(min=0.0, help="Give up when the model's calls have cost so much money.", show_default=False)]
AllowHosts = Annotated[
    list[str] | None,
    typer.Option("--allow-host", help="Go nowhere but here: [*.]host[:port][=address]; may be repeated.", show_default=False),
]
LoadHosts = Annotated[
    list[str] | None,
    typer.Option("--load-host", help="browser: pages may load from here too, '*' for anywhere; may be repeated.", show_default=False),
]
AllowApps = Annotated[
    list[str] | None,
    typer.Option("--allow-app", help="android, desktop: use this package or program only; may be repeated.", show_default=False),
]
ProxyPort = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="browser: port of the proxy of --allow-host.  [default: any]", show_default=False),
]
DownloadMb = Annotated[
    float | None, typer.Option(min=0.0, help="browser: largest download, in megabytes.  [default: see docs/safety.md]", show_default=False)
]
DownloadKinds = Annotated[
    list[str] | None,
    typer.Option("--download-kind", help="browser: download these kinds only, as pdf; may be repeated.", show_default=False),
]
UploadFrom = Annotated[
    list[str] | None, typer.Option("--upload-from", help="browser: upload files of this folder only; may be repeated.", show_default=False)
]
Permissions = Annotated[
    list[str] | None, typer.Option("--permission", help="browser: grant pages this, as geolocation; may be repeated.", show_default=False)
]
Secrets = Annotated[
    list[str] | None,
    typer.Option(
        "--secret",
        metavar="NAME=SOURCE@WHERE",
        help=SECRET_HELP,
        show_default=False,
    ),
]
HOST_HELP = "Address of this machine that --show listens at; 0.0.0.0 lets others in who know the password, without encryption."
Seed = Annotated[int | None, typer.Option(help="Seed of sampling.", show_default=False)]


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
    env: Annotated[str, typer.Option(help="Where: browser, android or desktop.")] = "browser",
    url: Annotated[str, typer.Option(help="browser, android: address of the page to begin with.")] = "about:blank",
    device: DeviceName = "",
    start_app: Annotated[str, typer.Option("--app", help="android: app to begin in, by its name or package.")] = "",
    model: ModelName = "",
    dialect: DialectName = "auto",
    out: Annotated[Path | None, typer.Option(help="Folder of the run.  [default: runs/TIME]", show_default=False)] = None,
    steps: Annotated[int, typer.Option(min=1, help="Give up after this many actions.")] = 40,
    seconds: Annotated[float, typer.Option(min=0.0, help="Give up after so many seconds.")] = 1800.0,
    parse_retries: Annotated[int, typer.Option(min=0, help="Further tries after a reply that cannot be read.")] = 3,
    seed: Annotated[int | None, typer.Option(help="Seed of the environment and of sampling.")] = None,
    temperature: Annotated[float, typer.Option(min=0.0, help="Sampling temperature; 0 is greedy.")] = 0.0,
    top_p: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of the likeliest tokens to sample from.")] = 1.0,
    repetition_penalty: Annotated[float, typer.Option(min=0.1, help="Above 1, said tokens get rarer; 1 is none.")] = 1.0,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest reply, in tokens.")] = 2048,
    constrain: Annotated[bool, typer.Option("--constrain", help="Hold each reply to one well-formed call, without a thought.")] = False,
    history: History = None,
    history_pictures: HistoryPictures = None,
    approve: Approve = "rules",
    rules: RulesFile = None,
    answer_within: AnswerWithin = None,
    max_cost: MaxCost = None,
    allow_hosts: AllowHosts = None,
    load_hosts: LoadHosts = None,
    allow_apps: AllowApps = None,
    proxy_port: ProxyPort = None,
    download_mb: DownloadMb = None,
    download_kinds: DownloadKinds = None,
    upload_from: UploadFrom = None,
    permissions: Permissions = None,
    secrets: Secrets = None,
    prompt: Annotated[Path | None, typer.Option(help="File with your own prompt text for the dialect.", show_default=False)] = None,
    min_pixels: Annotated[int | None, typer.Option(help="Smallest picture for the model, in pixels.", show_default=False)] = None,
    max_pixels: Annotated[int | None, typer.Option(help="Largest picture for the model, in pixels.", show_default=False)] = None,
    viewport: Annotated[str, typer.Option(help="browser: size of the page, WIDTHxHEIGHT.")] = "1280x800",
    scale: Annotated[float, typer.Option(min=0.25, max=8.0, help="browser: pixels of the screenshot for each of the page.")] = 1.0,
    headed: Annotated[bool, typer.Option("--headed", help="browser: show its window.")] = False,
    profile: Annotated[Path | None, typer.Option(help="browser: folder of a profile that is kept.", show_default=False)] = None,
    attach: Annotated[str, typer.Option(help="browser: work in a running Chrome, at its debugging address, http://localhost:9222.")] = "",
    chromium: Annotated[Path | None, typer.Option(help="Browser program to start, in a simulated phone too.", show_default=False)] = None,
    downloads: Annotated[Path | None, typer.Option(help="browser: downloads' folder.  [default: in the run]", show_default=False)] = None,
    plain_select: Annotated[bool, typer.Option("--plain-select", help="browser: leave native drop-down lists as they are.")] = False,
    adb_port: AdbPort = None,
    size: ScreenSize = None,
    density: PhoneDensity = 480,
    phone_seed: Annotated[int, typer.Option(help="Which people, messages and files are on a simulated phone.")] = 0,
    clock: PhoneClock = "running",
    animations: PhoneAnimations = False,
    fault: PhoneFaults = None,
    virtual: Virtual = False,
    program: Programs = None,
    driver: Annotated[str, typer.Option(help="desktop: auto, x11 or pyautogui.")] = "auto",
    home: ProgramsHome = None,
    show: Annotated[bool, typer.Option("--show", help="desktop: with --virtual, serve a page to watch it and take over.")] = False,
    show_host: Annotated[str, typer.Option(help=HOST_HELP)] = "127.0.0.1",
    show_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of that page.  [default: any]", show_default=False)] = 0,
    record: FilmFile = None,
    display: Annotated[str | None, typer.Option(help="desktop: X display to work on.  [default: $DISPLAY]", show_default=False)] = None,
    monitor: Annotated[int | None, typer.Option(min=0, help="desktop: one monitor only, from 0.", show_default=False)] = None,
    cursor: Annotated[bool, typer.Option("--cursor", help="desktop: show the pointer in the screenshots.")] = False,
    typing: Annotated[str, typer.Option(help="desktop: type by keys, or paste from the clipboard.", metavar="keys|paste")] = "keys",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Work towards GOAL with a model, step by step, and write everything down."""
    from handeye.agent.cli.run import RunRequest, run_command

    raise typer.Exit(run_command(RunRequest.of(locals())))


@app.command()
def phone(
    count: Annotated[int, typer.Option(min=1, max=16, help="How many phones.")] = 1,
    size: PhoneSize = "1080x2400",
    density: PhoneDensity = 480,
    seed: Annotated[int, typer.Option(help="Which people, messages and files are on it; a second phone has the next number.")] = 0,
    clock: PhoneClock = "running",
    animations: PhoneAnimations = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="TCP port of the first phone's adbd.  [default: any]", show_default=False)
    ] = 0,
    fault: PhoneFaults = None,
    show: Annotated[bool, typer.Option("--show", help="Serve a page that shows it live and takes taps, swipes and typing.")] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open that page in your browser; implies --show.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Start a simulated Android phone that adb takes for a device, and keep it until Ctrl-C."""
    from handeye.agent.cli.phone import PhoneRequest, phone_command

    request = PhoneRequest(count, size, density, seed, clock, animations, port, tuple(fault or ()), show or open_it, open_it, as_json)
    raise typer.Exit(phone_command(request))


@app.command()
def desktop(
    size: Annotated[str, typer.Option(help="Pixels of its screen, WIDTHxHEIGHT.")] = "1280x800",
    program: Programs = None,
    home: ProgramsHome = None,
    show: Annotated[bool, typer.Option("--show", help="Serve a page that shows it live and takes mouse and keyboard.")] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open that page in your browser; implies --show.")] = False,
    host: Annotated[str, typer.Option(help=HOST_HELP)] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of that page.  [default: any]", show_default=False)] = 0,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Start a virtual desktop beside your own, and keep it until Ctrl-C."""
    from handeye.agent.cli.desktop import DesktopRequest, desktop_command

    request = DesktopRequest(size, tuple(program or ()), home, show or open_it, open_it, host, port, as_json)
    raise typer.Exit(desktop_command(request))


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
def rules(
    file: Annotated[Path | None, typer.Argument(help="A rule file to check and to say in words.", show_default=False)] = None,
    debug: Debug = False,
) -> None:
    """Print the rules that `run` goes by, or check a FILE of your own and say each of its rules in words."""
    from handeye.agent.cli.permission import rules_command

    raise typer.Exit(rules_command(file))


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
    """Do again what RUN did, where it began, asking about nothing, and say where the screens differ."""
    from handeye.agent.cli.replay import replay_command

    raise typer.Exit(replay_command(run, out, as_json))


@app.command()
def locate(
    image: Annotated[str, typer.Argument(help="A picture: a file (PNG, JPEG, WebP, ...) or an address.")],
    what: Annotated[str, typer.Argument(help='What to look for, as in "the Submit button".')],
    model: ModelName = "",
    dialect: Annotated[
        str, typer.Option(help="How the model points: auto, a dialect's name, or your own package.module:MyDialect.")
    ] = "auto",
    every: Annotated[bool, typer.Option("--all", help="All that fit, not one.")] = False,
    min_pixels: MinPixels = None,
    max_pixels: MaxPixels = None,
    resized_width: ResizedWidth = None,
    resized_height: ResizedHeight = None,
    out: Annotated[Path | None, typer.Option(help="Write the picture with the places drawn on it.", show_default=False)] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say where something is in a picture, in its pixels."""
    from handeye.agent.cli.locate import LocateRequest, locate_command
    from handeye.agent.cli.media_options import MediaOptions

    media = MediaOptions(min_pixels, max_pixels, resized_width, resized_height)
    raise typer.Exit(locate_command(LocateRequest(image, what, model, media, every, out, as_json, dialect)))


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What is to be answered.", show_default=False)] = "",
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Pictures and videos, in order: files, addresses, or folders of a video's frames.", show_default=False),
    ] = None,
    model: VisionModel = "",
    timestamps: Annotated[bool, typer.Option("--timestamps", help="Ask for events in a video, with their times in seconds.")] = False,
    fps: Annotated[float | None, typer.Option(help="Frames of a video a second.  [default: 2]", show_default=False)] = None,
    max_frames: Annotated[int | None, typer.Option(help="Most frames of a video.  [default: 768]", show_default=False)] = None,
    start: Annotated[float | None, typer.Option(help="Begin the video at this second.", show_default=False)] = None,
    end: Annotated[float | None, typer.Option(help="End the video at this second.", show_default=False)] = None,
    decoder: Annotated[str, typer.Option(help="What reads videos: auto, pyav, torchcodec, decord or torchvision.")] = "auto",
    min_pixels: MinPixels = None,
    max_pixels: MaxPixels = None,
    resized_width: ResizedWidth = None,
    resized_height: ResizedHeight = None,
    batch: Annotated[
        Path | None,
        typer.Option(help='Ask each row {"question": ..., "files": [...]} of this JSONL file instead.', show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="With --batch: write the rows here; where it exists, take it up again.", show_default=False)
    ] = None,
    max_new_tokens: MaxNewTokens = 2048,
    temperature: Temperature = 0.0,
    seed: Seed = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Ask a model a question about pictures and videos."""
    from handeye.agent.cli.ask import AskRequest, ask_command
    from handeye.agent.cli.media_options import MediaOptions
    from handeye.agent.models.base import Sampling

    media = MediaOptions(min_pixels, max_pixels, resized_width, resized_height, fps, max_frames, start, end, decoder)
    sampling = Sampling(temperature=temperature, max_new_tokens=max_new_tokens, seed=seed)
    raise typer.Exit(ask_command(AskRequest(question, files or [], model, media, sampling, timestamps, batch, out, as_json)))


@app.command()
def extract(
    files: Annotated[list[str], typer.Argument(help="The document's pages, in order: pictures as files or addresses.")],
    schema: Annotated[Path, typer.Option(help="File with the JSON schema of the data.", show_default=False)],
    model: VisionModel = "",
    retries: Annotated[int, typer.Option(min=0, help="Further tries after a reply that does not obey the schema.")] = 2,
    min_pixels: MinPixels = None,
    max_pixels: MaxPixels = None,
    resized_width: ResizedWidth = None,
    resized_height: ResizedHeight = None,
    out: Annotated[Path | None, typer.Option(help="Write the data to this file.", show_default=False)] = None,
    max_new_tokens: MaxNewTokens = 4096,
    temperature: Temperature = 0.0,
    seed: Seed = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Read a document into data that obeys a JSON schema."""
    from handeye.agent.cli.extract import ExtractRequest, extract_command
    from handeye.agent.cli.media_options import MediaOptions
    from handeye.agent.models.base import Sampling

    media = MediaOptions(min_pixels, max_pixels, resized_width, resized_height)
    sampling = Sampling(temperature=temperature, max_new_tokens=max_new_tokens, seed=seed)
    raise typer.Exit(extract_command(ExtractRequest(files, schema, model, media, sampling, retries, out, as_json)))


@app.command()
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Also start the browser, read a picture and try each phone.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Say what each extra needs, what is missing, and the command that mends it."""
    from handeye.agent.cli.doctor import doctor_command

    raise typer.Exit(doctor_command(deep, as_json))
