"""The emulator's console against servers that say what a test gives them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.tools.android.emulator_console import ask_console, kill
from handeye.tools.android.server import free_port
from handeye.tools.errors import DeviceError, DeviceLost, DeviceTimeout, HandeyeError, InvalidAction, SetupError

OPEN = b"Android Console: type 'help' for a list of commands\r\nOK\r\n"
SHUT = b"Android Console: Authentication required\r\nAndroid Console: type 'auth <auth_token>' to authenticate\r\nOK\r\n"


class Console:
    """Greets, then answers one line after the other; keeps what it was told."""

    def __init__(self, *answers: bytes) -> None:
        self.told: list[str] = []
        self._answers = answers
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            connection, _ = self._socket.accept()
            with connection, connection.makefile("rwb") as stream:
                for answer in self._answers:
                    stream.write(answer)
                    stream.flush()
                    self.told.append(stream.readline().decode().strip())
        except OSError:
            return

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def console() -> Iterator[Callable[..., Console]]:
    made: list[Console] = []

    def make(*answers: bytes) -> Console:
        made.append(Console(*answers))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_an_answer_comes_without_its_last_line(console: Callable[..., Console]) -> None:
    open_one = console(OPEN, b"Phone\r\nanother line\r\nOK\r\n")
    assert ask_console(open_one.port, "avd name") == "Phone\r\nanother line"


def test_the_token_is_given_where_it_is_asked_for(console: Callable[..., Console], tmp_path: Path) -> None:
    (tmp_path / ".emulator_console_auth_token").write_text("s3cret\n")
    shut = console(SHUT, b"Android Console: type 'help'\r\nOK\r\n", b"OK\r\n")
    assert ask_console(shut.port, "avd snapshot load clean", environment={"HOME": str(tmp_path)}) == ""
    assert shut.told[:2] == ["auth s3cret", "avd snapshot load clean"]


def test_refusals(console: Callable[..., Console], tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        ask_console(console(SHUT).port, "kill", environment={"HOME": str(tmp_path)})
    (tmp_path / ".emulator_console_auth_token").write_text("old")
    with pytest.raises(SetupError, match=r"does not accept the token.*does not match"):
        ask_console(console(SHUT, b"KO: token does not match\r\n").port, "kill", environment={"HOME": str(tmp_path)})
    with pytest.raises(DeviceError, match="refused 'avd snapshot load x': no such snapshot"):
        ask_console(console(OPEN, b"KO: no such snapshot\r\n").port, "avd snapshot load x")
    with pytest.raises(DeviceLost, match="broke off"):
        ask_console(console(OPEN).port, "avd name")
    with pytest.raises(DeviceLost, match="is gone"):
        ask_console(free_port(), "avd name")
    with pytest.raises(InvalidAction, match="one line"):
        ask_console(1, "avd name\nkill")


def test_one_that_says_nothing_is_not_waited_for(console: Callable[..., Console]) -> None:
    with pytest.raises(DeviceTimeout, match="avd name"):
        ask_console(console(b"Android Console").port, "avd name", 0.2)


def test_ending_one_that_is_gone_is_no_error() -> None:
    kill(free_port())


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=60), max_size=3))
def test_whatever_it_says_is_an_answer_or_an_error_of_ours(answers: list[bytes]) -> None:
    wild = Console(*answers)
    try:
        assert isinstance(ask_console(wild.port, "avd name", 0.05), str)
    except HandeyeError:
        pass
    finally:
        wild.close()
