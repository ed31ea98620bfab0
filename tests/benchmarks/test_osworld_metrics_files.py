"""OSWorld's metrics on text files, JSON, CSV, settings and databases, both ways."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.osworld_cases import Case, Given, both, check, right, uncovered, write, wrong

Maker = Callable[[Path], Given]


def two(mine: str, wanted: str, ending: str = "txt") -> Maker:
    return lambda folder: (write(folder / f"mine.{ending}", mine), write(folder / f"wanted.{ending}", wanted))


def ruled(mine: str, rules: Any) -> Maker:
    return lambda folder: (write(folder / "mine", mine), rules)


def pair(metric: str, good: Maker, bad: Maker, note: str = "", **options: Any) -> list[Case]:
    return [right(metric, good, note, **options), wrong(metric, bad, note, **options)]


def database(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "a.sqlite")) as opened, opened:
        opened.execute("CREATE TABLE t (n)")
        opened.execute("INSERT INTO t VALUES (1)")
    return str(folder / "a.sqlite")


def json_rule(method: str, ref: Any, *key: Any) -> dict[str, Any]:
    return {"key": list(key), "method": method, "ref": ref}


LINES = {"expect": ["^ab+$", "c"], "unexpect": ["z"]}
PEOPLE = {"expect": [{"name": "Ann", "age": "5"}], "unexpect": [{"name": "Bob"}]}
DATA = json.dumps({"a": {"b": [1, 2]}, "s": "Hello", "n": 5})
KEYS = json.dumps([{"key": "ctrl+j", "command": "c"}])
PROGRAM = "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nif x:\n\n\ty = 1  \n"
GIMPRC = '# GIMP gimprc\n(theme "Dark")\n(default-image (width 20) (height 30))\n(undo-levels 100)\n(dock side left)\n'

TEXT: list[Case] = [
    *pair("compare_text_file", two("a b\n", "a b\n"), two("a  b\n", "a b\n")),
    *pair("compare_text_file", two(" a  b\n", "a b"), two("ab", "a b"), "blanks", ignore_blanks=True),
    *pair("compare_text_file", two("AB", "ab"), two("AC", "ab"), "case", ignore_case=True),
    wrong("compare_text_file", lambda folder: (None, write(folder / "w", "")), "missing"),
    *pair("diff_text_file", two("a\nb\n", "a\nb\n"), two("a\nc\n", "a\nb\n")),
    *pair("file_contains", ruled("a b c", {"expected": ["a", "c"]}), ruled("a b c", {"expected": ["a", "d"]})),
    *pair(
        "compare_python_pure_text",
        two(PROGRAM, "if x:\n    y = 1\n"),
        two(PROGRAM, "if x:\n    y = 2\n"),
    ),
    *pair("compare_python_pure_text", two("a = 1\n\n", "a = 1"), two("```\na = 1\n```", "a = 1"), "fence"),
    *pair("check_line_number", ruled("at 12:00:00\nx\nat 23:59:59", {"expected": "2"}), ruled("at 25:00:00\n", {"expected": "1"})),
    *pair("check_list", ruled("abb\nxcx\n", LINES), ruled("abb\nc\nz\n", LINES)),
    *pair("check_list", ruled("abb\nc", {"expect": ["b$"]}), ruled("abc\n", {"expect": ["b$"]}), "one"),
    *pair("compare_csv", two("a,b\n1,2\n", "a,b\n1,2\n", "csv"), two("a,b\n1,3\n", "a,b\n1,2\n", "csv")),
    *pair("compare_csv", two(" A,b \n", "a,b", "csv"), two(" A,c \n", "a,b", "csv"), "loose", strict=False, ignore_case=True),
    *pair(
        "compare_csv",
        lambda folder: (write(folder / "m", "2"), [write(folder / "w1", "1"), write(folder / "w2", "2")]),
        lambda folder: (write(folder / "m", "3"), [write(folder / "w1", "1"), write(folder / "w2", "2")]),
        "choices",
    ),
    *pair("check_csv", ruled("name,age\nAnn,5\nEve,6\n", PEOPLE), ruled("name,age\nAnn,5\nBob,6\n", PEOPLE)),
    *pair("check_csv", ruled('name,age\n"Ann","5"\n', PEOPLE), ruled("name,age\nAnn,6\nEve,5\n", PEOPLE), "one row"),
    *both("compare_answer", ("x", {"expected": "x"}), ("x ", {"expected": "x"})),
    *both("is_extension_installed", ("a\nb.c\n", {"type": "contain", "expected": "b.c"}), ("a\n", {"type": "contain", "expected": "b.c"})),
    *both(
        "is_extension_installed", ("a", {"type": "not_contain", "expected": "b"}), ("b", {"type": "not_contain", "expected": "b"}), "not"
    ),
    *pair(
        "compare_terminal_and_txt",
        lambda folder: (write(folder / "t", "1\n2\n"), "1\n2\n"),
        lambda folder: (write(folder / "t", "1\n2"), "1\n2\n"),
    ),
    *pair(
        "run_sqlite3",
        lambda folder: (database(folder), {"sql": "SELECT COUNT(*) FROM t WHERE n = 1"}),
        lambda folder: (database(folder), {"sql": "SELECT MAX(n) FROM t WHERE n = 2"}),
    ),
]
JSON: list[Case] = [
    *pair("check_json", ruled(DATA, {"expect": [json_rule("eq", 2, "a", "b", 1)]}), ruled(DATA, {"expect": [json_rule("eq", 3, "n")]})),
    *pair(
        "check_json", ruled(DATA, {"expect": [json_rule("re", "^He", "s")]}), ruled(DATA, {"expect": [json_rule("re", "^he", "s")]}), "re"
    ),
    *pair(
        "check_json",
        ruled(DATA, {"unexpect": [json_rule("ge", 6, "n"), json_rule("eq", 1, "none")]}),
        ruled(DATA, {"unexpect": [json_rule("ge", 5, "n")]}),
        "unexpect",
    ),
    wrong("check_json", ruled(DATA, {"expect": [json_rule("eq", 1, "none")]}), "no key"),
    *pair("check_json_settings", ruled(DATA, {"expected": {"n": 5}}), ruled(DATA, {"expected": {"n": 6}})),
    *pair("check_json_keybindings", ruled(KEYS, {"expected": {"key": "ctrl+j", "command": "c"}}), ruled(KEYS, {"expected": {"key": "x"}})),
    right("check_json_keybindings", ruled(f"// yours\n{KEYS}", {"expected": {"key": "ctrl+j", "command": "c"}}), "comment"),
    *pair("is_included_all_json_objects", two('{"a": 1}', '{"a": 1, "b": 2}'), two('{"a": 2}', '{"a": 1, "b": 2}')),
    *pair("compare_config", ruled(DATA, {"expected": '{"s": "Hello"}'}), ruled(DATA, {"expected": '{"s": "hello"}'})),
    *pair("compare_config", ruled("key = 1\nb", {"expected": "key = 1"}), ruled("key = 2", {"expected": "key = 1"}), "text"),
    *pair(
        "compare_config", ruled('{"a":1}', {"expected": '{"a": 1}'}), ruled(DATA, {"expected": '{"n": 5}'}), "whole", containment_ok=False
    ),
    *pair(
        "check_config_status",
        ruled(GIMPRC, {"type": "key-value", "key": "theme", "value": '"Dark"'}),
        ruled(GIMPRC, {"type": "key-value", "key": "theme", "value": '"Light"'}),
    ),
    *pair(
        "check_config_status",
        ruled(GIMPRC, {"key": "undo-levels", "value": "100"}),
        ruled(GIMPRC, {"key": "undo-levels", "value": "10"}),
        "number",
    ),
    *pair(
        "check_config_status",
        ruled(GIMPRC, {"key": ["dock", "side"], "value": "left"}),
        ruled(GIMPRC, {"key": ["dock", "side"], "value": "right"}),
        "nested",
    ),
]
CASES = [*TEXT, *JSON]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_is_one_and_wrong_is_less(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


def test_every_metric_is_tried_both_ways() -> None:
    assert not uncovered(CASES, "files")
