"""Keysyms of characters, and text cut into pieces for as many keys as can be lent."""

from __future__ import annotations

import ctypes
import ctypes.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.desktop.keymap import OLD_KEYSYMS, batches, keysym_of, modern, unspeakable


@given(st.text(), st.integers(1, 30), st.sets(st.characters()))
def test_pieces_give_the_text_and_need_no_more_than_there_is(text: str, room: int, direct: set[str]) -> None:
    given_keys = {keysym_of(character) for character in direct}
    pieces = list(batches(text, room, given_keys))
    assert "".join(piece for piece, _ in pieces) == text
    for piece, wanted in pieces:
        assert len(wanted) == len(set(wanted)) <= room
        assert {keysym_of(character) for character in piece} - given_keys == set(wanted)


@given(st.characters(exclude_categories=["Cs", "Cc"]))
def test_each_character_has_a_keysym_of_its_own(character: str) -> None:
    keysym = keysym_of(character)
    assert chr(keysym & 0xFFFFFF if keysym >> 24 else keysym) == character
    assert modern(keysym) == keysym
    assert unspeakable(character) is None


@given(st.text(), st.characters(categories=["Cs", "Cc"], exclude_characters="\t\n\r"), st.text())
def test_what_no_key_gives_is_found(before: str, bad: str, after: str) -> None:
    assert unspeakable(before + bad + after) is not None


def test_old_keysyms_are_those_of_xkbcommon() -> None:
    name = ctypes.util.find_library("xkbcommon")
    if name is None:
        pytest.skip("libxkbcommon is not installed")
    known = ctypes.CDLL(name)
    for page in OLD_KEYSYMS:
        for low in range(0xA0, 0x100):
            keysym = page << 8 | low
            if modern(keysym) != keysym:
                assert keysym_of(chr(known.xkb_keysym_to_utf32(keysym))) == modern(keysym), hex(keysym)
