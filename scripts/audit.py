"""Looks every pinned package up in the advisories of PyPI, through pip-audit, and says in one line what came of it.

Exit codes: 0 nothing known, 1 a pinned version has a known vulnerability, 2 pip-audit failed. What could not be looked up (no network, an
index of one's own) is counted and said; it fails nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 300
COMMAND = (
    *("--requirement", "constraints.txt", "--disable-pip", "--no-deps"),
    *("--format", "json", "--progress-spinner", "off", "--timeout", "5"),
)


def verdict(found: dict[str, Any]) -> tuple[str, int]:
    """The lines to print and the exit code, from what pip-audit prints as JSON."""
    packages = found["dependencies"]
    skipped = sum("skip_reason" in package for package in packages)
    known = [_known(package) for package in packages if package.get("vulns")]
    counts = f"{len(packages)} pinned packages: {len(packages) - skipped} looked up, {len(known)} with known vulnerabilities"
    more = f"; {skipped} could not be looked up from here" if skipped else ""
    return "\n".join([counts + more, *known]), 1 if known else 0


def _known(package: dict[str, Any]) -> str:
    fixes = sorted({fix for one in package["vulns"] for fix in one["fix_versions"]})
    mended = f" (mended in {', '.join(fixes)})" if fixes else ""
    return f"{package['name']} {package['version']}: {', '.join(one['id'] for one in package['vulns'])}{mended}"


def main() -> int:
    """Run pip-audit on the pins."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *COMMAND], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        text, code = verdict(json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        text, code = f"pip-audit had no answer within {LIMIT_S} s: nothing was looked up", 0
    except (ValueError, KeyError, TypeError):
        text, code = f"pip-audit failed: {done.stderr.strip()[-500:]}", 2
    print(f"audit: {text}", file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
