"""The browser and the shop."""

from __future__ import annotations

import random
from abc import ABC
from typing import Any, ClassVar

from handeye.benchmarks.simphone import pickers
from handeye.benchmarks.simphone.answers import tells_number
from handeye.benchmarks.simphone.phone import Phone
from handeye.benchmarks.simphone.stores import PRODUCTS, Changes, fill
from handeye.benchmarks.simphone.task import Difficulty, Steps, Task
from handeye.benchmarks.simphone.ui import Ui, open_app

PLAIN = {
    7: ("Chef's Knife 20 cm", "Kitchen", 54.90),
    9: ("Coffee Grinder", "Kitchen", 79.90),
    11: ("Olive Wood Board", "Kitchen", 29.90),
    13: ("USB-C Charger 65 W", "Electronics", 34.90),
    25: ("Camping Lantern", "Outdoor", 29.90),
    27: ("Puzzle: Harbour, 1000 Pieces", "Toys", 16.90),
    28: ("Wooden Train Set", "Toys", 59.90),
    29: ("Chess Set, Travel Size", "Toys", 24.90),
    30: ("Watercolours, 24 Pans", "Toys", 31.90),
}
"""Goods of the shop that come in one kind: id to name, category and price."""
CHOICE = {
    1: ("Aurora Desk Lamp", ("Brass", "Black", "White")),
    4: ("Wool Blanket", ("Grey", "Red", "Blue")),
    6: ("Enamel Kettle", ("Red", "Cream", "Blue")),
    8: ("Cast-Iron Pan", ("24 cm", "28 cm")),
    12: ("Wireless Headphones", ("Black", "Silver", "Blue")),
    14: ("Bluetooth Speaker Pebble", ("Green", "Grey")),
    23: ("Trail Backpack 22 L", ("Green", "Black", "Red")),
}
"""Goods of which one option has to be chosen: id to name and options."""


class ShopTask(Task, ABC):
    """A task with some goods in the cart."""

    apps: ClassVar[tuple[str, ...]] = ("Shop",)
    kind: ClassVar[str] = "web and shop"
    difficulty: ClassVar[Difficulty] = "medium"

    def prepare(self, phone: Phone) -> None:
        goods = {row["_id"]: row["name"] for row in phone.tables(PRODUCTS.path, [PRODUCTS.table])[PRODUCTS.table]}
        known = {key: name for key, (name, *_) in [*PLAIN.items(), *CHOICE.items()]}
        assert known.items() <= goods.items(), "the shop sells other goods than the tasks know"
        fill(phone, "wishlist", [])
        fill(phone, "cart", self.cart())

    def cart(self) -> list[dict[str, object]]:
        """What is in the cart at first."""
        return [{"product_id": 2, "options": "Sage, 40 x 40 cm", "quantity": 1}]


class ShopAddToCart(ShopTask):
    """Goods with an option into the cart."""

    template = 'Put {quantity} of "{name}" in {option} into the cart of the shop. Do not order.'
    complexity = 1.4

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        key = rng.choice(list(CHOICE))
        name, options = CHOICE[key]
        return {"id": key, "name": name, "option": rng.choice(options), "quantity": rng.randint(2, 3)}

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("cart", product_id=self.params["id"], options=self.params["option"], quantity=self.params["quantity"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Shop")
        yield from pickers.open_product(ui, self.params["name"])
        yield from ui.tap(self.params["option"])
        yield from pickers.add_to_cart(ui, self.params["quantity"])


class ShopRemoveFromCart(ShopTask):
    """Goods out of the cart."""

    template = 'Take "{name}" out of the cart of the shop. The rest stays in it.'

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        key, *others = rng.sample(list(PLAIN), 3)
        return {"id": key, "name": PLAIN[key][0], "others": others}

    def cart(self) -> list[dict[str, object]]:
        keys = sorted([self.params["id"], *self.params["others"]])
        return [{"product_id": key, "options": "", "quantity": 1 + number} for number, key in enumerate(keys)]

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.removed("cart", product_id=self.params["id"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Shop")
        yield from ui.tap("~Cart")
        yield from ui.tap(f"Remove {self.params['name']}")


class ShopOrder(ShopTask):
    """An order."""

    template = 'Order one "{name}" in the shop, to the address that is stored there. Nothing else may be in the order.'
    difficulty = "hard"
    complexity = 2.0

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        key = rng.choice(list(PLAIN))
        return {"id": key, "name": PLAIN[key][0]}

    def cart(self) -> list[dict[str, object]]:
        return []

    def reached(self, phone: Phone, changes: Changes) -> bool:
        ordered = changes.added("orders", name="Alex Morgan", street="12 Harbour Street")
        return ordered and changes.added("order_items", product_id=self.params["id"], quantity=1)

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Shop")
        yield from pickers.open_product(ui, self.params["name"])
        yield from pickers.add_to_cart(ui, 1)
        yield from pickers.check_out(ui)


class ShopPrice(ShopTask):
    """A question about goods."""

    template = 'What does the "{name}" cost in the shop? Answer with the price, as in 12.50.'
    difficulty = "easy"
    question = True

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        name, _, price = PLAIN[rng.choice(list(PLAIN))]
        return {"name": name, "price": price}

    def answered(self, answer: str) -> bool:
        return tells_number(answer, self.params["price"])

    def solve(self, ui: Ui) -> Steps:
        yield open_app("Shop")
        yield from pickers.open_product(ui, self.params["name"])
        yield from ui.find(f"~{self.params['price']:.2f}")
        yield pickers.answer(f"{self.params['price']:.2f}")


_PAGES = {
    "http://encyclopaedia.example/tea": "the article about tea in the Open Encyclopaedia",
    "http://encyclopaedia.example/honeybee": "the article about the honeybee in the Open Encyclopaedia",
    "http://encyclopaedia.example/bicycle": "the article about the bicycle in the Open Encyclopaedia",
    "http://news.example/ferry": "the news about the ferry in The Harbour Post",
    "http://news.example/market": "the news about the market in The Harbour Post",
}
_HEIGHTS = {"Tower of Hercules": 55, "Bell Rock": 35, "Cordouan": 68, "Lindau": 33}
_LIGHTHOUSE = "http://encyclopaedia.example/lighthouse"


class BrowserBookmark(Task):
    """One more bookmark."""

    template = "In the browser, open {url} ({what}) and bookmark it."
    apps = ("Browser",)
    kind = "web and shop"
    difficulty = "easy"

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        url = rng.choice(list(_PAGES))
        return {"url": url, "what": _PAGES[url]}

    def prepare(self, phone: Phone) -> None:
        fill(phone, "bookmarks", [{"url": _LIGHTHOUSE, "title": "Lighthouse - Open Encyclopaedia", "created": 0}])

    def reached(self, phone: Phone, changes: Changes) -> bool:
        return changes.added("bookmarks", url=self.params["url"])

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.visit(ui, self.params["url"])
        yield from ui.tap("More options", "Bookmark this page")


class BrowserFact(Task):
    """A question about a page."""

    template = "How many metres high is the lighthouse {name}, according to {url}? Answer with the number alone."
    apps = ("Browser",)
    kind = "web and shop"
    difficulty = "medium"
    question = True

    @classmethod
    def sample(cls, rng: random.Random) -> dict[str, Any]:
        return {"name": rng.choice(list(_HEIGHTS)), "url": _LIGHTHOUSE}

    def prepare(self, phone: Phone) -> None:
        """The page is there."""

    def answered(self, answer: str) -> bool:
        return tells_number(answer, _HEIGHTS[self.params["name"]])

    def solve(self, ui: Ui) -> Steps:
        yield from pickers.visit(ui, self.params["url"])
        yield pickers.answer(f"{_HEIGHTS[self.params['name']]} m")
