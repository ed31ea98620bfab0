"""Sums of money as people write them, read alike by Python and by the pages' own JavaScript."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handeye.tools.amounts import JAVASCRIPT, amounts
from handeye.tools.browser import BrowserDriver


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pay $20 now", ("$20",)),
        ("Pay$20.", ("$20",)),
        ("1.234,56 € und 1 234,50 €", ("1.234,56 €", "1 234,50 €")),
        ("CHF 1'234.50, USD 5, EUR20, 20EUR", ("CHF 1'234.50", "USD 5", "EUR20", "20EUR")),
        ("₹1,23,456.78 or R$ 1.234,00", ("₹1,23,456.78", "R$ 1.234,00")),
        ("1 234 567 kr · 99 Kč · 12,- € · 5 zł", ("1 234 567 kr", "99 Kč", "12,- €", "5 zł")),
        ("٢٠ ﷼ and １２円", ("٢٠ ﷼", "１２円")),
        ("5 dollars, 7 euros, 50 cents", ("5 dollars", "7 euros", "50 cents")),
        ("-$5 $-5 $5 $5", ("$5", "$-5")),
        ("US$19.99/month and 5 € a week, EUR 7 monthly, 3 € pro Woche", ("US$19.99/month", "5 € a week", "EUR 7 monthly", "3 € pro Woche")),
        ("€12k, £1.2 million, ₹3 lakh, ¥12万, 12万円, 12 Tsd. €", ("€12k", "£1.2 million", "₹3 lakh", "¥12万", "12万円", "12 Tsd. €")),
        ("10 × 12 €, $5 x 20, €12–1500, €12·000, €12e3", ("10 × 12 €", "$5 x 20", "€12–1500", "€12·000", "€12e3")),
        ("€12\u200b000 and 12\u00ad500 €, €9  000", ("€12000", "12500 €", "€9 000")),
        ("Kettle 12 €Add to cart, 5 € (3 left), 7 €, a gift; 8 €. 3 items", ("12 €", "5 €", "7 €", "8 €")),
        ("Room 12, 5%, 10:30, 3 items, v1.2, EUR-Lex 12, xUSD 5, 5 USDx, 12345", ()),
        ("", ()),
    ],
)
def test_sums_with_their_currency(text: str, found: tuple[str, ...]) -> None:
    assert amounts(text) == found


NUMBERS = st.integers(0, 10**9).flatmap(
    lambda n: st.sampled_from([str(n), f"{n:,}", f"{n:,}.99", f"{n:,}".replace(",", "."), f"{n:,}".replace(",", " ")])
)
SIGNS = st.sampled_from(["$", "€", "£", "¥", "₹", "US$", "CHF", "USD", "EUR", "kr", "zł", "Kč", "RM"])
WORDS = st.sampled_from(["pay", "total:", "(now)", "-", "—", "für", "合計"])


@given(WORDS, SIGNS, NUMBERS, st.booleans(), st.sampled_from(["", " ", "\u00a0"]), WORDS)
def test_a_sum_is_found_in_any_surroundings(before: str, sign: str, number: str, first: bool, space: str, after: str) -> None:
    amount = f"{sign}{space}{number}" if first else f"{number}{space}{sign}"
    (found, *rest) = amounts(f"{before} {amount} {after}")
    assert found == " ".join(amount.split())
    assert rest == []


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for found in amounts(text):
        assert any(character.isdigit() for character in found)


def test_long_text_is_read_in_no_time() -> None:
    assert amounts("1 234 " * 20_000 + "1." * 20_000 + "$" * 20_000) == ()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.text("$€0123456789., '’USDEURkr٣円", max_size=12), NUMBERS, SIGNS), max_size=8).map(" ".join))
def test_javascript_reads_the_same(shared: BrowserDriver, text: str) -> None:
    script = f"(text) => [...text.replace(/[ \\t]+/gu, ' ').matchAll(new RegExp({json.dumps(JAVASCRIPT)}, 'gu'))].map((found) => found[0])"
    assert tuple(dict.fromkeys(" ".join(found.split()) for found in shared.evaluate(script, text))) == amounts(text)
