"""Ways out of a browser that no proxy sees: other programs, its own look-ups, and what a profile does before there is a gate."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from handeye.benchmarks.safety.hosts.servers import FORBIDDEN, Answer, Shop, Sink
from handeye.tools.browser import BrowserDriver, BrowserOptions, find_chromium
from handeye.tools.browser.options import launch_arguments
from handeye.tools.browser.profiles import forget_tabs
from handeye.tools.browser.programs import STARTERS, NoPrograms
from handeye.tools.egress import Allowed
from handeye.tools.errors import SetupError
from tests.waiting import until

SECURE = "shop.localhost"
"""Below `localhost`: service workers are there."""


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop({"/page": Answer("<!doctype html><link rel=icon href=data:,>")})
    yield made
    made.close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


def listed(shop: Shop) -> Allowed:
    return Allowed.read([f"{SECURE}:{shop.port}=127.0.0.1"])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="programs are started by xdg-open on Linux alone")
@pytest.mark.usefixtures("whole_browser")
@pytest.mark.parametrize("by_list", [True, False])
def test_a_page_starts_no_program(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_list: bool) -> None:
    started = tmp_path / "started"
    for name in STARTERS:
        (tmp_path / name).write_text(f'#!/bin/sh\necho "$@" >> {started}\n')
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    base = f"http://{SECURE}:{shop.port}" if by_list else f"http://localhost:{shop.port}"
    driver = BrowserDriver.launch(BrowserOptions(allowed=listed(shop)) if by_list else BrowserOptions(guard=True))
    try:
        driver.goto(f"{base}/page")
        driver.evaluate("location = 'mailto:a@evil.test?subject=told'")
        until(lambda: any(refused.kind == "program" for refused in driver.refusals))
        threading.Event().wait(0.7)
        assert not started.exists()
    finally:
        driver.close()


def test_stand_ins_go_with_the_browser_and_a_free_one_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert NoPrograms(False).launch_options() == {}
    monkeypatch.setattr(sys, "platform", "linux")
    programs = NoPrograms(True)
    given = programs.launch_options()["env"]
    folder = Path(given["PATH"].split(os.pathsep)[0])
    assert Path(given["CUPS_SERVER"]).parent == folder
    assert {path.name for path in folder.iterdir()} == set(STARTERS)
    programs.close()
    programs.close()
    assert not folder.exists()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SetupError, match="coreutils"):
        NoPrograms(True).launch_options()


def test_what_goes_round_the_proxy_finds_no_host(shop: Shop, sink: Sink) -> None:
    """The browser as it is started, but without the proxy: all that it then asks for is what would go round it."""
    from playwright.async_api import async_playwright

    async def failed(url: str) -> str:
        async with async_playwright() as playwright:
            arguments = launch_arguments(BrowserOptions(allowed=listed(shop)))
            browser = await playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
            try:
                page = await browser.new_page()
                return str(await page.evaluate("url => fetch(url, {mode: 'no-cors'}).then(() => '', error => `${error}`)", url))
            finally:
                await browser.close()

    for host in (FORBIDDEN, "localhost", "[::1]", "127.0.0.2"):
        assert "Failed to fetch" in asyncio.run(failed(f"http://{host}:{sink.port}/")), host
    assert sink.arrivals == []


@pytest.mark.usefixtures("whole_browser")
def test_pins_and_service_workers_of_a_profile_are_gone_before_it_starts(shop: Shop, tmp_path: Path) -> None:
    base = f"http://{SECURE}:{shop.port}"
    answer = "onfetch = event => { if (event.request.url.endsWith('/through')) event.respondWith(new Response('by a worker')) }"
    shop.answers["/worker.js"] = Answer(f"{answer}; onactivate = () => clients.claim()", "text/javascript")
    shop.answers["/through"] = Answer("by the network", "text/plain")
    free = BrowserDriver.launch(BrowserOptions(profile=tmp_path))
    try:
        free.goto(f"{base}/page")
        free.evaluate("navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => 1)")
        assert free.evaluate("fetch('/through').then(answer => answer.text())") == "by a worker"
    finally:
        free.close()
    preferences = tmp_path / "Default" / "Preferences"
    read = json.loads(preferences.read_text())
    preferences.write_text(json.dumps(read | {"pinned_tabs": [{"url": f"{base}/pinned"}]}))
    shop.asked.clear()
    held = BrowserDriver.launch(BrowserOptions(profile=tmp_path, allowed=listed(shop)))
    try:
        threading.Event().wait(0.5)
        assert shop.asked == []
        held.goto(f"{base}/through")
        assert held.evaluate("document.body.innerText") == "by the network"
    finally:
        held.close()


def test_a_profile_whose_pins_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Default").mkdir()
    file = tmp_path / "Default" / "Preferences"
    file.write_text('{"pinned_tabs": [')
    with pytest.raises(SetupError, match="another profile"):
        forget_tabs(tmp_path)
    file.write_text('{"pinned_tabs": [{"url": "http://x/"}], "kept": 1}')
    forget_tabs(tmp_path)
    assert json.loads(file.read_text()) == {"kept": 1}
