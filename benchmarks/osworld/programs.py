"""Programs of OSWorld's machine and what stands for them here; a home folder in which they start without asking anything."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from handeye.benchmarks.osworld import ending as ending_program
from handeye.benchmarks.osworld.world import SYSTEM_PATH, World
from handeye.tools.desktop.first_start import OFFICE_REGISTRY, QUIET_OFFICE, office_registry

SUBSTITUTES: dict[str, tuple[str, ...]] = {
    "google-chrome": ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser"),
    "google-chrome-stable": ("chromium", "google-chrome-stable", "google-chrome", "chromium-browser"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "chromium-browser": ("chromium", "chromium-browser", "google-chrome"),
    "libreoffice": ("soffice", "libreoffice"),
    "soffice": ("soffice", "libreoffice"),
    "gnome-terminal": ("xterm",),
    "x-terminal-emulator": ("xterm",),
    "nautilus": ("pcmanfm", "thunar", "nautilus"),
    "gedit": ("mousepad", "featherpad", "gedit"),
}
"""Which installed program runs when a task names one, the first that is there."""
BROWSERS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")
OFFICE = ("libreoffice", "soffice")
WINDOWED = frozenset(
    [*SUBSTITUTES, *"mousepad featherpad pcmanfm xterm gimp vlc code thunderbird zenity eog evince lowriter localc thunar".split()]
)
"""Programs that show a window when they are launched: launching waits for it."""

_OPENERS: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset(".xlsx .xls .ods .csv .tsv .xlsm".split()), ("soffice", "--calc")),
    (frozenset(".docx .doc .odt .rtf".split()), ("soffice", "--writer")),
    (frozenset(".pptx .ppt .odp".split()), ("soffice", "--impress")),
    (frozenset(".html .htm .pdf .svg".split()), ("google-chrome",)),
    (frozenset(".png .jpg .jpeg .gif .bmp .webp".split()), ("google-chrome",)),
    (frozenset(".mp4 .mkv .avi .mp3 .wav .webm".split()), ("vlc",)),
)
_OFFICE_SETTINGS = (
    *QUIET_OFFICE,
    # OSWorld saves with ctrl+s alone: its machine does not ask whether to keep the format.
    ("org.openoffice.Office.Common/Save/Document", "WarnAlienFormat", "false"),
    ("org.openoffice.Office.Common/Save/Document", "CreateBackup", "false"),
    ("org.openoffice.Office.Recovery/RecoveryInfo", "Enabled", "false"),
    ("org.openoffice.Office.Recovery/AutoSave", "Enabled", "false"),
    ("org.openoffice.Setup/Office", "LastCompatibilityCheckID", "handeye"),
)
_FOLDERS = ("Desktop", "Documents", "Downloads", "Music", "Pictures", "Public", "Templates", "Videos")
BROWSER_DATA = ".config/google-chrome"
"""Below the home folder; OSWorld's tasks read and write profiles there."""
_BROWSER_FLAGS = (
    # The sandbox needs a user other than root; a task's browser is inside of what the task is inside of.
    "--no-sandbox --test-type --no-first-run --no-default-browser-check --password-store=basic --disable-gpu"
    " --disable-dev-shm-usage --disable-session-crashed-bubble --hide-crash-restore-bubble --disable-component-update"
    " --disable-background-networking --disable-sync --remote-allow-origins=*"
)


def find(name: str) -> str:
    """Path of the program that stands for `name` on this machine; empty if there is none."""
    for candidate in SUBSTITUTES.get(name.rpartition("/")[2], (name,)):
        found = shutil.which(candidate, path=SYSTEM_PATH)
        if found:
            return found
    return ""


def has_office_part(name: str) -> bool:
    """Whether LibreOffice is here with one of its parts (calc, writer, impress), which distributions package one by one.

    Each has a starter beside `soffice` (scalc, swriter, simpress); where there is none of any, all parts are taken to be there.
    """
    office = find("soffice")
    if not office:
        return False
    beside = Path(office).resolve().parent
    starters = {part: (beside / f"s{part}").exists() for part in ("calc", "writer", "impress")}
    return starters.get(name, False) or not any(starters.values())


def opener(path: Path) -> tuple[str, ...]:
    """The command that opens a file or folder, without its name: by the file's ending, else as text."""
    if path.is_dir():
        return ("nautilus",)
    for endings, command in _OPENERS:
        if path.suffix.lower() in endings:
            return command
    return ("gedit",)


def prepare(world: World) -> None:
    """Make the folders of a world, the settings of its programs and the shims on its search path."""
    for folder in (*(world.home / name for name in _FOLDERS), world.cache, world.shims):
        folder.mkdir(parents=True, exist_ok=True)
    (world.root / "run").mkdir(mode=0o700, exist_ok=True)
    _settings(world.home)
    for name, text in _shims(world).items():
        path = world.shims / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(0o755)


def _settings(home: Path) -> None:
    quiet = "gtk-enable-animations=0\ngtk-cursor-blink=0\ngtk-recent-files-enabled=0\n"
    texts = {
        OFFICE_REGISTRY: office_registry(_OFFICE_SETTINGS),
        ".config/gtk-3.0/settings.ini": f"[Settings]\n{quiet}",
        ".config/glib-2.0/settings/keyfile": "[org/xfce/mousepad/state/application]\nsession=@as []\n",
        ".config/mimeapps.list": _associations(),
        ".config/user-dirs.dirs": "".join(f'XDG_{name.upper()}_DIR="$HOME/{name}"\n' for name in _FOLDERS),
        ".bashrc": "PS1='\\u@\\h:\\w\\$ '\n",
        ".Xresources": "",
    }
    for name, text in texts.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _associations() -> str:
    editor = "org.xfce.mousepad.desktop" if find("mousepad") else "featherpad.desktop"
    return f"[Default Applications]\ntext/plain={editor}\ninode/directory=pcmanfm.desktop\ntext/html=chromium.desktop\n"


def _shims(world: World) -> dict[str, str]:
    """Small shell programs by name: those that stand for programs, and those that keep a task's hands off the person's own processes."""
    shims = {name: f'exec {find(name)} "$@"' for name in SUBSTITUTES if find(name)}
    for name in BROWSERS:
        if find(name):
            shims[name] = f'exec {find(name)} --user-data-dir="$HOME/{BROWSER_DATA}" {_BROWSER_FLAGS} "$@"'
    for name in OFFICE:
        if find(name):
            shims[name] = f'exec {find(name)} --norestore --nologo --nofirststartwizard "$@"'
    for name in ("gnome-terminal", "x-terminal-emulator"):
        shims[name] = _TERMINAL
    # Not by the module's name: it need not be installed for this Python when run by itself, and starts in 20 ms so.
    ending = f'exec {sys.executable} -IS "{Path(ending_program.__file__).resolve()}" "$@"'
    shims |= {"python": f'exec {sys.executable} "$@"', "xdg-open": _OPEN, "pkill": ending, "killall": ending}
    if not find("python3"):
        shims["python3"] = shims["python"]
    for name in ("sudo", "su", "shutdown", "reboot", "poweroff", "systemctl", "apt", "apt-get"):
        shims[name] = f'echo "{name} is kept away from tasks" >&2; exit 1'
    return shims


# Options of gnome-terminal that xterm has other names for; its window is called as there.
_TERMINAL = """\
while [ $# -gt 0 ]; do case "$1" in
  --working-directory=*) cd "${1#*=}" ;;
  --maximize|--full-screen) size=-maximized ;;
  --) shift; exec xterm $size -T Terminal -fa Monospace -fs 11 -e "$@" ;;
esac; shift; done
exec xterm $size -T Terminal -fa Monospace -fs 11 -e /bin/bash"""
_OPEN = """\
case "$1" in
  *.xlsx|*.xls|*.ods|*.csv) exec soffice --calc "$1" ;;
  *.docx|*.doc|*.odt|*.rtf) exec soffice --writer "$1" ;;
  *.pptx|*.ppt|*.odp) exec soffice --impress "$1" ;;
  http:*|https:*|*.html|*.htm|*.pdf|*.png|*.jpg|*.jpeg) exec google-chrome "$1" ;;
esac
if [ -d "$1" ]; then exec nautilus "$1"; fi
exec gedit "$1\""""
