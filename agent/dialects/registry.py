"""Every dialect by its name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

from handeye.agent.dialects.base import Dialect
from handeye.tools.errors import SetupError

_DIALECTS = {
    "qwen2.5-vl/computer_use": "handeye.agent.dialects.qwen25vl:QwenComputerUse",
    "qwen2.5-vl/mobile_use": "handeye.agent.dialects.qwen25vl:QwenMobileUse",
    "qwen2.5-vl/point": "handeye.agent.dialects.qwen25vl_point:QwenPoint",
}
DIALECT_NAMES = tuple(_DIALECTS)
"""The names that `open_dialect` knows."""


def open_dialect(name: str, action_types: frozenset[str], **options: Any) -> Dialect:
    """The dialect called `name`, for an environment whose `step` takes the verbs `action_types`; `options` are the dialect's own.

    Raises `SetupError` for a name or an option that does not exist.
    """
    if name not in _DIALECTS:
        raise SetupError(f"there is no dialect {name!r}", fix=f"choose one of {', '.join(DIALECT_NAMES)}")
    module, _, factory = _DIALECTS[name].partition(":")
    make = cast(Callable[..., Dialect], vars(import_module(module))[factory])
    try:
        return make(action_types, **options)
    except (TypeError, ValueError) as error:
        raise SetupError(f"the dialect {name} cannot be made with these options: {error}", fix="see the dialect's docstring") from error
