"""Options of a browser that limit it, as JSON: read whole, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handeye.envs.addresses import address
from handeye.envs.browser import BrowserEnv
from handeye.envs.registry import open_env, read_allowed
from handeye.tools.errors import InvalidAction, NotPermitted, SetupError


@pytest.mark.parametrize(
    "options",
    [
        {"allow_hosts": []},
        {"allow_hosts": "shop.test"},
        {"allow_hosts": ["*"]},
        {"allow_hosts": ["https://shop.test"]},
        {"load_hosts": ["*"]},
        {"allow_hosts": ["shop.test"], "attach": "http://127.0.0.1:9222"},
        {"upload_from": "/home"},
        {"permissions": "location"},
        {"download_kinds": "pdf"},
    ],
)
def test_limits_that_make_no_sense_start_no_browser(options: dict[str, Any]) -> None:
    with pytest.raises(SetupError):
        open_env("browser", options)


@pytest.mark.parametrize("options", [{"permissions": ["all"]}, {"download_mb": 0}, {"download_mb": -1}, {"proxy_port": 70000}])
def test_limits_out_of_range_start_no_browser(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidAction):
        open_env("browser", options)


def test_no_list_is_no_list() -> None:
    assert read_allowed({}) is None


def test_limits_reach_the_browser(tmp_path: Path) -> None:
    options = {
        "allow_hosts": ["shop.test"],
        "load_hosts": ["*"],
        "guard": True,
        "download_mb": 1.5,
        "download_kinds": ["zip"],
        "upload_from": [str(tmp_path)],
        "permissions": ["location"],
    }
    try:
        env = open_env("browser", options)
    except SetupError as error:
        if "Chrom" not in str(error):
            raise
        pytest.skip(str(error))
    assert isinstance(env, BrowserEnv)
    try:
        given = env.driver.options
        assert (given.guard, given.download_bytes, given.download_kinds) == (True, 1_500_000, ("zip",))
        assert (given.upload_from, given.permissions) == ((tmp_path,), ("location",))
        assert given.allowed is not None
        assert given.allowed.refusal("https://evil.test/", document=False) is None
        assert given.allowed.refusal("https://evil.test/", document=True) is not None
        env.reset()
        with pytest.raises(NotPermitted, match="Nothing was sent"):
            env.driver.goto("https://evil.test/")
    finally:
        env.close()


@pytest.mark.parametrize(
    "text", ["javascript:1", "chrome://version", "about:version", "view-source:http://shop.test", "mailto:a@b", "intent:x"]
)
def test_schemes_that_no_task_needs_are_not_permitted_without_a_list_either(text: str) -> None:
    with pytest.raises(NotPermitted):
        address(text)


def test_a_blank_page_is_an_address() -> None:
    assert address(" about:blank ") == "about:blank"
