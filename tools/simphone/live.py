"""The live view: a page on 127.0.0.1 that shows simulated phones as they are and takes taps, swipes and typing.

The address holds a token, and requests from other pages (`Origin`) or by other names (`Host`, as DNS rebinding makes them) are refused:
who has the address works the phone, nobody else.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Annotated, Any, Literal, Protocol, TypeAlias, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from handeye.tools.browser.loop import LoopThread
from handeye.tools.errors import DeviceError, HandeyeError
from handeye.tools.simphone.phone import Phone

T = TypeVar("T")

POLL_S = 0.04
"""How often a phone is asked whether it was drawn anew: 25 frames a second are fluent enough."""
HOLD_S = 15.0
"""How long a request for the next frame is held open where nothing changes."""
_ANSWER_S = 20.0
"""How long a phone may take to answer."""
_LARGEST_BODY = 100_000
_FILES = {
    "": ("live.html", "text/html; charset=utf-8"),
    "live.js": ("live.js", "text/javascript; charset=utf-8"),
    "live.css": ("live.css", "text/css; charset=utf-8"),
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class _Gesture(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Pixel: TypeAlias = Annotated[int, Field(ge=0, le=16384)]
_Milliseconds: TypeAlias = Annotated[int, Field(ge=0, le=10_000)]


class Tap(_Gesture):
    """Touch a pixel of the screen for `hold_ms`; 0 is a short tap."""

    kind: Literal["tap"]
    x: _Pixel
    y: _Pixel
    hold_ms: _Milliseconds = 0


class Swipe(_Gesture):
    """Move a finger over the screen; with `hold` after a long press, which drags what lies there."""

    kind: Literal["swipe"]
    x1: _Pixel
    y1: _Pixel
    x2: _Pixel
    y2: _Pixel
    ms: _Milliseconds = 300
    hold: bool = False


class Type(_Gesture):
    """Type into what has the focus."""

    kind: Literal["text"]
    text: Annotated[str, Field(max_length=10_000)]


class Press(_Gesture):
    """Press keys by their Android codes."""

    kind: Literal["keys"]
    codes: Annotated[tuple[Annotated[int, Field(ge=0, le=400)], ...], Field(min_length=1, max_length=6)]
    chord: bool = False


Gesture: TypeAlias = Annotated[Tap | Swipe | Type | Press, Field(discriminator="kind")]
"""What a person does on the page."""
_GESTURES: TypeAdapter[Tap | Swipe | Type | Press] = TypeAdapter(Gesture)


class Shown(Protocol):
    """A phone that can be shown. Methods may be called from any thread."""

    @property
    def name(self) -> str:
        """What to call it: its serial."""

    def frame(self, after: int, stop: threading.Event) -> tuple[int, bytes] | None:
        """Number and PNG of the frame, once its number is another than `after`; None when that does not come within `HOLD_S`."""

    def act(self, gesture: Tap | Swipe | Type | Press) -> None:
        """Do it. Raises `DeviceError` when the phone does not."""


@dataclass
class SimulatedPhone:
    """A simulated phone that runs on the event loop of `loop`."""

    name: str
    phone: Phone
    loop: LoopThread

    def frame(self, after: int, stop: threading.Event) -> tuple[int, bytes] | None:
        """Number and PNG of the frame, once its number is another than `after`; None when that does not come within `HOLD_S`."""
        for _ in range(round(HOLD_S / POLL_S)):
            number = self.phone.screen.frames
            if number != after:
                return number, self._run(self.phone.screen.png())
            if stop.wait(POLL_S):
                break
        return None

    def act(self, gesture: Tap | Swipe | Type | Press) -> None:
        """Do it. Raises `DeviceError` when the phone does not."""
        screen = self.phone.screen
        match gesture:
            case Tap(x=x, y=y, hold_ms=hold_ms):
                self._run(screen.tap(x, y, hold_ms))
            case Swipe(x1=x1, y1=y1, x2=x2, y2=y2, ms=ms, hold=hold):
                self._run((screen.drag if hold else screen.swipe)(x1, y1, x2, y2, ms))
            case Type(text=text):
                self._run(screen.text(text))
            case Press(codes=codes, chord=chord):
                self._run(screen.keys(codes, chord))

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(coroutine, _ANSWER_S)


@dataclass
class LiveView:
    """Serves the page for `phones` until `close`. `address` is what to open."""

    phones: Sequence[Shown]
    port: int = 0
    """TCP port on 127.0.0.1; 0: any that is free."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def __post_init__(self) -> None:
        self.stop = threading.Event()
        self._server = _Server(("127.0.0.1", self.port), self)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="live view", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def close(self) -> None:
        """Serve no longer. A second call does nothing."""
        if self.stop.is_set():
            return
        self.stop.set()
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], view: LiveView) -> None:
        self.view = view
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60

    def do_GET(self) -> None:
        """The page, its parts, the list of phones, a frame."""
        path = self._inside()
        if path is None:
            return
        if path in _FILES:
            name, kind = _FILES[path]
            folder = resources.files("handeye.tools.simphone").joinpath("live_page")
            self._reply(HTTPStatus.OK, folder.joinpath(name).read_bytes(), kind)
        elif path == "phones":
            self._reply(HTTPStatus.OK, json.dumps([{"name": phone.name} for phone in self.server.view.phones]).encode(), "application/json")
        elif phone := self._phone(path, "frame"):
            self._frame(phone)

    def do_POST(self) -> None:
        """A gesture."""
        path = self._inside()
        if path is None or (phone := self._phone(path, "act")) is None:
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "A gesture is a short JSON object.")
            return
        try:
            phone.act(_GESTURES.validate_json(self.rfile.read(int(length))))
        except ValidationError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"not a gesture: {error.errors(include_url=False)[0]['msg']}")
        except HandeyeError as error:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        else:
            self._reply(HTTPStatus.NO_CONTENT, b"", "")

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the terminal is for the person."""

    def _inside(self) -> str | None:
        """The path after the token; None, with the refusal sent, for a request that does not come from our own page."""
        view, address = self.server.view, urlsplit(self.path)
        hosts = (f"127.0.0.1:{view.port}", f"localhost:{view.port}")
        origin = self.headers.get("Origin")
        if self.headers.get("Host") not in hosts or (origin is not None and origin not in [f"http://{host}" for host in hosts]):
            self.close_connection = True
            self._refuse(HTTPStatus.FORBIDDEN, "Only the page's own requests are answered.")
            return None
        token, slash, path = address.path.removeprefix("/").partition("/")
        if not slash or not hmac.compare_digest(token.encode(), view.token.encode()):
            self.close_connection = True
            self._refuse(HTTPStatus.NOT_FOUND, "Nothing is here; open the whole address that handeye printed.")
            return None
        return path

    def _phone(self, path: str, verb: str) -> Shown | None:
        number, _, said = path.partition("/")
        phones = self.server.view.phones
        if said == verb and number.isdecimal() and len(number) < 5 and int(number) < len(phones):
            return phones[int(number)]
        self.close_connection = True
        self._refuse(HTTPStatus.NOT_FOUND, "There is no such thing.")
        return None

    def _frame(self, phone: Shown) -> None:
        said = parse_qs(urlsplit(self.path).query).get("after", ["-1"])[0]
        after = int(said) if said.isdecimal() and len(said) < 16 else -1
        try:
            found = phone.frame(after, self.server.view.stop)
        except DeviceError as error:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
            return
        if found is None:
            self._reply(HTTPStatus.NO_CONTENT, b"", "")
        else:
            self._reply(HTTPStatus.OK, found[1], "image/png", {"X-Frame": str(found[0])})

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._reply(status, why.encode(), "text/plain; charset=utf-8")

    def _reply(self, status: HTTPStatus, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if status is not HTTPStatus.NO_CONTENT:
            headers |= {"Content-Type": kind, "Content-Length": str(len(body))}
        try:
            self.send_response(status)
            for name, value in (headers | (more or {})).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            # The person closed the page.
            self.close_connection = True
