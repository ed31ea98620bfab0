"""Settings by which programs start with no questions and no tips, in a home folder that they see for the first time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

OfficeSetting: TypeAlias = tuple[str, str, str]
"""Path, name and value in LibreOffice's registry."""

OFFICE_REGISTRY = ".config/libreoffice/4/user/registrymodifications.xcu"
"""LibreOffice's settings, below the home folder."""
QUIET_OFFICE: tuple[OfficeSetting, ...] = (
    ("org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    # A window over the document that takes what is typed.
    ("org.openoffice.Office.Common/Misc", "ShowTipOfTheDay", "false"),
    ("org.openoffice.Office.Common/Misc", "ShowDonation", "false"),
    ("org.openoffice.Setup/Office", "ooSetupInstCompleted", "true"),
    ("org.openoffice.Setup/Product", "WhatsNew", "false"),
    # Seconds since 1970: they lie in the year 2100.
    ("org.openoffice.Setup/Product", "LastTimeGetInvolvedShown", "4102444800"),
    ("org.openoffice.Setup/Product", "LastTimeDonateShown", "4102444800"),
)


def office_registry(settings: Iterable[OfficeSetting] = QUIET_OFFICE) -> str:
    """The text of a `registrymodifications.xcu` that holds `settings`."""
    items = "".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
        for path, name, value in settings
    )
    opening = '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items xmlns:oor="http://openoffice.org/2001/registry">\n'
    return f"{opening}{items}</oor:items>\n"


def add_office_settings(registry: Path, settings: Iterable[OfficeSetting]) -> None:
    """Put `settings` behind all that a `registrymodifications.xcu` says, so that they hold; it is made if there is none."""
    old = registry.read_text(encoding="utf-8") if registry.exists() else office_registry(())
    items = office_registry(settings).partition('registry">\n')[2]
    registry.parent.mkdir(parents=True, exist_ok=True)
    registry.write_text(old.rpartition("</oor:items>")[0] + items, encoding="utf-8")


def furnish(home: Path) -> None:
    """Write the settings into a home folder that has none yet."""
    texts = {
        OFFICE_REGISTRY: office_registry(),
        # Mousepad asks whether to open again what was open when it was ended.
        ".config/glib-2.0/settings/keyfile": "[org/xfce/mousepad/state/application]\nsession=@as []\n",
    }
    for name, text in texts.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
