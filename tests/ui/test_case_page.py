"""The case page: every deed by keyboard, what goes wrong at its field, nothing typed is lost by a lock."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app.errors import Forbidden
from app.models.conflict import Conflict
from app.models.journal import Journal
from app.services import care, case_parts, drafts, parties
from app.services.case_page import open_page
from app.services.desk import Desk
from app.ui.dialogs import FormDialog
from app.ui.screens.case import CaseView
from app.ui.screens.same_person import SamePerson
from app.ui.screens.weighing import Weighing
from app.ui.widgets.feedback import Banner
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Workspace
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, press, words_in
from tests.worlds import GIRL


@pytest.fixture
def page(window: WorkspaceWindow, case_id: str) -> CaseView:
    """The page of the girl's case."""
    found = window.go("case", target=case_id)
    assert isinstance(found, CaseView)
    return found


def dialog_of(page: CaseView) -> FormDialog:
    assert page.deeds.dialog is not None
    return page.deeds.dialog


def type_into(dialog: FormDialog, key: str, words: str) -> None:
    target = dialog.form.boxes[key].editor.target
    target.setFocus()
    QTest.keyClicks(target, words)
    QTest.keyClick(target, Qt.Key.Key_Tab)


def save(dialog: FormDialog) -> None:
    QTest.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)


def read(page: CaseView, tab: str) -> str:
    page.tabs.go(tab)
    return words_in(page.tabs)


def test_a_note_is_written_and_appears_in_the_timeline(page: CaseView, desk: Desk, case_id: str, qtbot: QtBot) -> None:
    page.tabs.go("notes")
    press(page.tabs, "Catatan baru" if "Catatan baru" in words_in(page.tabs) else "New note")
    dialog = dialog_of(page)
    assert_accessible(dialog)
    type_into(dialog, "text", "Korban ingin pulang ke Garut.")
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    save(dialog)
    qtbot.waitUntil(lambda: len(open_page(desk, case_id).notes) == 1)
    qtbot.waitUntil(lambda: page.deeds.dialog is None)
    qtbot.waitUntil(lambda: "Korban ingin pulang" in read(page, "timeline"))


def test_what_is_missing_is_said_at_its_field_and_nothing_is_saved(page: CaseView, desk: Desk, case_id: str) -> None:
    page.deeds.add_note()
    dialog = dialog_of(page)
    dialog.save()
    assert [key for key, _words in dialog.form.problems()] == ["text"]
    assert open_page(desk, case_id).notes == ()
    dialog.reject()


def test_a_refusal_of_the_service_is_said_in_the_dialog(page: CaseView, desk: Desk, case_id: str, qtbot: QtBot) -> None:
    parties.add_party(desk, case_id, {"name": "Om Dul", "sex": "L"}, role="SUSPECT")
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.parties) == 2)
    page.deeds.plan_service({"service_type": "UPTD.5"})  # mediation with a suspect
    dialog = dialog_of(page)
    dialog.save()
    qtbot.waitUntil(lambda: dialog._said.text() != "")
    assert dialog.isVisible() and open_page(desk, case_id).services == ()
    dialog.reject()


def test_a_service_is_planned_done_and_taken_back(
    page: CaseView, window: WorkspaceWindow, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    service = care.add_service(desk, case_id, {"service_type": "H.VISUM", "due": "2026-11-25"}).id
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.services) == 1)

    def state() -> str:
        return str(open_page(desk, case_id).services[0]["state"])

    page.tabs.go("plan")
    entry = page.page.services[0]  # type: ignore[union-attr]
    page.deeds.for_part(entry)[0].click()
    type_into(dialog_of(page), "result", "Visum selesai.")
    dialog_of(page).save()
    qtbot.waitUntil(lambda: state() == "DONE")
    qtbot.waitUntil(window.toast.isVisible)
    window.toast.undo_button.click()
    qtbot.waitUntil(lambda: state() == "PLANNED")
    assert service


def test_closing_can_be_undone_for_ten_seconds(
    page: CaseView, window: WorkspaceWindow, desk: Desk, case_id: str, clock: Clock, qtbot: QtBot
) -> None:
    page.deeds.close_case()
    dialog = dialog_of(page)
    type_into(dialog, "close_reason", dialog.form.boxes["close_reason"].editor.combo.itemText(1))  # type: ignore[attr-defined]
    dialog.save()
    qtbot.waitUntil(lambda: open_page(desk, case_id).row.status == "CLOSED")
    qtbot.waitUntil(window.toast.isVisible)
    clock.forward(seconds=4)
    window.toast.undo_button.click()
    qtbot.waitUntil(lambda: open_page(desk, case_id).row.status != "CLOSED")


def test_somebody_known_is_linked_and_not_entered_twice(page: CaseView, desk: Desk, case_id: str, qtbot: QtBot) -> None:
    known = parties.add_party(desk, case_id, {"name": "Koko Hendra", "sex": "L"}, role="WITNESS")
    person = next(p.person.id for p in open_page(desk, case_id).parties if p.party.id == known.id)
    page.deeds.add_person()
    dialog = dialog_of(page)
    type_into(dialog, "name", "Koko Hendra")
    beside = dialog.findChild(SamePerson)
    assert beside is not None
    qtbot.waitUntil(lambda: len(beside.candidates) == 1)
    assert_accessible(dialog)
    beside.chosen.emit(beside.candidates[0])
    dialog.form.put("role", "SUSPECT")
    dialog.save()
    qtbot.waitUntil(lambda: len(open_page(desk, case_id).parties) == 3)
    assert [p.person.id for p in open_page(desk, case_id).parties].count(person) == 2


def test_the_elements_are_weighed_while_they_are_ticked(page: CaseView) -> None:
    page.deeds.screen()
    dialog = dialog_of(page)
    weighing = dialog.findChild(Weighing)
    assert weighing is not None and not weighing.warning.text()
    dialog.form.put("process", ("ACT.RECRUIT",))
    dialog.form.put("purpose", ("PURP.PROSTITUTION",))
    assert "3(c)" in weighing.warning.text()  # a child without means: a person decides
    assert_accessible(dialog)
    dialog.reject()


def test_consent_is_recorded_and_withdrawn(page: CaseView, desk: Desk, case_id: str, qtbot: QtBot) -> None:
    given = open_page(desk, case_id).consents[0]
    page.tabs.go("consents")
    page.deeds.for_part(given)[0].click()
    dialog_of(page).save()
    qtbot.waitUntil(lambda: len(open_page(desk, case_id).consents) == 2)
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.consents) == 2)
    assert "Dicabut" in read(page, "consents")


def conflict(workspace: Workspace, desk: Desk, case_id: str, clock: Clock) -> None:
    """What the centre sends when two laptops changed the risk."""
    with Session(workspace.engine) as session:
        session.info["journal"] = Journal(desk.actor, clock, applying=True)
        session.add(
            Conflict(
                case_id=case_id, about_kind="case", about_id=case_id, about_field="risk", kept=json.dumps("HIGH"),
                kept_by="Ratna", kept_at=clock(), other=json.dumps("LOW"), other_by="Siti", other_at=clock(),
            )
        )  # fmt: skip
        session.commit()


@pytest.mark.parametrize(("button", "risk"), [(0, "HIGH"), (1, "LOW")])
def test_a_conflict_shows_both_values_and_is_settled(
    page: CaseView, workspace: Workspace, desk: Desk, clock: Clock, qtbot: QtBot, button: int, risk: str
) -> None:
    assert page.page is not None
    case_id = page.page.case.id
    conflict(workspace, desk, case_id, clock)
    page.on_refresh()
    words = read(page, "conflicts")
    assert "Ratna" in words and "Siti" in words and "Tinggi" in words and "Rendah" in words
    page.deeds.for_conflict(page.page.conflicts[0])[button].click()
    qtbot.waitUntil(lambda: open_page(desk, case_id).conflicts == ())
    assert open_page(desk, case_id).case["risk"] == risk


def test_a_lock_keeps_what_stands_in_an_open_dialog(
    page: CaseView, window: WorkspaceWindow, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    page.deeds.add_note()
    type_into(dialog_of(page), "text", "Belum selesai ditulis")
    window.lock()
    qtbot.waitUntil(lambda: len(drafts.mine(desk)) == 1)
    first = drafts.mine(desk)[0].id
    again = CaseView(page.place)  # as after the lock: the page before is gone with its window
    qtbot.addWidget(again)
    again.open(case_id)
    again.show()
    assert "23 Nov" in words_in(again) or "Hari ini" in words_in(again)
    band = next(w for w in again.findChildren(Banner) if w.isVisibleTo(again))
    assert_accessible(band)
    press(band, "Pulihkan" if "Pulihkan" in words_in(band) else "Restore")
    assert dialog_of(again).current_values()["text"] == "Belum selesai ditulis"
    qtbot.waitUntil(lambda: first not in [draft.id for draft in drafts.mine(desk)])
    qtbot.waitUntil(lambda: len(drafts.mine(desk)) == 1)  # what was restored is kept again at once
    dialog_of(again).reject()
    dialog_of(page).reject()
    qtbot.waitUntil(lambda: drafts.mine(desk) == ())


def test_what_is_typed_in_a_dialog_is_kept_while_it_is_typed_and_let_go_when_it_is_saved(
    page: CaseView, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    page.deeds.add_note()
    type_into(dialog_of(page), "text", "Ditulis sebelum listrik padam")
    qtbot.waitUntil(lambda: [d.content.get("text") for d in drafts.mine(desk)] == ["Ditulis sebelum listrik padam"])
    dialog_of(page).save()
    qtbot.waitUntil(lambda: len(open_page(desk, case_id).notes) == 1)
    qtbot.waitUntil(lambda: drafts.mine(desk) == ())


def test_what_was_left_with_escape_can_be_had_back(page: CaseView, window: WorkspaceWindow, qtbot: QtBot) -> None:
    page.deeds.add_note()
    type_into(dialog_of(page), "text", "Esc ditekan terlalu cepat")
    QTest.keyClick(dialog_of(page), Qt.Key.Key_Escape)
    qtbot.waitUntil(window.toast.isVisible)
    window.toast.undo_button.click()
    assert dialog_of(page).current_values()["text"] == "Esc ditekan terlalu cepat"
    dialog_of(page).reject()


def test_a_dialog_in_which_nothing_was_typed_goes_without_a_word(page: CaseView, window: WorkspaceWindow) -> None:
    page.deeds.add_note()
    dialog_of(page).reject()
    assert not window.toast.isVisible()


def test_nobody_has_the_same_part_in_a_case_twice(page: CaseView, desk: Desk, case_id: str, qtbot: QtBot) -> None:
    page.deeds.add_person()
    dialog = dialog_of(page)
    type_into(dialog, "name", GIRL["name"])
    beside = dialog.findChild(SamePerson)
    assert beside is not None
    qtbot.waitUntil(lambda: len(beside.candidates) == 1)
    beside.chosen.emit(beside.candidates[0])
    assert not dialog.form.boxes["name"].isEnabled() and dialog._said.property("tone") == "good"
    dialog.form.put("role", "VICTIM")
    dialog.save()
    qtbot.waitUntil(lambda: bool(dialog.form.problems()))
    assert [key for key, _words in dialog.form.problems()] == ["role"]
    assert len(open_page(desk, case_id).parties) == 1
    dialog.reject()


def test_the_keyboard_stays_in_the_tab_that_was_written_to(
    page: CaseView, window: WorkspaceWindow, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    page.tabs.go("notes")
    press(page.tabs, "Catatan baru")
    type_into(dialog_of(page), "text", "Kunjungan ke rumah")
    dialog_of(page).save()
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.notes) == 1)
    qtbot.waitUntil(lambda: page.deeds.dialog is None)
    focus = window.focusWidget()
    assert focus is not None and page.tabs.isAncestorOf(focus)
    page.tabs.go("plan")
    press(page.tabs, "Tujuan baru")
    dialog = dialog_of(page)
    dialog.form.set_values({"need": "MEDICAL", "goal": "Bisa tidur tanpa obat"})
    dialog.save()
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.parts["goal"]) == 1)
    qtbot.waitUntil(lambda: page.deeds.dialog is None)
    focus = window.focusWidget()  # not the first button of the row: the one that was pressed
    assert isinstance(focus, QPushButton) and focus.text() == "Tujuan baru…" and page.tabs.isAncestorOf(focus)


def test_what_has_a_day_and_no_time_stands_in_the_timeline_without_one(
    page: CaseView, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    case_parts.add_part(desk, case_id, "legal_step", {"stage": "NOT_REPORTED", "day": "2020-02-01"})
    page.on_refresh()
    qtbot.waitUntil(lambda: page.page is not None and len(page.page.parts["legal_step"]) == 1)
    said = [page.tabs._line(item).meta for item in page.page.timeline if item.kind == "legal_step"] if page.page else []
    assert [words.split(" \u00b7 ")[0] for words in said] == ["1 Feb 2020"]


def test_who_may_not_read_cases_is_told_so_and_sees_none(
    page: CaseView, as_role: Callable[[str], Desk], qtbot: QtBot
) -> None:
    page.place.context.desk = as_role("SECRETARY")
    assert page.page is not None
    with pytest.raises(Forbidden):
        open_page(page.place.desk, page.page.case.id)


def test_the_page_names_its_people_and_every_control_has_a_name(page: CaseView) -> None:
    assert GIRL["name"] in read(page, "people")
    for tab in range(page.tabs.count()):
        page.tabs.setCurrentIndex(tab)
        assert_accessible(page)


def test_tab_reaches_the_tabs_and_the_list(page: CaseView, window: WorkspaceWindow) -> None:
    seen: set[QWidget | None] = set()
    page._more.setFocus(Qt.FocusReason.TabFocusReason)
    for _step in range(12):
        QTest.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        seen.add(QApplication.focusWidget())
    assert page.tabs.tabBar() in seen and page.tabs.timeline in seen


def test_a_case_that_is_not_here_says_so(page: CaseView, window: WorkspaceWindow) -> None:
    page.open("0" * 32)
    assert window.toast.isVisible()
