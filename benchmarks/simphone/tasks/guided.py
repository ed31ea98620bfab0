"""Tasks whose goals say every step, for models that follow instructions and know no phones. The demo runs them; the benchmark does not."""

from __future__ import annotations

import random
from typing import Any

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.phone import Phone
from handeye.benchmarks.simphone.stores import Changes, dialled
from handeye.benchmarks.simphone.task import Steps
from handeye.benchmarks.simphone.tasks.messages import SENT, MessageTask
from handeye.benchmarks.simphone.tasks.settings import SettingsWifi
from handeye.benchmarks.simphone.tasks.shop import PLAIN, ShopTask
from handeye.benchmarks.simphone.ui import Ui, open_app


class GuidedWifi(SettingsWifi):
    """Three pages deep, a switch."""

    template = 'Open the Settings app, click "Network & internet", click "Wi-Fi", and turn {state} "Use Wi-Fi".'

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {"state": "off"}


class GuidedMessage(MessageTask):
    """From a contact's card to a text message."""

    template = 'Open the Contacts app, click "{person.name}", click "Message", type "{text}" into "Type a message" and click "SMS".'
    apps = ("Contacts", "Messages")
    kind = "several apps"

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("sms", address=dialled(self.person.number), body=self.params["text"], type=SENT)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Contacts")
        yield from ui.tap(self.person.name, "Message")
        yield from pickers.compose(ui, self.params["text"])


class GuidedShop(ShopTask):
    """Goods are looked for and put into the cart."""

    template = 'Open the Shop app, click "Search the shop", type "{name}" into "Search the shop", click "{price}" and click "Add to cart".'

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        key = rng.choice([key for key, (name, *_) in PLAIN.items() if name.replace(" ", "").isalpha()])
        name, _, price = PLAIN[key]
        return {"id": key, "name": name, "price": f"${price:.2f}"}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("cart", product_id=self.params["id"], quantity=1)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Shop")
        yield from pickers.open_product(ui, self.params["name"])
        yield from pickers.add_to_cart(ui, 1)
