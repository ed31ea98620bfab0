"""Programs that tell of files: ls, find, stat, ..."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from datetime import datetime
from posixpath import basename, dirname

from handeye.tools.simphone.commands.arguments import Options, read_options
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.reading import tree
from handeye.tools.simphone.files import LINKS, Entry, FileFault
from handeye.tools.simphone.shell.patterns import fits

LINK_MODE = stat.S_IFLNK | 0o777


async def ls(call: Call) -> int:
    """List files. As on a phone, where the output is no terminal each name has its own line."""
    options = read_options(call.arguments, long_valued=("color",))
    files = call.phone.state.files
    code = 0
    singles: list[tuple[str, Entry]] = []
    folders: list[str] = []
    for name in options.rest or ["."]:
        try:
            entry = files.need(call.path(name))
        except FileFault as error:
            code = call.complain(f"ls: {name}: {error}")
            continue
        linked = name.rstrip("/") in LINKS and not name.endswith("/") and "l" in options
        if entry.is_folder and "d" not in options and not linked:
            folders.append(name)
        else:
            singles.append((name, Entry(b"", LINK_MODE, entry.mtime) if linked else entry))
    _print(call, options, singles)
    several = len(options.rest) > 1 or "R" in options
    for at, name in enumerate(sorted(folders)):
        _folder(call, options, name, several, bool(at or singles))
    return code


def _folder(call: Call, options: Options, name: str, headed: bool, spaced: bool) -> None:
    files = call.phone.state.files
    waiting = [name]
    while waiting:
        name = waiting.pop(0)
        place = call.path(name)
        children = files.children(place)
        links = {basename(link): Entry(b"", LINK_MODE, 0) for link in LINKS if dirname(link) == place}
        shown = sorted({**children, **links}.items())
        if "aA" not in options:
            shown = [(child, entry) for child, entry in shown if not child.startswith(".")]
        elif "a" in options:
            shown = [(".", files.need(place)), ("..", files.need(dirname(place))), *shown]
        if headed:
            call.say(("\n" if spaced else "") + f"{name}:")
        spaced = True
        if "lgons" in options:
            call.say(f"total {sum(-(-entry.size // 1024) for _, entry in shown)}")
        _print(call, options, shown)
        if "R" in options:
            below = [f"{name.rstrip('/')}/{child}" for child, entry in children.items() if entry.is_folder]
            waiting = below + waiting


def _print(call: Call, options: Options, entries: list[tuple[str, Entry]]) -> None:
    if "t" in options:
        entries = sorted(entries, key=lambda item: -item[1].mtime)
    elif "S" in options:
        entries = sorted(entries, key=lambda item: -item[1].size)
    if "r" in options:
        entries = entries[::-1]
    if not set("lgon") & set(options.letters):
        for name, entry in entries:
            size = f"{-(-entry.size // 1024)} " if "s" in options else ""
            call.say(size + name + _mark(options, entry))
        return
    rows = [_long(call, options, entry) for _, entry in entries]
    widths = [max(len(text) for text in column) for column in zip(*rows, strict=True)]
    for (name, entry), (mode, links, owner, group, size, when) in zip(entries, rows, strict=True):
        cells = [mode, links.rjust(widths[1]), owner.ljust(widths[2]), group.ljust(widths[3]), size.rjust(widths[4]), when]
        target = f" -> {LINKS[_absolute(call, name)]}" if stat.S_ISLNK(entry.mode) else ""
        call.say(" ".join(cells) + f" {name}{_mark(options, entry)}{target}")


def _absolute(call: Call, name: str) -> str:
    """The link's own path, whichever folder of links it was found in."""
    return name if name in LINKS else next((link for link in LINKS if basename(link) == basename(name.rstrip("/"))), "/sdcard")


def _mark(options: Options, entry: Entry) -> str:
    if entry.is_folder and "Fp" in options:
        return "/"
    return "*" if "F" in options and entry.mode & 0o111 and not entry.is_folder else ""


def _long(call: Call, options: Options, entry: Entry) -> list[str]:
    when = datetime.fromtimestamp(entry.mtime, call.phone.state.clock.now.tzinfo)
    full = options.letters.count("l") > 1 or "full-time" in options.letters
    stamp = when.strftime("%Y-%m-%d %H:%M:%S.000000000 %z" if full else "%Y-%m-%d %H:%M")
    size = _human(entry.size) if "h" in options else str(entry.size)
    owner, group = ("0", "0") if "n" in options else (entry.owner, entry.group)
    links = str(2 if entry.is_folder else 1)
    return [stat.filemode(entry.mode), links, owner, group, size, stamp]


def _human(size: int) -> str:
    value = float(size)
    for unit in ("", "K", "M"):
        if value < 1024:
            return f"{value:.1f}{unit}" if unit and value < 10 else f"{value:.0f}{unit}"
        value /= 1024
    return f"{value:.1f}G"


class _BadExpression(Exception):
    pass


class _Find:
    """A find expression: its tests and actions by recursive descent."""

    VALUED = frozenset({"-name", "-iname", "-path", "-ipath", "-wholename", "-regex", "-type", "-size", "-mtime", "-mmin", "-newer",
                        "-maxdepth", "-mindepth", "-perm", "-user", "-group"})  # fmt: skip

    def __init__(self, call: Call, words: list[str]) -> None:
        self.call = call
        self.words = words
        self.most, self.least = 1 << 30, 0
        self.acts = False
        self.commands: list[list[str]] = []
        """For `-exec ... {} +`: the program and what was found."""

    def expression(self) -> list[object]:
        """`or` of `and`s."""
        alternatives: list[object] = [self._all()]
        while self.words and self.words[0] in ("-o", "-or"):
            self.words.pop(0)
            alternatives.append(self._all())
        return ["or", *alternatives]

    def _all(self) -> list[object]:
        tests: list[object] = []
        while self.words and self.words[0] not in ("-o", "-or", ")"):
            if self.words[0] in ("-a", "-and"):
                self.words.pop(0)
                continue
            tests.append(self._one())
        return ["and", *tests]

    def _one(self) -> list[object]:
        word = self.words.pop(0)
        if word in ("!", "-not"):
            if not self.words:
                raise _BadExpression("! without test")
            return ["not", self._one()]
        if word == "(":
            inside = self.expression()
            if not self.words or self.words.pop(0) != ")":
                raise _BadExpression("missing )")
            return inside
        if word in ("-exec", "-execdir", "-ok"):
            return self._program()
        if word in self.VALUED:
            if not self.words:
                raise _BadExpression(f"{word} needs an argument")
            value = self.words.pop(0)
            if word in ("-maxdepth", "-mindepth"):
                if not value.isdecimal():
                    raise _BadExpression(f"bad {word} {value}")
                self.most, self.least = (int(value), self.least) if word == "-maxdepth" else (self.most, int(value))
                return ["true"]
            return [word, value]
        if word in ("-print", "-print0", "-delete", "-prune", "-empty", "-true", "-depth", "-L", "-follow"):
            self.acts |= word in ("-print", "-print0", "-delete")
            return [word]
        raise _BadExpression(f"bad arg '{word}'")

    def _program(self) -> list[object]:
        self.acts = True
        ends = [at for at, word in enumerate(self.words) if word == ";" or (word == "+" and self.words[at - 1] == "{}")]
        if not ends:
            raise _BadExpression("-exec needs \\;")
        argv, end = self.words[: ends[0]], self.words[ends[0]]
        del self.words[: ends[0] + 1]
        if end == "+":
            self.commands.append(argv[:-1])
            return ["collect", self.commands[-1]]
        return ["run", argv]

    async def holds(self, node: list[object], shown: str, path: str, entry: Entry) -> bool:
        """Whether the expression is true for a file; its actions are done on the way."""
        kind, *rest = node
        if kind in ("and", "or"):
            for inner in rest:
                assert isinstance(inner, list)
                if await self.holds(inner, shown, path, entry) != (kind == "and"):
                    return kind == "or"
            return kind == "and"
        if kind == "not":
            inner = rest[0]
            assert isinstance(inner, list)
            return not await self.holds(inner, shown, path, entry)
        if kind == "run":
            argv = rest[0]
            assert isinstance(argv, list)
            run = self.call.run
            return run is not None and await run([word.replace("{}", shown) for word in argv], b"") == 0
        if kind == "collect":
            assert isinstance(rest[0], list)
            rest[0].append(shown)
            return True
        return self._test(str(kind), str(rest[0]) if rest else "", shown, path, entry)

    def _test(self, kind: str, value: str, shown: str, path: str, entry: Entry) -> bool:
        name = basename(shown.rstrip("/")) or shown
        files = self.call.phone.state.files
        now = self.call.phone.state.clock.now_ms // 1000
        tests: dict[str, Callable[[], bool]] = {
            "-name": lambda: fits(value, name),
            "-iname": lambda: fits(value.lower(), name.lower()),
            "-path": lambda: fits(value, shown),
            "-wholename": lambda: fits(value, shown),
            "-ipath": lambda: fits(value.lower(), shown.lower()),
            "-regex": lambda: re.fullmatch(value, shown) is not None,
            "-type": lambda: entry.is_folder if value == "d" else value == "f" and not entry.is_folder,
            "-size": lambda: _compared(value, entry.size),
            "-mtime": lambda: _compared(value + "c", (now - entry.mtime) // 86400),
            "-mmin": lambda: _compared(value + "c", (now - entry.mtime) // 60),
            "-newer": lambda: entry.mtime > files.need(self.call.path(value)).mtime,
            "-perm": lambda: entry.mode & 0o7777 == int(value.lstrip("-/"), 8),
            "-user": lambda: entry.owner == value,
            "-group": lambda: entry.group == value,
            "-empty": lambda: not entry.data if entry.data is not None else not files.children(path),
        }
        if kind in tests:
            try:
                return tests[kind]()
            except (ValueError, re.error) as error:
                raise _BadExpression(f"bad {kind} {value}") from error
        if kind == "-print0":
            self.call.out += shown.encode("utf-8", "surrogateescape") + b"\0"
        elif kind == "-print":
            self.call.say(shown)
        elif kind == "-delete" and path != "/" and not (entry.is_folder and files.children(path)):
            files.remove(path)
        return True


def _compared(text: str, size: int) -> bool:
    match = re.fullmatch(r"([-+]?)(\d{1,18})([bcwkMG]*)", text)
    if match is None:
        raise ValueError(text)
    unit = {"": 512, "b": 512, "c": 1, "w": 2, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(match[3][:1], 1)
    count, wanted = -(-size // unit), int(match[2])
    return count > wanted if match[1] == "+" else count < wanted if match[1] == "-" else count == wanted


async def find(call: Call) -> int:
    """Files below folders for which an expression holds."""
    words = [word for word in call.arguments if word not in ("-H", "-L", "-P")]
    starts = []
    while words and not words[0].startswith("-") and words[0] not in ("!", "("):
        starts.append(words.pop(0))
    finder = _Find(call, words)
    try:
        expression = finder.expression()
        if words:
            raise _BadExpression(f"bad arg '{words[0]}'")
        code = 0
        for start in starts or ["."]:
            code = max(code, await _walk(finder, expression, start))
        for argv in finder.commands:
            if call.run is not None:
                code = max(code, await call.run(argv, b""))
        return code
    except _BadExpression as error:
        return call.complain(f"find: {error}")


async def _walk(finder: _Find, expression: list[object], start: str) -> int:
    files = finder.call.phone.state.files
    try:
        found = tree(files, finder.call.path(start))
    except FileFault as error:
        return finder.call.complain(f"find: {start}: {error}")
    base = found[0][0]
    flat = str(expression)
    pruned: list[str] = []
    for path, entry in reversed(found) if "-delete" in flat or "-depth" in flat else found:
        inside = path[len(base) :].lstrip("/")
        depth = inside.count("/") + 1 if inside else 0
        shown = (f"{start.rstrip('/')}/{inside}" if start != "/" else f"/{inside}") if inside else start
        if not finder.least <= depth <= finder.most or any(path.startswith(folder) for folder in pruned):
            continue
        if await finder.holds(expression, shown, path, entry):
            if not finder.acts:
                finder.call.say(shown)
            if "-prune" in flat and entry.is_folder and not finder.acts:
                pruned.append(path.rstrip("/") + "/")
    return 0


async def stat_file(call: Call) -> int:
    """What is known of files; `-c FORMAT` as toybox has it."""
    options = read_options(call.arguments, valued="c")
    code = 0
    for name in options.rest:
        try:
            entry = call.phone.state.files.need(call.path(name))
        except FileFault as error:
            code = call.complain(f"stat: '{name}': {error}")
            continue
        call.say(_stat_format(call, options.last("c"), name, entry) if "c" in options else _stat_text(call, name, entry))
    return code


def _stat_values(call: Call, name: str, entry: Entry) -> dict[str, str]:
    when = datetime.fromtimestamp(entry.mtime, call.phone.state.clock.now.tzinfo).strftime("%Y-%m-%d %H:%M:%S.000000000 %z")
    kind = "directory" if entry.is_folder else "regular empty file" if not entry.data else "regular file"
    mode = stat.S_IMODE(entry.mode)
    times = dict.fromkeys("xyz", when) | dict.fromkeys("XYZ", str(entry.mtime))
    owner = {"u": "0" if entry.owner == "root" else "10001", "g": "0" if entry.group == "root" else "1023"}
    return {
        "n": name, "N": f"`{name}'", "s": str(entry.size), "b": str(-(-entry.size // 512)), "B": "512", "o": "4096", "F": kind,
        "a": f"{mode:o}", "A": stat.filemode(entry.mode), "f": f"{entry.mode:x}", "h": "2" if entry.is_folder else "1", "i": "1",
        "d": "64773", "U": entry.owner, "G": entry.group, "m": "/", **times, **owner,
    }  # fmt: skip


def _stat_format(call: Call, text: str, name: str, entry: Entry) -> str:
    values = _stat_values(call, name, entry) | {"%": "%"}
    return re.sub(r"%(.)", lambda match: values.get(match[1], match[0]), text)


def _stat_text(call: Call, name: str, entry: Entry) -> str:
    wanted = """  File: %n
  Size: %s\t Blocks: %b\t IO Blocks: %B\t%F
Device: fd05h/%dd\t Inode: %i\t Links: %h
Access: (%a/%A)\tUid: (%u/%U)\tGid: (%g/%G)
Access: %x
Modify: %y
Change: %z"""
    return _stat_format(call, wanted, name, entry)


async def names(call: Call) -> int:
    """basename and dirname."""
    program = call.argv[0].rpartition("/")[2]
    options = read_options(call.arguments, valued="s")
    if not options.rest:
        return call.complain(f'{program}: Needs 1 argument (see "{program} --help")')
    if program == "dirname":
        for name in options.rest:
            call.say(dirname(name.rstrip("/")) or ("/" if name.startswith("/") else "."))
        return 0
    suffix = options.last("s") or (options.rest[1] if len(options.rest) == 2 and "a" not in options else "")
    last = basename(options.rest[0].rstrip("/")) or "/"
    call.say(last.removesuffix(suffix) if last != suffix else last)
    return 0


async def real_path(call: Call) -> int:
    """realpath and readlink: links followed."""
    options = read_options(call.arguments)
    code = 0
    for name in options.rest:
        path = call.path(name)
        link = name.rstrip("/") in LINKS
        if call.argv[0].endswith("readlink") and "f" not in options and not link:
            code = 1
        elif call.phone.state.files.get(path) is None and "m" not in options:
            code = call.complain(f"{call.argv[0]}: {name}: No such file or directory")
        else:
            call.say(path)
    return code


COMMANDS: dict[str, Command] = {
    "basename": names,
    "dirname": names,
    "find": find,
    "ls": ls,
    "readlink": real_path,
    "realpath": real_path,
    "stat": stat_file,
}
