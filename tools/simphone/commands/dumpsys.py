"""`dumpsys`: what the services of the system say of themselves."""

from __future__ import annotations

from typing import Final

from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.commands.dump_activity import dump_activity
from handeye.tools.simphone.commands.dump_services import SERVICES, Dump
from handeye.tools.simphone.commands.dump_window import dump_display, dump_input, dump_input_method, dump_power, dump_surfaces, dump_window

DUMPS: Final[dict[str, Dump]] = {
    **SERVICES, "activity": dump_activity, "display": dump_display, "input": dump_input, "input_method": dump_input_method,
    "power": dump_power, "SurfaceFlinger": dump_surfaces, "window": dump_window,
}  # fmt: skip
"""By name of the service."""


async def dumpsys(call: Call) -> int:
    """Print one service, or all."""
    words, skipped = list(call.arguments), list[str]()
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option == "-l":
            call.say("Currently running services:")
            for name in sorted(DUMPS):
                call.say(f"  {name}")
            return 0
        if option in ("-t", "-T", "--priority"):
            del words[:1]
        elif option == "--skip" and words:
            skipped = words.pop(0).split(",")
        elif option not in ("--proto", "--pid", "--stability", "--thread", "--dump"):
            call.complain(f"dumpsys: unknown option {option}")
            return 255
    if words:
        name, *rest = words
        if name not in DUMPS:
            call.complain(f"Can't find service: {name}")
            return 0
        _print(call, DUMPS[name](call.phone, [word for word in rest if word != "--proto"]))
        return 0
    for name in sorted(set(DUMPS) - set(skipped)):
        call.say("-" * 79)
        call.say(f"DUMP OF SERVICE {name}:")
        _print(call, DUMPS[name](call.phone, []))
        await call.flush()
    return 0


def _print(call: Call, text: str) -> None:
    if text:
        call.say(text)


COMMANDS: Final[dict[str, Command]] = {"dumpsys": dumpsys}
