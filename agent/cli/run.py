"""`handeye run`: one episode with live progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from handeye.agent.choosing import choose_dialect
from handeye.agent.cli.permission import Permission, door, permission
from handeye.agent.cli.secrets import open_vault, with_secrets
from handeye.agent.cli.warnings import warn
from handeye.agent.describe import describe
from handeye.agent.dialects.registry import open_dialect
from handeye.agent.loop import Agent, Event, Setting, run_episode
from handeye.agent.models.base import Sampling
from handeye.agent.models.registry import DEFAULT_MODEL, open_model
from handeye.agent.trajectory import Result, StepRow
from handeye.envs.actions import LOOP_ACTIONS
from handeye.envs.registry import open_env
from handeye.envs.secrets.vault import Vault
from handeye.tools.errors import DeviceError, InvalidAction, SetupError

ENV_OPTIONS = {
    "browser": (
        *("url", "viewport", "scale", "headed", "profile", "attach", "chromium", "downloads", "plain_select"),
        *("allow_hosts", "load_hosts", "proxy_port", "download_mb", "download_kinds", "upload_from", "permissions", "guard"),
    ),
    "android": (
        *("device", "start_app", "url", "adb_port", "size", "density", "phone_seed", "clock", "animations", "fault", "chromium"),
        *("allow_apps", "allow_hosts", "guard"),
    ),
    "desktop": (
        *("driver", "display", "monitor", "cursor", "typing", "virtual", "size", "program", "home"),
        *("allow_apps", "allow_hosts", "guard"),
    ),
}
"""The options that an environment takes."""
QWEN_HINT = (
    "The embedded model follows explicit instructions only. To use Qwen2.5-VL instead:\n"
    "  handeye run ... --model transformers:Qwen/Qwen2.5-VL-7B-Instruct\n"
    "or served:\n"
    "  vllm serve Qwen/Qwen2.5-VL-7B-Instruct\n"
    "  handeye run ... --model openai:Qwen/Qwen2.5-VL-7B-Instruct@http://localhost:8000/v1"
)


@dataclass(frozen=True)
class RunRequest:
    """What was asked for on the command line; names are those of the options."""

    goal: str
    env: str = "browser"
    url: str = "about:blank"
    model: str = ""
    dialect: str = ""
    out: Path | None = None
    steps: int = 40
    seconds: float = 1800.0
    parse_retries: int = 3
    seed: int | None = None
    temperature: float = 0.0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    max_new_tokens: int = 2048
    constrain: bool = False
    history: str | None = None
    history_pictures: int | None = None
    approve: str = "rules"
    rules: Path | None = None
    answer_within: float | None = None
    max_cost: float | None = None
    allow_hosts: list[str] | None = None
    load_hosts: list[str] | None = None
    allow_apps: list[str] | None = None
    proxy_port: int | None = None
    download_mb: float | None = None
    download_kinds: list[str] | None = None
    upload_from: list[str] | None = None
    permissions: list[str] | None = None
    secrets: list[str] | None = None
    prompt: Path | None = None
    min_pixels: int | None = None
    max_pixels: int | None = None
    viewport: str = "1280x800"
    scale: float = 1.0
    headed: bool = False
    profile: Path | None = None
    attach: str = ""
    chromium: Path | None = None
    downloads: Path | None = None
    plain_select: bool = False
    device: str = ""
    start_app: str = ""
    adb_port: int | None = None
    size: str | None = None
    density: int = 480
    phone_seed: int = 0
    clock: str = "running"
    animations: bool = False
    fault: list[str] | None = None
    driver: str = "auto"
    display: str | None = None
    monitor: int | None = None
    cursor: bool = False
    typing: str = "keys"
    virtual: bool = False
    program: list[str] | None = None
    home: Path | None = None
    show: bool = False
    show_host: str = "127.0.0.1"
    show_port: int = 0
    record: Path | None = None
    as_json: bool = False

    @staticmethod
    def of(options: Mapping[str, Any]) -> RunRequest:
        """The request that a command's `options` make; those that are no part of it are left out."""
        return RunRequest(**{name: value for name, value in options.items() if name in RunRequest.__dataclass_fields__})

    @property
    def guard(self) -> bool | None:
        """Whether the environment will be asked what an action would touch; None: it need not get ready for that."""
        return None if self.approve == "auto" and not self.secrets else True

    def env_options(self) -> dict[str, Any]:
        """What opens the environment again, as JSON values."""
        names = ENV_OPTIONS.get(self.env, ())
        return {name: str(value) if isinstance(value, Path) else value for name in names if (value := getattr(self, name)) is not None}

    def sampling(self) -> Sampling:
        """How the model's tokens are chosen."""
        return Sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            repetition_penalty=self.repetition_penalty,
            max_new_tokens=self.max_new_tokens,
            seed=self.seed,
        )

    def dialect_options(self) -> dict[str, Any]:
        """What the dialect was told beside its name."""
        prompt = str(self.prompt) if self.prompt else None
        given = {"prompt_file": prompt, "min_pixels": self.min_pixels, "max_pixels": self.max_pixels}
        given |= {"history": self.history, "history_pictures": self.history_pictures}
        return {name: value for name, value in given.items() if value is not None}


def run_command(request: RunRequest) -> int:
    """Run one episode; the exit code: 0 reached, 1 not reached."""
    console = Console(stderr=request.as_json, highlight=False)
    if not request.goal.strip():
        raise InvalidAction("The goal is empty.", fix='say what is to be done, as in handeye run "Click the Submit button" --url ...')
    # First: values that come from the environment are gone from it before anything is started.
    vault = open_vault(request)
    permitted = permission(request)
    _check_desktop_options(request)
    out = request.out or new_run_folder()
    model = open_model(request.model or DEFAULT_MODEL)
    try:
        result = _episode(request, permitted, vault, model, out, console)
    finally:
        model.close()
    _report(result, out, request, console)
    return 0 if result.success else 1


def new_run_folder() -> Path:
    """A fresh name below `runs/`, by the time of day."""
    stem = datetime.now().strftime("%Y%m%d-%H%M%S")
    names = (Path("runs") / (stem if not number else f"{stem}-{number}") for number in range(1000))
    return next(path for path in names if not path.exists())


def with_downloads(env: str, options: dict[str, Any], out: Path) -> dict[str, Any]:
    """The options of an environment whose downloads, if it has any and no folder was named for them, go into the run in `out`."""
    if env != "browser":
        return options
    return {"downloads": str(out.resolve() / "downloads"), **options}


def _episode(request: RunRequest, permitted: Permission, vault: Vault | None, model: Any, out: Path, console: Console) -> Result:
    options = request.env_options()
    choice = choose_dialect(request.model or DEFAULT_MODEL, request.dialect, "phone" if request.env == "android" else "computer")
    warn(choice.warnings)
    env = open_env(request.env, with_downloads(request.env, options, out))
    try:
        dialect = open_dialect(choice.dialect, env.action_types | LOOP_ACTIONS, **request.dialect_options())
        console.print(
            f"[bold]{escape(vault.redact(request.goal) if vault else request.goal)}[/]\n"
            f"[dim]model {escape(model.name)}, dialect {dialect.name}, run {escape(str(out))}[/]"
        )
        if not request.model:
            console.print(f"[dim]{QWEN_HINT}[/]", soft_wrap=True)
        if request.env == "desktop" and not request.virtual:
            console.print("[dim]To stop it: Ctrl-C, or throw the pointer into the upper left corner.[/]")
        for note in getattr(model, "notes", ()):
            console.print(f"[dim]{escape(note)}[/]", soft_wrap=True)
        if request.show:
            _show(request, env, console)
        with _filmed(request, env, console), console.status("Starting ...") as status:
            return run_episode(
                request.goal,
                with_secrets(env, vault),
                Agent(
                    model,
                    dialect,
                    request.sampling(),
                    permitted.approver,
                    door(request, console, status, permitted.answer_within),
                    request.constrain,
                    vault,
                ),
                out,
                limits=permitted.limits,
                seed=request.seed,
                setting=Setting(request.env, options, request.dialect_options(), choice.dialect, choice.warnings),
                on_event=lambda event: _progress(event, console, status),
            )
    finally:
        if request.virtual and request.home is None:
            _keep_saved(env, out, console)
        env.close()


def _check_desktop_options(request: RunRequest) -> None:
    given = {"--program": request.program, "--home": request.home, "--show": request.show}
    if (option := next((name for name, value in given.items() if value), None)) and not (request.env == "desktop" and request.virtual):
        raise SetupError(f"{option} is for a virtual desktop.", fix="add --env desktop --virtual")
    if request.virtual and request.env != "desktop":
        raise SetupError("--virtual starts a desktop.", fix="add --env desktop")
    if request.virtual and request.display:
        raise SetupError("--virtual starts a display of its own, --display names one that is there.", fix="leave one of them out")
    if request.record is not None:
        from handeye.tools.desktop.recording import check_suffix

        check_suffix(request.record)
        if request.env != "desktop":
            raise SetupError("--record films a desktop.", fix="add --env desktop")


def _show(request: RunRequest, env: Any, console: Console) -> None:
    """Serve the page to watch the run at, and say where."""
    from handeye.tools.desktop.show import show

    address = show(env.virtual, request.show_host, request.show_port)
    console.print(f"Watch it, or take over: [link={address}]{address}[/link]", soft_wrap=True)


def _keep_saved(env: Any, out: Path, console: Console) -> None:
    """Programs' home goes with their desktop; what they saved there is what the run was for, perhaps."""
    from handeye.tools.desktop.saved import keep_saved

    try:
        kept = keep_saved(env.virtual.home, out / "home")
    except DeviceError as error:
        console.print(f"[yellow]{escape(str(error))}[/]", soft_wrap=True)
        return
    if kept:
        console.print(f"[dim]Files that programs saved to their home: {escape(str(out / 'home'))}[/]", soft_wrap=True)


@contextmanager
def _filmed(request: RunRequest, env: Any, console: Console) -> Iterator[None]:
    """A film of the run while it lasts, where one was asked for; says why when it ended before."""
    from handeye.tools.desktop.recording import Recording

    if request.record is None:
        yield
        return
    recording = Recording.start(request.record, env.driver.name, monitor=request.monitor)
    try:
        yield
    finally:
        recording.close()
        if recording.fault:
            console.print(f"[yellow]The film {escape(str(request.record))} ended early: {escape(recording.fault)}[/]", soft_wrap=True)


def _progress(event: Event, console: Console, status: Status) -> None:
    if event.phase == "thinking":
        status.update(f"step {event.index + 1}: thinking ...")
    elif event.phase == "acting" and event.action is not None:
        status.update(f"step {event.index + 1}: {escape(describe(event.action))} ...")
    elif event.row is not None:
        console.print(step_line(event.row))


def step_line(row: StepRow) -> str:
    """One step as a line of rich markup."""
    said = escape(describe(row.action)) if row.action is not None else "[red]no readable reply[/]"
    env_s = row.timings.act_s + row.timings.settle_s + row.timings.capture_s
    line = f"[cyan]{row.index + 1:>3}[/] {said}  [dim]{row.timings.model_s:.2f} s model, {env_s:.2f} s env[/]"
    if row.thought:
        line += f"\n    [dim italic]{escape(' '.join(row.thought.split())[:200])}[/]"
    if row.error:
        line += f"\n    [red]{escape(row.error)}[/]"
    return line


def _report(result: Result, out: Path, request: RunRequest, console: Console) -> None:
    if request.as_json:
        sys.stdout.write(json.dumps({"run": str(out), **result.model_dump(mode="json")}) + "\n")
        return
    colour = "green" if result.success else "red"
    console.print(f"[bold {colour}]{result.outcome.replace('_', ' ')}[/] after {result.steps} steps and {result.seconds:.1f} s", end="")
    console.print(f": {escape(result.message)}" if result.message else "")
    for step in result.unapproved:
        console.print(f"[dim]No person approved {escape(step)}[/]", soft_wrap=True)
    console.print(f"[dim]Look at it: handeye view {escape(str(out))}[/]")
