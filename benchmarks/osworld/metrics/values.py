"""Metrics on plain values: text, lists and objects that getters gave."""

from __future__ import annotations

import json
from typing import Any

Rules = dict[str, Any]


def exact_match(result: Any, rules: Rules) -> float:
    """The result is `expected`."""
    return float(result == rules["expected"])


def match_in_list(result: Any, rules: Rules) -> float:
    """The result is one of `expected`."""
    return float(result in rules["expected"])


def is_in_list(result: Any, rules: Rules) -> float:
    """`expected` is in the result."""
    return float(result is not None and rules["expected"] in result)


def literal_match(result: Any, expected: Any, type: str = "str", ignore_case: bool = False) -> float:
    """The result is `expected` as text, or as a list of texts."""

    def plain(value: Any) -> str:
        return str(value).lower() if ignore_case else str(value)

    if type == "str":
        return float(plain(result) == plain(expected))
    both_lists = isinstance(result, list | tuple) and isinstance(expected, list | tuple)
    return float(both_lists and [plain(one) for one in result] == [plain(one) for one in expected])


def fuzzy_match(result: str, rules: Rules) -> float:
    """How alike the result and `expected` are, from 0 to 1."""
    from rapidfuzz import fuzz

    return float(fuzz.ratio(result, rules["expected"]) / 100)


def check_include_exclude(result: str | None, rules: Rules) -> float:
    """All of `include` and none of `exclude` are in the result."""
    if result is None:
        return 0.0
    return float(all(word in result for word in rules.get("include", [])) and not any(word in result for word in rules.get("exclude", [])))


def check_direct_json_object(result: Any, rules: Rules) -> float:
    """The object has what `expected` says, key by key. With `expect_in_result` text may be a part of what was found, and a list names
    choices: one of them is what was found, or is in the list that was found."""
    if isinstance(result, str):
        # Tasks print Python objects as well as JSON.
        result = json.loads(result.strip().replace("'", '"'))
    if not isinstance(result, dict):
        return 0.0
    expected, within = rules.get("expected", {}), rules.get("expect_in_result", False)
    return float(all(_direct(expected[key], result.get(key), within) for key in expected))


def _direct(wanted: Any, given: Any, within: bool) -> bool:
    if not within:
        return bool(wanted == given)
    if isinstance(wanted, list):
        return any(one in given if isinstance(given, list) else one == given for one in wanted)
    return isinstance(wanted, str) and isinstance(given, str | list) and wanted in given


def check_moved_jpgs(result: Any, rules: Rules) -> float:
    """A folder's listing holds the `expected` names and no others."""
    return float(sorted(one["name"] for one in result["children"]) == sorted(rules["expected"]))


def is_utc_0(result: str) -> float:
    """timedatectl's words name a time zone without an offset."""
    return float(any("Time zone:" in line and line.rstrip().endswith("+0000)") for line in result.splitlines()))


def check_text_enlarged(result: str) -> float:
    """The scale of text is above 1."""
    return float(float(result) > 1.0)


def is_in_vm_clickboard(rules: Rules, result: str) -> float:
    """The clipboard has `expected`, or all of it if it is a list."""
    wanted = rules["expected"]
    return float(all(one in result for one in (wanted if isinstance(wanted, list) else [wanted])))


def check_gnome_favorite_apps(result: str, rules: Rules) -> float:
    """The list that gsettings printed has the `expected` names and no others."""
    import ast

    return float(sorted(ast.literal_eval(result)) == sorted(rules["expected"]))
