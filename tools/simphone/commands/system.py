"""Programs of the system: properties, the log, the UI's tree, and those that only say why they do nothing."""

from __future__ import annotations

import random
import re
from typing import Final

from handeye.tools.simphone import activities
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.screencap import pause
from handeye.tools.simphone.files import FileFault
from handeye.tools.simphone.intents import LAUNCHER, MAIN, Intent
from handeye.tools.simphone.logbook import Line, logbook

MONKEY_LIMIT: Final = 500
"""Most random events of one run."""
IDLE_S: Final = 1.0
"""How long the tree's dump waits for a screen that never rests, before it gives up."""


async def getprop(call: Call) -> int:
    """Print properties."""
    names = [word for word in call.arguments if not word.startswith("-")]
    props = call.phone.state.facts.props
    if names:
        call.say(props.get(names[0], names[1] if len(names) > 1 else ""))
        return 0
    for name, value in sorted(props.items()):
        call.say(f"[{name}]: [{value}]")
    return 0


async def setprop(call: Call) -> int:
    """Set a property; those of the build stay."""
    if len(call.arguments) != 2:
        call.complain("usage: setprop NAME VALUE\n\nsetprop: Need 2 arguments")
        return 1
    name, value = call.arguments
    if (name.startswith("ro.") and name in call.phone.state.facts.props) or not re.fullmatch(r"[\w.:@-]+", name):
        call.complain(f"Failed to set property '{name}' to '{value}'.\nSee dmesg for error reason.")
        return 1
    call.phone.state.facts.props[name] = value
    return 0


async def uiautomator(call: Call) -> int:
    """Write the tree of what is visible."""
    match call.arguments:
        case ["dump", *words]:
            names = [word for word in words if not word.startswith("--")]
            return await _dump(call, names[0] if names else "/sdcard/window_dump.xml")
        case ["events" | "runtest", *_]:
            call.complain(f"uiautomator: {call.arguments[0]} is not there on this phone")
            return 1
    call.say("Usage: uiautomator <subcommand> [options]\n\nAvailable subcommands:\n\n    dump [--compressed] [file]")
    return 1


async def _dump(call: Call, name: str) -> int:
    phone = call.phone
    if phone.faults.active("animated"):
        await pause(IDLE_S)
        call.complain("ERROR: could not get idle state.")
        return 1
    if not phone.state.facts.awake:
        call.complain("ERROR: null root node returned by UiTestAutomationBridge.")
        return 1
    tree = await phone.screen.tree()
    if name == "/dev/tty":
        call.out += tree.encode()
    else:
        try:
            phone.state.files.write(call.path(name), tree.encode())
        except FileFault as fault:
            call.complain(f"ERROR: {name}: open failed: {fault}")
            return 1
    call.say(f"UI hierchary dumped to: {name}")
    return 0


async def monkey(call: Call) -> int:
    """Open an app by its package, then tap at random."""
    words, package, seed, counts = list(call.arguments), "", 0, list[str]()
    while words:
        word = words.pop(0)
        call.say(f"  bash arg: {word}")
        if word in ("-p", "-c", "-s", "--throttle") or word.startswith("--pct-"):
            value = words.pop(0) if words else ""
            call.say(f"  bash arg: {value}")
            package = value if word == "-p" else package
            seed = int(value) if word == "-s" and value.isdigit() else seed
        elif not word.startswith("-"):
            counts.append(word)
    call.complain(f"args: [{', '.join(call.arguments)}]")
    if not counts or not counts[-1].isdigit():
        call.complain("** Error: Count not specified")
        return 1
    try:
        await activities.start(call.phone, Intent(action=MAIN, categories=(LAUNCHER,), package=package))
    except activities.NoActivity:
        call.say("** No activities found to run, monkey aborted.")
        return 252
    dice, size = random.Random(seed), call.phone.state.size
    wanted = int(counts[-1][:6])
    for _ in range(min(wanted - 1, MONKEY_LIMIT)):
        await call.phone.screen.tap(dice.randrange(size.width), dice.randrange(size.height))
    call.say(f"Events injected: {wanted}")
    call.say("## Network stats: elapsed time=24ms (0ms mobile, 0ms wifi, 24ms not connected)")
    return 0


async def logcat(call: Call) -> int:
    """Print the log; without `-d` go on until nobody reads."""
    book, words = logbook(call.phone), call.arguments
    if "-c" in words or "--clear" in words:
        book.lines.clear()
        return 0
    if "-g" in words:
        call.say("main: ring buffer is 256 KiB (12 KiB consumed), max entry is 5120 B, max payload is 4068 B")
        return 0
    last = next((words[index + 1] for index, word in enumerate(words[:-1]) if word in ("-t", "-T", "--tail")), "")
    lines = list(book.lines)
    if last.isdigit():
        lines = lines[-int(last[:6]) :]
    shown = book.written
    call.say("--------- beginning of main")
    for line in lines:
        _say_line(call, line)
    if "-d" in words or "-t" in words:
        return 0
    while True:
        await call.flush()
        async with book.grown:
            while book.written == shown:
                await book.grown.wait()
        for line in [each for each in book.lines if each.number > shown]:
            _say_line(call, line)
        shown = book.written


def _say_line(call: Call, line: Line) -> None:
    filters = [word for word in call.arguments if re.fullmatch(r"[^-].*:[VDIWEFS*]", word)]
    order = "VDIWEFS"
    for each in filters:
        tag, _, level = each.rpartition(":")
        if tag in (line.tag, "*"):
            if level != "*" and order.index(line.level) < order.index(level):
                return
            break
    call.say(str(line))


def _refusal(text: str, code: int = 1) -> Command:
    async def refuse(call: Call) -> int:
        call.complain(text)
        return code

    return refuse


async def bmgr(call: Call) -> int:
    """There is no backup."""
    call.say("Backup Manager currently disabled")
    return 0


async def sm(call: Call) -> int:
    """Storage: one volume."""
    match call.arguments:
        case ["list-volumes", *_]:
            call.say("private mounted null\nemulated;0 mounted null")
        case ["has-adoptable" | "get-primary-storage-uuid", *_]:
            call.say("false" if call.arguments[0] == "has-adoptable" else "null")
    return 0


async def appops(call: Call) -> int:
    """Permissions of operations: all are allowed."""
    match call.arguments:
        case ["get", *_]:
            call.say("No operations.")
    return 0


COMMANDS: Final[dict[str, Command]] = {
    "getprop": getprop, "setprop": setprop, "uiautomator": uiautomator, "monkey": monkey, "logcat": logcat, "bmgr": bmgr, "sm": sm,
    "appops": appops,
    "screenrecord": _refusal("ERROR: unable to create video/avc codec instance\nThis phone has no video encoder: take screenshots."),
    "bugreport": _refusal("bugreport: this phone makes no bug reports; dumpsys and logcat -d say what there is to know."),
    "bugreportz": _refusal("FAIL:this phone makes no bug reports"),
    "app_process": _refusal("app_process: this phone runs no Java; use its shell commands instead."),
    "dalvikvm": _refusal("dalvikvm: this phone runs no Java."),
}  # fmt: skip
