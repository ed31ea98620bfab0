"""What `dumpsys` says of the window, display, input and power services."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from handeye.tools.geometry import Box
from handeye.tools.simphone.intents import component_of, front_task, short, stack
from handeye.tools.simphone.layout import layout
from handeye.tools.simphone.packages import enabled_keyboards
from handeye.tools.simphone.state import Task

if TYPE_CHECKING:
    from handeye.tools.simphone.phone import Phone

DISPLAY: Final = 4619827259835644672
"""The id that Android's emulator gives its display (adbutils: screenshot.py)."""
INNER_DISPLAY: Final = 4619827551948147201
"""The second display of a foldable, as the emulator gives it."""


SHADE: Final = "NotificationShade"
"""Name of the window of the shade and of the lock screen (AOSP 12: NotificationShadeWindowControllerImpl)."""


SYSTEM_UI: Final = "com.android.systemui"
KEYBOARD: Final = "com.android.inputmethod.latin"
COVER: Final = "Overlay"
"""Name of the window that an app draws over the others (`simphone overlay`)."""
KINDS: Final = {
    "NavigationBar0": "NAVIGATION_BAR", SHADE: "NOTIFICATION_SHADE", "StatusBar": "STATUS_BAR", COVER: "APPLICATION_OVERLAY",
    "InputMethod": "INPUT_METHOD",
}  # fmt: skip
"""Kinds of the windows that are no activity's (WindowManager.LayoutParams, as ViewDebug writes them)."""
STATUS_BAR, NAVIGATION_BAR = 28, 48
"""Heights of the bars in CSS pixels (system/shell.css)."""


def flag(value: bool) -> str:
    """`true` or `false`."""
    return str(value).lower()


def mark(text: str) -> str:
    """A name for an object in memory, the same for the same text."""
    from zlib import crc32

    return f"{crc32(text.encode()) & 0xFFFFFFF:07x}"


def focus_of(phone: Phone) -> str:
    """`mCurrentFocus` of the window service."""
    name = _focused(phone)
    return f"Window{{{mark(name)} u0 {name}}}"


def _focused(phone: Phone) -> str:
    """Name of the window that has the focus."""
    facts, window = phone.state.facts, phone.screen.window
    if not facts.awake or (facts.locked and not facts.call and not window):
        return SHADE
    return window or component_of(front_task(phone.state))


def record_of(task: Task) -> str:
    """An ActivityRecord."""
    name = component_of(task)
    return f"ActivityRecord{{{mark(name)} u0 {short(name)} t{task.id}}}"


def keyboard_shown(phone: Phone) -> bool:
    """Whether the soft keyboard is drawn."""
    return phone.screen.keyboard > 0


def dump_window(phone: Phone, arguments: list[str]) -> str:
    """`dumpsys window [windows|displays|policy|lastanr|…]`."""
    parts: dict[str, Callable[[Phone], list[str]]] = {
        "windows": _windows,
        "visible": _windows,
        "visible-apps": _windows,
        "displays": _displays,
        "policy": _policy,
    }
    wanted = next((word.removeprefix("-") for word in arguments if word.removeprefix("-") in parts), "")
    if wanted:
        return "\n".join(parts[wanted](phone))
    if arguments and arguments[0] not in ("-a", "all"):
        return f"Bad window command, or no windows match: {arguments[0]}\nUse -h for help."
    return "\n".join(["WINDOW MANAGER LAST ANR (dumpsys window lastanr)", "  <no ANR has occurred since boot>", "", *_policy(phone), "",
                      *_displays(phone), "", *_windows(phone)])  # fmt: skip


def _policy(phone: Phone) -> list[str]:
    facts = phone.state.facts
    return [
        "WINDOW MANAGER POLICY STATE (dumpsys window policy)",
        f"  mAwake={flag(facts.awake)} mScreenOnEarly={flag(facts.awake)} mScreenOnFully={flag(facts.awake)}",
        f"    screenState={'SCREEN_STATE_ON' if facts.awake else 'SCREEN_STATE_OFF'}",
        f"    interactiveState={'INTERACTIVE_STATE_AWAKE' if facts.awake else 'INTERACTIVE_STATE_SLEEP'}",
        "    KeyguardServiceDelegate",
        f"      showing={flag(facts.locked)}",
        f"      inputRestricted={flag(facts.locked)}",
        "      secure=false",
        f"    mShowingLockscreen={flag(facts.locked)} mDreamingLockscreen={flag(facts.locked)} isStatusBarKeyguard={flag(facts.locked)}",
        f"  mInputRestricted={flag(facts.locked)}",
    ]


def _displays(phone: Phone) -> list[str]:
    state = phone.state
    size, upright = state.size, state.options.size
    return [
        "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)",
        "  Display: mDisplayId=0",
        f"    init={upright.width}x{upright.height} {state.options.density}dpi"
        + (f" base={state.facts.size_override.width}x{state.facts.size_override.height}" if state.facts.size_override else "")
        + f" cur={size.width}x{size.height} app={size.width}x{size.height} rng={min(size.width, size.height)}x"
        f"{min(size.width, size.height)}-{max(size.width, size.height)}x{max(size.width, size.height)}",
        "    deferred=false mLayoutNeeded=false mTouchExcludeRegion=SkRegion()",
        f"  mCurrentRotation=ROTATION_{state.facts.rotation * 90}",
        f"    mRotation=ROTATION_{state.facts.rotation * 90} mDeferredRotationPauseCount=0",
        f"  mCurrentFocus={focus_of(phone)}",
        f"  mFocusedApp={record_of(front_task(state))}",
    ]


def _windows(phone: Phone) -> list[str]:
    state, lines = phone.state, ["WINDOW MANAGER WINDOWS (dumpsys window windows)"]
    secure = phone.faults.active("black")
    front = component_of(front_task(state))
    for index, (name, owner, frame, shown, more) in enumerate(_stacked(phone)):
        flags = "LAYOUT_IN_SCREEN SECURE HARDWARE_ACCELERATED" if secure and name == front else "LAYOUT_IN_SCREEN HARDWARE_ACCELERATED"
        box = f"[{frame.left},{frame.top}][{frame.right},{frame.bottom}]"
        lines += [
            f"  Window #{index} Window{{{mark(name)} u0 {name}}}:",
            f"    mDisplayId=0 mSession=Session{{{mark(name)} 1000:u0a10000}} mClient=android.os.BinderProxy@{mark(name)}",
            f"    mOwnerUid=1000 showForAllUsers={flag(owner == SYSTEM_UI)} package={owner}",
            f"    mAttrs={{(0,0)(fillxfill) ty={KINDS.get(name, 'BASE_APPLICATION')}",
            f"      fl={more}{flags}}}",
            f"    Frames: parent={box} display={box} frame={box} last={box}",
            f"    mHasSurface={flag(shown)} isReadyForDisplay()={flag(shown)} mWindowRemovalAllowed=false",
            f"    isOnScreen={flag(shown)}",
            f"    isVisible={flag(shown and state.facts.awake)}",
        ]
    lines += [
        "  mGlobalConfiguration={1.0 310mcc260mnc [en_US] ldltr}",
        f"  mHasPermanentDpad=false\n  mTopFocusedDisplayId=0\n  mCurrentFocus={focus_of(phone)}",
        f"  mFocusedApp={record_of(front_task(state))}",
        f"  mInputMethodTarget in display# 0 Window{{{mark(front)} u0 {front}}}",
    ]
    return lines


def _stacked(phone: Phone) -> list[tuple[str, str, Box, bool, str]]:
    """Name, package, frame, whether it is shown and flags of every window, the topmost first."""
    state, screen = phone.state, phone.screen
    size = state.size
    scale = layout(size, state.density).scale
    whole, bar = Box(0, 0, size.width, size.height), round(STATUS_BAR * scale)
    foot = size.height - round(NAVIGATION_BAR * scale)
    plain, front = "NOT_FOCUSABLE ", component_of(front_task(state))
    focused = _focused(phone)
    found = [
        ("NavigationBar0", SYSTEM_UI, Box(0, foot, size.width, size.height), not state.facts.locked, plain),
        (SHADE, SYSTEM_UI, whole, focused == SHADE, ""),
        ("StatusBar", SYSTEM_UI, Box(0, 0, size.width, bar), True, plain),
    ]
    if screen.cover is not None:
        cover = screen.cover
        through = "NOT_FOCUSABLE NOT_TOUCHABLE " if cover.through else plain
        found.append((COVER, cover.package, Box(0, cover.top, size.width, cover.bottom), True, through))
    if screen.keyboard:
        found.append(("InputMethod", KEYBOARD, Box(0, foot - round(screen.keyboard * scale), size.width, foot), True, plain))
    names = [component_of(task) for task in stack(state)]
    if focused not in (SHADE, *names):
        found.append((focused, focused.partition("/")[0] if "/" in focused else "android", whole, True, ""))
    on_top = focused if focused in names else front
    ordered = sorted(names, key=lambda name: name != on_top)
    return found + [(name, name.partition("/")[0], whole, name == on_top, "") for name in ordered]


def dump_display(phone: Phone, arguments: list[str]) -> str:
    """`dumpsys display`."""
    state = phone.state
    size, upright, rotation = state.size, state.options.size, state.facts.rotation
    two = phone.faults.active("second_display")
    on = state.facts.awake
    power = "ON" if on else "OFF"
    viewports = [_viewport(phone, DISPLAY, 0, active=not two)]
    lines = [
        "DISPLAY MANAGER (dumpsys display)",
        f"  mStableDisplaySize=Point({upright.width}, {upright.height})",
        f"  mViewports=[{', '.join([*viewports, *([_viewport(phone, INNER_DISPLAY, 0, active=True)] if two else [])])}]",
        "",
        f"Display Devices: size={1 + two}",
        f'  DisplayDeviceInfo{{"Built-in Screen": uniqueId="local:{DISPLAY}", {upright.width} x {upright.height}, modeId 1, '
        f"renderFrameRate 60.0, density {state.options.density}, state {'OFF' if two else power}, "
        f"touch INTERNAL, rotation 0, type INTERNAL}}",
    ]
    if two:
        lines.append(
            f'  DisplayDeviceInfo{{"Inner Screen": uniqueId="local:{INNER_DISPLAY}", {upright.width} x {upright.height}, modeId 2, '
            f"renderFrameRate 60.0, density {state.options.density}, state {power}, touch INTERNAL, rotation 0, type INTERNAL}}"
        )
    active = INNER_DISPLAY if two else DISPLAY
    lines += [
        "",
        "Logical Displays: size=1",
        "  Display 0:",
        "    mDisplayId=0",
        f"    mPrimaryDisplayDevice={'Inner Screen' if two else 'Built-in Screen'}",
        f'    mBaseDisplayInfo=DisplayInfo{{"Built-in Screen", displayId 0, real {upright.width} x {upright.height}, '
        f'rotation 0, state {power}, uniqueId "local:{active}"}}',
        f'    mOverrideDisplayInfo=DisplayInfo{{"Built-in Screen", displayId 0, real {size.width} x {size.height}, '
        f'rotation {rotation}, density {state.density}, state {power}, uniqueId "local:{active}"}}',
        "",
        "Display Power Controller:",
        f"  mScreenState={power}",
        f"Display Power: state={power}",
        f"  mScreenBrightness={int(state.setting('system', 'screen_brightness', '102') or 0) / 255:.4f}",
    ]
    return "\n".join(lines)


def _viewport(phone: Phone, number: int, logical: int, active: bool) -> str:
    state = phone.state
    size, rotation = state.size, state.facts.rotation
    return (
        f"DisplayViewport{{type=INTERNAL, valid=true, isActive={flag(active and state.facts.awake)}, displayId={logical}, "
        f"uniqueId='local:{number}', physicalPort={int(number == INNER_DISPLAY)}, orientation={rotation}, "
        f"logicalFrame=Rect(0, 0 - {size.width}, {size.height}), physicalFrame=Rect(0, 0 - {size.width}, {size.height}), "
        f"deviceWidth={size.width}, deviceHeight={size.height}}}"
    )


def dump_surfaces(phone: Phone, arguments: list[str]) -> str:
    """`dumpsys SurfaceFlinger [--display-id|--list|--latency]`."""
    if "--display-id" in arguments:
        lines = [f'Display {DISPLAY} (HWC display 0): port=0 pnpId=GGL displayName="EMU_display_0"']
        if phone.faults.active("second_display"):
            lines.append(f'Display {INNER_DISPLAY} (HWC display 1): port=1 pnpId=GGL displayName="EMU_display_1"')
        return "\n".join(lines)
    layers = [f"{component_of(task)}#{task.id}" for task in stack(phone.state)]
    if "--list" in arguments:
        return "\n".join(["StatusBar#0", "NavigationBar0#0", *layers])
    if any(word.startswith("--latency") for word in arguments):
        return "16666666"
    head = ["Build configuration: [sf PRESENT_TIME_OFFSET=0]", f"Display {DISPLAY} HWC layers:"]
    tail = ["GLES: Google, Handeye simulated phone", f"  flips={phone.screen.frames}, isSecure=true"]
    return "\n".join([*head, *(f"  {name}" for name in layers), *tail])


def dump_input(phone: Phone, arguments: list[str]) -> str:
    """`dumpsys input`: `logicalFrame` and `physicalFrame` as AndroidWorld's adb_utils reads them."""
    state = phone.state
    size = state.size
    frame = f"logicalFrame=[0, 0, {size.width}, {size.height}], physicalFrame=[0, 0, {size.width}, {size.height}]"
    rotation = state.facts.rotation
    return "\n".join([
        "INPUT MANAGER (dumpsys input)", "", "Input Manager State:", "  Interactive: " + flag(state.facts.awake), "",
        "Event Hub State:", "  BuiltInKeyboardId: -2", "  Devices:", "    1: handeye_touch",
        "      Classes: KEYBOARD | TOUCH | TOUCH_MT", "",
        "Input Reader State (Nums of device: 1):", "  Device 1: handeye_touch", "    Touch Input Mapper (mode - DIRECT):",
        f"      Viewport INTERNAL: displayId=0, uniqueId=local:{DISPLAY}, port=0, orientation={rotation}, {frame}, "
        f"deviceSize=[{size.width}, {size.height}], isActive=[1]",
        f"      SurfaceWidth: {size.width}px", f"      SurfaceHeight: {size.height}px", f"      SurfaceOrientation: {rotation}",
        f"      InputDeviceOrientation: {rotation}", f"      PhysicalWidth: {size.width}px", f"      PhysicalHeight: {size.height}px", "",
        "Input Dispatcher State:", "  DispatchEnabled: true", "  FocusedDisplayId: 0", "  FocusedWindows:",
        f"    displayId=0, name='{component_of(front_task(state))}'",
    ])  # fmt: skip


def dump_power(phone: Phone, arguments: list[str]) -> str:
    """`dumpsys power`."""
    facts = phone.state.facts
    on = flag(facts.awake)
    stays_on = phone.state.setting("global", "stay_on_while_plugged_in", "0") != "0"
    return "\n".join([
        "POWER MANAGER (dumpsys power)", "", "Power Manager State:", "  mSettingsObserver: present",
        f"  mWakefulness={'Awake' if facts.awake else 'Asleep'}", "  mWakefulnessChanging=false",
        f"  mIsPowered={flag(facts.battery.get('plugged', 0) != 0)}", f"  mPlugType={facts.battery.get('plugged', 0)}",
        f"  mBatteryLevel={facts.battery.get('level', 100)}", f"  mStayOn={flag(stays_on)}",
        f"  mBootCompleted=true\n  mHoldingWakeLockSuspendBlocker={on}", f"  mHoldingDisplaySuspendBlocker={on}",
        f"  mScreenOffTimeoutSetting={phone.state.setting('system', 'screen_off_timeout', '60000')}",
        f"  mBatterySaverEnabled={flag(phone.state.setting('global', 'low_power') == '1')}",
        f"Display Power: state={'ON' if facts.awake else 'OFF'}",
    ])  # fmt: skip


def dump_input_method(phone: Phone, arguments: list[str]) -> str:
    """`dumpsys input_method`."""
    current = phone.state.setting("secure", "default_input_method")
    shown = flag(keyboard_shown(phone))
    return "\n".join([
        "Current Input Method Manager state:", "  Input Methods: mMethodMapUpdateCount=1",
        *[f"  InputMethod #{number}:\n    mId={name}" for number, name in enumerate(phone.state.facts.keyboards)],
        f"  enabled: {enabled_keyboards(phone.state)}", f"  mCurMethodId={current}",
        f"  mCurId={current} mHaveConnection=true mBoundToMethod=true",
        f"  mShowRequested={shown} mShowExplicitlyRequested=false mShowForced=false mInputShown={shown}",
        f"  mSystemReady=true mInteractive={flag(phone.state.facts.awake)}", "", f"  mServedView=null mIsInputViewShown={shown}",
    ])  # fmt: skip
