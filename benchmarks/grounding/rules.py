"""Scoring rules by name. Each judges one answer to one kind of target; its docstring gives its source.

A benchmark is scored by one rule for each kind of target (`BoxTarget`, `PolygonTarget`, `RefusalTarget`), and every report names them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from handeye.benchmarks.grounding.sample import BoxTarget, PolygonTarget, RefusalTarget, Target
from handeye.tools.errors import InvalidAction

Verdict: TypeAlias = Literal["right", "wrong place", "wrong format", "refused rightly", "refused wrongly"]
VERDICTS: tuple[Verdict, ...] = ("right", "wrong place", "wrong format", "refused rightly", "refused wrongly")
CORRECT: frozenset[Verdict] = frozenset({"right", "refused rightly"})

ROUNDING = 1e-6
"""Pixels. Boxes and points that went through 0..1 come back a rounding beside where they were: on the edge is still on the edge."""


@dataclass(frozen=True)
class Pointed:
    """The model named a place, in pixels of the image; it may lie outside of it."""

    x: float
    y: float


@dataclass(frozen=True)
class Boxed:
    """The model named a box by two corners, in pixels of the image."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> Pointed:
        """Its middle."""
        return Pointed((self.left + self.right) / 2, (self.top + self.bottom) / 2)


@dataclass(frozen=True)
class Outside:
    """The model named a place beyond the image, and the dialect that read it kept only that."""


@dataclass(frozen=True)
class Refused:
    """The model said that nothing on the screen is meant."""


@dataclass(frozen=True)
class Unreadable:
    """No place could be read from the reply."""

    why: str


Answer: TypeAlias = Pointed | Boxed | Outside | Refused | Unreadable


def inclusive(target: Target, answer: Answer) -> Verdict:
    """A point is right from edge to edge of the box, both edges included; a box is no answer.

    Sources: njucckevin/SeeClick:pretrain/screenspot_test.py, likaixin2000/ScreenSpot-Pro-GUI-Grounding:eval_screenspot_pro.py,
    Tongyi-MAI/MAI-UI:evaluation/grounding.
    """
    if isinstance(answer, Boxed):
        return "wrong format"
    return centre_of_box(target, answer)


def centre_of_box(target: Target, answer: Answer) -> Verdict:
    """As `inclusive`, where a box that the model gives is taken for its centre.

    Sources: njucckevin/SeeClick:pretrain/screenspot_test.py; ScreenSpot-Pro's models/qwen2_5vl.py for four numbers.
    """
    assert isinstance(target, BoxTarget)
    if not isinstance(answer, Pointed | Boxed):
        return _without_place(answer)
    point = answer.centre if isinstance(answer, Boxed) else answer
    across = target.left - ROUNDING <= point.x <= target.right + ROUNDING
    return "right" if across and target.top - ROUNDING <= point.y <= target.bottom + ROUNDING else "wrong place"


def polygon(target: Target, answer: Answer) -> Verdict:
    """A point (of a box its centre) is right inside of the polygon, by casting a ray to the right and counting edges.

    Source: xlang-ai/OSWorld-G's own evaluation. Points exactly on an edge fall to one of the two sides, as usual with this method.
    """
    assert isinstance(target, PolygonTarget)
    if not isinstance(answer, Pointed | Boxed):
        return _without_place(answer)
    point = answer.centre if isinstance(answer, Boxed) else answer
    inside, (before_x, before_y) = False, target.vertices[-1]
    for x, y in target.vertices:
        if (y > point.y) != (before_y > point.y) and point.x < (before_x - x) * (point.y - y) / (before_y - y) + x:
            inside = not inside
        before_x, before_y = x, y
    return "right" if inside else "wrong place"


def first_four(target: Target, answer: Answer) -> Verdict:
    """A polygon judged by the first four numbers of its damaged row as if they were a box: x1, y1, x1 + x2, y1 + y2.

    Source: Tongyi-MAI/MAI-UI:evaluation/grounding (its data and scorer together). Kept to reproduce numbers that were published so; it
    misjudges these 40 rows of OSWorld-G.
    """
    assert isinstance(target, PolygonTarget)
    (x1, y1), (x2, y2) = target.vertices[:2]
    return centre_of_box(BoxTarget(x1, y1, x1 + x2, y1 + y2), answer)


def refusal(target: Target, answer: Answer) -> Verdict:
    """Where nothing is meant, only a refusal is right: any place is wrong, and so is a reply that cannot be read.

    Sources: xlang-ai/OSWorld-G's own evaluation, lmms-eval's osworld_g.
    """
    assert isinstance(target, RefusalTarget)
    if isinstance(answer, Refused):
        return "refused rightly"
    return "wrong format" if isinstance(answer, Unreadable) else "wrong place"


def _without_place(answer: Answer) -> Verdict:
    if isinstance(answer, Outside):
        return "wrong place"
    return "refused wrongly" if isinstance(answer, Refused) else "wrong format"


Rule: TypeAlias = Callable[[Target, Answer], Verdict]

RULES: Mapping[str, tuple[type[Target], Rule]] = {
    "inclusive": (BoxTarget, inclusive),
    "centre-of-box": (BoxTarget, centre_of_box),
    "polygon": (PolygonTarget, polygon),
    "first-four": (PolygonTarget, first_four),
    "refusal": (RefusalTarget, refusal),
}
"""Every rule, and the kind of target that it judges."""

DEFAULT_RULES = ("centre-of-box", "polygon", "refusal")


@dataclass(frozen=True)
class Rules:
    """One rule for each kind of target."""

    names: tuple[str, ...]

    def judge(self, target: Target, answer: Answer) -> Verdict:
        """The verdict on `answer`."""
        (rule,) = (rule for kind, rule in (RULES[name] for name in self.names) if isinstance(target, kind))
        return rule(target, answer)

    def used_for(self, targets: Sequence[Target]) -> tuple[str, ...]:
        """Names of the rules that judge these targets."""
        kinds = {type(target) for target in targets}
        return tuple(name for name in self.names if RULES[name][0] in kinds)


def choose_rules(names: Sequence[str] = ()) -> Rules:
    """The default rules, each of `names` in the place of the one that judges the same kind of target.

    Raises `InvalidAction` for a name that does not exist, and for two rules for one kind of target.
    """
    chosen = {RULES[name][0]: name for name in DEFAULT_RULES}
    given = dict[type[Target], str]()
    for name in names:
        if name not in RULES:
            raise InvalidAction(f"there is no rule {name!r}; choose of {', '.join(RULES)}")
        kind = RULES[name][0]
        if given.setdefault(kind, name) != name:
            raise InvalidAction(f"the rules {given[kind]} and {name} both judge the same kind of target: give one of them")
    return Rules(tuple((chosen | given).values()))
