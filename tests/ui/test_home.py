"""Home and the sidebar: figures that agree with the services, tiles that lead to what they count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app.i18n import _
from app.models.local import Feed, Operation
from app.services import care, directory, drafts, referrals
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.sync_state import SyncState, sync_state
from app.ui.dialogs import FormDialog
from app.ui.screens.case import CaseView
from app.ui.screens.cases import CasesView
from app.ui.screens.home import HomeView
from app.ui.screens.intake import IntakeView
from app.ui.theme import Tone
from app.ui.workspace_window import WorkspaceWindow, sync_view
from app.vault.workspace import Workspace
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, press, words_in


@pytest.fixture
def busy_case(desk: Desk, case_id: str) -> str:
    """A case with an overdue service and a referral nobody answered."""
    care.add_service(desk, case_id, {"service_type": "H.VISUM", "due": "2026-11-20"})
    page = open_page(desk, case_id)
    agency = next(a.id for a in directory.recipients(desk) if "Polrestabes" in a["name"])
    values = {
        "to_agency": agency, "reason": "SERVICE", "urgency": "DAY1", "tiers": ["OPEN"],
        "consent_id": page.consents[0].id, "person_id": page.victims[0].person.id,
    }  # fmt: skip
    referrals.refer(desk, case_id, values)
    return case_id


@pytest.fixture
def home(busy_case: str, window: WorkspaceWindow, qtbot: QtBot) -> HomeView:
    found = window.go("home")
    assert isinstance(found, HomeView)
    qtbot.waitUntil(lambda: figure(found, "active") == "1")
    return found


def figure(home: HomeView, tile: str) -> str:
    return home.tiles[tile]._figure.text()


def test_the_tiles_count_what_the_office_has(home: HomeView) -> None:
    shown = {name: figure(home, name) for name in home.tiles}
    assert shown == {
        "active": "1", "high": "1", "today": "0", "overdue": "1", "quiet": "0", "inbox": "0", "outbox": "1",
    }  # fmt: skip


def test_a_tile_leads_to_the_cases_it_counts(home: HomeView, window: WorkspaceWindow) -> None:
    QTest.keyClick(home.tiles["overdue"], Qt.Key.Key_Return)
    view = window.current()
    assert isinstance(view, CasesView) and dict(view.list.model.query.filters) == {"overdue": "1"}


def test_enter_in_the_list_of_what_is_due_opens_the_case(
    home: HomeView, window: WorkspaceWindow, busy_case: str, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: len(home.due.lines()) == 1)
    assert "S.A." in words_in(home) and "Sitti" not in words_in(home)
    home.due.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(home.due, Qt.Key.Key_Return)
    page = window.current()
    assert isinstance(page, CaseView) and page.page is not None and page.page.case.id == busy_case


def test_what_is_done_elsewhere_changes_the_figures(home: HomeView, desk: Desk, busy_case: str, qtbot: QtBot) -> None:
    care.complete_service(desk, open_page(desk, busy_case).services[0].id)
    qtbot.waitUntil(lambda: figure(home, "overdue") == "0")


def test_the_sidebar_counts_what_is_due(home: HomeView, window: WorkspaceWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "1" in window.sidebar._buttons["home"].accessibleName())


def test_every_control_has_a_name(home: HomeView, window: WorkspaceWindow) -> None:
    assert_accessible(window)


@pytest.mark.parametrize(
    ("days", "level", "tone"),
    [(1, "", Tone.GOOD), (6, "", Tone.GOOD), (7, "amber", Tone.WARN), (14, "red", Tone.DANGER)],
)
def test_the_sidebar_turns_amber_after_a_week_and_red_after_two(
    window: WorkspaceWindow, clock: Clock, days: int, level: str, tone: Tone
) -> None:
    proven = clock() - timedelta(days=days)
    state = SyncState(enrolled=True, waiting=0, stopped=0, proven_at=proven, began_at=proven)
    assert state.level(clock()) == level
    assert sync_view(state, place=window.place).tone == tone


def test_work_that_waits_is_offline_and_never_green(window: WorkspaceWindow, clock: Clock) -> None:
    view = sync_view(SyncState(True, 14, 2, clock(), clock()), place=window.place)
    assert (
        view.tone == Tone.WARN and any("14" in line for line in view.lines) and any("2" in line for line in view.lines)
    )
    never = sync_view(SyncState(True, 0, 0, None, clock()), place=window.place)
    assert never.tone != Tone.GOOD


def test_how_things_stand_is_read_from_the_outbox_and_the_feeds(
    desk: Desk, case_id: str, workspace: Workspace, clock: Clock
) -> None:
    before = sync_state(desk)
    assert not before.enrolled and before.waiting > 3 and before.proven_at is None and before.began_at == clock()
    with Session(workspace.engine) as session:
        operations: list[Any] = list(session.query(Operation))
        operations[0].result = "refused"
        for operation in operations[1:]:
            operation.result = "accepted"
        session.add(Feed(scope="a", proven_at=clock()))
        session.add(Feed(scope="b", proven_at=clock() - timedelta(days=2)))
        session.commit()
    after = sync_state(desk)
    assert (after.waiting, after.stopped) == (0, 1)
    assert after.proven_at == clock() - timedelta(days=2)


def test_an_intake_that_was_begun_is_offered(window: WorkspaceWindow, desk: Desk, qtbot: QtBot) -> None:
    home = window.go("home")
    assert isinstance(home, HomeView) and not home.open_intakes.isVisible()
    drafts.save(desk, "intake", {"step": 2, "forms": {"victim": {"name": "Ani"}}})
    home.on_refresh()
    qtbot.waitUntil(home.open_intakes.isVisible)
    press(home.open_intakes, "Lanjutkan" if "Lanjutkan" in words_in(home) else "Continue")
    intake = window.current()
    assert isinstance(intake, IntakeView) and intake.pages.here == 2
    assert intake.pages.committed()["victim"]["name"] == "Ani"
    assert "Buang" not in words_in(intake), "what is open is not offered once more"
    assert 1 in intake.pages.seen, "the steps before count as visited"


def test_who_has_not_answered_is_reminded_from_here(
    home: HomeView, desk: Desk, busy_case: str, clock: Clock, window: WorkspaceWindow, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: home.reminders.isVisible())  # due within a day
    assert "Polrestabes" in words_in(home.reminders)
    assert_accessible(home)
    press(home.reminders, _("Note a reminder…"))
    [dialog] = window.findChildren(FormDialog)
    dialog.restore({"text": "Bripka Dewi menjawab besok."})
    dialog.save()
    qtbot.waitUntil(lambda: bool(open_page(desk, busy_case).notes))
    assert "Bripka Dewi" in open_page(desk, busy_case).notes[0]["text"]
    referrals.take_step(desk, referrals.outbox(desk)[0].entry.id, "WITHDRAWN")
    home.on_refresh()
    qtbot.waitUntil(lambda: not home.reminders.isVisible())
