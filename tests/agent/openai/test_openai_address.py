"""The string that names a model on a server, and the key that goes there."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.agent.models.openai.address import HOSTS, find_key, read_address
from handeye.agent.models.openai.kinds import KINDS
from handeye.agent.models.openai.model import OpenAIModel
from handeye.agent.models.registry import open_model
from handeye.tools.errors import SetupError

SECRET = "sk-proj-0123456789abcdef"


@pytest.mark.parametrize(
    ("argument", "model", "url", "kind"),
    [
        ("m", "m", "http://localhost:8000/v1", ""),
        ("m@", "m", "http://localhost:8000/v1", ""),
        ("Qwen/Qwen2.5-VL-7B-Instruct@http://host:1/v1/", "Qwen/Qwen2.5-VL-7B-Instruct", "http://host:1/v1", ""),
        ("gpt-5@openai", "gpt-5", "https://api.openai.com/v1", "openai"),
        ("gpt-5@https://eu.api.openai.com/v1", "gpt-5", "https://eu.api.openai.com/v1", "openai"),
        ("qwen-vl-max@dashscope", "qwen-vl-max", "https://dashscope.aliyuncs.com/compatible-mode/v1", "dashscope"),
        ("q@https://w1.ap-southeast-1.maas.aliyuncs.com/compatible-mode/v1", "q", None, "dashscope"),
        ("qwen/qwen2.5-vl-72b-instruct:free@openrouter", "qwen/qwen2.5-vl-72b-instruct:free", "https://openrouter.ai/api/v1", "openrouter"),
        ("@cf/meta/llama@http://host/v1", "@cf/meta/llama", "http://host/v1", ""),
        ("m@2024@http://host/v1", "m@2024", "http://host/v1", ""),
        ("m@http://host/v1?kind=vllm", "m", "http://host/v1", "vllm"),
        ("m?kind=sglang", "m", "http://localhost:8000/v1", "sglang"),
        ("m@https://api.openai.com.evil.example/v1", "m", "https://api.openai.com.evil.example/v1", ""),
    ],
)
def test_what_is_named(argument: str, model: str, url: str | None, kind: str) -> None:
    address = read_address(argument)
    assert (address.model, address.kind) == (model, kind)
    assert url is None or address.url == url


def test_the_name_opens_the_same_model_again() -> None:
    name = "openai:m@http://localhost:1/v1?price_in=0.2&price_out=0.6&max_cost=1&timeout=120&kind=vllm"
    assert open_model(name).name == name
    assert open_model(open_model("openai:m").name).name == "openai:m@http://localhost:8000/v1"
    assert open_model("openai:m@ollama").name == "openai:m@ollama"


def test_options_are_read() -> None:
    options = read_address("m?price_in=0.2&price_out=0.6&max_cost=1&timeout=120&retries=0&concurrency=2").options
    assert (options.price_in, options.price_out, options.max_cost, options.timeout) == (0.2, 0.6, 1.0, 120.0)
    assert (options.retries, options.concurrency) == (0, 2)


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("", "which model"),
        ("@http://host/v1", "which model"),
        ("m@localhost:8000", "neither an http address"),
        ("m@ftp://host/v1", "neither an http address"),
        ("m@http://", "neither an http address"),
        ("m@http://host:99999/v1", "neither an http address"),
        ("m@http://[::1/v1", "neither an http address"),
        ("m@not an address", "neither an http address"),
        ("m@http://host/v1/chat/completions", "/chat/completions itself"),
        ("m@http://host/v1#x", "#"),
        ("m?temperature=1", "no option 'temperature'"),
        ("m?timeout=soon", "timeout"),
        ("m?timeout=-1", "timeout"),
        ("m?timeout=inf", "timeout"),
        ("m?retries=1.5", "retries"),
        ("m?timeout=1&timeout=2", "twice"),
        ("m?timeout", "form option=value"),
        ("m?kind=gpt", "no such kind"),
        ("m?price_in=1", "belong together"),
        ("m?max_cost=1", "needs prices"),
        ("m?key_env=a-b", "key_env"),
    ],
)
def test_what_cannot_be_meant_is_a_set_up_error(argument: str, says: str) -> None:
    with pytest.raises(SetupError, match=says) as caught:
        read_address(argument)
    assert caught.value.fix


@pytest.mark.parametrize(
    "argument",
    [
        f"m@http://user:{SECRET}@host/v1",
        f"m@https://{SECRET}@host/v1",
        f"m@http://host/v1?key={SECRET}",
        f"m@http://host/v1?api_key={SECRET}",
        f"m@http://host/v1?{SECRET}=1",
        f"m@http://host/v1?timeout={SECRET}",
        f"m@{SECRET}",
    ],
)
def test_a_key_in_the_name_is_refused_and_not_repeated(argument: str) -> None:
    with pytest.raises(SetupError) as caught:
        open_model(f"openai:{argument}")
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.__cause__)


@pytest.mark.parametrize(
    ("argument", "environment", "value"),
    [
        ("m@openai", {"OPENAI_API_KEY": SECRET}, SECRET),
        ("m@https://api.openai.com/v1", {"OPENAI_API_KEY": SECRET}, SECRET),
        ("m@http://host/v1", {"OPENAI_API_KEY": "token-abc123"}, "token-abc123"),
        ("m@http://host/v1", {"OPENAI_API_KEY": SECRET}, ""),
        ("m@https://api.openai.com.evil.example/v1", {"OPENAI_API_KEY": SECRET}, ""),
        ("m@http://host/v1?key_env=OPENAI_API_KEY", {"OPENAI_API_KEY": SECRET}, SECRET),
        ("m@http://host/v1?key_env=MINE", {"OPENAI_API_KEY": "general", "MINE": "own"}, "own"),
        ("m@vllm", {"OPENAI_API_KEY": "general", "VLLM_API_KEY": "own"}, "own"),
        ("m@vllm", {"OPENAI_API_KEY": SECRET}, ""),
        ("m@dashscope", {"DASHSCOPE_API_KEY": "own", "OPENAI_API_KEY": "general"}, "own"),
        ("m@dashscope", {"OPENAI_API_KEY": "general"}, ""),
        ("m@https://dashscope.aliyuncs.com/compatible-mode/v1", {"OPENAI_API_KEY": "general"}, ""),
        ("m@openrouter", {"OPENROUTER_API_KEY": "own", "DASHSCOPE_API_KEY": "other"}, "own"),
        ("m@ollama", {"OPENAI_API_KEY": "general"}, ""),
        ("m@openai", {"DASHSCOPE_API_KEY": "other"}, ""),
    ],
)
def test_a_key_goes_where_it_belongs_and_nowhere_else(argument: str, environment: dict[str, str], value: str) -> None:
    key = find_key(read_address(argument), environment)
    assert key.value == value
    assert not value or value not in repr(key)


def test_a_key_that_is_none_is_a_set_up_error_without_it() -> None:
    with pytest.raises(SetupError, match="OPENAI_API_KEY") as caught:
        find_key(read_address("m@openai"), {"OPENAI_API_KEY": f"{SECRET}\nexport"})
    assert SECRET not in str(caught.value)


def test_every_host_is_of_a_kind_that_there_is() -> None:
    assert {host.kind for host in HOSTS.values()} <= set(KINDS)


def test_without_the_package_it_says_what_installs_it() -> None:
    code = (
        "import sys; sys.modules['openai'] = None\n"
        "from handeye.agent.models.registry import open_model\n"
        "from handeye.tools.errors import SetupError\n"
        "try: open_model('openai:m')\n"
        "except SetupError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "package openai" in done.stdout
    assert "[openai]" in done.stdout


@given(st.text(max_size=60))
def test_any_name_is_read_the_same_again_or_is_a_set_up_error(text: str) -> None:
    try:
        address = read_address(text)
    except SetupError:
        return
    assert read_address(address.name) == address


@settings(max_examples=40)
@given(st.sampled_from(["", "m@", "m@http://", "m@https://h/", "m?", "m?timeout=", "m@http://h/v1?"]), st.text(max_size=40))
def test_anything_opens_or_is_a_set_up_error(begin: str, text: str) -> None:
    with contextlib.suppress(SetupError):
        OpenAIModel(begin + text, {}).close()
