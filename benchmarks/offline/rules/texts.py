"""How alike two texts are, as the rules measure it."""

from __future__ import annotations


def token_f1(left: str, right: str) -> float:
    """F1 of the two sets of words, without case; 0 where one has none (OS-Copilot/OS-Atlas: calculate_f1_score)."""
    mine, theirs = set(left.lower().split()), set(right.lower().split())
    common = len(mine & theirs)
    return 0.0 if not common else 2 * common / (len(mine) + len(theirs))


def similarity(left: str, right: str) -> float:
    """Levenshtein's ratio: 1 less the insertions and deletions for each character of both; 1 for two empty texts.

    The same number as `Levenshtein.ratio`, on which CoAT relies.
    """
    from rapidfuzz.distance import Indel

    return float(Indel.normalized_similarity(left, right))


def edit_distance(left: str, right: str) -> int:
    """Levenshtein's distance: insertions, deletions and exchanges, one each."""
    from rapidfuzz.distance import Levenshtein

    return int(Levenshtein.distance(left, right))
