"""What programs that read files share."""

from __future__ import annotations

from collections.abc import AsyncIterator

from handeye.tools.simphone.commands.call import Call
from handeye.tools.simphone.files import Entry, FileFault, FileTree


async def each_input(call: Call, names: list[str]) -> AsyncIterator[tuple[str, bytes]]:
    """The bytes of each file by the name it was given, `-` or no name at all being the input; what cannot be read is complained of."""
    for name in names or ["-"]:
        if name == "-":
            yield "-", await call.stdin.read()
            continue
        try:
            path = call.path(name)
            data = b"" if path.startswith("/dev/") else call.phone.state.files.read(path)
        except FileFault as error:
            call.complain(f"{call.argv[0].rpartition('/')[2]}: {name}: {error}")
            continue
        yield name, data


def tree(files: FileTree, place: str) -> list[tuple[str, Entry]]:
    """A path (itself: `FileTree.real`) and all below it, folders before what is in them. Raises `FileFault` when nothing is there."""
    entry = files.need(place)
    prefix = place.rstrip("/") + "/"
    below = sorted((path for path in files.entries if path.startswith(prefix) and path != place), key=lambda path: path.split("/"))
    return [(place, entry), *((path, files.entries[path]) for path in below)]


def lines_of(data: bytes) -> list[bytes]:
    """Lines without their ends."""
    return data.removesuffix(b"\n").split(b"\n") if data else []
