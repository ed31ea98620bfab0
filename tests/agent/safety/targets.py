"""Targets as devices tell them, for tests."""

from __future__ import annotations

from typing import Any

from handeye.tools.target import Target

HERE = "https://shop.test"


def on_page(role: str = "button", name: str = "", **more: Any) -> Target:
    """Something on a page of shop.test."""
    told: dict[str, Any] = {"identity": f"{role} {name}", "origin": HERE, "page": f"{HERE}/page", "frame": "top"} | more
    return Target("browser", told.pop("place", "point"), role=role, name=name, **told)


def in_form(name: str, action: str = f"{HERE}/form", method: str = "post", *fields: str, **more: Any) -> Target:
    """A button that submits a form."""
    return on_page("button", name, form_action=action, form_method=method, form_fields=fields, input_type="submit", **more)


def on_phone(name: str, app: str = "com.example.app", role: str = "android.widget.Button", **more: Any) -> Target:
    """Something on a phone."""
    told: dict[str, Any] = {"identity": f"{role} {name}"} | more
    return Target("android", told.pop("place", "point"), role=role, name=name, app=app, **told)


def on_desk(name: str, app: str = "gedit Gedit", role: str = "push button", **more: Any) -> Target:
    """Something on a desktop."""
    told: dict[str, Any] = {"identity": f"{role} {name}"} | more
    return Target("desktop", told.pop("place", "point"), role=role, name=name, app=app, **told)
