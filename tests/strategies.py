"""Hypothesis strategies for the data of handeye's contracts."""

from __future__ import annotations

from hypothesis import strategies as st

from handeye.envs import actions as act
from handeye.tools.geometry import Point, Size
from handeye.tools.keys import KEY_NAMES, MODIFIERS

sizes = st.builds(Size, st.integers(60, 6000), st.integers(60, 6000))
"""Screens whose sides are at most 100 to 1, well within what Qwen's processors take them."""

nasty = st.sampled_from(
    ["</tool_call>", "<tool_call>", "<|im_end|>", "```json", '"}}', "\\", "\\u0041", "{{goal}}", "\r\n", "\u2028", "“", "']"]
)
texts = st.lists(st.text(max_size=8) | nasty, max_size=6).map("".join)
"""Any Unicode that can be encoded, and pieces of wire formats."""

characters = st.characters(codec="utf-8", exclude_categories=("C", "Z")).map(str.lower).filter(lambda c: len(c) == 1 and c.isprintable())
keys = st.sampled_from(KEY_NAMES) | characters
seconds = st.floats(0, 300, allow_nan=False)


def points(size: Size) -> st.SearchStrategy[Point]:
    """Pixels of a screen of `size`."""
    return st.builds(Point, st.integers(0, size.width - 1), st.integers(0, size.height - 1))


def actions(size: Size, types: frozenset[str] = frozenset(act.ACTIONS)) -> st.SearchStrategy[act.Action]:
    """Actions of the verbs `types` whose points are pixels of a screen of `size`."""
    at, modifiers = points(size), st.lists(st.sampled_from(MODIFIERS), max_size=3).map(tuple)
    maybe = st.none() | at
    by_verb: dict[str, st.SearchStrategy[act.Action]] = {
        "click": st.builds(
            act.Click, point=maybe, button=st.sampled_from(["left", "middle", "right"]), count=st.integers(1, 3), modifiers=modifiers
        ),
        "move": st.builds(act.Move, point=at),
        "long_press": st.builds(act.LongPress, point=at, duration_s=seconds),
        "drag": st.builds(act.Drag, start=maybe, end=at, via=st.lists(at, max_size=3).map(tuple)),
        "swipe": st.builds(act.Swipe, start=at, end=at, duration_s=seconds),
        "scroll": st.builds(
            act.Scroll, point=maybe, direction=st.sampled_from(["up", "down", "left", "right"]), amount=st.integers(1, 100_000)
        ),
        "type_text": st.builds(act.TypeText, text=texts),
        "press_keys": st.builds(act.PressKeys, keys=st.lists(keys, min_size=1, max_size=6).map(tuple)),
        "press_button": st.builds(act.PressButton),
        "open_app": st.builds(act.OpenApp, name=texts.filter(bool)),
        "goto": st.builds(act.Goto, url=texts.filter(bool)),
        "go_back": st.just(act.GoBack()),
        "switch_tab": st.builds(act.SwitchTab, index=st.integers(0, 10_000)),
        "close_tab": st.just(act.CloseTab()),
        "answer_dialog": st.builds(act.AnswerDialog, accept=st.booleans(), text=st.none() | texts),
        "choose_files": st.builds(act.ChooseFiles, paths=st.lists(texts, max_size=3).map(tuple)),
        "wait": st.builds(act.Wait, seconds=seconds),
        "answer": st.builds(act.Answer, text=texts),
        "finish": st.builds(act.Finish, success=st.booleans(), message=texts),
        "ask_user": st.builds(act.AskUser, question=texts),
    }
    return st.one_of([by_verb[name] for name in act.ACTIONS if name in types])
