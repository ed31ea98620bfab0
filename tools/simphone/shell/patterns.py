"""Patterns with `*`, `?` and `[...]`, and the files that they stand for."""

from __future__ import annotations

import re
from functools import lru_cache

from handeye.tools.simphone.files import FileFault, FileTree

SPECIAL = frozenset("*?[")
ESCAPE = "\ue000"
"""Stands before a character of a pattern that means only itself (a private one of Unicode, which no path has)."""


def escaped(text: str) -> str:
    """Text in which no character is special in a pattern."""
    return "".join(ESCAPE + char if char in "*?[]!-" else char for char in text)


def plain(pattern: str) -> str:
    """The pattern as text, for when it stands for nothing else."""
    return pattern.replace(ESCAPE, "")


def is_pattern(pattern: str) -> bool:
    """Whether some character is special."""
    return any(char in SPECIAL and pattern[at - 1 : at] != ESCAPE for at, char in enumerate(pattern))


@lru_cache(maxsize=256)
def compiled(pattern: str, lazy: bool = False) -> re.Pattern[str]:
    """The regular expression of a pattern; `lazy`: stars take as little as they can."""
    out: list[str] = []
    at = 0
    star = ".*?" if lazy else ".*"
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == ESCAPE:
            out.append(re.escape(pattern[at : at + 1]))
            at += 1
        elif char == "*":
            if not out or out[-1] != star:
                out.append(star)
        elif char == "?":
            out.append(".")
        elif char == "[" and (end := pattern.find("]", at + 1 + (pattern[at : at + 1] in ("!", "^")))) > 0:
            inside = pattern[at:end].replace(ESCAPE, "")
            negated = inside[:1] in ("!", "^")
            out.append("[" + ("^" if negated else "") + _set(inside[negated:]) + "]")
            at = end + 1
        else:
            out.append(re.escape(char))
    try:
        return re.compile("".join(out), re.S)
    except re.error:
        return re.compile(re.escape(plain(pattern)))


def _set(inside: str) -> str:
    named = {"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s"}
    inside = re.sub(r"[\\\[\]^&~|]", r"\\\g<0>", inside)
    return re.sub(r"\\\[:(\w+):\\?\]?", lambda match: named.get(match[1], ""), inside)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text fits."""
    return compiled(pattern).fullmatch(text) is not None


def matching_paths(files: FileTree, pattern: str, cwd: str) -> list[str]:
    """The paths that fit, sorted; none when nothing does."""
    absolute = pattern.startswith("/")
    found = ["/" if absolute else ""]
    for step in [step for step in pattern.split("/") if step]:
        following: list[str] = []
        for base in found:
            if not is_pattern(step):
                name = plain(step)
                if files.get(_there(files, base, cwd, name)) is not None:
                    following.append(base + name)
                continue
            try:
                names = files.children(files.real(base or ".", cwd))
            except FileFault:
                continue
            hidden = plain(step).startswith(".")
            following += [base + name for name in names if fits(step, name) and (hidden or not name.startswith("."))]
        found = [path + "/" for path in following]
    tail = "/" if pattern.endswith("/") else ""
    return sorted(path.rstrip("/") + tail for path in found)


def _there(files: FileTree, base: str, cwd: str, name: str) -> str:
    try:
        return files.real(f"{base}{name}", cwd)
    except FileFault:
        return "/\ue000"
