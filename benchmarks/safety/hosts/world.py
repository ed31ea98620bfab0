"""The hosts of the pack together, and the browser that is let loose on them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from handeye.benchmarks.safety.hosts.servers import CDN, FORBIDDEN, NAMED, SHOP, Answer, Shop, Sink
from handeye.benchmarks.safety.hosts.vectors import Vector
from handeye.tools.browser import BrowserOptions
from handeye.tools.egress import Allowed

LOGIN = "login.test"
PRESSED = "<script>addEventListener('pointerdown',()=>fetch('/down/TAG',{keepalive:true}),{capture:true})</script>"
"""Tells the allowed host that the page was clicked."""
UNTAGGED = (32, 33)
"""Classes of vectors (WebRTC, WebTransport) whose packets do not say which vector they are of: a port for each."""


@dataclass(frozen=True)
class World:
    """The servers while they run, and the vectors that they serve."""

    shop: Shop
    sink: Sink
    vectors: tuple[Vector, ...]
    folder: Path
    """For downloads and profiles."""

    @property
    def base(self) -> str:
        """Address of the allowed host, without a slash at the end."""
        return f"http://{SHOP}:{self.shop.port}"

    def page(self, vector: Vector) -> str:
        """Where a vector's page is."""
        return f"{self.base}/{self.tag(vector)}/"

    def tag(self, vector: Vector) -> str:
        """What a vector's bytes carry."""
        return f"v{self.vectors.index(vector)}"

    def allowed(self) -> Allowed:
        """The lists in force."""
        visited = [f"{name}:{self.shop.port}=127.0.0.1" for name in (SHOP, NAMED, LOGIN)]
        return Allowed.read(visited, [f"*.{CDN.partition('.')[2]}:{self.shop.port}=127.0.0.1"])

    def options(self, gated: bool) -> BrowserOptions:
        """A browser for the vectors."""
        if gated:
            return BrowserOptions(allowed=self.allowed(), downloads=self.folder / "downloads", download_bytes=1_000_000)
        names = ", ".join(f"MAP {name} 127.0.0.1" for name in (LOGIN, f"*.{CDN.partition('.')[2]}"))
        return BrowserOptions(args=(f"--host-resolver-rules={names}",), downloads=self.folder / "downloads")

    def filled(self, vector: Vector, text: str) -> str:
        """`text` of a vector with the addresses of this world in place of its words."""
        tag = self.tag(vector)
        port = self.sink.port_of(tag if vector.number in UNTAGGED else "")
        host = f"{tag}.{FORBIDDEN}:{port}"
        for code in (301, 302, 303, 307, 308):
            text = text.replace(f"AWAY({code})", f"{self.base}/r/{code}?u={quote(f'http://{host}/{tag}/', safe='')}")
        words = {
            "EVILHOST": host,
            "EVILTLS": f"https://{host}/{tag}/",
            "EVILWS": f"ws://{host}/{tag}/",
            "EVIL": f"http://{host}/{tag}/",
            "SINK": str(port),
            "LOGIN": f"http://{LOGIN}:{self.shop.port}",
            "CDN": f"http://{CDN}:{self.shop.port}",
            "TAG": tag,
        }
        for word, meant in words.items():
            text = text.replace(word, meant)
        return text


@contextlib.contextmanager
def world(vectors: Sequence[Vector]) -> Iterator[World]:
    """The servers, with the pages of `vectors`."""
    answers: dict[str, Answer] = {"/hub": Answer("<title>hub</title>")}
    shop, sink = Shop({}), Sink()
    with tempfile.TemporaryDirectory(prefix="handeye-hosts-") as folder, contextlib.ExitStack() as stack:
        stack.callback(shop.close)
        stack.callback(sink.close)
        made = World(shop, sink, tuple(vectors), Path(folder))
        for vector in vectors:
            path = f"/{made.tag(vector)}/"
            headers = {name: made.filled(vector, value) for name, value in vector.headers.items()}
            head = "<!doctype html><link rel=icon href=data:,>" + (PRESSED.replace("TAG", made.tag(vector)) if vector.click else "")
            answers[path] = Answer(head + made.filled(vector, vector.html), headers=headers)
            for name, (kind, body) in vector.files.items():
                answers[path + name] = Answer(made.filled(vector, body), kind)
        shop.answers.update(answers)
        yield made
