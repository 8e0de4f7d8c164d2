"""What is derived follows a change of the rules it was made by, also while an older piece is still being done."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from app.services import deadlines, office_limits
from app.services.desk import Desk
from app.ui.workspace_window import WorkspaceWindow


def is_settled(desk: Desk) -> bool:
    """Whether nothing is left that was made under other rules; a call that finds nothing changes nothing."""
    return not deadlines.settle(desk, at_most=1)


def test_a_holiday_settles_the_deadlines_without_being_asked(
    window: WorkspaceWindow, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    chore = window._upkeep[1]
    qtbot.waitUntil(lambda: window.jobs.idle and not chore.isActive())
    desk.actor = replace(desk.actor, role="SUPERVISOR")
    with qtbot.waitSignal(chore.timeout):
        office_limits.add_holiday(desk, day="2026-12-28", name="Libur kantor")
    qtbot.waitUntil(lambda: window.jobs.idle)
    assert is_settled(desk)


def test_a_change_during_a_piece_is_looked_at_after_it(window: WorkspaceWindow, desk: Desk, qtbot: QtBot) -> None:
    chore = window._upkeep[1]
    qtbot.waitUntil(lambda: window.jobs.idle and not chore.isActive())
    chore.look()
    chore.look()  # as a second change does, before the first is done
    with qtbot.waitSignal(chore.timeout):
        pass
    qtbot.waitUntil(lambda: window.jobs.idle)
