"""Secrets on a simulated phone behind a real adb server: typed through its keyboard, and nowhere else to be found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handeye.envs.actions import Click, TypeText, Wait
from handeye.envs.phone import PhoneEnv
from handeye.envs.phone_open import open_phone
from handeye.envs.secrets.env import SecretEnv
from handeye.envs.secrets.masking import DARK
from handeye.envs.secrets.secret import read_secrets
from handeye.envs.secrets.vault import Vault
from handeye.tools.errors import NotPermitted, SetupError
from handeye.tools.geometry import Box

VALUE = "kelp-7-forest"
HOLDER = TypeText(text="[[secret:wifi]]")


@pytest.fixture(scope="module")
def phone() -> Iterator[PhoneEnv]:
    try:
        env = open_phone({"device": "sim", "guard": True})
    except SetupError as error:
        pytest.skip(f"no simulated phone: {error}")
    yield env
    env.close()


def opened(phone: PhoneEnv, where: str = "com.android.settings", fields: str = "password") -> SecretEnv:
    made = Vault(read_secrets([f"wifi=env:WIFI@app:{where};fields={fields}"], {"WIFI": VALUE}))
    env = SecretEnv(phone, made, lambda pixels: ())
    env.reset(0)
    phone.driver.shell("settings put global wifi_on 1; am start -a android.settings.WIFI_SETTINGS")
    env.step(Wait(seconds=1))
    tap(env, "Add network")
    return env


def view(env: SecretEnv, words: str) -> Box:
    phone = env.inner
    assert isinstance(phone, PhoneEnv)
    return next(node.bounds for node in phone.driver.ui_tree().walk() if words in (node.text, node.description, node.hint))


def tap(env: SecretEnv, words: str) -> None:
    env.step(Click(point=view(env, words).center))


def test_typed_masked_and_nowhere_to_be_found(phone: PhoneEnv) -> None:
    env = opened(phone)
    tap(env, "Password (none: open)")
    field = next(target for target in env.targets(HOLDER))
    step = env.step(HOLDER)
    assert field.box is not None
    picture = step.observation.screenshot
    assert (picture[field.box.top : field.box.bottom, field.box.left : field.box.right] == DARK).all()
    keyboards = phone.driver.shell("settings get secure default_input_method").text
    assert "AdbIME" not in keyboards
    told = [
        phone.driver.shell(line).all_text
        for line in ("logcat -d", "ps -A -o PID,ARGS", "dumpsys activity broadcasts", "dumpsys input_method")
    ]
    assert all(VALUE not in text for text in told)
    assert not env.vault.redact.finds(" ".join(told))
    texts = [node.text for node in phone.driver.ui_tree().walk() if "password" in node.traits]
    assert [len(text) for text in texts] == [len(VALUE)]


@pytest.mark.parametrize(("where", "fields", "tapped"), [("com.android.settings", "password", "Network name"),
                                                         ("com.example.bank", "password", "Password (none: open)")])  # fmt: skip
def test_another_field_or_another_app_gets_nothing(phone: PhoneEnv, where: str, fields: str, tapped: str) -> None:
    env = opened(phone, where, fields)
    tap(env, tapped)
    with pytest.raises(NotPermitted):
        env.step(HOLDER)
    assert VALUE not in repr([node.text for node in phone.driver.ui_tree().walk()])
    assert not env.vault.in_use


def test_a_field_that_shows_what_is_in_it_is_dark(phone: PhoneEnv) -> None:
    env = opened(phone, fields="any")
    tap(env, "Network name")
    (target,) = env.targets(HOLDER)
    picture = env.step(HOLDER).observation.screenshot
    assert target.box is not None
    assert (picture[target.box.top : target.box.bottom, target.box.left : target.box.right] == DARK).all()
    assert VALUE in [node.text for node in phone.driver.ui_tree().walk()]
