"""Every model backend by the first word of its name: `ocr`, `transformers:PATH`, `openai:MODEL@URL`, `openai-computer:MODEL`,
`anthropic:MODEL`, `scripted:FILE`, `replay:RUN`.

Options of a backend follow its name, as in `openai:MODEL@URL?timeout=60`.
"""

from __future__ import annotations

from collections.abc import Callable

from handeye.agent.models.base import Model
from handeye.tools.errors import SetupError


def _ocr(argument: str) -> Model:
    from handeye.agent.models.ocr.model import OcrModel

    if argument:
        raise SetupError(f"the model `ocr` takes no argument, not {argument!r}.", fix="say --model ocr")
    return OcrModel()


def _openai(argument: str) -> Model:
    from handeye.agent.models.openai.model import openai_model

    return openai_model(argument)


def _openai_computer(argument: str) -> Model:
    from handeye.agent.models.hosted.openai_computer import openai_computer_model

    return openai_computer_model(argument)


def _anthropic(argument: str) -> Model:
    from handeye.agent.models.hosted.anthropic import anthropic_model

    return anthropic_model(argument)


def _scripted(argument: str) -> Model:
    from handeye.agent.models.scripted import scripted_model

    return scripted_model(argument)


def _replay(argument: str) -> Model:
    from handeye.agent.models.scripted import replay_model

    return replay_model(argument)


def _transformers(argument: str) -> Model:
    from handeye.agent.models.local.model import transformers_model

    return transformers_model(argument)


BACKENDS: dict[str, Callable[[str], Model]] = {
    "ocr": _ocr,
    "transformers": _transformers,
    "openai": _openai,
    "openai-computer": _openai_computer,
    "anthropic": _anthropic,
    "scripted": _scripted,
    "replay": _replay,
}
"""What opens a model, given what stands behind the colon of its name. A new backend is one line here."""

DEFAULT_MODEL = "ocr"


def open_model(name: str) -> Model:
    """The model that `name` (`BACKEND` or `BACKEND:ARGUMENT`) stands for.

    Raises `SetupError` for a backend that does not exist or cannot be set up here, `ModelError` when it does not start.
    """
    backend, _, argument = name.partition(":")
    if backend not in BACKENDS:
        raise SetupError(f"there is no model backend {backend!r}.", fix=f"use one of {', '.join(BACKENDS)}")
    return BACKENDS[backend](argument)
