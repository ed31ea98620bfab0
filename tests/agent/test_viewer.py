from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from handeye.agent.describe import describe
from handeye.agent.trajectory import Attempt, Episode, Outcome, Result, SettledRow, StepRow, Timings, TrajectoryWriter, load_trajectory
from handeye.agent.viewer import render, write
from handeye.envs.actions import (
    ACTIONS,
    Action,
    Answer,
    AnswerDialog,
    AskUser,
    ChooseFiles,
    Click,
    CloseTab,
    Drag,
    Finish,
    GoBack,
    Goto,
    LongPress,
    Move,
    OpenApp,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    SwitchTab,
    TypeText,
    Wait,
)
from handeye.tools.browser import find_chromium
from handeye.tools.device import Pixels
from handeye.tools.errors import SetupError, TrajectoryError
from handeye.tools.geometry import Point, Size

playwright = pytest.importorskip("playwright.sync_api", reason="needs the extra `browser`")

SIZE = Size(640, 400)
HOSTILE = (
    """"'></pre></title></svg></script><script>window.hacked=1</script><!--<img src=x onerror="window.hacked=1">"""
    "{{ 7*7 }}&amp;\u202eevil\u2066\x00\x1b]0;"
)

WORDS: list[tuple[Action, str]] = [
    (Click(point=Point(120, 44)), "click (120, 44)"),
    (Click(point=Point(120, 44), button="right", count=2, modifiers=("ctrl", "shift")), "ctrl+shift+right double-click (120, 44)"),
    (Click(count=3), "triple-click where the pointer is"),
    (Move(point=Point(5, 6)), "move to (5, 6)"),
    (LongPress(point=Point(5, 6), duration_s=1.5), "long press (5, 6) for 1.5 s"),
    (Drag(start=Point(10, 20), end=Point(300, 200)), "drag (10, 20) to (300, 200)"),
    (Drag(end=Point(300, 200)), "drag to (300, 200)"),
    (Drag(start=Point(1, 1), via=(Point(2, 2),), end=Point(3, 3)), "drag (1, 1) to (3, 3) by way of (2, 2)"),
    (Drag(start=Point(1, 1), via=(Point(2, 2), Point(2, 3)), end=Point(3, 3)), "drag (1, 1) to (3, 3) by way of 2 points"),
    (Swipe(start=Point(10, 200), end=Point(10, 20)), "swipe (10, 200) to (10, 20)"),
    (Scroll(point=Point(320, 200), direction="up", amount=250), "scroll up 250 px at (320, 200)"),
    (Scroll(), "scroll down 300 px where the pointer is"),
    (TypeText(text='say "hi"\n\u202e\x1b[2J'), 'type "say \\"hi\\"\\n\\u202e\\x1b[2J"'),
    (TypeText(text="x" * 200), f'type "{"x" * 80}…"'),
    (PressKeys(keys=("ctrl", "C")), "press ctrl+c"),
    (PressButton(button="volume_up"), "press the volume up button"),
    (OpenApp(name="Clock"), 'open the app "Clock"'),
    (Goto(url="https://a.example/x"), "go to https://a.example/x"),
    (GoBack(), "go back"),
    (SwitchTab(index=1), "switch to tab [1]"),
    (CloseTab(), "close the tab"),
    (AnswerDialog(accept=True, text="me"), 'accept the dialog with "me"'),
    (AnswerDialog(accept=False), "dismiss the dialog"),
    (ChooseFiles(paths=("/a", "/b")), 'choose "/a", "/b"'),
    (ChooseFiles(), "cancel the file chooser"),
    (Wait(seconds=2), "wait 2 s"),
    (Answer(text="42"), 'answer "42"'),
    (Finish(), "finish: reached"),
    (Finish(success=False, message="no such page"), 'finish: not reached, "no such page"'),
    (AskUser(question="Which?"), 'ask the user "Which?"'),
]


def screen(number: int, size: Size = SIZE) -> Pixels:
    image = Image.new("RGB", size, (250, 250, 246))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size.width, 40), fill=(20, 60, 70))
    draw.rectangle((20 + 8 * number, 60, 120 + 8 * number, 100), fill=(200, 90, 40))
    return np.asarray(image)


def make_run(path: Path, actions: Sequence[Action | None], outcome: Outcome | None = "reached", text: str = "because") -> Path:
    writer = TrajectoryWriter(path, Episode(goal=f"Goal {text}", model=text, env=text, versions={text: text}, started_at=text))
    for index, action in enumerate(actions):
        row = StepRow(
            index=index, turn=index, screen=writer.screen(screen(index)), size=SIZE, url=text, title=text, app=text, dialog=text,
            seen=(text,), told=(text,), thought=text, action=action, repairs=(text,), approval=text, changed=True, reward=0.5,
            attempts=(Attempt(text=text, error=text, details={text: text}), Attempt(text=text, model_s=1.25)),
            settled=SettledRow(waited_s=0.2, waited_for=(text,), left_out=(text,), capped=True),
            timings=Timings(capture_s=0.05, model_s=1.25, parse_s=0.001, act_s=0.03, settle_s=0.2),
        )  # fmt: skip
        writer.append(row)
    if outcome is None:
        writer.close()
    else:
        writer.finish(
            Result(outcome=outcome, success=outcome == "reached", message=text, answer=text, last_screen=writer.screen(screen(99)))
        )
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as driver:
        try:
            found = find_chromium(driver.chromium.executable_path)
        except SetupError as error:
            pytest.skip(str(error))
        instance = driver.chromium.launch(executable_path=found)
        yield instance
        instance.close()


class Opened:
    """A page that notes what must not happen: console errors and requests."""

    def __init__(self, browser: playwright.Browser, path: Path, fragment: str = "", **context: object) -> None:
        self.page: playwright.Page = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **context}).new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: None if request.url.startswith("data:") else self.requests.append(request.url))
        self.page.goto(path.as_uri() + fragment)

    def close(self) -> None:
        """Close the page, checking what it noted."""
        assert self.errors == []
        assert [url for url in self.requests if not url.startswith("file:")] == []
        assert len(self.requests) == 1
        self.page.context.close()

    @property
    def step(self) -> str:
        """The one step that is visible."""
        shown = "[...document.querySelectorAll('article.step')].filter(a => a.checkVisibility()).map(a => a.dataset.step)"
        (step,) = self.page.evaluate(shown)
        return str(step)


@pytest.mark.parametrize(("action", "words"), WORDS, ids=lambda value: value if isinstance(value, str) else "")
def test_an_action_in_words(action: Action, words: str) -> None:
    assert describe(action) == words


def test_every_verb_has_words() -> None:
    assert {action.type for action, _ in WORDS} == ACTIONS.keys()


def test_the_page_steps_by_keys_buttons_and_address(browser: playwright.Browser, tmp_path: Path) -> None:
    path = write(make_run(tmp_path / "run", [action for action, _ in WORDS]))
    assert path == tmp_path / "run" / "index.html"
    opened = Opened(browser, path)
    page, last = opened.page, str(len(WORDS))
    assert opened.step == "1"
    for key, step in [("ArrowRight", "2"), ("j", "3"), ("k", "2"), ("ArrowLeft", "1"), ("ArrowLeft", "1"), ("End", "end"), ("j", "end")]:
        page.keyboard.press(key)
        assert opened.step == step
        assert page.evaluate("location.hash") == f"#step={step}"
        assert page.locator("nav [aria-current]").get_attribute("data-step") == step
    page.keyboard.press("Home")
    assert opened.step == "1"
    page.click(f".strip [data-step='{last}']")
    assert opened.step == last
    page.click("[data-do=previous]")
    assert opened.step == str(len(WORDS) - 1)
    page.evaluate("location.hash = '#step=4'")
    page.wait_for_function("document.querySelector('article.current').dataset.step === '4'")
    page.keyboard.press("o")
    assert not page.locator("article.current .overlay").is_visible()
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("Escape")
    opened.close()
    for fragment, step in [("#step=3", "3"), ("#step=end", "end"), ("#step=999", "1"), ("#%E0%A4%A", "1"), ("#<img>", "1")]:
        linked = Opened(browser, path, fragment)
        assert linked.step == step
        linked.close()


@pytest.mark.parametrize("view", [{}, {"viewport": {"width": 420, "height": 800}}, {"device_scale_factor": 2, "color_scheme": "dark"}])
def test_the_ring_lies_on_the_pixel_that_was_clicked(browser: playwright.Browser, tmp_path: Path, view: dict[str, object]) -> None:
    points = [Point(120, 44), Point(0, 0), Point(639, 399), Point(500, 300)]
    opened = Opened(browser, write(make_run(tmp_path / "run", [Click(point=point) for point in points])), **view)
    for zoom in (False, True):
        opened.page.keyboard.press("Home")
        for point in points:
            current = opened.page.locator("article.current")
            picture = current.locator("img.before").bounding_box()
            ring = current.locator(".overlay .ring").bounding_box()
            assert picture is not None
            assert ring is not None
            scale = picture["width"] / SIZE.width
            assert picture["height"] == pytest.approx(SIZE.height * scale, abs=0.6)
            assert (scale == 1) is zoom or scale != 1
            assert ring["x"] + ring["width"] / 2 == pytest.approx(picture["x"] + point.x * scale, abs=0.6)
            assert ring["y"] + ring["height"] / 2 == pytest.approx(picture["y"] + point.y * scale, abs=0.6)
            opened.page.keyboard.press("j")
        opened.page.keyboard.press("z")
    opened.close()


def test_arrows_run_from_start_to_end_and_labels_stay_inside(browser: playwright.Browser, tmp_path: Path) -> None:
    actions = [Drag(start=Point(10, 20), end=Point(300, 200)), TypeText(text="w" * 60), Swipe(start=Point(600, 390), end=Point(630, 380))]
    opened = Opened(browser, write(make_run(tmp_path / "run", actions)))
    for number in range(len(actions)):
        current = opened.page.locator("article.current")
        picture = current.locator("img.before").bounding_box()
        badge = current.locator(".badge").bounding_box()
        assert picture is not None
        assert badge is not None
        assert badge["x"] >= picture["x"] - 2
        assert badge["x"] + badge["width"] <= picture["x"] + picture["width"] + 2
        assert badge["y"] + badge["height"] <= picture["y"] + picture["height"] + 2
        if number == 0:
            line = current.locator("polyline.line").bounding_box()
            assert line is not None
            scale = picture["width"] / SIZE.width
            assert line["x"] == pytest.approx(picture["x"] + 10 * scale, abs=4)
            assert line["width"] == pytest.approx(290 * scale, abs=8)
        opened.page.keyboard.press("j")
    opened.close()


def test_the_screen_afterwards_is_that_of_the_next_step(browser: playwright.Browser, tmp_path: Path) -> None:
    opened = Opened(browser, write(make_run(tmp_path / "run", [Click(point=Point(9, 9)), Wait()])))
    page = opened.page
    sources = "[...document.querySelectorAll('article img.before')].map(image => image.src)"
    first, second, last = page.evaluate(sources)
    assert len({first, second, last}) == 3
    page.keyboard.press("a")
    after = page.locator("article.current img.after")
    assert after.is_visible()
    assert not page.locator("article.current img.before").is_visible()
    assert after.get_attribute("src") == second
    page.keyboard.press("c")
    assert page.locator("article.current img.before").is_visible()
    assert page.locator(".wipe").is_visible()
    page.keyboard.press("j")
    assert after.get_attribute("src") == last
    page.keyboard.press("b")
    assert not after.is_visible()
    opened.close()


def test_hostile_text_is_shown_and_never_runs(browser: playwright.Browser, tmp_path: Path) -> None:
    actions: list[Action | None] = [
        TypeText(text=HOSTILE), Goto(url=HOSTILE), OpenApp(name=HOSTILE), Answer(text=HOSTILE), None, ChooseFiles(paths=(HOSTILE,)),
        AnswerDialog(accept=True, text=HOSTILE), AskUser(question=HOSTILE), Finish(message=HOSTILE),
    ]  # fmt: skip
    path = write(make_run(tmp_path / "run", actions, text=HOSTILE))
    opened = Opened(browser, path)
    for _ in range(len(actions) + 1):
        opened.page.keyboard.press("j")
    assert opened.page.evaluate("window.hacked") is None
    assert opened.page.locator("script").count() == 1
    assert opened.page.locator("img[src='x']").count() == 0
    assert opened.page.locator("article").count() == len(actions) + 1
    opened.page.keyboard.press("Home")
    shown = opened.page.locator("article.current .thought").inner_text()
    assert shown == HOSTILE.replace("\u202e", "U+202E").replace("\u2066", "U+2066").replace("\x00", "U+0000").replace("\x1b", "U+001B")
    opened.close()
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", re.sub(r'title="[^"]*"', "", path.read_text(encoding="utf-8")))


def test_the_policy_stops_a_script_that_slipped_through(browser: playwright.Browser, tmp_path: Path) -> None:
    path = write(make_run(tmp_path / "run", [Wait()]))
    smuggled = "<script>window.hacked=1</script><img src='data:,' onerror='window.hacked=1'><img src='http://127.0.0.1:9/x.png'>"
    path.write_text(path.read_text(encoding="utf-8").replace("<main>", "<main>" + smuggled), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    assert page.evaluate("window.hacked") is None
    page.keyboard.press("j")
    assert page.evaluate("location.hash") == "#step=end"
    page.close()


def test_a_very_long_thought_leaves_the_page_usable(browser: playwright.Browser, tmp_path: Path) -> None:
    opened = Opened(browser, write(make_run(tmp_path / "run", [Click(point=Point(5, 5))], text="long word " * 10_000 + "x" * 5_000)))
    assert opened.page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight"
    )
    assert opened.page.locator("article.current .ring").is_visible()
    opened.close()


@pytest.mark.parametrize("damage", ["missing", "corrupt", "outside"])
def test_a_screenshot_that_cannot_be_read_is_replaced_by_words(browser: playwright.Browser, tmp_path: Path, damage: str) -> None:
    run = make_run(tmp_path / "run", [Click(point=Point(50, 60)), Click(point=Point(70, 80))])
    picture = run / "screens/0000.png"
    if damage == "missing":
        picture.unlink()
    elif damage == "corrupt":
        picture.write_bytes(picture.read_bytes()[:100])
    else:
        rows = (run / "steps.jsonl").read_text().replace("screens/0000.png", "../../../etc/passwd")
        (run / "steps.jsonl").write_text(rows)
    opened = Opened(browser, write(run))
    assert "cannot be shown" in opened.page.locator("article.current .missing.before").inner_text()
    assert opened.page.locator("article.current .ring").is_visible()
    opened.page.keyboard.press("j")
    assert opened.page.locator("article.current img.before").is_visible()
    opened.close()


def test_a_run_that_was_cut_off_says_so(browser: playwright.Browser, tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [Wait(), Wait()], outcome=None)
    steps = run / "steps.jsonl"
    steps.write_bytes(steps.read_bytes()[:-5])
    opened = Opened(browser, write(run, tmp_path / "else" / "where.html"))
    banners = opened.page.locator(".banners").inner_text()
    assert "Unfinished" in banners
    assert "1 step was recorded" in banners
    assert "incomplete" in banners
    opened.close()


def test_a_run_without_steps_has_a_page(browser: playwright.Browser, tmp_path: Path) -> None:
    for name, outcome in [("cut", None), ("failed", "model_error")]:
        opened = Opened(browser, write(make_run(tmp_path / name, [], outcome)))  # type: ignore[arg-type]
        assert opened.step == "end"
        assert "No step was recorded" in opened.page.locator("article.current").inner_text()
        opened.page.keyboard.press("j")
        opened.page.keyboard.press("c")
        opened.close()


def test_without_javascript_every_step_is_there_to_read(browser: playwright.Browser, tmp_path: Path) -> None:
    opened = Opened(browser, write(make_run(tmp_path / "run", [Click(point=Point(5, 5)), Wait(seconds=3)])), java_script_enabled=False)
    articles = opened.page.locator("article")
    assert [articles.nth(n).is_visible() for n in range(articles.count())] == [True, True, True]
    assert "wait 3 s" in opened.page.locator("h2").nth(1).inner_text()
    opened.close()


@pytest.mark.parametrize("outcome", ["reached", "not_reached", "step_limit", "device_error", "env_done", "interrupted"])
def test_the_outcome_is_said_in_a_word(tmp_path: Path, outcome: Outcome) -> None:
    page = render(load_trajectory(make_run(tmp_path / "run", [Wait()], outcome)))
    tone = {"reached": "good", "step_limit": "warn", "interrupted": "warn"}.get(outcome, "bad")
    word = {"env_done": "Ended by the environment"}.get(outcome, outcome.replace("_", " ").capitalize())
    assert f'<span class="outcome {tone}">{word}</span>' in page


def test_a_screen_shown_in_several_steps_is_held_once(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path / "run", Episode(goal="x"))
    for index in range(5):
        writer.append(StepRow(index=index, turn=index, screen=writer.screen(screen(0)), size=SIZE, action=Wait()))
    writer.close()
    assert render(load_trajectory(tmp_path / "run")).count("data:image/png;base64") == 1


def test_too_many_pictures_are_made_smaller_and_the_page_says_so(browser: playwright.Browser, tmp_path: Path) -> None:
    noise = np.random.default_rng(0)
    writer = TrajectoryWriter(tmp_path / "run", Episode(goal="x"))
    for index in range(6):
        pixels = noise.integers(0, 256, (SIZE.height, SIZE.width, 3), dtype=np.uint8)
        writer.append(StepRow(index=index, turn=index, screen=writer.screen(pixels), size=SIZE, action=Click(point=Point(639, 399))))
    writer.close()
    limit = 200_000
    page = render(load_trajectory(tmp_path / "run"), limit)
    embedded = re.findall(r'data-screen="[^"]*" src="data:image/jpeg;base64,([^"]*)"', page)
    assert len(embedded) == 6
    assert sum(map(len, embedded)) * 3 / 4 <= limit * 1.01
    assert "shown as JPEG" in page
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    opened = Opened(browser, tmp_path / "page.html")
    picture, ring = opened.page.locator("article.current img.before").bounding_box(), opened.page.locator(".current .ring").bounding_box()
    assert picture is not None
    assert ring is not None
    assert ring["x"] + ring["width"] / 2 == pytest.approx(picture["x"] + picture["width"] * 639 / 640, abs=0.6)
    opened.close()


def test_half_of_a_surrogate_pair_does_not_stop_the_page(tmp_path: Path) -> None:
    assert write(make_run(tmp_path / "run", [Wait()], text=json.loads('"\\ud83d"'))).stat().st_size > 1000


def test_a_page_that_cannot_be_written_is_a_trajectory_error(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [Wait()])
    with pytest.raises(TrajectoryError, match="cannot be written"):
        write(run, run / "episode.json" / "page.html")
    with pytest.raises(TrajectoryError, match="is not a run"):
        write(tmp_path / "nothing")


def test_typing_is_shown_where_the_last_action_that_worked_pointed(tmp_path: Path) -> None:
    writer = TrajectoryWriter(tmp_path / "run", Episode(goal="x"))
    steps: list[tuple[Action, str, int]] = [
        (PressKeys(keys=("tab",)), "", 0),
        (Click(point=Point(31, 41)), "", 1),
        (Click(point=Point(77, 78)), "the device said no", 2),
        (TypeText(text="a"), "", 3),
        (TypeText(text="b"), "", 3),
    ]
    for index, (action, error, turn) in enumerate(steps):
        attempts = () if index == 4 else (Attempt(text="x"),)
        row = StepRow(index=index, turn=turn, screen="", size=SIZE, action=action, error=error, attempts=attempts)
        writer.append(row)
    writer.close()
    articles = render(load_trajectory(tmp_path / "run")).split("<article ")[1:]
    assert 'class="badge"><rect' in articles[0]
    assert 'class="badge" data-x="31" data-y="41"' in articles[3]
    assert "the device said no" in articles[2]
    assert 'From the same reply as <a href="#step=4"' in articles[4]
    assert "From the same reply" not in articles[3]
