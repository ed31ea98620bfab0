"""The addresses that a run on a phone may open, and the settings that could lead past that."""

from __future__ import annotations

import re

from handeye.envs.actions import Action, Click, Drag, Goto, LongPress, PressButton, PressKeys, Swipe, TypeText
from handeye.envs.addresses import address
from handeye.envs.phone_targets import PhoneSight
from handeye.tools.egress.hosts import Allowed
from handeye.tools.errors import NotPermitted
from handeye.tools.target import Target

SETTINGS = re.compile(r"settings|vpn", re.IGNORECASE)
"""Packages in which a phone's network is set up: com.android.settings and its vendors' likes, com.android.vpndialogs."""
WAYS_OUT = re.compile(r"vpn|\bdns\b|proxy|прокси|代理|プロキシ|프록시|private[ _]?dns|privates dns|dns privé", re.IGNORECASE)
"""Words of the settings that lead traffic past a proxy; VPN and DNS are called so in most languages."""


class AllowedHosts:
    """The list that is in force on one phone."""

    def __init__(self, allowed: Allowed) -> None:
        self.allowed = allowed

    def check(self, action: Action, sight: PhoneSight) -> None:
        """Raise `NotPermitted` for an address that is not on the list, and for a touch or a key in the settings of VPN, private DNS or a
        network's proxy, or in settings that cannot be read."""
        match action:
            case Goto(url=url):
                if why := self.allowed.refusal(address(url), document=True):
                    raise NotPermitted(f"This address may not be opened: {why}.")
            case Click() | LongPress() | Swipe() | Drag() | TypeText() | PressKeys() | PressButton(button="enter" | "clear"):
                front = sight.look(views=False)
                packages = {front.glance.front.package, *(window.package for window in front.windows or ())}
                if front.windows is not None and not any(SETTINGS.search(package) for package in packages):
                    return
                for target in sight.targets(action):
                    _need_harmless(target)


def _need_harmless(target: Target) -> None:
    if not SETTINGS.search(target.app):
        return
    if not target.known:
        raise NotPermitted(f"These settings cannot be read ({'; '.join(target.doubts)}), and some of them lead past the list of hosts.")
    told = (target.name, target.text, target.container, target.window, target.resource_id)
    if any(WAYS_OUT.search(words) for words in told):
        raise NotPermitted("VPN, private DNS and a network's proxy may not be changed while only listed hosts may be reached.")
