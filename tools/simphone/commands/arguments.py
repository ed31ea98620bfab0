"""Reads options as toybox does: single letters, together or apart, before and behind the operands."""

from __future__ import annotations

from dataclasses import dataclass, field


class UsageFault(Exception):
    """Options that cannot be; the message is what the program says. A program may let the shell catch it."""


@dataclass
class Options:
    """What stood on the command line."""

    letters: list[str] = field(default_factory=list)
    """Options as often as they were given; long ones without their dashes."""
    values: dict[str, list[str]] = field(default_factory=dict)
    """Arguments of the options that take one."""
    rest: list[str] = field(default_factory=list)

    def __contains__(self, names: str) -> bool:
        """Whether any of the letters was given."""
        return any(name in self.letters for name in names)

    def last(self, name: str, default: str = "") -> str:
        """The argument of an option."""
        return self.values.get(name, [default])[-1]

    def number(self, name: str, default: int) -> int:
        """The argument of an option as a number. Raises `UsageFault`."""
        text = self.last(name, str(default))
        try:
            return int(text)
        except ValueError as error:
            raise UsageFault(f"not a number: {text}") from error


def read_options(arguments: list[str], valued: str = "", long_valued: tuple[str, ...] = (), permute: bool = True) -> Options:
    """Sort arguments into options and operands. Letters of `valued` take an argument. Without `permute`, options end at an operand."""
    found = Options()
    left = list(arguments)
    while left:
        argument = left.pop(0)
        if argument == "--":
            found.rest += left
            break
        if argument.startswith("--"):
            name, equals, value = argument[2:].partition("=")
            if name in long_valued:
                found.values.setdefault(name, []).append(value if equals else left.pop(0) if left else "")
            found.letters.append(name)
        elif argument.startswith("-") and len(argument) > 1:
            _letters(found, argument[1:], left, valued)
        else:
            found.rest.append(argument)
            if not permute:
                found.rest += left
                break
    return found


def _letters(found: Options, letters: str, left: list[str], valued: str) -> None:
    for at, letter in enumerate(letters):
        found.letters.append(letter)
        if letter in valued:
            inline = letters[at + 1 :]
            if not inline and not left:
                raise UsageFault(f"Missing argument to -{letter}")
            found.values.setdefault(letter, []).append(inline or left.pop(0))
            return
