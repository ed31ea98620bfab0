"""The command line. Only this package prints."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command line and exit: 0 reached, 1 not reached, 2 usage or set-up error."""
    from handeye.agent.cli.app import app
    from handeye.tools.errors import HandeyeError

    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except HandeyeError as error:
        if "--debug" in sys.argv:
            raise
        sys.stderr.write(f"handeye: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("handeye: stopped.\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
