from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.agent.openai.chat_server import ChatServer


@pytest.fixture
def server() -> Iterator[ChatServer]:
    chat = ChatServer()
    yield chat
    chat.close()
