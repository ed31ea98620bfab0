"""Addresses as people and models write them."""

from __future__ import annotations

import re

from handeye.tools.errors import InvalidAction, NotPermitted

SCHEMES = frozenset({"http", "https", "file", "about", "data"})
"""Schemes that `goto` takes as they are; a script in place of an address is none."""

OWN_PAGES = ("about:blank", "about:srcdoc")
"""The others (`about:settings`) are the browser's own windows, under another name."""


def address(text: str) -> str:
    """The address that a person or a model means: `example.com` is opened over https, a full one as it stands.

    Raises `InvalidAction` for an empty one, `NotPermitted` for schemes that are not places, such as `javascript:`.
    """
    url = text.strip()
    if not url or any(character.isspace() and character != " " for character in url):
        raise InvalidAction(f"{text[:80]!r} is no address")
    if re.match(r"(?i)(java|vb)script:", url):
        raise NotPermitted("scripts are not addresses; give one that begins with https:// or http://")
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d+(?:[/?#]|$))", url)
    if found is None:
        local = re.match(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/?#]|$)", url)
        return ("http://" if local else "https://") + url.removeprefix("//")
    if found.group(1).lower() not in SCHEMES:
        raise NotPermitted(f"{found.group(1)}: addresses are not opened; give one that begins with https:// or http://")
    if found.group(1).lower() == "about" and url.lower() not in OWN_PAGES:
        raise NotPermitted("of the browser's own pages only about:blank is opened; give an address that begins with https:// or http://")
    return url
