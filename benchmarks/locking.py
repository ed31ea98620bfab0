"""One process at a time writes a folder of results."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from handeye.tools.errors import SetupError

_TAKEN = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_UNKNOWN = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What a file system says that has no locks (some network mounts). There is none to be had then."""


class FolderLock:
    """A lock on a folder, held until `release` or the end of the process, however that ends."""

    def __init__(self, folder: Path) -> None:
        """Take the lock. Raises `SetupError` where another process holds it, `OSError` where the folder cannot be written."""
        self._file = (folder / "results.lock").open("ab", buffering=0)
        try:
            self._take()
        except OSError as error:
            if error.errno in _UNKNOWN:
                return
            self._file.close()
            if error.errno in _TAKEN:
                raise SetupError(f"another process is writing {folder}.", fix="wait for it, or give another --out") from error
            raise

    def release(self) -> None:
        """Let the lock go. The file stays: to remove it would take it from under whoever opened it just now. A second call does nothing."""
        self._file.close()

    def _take(self) -> None:
        if sys.platform == "win32":
            import msvcrt

            # The byte need not be there; a position of its own keeps it the same for all.
            os.lseek(self._file.fileno(), 0, os.SEEK_SET)
            msvcrt.locking(self._file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
