"""One process holds local weights for all workers: what they get from it, and what becomes of all when one of them dies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from handeye.agent.messages import Message
from handeye.benchmarks.episodes.crew import LocalCrew
from handeye.benchmarks.episodes.model_host import HostedModel, ModelHost
from handeye.benchmarks.episodes.run import How, run_plan
from handeye.tools.errors import ModelError, SetupError
from tests.benchmarks.faulty import plan
from tests.waiting import until

QUIET = Console(quiet=True)
ROOT = Path(__file__).parents[2]
CHECKPOINT = ROOT / "benchmarks" / "buttons" / "checkpoint"
HI = [Message("user", ("hi",))]


def hosts_below(pid: int) -> list[psutil.Process]:
    found = []
    for process in psutil.Process(pid).children():
        with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
            found += [process] if "episodes.model_host" in " ".join(process.cmdline()) else []
    return found


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ModelHost]:
    """A process that holds a model which says three things."""
    script = tmp_path / "replies.txt"
    script.write_text('"one"\n"two"\n"three"\n')
    with ModelHost(f"scripted:{script}") as opened:
        yield opened


def test_workers_share_one_model_and_get_what_it_says_alone(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra `local` is not installed")
    tasks, model = [f"asks-{number}" for number in range(4)], f"transformers:{CHECKPOINT}?dtype=float32"
    seen: list[int] = []

    class Watch(Console):
        def print(self, *values: object, **options: object) -> None:  # type: ignore[override]
            seen.append(len(hosts_below(os.getpid())))

    shared = run_plan(plan(tasks, tmp_path / "two", How(workers=2, deadline_s=300), model=model), tmp_path / "two", Watch(quiet=True))
    alone = run_plan(plan(tasks, tmp_path / "one", How(), model=model), tmp_path / "one", QUIET)
    assert seen == [1] * 4, "one process has it"
    assert shared["errors"] == alone["errors"] == 0
    replies = [row["goal"] for row in shared["rows"]]
    assert replies == [row["goal"] for row in alone["rows"]]
    assert len(set(replies)) > 1
    assert hosts_below(os.getpid()) == []


def test_each_worker_keeps_its_conversation(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra `local` is not installed")
    one, other = ([Message("user", (f"{word} " * 30,))] for word in ("click", "type"))
    with ModelHost(f"transformers:{CHECKPOINT}?dtype=float32", callers=2) as host:
        first, second = HostedModel(host.address), HostedModel(host.address)
        assert "caches" not in first.name
        for model, messages in ((first, one), (second, other)):
            model.generate(messages)
        for model, messages in ((first, one), (second, other)):
            usage = model.generate(messages).usage
            assert usage.cached_tokens == usage.prompt_tokens - 1


def test_several_workers_are_answered_and_errors_are_told_with_what_mends_them(host: ModelHost) -> None:
    first, second = HostedModel(host.address), HostedModel(host.address)
    assert [model.generate(HI).text for model in (first, second, first)] == ["one", "two", "three"]
    with pytest.raises(ModelError, match="no further reply"):
        second.generate(HI)
    first.close()
    second.close()


def test_strangers_neither_get_in_nor_keep_others_out(host: ModelHost) -> None:
    where, _, key = host.address.partition("/")
    address, _, port = where.rpartition(":")
    with socket.create_connection((address, int(port))):  # says nothing
        with pytest.raises(ModelError, match="does not answer"):
            HostedModel(f"{where}/{'00' * (len(key) // 2)}")
        with socket.create_connection((address, int(port))) as noisy:
            noisy.sendall(b"GET / HTTP/1.1\r\n\r\n")
        known = HostedModel(host.address)
        assert known.generate(HI).text == "one"
        known.close()


def test_a_model_process_that_dies_is_an_error_of_the_world_and_is_told(tmp_path: Path, host: ModelHost) -> None:
    model = HostedModel(host.address)
    (process,) = hosts_below(os.getpid())
    process.kill()
    with pytest.raises(ModelError, match="process that holds the model is gone"):
        model.generate(HI)
    made = plan(["asks"], tmp_path, How())
    crew = LocalCrew(made.spec.model_copy(update={"model_at": host.address}), 1, 60, lambda progress: None)
    (ended,) = crew.run(deque(made.jobs))
    assert ended.row is not None
    assert "process that holds the model does not answer" in ended.row.error


def test_a_model_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"cannot be opened.*nowhere\.txt"), ModelHost(f"scripted:{tmp_path / 'nowhere.txt'}"):
        pass
    assert hosts_below(os.getpid()) == []


def test_a_run_that_is_killed_takes_the_model_along_even_while_it_loads(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from tests.benchmarks.faulty import main; main()", str(tmp_path), "2", "asks", "4"]
    environment = {**os.environ, "HANDEYE_TEST_MODEL": f"transformers:{CHECKPOINT}"}
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: hosts_below(running.pid))
        (process,) = hosts_below(running.pid)
        running.send_signal(signal.SIGKILL)
        running.wait()
        psutil.wait_procs([process], timeout=120)
        assert not process.is_running()
    finally:
        running.kill()
        running.wait()
