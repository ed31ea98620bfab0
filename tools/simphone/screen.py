"""`Screen`: what the phone shows, drawn by a page of Chromium, and the finger and the keys that work it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from handeye.tools.errors import DeviceError, DeviceTimeout
from handeye.tools.simphone import activities, keys, tasks, web
from handeye.tools.simphone.bridge import Bridge, add_notification
from handeye.tools.simphone.cover import Cover
from handeye.tools.simphone.files import SHELL_FILES
from handeye.tools.simphone.frames import Frames
from handeye.tools.simphone.layout import Layout, layout
from handeye.tools.simphone.manifest import manifests
from handeye.tools.simphone.pages import ORIGIN, icon_address, serve
from handeye.tools.simphone.state import DeviceState, Notification, Task
from handeye.tools.simphone.touch import Finger

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

SETTLE_S = 2.0
"""How long an input waits, at most, for what it set off in the pages to be drawn."""
ANSWER_S = 20.0
"""How long the page may take to answer anything."""


class Screen:
    """The screen of one phone. All coroutines run on the loop on which `open` ran; points are pixels of the screen as it is turned now.

    Every coroutine raises `DeviceError` when Chromium is gone and `DeviceTimeout` when its page hangs.
    """

    def __init__(self, state: DeviceState) -> None:
        self.state = state
        self._bridge = Bridge(self)
        self._page: Page | None = None
        self._frames: Frames | None = None
        self._layout: Layout | None = None
        self._events: list[tuple[str, str]] = []
        self._pushing: asyncio.Task[None] | None = None
        self._dialogs: dict[int, asyncio.Future[int]] = {}
        self._next_dialog = 1
        self.overlay: dict[str, bool] = {}
        """What is drawn over everything for tests: `animated` (something that moves for ever)."""
        self.window = ""
        """Name of the system's window that has the focus: a dialog's, the shade's, home's over an app; empty: what is in front."""
        self.running: set[str] = set()
        """Packages with a live frame."""
        self.keyboard = 0.0
        """Height of the soft keyboard in CSS pixels; 0: it is not shown."""
        self.cover: Cover | None = None
        """What an app draws over all others."""
        state.listeners.append(self._on_change)

    # Life

    async def open(self, context: BrowserContext) -> None:
        """Draw the home screen in a fresh context."""
        await serve(context, self.state.files)
        await web.prepare(context, self.state)
        self._page = page = await context.new_page()
        self._cdp: Any = await context.new_cdp_session(page)
        self._frames = Frames(self._cdp, self._ask)
        await page.expose_binding("bridgeCall", lambda source, app, method, values: self._bridge.call(app, method, values))
        await page.expose_binding("bridgeDirty", lambda source: self._pictures.mark())
        await page.expose_binding("bridgeNote", lambda source, kind, value: self._on_note(kind, value))
        await self._cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 5})
        await self._cdp.send("Emulation.setFocusEmulationEnabled", {"enabled": True})
        await self._resize()
        self._finger = Finger(self._cdp, self._frames.shooting)
        await page.goto(f"{ORIGIN}/system/shell.html")
        self._events.append(("packages", ""))
        await self._frames.watch()
        await self.sync()

    async def restart(self) -> None:
        """Be as the state says, with no app running: after `DeviceState.restore`."""
        self._events = [("packages", ""), ("restart", "")]
        for waiting in self._dialogs.values():
            waiting.cancel()
        self._dialogs.clear()
        self.overlay.clear()
        self.cover = None
        await self.sync()

    async def close(self) -> None:
        """Stop drawing. A second call does nothing."""
        page, self._page = self._page, None
        if self._on_change in self.state.listeners:
            self.state.listeners.remove(self._on_change)
        if self._pushing is not None:
            self._pushing.cancel()
        if page is not None:
            await page.context.close()

    async def sync(self) -> None:
        """Bring the page to the state; returns when it is drawn."""
        await self._push()
        await self._settle()

    # Pictures

    async def png(self) -> bytes:
        """What is shown, as a lossless PNG of `state.size`."""
        await self._flush()
        return await self._pictures.png(self.state.size)

    async def rgba(self) -> bytes:
        """What is shown, row by row, 4 bytes a pixel: `width * height * 4` bytes."""
        await self._flush()
        return await self._pictures.rgba(self.state.size)

    async def fresh_png(self) -> bytes:
        """What is shown, captured now whatever was captured before."""
        await self._flush()
        return await self._pictures.fresh(self.state.size)

    @property
    def frames(self) -> int:
        """Grows whenever something may have been drawn."""
        return self._pictures.count

    # Touch

    async def tap(self, x: float, y: float, hold_ms: int = 0) -> None:
        """Touch a point and lift after `hold_ms`."""
        if await self._input():
            await self._finger.tap(self._place, x, y, hold_ms)
            await self._after()

    async def swipe(self, x1: float, y1: float, x2: float, y2: float, ms: int) -> None:
        """Move a finger in `ms` milliseconds. What scrolls slides on only while animations are on."""
        if await self._input():
            animated = self.state.setting("global", "animator_duration_scale", "1") not in ("0", "0.0")
            await self._finger.move(self._place, [(x1, y1), (x2, y2)], ms, rest=not animated)
            await self._after()

    async def drag(self, x1: float, y1: float, x2: float, y2: float, ms: int) -> None:
        """Press long, then move in `ms` milliseconds."""
        if await self._input():
            await self._finger.move(self._place, [(x1, y1), (x2, y2)], ms, press=True, rest=True)
            await self._after()

    async def touch(self, kind: str, x: float = 0, y: float = 0) -> None:
        """One step of a touch made elsewhere: `down`, `move` or `up`."""
        if kind == "down":
            if await self._input():
                await self._finger.down(self._place, x, y)
        elif kind == "move":
            await self._finger.go(self._place, x, y)
        else:
            await self._finger.up()
            await self._after()

    # Keys and text

    async def keys(self, codes: Sequence[int], chord: bool = False, long: bool = False) -> None:
        """Press keys by Android's codes, one after the other; with `chord` all at once, with `long` longer."""
        self._tick()
        await self._flush()
        if chord:
            names = [name for code in codes if (name := keys.chromium_key(code))]
            await self._chord(names)
        else:
            for code in codes:
                await self._key(code, long)
        await self._after()

    async def text(self, text: str) -> bool:
        """Type into what has the focus; False when nothing has. Lines end with the Enter key."""
        if not await self._input():
            return False
        if not await self._ask("device.hasField()"):
            return False
        for index, line in enumerate(text.replace("\r\n", "\n").split("\n")):
            if index:
                await self.page.keyboard.press("Enter")
            if line:
                await self.page.keyboard.insert_text(line)
        await self._after()
        return True

    async def clear_text(self) -> bool:
        """Empty the field that has the focus; False when none has."""
        if not await self._ask("device.hasField()"):
            return False
        await self._ask("device.clearField()")
        await self._after()
        return True

    async def editor_action(self) -> bool:
        """What the keyboard's action key does (go to the next field, search, done); False when no field has the focus."""
        if not await self._ask("device.hasField()"):
            return False
        await self._enter()
        await self._after()
        return True

    # What is there

    async def tree(self) -> str:
        """What is visible in uiautomator's XML, all frames."""
        from handeye.tools.simphone.uitree import to_xml

        await self._flush()
        nodes = await self._ask("tree.read()")
        return to_xml(nodes, self._place, self.state.facts.rotation)

    def notify(self, package: str, title: str, text: str) -> Notification:
        """Put a line into the notification shade."""
        return add_notification(self, package, title, text)

    async def ask_permission(self, name: str, why: str = "") -> bool:
        """Let the app in front ask for a permission, with words of its own; whether there is an app in front."""
        call = f"device.ask(device.frontFrame(), {json.dumps(name)}, {json.dumps(why)})"
        asked = await self._ask(f"Boolean(device.frontFrame()) && (void {call}, true)")
        await self.sync()
        return bool(asked)

    async def show_dialog(self, title: str, text: str, buttons: Sequence[str] = ("OK",)) -> asyncio.Future[int]:
        """Show a dialog of the system; the future gives the index of the button that was tapped, -1 when it was left with BACK."""
        number, self._next_dialog = self._next_dialog, self._next_dialog + 1
        self._dialogs[number] = answer = asyncio.get_running_loop().create_future()
        self._tell("dialog", json.dumps({"id": number, "title": title, "text": text, "buttons": list(buttons)}))
        await self.sync()
        return answer

    def answer_dialog(self, number: int, button: int) -> None:
        """A dialog was answered."""
        waiting = self._dialogs.pop(number, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(button)

    # Apps

    def start(self, intent: dict[str, Any], caller: Task | None = None) -> bool:
        """Open what an intent of an app names or asks for: `{package, activity, action, data, mime, extras}`; whether somebody answers."""
        return activities.open_for_app(self.state, intent, caller)

    async def stop_app(self, package: str) -> None:
        """Drop an app's frame, as a force-stop or a crash does; the home screen shows if it was in front."""
        if self.state.front is not None and self.state.front.package == package:
            self.state.facts.at_home = True
        self._tell("stop", package)
        await self.sync()

    async def crash(self, package: str) -> None:
        """The app dies; a dialog says so."""
        label = self._label(package)
        await self.stop_app(package)
        self._tell("crash", json.dumps({"package": package, "label": label}))
        await self.sync()

    def clear_app(self, package: str) -> None:
        """Make an app's files and databases new, as it was on the first day."""
        from handeye.tools.simphone.seeding import fill_app

        fill_app(self.state, package, with_samples=False)

    # Inside

    @property
    def page(self) -> Page:
        """What it is drawn in. Raises `DeviceError` before `open` and after `close`."""
        if self._page is None:
            raise DeviceError("The phone's screen is closed.")
        return self._page

    @property
    def _pictures(self) -> Frames:
        if self._frames is None:
            raise DeviceError("The phone's screen was not opened.")
        return self._frames

    @property
    def _place(self) -> Layout:
        assert self._layout is not None
        return self._layout

    def _label(self, package: str) -> str:
        found = self.state.facts.packages.get(package)
        return found.label if found else package

    async def _ask(self, expression: str) -> Any:
        from playwright.async_api import Error

        request = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        try:
            reply = await asyncio.wait_for(self._cdp.send("Runtime.evaluate", request), ANSWER_S)
        except TimeoutError as error:
            raise DeviceTimeout("The simulated phone's page hangs.") from error
        except Error as error:
            raise DeviceError(f"The simulated phone's page is gone: {error}") from error
        if "exceptionDetails" in reply:
            details = reply["exceptionDetails"]
            raise DeviceError(f"The simulated phone's page failed: {details.get('exception', {}).get('description', details['text'])}")
        return reply["result"].get("value")

    def _on_change(self, kind: str, detail: str) -> None:
        if kind != "files" or not detail.startswith(SHELL_FILES):
            self._tell(kind, detail)

    def _tell(self, kind: str, detail: str) -> None:
        if self._page is None:
            return
        self._events.append((kind, detail))
        if self._frames is not None and kind not in ("files", "sql"):
            self._frames.mark()
        if self._pushing is None or self._pushing.done():
            self._pushing = asyncio.get_running_loop().create_task(self._push_soon())

    async def _push_soon(self) -> None:
        while self._events and self._page is not None:
            try:
                await self._push()
            except DeviceError:
                return

    async def _push(self) -> None:
        events, self._events = self._events, []
        await self._resize()
        await self._ask(f"device.receive({json.dumps(self._mirror(events))}, {json.dumps(events)})")

    async def _flush(self) -> None:
        if self._events or (self._pushing is not None and not self._pushing.done()):
            await self.sync()

    async def _settle(self) -> None:
        await self._ask(f"device.settled({SETTLE_S * 1000:.0f})")

    async def _input(self) -> bool:
        """Get ready for a touch; False when the screen is off."""
        self._tick()
        await self._flush()
        self._pictures.mark()
        return self.state.facts.awake

    async def _after(self) -> None:
        self._pictures.mark()
        await self._settle()
        await self._flush()
        self._pictures.mark()

    def _tick(self) -> None:
        if self.state.clock.kind == "steps":
            self.state.clock.step()
            self.state.changed("clock")

    async def _resize(self) -> None:
        wanted = layout(self.state.size, self.state.density)
        if wanted == self._layout:
            return
        self._layout = wanted
        metrics = {"width": wanted.width, "height": wanted.height, "deviceScaleFactor": wanted.scale, "mobile": True}
        await self._cdp.send("Emulation.setDeviceMetricsOverride", metrics)

    def _mirror(self, events: list[tuple[str, str]]) -> dict[str, Any]:
        facts, clock = self.state.facts, self.state.clock
        mirror: dict[str, Any] = {
            "settings": facts.settings,
            "tasks": [asdict(task) for task in facts.tasks],
            "at_home": facts.at_home,
            "clipboard": facts.clipboard,
            "notifications": [asdict(note) for note in facts.notifications],
            "awake": facts.awake,
            "locked": facts.locked,
            "rotation": facts.rotation,
            "call": facts.call,
            "battery": facts.battery,
            "clock": {"now": clock.now_ms, "kind": clock.kind, "zone": clock.zone},
            "overlay": self.overlay,
            "cover": None if self.cover is None else asdict(self.cover),
            "size": list(self.state.size),
            "density": self.state.density,
        }
        if any(kind in ("packages", "restart") for kind, _ in events):
            names = {manifest.package: name for name, manifest in manifests().items()}
            mirror["packages"] = [
                {
                    "package": one.package, "label": one.label or one.package, "system": one.system, "enabled": one.enabled,
                    "version": one.version_name, "permissions": sorted(one.permissions), "folder": names.get(one.package, ""),
                    "asks": list(one.manifest.permissions) if one.manifest else [], "home": bool(one.manifest and one.manifest.home),
                    "dock": bool(one.manifest and one.manifest.dock), "order": one.manifest.order if one.manifest else 100,
                    "activity": one.manifest.activity if one.manifest else "",
                    "icon": icon_address(names[one.package]) if one.package in names else "",
                }
                for one in facts.packages.values()
            ]  # fmt: skip
            mirror["props"] = facts.props
        return mirror

    def _on_note(self, kind: str, value: Any) -> None:
        if kind == "running":
            self.running = set(value)
        elif kind == "keyboard":
            self.keyboard = float(value)

    async def _chord(self, names: list[str]) -> None:
        keyboard, held = self.page.keyboard, []
        try:
            for name in names:
                await keyboard.down(name)
                held.append(name)
        finally:
            for name in reversed(held):
                await keyboard.up(name)

    async def _enter(self) -> None:
        await self.page.keyboard.press("Enter")

    async def _key(self, code: int, long: bool) -> None:
        facts = self.state.facts
        if code in (keys.POWER, keys.SLEEP, keys.WAKEUP, keys.SOFT_SLEEP):
            self._power(code)
        elif not facts.awake:
            return
        elif code == keys.HOME:
            if not await self._ask("device.home()") and not facts.locked:
                tasks.go_home(self.state)
        elif code in keys.OPENS and not facts.locked:
            tasks.open_package(self.state, keys.OPENS[code])
        elif code == keys.CLEAR:
            await self.clear_text()
        elif code in keys.CHORDS:
            await self._chord(list(keys.CHORDS[code]))
        elif code in (keys.ENTER, 160, 23) and await self._ask("device.hasField()"):
            await self._enter()
        elif await self._ask(f"device.key({code}, {json.dumps(long)})"):
            return
        elif name := keys.chromium_key(code):
            await self.page.keyboard.press(name)
        await self._flush()

    def _power(self, code: int) -> None:
        facts = self.state.facts
        wake = code == keys.WAKEUP or (code == keys.POWER and not facts.awake)
        if wake == facts.awake:
            return
        facts.awake = wake
        if not wake and self.state.setting("secure", "lockscreen.disabled", "0") != "1":
            facts.locked = True
        self.state.changed("power")
