"""Secrets as they are declared: what is taken, what is refused, and that no value shows itself on the way."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.envs.secrets.secret import Secret, Value, read_secret, read_secrets
from handeye.envs.secrets.where import Where
from handeye.tools.errors import SetupError
from handeye.tools.private import PrivateText

VALUE = "correct horse battery"
SEED = "JBSWY3DPEHPK3PXP"


def declared(text: str, value: str = VALUE) -> Secret:
    return read_secret(text, {"BANK": value})


@pytest.mark.parametrize(
    ("bound", "where"),
    [
        ("https://shop.test", Where(origin="https://shop.test")),
        ("https://SHOP.test:443/", Where(origin="https://shop.test")),
        ("https://shop.test:8443", Where(origin="https://shop.test:8443")),
        ("https://bücher.example", Where(origin="https://xn--bcher-kva.example")),
        ("http://127.0.0.1:8080", Where(origin="http://127.0.0.1:8080")),
        ("http://[::1]:80", Where(origin="http://[::1]")),
        ("http://shop.localhost:9", Where(origin="http://shop.localhost:9")),
        ("app:com.example.bank", Where(app="com.example.bank")),
        ("app:Mousepad", Where(app="Mousepad")),
    ],
)
def test_a_place_is_one_origin_or_one_app(bound: str, where: Where) -> None:
    assert declared(f"bank=env:BANK@{bound}").where == where


@pytest.mark.parametrize(
    "bound",
    [
        "", "shop.test", "*.shop.test", "https://*.shop.test", "https://", "http://shop.test", "http://127.0.0.1.evil.test", "http://10.0.0.1",
        "https://shop.test/login", "https://shop.test?x", "https://shop.test#x", "https://ada:pw@shop.test", "ftp://shop.test",
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "about:blank", "app:", "app:*", "app:a/b", "null",
        "https://shop test", "https://sh\u043ep.test",
    ],
)  # fmt: skip
def test_what_is_bound_to_nothing_or_to_more_than_one_place_is_refused(bound: str) -> None:
    with pytest.raises(SetupError) as caught:
        declared(f"bank=env:BANK@{bound}")
    assert VALUE not in str(caught.value)


def test_options() -> None:
    secret = declared("bank=env:BANK@https://shop.test;fields=any;uses=3")
    assert (secret.fields, secret.uses, secret.one_time) == ("any", 3, False)
    plain = declared("bank=env:BANK@https://shop.test")
    assert (plain.fields, plain.uses, plain.placeholder) == ("password", None, "[[secret:bank]]")
    assert declared("code=totp:env:BANK@https://shop.test", SEED).fields == "otp"
    for wrong in (
        "uses=0",
        "uses=-1",
        "uses=many",
        "fields=text",
        "fields=",
        "use=1",
        "",
        "ANYONE",
        "uses=1;uses=9",
        "fields=any;fields=otp",
    ):
        with pytest.raises(SetupError):
            declared(f"bank=env:BANK@https://shop.test;{wrong}")


@pytest.mark.parametrize("text", ["bank=hunter2xyz@https://shop.test", "hunter2xyz", "bank=hunter2xyz", "=env:BANK@https://shop.test",
                                  "bank=env:@https://shop.test", "bank=pass:hunter2xyz@https://shop.test", "ba nk=env:BANK@https://shop.test",
                                  "bank=plain:hunter2xyz@https://shop.test"])  # fmt: skip
def test_a_value_on_the_command_line_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_secret(text, {"BANK": VALUE})
    assert "hunter2xyz" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    ["", "abc", "two\nlines", "tab\there", "x" * 5000, "\0abcd", "     ", "\u200b" * 8, "abc\u200b", "ab\x85cd", "ab\x7fcd", "ab\u2028cd"],
)
def test_values_that_could_not_be_hidden_or_typed_are_refused(value: str) -> None:
    with pytest.raises(SetupError):
        declared("bank=env:BANK@https://shop.test", value)


@given(st.text(max_size=80))
def test_any_declaration_is_read_or_refused_in_words(text: str) -> None:
    try:
        secret = read_secret(text, {"BANK": VALUE})
    except SetupError:
        return
    assert secret.where.origin or secret.where.app


def test_the_variable_is_gone_for_children() -> None:
    environ = os.environ | {"BANK_PASSWORD": VALUE}
    code = (
        "import os, subprocess, sys\n"
        "from handeye.envs.secrets.secret import read_secrets\n"
        "read_secrets(['a=env:BANK_PASSWORD@https://a.test', 'b=env:BANK_PASSWORD@https://b.test'])\n"
        "subprocess.run([sys.executable, '-c', 'import os; print(sorted(os.environ))'], check=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert "PATH" in done.stdout
    assert "BANK_PASSWORD" not in done.stdout


def test_the_variable_is_gone_even_when_a_later_one_is_refused() -> None:
    environ = {"BANK": VALUE}
    with pytest.raises(SetupError, match="not set"):
        read_secrets(["a=env:BANK@https://a.test", "b=env:OTHER@https://b.test"], environ)
    assert environ == {}


def test_two_of_one_name() -> None:
    with pytest.raises(SetupError, match="two secrets"):
        read_secrets(["a=env:BANK@https://a.test", "a=env:BANK@https://b.test"], {"BANK": VALUE})


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "a;b@c"
    path.write_text(VALUE + "\n")
    path.chmod(0o600)
    assert read_secret(f"bank=file:{path}@https://shop.test").value.reveal() == VALUE
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        with pytest.raises(SetupError, match="chmod 600"):
            read_secret(f"bank=file:{path}@https://shop.test")
        assert read_secret(f"bank=file:{path}@https://shop.test;anyone").value.reveal() == VALUE
    path.chmod(0o600)
    path.write_bytes(b"\xef\xbb\xbf" + VALUE.encode() + b"\r\n")  # as editors on Windows save it: the mark is not typed
    assert read_secret(f"bank=file:{path}@https://shop.test").value.reveal() == VALUE
    path.write_bytes(b"\xff\xfe\xff\xff")
    for wrong in (path, tmp_path, tmp_path / "none"):
        with pytest.raises(SetupError):
            read_secret(f"bank=file:{wrong}@https://shop.test")
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SetupError, match="is no file"):  # and not a wait for whoever writes to it
        read_secret(f"bank=file:{tmp_path / 'pipe'}@https://shop.test")


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[object]:
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def __init__(self) -> None:
            super().__init__()
            self.entries: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.entries.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.entries[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.entries[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield keyring
    keyring.set_keyring(before)


def test_the_keyring(ring: object) -> None:
    import keyring

    keyring.set_password("bank", "ada@shop.test", VALUE)
    assert read_secret("bank=keyring:bank/ada@shop.test@https://shop.test").value.reveal() == VALUE
    with pytest.raises(SetupError, match="no entry bank/bob"):
        read_secret("bank=keyring:bank/bob@https://shop.test")
    with pytest.raises(SetupError, match="SERVICE/USER"):
        read_secret("bank=keyring:bank@https://shop.test")


def test_a_keyring_that_fails_is_a_fault_of_the_setup() -> None:
    import keyring
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    try:
        with pytest.raises(SetupError, match="keyring cannot be asked"):
            read_secret("bank=keyring:bank/ada@https://shop.test")
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize("seed", [SEED, "jbsw y3dp-ehpk 3pxp", f"otpauth://totp/Bank:ada?secret={SEED}&issuer=Bank&digits=8&period=60"])
def test_seeds_of_one_time_codes(seed: str) -> None:
    assert declared("code=totp:env:BANK@https://shop.test", seed).one_time


@pytest.mark.parametrize(
    "seed", ["not base 32!", "1111", "otpauth://hotp/Bank?secret=JBSWY3DPEHPK3PXP&counter=1", "otpauth://totp/x", "AA"]
)
def test_what_is_no_seed_is_refused_and_not_repeated(seed: str) -> None:
    with pytest.raises(SetupError) as caught:
        declared("code=totp:env:BANK@https://shop.test", seed)
    assert seed not in "".join(traceback.format_exception(caught.value))


def test_nothing_shows_the_value() -> None:
    secret = declared("bank=env:BANK@https://shop.test")
    shown = [repr(secret), str(secret), f"{secret.value}", repr(PrivateText(VALUE)), repr([PrivateText(VALUE)]), repr(vars(secret))]
    assert all(VALUE not in text for text in shown)
    for thing in (secret, secret.value, PrivateText(VALUE)):
        for attempt in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                attempt(thing)
    assert secret.value != Value(VALUE)
