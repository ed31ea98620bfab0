"""Reads `MODEL@URL?option=value&...`: which model, on which server, how to call it, and which environment variable has the key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from handeye.agent.models.named_options import known_options, option_pairs, read_options
from handeye.agent.models.openai.kinds import KINDS
from handeye.tools.errors import SetupError

DEFAULT_URL = "http://localhost:8000/v1"
"""Where `vllm serve` listens by default."""
EXAMPLE = "openai:Qwen/Qwen2.5-VL-7B-Instruct@http://localhost:8000/v1"
GENERAL_KEY = "OPENAI_API_KEY"

_PLATFORM_KEY = re.compile(r"sk-(?:proj|svcacct|admin)-")
"""How the keys of OpenAI's own platform begin. They belong to api.openai.com and are worth money there."""
_SECRET_NAMES = frozenset({"key", "apikey", "api_key", "api-key", "token", "access_token", "secret", "password", "authorization"})


class Options(BaseModel):
    """How a server is called."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: str = ""
    """A name of `KINDS`; empty: known by the host, else asked of the server."""
    timeout: float = Field(600.0, gt=0)
    """Seconds for one attempt as a whole: a 72B model on one screen can take minutes."""
    silence: float = Field(300.0, gt=0)
    """Seconds to wait for the first token, and for each one after it."""
    connect: float = Field(10.0, gt=0)
    """Seconds to reach the server."""
    retries: int = Field(3, ge=0, le=20)
    """Further attempts after a failure that may pass."""
    concurrency: int = Field(8, ge=1, le=512)
    """Requests of one batch that run at the same time."""
    price_in: float | None = Field(None, ge=0)
    """Price of a million tokens of the prompt, in any currency."""
    price_out: float | None = Field(None, ge=0)
    """Price of a million tokens of the reply."""
    price_cached: float | None = Field(None, ge=0)
    """Price of a million tokens of the prompt that the server had cached; `price_in` if it is not given."""
    max_cost: float | None = Field(None, gt=0)
    """No call begins once so much was spent."""
    key_env: str = Field("", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$|^$")
    """The environment variable that holds the key, instead of the usual one."""


@dataclass(frozen=True)
class Host:
    """A server that has a short name."""

    url: str
    kind: str
    keys: tuple[str, ...] = ()
    """The environment variables of its key, the first that is set counts."""
    domains: tuple[str, ...] = ()
    """The hosts that are it when a URL names them, with all below; none for a program that runs anywhere."""


HOSTS: Mapping[str, Host] = MappingProxyType(
    {
        # platform.openai.com/docs/api-reference
        "openai": Host("https://api.openai.com/v1", "openai", (GENERAL_KEY,), ("api.openai.com",)),
        # help.aliyun.com/en/model-studio/qwen-vl-compatible-with-openai: Beijing, and the older address of Singapore.
        "dashscope": Host(
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "dashscope",
            ("DASHSCOPE_API_KEY",),
            ("dashscope.aliyuncs.com", "dashscope-us.aliyuncs.com", "maas.aliyuncs.com"),
        ),
        "dashscope-intl": Host(
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
            "dashscope",
            ("DASHSCOPE_API_KEY",),
            ("dashscope-intl.aliyuncs.com",),
        ),
        # openrouter.ai/docs/quickstart
        "openrouter": Host("https://openrouter.ai/api/v1", "openrouter", ("OPENROUTER_API_KEY",), ("openrouter.ai",)),
        # The default ports and the variables that the servers themselves read (vllm serve, llama-server).
        "vllm": Host(DEFAULT_URL, "vllm", ("VLLM_API_KEY", GENERAL_KEY)),
        "transformers": Host(DEFAULT_URL, "transformers", (GENERAL_KEY,)),
        "sglang": Host("http://localhost:30000/v1", "sglang", (GENERAL_KEY,)),
        "llamacpp": Host("http://localhost:8080/v1", "llamacpp", ("LLAMA_API_KEY", GENERAL_KEY)),
        "ollama": Host("http://localhost:11434/v1", "ollama"),
    }
)


@dataclass(frozen=True)
class Address:
    """A model on a server."""

    model: str
    url: str
    """Up to and with `/v1`, without a slash at the end."""
    kind: str
    """A name of `KINDS`, or empty where the server has to be asked."""
    keys: tuple[str, ...]
    """The environment variables that may hold the key."""
    own: bool
    """The key belongs to this host by its variable's name, or because the user named the variable."""
    options: Options
    name: str = field(default="")
    """The string that was read, less the backend's name."""
    speaks: str = "chat completions"
    """What is looked for at the address."""


@dataclass(frozen=True)
class Key:
    """What the environment had. Its text is kept out of `repr`."""

    value: str = field(default="", repr=False)
    variable: str = ""
    """Where it was found, or where it would be looked for."""
    withheld: bool = False
    """There was one, but it belongs to OpenAI's platform and this is another host."""


def read_address(argument: str) -> Address:
    """The address that stands behind `openai:`. Raises `SetupError`, which never repeats a key, for one that cannot be meant."""
    place, _, query = argument.partition("?")
    options = _options(query)
    model, server = _split(place)
    if not model:
        raise SetupError("which model?", fix=f"say --model {EXAMPLE}")
    host = HOSTS.get(server)
    url = host.url if host else _checked_url(server or DEFAULT_URL)
    host = host or _host_of(url)
    keys = (options.key_env,) if options.key_env else host.keys if host else (GENERAL_KEY,)
    own = bool(options.key_env or (host and host.domains))
    if options.max_cost is not None and options.price_in is None and not (host and host.kind == "openrouter"):
        raise SetupError("max_cost needs prices: this server does not say what a call costs.", fix="give price_in and price_out too")
    shown = f"{model}@{server or DEFAULT_URL}" + (f"?{query}" if query else "")
    return Address(model, url, options.kind or (host.kind if host else ""), keys, own, options, shown)


def find_key(address: Address, environment: Mapping[str, str]) -> Key:
    """The key for this server.

    A service that has a variable of its own gets that one and no other. OPENAI_API_KEY goes to api.openai.com and, as is usual for
    `vllm serve --api-key`, to a server that the user named by its URL, unless it is a key of OpenAI's platform: that one goes to
    another host only where the user says so by `key_env=OPENAI_API_KEY`.
    """
    for variable in address.keys:
        value = environment.get(variable, "").strip()
        if not value:
            continue
        if variable == GENERAL_KEY and not address.own and _PLATFORM_KEY.match(value):
            return Key(variable=variable, withheld=True)
        if not value.isascii() or not value.isprintable() or " " in value:
            raise SetupError(f"{variable} holds characters that no key has.", fix=f"set {variable} again, without quotes or line breaks")
        return Key(value, variable)
    return Key(variable=address.keys[0] if address.keys else "")


def _split(place: str) -> tuple[str, str]:
    """The model and the server. Names of models may hold an `@` of their own, an address only where a user and password would stand."""
    match = re.search(r"@(?=[A-Za-z][A-Za-z0-9+.-]*://)", place)
    if match:
        return place[: match.start()], place[match.end() :]
    model, _, server = place.rpartition("@")
    return (model, server) if model else (server if not place.startswith("@") else "", "")


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, valid = SplitResult("", "", "", "", ""), False
    if parts.username is not None or parts.password is not None:
        raise SetupError("the address holds a user or a key; it would end up in every recording.", fix=_KEY_ADVICE)
    if not valid:
        # Not repeated: what stands there may be a key that slipped in.
        raise SetupError(
            f"what follows @ is neither an http address nor one of {', '.join(HOSTS)}.", fix=f"write it in full, as in --model {EXAMPLE}"
        )
    if parts.fragment:
        raise SetupError("the address ends in #..., which no server sees.", fix="leave it out")
    if parts.path.rstrip("/").endswith("/chat/completions"):
        raise SetupError("the address names /chat/completions itself.", fix="give it up to and with /v1")
    return url.rstrip("/")


_KEY_ADVICE = "put the key into an environment variable, OPENAI_API_KEY or the one that ?key_env=NAME names"


def _host_of(url: str) -> Host | None:
    name = (urlsplit(url).hostname or "").lower()
    for host in HOSTS.values():
        if any(name == domain or name.endswith("." + domain) for domain in host.domains):
            return host
    return None


def _options(query: str) -> Options:
    if any(name.lower() in _SECRET_NAMES for name, _ in option_pairs(query, known_options(Options))):
        raise SetupError("the address holds a key; it would end up in every recording.", fix=_KEY_ADVICE)
    options = read_options(query, Options)
    if options.kind and options.kind not in KINDS:
        raise SetupError("there is no such kind of server.", fix=f"kind is one of {', '.join(KINDS)}")
    if (options.price_in is None) != (options.price_out is None):
        raise SetupError("price_in and price_out belong together.", fix="give both, for a million tokens each")
    return options
