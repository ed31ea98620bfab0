"""Secrets on a virtual desktop: typed by keys into the password field of one program, and neither in arguments nor on the clipboard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from handeye.envs.actions import Click, TypeText, Wait
from handeye.envs.desktop import DesktopEnv
from handeye.envs.desktop_open import open_desktop
from handeye.envs.secrets.env import SecretEnv
from handeye.envs.secrets.masking import DARK
from handeye.envs.secrets.secret import read_secrets
from handeye.envs.secrets.vault import Vault
from handeye.tools.errors import NotPermitted, SetupError
from handeye.tools.target import Target
from tests.waiting import until

LACKING = [name for name in ("Xvfb", "openbox", "zenity") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"needs {', '.join(LACKING)}"),
    pytest.mark.skipif(not Path("/usr/share/dbus-1/services/org.a11y.Bus.service").exists(), reason="needs at-spi2-core"),
]
VALUE = "kelp&7 forést"
HOLDER = TypeText(text="[[secret:door]]")


@pytest.fixture(scope="module")
def desktop() -> Iterator[DesktopEnv]:
    try:
        env = open_desktop({"virtual": True, "size": "800x600", "guard": True, "typing": "paste"})
    except SetupError as error:
        pytest.skip(str(error))
    yield env
    env.close()


def opened(desktop: DesktopEnv, *command: str, app: str = "zenity") -> SecretEnv:
    made = Vault(read_secrets([f"door=env:DOOR@app:{app}"], {"DOOR": VALUE}))
    env = SecretEnv(desktop, made, lambda pixels: ())
    env.reset(0)
    assert desktop.virtual is not None
    desktop.virtual.run(command, window=True)
    until(lambda: any(window.active for window in desktop.driver.windows()))  # type: ignore[attr-defined]
    env.step(Wait(seconds=0))
    return env


def focus(env: SecretEnv) -> Target:
    return until(lambda: next((one for one in env.targets(HOLDER) if one.known and "focused" in one.states), None))


def press_ok(env: SecretEnv) -> None:
    """Click the button that Enter would press."""
    button = next(one for one in env.targets(TypeText(text="\n")) if "default" in one.states)
    assert button.box is not None
    env.step(Click(point=button.box.center))


def test_the_password_field_of_the_program(desktop: DesktopEnv, tmp_path: Path) -> None:
    env = opened(desktop, "sh", "-c", f"zenity --password > {tmp_path}/said")
    field = focus(env)
    assert "password" in field.states
    picture = env.step(HOLDER).observation.screenshot
    assert field.box is not None
    inside = field.box.grown(-2)
    assert (picture[inside.top : inside.bottom, inside.left : inside.right] == DARK).all()
    arguments = [word for process in psutil.process_iter(["cmdline"]) for word in process.info.get("cmdline") or ()]
    assert all(VALUE not in word for word in arguments)
    press_ok(env)
    assert until(lambda: (tmp_path / "said").read_text()).strip() == VALUE


@pytest.mark.parametrize(("command", "app"), [("--entry", "zenity"), ("--password", "mousepad")])
def test_another_field_or_another_program_gets_nothing(desktop: DesktopEnv, tmp_path: Path, command: str, app: str) -> None:
    env = opened(desktop, "sh", "-c", f"zenity {command} > {tmp_path}/said", app=app)
    focus(env)
    with pytest.raises(NotPermitted):
        env.step(HOLDER)
    env.step(TypeText(text="nothing"))
    press_ok(env)
    assert until(lambda: (tmp_path / "said").read_text()).strip() == "nothing"


def test_nothing_has_the_focus(desktop: DesktopEnv) -> None:
    env = opened(desktop, "zenity", "--info", "--text", "hello")
    with pytest.raises(NotPermitted):
        env.step(HOLDER)
    env.step(Click())
