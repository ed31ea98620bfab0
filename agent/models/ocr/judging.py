"""Answers to questions about what is drawn: how many, how many sides, which shape, what a sum makes."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

from handeye.agent.models.ocr import calls
from handeye.agent.models.ocr.instructions import Judge, Target
from handeye.agent.models.ocr.moves import Done, Memo, Move, NotFound
from handeye.agent.models.ocr.screen import Element, Screen
from handeye.agent.models.ocr.shapes import color_distance
from handeye.agent.models.ocr.words import likeness
from handeye.tools.geometry import Box

_SAME_COLOR = 0.2


def judge_move(instruction: Judge, screen: Screen, memo: Memo) -> Move | Done:
    """Click the button that says the answer, or give it in words."""
    if instruction.question == "shape":
        names = _names_of_figure(screen)
    else:
        names = [str(count(instruction.target, screen) if instruction.question == "count" else _sides(screen))]
    for name in names:
        for button in screen.of("button", "text"):
            if likeness(name, button.text) > 0.9:
                return Move(f"the answer is {name}.", calls.click(button.box.center), last=True)
    return Move(f"the answer is {names[0]}.", calls.answer(names[0]), last=True)


def drawn(screen: Screen) -> list[Element]:
    """Shapes on the screen, without those on or in buttons and fields."""
    used = [e.box for e in screen.of("button", "dropdown")]
    return [e for e in screen.of("shape", "radio", "checkbox") if not any(box.contains(e.box.center) for box in used)]


def count(target: Target, screen: Screen) -> int:
    """How many things of the target's colour, shape or text there are."""
    shapes = drawn(screen)
    letters = [e for e in screen.of("text") if len(e.text) == 1]
    if target.shape:
        things = [e for e in shapes if e.shape == target.shape]
    elif re.search(r"\bletter", target.phrase):
        things = [e for e in letters if e.text.isalpha()]
    elif re.search(r"\b(?:digit|number)", target.phrase):
        things = [e for e in letters if e.text.isdigit()]
    elif target.text and not target.color and len(target.text.rstrip("s")) == 1:
        things = [e for e in letters if e.text == target.text.rstrip("s")]
    else:
        things = [*shapes, *letters] if target.color else _alike(shapes)
    if target.color:
        things = [e for e in things if color_distance(target.color, e.color) < _SAME_COLOR]
    return len(things)


def _alike(shapes: list[Element]) -> list[Element]:
    """The largest group of shapes of one size and colour."""
    sizes = Counter((round(e.box.width / 4), round(e.box.height / 4)) for e in shapes)
    if not sizes:
        raise NotFound("things to count")
    (width, height), _ = sizes.most_common(1)[0]
    return [e for e in shapes if abs(e.box.width / 4 - width) <= 1 and abs(e.box.height / 4 - height) <= 1]


def _figure(screen: Screen) -> Element:
    shapes = [e for e in (*drawn(screen), *screen.of("area", "field")) if not e.text]
    if not shapes:
        raise NotFound("a figure")
    return max(shapes, key=lambda e: e.box.width * e.box.height)


def _sides(screen: Screen) -> int:
    return _figure(screen).sides


def _names_of_figure(screen: Screen) -> list[str]:
    shapes = drawn(screen)
    buttons = [e.box for e in screen.of("button")]
    letters = [e for e in screen.of("text") if len(e.text) == 1 and not any(box.contains(e.box.center) for box in buttons)]
    if letters and not shapes:
        return ["number" if letters[0].text.isdigit() else "letter"]
    shape = _figure(screen).shape
    return [shape, "rectangle"] if shape == "square" else [shape]


def solve(screen: Screen) -> str:
    """The result of the sum on the screen, or the x that solves the equation. Raises `NotFound` if there is none."""
    text = _formula(screen)
    text = text.replace("×", "*").replace("−", "-").replace("–", "-").replace("÷", "/").replace("X", "x")
    term = r"(?:-?\d+|x)"
    found = re.search(rf"({term})\s*([-+*/])\s*({term})\s*=\s*({term})", text)
    if found and "x" in (found[1], found[3], found[4]):
        return _unknown(found[1], found[2], found[3], found[4])
    if found := re.search(r"(-?\d+)\s*([-+*/x])\s*(-?\d+)", text):
        result = _result(Fraction(found[1]), found[2].replace("x", "*"), Fraction(found[3]))
        return str(result if result.denominator > 1 else result.numerator)
    raise NotFound("a sum")


def _formula(screen: Screen) -> str:
    """Everything that is written, row by row, with the signs that were seen as drawings: a bar is a minus, two bars an equals sign."""
    unit = screen.unit
    bars = [e.box for e in screen.of("icon") if e.box.height < 0.35 * unit and e.box.width > 1.5 * e.box.height]
    signs = [(e.box, "+") for e in screen.of("icon") if e.shape == "plus"]
    for bar in bars:
        twins = [o for o in bars if o is not bar and abs(o.center.x - bar.center.x) < unit / 4 and abs(o.center.y - bar.center.y) < unit]
        if not twins:
            signs.append((bar, "-"))
        elif bar.top < twins[0].top:
            signs.append((bar, "="))
    pieces = [*signs, *((word.box, word.text) for line in screen.lines for word in line.words)]
    rows: list[list[tuple[Box, str]]] = []
    for box, text in sorted(pieces, key=lambda piece: piece[0].center.y):
        if rows and box.center.y - rows[-1][-1][0].center.y < 0.7 * unit:
            rows[-1].append((box, text))
        else:
            rows.append([(box, text)])
    return " ".join(text for row in rows for _, text in sorted(row, key=lambda piece: piece[0].left))


def _result(a: Fraction, sign: str, b: Fraction) -> Fraction:
    if sign == "/" and not b:
        raise NotFound("a sum with a result")
    return a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b


def _unknown(a: str, sign: str, b: str, c: str) -> str:
    if c == "x":
        return str(_result(Fraction(a), sign, Fraction(b)))
    back = {"+": "-", "-": "+", "*": "/", "/": "*"}[sign]
    if a == "x":
        return str(_result(Fraction(c), back, Fraction(b)))
    if sign in "+*":
        return str(_result(Fraction(c), back, Fraction(a)))
    return str(_result(Fraction(a), sign, Fraction(c)))
