"""The tests, and a second try, alone on the machine, for the few that failed beside others.

Some 7,600 tests drive real browsers, phones and desktops, several at once: now and then one of them meets a program that was slower than
ever before. What is wrong fails twice. Every second try is named at the end of the output, so that none goes unseen, and there is none
for the attack pack: of an escape it is no excuse that it came once.

    python scripts/second_try.py [ARGUMENT OF PYTEST...]
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
"""Where pytest keeps the names of what failed."""

FEW = 5
"""More failures than these are not bad luck."""

AGAIN = frozenset({"--lf", "--last-failed", "--ff", "--failed-first"})
"""Arguments of pytest that ask for what failed before: all of it is run, so nothing old is left among the names."""

NEVER = "test_safety_"
"""The attack pack."""


def main(arguments: list[str]) -> int:
    """Exit code of pytest: of the second try where there was one."""
    pytest = [sys.executable, "-P", "-m", "pytest"]
    if not AGAIN & set(arguments):
        FAILED.unlink(missing_ok=True)
    code = subprocess.run([*pytest, *arguments], check=False).returncode
    # 1: tests failed. Whatever else went wrong (an interrupt, nothing to run, an internal error) stays as it is.
    if code != 1 or not FAILED.exists():
        return code
    failed = sorted(json.loads(FAILED.read_text()))
    if len(failed) > FEW or any(NEVER in name or "::" not in name for name in failed):
        return code
    print(f"\nhandeye: a second try, one after the other, for the {len(failed)} that failed:", *failed, sep="\n  ", flush=True)
    again = subprocess.run([*pytest, "-n", "0", *failed], check=False).returncode
    print(f"\nhandeye: {'failed twice' if again else 'passed only at the second try'}:", *failed, sep="\n  ", flush=True)
    return again


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
