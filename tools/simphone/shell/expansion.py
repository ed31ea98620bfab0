"""What words stand for: variables, the output of other commands, arithmetic, fields and paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handeye.tools.simphone.shell.arithmetic import ArithmeticFault, evaluate
from handeye.tools.simphone.shell.braces import braced
from handeye.tools.simphone.shell.patterns import compiled, escaped, fits, is_pattern, matching_paths, plain
from handeye.tools.simphone.shell.syntax import Arithmetic, Literal, Parameter, Part, SyntaxFault, Word

if TYPE_CHECKING:
    from handeye.tools.simphone.shell.interpreter import Shell

BLANKS = " \t\n"


class ExpansionFault(Exception):
    """A word that stands for nothing; the message is what the shell says."""


async def fields(shell: Shell, words: tuple[Word, ...]) -> list[str]:
    """The arguments that words stand for. Raises `ExpansionFault`."""
    found: list[str] = []
    for word in [each for given in words for each in _braced(given)]:
        for pattern in await _split(shell, word):
            paths = matching_paths(shell.phone.state.files, pattern, shell.cwd) if is_pattern(pattern) else []
            found += paths or [plain(pattern)]
    return found


def _braced(word: Word) -> list[Word]:
    try:
        return braced(word)
    except SyntaxFault as error:
        raise ExpansionFault(str(error)) from error


async def text(shell: Shell, word: Word) -> str:
    """What a word stands for where it is not split: in assignments, redirections and `case`. Raises `ExpansionFault`."""
    return plain(await pattern(shell, word))


async def pattern(shell: Shell, word: Word) -> str:
    """The same with quoted characters marked, for a pattern."""
    out: list[str] = []
    for part in word.parts:
        value = " ".join(await _values(shell, part))
        out.append(escaped(value) if part.quoted else value)
    return "".join(out)


async def _split(shell: Shell, word: Word) -> list[str]:
    """A word's fields as patterns."""
    done: list[str] = []
    now: str | None = None
    for part in word.parts:
        values = await _values(shell, part)
        if isinstance(part, Literal) or part.quoted:
            for index, value in enumerate(values):
                if index:
                    done.append(now or "")
                    now = None
                now = (now or "") + (escaped(value) if part.quoted else _home(value) if now is None else value)
            continue
        for index, value in enumerate(values):
            if index and now is not None:
                done.append(now)
                now = None
            for piece in _pieces(value, shell.variables.get("IFS", BLANKS)):
                if piece is None:
                    done += [] if now is None else [now]
                    now = None
                else:
                    now = (now or "") + piece
    return [*done, now] if now is not None else done


def _home(value: str) -> str:
    return "/" + value[2:] if value == "~" or value.startswith("~/") else value


def _pieces(value: str, separators: str) -> list[str | None]:
    """Text and, as None, the places where it is split."""
    out: list[str | None] = []
    bare: list[str] = []
    for char in value:
        if char in separators:
            if bare:
                out.append("".join(bare))
                bare.clear()
            if char not in BLANKS and (not out or out[-1] is None):
                out.append("")
            if not out or out[-1] is not None:
                out.append(None)
        else:
            bare.append(char)
    return [*out, "".join(bare)] if bare else out


async def _values(shell: Shell, part: Part) -> list[str]:
    """What a part stands for: one text, or as many as `$@` has."""
    if isinstance(part, Literal):
        return [part.text]
    if isinstance(part, Arithmetic):
        try:
            return [str(evaluate(await text(shell, part.expression), shell.variables))]
        except ArithmeticFault as error:
            raise ExpansionFault(str(error)) from error
    if isinstance(part, Parameter):
        return await _parameter(shell, part)
    return [await shell.output_of(part.body)]


async def _parameter(shell: Shell, part: Parameter) -> list[str]:
    if part.name == "@" and not part.operator:
        return list(shell.positional)
    value = shell.parameter(part.name)
    kind = part.operator
    if kind == "length":
        return [str(len(shell.positional) if part.name in ("@", "*") else len(value or ""))]
    if not kind:
        return [value or ""]
    argument = part.argument or Word(())
    if kind.lstrip(":") in ("-", "=", "+", "?"):
        return [await _default(shell, part, value, kind, argument)]
    wanted = await pattern(shell, argument)
    replacement = None if part.replacement is None else await text(shell, part.replacement)
    return [_cut(value or "", kind, wanted, replacement or "")]


async def _default(shell: Shell, part: Parameter, value: str | None, kind: str, argument: Word) -> str:
    there = value is not None and (bool(value) or not kind.startswith(":"))
    if kind.endswith("+"):
        return await text(shell, argument) if there else ""
    if there:
        return value or ""
    default = await text(shell, argument)
    if kind.endswith("?"):
        raise ExpansionFault(f"{part.name}: {default or 'parameter null or not set'}")
    if kind.endswith("="):
        shell.variables[part.name] = default
    return default


def _cut(value: str, kind: str, wanted: str, replacement: str) -> str:
    if kind in ("#", "##"):
        ends = range(len(value) + 1) if kind == "#" else range(len(value), -1, -1)
        return next((value[end:] for end in ends if fits(wanted, value[:end])), value)
    if kind in ("%", "%%"):
        starts = range(len(value), -1, -1) if kind == "%" else range(len(value) + 1)
        return next((value[:start] for start in starts if fits(wanted, value[start:])), value)
    if not wanted:
        return value
    return compiled(wanted).sub(lambda match: replacement, value, count=0 if kind == "//" else 1)
