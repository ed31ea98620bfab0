"""Small programs: echo, test, date, id, sleep, which, ..."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime

from handeye.tools.simphone.commands.arguments import read_options
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.printf import PrintfFault, formatted, unescaped
from handeye.tools.simphone.commands.registry import find_program, programs
from handeye.tools.simphone.files import FileFault
from handeye.tools.simphone.shell.arithmetic import ArithmeticFault, evaluate, number

MOST_OUTPUT = 1 << 20
"""Bytes between two flushes of a program that writes for long."""
SHELL_GROUPS = "1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),3001(net_bt_admin),3002(net_bt),3003(inet)"


async def true(call: Call) -> int:
    """Succeeds."""
    return 0


async def false(call: Call) -> int:
    """Fails."""
    return 1


async def echo(call: Call) -> int:
    """Arguments, with escapes as mksh has them."""
    arguments = list(call.arguments)
    newline, escapes = True, True
    while arguments and re.fullmatch(r"-[neE]+", arguments[0]):
        option = arguments.pop(0)
        newline = newline and "n" not in option
        escapes = "E" not in option and (escapes or "e" in option)
    text = " ".join(arguments)
    if escapes:
        text, goes_on = unescaped(text)
        newline = newline and goes_on
    call.out += text.encode("utf-8", "surrogateescape") + (b"\n" if newline else b"")
    return 0


async def printf(call: Call) -> int:
    """Arguments in a format."""
    if not call.arguments:
        return call.complain('printf: Needs 1 argument (see "printf --help")')
    try:
        call.out += formatted(call.arguments[0], call.arguments[1:]).encode("utf-8", "surrogateescape")
    except PrintfFault as error:
        return call.complain(f"printf: {error}")
    return 0


async def test(call: Call) -> int:
    """`test` and `[`: 0 when the expression holds, 1 when not, 2 when it is none."""
    words = list(call.arguments)
    name = call.argv[0]
    if name in ("[", "[[") and (not words or words.pop() != "]" * len(name)):
        call.complain(f"{name}: missing {']' * len(name)}")
        return 2
    try:
        value = _either(call, words) if words else False
        if words:
            raise ValueError(f"{words[0]}: unexpected operator/operand")
    except ValueError as error:
        call.complain(f"/system/bin/sh: {name}: {error}")
        return 2
    return int(not value)


def _either(call: Call, words: list[str]) -> bool:
    value = _both(call, words)
    while words and words[0] == "-o":
        words.pop(0)
        value = _both(call, words) or value
    return value


def _both(call: Call, words: list[str]) -> bool:
    value = _single(call, words)
    while words and words[0] == "-a":
        words.pop(0)
        value = _single(call, words) and value
    return value


def _single(call: Call, words: list[str]) -> bool:
    if not words:
        raise ValueError("expression expected")
    if len(words) >= 3 and words[1] in BINARY:
        left, operator, right = words[:3]
        del words[:3]
        return BINARY[operator](call, left, right)
    word = words.pop(0)
    if word == "!" and words:
        return not _single(call, words)
    if word == "(" and words:
        value = _either(call, words)
        if not words or words.pop(0) != ")":
            raise ValueError("missing )")
        return value
    if word in UNARY and words:
        return UNARY[word](call, words.pop(0))
    return bool(word)


def _integer(text: str) -> int:
    if not re.fullmatch(r"\s*[-+]?\d+\s*", text):
        raise ValueError(f"{text}: bad number")
    return number(text)


def _mtime(call: Call, name: str) -> int:
    entry = call.phone.state.files.get(call.path(name))
    return -1 if entry is None else entry.mtime


def _kind(wanted: Callable[[bool, int, int], bool]) -> Callable[[Call, str], bool]:
    def check(call: Call, name: str) -> bool:
        try:
            entry = call.phone.state.files.get(call.path(name)) if name else None
        except FileFault:
            entry = None
        return entry is not None and wanted(entry.is_folder, len(entry.data or b""), entry.mode)

    return check


UNARY: dict[str, Callable[[Call, str], bool]] = {
    "-d": _kind(lambda folder, size, mode: folder),
    "-f": _kind(lambda folder, size, mode: not folder),
    "-e": _kind(lambda folder, size, mode: True),
    "-a": _kind(lambda folder, size, mode: True),
    "-s": _kind(lambda folder, size, mode: folder or size > 0),
    "-r": _kind(lambda folder, size, mode: True),
    "-w": _kind(lambda folder, size, mode: True),
    "-x": _kind(lambda folder, size, mode: bool(mode & 0o111)),
    "-L": lambda call, name: name.rstrip("/") in ("/sdcard", "/mnt/sdcard"),
    "-h": lambda call, name: name.rstrip("/") in ("/sdcard", "/mnt/sdcard"),
    "-n": lambda call, text: bool(text),
    "-z": lambda call, text: not text,
    "-t": lambda call, text: False,
}
BINARY: dict[str, Callable[[Call, str, str], bool]] = {
    "=": lambda call, a, b: a == b,
    "==": lambda call, a, b: a == b,
    "!=": lambda call, a, b: a != b,
    "<": lambda call, a, b: a < b,
    ">": lambda call, a, b: a > b,
    "-eq": lambda call, a, b: _integer(a) == _integer(b),
    "-ne": lambda call, a, b: _integer(a) != _integer(b),
    "-lt": lambda call, a, b: _integer(a) < _integer(b),
    "-le": lambda call, a, b: _integer(a) <= _integer(b),
    "-gt": lambda call, a, b: _integer(a) > _integer(b),
    "-ge": lambda call, a, b: _integer(a) >= _integer(b),
    "-nt": lambda call, a, b: _mtime(call, a) > _mtime(call, b),
    "-ot": lambda call, a, b: _mtime(call, a) < _mtime(call, b),
}


async def date(call: Call) -> int:
    """The phone's time; `date MMDDhhmm[[CC]YY][.SS]`, `-s TEXT` and `@SECONDS` set it."""
    options = read_options(call.arguments, valued="dsDr")
    clock = call.phone.state.clock
    zone = UTC if "u" in options else clock.now.tzinfo
    when = clock.now.astimezone(zone)
    wanted = "%a %b %e %H:%M:%S %Z %Y"
    try:
        if "d" in options:
            when = _parsed_date(options.last("d"), when)
        if "r" in options:
            when = datetime.fromtimestamp(call.phone.state.files.need(call.path(options.last("r"))).mtime, zone)
        for argument in options.rest:
            if argument.startswith("+"):
                wanted = argument[1:]
            else:
                when = _set_clock(call, _parsed_date(argument, when))
        if "s" in options:
            when = _set_clock(call, _parsed_date(options.last("s"), when))
    except (ValueError, OverflowError):
        return call.complain(f"date: bad date '{options.last('s') or options.last('d') or ' '.join(options.rest)}'")
    day = f"{when.day:2d}"
    milli = f"{when.microsecond // 1000:03d}"
    text = wanted.replace("%e", day).replace("%s", str(int(when.timestamp()))).replace("%N", f"{when.microsecond * 1000:09d}")
    call.say(when.strftime(text.replace("%3N", milli)))
    return 0


def _set_clock(call: Call, when: datetime) -> datetime:
    call.phone.state.clock.set(round(when.timestamp() * 1000))
    call.phone.state.changed("clock")
    return when


def _parsed_date(text: str, now: datetime) -> datetime:
    """Raises `ValueError`."""
    if text.startswith("@"):
        return datetime.fromtimestamp(float(text[1:]), now.tzinfo)
    digits = re.fullmatch(r"(\d{2})(\d{2})(\d{2})(\d{2})(\d{2}|\d{4})?(?:\.(\d{2}))?", text)
    if digits:
        month, day, hour, minute = (int(digits[at]) for at in range(1, 5))
        year = now.year if digits[5] is None else int(digits[5]) + (2000 if len(digits[5]) == 2 else 0)
        return datetime(year, month, day, hour, minute, int(digits[6] or 0), tzinfo=now.tzinfo)
    packed = re.fullmatch(r"(\d{8})\.(\d{6})", text)
    when = datetime.strptime("".join(packed.groups()), "%Y%m%d%H%M%S") if packed else datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=now.tzinfo)


async def sleep(call: Call) -> int:
    """Wait so long, in real time."""
    seconds = 0.0
    for argument in call.arguments:
        match = re.fullmatch(r"(\d{0,9}\.?\d{0,9})([smhd]?)", argument)
        if match is None or not match[1].strip("."):
            return call.complain(f"sleep: bad time '{argument}'")
        seconds += float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]
    await call.flush()
    await _pass(seconds)
    return 0


async def _pass(seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()
    except TimeoutError:
        return


async def timeout(call: Call) -> int:
    """Run a program for at most so long; 124 when that was not enough."""
    options = read_options(call.arguments, valued="ks", permute=False)
    if len(options.rest) < 2 or call.run is None:
        return call.complain('timeout: Needs 2 arguments (see "timeout --help")')
    try:
        seconds = float(options.rest[0].rstrip("s"))
    except ValueError:
        return call.complain(f"timeout: bad time '{options.rest[0]}'")
    try:
        async with asyncio.timeout(seconds or None):
            return await call.run(options.rest[1:], None)
    except TimeoutError:
        return 124


async def whoami(call: Call) -> int:
    """root, or shell after `adb unroot`."""
    call.say("root" if call.phone.state.facts.rooted else "shell")
    return 0


async def identity(call: Call) -> int:
    """`id`."""
    options = read_options(call.arguments)
    uid, user = (0, "root") if call.phone.state.facts.rooted else (2000, "shell")
    if "ug" in options:
        call.say(user if "n" in options else str(uid))
    else:
        call.say(f"uid={uid}({user}) gid={uid}({user}) groups={uid}({user}),{SHELL_GROUPS} context=u:r:{'su' if uid == 0 else 'shell'}:s0")
    return 0


async def uname(call: Call) -> int:
    """The kernel, as a phone's."""
    options = read_options(call.arguments)
    parts = {"s": "Linux", "n": "localhost", "r": "5.15.41-android13", "v": "#1 SMP PREEMPT", "m": "x86_64", "o": "Toybox"}
    wanted = "snrvmo" if "a" in options else "".join(letter for letter in parts if letter in options.letters) or "s"
    call.say(" ".join(parts[letter] for letter in wanted))
    return 0


async def which(call: Call) -> int:
    """Where programs lie."""
    code = 0
    for name in read_options(call.arguments).rest:
        if find_program(name) is None:
            code = 1
        else:
            call.say(f"/system/bin/{name.rpartition('/')[2]}")
    return code


async def env(call: Call) -> int:
    """The variables; or run a program with some more."""
    options = read_options(call.arguments, valued="u", permute=False)
    rest = list(options.rest)
    extra: list[str] = []
    while rest and re.fullmatch(r"[A-Za-z_]\w*=.*", rest[0], re.S):
        extra.append(rest.pop(0))
    if rest and call.run is not None:
        return await call.run(["export", *extra], None) or await call.run(rest, None)
    for name, value in {**({} if "i" in options else call.variables), **dict(word.split("=", 1) for word in extra)}.items():
        call.say(f"{name}={value}")
    return 0


async def toybox(call: Call) -> int:
    """`toybox NAME ARGUMENT...`: another name for each program."""
    if not call.arguments:
        call.say(" ".join(sorted(programs())))
        return 0
    if call.run is None or find_program(call.arguments[0]) is None:
        return call.complain(f"toybox: Unknown command {call.arguments[0]}")
    return await call.run(call.arguments, None)


async def expr(call: Call) -> int:
    """Arithmetic, and `STRING : PATTERN`."""
    words = call.arguments
    if len(words) == 3 and words[1] == ":":
        match = re.match(re.sub(r"\\([(){}|])", r"\1", words[2]), words[0])
        value = "0" if match is None else match[1] if match.groups() else str(match.end())
    elif len(words) == 3 and words[1] in ("=", "!="):
        value = str(int((words[0] == words[2]) == (words[1] == "=")))
    else:
        try:
            value = str(evaluate(" ".join(words), {})) if len(words) > 1 else (words or [""])[0]
        except ArithmeticFault:
            call.complain("expr: bad expression")
            return 2
    call.say(value)
    return int(value in ("", "0"))


async def seq(call: Call) -> int:
    """Numbers in a row."""
    options = read_options([word for word in call.arguments if not re.fullmatch(r"-\d.*", word)], valued="fs")
    words = [word for word in call.arguments if re.fullmatch(r"[-+]?\d+(\.\d+)?", word)]
    if not 1 <= len(words) <= 3:
        return call.complain('seq: Needs 1 argument (see "seq --help")')
    first, step, last = ["1", "1", *words] if len(words) == 1 else [words[0], "1", words[1]] if len(words) == 2 else words
    at, stride, end = float(first), float(step), float(last)
    while stride and (at <= end if stride > 0 else at >= end):
        call.say(f"{at:g}" if options.last("f") == "" else formatted(options.last("f"), [f"{at:g}"]))
        at += stride
        if len(call.out) > MOST_OUTPUT:
            await call.flush()
    return 0


async def yes(call: Call) -> int:
    """The same line for ever."""
    line = (" ".join(call.arguments) or "y").encode("utf-8", "surrogateescape") + b"\n"
    while True:
        call.out += line * 1000
        await call.flush()


COMMANDS: dict[str, Command] = {
    "[": test,
    "[[": test,
    "date": date,
    "echo": echo,
    "env": env,
    "expr": expr,
    "false": false,
    "id": identity,
    "printenv": env,
    "printf": printf,
    "seq": seq,
    "sleep": sleep,
    "test": test,
    "timeout": timeout,
    "toybox": toybox,
    "true": true,
    "uname": uname,
    "which": which,
    "whoami": whoami,
    "yes": yes,
}
