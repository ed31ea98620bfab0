"""Shop and Calculator, worked by taps; what they did is read from their databases."""

from __future__ import annotations

import pytest

from tests.tools.simphone.driving import Driven
from tests.tools.simphone.labels import ENTER

SHOP, CALCULATOR = "org.handeye.shop", "com.google.android.calculator"
SHOP_DB = f"/data/data/{SHOP}/databases/shop.db"
HISTORY_DB = f"/data/data/{CALCULATOR}/databases/history.db"


def test_a_lamp_is_found_bought_and_cancelled(phone: Driven) -> None:
    phone.start(SHOP)
    phone.tap("Search the shop")
    phone.type("desk lamp")
    phone.tap("Aurora Desk Lamp…", "Black", "Increase quantity", "Add to cart…")
    phone.until(
        lambda: (
            phone.rows(SHOP_DB, "SELECT product_id, options, quantity FROM cart") == [{"product_id": 1, "options": "Black", "quantity": 2}]
        )
    )
    phone.tap("Cart, 2 items", "Checkout", "Express, $9.90")
    phone.swipe((540, 1800), (540, 300))
    phone.tap("Invoice", "Place order, $89.70")
    assert phone.find("Thank you for your order!")
    order = phone.rows(SHOP_DB, "SELECT status, delivery, payment, total_cents FROM orders ORDER BY _id DESC LIMIT 1")
    assert order == [{"status": "processing", "delivery": "Express", "payment": "Invoice", "total_cents": 8970}]
    assert phone.rows(SHOP_DB, "SELECT * FROM cart") == []
    assert phone.rows(SHOP_DB, "SELECT stock FROM products WHERE _id = 1") == [{"stock": 22}]
    phone.swipe((540, 1800), (540, 300))
    phone.tap("Cancel order", "Cancel order")
    phone.until(lambda: phone.rows(SHOP_DB, "SELECT status FROM orders ORDER BY _id DESC LIMIT 1") == [{"status": "cancelled"}])
    assert phone.rows(SHOP_DB, "SELECT stock FROM products WHERE _id = 1") == [{"stock": 24}]
    phone.back()
    assert phone.find("Search the shop")


def test_options_must_be_chosen_and_what_is_sold_out_cannot_be_bought(phone: Driven) -> None:
    phone.start(SHOP, action="android.intent.action.VIEW", data="shop://product/19")
    phone.find("Rain Jacket")
    phone.tap("Add to cart…")
    assert phone.rows(SHOP_DB, "SELECT * FROM cart") == []
    phone.tap("M", "Green", "Add to cart…")
    phone.until(lambda: phone.rows(SHOP_DB, "SELECT options FROM cart") == [{"options": "M, Green"}])
    phone.start(SHOP, action="android.intent.action.VIEW", data="shop://product/5")
    phone.find("Wall Clock Nord")
    phone.tap("Sold out")
    assert len(phone.rows(SHOP_DB, "SELECT * FROM cart")) == 1


def test_products_are_filtered_and_sorted(phone: Driven) -> None:
    phone.start(SHOP)
    phone.tap("Kitchen…", "Filter")
    phone.write("40", "Price to ($)")
    phone.put_keyboard_away()
    phone.tap("Show", "Featured", "Price: low to high")
    names = [node.text for node in phone.nodes() if node.text in ("Set of 4 Mugs", "Olive Wood Board", "Cast-Iron Pan", "Enamel Kettle")]
    assert names == ["Set of 4 Mugs", "Olive Wood Board", "Cast-Iron Pan"]


@pytest.mark.parametrize("name", ['O\'Neill "Jr"', "$(reboot)", "名前 🎉", "שם"])
def test_an_address_takes_any_name(phone: Driven, name: str) -> None:
    phone.start(SHOP)
    phone.tap("Addresses", "Add an address")
    for label, text in [("Full name", name), ("Street and number", "1 Way"), ("Postcode", "12345"), ("City", "Town")]:
        phone.write(text, label)
    phone.tap("Save")
    phone.until(lambda: phone.rows(SHOP_DB, "SELECT name FROM addresses ORDER BY _id DESC LIMIT 1") == [{"name": name}])
    assert phone.find(name)


SUMS = {
    "0.1+0.2": "0.3", "2+3*4": "14", "(2+3)*4": "20", "200+10%": "220", "√(9+16)": "5", "1/3*3": "1",
    "123456789*987654321": "121932631112635269",
    "2^-2": "0.25", "-2^2": "−4", "5!/0!": "120", "10^30+1": "1E30",
}  # fmt: skip
COMPLAINTS = {"1/0": "Can't divide by zero", "9^9^9^9": "Number too large", "√(-1)": "Not a real number", "1..2": "Format error"}


def test_the_calculator_is_right(phone: Driven) -> None:
    phone.start(CALCULATOR)
    for typed, result in SUMS.items():
        phone.tap("clear")
        phone.type(typed)
        phone.key(ENTER)
        assert phone.find("Formula").text == result
    assert [row["result"] for row in phone.rows(HISTORY_DB, "SELECT result FROM history ORDER BY _id")] == list(SUMS.values())


def test_the_calculator_says_what_it_cannot_do(phone: Driven) -> None:
    phone.start(CALCULATOR)
    for typed, complaint in COMPLAINTS.items():
        phone.tap("clear")
        phone.type(typed)
        phone.tap("equals")
        assert phone.find(complaint)
    assert phone.rows(HISTORY_DB, "SELECT * FROM history") == []


def test_the_keypad_writes_and_the_history_keeps(phone: Driven) -> None:
    phone.start(CALCULATOR)
    phone.tap("1", "2", "plus", "3", "multiply", "4", "equals")
    assert phone.rows(HISTORY_DB, "SELECT expression, result FROM history") == [{"expression": "12+3×4", "result": "24"}]
    phone.tap("divide", "5", "equals")
    phone.until(lambda: len(phone.rows(HISTORY_DB, "SELECT * FROM history")) == 2)
    phone.tap("History")
    assert phone.find("= 4.8")
    phone.back()
    phone.tap("clear", "7", "delete")
    assert phone.find("Formula").text == ""
