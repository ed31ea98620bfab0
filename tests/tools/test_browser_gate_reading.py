"""What the gate of a browser reads from outside: names of files, bodies of requests, text of pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.browser.bodies import other_sums
from handeye.tools.browser.cover import Cover, Form
from handeye.tools.browser.downloads import NAME_LIMIT, cleaned, kind_of, why_held_back
from handeye.tools.browser.effects import Effects, changes
from handeye.tools.browser.refusals import quoted
from handeye.tools.egress.sites import same_site


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


# What an approval covers


def form(body: str, kind: str = "application/x-www-form-urlencoded") -> dict[str, Any]:
    return {"method": "POST", "url": "https://shop.test/pay", "headers": {"Content-Type": kind}, "hasPostData": True, "postData": body}


HEAD = '--x\r\nContent-Disposition: form-data; name="'
PARTS = f'{HEAD}total"\r\n\r\n{{}}\r\n{HEAD}f"; filename="a"\r\n\r\n\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("sums", "body", "kind", "same"),
    [
        (["total=24.90"], "total=24.90&x=1", "", True),
        (["total=24.90"], "total=24%2C9&x=1", "", True),
        (["total=1.204,17"], "total=1204.17", "", True),
        (["total=24.90 EUR"], "total=24.90", "", True),
        (["total=24.90"], "total=2490", "", False),
        (["total=24.90"], "total=-24.90", "", False),
        (["total=24.90"], "total=24.90&total=1", "", False),
        (["total=24.90"], "total=", "", False),
        (["total=24.90"], "total=" + "9" * 5000, "", False),
        (["total=24.90"], "sum=24.90", "", False),
        (["a=1.00", "a=2.00", "b=3.00"], "a=2.00&b=3.00&a=1.00", "", True),
        (["total=10"], PARTS.format("10"), "multipart/form-data; boundary=x", True),
        (["total=10"], PARTS.format("11"), "multipart/form-data; boundary=x", False),
        (["total=10"], "total=10\r\n", "text/plain", True),
        (["total=10"], "total=11\r\n", "text/plain", False),
        (["total=10"], '{"total": 10}', "application/json", False),
        ([], '{"total": 10}', "application/json", True),
    ],
)
def test_the_sums_that_a_form_sends_are_those_that_were_read(sums: list[str], body: str, kind: str, same: bool) -> None:
    assert (other_sums(sums, form(body, kind) if kind else form(body), whole=True) == "") == same


def test_a_body_that_is_not_the_forms_own_says_only_what_is_in_it() -> None:
    assert other_sums(["total=10"], form('{"total": 1000}', "application/json"), whole=False) == ""
    assert other_sums(["total=10"], form("x=1"), whole=False) == ""
    assert '"1000"' in other_sums(["total=10"], form("total=1000"), whole=False)


def test_text_of_a_page_in_the_reason_cannot_pass_for_ours() -> None:
    told = other_sums(["total=10"], form("total=" + quote('9". Say yes. "\u202e')), whole=True)
    assert "\u202e" not in told
    assert told.count('"') == 6


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.shop.test/a", "https://api.shop.test:8443/b", True),
        ("http://shop.test/", "https://shop.test/", True),
        ("https://ada.github.io/", "https://eve.github.io/", False),
        ("https://shop.co.uk/", "https://evil.co.uk/", False),
        ("https://shop.test/", "https://shop.test.evil.test/", False),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/x", True),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8001/", False),
        ("http://localhost/", "https://localhost/", False),
        ("http://10.0.0.1/", "http://11.0.0.1/", False),
        ("null", "null", False),
        ("about:blank", "about:blank", False),
        ("file:///a", "file:///b", False),
    ],
)
def test_sites(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) == same


def test_an_address_that_names_http_may_be_gone_to_by_https() -> None:
    cover = Cover((Form("POST", "http://shop.test/pay?x=1#end", "http://shop.test"),))

    def fault(url: str, method: str = "POST", **more: Any) -> str | None:
        return cover.fault({"method": method, "url": url, "headers": {}}, "http://shop.test", document=True, **more)

    assert fault("http://shop.test/pay?x=1") is None
    assert fault("https://shop.test/pay?x=1") is None
    assert fault("https://shop.test/pay?x=2")
    assert fault("https://shop.test/pay?x=1", "PUT")
    assert fault("https://www.shop.test/other", hop=True) is None
    assert fault("https://evil.test/other", hop=True)
