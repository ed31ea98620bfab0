"""The metric on spreadsheets: `compare_table` and its kinds of rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from handeye.benchmarks.osworld.documents import Unreadable, text, xlsx
from handeye.benchmarks.osworld.metrics import sheets
from handeye.benchmarks.osworld.metrics.matching import matches

Rule = dict[str, Any]


@dataclass(frozen=True)
class _Book:
    """A workbook, opened twice at most: with formulas, and with their results."""

    path: str

    @cached_property
    def formulas(self) -> Any:
        return xlsx(self.path)

    @cached_property
    def values(self) -> Any:
        return xlsx(self.path, values=True)


@dataclass(frozen=True)
class _Sheet:
    book: _Book
    name: str

    @property
    def formulas(self) -> Any:
        return self.book.formulas[self.name]

    @property
    def values(self) -> Any:
        return self.book.values[self.name]


@dataclass(frozen=True)
class _Pair:
    """The workbook that was made and the one that is expected, if there is one."""

    result: _Book
    expected: _Book | None

    def sheet(self, index: int | str) -> _Sheet:
        """`0` and `RI0`: by number in the result; `RNName`: by name; `EI0` and `ENName`: in the expected one. Raises `Unreadable`."""
        book, word = self.result, str(index)
        if isinstance(index, str):
            if word[:2] not in ("RI", "RN", "EI", "EN"):
                raise ValueError(f"{index!r} names no sheet")
            if word[0] == "E":
                if self.expected is None:
                    raise ValueError(f"{index!r} is of the expected workbook, and there is none")
                book = self.expected
        names = book.formulas.sheetnames
        by_name, rest = isinstance(index, str) and word[1] == "N", word[2:] if isinstance(index, str) else word
        name = rest if by_name else names[int(rest)] if int(rest) < len(names) else ""
        if name not in names:
            raise Unreadable(f"there is no sheet {index!r}")
        return _Sheet(book, name)

    def two(self, rule: Rule) -> tuple[_Sheet, _Sheet]:
        """The sheets that a rule compares."""
        return self.sheet(rule["sheet_idx0"]), self.sheet(rule["sheet_idx1"])


def compare_table(result: str | None, expected: str | None = None, *, rules: list[Rule]) -> float:
    """1 if all of `rules` hold between the workbook that was made and the expected one, in order; else 0."""
    if not result:
        return 0.0
    pair = _Pair(_Book(result), _Book(expected) if expected else None)
    for rule in rules:
        check = _CHECKS.get(rule["type"])
        if check is None:
            raise ValueError(f"compare_table has no rule {rule['type']!r} here")
        if not check(pair, rule):
            return 0.0
    return 1.0


def compare_conference_city_in_order(result: str | None, rules: dict[str, Any]) -> float:
    """The cells C2 to C22 name the cities of `expected` in order, each one name or several that will do."""
    if not result:
        return 0.0
    sheet = xlsx(result, values=True).active
    for row, wanted in enumerate(rules["expected"][:21], 2):
        choices = [wanted] if isinstance(wanted, str) else wanted
        found = sheets.folded(sheet.cell(row, 3).value)
        if not any(sheets.folded(one) and sheets.folded(one) in found for one in choices):
            return 0.0
    return 1.0


def _same(read: Callable[[_Sheet, Rule], Any]) -> Callable[[_Pair, Rule], bool]:
    """A rule by which both sheets must give the same."""

    def check(pair: _Pair, rule: Rule) -> bool:
        left, right = pair.two(rule)
        return bool(read(left, rule) == read(right, rule))

    return check


def _names(pair: _Pair, rule: Rule) -> bool:
    return pair.expected is not None and pair.result.formulas.sheetnames == pair.expected.formulas.sheetnames


def _printed(sheet: _Sheet, rule: Rule) -> list[str]:
    """The lines of the CSV beside the workbook (`NAME-SHEET.csv`), which holds what cells show."""
    lines = [line.strip() for line in text(f"{Path(sheet.book.path).with_suffix('')}-{sheet.name}.csv").splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return [line.lower() for line in lines] if rule.get("ignore_case") else lines


def _fuzzy(pair: _Pair, rule: Rule) -> bool:
    left, right = pair.two(rule)
    return all(
        _cell_fits(str(sheets.plain(left.values[place].value)), str(sheets.plain(right.values[place].value)), part)
        for part in rule["rules"]
        for area in part["range"]
        for place in sheets.places(area)
    )


def _cell_fits(found: str, wanted: str, part: Rule) -> bool:
    found, wanted = (_normal(one, part) for one in (found, wanted))
    kind = part["type"]
    if kind == "includes":
        return wanted in found
    if kind in ("included_by", "includes_by"):
        return found in wanted
    if kind == "exact_match":
        return found == wanted
    if kind == "fuzzy_match":
        from rapidfuzz import fuzz

        return bool(fuzz.ratio(found, wanted) >= part.get("threshold", 85.0))
    raise ValueError(f"sheet_fuzzy has no type {kind!r}")


def _normal(value: str, part: Rule) -> str:
    for old, new in part.get("normalization", []):
        value = value.replace(old, new)
    if "trim_leadings" in part:
        value = value.lstrip(part["trim_leadings"])
    if "trim_trailings" in part:
        value = value.rstrip(part["trim_trailings"])
    value = "".join(letter for letter in value if letter not in part.get("ignore_chars", ""))
    return value.lower() if part.get("ignore_case") else value


def _zoom(pair: _Pair, rule: Rule) -> bool:
    return matches(pair.sheet(rule["sheet_idx"]).formulas.sheet_view.zoomScale or 100.0, rule)


def _validation(pair: _Pair, rule: Rule) -> bool:
    found = pair.sheet(rule["sheet_idx"]).formulas.data_validations.dataValidation
    wanted = rule["dv_props"]
    return len(found) >= len(wanted) and all(
        any(all(matches(getattr(one, name), inner) for name, inner in props.items()) for props in wanted) for one in found
    )


def _cell(pair: _Pair, rule: Rule) -> bool:
    sheet = pair.sheet(rule["sheet_idx"])
    for name, inner in rule["props"].items():
        if name == "value":
            found = sheets.plain(sheet.values[rule["coordinate"]].value)
        else:
            found = sheets.style(name, sheet.formulas[rule["coordinate"]])
        if not matches(found, inner):
            return False
    return True


_CHECKS: dict[str, Callable[[_Pair, Rule], bool]] = {
    "sheet_name": _names,
    "sheet_data": _same(lambda sheet, rule: sheets.data(sheet.values, rule.get("precision", 4))),
    "sheet_print": _same(_printed),
    "sheet_fuzzy": _fuzzy,
    "sparkline": _same(lambda sheet, rule: sheets.sparklines(sheet.book.path, sheet.name)),
    "chart": _same(lambda sheet, rule: sheets.charts(sheet.formulas, rule.get("chart_props", []))),
    "style": _same(lambda sheet, rule: sheets.styles(sheet.formulas, sheet.values, rule.get("props", []))),
    "freeze": _same(lambda sheet, rule: sheet.formulas.freeze_panes),
    "zoom": _zoom,
    "data_validation": _validation,
    "row_props": _same(lambda sheet, rule: sheets.lines(sheet.formulas.row_dimensions, rule.get("props", []))),
    "col_props": _same(lambda sheet, rule: sheets.lines(sheet.formulas.column_dimensions, rule.get("props", []))),
    "filter": _same(lambda sheet, rule: sheets.filters(sheet.formulas)),
    "pivot_table": _same(lambda sheet, rule: sheets.pivots(sheet.formulas, rule.get("pivot_props", []))),
    "check_cell": _cell,
}
