from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.agent.models.ocr.grammar import NotUnderstood, read_goal
from handeye.agent.models.ocr.instructions import (
    Click,
    Complete,
    Copy,
    Drag,
    Each,
    Enter,
    Judge,
    Paste,
    Pick,
    Press,
    Scroll,
    Slide,
    Source,
    Target,
    Tell,
    Visit,
    Wait,
)

NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .-", min_size=1, max_size=20).map(str.strip).filter(bool)


def names(pick: object) -> list[str]:
    assert isinstance(pick, Pick)
    return [target.text for target in pick.names]


def summary(goal: str) -> list[tuple[object, ...]]:
    """Clicks and entries as short tuples, other instructions by their class."""
    rows: list[tuple[object, ...]] = []
    for one in read_goal(goal):
        if isinstance(one, Click):
            rows.append(("click", one.target.text.lower(), one.target.kind))
        elif isinstance(one, Enter):
            rows.append(("enter", one.value, one.field.text.lower()))
        else:
            rows.append((type(one).__name__.lower(),))
    return rows


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ('Click the "Save" button.', [("click", "save", "button")]),
        ("please click on the Save button", [("click", "save", "button")]),
        ("Press Submit", [("click", "submit", "")]),
        ("Tap the link named Details", [("click", "details", "link")]),
        ('Click button A, then click link "B" and press C.', [("click", "a", "button"), ("click", "b", "link"), ("click", "c", "")]),
        ('Enter "Ann" into the name field and press Submit.', [("enter", "Ann", "name"), ("click", "submit", "")]),
        ('Type "x, then click y" in the Notes box. Save.', [("enter", "x, then click y", "notes"), ("click", "save", "button")]),
        (
            'Enter the username "ann" and the password "p, q" into the text fields and press login.',
            [("enter", "ann", "username"), ("enter", "p, q", "password"), ("click", "login", "")],
        ),
        ("Fill in the Email field with a@b.org, and click Send", [("enter", "a@b.org", "email"), ("click", "send", "")]),
        ("Set the quantity to 3.", [("enter", "3", "quantity")]),
        ("Enter 01/05/2015 as the date and hit submit.", [("enter", "01/05/2015", "date"), ("click", "submit", "")]),
        ('Type "ab" in all upper case letters in the text input', [("enter", "AB", "")]),
        ("Copy the text in the textarea below, paste it into the textbox and press OK.", [("copy",), ("paste",), ("click", "ok", "")]),
        ("Solve the sum and type your answer into the textbox.", [("enter", Source("sum"), "")]),
        ("Enter the value of Language into the text field", [("enter", Source("row", "Language"), "")]),
    ],
)
def test_reads_what_people_write(goal: str, expected: list[tuple[object, ...]]) -> None:
    assert summary(goal) == expected


def test_buttons_and_counts_of_clicks() -> None:
    double, right = read_goal('Double-click the "a" icon, then right-click "b".')
    assert isinstance(double, Click)
    assert (double.count, double.target.kind) == (2, "icon")
    assert isinstance(right, Click)
    assert (right.button, right.target.text) == ("right", "b")


def test_lists_of_names() -> None:
    pick, submit = read_goal("Select red, dark blue and green and click Submit.")
    assert names(pick) == ["red", "dark blue", "green"]
    assert submit == Click(Target("Submit", "Submit"))
    (off,) = read_goal("Uncheck Newsletter")
    assert names(off) == ["Newsletter"]
    assert isinstance(off, Pick)
    assert not off.on


def test_a_choice_from_a_list_knows_that_it_is_in_a_list() -> None:
    pick, _ = read_goal("Select Iceland from the list and click Submit.")
    assert isinstance(pick, Pick)
    assert pick.where is not None
    assert pick.where.kind == "dropdown"


def test_ordinals_colours_shapes_and_neighbours() -> None:
    (box,) = read_goal("Click the 3rd checkbox")
    assert isinstance(box, Click)
    assert (box.target.kind, box.target.ordinal) == ("checkbox", 3)
    (colour,) = read_goal("Click on the cyan colored box.")
    assert isinstance(colour, Click)
    assert (colour.target.kind, colour.target.color) == ("shape", "cyan")
    (star,) = read_goal("Find the email by Ann and click the star icon to mark it as important.")
    assert isinstance(star, Click)
    assert (star.target.text, star.target.kind, star.target.near) == ("star", "icon", "Ann")


def test_the_other_forms() -> None:
    assert read_goal("Press ctrl+a") == (Press(("ctrl", "a")),)
    assert read_goal("press Enter") == (Press(("enter",)),)
    assert read_goal("Go to https://example.org/a?b=c") == (Visit("https://example.org/a?b=c"),)
    assert read_goal("Wait 3 seconds") == (Wait(3.0),)
    assert read_goal("Scroll up") == (Scroll("up"),)
    assert read_goal("Read the text after Total") == (Tell(Source("row", "Total")),)
    assert read_goal('Enter an item that starts with "Ja" and ends with "an".') == (Complete("Ja", "an"),)
    assert read_goal("Set the sliders to the combination [1,2,3]") == (Slide((1, 2, 3)),)
    assert isinstance(read_goal("Drag the circle to the box")[0], Drag)
    assert isinstance(read_goal("How many red items are there?")[0], Judge)
    assert isinstance(read_goal("Click on the numbers in ascending order.")[0], Each)
    copy, paste = read_goal("Copy the text from the 2nd text area, then paste it into the input field")
    assert isinstance(copy, Copy)
    assert copy.place.ordinal == 2
    assert isinstance(paste, Paste)


def test_where_to_look_is_kept_with_the_click() -> None:
    (click,) = read_goal('Switch between the tabs to find and click on the link "x".')
    assert isinstance(click, Click)
    assert (click.way, click.target.text) == ("tabs", "x")


@pytest.mark.parametrize("goal", ["Make me happy", "Book a holiday that I will like", "Win the game.", "", "..."])
def test_says_what_it_does_not_understand(goal: str) -> None:
    with pytest.raises(NotUnderstood):
        read_goal(goal)


@settings(deadline=None)
@given(NAMES)
def test_quoted_names_come_through_unchanged(name: str) -> None:
    (click,) = read_goal(f'Click on the "{name}" button.')
    assert isinstance(click, Click)
    assert click.target.text == " ".join(name.split())


@settings(deadline=None)
@given(NAMES, NAMES)
def test_quoted_values_come_through_unchanged(value: str, field: str) -> None:
    enter, click = read_goal(f'Enter "{value}" into the "{field}" field and press Submit.')
    assert isinstance(enter, Enter)
    assert (enter.value, enter.field.text) == (" ".join(value.split()), " ".join(field.split()))
    assert isinstance(click, Click)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_understood_or_refused(goal: str) -> None:
    with contextlib.suppress(NotUnderstood):
        assert read_goal(goal)
