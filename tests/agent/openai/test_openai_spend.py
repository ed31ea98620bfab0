"""Costs, their limit, batches, and the key that appears nowhere."""

from __future__ import annotations

import logging
import threading
import traceback
from pathlib import Path

import pytest

from handeye.agent import Agent, open_dialect, run_episode
from handeye.agent.loop import Limits
from handeye.agent.messages import Message
from handeye.agent.models.base import Sampling
from handeye.agent.viewer.page import write
from handeye.envs.actions import LOOP_ACTIONS
from handeye.envs.fake import ButtonsEnv
from handeye.tools.errors import ModelError
from tests.agent.openai.chat_server import Answer, Asked, ChatServer, error, piece, says, usage
from tests.agent.openai.conftest import Opener

HI = [Message("user", ("hi",))]
SECRET = "sk-very-secret-0123456789"


def counted(prompt: int, completion: int, **more: object) -> Answer:
    return Answer(events=[piece("ok", "stop"), usage(prompt, completion, **more)])


def test_cost_is_tokens_times_price(server: ChatServer, opened: Opener) -> None:
    server.answers = [counted(1_000_000, 500_000, prompt_tokens_details={"cached_tokens": 400_000})]
    model = opened("price_in=2&price_out=6&price_cached=0.5")
    completion = model.generate(HI)
    assert completion.details["cost"] == pytest.approx(0.6 * 2 + 0.4 * 0.5 + 0.5 * 6)
    assert model.spent == completion.details["cost"]
    assert "cost_estimated" not in completion.details


def test_without_a_price_there_is_no_cost(server: ChatServer, opened: Opener) -> None:
    model = opened()
    assert "cost" not in model.generate(HI).details
    assert model.spent == 0


def test_what_the_server_says_counts_before_prices(server: ChatServer, opened: Opener) -> None:
    server.answers = [counted(1_000_000, 0, cost=0.25)]
    model = opened("kind=openrouter&price_in=100&price_out=100")
    assert model.generate(HI).details["cost"] == 0.25


def test_no_call_begins_past_the_limit(server: ChatServer, opened: Opener) -> None:
    server.answers = [counted(100_000, 0)]
    model = opened("price_in=4&price_out=1&max_cost=1")
    for _ in range(3):
        model.generate(HI)
    with pytest.raises(ModelError, match=r"limit on spend is reached: 1\.2000 of 1\..*max_cost"):
        model.generate(HI)
    assert len(server.asked) == 3


def test_a_retry_is_a_call_too(server: ChatServer, opened: Opener) -> None:
    cut = Answer(events=[piece("a", usage={"prompt_tokens": 1_000_000, "completion_tokens": 1})], cut=True)
    server.answers = [cut, says("never asked for")]
    with pytest.raises(ModelError, match="limit on spend"):
        opened("kind=vllm&price_in=4&price_out=1&max_cost=1").generate(HI)
    assert len(server.asked) == 1


def test_a_cost_that_nobody_counted_is_an_estimate_and_says_so(server: ChatServer, opened: Opener) -> None:
    server.answers = [Answer(events=[piece("a END"), threading.Event()])]
    model = opened("price_in=1&price_out=1&silence=0.3")
    details = model.generate([Message("user", ("x" * 4000,))], Sampling(stop=("END",))).details
    assert details["cost"] == pytest.approx(1001 / 1e6)
    assert details["cost_estimated"] is True


# Batches.


def echo(asked: Asked) -> Answer:
    return says(asked.body["messages"][0]["content"])


def test_a_batch_keeps_the_order_and_runs_at_the_same_time(server: ChatServer, opened: Opener) -> None:
    together = threading.Barrier(4)

    def meet(asked: Asked) -> Answer:
        together.wait(20)
        return echo(asked)

    server.answers = [meet]
    prompts = [[Message("user", (str(number),))] for number in range(12)]
    completions = opened("concurrency=4").generate_batch(prompts)
    assert [completion.text for completion in completions] == [str(number) for number in range(12)]
    assert server.busiest == 4


def test_an_empty_batch_asks_nobody(server: ChatServer, opened: Opener) -> None:
    assert opened().generate_batch([]) == ()
    assert server.asked == []


def test_the_first_error_of_a_batch_ends_it(server: ChatServer, opened: Opener) -> None:
    under_way = threading.Event()

    def answer(asked: Asked) -> Answer:
        if asked.body["messages"][0]["content"] == "1":
            under_way.wait(20)
            return error(400, "this one is bad")
        under_way.set()
        return Answer(events=(piece("a") for _ in range(1_000_000)))

    server.answers = [answer]
    prompts = [[Message("user", (str(number),))] for number in range(40)]
    with pytest.raises(ModelError, match="this one is bad"):
        opened("concurrency=2").generate_batch(prompts)
    assert server.hung_up.wait(20)
    assert len(server.asked) <= 4


def test_a_refusal_that_several_meet_at_once_fails_none(server: ChatServer, opened: Opener) -> None:
    together = threading.Barrier(4)

    def picky(asked: Asked) -> Answer:
        if "seed" not in asked.body:
            return echo(asked)
        together.wait(20)
        return error(400, "unsupported parameter: seed")

    server.answers = [picky]
    completions = opened("concurrency=4").generate_batch([[Message("user", (str(n),))] for n in range(4)], Sampling(seed=1))
    assert [completion.text for completion in completions] == ["0", "1", "2", "3"]


# The key.


def tell_on(asked: Asked) -> str:
    return f"You sent {asked.headers['Authorization']}"


@pytest.mark.parametrize("status", [200, 307, 400, 401, 403, 404, 413, 422, 429, 500])
def test_an_error_that_echoes_the_key_does_not_pass_it_on(
    server: ChatServer, opened: Opener, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers = [lambda asked: error(status, tell_on(asked), code=SECRET)]
    if status == 307:
        server.answers = [lambda asked: Answer(307, headers={"Location": f"http://elsewhere/?key={asked.headers['Authorization']}"})]
    with pytest.raises(ModelError) as caught:
        opened("retries=0", key=SECRET).generate(HI)
    shown = "".join(traceback.format_exception(caught.value)) + str(caught.value) + repr(caught.value) + str(caught.value.fix)
    assert server.asked[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert SECRET not in shown
    # Of a redirect, the transport's own debug log shows the headers that the server sent.
    assert status == 307 or SECRET not in caplog.text
    chain: BaseException | None = caught.value
    while chain is not None:
        assert SECRET not in str(chain)
        chain = chain.__cause__ or chain.__context__


@pytest.mark.parametrize(
    "body", [b"<html>%s", b"plain %s", b'{"object": "%s"}', b'{"error": "%s"}', b'{"choices": [{"message": {"refusal": "%s"}}]}']
)
def test_no_body_passes_the_key_on(server: ChatServer, opened: Opener, body: bytes) -> None:
    server.answers = [Answer(body=body % SECRET.encode())]
    with pytest.raises(ModelError) as caught:
        opened("retries=0", key=SECRET).generate(HI)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_models_that_are_named_do_not_pass_the_key_on(server: ChatServer, opened: Opener) -> None:
    server.models = Answer(body=b'{"data": [{"id": "%s"}]}' % SECRET.encode())
    server.answers = [error(404, "model not found")]
    with pytest.raises(ModelError, match="serves") as caught:
        opened(key=SECRET).generate(HI)
    assert SECRET not in str(caught.value)


def test_neither_completion_nor_trajectory_holds_the_key(server: ChatServer, opened: Opener, tmp_path: Path) -> None:
    refused = error(400, f"unsupported parameter seed for Bearer {SECRET}", param="seed")
    reply = (
        f'I was called with {SECRET}.\n<tool_call>\n{{"name": "computer_use", "arguments": {{"action": "wait", "time": 0}}}}\n</tool_call>'
    )
    half = len(reply) // 4
    speaking = Answer(
        events=[piece(delta={"reasoning": SECRET}), piece(reply[:half]), piece(reply[half:], "stop"), {"model": SECRET, **usage()}]
    )
    server.answers = [refused, speaking, error(500, f"Bearer {SECRET}")]
    model = opened("retries=0", key=SECRET)
    completion = model.generate(HI, Sampling(seed=1))
    assert SECRET not in repr(completion)
    assert "called with ***" in completion.text

    env = ButtonsEnv()
    dialect = open_dialect("qwen2.5-vl/computer_use", env.action_types | LOOP_ACTIONS)
    server.asked.clear()
    server.answers = [speaking, error(500, f"Bearer {SECRET}")]
    result = run_episode("wait", env, Agent(model, dialect, Sampling(seed=1)), tmp_path / "run", limits=Limits(steps=3))
    assert result.outcome == "model_error"
    write(tmp_path / "run", tmp_path / "run.html")
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) >= 4
    assert not [path for path in written if SECRET.encode() in path.read_bytes()]


def test_without_a_key_none_is_sent_and_nothing_of_the_environment_either(
    server: ChatServer, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "of-the-environment")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer of-the-environment\nOpenAI-Beta: of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://of-the-environment/v1")
    opened().generate(HI)
    for asked in (*server.asked, *server.listed):
        assert "Authorization" not in asked.headers
        assert "of-the-environment" not in str(asked.headers)


def test_a_redirect_is_not_followed(server: ChatServer, opened: Opener) -> None:
    other = ChatServer()
    server.answers = [Answer(307, headers={"Location": f"{other.url}/chat/completions"})]
    with pytest.raises(ModelError, match="points to"):
        opened(key=SECRET).generate(HI)
    assert other.asked == []
    other.close()
