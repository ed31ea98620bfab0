"""A page with forty resources, served by a process of its own, so that the server takes no turns with what is measured."""

from __future__ import annotations

import datetime
import io
import ipaddress
import multiprocessing
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

PICTURES, SCRIPTS, SHEETS = 24, 10, 6
START_S = 30.0


def page_files() -> dict[str, tuple[str, bytes]]:
    """Kind and bytes of the page `/` and of its forty resources by their paths: pictures of some 20 kB, scripts of 8, style sheets of 4."""
    import numpy as np
    from PIL import Image

    files: dict[str, tuple[str, bytes]] = {}
    noise = np.random.default_rng(0)
    for index in range(PICTURES):
        data = io.BytesIO()
        Image.fromarray(noise.integers(0, 256, (80, 80, 3), dtype=np.uint8)).save(data, "PNG")
        files[f"/{index}.png"] = ("image/png", data.getvalue())
    for index in range(SCRIPTS):
        files[f"/{index}.js"] = ("text/javascript", b"".join(b"function f%d_%d(a) { return a + %d }\n" % (index, n, n) for n in range(210)))
    for index in range(SHEETS):
        files[f"/{index}.css"] = ("text/css", b"".join(b".c%d-%d { margin: %dpx; color: #%03d }\n" % (index, n, n, n) for n in range(110)))
    tags = {
        "png": '<img src="{}" width="80" height="80">',
        "js": '<script async src="{}"></script>',
        "css": '<link rel="stylesheet" href="{}">',
    }
    html = "<!doctype html><meta charset=utf-8><title>forty</title>" + "".join(tags[path.split(".")[1]].format(path) for path in files)
    return {"/": ("text/html", html.encode()), **files}


class _Forty(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    files: dict[str, tuple[str, bytes]]

    def do_GET(self) -> None:
        kind, data = self.files.get(self.path, ("text/plain", b""))
        with suppress(OSError):
            self.send_response(200 if self.path in self.files else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def _serve(parent: Connection, certificate: str | None) -> None:
    server = _Server(("127.0.0.1", 0), type("Forty", (_Forty,), {"files": page_files()}))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    parent.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def forty_served(tls: bool) -> Iterator[str]:
    """The page's address on loopback while the context lasts; `tls` needs the package cryptography for a certificate of its own."""
    with TemporaryDirectory() as folder:
        certificate = Path(folder) / "own.pem"
        if tls:
            certificate.write_bytes(own_certificate())
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=_serve, args=(theirs, str(certificate) if tls else None), daemon=True)
        process.start()
        try:
            if not ours.poll(START_S):
                raise TimeoutError("the page's server did not start")
            yield f"{'https' if tls else 'http'}://127.0.0.1:{ours.recv()}/"
        finally:
            process.kill()
            process.join()


def own_certificate() -> bytes:
    """A key and a certificate for 127.0.0.1 that it signed itself, PEM. Raises `ModuleNotFoundError` without cryptography."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return private + signed.public_bytes(serialization.Encoding.PEM)
