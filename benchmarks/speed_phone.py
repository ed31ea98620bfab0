"""How fast a phone is seen and touched without a model, how soon a simulated one is there, and what ten of them weigh."""

from __future__ import annotations

import importlib
import io
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from handeye.benchmarks.processes import weight_gb
from handeye.benchmarks.speed import SpeedReport, SpeedRow, compared
from handeye.envs.actions import Click, OpenApp, PressButton
from handeye.envs.phone import PhoneEnv
from handeye.tools.android import AndroidDriver, AndroidOptions, PrivateServer
from handeye.tools.android.screencap import read_png, read_raw
from handeye.tools.device import Pixels
from handeye.tools.errors import DeviceError
from handeye.tools.geometry import Point, Size
from handeye.tools.simphone.launcher import SimPhones

ROUNDS = 5
"""Screenshots of each kind for each repeat: taken by turns, so that a busy machine slows all alike."""
TAPS = 3
PHONES = 10
SCREENS = ("home", "settings", "a photograph")
"""What is shown: icons over flat shapes, a list that packs well, and a picture with the grain of a camera, which packs badly."""
PHOTOGRAPH = "/storage/emulated/0/Pictures/photograph.jpg"


def measure(repeats: int = 5, phones_at_once: int = PHONES) -> SpeedReport:
    """Medians over `repeats` rounds of everything; about 10 s for each. Memory is measured of `phones_at_once` phones in one process.

    Both are 1 at least. Raises `SetupError` without adb or a browser.
    """
    rows: list[SpeedRow] = []
    boots, resets = [], []
    with PrivateServer() as server:
        for number in range(repeats):
            start = time.perf_counter()
            with SimPhones() as phones:
                boots.append(time.perf_counter() - start)
                for _ in range(3):
                    phones.run(phones.serials[0], "am start -n com.android.settings/.Settings")
                    start = time.perf_counter()
                    phones.run(phones.serials[0], "simphone reset")
                    resets.append(time.perf_counter() - start)
                if number == repeats - 1:
                    rows += _screenshots(server, phones.serials[0], repeats)
                    rows += _tap_steps(server, phones, repeats)
    rows.append(SpeedRow("boot of the simulated phone, its process and browser included", statistics.median(boots), "s"))
    rows.append(SpeedRow("reset of the simulated phone", statistics.median(resets), "s"))
    rows += _memory(phones_at_once)
    notes = (
        f"Medians of {repeats * ROUNDS} screenshots of each kind, {repeats * TAPS} taps, {repeats} boots; simulated phone of 1080x2400.",
        "Baseline of the screenshots: adbutils' screenshot(), decoded, on the same phone at the same time: it knows PNG only.",
        "Floor: the same bytes through a socket on loopback, decoded by the same code, without adb and phone.",
        "A real phone needs 0.1 to 0.5 s for the picture itself, which the simulated one has ready; the driver keeps the faster form.",
        "Memory: proportional set size of the process that the phones share and of all that it started.",
    )
    return SpeedReport("speed phone", tuple(rows), (), notes)


def _screenshots(server: PrivateServer, serial: str, repeats: int) -> Iterator[SpeedRow]:
    theirs = _adbutils(server, serial)
    drivers = {form: AndroidDriver.connect(serial, AndroidOptions(server.address, form=form)) for form in ("raw", "png")}
    any_driver = drivers["raw"]
    for name in SCREENS:
        _show(name, any_driver, theirs)
        _until_still(any_driver)
        ways: dict[str, Callable[[], Any]] = {"adbutils": lambda: theirs.screenshot().load()}
        ways |= {form: driver.screenshot for form, driver in drivers.items()}
        raw, png = any_driver.shell("screencap", 20).stdout, any_driver.shell("screencap -p", 20).stdout
        with _served(raw) as raw_from, _served(png) as png_from:
            ways["raw floor"] = partial(_floor, read_raw, raw_from, len(raw))
            ways["png floor"] = partial(_floor, read_png, png_from, len(png))
            seconds = _by_turns(ways, repeats * ROUNDS)
        for form in ("raw", "png"):
            yield compared(f"screenshot of {name}, {form} (baseline: adbutils)", seconds[form], "s", seconds["adbutils"])
            yield compared(f"screenshot of {name}, {form} (baseline: floor)", seconds[form], "s", seconds[f"{form} floor"])
    for driver in drivers.values():
        driver.close()


def _show(name: str, driver: AndroidDriver, theirs: Any) -> None:
    match name:
        case "home":
            driver.press_button("home")
        case "settings":
            driver.open_app("com.android.settings")
        case _:
            theirs.sync.push(io.BytesIO(_photograph(driver.size)), PHOTOGRAPH)
            view = f"am start -W -a android.intent.action.VIEW -t image/jpeg -d file://{PHOTOGRAPH}"
            driver.shell(view, 20)


def _photograph(size: Size) -> bytes:
    """A JPEG of soft shapes with the grain of a camera."""
    from PIL import Image

    random = np.random.default_rng(0)
    coarse = Image.fromarray(random.integers(0, 256, (12, 6, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)
    grainy = np.asarray(coarse, np.float32) + random.normal(0, 6, (size.height, size.width, 1))
    data = io.BytesIO()
    Image.fromarray(grainy.clip(0, 255).astype(np.uint8)).save(data, "JPEG", quality=92)
    return data.getvalue()


def _floor(read: Callable[[bytearray], Pixels], address: tuple[str, int], size: int) -> Pixels:
    return read(_fetched(address, size))


def _by_turns(ways: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, work in ways.items():
            start = time.perf_counter()
            work()
            if number:  # the first of each warms it up
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def _until_still(driver: AndroidDriver) -> None:
    before = driver.screenshot()
    for _ in range(20):
        now = driver.screenshot()
        if np.array_equal(before, now):
            return
        before = now
    raise DeviceError("The simulated phone's screen does not come to rest.")


def _adbutils(server: PrivateServer, serial: str) -> Any:
    return importlib.import_module("adbutils").AdbClient(server.address.host, server.address.port).device(serial)


@contextmanager
def _served(data: bytes) -> Iterator[tuple[str, int]]:
    """A socket on loopback that gives `data` to whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                    with connection:
                        connection.sendall(data)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _fetched(address: tuple[str, int], size: int) -> bytearray:
    data, filled = bytearray(size), 0
    with socket.create_connection(address, 5) as connection, memoryview(data) as view:
        while filled < size and (got := connection.recv_into(view[filled:])):
            filled += got
    return data


def _tap_steps(server: PrivateServer, phones: SimPhones, repeats: int) -> Iterator[SpeedRow]:
    serial = phones.serials[0]
    env = PhoneEnv(
        AndroidDriver.connect(serial, AndroidOptions(server.address)),
        restore=lambda: _done(phones.run(serial, "simphone reset").returncode),
    )
    opening: list[float] = []
    idle: list[float] = []
    parts: list[tuple[float, float, float]] = []
    try:
        env.reset()
        env.step(OpenApp(name="Settings"))
        for _ in range(repeats * TAPS):
            row = _first_row(env.driver)
            start = time.perf_counter()
            step = env.step(Click(point=row))
            opening.append(time.perf_counter() - start)
            parts.append((step.act_s, step.settled.waited_s, step.capture_s))
            env.step(PressButton(button="back"))
            start = time.perf_counter()
            env.step(Click(point=Point(env.driver.size.width // 2, 12)))
            idle.append(time.perf_counter() - start)
    finally:
        env.close()
    yield SpeedRow("tap step without the model: a page opens", statistics.median(opening), "s")
    for name, values in zip(("act", "settle", "capture"), zip(*parts, strict=True), strict=True):
        yield SpeedRow(f"of it: {name}", statistics.median(values), "s")
    yield SpeedRow("tap step without the model: nothing happens", statistics.median(idle), "s")


def _done(code: int) -> None:
    if code:
        raise DeviceError("The simulated phone was not reset.")


def _first_row(driver: AndroidDriver) -> Point:
    """The middle of the first row of the list on the screen."""
    height = driver.size.height
    for node in driver.ui_tree().walk():
        if "clickable" in node.traits and node.bounds.top > height // 8 and node.bounds.width > driver.size.width // 2:
            return node.bounds.center
    raise DeviceError("The settings show no rows.")


def _memory(count: int) -> Iterator[SpeedRow]:
    if not Path("/proc/self/smaps_rollup").exists():
        return
    with SimPhones(count) as phones:
        yield SpeedRow(f"memory of {count} simulated phones at home", weight_gb(phones.pid), "GB")
        for serial in phones.serials:
            phones.run(serial, "am start -W -n com.android.settings/.Settings")
        yield SpeedRow(f"memory of {count} simulated phones, an app open in each", weight_gb(phones.pid), "GB")
