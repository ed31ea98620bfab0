"""What an app says of itself: the `app.json` in its folder below `apps/`."""

from __future__ import annotations

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from pydantic import BaseModel, ConfigDict


class IntentFilter(BaseModel):
    """An intent that the app can be opened with: an action, and parts of the data's address that must fit if they are given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str
    scheme: str = ""
    host: str = ""
    mime: str = ""
    """Beginning of the MIME type, as `image/`."""


class Manifest(BaseModel):
    """An app. Its folder also holds `index.html` and `icon.svg`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    package: str
    activity: str
    """Full class name of the activity that its icon opens."""
    activities: tuple[str, ...] = ()
    """Full class names of its further activities."""
    order: int = 100
    """Place among the icons of the home screen."""
    dock: bool = False
    """Whether the icon stands in the row at the bottom."""
    home: bool = True
    """Whether it has an icon at all."""
    version_name: str = "1.0"
    version_code: int = 1
    permissions: tuple[str, ...] = ()
    intents: tuple[IntentFilter, ...] = ()
    databases: dict[str, str] = {}
    """Path on the phone to a template of SQL in the app's folder (jinja; names: see `handeye.tools.simphone.seeding`)."""
    files: dict[str, str] = {}
    """Folder on the phone to a folder in the app's folder, whose files are copied there."""


def app_folder(name: str) -> Traversable:
    """The folder of an app."""
    return resources.files("handeye.tools.simphone").joinpath("apps", name)


@cache
def manifests() -> dict[str, Manifest]:
    """Every app's manifest, by the name of its folder."""
    apps = resources.files("handeye.tools.simphone").joinpath("apps")
    found = {}
    for folder in sorted(apps.iterdir(), key=lambda entry: entry.name):
        file = folder.joinpath("app.json")
        if file.is_file():
            found[folder.name] = Manifest.model_validate_json(file.read_bytes())
    return found
