"""`handeye run`'s side of secrets: what `--secret` declares, and the environment that keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handeye.agent.safety.own_words import check_values
from handeye.agent.safety.screen_text import screen_reader
from handeye.envs.secrets.env import SecretEnv
from handeye.envs.secrets.secret import read_secrets
from handeye.envs.secrets.vault import Vault
from handeye.tools.errors import SetupError

if TYPE_CHECKING:
    from handeye.agent.cli.run import RunRequest


def open_vault(request: RunRequest) -> Vault | None:
    """The secrets of a run; None: it has none.

    Raises `SetupError` for what is no secret, for one that the run could never type, and for ways of watching the run that show the
    screen as it is.
    """
    if not request.secrets:
        return None
    vault = Vault(read_secrets(request.secrets))
    check_values(vault)
    for name, where in vault.places.items():
        if bool(where.origin) != (request.env == "browser"):
            raise SetupError(
                f"The secret {name} is bound to {where}, and could never be typed with --env {request.env}.",
                fix="bind it to https://... in a browser, to app:NAME on a phone or a desktop",
            )
    for option, given in (("--record", request.record is not None), ("--show", request.show)):
        if given:
            raise SetupError(
                f"{option} shows the screen as it is, the values of secrets too.",
                fix="leave one of them out: the run keeps its pictures",
            )
    return vault


def with_secrets(env: Any, vault: Vault | None) -> Any:
    """`env`, with the secrets of `vault` if there are any."""
    return env if vault is None else SecretEnv(env, vault, screen_reader())
