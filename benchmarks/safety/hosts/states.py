"""States of the browser and of the proxy itself: files, dialogs, permissions, profiles, and what speaks to the proxy without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from handeye.benchmarks.safety.hosts.report import HostRow
from handeye.benchmarks.safety.hosts.servers import FORBIDDEN, SHOP, Answer
from handeye.benchmarks.safety.hosts.vectors import SPOT
from handeye.benchmarks.safety.hosts.waiting import until
from handeye.benchmarks.safety.hosts.world import World
from handeye.tools.browser import BrowserDriver, BrowserOptions
from handeye.tools.browser.options import launch_arguments
from handeye.tools.egress import Allowed, EgressProxy
from handeye.tools.egress.context import Context
from handeye.tools.egress.serving import serve
from handeye.tools.errors import HandeyeError, SetupError
from handeye.tools.geometry import Point

HAPPEN_S, STARTED_S = 10.0, 0.7
FILES = {
    "bill.pdf": "allowed",
    "setup.exe": "asked",
    "app.apk": "asked",
    "run.sh": "asked",
    "page.html": "asked",
    "..%2F..%2Fescape.pdf": "asked",
}
SECOND_WAYS = (
    "--no-proxy-server",
    "--proxy-server=direct://",
    "--proxy-pac-url=http://x/p.pac",
    "--proxy-auto-detect",
    "--load-extension=/x",
)

WORKER = "onfetch = event => { if (event.request.url.endsWith('/through')) event.respondWith(new Response('by a worker')) }"


def state_rows(driver: BrowserDriver, made: World) -> Iterable[HostRow]:
    """Every case that is neither a page's way out nor an address."""
    yield from _download_rows(driver, made)
    yield _document(driver, made)
    yield from _permission_rows(driver, made)
    yield _log_in(driver, made)
    yield from _dialog_rows(driver, made)
    yield from _start_rows(made)
    yield _program(made)
    yield _without_proxy(made)
    yield from _profile_rows(made)
    yield from _proxy_rows(made)


def _row(number: int, case: str, ok: bool, detail: object = "", expected: str = "denied") -> HostRow:
    return HostRow(number, case, expected, 0, 0, ok, str(detail))  # type: ignore[arg-type]


def _download_rows(driver: BrowserDriver, made: World) -> Iterable[HostRow]:
    for number, (name, expected) in enumerate(FILES.items()):
        driver.renew()
        path = f"/file{number}"
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        made.shop.answers[path] = Answer("%PDF-1.4", "application/octet-stream", headers=headers)
        made.shop.answers["/files"] = Answer(f"<a style='display:block;width:300px;height:100px' href='{path}'>file</a>")
        driver.goto(f"{made.base}/files")
        driver.click(Point(*SPOT))
        until(lambda: bool(driver.downloads() or _refused(driver, "download")), HAPPEN_S)
        came = [file.rpartition("/")[2] for file in driver.downloads()]
        yield _row(38, f"download of {name}", bool(came) == (expected == "allowed"), came or _refused(driver, "download"), expected)
    folder = made.folder / "downloads"
    outside = [str(file) for file in made.folder.rglob("*escape*") if file.parent != folder]
    yield _row(38, "nothing outside of the folder", not outside, outside)


def _document(driver: BrowserDriver, made: World) -> HostRow:
    driver.renew()
    made.shop.answers["/doc.pdf"] = Answer("%PDF-1.4", "application/pdf")
    _try(lambda: driver.goto(f"{made.base}/doc.pdf"))
    until(lambda: bool(driver.downloads()), HAPPEN_S)
    return _row(39, "a PDF is saved, not shown", driver.downloads() != () and "doc.pdf" not in driver.url, driver.downloads())


def _permission_rows(driver: BrowserDriver, made: World) -> Iterable[HostRow]:
    driver.renew()
    driver.goto(f"{made.base}/hub")
    names = ["geolocation", "notifications", "camera", "microphone", "clipboard-read", "midi", "local-fonts", "idle-detection"]
    script = "async (names) => Promise.all(names.map(n => navigator.permissions.query({name: n}).then(s => s.state, e => 'unknown')))"
    for name, state in zip(names, driver.evaluate(script, names), strict=True):
        yield _row(43, f"permission {name}", state in ("denied", "unknown"), state)
    tries = {
        "clipboard": "navigator.clipboard.readText()",
        "location": "new Promise((y, n) => navigator.geolocation.getCurrentPosition(y, n))",
        "camera": "navigator.mediaDevices.getUserMedia({video: true})",
        "screen": "navigator.mediaDevices.getDisplayMedia()",
    }
    for name, code in tries.items():
        # A browser with windows may put the question to the person, which nobody answers here.
        asked = f"(async () => {code})().then(() => 'given', e => e.name || 'refused')"
        got = driver.evaluate(f"() => Promise.race([{asked}, new Promise(y => setTimeout(y, 500, 'not answered'))])")
        yield _row(43, f"{name} asked for by a page", got != "given", got)


def _log_in(driver: BrowserDriver, made: World) -> HostRow:
    driver.renew()
    _try(lambda: driver.goto(f"{made.base}/private"))
    return _row(44, "log-in dialog of HTTP", bool(_refused(driver, "login")), _refused(driver, "login"), "asked")


def _dialog_rows(driver: BrowserDriver, made: World) -> Iterable[HostRow]:
    for kind, code in {"alert": "alert(t)", "confirm": "window.said=confirm(t)", "prompt": "window.said=prompt(t)"}.items():
        driver.renew()
        made.shop.answers["/dialog"] = Answer(f"<button onclick=\"t='Press OK to send all';{code}\" style='width:300px;height:100px'>go")
        driver.goto(f"{made.base}/dialog")
        driver.click(Point(*SPOT))
        shown = driver.dialog()
        if shown is not None:
            driver.answer_dialog(False)
        said = driver.evaluate("window.said ?? null")
        yield _row(45, f"{kind} that gives orders", shown is not None and not said, shown or "", "asked")


def _start_rows(made: World) -> Iterable[HostRow]:
    allowed = made.allowed()
    for argument in SECOND_WAYS:
        said = _try(functools.partial(BrowserOptions, allowed=allowed, args=(argument,)))
        yield _row(46, f"browser started with {argument}", isinstance(said, SetupError), said)
    said = _try(lambda: BrowserOptions(allowed=allowed, attach="http://127.0.0.1:9222"))
    yield _row(47, "a browser that runs already", isinstance(said, SetupError), said)


def _program(made: World) -> HostRow:
    """Programs of this machine that a page could start: a browser is started that finds ones which tell."""
    folder = made.folder / "programs"
    folder.mkdir()
    told = folder / "told"
    for name in ("xdg-open", "xdg-email"):
        (folder / name).write_text(f'#!/bin/sh\necho "$@" >> {told}\n', encoding="utf-8")
        (folder / name).chmod(0o755)
    path = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = f"{folder}{os.pathsep}{path}"
    try:
        driver = BrowserDriver.launch(made.options(gated=True))
    finally:
        os.environ["PATH"] = path
    try:
        driver.goto(f"{made.base}/hub")
        driver.evaluate("location = 'mailto:a@evil.test?subject=told'")
        until(lambda: bool(_refused(driver, "program")), HAPPEN_S)
        until(told.exists, STARTED_S)
        return _row(40, "a mail program", not told.exists() and bool(_refused(driver, "program")), _refused(driver, "program"))
    finally:
        driver.close()


def _without_proxy(made: World) -> HostRow:
    """The browser as it is started with a list, but without the proxy: whatever goes round that must find nobody."""
    options = dataclasses.replace(made.options(gated=False), args=tuple(launch_arguments(made.options(gated=True))))
    before = len(made.sink.arrivals)
    driver = BrowserDriver.launch(options)
    try:
        hosts = (FORBIDDEN, "localhost", "127.0.0.2")
        fetched = [f"fetch('http://{host}:{made.sink.port}/', {{mode: 'no-cors'}}).then(() => '{host}', () => '')" for host in hosts]
        found = driver.evaluate(f"Promise.all([{', '.join(fetched)}])")
    finally:
        driver.close()
    return _row(48, "what goes round the proxy", not any(found) and len(made.sink.arrivals) == before, found)


def _profile_rows(made: World) -> Iterable[HostRow]:
    """A profile that was at the forbidden host before there was a list."""
    made.shop.answers["/worker.js"] = Answer(WORKER, "text/javascript")
    profile = made.folder / "profile"
    forbidden = f"http://{FORBIDDEN}:{made.sink.port}/before"
    free = BrowserDriver.launch(dataclasses.replace(made.options(gated=False), profile=profile))
    try:
        free.goto(forbidden)
        free.goto(f"{made.base}/hub")
        free.evaluate("navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => 1)")
    finally:
        free.close()
    preferences = profile / "Default" / "Preferences"
    if preferences.exists():
        read = json.loads(preferences.read_text(encoding="utf-8"))
        read.setdefault("session", {})["restore_on_startup"] = 1
        read["pinned_tabs"] = [{"url": f"{made.base}/pinned"}]
        preferences.write_text(json.dumps(read), encoding="utf-8")
    before = len(made.sink.arrivals)
    held = BrowserDriver.launch(dataclasses.replace(made.options(gated=True), profile=profile))
    try:
        yield _row(47, "tabs of a profile do not come back", [url for _, url, _ in held.tabs()] == ["about:blank"], held.tabs())
        yield _row(47, "pinned tabs of a profile do not come back", not any(path == "/pinned" for _, path in made.shop.asked))
        held.goto(f"{made.base}/through")
        said = held.evaluate("document.body.innerText")
        yield _row(31, "service worker of a profile", said == "ok", said)
        held.goto(f"{made.base}/hub")
        held.evaluate("url => { document.body.append(Object.assign(new Image(), {src: url})); location = url }", forbidden)
        until(lambda: bool(_refused(held, "document")), HAPPEN_S)
        yield _row(47, "the list holds in a profile", bool(_refused(held, "document")), _refused(held, "document"))
    finally:
        held.close()
    late = made.sink.arrivals[before:]
    del made.sink.arrivals[:before]
    yield HostRow(6, "pages from before the list", "denied", sum(one.size for one in late), 0, not late)


def _proxy_rows(made: World) -> Iterable[HostRow]:
    shop, sink = made.shop.port, made.sink.port
    with EgressProxy.start(made.allowed()) as proxy:
        port = int(proxy.address.rpartition(":")[2])
        host, evil = f"{SHOP}:{shop}", f"{FORBIDDEN}:{sink}"
        get = f"GET http://{evil}/ HTTP/1.1\r\nHost: {{}}\r\n\r\n"
        yield _row(23, "Host of the allowed one, sent to another", *_refusing(_spoken(port, get.format(host))))
        mixed = f"GET http://{host}/ok HTTP/1.1\r\nHost: {host}\r\n\r\nGET http://{evil}/ HTTP/1.1\r\nHost: {host}\r\n\r\n"
        yield _row(23, "second request of a connection", b" 403 " in _spoken(port, mixed), "")
        yield _row(23, "CONNECT to another", *_refusing(_spoken(port, f"CONNECT {evil} HTTP/1.1\r\nHost: {host}\r\n\r\n")))
        yield _row(23, "name in TLS that is another", *_other_name(port, host))
        yield _row(42, "a request that no page made", *_refusing(_spoken(port, get.format(evil))))
        loopback = f"GET http://127.0.0.1:{sink}/ HTTP/1.1\r\nHost: 127.0.0.1:{sink}\r\n\r\n"
        yield _row(48, "this machine by number", *_refusing(_spoken(port, loopback)))
    listed = Allowed.read([f"public.example.com:{sink}"])
    for number, case, answers in (
        (26, "listed name that leads to this machine", [["127.0.0.1"]]),
        (26, "listed name that leads to both", [["93.184.216.34", "127.0.0.1"]]),
        (26, "listed name that leads to the cloud's metadata", [["169.254.169.254"]]),
        (27, "listed name that leads elsewhere the second time", [["10.0.0.1"], ["127.0.0.1"]]),
    ):
        with _resolving(listed, answers) as port:
            request = f"GET http://public.example.com:{sink}/ HTTP/1.1\r\nHost: public.example.com:{sink}\r\n\r\n"
            said = [_spoken(port, request) for _ in range(2)]
        yield _row(number, case, all(_refusing(one)[0] for one in said), said[-1][:80])


@contextlib.contextmanager
def _resolving(allowed: Allowed, answers: Sequence[Sequence[str]]) -> Iterator[int]:
    """The port of a proxy whose name server gives these answers in turn, the last of them for ever."""
    told = iter(answers)
    listening = socket.create_server(("127.0.0.1", 0))
    port = int(listening.getsockname()[1])
    context = Context(allowed, lambda _: None, port, ask=lambda _: next(told, answers[-1]))
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(context, listening, stop)), daemon=True)
    thread.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(HAPPEN_S)
        loop.close()


def _spoken(port: int, text: str) -> bytes:
    """What the proxy answers to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=HAPPEN_S) as connection:
        connection.sendall(text.encode())
        connection.settimeout(2.0)
        said = b""
        with contextlib.suppress(OSError):
            while b" 403 " not in said and (more := connection.recv(65536)):
                said += more
        return said


def _refusing(said: bytes) -> tuple[bool, str]:
    status = said[9:12]
    return status[:1] in (b"4", b"5") or said == b"", said.partition(b"\r\n")[0].decode("latin-1")


def _other_name(port: int, host: str) -> tuple[bool, str]:
    context = ssl.create_default_context()
    with socket.create_connection(("127.0.0.1", port), timeout=HAPPEN_S) as connection:
        connection.sendall(f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        connection.recv(65536)
        try:
            context.wrap_socket(connection, server_hostname=FORBIDDEN).close()
        except (OSError, ssl.SSLError) as error:
            return True, str(error)
    return False, "the connection went through"


def _refused(driver: BrowserDriver, kind: str) -> Sequence[str]:
    return [f"{refused.what}: {refused.why}" for refused in driver.refusals if refused.kind == kind]


def _try(work: Callable[[], object]) -> HandeyeError | None:
    try:
        work()
    except HandeyeError as error:
        return error
    return None
