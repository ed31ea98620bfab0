from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handeye.tools.errors import InvalidAction
from handeye.tools.keys import KEY_NAMES, MODIFIERS, android_keycode, canonical_key, playwright_key, pyautogui_key, x11_keysym
from tests.strategies import keys


@pytest.mark.parametrize("key", KEY_NAMES)
def test_canonical_names_stand_for_themselves(key: str) -> None:
    assert canonical_key(key) == key
    assert canonical_key(f" {key.upper()} ") == key
    assert canonical_key(key.replace("_", "-")) == key
    assert canonical_key(key.replace("_", " ").title()) == key


@given(st.characters())
@example("İ")
@example("ǅ")
@example("K")
def test_a_character_has_one_canonical_form_or_none(character: str) -> None:
    try:
        key = canonical_key(character)
    except InvalidAction:
        assert not character.isprintable() or character.isspace()
    else:
        assert canonical_key(key) == key
        assert key in KEY_NAMES or unicodedata.normalize("NFKC", key).lower()[:1] == unicodedata.normalize("NFKC", character).lower()[:1]


@given(st.text(max_size=20))
def test_any_other_text_is_a_key_or_an_error_in_words(text: str) -> None:
    try:
        key = canonical_key(text)
    except InvalidAction as error:
        words = str(error)
    else:
        words = "no key is called"
        assert canonical_key(key) == key
    assert words.startswith("no key is called")


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("Return", "enter"),
        ("KP_Enter", "enter"),
        ("\n", "enter"),
        ("enter key", "enter"),
        ("\t", "tab"),
        (" ", "space"),
        ("ESC", "escape"),
        ("Del", "delete"),
        ("KEYCODE_DEL", "backspace"),
        ("KEYCODE_FORWARD_DEL", "delete"),
        ("KEYCODE_DPAD_UP", "up"),
        ("KEYCODE_MOVE_HOME", "home"),
        ("KEYCODE_A", "a"),
        ("KEYCODE_LEFT_BRACKET", "["),
        ("KEYCODE_CTRL_LEFT", "ctrl"),
        ("KEYCODE_SHIFT_RIGHT", "shift"),
        ("ArrowUp", "up"),
        ("Page_Up", "page_up"),
        ("PgDn", "page_down"),
        ("Control_R", "ctrl"),
        ("Cmd", "meta"),
        ("Super_L", "meta"),
        ("AltGr", "alt"),
        ("option", "alt"),
        ("KeyA", "a"),
        ("Digit7", "7"),
        ("Numpad5", "5"),
        ("A", "a"),
        ("É", "é"),
        (" - ", "-"),
        ("-", "-"),
        ("_", "_"),
        ("plus", "+"),
        ("exclam", "!"),
        ("braceleft", "{"),
        ("F12", "f12"),
    ],
)
def test_spellings_in_use(spelling: str, key: str) -> None:
    assert canonical_key(spelling) == key


@pytest.mark.parametrize(
    "name", ["", "  ", "left_click", "ctrl+a", "\x00", "\ue012", "\u3000", "f25", "KEYCODE_BACK", "KEYCODE_HOME", "\ud800"]
)
def test_what_is_no_key_is_refused(name: str) -> None:
    with pytest.raises(InvalidAction, match="no key is called"):
        canonical_key(name)


@given(keys)
def test_every_key_has_a_name_for_playwright_and_x11(key: str) -> None:
    assert canonical_key(playwright_key(key)) == key
    keysym = x11_keysym(key)
    assert keysym.isascii()
    assert keysym.replace("_", "").isalnum()
    if not keysym.startswith("U0") and len(keysym) < 5:
        assert canonical_key(keysym) == key


@given(keys)
def test_pyautogui_and_android_have_a_name_or_say_so(key: str) -> None:
    for table in (pyautogui_key, android_keycode):
        try:
            assert table(key)
        except InvalidAction as error:
            words = str(error)
            assert key in words or repr(key) in words
            assert not key.isascii() or len(key) == 1 or key[1:].isdigit()


def test_no_two_keys_share_a_name() -> None:
    ascii_keys = [*KEY_NAMES, *(chr(code) for code in range(33, 127) if not chr(code).isupper())]
    for table in (playwright_key, x11_keysym):
        assert len({table(key) for key in ascii_keys}) == len(ascii_keys)
    codes = []
    for key in ascii_keys:
        try:
            codes.append(android_keycode(key))
        except InvalidAction:
            continue
    assert len(set(codes)) == len(codes)
    assert len(codes) > 70


def test_pyautogui_knows_every_name_that_it_is_given() -> None:
    # The names of pyautogui.KEYBOARD_KEYS that are not one character; importing pyautogui itself needs a display.
    names = (
        "enter tab escape backspace delete insert space up down left right home end pageup pagedown ctrl alt shift win capslock numlock "
        "scrolllock printscreen pause apps"
    )
    assert {pyautogui_key(key) for key in KEY_NAMES} <= {*names.split(), *(f"f{n}" for n in range(1, 25))}


@pytest.mark.parametrize("table", [playwright_key, x11_keysym, pyautogui_key, android_keycode])
@pytest.mark.parametrize("name", ["Return", "", "ab", "\x00"])
def test_tables_take_canonical_names_only(table: object, name: str) -> None:
    assert callable(table)
    with pytest.raises(InvalidAction):
        table(name)


def test_modifiers_are_keys() -> None:
    assert set(MODIFIERS) <= set(KEY_NAMES)
