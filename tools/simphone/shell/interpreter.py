"""Runs scripts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from handeye.tools.simphone.commands.arguments import UsageFault
from handeye.tools.simphone.commands.call import Call
from handeye.tools.simphone.commands.registry import find_program
from handeye.tools.simphone.files import FileFault
from handeye.tools.simphone.pipes import Capture, Closed, FileSink, GiveWay, Input, Null, Pipe, Sink
from handeye.tools.simphone.shell import expansion
from handeye.tools.simphone.shell.builtins import BUILTINS
from handeye.tools.simphone.shell.expansion import ExpansionFault
from handeye.tools.simphone.shell.flow import ExitShell, LoopJump, ReturnFrom
from handeye.tools.simphone.shell.parser import parse
from handeye.tools.simphone.shell.patterns import fits
from handeye.tools.simphone.shell.syntax import (
    AndOr,
    Case,
    For,
    Group,
    If,
    Node,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    Simple,
    SyntaxFault,
    While,
)

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

NAME = "/system/bin/sh"
"""What the shell calls itself in its messages."""
DEEPEST_CALL = 50
"""Most functions and scripts inside one another."""
BROKEN_PIPE = 141
"""Exit code of a program that wrote to nobody (128 + SIGPIPE)."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Streams:
    """Standard input and outputs."""

    stdin: Input
    out: Sink
    err: Sink


class Shell:
    """A shell with its variables. `run` is for one script, or for one line after the other."""

    def __init__(self, phone: Phone, cwd: str = "/") -> None:
        self.phone = phone
        self.cwd = cwd
        self.variables = {
            "ANDROID_DATA": "/data",
            "ANDROID_ROOT": "/system",
            "EXTERNAL_STORAGE": "/sdcard",
            "HOME": "/",
            "HOSTNAME": phone.options.name,
            "PATH": "/product/bin:/apex/com.android.runtime/bin:/system/bin:/system/xbin:/vendor/bin",
            "SHELL": NAME,
            "TMPDIR": "/data/local/tmp",
            "USER": "root" if phone.state.facts.rooted else "shell",
        }
        self.positional: list[str] = []
        self.functions: dict[str, Node] = {}
        self.options: set[str] = set()
        self.status = 0
        self.depth = 0
        self._tested = 0
        self._substituted: int | None = None
        self._errors: Sink = Null()
        """Where programs in `$(...)` write their errors: that of the command whose words are expanded."""
        self._jobs: list[asyncio.Task[int]] = []
        """What runs in the background; subshells share the list."""

    async def run(self, script: str, io: Streams) -> int:
        """Run a script and give its exit code; errors in it are told on `io.err`. Raises `Closed` when nobody reads the output."""
        try:
            self.status = await self._sequence(parse(script), io)
            await self.wait()
        except (SyntaxFault, ExpansionFault) as error:
            await self.complain(io, str(error))
            self.status = 1
        except RecursionError:
            await self.complain(io, "recurses too deep")
            self.status = 1
        except (ReturnFrom, LoopJump) as jump:
            self.status = jump.code
        finally:
            for job in self._jobs:
                job.cancel()
        return self.status

    async def wait(self) -> None:
        """Wait for what runs in the background."""
        jobs = list(self._jobs)
        self._jobs.clear()
        try:
            await asyncio.gather(*jobs)
        finally:
            for job in jobs:
                job.cancel()

    async def complain(self, io: Streams, text: str) -> None:
        """A line on standard error in the shell's name."""
        await io.err.write(f"{NAME}: {text}\n".encode("utf-8", "surrogateescape"))

    def copy(self, own_jobs: bool = False) -> Shell:
        """A subshell; with `own_jobs` one that ends for itself."""
        other = Shell(self.phone, self.cwd)
        other.variables = dict(self.variables)
        other.positional = list(self.positional)
        other.functions = dict(self.functions)
        other.options = set(self.options)
        other.status, other.depth, other._tested, other._errors = self.status, self.depth, self._tested, self._errors
        other._jobs = [] if own_jobs else self._jobs
        return other

    def parameter(self, name: str) -> str | None:
        """The value of `$name`."""
        if name in ("@", "*"):
            return " ".join(self.positional)
        if name.isdigit():
            index = int(name)
            return NAME if index == 0 else self.positional[index - 1] if index <= len(self.positional) else None
        special = {"?": str(self.status), "#": str(len(self.positional)), "$": "4711", "!": "", "-": "".join(sorted(self.options))}
        return special[name] if name in special else self.variables.get(name)

    async def output_of(self, body: Sequence) -> str:
        """What `$(body)` stands for."""
        if self.depth >= DEEPEST_CALL:
            raise ExpansionFault("recurses too deep")
        kept = Capture()
        child = self.copy()
        child.depth += 1
        self._substituted = await child.contained(Group(body, False), Streams(Input(), kept, self._errors))
        return kept.data.replace(b"\0", b"").decode("utf-8", "surrogateescape").rstrip("\n")

    async def contained(self, node: Node, io: Streams) -> int:
        """Run a node in this subshell, whose end is not the caller's."""
        try:
            return await self._node(node, io)
        except (ExitShell, ReturnFrom, LoopJump) as jump:
            return jump.code
        except ExpansionFault as error:
            await self.complain(io, str(error))
            return 1
        except Closed:
            return BROKEN_PIPE

    async def within(self, node: Node, io: Streams) -> int:
        """Run a node in this shell."""
        if self.depth >= DEEPEST_CALL:
            raise ExpansionFault("recurses too deep")
        self.depth += 1
        try:
            return await self._node(node, io)
        finally:
            self.depth -= 1

    async def command(self, argv: list[str], io: Streams) -> int:
        """Run a function, a builtin or a program."""
        function = self.functions.get(argv[0])
        if function is not None:
            return await self._call(function, argv[1:], io)
        builtin = BUILTINS.get(argv[0].rpartition("/")[2] if argv[0].startswith("/system/bin/") else argv[0])
        if builtin is not None:
            return await builtin(self, argv[1:], io)
        return await self._program(argv, io)

    async def script_file(self, path: str, arguments: list[str], io: Streams) -> int:
        """Run a file as a script, in this shell. Raises `FileFault` when it cannot be read."""
        body = parse(self.phone.state.files.read(path).decode("utf-8", "surrogateescape"))
        return await self._call(Group(body, False), arguments, io)

    async def _call(self, body: Node, arguments: list[str], io: Streams) -> int:
        before, self.positional = self.positional, arguments
        try:
            return await self.within(body, io)
        except ReturnFrom as jump:
            return jump.code
        finally:
            self.positional = before

    async def _program(self, argv: list[str], io: Streams) -> int:
        program = find_program(argv[0])
        if program is None:
            return await self._unknown(argv, io)
        call = Call(self.phone, argv, io.stdin, self.cwd, dict(self.variables))

        async def flush() -> None:
            for kept, sink in ((call.err, io.err), (call.out, io.out)):
                data = bytes(kept)
                kept.clear()
                if data:
                    await sink.write(data)
            await GiveWay()

        async def run(argv: list[str], data: bytes | None) -> int:
            await flush()
            return await self.command(argv, io if data is None else replace(io, stdin=Input(data)))

        call.flush, call.run = flush, run
        try:
            code = await program(call)
        except (FileFault, UsageFault) as error:
            code = call.complain(f"{argv[0]}: {error}")
        except (ExitShell, ReturnFrom, LoopJump, ExpansionFault, SyntaxFault, Closed, RecursionError):
            raise
        except Exception as error:
            log.exception("%s failed", argv)
            code = call.complain(f"{argv[0]}: internal error: {type(error).__name__}: {error}")
        await flush()
        return code

    async def _unknown(self, argv: list[str], io: Streams) -> int:
        name = argv[0]
        try:
            entry = self.phone.state.files.get(self.phone.state.files.real(name, self.cwd)) if "/" in name else None
        except FileFault:
            entry = None
        if entry is None:
            await self.complain(io, f"{name}: inaccessible or not found")
            return 127
        if entry.data is None or not entry.mode & 0o111 or entry.data[:4] == b"\x7fELF":
            await self.complain(io, f"{name}: can't execute: {'Is a directory' if entry.is_folder else 'Permission denied'}")
            return 126
        child = self.copy()
        try:
            return await child.script_file(self.phone.state.files.real(name, self.cwd), argv[1:], io)
        except ExitShell as jump:
            return jump.code
        except SyntaxFault as error:
            await self.complain(io, f"{name}: {error}")
            return 1

    async def _sequence(self, body: Sequence, io: Streams) -> int:
        code = 0
        for item, background in body.items:
            if background:
                node = Group(Sequence(((item, False),)), True)
                self._jobs.append(asyncio.create_task(self.copy().contained(node, replace(io, stdin=Input()))))
                code = 0
            else:
                code = await self._and_or(item, io)
                if code and "e" in self.options and not self._tested:
                    raise ExitShell(code)
            self.status = code
        return code

    async def _and_or(self, node: AndOr, io: Streams) -> int:
        self._tested += bool(node.rest)
        try:
            self.status = code = await self._pipeline(node.first, io)
            for operator, pipeline in node.rest:
                if (code == 0) == (operator == "&&"):
                    self.status = code = await self._pipeline(pipeline, io)
            return code
        finally:
            self._tested -= bool(node.rest)

    async def _pipeline(self, node: Pipeline, io: Streams) -> int:
        if len(node.stages) == 1:
            code = await self._node(node.stages[0], io)
        else:
            code = await self._piped(node.stages, io)
        return int(code == 0) if node.negated else code

    async def _piped(self, stages: tuple[Node, ...], io: Streams) -> int:
        pipes = [Pipe() for _ in stages[1:]]

        async def stage(index: int) -> int:
            source = pipes[index - 1] if index else None
            target = pipes[index] if index < len(pipes) else None
            own = Streams(source.input if source else io.stdin, target or io.out, io.err)
            try:
                return await self.copy().contained(stages[index], own)
            finally:
                if target:
                    target.end()
                if source:
                    source.leave()

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(stage(index)) for index in range(len(stages))]
        return tasks[-1].result()

    async def _node(self, node: Node, io: Streams) -> int:
        await GiveWay()
        if isinstance(node, Simple):
            return await self._simple(node, io)
        if isinstance(node, Redirected):
            streams = await self._redirected(node.redirects, io)
            return 1 if streams is None else await self._written(self._node(node.node, streams), streams, io)
        if isinstance(node, Group):
            return await (self.copy().contained(replace(node, subshell=False), io) if node.subshell else self._sequence(node.body, io))
        if isinstance(node, If):
            return await self._if(node, io)
        if isinstance(node, For):
            return await self._for(node, io)
        if isinstance(node, While):
            return await self._while(node, io)
        if isinstance(node, Case):
            return await self._case(node, io)
        self.functions[node.name] = node.body
        return 0

    async def _condition(self, body: Sequence, io: Streams) -> bool:
        self._tested += 1
        try:
            self.status = await self._sequence(body, io)
            return self.status == 0
        finally:
            self._tested -= 1

    async def _if(self, node: If, io: Streams) -> int:
        for condition, body in node.branches:
            if await self._condition(condition, io):
                return await self._sequence(body, io)
        return await self._sequence(node.otherwise, io) if node.otherwise else 0

    async def _for(self, node: For, io: Streams) -> int:
        code = 0
        self._errors = io.err
        for value in self.positional if node.words is None else await expansion.fields(self, node.words):
            self.variables[node.name] = value
            try:
                code = await self._sequence(node.body, io)
            except LoopJump as jump:
                code = 0
                if jump.left_after(node):
                    break
        return code

    async def _while(self, node: While, io: Streams) -> int:
        code = 0
        while await self._condition(node.condition, io) != node.until:
            try:
                code = await self._sequence(node.body, io)
            except LoopJump as jump:
                code = 0
                if jump.left_after(node):
                    break
            await GiveWay()
        return code

    async def _case(self, node: Case, io: Streams) -> int:
        self._errors = io.err
        subject = await expansion.text(self, node.word)
        for patterns, body in node.branches:
            for pattern in patterns:
                if fits(await expansion.pattern(self, pattern), subject):
                    return await self._sequence(body, io)
        return 0

    async def _simple(self, node: Simple, io: Streams) -> int:
        self._errors = io.err
        self._substituted = None
        argv = await expansion.fields(self, node.words)
        streams = await self._redirected(node.redirects, io)
        if streams is None:
            return 1
        before = dict(self.variables)
        for name, word in node.assignments:
            value = await expansion.text(self, word)
            if name.endswith("+"):
                name, value = name[:-1], self.variables.get(name[:-1], "") + value
            self.variables[name] = value
        if not argv:
            return self._substituted or 0
        try:
            return await self._written(self.command(argv, streams), streams, io)
        finally:
            for name, _ in node.assignments:
                self._restore(name.rstrip("+"), before)

    def _restore(self, name: str, before: dict[str, str]) -> None:
        if name in before:
            self.variables[name] = before[name]
        else:
            self.variables.pop(name, None)

    async def _written(self, work: Coroutine[Any, Any, int], streams: Streams, io: Streams) -> int:
        """The exit code of work whose files are complete afterwards."""
        try:
            try:
                return await work
            finally:
                for sink in (streams.out, streams.err):
                    if isinstance(sink, FileSink) and sink not in (io.out, io.err):
                        sink.commit()
        except FileFault as error:
            await self.complain(io, f"write error: {error}")
            return 1

    async def _redirected(self, redirects: tuple[Redirect, ...], io: Streams) -> Streams | None:
        """The streams after redirections; None, and a complaint, when a file cannot be opened."""
        for redirect in redirects:
            self._errors = io.err
            target = await expansion.text(self, redirect.target)
            try:
                io = self._opened(redirect, target, io)
            except FileFault as error:
                verb = "open" if redirect.operator == "<" else "create"
                await self.complain(io, f"can't {verb} {target}: {error}")
                return None
        return io

    def _opened(self, redirect: Redirect, target: str, io: Streams) -> Streams:
        fd, operator = redirect.fd, redirect.operator
        if operator in ("<<", "<<<"):
            data = (target + ("\n" if operator == "<<<" else "")).encode("utf-8", "surrogateescape")
            return replace(io, stdin=Input(data))
        if operator in (">&", "<&"):
            if operator == "<&" or target == "-":
                return replace(io, out=Null()) if fd == 1 else replace(io, err=Null()) if fd == 2 else io
            if target in ("1", "2"):
                sink = io.out if target == "1" else io.err
                return replace(io, out=sink) if fd == 1 else replace(io, err=sink) if fd == 2 else io
            fd, operator = -1, ">"
        files = self.phone.state.files
        path = files.real(target, self.cwd)
        if operator in ("<", "<>"):
            return replace(io, stdin=Input(b"" if path == "/dev/null" else files.read(path)))
        sink = Null() if path in ("/dev/null", "/dev/zero") else FileSink(files, path)
        if isinstance(sink, FileSink):
            before = files.get(path)
            files.write(path, before.data or b"" if operator == ">>" and before and not before.is_folder else b"")
        return replace(io, out=sink if fd in (1, -1) else io.out, err=sink if fd in (2, -1) else io.err)
