"""Which dialect a model speaks: by its name, and for a checkpoint on this machine by its config.json. The one table of families."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from handeye.agent.dialects.registry import DIALECT_NAMES

Purpose: TypeAlias = Literal["computer", "phone", "point"]
"""To work a screen with a pointer, to work one with fingers, or to find one thing on a picture."""

DEFAULTS: dict[Purpose, str] = {
    "computer": "qwen2.5-vl/computer_use",
    "phone": "qwen2.5-vl/mobile_use",
    "point": "qwen2.5-vl/point",
}
"""For models whose family is not known, and for those of handeye itself."""
_SUFFIXES: dict[Purpose, tuple[str, ...]] = {
    "computer": ("computer_use", "computer", "desktop", "web", "browser", "", "mobile_use", "mobile", "phone"),
    "phone": ("mobile_use", "mobile", "phone", "", "computer_use", "computer"),
    "point": ("point", "box", "grounding", "", "browser", "web", "computer_use", "computer", "mobile_use", "mobile", "phone"),
}
_OWN = ("ocr", "scripted", "replay", "oracle", "noop")
NATIVE: dict[str, str] = {"openai-computer": "openai-computer", "anthropic": "anthropic-computer"}
"""Backends of interfaces with a computer tool of their own, and the dialect that is that tool's."""


@dataclass(frozen=True)
class ModelFamily:
    """Models that speak alike."""

    label: str
    pattern: str
    """Matches the model's name, in lower case."""
    dialects: tuple[str, ...]
    """What stands before the slash in the names of its dialects; the first that exists is chosen."""
    model_types: tuple[str, ...] = ()
    """`model_type` in config.json, where no other family has the same."""


FAMILIES = (
    ModelFamily("Doubao UI-TARS", r"doubao", ("doubao-1.5", "ui-tars-1.5", "ui-tars")),
    ModelFamily("UI-TARS 1.5", r"ui[-_]?tars[-_ ]?v?(1[.\-_]5|2)", ("ui-tars-1.5", "ui-tars")),
    ModelFamily("UI-TARS", r"ui[-_]?tars", ("ui-tars",)),
    ModelFamily("GUI-Owl 1.5", r"gui[-_]?owl[-_ ]?1[.\-_]5", ("gui-owl-1.5",)),
    ModelFamily("GUI-Owl", r"gui[-_]?owl", ("gui-owl-1", "gui-owl")),
    ModelFamily("OS-Atlas Pro", r"os[-_]?atlas.*pro", ("os-atlas-pro", "os-atlas")),
    ModelFamily("OS-Atlas Base", r"os[-_]?atlas", ("os-atlas-base", "os-atlas")),
    ModelFamily("ShowUI", r"showui", ("showui",)),
    ModelFamily("Aguvis", r"aguvis", ("aguvis",)),
    ModelFamily("Holo2", r"holo[-_]?2", ("holo2", "holo")),
    ModelFamily("Holo1.5", r"holo[-_]?1[.\-_]5", ("holo",)),
    ModelFamily("Holo1", r"holo[-_]?1", ("holo1", "holo")),
    ModelFamily("OpenCUA", r"opencua", ("opencua",), ("opencua",)),
    ModelFamily("Fara", r"\bfara\b", ("fara",)),
    ModelFamily("AutoGLM-Phone", r"autoglm", ("autoglm",)),
    ModelFamily("MAI-UI", r"mai[-_]ui", ("mai-ui",)),
    ModelFamily("AgentCPM-GUI", r"agentcpm", ("agentcpm-gui",)),
    ModelFamily("UI-Venus 1.5", r"ui[-_]?venus.*1[.\-_]5", ("ui-venus-1.5", "ui-venus")),
    ModelFamily("UI-Venus", r"ui[-_]?venus|gui[-_]?g2", ("ui-venus-1", "ui-venus")),
    ModelFamily("UGround", r"uground", ("uground",)),
    ModelFamily("StepGUI", r"step[-_]?gui|gelab", ("stepgui",)),
    ModelFamily("Kimi", r"\bkimi", ("kimi",), ("kimi_k25", "kimi_vl")),
    ModelFamily("Qwen3.5 and later", r"qwen[-_]?(3\.[5-9]|[4-9])|qwen[-_]?cua", ("qwen-xml",), ("qwen3_5", "qwen3_5_moe")),
    ModelFamily("Qwen3-VL", r"qwen[-_]?3[-_]?(vl|omni)", ("qwen3-vl",), ("qwen3_vl", "qwen3_vl_moe")),
    ModelFamily("Qwen2.5-VL", r"qwen[-_]?2\.?5[-_]?vl", ("qwen2.5-vl",), ("qwen2_5_vl",)),
    ModelFamily("Qwen2-VL", r"qwen[-_]?2[-_]?vl", ("qwen2-vl",), ("qwen2_vl",)),
    ModelFamily(
        "a general model",
        r"(^|/)(gpt|o\d|chatgpt|claude|gemini|gemma|grok|llama|mistral|pixtral|internvl|glm-4)",
        ("json", "openai-computer", "anthropic-computer"),
    ),
)  # fmt: skip
"""From the particular to the general: many of the first were made from one of the Qwens further down."""


@dataclass(frozen=True)
class Choice:
    """A dialect, and what the user must know about it."""

    dialect: str
    warnings: tuple[str, ...] = ()
    """Whole sentences; for standard error and for the notes of the run."""


def choose_dialect(model: str, asked: str = "auto", purpose: Purpose = "computer") -> Choice:
    """The dialect for the model called `model` (as `open_model` takes it): `asked`, or by the model's family where that is `auto`.

    Warns where the model's family is known and another family's dialect was asked for, where a family has no dialect here, and where
    name and config.json say different things. A dialect of JSON or of the user's own is for any model and no reason to warn.
    """
    native = NATIVE.get(model.partition(":")[0])
    if native is not None and asked in ("", "auto") and purpose != "point":
        return Choice(native)
    if native is not None and asked in NATIVE.values() and asked != native:
        return Choice(asked, (f"the model {model} has a tool of its own, but the dialect is {asked}: its calls will not be read. "
                              f"Use --dialect {native}, or auto.",))  # fmt: skip
    family, doubts = family_of(model)
    if asked not in ("", "auto"):
        foreign = family is not None and asked in DIALECT_NAMES and not asked.startswith("json") and _prefix(asked) not in family.dialects
        if family is None or not foreign:
            return Choice(asked)
        proper = _dialect_of(family, purpose) or "json"
        return Choice(asked, (f"the model {model} is {family.label}, but the dialect is {asked}: it will point at wrong places. "
                              f"Use --dialect {proper}, or auto.", *doubts))  # fmt: skip
    if family is None:
        default = DEFAULTS[purpose]
        doubt = f"no family of models is known for {model}; {default} is assumed. If that is wrong, name a --dialect (json suits any)."
        return Choice(default, (doubt, *doubts) if _bare(model) else doubts)
    chosen = _dialect_of(family, purpose)
    if chosen is None:
        return Choice("json", (f"there is no dialect for {family.label} here; json is used, which it may follow badly.", *doubts))
    suffix = chosen.partition("/")[2]
    other = {"computer": ("mobile_use", "mobile", "phone"), "phone": ("computer_use", "computer")}.get(purpose, ())
    misfit = (f"{family.label} has no dialect for a {purpose}; {chosen} is used.",) if suffix in other else ()
    return Choice(chosen, (*misfit, *doubts))


def family_of(model: str) -> tuple[ModelFamily | None, tuple[str, ...]]:
    """The family of the model called `model`, if it is known, and what speaks against it in words."""
    name = _bare(model)
    if not name:
        return None, ()
    by_name = next((family for family in FAMILIES if re.search(family.pattern, _last(name).lower())), None)
    said = _model_type(name)
    if not said:
        return by_name, ()
    by_type = next((family for family in FAMILIES if said in family.model_types), None)
    if by_name is None or by_type is None or not by_name.model_types or by_name == by_type:
        return by_name or by_type, ()
    return by_type, (f"the model is called {_last(name)}, but its config.json says {said}: it is taken for {by_type.label}.",)


def _bare(model: str) -> str:
    """The model's own name, or its folder; empty for handeye's own models."""
    backend, _, argument = model.partition(":")
    if backend in _OWN or not argument:
        return ""
    name = argument.partition("?")[0]
    return name.partition("@")[0] if backend in ("openai", *NATIVE) else name


def _last(name: str) -> str:
    return "/".join(name.replace("\\", "/").rstrip("/").split("/")[-2:]) if _model_type(name) == "" else Path(name).resolve().name


def _model_type(name: str) -> str:
    """`model_type` of the checkpoint in the folder `name`, or the family of its first architecture; empty where none can be read."""
    try:
        config: Any = json.loads((Path(name) / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    if not isinstance(config, dict):
        return ""
    if isinstance(said := config.get("model_type"), str) and said:
        return said
    architectures = config.get("architectures")
    first = architectures[0] if isinstance(architectures, list) and architectures else ""
    kinds = {"Qwen2_5_VL": "qwen2_5_vl", "Qwen2VL": "qwen2_vl", "Qwen3VLMoe": "qwen3_vl_moe", "Qwen3VL": "qwen3_vl", "Qwen3_5": "qwen3_5"}
    return next((kind for start, kind in kinds.items() if str(first).startswith(start)), "")


def _dialect_of(family: ModelFamily, purpose: Purpose) -> str | None:
    for prefix in family.dialects:
        names = [f"{prefix}/{suffix}" if suffix else prefix for suffix in _SUFFIXES[purpose]]
        if found := next((name for name in names if name in DIALECT_NAMES), None):
            return found
    return None


def _prefix(dialect: str) -> str:
    return dialect.partition("/")[0]
