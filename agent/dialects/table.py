"""The page docs/dialects.md, made from the dialects themselves: `scripts/dialects_page.py` writes it."""

from __future__ import annotations

from handeye.agent.coordinates import Relative
from handeye.agent.dialects.base import Dialect
from handeye.agent.dialects.check import example_actions
from handeye.agent.dialects.registry import DIALECT_NAMES, open_dialect
from handeye.envs.actions import ACTIONS, LOOP_ACTIONS
from handeye.envs.browser import ACTION_TYPES as BROWSER
from handeye.envs.desktop import ACTION_TYPES as DESKTOP
from handeye.envs.phone import ACTION_TYPES as PHONE
from handeye.tools.errors import InvalidAction
from handeye.tools.geometry import Point, Size

_ENVIRONMENTS = {"browser": BROWSER, "desktop": DESKTOP, "phone": PHONE}
_SCREEN = Size(1288, 728)
_LONGEST = 110

MODELS: dict[str, str] = {
    "json": "any that follows instructions", "json/pixels": "the same, points in pixels",
    "qwen2.5-vl": "Qwen2.5-VL", "qwen3-vl": "Qwen3-VL", "qwen-xml": "Qwen3.5 and later, Qwen-CUA", "qwen2-vl": "Qwen2-VL",
    "fara": "Fara-7B", "gui-owl-1": "GUI-Owl", "gui-owl-1.5": "GUI-Owl 1.5", "holo": "Holo1, Holo1.5", "holo2": "Holo2",
    "ui-venus": "UI-Venus 1.5", "ui-venus-1": "UI-Venus 1, GUI-G2", "ui-tars": "UI-TARS 1.0", "ui-tars-1.5": "UI-TARS 1.5",
    "doubao-1.5": "Doubao 1.5 UI-TARS", "autoglm": "AutoGLM-Phone", "agentcpm-gui": "AgentCPM-GUI", "stepgui": "StepGUI, GELab-Zero",
    "mai-ui": "MAI-UI", "os-atlas-base": "OS-Atlas-Base", "os-atlas-pro": "OS-Atlas-Pro", "showui": "ShowUI", "uground": "UGround-V1",
    "aguvis": "Aguvis", "opencua": "OpenCUA", "kimi": "Kimi K2.5", "openai-computer": "OpenAI's computer tool",
    "anthropic-computer": "Anthropic's computer tool",
}  # fmt: skip
"""Models by the name of their dialects, or what stands before the slash in it."""
HOSTED = {"openai-computer": "`openai-computer:MODEL`", "anthropic-computer": "`anthropic:MODEL`"}
"""Wire formats of providers' own interfaces, and the backends that speak to them."""
REPLIES: dict[str, int] = {
    "qwen2.5-vl/computer_use": 49, "qwen2.5-vl/point": 6, "qwen2.5-vl/mobile_use": 2, "qwen3-vl/mobile_use": 1,
    "qwen-xml/computer_use": 4, "qwen2-vl/box": 23, "fara/browser": 5, "gui-owl-1/computer_use": 1, "holo/point": 2,
    "ui-tars/computer": 40, "ui-tars-1.5/computer": 5, "autoglm/phone": 17, "agentcpm-gui/phone": 7, "stepgui/phone": 1,
    "mai-ui/point": 21, "os-atlas-base/point": 1, "os-atlas-pro/phone": 10, "showui/web": 1, "showui/point": 1,
    "aguvis/computer": 27, "opencua/computer": 15, "kimi/computer": 1, "openai-computer": 9, "anthropic-computer": 8,
    "json": 1,
}  # fmt: skip
"""Replies of the models (or of fixtures of their own code) that others published, and that the dialect was tried on."""
BACKENDS = {
    "qwen2.5-vl": "a small checkpoint of the same form, in the same process and served",
    "qwen2-vl": "a tiny checkpoint of the same form with random weights",
    "qwen3-vl": "a tiny checkpoint of the same form with random weights",
    "openai-computer": "a local server that answers as the interface does",
    "anthropic-computer": "a local server that answers as the interface does",
}
"""What stood behind the backend when it was run here."""
SERVER_FLAGS = {"opencua": "`--trust-remote-code`", "kimi": "`--trust-remote-code`"}
"""What `vllm serve` needs beside the model's name (the model cards), beyond what follows from the dialect."""
LOCAL = ("qwen2-vl", "qwen2.5-vl", "qwen3-vl")
"""Families whose classes the local backend loads; other checkpoints of the same classes load too, the rest needs a server."""


def page() -> str:
    """The whole page. Raises `KeyError` for a dialect of which it is not said whose it is."""
    everything = frozenset(ACTIONS) - LOOP_ACTIONS
    dialects = {name: open_dialect(name, everything) for name in DIALECT_NAMES}
    models = [_model_row(name, dialect) for name, dialect in dialects.items()]
    return "\n".join(
        [
            "# Dialects: which model is spoken to how",
            "",
            "This page is made from the code; `python scripts/dialects_page.py` writes it again.",
            "",
            "## For your model",
            "",
            "`--dialect auto`, the default, chooses by the model's name; `--dialect NAME` says which. Weights are run by",
            "`--model transformers:PATH` in the same process, or by a server that `--model openai:NAME@URL` asks. The points",
            "are how the model writes them; everything else in handeye is in pixels of the screen.",
            "No real weights of these models could be run where this was written. The column on the right says what was: replies that",
            "others published, read to their expected outcome, and the backend. Nothing there: the documented forms only.",
            "",
            "Dialects that show several screenshots in one prompt need a server that takes them; the flag is vLLM's.",
            "",
            "| dialect | models | points | `--model` | flags of the server | tried here |",
            "|---|---|---|---|---|---|",
            *(_run_row(name, dialect) for name, dialect in dialects.items()),
            "",
            "## What each lacks",
            "",
            "| dialect | browser | desktop | phone |",
            "|---|---|---|---|",
            *models,
            "",
            "Those are the verbs of the environment that the model has no words for: they are not offered to it.",
            "",
            "## How each verb is said",
            "",
            f"Examples on a screen of {_SCREEN}.",
            "",
            *(line for name, dialect in dialects.items() for line in _verbs(name, dialect)),
        ]
    )


def model_of(name: str) -> str:
    """Whose dialect `name` is. Raises `KeyError` where that is not said."""
    return MODELS[name] if name in MODELS else MODELS[name.partition("/")[0]]


def _run_row(name: str, dialect: Dialect) -> str:
    family = name.partition("/")[0]
    local = ["`transformers:PATH`"] if family in LOCAL else []
    how = HOSTED.get(family) or ", ".join([*local, "`openai:NAME@URL`"])
    flags = [SERVER_FLAGS[family]] if family in SERVER_FLAGS else []
    if family not in HOSTED and dialect.history_pictures:
        flags.append(f"`--limit-mm-per-prompt.image {dialect.history_pictures + 1}`")
    tried = [f"{REPLIES[name]} published {'reply' if REPLIES[name] == 1 else 'replies'}"] if name in REPLIES else []
    tried += [BACKENDS[family]] if family in BACKENDS else []
    return f"| `{name}` | {model_of(name)} | {_space(dialect)} | {how} | {' '.join(flags)} | {'; '.join(tried)} |"


def _model_row(name: str, dialect: Dialect) -> str:
    lacks = [
        ", ".join(f"`{verb}`" for verb in ACTIONS if verb in types and verb not in dialect.action_types) or "nothing"
        for types in _ENVIRONMENTS.values()
    ]
    if dialect.action_types <= LOOP_ACTIONS | {"click"}:
        lacks = ["all but `click`"] * 3
    return f"| `{name}` | {' | '.join(lacks)} |"


def _space(dialect: Dialect) -> str:
    family = getattr(dialect, "family", None)
    space = family.space if family is not None else getattr(dialect, "_space", None)
    if space is None:
        return "see its file"
    across, _ = space.from_screen(Point(_SCREEN.width - 1, 0), _SCREEN)
    if isinstance(space, Relative):
        return f"0 to {space.extent:g}"
    return "pixels of the picture" if abs(across - dialect.picture_size(_SCREEN).width) < 3 else "0 to 1000"


def _verbs(name: str, dialect: Dialect) -> list[str]:
    said: dict[str, str] = {}
    for action in example_actions(dialect.action_types, _SCREEN):
        if action.type not in said and (text := _words(dialect, action)):
            said[action.type] = text
    rows = [f"| `{verb}` | {_where(verb)} | `` {said[verb]} `` |" for verb in ACTIONS if verb in said]
    return [f"### `{name}`", "", "| verb | environments | example |", "|---|---|---|", *rows, ""]


def _words(dialect: Dialect, action: object) -> str:
    try:
        text = dialect.format(action, _SCREEN)  # type: ignore[arg-type]
    except InvalidAction:
        return ""
    text = text.replace("\n", " ⏎ ").replace("|", "\\|").replace("`", "ˋ")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _where(verb: str) -> str:
    return ", ".join(name for name, types in _ENVIRONMENTS.items() if verb in types) or "the loop"
