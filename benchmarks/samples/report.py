"""The report of a run of single replies: one self-contained HTML page and its Markdown, both from the numbers and rows alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from handeye.agent.viewer.safe_page import asset, rendered_page, save_page, styled
from handeye.benchmarks.samples.basis import SAID_BEFORE, basis, costs, figures, sizes
from handeye.benchmarks.samples.gallery import Picture, cell_choices, clipped, errors, gallery, told, wrong_formats
from handeye.benchmarks.samples.published import WARNING, Published, doubts, part_of_it, published
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.tables import ScoreTable, escaped, markdown, markdown_table, percent, score_tables
from handeye.benchmarks.samples.tables import rendered as rendered

_HERE = "handeye.benchmarks.samples"


def write_report(out: Path, numbers: dict[str, Any], rows: Sequence[SampleRow], picture: Picture | None) -> None:
    """Write `out`/report.html and `out`/report.md.

    `picture` gives a row's stored picture; None where the data are not at hand, or one that raises an error of handeye's, leave
    words in its place. Raises `TrajectoryError` when a file cannot be written.
    """
    save_page(out / "report.html", report_page(numbers, rows, picture))
    save_page(out / "report.md", report_markdown(numbers, rows))


def report_page(numbers: Mapping[str, Any], rows: Sequence[SampleRow], picture: Picture | None) -> str:
    """The page. All text of data and models is escaped, and nothing on the page can reach a network."""
    seen = gallery(rows, picture)
    listed, other_sizes = sizes(rows)
    values = {
        "numbers": numbers,
        "name": str(numbers.get("title") or numbers["benchmark"]),
        "model": str(numbers.get("model") or "no model named"),
        "protocol": str(numbers.get("protocol") or "no protocol told"),
        "tables": score_tables(numbers),
        "basis": basis(numbers),
        "published": published_table(numbers),
        "warnings": [sentence for sentence in (WARNING, part_of_it(numbers)) if sentence],
        "costs": costs(rows),
        "sizes": listed,
        "other_sizes": other_sizes,
        "gallery": seen,
        "verdicts": list(dict.fromkeys(card.row.verdict for card in seen.cards)),
        "choices": cell_choices([card.row for card in seen.cards]),
        "formats": wrong_formats(rows),
        "errors": errors(rows),
        "percent": percent,
        "clipped": clipped,
        "told": told,
        "figures": figures(numbers),
        "graded": numbers.get("points"),
    }
    return rendered_page(_HERE, "report.html", ("report_misses.html",), styled(_HERE, "report.css"), asset(_HERE, "report.js"), values)


def report_markdown(numbers: Mapping[str, Any], rows: Sequence[SampleRow]) -> str:
    """The same as Markdown, without pictures."""
    lines = [markdown(numbers)]
    for facts in basis(numbers):
        if facts.title in SAID_BEFORE:
            continue
        lines += [f"### {facts.title}", "", *(f"- {escaped(f'{name}: {value}' if name else value)}" for name, value in facts.lines), ""]
    others = published_table(numbers)
    if others.lines:
        lines += ["### Published numbers", "", escaped(f"{WARNING} {part_of_it(numbers)}"), "", *markdown_table(others), ""]
    spent = costs(rows)
    if spent:
        parts = tuple((cost.name, cost.total, cost.typical, cost.high) for cost in spent)
        lines += ["### Time and tokens", "", *markdown_table(ScoreTable("", ("", "all", "median", "90 of 100 below"), parts)), ""]
    for title, some in (("Wrong formats", wrong_formats(rows)), ("Errors", errors(rows))):
        if some.total:
            lines += [f"### {title}", "", *(f"- {count}: {escaped(clipped(why, 300))}" for why, count in some.reasons), ""]
    return "\n".join(lines)


def published_table(numbers: Mapping[str, Any]) -> ScoreTable:
    """Others' numbers for this benchmark, each beside the measured one."""
    settings: Mapping[str, Any] = numbers.get("configuration") or {}
    level = next((str(part["level"]) for part in (settings.get("protocol") or {}, settings.get("data") or {}) if part.get("level")), "")
    entries = published(str(numbers["benchmark"]), level.partition("-")[0])
    columns = ("model", "published", "measured here is", "by, source", "average, rule, protocol", "why it may not be compared")
    return ScoreTable("published numbers", columns, tuple(_published_line(entry, numbers) for entry in entries))


def _published_line(entry: Published, numbers: Mapping[str, Any]) -> tuple[str, ...]:
    rate = numbers.get(entry.measure)
    told = ", ".join(filter(None, (entry.average, entry.rule, entry.protocol))) or "not told"
    read = f" at {entry.commit[:12]}" if entry.commit else ", unverified"
    against = "; ".join([*doubts(entry, numbers), *([entry.note] if entry.note else [])])
    return (
        f"{entry.model}{f' ({entry.level})' if entry.level else ''}",
        f"{entry.score:g}",
        "–" if rate is None else f"{100 * rate - entry.score:+.1f}",
        f"{entry.who}, {entry.source}{read}",
        told,
        against or "nothing known speaks against it",
    )
