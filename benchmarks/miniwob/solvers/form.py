"""Tasks of typing into fields, choosing from lists and reading what stands on the page."""

from __future__ import annotations

import re

from handeye.benchmarks.episodes.policies import OracleError
from handeye.benchmarks.miniwob.oracle import Page, Solver, Steps
from handeye.benchmarks.miniwob.solvers.click import choose_day
from handeye.envs.actions import PressKeys, TypeText


def fill(selector: str, pattern: str) -> Solver:
    """Type what `pattern` finds in the goal into each field that matches, then submit."""

    def solve(page: Page) -> Steps:
        (value,) = page.find(pattern)
        for place in range(len(page.all(selector))):
            yield from _into(page, selector, place, value)
        yield from page.submit()

    return solve


def _into(page: Page, selector: str, place: int, value: str) -> Steps:
    field = page.all(selector)[place]
    yield page.click_at(field.open or field.center)
    yield TypeText(text=value)


def answer(selector: str, js: str) -> Solver:
    """Type what the page's own data say into a field, then submit."""

    def solve(page: Page) -> Steps:
        yield from page.fill(selector, str(page.read(js)))
        yield from page.submit()

    return solve


def change_case(page: Page) -> Steps:
    word = page.quoted()[0]
    yield from page.fill("#tt", word.upper() if "upper case" in page.goal else word.lower())
    yield from page.submit()


def log_in(page: Page) -> Steps:
    name, password = page.find(r'username "([^"]*)" and the password "([^"]*)"')
    for field, value in (("#username", name), ("#password", password)):
        yield from page.click(field)
        if page.all("#popup-cancel"):
            yield from page.click("#popup-cancel")
            yield from page.click(field)
        yield TypeText(text=value)
    yield from page.submit()


def nth_word(page: Page) -> Steps:
    (number,) = page.find(r"the (\d+)\w\w word")
    words = page.one("#area p").text.split()
    yield from page.fill("#answer-input", re.sub(r"[^A-Za-z]", "", words[int(number) - 1]))
    yield from page.submit()


def last_word(page: Page) -> Steps:
    yield from page.fill("#answer-input", re.sub(r"\W", "", page.one("#text-area").value.split()[-1]))
    yield from page.submit()


def copy_paste(page: Page) -> Steps:
    place = int(match[1]) - 1 if (match := re.search(r"the (\d)\w\w text area", page.goal)) else 0
    source = page.all("#area textarea")[place]
    yield page.click_at(source.open or source.center)
    yield PressKeys(keys=("ctrl", "a"))
    yield PressKeys(keys=("ctrl", "c"))
    yield from page.click("#answer-input")
    yield PressKeys(keys=("ctrl", "v"))
    yield from page.submit()


def _at_the_left_of_the_field(page: Page, typed: str) -> Steps:
    """Date and time fields of Chromium are typed part by part, beginning with the part that was clicked."""
    left, top, _, bottom = page.one("#tt").box
    yield page.click_at((left + 6, (top + bottom) / 2))
    yield TypeText(text=typed)
    yield from page.submit()


def date_field(page: Page) -> Steps:
    yield from _at_the_left_of_the_field(page, "".join(page.find(r"(\d\d)/(\d\d)/(\d{4})")))


def time_field(page: Page) -> Steps:
    hour, minute, half = page.find(r"(\d+):(\d\d)\W*([AP]M)")
    yield from _at_the_left_of_the_field(page, f"{int(hour):02}{minute}{half}")


def radio_and_number(page: Page) -> Steps:
    radio, number, box = page.find(r'the (\d)\w\w radio button and enter the number "(-?\d+)" into the (\d)')
    yield from page.click(f"#area input[type=radio][value='{radio}']")
    yield from page.fill(f"#input-{box}", number)
    yield from page.submit()


def guess(page: Page) -> Steps:
    low, high = 0, 9
    while low <= high:
        middle = (low + high) // 2
        yield from page.fill("#tt", str(middle))
        yield from page.submit()
        if page.one("#higher").shown:
            low = middle + 1
        else:
            high = middle - 1


def movie_search(page: Page) -> Steps:
    genre, director, year = page.find(r"for (\w+) movies directed by (.+) from year (\d+)")
    labels = page.read(
        "() => [...document.querySelectorAll('#area input')].map((e) => e.closest('p, tr, .row, .field, .ui-entry').textContent)"
    )
    for place, label in enumerate(labels):
        value = genre if "Genre" in label else director if "Director" in label else year
        yield from _into(page, "#area input", place, value)
    yield from page.click("#area button, #area .final, #area .ui-submit")


def table_value(page: Page) -> Steps:
    (key,) = page.find(r"value of (.+) into")
    yield from page.fill("#tt", _table(page)[key])
    yield from page.submit()


def table_values(page: Page) -> Steps:
    table = _table(page)
    for number in (1, 2):
        yield from page.fill(f"#tt{number}", table[page.one(f"#ll{number}").text.rstrip(":")])
    yield from page.submit()


def _table(page: Page) -> dict[str, str]:
    cells = [cell.text for cell in page.all("#tab td")]
    return dict(zip(cells[::2], cells[1::2], strict=True))


def search(page: Page) -> Steps:
    name, number = page.find(r'enter "([^"]*)" and press "Search", then find and click the (\d)')
    yield from page.fill("#search-text", name)
    yield from page.click("#search")
    place = int(number) - 1
    if place >= 3:
        yield from page.click("#pagination li.page-item:not(.prev):not(.next) a", str(place // 3 + 1))
    yield from page.click(f"#page-content a[data-result='{place}']")


def algebra(page: Page) -> Steps:
    left, sign, right, total = re.match(r"(\w+) ([+-]) (\w+) = (-?\d+)", page.one("#math-problem").text).groups()  # type: ignore[union-attr]
    if sign == "+":
        value = int(total) - int(right if left == "x" else left)
    else:
        value = int(total) + int(right) if left == "x" else int(left) - int(total)
    yield from page.fill("#math-answer", str(value))
    yield from page.submit()


def arithmetic(page: Page) -> Steps:
    match = re.match(r"(\d) ([+x-]) (\d)", page.one("#math-problem").text)
    if match is None:
        raise OracleError("there is no problem on the page")
    left, right = int(match[1]), int(match[3])
    yield from page.fill("#math-answer", str({"+": left + right, "-": left - right, "x": left * right}[match[2]]))
    yield from page.submit()


def terminal(page: Page) -> Steps:
    extension = match[1] if (match := re.search(r"extension \.(\S+)", page.goal)) else ""
    yield from page.click("#terminal")
    yield TypeText(text="ls\n")
    names: list[str] = page.one("#terminal-contents .terminal-output:nth-last-child(2)").text.split()
    name = next(name for name in names if (name.endswith(f".{extension}") if extension else "." not in name))
    yield TypeText(text=f"rm {name}\n")


def autocomplete(page: Page) -> Steps:
    start, *end = page.quoted()
    items = page.read("() => ui_utils.COUNTRIES")
    name = next(item for item in items if item.startswith(start) and item.endswith(end[0] if end else ""))
    yield from page.fill("#tags", name)
    if page.one(".ui-autocomplete").shown:
        yield from page.click(".ui-autocomplete li", name)
    yield from page.submit()


def spinner(page: Page) -> Steps:
    (number,) = page.find(r"Select (-?\d+) with")
    for _ in range(abs(int(number))):
        yield from page.click(".ui-spinner-up" if int(number) > 0 else ".ui-spinner-down")
    yield from page.submit()


def agreement(page: Page) -> Steps:
    if "Scroll" not in page.goal:
        yield from page.click("#cancel")
        return
    name, button = page.quoted()
    yield page.scroll(page.one("#text-area").center, 6000)
    yield from page.fill("#name", name)
    yield from page.click(f"#{button.lower()}")


def flight(page: Page) -> Steps:
    wish, start, end, date = page.find(r"Book the (\w+) one-way flight from: (.+) to: (.+) on (\S+)\.$")
    airports = page.read("() => DOMESTIC_FLIGHTS")
    for field, city in (("#flight-from", start), ("#flight-to", end)):
        name = next(one for one in airports if city in re.split(r"\s\(|\)", one))
        yield from page.fill(field, name)
        if any(item.shown for item in page.all(".ui-autocomplete")):
            yield PressKeys(keys=("tab",))
    yield from choose_day(page, date)
    yield from page.click("#search")
    key = "data-price" if wish == "cheapest" else "data-duration"
    values = [int(one.attributes[key]) for one in page.all(f".flight [{key}]")]
    yield from page.click(f".flight:nth-child({values.index(min(values)) + 2}) .flight-price")


def choose_from_list(page: Page) -> Steps:
    (name,) = page.find(r"^Select (.+) from the list")
    yield from page.click("#options")
    names = [option.text for option in page.all("#options option")]
    chosen = page.all("#options option")[names.index(name)]
    if chosen.open:
        yield page.click_at(chosen.open)
    else:
        for _ in range(names.index(name)):
            yield PressKeys(keys=("down",))
        yield PressKeys(keys=("enter",))
    yield from page.submit()


def choose_many(page: Page) -> Steps:
    (listed,) = page.find(r"^Select (.+) from the scroll list")
    for place, name in enumerate(listed.split(", ")):
        yield from page.click("#options option", name, modifiers=("ctrl",) if place else ())
    yield from page.submit()


def dropdown(page: Page) -> Steps:
    (name,) = page.find(r"Choose (.+) from the dropdown")
    yield from page.click(".selectric")
    yield from page.click(".selectric-items li", name)
    yield from page.click("#buttons button", page.quoted()[0])


SOLVERS: dict[str, Solver] = {
    "enter-text": fill("#tt", r'"([^"]*)"'),
    "enter-text-dynamic": fill("#tt", r'"([^"]*)"'),
    "enter-password": fill("#area input", r'"([^"]*)"'),
    "enter-text-2": change_case,
    "login-user": log_in,
    "login-user-popup": log_in,
    "find-word": nth_word,
    "scroll-text": last_word,
    "copy-paste": copy_paste,
    "copy-paste-2": copy_paste,
    "enter-date": date_field,
    "enter-time": time_field,
    "form-sequence-2": radio_and_number,
    "guess-number": guess,
    "multi-layouts": movie_search,
    "multi-orderings": movie_search,
    "read-table": table_value,
    "read-table-2": table_values,
    "search-engine": search,
    "simple-algebra": algebra,
    "simple-arithmetic": arithmetic,
    "terminal": terminal,
    "text-transform": answer("#tt", "() => document.querySelector('#captcha').textContent"),
    "visual-addition": answer("#math-answer", "() => document.querySelectorAll('.addition-block').length"),
    "use-autocomplete": autocomplete,
    "use-autocomplete-nodelay": autocomplete,
    "use-spinner": spinner,
    "sign-agreement": agreement,
    "book-flight": flight,
    "book-flight-nodelay": flight,
    "choose-list": choose_from_list,
    "click-scroll-list": choose_many,
    "form-sequence-3": dropdown,
}
