"""The proxy's life: started, told, ended; names that lead elsewhere; clients that take their time."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from handeye.tools.egress import Allowed, EgressProxy, Refusal, serving
from handeye.tools.egress.context import Limits
from handeye.tools.errors import InvalidAction, SetupError
from tests.tools.egress.wire import Client, Listener, told

Listen = Callable[..., Listener]


@dataclass
class Served:
    """A proxy on a thread of the test, whose names and limits the test has in hand."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@contextmanager
def served(allowed: Allowed, names: Callable[[str], Sequence[str]], limits: Limits | None = None) -> Iterator[Served]:
    result = Served()

    def ask(name: str) -> Sequence[str]:
        result.asked.append(name)
        return names(name)

    before = set(threading.enumerate())
    with serving.served(allowed, ask, result.refusals.append, limits) as result.address:
        yield result
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "egress proxy"]


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
        ["nonsense"],
    ],
)
def test_a_listed_name_that_leads_to_a_private_address_is_refused(sink: Listener, answer: list[str]) -> None:
    before = sink.accepts
    with served(Allowed.read([f"shop.test:{sink.port}"]), lambda _: answer) as proxy:
        with Client(proxy.address) as client:
            status, _, body = client.ask(f"http://shop.test:{sink.port}/")
            assert status == 403
            assert b"shop.test leads to " in body
        with Client(proxy.address) as client:
            assert client.connect(f"shop.test:{sink.port}") == 403
        assert [refusal.host for refusal in proxy.refusals] == ["shop.test", "shop.test"]
    assert sink.accepts == before


def test_a_name_that_turns_private_leads_nowhere(sink: Listener) -> None:
    """The first answer is public, every later one this machine."""
    answers = iter([["8.8.8.8"]])
    before = sink.accepts
    # The public address is dialled, and nothing answers there: the limit ends it.
    with (
        served(Allowed.read([f"shop.test:{sink.port}"]), lambda _: next(answers, ["127.0.0.1"]), Limits(dial_s=1)) as proxy,
        Client(proxy.address) as first,
        Client(proxy.address) as second,
    ):
        for client in (first, second):
            client.send(f"GET http://shop.test:{sink.port}/ HTTP/1.1\r\nHost: shop.test:{sink.port}\r\n\r\n")
        assert first.ended()
        assert second.ended()
        assert proxy.asked == ["shop.test"]
    assert sink.accepts == before


IN_A_NETWORK_OF_ITS_OWN = """
import select, socket, sys
from handeye.tools.egress import Allowed
from handeye.tools.egress.serving import served
from tests.tools.egress.wire import Client, Listener

public = Listener(host="93.184.216.34")
private = socket.create_server(("127.0.0.1", public.port))
answers = iter([["93.184.216.34"]])
with served(Allowed.read([f"shop.test:{public.port}"]), lambda _: next(answers, ["127.0.0.1"]), print) as address:
    for _ in range(3):
        with Client(address) as client:
            print(client.ask(f"http://shop.test:{public.port}/")[0], bool(select.select([private], [], [], 0)[0]))
"""


def test_the_address_that_was_judged_is_the_one_that_is_dialled() -> None:
    """In a network name space, where a public address can be this machine's."""
    start = f'ip link set lo up && ip addr add 93.184.216.34/32 dev lo && exec "{sys.executable}" -c "$CODE"'
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "CODE": IN_A_NETWORK_OF_ITS_OWN, "PYTHONPATH": str(root)}
    if shutil.which("unshare") is None or shutil.which("ip") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("no network name space can be made here")
    done = subprocess.run(["unshare", "-rn", "sh", "-c", start], capture_output=True, text=True, check=False, env=environment, timeout=100)
    assert done.stdout.split() == ["200", "False"] * 3, done.stderr


def test_a_name_is_asked_for_once_and_not_when_it_is_pinned(origin: Listener) -> None:
    with served(Allowed.read([f"shop.test:{origin.port}=127.0.0.1", f"localhost:{origin.port}"]), lambda _: []) as proxy:
        for host in ("shop.test", "localhost"):
            with Client(proxy.address) as client:
                assert client.ask(f"http://{host}:{origin.port}/")[0] == 200
        assert proxy.asked == []


def test_a_name_that_nobody_has_is_no_refusal() -> None:
    def fails(name: str) -> Sequence[str]:
        raise OSError("no such name")

    for names in (fails, lambda _: []):
        with served(Allowed.read(["shop.test:80"]), names) as proxy, Client(proxy.address) as client:
            status, _, body = client.ask("http://shop.test/")
            assert status == 502
            assert b"no host has the name shop.test" in body
            assert proxy.refusals == []


def test_a_name_server_that_says_nothing_holds_up_nobody_else(origin: Listener) -> None:
    go = threading.Event()

    def waits(name: str) -> Sequence[str]:
        go.wait(30)
        return []

    start = time.monotonic()
    lists = Allowed.read([f"shop.test:{origin.port}=127.0.0.1", "slow.test:80"])
    with served(lists, waits) as proxy, Client(proxy.address) as slow, Client(proxy.address) as client:
        slow.send("GET http://slow.test/ HTTP/1.1\r\nHost: slow.test\r\n\r\n")
        assert client.ask(f"http://shop.test:{origin.port}/")[0] == 200
    assert time.monotonic() - start < 25
    go.set()


HASTE = Limits(connections=3, idle_s=0.3, head_s=0.3, body_s=0.3, answer_s=0.3, first_s=0.3, hello_s=0.3, relay_s=0.3, linger_s=0.3)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "GET http://shop.test",
        "GET http://shop.test:{port}/ HTTP/1.1\r\nHost: shop.test:{port}\r\n\r\n",
        "POST http://shop.test:{port}/ HTTP/1.1\r\nHost: shop.test:{port}\r\nContent-Length: 9\r\n\r\n1234",
        "CONNECT shop.test:{port} HTTP/1.1\r\nHost: shop.test:{port}\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
    ],
)
def test_whoever_takes_too_long_is_hung_up_on(listen: Listen, said: str) -> None:
    def waits(listener: Listener, connection: socket.socket) -> None:
        while connection.recv(999):
            pass

    server = listen(waits)
    with served(Allowed.read([f"shop.test:{server.port}=127.0.0.1"]), lambda _: [], HASTE) as proxy, Client(proxy.address) as client:
        assert client.send(said.format(port=server.port)).ended()
    assert server.accepts == 0 or server.ended.wait(20)


def test_a_hello_that_drips_is_hung_up_on(origin: Listener) -> None:
    lists = Allowed.read([f"shop.test:{origin.port}=127.0.0.1"])
    with served(lists, lambda _: [], HASTE) as proxy, Client(proxy.address) as client:
        assert client.connect(f"shop.test:{origin.port}") == 200
        start = time.monotonic()
        with pytest.raises(ConnectionError):  # noqa: PT012 - which of the bytes is refused is the machine's business
            client.send(b"\x16\x03\x01\x40\x00")
            while time.monotonic() - start < 20:
                client.send(b"\0")
                threading.Event().wait(0.05)


def test_only_so_many_connections_at_once(origin: Listener) -> None:
    lists = Allowed.read([f"shop.test:{origin.port}=127.0.0.1"])
    with served(lists, lambda _: [], Limits(connections=3)) as proxy:
        some = [Client(proxy.address) for _ in range(3)]
        for client in some:
            assert client.ask(f"http://shop.test:{origin.port}/")[0] == 200
        with Client(proxy.address) as another:
            assert another.answer()[0] == 503
        for client in some:
            assert client.ask(f"http://shop.test:{origin.port}/")[0] == 200
            client.socket.close()


def test_refusals_are_kept_and_told_and_the_browsers_own_are_told_apart() -> None:
    heard: list[Refusal] = []
    with EgressProxy.start(Allowed.read(["shop.test"]), on_refusal=heard.append) as proxy:
        with Client(proxy) as client:
            for number in range(1100):
                assert client.ask(f"http://evil{number}.test/")[0] == 403
        for host in ("update.googleapis.com", "accounts.google.com"):
            with Client(proxy) as client:
                assert client.connect(f"{host}:443") == 403
        for _ in range(400):
            if len(heard) == 1102:
                break
            threading.Event().wait(0.05)
        assert [refusal.kind for refusal in heard] == ["page"] * 1100 + ["browser"] * 2
        assert proxy.refusals == tuple(heard[-1000:])
        assert (heard[0].host, heard[0].port, heard[0].why) == ("evil0.test", 80, "evil0.test is not on the list of allowed hosts")
        assert abs(heard[0].at - time.time()) < 300


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_listener_that_fails_loses_no_refusal() -> None:
    def fails(refusal: Refusal) -> None:
        raise ValueError(refusal.host)

    with EgressProxy.start(Allowed.read(["shop.test"]), on_refusal=fails) as proxy, Client(proxy) as client:
        for number in range(3):
            assert client.ask(f"http://evil{number}.test/")[0] == 403
        assert told(proxy, 2).host == "evil2.test"
        assert client.ask("http://evil.test/")[0] == 403


def test_a_port_that_is_taken_is_a_matter_of_setting_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"port {port}"):
            EgressProxy.start(Allowed.read(["shop.test"]), port)
    for wrong in (-1, 65536):
        with pytest.raises(InvalidAction):
            EgressProxy.start(Allowed.read(["shop.test"]), wrong)
    with EgressProxy.start(Allowed.read(["shop.test"]), port) as proxy:
        assert proxy.address == f"http://127.0.0.1:{port}"


def test_close_ends_everything_and_again_does_nothing(origin: Listener) -> None:
    before = set(threading.enumerate())
    proxy = EgressProxy.start(Allowed.read([f"shop.test:{origin.port}=127.0.0.1"]))
    assert proxy.alive
    children = psutil.Process().children()
    clients = [Client(proxy) for _ in range(4)]
    clients[0].connect(f"shop.test:{origin.port}")
    clients[1].send("GET http://shop")
    clients[2].ask(f"http://shop.test:{origin.port}/")
    proxy.close()
    proxy.close()
    assert not proxy.alive
    assert all(client.ended() for client in clients)
    assert {thread for thread in set(threading.enumerate()) - before if "egress" in thread.name} == set()
    assert not any(child.is_running() for child in children if "egress" in " ".join(child.cmdline() if child.is_running() else []))
    with pytest.raises(OSError, match="refused"):
        Client(proxy)


def test_when_its_process_dies_nothing_gets_through(origin: Listener) -> None:
    before = {child.pid for child in psutil.Process().children()}
    proxy = EgressProxy.start(Allowed.read([f"shop.test:{origin.port}=127.0.0.1"]))
    (own,) = {child.pid for child in psutil.Process().children()} - before
    os.kill(own, signal.SIGKILL)
    for _ in range(400):
        if not proxy.alive:
            break
        threading.Event().wait(0.05)
    assert not proxy.alive
    with pytest.raises(OSError, match="refused"):
        Client(proxy)
    proxy.close()


def test_it_ends_with_the_program_that_started_it() -> None:
    code = (
        "import os, psutil; from handeye.tools.egress import *; proxy = EgressProxy.start(Allowed.read(['shop.test']));"
        "print(psutil.Process().children()[0].pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    for _ in range(400):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        threading.Event().wait(0.05)
    raise AssertionError("the proxy outlived its parent")


def test_it_listens_on_loopback_only() -> None:
    with EgressProxy.start(Allowed.read(["shop.test"])) as proxy:
        port = int(proxy.address.rpartition(":")[2])
        for addresses in psutil.net_if_addrs().values():
            for address in addresses:
                if address.family is socket.AF_INET and not address.address.startswith("127."):
                    with pytest.raises(OSError, match="refused"):
                        socket.create_connection((address.address, port), 5)


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = ("ada_url", "h11", "publicsuffixlist", "asyncio", "ssl")
    code = f"import sys, handeye.tools.egress; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
