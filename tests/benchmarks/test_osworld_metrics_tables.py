"""OSWorld's `compare_table`, rule by rule and both ways, on real workbooks."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from handeye.benchmarks.osworld.metrics import measure
from handeye.benchmarks.osworld.metrics.tables import _CHECKS
from tests.benchmarks.osworld_cases import Case, Given, check, right, uncovered, write, wrong, xlsx

Change = Callable[[Any], object]
Maker = Callable[[Path], Given]
ROWS = [["name", "value"], ["a", 1], ["b", 2.5]]
KINDS: dict[str, list[Case]] = {}


def rule(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "sheet_idx0": 0, "sheet_idx1": "EI0", **more}


def two(mine: Any = ROWS, wanted: Any = ROWS, change: Change | None = None, other: Change | None = None) -> Maker:
    return lambda folder: (xlsx(folder / "mine.xlsx", mine, change), xlsx(folder / "wanted.xlsx", wanted, other))


def kind(checked: dict[str, Any], good: Maker, bad: Maker, note: str = "") -> list[Case]:
    name = checked["type"] + (f" {note}" if note else "")
    found = [right("compare_table", good, name, rules=[checked]), wrong("compare_table", bad, name, rules=[checked])]
    KINDS.setdefault(checked["type"], []).extend(found)
    return found


def named(*names: str) -> Change:
    return lambda book: [book.create_sheet(name) for name in names]


def printed(mine: str, wanted: str) -> Maker:
    def make(folder: Path) -> Given:
        write(folder / "mine-Sheet1.csv", mine)
        write(folder / "wanted-Sheet1.csv", wanted)
        return two()(folder)

    return make


def sparked(mine: str, wanted: str) -> Maker:
    def make(folder: Path) -> Given:
        paths = two()(folder)
        for path, place in zip(paths, (mine, wanted), strict=True):
            _add_sparkline(Path(path), place)
        return paths

    return make


def _add_sparkline(path: Path, place: str) -> None:
    extension = (
        '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}">'
        "<x14:sparklineGroups><x14:sparklineGroup><x14:sparklines><x14:sparkline><xm:f>Sheet1!A2:B2</xm:f>"
        f"<xm:sqref>{place}</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups></ext></extLst>"
    )
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</worksheet>", f"{extension}</worksheet>".encode())
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)


def chart(title: str, column: int = 2, bar: str = "col", line: bool = False) -> Change:
    def add(book: Any) -> None:
        from openpyxl.chart import BarChart, LineChart, Reference

        sheet = book.active
        made = LineChart() if line else BarChart()
        if not line:
            made.type = bar
        made.title = title
        made.add_data(Reference(sheet, min_col=column, min_row=2, max_row=3))
        made.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=3))
        sheet.add_chart(made, "E5")

    return add


def styled(**fonts: Any) -> Change:
    def change(book: Any) -> None:
        from openpyxl.styles import Font

        book.active["B2"].font = Font(**fonts)

    return change


def filled(color: str, place: str = "A1") -> Change:
    def change(book: Any) -> None:
        from openpyxl.styles import PatternFill

        book.active[place].fill = PatternFill("solid", fgColor=color, bgColor=color)

    return change


def conditional(limit: int, place: str = "B2:B3", color: str = "FFFF0000") -> Change:
    """Cells over a limit are in a colour."""

    def change(book: Any) -> None:
        from openpyxl.formatting.rule import CellIsRule
        from openpyxl.styles import Font

        book.active.conditional_formatting.add(place, CellIsRule(operator="greaterThan", formula=[str(limit)], font=Font(color=color)))

    return change


def frozen(place: str | None) -> Change:
    return lambda book: setattr(book.active, "freeze_panes", place)


def zoomed(percent: int) -> Change:
    return lambda book: setattr(book.active.sheet_view, "zoomScale", percent)


def validated(area: str, words: str) -> Change:
    def change(book: Any) -> None:
        from openpyxl.worksheet.datavalidation import DataValidation

        made = DataValidation(type="list", formula1=words)
        made.add(area)
        book.active.add_data_validation(made)

    return change


def hidden(row: int | None = None, column: str | None = None) -> Change:
    def change(book: Any) -> None:
        if row:
            book.active.row_dimensions[row].hidden = True
        if column:
            book.active.column_dimensions[column].hidden = True

    return change


def filtered(area: str, *words: str) -> Change:
    def change(book: Any) -> None:
        book.active.auto_filter.ref = area
        book.active.auto_filter.add_filter_column(0, list(words))

    return change


def pivot(*rows: int, subtotal: str = "sum") -> Change:
    """A pivot table over A1:B3 in Sheet1 with some fields as its rows."""

    def change(book: Any) -> None:
        from openpyxl.pivot.cache import CacheDefinition, CacheField, CacheSource, SharedItems, WorksheetSource
        from openpyxl.pivot.record import RecordList
        from openpyxl.pivot.table import DataField, FieldItem, Location, PivotField, RowColField, TableDefinition

        source = CacheSource(type="worksheet", worksheetSource=WorksheetSource(ref="A1:B3", sheet="Sheet1"))
        fields = [CacheField(name=name, sharedItems=SharedItems()) for name in ("name", "value")]
        cache = CacheDefinition(cacheSource=source, cacheFields=fields, id="rId1")
        cache.records = RecordList()
        items = [FieldItem(x=0), FieldItem(x=1), FieldItem(t="default")]
        table = TableDefinition(
            name="P",
            cacheId=1,
            dataCaption="Values",
            location=Location(ref="E1:F4", firstHeaderRow=1, firstDataRow=1, firstDataCol=1),
            pivotFields=[PivotField(axis="axisRow", items=items), PivotField(dataField=True, items=items)],
            rowFields=[RowColField(x=number) for number in rows],
            dataFields=[DataField(name="Sum", fld=1, subtotal=subtotal)],
        )
        table.cache = cache
        book.active.add_pivot(table)

    return change


def merged(area: str) -> Change:
    return lambda book: book.active.merge_cells(area)


FUZZY = {"range": ["A1:A2"], "type": "fuzzy_match", "threshold": 80.0}
TIDY = {"range": ["A1:A2"], "type": "exact_match", "ignore_case": True, "ignore_chars": "()", "trim_leadings": "+ ", "trim_trailings": "!"}
CELL = {"type": "check_cell", "sheet_idx": 0}
VALID = {
    "type": "data_validation",
    "sheet_idx": 0,
    "dv_props": [
        {
            "ranges": {"method": "spreadsheet_range", "ref": ["D2:D29", "D1:D1048576"]},
            "type": {"method": "eq", "ref": "list"},
            "formula1": {"method": "str_set_eq", "ref": ["yes", "no"]},
        }
    ],
}
PIVOT = rule("pivot_table", pivot_props=["row_fields", "col_fields", "data_fields", "filter"])
ROAD = {"range": ["A1"], "type": "exact_match", "normalization": [["Rd", "Road"]]}


def cell(place: str, **props: Any) -> dict[str, Any]:
    return CELL | {"coordinate": place, "props": {name: {"method": method, "ref": ref} for name, (method, ref) in props.items()}}


CASES: list[Case] = [
    *kind({"type": "sheet_name"}, two(change=named("b"), other=named("b")), two(change=named("c"), other=named("b"))),
    *kind(
        rule("sheet_data"),
        two([["n", "v"], ["a", 1.00001], [None, None]], [["n", "v"], ["a", 1]]),
        two([["n", "v"], ["a", 1.1]], [["n", "v"], ["a", 1]]),
    ),
    *kind(rule("sheet_data", precision=1), two([["n"], [1.02]], [["n"], [1.04]]), two([["n"], [1.06]], [["n"], [1.04]]), "precision"),
    *kind(rule("sheet_data", sheet_idx0="RNb", sheet_idx1="ENb"), two([], [["x"]], named("b"), named("b")), two(other=named("b")), "names"),
    *kind(rule("sheet_data", sheet_idx1="RI1"), two([], [], named("b")), two(ROWS, ROWS, named("b")), "own"),
    *kind(rule("sheet_print"), printed("a,1\n\n", "a,1\n"), printed("a,1.0\n", "a,1\n")),
    *kind(rule("sheet_print", ignore_case=True), printed("A\n", "a\n"), printed("b\n", "a\n"), "case"),
    *kind(rule("sheet_fuzzy", rules=[FUZZY]), two([["abcdefgh"]], [["abcdefgx"]]), two([["abcdefgh"]], [["xyzxyzab"]])),
    *kind(rule("sheet_fuzzy", rules=[TIDY]), two([["+ (A)b!"]], [["ab"]]), two([["+ (A)c!"]], [["ab"]]), "tidied"),
    *kind(rule("sheet_fuzzy", rules=[ROAD]), two([["A Rd"]], [["A Road"]]), two([["A St"]], [["A Road"]]), "replaced"),
    *kind(rule("sheet_fuzzy", rules=[FUZZY | {"type": "includes"}]), two([["abc"]], [["b"]]), two([["b"]], [["abc"]]), "includes"),
    *kind(rule("sheet_fuzzy", rules=[FUZZY | {"type": "included_by"}]), two([["b"]], [["abc"]]), two([["abc"]], [["b"]]), "included"),
    *kind(rule("sparkline"), sparked("C2", "C2"), sparked("C3", "C2")),
    *kind(rule("chart", chart_props=["type", "title"]), two(change=chart("a"), other=chart("a")), two(change=chart("b"), other=chart("a"))),
    *kind(
        rule("chart", chart_props=["type"]),
        two(change=chart("a"), other=chart("b")),
        two(change=chart("a", line=True), other=chart("a")),
        "type",
    ),
    *kind(
        rule("chart", chart_props=["direction"]),
        two(change=chart("", bar="bar"), other=chart("", bar="bar")),
        two(change=chart("", bar="bar"), other=chart("")),
        "direction",
    ),
    *kind(rule("chart"), two(change=chart("a"), other=chart("b")), two(change=chart("a", column=1), other=chart("a")), "source"),
    *kind(rule("style", props=["font_bold"]), two(change=styled(bold=True), other=styled(bold=True)), two(other=styled(bold=True))),
    *kind(
        rule("style", props=["bgcolor"]),
        two(change=filled("FF00FF00"), other=filled("FF00FF00")),
        two(change=filled("FF00FF01"), other=filled("FF00FF00")),
        "fill",
    ),
    *kind(
        rule("style", props=["font_color"]),
        two(change=conditional(2), other=conditional(2, "B1:B3")),
        two(change=conditional(0), other=conditional(2)),
        "conditional",
    ),
    *kind(rule("freeze"), two(change=frozen("B2"), other=frozen("B2")), two(change=frozen("A2"), other=frozen("B2"))),
    *kind({"type": "zoom", "sheet_idx": 0, "method": "lt", "ref": 260}, two(change=zoomed(100)), two(change=zoomed(260))),
    *kind(VALID, two(change=validated("D2:D30", '"no,yes"')), two(change=validated("D2:D20", '"no,yes"'))),
    *kind(VALID, two(change=validated("D1:D29", '"yes,no"')), two(change=validated("D2:D29", '"yes,maybe"')), "words"),
    *kind(rule("row_props", props=["hidden"]), two(change=hidden(2), other=hidden(2)), two(change=hidden(3), other=hidden(2))),
    *kind(
        rule("col_props", props=["hidden"]),
        two(change=hidden(column="B"), other=hidden(column="B")),
        two(change=hidden(column="A"), other=hidden(column="B")),
    ),
    *kind(
        rule("filter"),
        two(change=filtered("A1:B3", "a"), other=filtered("A1:B3", "a")),
        two(change=filtered("A1:B3", "b"), other=filtered("A1:B3", "a")),
    ),
    *kind(PIVOT, two(change=pivot(0), other=pivot(0)), two(change=pivot(1), other=pivot(0))),
    *kind(PIVOT, two(change=pivot(0), other=pivot(0)), two(change=pivot(0, subtotal="count"), other=pivot(0)), "subtotal"),
    *kind(cell("B3", value=("approx:0.1", 2.45)), two(), two([["a", 1], ["b", 2], ["c", 9]])),
    *kind(
        cell("A1", bgcolor=("eq", "FF0000FF"), value=("eq", "name")),
        two(change=filled("FF0000FF")),
        two(change=filled("FF0000FE")),
        "look",
    ),
    *kind(cell("B1", merge=("eq", True)), two(change=merged("A1:B1")), two(), "merged"),
    right(
        "compare_conference_city_in_order",
        lambda f: (xlsx(f / "m.xlsx", [["", "", ""], ["", "", "São Paulo, Brazil"]]), {"expected": [["Sao Paulo", "x"]]}),
    ),
    wrong("compare_conference_city_in_order", lambda f: (xlsx(f / "m.xlsx", [["", "", ""], ["", "", "Rome"]]), {"expected": ["Paris"]})),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_is_one_and_wrong_is_less(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


def test_every_metric_and_kind_of_rule_is_tried_both_ways() -> None:
    assert not uncovered(CASES, "tables")
    assert set(KINDS) == set(_CHECKS)


def test_all_rules_must_hold_and_an_unknown_one_is_said(tmp_path: Path) -> None:
    mine, wanted = two([["a"]], [["b"]])(tmp_path)
    rules = [{"type": "sheet_name"}, rule("sheet_data")]
    assert measure("compare_table", mine, wanted, True, {"rules": rules[:1]}) == 1.0
    assert measure("compare_table", mine, wanted, True, {"rules": rules}) == 0.0
    with pytest.raises(ValueError, match="no rule 'colour'"):
        measure("compare_table", mine, wanted, True, {"rules": [rule("colour")]})
