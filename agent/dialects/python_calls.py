"""Calls in a piece of Python that a model wrote, as data: the code is parsed to its syntax tree and looked at, never run.

Taken are statements that are one call of a plain or dotted name with constants for arguments (numbers, texts, true, false, none, and
lists of them), and imports, which say nothing here. Everything else is refused: names, operators, assignments, control flow, f-strings.

Python's parser is not made for hostile text, so it only sees code that is short beside its texts and flat: what a deep or long piece
could cost is bounded before.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass, field
from itertools import islice
from textwrap import dedent
from typing import Any

from handeye.tools.errors import ParseError

MAX_CODE = 250_000
"""Characters of code: a text of 20,000 characters, each written as an escape of ten, and room beside it."""
MAX_BESIDE_TEXTS = 8_000
MAX_DEPTH = 6
MAX_CALLS = 50
MAX_BLOCKS = 20

_TEXT = re.compile(r"'(?:[^'\\\n]|\\.)*+'?|\"(?:[^\"\\\n]|\\.)*+\"?", re.S)
_ESCAPES = re.compile(r"(?:\\[\\'\"abfnrtvxNuU0-7\n])++|(\\.)", re.S)
"""Runs of escapes that Python knows, and each that it does not."""
_BRACKET = re.compile(r"[][(){}]")
_FENCE = re.compile(r"```[ \t]*(?:python|py)?[ \t]*\r?\n?(.*?)(```|\Z)", re.S | re.I)
_HEADING = re.compile(r"^[#* \t]{0,8}code[:* \t]{0,8}$", re.I | re.M)
_FIRST_LINE = re.compile(r"^[ \t]*(?:pyautogui|computer|time|mobile|browser)\.\w+[ \t]*\(", re.M)
_END_OF_TURN = re.compile(r"(?:\s|<\|\w{1,40}\|>|\[EOS\])*+\Z")
_IMPORTABLE = frozenset({"pyautogui", "time", "pyperclip", "os", "subprocess"})


class Plus(float):
    """A number that was written with a plus sign."""


@dataclass(frozen=True)
class PythonCall:
    """One call."""

    name: str
    """With its module, as `pyautogui.click`."""
    args: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Code:
    """The code in a reply."""

    text: str
    before: str
    """What stands before it."""
    repairs: tuple[str, ...] = ()


def find_code(reply: str) -> Code:
    """The code of a reply: its one fenced block, or the one after the heading `## Code:`, or the lines from the first call on.

    Raises `ParseError` where there is none, or more than one.
    """
    headings = list(islice(_HEADING.finditer(reply), MAX_BLOCKS + 1))
    fences = list(islice(_FENCE.finditer(reply), MAX_BLOCKS + 1))
    if max(len(fences), len(headings)) > MAX_BLOCKS:
        raise ParseError(f"there are more than {MAX_BLOCKS} blocks of code; give one")
    if len(fences) > 1 and headings:
        fences = [fence for fence in fences if fence.start() >= headings[-1].end()]
    if len(fences) > 1:
        raise ParseError(f"there are {len(fences)} blocks of code; give one")
    if fences:
        fence = fences[0]
        repairs = () if fence.group(2) else ("the block of code was not closed",)
        return Code(_without_end(fence.group(1)), reply[: fence.start()], repairs)
    if headings:
        return Code(_without_end(reply[headings[-1].end() :]), reply[: headings[-1].start()], ("the code stood in no block",))
    if first := _FIRST_LINE.search(reply):
        return Code(_without_end(reply[first.start() :]), reply[: first.start()], ("the code stood in no block",))
    raise ParseError("there is no code in it")


def read_python(code: str) -> tuple[PythonCall, ...]:
    """The calls of `code` in order, at least one. Raises `ParseError` for code that is anything but calls with constants."""
    if len(code) > MAX_CODE:
        raise ParseError("the code is far too long")
    _must_be_small(code)
    # A text such as 'C:\dir' means its characters; Python would warn of it.
    code = _ESCAPES.sub(lambda match: "\\" + match.group() if match.group(1) else match.group(), code)
    try:
        tree = ast.parse(dedent(code).strip())
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise ParseError(f"the code is not valid Python{line}, or it is cut off") from error
    calls = tuple(call for statement in tree.body for call in _statement(statement))
    if not calls:
        raise ParseError("the code calls nothing")
    if len(calls) > MAX_CALLS:
        raise ParseError(f"the code has more than {MAX_CALLS} calls; do less in one step")
    return calls


def _without_end(text: str) -> str:
    end = _END_OF_TURN.search(text, max(0, len(text) - 400))
    return text[: end.start()] if end else text


def _must_be_small(code: str) -> None:
    beside = _TEXT.sub("''", code)
    if len(beside) > MAX_BESIDE_TEXTS:
        raise ParseError("the code is too long")
    if nests_deeper(beside, MAX_DEPTH):
        raise ParseError("the code is nested too deeply")


def nests_deeper(code: str, most: int) -> bool:
    """Whether more than `most` brackets of whatever kind are open anywhere in `code`."""
    depth = 0
    for bracket in _BRACKET.findall(code):
        depth += 1 if bracket in "([{" else -1
        if depth > most:
            return True
    return False


def _statement(statement: ast.stmt) -> tuple[PythonCall, ...]:
    match statement:
        case ast.Expr(value=ast.Call() as call):
            return (_call(call),)
        case ast.Import(names=names) if all(name.name in _IMPORTABLE for name in names):
            return ()
        case ast.Pass():
            return ()
    raise ParseError(f"line {statement.lineno} of the code is not a call with constants, which is all that can be read")


def _call(call: ast.Call) -> PythonCall:
    keywords: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg in keywords:
            raise ParseError("the code passes arguments in a way that cannot be read")
        keywords[keyword.arg] = _value(keyword.value)
    return PythonCall(_name(call.func), tuple(_value(value) for value in call.args), keywords)


def _name(func: ast.expr) -> str:
    match func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return f"{module}.{name}"
    raise ParseError("the code calls something else than a function by its name")


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=bool() | None as value):
            return value
        case ast.Constant(value=int() | float() as value):
            return _finite(value)
        case ast.Constant(value=str() as value):
            # Halves of surrogate pairs could neither be typed nor written to a file later.
            return value.encode("utf-8", "replace").decode("utf-8")
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)) if not isinstance(value, bool):
            return -_finite(value)
        case ast.UnaryOp(op=ast.UAdd(), operand=ast.Constant(value=int() | float() as value)) if not isinstance(value, bool):
            return Plus(_finite(value))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item) for item in items]
    raise ParseError("the code has an argument that is no constant; write the value itself")


def _finite(number: int | float) -> int | float:
    if abs(number) > 1e15 or not math.isfinite(number):
        raise ParseError("a number in the code is far too large")
    return number
