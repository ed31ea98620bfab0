"""`python -m handeye.tools.simphone`."""

from __future__ import annotations

from handeye.tools.simphone.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
