"""Metrics on what the browser shows and keeps."""

from __future__ import annotations

import re
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from handeye.benchmarks.osworld.documents import reading, text

Rules = dict[str, Any]
_SECOND_LEVEL = frozenset("ac co com edu gov net org".split())
"""What stands before a country's letters in names such as example.co.uk."""


def same_address(left: str | None, right: str | None) -> bool:
    """Whether two addresses are the same page: a scheme is not needed, `www.`, the ending of the host's name and a last slash are
    nothing (OSWorld compares so, for sites that send one to one's own country's)."""
    if left is None or right is None:
        return left == right
    return _plain(left) == _plain(right)


def _plain(url: str) -> tuple[str, ...]:
    parts = urlsplit(url if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", url) else f"http://{url}")
    names = parts.netloc.lower().split(".")
    if len(names) > 1 and not names[-1].partition(":")[0].isdecimal():
        names = names[:-1]
        if len(names) > 1 and names[-1] in _SECOND_LEVEL:
            names = names[:-1]
    names = names[1:] if len(names) > 1 and names[0] == "www" else names
    return (parts.scheme.lower(), ".".join(names), "" if parts.path == "/" else parts.path, parts.query, parts.fragment)


def _address(tab: Any) -> str | None:
    return tab.get("url") if isinstance(tab, dict) else tab


def is_expected_active_tab(result: Any, rules: Rules) -> float:
    """The tab in front shows `url`."""
    return float(bool(result) and rules["type"] == "url" and same_address(rules["url"], _address(result)))


def is_expected_active_tab_approximate(result: Any, rules: Rules) -> float:
    """The tab in front shows `url`, whatever is behind its question mark."""

    def bare(url: str | None) -> str:
        return str(url).partition("#")[0].partition("?")[0]

    return float(bool(result) and rules["type"] == "url" and bare(rules["url"]) == bare(_address(result)))


def is_expected_url_pattern_match(result: Any, rules: Rules) -> float:
    """Each pattern of `expected` is found in the address of the tab in front."""
    address = _address(result)
    return float(bool(address) and all(re.search(pattern, str(address)) for pattern in rules["expected"]))


def is_expected_search_query(result: Any, rules: Rules) -> float:
    """The pattern `expect.pattern` is found in the address of the tab in front."""
    return float(bool(result) and re.search(rules["expect"]["pattern"], str(_address(result))) is not None)


def is_expected_tabs(result: Any, rules: Rules) -> float:
    """The open tabs show `urls`, in any order."""
    if not result or rules["type"] != "url" or len(result) != len(rules["urls"]):
        return 0.0
    return float(all(any(same_address(url, tab["url"]) for tab in result) for url in rules["urls"]))


def is_expected_bookmarks(result: Any, rules: Rules) -> float:
    """The bar of bookmarks holds these folders (`names`) or pages (`urls`) and no others; or its folder "Liked Authors" does."""
    if not result:
        return 0.0
    children = result["bookmark_bar"]["children"]
    pages = {one["url"] for one in children if one["type"] == "url"}
    if rules["type"] == "bookmark_bar_folders_names":
        return float({one["name"] for one in children if one["type"] == "folder"} == set(rules["names"]))
    if rules["type"] == "bookmark_bar_websites_urls":
        return float(pages == set(rules["urls"]))
    if rules["type"] == "liked_authors_websites_urls":
        folder = next((one for one in children if one["type"] == "folder" and one["name"] == "Liked Authors"), None)
        found = {one["url"] for one in (folder or {}).get("children", []) if one["type"] == "url"}
        choices = [[one] if isinstance(one, str) else one for one in rules["urls"]]
        return float(folder is not None and any(set(some) == found for some in product(*choices)))
    raise ValueError(f"there is no type {rules['type']!r} of bookmarks")


def is_cookie_deleted(result: list[tuple[Any, ...]], rules: Rules) -> float:
    """No cookie of `domains` is left. The second column of a cookie is its domain."""
    if rules["type"] != "domains":
        raise ValueError(f"there is no type {rules['type']!r} of cookies")
    return float(not any(same_address(domain, cookie[1]) for domain in rules["domains"] for cookie in result))


def check_history_deleted(result: list[tuple[Any, ...]], rules: Rules) -> float:
    """No page with one of `keywords` in its address is left in the history."""
    if rules["type"] != "keywords":
        raise ValueError(f"there is no type {rules['type']!r} of history")
    return float(not any(word in page[0] for word in rules["keywords"] for page in result))


def check_font_size(result: dict[str, Any], rules: Rules) -> float:
    """The page's font size is `value` (`type` value) or between `min` and `max` (range)."""
    size = result["default_font_size"]
    if rules["type"] == "value":
        return float(size == rules["value"])
    if rules["type"] == "range":
        return float(rules["min"] < size < rules["max"])
    raise ValueError(f"there is no type {rules['type']!r} of font sizes")


def is_shortcut_on_desktop(result: dict[str, str], rules: Rules) -> float:
    """A starter on the desktop has the `name`, or one that has it in it or the other way round; or is called `filename`, or has `url`."""
    kind = rules["type"]
    if kind == "filename":
        return float(rules["filename"] in result)
    if kind == "url":
        return float(any(rules["url"] in content for content in result.values()))
    if kind == "exec":
        return float(any(f"Exec={rules['exec']}\n" in content for content in result.values()))
    if kind != "name":
        raise ValueError(f"there is no type {kind!r} of shortcut")
    wanted = rules["name"].lower()
    names = [line[5:].lower() for content in result.values() for line in content.splitlines() if line.startswith("Name=")]
    return float(any(name and (name in wanted or wanted in name) for name in names))


def compare_htmls(result: str, expected: str, ignore_sdnum: bool = False) -> float:
    """The elements of two pages are the same: names, attributes (`ignore_sdnum`: without LibreOffice's sdnum), texts."""
    return float(_elements(result, ignore_sdnum) == _elements(expected, ignore_sdnum))


def _elements(path: str, ignore_sdnum: bool) -> list[tuple[Any, ...]]:
    with reading(path):
        from lxml import html

        root = html.document_fromstring(text(path).encode())
        return [
            (
                one.tag,
                {key: value for key, value in one.attrib.items() if not (ignore_sdnum and key == "sdnum")},
                (one.text or "").strip(),
                (one.tail or "").strip(),
            )
            for one in root.iter()
            if isinstance(one.tag, str)
        ]
