"""`am`: start and stop apps, send broadcasts, say what is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from handeye.tools.simphone import activities, broadcasts
from handeye.tools.simphone.commands.call import Call, Command
from handeye.tools.simphone.intents import IntentFault, component_of, front_task, parse_intent, short, stack
from handeye.tools.simphone.state import HOME, Task

Sub: TypeAlias = Callable[[Call, list[str]], Awaitable[int]]
"""A command of `am`: it gets what follows its name."""
_SWITCHES: Final = ("-D", "-N", "-W", "-S", "--streaming", "--track-allocation", "--task-overlay", "--lock-task",
                    "--allow-background-activity-starts",
                    "--async", "--dismiss-keyguard-if-insecure", "--dismiss-keyguard", "--splashscreen-show-icon")  # fmt: skip
_VALUED: Final = ("--user", "--display", "--windowingMode", "--activityType", "--task", "-P", "--start-profiler", "--sampling", "-R",
                  "--attach-agent", "--receiver-permission", "--allowlist-app", "--stack")  # fmt: skip


async def am(call: Call) -> int:
    """Run one command of the activity manager."""
    if not call.arguments:
        call.say("Activity manager (activity) commands:\n  start, broadcast, force-stop, kill, kill-all, stack, task, …")
        return 255
    name, *rest = call.arguments
    run = SUBS.get(name)
    if run is None:
        call.complain(f"Unknown command: {name}")
        return 255
    try:
        return await run(call, rest)
    except IntentFault as fault:
        call.complain(f"\nException occurred while executing '{name}':\njava.lang.IllegalArgumentException: {fault}")
        return 255


async def _start(call: Call, arguments: list[str]) -> int:
    parsed = parse_intent(arguments, _SWITCHES, _VALUED)
    waits = "-W" in parsed.options
    if not _user_is_there(call, parsed.options):
        return 255
    call.say(f"Starting: {parsed.intent}")
    try:
        started = await activities.start(call.phone, parsed.intent, stop="-S" in parsed.options)
    except activities.NoActivity as fault:
        text = f"Error type 3\nError: {fault}" if parsed.intent.component else f"Error: {fault}"
        if waits:
            call.say(text)
        else:
            call.complain(text)
        return 0
    warning = {
        "to front": "Warning: Activity not started, its current task has been brought to the front",
        "delivered": "Warning: Activity not started, intent has been delivered to currently running top-most instance.",
        "started": "",
    }[started.outcome]
    if warning and waits:
        call.say(warning)
    elif warning:
        call.complain(warning)
    if waits:
        kind = "COLD" if started.cold else "UNKNOWN (0)" if started.outcome == "delivered" else "HOT"
        total = 0 if started.outcome == "delivered" else started.milliseconds
        for line in ("Status: ok", f"LaunchState: {kind}", f"Activity: {short(started.component)}", f"TotalTime: {total}",
                     f"WaitTime: {started.milliseconds}", "Complete"):  # fmt: skip
            call.say(line)
    return 0


def _user_is_there(call: Call, options: dict[str, str]) -> bool:
    user = options.get("--user", "0")
    if user in ("0", "current", "cur", "all", "-2", "-1"):
        return True
    call.complain(f"java.lang.SecurityException: User {user} does not exist; there is only user 0")
    return False


async def _broadcast(call: Call, arguments: list[str]) -> int:
    parsed = parse_intent(arguments, _SWITCHES, _VALUED)
    intent = parsed.intent
    try:
        answer = await broadcasts.send(call.phone, intent)
    except broadcasts.Forbidden as fault:
        call.complain(f"Security exception: {fault}\n\njava.lang.SecurityException: {fault}")
        return 255
    shown = str(intent)
    if "flg=" not in shown:
        at = shown.find(" (has extras)") if intent.extras else len(shown) - 2
        cmp = shown.find(" pkg=") if " pkg=" in shown else shown.find(" cmp=")
        at = cmp if cmp >= 0 else at
        shown = f"{shown[:at]} flg=0x400000{shown[at:]}"
    call.say(f"Broadcasting: {shown}")
    data = f', data="{answer.data}"' if answer.data is not None else ""
    call.say(f"Broadcast completed: result={answer.result}{data}")
    return 0


async def _force_stop(call: Call, arguments: list[str]) -> int:
    names = _after_user(arguments)
    if not names:
        call.complain("Error: no package specified" if not arguments else "Argument expected")
        return 255
    if names[0] in call.phone.state.facts.packages:
        await activities.force_stop(call.phone, names[0])
    return 0


async def _kill(call: Call, arguments: list[str]) -> int:
    """Only what is in the background ends, as on a phone."""
    for name in _after_user(arguments):
        if name in call.phone.screen.running and front_task(call.phone.state).package != name:
            await call.phone.screen.stop_app(name)
    return 0


async def _kill_all(call: Call, arguments: list[str]) -> int:
    front = front_task(call.phone.state).package
    for name in sorted(call.phone.screen.running - {front}):
        await call.phone.screen.stop_app(name)
    return 0


def _after_user(arguments: Sequence[str]) -> list[str]:
    rest = list(arguments)
    if rest[:1] == ["--user"]:
        del rest[:2]
    return rest


async def _stack(call: Call, arguments: list[str]) -> int:
    match arguments:
        case ["list", *_] | ["info", *_]:
            for index, task in enumerate(stack(call.phone.state)):
                _say_task(call, task, visible=index == 0)
            return 0
        case ["remove", number, *_] if number.isdigit():
            await activities.remove_task(call.phone, int(number))
            return 0
        case ["move-task", *_] | ["move-top-activity-to-pinned-stack", *_]:
            return 0
    call.complain(f"Error: unknown command '{' '.join(arguments)}'")
    return 255


def _say_task(call: Call, task: Task, visible: bool) -> None:
    """A task in three lines, as Android 12 and later print them."""
    state = call.phone.state
    size, density = state.size, state.density
    dp = f"sw{min(size.width, size.height) * 160 // density}dp w{size.width * 160 // density}dp h{size.height * 160 // density}dp"
    kind = "home" if task.package == HOME else "standard"
    turned = "land" if size.width > size.height else "port"
    call.say(f"RootTask id={task.id} bounds=[0,0][{size.width},{size.height}] displayId=0 userId=0")
    call.say(
        f" configuration={{{state.setting('system', 'font_scale', '1.0')} 310mcc260mnc [en_US] ldltr {dp} {density}dpi nrml long {turned}"
        f" finger -keyb/v/h -nav/h winConfig={{ mBounds=Rect(0, 0 - {size.width}, {size.height}) mDisplayRotation=ROTATION_"
        f"{state.facts.rotation * 90} mWindowingMode=fullscreen mActivityType={kind}}} s.1}}"
    )
    base = component_of(task)
    entry = state.facts.packages.get(task.package)
    if entry is not None and entry.manifest is not None:
        base = f"{task.package}/{entry.manifest.activity}"
    call.say(
        f"  taskId={task.id}: {base} bounds=[0,0][{size.width},{size.height}] userId=0 visible={str(visible).lower()}"
        f" topActivity=ComponentInfo{{{component_of(task)}}}"
    )
    call.say()


async def _task(call: Call, arguments: list[str]) -> int:
    match arguments:
        case ["lock", "stop"]:
            return 0
        case ["lock", number] if any(str(task.id) == number for task in stack(call.phone.state)):
            call.say(f"Activity manager is {'' if number else 'not '}in lockTaskMode")
            return 0
        case ["resizeable" | "resize" | "focus", *_]:
            return 0
    call.complain(f"Error: unknown command '{' '.join(arguments)}'")
    return 255


async def _get_current_user(call: Call, arguments: list[str]) -> int:
    call.say("0")
    return 0


async def _get_config(call: Call, arguments: list[str]) -> int:
    state = call.phone.state
    width, height = state.size.width * 160 // state.density, state.size.height * 160 // state.density
    turned = "land" if width > height else "port"
    night = "night" if state.setting("secure", "ui_night_mode") == "2" else "notnight"
    call.say(f"config: mcc310-mnc260-en-rUS-ldltr-sw{min(width, height)}dp-w{width}dp-h{height}dp-normal-long-notround-{turned}-{night}"
             f"-{state.density}dpi-finger-keysexposed-nokeys-navhidden-nonav-v{state.options.sdk}")  # fmt: skip
    call.say("abi: x86_64,arm64-v8a")
    return 0


async def _instrument(call: Call, arguments: list[str]) -> int:
    target = next((word for word in reversed(arguments) if "/" in word), arguments[-1] if arguments else "")
    if "-w" in arguments and "-r" in arguments:
        call.say("INSTRUMENTATION_STATUS: id=ActivityManagerService")
        call.say(f"INSTRUMENTATION_STATUS: Error=Unable to find instrumentation info for: ComponentInfo{{{target}}}")
        call.say("INSTRUMENTATION_STATUS_CODE: -1")
    call.complain(f"android.util.AndroidException: INSTRUMENTATION_FAILED: {target}")
    return 1


async def _start_service(call: Call, arguments: list[str]) -> int:
    parsed = parse_intent(arguments, _SWITCHES, _VALUED)
    call.say(f"Starting service: {parsed.intent}")
    call.complain("Error: Not found; no service started.")
    return 255


async def _stop_service(call: Call, arguments: list[str]) -> int:
    parsed = parse_intent(arguments, _SWITCHES, _VALUED)
    call.say(f"Stopping service: {parsed.intent}")
    call.complain("Service not stopped: was not running.")
    return 255


async def _crash(call: Call, arguments: list[str]) -> int:
    names = _after_user(arguments)
    if names:
        await activities.crash(call.phone, names[0])
    return 0


async def _to_uri(call: Call, arguments: list[str]) -> int:
    intent = parse_intent(arguments, _SWITCHES, _VALUED).intent
    call.say(intent.data or f"intent:#Intent;action={intent.action};end")
    return 0


async def _quiet(call: Call, arguments: list[str]) -> int:
    return 0


SUBS: Final[dict[str, Sub]] = {
    "start": _start, "start-activity": _start, "broadcast": _broadcast, "force-stop": _force_stop, "stop-app": _force_stop,
    "kill": _kill, "kill-all": _kill_all, "stack": _stack, "task": _task, "get-current-user": _get_current_user,
    "get-config": _get_config, "instrument": _instrument, "startservice": _start_service, "start-service": _start_service,
    "start-foreground-service": _start_service, "stopservice": _stop_service, "stop-service": _stop_service, "crash": _crash,
    "to-uri": _to_uri, "to-intent-uri": _to_uri, "hang": _quiet, "restart": _quiet, "idle-maintenance": _quiet, "set-debug-app": _quiet,
    "clear-debug-app": _quiet, "send-trim-memory": _quiet, "compat": _quiet, "wait-for-broadcast-idle": _quiet, "switch-user": _quiet,
    "set-inactive": _quiet, "make-uid-idle": _quiet, "freeze": _quiet, "unfreeze": _quiet, "memory-factor": _quiet, "profile": _quiet,
}  # fmt: skip
COMMANDS: Final[dict[str, Command]] = {"am": am}
