"""The phone part of `handeye demo`: three tasks whose goals say every step."""

from __future__ import annotations

from handeye.benchmarks.episodes.rows import Job
from handeye.benchmarks.simphone.catalogue import GUIDED, task_seed


def phone_jobs() -> list[Job]:
    """The episodes."""
    return [Job(name, 0, task_seed(name, 0)) for name in GUIDED]


def why_no_phone() -> str:
    """What is missing to talk to a phone, and how to get it; empty when nothing is."""
    from handeye.tools.android.binary import find_adb
    from handeye.tools.errors import SetupError

    try:
        find_adb()
    except SetupError as error:
        return str(error)
    return ""
