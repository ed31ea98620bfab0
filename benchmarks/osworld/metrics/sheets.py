"""What a sheet of a workbook holds, in forms that can be compared. Sheets are openpyxl's."""

from __future__ import annotations

import datetime
import posixpath
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

from handeye.benchmarks.osworld.documents import reading

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"


def plain(value: Any) -> Any:
    """A cell's value as the file has it: numbers as float, dates as their serial number."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        from openpyxl.utils.datetime import to_excel

        return float(to_excel(value))
    return float(value) if isinstance(value, int | float) else str(value)


def folded(value: Any) -> str:
    """Lower case without accents and signs."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", str(value or "")) if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", " ", bare.lower()).strip()


def places(area: str) -> Iterator[str]:
    """The cells of an area such as A1:B6."""
    from openpyxl.utils import get_column_letter, range_boundaries

    left, top, right, bottom = range_boundaries(area)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            yield f"{get_column_letter(column)}{row}"


def data(sheet: Any, digits: int) -> list[list[Any]]:
    """The values of all cells, rounded to `digits`, without empty rows and columns at the end."""
    rows = [[_rounded(plain(value), digits) for value in row] for row in sheet.iter_rows(values_only=True)]
    while rows and all(value is None for value in rows[-1]):
        rows.pop()
    width = max((number + 1 for row in rows for number, value in enumerate(row) if value is not None), default=0)
    return [row[:width] + [None] * (width - len(row)) for row in rows]


def _rounded(value: Any, digits: int) -> Any:
    return round(value, digits) if isinstance(value, float) else None if value == "" else value


def sparklines(path: str, name: str) -> dict[str, str]:
    """Where the sparklines of a sheet are, and what they show: `{"F3": "Sheet1!C3:E3"}`. openpyxl drops them, so the file is read."""
    with reading(path), zipfile.ZipFile(path) as package:
        book = ElementTree.fromstring(package.read("xl/workbook.xml"))
        wanted = next(sheet.get(f"{_R}id") for sheet in book.iter(f"{_MAIN}sheet") if sheet.get("name") == name)
        relations = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
        target = next(one.get("Target", "") for one in relations.iter(f"{_REL}Relationship") if one.get("Id") == wanted)
        part = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        root = ElementTree.fromstring(package.read(part))
        return {one.findtext(f"{_XM}sqref", ""): one.findtext(f"{_XM}f", "") for one in root.iter(f"{_X14}sparkline")}


def charts(sheet: Any, props: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The charts of a sheet by what they show, each with the wanted properties (title, legend, type, width, height, direction, anchor,
    xtitle, ytitle, ztitle)."""
    return {
        ";".join(f"{_source(series.val)},{_source(series.cat)}" for series in chart.series): {
            name: _chart_prop(chart, name) for name in props
        }
        for chart in sheet._charts
    }


def _source(reference: Any) -> str:
    for kind in ("numRef", "strRef"):
        found = getattr(getattr(reference, kind, None), "f", None)
        if found:
            return str(found)
    return ""


def _chart_prop(chart: Any, name: str) -> Any:
    if name in ("title", "xtitle", "ytitle", "ztitle"):
        return _title(chart if name == "title" else getattr(chart, f"{name[0]}_axis", None))
    if name == "anchor":
        anchor = chart.anchor
        return (anchor.editAs, anchor._from.col, anchor._from.row, anchor.to.col, anchor.to.row)
    if name == "legend":
        return None if chart.legend is None else chart.legend.position
    return getattr(chart, {"type": "tagname", "direction": "barDir"}.get(name, name), None)


def _title(owner: Any) -> str | None:
    try:
        return str(owner.title.tx.rich.p[0].r[0].t)
    except (AttributeError, IndexError, TypeError):
        return None


_FONT = {f"font_{name}": name for name in ("name", "family", "bold", "italic", "underline", "size")}


def style(name: str, cell: Any, over: Any = None) -> Any:
    """A style of a cell; `over`: a differential style that lies on it (conditional formatting). Raises `ValueError` for unknown names."""
    from openpyxl.cell.cell import MergedCell

    if name == "merge":
        return isinstance(cell, MergedCell)
    source = over or cell
    if name in ("bgcolor", "fgcolor"):
        fill = source.fill
        return None if fill is None else fill.bgColor.rgb if over is not None else fill.fgColor.rgb
    if name == "fill_type":
        return None if source.fill is None else source.fill.tagname
    if cell.value is None:
        return None
    if name == "number_format":
        if cell.data_type != "n":
            return None
        return cell.number_format if over is None or over.numFmt is None else over.numFmt.formatCode
    if name == "hyperlink":
        return cell.hyperlink or ""
    font = source.font
    if name == "font_color":
        return None if font is None or font.color is None else font.color.rgb
    if name in _FONT:
        return None if font is None else getattr(font, _FONT[name])
    raise ValueError(f"there is no style {name!r}")


def styles(sheet: Any, values: Any, props: Sequence[str]) -> dict[str, list[Any]]:
    """The wanted styles of every cell, as conditional formatting makes them look.

    Conditions that compare with a constant are worked out. Of others the rule itself is compared: its area, condition and look.
    """
    found = {cell.coordinate: [style(name, cell) for name in props] for column in sheet.iter_cols() for cell in column}
    for formatting in sheet.conditional_formatting:
        for rule in formatting.rules:
            look = rule.dxf
            if look is None:
                continue
            if rule.type != "cellIs" or any(_constant(one) is None for one in rule.formula):
                words = f"{formatting.sqref} {rule.type} {rule.operator} {rule.formula}"
                found[words] = [_look(name, look) for name in props]
                continue
            refs = [_constant(one) for one in rule.formula]
            for area in formatting.cells.ranges:
                for place in places(area.coord):
                    value = plain(values[place].value)
                    if value is not None and _holds(rule.operator, value, refs):
                        found[place] = [style(name, sheet[place], look) for name in props]
    return found


def _look(name: str, look: Any) -> Any:
    if name in ("bgcolor", "fgcolor"):
        return None if look.fill is None else look.fill.bgColor.rgb
    if name == "font_color":
        return None if look.font is None or look.font.color is None else look.font.color.rgb
    return getattr(look.font, _FONT[name], None) if name in _FONT and look.font is not None else None


def _constant(formula: str) -> Any:
    bare = formula.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        return bare[1:-1]
    try:
        return float(bare)
    except ValueError:
        return None


def _holds(kind: str, value: Any, refs: list[Any]) -> bool:
    low, high = min(refs), max(refs)
    checks: dict[str, Callable[[], Any]] = {
        "lessThan": lambda: value < refs[0],
        "lessThanOrEqual": lambda: value <= refs[0],
        "greaterThan": lambda: value > refs[0],
        "greaterThanOrEqual": lambda: value >= refs[0],
        "equal": lambda: value == refs[0],
        "notEqual": lambda: value != refs[0],
        "between": lambda: low <= value <= high,
        "notBetween": lambda: not low <= value <= high,
    }
    try:
        return bool(checks[kind]())
    except (TypeError, KeyError):
        return False


def lines(dimensions: Any, props: Sequence[str]) -> dict[Any, dict[str, Any]]:
    """The wanted properties of the rows or columns that have some of their own."""
    return {number: {name: getattr(one, name) for name in props} for number, one in dimensions.items()}


def filters(sheet: Any) -> dict[str, Any]:
    """The area and the conditions of a sheet's filter."""
    found = sheet.auto_filter
    columns = {}
    for column in found.filterColumn:
        chosen = set() if column.filters is None else set(column.filters.filter)
        custom = column.customFilters
        conditions = set() if custom is None else {(one.operator, one.val) for one in custom.customFilter}
        blank, both = column.filters is not None and column.filters.blank, custom is not None and custom._and
        columns[column.colId] = (chosen, blank, conditions, both, column.hiddenButton, column.showButton)
    order = None
    if found.sortState is not None:
        order = (found.sortState.ref, [(one.ref, one.descending, one.sortBy) for one in found.sortState.sortCondition])
    return {"ref": found.ref, "columns": columns, "sort": order}


def pivots(sheet: Any, props: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The pivot tables of a sheet by their source, each with the wanted properties (name, show_total, show_empty_row, show_empty_col,
    show_headers, location, filter, selection, col_fields, row_fields, data_fields; `ordered`, `data_fields_name`).

    Programs differ in how many unused columns around the data they count in: fields without items at both ends are left out.
    """
    return dict(_pivot(table, frozenset(props)) for table in sheet._pivots)


def _pivot(table: Any, props: frozenset[str]) -> tuple[str, dict[str, Any]]:
    from openpyxl.utils import range_boundaries

    items = [[(item.h, item.x) for item in field.items if item.x is not None] for field in table.pivotFields]
    filled = [number for number, field in enumerate(items) if field]
    first, last = (filled[0], filled[-1]) if filled else (0, len(items) - 1)
    source = table.cache.cacheSource
    left, top, right, bottom = range_boundaries(source.worksheetSource.ref)
    area = (left + first, top, right - (len(items) - 1 - last), bottom)
    plainly = {
        "name": "name", "show_total": "visualTotals", "show_empty_row": "showEmptyRow", "show_empty_col": "showEmptyCol",
        "show_headers": "showHeaders",
    }  # fmt: skip
    found: dict[str, Any] = {name: getattr(table, attribute) for name, attribute in plainly.items() if name in props}
    if "location" in props:
        found["location"] = table.location.ref
    if props & {"filter", "selection"}:
        kept = items[first : last + 1]
        found["selection"] = kept if "ordered" in props else [set(field) for field in kept]
    if "filter" in props:
        found["filter_fields"] = {field.fld for field in table.pageFields}
    for name, fields in (("col_fields", table.colFields), ("row_fields", table.rowFields)):
        if name in props:
            found[name] = [field.x - first for field in fields]
    if "data_fields" in props:
        found["data_fields"] = [
            (field.fld - first, field.name if "data_fields_name" in props else "", field.subtotal, field.showDataAs)
            for field in table.dataFields
        ]
    return f"{source.type};{area};{source.worksheetSource.sheet}", found
