"""Metrics on text files: plain, CSV, JSON, settings."""

from __future__ import annotations

import csv
import difflib
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

from handeye.benchmarks.osworld.documents import Unreadable, reading, text
from handeye.benchmarks.osworld.metrics.matching import matches

Rules = dict[str, Any]


def compare_text_file(result: str | None, expected: str, ignore_blanks: bool = False, ignore_case: bool = False) -> float:
    """The texts of two files are the same."""
    if not result:
        return 0.0
    both = [text(result), text(expected)]
    if ignore_blanks:
        both = [" ".join(one.split()) for one in both]
    if ignore_case:
        both = [one.lower() for one in both]
    return float(both[0] == both[1])


def diff_text_file(result: str | None, expected: str) -> float:
    """How alike the lines of two files are, from 0 to 1 (Ratcliff and Obershelp, as difflib has it)."""
    if not result:
        return 0.0
    return difflib.SequenceMatcher(a=text(result).splitlines(), b=text(expected).splitlines()).ratio()


def file_contains(result: str | None, rules: Rules) -> float:
    """The file has all of `expected` in it."""
    return float(bool(result) and all(word in text(result or "") for word in rules["expected"]))


def compare_python_pure_text(result: str | None, expected: str) -> float:
    """Two programs are the same but for blank lines, spaces at line ends, tabs, and encoding and interpreter lines at the top."""
    if not result or not expected:
        return 0.0
    return float(_program(text(result)) == _program(text(expected)))


def _program(source: str) -> list[str]:
    lines = source.splitlines()
    for _ in range(3):
        if lines and re.match(r"\s*#(!| -\*- coding:| coding[:=])", lines[0]):
            del lines[0]
    return [line.expandtabs(4).rstrip() for line in lines if line.strip()]


def check_line_number(result: str | None, rules: Rules) -> float:
    """As many lines as `expected` have a time of day (HH:MM:SS)."""
    if not result:
        return 0.0
    found = sum(1 for line in text(result).splitlines() if re.search(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)", line))
    return float(found == int(rules["expected"]))


def check_list(result: str | None, rules: Rules) -> float:
    """Each pattern of `expect` is found in some line, none of `unexpect` in any."""
    if not result:
        return 0.0
    lines = text(result).splitlines()

    def found(pattern: str) -> bool:
        return any(re.search(pattern, line) for line in lines)

    return float(all(map(found, rules.get("expect", []))) and not any(map(found, rules.get("unexpect", []))))


def compare_csv(result: str | None, expected: str | list[str], strict: bool = True, ignore_case: bool = False) -> float:
    """The lines of a CSV are those of the expected one, or of one of several."""
    if not result:
        return 0.0

    def lines(path: str) -> list[str]:
        read = text(path).splitlines()
        read = read if strict else [line.strip() for line in read]
        return [line.lower() for line in read] if ignore_case else read

    choices = [expected] if isinstance(expected, str) else expected
    return float(any(Path(one).is_file() and lines(result) == lines(one) for one in choices))


def check_csv(result: str | None, rules: Rules) -> float:
    """Some row has each record of `expect`, none has one of `unexpect`; rows are named by the first line."""
    if not result:
        return 0.0
    rows = list(csv.DictReader(text(result).splitlines()))

    def found(record: dict[str, str]) -> bool:
        return any(all(row.get(key) == value for key, value in record.items()) for row in rows)

    return float(all(map(found, rules.get("expect", []))) and not any(map(found, rules.get("unexpect", []))))


def check_json(result: str | None, rules: Rules, is_yaml: bool = False) -> float:
    """The value at each `key` of `expect` matches, none of `unexpect` does. YAML is not read here."""
    if is_yaml:
        raise ValueError("YAML is not read here")
    if not result:
        return 0.0
    data = _json(result)
    return float(
        all(_has(data, rule) for rule in rules.get("expect", [])) and not any(_has(data, rule) for rule in rules.get("unexpect", []))
    )


def _has(data: Any, rule: Rules) -> bool:
    for key in rule["key"]:
        try:
            data = data[key]
        except (LookupError, TypeError):
            return False
    return matches(data, rule)


def _json(path: str) -> Any:
    with reading(path):
        return json.loads(text(path))


def is_included_all_json_objects(expected: str | None, result: str | None) -> float:
    """All of the first file's keys and values are in the second."""
    if not expected or not result:
        return 0.0
    wanted, found = _json(expected), _json(result)
    return float(all(key in found and found[key] == value for key, value in wanted.items()))


def check_json_settings(result: str | None, rules: Rules) -> float:
    """The settings of `expected` are in the file."""
    if not result:
        return 0.0
    found = _json(result)
    return float(all(key in found and found[key] == value for key, value in rules["expected"].items()))


def check_json_keybindings(result: str | None, rules: Rules) -> float:
    """The binding `expected` is in the file's list, which may have a line of comment before it."""
    if not result:
        return 0.0
    try:
        found = json.loads(text(result))
    except ValueError:
        found = json.loads(text(result).partition("\n")[2])
    return float(isinstance(found, list) and rules["expected"] in found)


def compare_config(result: str | None, rules: Rules, containment_ok: bool = True) -> float:
    """The file's JSON has all of `expected`, itself JSON; if they are none, the text is in the file. Without `containment_ok`: is it."""
    if not result or not rules.get("expected"):
        return 0.0
    found, wanted = text(result), rules["expected"]
    try:
        both: tuple[Any, Any] | None = (json.loads(wanted), json.loads(found))
    except ValueError:
        both = None
    if containment_ok:
        return float(_subset(*both) if both is not None else wanted.strip() in found)
    return float(found == wanted or (both is not None and both[0] == both[1]))


def _subset(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(key in found and _subset(value, found[key]) for key, value in wanted.items())
    return bool(wanted == found)


def compare_answer(result: str | None, rules: Rules) -> float:
    """The result is the expected text."""
    return float(bool(result) and result == rules["expected"])


def is_extension_installed(result: str, rules: Rules) -> float:
    """`expected` is in the text (`type` contain), or is not (not_contain)."""
    if rules["type"] not in ("contain", "not_contain"):
        raise ValueError(f"there is no type {rules['type']!r}")
    return float((rules["expected"] in result) == (rules["type"] == "contain"))


def check_config_status(result: str | None, rules: Rules) -> float:
    """A setting of GIMP's (`(key value)` or `(key part value)`) has `value`."""
    if not result:
        return 0.0
    key = rules["key"] if isinstance(rules["key"], list) else [rules["key"]]
    for line in text(result).splitlines():
        words = line.strip().lstrip("(").rstrip(")").split()
        if words and words[: len(key)] == key and words[-1] == rules["value"]:
            return 1.0
    return 0.0


def run_sqlite3(result: str | None, rules: Rules) -> float:
    """The number that the query `sql` gives on a database."""
    if not result:
        return 0.0
    opened = sqlite3.connect(f"file:{result}?mode=ro", uri=True)
    try:
        row = opened.execute(rules["sql"]).fetchone()
    except sqlite3.Error as error:
        raise Unreadable(f"{Path(result).name}: {error}") from error
    finally:
        opened.close()
    return float((row and row[0]) or 0)


def compare_terminal_and_txt(result: str | None, expected: str | None) -> float:
    """The file's text is what the terminal showed."""
    return float(bool(result) and bool(expected) and text(result or "") == expected)
