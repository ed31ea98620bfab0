"""A list of hosts on a phone: what is opened, what a page reaches, the settings that lead past it, the setting of a proxy."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from handeye.envs.actions import Action, Click, Goto, OpenApp, Wait
from handeye.envs.phone import PhoneEnv
from handeye.envs.phone_open import open_phone
from handeye.tools.android import AndroidDriver, AndroidOptions, PrivateServer
from handeye.tools.android.proxy_setting import ProxySetting
from handeye.tools.errors import NotPermitted, SetupError
from handeye.tools.simphone.launcher import SimPhones

SETTINGS = "com.android.settings"
SMALL = {"device": "sim", "clock": "steps", "size": "360x800", "density": 160}
"""A phone of a ninth of the pixels that shows the same."""


class Sink(http.server.ThreadingHTTPServer):
    """A server that remembers what was asked of it, and whose pages ask for what is not theirs."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.page = "<title>home</title>"
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sink.asked.append(self.path)
                self.send_response(302 if self.path == "/away" else 200)
                self.send_header("Content-Type", "text/html")
                if self.path == "/away":
                    self.send_header("Location", sink.page)
                self.end_headers()
                self.wfile.write(sink.page.encode())

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                """Nothing is printed."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@pytest.fixture(scope="module")
def ours() -> Iterator[Sink]:
    with Sink() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def theirs() -> Iterator[Sink]:
    with Sink() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def phone(ours: Sink) -> Iterator[PhoneEnv]:
    try:
        env = open_phone({**SMALL, "allow_hosts": [f"10.0.2.2:{ours.port}", "news.example:80"]})
    except SetupError as error:
        pytest.skip(f"no simulated phone: {error}")
    yield env
    env.close()


@pytest.fixture
def env(phone: PhoneEnv, ours: Sink, theirs: Sink) -> PhoneEnv:
    phone.reset(0)
    ours.asked.clear()
    theirs.asked.clear()
    return phone


def words(env: PhoneEnv) -> str:
    return " ".join(f"{node.text} {node.description}" for node in env.driver.ui_tree().walk())


def at(env: PhoneEnv, said: str) -> Click:
    return Click(point=next(node for node in env.driver.ui_tree().walk() if said in (node.text, node.description)).bounds.center)


def test_what_is_listed_opens(env: PhoneEnv, ours: Sink) -> None:
    ours.page = "<h1>Our own page</h1>"
    env.step(Goto(url=f"http://10.0.2.2:{ours.port}/first"))
    env.step(Wait(seconds=0.5))
    assert "/first" in ours.asked
    assert "Our own page" in words(env)
    env.step(Goto(url="http://news.example/"))
    assert "news.example" in words(env)


@pytest.mark.parametrize("url", ["http://forms.example/", "https://evil.test/", "http://10.0.2.2:9/", "http://news.example@evil.test/"])
def test_what_is_not_listed_is_refused_before_anything_is_touched(env: PhoneEnv, url: str) -> None:
    with pytest.raises(NotPermitted, match="may not be opened"):
        env.step(Goto(url=url))
    assert env.driver.current().package != "com.android.chrome"


@pytest.mark.parametrize(
    "page",
    [
        "<img src={there}/img>",
        "<script>fetch('{there}/fetch', {{method: 'POST', body: 'x', mode: 'no-cors'}})</script>",
        "<script>location = '{there}/location'</script>",
        "<meta http-equiv=refresh content='0;url={there}/refresh'>",
        "<iframe src={there}/frame></iframe>",
        "<script>new WebSocket('ws://127.0.0.1:{port}/socket')</script>",
        "<script>navigator.sendBeacon('{there}/beacon', 'x')</script>",
        "<script>new Worker(URL.createObjectURL(new Blob([`fetch('{there}/worker', {{mode: 'no-cors'}})`])))</script>",
    ],
    ids=["img", "fetch", "location", "refresh", "frame", "socket", "beacon", "worker"],
)
def test_no_page_reaches_another_host(env: PhoneEnv, ours: Sink, theirs: Sink, page: str) -> None:
    ours.page = page.format(there=f"http://127.0.0.1:{theirs.port}", port=theirs.port)
    env.step(Goto(url=f"http://10.0.2.2:{ours.port}/"))
    env.step(Wait(seconds=1))
    assert ours.asked
    assert theirs.asked == []


def test_a_redirection_ends_at_the_list(env: PhoneEnv, ours: Sink, theirs: Sink) -> None:
    ours.page = f"http://127.0.0.1:{theirs.port}/there"
    env.step(Goto(url=f"http://10.0.2.2:{ours.port}/away"))
    env.step(Wait(seconds=1))
    assert "/away" in ours.asked
    assert theirs.asked == []
    assert "may not be opened" in words(env)


@pytest.mark.parametrize("row", ["Private DNS", "VPN"])
def test_the_ways_past_the_list_are_not_set(env: PhoneEnv, row: str) -> None:
    env.step(OpenApp(name="Settings"))
    env.step(at(env, "Network & internet"))
    before = env.driver.shell("settings list global; settings list secure").text
    with pytest.raises(NotPermitted, match="private DNS"):
        env.step(at(env, row))
    assert env.driver.shell("settings list global; settings list secure").text == before
    env.step(at(env, "Mobile data"))
    assert env.driver.shell("settings list global").text != before


@pytest.mark.parametrize("patterns", [[], "news.example", ["*"], ["http://news.example"], [7]])
def test_a_list_that_is_none_is_refused(patterns: Any) -> None:
    with pytest.raises(SetupError):
        open_phone({"device": "sim", "allow_hosts": patterns})


def test_without_a_list_nothing_is_refused() -> None:
    action: Action = Goto(url="http://forms.example/")
    with_none = open_phone(SMALL)
    with_none.reset(0)
    with_none.step(action)
    assert "forms.example" in words(with_none)
    with_none.close()


def test_the_phones_setting_is_made_and_put_back() -> None:
    with SimPhones(1) as phones, PrivateServer() as server:
        driver = AndroidDriver.connect(phones.serials[0], AndroidOptions(server=server.address))
        driver.shell("settings put global http_proxy proxy.office.test:3128")
        setting = ProxySetting(driver.link, 18080)
        assert driver.shell("settings get global http_proxy").text.strip() == "127.0.0.1:18080"
        setting.close()
        setting.close()
        assert driver.shell("settings get global http_proxy").text.strip() == "proxy.office.test:3128"
        # What a run that was killed left behind is no proxy of the user's.
        driver.shell("settings put global http_proxy 127.0.0.1:5")
        ProxySetting(driver.link, 18081).close()
        assert driver.shell("settings get global http_proxy").text.strip() == ":0"
        driver.close()
