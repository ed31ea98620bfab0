"""The phone's browser: real pages over HTTP, those that ship with it, files, and what goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from handeye.tools.simphone.web import error_page, is_near, shipped_page
from tests.tools.simphone.driving import Driven
from tests.tools.simphone.labels import ENTER

BROWSER = "com.android.chrome"
DATABASE = f"/data/data/{BROWSER}/databases/browser.db"
TAB, SPACE = 61, 62
DOWNLOAD = "/storage/emulated/0/Download"


class Site(BaseHTTPRequestHandler):
    """A site that forbids frames in both ways, keeps a login in a cookie, redirects, asks and offers files."""

    def log_message(self, format: str, *args: object) -> None:
        return

    def do_GET(self) -> None:
        cookie = self.headers.get("Cookie", "")
        if self.path == "/moved":
            self.answer(302, b"", Location="/after?x=1")
        elif self.path == "/whoami":
            self.answer(200, json.dumps({"cookie": cookie}).encode(), **{"Content-Type": "application/json"})
        elif self.path == "/report":
            self.answer(
                200, b"a,b\n1,2\n", **{"Content-Type": "text/csv", "Content-Disposition": 'attachment; filename="../re\'port $(x).csv"'}
            )
        else:
            text = f"""<!doctype html><title>Page {self.path}</title><h1>This is {self.path}</h1><p>Cookie: {cookie}</p><p id=api></p>
            <a href="/next">Go on</a> <a href="/report">Get the report</a> <a target=_blank href="/tab">Open apart</a>
            <button onclick="this.textContent = confirm('Really?') ? 'Confirmed' : 'Not confirmed'">Ask me</button>
            <form method=post action=/login><input name=user aria-label=User><button>Log in</button></form>
            <script>fetch("/whoami").then((r) => r.json()).then((j) => {{ api.textContent = "Script: " + j.cookie }})</script>"""
            refusal = {"X-Frame-Options": "DENY", "Content-Security-Policy": "frame-ancestors 'none'; img-src 'self'"}
            self.answer(200, text.encode(), **{"Content-Type": "text/html; charset=utf-8"}, **refusal)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(303, b"", Location="/home", **{"Set-Cookie": "session=abc; HttpOnly; Path=/"})

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def visit(phone: Driven, address: str) -> None:
    phone.start(BROWSER, action="android.intent.action.VIEW", data=address)


def test_a_page_that_forbids_frames_is_shown_from_the_address_bar(phone: Driven, site: str) -> None:
    phone.start(BROWSER)
    phone.write(site.removeprefix("http://") + "/hello", "Search or type web address")
    phone.key(ENTER)
    assert phone.find("This is /hello")
    phone.until(lambda: {"url": f"{site}/hello", "title": "Page /hello"} in phone.rows(DATABASE, "SELECT url, title FROM history"))
    phone.find("Script:…")
    phone.tap("Go on")
    assert phone.find("This is /next")
    phone.back()
    assert phone.find("This is /hello")
    phone.tap("More options", "Forward")
    assert phone.find("This is /next")


def test_a_redirection_and_a_login_are_followed_with_their_cookies(phone: Driven, site: str) -> None:
    visit(phone, f"{site}/moved")
    assert phone.find("This is /after?x=1")
    phone.find("Script:…")
    phone.tap("Log in")
    assert phone.find("This is /home")
    assert phone.find("Cookie: session=abc")
    assert phone.find("Script: session=abc")


def test_a_link_to_a_new_window_opens_a_tab(phone: Driven, site: str) -> None:
    visit(phone, f"{site}/first")
    phone.find("Script:…")
    phone.tap("Open apart")
    assert phone.find("This is /tab")
    assert phone.find("Switch tabs, 2 open")
    phone.tap("Switch tabs, 2 open", "Page /first, tab")
    assert phone.find("This is /first")
    phone.tap("Switch tabs, 2 open", "Close Page /tab")
    phone.until(lambda: len(phone.rows(DATABASE, "SELECT * FROM tabs")) == 1)


def test_a_question_of_a_page_is_drawn_and_answered(phone: Driven, site: str) -> None:
    visit(phone, f"{site}/ask")
    phone.find("Script:…")
    phone.tap("Ask me")
    assert phone.find("Really?")
    phone.tap("OK")
    assert phone.find("Confirmed")


def test_a_file_is_downloaded_under_a_harmless_name(phone: Driven, site: str) -> None:
    visit(phone, f"{site}/files")
    phone.find("Script:…")
    phone.tap("Get the report")
    phone.until(lambda: phone.exists(f"{DOWNLOAD}/.._re'port $(x).csv"))
    assert phone.read(f"{DOWNLOAD}/.._re'port $(x).csv") == b"a,b\n1,2\n"
    assert phone.find("This is /files")


def test_a_host_that_is_not_there_gets_a_page_that_says_so(phone: Driven) -> None:
    visit(phone, "http://127.0.0.1:9/")
    assert phone.find("This site can't be reached")
    assert phone.find("ERR_CONNECTION_REFUSED")
    visit(phone, "http://nobody.example/")
    assert phone.find("ERR_NAME_NOT_RESOLVED")


def test_without_a_network_only_this_machine_and_what_ships_is_reached(phone: Driven, site: str) -> None:
    phone.state.facts.settings["global"] |= {"wifi_on": "0", "mobile_data": "0"}
    visit(phone, "http://somewhere.test/")
    assert phone.find("ERR_INTERNET_DISCONNECTED")
    visit(phone, f"{site}/local")
    assert phone.find("This is /local")
    visit(phone, "http://encyclopaedia.example/tea")
    assert phone.find("Tea")


def test_the_small_web_is_searched_and_marked(phone: Driven) -> None:
    phone.start(BROWSER)
    phone.write("who dances the honey", "Search or type web address")
    phone.key(ENTER)
    phone.tap("Honeybee - Open Encyclopaedia")
    assert phone.find("Honeybee")
    phone.tap("More options", "Bookmark this page")
    phone.until(
        lambda: "http://encyclopaedia.example/honeybee" in [row["url"] for row in phone.rows(DATABASE, "SELECT url FROM bookmarks")]
    )
    phone.tap("More options", "Find in page")
    phone.type("colon")
    assert phone.find("1/1")
    phone.back()
    phone.tap("More options", "History", "Clear all", "Clear")
    phone.until(lambda: phone.rows(DATABASE, "SELECT * FROM history") == [])


def test_a_form_with_a_list_is_filled_in(phone: Driven) -> None:
    visit(phone, "http://forms.example/")
    phone.write("Ada", "Your name")
    phone.write("ada@site.test", "E-mail")
    phone.tap("Subject", "Correction")
    phone.write("It's <b>fine</b>", "Message")
    phone.key(TAB, SPACE, TAB, TAB, ENTER)
    assert phone.find("Thank you!")
    assert phone.find("It's <b>fine</b>")
    assert phone.find("Correction")


def test_a_page_from_a_file_runs(phone: Driven) -> None:
    page = b"""<title>task</title><button onclick="document.body.innerHTML = '<h1>Success!</h1>'">Press</button>"""
    phone.put(f"{DOWNLOAD}/task one.html", page)
    phone.start("com.google.android.documentsui")
    phone.tap("Download", "task one.html", "Browser")
    phone.tap("Press")
    assert phone.find("Success!")
    assert phone.front.startswith(f"{BROWSER}/")


def test_shipped_pages_are_only_those_of_their_folder() -> None:
    assert shipped_page("news.example", "/") is not None
    for host, path in [
        ("news.example", "/../../app.json"),
        ("news.example", "/%2e%2e/error.html"),
        ("..example", "/"),
        ("example", "/"),
        ("a/b.example", "/"),
    ]:
        assert shipped_page(host, path) is None


def test_an_error_page_shows_hostile_addresses_as_text() -> None:
    assert "<script>" not in error_page("ERR", "<script>alert(1)</script> is gone", "http://<script>/")


def test_a_page_of_the_web_reads_nothing_from_this_machine(phone: Driven, site: str) -> None:
    page = f"""<!doctype html><title>Far</title><p id=out>asking</p><iframe id=near src="{site}/inner"></iframe>
    <script>fetch("{site}/whoami").then(() => {{ out.textContent = "read it" }}, () => {{ out.textContent = "was refused" }})</script>"""

    async def publish() -> None:
        await phone.screen.page.context.route("http://far.test/*", lambda route: route.fulfill(content_type="text/html", body=page))

    phone.shell.wait(publish())
    visit(phone, "http://far.test/")
    phone.find("was refused")
    assert not phone.sees("This is /inner")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "10.0.2.2", "192.168.1.1", "169.254.169.254", "router", "nas.local"])
def test_hosts_of_this_machine_and_its_network_are_near(host: str) -> None:
    assert is_near(host)


@pytest.mark.parametrize("host", ["example.com", "8.8.8.8", "localhost.example.com", "2606:4700::1"])
def test_hosts_of_the_web_are_not(host: str) -> None:
    assert not is_near(host)
