"""`$((...))`: whole numbers of 64 bits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

TOKEN: Final = re.compile(r"\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|\*\*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>!~&|^()?:])")
BINARY: Final[tuple[dict[str, Callable[[int, int], int]], ...]] = (
    {"||": lambda a, b: int(bool(a or b))},
    {"&&": lambda a, b: int(bool(a and b))},
    {"|": lambda a, b: a | b},
    {"^": lambda a, b: a ^ b},
    {"&": lambda a, b: a & b},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {"<": lambda a, b: int(a < b), ">": lambda a, b: int(a > b), "<=": lambda a, b: int(a <= b), ">=": lambda a, b: int(a >= b)},
    {"<<": lambda a, b: a << (b & 63), ">>": lambda a, b: a >> (b & 63)},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": lambda a, b: divided(a, b)[0], "%": lambda a, b: divided(a, b)[1]},
)
"""From the weakest to the strongest."""


class ArithmeticFault(Exception):
    """An expression that has no value; the message is what the shell says."""


def evaluate(text: str, variables: Mapping[str, str]) -> int:
    """The value of an expression; variables that hold no number count as 0. Raises `ArithmeticFault`."""
    tokens: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise ArithmeticFault(f"{text}: unexpected '{text[at]}'")
        tokens.append(match[1])
        at = match.end()
    if not tokens:
        return 0
    reader = _Reader(tokens, variables, text)
    try:
        value = reader.choice()
    except RecursionError as error:
        raise ArithmeticFault("expression recurses too deep") from error
    if reader.left:
        raise ArithmeticFault(f"{text}: unexpected '{reader.left[0]}'")
    return value


def divided(a: int, b: int) -> tuple[int, int]:
    """Quotient and remainder as C has them. Raises `ArithmeticFault` for division by zero."""
    if b == 0:
        raise ArithmeticFault("zero divisor")
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return quotient, a - quotient * b


def number(text: str) -> int:
    """The number that a text begins as: decimal, or hexadecimal behind 0x; 0 for anything else."""
    match = re.fullmatch(r"\s*([-+]?)(0[xX][0-9a-fA-F]{1,16}|\d{1,19})\s*", text)
    if match is None:
        return 0
    size = int(match[2], 16) if match[2][:2] in ("0x", "0X") else int(match[2])
    return wrapped(-size if match[1] == "-" else size)


def wrapped(value: int) -> int:
    """The value as 64 bits hold it."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


class _Reader:
    def __init__(self, tokens: list[str], variables: Mapping[str, str], text: str) -> None:
        self.left = tokens
        self._variables = variables
        self._text = text

    def choice(self) -> int:
        condition = self._binary(0)
        if not self._have("?"):
            return condition
        yes = self.choice()
        self._need(":")
        no = self.choice()
        return yes if condition else no

    def _binary(self, level: int) -> int:
        if level == len(BINARY):
            return self._unary()
        value = self._binary(level + 1)
        while self.left and self.left[0] in BINARY[level]:
            operator = self.left.pop(0)
            value = wrapped(BINARY[level][operator](value, self._binary(level + 1)))
        return value

    def _unary(self) -> int:
        if self._have("-"):
            return wrapped(-self._unary())
        if self._have("+"):
            return self._unary()
        if self._have("!"):
            return int(not self._unary())
        if self._have("~"):
            return ~self._unary()
        if self._have("("):
            value = self.choice()
            self._need(")")
            return value
        if not self.left or not re.match(r"\w", self.left[0]):
            raise ArithmeticFault(f"{self._text}: unexpected end of expression")
        token = self.left.pop(0)
        return number(token if token[0].isdigit() else self._variables.get(token, ""))

    def _have(self, token: str) -> bool:
        if self.left and self.left[0] == token:
            self.left.pop(0)
            return True
        return False

    def _need(self, token: str) -> None:
        if not self._have(token):
            raise ArithmeticFault(f"{self._text}: missing {token}")
