"""A network of its own for the programs of a virtual desktop, with one door: to a proxy of this machine.

The process that calls `enter`, and all that it starts afterwards, can reach no network but 127.0.0.1:PORT, where whatever they send is
carried to the proxy's 127.0.0.1:PORT outside. X11 and D-Bus go on working through their sockets in the file system. Programs of root lose
their rights over the machine's network by this too, so they cannot go back.

Linux: network_namespaces(7), user_namespaces(7). Not shut off: sockets of other services in the file system that this user may open,
except those below /run, which is empty in there. Only the standard library is imported: the guard of a virtual desktop loads this file.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import selectors
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
"""Linux: include/uapi/linux/sched.h."""
MS_NOSUID, MS_NODEV, MS_REC, MS_SLAVE = 0x2, 0x4, 0x4000, 0x80000
"""Linux: include/uapi/linux/mount.h."""
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
"""Linux: include/uapi/linux/sockios.h, if.h."""
PR_SET_PDEATHSIG = 1
YES, NO = b"y", b"n"
PIECE = 65536
"""Bytes that are carried at a time."""


def enter(port: int) -> None:
    """Leave the machine's network for one with a door to 127.0.0.1:`port`. For a process with one thread, which is to be the parent of all
    programs; a child of it, which stays outside, keeps the door until this process ends.

    Raises `OSError` when the kernel, or the container that this runs in, does not allow it; this process must end then.
    """
    inside, outside = socket.socketpair()
    own = os.getpid()
    keeper = os.fork()
    if keeper == 0:
        inside.close()
        _keep(outside, own, port)
    outside.close()
    with inside:
        _leave(inside)
        with socket.create_server(("127.0.0.1", port), backlog=128) as door:
            socket.send_fds(inside, [b"d"], [door.fileno()])
            if inside.recv(1) != YES:
                raise OSError("the door to the proxy was not opened")


def _leave(line: socket.socket) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    _checked(libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS), "unshare")
    line.sendall(b"u")
    if line.recv(1) != YES:
        # Not root: only the own user and group exist in there.
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path("/proc/self", name).write_text(text)
    _checked(libc.mount(None, b"/", None, MS_REC | MS_SLAVE, None), "mount /")
    # The machine's own services (D-Bus, containers, printers, other users' sessions) have their sockets there.
    if os.path.isdir("/run"):
        _checked(libc.mount(b"none", b"/run", b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=755"), "mount /run")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        told = struct.unpack("16sH14x", fcntl.ioctl(asked, SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0)))
        fcntl.ioctl(asked, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", told[1] | IFF_UP))


def _mapped(process: int) -> bool:
    """Let all users and groups of this machine exist in the user namespace of `process`, which root alone may do: programs of root change
    theirs (xterm does), and end where they cannot."""
    if os.geteuid() != 0:
        return False
    try:
        for name in ("uid_map", "gid_map"):
            ranges = [line.split() for line in Path("/proc/self", name).read_text().splitlines()]
            Path(f"/proc/{process}", name).write_text("".join(f"{first} {first} {length}\n" for first, _, length in ranges))
    except OSError:
        return False
    return True


def _checked(code: int, what: str) -> None:
    if code != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _keep(line: socket.socket, process: int, port: int) -> None:
    """Give `process` its users, take the listening socket in, and carry what comes through it; never returns."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGCHLD):
            signal.signal(sign, signal.SIG_DFL)
        # It must not hold the ends by which others notice that the desktop is gone.
        kept = line.fileno()
        os.closerange(0, kept)
        os.closerange(kept + 1, 1024)
        if line.recv(1):
            line.sendall(YES if _mapped(process) else NO)
        _, fds, _, _ = socket.recv_fds(line, 1, 1)
        if fds:
            door = socket.socket(fileno=fds[0])
            line.sendall(YES)
            Carrier(door, port).run()
    finally:
        os._exit(1)


class Carrier:
    """Carries bytes between connections that come in at `door` and 127.0.0.1:`port`."""

    def __init__(self, door: socket.socket, port: int) -> None:
        self._door, self._port = door, port
        self._waiting = selectors.DefaultSelector()
        self._other: dict[socket.socket, socket.socket] = {}
        self._owed: dict[socket.socket, bytes] = {}
        """What each end is still to be sent; while there is some, its other end is not read."""
        self._ended: set[socket.socket] = set()
        """Ends that will send no more."""

    def run(self) -> None:
        """Carry for ever."""
        self._door.setblocking(False)
        self._waiting.register(self._door, selectors.EVENT_READ)
        while True:
            for key, ready in self._waiting.select():
                end = key.fileobj
                assert isinstance(end, socket.socket)
                if end is self._door:
                    self._accept()
                elif end in self._other:
                    try:
                        self._serve(end, ready)
                    except OSError:
                        self._drop(end)

    def _accept(self) -> None:
        with suppress(OSError):
            near, _ = self._door.accept()
            far = socket.socket()
            try:
                far.connect(("127.0.0.1", self._port))
            except OSError:
                near.close()
                far.close()
                return
            for one, other in ((near, far), (far, near)):
                one.setblocking(False)
                self._other[one], self._owed[one] = other, b""
                self._waiting.register(one, selectors.EVENT_READ)

    def _serve(self, end: socket.socket, ready: int) -> None:
        other = self._other[end]
        if ready & selectors.EVENT_WRITE:
            self._owed[end] = self._owed[end][end.send(self._owed[end]) :]
        if ready & selectors.EVENT_READ and not self._owed[other]:
            part = end.recv(PIECE)
            if part:
                self._owed[other] = part
            else:
                self._ended.add(end)
                other.shutdown(socket.SHUT_WR)
        if {end, other} <= self._ended and not self._owed[end] and not self._owed[other]:
            self._drop(end)
            return
        self._wait(end)
        self._wait(other)

    def _wait(self, end: socket.socket) -> None:
        reads = end not in self._ended and not self._owed[self._other[end]]
        events = (selectors.EVENT_READ if reads else 0) | (selectors.EVENT_WRITE if self._owed[end] else 0)
        known = end in self._waiting.get_map()
        if events and known:
            self._waiting.modify(end, events)
        elif events:
            self._waiting.register(end, events)
        elif known:
            self._waiting.unregister(end)

    def _drop(self, end: socket.socket) -> None:
        for one in (end, self._other[end]):
            with suppress(KeyError):
                self._waiting.unregister(one)
            one.close()
            del self._other[one], self._owed[one]
            self._ended.discard(one)


def main() -> None:
    """Run a command line in a network of its own: PORT PROGRAM ARGUMENT... Ends with status 1 and the reason when that is not possible."""
    try:
        enter(int(sys.argv[1]))
    except OSError as error:
        sys.exit(str(error))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - to run what it is given is what it is for


if __name__ == "__main__":
    main()
