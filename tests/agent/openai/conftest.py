from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from handeye.agent.models.openai.model import OpenAIModel
from tests.agent.openai.chat_server import ChatServer


@pytest.fixture
def server() -> Iterator[ChatServer]:
    chat = ChatServer()
    yield chat
    chat.close()


Opener = Callable[..., OpenAIModel]


@pytest.fixture
def opened(server: ChatServer) -> Iterator[Opener]:
    """Opens the model `qwen` on the test server with the options given, and closes it again."""
    models: list[OpenAIModel] = []

    def open_one(options: str = "", key: str = "", **environment: str) -> OpenAIModel:
        if key:
            environment["OPENAI_API_KEY"] = key
        models.append(OpenAIModel(f"qwen@{server.url}" + (f"?{options}" if options else ""), environment))
        return models[-1]

    yield open_one
    for model in models:
        model.close()
