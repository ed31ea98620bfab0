"""The demo: what it runs, where it writes, and its start page."""

from __future__ import annotations

from pathlib import Path

import pytest

from handeye.benchmarks.demo_cli import run_demo
from handeye.benchmarks.demo_page import Part, write_start_page
from handeye.benchmarks.desktop import catalogue
from handeye.benchmarks.desktop.demo import desktop_jobs, why_no_desktop
from handeye.benchmarks.miniwob.demo import demo_jobs
from handeye.benchmarks.miniwob.tasks import TASKS
from handeye.benchmarks.simphone.catalogue import GUIDED
from handeye.benchmarks.simphone.demo import phone_jobs, why_no_phone
from handeye.tools.errors import HandeyeError


def test_the_demo_makes_room_only_where_a_demo_was(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(HandeyeError, match="no earlier demo"):
        run_demo(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_the_demo_has_eight_pages_or_more_and_three_tasks_on_the_phone() -> None:
    jobs = demo_jobs()
    assert len({job.task for job in jobs}) >= 8
    assert all(job.task in TASKS for job in jobs)
    assert [job.task for job in phone_jobs()] == list(GUIDED)
    assert len(GUIDED) == 3


def test_the_demo_has_three_tasks_on_the_desktop() -> None:
    assert [job.task for job in desktop_jobs()] == list(catalogue.guided())
    assert len(desktop_jobs()) == 3


def test_without_an_x_server_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "Xvfb" in why_no_desktop()


def test_without_an_adb_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDEYE_ADB", "/nowhere/adb")
    assert "/nowhere/adb" in why_no_phone()


def test_the_start_page_links_every_episode_and_escapes_goals(tmp_path: Path) -> None:
    rows = [
        {"task": "a", "goal": "Click <b>Submit</b>", "success": True, "run": "episodes/a/0"},
        {"task": "b b", "goal": "", "success": False, "run": "episodes/b b/0"},
    ]
    parts = [Part("browser", "Web pages", "Pages.", {"episodes": 2, "rows": rows}), Part("phone", "A phone", "There is no adb.", None)]
    page = write_start_page(tmp_path, parts).read_text(encoding="utf-8")
    assert 'href="browser/episodes/a/0/index.html"' in page
    assert 'href="browser/episodes/b%20b/0/index.html"' in page
    assert 'href="browser/index.html"' in page
    assert "Click &lt;b&gt;Submit&lt;/b&gt;" in page
    assert "1 of 2" in page
    assert "There is no adb." in page
    assert "phone/index.html" not in page
