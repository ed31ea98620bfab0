"""Programs that tell of processes and of the machine: ps, pidof, kill, top, free, uptime, ifconfig, ..."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handeye.tools.simphone import activities
from handeye.tools.simphone.commands.arguments import read_options
from handeye.tools.simphone.commands.call import Call, Command

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

SYSTEM = {
    "init": (1, "root"),
    "servicemanager": (212, "system"),
    "surfaceflinger": (340, "system"),
    "zygote64": (352, "root"),
    "adbd": (401, "shell"),
    "system_server": (620, "system"),
    "com.android.systemui": (811, "u0_a90"),
}
"""Processes that always run: their ids and users."""
MEMORY_KB = 4_028_892
NETWORK = """wlan0     Link encap:UNSPEC    Driver virtio_net
          inet addr:10.0.2.16  Bcast:10.0.2.255  Mask:255.255.255.0
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1

lo        Link encap:UNSPEC
          inet addr:127.0.0.1  Mask:255.0.0.0
          UP LOOPBACK RUNNING  MTU:65536  Metric:1
"""
ADDRESSES = """1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default
    inet 127.0.0.1/8 scope host lo
2: wlan0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default
    inet 10.0.2.16/24 brd 10.0.2.255 scope global wlan0
"""


@dataclass(frozen=True)
class Process:
    """One line of `ps`."""

    pid: int
    user: str
    name: str


def processes(phone: Phone) -> list[Process]:
    """What runs: the system, and each app that has a task."""
    found = {Process(pid, user, name) for name, (pid, user) in SYSTEM.items()}
    found |= {Process(activities.pid_of(task.package), "u0_a100", task.package) for task in phone.state.facts.tasks}
    return sorted(found, key=lambda process: process.pid)


async def ps(call: Call) -> int:
    """Processes; `-o` picks columns."""
    options = read_options(call.arguments, valued="opu")
    wanted = [column.partition("=")[0].upper() for column in options.last("o", "USER,PID,PPID,VSZ,RSS,WCHAN,ADDR,S,NAME").split(",")]
    rows = []
    for process in processes(call.phone):
        if "p" in options and str(process.pid) not in options.last("p").split(","):
            continue
        names = dict.fromkeys(("NAME", "ARGS", "CMD", "CMDLINE", "COMM"), process.name)
        numbers = {"PID": process.pid, "PPID": 352 if process.pid > 1000 else 1, "VSZ": 13_000_000, "RSS": 90_000, "WCHAN": 0, "ADDR": 0}
        cells = {"USER": process.user, "S": "S", **names, **numbers}
        rows.append([str(cells.get(column, "-")) for column in wanted])
    widths = [max(len(text) for text in column) for column in zip(wanted, *rows, strict=True)]
    for row in [wanted, *rows]:
        call.say(" ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    return 0


async def pidof(call: Call) -> int:
    """Process ids by name."""
    options = read_options(call.arguments, valued="o")
    found = [str(process.pid) for process in processes(call.phone) if process.name in options.rest]
    if not found:
        return 1
    call.say(" ".join(found[:1] if "s" in options else found))
    return 0


async def pgrep(call: Call) -> int:
    """Process ids by a pattern."""
    options = read_options(call.arguments)
    try:
        found = [process for process in processes(call.phone) if options.rest and re.search(options.rest[0], process.name)]
    except re.error:
        return call.complain(f"pgrep: bad regex '{options.rest[0]}'")
    for process in found:
        call.say(f"{process.pid} {process.name}" if "l" in options else str(process.pid))
    return int(not found)


async def kill(call: Call) -> int:
    """End processes of apps, by id or (killall, pkill) by name; those of the system stay."""
    if call.arguments[:1] == ["-l"]:
        call.say("HUP INT QUIT KILL TERM STOP CONT")
        return 0
    words = [word for word in call.arguments if not word.startswith("-")]
    name = call.argv[0].rpartition("/")[2]
    code = 0
    for word in words:
        named = [each for each in processes(call.phone) if word in ((each.name,) if name != "kill" else (str(each.pid),))]
        if not named:
            code = call.complain(f"{name}: {word}: No such process")
        for process in named:
            if process.pid > 1000:
                await activities.force_stop(call.phone, process.name)
    return code


async def top(call: Call) -> int:
    """One picture of what runs."""
    found = processes(call.phone)
    call.say(f"Tasks: {len(found)} total,   1 running, {len(found) - 1} sleeping,   0 stopped,   0 zombie")
    call.say(f"  Mem:  {MEMORY_KB}K total,  2724372K used,  1304520K free")
    call.say("  PID USER         PR  NI VIRT  RES  SHR S[%CPU] %MEM     TIME+ ARGS")
    for process in found:
        call.say(f"{process.pid:>5} {process.user:<12} 20   0  12G  90M  60M S  0.0   2.2   0:00.10 {process.name}")
    return 0


async def free(call: Call) -> int:
    """Memory."""
    call.say("\t\ttotal        used        free      shared     buffers")
    call.say(f"Mem:{MEMORY_KB * 1024:>17}{2724372 * 1024:>12}{1304520 * 1024:>12}           0           0")
    return 0


async def uptime(call: Call) -> int:
    """Since when it runs."""
    now = call.phone.state.clock.now
    call.say(f" {now:%H:%M:%S} up  1:00,  0 users,  load average: 0.00, 0.00, 0.00")
    return 0


async def ifconfig(call: Call) -> int:
    """Network addresses; the phone has no network of its own."""
    call.out += NETWORK.encode()
    return 0


async def ip(call: Call) -> int:
    """`ip addr` and `ip route`."""
    words = [word for word in call.arguments if not word.startswith("-")]
    if words[:1] and "route".startswith(words[0]):
        call.say("10.0.2.0/24 dev wlan0 proto kernel scope link src 10.0.2.16")
    else:
        call.out += ADDRESSES.encode()
    return 0


async def ping(call: Call) -> int:
    """There is nobody to answer."""
    options = read_options(call.arguments, valued="ciIswW")
    host = options.rest[0] if options.rest else ""
    return call.complain(f"ping: unknown host {host}")


async def mount(call: Call) -> int:
    """What is mounted."""
    call.say("/dev/block/dm-5 on /data type ext4 (rw,seclabel,nosuid,nodev,noatime)")
    call.say("/dev/fuse on /storage/emulated type fuse (rw,lazytime,nosuid,nodev,noexec,noatime)")
    return 0


async def getenforce(call: Call) -> int:
    """SELinux's mode."""
    call.say("Permissive" if call.phone.state.facts.rooted else "Enforcing")
    return 0


async def nothing(call: Call) -> int:
    """setenforce, start, stop, logwrapper, ...: nothing that can be seen follows."""
    return 0


COMMANDS: dict[str, Command] = {
    "free": free,
    "getenforce": getenforce,
    "ifconfig": ifconfig,
    "ip": ip,
    "kill": kill,
    "killall": kill,
    "mount": mount,
    "pgrep": pgrep,
    "pidof": pidof,
    "ping": ping,
    "pkill": kill,
    "ps": ps,
    "setenforce": nothing,
    "top": top,
    "uptime": uptime,
}
