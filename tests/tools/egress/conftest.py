"""What the tests of this folder share: an allowed server, a forbidden one, a proxy between."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from handeye.tools.egress import Allowed, EgressProxy
from tests.tools.egress.wire import Listener, Talk


@pytest.fixture(scope="module")
def listen() -> Iterator[Callable[..., Listener]]:
    """Starts a `Listener` that ends with the tests of the file."""
    with ExitStack() as stack:

        def start(talk: Talk | None = None, **more: object) -> Listener:
            listener = Listener(talk, **more)  # type: ignore[arg-type]
            stack.callback(listener.close)
            return listener

        yield start


@pytest.fixture(scope="module")
def origin(listen: Callable[..., Listener]) -> Listener:
    """The server of shop.test, which echoes."""
    return listen()


@pytest.fixture(scope="module")
def sink(listen: Callable[..., Listener]) -> Listener:
    """The forbidden server."""
    return listen()


@pytest.fixture(scope="module")
def proxy(origin: Listener) -> Iterator[EgressProxy]:
    """Allows shop.test on the port of `origin`."""
    with EgressProxy.start(Allowed.read([f"shop.test:{origin.port}=127.0.0.1"])) as started:
        yield started


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate for shop.test that it signed itself, one PEM file."""
    folder = tmp_path_factory.mktemp("certificate")
    key, own = folder / "key.pem", folder / "own.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=shop.test"]
    try:
        subprocess.run([*command, "-keyout", key, "-out", own], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl")
    own.write_bytes(key.read_bytes() + own.read_bytes())
    return own


@pytest.fixture(scope="session")
def tls(certificate: Path) -> ssl.SSLContext:
    """A server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
