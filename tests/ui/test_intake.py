"""The intake: by keyboard alone, kept all the while, saved whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.services import drafts, referrals
from app.services.case_list import CaseQuery, ids, rows
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.drafts import SavedDraft
from app.ui import theme
from app.ui.screens.case import CaseView
from app.ui.screens.intake import IntakeView
from app.ui.screens.intake_side import confidentiality
from app.ui.screens.intake_steps import STEPS
from app.ui.workspace_window import WorkspaceWindow
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, press, words_in
from tests.worlds import GIRL

Key, Held = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def view(window: WorkspaceWindow, qtbot: QtBot) -> IntakeView:
    """The intake as Ctrl+N opens it."""
    QTest.keyClick(window, Key.Key_N, Held.ControlModifier)
    qtbot.waitUntil(lambda: isinstance(window.current(), IntakeView))
    found = window.current()
    assert isinstance(found, IntakeView)
    return found


def focused() -> QWidget:
    here = QApplication.activePopupWidget() or QApplication.focusWidget()
    assert here is not None
    return here


def key(code: Qt.Key, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
    QTest.keyClick(focused(), code, held)


def write(words: str) -> None:
    """Type into whatever has the keyboard, then Tab on."""
    if words:
        here = QApplication.focusWidget()
        assert here is not None
        QTest.keyClicks(here, words)
    key(Key.Key_Tab)


def tab_to(view: IntakeView, part: str, field: str) -> None:
    """Tab until the field has the keyboard."""
    target = view.pages.forms[part].boxes[field].editor.target
    for _n in range(60):
        here = QApplication.focusWidget()
        if here is target or (here is not None and target.isAncestorOf(here)):
            return
        key(Key.Key_Tab)
    raise AssertionError(f"{field} cannot be reached by Tab")


def fill(view: IntakeView, part: str, *typed: tuple[str, str]) -> None:
    for field, words in typed:
        tab_to(view, part, field)
        write(words)


def go_on(view: IntakeView) -> None:
    key(Key.Key_Return, Held.ControlModifier)


def committed(view: IntakeView, part: str, field: str) -> object:
    return view.pages.committed()[part][field]


def test_a_whole_intake_by_keyboard_alone(window: WorkspaceWindow, view: IntakeView, desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: view.pages.forms["report"].boxes["channel"].editor.target.hasFocus())
    fill(view, "report", ("channel", "SAPA"), ("reporter_type", "Keluarga"), ("summary", "Dijanjikan kerja di kafe."))
    go_on(view)
    fill(view, "victim", ("name", "Sari Dewi"), ("sex", "Perempuan"), ("birth_date", "?/8/2009"))
    go_on(view)
    tab_to(view, "screening", "process")
    key(Key.Key_Space)
    tab_to(view, "screening", "purpose")
    key(Key.Key_Space)
    fill(view, "screening", ("conclusion", "Mungkin korban TPPO"))
    go_on(view)
    fill(view, "safety", ("risk", "Tinggi"), ("contact_safety", "Jangan"))
    go_on(view)
    fill(view, "consent", ("given_by", "Anak dan"))
    tab_to(view, "consent", "tiers")
    key(Key.Key_Space)
    fill(view, "referral", ("to_agency", "Polrestabes"), ("reason", "Penegakan"))
    assert view.pages.here == len(STEPS) - 1
    go_on(view)
    qtbot.waitUntil(lambda: isinstance(window.current(), CaseView))
    [case] = rows(desk, ids(desk, CaseQuery()))
    page = open_page(desk, case.id)
    assert page.case["channel"] == "SAPA129"
    assert page.row.risk == "HIGH"
    [victim] = page.victims
    assert (victim.person["name"], victim.person["birth_date"]) == ("Sari Dewi", "2009-08-??")
    assert page.screenings[0]["process"]
    assert page.consents[0]["tiers"] == ("OPEN",)
    [referral] = referrals.outbox(desk)
    assert (referral.state, referral.entry["tiers"]) == ("SENT", ("OPEN",))
    assert drafts.mine(desk) == ()


def test_what_is_missing_keeps_the_step_and_takes_the_keyboard(view: IntakeView, qtbot: QtBot) -> None:
    go_on(view)
    assert view.pages.here == 0
    box = view.pages.forms["report"].boxes["channel"]
    assert [problem.key for problem in box.problems] == ["channel"]
    qtbot.waitUntil(box.editor.target.hasFocus)


def test_a_step_skipped_is_asked_for_before_the_saving(view: IntakeView, desk: Desk) -> None:
    view.pages.forms["report"].put("channel", "WALKIN")
    view.go_to(len(STEPS) - 1)
    go_on(view)
    assert view.pages.here == 3  # the risk is missing
    assert ids(desk, CaseQuery()) == []


def test_draft_is_kept_two_seconds_after_an_answer_and_says_when(
    view: IntakeView, desk: Desk, clock: Clock, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(view.keeper.kept, timeout=8000) as kept:
        view.pages.forms["victim"].put("name", "Sari Dewi")
    assert isinstance(kept.args[0], SavedDraft)
    assert "08.30" in view.kept.text()
    [draft] = drafts.mine(desk)
    assert draft.content["forms"]["victim"]["name"] == "Sari Dewi"


def test_draft_of_a_lock_is_offered_and_goes_on_where_it_stopped(
    window: WorkspaceWindow, view: IntakeView, desk: Desk, qtbot: QtBot
) -> None:
    view.pages.forms["report"].put("channel", "WALKIN")
    view.go_to(1)
    QTest.keyClicks(view.pages.forms["victim"].boxes["name"].editor.target, "Sari")  # not committed yet
    window.lock()
    qtbot.waitUntil(lambda: len(drafts.mine(desk)) == 1)
    window.rebuild()
    again = window.go("intake")
    assert isinstance(again, IntakeView)
    qtbot.waitUntil(lambda: "S." in words_in(again))
    assert "Sari" not in words_in(again)
    assert_accessible(again)
    press(again, _("Continue"))
    assert again.pages.here == 1
    assert committed(again, "victim", "name") == "Sari"
    assert committed(again, "report", "channel") == "WALKIN"
    again.pages.forms["safety"].put("risk", "LOW")
    again.pages.forms["victim"].put("sex", "P")
    again.go_to(4)
    again.go_on()
    qtbot.waitUntil(lambda: drafts.mine(desk) == () and len(ids(desk, CaseQuery())) == 1)


def test_cancel_keeps_the_draft_and_clears_the_form(
    window: WorkspaceWindow, view: IntakeView, desk: Desk, qtbot: QtBot
) -> None:
    view.pages.forms["victim"].put("name", "Sari Dewi")
    view.cancel()
    qtbot.waitUntil(lambda: len(drafts.mine(desk)) == 1)
    assert window.current() is not view
    assert committed(view, "victim", "name") is None


def test_somebody_known_is_shown_and_taken_without_a_double(
    case_id: str, window: WorkspaceWindow, view: IntakeView, desk: Desk, qtbot: QtBot
) -> None:
    view.pages.forms["report"].put("channel", "WALKIN")
    view.go_to(1)
    fill(view, "victim", ("name", "Siti Aminah"))
    qtbot.waitUntil(lambda: len(view.same.candidates) == 1)
    view.same.chosen.emit(view.same.candidates[0])
    assert committed(view, "victim", "name") == GIRL["name"]
    view.pages.forms["safety"].put("risk", "LOW")
    view.go_to(4)
    view.go_on()
    qtbot.waitUntil(lambda: len(ids(desk, CaseQuery())) == 2)
    cases = [row.id for row in rows(desk, ids(desk, CaseQuery()))]
    people = {open_page(desk, each).victims[0].person.id for each in cases}
    assert len(people) == 1


def test_nik_that_does_not_fit_warns_as_soon_as_the_rest_is_known(view: IntakeView) -> None:
    view.go_to(1)
    form = view.pages.forms["victim"]
    form.put("nik", "3204115508090000")
    assert form.problems() == []
    form.put("sex", "L")
    assert [problem for problem, _words in form.problems()] == ["nik"]
    form.put("sex", "P")
    assert form.problems() == []


def test_age_is_said_in_words_beside_the_date(view: IntakeView) -> None:
    form = view.pages.forms["victim"]
    form.put("birth_date", "2009-??-??")
    assert "16\u201317" in words_in(form)


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_every_step_can_be_heard(view: IntakeView, step: int) -> None:
    view.go_to(step)
    assert_accessible(view)


def test_nothing_is_written_outside_the_encrypted_file(view: IntakeView, tmp_path: Path, qtbot: QtBot) -> None:
    before = {path.name for path in (tmp_path / "ws").iterdir()}
    with qtbot.waitSignal(view.keeper.kept):
        view.pages.forms["victim"].put("name", "Sari Dewi")
        view.save_draft()
    new = {path.name for path in (tmp_path / "ws").iterdir()} - before
    assert all(name.startswith("workspace.db") for name in new)
    held = b"".join(path.read_bytes() for path in (tmp_path / "ws").iterdir())
    assert b"Sari" not in held


def test_what_helps_is_read_whole_with_large_letters(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, scale=200)
    card = confidentiality()
    qtbot.addWidget(card)
    assert card.minimumSizeHint().width() <= 380  # what stands beside the form at 1366x768
