"""The redactor finds a value in every spelling, in any place, and leaves all else alone."""

from __future__ import annotations

import base64
import html
import json
import pickle
import traceback
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.envs.secrets.redaction import Redactor
from handeye.tools.errors import DeviceError, SetupError

VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=6, max_size=40).filter(
    lambda text: text.strip() == text
)
AROUND = st.binary(max_size=8)
HOLDER = "[[secret:bank]]"
VALUE = "hunter2" + "xyz"
"""In two parts: a traceback shows the lines of this file too."""


def redactor(value: str) -> Redactor:
    made = Redactor()
    made.add(value, HOLDER)
    return made


SPELLINGS = {
    "raw": lambda v: v,
    "in a URL": lambda v: quote(v, safe=""),
    "in a path": lambda v: quote(v),
    "in a form": lambda v: urlencode({"q": v}),
    "plus": quote_plus,
    "lower escapes": lambda v: "".join(f"%{byte:02x}" for byte in v.encode()),
    "twice in a URL": lambda v: quote(quote(v, safe=""), safe=""),
    "JSON": json.dumps,
    "JSON, not ASCII": lambda v: json.dumps(v, ensure_ascii=False),
    "JSON in JSON": lambda v: json.dumps(json.dumps({"a": v})),
    "HTML": html.escape,
    "HTML, no quotes": lambda v: html.escape(v, quote=False),
    "entities": lambda v: "".join(f"&#{ord(c)};" for c in v),
    "repr": lambda v: repr(v),
    "keys": lambda v: json.dumps(list(v)),
    "keys in words": lambda v: "press " + "+".join(v),
}


@pytest.mark.parametrize("spelling", list(SPELLINGS))
@given(VALUES)
def test_every_spelling_is_found(spelling: str, value: str) -> None:
    text = f"before {SPELLINGS[spelling](value)} after"
    clean = redactor(value)(text)
    assert HOLDER in clean
    assert value not in clean.replace(HOLDER, "")


@pytest.mark.parametrize(
    "text",
    [
        VALUE.upper(),
        "-".join(VALUE),
        ".".join(VALUE),
        "\u200b".join(VALUE),
        VALUE.encode().hex(),
        VALUE.encode().hex().upper(),
        f"%68{VALUE[1:]}",
        "".join(f"\\u{ord(letter):04x}" for letter in VALUE),
        f"&#104;{VALUE[1:]}",
        VALUE.encode().hex(" "),
        VALUE.encode().hex(":").upper(),
        ", ".join(f"0x{byte:02x}" for byte in VALUE.encode()),
        "".join(f"\\x{byte:02x}" for byte in VALUE.encode()),
        "".join(f"\\{byte:03o}" for byte in VALUE.encode()),
        "".join(f"&#{ord(letter):05d};" for letter in VALUE),
        "".join(f"&#x{ord(letter):04X}" for letter in VALUE),
        "".join(f"\\u{{{ord(letter):x}}}" for letter in VALUE),
        "".join(f"%u{ord(letter):04x}" for letter in VALUE),
        "".join(f"={byte:02X}" for byte in VALUE.encode()),
        " ".join(map(str, VALUE.encode())),
        json.dumps(list(VALUE.encode())).strip("[]"),
        "".join(chr(ord(letter) + 0xFEE0) for letter in VALUE),
        "*".join(VALUE),
        quote(quote(quote(f"{VALUE[:3]}", safe=""), safe=""), safe="") + VALUE[3:],
    ],
)
def test_a_value_in_disguise_is_found(text: str) -> None:
    assert redactor(VALUE)(f"before {text} after") == f"before {HOLDER} after"


@given(VALUES, AROUND, AROUND)
def test_base64_at_any_place(value: str, before: bytes, after: bytes) -> None:
    whole = before + value.encode() + after
    for coded in (base64.b64encode(whole), base64.urlsafe_b64encode(whole)):
        clean = redactor(value)(coded.decode())
        assert HOLDER in clean
        with_marks = clean.partition(HOLDER)
        assert len(with_marks[0]) + len(with_marks[2]) < len(coded.decode())


@given(VALUES, AROUND, AROUND)
def test_base32_at_any_place(value: str, before: bytes, after: bytes) -> None:
    assert redactor(value).finds(base64.b32encode(before + value.encode() + after).decode())


def test_accents_may_stand_apart() -> None:
    assert redactor("p\u00e4ssw\u00f6rd").finds("pa\u0308sswo\u0308rd")
    assert redactor("pa\u0308sswo\u0308rd").finds("p\u00e4ssw\u00f6rd")


@given(st.text(max_size=200), VALUES)
def test_other_text_is_left_alone(text: str, value: str) -> None:
    made = redactor(value)
    clean = made(text)
    assert clean == text or made.finds(text)
    assert made.finds(text) or clean == text


def test_the_longer_of_two_values_wins() -> None:
    made = Redactor()
    made.add("hunter2", "[[secret:a]]")
    made.add(VALUE, "[[secret:b]]")
    assert made(f"{VALUE} hunter2") == "[[secret:b]] [[secret:a]]"


def test_numbers_apart_are_no_short_value() -> None:
    made = redactor("1234")
    assert made("[1, 2, 3, 4]") == "[1, 2, 3, 4]"
    assert made("pin 1234") == f"pin {HOLDER}"


def test_structures() -> None:
    made = redactor(VALUE)
    assert made.value({VALUE: ["x", (VALUE, 1, None)]}) == {HOLDER: ["x", (HOLDER, 1, None)]}


def _raise(value: str) -> None:
    local = "x" + value
    try:
        int(local)
    except ValueError as error:
        raise DeviceError(f"typing {value} failed", fix=f"do not type {value}") from error


def test_exceptions_leave_without_values_and_without_variables() -> None:
    made = redactor(VALUE)
    with pytest.raises(DeviceError) as caught, made.scrubbing():
        _raise(VALUE)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    # The frame of this test is still running; those that ended are empty.
    inside = "".join(shown.format()).partition("in _raise")[2]
    assert VALUE not in str(caught.value)
    assert VALUE not in inside
    assert str(caught.value).count(HOLDER) == 2


def test_exceptions_that_build_their_words_themselves() -> None:
    class Odd(Exception):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

        def __str__(self) -> str:
            return f"odd: {self.text}"

    made = redactor(VALUE)
    with pytest.raises(Odd) as caught, made.scrubbing():
        raise Odd(VALUE)
    assert str(caught.value) == f"odd: {HOLDER}"
    with pytest.raises(UnicodeDecodeError) as decoding, made.scrubbing():
        (VALUE.encode() + b"\xff").decode()
    assert VALUE not in str(decoding.value)


def test_a_redactor_shows_nothing() -> None:
    made = redactor(VALUE)
    assert VALUE not in repr(made)
    with pytest.raises(TypeError):
        pickle.dumps(made)
    error = SetupError("nothing of it")
    made.scrub(error)
    assert str(error) == "nothing of it"
