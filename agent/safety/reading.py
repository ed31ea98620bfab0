"""Reading rules: TOML in, `Rules` out, and every fault refused with the file, the line and what was meant perhaps."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote

from handeye.agent.safety.classes import CLASSES
from handeye.agent.safety.lines import Lines
from handeye.agent.safety.rules import STRICTEST, Rule, Rules
from handeye.agent.safety.spending import CODES
from handeye.agent.safety.words import fold
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS
from handeye.tools.egress.hosts import Pattern, read_pattern
from handeye.tools.errors import SetupError
from handeye.tools.target import Place, Surface

LARGEST = 262_144
"""Bytes of a rule file; more is no list that a person wrote."""
LONGEST = 500
"""Characters of one text in it."""
INPUT_TYPES = tuple(
    (
        "button checkbox color date datetime-local email file hidden image month number password radio range reset search submit tel text "
        "time url week"
    ).split()
)
"""Types of an HTML input (HTML Living Standard, 4.10.5); a phone's password fields are of type password too."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_SETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "class": ("classes", tuple(CLASSES)),
    "action": ("actions", tuple(name for name in ACTIONS if name not in LOOP_ACTIONS)),
    "surface": ("surfaces", get_args(Surface)),
    "place": ("places", get_args(Place)),
    "frame": ("frames", ("top", "same", "other")),
    "method": ("methods", METHODS),
    "input_type": ("input_types", INPUT_TYPES),
}
"""Fields with a closed set of values, by the field of `Rule` that holds them."""
_GLOBS = {"path": "paths", "app": "apps", "role": "roles", "name": "names"}
_SWITCHES = ("named_by_user", "start_host")
_TEXTS = {"title": "title", "why": "says", "instead": "says"}
RULE_FIELDS = (*_SETS, *_GLOBS, *_SWITCHES, *_TEXTS, "host", "max_amount", "currency", "times", "answer")
LIMITS: dict[str, tuple[bool, float]] = {
    "steps": (True, 1e6),
    "seconds": (False, 1e7),
    "cost": (False, 1e9),
    "answer_within": (False, 86_400),
}
"""Fields of `[limits]`: whether a whole number, and the most that makes sense."""
HARMLESS_FIELDS = ("method", "host", "path")
TABLES = ("rule", "limits", "harmless")


@cache
def default_rules() -> Rules:
    """The rules that ship with handeye."""
    return read_rules(default_text(), "default_rules.toml")


def default_text() -> str:
    """The file of those rules."""
    return resources.files(__package__).joinpath("default_rules.toml").read_text(encoding="utf-8")


def load_rules(path: Path) -> Rules:
    """The rules in the file `path`. Raises `SetupError`."""
    try:
        opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(opened, "rb") as file:
            # Of what is open: a pipe would be waited for, and a device has no end.
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise SetupError(f"{path} is no file.", fix="handeye rules > mine.toml makes a file to begin with")
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise SetupError(f"{path} is larger than {LARGEST // 1024} KiB: that is no list of rules.")
        text = data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise SetupError(f"{path} is not UTF-8 text (byte {error.start}).", fix="save it as UTF-8") from error
        raise SetupError(
            f"The rules {path} cannot be read ({getattr(error, 'strerror', None) or error}).",
            fix="handeye rules > mine.toml makes a file to begin with",
        ) from error
    return read_rules(text, str(path))


def read_rules(text: str, where: str) -> Rules:
    """The rules that `text` says; `where` is its name in messages.

    Raises `SetupError` for what is no TOML, for a table, field or value that is not known or of another type, for a rule that says
    nothing, allows everything or repeats another, and where there is no rule at all.
    """
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise SetupError(f"{where} is no TOML: {error}") from error
    reading = _Reading(text, where)
    for name in table:
        if name not in TABLES:
            raise reading.wrong(
                f"there is no table or field {_quoted(name)}",
                reading.line((), name),
                _nearest(name, TABLES, "[[rule]], [limits] or [[harmless]]"),
            )
    rows = _tables(table.get("rule", []), "rule", reading)
    if not rows:
        raise SetupError(f"{where} has no rule: without one everything is denied.", fix="handeye rules prints a file to begin with")
    rules = tuple(reading.rule(number, row) for number, row in enumerate(rows))
    _no_two_alike(rules, reading)
    harmless = tuple(reading.harmless(number, row) for number, row in enumerate(_tables(table.get("harmless", []), "harmless", reading)))
    limits = table.get("limits", {})
    if not isinstance(limits, dict):
        raise reading.wrong("limits is a table: [limits]", reading.line((), "limits"))
    found: dict[str, Any] = {name: reading.limit(name, value) for name, value in limits.items()}
    return Rules(rules, harmless, **found, where=where)


class _Reading:
    """One file at work."""

    def __init__(self, text: str, where: str) -> None:
        self._lines, self._where = Lines(text), where
        self._at: tuple[str, int] | tuple[()] = ()

    def line(self, table: tuple[str, int] | tuple[()], field: str = "") -> int:
        return self._lines.of(table, field)

    def wrong(self, why: str, line: int, fix: str | None = None) -> SetupError:
        return SetupError(f"{self._where}, line {line}: {why}.", fix=fix)

    def bad(self, field: str, why: str, fix: str | None = None) -> SetupError:
        return self.wrong(f"{field}: {why}" if field else why, self.line(self._at, field), fix)

    def rule(self, number: int, row: dict[str, Any]) -> Rule:
        self._at = ("rule", number)
        for name in row:
            if name not in RULE_FIELDS:
                raise self.bad(name, "a rule has no such field", _nearest(name, RULE_FIELDS, f"one of {', '.join(RULE_FIELDS)}"))
        found: dict[str, Any] = {"line": self.line(self._at)}
        for name, value in row.items():
            found |= self._field(name, value)
        found["answer"] = self._answer(row)
        rule = Rule(**found)
        if rule.answer == "allow" and (why := _allows_everything(rule)):
            raise self.bad("class" if rule.classes else "", why, f'name the classes: class = ["free", ...]; {", ".join(CLASSES)}')
        if rule.times is not None and rule.answer != "allow":
            raise self.bad("times", "only what is allowed is counted", "leave it out")
        if "why" in row and rule.answer in {"allow", "instead"}:
            raise self.bad("why", "the reason is told for deny and ask only", "leave it out, or use a comment")
        if (rule.max_amount is None) == bool(rule.currency):
            raise self.bad(
                "currency" if rule.currency else "max_amount",
                "max_amount and currency belong together",
                'max_amount = 20 and currency = "EUR"',
            )
        return rule

    def _answer(self, row: dict[str, Any]) -> str:
        if ("answer" in row) == ("instead" in row):
            raise self.bad(
                "", "a rule needs answer or instead, one of the two", 'answer = "allow", "deny" or "ask", or instead = "what to do"'
            )
        if "instead" in row:
            return "instead"
        return self._one_of("answer", row["answer"], tuple(answer for answer in STRICTEST if answer != "instead"))

    def _field(self, name: str, value: Any) -> dict[str, Any]:
        if name in _SETS:
            into, known = _SETS[name]
            named = frozenset(self._one_of(name, text, known) for text in self._texts(name, value))
            if name != "class" and named == frozenset(known):
                raise self.bad(name, "it names all that there are, and so sets no condition", "leave the field out")
            return {into: named}
        if name in _GLOBS:
            return {_GLOBS[name]: tuple(self._glob(name, text) for text in self._texts(name, value))}
        if name in _SWITCHES:
            if not isinstance(value, bool):
                raise self.bad(name, f"it is true or false, not {_quoted(value)}")
            return {name: value}
        if name in _TEXTS:
            return {_TEXTS[name]: self._text_of(name, value)}
        match name:
            case "host":
                return {"hosts": tuple(self._host(text) for text in self._texts(name, value))}
            case "max_amount":
                return {"max_amount": self._number(name, value, 1e9)}
            case "currency":
                return {"currency": self._one_of(name, self._text_of(name, value), tuple(sorted(CODES)))}
            case "times":
                return {"times": self._whole(name, value, 1e6)}
            case _:
                return {}

    def _texts(self, name: str, value: Any) -> list[str]:
        values = value if isinstance(value, list) else [value]
        if not values:
            raise self.bad(name, "the list is empty, so the rule would never fit", "leave the field out, or name something")
        texts = [self._text_of(name, one) for one in values]
        if len(set(texts)) < len(texts):
            raise self.bad(name, "a value is there twice", "leave one of them")
        return texts

    def _text_of(self, name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise self.bad(name, f"it is a text in quotes, not {_quoted(value)}")
        if not value.strip() or len(value) > LONGEST or any(ord(letter) < 32 or letter == "\x7f" for letter in value):
            raise self.bad(name, f"it is empty, longer than {LONGEST} characters, or has a control character in it")
        return value

    def _one_of(self, name: str, value: Any, known: Iterable[str]) -> str:
        text, known = self._text_of(name, value), tuple(known)
        if text not in known:
            raise self.bad(name, f"there is no {_quoted(text)}", _nearest(text, known, f"one of {', '.join(known)}"))
        return text

    def _glob(self, name: str, text: str) -> str:
        glob = unquote(text) if name == "path" else fold(text)
        if not glob.strip("*? ") or (("*" in glob or "?" in glob) and not glob.strip("*?/.:-_ ")):
            raise self.bad(name, f"{_quoted(text)} fits everything", "leave the field out")
        if "[" in glob or "]" in glob:
            raise self.bad(name, "only * (anything) and ? (one character) have a meaning here", "put ? where a bracket is meant")
        if name == "path" and not glob.startswith(("/", "*")):
            raise self.bad(name, "a path begins with /", f'path = "/{text[:60]}"')
        if name == "path" and ("#" in glob or re.search(r"\?.*=", glob) or re.search(r"(?:^|/)\.{1,2}(?:/|$)", glob)):
            raise self.bad(name, "no page's path has a query, a # or a /../ in it", "write the path alone, as in /account/*")
        return glob

    def _host(self, text: str) -> Pattern:
        try:
            return read_pattern(text, "host")
        except SetupError as error:
            raise self.bad("host", str(error).removeprefix("host ").rstrip(".")) from error

    def _number(self, name: str, value: Any, most: float) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.bad(name, f"it is a number, not {_quoted(value)}")
        number = Decimal(value)
        if not number.is_finite() or not 0 < number <= Decimal(most):
            raise self.bad(name, f"it is more than 0 and at most {most:g}")
        return number

    def _whole(self, name: str, value: Any, most: float) -> int:
        if not isinstance(value, int):
            raise self.bad(name, f"it is a whole number, not {_quoted(value)}")
        return int(self._number(name, value, most))

    def limit(self, name: str, value: Any) -> int | float:
        self._at = ("limits", 0)
        if name not in LIMITS:
            raise self.bad(name, "there is no such limit", _nearest(name, tuple(LIMITS), f"one of {', '.join(LIMITS)}"))
        whole, most = LIMITS[name]
        return self._whole(name, value, most) if whole else float(self._number(name, value, most))

    def harmless(self, number: int, row: dict[str, Any]) -> str:
        self._at = ("harmless", number)
        for name in row:
            if name not in HARMLESS_FIELDS:
                raise self.bad(name, "what is harmless has no such field", _nearest(name, HARMLESS_FIELDS, "method, host and path"))
        if missing := [name for name in HARMLESS_FIELDS if name not in row]:
            raise self.bad("", f"{' and '.join(missing)} must be said", 'method = "POST", host = "shop.test" and path = "/search*"')
        method = self._one_of("method", row["method"], tuple(name for name in METHODS if name != "GET"))
        host, path = self._host(self._text_of("host", row["host"])), self._text_of("path", row["path"])
        if host.below or host.address:
            raise self.bad("host", "what is harmless is named host by host")
        if not path.startswith("/") or "*" in path[:-1] or any(mark in path for mark in " ?#\\"):
            raise self.bad("path", "it begins with /, has * at its end or not at all, and no space, ? or #", 'path = "/search*"')
        if path == "/*":
            raise self.bad("path", "everything on a host cannot be harmless", "name the paths")
        port = "" if host.port == 443 else f":{host.port}"
        return f"{method} {host.host}{port}{path}"


def _allows_everything(rule: Rule) -> str:
    """In what way a rule that allows does so whatever is done; empty: it does not."""
    if not rule.classes:
        return "it allows without a class, and so everything"
    alone = Rule(rule.answer, rule.title, classes=rule.classes, times=rule.times, line=rule.line)
    return "it names every class and nothing else, and so allows everything" if rule == alone and rule.classes == frozenset(CLASSES) else ""


def _tables(value: Any, name: str, reading: _Reading) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise reading.wrong(f"{name} is a list of tables", reading.line((), name), f"[[{name}]] with two brackets on each side")
    return value


def _no_two_alike(rules: tuple[Rule, ...], reading: _Reading) -> None:
    def conditions(rule: Rule) -> tuple[Any, ...]:
        left_out = {"answer", "title", "says", "line", "times"}
        return tuple(getattr(rule, name) for name in Rule.__dataclass_fields__ if name not in left_out)

    seen: dict[tuple[Any, ...], Rule] = {}
    titles: dict[str, Rule] = {}
    whole: dict[str, Rule] = {}
    for rule in rules:
        if (first := seen.setdefault(conditions(rule), rule)) is not rule and first.times is None:
            raise reading.wrong(
                f"it has the same conditions as the rule in line {first.line}, which decides before it", rule.line, "leave one of them"
            )
        if rule.title and titles.setdefault(rule.title, rule) is not rule:
            raise reading.wrong(
                f"the title {_quoted(rule.title)} stands in line {titles[rule.title].line} too", rule.line, "give each rule its own"
            )
        risks = rule.classes or frozenset(CLASSES)
        if risks <= whole.keys():
            raise reading.wrong(
                f"the rule in line {whole[min(risks)].line} decides all of it before", rule.line, "put this one before that"
            )
        if rule.times is None and conditions(rule) == conditions(Rule(rule.answer, classes=rule.classes)):
            whole |= dict.fromkeys(risks - whole.keys(), rule)


def _nearest(text: str, known: Iterable[str], otherwise: str) -> str:
    close = difflib.get_close_matches(text.casefold(), list(known), 1, 0.5) or difflib.get_close_matches(text.upper(), list(known), 1, 0.5)
    return f"write {close[0]}" if close else otherwise


def _quoted(value: Any) -> str:
    return repr(value if len(repr(value)) <= 60 else str(value)[:60])
