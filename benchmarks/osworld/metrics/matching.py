"""Comparing one value with a rule (`method` and `ref`), as several of OSWorld's metrics do."""

from __future__ import annotations

import operator
import re
from typing import Any


def matches(value: Any, rule: dict[str, Any]) -> bool:
    """Whether a value is as a rule says. `method`: eq ne le lt ge gt; re or re.FLAG...; approx:TOLERANCE; range.XY with X and Y in e t
    (with, without the end); str_list_eq, str_set_eq (of comma-separated text); spreadsheet_range.

    Raises `ValueError` for another method.
    """
    method, ref = rule["method"], rule["ref"]
    if method in ("eq", "ne", "le", "lt", "ge", "gt"):
        return bool(getattr(operator, method)(value, ref))
    if method == "re" or method.startswith("re."):
        flags = re.RegexFlag(0)
        for name in method.split(".")[1:]:
            flags |= re.RegexFlag[name]
        return re.search(ref, value, flags) is not None
    if method.startswith("approx:"):
        try:
            return abs(float(value) - float(ref)) <= float(method.partition(":")[2])
        except (TypeError, ValueError):
            return False
    if method.startswith("range.") and len(method) == 8:
        return _within(value, ref, method[6], method[7])
    if method in ("str_list_eq", "str_set_eq"):
        words = value.strip("\"'").split(",")
        return words == list(ref) if method == "str_list_eq" else set(words) == set(ref)
    if method == "spreadsheet_range":
        return _covers(str(value), ref[0]) and _covers(ref[1], str(value))
    raise ValueError(f"there is no method {method!r} to match a value")


def _within(value: Any, ends: list[Any], left: str, right: str) -> bool:
    below, above = (operator.le if left == "e" else operator.lt), (operator.le if right == "e" else operator.lt)
    return bool(below(ends[0], value) and above(value, ends[1]))


def _covers(outer: str, inner: str) -> bool:
    """Whether the cells of `inner` are all in `outer` (ranges as in A1:B2, several with spaces between)."""
    from openpyxl.utils import range_boundaries

    boxes = [range_boundaries(one) for one in outer.split()]
    return all(
        any(l0 <= l1 and t0 <= t1 and r0 >= r1 and b0 >= b1 for l0, t0, r0, b0 in boxes)
        for l1, t1, r1, b1 in (range_boundaries(one) for one in inner.split())
    )
