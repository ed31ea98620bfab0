"""From an app's name to its package: what the phone has decides, tables only help."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handeye.tools.errors import InvalidAction

WELL_KNOWN: dict[str, tuple[str, ...]] = {
    "settings|system settings|einstellungen|设置": ("com.android.settings",),
    "chrome|google chrome": ("com.android.chrome",),
    "browser|internet|web browser|浏览器": (
        "com.android.chrome", "com.sec.android.app.sbrowser", "org.mozilla.firefox", "com.android.browser", "org.chromium.chrome",
    ),
    "firefox": ("org.mozilla.firefox", "org.mozilla.fenix"),
    "contacts|people|联系人": ("com.google.android.contacts", "com.android.contacts", "com.samsung.android.app.contacts"),
    "phone|dialer|telephone|电话": ("com.google.android.dialer", "com.android.dialer", "com.samsung.android.dialer"),
    "messages|messaging|sms|text messages|simple sms messenger|短信|信息": (
        "com.google.android.apps.messaging", "com.simplemobiletools.smsmessenger", "com.android.mms", "com.samsung.android.messaging",
    ),
    "clock|alarm|alarms|timer|stopwatch|时钟": (
        "com.google.android.deskclock", "com.android.deskclock", "com.sec.android.app.clockpackage",
    ),
    "calendar|google calendar|simple calendar|simple calendar pro|日历": (
        "com.google.android.calendar", "com.simplemobiletools.calendar.pro", "com.android.calendar", "com.samsung.android.calendar",
    ),
    "calculator|计算器": ("com.google.android.calculator", "com.android.calculator2", "com.sec.android.app.popupcalculator"),
    "camera|相机": ("com.google.android.GoogleCamera", "com.android.camera2", "com.android.camera", "com.sec.android.app.camera"),
    "gallery|simple gallery|photo gallery|相册|图库": (
        "com.simplemobiletools.gallery.pro", "com.sec.android.gallery3d", "com.miui.gallery", "com.google.android.apps.photos",
    ),
    "photos|google photos": ("com.google.android.apps.photos",),
    "files|file manager|my files|文件": (
        "com.google.android.documentsui", "com.google.android.apps.nbu.files", "com.android.documentsui", "com.sec.android.app.myfiles",
    ),
    "notes|note|markor|便签": ("net.gsantner.markor", "com.google.android.keep", "com.samsung.android.app.notes", "com.miui.notes"),
    "keep|google keep|keep notes": ("com.google.android.keep",),
    "play store|google play|google play store|app store": ("com.android.vending",),
    "gmail|google mail": ("com.google.android.gm",),
    "email|mail": ("com.google.android.gm", "com.samsung.android.email.provider", "com.microsoft.office.outlook", "com.android.email"),
    "maps|google maps": ("com.google.android.apps.maps",),
    "google|google search": ("com.google.android.googlequicksearchbox",),
    "drive|google drive": ("com.google.android.apps.docs",),
    "docs|google docs": ("com.google.android.apps.docs.editors.docs",),
    "sheets|google sheets": ("com.google.android.apps.docs.editors.sheets",),
    "slides|google slides": ("com.google.android.apps.docs.editors.slides",),
    "youtube": ("com.google.android.youtube",),
    "youtube music": ("com.google.android.apps.youtube.music",),
    "whatsapp": ("com.whatsapp",),
    "telegram": ("org.telegram.messenger",),
    "signal": ("org.thoughtcrime.securesms",),
    "facebook": ("com.facebook.katana",),
    "messenger|facebook messenger": ("com.facebook.orca",),
    "instagram": ("com.instagram.android",),
    "twitter|x": ("com.twitter.android",),
    "tiktok": ("com.zhiliaoapp.musically", "com.ss.android.ugc.trill"),
    "douyin|抖音": ("com.ss.android.ugc.aweme",),
    "wechat|weixin|微信": ("com.tencent.mm",),
    "qq": ("com.tencent.mobileqq",),
    "alipay|支付宝": ("com.eg.android.AlipayGphone",),
    "taobao|淘宝": ("com.taobao.taobao",),
    "xiaohongshu|rednote|小红书": ("com.xingin.xhs",),
    "bilibili|哔哩哔哩": ("tv.danmaku.bili",),
    "meituan|美团": ("com.sankuai.meituan",),
    "amap|gaode maps|高德地图": ("com.autonavi.minimap",),
    "amazon|amazon shopping": ("com.amazon.mShop.android.shopping",),
    "netflix": ("com.netflix.mediaclient",),
    "spotify": ("com.spotify.music",),
    "reddit": ("com.reddit.frontpage",),
    "linkedin": ("com.linkedin.android",),
    "discord": ("com.discord",),
    "snapchat": ("com.snapchat.android",),
    "pinterest": ("com.pinterest",),
    "outlook|microsoft outlook": ("com.microsoft.office.outlook",),
    "zoom": ("us.zoom.videomeetings",),
    "uber": ("com.ubercab",),
    "booking|booking.com": ("com.booking",),
    "audio recorder|recorder": ("com.dimowner.audiorecorder", "com.google.android.apps.recorder"),
    "vlc": ("org.videolan.vlc",),
    "osmand": ("net.osmand",),
    "tasks": ("org.tasks", "com.google.android.apps.tasks"),
    "broccoli|broccoli app": ("com.flauschcode.broccoli",),
    "pro expense|expense": ("com.arduia.expense",),
    "joplin": ("net.cozic.joplin",),
    "opentracks|open tracks|activity tracker|open tracks sports tracker": ("de.dennisguse.opentracks",),
    "retro music": ("code.name.monkey.retromusic",),
    "simple draw pro|draw": ("com.simplemobiletools.draw.pro",),
    "shop": ("org.handeye.shop",),
}  # fmt: skip
"""Packages that go by a name, the likelier first. Facts only: package names as the stores list them, several of them also in
google-research/android_world (env/adb_utils.py) and zai-org/Open-AutoGLM (phone_agent/config/apps.py)."""

_COMMON = frozenset("com org net android google apps app mobile pro free lite samsung sec miui main ui client system".split())
CLOSE = 0.82
"""How alike (difflib's ratio, 0 to 1) a name and a word of a package must be: one letter wrong of six is, two are not."""


@dataclass(frozen=True)
class App:
    """An app that can be opened: its package, the activity that its icon opens, and its label where the phone tells it."""

    package: str
    activity: str = ""
    label: str = ""


def normal_name(name: str) -> str:
    """A name without case, accents, spaces and signs, for comparing."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(letter))
    return "".join(letter for letter in plain if letter.isalnum())


def is_called(app: App, name: str) -> bool:
    """Whether `name` is the package, the label or a well-known name of `app`, whole and but for case, accents and signs."""
    known = [words for words, packages in WELL_KNOWN.items() if app.package in packages]
    wanted = normal_name(name)
    return name.strip() == app.package or wanted in {normal_name(each) for each in (app.label, *"|".join(known).split("|")) if each}


def find_app(name: str, apps: Iterable[App], aliases: Mapping[str, str] | None = None) -> App:
    """The app that `name` means: a package, an alias of the user's, a label, a well-known name, else whatever comes nearest.

    The first of these that an app of the phone answers to decides; in each, a whole name counts before a part of one. Two that
    answer equally well are not chosen between: `InvalidAction` names them, as it names the nearest when there is none.
    """
    known = {app.package: app for app in apps}
    if name.strip() in known:
        return known[name.strip()]
    wanted = normal_name(name)
    if not wanted:
        raise InvalidAction(f"{name[:80]!r} is no name of an app")
    for alias, package in (aliases or {}).items():
        if normal_name(alias) == wanted:
            if package not in known:
                raise InvalidAction(f"{name[:80]!r} stands for {package[:200]}, which is not on this phone")
            return known[package]
    if labelled := [app for app in known.values() if app.label and normal_name(app.label) == wanted]:
        return _one(name, labelled)
    for names, packages in WELL_KNOWN.items():
        if any(normal_name(word) == wanted for word in names.split("|")):
            for package in packages:
                if package in known:
                    return known[package]
    scored = sorted(((_likeness(wanted, app), app.package) for app in known.values()), reverse=True)
    best = scored[0][0] if scored else 0.0
    if best < CLOSE:
        near = ", ".join(known[package].label or package for _, package in scored[:5])
        raise InvalidAction(f"no app on this phone is called {name[:80]!r}; the nearest are {near or 'none'}")
    return _one(name, [known[package] for score, package in scored if score == best])


def _one(name: str, found: list[App]) -> App:
    if len(found) > 1:
        listed = ", ".join(sorted(app.package for app in found)[:8])
        raise InvalidAction(f"{name[:80]!r} could be any of {listed}; name the package")
    return found[0]


def _likeness(wanted: str, app: App) -> float:
    words = [normal_name(word) for word in re.split(r"[._]", app.package) if word.casefold() not in _COMMON]
    whole = [normal_name(app.label), *words, "".join(words)]
    if wanted in whole:
        return 1.0
    if len(wanted) >= 4 and any(wanted in word for word in whole if word):
        return 0.9
    return round(max((difflib.SequenceMatcher(None, wanted, word).ratio() for word in whole if word), default=0.0), 3)


def usual_name(package: str) -> str:
    """What people call the app of a package; empty when it is not well known."""
    if package.rpartition(".")[2].endswith("launcher"):
        return "Home screen"
    for names, packages in WELL_KNOWN.items():
        if package in packages:
            return names.partition("|")[0].title()
    return ""


def read_packages(text: str) -> tuple[str, ...]:
    """The packages in what `pm list packages` prints."""
    return tuple(line.removeprefix("package:").rpartition("=")[2].strip() for line in text.splitlines() if line.startswith("package:"))


def read_launchable(text: str) -> tuple[App, ...]:
    """The apps in what `cmd package query-activities` prints, in its long form (with labels, where they are not translated) or brief."""
    found: dict[str, App] = {}
    for package, activity in re.findall(r"^\s+([A-Za-z]\w*(?:\.\w+)+)/([\w.$]+)\s*$", text, re.MULTILINE):
        found.setdefault(package, App(package, package + activity if activity.startswith(".") else activity))
    for block in re.split(r"(?m)^\s*Activity #\d+:", text)[1:]:
        name = re.search(r"^\s+name=([\w.$]+)", block, re.MULTILINE)
        package_name = re.search(r"^\s+packageName=([\w.]+)", block, re.MULTILINE)
        label = re.search(r"nonLocalizedLabel=(?!null)(.+?)(?: icon=|$)", block, re.MULTILINE)
        if name and package_name:
            said = label.group(1).strip() if label else ""
            found.setdefault(package_name.group(1), App(package_name.group(1), name.group(1), said))
    return tuple(found.values())
