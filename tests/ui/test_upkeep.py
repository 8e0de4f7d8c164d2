"""What is derived follows a change of the rules it was made by, also while an older piece is still being done."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from app.services import deadlines, office_limits
from app.services.desk import Desk
from app.ui.upkeep import Chore, Upkeep
from app.ui.workspace_window import WorkspaceWindow


def test_a_holiday_settles_the_deadlines_without_being_asked(
    window: WorkspaceWindow, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    desk.actor = replace(desk.actor, role="SUPERVISOR")
    window.place.save(lambda: office_limits.add_holiday(desk, day="2026-12-28", name="Libur kantor"), owner=window)
    qtbot.waitUntil(lambda: bool(office_limits.holidays(desk)) and window.jobs.idle)
    assert not deadlines.settle(desk, at_most=1), "nothing is left that was made under other rules"


def test_a_change_during_a_piece_is_looked_at_after_it(window: WorkspaceWindow, qtbot: QtBot) -> None:
    done: list[Desk] = []
    chore = Chore(
        lambda desk: bool(done.append(desk)), frozenset(), may=lambda _desk: True, first_ms=0, between_ms=0,
        at_start_ms=lambda _desk: 0,
    )  # fmt: skip
    upkeep = Upkeep(window.place, chore, parent=window)
    upkeep.look()  # as a change does; the first piece has only begun
    upkeep.look()
    qtbot.waitUntil(lambda: len(done) == 2 and window.jobs.idle)
