"""Programs that read lines: head, tail, wc, sort, uniq, cut, tr, xargs, rev, ..."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from handeye.tools.simphone.commands.arguments import Options, read_options
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.printf import unescaped
from handeye.tools.simphone.commands.reading import each_input, lines_of

COPY_BYTES = 1 << 16
"""After so many bytes a program that copies hands them on."""
MOST_ARGUMENTS = 10_000
"""That xargs gives a program at once."""


async def head(call: Call) -> int:
    """The first lines or bytes."""
    options = read_options(_dashed_number(call.arguments), valued="nc")
    several = len(options.rest) > 1 and "q" not in options
    count = options.number("c" if "c" in options else "n", 10)
    if not options.rest or options.rest == ["-"]:
        return await _head_of_input(call, options, count)
    found = 0
    async for name, data in each_input(call, options.rest):
        if several:
            call.say(("\n" if found else "") + f"==> {name} <==")
        found += 1
        if "c" in options:
            call.out += data[:count] if count >= 0 else data[: len(data) + count]
        else:
            lines = data.splitlines(keepends=True) if b"\r" not in data else re.findall(rb"[^\n]*\n|[^\n]+", data)
            call.out += b"".join(lines[:count])
    return int(found < len(options.rest))


async def _head_of_input(call: Call, options: Options, count: int) -> int:
    """No more is read than is wanted, so that `yes | head` ends."""
    if "c" in options:
        call.out += await call.stdin.read(max(0, count)) if count >= 0 else (await call.stdin.read())[:count]
        return 0
    if count < 0:
        call.out += b"".join(line + b"\n" for line in lines_of(await call.stdin.read())[:count])
        return 0
    for _ in range(count):
        line = await call.stdin.line()
        if not line:
            break
        call.out += line
        if len(call.out) > COPY_BYTES:
            await call.flush()
    return 0


def _dashed_number(arguments: list[str]) -> list[str]:
    """`-5` is `-n 5`."""
    return [f"-n{argument[1:]}" if re.fullmatch(r"-\d+", argument) else argument for argument in arguments]


async def tail(call: Call) -> int:
    """The last lines or bytes, or (+N) those from the Nth on."""
    options = read_options(_dashed_number(call.arguments), valued="ncs")
    several = len(options.rest) > 1 and "q" not in options
    letter = "c" if "c" in options else "n"
    count = abs(options.number(letter, 10))
    from_start = options.last(letter).startswith("+")
    found = 0
    async for name, data in each_input(call, options.rest):
        if several:
            call.say(("\n" if found else "") + f"==> {name} <==")
        found += 1
        pieces = [data[at : at + 1] for at in range(len(data))] if letter == "c" else re.findall(rb"[^\n]*\n|[^\n]+", data)
        call.out += b"".join(pieces[max(0, count - 1) :] if from_start else pieces[-count:] if count else [])
    return int(found < len(options.rest))


async def wc(call: Call) -> int:
    """Lines, words, bytes."""
    options = read_options(call.arguments)
    wanted = [letter for letter in "lwmc" if letter in options.letters] or list("lwc")
    totals = dict.fromkeys("lwmc", 0)
    found = 0
    async for name, data in each_input(call, options.rest):
        counts = {"l": data.count(b"\n"), "w": len(data.split()), "m": len(data.decode("utf-8", "replace")), "c": len(data)}
        totals = {letter: totals[letter] + counts[letter] for letter in totals}
        found += 1
        call.say(" ".join([*(str(counts[letter]) for letter in wanted), *([name] if name != "-" else [])]))
    if found > 1:
        call.say(" ".join([*(str(totals[letter]) for letter in wanted), "total"]))
    return int(found < len(options.rest))


async def sort(call: Call) -> int:
    """Lines in order."""
    options = read_options(call.arguments, valued="kto")
    lines = [line for _, data in [item async for item in each_input(call, options.rest)] for line in lines_of(data)]
    key = _sort_key(options)
    lines.sort(key=key, reverse="r" in options)
    if "u" in options:
        lines = [next(group) for _, group in groupby(lines, key)]
    data = b"".join(line + b"\n" for line in lines)
    if "o" in options:
        call.phone.state.files.write(call.path(options.last("o")), data)
    else:
        call.out += data
    return 0


def _sort_key(options: Options) -> Callable[[bytes], tuple[float, bytes]]:
    separator = options.last("t").encode() or None
    spec = re.match(r"(\d+)(?:\.\d+)?([a-z]*)(?:,(\d+))?", options.last("k"))
    numeric = "ng" in options or (spec is not None and "n" in spec[2])

    def key(line: bytes) -> tuple[float, bytes]:
        if spec is not None:
            parts = line.split(separator)
            line = (separator or b" ").join(parts[int(spec[1]) - 1 : int(spec[3]) if spec[3] else None])
        if "f" in options:
            line = line.upper()
        number = re.match(rb"\s*(-?\d+\.?\d*)", line) if numeric else None
        return (float(number[1]) if number else 0.0, b"" if numeric and "u" in options else line)

    return key


async def uniq(call: Call) -> int:
    """Lines that repeat the one before are left out."""
    options = read_options(call.arguments, valued="fsw")
    async for _, data in each_input(call, options.rest[:1]):
        for _, group in groupby(lines_of(data), key=lambda line: line.lower() if "i" in options else line):
            same = list(group)
            if ("d" in options and len(same) < 2) or ("u" in options and len(same) > 1):
                continue
            call.out += (f"{len(same):7d} ".encode() if "c" in options else b"") + same[0] + b"\n"
    return 0


async def cut(call: Call) -> int:
    """Parts of lines: `-d, -f1,3-` or `-c2-5`."""
    options = read_options(call.arguments, valued="dfcb")
    letter = next((letter for letter in "fcb" if letter in options), "")
    if not letter:
        return call.complain("cut: Needs -fcb")
    ranges = []
    for piece in options.last(letter).split(","):
        match = re.fullmatch(r"(\d*)(-?)(\d*)", piece)
        if match is None or not (match[1] or match[3]):
            return call.complain(f"cut: bad range '{piece}'")
        first = int(match[1] or 1)
        ranges.append((first - 1, (int(match[3]) if match[3] else 1 << 30) if match[2] else first))
    separator = options.last("d", "\t").encode("utf-8", "surrogateescape")
    code = 0
    async for _, data in each_input(call, options.rest):
        for line in lines_of(data):
            parts = line.split(separator) if letter == "f" else [line[at : at + 1] for at in range(len(line))]
            if letter == "f" and len(parts) == 1:
                kept = [] if "s" in options else parts
            else:
                kept = [part for at, part in enumerate(parts) if any(first <= at < last for first, last in ranges)]
            if kept or "s" not in options:
                call.out += (separator if letter == "f" else b"").join(kept) + b"\n"
    return code


async def tr(call: Call) -> int:
    """Characters for others, or without them (-d), or repeated ones once (-s)."""
    options = read_options(call.arguments)
    sets = [_character_set(word) for word in options.rest]
    if not sets:
        return call.complain('tr: Needs 1 argument (see "tr --help")')
    data = (await call.stdin.read()).decode("utf-8", "surrogateescape")
    first = sets[0]

    def inside(char: str) -> bool:
        return (char in first) != ("cC" in options)

    if "d" in options:
        data = "".join(char for char in data if not inside(char))
    elif len(sets) > 1 and sets[1]:
        other = sets[1]
        swap = {char: other[min(at, len(other) - 1)] for at, char in reversed(list(enumerate(first)))}
        data = "".join((other[-1] if "cC" in options else swap[char]) if inside(char) else char for char in data)
    if "s" in options:
        squeezed = sets[-1]
        data = "".join(char for at, char in enumerate(data) if not (at and data[at - 1] == char and char in squeezed))
    call.out += data.encode("utf-8", "surrogateescape")
    return 0


def _character_set(text: str) -> str:
    named = {"upper": "A-Z", "lower": "a-z", "digit": "0-9", "alpha": "A-Za-z", "alnum": "A-Za-z0-9", "space": " \\t\\n\\r\\v\\f"}
    named["punct"] = "!-/:-@[-`{-~"
    text = unescaped(re.sub(r"\[:(\w+):\]", lambda match: named.get(match[1], ""), text), quotes=True)[0]
    return re.sub(r"(.)-(.)", _range, text, flags=re.S)


def _range(match: re.Match[str]) -> str:
    first, last = ord(match[1]), ord(match[2])
    return "".join(chr(code) for code in range(first, min(last, first + 255) + 1))


async def xargs(call: Call) -> int:
    """The words of the input as arguments of a program."""
    options = read_options(call.arguments, valued="nILPsd", permute=False)
    if call.run is None:
        return 1
    text = (await call.stdin.read()).decode("utf-8", "surrogateescape")
    program = options.rest or ["echo"]
    if "0" in options.letters:
        words = [word for word in text.split("\0") if word]
    elif "I" in options:
        words = [line.strip() for line in text.splitlines() if line.strip()]
    else:
        words = [re.sub(r"""(['"])(.*?)\1|\\(.)""", r"\2\3", word) for word in re.findall(r"""(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+""", text)]
    if not words and ("r" in options or "I" in options):
        return 0
    if "I" in options:
        calls = [[part.replace(options.last("I"), word) for part in program] for word in words]
    else:
        size = max(1, options.number("n", MOST_ARGUMENTS))
        calls = [[*program, *words[at : at + size]] for at in range(0, max(1, len(words)), size)]
    code = 0
    for argv in calls:
        result = await call.run(argv, b"")
        if result:
            code = 123 if result < 126 else result
    return code


async def rev(call: Call) -> int:
    """Lines, or with `tac` their order, back to front."""
    options = read_options(call.arguments)
    async for _, data in each_input(call, options.rest):
        lines = lines_of(data)
        if call.argv[0].endswith("tac"):
            lines.reverse()
        else:
            lines = [line.decode("utf-8", "surrogateescape")[::-1].encode("utf-8", "surrogateescape") for line in lines]
        call.out += b"".join(line + b"\n" for line in lines)
    return 0


async def number_lines(call: Call) -> int:
    """`nl`: numbers before lines."""
    async for _, data in each_input(call, read_options(call.arguments, valued="bw").rest):
        for number, line in enumerate(lines_of(data), 1):
            call.out += f"{number:6d}\t".encode() + line + b"\n"
    return 0


COMMANDS: dict[str, Command] = {
    "cut": cut,
    "head": head,
    "nl": number_lines,
    "rev": rev,
    "sort": sort,
    "tac": rev,
    "tail": tail,
    "tr": tr,
    "uniq": uniq,
    "wc": wc,
    "xargs": xargs,
}
