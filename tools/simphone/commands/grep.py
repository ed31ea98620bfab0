"""grep and sed, and the regular expressions that they share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from handeye.tools.simphone.commands.arguments import Options, UsageFault, read_options
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.reading import lines_of, tree
from handeye.tools.simphone.files import FileFault

CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\s", "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9a-fA-F",
}  # fmt: skip


@lru_cache(maxsize=256)
def expression(pattern: str, extended: bool, fixed: bool, flags: int) -> re.Pattern[str]:
    """The regular expression of a POSIX pattern. Raises `UsageFault`."""
    text = re.escape(pattern) if fixed else translated(pattern, extended)
    try:
        return re.compile(text, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageFault(f"bad regex '{pattern}': {error}") from error


def translated(pattern: str, extended: bool) -> str:
    """A POSIX pattern as Python writes it: in basic ones, brackets, braces, `+`, `?` and `|` are special behind a backslash."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "[":
            end = pattern.find("]", at + (2 if pattern.startswith("^]", at) else 1))
            while end > 0 and pattern.rfind("[:", at, end) > pattern.rfind(":]", at, end):
                end = pattern.find("]", end + 2)
            if end < 0:
                raise UsageFault(f"bad regex '{pattern}': missing ]")
            inside = pattern[at:end].replace("\\", "\\\\")
            inside = re.sub(r"(?<=.)\[(?!:)|^\[(?!:)", r"\\[", inside)
            out.append("[" + re.sub(r"\[:(\w+):\]", lambda match: CLASSES.get(match[1], ""), inside).replace("]", r"\]") + "]")
            at = end + 1
        elif char == "\\" and at < len(pattern):
            following = pattern[at]
            at += 1
            if following in "(){}|+?" and not extended:
                out.append(following)
            else:
                out.append({"<": r"\b(?=\w)", ">": r"\b(?<=\w)"}.get(following, "\\" + following))
        elif char in "(){}|+?" and not extended:
            out.append("\\" + char)
        elif char == "*" and (not out or out[-1] in ("(", "|", "^")):
            out.append(r"\*")
        elif char == "{" and not re.match(r"\d*,?\d*\}", pattern[at:]):
            out.append(r"\{")
        else:
            out.append(char)
    return "".join(out)


@dataclass
class _Search:
    """What grep looks for, and how it tells."""

    options: Options
    tests: list[re.Pattern[str]]
    headed: bool = False
    before: int = 0
    after: int = 0
    most: int = 1 << 62
    found_any: bool = False

    def matches(self, line: str) -> bool:
        """Whether a line is one of those wanted."""
        whole = "x" in self.options
        hit = any((test.fullmatch(line) if whole else test.search(line)) is not None for test in self.tests)
        return hit != ("v" in self.options)


async def grep(call: Call) -> int:
    """Lines that fit a pattern."""
    options = read_options(call.arguments, valued="eABCmf", long_valued=("color", "include", "exclude"))
    rest = list(options.rest)
    patterns = options.values.get("e", [])
    if "f" in options:
        patterns = patterns + [
            line.decode("utf-8", "surrogateescape") for line in lines_of(call.phone.state.files.read(call.path(options.last("f"))))
        ]
    if not patterns:
        if not rest:
            call.complain("grep: no REGEX")
            return 2
        patterns = [rest.pop(0)]
    search = _prepared(call, options, patterns)
    names = rest or (["."] if "r" in options else ["-"])
    search.headed = ("H" in options or len(names) > 1 or "rR" in options) and "h" not in options
    faulty = False
    for name in names:
        if name == "-":
            await _stream(call, search)
            continue
        try:
            base = call.path(name)
            found = tree(call.phone.state.files, base) if "rR" in options else [(base, call.phone.state.files.need(base))]
        except FileFault as error:
            faulty = True
            if "s" not in options:
                call.complain(f"grep: {name}: {error}")
            continue
        for path, entry in found:
            if entry.data is not None:
                shown = name.rstrip("/") + path[len(base) :]
                _file(call, search, shown, [line.decode("utf-8", "surrogateescape") for line in lines_of(entry.data)])
            elif "rR" not in options:
                call.complain(f"grep: {name}: Is a directory")
    return 0 if search.found_any else 2 if faulty else 1


def _prepared(call: Call, options: Options, patterns: list[str]) -> _Search:
    name = call.argv[0].rpartition("/")[2]
    extended, fixed = "EP" in options or name == "egrep", "F" in options or name == "fgrep"
    flags = re.I if "iy" in options else 0
    texts = [line for pattern in patterns for line in pattern.split("\n")]
    tests = [expression(text, extended, fixed, flags) for text in texts]
    if "w" in options:
        tests = [re.compile(rf"(?<!\w)(?:{test.pattern})(?!\w)", flags) for test in tests]
    around = options.number("C", 0)
    most = options.number("m", 1 << 62)
    return _Search(options, tests, False, options.number("B", around), options.number("A", around), most)


async def _stream(call: Call, search: _Search) -> None:
    """The input: line by line as it comes, where nothing needs all of it."""
    if set("cABClL") & set(search.options.letters):
        lines = [line.decode("utf-8", "surrogateescape") for line in lines_of(await call.stdin.read())]
        _file(call, search, "(standard input)", lines)
        return
    found = number = 0
    while found < search.most and (line := await call.stdin.line()):
        number += 1
        text = line.decode("utf-8", "surrogateescape").removesuffix("\n")
        if search.matches(text):
            found += 1
            search.found_any = True
            if "q" in search.options:
                return
            _tell(call, search, "(standard input)", number, text, ":")
            await call.flush()


def _file(call: Call, search: _Search, name: str, lines: list[str]) -> None:
    options = search.options
    hits = [number for number, line in enumerate(lines) if search.matches(line)][: search.most]
    if hits and "L" not in options:
        search.found_any = True
    if "q" in options:
        return
    if "l" in options or "L" in options:
        if bool(hits) == ("l" in options):
            search.found_any = True
            call.say(name)
        return
    if "c" in options:
        call.say((f"{name}:" if search.headed else "") + str(len(hits)))
        return
    shown = -1
    wanted = set(hits)
    for number in hits:
        for at in range(max(shown + 1, number - search.before), min(len(lines), number + search.after + 1)):
            if shown >= 0 and at > shown + 1 and (search.before or search.after):
                call.say("--")
            shown = at
            _tell(call, search, name, at + 1, lines[at], ":" if at in wanted else "-")


def _tell(call: Call, search: _Search, name: str, number: int, line: str, mark: str) -> None:
    head = (f"{name}{mark}" if search.headed else "") + (f"{number}{mark}" if "n" in search.options else "")
    if "o" in search.options and "v" not in search.options:
        for test in search.tests:
            for match in test.finditer(line):
                if match[0]:
                    call.say(head + match[0])
    else:
        call.say(head + line)


@dataclass
class _Edit:
    """One command of sed."""

    first: str = ""
    """Address: a number, `$`, or a pattern; empty: every line."""
    last: str = ""
    negated: bool = False
    kind: str = ""
    pattern: re.Pattern[str] | None = None
    text: str = ""
    flags: str = ""
    inside: bool = field(default=False)


async def sed(call: Call) -> int:
    """Edit lines: s, d, p, q, a, i, c, y and =, with addresses."""
    options = read_options(call.arguments, valued="ef", long_valued=("expression",))
    rest = list(options.rest)
    scripts = options.values.get("e", []) + options.values.get("expression", [])
    if not scripts:
        if not rest:
            return call.complain('sed: Needs 1 argument (see "sed --help")')
        scripts = [rest.pop(0)]
    edits = _edits("\n".join(scripts), "rE" in options)
    files = call.phone.state.files
    if "i" not in options:
        data = b"".join([files.read(call.path(name)) for name in rest]) if rest else await call.stdin.read()
        call.out += _edited(data, edits, "n" in options)
        return 0
    for name in rest:
        files.write(call.path(name), _edited(files.read(call.path(name)), edits, "n" in options))
    return 0


def _edits(script: str, extended: bool) -> list[_Edit]:
    """Raises `UsageFault`."""
    found: list[_Edit] = []
    left = script
    address = r"(?:\d+|\$|/(?:\\.|[^/\\])*/)"
    while left := left.lstrip(" \t\n;"):
        edit = _Edit()
        match = re.match(rf"({address})?(?:,({address}))?\s*(!?)\s*([sdpqaicy=])", left, re.S)
        if match is None:
            raise UsageFault(f"bad pattern '{left}'")
        edit.first, edit.last, edit.negated, edit.kind = match[1] or "", match[2] or "", bool(match[3]), match[4]
        left = left[match.end() :]
        if edit.kind in "sy":
            mark = re.escape(left[:1])
            parts = (
                re.match(rf"{mark}((?:\\.|(?!{mark})[^\\])*){mark}((?:\\.|(?!{mark})[^\\])*){mark}([gpiI0-9]*)", left, re.S)
                if mark
                else None
            )
            if parts is None:
                raise UsageFault(f"bad pattern '{edit.kind}{left}'")
            left = left[parts.end() :]
            pattern = parts[1].replace("\\" + parts[0][0], parts[0][0]) if parts[0][0] not in "|(){}+?.*^$[]" else parts[1]
            edit.flags, edit.text = parts[3], parts[2]
            if edit.kind == "s":
                edit.pattern = expression(pattern, extended, False, re.I if set("iI") & set(parts[3]) else 0)
            else:
                edit.flags = pattern
        elif edit.kind in "aic":
            text, _, left = left.partition("\n")
            edit.text = text.lstrip().removeprefix("\\").lstrip()
        found.append(edit)
    return found


def _edited(data: bytes, edits: list[_Edit], quiet: bool) -> bytes:
    lines = [line.decode("utf-8", "surrogateescape") for line in lines_of(data)]
    out: list[str] = []
    for edit in edits:
        edit.inside = False
    for number, line in enumerate(lines, 1):
        text, behind, ended = _line(line, number, number == len(lines), edits, out)
        if text is not None and not quiet:
            out.append(text)
        out += behind
        if ended:
            break
    return "".join(line + "\n" for line in out).encode("utf-8", "surrogateescape")


def _line(line: str, number: int, is_last: bool, edits: list[_Edit], out: list[str]) -> tuple[str | None, list[str], bool]:
    """What becomes of a line, what follows it, and whether no other does."""
    behind: list[str] = []
    for edit in edits:
        if _addressed(edit, line, number, is_last) == edit.negated:
            continue
        if edit.kind == "s":
            line, hit = _substituted(edit, line)
            if hit and "p" in edit.flags:
                out.append(line)
        elif edit.kind == "y":
            line = line.translate(str.maketrans(edit.flags[: len(edit.text)], edit.text[: len(edit.flags)]))
        elif edit.kind == "d":
            return None, behind, False
        elif edit.kind == "c":
            return edit.text, behind, False
        elif edit.kind == "q":
            return line, behind, True
        elif edit.kind == "a":
            behind.append(edit.text)
        else:
            out.append({"p": line, "i": edit.text, "=": str(number)}[edit.kind])
    return line, behind, False


def _addressed(edit: _Edit, line: str, number: int, is_last: bool) -> bool:
    if not edit.first:
        return True
    if edit.inside:
        edit.inside = not (_at(edit.last, line, number, is_last) or (edit.last.isdecimal() and number >= int(edit.last)))
        return True
    hit = _at(edit.first, line, number, is_last)
    edit.inside = hit and bool(edit.last) and not (edit.last.isdecimal() and int(edit.last) <= number)
    return hit


def _at(address: str, line: str, number: int, is_last: bool) -> bool:
    if address == "$":
        return is_last
    if address.isdecimal():
        return number == int(address)
    return expression(address[1:-1].replace("\\/", "/"), False, False, 0).search(line) is not None


def _substituted(edit: _Edit, line: str) -> tuple[str, bool]:
    assert edit.pattern is not None
    count = re.search(r"\d+", edit.flags)
    wanted = int(count[0]) if count else 1
    seen = 0

    def one(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        if seen != wanted and not ("g" in edit.flags and seen > wanted):
            return match[0]
        return re.sub(r"\\(.)|&", lambda part: _replacement(part, match), edit.text, flags=re.S)

    line = edit.pattern.sub(one, line, count=0 if "g" in edit.flags else wanted)
    return line, seen >= wanted


def _replacement(part: re.Match[str], match: re.Match[str]) -> str:
    if part[0] == "&":
        return match[0]
    if part[1].isdecimal():
        index = int(part[1])
        return (match[index] or "") if index <= (match.re.groups or 0) else ""
    return {"n": "\n", "t": "\t"}.get(part[1], part[1])


COMMANDS: dict[str, Command] = {"egrep": grep, "fgrep": grep, "grep": grep, "sed": sed}
