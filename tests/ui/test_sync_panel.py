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
from app.services import attachments, case_list, parties
from app.services.case_list import CaseQuery
from app.services.case_page import open_page
from app.services.first_run import Beginning
from app.services.intake import take
from app.sync import loop
from app.sync.enrol import enrol
from app.sync.report import SyncProgress, SyncReport
from app.ui.application import SCREENS
from app.ui.dialogs import FormDialog
from app.ui.problems import BugDialog
from app.ui.screens import sync_words
from app.ui.screens.deed_dialog import Confirm
from app.ui.screens.enrolment import EnrolDialog
from app.ui.screens.sync import SyncView
from app.ui.screens.sync_run import IDLE, PAUSED, WAITING
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault
from app.wire import MEDIA_TYPE
from app.wire.messages import Problem, encode
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.sync.country import refer
from tests.sync.doorman import Answer, doorman
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
    """What the list would show: its own source, every row."""
    source = view.list.source
    return {item.state for item in source.rows(view.list.model.ids()) if item is not None}


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
    assert view.card.said.property("tone") == "good"
    first = list(dict.fromkeys(steps))  # keys that could be made only after the first answer go in a second round
    assert first == sorted(first, key=[name for name, _title in sync_words.STEPS].index)
    qtbot.waitUntil(lambda: _("In step with the centre") in words_in(window.sidebar))


def test_stopped_and_started_again_it_goes_on_from_there(
    view: SyncView, link: Link, centre: CentreUnderTest, qtbot: QtBot
) -> None:
    stopped = []
    view.run.progressed.connect(lambda at: (stopped.append(at), view.run.stop()) if not stopped else None)
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
            view.run.stop()
            view.start()

    view.run.progressed.connect(stop_and_start)
    view.run.ended.connect(
        lambda report: seen.append((report.cancelled, view.run.is_running, view.card.said.isVisibleTo(view)))
    )
    view.start()
    qtbot.waitUntil(lambda: view.card.said.property("tone") == "good", timeout=LONG)
    assert seen == [(True, True, False), (False, False, True)]  # the first says nothing: the second runs already
    assert not view.run.is_stopping


def test_link_that_breaks_is_waited_for_in_view_and_can_be_tried_at_once(
    view: SyncView, link: Link, clock: Clock, qtbot: QtBot
) -> None:
    link.mend(cut_at=1500)
    broken = run_to_end(view, qtbot)
    assert broken.problem is not None
    assert view.run.state == WAITING
    assert view.card.said.property("tone") == "warn"
    assert str(broken.problem) in words_in(view)
    assert sync_words.waiting_line(broken, view.run.seconds_left) in words_in(view)
    assert "proven" not in states(view)
    first = view.run.seconds_left
    again = tick_to_end(view, clock, qtbot)
    assert again.problem is not None
    assert view.run.seconds_left > first, "the pauses grow"
    link.mend()
    press(view, _("Try now"))
    qtbot.waitUntil(lambda: view.card.said.property("tone") == "good", timeout=LONG)
    assert view.run.state == IDLE


def tick_to_end(view: SyncView, clock: Clock, qtbot: QtBot) -> SyncReport:
    """Let the time pass that it waits, without waiting."""
    view.run.tick()
    assert view.run.state == WAITING, "not before its time"
    clock.forward(seconds=view.run.seconds_left + 1)
    with qtbot.waitSignal(view.run.ended, timeout=LONG) as ended:
        view.run.tick()
    report = ended.args[0]
    assert isinstance(report, SyncReport)
    return report


def test_a_centre_with_too_much_to_do_is_obeyed_to_the_second(
    laptop: Context, enrolled: Context, centre: CentreUnderTest, clock: Clock, qtbot: QtBot
) -> None:
    busy = Answer(429, encode(Problem("busy", "")), {"content-type": MEDIA_TYPE, "retry-after": "90"})
    answers = [busy]
    with doorman(centre.base_url, lambda method, path: answers.pop() if answers and "hello" in path else None) as url:
        laptop.put_setting("centre_url", url)
        window = panel_of(laptop, qtbot)
        try:
            view = window.current()
            assert isinstance(view, SyncView)
            view.run.chance = lambda: 0.5
            assert run_to_end(view, qtbot).retry_after == 90
            assert view.run.seconds_left >= 90
            assert _("The centre asks us to wait: trying again in {time}").partition(":")[0] in words_in(view)
            assert tick_to_end(view, clock, qtbot).green
        finally:
            window.end()


def test_stopped_at_any_step_it_ends_well_when_started_again(
    view: SyncView, enrolled: Context, centre: CentreUnderTest, qtbot: QtBot
) -> None:
    centre.office("B")
    assert run_to_end(view, qtbot).green
    hows = {"hello": "pause", "urgent": "stop", "push": "pause", "pull": "stop", "prove": "pause", "files": "stop"}
    assert list(hows) == [name for name, _title in sync_words.STEPS]
    for step, how in hows.items():
        case_id = take(enrolled.desk, intake()).id
        attachments.add(enrolled.desk, case_id, "Tiket", b"%PDF-1.4\n%%EOF\n")
        refer(enrolled, case_id, "Kantor B")
        stop_at(view, step, how, qtbot)
        assert view.run.state == (PAUSED if how == "pause" else IDLE)
        assert view.start_button.isVisibleTo(view)
        assert view.start_button.accessibleName() == (_("Go on") if how == "pause" else _("Start"))
        assert_accessible(view)
        again = run_to_end(view, qtbot)
        assert again.green, step
        assert set(again.outcomes) <= {"accepted"}, "nothing went twice"
    qtbot.waitUntil(lambda: states(view) == {"proven"})


def stop_at(view: SyncView, step: str, how: str, qtbot: QtBot) -> None:
    """Start, and stop or pause at this step."""
    stopped: list[SyncProgress] = []

    def look(at: SyncProgress) -> None:
        if at.step == step and not stopped:
            stopped.append(at)
            getattr(view.run, how)()

    view.run.progressed.connect(look)
    view.start()
    qtbot.waitUntil(lambda: bool(stopped) and not view.run.is_stopping, timeout=LONG)
    view.run.progressed.disconnect(look)


def test_work_goes_on_while_it_runs(view: SyncView, enrolled: Context, qtbot: QtBot) -> None:
    view.start()
    window = view.place.window
    assert window is not None
    window.go("cases")
    take(enrolled.desk, intake())
    qtbot.waitUntil(lambda: not view.run.is_running, timeout=LONG)
    assert len(case_list.ids(enrolled.desk, CaseQuery())) == 2


def refuse(context: Context, view: SyncView, qtbot: QtBot, *, result: str, code: str, field: str = "") -> int:
    """As if the centre had said this to a change of what is known of the victim."""
    [case, *_others] = case_list.rows(context.desk, case_list.ids(context.desk, CaseQuery()))
    assert case is not None
    person = open_page(context.desk, case.id).victims[0].person.id
    parties.change_person(context.desk, person, {"alias": f"Ani {code}"})
    assert run_to_end(view, qtbot).green
    with Session(context.workspace.engine) as session:
        op = session.query(Operation).filter(Operation.kind == "person").order_by(Operation.seq.desc()).first()
        assert op is not None
        op.result, op.result_code, op.result_field, seq = result, code, field, op.seq
        session.commit()
    view.on_refresh()
    qtbot.waitUntil(lambda: view.list.item(seq) is not None and view.list.item(seq).state == result)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: view.place.jobs.idle)
    view.list.table.choose(seq)
    qtbot.waitUntil(lambda: view.place.jobs.idle)
    return seq


def test_refused_entry_says_what_why_and_what_next_and_is_corrected_at_the_field(
    view: SyncView, enrolled: Context, qtbot: QtBot
) -> None:
    seq = refuse(enrolled, view, qtbot, result="refused", code="phone_shape", field="phone")
    said = words_in(view.detail)
    for words in (
        "The centre did not take it. It stays here as it was written.",
        "The telephone number is not possible. Correct it; it is sent at the next synchronisation.",
        "Correct it and it goes again; or send it as it is once the reason is gone; or give it up.",
    ):
        assert _(words) in said
    assert_accessible(view)
    press(view.detail, _("Correct and send again…"))
    [dialog] = view.window().findChildren(FormDialog)
    assert dialog.form.boxes["phone"].isAncestorOf(dialog.focusWidget())
    dialog.form.set_values({"phone": "+6281234567890"})
    with qtbot.waitSignal(dialog.saved):
        dialog.save()
    qtbot.waitUntil(lambda: view.list.item(seq).settled)  # type: ignore[union-attr]
    assert run_to_end(view, qtbot).outcomes == {"accepted": 1}


def test_refused_entry_can_be_sent_again_as_it_is_or_given_up_when_asked(
    view: SyncView, enrolled: Context, qtbot: QtBot
) -> None:
    seq = refuse(enrolled, view, qtbot, result="refused", code="not_found")
    press(view.detail, _("Send again as it is"))
    qtbot.waitUntil(lambda: view.list.item(seq).settled)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: "only_here" in states(view))
    seq = refuse(enrolled, view, qtbot, result="held", code="no_predecessor")
    assert _("It waits for: {record}.").partition(":")[0] in words_in(view.detail)
    press(view.detail, _("Give up…"))
    [dialog] = view.window().findChildren(Confirm)
    dialog.reject()
    assert not view.list.item(seq).settled  # type: ignore[union-attr]
    press(view.detail, _("Give up…"))
    dialog = view.window().findChildren(Confirm)[-1]
    with qtbot.waitSignal(dialog.done_well):
        dialog.save()
    qtbot.waitUntil(lambda: view.list.item(seq).settled)  # type: ignore[union-attr]


def test_the_list_is_searched_by_number_and_by_state(view: SyncView, enrolled: Context, qtbot: QtBot) -> None:
    assert run_to_end(view, qtbot).green
    take(enrolled.desk, intake())
    qtbot.waitUntil(lambda: states(view) == {"only_here", "proven"})
    view.list.show_state("proven")
    qtbot.waitUntil(lambda: states(view) == {"proven"})
    shown = view.list.source.rows(view.list.model.ids())
    number = next(item.case_number for item in shown if item is not None and item.case_number)
    view.list.search.setText("nothing like it")
    view.list.search.search_now()
    qtbot.waitUntil(lambda: not view.list.model.ids())
    assert _("No entry is in this state.") == view.list.table.empty
    view.list.search.setText(number[-6:])
    view.list.search.search_now()
    qtbot.waitUntil(lambda: bool(view.list.model.ids()))
    found = [item for item in view.list.source.rows(view.list.model.ids()) if item is not None]
    assert {item.case_number for item in found} == {number}


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
