"""Dumps of several Android versions, trees and lists are read into facts."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handeye.tools.android import state
from handeye.tools.android.app_names import App, find_app, normal_name, read_launchable, read_packages
from handeye.tools.android.displays import Display, read_displays, shown
from handeye.tools.android.serials import read_devices
from handeye.tools.android.state import Foreground
from handeye.tools.android.uitree import read_tree
from handeye.tools.errors import DeviceError, InvalidAction
from handeye.tools.geometry import Box, Size

CLOCK = Foreground("com.google.android.deskclock", "com.android.deskclock.DeskClock")
FRONTS = {
    "Android 5: window": (
        "  mCurrentFocus=Window{1d2a3b4c u0 com.google.android.deskclock/com.android.deskclock.DeskClock}\n"
        "  mFocusedApp=AppWindowToken{2f5 token=Token{3aa ActivityRecord{15b u0 "
        "com.google.android.deskclock/com.android.deskclock.DeskClock t7}}}\n",
        Foreground(CLOCK.package, CLOCK.activity, "com.google.android.deskclock/com.android.deskclock.DeskClock"),
    ),
    "Android 7: activities": (
        "    mResumedActivity: ActivityRecord{9a1 u0 com.google.android.deskclock/com.android.deskclock.DeskClock t12}\n",
        CLOCK,
    ),
    "Android 8: focused activity": ("  mFocusedActivity: ActivityRecord{1 u0 com.android.settings/.Settings t2}", Foreground(
        "com.android.settings", "com.android.settings.Settings")),
    "Android 13: activities": (
        "  topResumedActivity=ActivityRecord{5c u0 com.android.settings/.Settings$WifiSettingsActivity t31}\n"
        "  ResumedActivity: ActivityRecord{5c u0 com.android.settings/.Settings$WifiSettingsActivity t31}\n",
        Foreground("com.android.settings", "com.android.settings.Settings$WifiSettingsActivity"),
    ),
    "Android 13: the shade is pulled over an app": (
        "  mCurrentFocus=Window{8e2 u0 NotificationShade}\n"
        "  mFocusedApp=ActivityRecord{5c u0 com.android.chrome/com.google.android.apps.chrome.Main t9}\n",
        Foreground("com.android.chrome", "com.google.android.apps.chrome.Main", "NotificationShade"),
    ),
    "an app that does not answer": (
        "  mCurrentFocus=Window{8e2 u0 Application Not Responding: com.example.app}\n",
        Foreground(window="Application Not Responding: com.example.app"),
    ),
    "two displays, the first without focus": (
        "  mCurrentFocus=null\n  mCurrentFocus=Window{1 u10 org.example.app/org.example.app.Main}\n",
        Foreground("org.example.app", "org.example.app.Main", "org.example.app/org.example.app.Main"),
    ),
    "stacks": (
        "  taskId=12: com.android.settings/com.android.settings.Settings bounds=[0,0][1080,2400] userId=0 visible=true "
        "topActivity=ComponentInfo{com.android.settings/com.android.settings.SubSettings}\n",
        Foreground("com.android.settings", "com.android.settings.SubSettings"),
    ),
    "nothing": ("mCurrentFocus=null\n", Foreground()),
    "no dump at all": ("Can't find service: window\n", Foreground()),
}  # fmt: skip


@pytest.mark.parametrize("name", FRONTS)
def test_the_app_in_front_is_found_in_every_version_s_dump(name: str) -> None:
    text, expected = FRONTS[name]
    assert state.foreground(text) == expected


@given(st.text())
def test_no_dump_is_too_strange(text: str) -> None:
    state.foreground(text)
    state.secure(text)
    state.locked(text)
    state.awake(text)
    state.quarter_turns(text)
    state.window_size(text)
    read_devices(text)
    read_packages(text)
    read_launchable(text)
    read_displays(text, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  mWakefulness=Awake\n", True),
        ("  mWakefulness=Dreaming\n", True),
        ("  mWakefulness=Asleep\n", False),
        ("  mWakefulness=Dozing\nDisplay Power: state=ON\n", False),
        ("Display Power: state=OFF\n", False),
        ("mScreenOn=true", True),
        ("", None),
    ],
)
def test_wakefulness(text: str, expected: bool | None) -> None:
    assert state.awake(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  KeyguardServiceDelegate\n    showing=true\n    showingAndNotOccluded=true\n", True),
        ("  KeyguardServiceDelegate\n    showing=false\n", False),
        ("    mShowingLockscreen=true mShowingDream=false\n", True),
        ("    isStatusBarKeyguard=false\n", False),
        ("    mDreamingLockscreen=true\n", True),
        ("", None),
    ],
)
def test_the_lock_screen(text: str, expected: bool | None) -> None:
    assert state.locked(text) is expected


WINDOWS = """  Window #0 Window{{aa u0 StatusBar}}:
    mAttrs={{(0,0)(fillx96) ty=STATUS_BAR fl={status}}}
  Window #1 Window{{bb u0 com.bank/.Main}}:
    mAttrs={{(0,0)(fillxfill) sim={{adjust=pan}} ty=BASE_APPLICATION
      fl={flags}
      pfl=EDGE_TO_EDGE_ENFORCED}}
    isOnScreen=true
  mCurrentFocus=Window{{bb u0 com.bank/.Main}}
"""


@pytest.mark.parametrize(
    ("flags", "status", "expected"),
    [
        ("LAYOUT_IN_SCREEN SECURE LAYOUT_INSET_DECOR", "NOT_FOCUSABLE", True),
        ("LAYOUT_IN_SCREEN LAYOUT_INSET_DECOR", "SECURE", False),
        ("#81812100", "#8", True),
        ("#81810100", "#2000", False),
        ("0x81812100", "0x8", True),
    ],
)
def test_a_protected_window_counts_only_in_front(flags: str, status: str, expected: bool) -> None:
    assert state.secure(WINDOWS.format(flags=flags, status=status)) is expected


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("mCurrentRotation=ROTATION_90\n", 1),
        ("mRotation=3 mAltOrientation=false\n", 3),
        ("mCurrentRotation=ROTATION_0", 0),
        ("    SurfaceOrientation: 2\n", 2),
        ("mBaseDisplayInfo orientation=1, ", 1),
        ("", None),
    ],
)
def test_how_far_the_screen_is_turned(text: str, turns: int | None) -> None:
    assert state.quarter_turns(text) == turns


def test_an_override_of_the_size_counts() -> None:
    assert state.window_size("Physical size: 1080x2400\n") == Size(1080, 2400)
    assert state.window_size("Physical size: 1080x2400\nOverride size: 720x1600\n") == Size(720, 1600)
    assert state.window_size("Error: no display\n") is None


IDS = 'Display 4619827259835644672 (HWC display 0): port=0 displayName="in"\nDisplay 4619827551948147201 (HWC display 1): port=1\n'
VIEWPORT = (
    "DisplayViewport{{type=INTERNAL, valid=true, isActive={active}, displayId={logical}, uniqueId='local:{id}', "
    "deviceWidth=1080, deviceHeight=2092}}"
)


def test_of_a_foldable_s_displays_the_one_that_is_on_is_chosen() -> None:
    viewports = "mViewports=[{}, {}]".format(
        VIEWPORT.format(active="false", logical=0, id=4619827259835644672),
        VIEWPORT.format(active="true", logical=3, id=4619827551948147201),
    )
    displays = read_displays(IDS, viewports)
    assert shown(displays) == Display(4619827551948147201, 3, True, Size(1080, 2092))
    only = VIEWPORT.format(active="true", logical=0, id=4619827259835644672)
    assert shown(read_displays(IDS, only)) == Display(4619827259835644672, 0, True, Size(1080, 2092))
    assert shown(read_displays(IDS, "")) == Display(4619827259835644672)
    assert shown(read_displays("", viewports)) is None


def test_the_server_s_list_of_phones() -> None:
    text = (
        "emulator-5554          device product:sdk model:Pixel_6 device:emu transport_id:1\n"
        "192.168.1.5:41234      offline transport_id:2\n"
        "0123456789ABCDEF       unauthorized usb:1-1 transport_id:4\n"
        "????????????           no permissions (missing udev rules?); see [http://developer.android.com/tools/device.html] usb:1-2\n"
    )
    phones = read_devices(text)
    assert [phone.serial for phone in phones] == ["emulator-5554", "192.168.1.5:41234", "0123456789ABCDEF", "????????????"]
    assert phones[0].about["model"] == "Pixel_6"
    assert [phone.mend is None for phone in phones] == [True, False, False, False]
    assert "Allow USB debugging" in str(phones[2].mend)
    assert "udev" in str(phones[3].mend)


APPS = tuple(
    App(package, ".Main", label)
    for package, label in [
        ("com.android.settings", ""), ("com.google.android.deskclock", ""), ("com.android.chrome", ""), ("net.gsantner.markor", ""),
        ("org.fdroid.fdroid", ""), ("com.example.weather", "Wetterfrosch"), ("com.other.weather", ""), ("com.whatsapp", ""),
        ("com.whatsapp.w4b", ""), ("com.simplemobiletools.gallery.pro", ""),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("com.android.chrome", "com.android.chrome"), ("Chrome", "com.android.chrome"), ("google chrome", "com.android.chrome"),
        ("Browser", "com.android.chrome"), ("CLOCK", "com.google.android.deskclock"), ("desk clock", "com.google.android.deskclock"),
        ("Alarm", "com.google.android.deskclock"), ("Notes", "net.gsantner.markor"), ("Markor", "net.gsantner.markor"),
        ("F-Droid", "org.fdroid.fdroid"), ("wetterfrosch", "com.example.weather"), ("WhatsApp", "com.whatsapp"),
        ("WhatsApp Business", "com.whatsapp.w4b"), ("Setings", "com.android.settings"), ("Réglages", "com.android.settings"),
        ("设置", "com.android.settings"), ("gallery", "com.simplemobiletools.gallery.pro"),
    ],
)  # fmt: skip
def test_names_lead_to_packages(name: str, package: str) -> None:
    assert find_app(name, APPS, {"réglages": "com.android.settings", "WhatsApp business": "com.whatsapp.w4b"}).package == package


@pytest.mark.parametrize(
    ("name", "said"), [("weather", "could be any of"), ("bank", "nearest"), ("", "no name"), ("$(id)", "nearest"), ("'; rm", "nearest")]
)
def test_a_name_that_fits_none_or_two_is_not_guessed(name: str, said: str) -> None:
    with pytest.raises(InvalidAction, match=said):
        find_app(name, APPS)


def test_an_alias_for_what_is_not_there_is_said() -> None:
    with pytest.raises(InvalidAction, match="not on this phone"):
        find_app("bank", APPS, {"Bank": "com.bank"})


@given(st.text())
def test_any_name_is_found_or_refused(name: str) -> None:
    with suppress(InvalidAction):
        assert find_app(name, APPS) in APPS
    normal_name(name)


def test_lists_of_apps_in_both_forms() -> None:
    brief = (
        "2 activities found:\n  Activity #0:\n    priority=0 match=0x108000\n    com.android.settings/.Settings\n"
        "  Activity #1:\n    priority=0\n    a.b/a.b.C$D\n"
    )
    assert read_launchable(brief) == (App("com.android.settings", "com.android.settings.Settings"), App("a.b", "a.b.C$D"))
    long = (
        "1 activities found:\n  Activity #0:\n    priority=0 preferredOrder=0 match=0x108000\n    ActivityInfo:\n"
        "      name=org.handeye.shop.MainActivity\n      packageName=org.handeye.shop\n"
        "      labelRes=0x0 nonLocalizedLabel=My Shop icon=0x7f\n    ApplicationInfo:\n      packageName=org.handeye.shop\n"
    )
    assert read_launchable(long) == (App("org.handeye.shop", "org.handeye.shop.MainActivity", "My Shop"),)
    assert read_packages("package:a.b\npackage:/data/app/x/base.apk=c.d\nWarning: x\n") == ("a.b", "c.d")


TREE = """UI hierchary dumped to: /dev/tty
<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="1"><node index="0" text="" class="android.widget.FrameLayout"
 package="com.android.settings" content-desc="" checked="false" clickable="false" enabled="true" bounds="[0,0][1080,2400]"><node
 text="Wi&#8209;Fi &amp; &quot;net&quot;"
 resource-id="android:id/title" class="android.widget.TextView" content-desc="on"
 clickable="true" bounds="[10,-20][300,80]" /><node/></node></hierarchy>
"""


def test_a_tree_is_read() -> None:
    tree = read_tree(TREE)
    frame, title, bare = tree.walk()
    assert tree.rotation == 1
    assert frame.children == (title, bare)
    assert (title.text, title.description, title.resource_id) == ('Wi\u2011Fi & "net"', "on", "android:id/title")
    assert title.bounds == Box(10, -20, 300, 80)
    assert title.traits == {"clickable"}
    assert frame.traits == {"enabled"}


@pytest.mark.parametrize(
    "text",
    [
        "", "ERROR: could not get idle state.", TREE[:-40], "<?xml version='1.0'?><hierarchy>" + "<node>" * 5000,
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><hierarchy/>", "<?xml version='1.0'?>" + "<a>" * 300 + "</a>" * 300,
    ],
)  # fmt: skip
def test_what_is_no_tree_is_refused(text: str) -> None:
    with pytest.raises(DeviceError):
        read_tree(text)


@given(st.text(alphabet="<>/?xml node=\"'&;ab\x00\x1f\ud800", max_size=60))
def test_no_tree_is_too_strange(text: str) -> None:
    with suppress(DeviceError):
        read_tree("<?xml version='1.0'?>" + text)
