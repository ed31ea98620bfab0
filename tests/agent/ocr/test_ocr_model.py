from __future__ import annotations

from typing import Any

import pytest

from handeye.agent.messages import Message
from handeye.agent.models.base import Model
from handeye.agent.models.ocr import OcrModel, locate
from handeye.agent.models.ocr.grammar import read_goal
from handeye.agent.models.ocr.planning import Progress, recall
from handeye.tools.errors import ModelError
from handeye.tools.geometry import Box, Point


def hits(call: dict[str, Any], box: Box) -> bool:
    return box.contains(Point(*call["coordinate"]))


def test_is_a_model(model: OcrModel) -> None:
    assert isinstance(model, Model)
    assert model.name == "ocr"
    with pytest.raises(ModelError):
        model.generate((Message("user", ("The user query: Click X",)),))


def test_clicks_the_button_and_not_the_goal_that_the_page_repeats(page: Any, play: Any) -> None:
    page.text(10, 10, "Click the Save button.")
    page.text(20, 200, "Saved drafts are kept. Save often.")
    save = page.button(250, 300, "Save")
    page.button(60, 300, "Cancel")
    player = play("Click the Save button.")
    assert hits(player.ask(page), save)
    assert player.ask(page) == {"action": "terminate", "status": "success"}


@pytest.mark.parametrize("label", ["Add honey", "Click here", "Delete everything"])
def test_a_button_that_a_short_goal_names_is_not_taken_for_the_goal(new_page: Any, play: Any, label: str) -> None:
    page = new_page(1288, 812, size=18)
    page.text(40, 40, "Things to do")
    button = page.button(300, 300, label, width=220)
    assert hits(play(f'Click "{label}"').ask(page), button)


def test_types_into_the_field_with_the_label(page: Any, play: Any) -> None:
    page.text(20, 30, "Name")
    name = page.field(200, 20)
    page.text(20, 120, "City")
    city = page.field(200, 110, "Rome")
    send = page.button(200, 220, "Send")
    player = play('Enter "Oslo" into the City field, type "Ann" into the Name field and press Send.')
    assert hits(player.ask(page), city)
    assert player.ask(page) == {"action": "key", "keys": ["ctrl", "a"]}
    assert player.ask(page) == {"action": "type", "text": "Oslo"}
    assert hits(player.ask(page), name)
    assert player.ask(page) == {"action": "type", "text": "Ann"}
    assert hits(player.ask(page), send)
    assert player.ask(page)["action"] == "terminate"


def test_labels_above_their_fields(page: Any, play: Any) -> None:
    page.text(20, 20, "Username")
    user = page.field(20, 60)
    page.text(20, 140, "Password")
    secret = page.field(20, 180)
    player = play('Enter the username "ann" and the password "s3" into the text fields and press Login.')
    assert hits(player.ask(page), user)
    player.ask(page)
    assert hits(player.ask(page), secret)


def test_check_boxes_that_are_ticked_already_stay_so(page: Any, play: Any) -> None:
    red = page.checkbox(20, 30, "red")
    page.checkbox(20, 90, "green", checked=True)
    page.checkbox(20, 150, "dark red")
    blue = page.checkbox(20, 210, "blue")
    submit = page.button(20, 300, "Submit")
    player = play("Select red, green and blue and click Submit.")
    expected = [red, blue, submit]
    for box in expected:
        assert hits(player.ask(page), box.grown(12)._replace(right=box.right + 120))
    assert player.ask(page)["status"] == "success"


def test_radio_buttons_by_number_and_by_name(page: Any, play: Any) -> None:
    page.radio(20, 30, "small")
    second = page.radio(20, 90, "medium")
    page.radio(20, 150, "large", checked=True)
    assert hits(play("Check the 2nd radio button").ask(page), second)
    assert play("Select large").ask(page)["status"] == "success"


def test_opens_a_list_and_takes_the_entry_from_what_it_shows(page: Any, new_page: Any, play: Any) -> None:
    page.text(20, 20, "Country")
    closed = page.dropdown(20, 60, "Norway")
    player = play("Select Iceland from the list")
    assert hits(player.ask(page), closed)
    opened = new_page()
    opened.text(20, 20, "Country")
    opened.dropdown(20, 60, "Norway")
    for row, name in enumerate(("Norway", "Sweden", "Iceland")):
        entry = opened.text(30, 130 + 45 * row, name)
    assert hits(player.ask(opened), entry)


def test_a_list_that_does_not_show_is_worked_by_keyboard(page: Any, play: Any) -> None:
    page.dropdown(20, 60, "Norway")
    player = play("Select Iceland from the list")
    player.ask(page)
    assert player.ask(page) == {"action": "type", "text": "Iceland"}
    assert player.ask(page)["action"] == "key"


def test_links_shapes_and_colours(page: Any, play: Any) -> None:
    page.text(20, 20, "read the")
    link = page.text(150, 20, "manual", fill="#0000ee")
    red = Box(40, 120, 120, 200)
    page.draw.rectangle(red, fill="red")
    circle = Box(240, 120, 320, 200)
    page.draw.ellipse(circle, fill="green")
    assert hits(play('Click on the link "manual".').ask(page), link)
    assert hits(play("Click on the red box").ask(page), red)
    assert hits(play("Click on the circle").ask(page), circle)


def test_looks_through_the_tabs_when_told_so(page: Any, new_page: Any, play: Any) -> None:
    page.button(20, 40, "Tab 1", fill="#80b0ff")
    second = page.button(200, 40, "Tab 2")
    page.text(20, 150, "nothing to see here")
    player = play('Switch between the tabs to find and click on the link "treasure".')
    player.ask(page)
    assert hits(player.ask(page), second)
    other = new_page()
    other.button(20, 40, "Tab 1")
    other.button(200, 40, "Tab 2", fill="#80b0ff")
    link = other.text(20, 150, "treasure", fill="#0000ee")
    assert hits(player.ask(other), link)


def test_says_honestly_what_it_cannot_find(page: Any, play: Any) -> None:
    page.text(20, 30, "An empty page")
    player = play("Click the Checkout button")
    for _ in range(6):
        call = player.ask(page)
        if call["action"] == "terminate":
            break
        assert call["action"] == "scroll"
    assert call == {"action": "terminate", "status": "failure"}
    assert "Checkout" in player.replies[-1]


def test_says_at_once_what_it_does_not_understand(page: Any, play: Any) -> None:
    player = play("Make my day")
    assert player.ask(page) == {"action": "terminate", "status": "failure"}
    assert "click" in player.replies[0]
    assert "Make my day" in player.replies[0]


def test_answers_with_what_it_reads(page: Any, play: Any) -> None:
    page.text(20, 30, "Total: 42.50")
    page.text(20, 90, "Tax: 3.10")
    assert play("Read the text after Total").ask(page) == {"action": "answer", "text": "42.50"}


def test_speaks_the_phone_tool_when_that_is_offered(page: Any, model: OcrModel) -> None:
    save = page.button(100, 100, "Save")
    system = Message("system", ('{"type": "function", "function": {"name": "mobile_use"}}',))
    user = Message("user", ("The user query: Tap Save\nTask progress (You have done ...): ", *request_parts(page)))
    text = model.generate((system, user)).text
    assert '"mobile_use"' in text
    assert '"click"' in text
    assert str(save.center.x)[:2] in text


def request_parts(page: Any) -> tuple[Any, ...]:
    from handeye.agent.messages import Picture

    return (Picture(page.pixels),)


def test_takes_up_a_plan_that_another_model_object_began() -> None:
    plan = read_goal('Click A, enter "b" into the c field and click D.')
    click, typed = {"action": "left_click"}, {"action": "type"}
    assert recall(plan, [click]) == Progress(1)
    assert recall(plan, [click, click, typed]) == Progress(2)
    assert recall(plan, [click, click, typed, click]) == Progress(3)


def test_locate_ranks_what_fits(page: Any) -> None:
    save = page.button(40, 40, "Save")
    page.text(40, 200, "Save the date")
    page.text(40, 300, "Name")
    name = page.field(200, 290)
    found = locate(page.pixels, "the Save button")
    assert found[0].kind == "button"
    assert save.contains(found[0].box.center)
    assert [f.score for f in found] == sorted((f.score for f in found), reverse=True)
    assert name.contains(locate(page.pixels, "the Name field")[0].box.center)
    assert locate(page.pixels, "the Zebra button") == []
