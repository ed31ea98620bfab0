"""What the gate of a browser reads from outside: names of files, bodies of requests, text of pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.browser.downloads import NAME_LIMIT, cleaned, kind_of, why_held_back
from handeye.tools.browser.effects import Effects, changes
from handeye.tools.browser.refusals import quoted


@given(st.text())
def test_a_cleaned_name_is_one_plain_name(name: str) -> None:
    clean = cleaned(name)
    assert clean
    assert clean == Path(clean).name
    assert clean.isprintable()
    assert len(clean) <= NAME_LIMIT
    assert not clean.startswith(".")
    assert cleaned(clean) == clean


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\run.bat", "run.bat"),
        ("bill\u202efdp.exe", "billfdp.exe"),
        (".bashrc", "bashrc"),
        ("CON.pdf", "_CON.pdf"),
        ("", "download"),
        ("a" * 300 + ".pdf", "a" * (NAME_LIMIT - 4) + ".pdf"),
    ],
)
def test_cleaned_names(name: str, clean: str) -> None:
    assert cleaned(name) == clean


@pytest.mark.parametrize(
    "name", ["a.exe", "a.pdf.exe", "a.PDF.Sh", "a", "a.html", "a.svg", "a.docm", "../a.pdf", "a\u202eexe.pdf", "a.zip"]
)
def test_held_back_unless_listed(name: str) -> None:
    assert why_held_back(name, None)
    assert why_held_back(name, ("*",)) is None


def test_listed_kinds_and_no_others() -> None:
    assert why_held_back("a.PDF", None) is None
    assert why_held_back("a.pdf", (".Zip",))
    assert why_held_back("a.zip", (".Zip",)) is None
    assert kind_of("a.tar.GZ") == "gz"


@given(st.text())
def test_quoted_text_cannot_close_its_quotes_or_begin_a_line(text: str) -> None:
    shown = quoted(text)
    assert shown[0] == shown[-1] == '"' or shown.endswith('..."')
    assert '"' not in shown[1:-1]
    assert shown.isprintable()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(json_values | st.fixed_dictionaries({"query": json_values}), st.sampled_from(["POST", "post", "PUT"]))
def test_only_a_query_that_reads_is_let_pass(body: Any, method: str) -> None:
    request = {"method": method, "url": "https://shop.test/x", "postData": json.dumps(body)}
    query = body.get("query") if isinstance(body, dict) else None
    if not changes(request) and not isinstance(body, list):
        assert isinstance(query, str)
        assert query.lstrip().startswith(("query", "{"))
        assert method.upper() == "POST"


@given(st.text())
def test_no_body_is_taken_for_a_query_by_accident(body: str) -> None:
    assert changes({"method": "POST", "url": "https://shop.test/x", "postData": f"x{body}"})


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "POST", "url": "u"},
        {"method": "POST", "url": "u", "hasPostData": True},
        {"method": "POST", "url": "u", "postData": '{"query": "# query\\nmutation { a }"}'},
        {"method": "POST", "url": "u", "postData": '{"query": "query A { a } mutation B { b }"}'},
        {"method": "POST", "url": "u", "postData": '{"query": "{ a }", "delete": 1}'},
        {"method": "POST", "url": "u", "postData": "[]"},
        {"method": "POST", "url": "u", "postData": '[{"query": "{ a }"}, {"query": "mutation { a }"}]'},
        {"method": "POST", "url": "u", "postDataEntries": [{}]},
        {"method": "BREW", "url": "u"},
        {"method": "GET", "url": "u", "headers": {"X-HTTP-Method-Override": "DELETE"}},
        {"method": "GET", "url": "https://a.test/x?id=1&_method=delete#a"},
        {"method": "GET", "url": "https://a.test/x?query=mutation%20%7Bbuy%7D"},
    ],
)
def test_what_cannot_be_told_changes_something(request_: dict[str, Any]) -> None:
    assert changes(request_)


def test_queries_and_reading_methods_change_nothing() -> None:
    for request in (
        {"method": "get", "url": "u"},
        {"method": "HEAD", "url": "u"},
        {"method": "GET", "url": "https://a.test/x?_method=get&query=mutations"},
        {"method": "POST", "url": "u", "postData": '{"query": " query A($x: Int) { a }", "variables": {"x": 1}}'},
        {"method": "POST", "url": "u", "postData": '[{"query": "{ a }"}]'},
        {"method": "POST", "url": "u", "postDataEntries": [{"bytes": "eyJxdWVyeSI6ICJ7IGEgfSJ9"}]},
    ):
        assert not changes(request)


@pytest.mark.parametrize(
    ("pattern", "url", "passes"),
    [
        ("POST shop.test/search", "https://shop.test/search", True),
        ("post shop.test/search", "https://shop.test/search?q=1", True),
        ("POST shop.test/search", "https://shop.test/search/buy", False),
        ("POST shop.test/search", "https://eshop.test/search", False),
        ("POST shop.test/t/*", "https://shop.test/t/1/2?x", True),
        ("POST shop.test/t/*", "https://shop.test/u", False),
        ("PUT shop.test/*", "https://shop.test/t", False),
        ("POST shop.test/a.b", "https://shop.test/aXb", False),
    ],
)
def test_harmless_addresses(pattern: str, url: str, passes: bool) -> None:
    effects = Effects()
    effects.hold("x", (pattern,))
    held = effects.stops({"method": "POST", "url": url, "headers": {"Origin": "https://a.test"}})
    assert (held is None) == passes
    assert [one.origin for one in effects.release()] == ([] if passes else ["https://a.test"])
