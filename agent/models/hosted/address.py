"""Reads `MODEL[@URL][?option=value&...]` of a provider's own interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import Field

from handeye.agent.models.named_options import read_options, split_options
from handeye.agent.models.openai.address import Address, Options, read_address
from handeye.tools.errors import SetupError


@dataclass(frozen=True)
class Provider:
    """Whose interface it is."""

    backend: str
    """The first word of the model's name."""
    url: str
    """Where it is, where no address is given."""
    key: str
    """The environment variable of its key, which goes to this provider's host, and to an address that the user names."""
    speaks: str
    example: str
    tools: tuple[str, ...]
    """Names of its computer tools."""


class HostedOptions(Options):
    """How a provider's interface is called."""

    tool: str = ""
    """The computer tool; empty: by the model's name."""
    concurrency: int = Field(4, ge=1, le=512)
    """How many calls at the same time are worth making."""


def hosted_address(argument: str, provider: Provider) -> tuple[Address, HostedOptions]:
    """The address that stands behind the backend's name. Raises `SetupError`, which never repeats a key, for one that cannot be meant."""
    place, query = split_options(argument)
    options = read_options(query, HostedOptions)
    if options.kind:
        raise SetupError("this interface has no kinds of servers.", fix="leave ?kind= out")
    if options.tool and options.tool not in provider.tools:
        raise SetupError(f"{provider.backend} has no such computer tool.", fix=f"tool is one of {', '.join(provider.tools)}")
    if options.max_cost is not None and options.price_in is None:
        raise SetupError("max_cost needs prices: this provider does not say what a call costs.", fix="give price_in and price_out too")
    if (options.price_in is None) != (options.price_out is None):
        raise SetupError("price_in and price_out belong together.", fix="give both, for a million tokens each")
    if not place or place.startswith("@"):
        raise SetupError("which model?", fix=f"say --model {provider.example}")
    read = read_address(place if "@" in place else f"{place}@{provider.url}")
    named = "@" in place
    keys = (options.key_env,) if options.key_env else (provider.key,)
    own = bool(options.key_env) or not named or read.url == provider.url
    shown = f"{place}?{query}" if query else place
    return replace(read, keys=keys, own=own, options=options, name=shown, speaks=provider.speaks, kind=""), options


def known_headers(headers: Mapping[str, str], prefixes: tuple[str, ...]) -> list[str]:
    """The headers whose names begin with one of `prefixes`: what a package says of the machine, or found in the environment."""
    return [name for name in headers if name.lower().startswith(prefixes)]
