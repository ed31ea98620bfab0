"""The phone's settings."""

from __future__ import annotations

import random
from abc import ABC
from typing import Any, ClassVar

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.phone import Phone
from handeye.benchmarks.simphone.stores import Changes
from handeye.benchmarks.simphone.task import Difficulty, Steps, Task
from handeye.benchmarks.simphone.ui import Ui

_STATES = {"on": 1, "off": 0}
FONT_SIZES = {"Small": "0.85", "Large": "1.15", "Largest": "1.3"}
"""Android's names and scales."""
TIMEOUTS = {"15 seconds": 15_000, "2 minutes": 120_000, "5 minutes": 300_000, "10 minutes": 600_000, "30 minutes": 1_800_000}
"""Until the screen goes off, in milliseconds; it is a minute at first."""


class _SettingsTask(Task, ABC):
    apps = ("Settings",)
    kind = "settings"
    difficulty: ClassVar[Difficulty] = "easy"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {"state": rng.choice(list(_STATES))}

    @property
    def wanted(self) -> int:
        """1 or 0."""
        return _STATES[self.params["state"]]


class SettingsWifi(_SettingsTask):
    """Wi-Fi is on, or off."""

    template = "Turn Wi-Fi {state}."

    def prepare(self, phone: Phone) -> None:
        phone.run("svc", "wifi", "disable" if self.wanted else "enable")

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.set("global", "wifi_on", str(self.wanted))

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.settings_page(ui, "Network & internet", "Wi-Fi", "Use Wi-Fi")


class SettingsBluetooth(_SettingsTask):
    """Bluetooth is on, or off."""

    template = "Turn Bluetooth {state}."

    def prepare(self, phone: Phone) -> None:
        phone.run("svc", "bluetooth", "disable" if self.wanted else "enable")

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.set("global", "bluetooth_on", str(self.wanted))

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.settings_page(ui, "Connected devices", "Bluetooth", "Use Bluetooth")


class SettingsBrightness(_SettingsTask):
    """The screen is as bright, or as dark, as it can be."""

    template = "Set the brightness of the screen to its {level}."

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {"level": rng.choice(["maximum", "minimum"])}

    def prepare(self, phone: Phone) -> None:
        phone.put_setting("system", "screen_brightness", 120)

    def reached(self, phone: Phone, changes: Changes) -> bool:
        changes.follows("screen_brightness_float")
        return changes.set("system", "screen_brightness", *(("255",) if self.params["level"] == "maximum" else ("1", "0")))

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.settings_page(ui, "Display", "Brightness level")
        yield from pickers.slide(ui, self.params["level"] == "maximum")


class SettingsFontSize(_SettingsTask):
    """Text has another size."""

    template = 'Set the font size to "{size}".'
    difficulty = "medium"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {"size": rng.choice(list(FONT_SIZES))}

    def prepare(self, phone: Phone) -> None:
        phone.put_setting("system", "font_scale", "1.0")

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.set("system", "font_scale", FONT_SIZES[self.params["size"]])

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.settings_page(ui, "Display", "Font size", self.params["size"])


class SettingsScreenTimeout(_SettingsTask):
    """The screen goes off sooner or later."""

    template = "Let the screen go off after {time} without a touch."

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {"time": rng.choice(list(TIMEOUTS))}

    def prepare(self, phone: Phone) -> None:
        phone.put_setting("system", "screen_off_timeout", 60_000)

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.set("system", "screen_off_timeout", str(TIMEOUTS[self.params["time"]]))

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.settings_page(ui, "Display", "Screen timeout", self.params["time"])


class SettingsRadios(_SettingsTask):
    """Two switches, and nothing beside them: aeroplane mode would do one of them too."""

    template = "Turn Bluetooth on and Wi-Fi off. Leave everything else as it is, mobile data too."
    difficulty = "medium"
    complexity = 1.2

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {}

    def prepare(self, phone: Phone) -> None:
        phone.run("svc", "bluetooth", "disable")
        phone.run("svc", "wifi", "enable")

    def reached(self, phone: Phone, changes: Changes) -> bool:
        bluetooth, wifi = changes.set("global", "bluetooth_on", "1"), changes.set("global", "wifi_on", "0")
        return bluetooth and wifi

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.settings_page(ui, "Network & internet", "Wi-Fi", "Use Wi-Fi")
        yield from pickers.to_settings_top(ui)
        yield from pickers.settings_page(ui, "Connected devices", "Bluetooth", "Use Bluetooth")
