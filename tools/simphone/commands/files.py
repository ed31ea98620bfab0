"""Programs that change files: cat, cp, mv, rm, mkdir, touch, chmod, dd, ..."""

from __future__ import annotations

import re
from datetime import datetime
from posixpath import basename, dirname

from handeye.tools.simphone.commands.arguments import Options, read_options
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.reading import each_input, tree
from handeye.tools.simphone.files import DISK_LIMIT, FILE_LIMIT, FileFault

DEVICES = frozenset({"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/full"})


async def cat(call: Call) -> int:
    """Files, or the input, one after the other."""
    options = read_options(call.arguments)
    code = 0
    for name in options.rest or ["-"]:
        if name == "-":
            while data := await call.stdin.some():
                call.out += data
                await call.flush()
            continue
        try:
            path = call.path(name)
            call.out += b"" if path in DEVICES else call.phone.state.files.read(path)
        except FileFault as error:
            code = call.complain(f"cat: {name}: {error}")
        await call.flush()
    return code


async def tee(call: Call) -> int:
    """The input to the output and to files."""
    options = read_options(call.arguments)
    files = call.phone.state.files
    data = await call.stdin.read()
    call.out += data
    code = 0
    for name in options.rest:
        try:
            path = call.path(name)
            if path not in DEVICES:
                before = files.read(path) if "a" in options and files.get(path) else b""
                files.write(path, before + data)
        except FileFault as error:
            code = call.complain(f"tee: {name}: {error}")
    return code


async def rm(call: Call) -> int:
    """Take files away; folders only with -r."""
    options = read_options(call.arguments)
    files = call.phone.state.files
    if not options.rest and "f" not in options:
        return call.complain('rm: Needs 1 argument (see "rm --help")')
    code = 0
    for name in options.rest:
        try:
            entry = files.need(call.path(name))
            if entry.is_folder and "rR" not in options:
                raise FileFault("Is a directory")
            files.remove(call.path(name))
        except FileFault as error:
            if not ("f" in options and str(error) == "No such file or directory"):
                code = call.complain(f"rm: {name}: {error}")
    return code


async def rmdir(call: Call) -> int:
    """Take empty folders away."""
    files = call.phone.state.files
    code = 0
    for name in read_options(call.arguments).rest:
        try:
            if files.children(call.path(name)):
                raise FileFault("Directory not empty")
            files.remove(call.path(name))
        except FileFault as error:
            code = call.complain(f"rmdir: {name}: {error}")
    return code


async def mkdir(call: Call) -> int:
    """Make folders."""
    options = read_options(call.arguments, valued="mZ")
    code = 0
    for name in options.rest:
        try:
            call.phone.state.files.mkdir(call.path(name), parents="p" in options)
        except FileFault as error:
            code = call.complain(f"mkdir: '{name}': {error}")
    return code


async def touch(call: Call) -> int:
    """Make files, or set their time of change."""
    options = read_options(call.arguments, valued="tdr", long_valued=("date", "reference"))
    files = call.phone.state.files
    code = 0
    for name in options.rest:
        try:
            path = call.path(name)
            if files.get(path) is None:
                if "c" in options:
                    continue
                files.write(path, b"")
            files.set_mtime(path, _wanted_time(call, options))
        except FileFault as error:
            code = call.complain(f"touch: '{name}': {error}")
        except ValueError:
            return call.complain("touch: bad date")
    return code


def _wanted_time(call: Call, options: Options) -> int:
    clock = call.phone.state.clock
    if "r" in options:
        return call.phone.state.files.need(call.path(options.last("r"))).mtime
    text = options.last("d") or options.last("date")
    if text:
        if text.startswith("@"):
            return int(text[1:].partition(".")[0])
        when = datetime.fromisoformat(text)
        return int((when if when.tzinfo else when.replace(tzinfo=clock.now.tzinfo)).timestamp())
    if "t" in options:
        stamp, _, seconds = options.last("t").partition(".")
        stamp = {8: f"{clock.now.year}{stamp}", 10: f"20{stamp}"}.get(len(stamp), stamp)
        when = datetime.strptime(f"{stamp}{seconds or '00'}", "%Y%m%d%H%M%S")
        return int(when.replace(tzinfo=clock.now.tzinfo).timestamp())
    return clock.now_ms // 1000


async def chmod(call: Call) -> int:
    """Set permissions, as numbers or as in `u+x`."""
    options = read_options([argument for argument in call.arguments if not re.fullmatch(r"-[rwxXst]+", argument)])
    signs = [argument for argument in call.arguments if re.fullmatch(r"-[rwxXst]+", argument)]
    rest = signs + options.rest
    if len(rest) < 2:
        return call.complain('chmod: Needs 2 arguments (see "chmod --help")')
    files = call.phone.state.files
    code = 0
    for name in rest[1:]:
        try:
            place = call.path(name)
            paths = [path for path, _ in tree(files, place)] if "R" in options else [place]
            for path in paths:
                files.set_mode(path, changed_mode(files.need(path).mode, rest[0]))
        except FileFault as error:
            code = call.complain(f"chmod: '{name}': {error}")
        except ValueError:
            return call.complain(f"chmod: bad mode '{rest[0]}'")
    return code


def changed_mode(mode: int, change: str) -> int:
    """Permissions after a change such as `755` or `go-w,u+x`. Raises `ValueError` for anything else."""
    if re.fullmatch(r"[0-7]{1,5}", change):
        return int(change, 8)
    shifts = {"u": 6, "g": 3, "o": 0}
    for clause in change.split(","):
        match = re.fullmatch(r"([ugoa]*)([-+=])([rwxXst]*)", clause)
        if match is None:
            raise ValueError(clause)
        bits = sum({"r": 4, "w": 2, "x": 1, "X": 1}.get(letter, 0) for letter in set(match[3]))
        for who in "ugo" if not match[1] or "a" in match[1] else match[1]:
            mask = bits << shifts[who]
            if match[2] == "=":
                mode &= ~(7 << shifts[who])
            mode = mode & ~mask if match[2] == "-" else mode | mask
    return mode


async def nothing_to_do(call: Call) -> int:
    """chown, chgrp, chcon, restorecon, sync: the files must be there; nothing else follows."""
    options = read_options(call.arguments)
    skipped = 1 if call.argv[0].rpartition("/")[2] in ("chown", "chgrp", "chcon") else 0
    code = 0
    for name in options.rest[skipped:]:
        if call.phone.state.files.get(call.path(name)) is None:
            code = call.complain(f"{call.argv[0]}: '{name}': No such file or directory")
    return code


async def cp(call: Call) -> int:
    """Copy files, and folders with -r or -a."""
    return await _transfer(call, move=False)


async def mv(call: Call) -> int:
    """Move files and folders."""
    return await _transfer(call, move=True)


async def _transfer(call: Call, move: bool) -> int:
    name = call.argv[0].rpartition("/")[2]
    options = read_options(call.arguments, valued="t")
    sources = list(options.rest)
    target = options.last("t") or (sources.pop() if len(sources) > 1 else "")
    if not sources or not target:
        return call.complain(f'{name}: Needs 2 arguments (see "{name} --help")')
    files = call.phone.state.files
    into = files.get(call.path(target))
    if len(sources) > 1 and not (into and into.is_folder):
        return call.complain(f"{name}: '{target}' not directory")
    code = 0
    for source in sources:
        try:
            place = call.path(source)
            goal = call.path(target)
            if into is not None and into.is_folder and basename(source.rstrip("/")) not in (".", "..", ""):
                goal = f"{goal.rstrip('/')}/{basename(source.rstrip('/'))}"
            if "n" in options and files.get(goal) is not None:
                continue
            if move:
                _move(call, place, goal)
            else:
                _copy(call, place, goal, options)
        except FileFault as error:
            code = call.complain(f"{name}: bad '{source}': {error}" if "No such" in str(error) else f"{name}: '{source}': {error}")
    return code


def _move(call: Call, place: str, goal: str) -> None:
    files = call.phone.state.files
    there = files.get(goal)
    if there is not None and there.is_folder:
        if files.children(goal):
            raise FileFault("Directory not empty")
        if place != goal:
            files.remove(goal)
    files.move(place, goal)


def _copy(call: Call, place: str, goal: str, options: Options) -> None:
    files = call.phone.state.files
    entry = files.need(place)
    keeps = "ap" in options
    if entry.data is not None:
        if place == goal:
            raise FileFault("File exists")
        files.write(goal, entry.data, entry.mode, entry.mtime if keeps else None)
        return
    if "rRa" not in options:
        raise FileFault("Is a directory")
    if goal == place or goal.startswith(place.rstrip("/") + "/"):
        raise FileFault("recursion loop")
    for path, inside in tree(files, place):
        copied = goal + path[len(place) :] if place != "/" else goal
        if inside.data is None:
            files.mkdir(copied, parents=True)
        else:
            files.write(copied, inside.data, inside.mode, inside.mtime if keeps else None)


async def dd(call: Call) -> int:
    """Copy so many blocks."""
    values = dict(argument.split("=", 1) for argument in call.arguments if "=" in argument)
    try:
        size = _bytes(values.get("bs", "512"))
        skip, seek = size * _bytes(values.get("skip", "0")), size * _bytes(values.get("seek", "0"))
        count = size * _bytes(values["count"]) if "count" in values else None
    except ValueError as error:
        return call.complain(f"dd: bad number {error}")
    if max(skip, seek, count or 0) > FILE_LIMIT or not size:
        return call.complain("dd: No space left on device")
    files = call.phone.state.files
    source = values.get("if", "")
    if source and call.path(source) in DEVICES:
        if count is None:
            return call.complain("dd: No space left on device")
        data = bytes(0 if source.endswith("null") else skip + count)
    else:
        data = files.read(call.path(source)) if source else await call.stdin.read(None if count is None else skip + count)
    data = data[skip:] if count is None else data[skip : skip + count]
    target = call.path(values["of"]) if "of" in values else ""
    if not target:
        call.out += data
    elif target not in DEVICES:
        before = files.read(target) if files.get(target) else b""
        kept = before[:seek].ljust(seek, b"\0")
        files.write(target, kept + data + (before[seek + len(data) :] if "notrunc" in values.get("conv", "") else b""))
    if values.get("status") != "none":
        blocks = f"{len(data) // size}+{int(len(data) % size > 0)}"
        call.complain(f"{blocks} records in\n{blocks} records out\n{len(data)} bytes copied, 0.000 s")
    return 0


def _bytes(text: str) -> int:
    """`4k` and the like. Raises `ValueError`."""
    match = re.fullmatch(r"(\d{1,18})([cwbkKmMgG]?)B?", text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * {"": 1, "c": 1, "w": 2, "b": 512, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}[match[2].lower()]


async def truncate(call: Call) -> int:
    """Make files so many bytes long."""
    options = read_options(call.arguments, valued="s")
    try:
        size = _bytes(options.last("s", "0"))
    except ValueError:
        return call.complain("truncate: bad size")
    if size > FILE_LIMIT:
        return call.complain("truncate: No space left on device")
    files = call.phone.state.files
    for name in options.rest:
        path = call.path(name)
        before = files.read(path) if files.get(path) else b""
        files.write(path, before[:size].ljust(size, b"\0"))
    return 0


async def mktemp(call: Call) -> int:
    """Make a file or a folder of a new name."""
    options = read_options(call.arguments, valued="pt")
    files = call.phone.state.files
    template = options.rest[0] if options.rest else "tmp.XXXXXX"
    folder = options.last("p") or call.variables.get("TMPDIR", "/data/local/tmp")
    base = call.path(template if "/" in template else f"{folder}/{template}")
    for number in range(100_000):
        path = re.sub(r"X+$", lambda match, number=number: f"{number:0{len(match[0])}d}", base)  # type: ignore[misc]
        if files.get(path) is None:
            if "d" in options:
                files.mkdir(path)
            else:
                files.write(path, b"")
            call.say(path)
            return 0
    return call.complain("mktemp: no name is left")


async def df(call: Call) -> int:
    """How full the disk is."""
    total, used = DISK_LIMIT // 1024, call.phone.state.files.used // 1024
    call.say("Filesystem            1K-blocks     Used Available Use% Mounted on")
    for device, folder in (("/dev/block/dm-5", "/data"), ("/dev/fuse", "/storage/emulated")):
        percent = -(-100 * used // total)
        call.say(f"{device:<21} {total:>9} {used:>8} {total - used:>9} {percent:>3}% {folder}")
    return 0


async def du(call: Call) -> int:
    """How much lies below."""
    options = read_options(call.arguments, valued="d")
    files = call.phone.state.files
    deepest = 0 if "s" in options else options.number("d", 1 << 30)
    code = 0
    for name in options.rest or ["."]:
        try:
            base = call.path(name)
            sizes: dict[str, int] = {}
            for path, entry in tree(files, base):
                sizes[path] = sizes.get(path, 0) + entry.size
                above = path
                while above != base:
                    above = dirname(above)
                    sizes[above] = sizes.get(above, 0) + entry.size
            for path in sorted(sizes, reverse=True):
                depth = path[len(base) :].count("/")
                if path == base or ((files.need(path).is_folder or "a" in options) and depth <= deepest):
                    kilo = -(-sizes[path] // 1024)
                    shown = f"{kilo}K" if "h" in options else str(kilo)
                    call.say(f"{shown}\t{name}{path[len(base) :]}")
        except FileFault as error:
            code = call.complain(f"du: {name}: {error}")
    return code


async def cmp(call: Call) -> int:
    """Whether two files are equal."""
    options = read_options(call.arguments, valued="n")
    if len(options.rest) != 2:
        return call.complain('cmp: Needs 2 arguments (see "cmp --help")')
    data = [content async for _, content in each_input(call, options.rest)]
    if len(data) < 2:
        return 2
    for at, (one, other) in enumerate(zip(*data, strict=False)):
        if one != other:
            if "s" not in options:
                line = data[0][:at].count(b"\n") + 1
                call.say(f"{options.rest[0]} {options.rest[1]} differ: char {at + 1}, line {line}")
            return 1
    if len(data[0]) != len(data[1]):
        return call.complain(f"cmp: EOF on {options.rest[len(data[0]) > len(data[1])]}")
    return 0


COMMANDS: dict[str, Command] = {
    "cat": cat,
    "chcon": nothing_to_do,
    "chgrp": nothing_to_do,
    "chmod": chmod,
    "chown": nothing_to_do,
    "cmp": cmp,
    "cp": cp,
    "dd": dd,
    "df": df,
    "du": du,
    "mkdir": mkdir,
    "mktemp": mktemp,
    "mv": mv,
    "restorecon": nothing_to_do,
    "rm": rm,
    "rmdir": rmdir,
    "sync": nothing_to_do,
    "tee": tee,
    "touch": touch,
    "truncate": truncate,
}
