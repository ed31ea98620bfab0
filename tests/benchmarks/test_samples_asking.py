"""How a model is asked: beside each other through a real server, in batches by a real checkpoint, one by one; always the same rows."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from handeye.agent.messages import Message
from handeye.agent.models.base import Completion, ConcurrentModel, Constraint, Sampling
from handeye.agent.models.ocr.model import OcrModel
from handeye.agent.models.openai.model import OpenAIModel
from handeye.agent.models.scripted import ScriptedModel
from handeye.benchmarks.results import read_rows
from handeye.benchmarks.samples.ahead import Ahead, Task
from handeye.benchmarks.samples.asking import DEFAULT_BATCH, Way, way_of
from handeye.benchmarks.samples.rows import SampleRow
from handeye.benchmarks.samples.run import RunOptions, run_suite
from handeye.tools.errors import ModelError, OutOfMemory, SetupError
from handeye.tools.geometry import Size
from tests.agent.openai.chat_server import Answer, Asked, ChatServer, error, says
from tests.benchmarks.samples_suite import NUMBER, SIZE, NumberQuestion, number_suite, reply_to, without_times

pytest.importorskip("openai", reason="the extra `openai` is not installed")

CHECKPOINT = Path(__file__).resolve().parents[2] / "benchmarks" / "buttons" / "checkpoint"
WAIT_S = 20.0
"""How long something waits that comes at once if all is well."""


@pytest.fixture
def server() -> Iterator[ChatServer]:
    chat = ChatServer()
    yield chat
    chat.close()


def model_of(server: ChatServer, options: str = "") -> OpenAIModel:
    return OpenAIModel(f"qwen@{server.url}?kind=unknown&retries=0{options}", {})


def question_of(asked: Asked) -> int:
    found = NUMBER.search(str(asked.body["messages"]))
    assert found is not None
    return int(found.group(1))


def by_question(answer: Callable[[int], Answer]) -> Callable[[Asked], Answer]:
    return lambda asked: answer(question_of(asked))


def rows_in(out: Path) -> dict[str, SampleRow]:
    return {row.id: row for row in read_rows(out / "results.jsonl", SampleRow)[0]}


def test_each_model_is_asked_in_the_way_that_suits_it(server: ChatServer) -> None:
    model = model_of(server, "&concurrency=5")
    assert isinstance(model, ConcurrentModel)
    assert way_of(model) == Way("concurrent", 5)
    assert way_of(model, batch=4, concurrency=7) == Way("concurrent", 7)
    assert way_of(SmallMemory(2)) == Way("batch", DEFAULT_BATCH)
    assert way_of(SmallMemory(2), batch=1) == Way("single", 1)
    assert way_of(OcrModel()) == way_of(ScriptedModel([]), batch=8, concurrency=8) == Way("single", 1)


def test_side_by_side_gives_the_numbers_of_one_by_one(server: ChatServer, tmp_path: Path) -> None:
    server.answers = [lambda asked: says(reply_to(f"number {question_of(asked)}"))]
    suite = number_suite([NumberQuestion(number, sharing=3, missing=number == 5) for number in range(60)])
    numbers = {}
    for width in (1, 8):
        numbers[width] = run_suite(suite, model_of(server), RunOptions(tmp_path / str(width), concurrency=width), None)
    assert without_times(numbers[1]) == without_times(numbers[8])
    assert 0 < numbers[1]["wrong_format"] < numbers[1]["total"] - numbers[1]["correct"]
    assert {key: row.reply for key, row in rows_in(tmp_path / "1").items()} == {
        key: row.reply for key, row in rows_in(tmp_path / "8").items()
    }
    assert rows_in(tmp_path / "8")["q00001"].prompt_tokens == 7


def test_requests_run_beside_each_other(server: ChatServer, tmp_path: Path) -> None:
    meeting = threading.Barrier(4)

    def together(number: int) -> Answer:
        meeting.wait(WAIT_S)
        return says(f"The number {number}")

    server.answers = [by_question(together)]
    numbers = run_suite(number_suite(8), model_of(server), RunOptions(tmp_path, concurrency=4), None)
    assert (numbers["correct"], numbers["errors"]) == (8, 0)
    assert server.busiest == 4


def test_a_slow_reply_holds_up_no_other(server: ChatServer, tmp_path: Path) -> None:
    others = threading.Semaphore(0)

    def slow_first(number: int) -> Answer:
        if number == 0:
            for _ in range(19):
                assert others.acquire(timeout=WAIT_S)
        else:
            others.release()
        return says(f"The number {number}")

    server.answers = [by_question(slow_first)]
    numbers = run_suite(number_suite(20), model_of(server), RunOptions(tmp_path, concurrency=2), None)
    assert (numbers["total"], numbers["errors"]) == (20, 0)


def test_a_request_that_the_server_refuses_is_a_row_with_an_error(server: ChatServer, tmp_path: Path) -> None:
    server.answers = [by_question(lambda number: error(400, "the picture is too large") if number == 3 else says(f"The number {number}"))]
    numbers = run_suite(number_suite(10), model_of(server), RunOptions(tmp_path), None)
    assert (numbers["total"], numbers["errors"], numbers["correct"]) == (10, 1, 9)
    assert "too large" in rows_in(tmp_path)["q00003"].error


def test_a_server_that_is_not_there_ends_the_run(server: ChatServer, tmp_path: Path) -> None:
    server.answers = [says("The number 1")]
    server.close()
    with pytest.raises(ModelError, match="10 times one after the other"):
        run_suite(number_suite(200), model_of(server), RunOptions(tmp_path, concurrency=4), None)
    assert len(rows_in(tmp_path)) == 10
    assert not asking_threads()


def test_ctrl_c_ends_requests_that_are_under_way(server: ChatServer, tmp_path: Path) -> None:
    hang = threading.Event()

    def stop_at_five(number: int) -> Answer:
        if number < 5:
            return says(f"The number {number}")
        if number == 7:
            main = threading.main_thread().ident
            assert main is not None
            signal.pthread_kill(main, signal.SIGINT)
        return Answer(hang=hang)

    server.answers = [by_question(stop_at_five)]
    with pytest.raises(KeyboardInterrupt):
        run_suite(number_suite(50), model_of(server), RunOptions(tmp_path, concurrency=3), None)
    hang.set()
    # The last of the five may have been on its way when the person stopped the run.
    answered = [f"q{number:05}" for number in range(5)]
    assert set(answered[:4]) <= set(rows_in(tmp_path)) <= set(answered)


def test_a_piece_that_the_model_lacks_ends_the_run_at_once(tmp_path: Path) -> None:
    class Lacking(ScriptedModel):
        concurrency = 3

        def generate(
            self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None
        ) -> Completion:
            raise SetupError("no driver", fix="install it")

    for model in (Lacking([]), OneLacking([])):
        with pytest.raises(SetupError, match="no driver"):
            run_suite(number_suite(9), model, RunOptions(tmp_path), None)
        assert rows_in(tmp_path) == {}


class OneLacking(ScriptedModel):
    """A model that can be asked one by one only, and not even that."""

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        raise SetupError("no driver", fix="install it")


class SmallMemory:
    """A model in batches, with memory for so many prompts together."""

    name = "small"

    def __init__(self, fits: int) -> None:
        self.fits = fits
        self.batches: list[int] = []
        self.seeds: set[int | None] = set()

    def generate(self, messages: Sequence[Message], sampling: Sampling = Sampling(), constraint: Constraint | None = None) -> Completion:
        raise AssertionError("it is to be asked in batches")

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], sampling: Sampling = Sampling(), constraint: Constraint | None = None
    ) -> tuple[Completion, ...]:
        self.batches.append(len(prompts))
        self.seeds.add(sampling.seed)
        if len(prompts) > self.fits:
            raise OutOfMemory("the GPU's memory ran out")
        return tuple(Completion(reply_to(prompt[-1].text)) for prompt in prompts)

    def close(self) -> None:
        """Nothing to let go of."""


def test_when_memory_runs_out_batches_are_halved_until_they_fit(tmp_path: Path) -> None:
    model = SmallMemory(3)
    numbers = run_suite(number_suite(32), model, RunOptions(tmp_path, batch=16), None)
    assert (numbers["total"], numbers["errors"]) == (32, 0)
    assert model.batches == [16, 8, 4, 2, 2, 4, 2, 2, 8, 4, 2, 2, 4, 2, 2, *[2] * 8]


def test_a_prompt_that_never_fits_is_a_row_with_an_error(tmp_path: Path) -> None:
    numbers = run_suite(number_suite(5), SmallMemory(0), RunOptions(tmp_path, batch=4), None)
    assert (numbers["total"], numbers["errors"]) == (5, 5)


def test_a_batch_has_one_seed(tmp_path: Path) -> None:
    model = SmallMemory(99)
    run_suite(number_suite(5, seed=7), model, RunOptions(tmp_path, repeats=3, batch=4), None)
    assert model.batches == [4, 1, 4, 1, 4, 1]
    assert model.seeds == {7, 8, 9}


def test_batches_of_a_real_checkpoint_say_what_it_says_one_by_one(tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="the extra `local` is not installed")
    from handeye.agent.models.local.model import TransformersModel

    # A picture of a size that the processor would change fails its whole batch.
    questions = [NumberQuestion(number, size=Size(57, 85) if number == 4 else SIZE) for number in range(5)]
    suite = replace(number_suite(questions), sampling=Sampling(max_new_tokens=4, temperature=4.0))
    model = TransformersModel(str(CHECKPOINT))
    replies = []
    for batch in (1, 3):
        numbers = run_suite(suite, model, RunOptions(tmp_path / str(batch), repeats=2, batch=batch), None)
        assert (numbers["total"], numbers["errors"]) == (10, 2)
        rows = read_rows(tmp_path / str(batch) / "results.jsonl", SampleRow)[0]
        assert all("57" in row.error for row in rows if row.id == "q00004")
        replies.append({row.key: (row.reply, row.finish_reason, row.prompt_tokens) for row in rows})
    assert replies[0] == replies[1]
    assert len({reply for reply, _, _ in replies[0].values()}) > 2
    model.close()


class Watched:
    """Counts questions that were begun and taken, and remembers the most that lay between."""

    def __init__(self) -> None:
        self.begun = self.taken = self.most = 0
        self.lock, self.steps = threading.Lock(), threading.Semaphore(0)

    def __call__(self) -> None:
        with self.lock:
            self.begun += 1
            self.most = max(self.most, self.begun - self.taken)
        self.steps.release()

    def tasks(self, count: int) -> list[Task]:
        return [Task(NumberQuestion(number, before=self), 0, 0) for number in range(count)]

    def take_all(self, ahead: Ahead) -> list[str]:
        ids = []
        while True:
            with self.lock:
                self.taken += 1
            if (prepared := ahead.take()) is None:
                return ids
            ids.append(prepared.task.question.id)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_so_many_questions_are_prepared_ahead_and_no_more(threads: int) -> None:
    watched = Watched()
    ahead = Ahead(watched.tasks(60), threads, depth=7)
    for _ in range(7):
        assert watched.steps.acquire(timeout=WAIT_S)
    assert watched.begun == 7
    assert watched.take_all(ahead) == [f"q{number:05}" for number in range(60)]
    assert watched.most == 7
    ahead.close()


def test_pictures_that_wait_are_bounded_in_memory() -> None:
    watched = Watched()
    ahead = Ahead(watched.tasks(60), threads=2, depth=50, max_bytes=4 * SIZE.width * SIZE.height * 3)
    for _ in range(4):
        assert watched.steps.acquire(timeout=WAIT_S)
    assert len(watched.take_all(ahead)) == 60
    assert watched.most <= 4
    ahead.close()


def test_a_picture_larger_than_the_bound_is_prepared_alone() -> None:
    watched = Watched()
    ahead = Ahead(watched.tasks(10), threads=1, depth=50, max_bytes=1)
    assert len(watched.take_all(ahead)) == 10
    assert watched.most == 1
    ahead.close()


def test_a_thread_takes_another_picture_than_the_one_that_is_being_decoded() -> None:
    other_begun, first_done = threading.Event(), threading.Event()

    def first() -> None:
        assert other_begun.wait(WAIT_S)

    def shares_it() -> None:
        assert first_done.wait(WAIT_S)

    asked = [NumberQuestion(0, sharing=2, before=first), NumberQuestion(1, sharing=2, before=shares_it)]
    asked.append(NumberQuestion(2, sharing=2, before=other_begun.set))
    ahead = Ahead([Task(question, 0, 0) for question in asked], threads=2, depth=3)
    prepared = ahead.take()
    first_done.set()
    taken = [prepared, ahead.take(), ahead.take()]
    assert [one.task.question.id for one in taken if one is not None and not one.error] == ["q00000", "q00001", "q00002"]
    ahead.close()


@pytest.mark.parametrize("sharing", [2, 60])
def test_questions_that_share_pictures_are_prepared_beside_each_other_if_nothing_else_is_left(sharing: int) -> None:
    both = threading.Barrier(2)
    asked = [NumberQuestion(number, sharing, before=lambda: both.wait(WAIT_S)) for number in range(60)]
    ahead = Ahead([Task(question, 0, 0) for question in asked], threads=2, depth=8)
    taken = [ahead.take() for _ in range(60)]
    assert [one.task.question.id for one in taken if one is not None and not one.error] == [f"q{number:05}" for number in range(60)]
    assert ahead.take() is None
    ahead.close()


def test_what_was_not_taken_is_given_up() -> None:
    watched = Watched()
    ahead = Ahead(watched.tasks(1000), threads=3, depth=5)
    assert watched.steps.acquire(timeout=WAIT_S)
    ahead.close()
    assert ahead.take() is None
    assert watched.begun <= 5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prepare-")]


def test_one_by_one_is_in_order(tmp_path: Path) -> None:
    model = ScriptedModel(cycle(["The number 3"]))
    run_suite(number_suite(30), model, RunOptions(tmp_path, decoders=4), None)
    assert [messages[-1].text for messages in model.asked] == [f"Say the number {number}." for number in range(30)]


def asking_threads() -> list[threading.Thread]:
    """Threads that still ask, after the time that one needs to see that it is over."""
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("ask-")]
    for thread in threads:
        thread.join(WAIT_S)
    return [thread for thread in threads if thread.is_alive()]
