"""Typing on Playwright's keyboard: keys where keys can, inserted text where they cannot."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from handeye.tools.keys import playwright_key

if TYPE_CHECKING:
    from playwright.async_api import Page

_RUNS = re.compile(r"\r\n|[\r\n\t]|[\x20-\x7e]+|[^\x20-\x7e\r\n\t]+")

_CODES = {
    "-": "Minus", "=": "Equal", "[": "BracketLeft", "]": "BracketRight", "\\": "Backslash", ";": "Semicolon", "'": "Quote",
    ",": "Comma", ".": "Period", "/": "Slash", "`": "Backquote",
}  # fmt: skip


def strokes(page: Page, text: str) -> Iterator[Callable[[], Awaitable[None]]]:
    """The calls that type `text`, in order: ASCII as keys, newline and tab as Enter and Tab, other characters inserted as they are."""
    for run in _RUNS.findall(text):
        if run in ("\r\n", "\r", "\n"):
            yield lambda: page.keyboard.press("Enter")
        elif run == "\t":
            yield lambda: page.keyboard.press("Tab")
        elif run.isascii() and run.isprintable():
            yield lambda run=run: page.keyboard.type(run)  # type: ignore[misc]
        else:
            yield lambda run=run: page.keyboard.insert_text(run)  # type: ignore[misc]


async def press_chord(page: Page, keys: list[str]) -> None:
    """Press canonical keys in order and release them in reverse. A character that no key has is inserted."""
    held: list[str] = []
    try:
        for key in keys:
            if len(key) == 1 and not key.isascii():
                await page.keyboard.insert_text(key)
                continue
            name = key_code(key)
            await page.keyboard.down(name)
            held.append(name)
    finally:
        for name in reversed(held):
            await page.keyboard.up(name)


def key_code(key: str) -> str:
    """Playwright's name of the physical key of a canonical key: unlike a character, it is shifted while Shift is down."""
    if len(key) == 1 and key.isascii() and key.isalnum():
        return f"Digit{key}" if key.isdigit() else f"Key{key.upper()}"
    return _CODES.get(key) or playwright_key(key)
