"""Text becomes commands that a shell hands on unchanged; a real shell is asked."""

from __future__ import annotations

import base64
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.android.transport import quoted
from handeye.tools.android.typing import KEYBOARDS, LINE, broadcast_commands, joined, normal, plain, plain_commands
from handeye.tools.errors import DeviceError

PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("\n\t%s'\"$`\\"), max_size=400)
HOSTILE = [
    "it's",
    '"$(reboot)"',
    "`id`",
    "a; rm -rf /",
    "100%s of %%s",
    "--es x",
    "-",
    "a\\nb",
    "$IFS",
    "~",
    "*",
    "\\",
    "'",
    "#x",
    "a&&b|c>d",
]


def typed(commands: list[str]) -> str:
    """What a phone would have in its field, by the rules of `input`."""
    text = ""
    for command in commands:
        words = shlex.split(command)
        if words[:2] == ["input", "text"]:
            assert len(words) == 3
            text += words[2].replace("%s", " ")
        else:
            assert words[:2] == ["input", "keyevent"]
            text += "".join({"66": "\n", "61": "\t"}[code] for code in words[2:])
    return text


@given(PLAIN)
def test_plain_text_arrives_exact(text: str) -> None:
    assert plain(text)
    commands = list(plain_commands(text))
    assert typed(commands) == text
    lines = list(joined(commands))
    assert all(len(line) <= LINE for line in lines)
    assert " && ".join(lines) == " && ".join(commands)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_one_word_to_a_real_shell(text: str) -> None:
    (command,) = joined([quoted(["printf", "%s.", "input", "text", text])])
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == f"input.text.{text}."
    assert typed(list(plain_commands(text))) == text


@given(st.text(max_size=2000))
def test_any_text_arrives_exact_through_a_keyboard(text: str) -> None:
    for keyboard in KEYBOARDS:
        arrived = ""
        for command in broadcast_commands(text, keyboard):
            words = shlex.split(command)
            assert len(command) <= LINE
            if words[0] == "input":
                arrived += typed([command])
            else:
                assert words[:6] == ["am", "broadcast", "-a", keyboard.action, "--es", keyboard.extra]
                arrived += base64.b64decode(words[6], validate=True).decode()
        assert arrived == text


def test_line_ends_are_one_newline_each() -> None:
    assert normal("a\r\nb\rc\nd") == "a\nb\nc\nd"
    assert not plain("é")
    assert not plain("\x1b")


def test_an_argument_cannot_hold_a_nul() -> None:
    with pytest.raises(DeviceError, match="NUL"):
        quoted(["echo", "a\0b"])
