"""Tasks of clicking and scrolling."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from handeye.benchmarks.episodes.policies import OracleError
from handeye.benchmarks.miniwob.oracle import Page, Solver, Steps
from handeye.envs.actions import Move, Wait

_LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))


def click_quoted(selector: str) -> Solver:
    """Click on the element whose text stands in quotes in the goal."""

    def solve(page: Page) -> Steps:
        yield from page.click(selector, page.quoted()[0])

    return solve


def click_each(*selectors: str) -> Solver:
    """Click on these, in order."""

    def solve(page: Page) -> Steps:
        for selector in selectors:
            yield from page.click(selector)

    return solve


def click_tab(page: Page) -> Steps:
    (number,) = page.find(r"Tab #(\d)")
    yield from page.click(f"#area ul a[href='#tabs-{number}']")


def _link_behind(page: Page, containers: str, openers: str) -> Steps:
    word = page.quoted()[0]
    index = page.read(
        "([boxes, word]) => [...document.querySelectorAll(boxes)].findIndex("
        "(box) => [...box.querySelectorAll('.alink')].some((link) => link.innerHTML === word))",
        [containers, word],
    )
    opener = page.all(openers)[index]
    if not any(link.text == word and link.open for link in page.all(".alink")):
        yield page.click_at(opener.open or opener.center)
    yield from page.click(".alink", word)


def link_in_tab(page: Page) -> Steps:
    yield from _link_behind(page, "#area > div", "#area ul a")


def link_in_section(page: Page) -> Steps:
    yield from _link_behind(page, "#area > div", "#area > h3")


def checkboxes(page: Page) -> Steps:
    (listed,) = page.find(r"^Select (.*) and click Submit")
    for name in listed.split(", "):
        if name != "nothing":
            yield from page.click("#area label", name)
    yield from page.submit()


def similar_checkboxes(page: Page) -> Steps:
    (listed,) = page.find(r"similar to (.*) and click Submit")
    groups = [set(group) for group in page.read("() => SYNONYMS")]
    wanted = set(listed.split(", "))
    for label in page.all("#area label"):
        if any(label.text in group and wanted & group for group in groups):
            yield page.click_at(label.open or label.center)
    yield from page.submit()


def option(page: Page) -> Steps:
    (name,) = page.find(r"^Select (.*) and click Submit")
    yield from page.click("#area label", name)
    yield from page.submit()


def color(page: Page) -> Steps:
    (name,) = page.find(r"on the (\S+) colored")
    yield from page.click(f"#area [data-color='{name}']")


def shades(page: Page) -> Steps:
    (name,) = page.find(r"shades of (\w+)")
    for shade in page.all(f"#area span[data-color='{name}']"):
        yield page.click_at(shade.open or shade.center)
    yield from page.submit()


def dialog(page: Page) -> Steps:
    label = page.quoted()[0]
    if label == "x":
        yield from page.click(".ui-dialog-titlebar button")
    else:
        yield from page.click(".ui-dialog-buttonset button", label)


def menu(page: Page) -> Steps:
    (path,) = page.find(r"^Select (.*)$")
    names = path.split(">")
    for name, below in pairwise(names):
        yield page.move("#menu li > div", name)
        while not page.one("#menu li > div", below).shown:
            yield Wait(seconds=0.1)
    yield from page.click("#menu li > div", names[-1])


def menu_with_icons(page: Page) -> Steps:
    icon = page.read("() => { const e = document.querySelector('#query .ui-icon'); return e && e.className; }")
    item = f"#menu div:has(> .{icon.split()[-1]})" if icon else "#menu li > div"
    label = page.one(item).text if icon else page.quoted()[-1]
    yield from page.click("#open-menu")
    if label in ("Prev", "Stop", "Play", "Next"):
        yield from page.click("#menu li > div", "Playback")
    yield from page.click("#menu li > div", label)


def ticket(page: Page) -> Steps:
    (wish,) = page.find(r"with the (.*)\.")
    by_price, most = "cost" in wish, wish.startswith(("longest", "most"))
    key = "data-price" if by_price else "data-duration"
    values = [int(one.attributes[key]) for one in page.all(f"[{key}]")]
    button = page.all(".buy-ticket")[values.index((max if most else min)(values))]
    yield page.click_at(button.open or button.center)


def widget(page: Page) -> Steps:
    yield from page.click(f"#area [data-type='{page.quoted()[0]}']")


def greatest(page: Page) -> Steps:
    values = [int(card.text) for card in page.all(".card-value")]
    yield from page.click(f".card[data-index='{values.index(max(values))}']")
    yield from page.submit()


def nth_textbox(page: Page) -> Steps:
    (number,) = page.find(r"the (\d)")
    yield from page.click(f"#tt{number}")


def generate_number(page: Page) -> Steps:
    def fits(number: int) -> bool:
        if match := re.search(r"(less|greater) than (\d+)", page.goal):
            return number < int(match[2]) if match[1] == "less" else number > int(match[2])
        return number % 2 == (1 if "an odd" in page.goal else 0)

    while not ((shown := page.one("#display-number").text).isdigit() and fits(int(shown))):
        yield from page.click("#generate")
    yield from page.submit()


def tree(page: Page) -> Steps:
    name = page.quoted()[0]
    path = page.read(
        """(name) => {
          const paths = [...document.querySelectorAll('#tree span')].filter((e) => e.textContent === name).map((e) => {
            const path = [];
            for (let li = e.closest('li'); li; li = li.parentElement.closest('li')) path.unshift(li);
            return path;
          }).sort((a, b) => a.length - b.length);
          const all = [...document.querySelectorAll('#tree li')];
          return paths[0].map((li) => all.indexOf(li));
        }""",
        name,
    )
    for place in path:
        span = page.all("#tree li > span")[place]
        yield page.click_at(span.open or span.center)


def number_checkboxes(page: Page) -> Steps:
    pattern = page.read("(n) => PATTERNS[n]", int(page.quoted()[0]))
    boxes = page.all("#checkboxes input")
    for place, wanted in enumerate(bit for row in pattern for bit in row):
        if wanted:
            yield page.click_at(boxes[place].center)
    yield from page.submit()


def odd_or_even(page: Page) -> Steps:
    for place, number in enumerate(page.all(".display-number")):
        button = page.all(".odd" if int(number.text) % 2 else ".even")[place]
        yield page.click_at(button.open or button.center)
    yield from page.submit()


def phone_book(page: Page) -> Steps:
    name, kind = page.find(r"Find (\S+) in the contact book and click on their (\w+)")
    for _ in range(4):
        if page.one("#contact .name").text == name:
            break
        yield from page.click("#pagination .next a")
    yield from page.click(f"#contact a.{kind}")


def tic_tac_toe(page: Page) -> Steps:
    while True:
        cells = page.all(".ttt-row span")
        board = tuple(1 if cell.has_class("mark-x") else -1 if cell.has_class("mark-o") else 0 for cell in cells)
        free = [place for place, mark in enumerate(board) if not mark]
        if not free or _won(board, -1) or _won(board, 1):
            raise OracleError("the game is over")
        best = max(free, key=lambda place: (_chance(_put(board, place, 1), False), place == 4))
        yield page.click_at(cells[best].center)


def _put(board: tuple[int, ...], place: int, mark: int) -> tuple[int, ...]:
    return (*board[:place], mark, *board[place + 1 :])


def _won(board: tuple[int, ...], mark: int) -> bool:
    return any(all(board[place] == mark for place in line) for line in _LINES)


@cache
def _chance(board: tuple[int, ...], mine: bool) -> float:
    """Chance of a win against the page's opponent, who moves at random in 55 of 100 turns and else wins or blocks if it can."""
    if _won(board, 1):
        return 1.0
    free = [place for place, mark in enumerate(board) if not mark]
    if _won(board, -1) or not free:
        return 0.0
    if mine:
        return max(_chance(_put(board, place, 1), False) for place in free)
    by_luck = sum(_chance(_put(board, place, -1), True) for place in free) / len(free)
    good = [place for place in free if _won(_put(board, place, -1), -1)] or [p for p in free if _won(_put(board, p, 1), 1)]
    by_skill = sum(_chance(_put(board, place, -1), True) for place in good) / len(good) if good else by_luck
    return 0.55 * by_luck + 0.45 * by_skill


def hot_cold(page: Page) -> Steps:
    """The target is not in the DOM: narrow it down by what the page says of each place that the pointer visits."""
    places = [(x, y) for x in range(5, 155) for y in range(5, 120)]
    while True:
        x, y = _most_telling(places)
        yield Move(point=page.at((x, y + 50)))
        says = next((one.text for one in page.all("#signal")), "")
        if says == "HOT":
            yield page.click_at((x, y + 50))
            return
        places = [place for place in places if _signal(place, (x, y)) == says] or places[::2]


def _signal(target: tuple[int, int], place: tuple[int, int]) -> str:
    distance = ((target[0] - place[0]) ** 2 + (target[1] - place[1]) ** 2) ** 0.5
    return "HOT" if distance < 5 else "WARM" if distance < 10 else "COLD" if distance < 40 else "ICE COLD"


def _most_telling(places: list[tuple[int, int]]) -> tuple[int, int]:
    sample, probes = places[:: max(1, len(places) // 150)], places[:: max(1, len(places) // 40)]

    def largest(probe: tuple[int, int]) -> int:
        said = [_signal(place, probe) for place in sample]
        return max(said.count(word) for word in set(said))

    return min((probe for probe in probes if 2 <= probe[0] <= 150 and probe[1] <= 124), key=largest)


def order_food(page: Page) -> Steps:
    if match := re.search(r"Order (\d) items that are (\S+)", page.goal):
        count, kind = int(match[1]), match[2]
        names = [page.one(f".food-item:has(img[alt='{kind}'])").attributes["data-id"]] * count
    else:
        listed = page.goal.split(": ", 1)[1].split(", ")
        names = [one.attributes["data-id"] for one in page.all(".food-item") if one.attributes["data-item"].strip() in listed]
    for name in names:
        yield from page.click(f".food-item[data-id='{name}'] .add")
    yield from page.click("#submit-order button")


def scroll_text(page: Page) -> Steps:
    down = 3000 if "to the bottom" in page.goal else -3000
    yield page.scroll(page.one("#text-area").center, down)
    yield from page.submit()


def social_media(page: Page) -> Steps:
    user, action = page.find(r'the user (\S+), click on the "(.*)" button')
    post = _posts_by(page, user)[0]
    button = f"{post} .{action.lower() if action in ('Reply', 'Retweet', 'Like') else 'more'}"
    yield from page.reveal(button)
    # Under the pointer the button becomes another picture, which is loaded only then: a click at once would fall into the gap.
    yield page.move(button)
    yield from page.click(button)
    if not button.endswith("more"):
        return
    kinds = {"Share via DM": "share", "Copy link to Tweet": "copy", "Embed Tweet": "embed"}
    kinds |= {"Mute": "menu-user", "Block": "block-user", "Report": "report"}
    yield from page.click(f"{post} li.{kinds[action]}")


def social_media_posts(page: Page) -> Steps:
    action, amount, user = page.find(r'Click the "(\w+)" button on (?:all|(\d+)) posts? by (\S+) and')
    for post in _posts_by(page, user)[: int(amount) if amount else None]:
        yield from page.click(f"{post} .{action.lower()}")
    yield from page.reveal("#submitRow button", margin=8)
    yield from page.click("#submitRow button")


def _posts_by(page: Page, user: str) -> list[str]:
    names = [one.text for one in page.all(".media .username")]
    return [f".media[data-result='{place}']" for place, name in enumerate(names) if name == user]


def _menu_of_dates(page: Page, month: int, day: int) -> Steps:
    names = [one.text for one in page.all("#ui-datepicker-div")]
    if not names:
        raise OracleError("no calendar is open")
    months = "January February March April May June July August September October November December".split()
    while (shown := months.index(page.one(".ui-datepicker-month").text) + 1) != month:
        yield from page.click(".ui-datepicker-prev" if shown > month else ".ui-datepicker-next")
    yield from page.click("#ui-datepicker-div td a", str(day))


def choose_day(page: Page, date: str) -> Steps:
    """Pick `date` (month/day/year) in the calendar that opens from the date field."""
    month, day, _ = (int(part) for part in date.split("/"))
    yield from page.click("#datepicker")
    yield from _menu_of_dates(page, month, day)


def choose_date(page: Page) -> Steps:
    (date,) = page.find(r"(\d\d/\d\d/\d{4})")
    yield from choose_day(page, date)
    yield from page.submit()


SOLVERS: dict[str, Solver] = {
    "buy-ticket": ticket,
    "click-button": click_quoted("#area button"),
    "click-button-sequence": click_each("#subbtn", "#subbtn2"),
    "click-collapsible": click_each("#area h3", "#subbtn"),
    "click-color": color,
    "click-dialog": click_each(".ui-dialog-titlebar button"),
    "click-dialog-2": dialog,
    "click-link": click_quoted(".alink"),
    "click-menu": menu,
    "click-menu-2": menu_with_icons,
    "click-option": option,
    "click-shades": shades,
    "click-tab": click_tab,
    "click-test": click_each("#subbtn"),
    "click-test-2": click_each("#subbtn"),
    "click-test-transfer": click_each("#subbtn"),
    "click-widget": widget,
    "find-greatest": greatest,
    "focus-text": click_each("#tt"),
    "focus-text-2": nth_textbox,
    "generate-number": generate_number,
    "hot-cold": hot_cold,
    "navigate-tree": tree,
    "number-checkboxes": number_checkboxes,
    "odd-or-even": odd_or_even,
    "order-food": order_food,
    "phone-book": phone_book,
    "scroll-text-2": scroll_text,
    "social-media": social_media,
    "social-media-all": social_media_posts,
    "social-media-some": social_media_posts,
    "tic-tac-toe": tic_tac_toe,
    "unicode-test": click_quoted("#area button"),
    "click-checkboxes-soft": similar_checkboxes,
    **dict.fromkeys(("click-checkboxes", "click-checkboxes-large", "click-checkboxes-transfer"), checkboxes),
    **dict.fromkeys(("click-collapsible-2", "click-collapsible-2-nodelay"), link_in_section),
    "click-collapsible-nodelay": click_each("#area h3", "#subbtn"),
    **dict.fromkeys(("click-tab-2", "click-tab-2-easy", "click-tab-2-medium", "click-tab-2-hard"), link_in_tab),
    **dict.fromkeys(("choose-date", "choose-date-easy", "choose-date-medium", "choose-date-nodelay"), choose_date),
}
