"""The window of an office, and the workers who share it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.models.ids import new_id
from app.ui.workspace_window import WorkspaceWindow
from tests.journeys.window.worker import Worker
from tests.ui.conftest import (
    _dressed,
    _indonesian,
    _nothing_left,
    _the_past_is_not_searched,
    context,
    qapp_cls,
    window,
)
from tests.worlds import desk, vault, workspace

__all__ = [
    "_dressed", "_indonesian", "_nothing_left", "_the_past_is_not_searched", "context", "desk", "qapp_cls", "vault",
    "window", "workspace",
]  # fmt: skip


@pytest.fixture
def siti(window: WorkspaceWindow, qtbot: QtBot) -> Worker:
    """The social worker at her window."""
    return Worker(window, qtbot)


@pytest.fixture
def as_supervisor(siti: Worker) -> Callable[[], None]:
    """The supervisor signs in at the same window."""

    def change() -> None:
        desk = siti.desk
        desk.actor = replace(desk.actor, user=new_id(), name="Dewi Lestari", role="SUPERVISOR")
        siti.view.on_refresh()

    return change
