"""Memory that goes back to the laptop while nobody asks for anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.ui.jobs import Jobs
from app.ui.thrift import Thrift
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Workspace


@pytest.fixture
def thrift(workspace: Workspace, jobs: Jobs, qapp: QObject) -> Iterator[Thrift]:
    """Over the jobs of the test and a real workspace."""
    made = Thrift(jobs, workspace.engine, parent=jobs)
    yield made
    made.stop()


def waits(thrift: Thrift) -> bool:
    return thrift._timer.isActive()


def work(jobs: Jobs, qtbot: QtBot) -> None:
    jobs.run(lambda _progress: None)
    qtbot.waitUntil(lambda: jobs.idle)


def test_it_waits_from_the_end_of_the_last_work(thrift: Thrift, jobs: Jobs, qtbot: QtBot) -> None:
    assert not waits(thrift)
    work(jobs, qtbot)
    assert waits(thrift)


def test_new_work_puts_it_off(thrift: Thrift, jobs: Jobs, qtbot: QtBot) -> None:
    work(jobs, qtbot)
    jobs.run(lambda _progress: None)
    assert not waits(thrift)
    qtbot.waitUntil(lambda: jobs.idle)


def test_it_tidies_up_once_and_then_nothing_runs_until_there_was_work_again(
    thrift: Thrift, jobs: Jobs, qtbot: QtBot
) -> None:
    work(jobs, qtbot)
    thrift._timer.timeout.emit()
    assert not jobs.idle
    qtbot.waitUntil(lambda: jobs.idle)
    assert not waits(thrift)
    work(jobs, qtbot)
    assert waits(thrift)


def test_the_window_of_a_workspace_has_it_and_ends_it(window: WorkspaceWindow) -> None:
    assert waits(window._thrift)
    window.end()
    assert not waits(window._thrift)
