from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handeye.agent.extract import extract, read_schema
from handeye.agent.messages import Message, Picture
from handeye.agent.models.base import Completion, Constraint, Sampling
from handeye.agent.models.scripted import ScriptedModel
from handeye.agent.structured import Schema, read_json
from handeye.tools.errors import ParseError, SetupError

PAGE = Picture(np.zeros((56, 84, 3), np.uint8))
INVOICE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "number": {"type": "string"},
        "date": {"type": "string", "format": "date"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
    },
    "required": ["number"],
    "additionalProperties": False,
    "$defs": {"line": {"type": "object", "properties": {"text": {"type": "string"}, "sum": {"type": "number"}}, "required": ["text"]}},
}
DATA = {"number": "R-17", "date": "2026-11-25", "lines": [{"text": "Müller", "sum": 12.5}]}


class Constrained(ScriptedModel):
    """Keeps the constraints that it was given."""

    def __init__(self, *replies: str) -> None:
        super().__init__(replies)
        self.constraints: list[Constraint | None] = []

    def generate(self, messages: list[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:  # type: ignore[override]
        """The next reply."""
        self.constraints.append(constraint)
        return super().generate(messages, sampling, constraint)


def test_data_comes_out_as_the_schema_wants_it() -> None:
    model = Constrained(json.dumps(DATA))
    found = extract(model, PAGE, INVOICE)
    assert found.value == DATA
    assert found.repairs == ()
    assert model.constraints == [Constraint(INVOICE)]
    user = model.asked[0][-1]
    assert user.parts[0] is PAGE
    assert json.dumps(INVOICE) in user.text


def test_several_pages_are_numbered() -> None:
    model = ScriptedModel([json.dumps(DATA)])
    extract(model, [PAGE, PAGE], Schema(INVOICE))
    parts = model.asked[0][-1].parts
    assert parts[:4] == ("Picture 1: ", PAGE, "Picture 2: ", PAGE)
    assert "pages" in str(parts[4])


@pytest.mark.parametrize(
    "reply",
    [
        f"```json\n{json.dumps(DATA, indent=2)}\n```",
        f"Here it is:\n{json.dumps(DATA)}\nI hope that helps.",
        f"<think>[a list?] {{no}}</think>{json.dumps(DATA)}",
        str(DATA),
        json.dumps(DATA).replace("}]}", "},]}"),
    ],
)
def test_replies_are_read_as_models_write_them(reply: str) -> None:
    assert extract(ScriptedModel([reply]), PAGE, INVOICE, retries=0).value == DATA


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ('{"number": 17}', "$.number"),
        ("{}", "'number' is a required property"),
        ('{"number": "R-17", "total": 1}', "total"),
        ('{"number": "R-17", "date": "yesterday"}', "date"),
        ('{"number": "R-17", "lines": [{"sum": 1}]}', "$.lines[0]"),
        ("I cannot read it.", "no JSON"),
        ('{"number": "R-17"', "cut off"),
        ('{"number": "R-17"} {"number": "R-18"}', "several"),
        ('{"number": "R-17", "number": "R-18"}', "twice"),
        ('{"number": "R-17", "lines": [{"text": "x", "sum": NaN}]}', "NaN"),
        ('{"number": "R-17", "lines": [{"text": "x", "sum": 1e999}]}', "not finite"),
        ('{"number": "\\ud800"}', "half a character"),
        ("[" * 100_000, "nested"),
        ("", "no JSON"),
    ],
)
def test_what_does_not_obey_goes_back_with_the_validators_words(reply: str, says: str) -> None:
    model = ScriptedModel([reply, json.dumps(DATA)])
    found = extract(model, PAGE, INVOICE)
    assert found.value == DATA
    assert len(found.completions) == 2
    assert model.asked[1][-2].text == reply
    assert says in model.asked[1][-1].text


def test_after_the_last_try_the_last_reply_is_told() -> None:
    with pytest.raises(ParseError, match=r"in 3 tries: at \$.number.*Its last reply: '{\"number\": 3}'"):
        extract(ScriptedModel(['{"number": 1}', '{"number": 2}', '{"number": 3}']), PAGE, INVOICE)


def test_a_long_table_is_read_whole() -> None:
    rows = {"number": "1", "lines": [{"text": str(number), "sum": number} for number in range(5_000)]}
    assert extract(ScriptedModel([json.dumps(rows)]), PAGE, INVOICE).value == rows


def test_a_document_has_pages() -> None:
    with pytest.raises(SetupError, match="no pages"):
        extract(ScriptedModel(["{}"]), [], INVOICE)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"type": "objekt"}', r"\$.type"),
        ("[]", "is an object"),
        ("true", "is an object"),
        ('"a"', "is an object"),
        ("{", "not JSON"),
        ('{"properties": []}', r"\$.properties"),
        ('{"properties": {"a": {"$ref": "#/$defs/missing"}}}', "not in it"),
        ('{"$ref": "http://127.0.0.1:9/schema.json"}', "not in it"),
        ('{"$ref": "#"}', "without end"),
        ('{"pattern": "("}', "regex"),
        ('{"not": ' * 3_000 + "{}" + "}" * 3_000, "no JSON schema|not JSON"),
    ],
)
def test_what_is_no_schema_is_refused_with_its_file(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "schema.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SetupError, match=says) as raised:
        read_schema(path)
    assert "schema.json" in str(raised.value)
    with pytest.raises(SetupError, match="cannot be read"):
        read_schema(tmp_path / "missing.json")


def test_older_drafts_and_names_are_understood() -> None:
    draft_7 = "http://json-schema.org/draft-07/schema#"
    old = Schema({"$schema": draft_7, "definitions": {"a": {"type": "string"}}, "items": [{"$ref": "#/definitions/a"}]})
    assert old.complaints(["x"]) == ()
    assert old.complaints([1]) != ()
    properties = {"$ref": {"type": "string"}, "a": {"$ref": "#/$defs/b"}}
    named = Schema({"$id": "https://example.org/s", "properties": properties, "$defs": {"b": {"type": "null"}}})
    assert named.complaints({"$ref": "x", "a": None}) == ()
    assert Schema({"enum": ["a"], "default": {"$ref": "no schema"}}).complaints("a") == ()


@given(st.text(max_size=120) | st.text(alphabet="{}[]\",:0123ae \\u'`<think>/", max_size=120))
def test_any_reply_is_json_or_a_parse_error(reply: str) -> None:
    try:
        value, _ = read_json(reply)
    except ParseError:
        return
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans())
@example({"</think>": ""}, False)
def test_json_is_read_exactly(value: Any, indented: bool) -> None:
    assert read_json(json.dumps(value, indent=2 if indented else None)) == (value, ())
