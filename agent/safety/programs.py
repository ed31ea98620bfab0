"""Apps and programs that make what is pressed in them riskier: packages of Android, window classes of desktops."""

from __future__ import annotations

from fnmatch import fnmatchcase

from handeye.agent.safety.lexicon import lexicon
from handeye.agent.safety.words import words
from handeye.tools.target import Target


def _patterns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_KINDS: dict[str, tuple[str, ...]] = {
    "permission": _patterns("*permissioncontroller* com.android.systemui.permission* *packageinstaller.permission*"),
    "installer": _patterns("*packageinstaller*"),
    "store": _patterns(
        "com.android.vending org.fdroid.fdroid com.amazon.venezia com.huawei.appmarket com.sec.android.app.samsungapps "
        "gnome-software* org.gnome.software* *discover* synaptic* pamac* gdebi* *snap-store* update-manager*"
    ),
    "settings": _patterns(
        "com.android.settings* com.miui.securitycenter com.samsung.android.lool gnome-control-center* org.gnome.settings* "
        "systemsettings* *control-center* *control-centre* xfce4-*settings* xfce4-power-manager* nm-connection-editor* "
        "pavucontrol* lxappearance* blueman* system-config-* firewall-config* gufw* lxqt-config* org.gnome.tweaks* "
        "dconf-editor*"
    ),
    "dialer": _patterns("*dialer* com.android.server.telecom com.android.incallui com.android.phone"),
    "messaging": _patterns(
        "*messaging* *.mms *.sms* com.whatsapp* org.telegram* org.thoughtcrime.securesms com.facebook.orca com.viber* "
        "com.tencent.mm com.discord com.slack* telegram* signal* slack* discord* pidgin* hexchat* element* teams* whatsapp*"
    ),
    "mail": _patterns(
        "com.google.android.gm *.email* com.microsoft.office.outlook thunderbird* evolution* geary* org.gnome.geary* "
        "claws-mail* sylpheed* kmail* mutt* betterbird*"
    ),
    "wallet": _patterns("*wallet* *walletnfcrel* com.paypal* com.venmo com.squareup.cash *.pay com.alipay* *bank*"),
    "sharing": _patterns("com.android.intentresolver* android.internal.app.chooser* com.android.nfc* com.android.bluetooth*"),
    "guard": _patterns(
        "polkit* *polkit* xdg-desktop-portal* gksu* kdesu* pkexec* pinentry* gcr-prompter* ssh-askpass* seahorse* kwallet* "
        "gnome-keyring* lxqt-sudo*"
    ),
    "lock": _patterns("*keyguard* light-locker* xscreensaver* i3lock* gnome-screensaver*"),
    "files": _patterns(
        "nautilus* org.gnome.nautilus* thunar* dolphin* pcmanfm* nemo* caja* com.android.documentsui* "
        "com.google.android.documentsui* com.google.android.apps.nbu.files rox* krusader* doublecmd* mc"
    ),
    "keyboard": _patterns("*inputmethod* *.ime* *keyboard* *honeyboard* *swiftkey*"),
    "runner": _patterns("gmrun* xfrun4* xfce4-appfinder* lxpanel* rofi* dmenu* krunner* ulauncher* albert* kupfer* synapse*"),
    "calculator": _patterns("*calculator* kcalc* galculator*"),
    "terminal": _patterns(
        "xterm* uxterm* *-terminal* *terminal *terminal-emulator* gnome-terminal* konsole* urxvt* rxvt* alacritty* kitty* st "
        "st-256color terminator* tilix* wezterm* foot* lxterminal* qterminal* com.termux* jackpal.androidterm ptyxis* "
        "org.gnome.ptyxis* org.gnome.console* kgx* guake* yakuake* sakura* eterm* aterm* cool-retro-term* hyper ghostty* "
        "contour* mlterm*"
    ),
}
"""Kinds by patterns of what `Target.app` says: each word of it is compared in lower case."""
_TOGGLES = (
    "switch",
    "checkbox",
    "togglebutton",
    "seekbar",
    "slider",
    "radiobutton",
    "compoundbutton",
    "check box",
    "toggle button",
    "radio",
)


def of_kind(target: Target, kind: str) -> bool:
    """Whether its app is one of `kind`."""
    names = set(target.app.casefold().replace(",", " ").split()) | {target.app.casefold()}
    names |= {name.rpartition("/")[2] for name in names}
    return target.surface != "browser" and any(fnmatchcase(name, pattern) for name in names for pattern in _KINDS[kind])


def app_classes(target: Target, told: set[str]) -> frozenset[str]:
    """The risks that its app and window add to those that its own words `told`."""
    if target.surface == "browser":
        return frozenset()
    lex = lexicon()
    said = target.name or target.text or target.resource_id.rpartition("/")[2]
    yes = bool(told) or any(lex.begins("affirm", text) for text in (target.name, target.text) if text)
    no = lex.is_one("negative", said) or lex.begins("negative", said)
    role = target.role.rpartition(".")[2].casefold()
    window = target.window.casefold()
    found: set[str] = set()
    if of_kind(target, "permission") or "grantpermissions" in window:
        found |= set() if no else {"grant"}
    elif of_kind(target, "installer") and (yes or "button" in role) and not no:
        found |= {"delete"} if "delete" in lex.found(f"{target.container} {said}") else {"install"}
    if of_kind(target, "guard") and not no:
        found.add("grant")
    if of_kind(target, "lock"):
        found.add("credentials")
    if (of_kind(target, "settings") and (any(kind in role for kind in _TOGGLES) or "checked" in target.states or (yes and not no))) or (
        target.app == "com.android.systemui" and ("tile" in target.resource_id or any(kind in role for kind in _TOGGLES))
    ):
        found.add("settings")
    if of_kind(target, "wallet") and yes and not no:
        found.add("pay")
    if of_kind(target, "store") and (target.amounts or "buy" in words(said)) and not no:
        found.add("pay")
    if of_kind(target, "store") and yes and not no and not found:
        found.add("install")
    if of_kind(target, "dialer") and {"call", "dial", "dialpad", "answer"} & set(words(f"{said} {target.resource_id}")) and not no:
        found.add("send")
    if of_kind(target, "sharing") or "chooseractivity" in window or "resolveractivity" in window:
        found |= set() if no else {"files"}
    if "biometricprompt" in window.replace(" ", ""):
        found |= set() if no else {"pay", "credentials"}
    return frozenset(found)
