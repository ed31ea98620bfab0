"""Every way in which a server fails is a clear error with a step that mends it, tried again where that may help."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handeye.agent.messages import Message
from handeye.agent.models.openai.faults import retry_after
from handeye.agent.models.openai.model import OpenAIModel
from handeye.tools.errors import ModelError
from tests.agent.openai.chat_server import Answer, ChatServer, error, piece, says
from tests.agent.openai.conftest import Opener

HI = [Message("user", ("hi",))]
NOW = {"retry-after-ms": "1"}


def failing(server: ChatServer, opened: Opener, *answers: Answer, options: str = "") -> ModelError:
    server.answers = list(answers)
    with pytest.raises(ModelError) as caught:
        opened(options).generate(HI)
    assert caught.value.fix, "an error says what mends it"
    assert server.url.removesuffix("/v1") in str(caught.value), "an error names the server"
    return caught.value


@pytest.mark.parametrize(
    ("answer", "says_so", "fix"),
    [
        (error(401, "Incorrect API key provided"), "wants a key: Incorrect", "set the environment variable OPENAI_API_KEY"),
        (error(402, "Insufficient credits"), "no credit or quota", "add credit"),
        (
            error(429, "You exceeded your current quota", code="insufficient_quota", type="insufficient_quota"),
            "no credit or quota",
            "credit",
        ),
        (error(403, "The free tier only mode: FreeTierOnly"), "no credit or quota", "credit"),
        (error(400, "Access denied, overdue payment", code="Arrearage"), "no credit or quota", "credit"),
        (error(404, "The model `qwen` does not exist.", code="model_not_found"), "no model 'qwen'", "serves: qwen"),
        (error(404, 'model "qwen" not found, try pulling it first'), "no model 'qwen'", "serves: qwen"),
        (Answer(400, b"{\"detail\": \"Server is pinned to 'other'; requested 'qwen'.\"}"), "no model 'qwen'", "serves: qwen"),
        (error(400, "qwen is not a valid model ID"), "no model 'qwen'", "serves: qwen"),
        (Answer(404, b'{"detail":"Not Found"}'), "no chat completions there", "the server's API"),
        (Answer(404, b"<html>not here", content_type="text/html"), "a web page", "the server's API"),
        (error(413, "Payload Too Large"), "too large", "--max-pixels"),
        (Answer(413, b"<html><h1>413", content_type="text/html"), "too large", "--max-pixels"),
        (error(400, "Image size exceeds the maximum allowed size of 20 MB"), "picture is too large", "--max-pixels"),
        (
            error(400, "At most 1 image(s) may be provided in one prompt. Set `--limit-mm-per-prompt` to increase this limit."),
            "At most 1 image",
            "larger --limit-mm-per-prompt",
        ),
        (error(400, "qwen is not a multimodal model"), "takes no pictures", "vision-language"),
        (error(500, "image input is not supported - hint: you may need to provide the mmproj"), "takes no pictures", "vision-language"),
        (
            error(400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens."),
            "longer than the model's context.*8192.*9001",
            "--max-model-len",
        ),
        (error(400, "Input length (9001 tokens) is longer than the model's context length (8192)"), "context.*9001", "longer context"),
        (
            error(400, "request (9001 tokens) exceeds the available context size (4096 tokens)", type="exceed_context_size_error"),
            "context.*9001",
            "longer context",
        ),
        (error(400, "Range of input length should be [1, 30720]"), "context.*30720", "longer context"),
        (Answer(307, headers={"Location": "http://elsewhere.example/v1"}), "points to http://elsewhere.example", "after @"),
        (Answer(body=b"<!DOCTYPE html><html>Login", content_type="text/html"), "a web page instead of a reply", "the server's API"),
        (Answer(body=b"it works", content_type="text/plain"), "does not speak the chat protocol", "the server's API"),
        (Answer(body=b"[]"), "does not speak the chat protocol", "the server's API"),
        (Answer(body=b'{"object": "list"}'), "does not speak the chat protocol", "the server's API"),
        (Answer(events=["{not json"]), "does not speak the chat protocol", "the server's API"),
        (Answer(body=json.dumps({"error": {"message": "context length exceeded", "code": 400}}).encode()), "longer than", "context"),
        (Answer(events=[piece("a"), {"error": {"message": "maximum context length is 10 tokens"}}]), "longer than", "context"),
    ],
)
def test_what_will_not_pass_is_said_at_once(server: ChatServer, opened: Opener, answer: Answer, says_so: str, fix: str) -> None:
    caught = failing(server, opened, answer)
    assert re.search(says_so, str(caught)), str(caught)
    assert fix in (caught.fix or "")
    assert len(server.asked) == 1


def test_an_address_without_v1_is_told_where_it_ends(server: ChatServer) -> None:
    server.answers = [Answer(404, b'{"detail":"Not Found"}')]
    with pytest.raises(ModelError, match=r"with /v1, as http://127\.0\.0\.1:\d+/v1"):
        OpenAIModel(f"qwen@{server.url.removesuffix('/v1')}?kind=vllm", {}).generate(HI)


@pytest.mark.parametrize(
    ("options", "environment", "says_so"),
    [
        ("", {"OPENAI_API_KEY": "token-abc123"}, "refuses the key in OPENAI_API_KEY.*set OPENAI_API_KEY to a key that is valid"),
        ("key_env=MINE", {"MINE": "token-abc123"}, "refuses the key in MINE"),
        ("key_env=MINE", {}, "set the environment variable MINE"),
        ("", {"OPENAI_API_KEY": "sk-proj-0123456789"}, "one of OpenAI's platform, which is not sent to other hosts.*key_env=NAME"),
    ],
)
def test_a_bad_key_names_the_variable(server: ChatServer, opened: Opener, options: str, environment: dict[str, str], says_so: str) -> None:
    server.answers = [error(401, "bad key")]
    with pytest.raises(ModelError, match=says_so):
        opened(options, **environment).generate(HI)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_what_may_pass_is_tried_again(server: ChatServer, opened: Opener, status: int) -> None:
    busy = error(status, "busy")
    busy.headers = NOW
    server.answers = [busy, busy, says("at last")]
    completion = opened().generate(HI)
    assert (completion.text, completion.details["retries"]) == ("at last", 2)


def test_a_failure_that_stays_is_an_error_after_the_retries(server: ChatServer, opened: Opener) -> None:
    busy = Answer(502, b"<html>Bad Gateway", content_type="text/html", headers=NOW)
    caught = failing(server, opened, busy, options="retries=2")
    assert "HTTP 502" in str(caught)
    assert "Tried 3 times" in str(caught)
    assert len(server.asked) == 3


def test_a_server_that_is_away_is_waited_for_as_long_as_it_is_told(server: ChatServer, opened: Opener) -> None:
    loading = error(503, "loading")
    loading.headers = NOW
    server.answers = [*[loading] * 6, says("at last")]
    model = opened("retries=0")
    model.patience_s = 300.0
    completion = model.generate(HI)
    assert (completion.text, completion.details["retries"]) == ("at last", 6)


def test_a_limit_on_the_rate_says_so(server: ChatServer, opened: Opener) -> None:
    message = "Rate limit reached for gpt. Add a payment method at https://platform.openai.com/account/billing to learn more."
    assert "asked too often" in str(failing(server, opened, error(429, message), options="retries=0"))


def test_the_wait_that_a_server_asks_for_is_kept(server: ChatServer, opened: Opener) -> None:
    busy = error(429, "slow down")
    busy.headers = {"Retry-After": "0.3"}
    server.answers = [busy, says("ok")]
    begun = time.perf_counter()
    opened().generate(HI)
    assert time.perf_counter() - begun >= 0.3


def test_a_wait_that_is_too_long_is_an_error_at_once(server: ChatServer, opened: Opener) -> None:
    busy = error(429, "come back tomorrow")
    busy.headers = {"Retry-After": "86400"}
    assert "86400 s" in str(failing(server, opened, busy))
    assert len(server.asked) == 1


def test_waiting_to_try_again_grows_without_a_word_of_the_server(server: ChatServer, opened: Opener) -> None:
    server.answers = [error(500, "oops"), says("ok")]
    begun = time.perf_counter()
    opened().generate(HI)
    assert time.perf_counter() - begun >= 0.3


def test_closing_ends_the_wait(server: ChatServer, opened: Opener) -> None:
    busy = error(503, "loading")
    busy.headers = {"Retry-After": "60"}
    server.answers = [busy]
    model = opened()
    threading.Timer(0.2, model.close).start()
    with pytest.raises(ModelError, match="closed or cancelled while it waited"):
        model.generate(HI)
    with pytest.raises(ModelError, match="is closed"):
        model.generate(HI)


def test_a_dead_server_names_the_address(server: ChatServer, opened: Opener) -> None:
    server.close()
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:\d+/v1 cannot be reached.*Fix: start the server"):
        opened("retries=0").generate(HI)


def test_a_server_that_comes_up_late_is_waited_for(server: ChatServer, opened: Opener) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        model = OpenAIModel(f"qwen@http://127.0.0.1:{taken.getsockname()[1]}/v1?kind=vllm&retries=1", {})
    with pytest.raises(ModelError, match=r"cannot be reached.*Tried 2 times"):
        model.generate(HI)


def test_a_host_that_does_not_exist_is_a_clear_error() -> None:
    with pytest.raises(ModelError, match="cannot be reached"):
        OpenAIModel("qwen@http://no-such-host.invalid/v1?retries=0&kind=vllm", {}).generate(HI)


def test_a_server_that_hangs_up_without_an_answer(server: ChatServer, opened: Opener) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def drop() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.recv(65536)
            connection.close()

    threading.Thread(target=drop, daemon=True).start()
    try:
        with pytest.raises(ModelError, match="closed the connection without an answer"):
            OpenAIModel(f"qwen@http://127.0.0.1:{listener.getsockname()[1]}/v1?retries=0&kind=vllm", {}).generate(HI)
    finally:
        listener.close()


def test_no_first_token_in_time(server: ChatServer, opened: Opener) -> None:
    slow = threading.Event()
    caught = failing(server, opened, Answer(hang=slow, body=b"{}"), options="silence=0.3")
    slow.set()
    assert "sent no first token for 0.3 s" in str(caught)
    assert "?silence=" in (caught.fix or "")
    assert len(server.asked) == 1


def test_headers_and_then_nothing(server: ChatServer, opened: Opener) -> None:
    slow = threading.Event()
    caught = failing(server, opened, Answer(events=[slow]), options="silence=0.3")
    slow.set()
    assert "sent no first token" in str(caught)


def test_silence_in_the_middle(server: ChatServer, opened: Opener) -> None:
    slow = threading.Event()
    caught = failing(server, opened, Answer(events=[piece("a"), slow]), options="silence=0.3")
    slow.set()
    assert "fell silent in the middle" in str(caught)


def test_a_trickle_ends_with_the_time_for_the_whole(server: ChatServer, opened: Opener) -> None:
    def trickle() -> object:
        pause = threading.Event()
        for _ in range(200):
            pause.wait(0.05)
            yield piece("a")

    caught = failing(server, opened, Answer(events=trickle()), options="timeout=0.4&silence=5")  # type: ignore[arg-type]
    assert "was given up after 0.4 s" in str(caught)
    assert "?timeout=" in (caught.fix or "")


@pytest.mark.parametrize("broken", [Answer(events=[piece("a")], cut=True), Answer(events=[piece("a")], done=False)])
def test_a_stream_that_is_cut_is_tried_once_more(server: ChatServer, opened: Opener, broken: Answer) -> None:
    server.answers = [broken, says("whole")]
    assert opened().generate(HI).text == "whole"
    server.asked.clear()
    caught = failing(server, opened, broken)
    assert "broke the reply off in the middle" in str(caught)
    assert len(server.asked) == 2


def test_a_cut_after_the_end_of_the_reply_does_not_matter(server: ChatServer, opened: Opener) -> None:
    server.answers = [Answer(events=[piece("all", "stop")], cut=True)]
    assert opened().generate(HI).text == "all"


@pytest.mark.parametrize("empty", [Answer(body=b'{"choices": []}'), Answer(body=b'{"choices": null}'), Answer(events=[{"choices": []}])])
def test_no_choice_is_tried_once_more(server: ChatServer, opened: Opener, empty: Answer) -> None:
    server.answers = [empty, says("ok")]
    assert opened().generate(HI).text == "ok"
    server.asked.clear()
    assert "without choices" in str(failing(server, opened, empty))
    assert len(server.asked) == 2


def test_an_error_in_the_stream_is_tried_once_more(server: ChatServer, opened: Opener) -> None:
    server.answers = [Answer(events=[piece("a"), {"error": {"message": "engine died", "code": 500}}]), says("ok")]
    assert opened().generate(HI).text == "ok"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_as_a_date() -> None:
    assert 50 < (retry_after({"retry-after": formatdate(time.time() + 60, usegmt=True)}) or 0) <= 60


@given(st.text(max_size=30))
def test_any_retry_after_is_a_time_or_none(text: str) -> None:
    wait_s = retry_after({"retry-after": text})
    assert wait_s is None or wait_s >= 0


SHARED = ChatServer()
FUZZED = OpenAIModel(f"qwen@{SHARED.url}?retries=0&kind=unknown", {})


@settings(max_examples=40)
@given(st.integers(300, 599), st.binary(max_size=60), st.sampled_from(["application/json", "text/html", "text/event-stream", "image/png"]))
def test_any_answer_is_a_model_error(status: int, body: bytes, content_type: str) -> None:
    SHARED.asked.clear()
    SHARED.answers = [Answer(status, body, content_type)]
    with pytest.raises(ModelError):
        FUZZED.generate(HI)


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda x: (
            st.lists(x, max_size=2)
            | st.dictionaries(st.sampled_from(["error", "message", "detail", "code", "param", "type", "choices"]), x, max_size=3)
        ),
    ),
    st.sampled_from([200, 400, 404, 422, 429, 500]),
)
def test_any_json_is_a_model_error(data: object, status: int) -> None:
    SHARED.asked.clear()
    SHARED.answers = [Answer(status, json.dumps(data).encode())]
    with pytest.raises(ModelError):
        FUZZED.generate(HI)
