"""OSWorld's metrics on the browser, both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.osworld_cases import Case, both, check, right, uncovered, write, wrong

URL = "https://www.example.com/a/b?q=1"


def rules(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


def page(url: str, name: str = "x") -> dict[str, Any]:
    return {"type": "url", "name": name, "url": url}


def folder(name: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "folder", "name": name, "children": list(children)}


def bar(*children: dict[str, Any]) -> dict[str, Any]:
    return {"bookmark_bar": {"children": list(children)}}


def starter(*lines: str) -> dict[str, str]:
    return {"a.desktop": "[Desktop Entry]\n" + "".join(f"{line}\n" for line in lines)}


SITE, TAB = rules("url", url="https://example.com/a/b?q=1"), {"title": "x", "url": URL}
LIKED = rules("liked_authors_websites_urls", urls=["https://a/", ["https://b/", "https://c/"]])
COOKIES = [(1, ".other.com", "n"), (2, ".amazon.com", "n")]
HISTORY = [("https://youtube.com/x", "x", 5), ("https://example.com", "y", 6)]
HTML = '<html><body><p sdnum="1" class="c">a</p>{}</body></html>'

CASES: list[Case] = [
    *both("is_expected_active_tab", (TAB, SITE), ({"url": "https://example.com/a"}, SITE)),
    *both("is_expected_active_tab", ("example.com/a/b?q=1", rules("url", url="http://example.com/a/b?q=1")), (None, SITE), "text"),
    *both("is_expected_active_tab_approximate", ({"url": "https://a.b/c?x=1"}, rules("url", url="https://a.b/c?y=2")), (TAB, SITE)),
    *both("is_expected_url_pattern_match", (TAB, {"expected": ["a/b", r"q=\d"]}), (TAB, {"expected": ["a/b", "q=2"]})),
    *both("is_expected_search_query", (TAB, {"expect": {"pattern": "q=1"}}), (TAB, {"expect": {"pattern": "q=2"}})),
    *both("is_expected_tabs", ([TAB], rules("url", urls=[URL])), ([TAB], rules("url", urls=[URL, "https://a.b"]))),
    *both(
        "is_expected_tabs",
        ([TAB, {"url": "https://a.b/"}], rules("url", urls=["https://a.b", URL])),
        ([TAB], rules("url", urls=["a.b"])),
        "order",
    ),
    *both(
        "is_expected_bookmarks",
        (bar(folder("F"), page("u")), rules("bookmark_bar_folders_names", names=["F"])),
        (bar(folder("F"), folder("G")), rules("bookmark_bar_folders_names", names=["F"])),
        "folders",
    ),
    *both(
        "is_expected_bookmarks",
        (bar(page("u")), rules("bookmark_bar_websites_urls", urls=["u"])),
        (bar(page("v")), rules("bookmark_bar_websites_urls", urls=["u"])),
        "pages",
    ),
    *both(
        "is_expected_bookmarks",
        (bar(folder("Liked Authors", page("https://a/"), page("https://c/"))), LIKED),
        (bar(folder("Liked Authors", page("https://b/"), page("https://c/"))), LIKED),
        "authors",
    ),
    wrong("is_expected_bookmarks", lambda _: (bar(page("https://a/")), LIKED), "no folder"),
    *both(
        "is_cookie_deleted", (COOKIES[:1], rules("domains", domains=[".amazon.com"])), (COOKIES, rules("domains", domains=[".amazon.com"]))
    ),
    *both(
        "check_history_deleted",
        (HISTORY[1:], rules("keywords", keywords=["youtube"])),
        (HISTORY, rules("keywords", keywords=["youtube"])),
    ),
    *both("check_font_size", ({"default_font_size": 20}, rules("value", value=20)), ({"default_font_size": 16}, rules("value", value=20))),
    *both(
        "check_font_size",
        ({"default_font_size": 20}, rules("range", min=18, max=99)),
        ({"default_font_size": 18}, rules("range", min=18, max=99)),
        "range",
    ),
    *both(
        "is_shortcut_on_desktop",
        (starter("Name=Mathsisfun"), rules("name", name="mathsisfun")),
        (starter("Name=Other"), rules("name", name="Mathsisfun")),
    ),
    *both(
        "is_shortcut_on_desktop",
        (starter("Exec=a b"), rules("exec", exec="a b")),
        (starter("Exec=a b c"), rules("exec", exec="a b")),
        "exec",
    ),
    *both(
        "is_shortcut_on_desktop",
        (starter(), rules("filename", filename="a.desktop")),
        ({}, rules("filename", filename="a.desktop")),
        "file",
    ),
    *both(
        "is_shortcut_on_desktop", (starter("URL=http://u"), rules("url", url="http://u")), (starter(), rules("url", url="http://u")), "url"
    ),
    right("compare_htmls", lambda f: (write(f / "a.html", HTML.format("<b>x</b>")), write(f / "b.html", HTML.format("\n<b>x</b>\n")))),
    wrong("compare_htmls", lambda f: (write(f / "a.html", HTML.format("<b>x</b>")), write(f / "b.html", HTML.format("<b>y</b>")))),
    right(
        "compare_htmls",
        lambda f: (write(f / "a.html", HTML.format("")), write(f / "b.html", HTML.format("").replace('sdnum="1"', 'sdnum="2"'))),
        "sdnum",
        ignore_sdnum=True,
    ),
    wrong(
        "compare_htmls",
        lambda f: (write(f / "a.html", HTML.format("")), write(f / "b.html", HTML.format("").replace('sdnum="1"', 'sdnum="2"'))),
        "sdnum",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_right_is_one_and_wrong_is_less(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


def test_every_metric_is_tried_both_ways() -> None:
    assert not uncovered(CASES, "web")
