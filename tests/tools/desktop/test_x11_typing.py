"""Text arrives exactly: in Tk, GTK, Qt and a terminal, under every layout and lock, by keys and by the clipboard."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.protocol.event import ClientMessage

from handeye.tools.desktop import X11Driver
from handeye.tools.desktop.virtual import VirtualDesktop
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Point, Size
from tests.tools.desktop.conftest import Pad
from tests.waiting import until

MIXED = (
    "Zażółć gęślą jaźń <b>&amp;</b> 你好，世界 日本語テスト 한국어 😀🎉👍🏽 é ñ ü ß ÀÉÎ e\u0301 a\u0308 العربية שלום €£¥ "
    "\"q\" 'a' {x}[y]|z\\ ~^` @# $% *() -_=+ /?.;:! Привет Ελληνικά ĄĆĘŁŃÓŚŹŻ 0123456789 ABC xyz → ∑ √ ½ ™\tTab\nLINE\n終"
)


def layout(desktop: VirtualDesktop, *names: str) -> None:
    subprocess.run(["setxkbmap", "-display", desktop.display, *names], check=True)


@pytest.mark.parametrize("names", [("us",), ("de",), ("fr",), ("ru",), ("us,ru",)], ids=lambda names: names[0])
def test_any_layout(desktop: VirtualDesktop, x11: X11Driver, pad: Pad, names: tuple[str, ...]) -> None:
    layout(desktop, *names)
    try:
        x11.type_text(MIXED)
    finally:
        layout(desktop, "us")
    assert pad.text() == MIXED
    pad.clear()


def test_caps_lock_and_num_lock_change_nothing_and_stay(x11: X11Driver, display: Any, pad: Pad) -> None:
    root = display.screen().root
    x11.press_keys(["caps_lock"])
    x11.press_keys(["num_lock"])
    try:
        locked = root.query_pointer().mask
        x11.type_text("Hello aß 12 Ą<>")
        assert locked & 2
        assert root.query_pointer().mask == locked
    finally:
        x11.press_keys(["caps_lock"])
        x11.press_keys(["num_lock"])
    assert pad.text() == "Hello aß 12 Ą<>"
    pad.clear()


def test_the_keyboard_is_as_it_was_afterwards(desktop: VirtualDesktop, display: Any, pad: Pad) -> None:
    X11Driver.open(desktop.display).close()  # takes back what the driver of the other tests has lent
    before = display.get_keyboard_mapping(8, 248)
    other = X11Driver.open(desktop.display)
    other.type_text("żółw 你好")
    other.close()
    assert [list(row)[:2] for row in display.get_keyboard_mapping(8, 248)] == [list(row)[:2] for row in before]
    assert pad.text() == "żółw 你好"
    pad.clear()


def test_a_keyboard_without_spare_keys(desktop: VirtualDesktop, x11: X11Driver, display: Any, pad: Pad) -> None:
    for code, row in enumerate(display.get_keyboard_mapping(8, 248), 8):
        if not any(row):
            display.change_keyboard_mapping(code, [[0xFFBE, 0xFFBE]])
    display.sync()
    before = [list(row)[:1] for row in display.get_keyboard_mapping(8, 248)]
    try:
        x11.type_text("żółw 你好 😀")
        after = [list(row)[:1] for row in display.get_keyboard_mapping(8, 248)]
    finally:
        layout(desktop, "us")
    assert after == before
    assert pad.text() == "żółw 你好 😀"
    pad.clear()


def test_much_is_typed_on_a_virtual_desktop_with_few_changes_of_the_keyboard() -> None:
    with VirtualDesktop.start(Size(400, 300), window_manager=None) as fresh:
        watcher, typist = Display(fresh.display), X11Driver.open(fresh.display)
        typist.type_text(MIXED)
        watcher.sync()
        changes = 0
        while watcher.pending_events():
            # At each a window manager reads the keyboard again, deaf to clicks meanwhile.
            changes += watcher.next_event().type == X.MappingNotify
        watcher.close()
        typist.close()
    assert 0 < changes < 20


def listening(client: Display, heard: dict[int, list[str]], over: Event) -> None:
    """Answer pings, as the hints ask windows to, and write down for each window what came, until it is over."""
    root, ping = client.screen().root, client.intern_atom("_NET_WM_PING")
    while not over.wait(0.005):
        while client.pending_events():
            came = client.next_event()
            if came.type == X.MappingNotify:
                for log in heard.values():
                    log.append("change")
            elif came.type == X.ClientMessage and came.data[1][0] == ping:
                heard[came.window.id].append("ping")
                answer = ClientMessage(window=root, client_type=came.client_type, data=came.data)
                root.send_event(answer, event_mask=X.SubstructureNotifyMask | X.SubstructureRedirectMask)
                client.flush()


def test_a_window_hears_of_one_change_of_the_keyboard_at_a_time() -> None:
    # libX11 asks the server for the keys that changed, and takes what it hears of meanwhile for answered: on a busy machine characters of
    # a later change came out as what their keys had given before.
    with VirtualDesktop.start(Size(400, 300), window_manager=None) as fresh:
        typist, client, over = X11Driver.open(fresh.display), Display(fresh.display), Event()
        windows = [client.screen().root.create_window(place, 0, 200, 300, 0, X.CopyFromParent) for place in (0, 200)]
        for window in windows:
            window.set_wm_protocols([client.intern_atom("_NET_WM_PING")])
            window.map()
        client.sync()
        heard: dict[int, list[str]] = {window.id: [] for window in windows}
        thread = Thread(target=listening, args=(client, heard, over))
        try:
            thread.start()
            asking = Display(fresh.display)
            for window in windows:
                asking.set_input_focus(window.id, X.RevertToNone, X.CurrentTime)
                asking.sync()
                # The server tells of its own change from one keyboard to the other.
                typist.type_text("a")
                for log in heard.values():
                    log.clear()
                typist.type_text(MIXED)
                # The second window may have missed what was changed for the first.
                assert heard[window.id].count("change") > 0
                pairs = list(zip(["", *heard[window.id]], heard[window.id], strict=False))
                assert all(before == "ping" for before, now in pairs if now == "change"), str(pairs)
            asking.close()
        finally:
            over.set()
            thread.join()
            client.close()
        typist.close()


def test_ten_thousand_characters(x11: X11Driver, pad: Pad) -> None:
    text = ("The quick brown Fox jumps over 13 lazy Dogs; 你好世界 {x: [1, 2]} <tag>\n" * 150)[:10_000]
    x11.type_text(text)
    assert pad.text() == text
    pad.clear()


@pytest.mark.parametrize("text", ["a\x1bb", "a\x00", "half \ud83d", "\x7f"])
def test_what_no_key_gives_is_refused_before_anything_is_typed(x11: X11Driver, pad: Pad, text: str) -> None:
    with pytest.raises(InvalidAction, match=r"U\+"):
        x11.type_text("never seen " + text)
    assert pad.text() == ""


def test_a_chord_with_a_letter_that_the_layout_lacks(desktop: VirtualDesktop, x11: X11Driver, pad: Pad) -> None:
    layout(desktop, "ru")
    try:
        x11.press_keys(["ctrl", "s"])
        until(lambda: "Control-s" in pad.names())
    finally:
        layout(desktop, "us")
    pad.clear()


def test_gtk(desktop: VirtualDesktop, x11: X11Driver, tmp_path: Path) -> None:
    if shutil.which("zenity") is None:
        pytest.skip("zenity is not installed")
    told = tmp_path / "told"
    desktop.run(["sh", "-c", f"exec zenity --text-info --editable > {told}"], env={"LANG": "C.UTF-8", "NO_AT_BRIDGE": "1"})
    until(lambda: any(window.active and window.app == "Zenity" for window in x11.windows()))
    x11.type_text(MIXED)
    box = next(window for window in x11.windows() if window.app == "Zenity").box
    x11.click(Point(box.right - 50, box.bottom - 25))
    until(lambda: told.read_text())
    assert told.read_text() == MIXED


def test_qt(desktop: VirtualDesktop, x11: X11Driver, tmp_path: Path) -> None:
    if shutil.which("featherpad") is None:
        pytest.skip("featherpad is not installed")
    file = tmp_path / "qt.txt"
    file.touch()
    desktop.run(["featherpad", "--standalone", str(file)], env={"LANG": "C.UTF-8", "HOME": str(tmp_path)})
    until(lambda: any(window.active and window.app == "FeatherPad" for window in x11.windows()))
    x11.type_text(MIXED)
    x11.press_keys(["ctrl", "s"])
    until(lambda: file.stat().st_size)
    assert file.read_text().removesuffix("\n") == MIXED
    x11.press_keys(["ctrl", "q"])


@pytest.mark.parametrize("way", ["keys", "paste"])
def test_a_terminal(desktop: VirtualDesktop, x11: X11Driver, tmp_path: Path, way: str) -> None:
    if shutil.which("xterm") is None:
        pytest.skip("xterm is not installed")
    file = tmp_path / "cat.txt"
    desktop.run(["xterm", "-u8", "-e", "sh", "-c", f"stty -ixon; cat > {file}"], env={"LANG": "C.UTF-8"})
    until(lambda: file.exists() and any(window.active and window.app == "XTerm" for window in x11.windows()))
    text = MIXED.replace("\t", " ")
    if way == "keys":
        x11.type_text(text)
    else:
        x11.paste(text)
    x11.press_keys(["enter"])
    x11.press_keys(["ctrl", "d"])
    until(lambda: not any(window.app == "XTerm" for window in x11.windows()))
    assert file.read_text().removesuffix("\n") == text


def test_paste_leaves_the_clipboard_as_it_was(desktop: VirtualDesktop, x11: X11Driver, pad: Pad) -> None:
    if shutil.which("xclip") is None:
        pytest.skip("xclip is not installed")
    clip = ["xclip", "-display", desktop.display, "-selection", "clipboard"]
    quiet = subprocess.DEVNULL
    subprocess.run([*clip, "-i"], input="mine: żółw".encode(), check=True, stdout=quiet, stderr=quiet)
    x11.activate(next(window for window in x11.windows() if window.title == "pad"))
    x11.paste(MIXED)
    assert pad.text() == MIXED
    assert subprocess.run([*clip, "-o"], check=True, capture_output=True, timeout=20).stdout.decode() == "mine: żółw"
    pad.clear()
