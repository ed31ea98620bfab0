"""Commands that the shell itself must do, since they change it or go on with other commands."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from handeye.tools.simphone.commands.registry import find_program
from handeye.tools.simphone.files import FileFault
from handeye.tools.simphone.pipes import Input
from handeye.tools.simphone.shell.arithmetic import ArithmeticFault, evaluate, number
from handeye.tools.simphone.shell.flow import ExitShell, LoopJump, ReturnFrom
from handeye.tools.simphone.shell.parser import parse
from handeye.tools.simphone.shell.syntax import Group, SyntaxFault

if TYPE_CHECKING:
    from handeye.tools.simphone.shell.interpreter import Shell, Streams

Builtin: TypeAlias = "Callable[[Shell, list[str], Streams], Awaitable[int]]"


async def _nothing(shell: Shell, arguments: list[str], io: Streams) -> int:
    return 0


async def _cd(shell: Shell, arguments: list[str], io: Streams) -> int:
    target = arguments[0] if arguments else shell.variables.get("HOME", "/")
    target = shell.variables.get("OLDPWD", "/") if target == "-" else target
    try:
        path = shell.phone.state.files.real(target, shell.cwd)
        shell.phone.state.files.children(path)
    except FileFault as error:
        await shell.complain(io, f"cd: {target}: {error}")
        return 2
    shell.variables["OLDPWD"], shell.cwd = shell.cwd, path
    shell.variables["PWD"] = path
    return 0


async def _pwd(shell: Shell, arguments: list[str], io: Streams) -> int:
    await io.out.write(f"{shell.cwd}\n".encode("utf-8", "surrogateescape"))
    return 0


async def _assign(shell: Shell, arguments: list[str], io: Streams) -> int:
    """`export`, `local`, `typeset`, `readonly`: a variable is one like another here."""
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals and re.fullmatch(r"[A-Za-z_]\w*", name):
            shell.variables[name] = value
    return 0


async def _unset(shell: Shell, arguments: list[str], io: Streams) -> int:
    for name in arguments:
        shell.variables.pop(name, None)
        shell.functions.pop(name, None)
    return 0


async def _set(shell: Shell, arguments: list[str], io: Streams) -> int:
    if not arguments:
        lines = "".join(f"{name}='{value}'\n" for name, value in sorted(shell.variables.items()))
        await io.out.write(lines.encode("utf-8", "surrogateescape"))
    for at, argument in enumerate(arguments):
        if argument == "--" or argument[:1] not in ("-", "+"):
            shell.positional = arguments[at + (argument == "--") :]
            break
        change = shell.options.update if argument[0] == "-" else shell.options.difference_update
        change(set(argument[1:]) & set("ex"))
    return 0


async def _shift(shell: Shell, arguments: list[str], io: Streams) -> int:
    count = number(arguments[0]) if arguments else 1
    if not 0 <= count <= len(shell.positional):
        return 1
    shell.positional = shell.positional[count:]
    return 0


async def _read(shell: Shell, arguments: list[str], io: Streams) -> int:
    raw = "-r" in arguments
    names = [argument for argument in arguments if not argument.startswith("-")] or ["REPLY"]
    line = await io.stdin.line()
    text = line.decode("utf-8", "surrogateescape").removesuffix("\n")
    if not raw:
        text = re.sub(r"\\(.)", r"\1", text)
    separators = shell.variables.get("IFS", " \t\n")
    rest = text.strip("".join(char for char in separators if char in " \t\n"))
    for name in names[:-1]:
        parts = re.split(f"[{re.escape(separators)}]+", rest, maxsplit=1) if separators else [rest]
        shell.variables[name], rest = parts[0], parts[1] if len(parts) > 1 else ""
    shell.variables[names[-1]] = rest
    return 0 if line.endswith(b"\n") else 1


async def _exit(shell: Shell, arguments: list[str], io: Streams) -> int:
    raise ExitShell((number(arguments[0]) if arguments else shell.status) & 255)


async def _return(shell: Shell, arguments: list[str], io: Streams) -> int:
    raise ReturnFrom((number(arguments[0]) if arguments else shell.status) & 255)


async def _break(shell: Shell, arguments: list[str], io: Streams) -> int:
    raise LoopJump(max(1, number(arguments[0]) if arguments else 1), leave=True)


async def _continue(shell: Shell, arguments: list[str], io: Streams) -> int:
    raise LoopJump(max(1, number(arguments[0]) if arguments else 1), leave=False)


async def _let(shell: Shell, arguments: list[str], io: Streams) -> int:
    value = 0
    for argument in arguments:
        try:
            name = re.fullmatch(r"\s*([A-Za-z_]\w*)\s*([-+*/%]?)=(?!=)(.*)", argument)
            value = evaluate(name[3] if name else argument, shell.variables)
            if name:
                value = evaluate(f"{name[1]}{name[2]}({value})", shell.variables) if name[2] else value
                shell.variables[name[1]] = str(value)
        except ArithmeticFault as error:
            await shell.complain(io, str(error))
            return 2
    return int(value == 0)


async def _again(shell: Shell, arguments: list[str], io: Streams) -> int:
    """`eval` of the shell's own language."""
    try:
        body = parse(" ".join(arguments))
    except SyntaxFault as error:
        await shell.complain(io, str(error))
        return 1
    return await shell.within(Group(body, False), io)


async def _source(shell: Shell, arguments: list[str], io: Streams) -> int:
    if not arguments:
        return 0
    try:
        return await shell.script_file(shell.phone.state.files.real(arguments[0], shell.cwd), arguments[1:] or shell.positional, io)
    except (FileFault, SyntaxFault) as error:
        await shell.complain(io, f".: {arguments[0]}: {error}")
        return 1


async def _go_on(shell: Shell, arguments: list[str], io: Streams) -> int:
    """`exec`, `command`, `builtin`, `nohup`, `time`: run what follows."""
    options = [argument for argument in arguments if argument.startswith("-")]
    rest = arguments[len(options) :] if arguments[: len(options)] == options else arguments
    if "-v" in options or "-V" in options:
        return await _type(shell, rest, io, path_only=True)
    return await shell.command(rest, io) if rest else 0


async def _exec(shell: Shell, arguments: list[str], io: Streams) -> int:
    code = await _go_on(shell, arguments, io)
    if arguments:
        raise ExitShell(code)
    return code


async def _type(shell: Shell, arguments: list[str], io: Streams, path_only: bool = False) -> int:
    code = 0
    for name in arguments:
        if name in BUILTINS or name in shell.functions:
            line = name if path_only else f"{name} is a shell builtin"
        elif find_program(name):
            path = f"/system/bin/{name.rpartition('/')[2]}"
            line = path if path_only else f"{name} is {path}"
        else:
            line, code = "" if path_only else f"{name} not found", 1
        if line:
            await io.out.write(f"{line}\n".encode("utf-8", "surrogateescape"))
    return code


async def _wait(shell: Shell, arguments: list[str], io: Streams) -> int:
    await shell.wait()
    return 0


async def _sh(shell: Shell, arguments: list[str], io: Streams) -> int:
    """`sh -c TEXT [NAME ARGUMENT...]`, `sh FILE`, and `sh` with a script on its input."""
    child = shell.copy(own_jobs=True)
    rest = list(arguments)
    wants_text = False
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        option = rest.pop(0)
        wants_text = wants_text or "c" in option
        child.options |= set(option) & {"e"}
    try:
        if wants_text:
            text, child.positional = (rest[0] if rest else ""), rest[2:]
            return await child.run(text, io)
        if rest:
            return await child.script_file(shell.phone.state.files.real(rest[0], shell.cwd), rest[1:], io)
        return await child.run((await io.stdin.read()).decode("utf-8", "surrogateescape"), replace(io, stdin=Input()))
    except ExitShell as jump:
        return jump.code
    except (FileFault, SyntaxFault) as error:
        await shell.complain(io, f"{rest[0] if rest else ''}: {error}")
        return 127


async def _su(shell: Shell, arguments: list[str], io: Streams) -> int:
    """`su [USER] [-c TEXT | COMMAND...]`; every phone here lets root in."""
    rest = list(arguments)
    while rest and (rest[0] in ("0", "root", "shell", "2000", "-", "--", "-l") or rest[0].isdigit()):
        rest.pop(0)
    if rest[:1] == ["-c"]:
        return await _sh(shell, ["-c", " ".join(rest[1:])], io)
    return await shell.command(rest, io) if rest else await _sh(shell, [], io)


BUILTINS: dict[str, Builtin] = {
    ":": _nothing,
    "alias": _nothing,
    "trap": _nothing,
    "ulimit": _nothing,
    "umask": _nothing,
    "unalias": _nothing,
    "cd": _cd,
    "pwd": _pwd,
    "export": _assign,
    "local": _assign,
    "readonly": _assign,
    "typeset": _assign,
    "unset": _unset,
    "set": _set,
    "shift": _shift,
    "read": _read,
    "exit": _exit,
    "return": _return,
    "break": _break,
    "continue": _continue,
    "let": _let,
    "eval": _again,
    ".": _source,
    "source": _source,
    "command": _go_on,
    "builtin": _go_on,
    "nohup": _go_on,
    "time": _go_on,
    "exec": _exec,
    "type": _type,
    "wait": _wait,
    "sh": _sh,
    "mksh": _sh,
    "su": _su,
}
