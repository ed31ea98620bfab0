"""From what is really there to classes of risk: one row a case, each with a twin that must stay free."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from handeye.agent.safety.classes import CLASSES, FREE, Around, judge
from handeye.agent.safety.shell import shell_classes
from handeye.envs.actions import (
    Action,
    AnswerDialog,
    ChooseFiles,
    Click,
    CloseTab,
    Drag,
    GoBack,
    Goto,
    LongPress,
    Move,
    OpenApp,
    PressButton,
    PressKeys,
    Scroll,
    Swipe,
    TypeText,
    Wait,
)
from handeye.envs.env import Effect
from handeye.tools.egress.hosts import Allowed
from handeye.tools.geometry import Point, Size
from handeye.tools.target import Target
from tests.agent.safety.targets import HERE, in_form, on_desk, on_page, on_phone
from tests.strategies import actions

AT = Point(1, 1)
CLICK = Click(point=AT)
ENTER = PressKeys(keys=("enter",))
FREE_CLASS = "free"


def classes(action: Action, *targets: Target, **around: Any) -> set[str]:
    return {risk for judged in judge(action, targets, Around(**around)) for risk in judged.classes}


def keys(*names: str) -> PressKeys:
    return PressKeys(keys=names)


WEB = [
    (on_page("button", "Buy now"), "pay"),
    (on_page("generic", "Buy now"), "pay"),
    (on_page("button", "", text="Buy now"), "pay"),
    (on_page("button", "OK", container="Pay 20 € to Eve?"), "pay"),
    (on_page("button", "Confirm", amounts=("20 €",)), "pay"),
    (on_page("button", "Continue", amounts=("20 €",)), "free"),
    (in_form("Continue", f"{HERE}/checkout"), "pay"),
    (in_form("Continue", f"{HERE}/x", "post", "text", "autocomplete=cc-number"), "pay"),
    (on_page("button", "Send message"), "send"),
    (on_page("button", "Delete"), "delete"),
    (on_page("button", "OK", container="Delete all messages?"), "delete"),
    (on_page("button", "Cancel", container="Delete all messages?"), "free"),
    (on_page("button", "Keep", container="Delete all messages?"), "free"),
    (on_page("button", "Cancel subscription"), "delete"),
    (on_page("link", "Delete account", href=f"{HERE}/account/delete"), "delete"),
    (on_page("link", "Here", href=f"{HERE}/messages/7/delete?sure=1"), "delete"),
    (on_page("link", "Buy now", href=f"{HERE}/buy?id=3"), "pay"),
    (on_page("link", "Order history", href=f"{HERE}/orders"), "free"),
    (on_page("link", "Checkout", href=f"{HERE}/checkout"), "free"),
    (on_page("link", "How to delete files for good in Linux", href=f"{HERE}/blog/1"), "free"),
    (on_page("link", "Delete", href=f"{HERE}/page#"), "delete"),
    (on_page("link", "Settings", href=f"{HERE}/settings"), "free"),
    (on_page("link", "Sign in", href=f"{HERE}/login"), "free"),
    (on_page("link", "Terms of service", href=f"{HERE}/terms"), "free"),
    (on_page("button", "Allow", page=f"{HERE}/oauth/authorize?scope=mail"), "grant"),
    (on_page("button", "Continue", page=f"{HERE}/oauth/authorize?scope=mail"), "grant"),
    (on_page("button", "Allow access"), "grant"),
    (in_form("Sign in", f"{HERE}/login", "post", "password"), "credentials"),
    (in_form("Go", f"{HERE}/x", "post", "autocomplete=one-time-code"), "credentials"),
    (on_page("button", "Save", page=f"{HERE}/settings/security"), "settings"),
    (on_page("switch", "Two factors", page=f"{HERE}/settings"), "settings"),
    (on_page("checkbox", "Only new", page=f"{HERE}/list"), "free"),
    (on_page("link", "Free game", href=f"{HERE}/game.exe"), "install"),
    (on_page("link", "Report", href=f"{HERE}/report.pdf", download=True), "free"),
    (on_page("link", "Page", href=f"{HERE}/page.html", download=True), "install"),
    (on_page("button", "Add to Chrome"), "install"),
    (on_page("link", "Write to us", href="mailto:a@b.test"), "leave"),
    (on_page("link", "Call", href="tel:110"), "leave"),
    (on_page("link", "Menu", href="javascript:toggle()"), "free"),
    (on_page("checkbox", "I agree to the terms"), "terms"),
    (on_page("button", "Accept all cookies"), "terms"),
    (on_page("button", "Reject all"), "free"),
    (on_page("button", "Only necessary"), "free"),
    (in_form("Add to cart", f"{HERE}/cart"), "submit"),
    (in_form("Cancel", f"{HERE}/anything"), "submit"),
    (in_form("Weiter", f"{HERE}/step2"), "submit"),
    (on_page("button", "Submit"), "submit"),
    (in_form("Send", "https://evil.test/x"), "leave"),
    (in_form("Go", "mailto:a@b.test"), "leave"),
    (in_form("Search", f"{HERE}/s", "get", "name=q", "text"), "free"),
    (in_form("Go", f"{HERE}/s", "get", "search"), "free"),
    (in_form("Go", f"{HERE}/x", "get", "hidden"), "submit"),
    (in_form("Show connections", f"{HERE}/trains", "get", "text", "name=from", "name=to"), "free"),
    (in_form("Show flights", f"{HERE}/flights", "get", "text", "date", "name=from", "name=to", "name=date"), "free"),
    (in_form("Show", f"{HERE}/transfer", "get", "text", "name=to", "name=amount"), "submit"),
    (in_form("Continue", f"{HERE}/x", "get", "text", "name=to", "name=amount"), "submit"),
    (in_form("Go", f"{HERE}/x", "get", "text", "name=account"), "submit"),
    (in_form("Go", f"{HERE}/poll", "get", "radio", "name=vote"), "submit"),
    (in_form("Show", f"{HERE}/settings/x", "get", "radio", "name=a"), "submit"),
    (in_form("Submit", f"{HERE}/x", "get", "text"), "submit"),
    (in_form("Go", f"{HERE}/x", "get", "text", "name=comment"), "submit"),
    (in_form("Go", f"{HERE}/x", "get", "email"), "submit"),
    (in_form("Search", f"{HERE}/s", "get", "name=q", "text", "hidden", "name=_method"), "submit"),
    (on_page("link", "Next", href=f"{HERE}/items?action=delete&id=5"), "delete"),
    (on_page("link", "Next", href=f"{HERE}/items?action=view&id=5"), "free"),
    (on_page("button", "", text="›", known=False, doubts=("no name",)), "free"),
    (on_page("button", "", text="♡", known=False, doubts=("no name",)), "unknown"),
    (on_page("option", "book shelf"), "free"),
    (on_page("option", "Delete"), "delete"),
    (on_page("row", "Anna: delete the photos?"), "free"),
    (on_page("button", "Follow"), "free"),
    (in_form("Close", f"{HERE}/x", "dialog"), "free"),
    (on_page("textbox", "Pay to", input_type="text"), "free"),
    (on_page("textbox", "Password", input_type="password"), "free"),
    (on_page("button", "Upload", input_type="file"), "free"),
    (on_page("tab", "Billing"), "free"),
    (on_page("option", "Credit card"), "free"),
    (on_page("paragraph", "We will never buy or sell your data, nor delete it, says the policy"), "free"),
    (on_page("button", ""), "free"),
    (on_page("canvas", "", known=False, doubts=("canvas",)), "unknown"),
    (on_page("button", "Next", known=False, doubts=("covered",)), "unknown"),
]


@pytest.mark.parametrize(("target", "risk"), WEB, ids=lambda value: f"{value.role} {value.name}" if isinstance(value, Target) else value)
def test_a_click_on_a_page(target: Target, risk: str) -> None:
    found = classes(CLICK, target)
    assert risk in found
    assert (risk == "free") == (found == FREE)


PHONE = [
    (on_phone("Allow", "com.google.android.permissioncontroller"), "grant"),
    (on_phone("Whatever", "com.android.permissioncontroller"), "grant"),
    (on_phone("Don’t allow", "com.google.android.permissioncontroller"), "free"),
    (on_phone("Install", "com.google.android.packageinstaller"), "install"),
    (on_phone("Follow"), "send"),
    (on_phone("Follow the link for more"), "free"),
    (on_phone("Pair"), "grant"),
    (on_phone("", role="android.widget.ImageView"), "unknown"),
    (on_phone("", role="android.widget.FrameLayout"), "unknown"),
    (on_phone("", role="android.widget.ImageView", resource_id="app:id/back"), "free"),
    (on_phone("", role="android.widget.EditText", states=frozenset({"editable"})), "free"),
    (on_phone("Continue", amounts=("490.00 EUR",)), "pay"),
    (on_phone("Continue"), "free"),
    (on_phone("Got it", amounts=("490.00 EUR",)), "free"),
    (on_phone("Continue", container="All messages will be lost."), "delete"),
    (on_phone("🛒"), "unknown"),
    (on_phone("→"), "free"),
    (on_phone("OK", "com.google.android.packageinstaller", container="Do you want to uninstall this app?"), "delete"),
    (on_phone("Cancel", "com.google.android.packageinstaller"), "free"),
    (on_phone("Install", "com.android.vending"), "install"),
    (on_phone("1-tap buy", "com.android.vending", amounts=("4,99 €",)), "pay"),
    (on_phone("Wi-Fi", "com.android.settings", "android.widget.Switch"), "settings"),
    (on_phone("Network & internet", "com.android.settings", "android.widget.TextView"), "free"),
    (on_phone("Call Eve", "com.google.android.dialer"), "send"),
    (on_phone("", "com.google.android.apps.messaging", resource_id="com.google.android.apps.messaging:id/send_message_button"), "send"),
    (on_phone("Drive", "com.android.intentresolver", "android.widget.TextView"), "files"),
    (on_phone("", resource_id="com.example.app:id/btnDelete"), "delete"),
    (on_phone(""), "unknown"),
    (on_phone("Wi-Fi tile", "com.android.systemui", resource_id="com.android.systemui:id/tile"), "settings"),
    (on_phone("Chats", role="android.widget.TextView"), "free"),
    (on_phone("Delete", states=frozenset({"disabled"})), "free"),
    # Keys on the screen type; one of them is Enter, whatever it is called.
    (on_phone("Go", "com.google.android.inputmethod.latin"), "submit"),
    (on_phone("Done", "com.google.android.inputmethod.latin"), "submit"),
    (on_phone("Enter", "com.google.android.inputmethod.latin"), "submit"),
    (on_phone("Send", "com.google.android.inputmethod.latin"), "send"),
    (
        on_phone("x", "com.google.android.inputmethod.latin", resource_id="com.google.android.inputmethod.latin:id/key_pos_ime_action"),
        "submit",
    ),
    (on_phone("Next", "com.google.android.inputmethod.latin"), "free"),
    (on_phone("Search", "com.google.android.inputmethod.latin"), "free"),
    (on_phone("Delete", "com.google.android.inputmethod.latin"), "free"),
    (on_phone("q", "com.google.android.inputmethod.latin"), "free"),
    (on_phone("=", "com.google.android.calculator"), "free"),
    (on_phone("Update", "com.google.android.packageinstaller"), "install"),
    (on_phone("Update", "com.android.vending"), "install"),
    (on_phone("Activate this device admin app", "com.android.settings"), "settings"),
    (on_phone("Start free trial", "com.example.video"), "pay"),
]


def test_what_is_dropped_or_swept_aside_on_a_phone() -> None:
    mail = on_phone("Ann: lunch?", "com.google.android.gm", "android.view.ViewGroup")
    aside, up = (Swipe(start=Point(400, 300), end=end) for end in (Point(50, 310), Point(390, 20)))
    assert "unknown" in classes(aside, mail)
    assert classes(up, mail) == FREE
    assert classes(aside, on_phone("Page 2", "com.example.app", "android.view.ViewGroup")) == FREE
    drag = Drag(start=Point(400, 300), end=Point(50, 10))
    for name, risk in (("Uninstall", "delete"), ("Remove", "delete"), ("Games", "free")):
        assert risk in classes(drag, on_phone(name, "com.android.launcher3", "android.widget.TextView", place="drop"))


@pytest.mark.parametrize(("target", "risk"), PHONE, ids=lambda value: f"{value.app} {value.name}" if isinstance(value, Target) else value)
def test_a_tap_on_a_phone(target: Target, risk: str) -> None:
    found = classes(CLICK, target)
    assert risk in found
    assert (risk == "free") == (found == FREE)
    assert classes(LongPress(point=AT), target) == found


DESK = [
    (CLICK, on_desk("Send", "thunderbird thunderbird"), "send"),
    (CLICK, on_desk("Replace", container="A file of that name exists"), "delete"),
    (CLICK, on_desk("Yes", container="Question Mail the list to Eve?"), "dialog"),
    (CLICK, on_desk("Yes", container="Mail the list to Eve"), "free"),
    (CLICK, on_desk("No", container="Question Mail the list to Eve?"), "free"),
    (CLICK, on_desk("Don't Save", container="Save changes?"), "delete"),
    (CLICK, on_desk("Authenticate", "polkit-gnome-authentication-agent-1"), "grant"),
    (CLICK, on_desk("Bluetooth", "gnome-control-center Gnome-control-center", "toggle button"), "settings"),
    (CLICK, on_desk("File", role="menu"), "free"),
    (Click(point=AT, count=2), on_desk("setup.sh", "Thunar Thunar", "icon"), "install"),
    (Click(point=AT, count=2), on_desk("notes.txt", "Thunar Thunar", "icon"), "free"),
    (Click(point=AT, button="right"), on_desk("Delete"), "free"),
    (keys("delete"), on_desk("notes.txt", "Thunar Thunar", "icon", place="focus"), "delete"),
    (keys("shift", "delete"), on_desk("notes.txt", "Thunar Thunar", "icon", place="focus"), "delete"),
    (keys("delete"), on_desk("", role="text", place="focus", states=frozenset({"editable"})), "free"),
    (keys("ctrl", "enter"), on_desk("", "thunderbird", "text", place="focus", states=frozenset({"editable"})), "send"),
    (keys("ctrl", "s"), on_desk("", role="text", place="focus", states=frozenset({"editable"})), "submit"),
    (keys("alt", "f4"), on_desk("", role="text", place="focus"), "submit"),
    (keys("ctrl", "c"), on_desk("", role="text", place="focus"), "free"),
    (ENTER, on_desk("", role="text", place="focus", states=frozenset({"editable"})), "free"),
    (ENTER, on_desk("Delete", place="focus", states=frozenset({"default"})), "delete"),
    (keys("space"), on_desk("Delete", place="focus"), "delete"),
    # A letter presses the button, or chooses the item, in whose name it is underlined.
    (keys("alt", "o"), on_desk("", role="text", container="Delete the file?", place="focus", states=frozenset({"editable"})), "delete"),
    (keys("alt", "n"), on_desk("", role="text", container="Rename", place="focus", states=frozenset({"editable"})), "submit"),
    (keys("alt", "d"), on_desk("", "claws-mail Claws-mail", "text", place="focus", states=frozenset({"editable"})), "submit"),
    (keys("alt", "f"), on_desk("", role="text", place="focus", states=frozenset({"editable"})), "free"),
    (keys("a"), on_desk("New", role="menu item", place="focus"), "submit"),
    (keys("down"), on_desk("New", role="menu item", place="focus"), "free"),
    (ENTER, on_desk("", "gmrun Gmrun", "text", place="focus", states=frozenset({"editable"})), "run"),
    (Drag(start=AT, end=AT), on_desk("Rubbish Bin", role="icon", place="drop"), "delete"),
    (keys("space", "ctrl"), on_desk("Delete", place="focus"), "delete"),
    (keys("ctrl", "space"), on_desk("Delete", place="focus"), "delete"),
    # Keys go down in order: what else is in the chord takes back none of them.
    (keys("enter", "a"), on_desk("Delete", place="focus"), "delete"),
    (keys("delete", "a"), on_desk("notes.txt", "Thunar Thunar", "icon", place="focus"), "delete"),
    (keys("enter", "a"), on_desk("$", "xterm XTerm", "terminal", place="focus"), "run"),
    (keys("a", "b"), on_desk("$", "xterm XTerm", "terminal", place="focus"), "free"),
    (ENTER, on_desk("$", "xterm XTerm", "terminal", place="focus"), "run"),
    (keys("ctrl", "m"), on_desk("$", "xterm XTerm", "terminal", place="focus"), "run"),
    (keys("ctrl", "shift", "v"), on_desk("$", "xterm XTerm", "terminal", place="focus"), "run"),
    (TypeText(text="ls"), on_desk("$", "xterm XTerm", "terminal", place="focus"), "free"),
    (TypeText(text="ls\n"), on_desk("$", "xterm XTerm", "terminal", place="focus"), "run"),
    (TypeText(text="ls; sudo rm -rf ~\n"), on_desk("$", "xterm XTerm", "terminal", place="focus"), "delete"),
    (TypeText(text="echo hi > notes\n"), on_desk("$", "Xfce4-terminal", "terminal", place="focus"), "delete"),
    (TypeText(text="hello"), on_desk("", known=False, doubts=("no tree",), place="focus"), "unknown"),
    (Drag(start=AT, end=AT), on_desk("Trash", role="icon", place="drop"), "delete"),
    (Drag(start=AT, end=AT), on_desk("Documents", role="icon", place="drop"), "free"),
    (OpenApp(name="x"), on_desk("x", "x", place="app", known=False, doubts=("no such program",)), "unknown"),
]


@pytest.mark.parametrize(("action", "target", "risk"), DESK)
def test_the_desktop_and_its_keys(action: Action, target: Target, risk: str) -> None:
    found = classes(action, target)
    assert risk in found
    assert (risk == "free") == (found == FREE)


def test_a_paste_into_a_terminal_runs_what_nobody_saw() -> None:
    terminal = on_desk("$", "xterm XTerm", "terminal", place="focus")
    assert "run" in classes(keys("shift", "insert"), terminal)
    assert "run" in classes(Click(point=AT, button="middle"), terminal)
    assert classes(keys("ctrl", "v"), on_page("textbox", "Name", input_type="text", place="focus", states=frozenset({"editable"}))) == FREE


FIELD = {"place": "focus", "states": frozenset({"editable"})}


@pytest.mark.parametrize(
    ("action", "target", "risk"),
    [
        (TypeText(text="hi"), on_page("textbox", "Name", input_type="text", **FIELD), "free"),
        (TypeText(text="pw"), on_page("textbox", "Password", input_type="password", **FIELD), "credentials"),
        (TypeText(text="1"), on_page("textbox", "Code", autocomplete="one-time-code", input_type="text", **FIELD), "credentials"),
        (TypeText(text="4242"), on_page("textbox", "Card", autocomplete="cc-number", input_type="text", **FIELD), "pay"),
        (TypeText(text="a\nb"), on_page("textbox", "Notes", **FIELD), "free"),
        (TypeText(text="hi\n"), on_page("textbox", "Write a message", **FIELD), "send"),
        (
            TypeText(text="hi\n"),
            on_page("textbox", "Name", input_type="text", form_action=f"{HERE}/x", form_method="post", **FIELD),
            "submit",
        ),
        (
            TypeText(text="cats\n"),
            on_page("searchbox", "", input_type="search", form_action=f"{HERE}/s", form_method="get", **FIELD),
            "free",
        ),
        (keys("ctrl", "enter"), on_page("textbox", "Comment", **FIELD), "send"),
        (keys("page_down"), on_page("document", "", place="focus"), "free"),
        (keys("tab"), on_page("document", "", place="focus", known=False, doubts=("nothing has the focus",)), "free"),
        (keys("a"), on_page("canvas", "", place="focus", known=False, doubts=("canvas",)), "unknown"),
        (keys("delete"), on_page("row", "Mail of Eve", place="focus"), "delete"),
        (PressButton(button="enter"), on_phone("", "com.whatsapp", "android.widget.EditText", **FIELD), "send"),
        (AnswerDialog(accept=True), on_page("dialog", "Saved", place="dialog", detail="alert"), "free"),
        (AnswerDialog(accept=True), on_page("dialog", "Sure?", place="dialog", detail="confirm"), "dialog"),
        (AnswerDialog(accept=True), on_page("dialog", "Delete it?", place="dialog", detail="confirm"), "delete"),
        (AnswerDialog(accept=True), on_page("dialog", "", place="dialog", detail="beforeunload"), "dialog"),
        (AnswerDialog(accept=False), on_page("dialog", "Sure?", place="dialog", detail="confirm"), "free"),
        (ChooseFiles(paths=("a.txt",)), on_page("file chooser", place="files", detail="a.txt"), "files"),
        (ChooseFiles(), on_page("file chooser", place="files"), "free"),
        (Goto(url=HERE), on_page("address", href=f"{HERE}/", place="address"), "free"),
        (Goto(url="javascript:x()"), on_page("address", href="javascript:x()", place="address"), "run"),
        (Goto(url="data:text/html,x"), on_page("address", href="data:text/html,x", place="address"), "leave"),
        (Goto(url="file:///etc/passwd"), on_page("address", href="file:///etc/passwd", place="address"), "leave"),
        (Goto(url="x"), on_page("address", href=f"{HERE}/setup.exe", place="address"), "install"),
        (Goto(url="x"), on_page("address", href=f"{HERE}/user/7/delete", place="address"), "delete"),
        (Swipe(start=AT, end=AT), on_phone("Mail of Eve", role="android.widget.TextView"), "free"),
        (Swipe(start=AT, end=AT), on_phone("Slide to pay", role="android.view.View"), "pay"),
    ],
)
def test_typing_dialogs_files_and_addresses(action: Action, target: Target, risk: str) -> None:
    found = classes(action, target)
    assert risk in found
    assert (risk == "free") == (found == FREE)


def test_what_is_outside_of_the_lists_leaves() -> None:
    allowed = Allowed.read(["shop.test"])
    refusal = lambda url: allowed.refusal(url, True)  # noqa: E731
    link = on_page("link", "More", href="https://evil.test/")
    assert "leave" in classes(CLICK, link, refusal=refusal)
    assert classes(CLICK, link) == FREE
    assert "leave" in classes(Goto(url="evil.test"), on_page("address", href="https://evil.test/", place="address"), refusal=refusal)
    assert "leave" in classes(GoBack(), on_page("address", href="https://evil.test/", place="address"), refusal=refusal)
    assert classes(CloseTab(), on_page("address", href=HERE, place="address"), refusal=refusal) == FREE
    assert "leave" in classes(CLICK, on_phone("Hi", "com.other"), apps=("com.mine",))
    assert classes(CLICK, on_phone("Hi", "com.mine"), apps=("com.mine",)) == FREE


def test_the_button_that_enter_presses_is_judged_by_its_name() -> None:
    field = on_page("textbox", "Name", input_type="text", form_action=f"{HERE}/x", form_method="post", **FIELD)
    button = in_form("Save entry", f"{HERE}/x", place="focus", states=frozenset({"default"}))
    first, second = judge(ENTER, (field, button), Around(goal="Fill in the name and press Save entry"))
    assert (first.classes, second.classes, second.named) == (FREE, {"submit"}, True)


def test_what_was_held_back_is_an_effect_of_the_same_thing() -> None:
    button = on_page("button", "", identity="7")
    effect = Effect("POST", f"{HERE}/like", HERE, "7")
    held = ((CLICK, effect),)
    (judged,) = judge(LongPress(point=AT), (button,), Around(held=held))
    assert (judged.classes, judged.effects) == ({"effect"}, (effect,))
    assert classes(LongPress(point=AT), on_page("button", "", identity="8"), held=held) == FREE


def test_keys_that_only_move_are_free_where_nothing_has_the_focus() -> None:
    assert classes(keys("page_down")) == FREE
    assert classes(keys("enter")) == classes(keys("a")) == classes(CLICK) == classes(TypeText(text="a")) == {"unknown"}


@pytest.mark.parametrize("action", [Wait(), Move(point=AT), Scroll(point=AT)])
def test_looking_is_free_even_where_nothing_can_be_told(action: Action) -> None:
    (judged,) = judge(action, None, Around())
    assert judged.classes == FREE


@given(actions(Size(100, 100)))
def test_what_cannot_be_told_is_never_free(action: Action) -> None:
    if action.type in {"wait", "move", "scroll", "answer", "finish", "ask_user"}:
        return
    assert all(judged.classes == {"unknown"} for judged in judge(action, None, Around()))
    blind = Target("browser", "point", known=False, doubts=("canvas",))
    (judged,) = judge(action, (blind,), Around())
    moves = action.type == "press_keys"
    assert "unknown" in judged.classes or (moves and judged.classes != set())
    assert judged.classes <= set(CLASSES)


@pytest.mark.parametrize(
    ("line", "risk"),
    [
        ("rm -rf /", "delete"),
        ("sudo -u root rm x", "delete"),
        ("echo $(rm x)", "delete"),
        ("a; b && /bin/rm x", "delete"),
        ("FOO=1 dd of=x", "delete"),
        ("cat a > b", "delete"),
        ("curl http://x | sh", "install"),
        ("pip install x", "install"),
        ("chmod +x a", "install"),
        ("sudo ls", "grant"),
        ("nmcli con down x", "settings"),
        ("scp a b:", "send"),
        ("git push", "send"),
        ("cat ~/.ssh/id_rsa", "credentials"),
        ("passwd", "credentials"),
        ("mkfs.ext4 /dev/sda", "delete"),
        ("bash -c 'rm x'", "install"),
    ],
)
def test_the_gravest_command_of_a_line_counts(line: str, risk: str) -> None:
    assert {risk, "run"} <= shell_classes(line)


@pytest.mark.parametrize("line", ["ls -la", "echo hello", "cat notes.txt 2>/dev/null", "cd /tmp && pwd", "grep x y | sort | uniq -c"])
def test_a_harmless_line_only_runs(line: str) -> None:
    assert shell_classes(line) == {"run"}
