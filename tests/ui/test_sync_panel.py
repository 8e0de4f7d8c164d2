"""The sync panel against a real centre: seen before it goes, stopped and started again, green only on its word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app import context as contexts
from app.context import Context, NewUser
from app.i18n import _
from app.models import settings
from app.models.local import Operation
from app.services import attachments, case_list
from app.services.case_list import CaseQuery
from app.services.first_run import Beginning
from app.services.intake import take
from app.sync import loop
from app.sync.enrol import enrol
from app.sync.report import SyncReport
from app.ui.application import SCREENS
from app.ui.problems import BugDialog
from app.ui.screens import sync_words
from app.ui.screens.enrolment import EnrolDialog
from app.ui.screens.sync import SyncView
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.sync.proxy import Link, link_to
from tests.ui.conftest import assert_accessible, press, words_in
from tests.worlds import PASSWORD, intake

__all__ = ["centre", "postgres"]
LONG = 20_000  # ms: a whole sync with an embedded PostgreSQL on a busy machine


@pytest.fixture
def laptop(tmp_path: Path, vault: Vault, clock: Clock) -> Iterator[Context]:
    """A laptop of an office with one case, not enrolled."""
    user = NewUser("siti", "Siti Rahma", "SOCIAL_WORKER", PASSWORD)
    beginning = Beginning("UPTD PPA Kota Bandung", "UPTD_PPA", "3273")
    made = contexts.create(tmp_path / "laptop", user=user, beginning=beginning, now=clock, vault=vault)
    take(made.desk, intake())
    yield made
    made.close()


@pytest.fixture
def link(centre: CentreUnderTest) -> Iterator[Link]:
    """The way to the centre, which the test can break."""
    with link_to(centre.base_url) as made:
        yield made


@pytest.fixture
def enrolled(laptop: Context, link: Link, centre: CentreUnderTest) -> Context:
    """The same laptop, enrolled over the link."""
    with laptop.transport(link.url) as transport:
        enrol(laptop.sync_setup(), transport, code=centre.code("A"), tag="S1")
    laptop.sign_in_again()
    return laptop


def panel_of(context: Context, qtbot: QtBot) -> WorkspaceWindow:
    window = WorkspaceWindow(context, screens=SCREENS)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: isinstance(window.current(), SyncView))
    qtbot.waitUntil(lambda: window.jobs.idle)
    return window


@pytest.fixture
def window(enrolled: Context, qtbot: QtBot) -> Iterator[WorkspaceWindow]:
    """The panel, opened by F9."""
    made = panel_of(enrolled, qtbot)
    yield made
    made.end()


@pytest.fixture
def view(window: WorkspaceWindow) -> SyncView:
    """The widget itself."""
    found = window.current()
    assert isinstance(found, SyncView)
    return found


def states(view: SyncView) -> set[str]:
    return {item.state for item in view.source.items.values()}


def run_to_end(view: SyncView, qtbot: QtBot) -> SyncReport:
    with qtbot.waitSignal(view.run.ended, timeout=LONG) as ended:
        view.start()
    report = ended.args[0]
    assert isinstance(report, SyncReport)
    return report


def test_it_shows_first_what_would_go_and_sends_nothing(view: SyncView, centre: CentreUnderTest) -> None:
    before = loop.preview(view.place.context.sync_setup())
    assert sync_words.preview_line(before) in words_in(view)
    assert states(view) == {"only_here"}
    assert centre.sql("SELECT count(*) FROM batch") == [(0,)]
    assert_accessible(view)


def test_a_file_that_travels_is_a_step_of_its_own(view: SyncView, qtbot: QtBot) -> None:
    desk = view.place.desk
    [case] = case_list.rows(desk, case_list.ids(desk, CaseQuery()))
    assert case is not None
    attachments.add(desk, case.id, "Tiket", b"%PDF-1.4\n%%EOF\n")
    steps: list[str] = []
    view.run.progressed.connect(lambda at: steps.append(at.step))
    assert run_to_end(view, qtbot).green
    assert "files" in steps
    assert {name for name, _title in sync_words.STEPS} >= set(steps)
    assert not view.window().findChildren(BugDialog)


def test_f9_runs_it_and_only_the_receipt_makes_it_green(window: WorkspaceWindow, view: SyncView, qtbot: QtBot) -> None:
    steps: list[str] = []
    view.run.progressed.connect(lambda at: steps.append(at.step))
    with qtbot.waitSignal(view.run.ended, timeout=LONG) as ended:
        QTest.keyClick(window, Qt.Key.Key_F9)
    assert ended.args[0].green
    qtbot.waitUntil(lambda: states(view) == {"proven"})
    assert view.said.property("tone") == "good"
    first = list(dict.fromkeys(steps))  # keys that could be made only after the first answer go in a second round
    assert first == sorted(first, key=[name for name, _title in sync_words.STEPS].index)
    qtbot.waitUntil(lambda: _("In step with the centre") in words_in(window.sidebar))


def test_stopped_and_started_again_it_goes_on_from_there(
    view: SyncView, link: Link, centre: CentreUnderTest, qtbot: QtBot
) -> None:
    stopped = []
    view.run.progressed.connect(lambda at: (stopped.append(at), view.stop()) if not stopped else None)
    first = run_to_end(view, qtbot)
    assert stopped
    assert not first.green
    assert not view.run.is_running
    assert view.start_button.isVisibleTo(view)
    again = run_to_end(view, qtbot)
    assert again.green
    qtbot.waitUntil(lambda: states(view) == {"proven"})
    assert set(again.outcomes) == {"accepted"}  # nothing went twice
    assert centre.sql("SELECT count(*) FROM batch") == [(first.pushed_batches + again.pushed_batches,)]


def test_started_again_at_once_the_stopped_run_does_not_stand_in_the_way(view: SyncView, qtbot: QtBot) -> None:
    again: list[bool] = []
    seen: list[tuple[bool, bool, bool]] = []

    def stop_and_start(_at: object) -> None:
        if not again:
            again.append(True)
            view.stop()
            view.start()

    view.run.progressed.connect(stop_and_start)
    view.run.ended.connect(
        lambda report: seen.append((report.cancelled, view.run.is_running, view.said.isVisibleTo(view)))
    )
    view.start()
    qtbot.waitUntil(lambda: view.said.property("tone") == "good", timeout=LONG)
    assert seen == [(True, True, False), (False, False, True)]  # the first says nothing: the second runs already
    assert not view.run.is_stopping


def test_link_that_breaks_is_said_and_the_next_run_ends_well(view: SyncView, link: Link, qtbot: QtBot) -> None:
    link.mend(cut_at=1500)
    broken = run_to_end(view, qtbot)
    assert broken.problem is not None
    assert view.said.property("tone") == "danger"
    assert str(broken.problem) in words_in(view)
    assert "proven" not in states(view)
    link.mend()
    assert run_to_end(view, qtbot).green


def test_work_goes_on_while_it_runs(view: SyncView, enrolled: Context, qtbot: QtBot) -> None:
    view.start()
    window = view.place.window
    assert window is not None
    window.go("cases")
    take(enrolled.desk, intake())
    qtbot.waitUntil(lambda: not view.run.is_running, timeout=LONG)
    assert len(case_list.ids(enrolled.desk, CaseQuery())) == 2


def test_refused_entry_says_why_and_can_be_given_up_or_sent_again(
    view: SyncView, enrolled: Context, qtbot: QtBot
) -> None:
    assert run_to_end(view, qtbot).green
    with Session(enrolled.workspace.engine) as session:  # as if the centre had said no to the last entry
        op = session.query(Operation).order_by(Operation.seq.desc()).first()
        assert op is not None
        op.result, op.result_code, seq = "refused", "phone_shape", op.seq
        session.commit()
    view.on_refresh()
    qtbot.waitUntil(lambda: "refused" in states(view))
    view.table.choose(seq)
    sentence = _("The telephone number is not possible. Correct it; it is sent at the next synchronisation.")
    qtbot.waitUntil(lambda: sentence in words_in(view.detail))
    qtbot.waitUntil(lambda: view.place.jobs.idle)
    press(view.detail, _("Send again"))
    qtbot.waitUntil(lambda: view.source.items[seq].settled)
    qtbot.waitUntil(lambda: "only_here" in states(view))


def test_laptop_that_is_not_enrolled_offers_enrolment(laptop: Context, qtbot: QtBot) -> None:
    window = panel_of(laptop, qtbot)
    try:
        view = window.current()
        assert isinstance(view, SyncView)
        assert _("Not enrolled at a centre") in words_in(view)
        press(view, _("Enrol…"))
        [dialog] = window.findChildren(EnrolDialog)
        dialog.reject()
        with Session(laptop.workspace.engine) as session:
            assert settings.get(session, "certificate") is None
    finally:
        window.end()
