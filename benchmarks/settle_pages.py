"""Small pages on loopback whose button sets off one known thing each, and a quiet page of cards: what settling is measured on.

Every page's final state is a green square where a grey one was, so that the screenshot alone tells whether it had settled.
"""

from __future__ import annotations

import threading
from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from handeye.tools.device import Pixels
from handeye.tools.geometry import Point

BUTTON = Point(60, 30)
"""Where every page's button is."""
SQUARE = Point(340, 140)
"""A pixel of the square."""
GREEN, GREY = (0, 128, 0), (160, 160, 160)

_STYLE = """
body { margin: 0; font: 16px sans-serif; background: white }
#go { position: absolute; left: 20px; top: 20px; width: 100px; height: 24px; display: block }
#out { position: absolute; left: 300px; top: 100px; width: 80px; height: 80px; background: rgb(160,160,160) }
#out.done { background: rgb(0,128,0) }
#side { position: absolute; left: 300px; top: 220px }
"""
_DONE = "document.getElementById('out').className = 'done';"


@dataclass(frozen=True)
class Scenario:
    """A page and what its button does."""

    name: str
    click: str = ""
    """JavaScript of the button."""
    load: str = ""
    """JavaScript that runs when the page is loaded."""
    style: str = ""
    start: str = ""
    """Class of the square in the beginning."""


SCENARIOS = (
    Scenario("nothing", start="done"),
    Scenario("instant", _DONE),
    Scenario("fetch 0.3 s", f"fetch('/slow?ms=300').then(() => {{ {_DONE} }})"),
    Scenario("fetch 1 s", f"fetch('/slow?ms=1000').then(() => {{ {_DONE} }})"),
    Scenario("debounce 0.25 s + fetch 0.15 s", f"setTimeout(() => fetch('/slow?ms=150').then(() => {{ {_DONE} }}), 250)"),
    Scenario("CSS transition 0.4 s", _DONE, style="#out { transition: left .4s linear; left: 0 } #out.done { left: 300px }"),
    Scenario("navigation 0.4 s", "location.href = '/done?ms=400'"),
    Scenario(
        "poller 5 Hz",
        _DONE,
        load="setInterval(() => fetch('/slow?ms=20').then((r) => r.text()).then((t) => { side.textContent = t + Math.random() }), 200)",
    ),
    Scenario("ticker 20 Hz", _DONE, load="setInterval(() => { side.textContent = Math.random() }, 50)"),
)
"""The nine scenarios of the settling table."""


def page(scenario: Scenario) -> str:
    """The HTML of a scenario's page."""
    return (
        f"<!doctype html><title>{scenario.name}</title><style>{_STYLE}{scenario.style}</style>"
        f'<button id=go>Go</button><div id=out class="{scenario.start}"></div><div id=side>0</div>'
        f"<script>const side = document.getElementById('side'); go.onclick = () => {{ {scenario.click} }}; {scenario.load}</script>"
    )


def cards(count: int = 60) -> str:
    """The HTML of a quiet page with a grid of cards, each with a heading, a line of text and a button."""
    card = "<div class=card><h3>Card {0}</h3><p>Some words about thing number {0}.</p><button>Choose {0}</button></div>"
    return (
        "<!doctype html><title>Cards</title><style>body{margin:8px;font:13px sans-serif;display:grid;"
        "grid-template-columns:repeat(10,1fr);gap:6px}"
        ".card{border:1px solid #bbb;border-radius:6px;padding:4px;background:linear-gradient(#fff,#eef);height:112px;overflow:hidden}"
        "h3{margin:2px;font-size:14px}p{margin:2px}</style>" + "".join(card.format(number) for number in range(count))
    )


def settled_right(pixels: Pixels) -> bool:
    """Whether a screenshot shows the final state of a scenario."""
    return tuple(int(value) for value in pixels[SQUARE.y, SQUARE.x]) == GREEN


@dataclass(frozen=True)
class Reply:
    """What the server sends for one path. A query of `ms=300` delays it by that many milliseconds."""

    body: str = "answer"
    kind: str = "text/html"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def scenario_replies() -> dict[str, Reply]:
    """The pages of this file by their paths: `/scenario/0` and so on, `/cards`, `/done`, `/slow`."""
    own = {"/cards": Reply(cards()), "/done": Reply(page(Scenario("done", start="done"))), "/slow": Reply(kind="text/plain")}
    return own | {f"/scenario/{number}": Reply(page(scenario)) for number, scenario in enumerate(SCENARIOS)}


class _Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    replies: Mapping[str, Reply]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        reply = self.replies.get(parts.path, Reply("There is no such page.", status=404))
        threading.Event().wait(int(parse_qs(parts.query).get("ms", ["0"])[0]) / 1000)
        data = reply.body.encode()
        with suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Type", f"{reply.kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if reply.status != 204:
                self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


@contextmanager
def served(replies: MutableMapping[str, Reply] | None = None) -> Iterator[str]:
    """Pages on a free loopback port while the context lasts (those of this file, and `replies` by path, read at each request);
    gives the address, without a slash at its end."""
    own = scenario_replies()
    pages = type("Pages", (_Pages,), {"replies": ChainMap({} if replies is None else replies, own)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), pages)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
