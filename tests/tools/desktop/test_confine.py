"""A virtual desktop whose programs reach nothing but one port of this machine."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator

import pytest

from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.virtual import VirtualDesktop, network_refusal
from handeye.tools.geometry import Size
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("Xvfb", "openbox", "xterm")), reason="needs Xvfb, openbox, xterm"
)


class Echo:
    """A server that sends back what it gets, and counts who came."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self.came = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.came += 1
            threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    def _echo(self, connection: socket.socket) -> None:
        with connection:
            while part := connection.recv(65536):
                connection.sendall(part)

    def close(self) -> None:
        self._server.close()


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Echo, Echo]]:
    door, sink = Echo(), Echo()
    yield door, sink
    door.close()
    sink.close()


@pytest.fixture(scope="module")
def confined(servers: tuple[Echo, Echo]) -> Iterator[VirtualDesktop]:
    if (why := network_refusal()) is not None:
        pytest.skip(f"no network of its own here: {why}")
    with VirtualDesktop.start(Size(640, 480), door=servers[0].port) as desktop:
        yield desktop


SCRIPT = """
import socket, sys
def tried(family, kind, place, data=b"x"):
    with socket.socket(family, kind) as link:
        link.settimeout(3)
        try:
            link.connect(place)
            link.send(data)
            return "sent"
        except OSError as error:
            return type(error).__name__
door, sink = int(sys.argv[1]), int(sys.argv[2])
with socket.create_connection(("127.0.0.1", door)) as link:
    whole, got = b"0123456789" * 100_000, b""
    import threading
    threading.Thread(target=lambda: (link.sendall(whole), link.shutdown(socket.SHUT_WR))).start()
    while part := link.recv(65536):
        got += part
print("door", got == whole)
print("sink", tried(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", sink)))
print("far", tried(socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 9)))
print("abstract", tried(socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + sys.argv[3]))
"""


def test_programs_reach_the_door_and_nothing_else(servers: tuple[Echo, Echo], confined: VirtualDesktop) -> None:
    door, sink = servers
    name = f"handeye-test-{door.port}"
    with socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0{name}")
        abstract.listen()
        pid = confined.run(["/usr/bin/env", "python3", "-c", SCRIPT, str(door.port), str(sink.port), name])
        until(lambda: confined.status(pid) is not None)
    told = dict(line.split() for line in confined.last_words(pid).splitlines())
    assert told["door"] == "True", confined.last_words(pid)
    assert told["sink"] != "sent"
    assert told["far"] != "sent"
    assert told["abstract"] != "sent"
    assert sink.came == 0
    assert door.came == 1


def test_windows_and_the_session_bus_still_work(confined: VirtualDesktop) -> None:
    driver = X11Driver.open(confined.display)
    confined.run(["xterm"], window=True)
    until(lambda: any(window.app == "XTerm" for window in driver.windows()))
    driver.close()
    pid = confined.run(["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetId"])
    until(lambda: confined.status(pid) is not None)
    assert confined.status(pid) == 0, confined.last_words(pid)


def test_programs_cannot_go_back_to_the_network_of_the_machine(confined: VirtualDesktop) -> None:
    pid = confined.run(["nsenter", "-t", "1", "-n", "true"])
    until(lambda: confined.status(pid) is not None)
    assert confined.status(pid) != 0


def test_it_ends_with_all_that_was_started_for_it(servers: tuple[Echo, Echo]) -> None:
    if network_refusal() is not None:
        pytest.skip("no network of its own here")
    desktop = VirtualDesktop.start(Size(640, 480), None, door=servers[0].port)
    folder = desktop.folder
    desktop.close()
    assert not folder.exists()
