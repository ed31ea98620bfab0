"""`SecretEnv` over the shipped fake: what reaches the device, and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handeye.envs.actions import Action, Click, Drag, PressKeys, TypeText, Wait
from handeye.envs.check import check_env
from handeye.envs.env import Permit, SightedEnv, TimeStep
from handeye.envs.fake import BUTTONS, FIELD, ButtonsEnv, SightedButtonsEnv
from handeye.envs.observation import Dialog, Observation, Tab
from handeye.envs.secrets.env import SecretEnv
from handeye.envs.secrets.masking import DARK
from handeye.envs.secrets.secret import read_secrets
from handeye.envs.secrets.vault import Vault
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError, NotPermitted, SetupError, TargetChanged
from handeye.tools.geometry import Box, Point
from handeye.tools.private import PrivateText
from handeye.tools.target import Target

VALUE = "hunter2" + "xyz"
HOLDER = "[[secret:bank]]"
SECRET = TypeText(text=HOLDER)
FOCUS = Target("desktop", "focus", identity="f", box=FIELD, role="entry", states=frozenset({"editable", "password"}), app="buttons")


def vault(options: str = "", value: str = VALUE) -> Vault:
    return Vault(read_secrets([f"bank=env:BANK@app:buttons{options}"], {"BANK": value}))


class Echo(SightedButtonsEnv):
    """The shipped screen, with words in its observations that a test puts there."""

    def __init__(self, words: dict[str, object] | None = None) -> None:
        super().__init__(says=lambda action: (FOCUS,) if isinstance(action, TypeText) else ())
        self.words = words or {}

    def _observation(self) -> Observation:
        return replace(super()._observation(), **self.words)  # type: ignore[arg-type]


def opened(inner: SightedButtonsEnv | None = None, read: Sequence[tuple[str, Box]] = (), options: str = "") -> SecretEnv:
    env = SecretEnv(inner or Echo(), vault(options), lambda pixels: read)
    env.reset(0)
    env.step(Click(point=FIELD.center))
    return env


def device_of(env: SecretEnv) -> SightedButtonsEnv:
    assert isinstance(env.inner, SightedButtonsEnv)
    return env.inner


def test_conforms() -> None:
    assert isinstance(opened(), SightedEnv)
    check_env(SecretEnv(SightedButtonsEnv(), vault(), lambda pixels: ()))
    with pytest.raises(SetupError):
        SecretEnv(ButtonsEnv(), vault(), lambda pixels: ())  # type: ignore[arg-type]


def test_only_the_device_gets_the_value() -> None:
    env = opened()
    step = env.step(SECRET)
    assert device_of(env).device.calls[-1].arguments[0] == VALUE
    assert isinstance(device_of(env).device.calls[-1].arguments[0], PrivateText)
    assert VALUE not in repr(device_of(env).device.calls)
    assert VALUE not in repr(step)


def test_the_device_is_told_what_to_keep_out() -> None:
    env = opened()
    env.keep_out(("4711",))
    assert device_of(env).kept_out == ("4711",)  # nothing was typed so far
    env.step(SECRET)
    assert device_of(env).kept_out == (VALUE, "4711")
    env.keep_out(())
    assert device_of(env).kept_out == (VALUE,)


def test_the_field_is_dark_from_then_on() -> None:
    env = opened()
    before = env.step(Wait()).observation.screenshot
    assert not (before[FIELD.top : FIELD.bottom, FIELD.left : FIELD.right] == DARK).all()
    for seen in (env.step(SECRET), env.step(Wait()), env.step(Click(point=BUTTONS[0].center))):
        picture = seen.observation.screenshot
        assert (picture[FIELD.top : FIELD.bottom, FIELD.left : FIELD.right] == DARK).all()
        assert not (picture[BUTTONS[1].top : BUTTONS[1].bottom, BUTTONS[1].left : BUTTONS[1].right] == DARK).all()


def test_what_a_reader_finds_is_dark_and_nothing_is_read_before_the_first_use() -> None:
    asked = []

    def read(pixels: Pixels) -> Sequence[tuple[str, Box]]:
        asked.append(pixels)
        return [("hunter2xyz", Box(10, 150, 100, 170)), ("Welcome", Box(10, 200, 100, 220))]

    env = SecretEnv(Echo(), vault(), read)
    env.reset()
    env.step(Click(point=FIELD.center))
    assert asked == []
    picture = env.step(SECRET).observation.screenshot
    assert len(asked) == 1
    assert (picture[150:170, 10:100] == DARK).all()
    assert not (picture[200:220, 10:100] == DARK).any()
    env.step(Wait())
    assert len(asked) == 1  # the same picture says the same
    env.step(Click(point=BUTTONS[0].center))
    assert len(asked) == 2


def test_words_of_observations_hold_placeholders() -> None:
    words = {
        "url": f"https://x.test/?q={VALUE}",
        "title": VALUE,
        "app": f"a {VALUE}",
        "tabs": (Tab(VALUE, VALUE),),
        "dialog": Dialog("prompt", f"is it {VALUE}?", VALUE),
        "notes": (VALUE,),
        "downloads": (),
        "extra": {"window": VALUE, VALUE: "x"},
    }
    env = SecretEnv(Echo(words), vault(), lambda pixels: ())
    seen = env.reset()
    told = repr({name: getattr(seen, name) for name in words})
    assert VALUE not in told
    assert told.count(HOLDER) >= 9


def test_a_placeholder_at_the_wrong_place_types_nothing() -> None:
    env = opened(SightedButtonsEnv())
    calls = list(device_of(env).device.calls)
    with pytest.raises(NotPermitted, match="password field only"):
        env.step(SECRET)
    with pytest.raises(NotPermitted, match="must be all that is typed"):
        env.step(TypeText(text=f"x{HOLDER}"))
    assert list(device_of(env).device.calls) == calls
    assert not env.vault.in_use


def test_a_field_that_changed_between_look_and_dispatch_gets_nothing() -> None:
    inner = Echo()
    looks = iter([(FOCUS,), (replace(FOCUS, app="evil", identity="g"),)])
    inner.says = lambda action: next(looks) if isinstance(action, TypeText) else ()
    env = opened(inner, options=";uses=1")
    calls = list(inner.device.calls)
    with pytest.raises(TargetChanged):
        env.step(SECRET)
    assert list(inner.device.calls) == calls
    inner.says = lambda action: (FOCUS,)
    env.step(SECRET)  # the use was given back
    with pytest.raises(NotPermitted, match="as often"):
        env.step(SECRET)


def test_permitted_steps() -> None:
    env = opened()
    permit = Permit(env.targets(SECRET))
    env.step_permitted(SECRET, permit)
    assert device_of(env).device.calls[-1].arguments[0] == VALUE
    with pytest.raises(NotPermitted):
        env.step_permitted(SECRET, Permit((replace(FOCUS, app="evil"),)))


def test_targets_are_told_with_placeholders_and_can_be_approved_so() -> None:
    inner = Echo()
    shown = replace(FOCUS, text=f"shows {VALUE}")
    inner.says = lambda action: (shown,)
    env = opened(inner)
    targets = env.targets(PressKeys(keys=("a",)))
    assert targets[0].text == f"shows {HOLDER}"
    env.step_permitted(PressKeys(keys=("a",)), Permit(targets))
    with pytest.raises(TargetChanged):
        env.step_permitted(PressKeys(keys=("a",)), Permit((replace(targets[0], name="other"),)))


def test_a_device_that_cannot_tell_leaves_the_picture_dark() -> None:
    class Broken(Echo):
        def shown_at(self, values: Sequence[str]) -> tuple[Box, ...]:
            raise DeviceError(f"cannot say where {values[0]} is")

    env = SecretEnv(Broken(), vault(), lambda pixels: ())
    env.reset()
    assert not (env.step(Click(point=FIELD.center)).observation.screenshot == DARK).all()
    seen = env.step(SECRET).observation
    assert (seen.screenshot == DARK).all()
    assert any("left dark" in note for note in seen.notes)
    assert VALUE not in " ".join(seen.notes)


def test_errors_of_the_device_leave_without_the_value() -> None:
    class Broken(Echo):
        def step(self, action: Action) -> TimeStep:
            if isinstance(action, TypeText):
                raise DeviceError(f"the device choked on {action.text}")
            return super().step(action)

    env = opened(Broken())
    with pytest.raises(DeviceError) as caught:
        env.step(SECRET)
    assert str(caught.value) == f"the device choked on {HOLDER}"
    assert env.vault.in_use  # some of it may have been typed


def test_downloads_that_hold_a_value_are_removed(tmp_path: Path) -> None:
    good, bad, named, coded = tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / f"{VALUE}.txt", tmp_path / "c.bin"
    good.write_text("nothing")
    bad.write_text("x" * 2_000_000 + VALUE)
    named.write_text("nothing")
    coded.write_bytes(b"\xff\xfe" + VALUE.encode("utf-16-le"))
    env = opened(Echo({"downloads": tuple(map(str, (good, bad, named, coded)))}))
    seen = env.step(SECRET).observation
    assert seen.downloads == (str(good),)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert seen.notes.count("A download was removed: it held the value of a secret.") == 3
    assert env.step(Wait()).observation.notes == ()


def test_pieces_that_were_typed_count() -> None:
    env = opened()
    env.step(SECRET)
    env.step(TypeText(text="hunter2"))
    with pytest.raises(NotPermitted):
        env.step(TypeText(text="xyz"))
    env.step(TypeText(text="abc"))


def test_the_picture_behind_a_dialog_is_the_one_from_before() -> None:
    inner = Echo()
    env = opened(inner)
    dark_field = env.step(SECRET).observation.screenshot
    inner.words = {"dialog": Dialog("alert", "hello")}
    assert np.array_equal(env.step(Wait()).observation.screenshot, dark_field)


@pytest.mark.parametrize(
    ("action", "refused"),
    [
        (PressKeys(keys=("ctrl", "c")), True),
        (PressKeys(keys=("ctrl", "shift", "C")), True),
        (PressKeys(keys=("meta", "x")), True),
        (PressKeys(keys=("ctrl", "insert")), True),
        (Drag(start=FIELD.center, end=Point(5, 5)), True),
        (Click(point=BUTTONS[0].center, button="middle"), True),
        (Drag(start=Point(200, 200), end=Point(5, 5)), False),
        (PressKeys(keys=("ctrl", "a")), False),
        (PressKeys(keys=("c",)), False),
        (Click(point=FIELD.center, count=3), False),
    ],
)
def test_what_is_dark_is_not_copied(action: Action, refused: bool) -> None:
    env = opened()
    env.step(action)
    env.step(Click(point=FIELD.center))
    env.step(SECRET)
    if not refused:
        env.step(action)
        return
    with pytest.raises(NotPermitted, match="copied or carried"):
        env.step(action)
