"""The proxy as a process of its own: `python -m handeye.tools.egress.child FD`, where FD is a socket that listens.

Reads the lists from standard input, one line; writes an empty line when it is up and whenever it is sent one, and each refusal as a line
of JSON. Ends when standard input does: with its parent, however that ends.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import json
import os
import resource
import socket
import sys

from handeye.tools.egress.context import Context
from handeye.tools.egress.hosts import Allowed, Pattern
from handeye.tools.egress.refusals import Refusal
from handeye.tools.egress.serving import serve

MAX_FILES = 4096
"""Open files: two for each connection."""
MAX_UNTOLD = 1 << 20
"""Bytes of refusals that wait for a parent that does not read; then they are left out."""


def allowed_as_json(allowed: Allowed) -> str:
    """The lists on one line."""
    return json.dumps({name: [dataclasses.asdict(pattern) for pattern in getattr(allowed, name)] for name in ("navigate", "load")})


def allowed_from_json(line: str) -> Allowed:
    """The lists from the line that `allowed_as_json` gives."""
    data = json.loads(line)
    return Allowed(*(tuple(Pattern(**fields) for fields in data[name]) for name in ("navigate", "load")))


async def _main(allowed: Allowed, listening: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    told, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, sys.stdout)

    def tell(refusal: Refusal) -> None:
        if told.get_write_buffer_size() < MAX_UNTOLD:
            told.write(json.dumps(dataclasses.asdict(refusal)).encode() + b"\n")

    def parent_spoke() -> None:
        if os.read(0, 4096):
            told.write(b"\n")
        else:
            loop.remove_reader(0)
            stop.set()

    loop.add_reader(0, parent_spoke)
    told.write(b"\n")
    # What lives now lives to the end: the collector need not look at it again while a page loads.
    gc.freeze()
    await serve(Context(allowed, tell, listening.getsockname()[1]), listening, stop)


def main() -> None:
    """Serve until the parent is gone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(MAX_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 65536)
        if not part:
            return
        line += part
    serving = _main(allowed_from_json(line.decode()), socket.socket(fileno=int(sys.argv[1])))
    try:
        import uvloop
    except ImportError:
        asyncio.run(serving)
    else:
        uvloop.run(serving)


if __name__ == "__main__":
    main()
