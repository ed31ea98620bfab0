"""Rule files: what is wrong in one is refused with its line, and nothing is allowed that an independent reading does not allow."""

from __future__ import annotations

import json
import os
import tomllib
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.agent.safety.classes import CLASSES, Judged
from handeye.agent.safety.explaining import in_words
from handeye.agent.safety.lines import Lines
from handeye.agent.safety.reading import RULE_FIELDS, default_rules, default_text, load_rules, read_rules
from handeye.agent.safety.rules import Rules, rule_on
from handeye.agent.safety.spending import within
from handeye.envs.actions import Click
from handeye.envs.env import Effect
from handeye.tools.errors import SetupError
from tests.agent.safety.targets import HERE, in_form, on_page, on_phone

CLICK = Click()
GOOD = '[[rule]]\nclass = "free"\nanswer = "allow"\n'


def test_the_shipped_rules_allow_only_what_is_free_or_named() -> None:
    rules = default_rules()
    assert {risk for rule in rules.rules for risk in rule.classes} == set(CLASSES)
    assert all(rule.classes == {"free"} or rule.named_by_user for rule in rules.rules if rule.answer == "allow")
    for risk in set(CLASSES) - {"free"}:
        assert answer(rules, risk) == "ask"
    assert answer(rules, "free") == "allow"
    assert answer(rules, "submit", named=True, target=on_page("button", "Submit")) == "allow"
    # A page may call its button like any word of the user's sentence: only words of doing count.
    assert answer(rules, "submit", named=True, target=on_page("button", "Blue kettle")) == "ask"
    assert answer(rules, "pay", named=True) == "ask"
    assert answer(rules, "credentials", named=True, start=HERE) == "allow"
    assert answer(rules, "credentials", named=True, start="https://other.test") == "ask"
    assert read_rules(default_text(), "x").rules == rules.rules


def answer(rules: Rules, *risks: str, named: bool = False, start: str = "", target: Any = None) -> str:
    one = Judged(target or on_page("button", "Go"), frozenset(risks), named)
    return rule_on(rules, CLICK, (one,), start, {}).answer


BAD = [
    ("", "f.toml has no rule"),
    ("answer = ", "f.toml is no TOML"),
    ("# nothing\n[limits]\nsteps = 3\n", "no rule"),
    ('[[rule]]\nclas = "pay"\nanswer = "ask"', "line 2: clas: a rule has no such field. Fix: write class"),
    ('[[rule]]\nanswer = "ask"\nclass = "pai"', "line 3: class: there is no 'pai'. Fix: write pay"),
    ('[[rule]]\nclass = "pay"\nanswer = "alow"', "line 3: answer: there is no 'alow'. Fix: write allow"),
    ('[[rule]]\nclass = "pay"\nanswer = true', "line 3: answer: it is a text in quotes, not True"),
    ('[[rule]]\nclass = 3\nanswer = "ask"', "line 2: class: it is a text in quotes"),
    ('[[rule]]\nclass = []\nanswer = "ask"', "line 2: class: the list is empty"),
    ('[[rule]]\nclass = ["pay", "pay"]\nanswer = "ask"', "a value is there twice"),
    ('[[rule]]\nclass = "pay"\nclass = "send"\nanswer = "ask"', "line 3"),
    ('[[rule]]\nanswer = "allow"', "line 1: it allows without a class"),
    ('[[rule]]\nname = "Go"\nanswer = "allow"', "it allows without a class"),
    ('[[rule]]\nclass = "pay"', "needs answer or instead"),
    ('[[rule]]\nclass = "pay"\nanswer = "ask"\ninstead = "stop"', "one of the two"),
    ('[[rule]]\nclass = "pay"\ninstead = ""', "line 3: instead: it is empty"),
    ('[[rule]]\nclass = "pay"\nname = "*"\nanswer = "allow"', "line 3: name: '*' fits everything"),
    ('[[rule]]\nclass = "pay"\nname = "[a-z]*"\nanswer = "allow"', "only * (anything)"),
    ('[[rule]]\nclass = "pay"\npath = "/*"\nanswer = "allow"', "line 3: path: '/*' fits everything"),
    ('[[rule]]\nclass = "pay"\napp = "*.*"\nanswer = "allow"', "line 3: app: '*.*' fits everything"),
    ('[[rule]]\nclass = "pay"\npath = "/a?b=1"\nanswer = "deny"', "line 3: path: no page's path has a query"),
    ('[[rule]]\nclass = "pay"\npath = "/a/../b"\nanswer = "deny"', "line 3: path: no page's path has a query"),
    (f'[[rule]]\nclass = {json.dumps(list(CLASSES))}\nanswer = "allow"', "line 2: class: it names every class and nothing else"),
    (f'[[rule]]\nclass = {json.dumps(list(CLASSES))}\ntimes = 2\nanswer = "allow"', "line 2: class: it names every class"),
    ('[[rule]]\nclass = "pay"\nsurface = ["browser", "android", "desktop"]\nanswer = "allow"', "line 3: surface: it names all"),
    ('[[rule]]\nclass = "credentials"\ninput_type = "passwrod"\nanswer = "deny"', "no 'passwrod'. Fix: write password"),
    ('[[rule]]\nclass = "pay"\npath = "shop"\nanswer = "allow"', "a path begins with /"),
    ('[[rule]]\nclass = "pay"\nhost = "https://shop.test"\nanswer = "allow"', "line 3: host: 'https://shop.test': it has a scheme"),
    ('[[rule]]\nclass = "pay"\nhost = "*.co.uk"\nanswer = "allow"', "public suffix"),
    ('[[rule]]\nclass = "pay"\nhost = "*"\nanswer = "allow"', "it would allow every host"),
    ('[[rule]]\nclass = "pay"\nmax_amount = 20\nanswer = "allow"', "belong together"),
    ('[[rule]]\nclass = "pay"\ncurrency = "EUR"\nanswer = "allow"', "belong together"),
    (
        '[[rule]]\nclass = "pay"\nmax_amount = 20\ncurrency = "EURO"\nanswer = "allow"',
        "line 4: currency: there is no 'EURO'. Fix: write EUR",
    ),
    ('[[rule]]\nclass = "pay"\nmax_amount = inf\ncurrency = "EUR"\nanswer = "allow"', "line 3: max_amount"),
    ('[[rule]]\nclass = "pay"\nmax_amount = -1\ncurrency = "EUR"\nanswer = "allow"', "line 3: max_amount"),
    ('[[rule]]\nclass = "pay"\ntimes = 0\nanswer = "allow"', "line 3: times"),
    ('[[rule]]\nclass = "pay"\ntimes = 1.5\nanswer = "allow"', "it is a whole number"),
    ('[[rule]]\nclass = "pay"\ntimes = true\nanswer = "allow"', "line 3: times"),
    ('[[rule]]\nclass = "pay"\ntimes = 1\nanswer = "deny"', "only what is allowed is counted"),
    ('[[rule]]\nclass = "pay"\nnamed_by_user = "yes"\nanswer = "allow"', "it is true or false"),
    (
        '[[rule]]\nclass = "pay"\nanswer = "ask"\n[[rule]]\nclass = "pay"\nanswer = "allow"',
        "line 4: it has the same conditions as the rule in line 1",
    ),
    (
        '[[rule]]\nclass = ["pay", "send"]\nanswer = "allow"\n[[rule]]\nclass = "pay"\nhost = "a.test"\nanswer = "deny"',
        "line 4: the rule in line 1",
    ),
    ('[[rule]]\nanswer = "ask"\n[[rule]]\nclass = "pay"\nname = "Go"\nanswer = "deny"', "decides all of it before"),
    ('[[rule]]\ntitle = "a"\nclass = "pay"\nanswer = "ask"\n[[rule]]\ntitle = "a"\nclass = "send"\nanswer = "ask"', "title 'a'"),
    ('[rule]\nclass = "pay"\nanswer = "ask"', "line 1: rule is a list of tables"),
    ('[[rules]]\nclass = "pay"\nanswer = "ask"', "line 1: there is no table or field 'rules'. Fix: write rule"),
    (GOOD + "[limits]\nstep = 3", "line 5: step: there is no such limit. Fix: write steps"),
    (GOOD + "[limits]\nsteps = 0", "line 5: steps"),
    (GOOD + "[limits]\nsteps = 2.5", "line 5: steps"),
    (GOOD + "[limits]\nanswer_within = nan", "line 5: answer_within"),
    (GOOD + "limits = 3", "a rule has no such field"),
    (GOOD + '[[harmless]]\nmethod = "POST"\nhost = "shop.test"', "line 4: path must be said"),
    (GOOD + '[[harmless]]\nmethod = "GET"\nhost = "shop.test"\npath = "/a"', "line 5: method"),
    (GOOD + '[[harmless]]\nmethod = "POST"\nhost = "*.shop.test"\npath = "/a"', "line 6: host"),
    (GOOD + '[[harmless]]\nmethod = "POST"\nhost = "shop.test"\npath = "/*"', "line 7: path"),
    (GOOD + '[[harmless]]\nmethod = "POST"\nhost = "shop.test"\npath = "/*/a"', "line 7: path"),
    ('[[rule]]\nwhy = """\n[[rule]]\n"""\nclass = "pay"\nanswer = "ask"\n[[rule]]\nclass = "x"\nanswer = "ask"', "line 2: why"),
    ('[[rule]]\nclass = [\n  "free",\n  "pai",\n]\nanswer = "allow"', "line 2: class: there is no 'pai'"),
]


@pytest.mark.parametrize(("text", "says"), BAD)
def test_a_fault_is_refused_with_its_line_and_what_is_right(text: str, says: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_rules(text, "f.toml")
    assert says in str(caught.value)
    assert "f.toml" in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for name, content in (("latin", b"# \xe4\n"), ("huge", b"#" * 300_000)):
        (tmp_path / name).write_bytes(content)
    for name in ("none", "latin", "huge", ""):
        with pytest.raises(SetupError):
            load_rules(tmp_path / name)


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(SetupError):
            load_rules(path)
    (tmp_path / "marked").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert len(load_rules(tmp_path / "marked").rules) == 1


def test_the_fault_of_a_long_file_is_found_at_once() -> None:
    many = "".join(f'[[rule]]\nclass = "pay"\nname = "thing {number}"\nanswer = "ask"\n' for number in range(2_000))
    with pytest.raises(SetupError, match=r"line 8003: nam: .* write name"):
        read_rules(many + '[[rule]]\nclass = "pay"\nnam = "x"\nanswer = "ask"\n', "f.toml")


def test_a_rule_that_denies_is_not_got_around_by_other_spellings() -> None:
    deny = '[[rule]]\nclass = "delete"\n{}\nanswer = "deny"\n[[rule]]\nclass = "delete"\nhost = "shop.test"\nanswer = "allow"\n'
    named, at = (read_rules(deny.format(field), "f") for field in ('name = "*account*"', 'path = "/über uns/*"'))
    for told in ({"name": "Delete \u0430ccount"}, {"name": "Delete acc0unt"}, {"name": "Delete", "text": "Delete account"}):
        assert answer(named, "delete", target=on_page("button", **told)) == "deny"
    assert answer(named, "delete", target=on_page("button", "Delete row")) == "allow"
    for path in ("/%C3%BCber%20uns/x", "/%c3%bcber%20%75ns/x"):
        assert answer(at, "delete", target=on_page("button", "Delete", page=HERE + path)) == "deny"
    allow = read_rules('[[rule]]\nclass = "delete"\npath = "/drafts/*"\nanswer = "allow"', "f")
    assert answer(allow, "delete", target=on_page("button", "Delete", page=f"{HERE}/drafts/a%20b")) == "allow"
    assert answer(allow, "delete", target=on_page("button", "Delete", page=f"{HERE}/drafts/..%2Faccount")) == "deny"


def test_a_payment_in_advance_is_typed_and_counted() -> None:
    rules = read_rules(
        '[[rule]]\nclass = "pay"\nhost = "shop.test"\nmax_amount = 20\ncurrency = "EUR"\ntimes = 1\nanswer = "allow"\n'
        '[[rule]]\nclass = "pay"\nanswer = "ask"\n',
        "f",
    )
    cheap = in_form("Buy", f"{HERE}/buy", amounts=("12,50 €", "€ 3.99"))
    assert answer(rules, "pay", target=cheap) == "allow"
    for more in (
        {"amounts": ("12,50 €", "20,01 €")},
        {"amounts": ()},
        {"amounts": ("$ 5",)},
        {"amounts": ("5",)},
        {"amounts": ("1.999 €",)},
        {"amounts": ("2 x 15 €",)},
        {"origin": "https://evil.test"},
        {"page": "https://evil.test/shop.test"},
        {"origin": "https://shop.test.evil.test"},
        {"origin": "null"},
        {"origin": "http://shop.test"},
        {"origin": "https://shop.test:8443"},
    ):
        told: dict[str, Any] = {"amounts": ("12,50 €",)} | more
        assert answer(rules, "pay", target=in_form("Buy", f"{HERE}/buy", **told)) == "ask", more
    assert answer(rules, "pay", target=in_form("Buy", "https://evil.test/buy", amounts=("5 €",))) == "ask"
    assert answer(rules, "pay", "send", target=cheap) == "deny"
    first = rule_on(rules, CLICK, (Judged(cheap, frozenset({"pay"})),), "", {})
    assert (first.answer, first.used) == ("allow", (0,))
    assert rule_on(rules, CLICK, (Judged(cheap, frozenset({"pay"})),), "", {0: 1}).answer == "ask"


def test_an_effect_is_allowed_only_where_every_host_fits() -> None:
    rules = read_rules('[[rule]]\nclass = "effect"\nhost = "shop.test"\nmethod = "POST"\nanswer = "allow"\n', "f")

    def on(*urls: str, method: str = "POST") -> str:
        judged = Judged(on_page("button", "x"), frozenset({"effect"}), effects=tuple(Effect(method, url) for url in urls))
        return rule_on(rules, CLICK, (judged,), "", {}).answer

    assert on(f"{HERE}/like") == "allow"
    assert on(f"{HERE}/like", "https://evil.test/x") == "deny"
    assert on(f"{HERE}/like", method="DELETE") == "deny"


def test_the_strictest_answer_over_all_targets_and_classes() -> None:
    rules = read_rules(
        '[[rule]]\nclass = "free"\nanswer = "allow"\n[[rule]]\nclass = "pay"\nanswer = "ask"\n'
        '[[rule]]\nclass = "send"\ninstead = "Save it."\n'
        '[[rule]]\nclass = "delete"\nanswer = "deny"\n',
        "f",
    )
    assert answer(rules, "free") == "allow"
    assert answer(rules, "free", "send") == "instead"
    assert answer(rules, "send", "pay") == "ask"
    assert answer(rules, "pay", "delete", "send") == "deny"
    assert answer(rules, "grant") == "deny"
    both = (Judged(on_page("button", "a"), frozenset({"free"})), Judged(on_page("button", "b"), frozenset({"pay"})))
    assert rule_on(rules, CLICK, both, "", {}).answer == "ask"


def test_conditions_on_the_target() -> None:
    rules = read_rules(
        '[[rule]]\nclass = "delete"\nname = "Delete draft*"\nrole = "button"\npath = "/drafts/*"\nframe = "top"\nanswer = "allow"\n'
        '[[rule]]\nclass = "delete"\nsurface = "android"\napp = "com.example.*"\nanswer = "allow"\n',
        "f",
    )
    draft = on_page("button", "DELETE  draft 3", page=f"{HERE}/drafts/3")
    assert answer(rules, "delete", target=draft) == "allow"
    assert answer(rules, "delete", target=on_page("button", "Delete draft", page=f"{HERE}/mail")) == "deny"
    assert answer(rules, "delete", target=on_page("link", "Delete draft", page=f"{HERE}/drafts/3")) == "deny"
    assert answer(rules, "delete", target=on_page("button", "Delete draft", page=f"{HERE}/drafts/3", frame="other")) == "deny"
    assert answer(rules, "delete", target=on_phone("x", "com.example.notes")) == "allow"
    assert answer(rules, "delete", target=on_phone("x", "com.examples")) == "deny"


@pytest.mark.parametrize(
    ("text", "currency", "fits"),
    [
        ("20 €", "EUR", True),
        ("€20.00", "EUR", True),
        ("EUR 19,99", "EUR", True),
        ("20.01 €", "EUR", False),
        ("1.000 €", "EUR", False),
        ("1,5 €", "EUR", True),
        ("$5", "USD", True),
        ("US$ 5", "USD", True),
        ("5 kr", "SEK", True),
        ("¥15", "JPY", True),
        ("20 €", "USD", False),
        ("-5 €", "EUR", False),
        ("5 € – 50 €", "EUR", False),
        ("ab 5 €", "EUR", False),
        ("5", "EUR", False),
        ("€", "EUR", False),
        ("２０ €", "EUR", True),
        ("5 EUR/month", "EUR", False),
    ],
)
def test_sums(text: str, currency: str, fits: bool) -> None:
    assert within(text, Decimal(20), currency) is fits


def test_rules_in_words_say_every_condition() -> None:
    text = (
        '[[rule]]\ntitle = "books"\nclass = "pay"\nhost = ["shop.test", "*.shop.test:8443"]\nname = "Buy*"\n'
        'max_amount = 20.50\ncurrency = "EUR"\n'
        'named_by_user = true\nstart_host = false\ntimes = 2\nanswer = "allow"\n'
        '[[rule]]\nanswer = "deny"\nwhy = "no more"\n[limits]\ncost = 1\n'
    )
    words = "\n".join(in_words(read_rules(text, "f")))
    for part in (
        "1. What is pay",
        "shop.test or *.shop.test:8443",
        '"buy*"',
        "20.50 EUR",
        "named in the user's own words",
        "not all of it",
        "2 times",
        "[books]",
        "2. What whatever it does: denied: no more",
        "3. Whatever none of these fits: denied",
        "At most 1 cost",
    ):
        assert part in words


values: st.SearchStrategy[Any] = st.sampled_from(
    [
        '"pay"',
        '"free"',
        '["free", "submit"]',
        '"shop.test"',
        '"*"',
        '"button"',
        "true",
        "false",
        "1",
        "20",
        '"EUR"',
        '"allow"',
        '"deny"',
        '"ask"',
        '"/a*"',
        '"Buy*"',
        '"click"',
        '"browser"',
        '"top"',
        '""',
        "[]",
        '"POST"',
        "-1",
        "nan",
        '"x\\u0000"',
        "{a = 1}",
        "1979-05-27",
    ]
)
fields = st.sampled_from([*RULE_FIELDS, "clas", "Answer"])
tables = st.lists(st.tuples(fields, values), max_size=6).map(lambda rows: "".join(f"{name} = {value}\n" for name, value in rows))
files = st.lists(tables, min_size=1, max_size=4).map(lambda rows: "".join(f"[[rule]]\n{row}" for row in rows))


@settings(max_examples=300)
@given(st.text(max_size=60) | files | st.builds(lambda file, text: file + text, files, st.text(max_size=20)))
def test_whatever_a_file_says_it_is_read_or_refused(text: str) -> None:
    read, said = None, ""
    try:
        read = read_rules(text, "f.toml")
    except SetupError as error:
        said = str(error)
    assert read is not None or "f.toml" in said
    for rule in read.rules if read else ():
        assert rule.classes or rule.answer != "allow"
    assert read is None or list(in_words(read))


good_rules = st.fixed_dictionaries(
    {
        "class": st.lists(st.sampled_from(list(CLASSES)), min_size=1, max_size=3, unique=True),
        "answer": st.sampled_from(["allow", "deny", "ask"]),
    },
    optional={
        "role": st.sampled_from(["button", "link"]),
        "name": st.sampled_from(["go", "go*", "stop"]),
        "named_by_user": st.booleans(),
        "surface": st.sampled_from(["browser", "android"]),
        "frame": st.sampled_from(["top", "other"]),
        "host": st.sampled_from(["shop.test", "other.test"]),
    },
)


def toml(rule: dict[str, Any]) -> str:
    written = {True: "true", False: "false"}
    lines = (f"{name} = {written[value] if isinstance(value, bool) else repr(value)}" for name, value in rule.items())
    return "[[rule]]\n" + "\n".join(lines) + "\n"


def oracle(text: str, risks: set[str], role: str, name: str, named: bool, frame: str) -> str:
    """The same question answered from the TOML itself."""
    facts = {"role": role, "surface": "browser", "frame": frame, "named_by_user": named, "host": "shop.test"}
    answers = []
    for risk in risks:
        for rule in tomllib.loads(text)["rule"]:
            if risk not in rule["class"] or ("name" in rule and not fnmatchcase(name, rule["name"])):
                continue
            if all(facts[field] == value for field, value in rule.items() if field in facts):
                answers.append(rule["answer"])
                break
        else:
            answers.append("deny")
    return next(one for one in ("deny", "ask", "allow") if one in answers)


@settings(max_examples=300)
@given(
    st.lists(good_rules, min_size=1, max_size=6),
    st.sets(st.sampled_from(list(CLASSES)), min_size=1, max_size=3),
    st.sampled_from(["button", "link"]),
    st.sampled_from(["go", "go on", "stop"]),
    st.booleans(),
    st.sampled_from(["top", "other"]),
)
def test_nothing_is_allowed_by_accident(
    rules: list[dict[str, Any]], risks: set[str], role: str, name: str, named: bool, frame: str
) -> None:
    text = "".join(map(toml, rules))
    try:
        read = read_rules(text, "f")
    except SetupError:
        return
    judged = Judged(on_page(role, name, frame=frame), frozenset(risks), named)
    assert rule_on(read, CLICK, (judged,), "", {}).answer == oracle(text, risks, role, name, named, frame)


def test_lines_are_those_of_the_statement() -> None:
    text = 'a = """\n[[rule]]\nx = 1\n"""\n[[rule]]\nx = [\n  1,\n]\ny = 2\n[[ rule ]]\n"y" = 3\n'
    lines = Lines(text)
    assert [lines.of(("rule", 0)), lines.of(("rule", 0), "y"), lines.of(("rule", 1), "y"), lines.of((), "a")] == [
        5,
        9,
        11,
        1,
    ]
