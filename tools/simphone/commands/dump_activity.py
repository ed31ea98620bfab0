"""What `dumpsys activity` says of tasks, activities and processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handeye.tools.simphone.activities import pid_of
from handeye.tools.simphone.commands.dump_window import mark, record_of
from handeye.tools.simphone.intents import component_of, front_task, short, stack
from handeye.tools.simphone.state import HOME, Task

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone


def dump_activity(phone: Phone, arguments: list[str]) -> str:
    """`dumpsys activity [activities|top|recents|services|processes|…]`."""
    words = [word for word in arguments if not word.startswith("-")]
    match words[:1]:
        case ["activities" | "a" | "containers" | "starter"]:
            return "\n".join(_activities(phone))
        case ["top"]:
            return "\n".join(_top(phone))
        case ["recents" | "r"]:
            return "\n".join(_recents(phone))
        case ["services" | "s" | "service"]:
            return "ACTIVITY MANAGER SERVICES (dumpsys activity services)\n  (nothing)"
        case ["broadcasts" | "b"]:
            return "ACTIVITY MANAGER BROADCAST STATE (dumpsys activity broadcasts)\n  Historical broadcasts [foreground]:\n    (nothing)"
        case ["providers" | "prov" | "provider"]:
            return "ACTIVITY MANAGER CONTENT PROVIDERS (dumpsys activity providers)\n  (nothing)"
        case ["intents" | "i"]:
            return "ACTIVITY MANAGER PENDING INTENTS (dumpsys activity intents)\n  (nothing)"
        case ["processes" | "p" | "lru" | "oom" | "o"]:
            return "\n".join(_processes(phone))
        case ["lastanr" | "lmk" | "exit-info" | "permissions" | "settings"]:
            return f"ACTIVITY MANAGER {words[0].upper()} (dumpsys activity {words[0]})\n  (nothing)"
        case []:
            return "\n".join([*_recents(phone), "-" * 79, *_activities(phone), "-" * 79, *_processes(phone)])
        case _ if "/" in words[0] or words[0] in phone.state.facts.packages:
            wanted = [task for task in stack(phone.state) if words[0] in (task.package, component_of(task), short(component_of(task)))]
            return "\n".join(line for task in wanted for line in _activity(phone, task)) or f"No activities match: {words[0]}"
    return f"Bad activity command, or no activities match: {words[0]}\nUse -h for help."


def _activities(phone: Phone) -> list[str]:
    tasks, front = stack(phone.state), front_task(phone.state)
    lines = ["ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)", "Display #0 (activities from top to bottom):"]
    awake = phone.state.facts.awake
    for index, task in enumerate(tasks):
        shown = index == 0 and awake
        kind = "home" if task.package == HOME else "standard"
        lines += [
            f"  * Task{{{mark(task.package)} #{task.id} type={kind} A=10000:{task.package} U=0 visible={str(index == 0).lower()} "
            f"visibleRequested={str(index == 0).lower()} mode=fullscreen translucent={str(index != 0).lower()} sz=1}}",
            "    mLastPausedActivity: null" if shown else f"    mLastPausedActivity: {record_of(task)}",
            *([f"    mResumedActivity: {record_of(task)}"] if shown else []),
            f"    * Hist  #0: {record_of(task)}",
            f"      packageName={task.package} processName={task.package}",
            f"      mActivityComponent={short(component_of(task))}",
            f"      app=ProcessRecord{{{mark(task.package)} {pid_of(task.package)}:{task.package}/u0a100}}",
            f"      state={'RESUMED' if shown else 'STOPPED'} delayedResume=false finishing=false",
            "",
        ]
    if awake:
        lines += [
            f"  mResumedActivity: {record_of(front)}",
            f"  topResumedActivity={record_of(front)}",
            f"  ResumedActivity: {record_of(front)}",
        ]
    lines += [
        f"  mFocusedApp={record_of(front)}",
        f"  mLastFocusedRootTask=Task{{{mark(front.package)} #{front.id} A=10000:{front.package}}}",
    ]
    lines += [f"  isHomeRecentsComponent=true mHomeProcess: ProcessRecord{{{mark(HOME)} {pid_of(HOME)}:{HOME}/u0a99}}"]
    return lines


def _top(phone: Phone) -> list[str]:
    """The activity in front comes last, as on a phone (adbutils takes the last one)."""
    return [
        line
        for task in reversed(stack(phone.state))
        for line in [f"TASK {task.package} id={task.id} userId=0", *_activity(phone, task), ""]
    ]


def _activity(phone: Phone, task: Task) -> list[str]:
    front = task is front_task(phone.state) or task.id == front_task(phone.state).id
    seen = str(front).lower()
    return [
        f"  ACTIVITY {short(component_of(task))} {mark(component_of(task))} pid={pid_of(task.package)}",
        f"    Local Activity {mark(task.activity)} State:",
        f"      mResumed={seen} mStopped={str(not front).lower()} mFinished=false",
        "    View Hierarchy:",
        f"      DecorView@{mark(task.activity)}[{task.activity.rpartition('.')[2]}]",
    ]


def _recents(phone: Phone) -> list[str]:
    lines = [
        "ACTIVITY MANAGER RECENT TASKS (dumpsys activity recents)",
        f"mRecentsComponent=ComponentInfo{{{HOME}/{HOME}.RecentsActivity}}",
    ]
    for index, task in enumerate(reversed(phone.state.facts.tasks)):
        name = component_of(task)
        lines += [
            f"  * Recent #{index}: Task{{{mark(task.package)} #{task.id} type=standard A=10000:{task.package}}}",
            f"    userId=0 effectiveUid=u0a100 mCallingUid=u0a99 mUserSetupComplete=true mCallingPackage={HOME}",
            f"    affinity=10000:{task.package}",
            f"    intent={{act=android.intent.action.MAIN cat=[android.intent.category.LAUNCHER] flg=0x10200000 cmp={short(name)}}}",
            f"    mActivityComponent={short(name)}",
            "    rootWasReset=true mNeverRelinquishIdentity=true mReuseTask=false mLockTaskAuth=LOCK_TASK_AUTH_PINNABLE",
            f"    taskId={task.id}",
            f"    stackId={task.id}\n    hasBeenVisible=true mResizeMode=RESIZE_MODE_RESIZEABLE isResizeable=true",
        ]
    lines += ["  Visible recent tasks (most recent first):"]
    for index, task in enumerate(reversed(phone.state.facts.tasks)):
        lines.append(
            f"  * RecentTaskInfo #{index}:\n    id={task.id} userId=0 hasTask=true lastActiveTime={phone.state.clock.now_ms % 10**8}"
        )
    return lines


def _processes(phone: Phone) -> list[str]:
    names = sorted({"system", "com.android.systemui", HOME, *phone.screen.running})
    lines = ["ACTIVITY MANAGER RUNNING PROCESSES (dumpsys activity processes)"]
    lines += [f"  *APP* UID 10100 ProcessRecord{{{mark(name)} {pid_of(name)}:{name}/u0a100}}" for name in names]
    return [*lines, f"  mHomeProcess: ProcessRecord{{{mark(HOME)} {pid_of(HOME)}:{HOME}/u0a99}}"]
