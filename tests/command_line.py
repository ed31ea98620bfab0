"""`handeye ...` in this process: what a command says and its exit code, without a second start of Python and its imports."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

from handeye.agent.cli import main


def handeye_here(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the program's own `main` on these arguments. What a process alone can show (signals, a terminal, leaving) needs one."""
    command = ["handeye", *map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    before = signal.getsignal(signal.SIGTERM)
    code: object = 0
    try:
        with mock.patch.object(sys, "argv", command), redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        code = end.code or 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert isinstance(code, int)
    return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())
