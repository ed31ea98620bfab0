"""Every dialect by its name."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import Any, cast

from handeye.agent.dialects.base import Dialect
from handeye.tools.errors import SetupError

_DIALECTS = {
    "json": "handeye.agent.dialects.plain_json:PlainJson",
    "json/pixels": "handeye.agent.dialects.plain_json:PlainJsonPixels",
    "qwen2.5-vl/computer_use": "handeye.agent.dialects.qwen25vl:QwenComputerUse",
    "qwen2.5-vl/mobile_use": "handeye.agent.dialects.qwen25vl:QwenMobileUse",
    "qwen2.5-vl/point": "handeye.agent.dialects.qwen25vl_point:QwenPoint",
    "qwen3-vl/computer_use": "handeye.agent.dialects.qwen3vl:Qwen3ComputerUse",
    "qwen3-vl/mobile_use": "handeye.agent.dialects.qwen3vl:Qwen3MobileUse",
    "qwen3-vl/point": "handeye.agent.dialects.qwen3vl:Qwen3Point",
    "qwen-xml/computer_use": "handeye.agent.dialects.qwen_xml:QwenXmlComputerUse",
    "qwen-xml/mobile_use": "handeye.agent.dialects.qwen_xml:QwenXmlMobileUse",
    "qwen2-vl/box": "handeye.agent.dialects.qwen2vl:Qwen2Box",
    "fara/browser": "handeye.agent.dialects.fara:FaraBrowser",
    "gui-owl-1/computer_use": "handeye.agent.dialects.gui_owl:GuiOwlComputer",
    "gui-owl-1/mobile_use": "handeye.agent.dialects.gui_owl:GuiOwlMobile",
    "gui-owl-1.5/computer_use": "handeye.agent.dialects.gui_owl:GuiOwl15Computer",
    "gui-owl-1.5/mobile_use": "handeye.agent.dialects.gui_owl:GuiOwl15Mobile",
    "holo/browser": "handeye.agent.dialects.holo:HoloBrowser",
    "holo/point": "handeye.agent.dialects.holo:Holo1Point",
    "holo2/browser": "handeye.agent.dialects.holo:Holo2Browser",
    "holo2/point": "handeye.agent.dialects.holo:Holo2Point",
    "ui-venus/phone": "handeye.agent.dialects.ui_venus:UiVenusPhone",
    "ui-venus/point": "handeye.agent.dialects.ui_venus:UiVenusPoint",
    "ui-venus-1/phone": "handeye.agent.dialects.ui_venus:UiVenus1Phone",
    "ui-venus-1/point": "handeye.agent.dialects.ui_venus:UiVenus1Point",
    "ui-tars/computer": "handeye.agent.dialects.ui_tars:UI_TARS_COMPUTER",
    "ui-tars/mobile": "handeye.agent.dialects.ui_tars:UI_TARS_MOBILE",
    "ui-tars-1.5/computer": "handeye.agent.dialects.ui_tars:UI_TARS_15_COMPUTER",
    "ui-tars-1.5/mobile": "handeye.agent.dialects.ui_tars:UI_TARS_15_MOBILE",
    "doubao-1.5/computer": "handeye.agent.dialects.ui_tars:DOUBAO_COMPUTER",
    "doubao-1.5/mobile": "handeye.agent.dialects.ui_tars:DOUBAO_MOBILE",
    "autoglm/phone": "handeye.agent.dialects.autoglm:AutoGlm",
    "agentcpm-gui/phone": "handeye.agent.dialects.agentcpm:AgentCpm",
    "stepgui/phone": "handeye.agent.dialects.stepgui:StepGui",
    "mai-ui/phone": "handeye.agent.dialects.mai_ui:MaiUi",
    "mai-ui/point": "handeye.agent.dialects.mai_ui:MaiUiPoint",
    "os-atlas-base/point": "handeye.agent.dialects.os_atlas:OsAtlasBase",
    "os-atlas-pro/computer": "handeye.agent.dialects.os_atlas:OsAtlasProComputer",
    "os-atlas-pro/phone": "handeye.agent.dialects.os_atlas:OsAtlasProPhone",
    "showui/web": "handeye.agent.dialects.showui:ShowUiWeb",
    "showui/phone": "handeye.agent.dialects.showui:ShowUiPhone",
    "showui/point": "handeye.agent.dialects.showui:ShowUiPoint",
    "uground/point": "handeye.agent.dialects.uground:UGround",
    "aguvis/computer": "handeye.agent.dialects.aguvis:AguvisComputer",
    "aguvis/phone": "handeye.agent.dialects.aguvis:AguvisPhone",
    "opencua/computer": "handeye.agent.dialects.opencua:OpenCUA",
    "kimi/computer": "handeye.agent.dialects.kimi:KimiComputer",
    "openai-computer": "handeye.agent.dialects.hosted:OpenAIComputer",
    "anthropic-computer": "handeye.agent.dialects.hosted:AnthropicComputer",
}
DIALECT_NAMES = tuple(_DIALECTS)
"""The names that `open_dialect` knows."""
_MEMBERS = ("name", "action_types", "history_pictures", "stop", "constraint", "picture_size", "render", "parse", "format")


def open_dialect(name: str, action_types: frozenset[str], **options: Any) -> Dialect:
    """The dialect called `name`, for an environment whose `step` takes the verbs `action_types`; `options` are the dialect's own.

    `name` is one of `DIALECT_NAMES`, or the place of another's class or function, `package.module:MyDialect`, which is called in the
    same way. Raises `SetupError` for a name or an option that does not exist, and for a place where no dialect is.
    """
    make = _maker(name)
    try:
        dialect = make(action_types, **options)
    except (TypeError, ValueError) as error:
        raise SetupError(f"the dialect {name} cannot be made with these options: {error}", fix="see the dialect's docstring") from error
    if not isinstance(dialect, Dialect):
        lacking = ", ".join(sorted(member for member in _MEMBERS if not hasattr(dialect, member)))
        raise SetupError(f"{name} makes no dialect: it lacks {lacking}", fix="give it the members of handeye.agent.dialects.base.Dialect")
    return dialect


def _maker(name: str) -> Callable[..., Any]:
    if ":" not in name:
        if name not in _DIALECTS:
            close = get_close_matches(name, DIALECT_NAMES, n=3, cutoff=0.5)
            meant = f"did you mean {' or '.join(close)}? There are" if close else "choose one of"
            raise SetupError(f"there is no dialect {name!r}", fix=f"{meant} {', '.join(DIALECT_NAMES)}; or package.module:MyDialect")
        name = _DIALECTS[name]
    module, _, attribute = name.partition(":")
    try:
        found = vars(import_module(module)).get(attribute)
    except (ImportError, ValueError, TypeError) as error:
        fix = "install its package, or fix the path"
        raise SetupError(f"the module of the dialect {name!r} cannot be imported: {error}", fix=fix) from error
    if not callable(found):
        raise SetupError(f"the module {module} has no class or function {attribute!r}", fix="name a dialect as package.module:MyDialect")
    return cast(Callable[..., Any], found)
