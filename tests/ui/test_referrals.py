"""Referrals on the screen: what leaves is seen first, answers are given, late steps and paper have their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.services import consents, directory, drafts, referrals, sharing, transfers
from app.services.case_page import open_page
from app.services.desk import Desk
from app.ui.dialogs import FormDialog
from app.ui.screens.refer import ReferDialog
from app.ui.screens.referrals import INBOX, OUTBOX, ReferralsView
from app.ui.screens.transfers import OverridesDialog, hand_over
from app.ui.workspace_window import WorkspaceWindow
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, press, words_in


def agency(desk: Desk, name: str) -> str:
    return next(a.id for a in directory.recipients(desk) if name in a["name"])


def wish(desk: Desk, case_id: str, to: str = "Polrestabes", **changes: Any) -> dict[str, Any]:
    page = open_page(desk, case_id)
    values = {
        "to_agency": agency(desk, to), "reason": "SERVICE", "urgency": "DAY1", "tiers": ["OPEN", "CASE"],
        "consent_id": page.consents[0].id, "person_id": page.victims[0].person.id,
    }  # fmt: skip
    return {**values, **changes}


@pytest.fixture
def dialog(window: WorkspaceWindow, case_id: str, qtbot: QtBot) -> ReferDialog:
    """The referral dialog of the girl's case."""
    made = ReferDialog(window.place, case_id, parent=window)
    made.open()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def view(window: WorkspaceWindow, case_id: str, desk: Desk, qtbot: QtBot) -> ReferralsView:
    """The list with one referral on its way to the police and one to a hospital on paper."""
    referrals.refer(desk, case_id, wish(desk, case_id))
    referrals.refer(desk, case_id, wish(desk, case_id, "RSUD", urgency="DAY3"))
    found = window.go("referrals", target="outbox")
    assert isinstance(found, ReferralsView)
    qtbot.waitUntil(lambda: found.models[OUTBOX].rowCount() == 2 and found.detail.page is not None)
    return found


def test_what_will_be_shared_is_shown_word_for_word_and_what_is_not_by_name(
    dialog: ReferDialog, desk: Desk, qtbot: QtBot
) -> None:
    assert "3273-26" not in words_in(dialog.package)
    dialog.form.put("to_agency", agency(desk, "Polrestabes"))
    qtbot.waitUntil(lambda: "Sitti Aminah" in words_in(dialog.package))
    shown = words_in(dialog.package)
    assert "Ditawari kerja" not in shown  # the consent does not cover free text
    assert "Apa yang terjadi" in shown  # but the field is named as not shared
    dialog.form.put("tiers", ("OPEN",))
    qtbot.waitUntil(lambda: "Sitti Aminah" not in words_in(dialog.package))
    assert_accessible(dialog)


def test_only_what_the_consent_covers_can_be_ticked(dialog: ReferDialog, desk: Desk) -> None:
    pills = {pill.text(): pill.isEnabled() for pill in dialog.form.boxes["tiers"].editor.picker._pills.values()}
    assert list(pills.values()) == [True, True, True, False, False]
    consents.withdraw(desk, dialog.form.committed["consent_id"])
    dialog.form.put("to_agency", agency(desk, "Polrestabes"))
    assert dialog.form.committed["tiers"] == ()
    assert dialog.form.committed["consent_id"] is None


def test_due_follows_the_urgency_until_it_is_typed(dialog: ReferDialog, clock: Clock) -> None:
    assert (dialog.form.committed["due_at"] - clock()).total_seconds() == 24 * 3600
    dialog.form.put("urgency", "URGENT3H")
    assert (dialog.form.committed["due_at"] - clock()).total_seconds() == 3 * 3600
    by_hand = clock().replace(hour=9)
    dialog.form.put("due_at", by_hand)
    dialog.form.put("urgency", "DAY3")
    assert dialog.form.committed["due_at"] == by_hand


def test_it_is_sent_by_keyboard_and_can_be_taken_back_at_once(
    window: WorkspaceWindow, dialog: ReferDialog, desk: Desk, qtbot: QtBot
) -> None:
    line = dialog.form.boxes["to_agency"].editor.target
    line.setFocus()
    QTest.keyClicks(line, "visum")  # a service the hospital offers
    QTest.keyClick(line, Qt.Key.Key_Tab)
    assert dialog.form.committed["to_agency"] == agency(desk, "RSUD")
    assert _("Works on paper: hand over the PDF, and enter its answer here yourself.") in words_in(dialog.form)
    dialog.form.put("reason", "HEALTH")
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: [i.state for i in referrals.outbox(desk)] == ["SENT"])
    qtbot.waitUntil(lambda: window.toast.isVisible())
    window.toast.undo_button.click()
    qtbot.waitUntil(lambda: [i.state for i in referrals.outbox(desk)] == ["WITHDRAWN"])


def test_what_is_missing_is_said_at_its_field(dialog: ReferDialog, desk: Desk) -> None:
    dialog.send()
    assert [key for key, _words in dialog.form.problems()] == ["to_agency", "reason"]
    assert referrals.outbox(desk) == ()


def test_in_a_small_window_the_name_of_the_office_stays_whole(
    window: WorkspaceWindow, view: ReferralsView, qtbot: QtBot
) -> None:
    table = view.tables[OUTBOX]
    for width, shown in ((1366, True), (1024, False), (1366, True)):
        window.resize(width, 600)
        qtbot.waitUntil(lambda shown=shown: table.isColumnHidden(1) is not shown)
        qtbot.waitUntil(lambda: table.columnWidth(0) >= table.sizeHintForColumn(0))
        qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)


def test_it_is_told_who_can_open_what_is_sealed(dialog: ReferDialog, desk: Desk, case_id: str) -> None:
    page = open_page(desk, case_id)
    police = agency(desk, "Polrestabes")
    wide = {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN", "SENSITIVE"]}
    given = consents.record_consent(desk, case_id, page.victims[0].person.id, wide).id
    dialog.form.put("to_agency", police)
    dialog.form.boxes["consent_id"].editor.set_value(given)
    dialog.form.put("consent_id", given)
    dialog.form.put("tiers", ("OPEN",))
    name = "Unit PPA Polrestabes Bandung"
    late = _("{office} has no key yet: sealed values follow at a later synchronisation.").format(office=name)
    assert late not in words_in(dialog.form)
    dialog.form.put("tiers", ("OPEN", "SENSITIVE"))
    assert late in words_in(dialog.form)


def test_escape_keeps_what_was_typed_for_the_next_time_and_discard_does_not(
    window: WorkspaceWindow, dialog: ReferDialog, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    line = dialog.form.boxes["message"].editor.target
    line.setFocus()
    QTest.keyClicks(line, "Mohon dijemput di stasiun")  # and Esc before the field was left
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(drafts.mine(desk)) == 1)
    assert window.toast.isVisible()
    again = ReferDialog(window.place, case_id, parent=window)
    again.open()
    assert again.form.values()["message"] == "Mohon dijemput di stasiun"
    qtbot.waitUntil(lambda: drafts.mine(desk) == ())
    press(again, _("Discard"))
    qtbot.waitUntil(lambda: window.jobs.idle)
    assert drafts.mine(desk) == () and referrals.outbox(desk) == ()


def test_consent_for_a_partner_on_paper_opens_the_way_to_that_partner(dialog: ReferDialog, desk: Desk) -> None:
    hospital = agency(desk, "RSUD")
    person = dialog.form.committed["person_id"]
    values = {"purpose": "SHARE", "given_by": "GUARDIAN", "tiers": ("OPEN",), "recipient": hospital}
    saved = consents.record_consent(desk, dialog.case_id, person, values)
    dialog.form._consent_recorded(saved)
    assert dialog.form.committed["consent_id"] != saved.id  # nobody is chosen yet
    dialog.form.put("to_agency", hospital)
    dialog.form.put("consent_id", saved.id)
    values = {k: v for k, v in dialog.form.values().items() if v} | {"reason": "HEALTH"}
    assert referrals.refer(desk, dialog.case_id, values).id


def test_a_lock_keeps_what_stands_in_the_dialog(
    window: WorkspaceWindow, dialog: ReferDialog, desk: Desk, qtbot: QtBot
) -> None:
    dialog.form.put("message", "Mohon pendampingan.")
    window.lock()
    qtbot.waitUntil(lambda: len(drafts.mine(desk)) == 1)
    dialog.form.touched = False
    dialog.reject()
    again = ReferDialog(window.place, dialog.case_id, parent=window)
    again.open()
    assert again.form.committed["message"] == "Mohon pendampingan."
    qtbot.waitUntil(lambda: drafts.mine(desk) == ())


def test_outbox_says_what_is_not_sent_yet_and_what_is_due(view: ReferralsView, clock: Clock, qtbot: QtBot) -> None:
    assert view.sides.currentIndex() == OUTBOX
    rows = [view.models[OUTBOX].row_text(n) for n in range(2)]
    assert all(_("Not sent yet") in row for row in rows)
    assert "Polrestabes" in rows[0]  # due first
    assert all("Sitti" not in row for row in rows)
    clock.forward(hours=30)
    view.on_refresh()
    qtbot.waitUntil(lambda: view.models[OUTBOX].row_at(0).state == "NO_ANSWER")
    assert_accessible(view)


def test_paper_answer_is_entered_by_the_sender_and_stands_in_the_history(
    view: ReferralsView, desk: Desk, qtbot: QtBot
) -> None:
    hospital = view.models[OUTBOX].id_at(1)
    view.tables[OUTBOX].choose(hospital)
    qtbot.waitUntil(lambda: view.detail.page is not None and view.detail.page.item.entry.id == hospital)
    press(view.detail, _("On paper: {step}").format(step=_("Accept")))  # the sender only copies an answer
    [paper] = view.window().findChildren(FormDialog)
    assert paper.form.values()["paper_on"] == desk.today().isoformat()
    paper.save()
    qtbot.waitUntil(lambda: view.detail.page is not None and view.detail.page.item.state == "ACCEPTED")
    view.detail.tabs.setCurrentIndex(1)
    said = words_in(view.detail.history)
    assert _("on paper") in said


def test_withdrawing_asks_and_leaves_the_list_of_open_ones(
    window: WorkspaceWindow, view: ReferralsView, desk: Desk, qtbot: QtBot
) -> None:
    press(view.detail, _("Withdraw…"))
    [dialog] = window.findChildren(FormDialog)
    dialog.save()
    qtbot.waitUntil(lambda: view.models[OUTBOX].rowCount() == 1)
    view.chips.removed.emit("open")
    assert view.models[OUTBOX].rowCount() == 2


def test_inbox_is_another_list_and_a_target_leads_to_its_side(view: ReferralsView, qtbot: QtBot) -> None:
    view.sides.setCurrentIndex(INBOX)
    assert view.models[INBOX].rowCount() == 0
    qtbot.waitUntil(lambda: view.detail.page is None)
    wanted = view.models[OUTBOX].id_at(1)
    view.open(wanted)
    assert view.sides.currentIndex() == OUTBOX
    assert view.tables[OUTBOX].current_id() == wanted


def test_words_find_an_office(view: ReferralsView, qtbot: QtBot) -> None:
    QTest.keyClicks(view.search, "rsud")
    QTest.keyClick(view.search, Qt.Key.Key_Return)
    assert view.models[OUTBOX].rowCount() == 1


def test_a_reason_brings_its_package_and_the_supervisor_may_go_beyond_the_consent(
    window: WorkspaceWindow, case_id: str, as_role: Callable[[str], Desk], desk: Desk, qtbot: QtBot
) -> None:
    made = ReferDialog(window.place, case_id, parent=window)
    assert "override_ground" not in made.form.boxes
    made.form.put("to_agency", agency(desk, "Polrestabes"))
    made.form.put("reason", "POLICE_24H")
    assert made.form.values()["parts"] == ("screening", "legal_step")
    assert set(made.form.values()["tiers"]) == {"OPEN", "CASE", "IDENTIFYING"}
    made.form.put("reason", "CIVREG")
    assert set(made.form.values()["tiers"]) == {"OPEN", "IDENTIFYING"}
    made.discard()
    window.place.desk.actor = as_role("SUPERVISOR").actor
    made = ReferDialog(window.place, case_id, parent=window)
    made.open()
    made.form.put("to_agency", agency(window.place.desk, "Polrestabes"))
    made.form.put("consent_id", None)
    made.form.put("override_ground", "LAW")
    made.form.put("override", "Wajib lapor 24 jam.")
    made.form.put("reason", "POLICE_24H")
    assert set(made.form.values()["tiers"]) == {"OPEN", "CASE", "IDENTIFYING"}
    assert_accessible(made)
    made.send()
    qtbot.waitUntil(lambda: bool(sharing.overrides(window.place.desk)))
    view = window.go("referrals", target="outbox")
    assert isinstance(view, ReferralsView)
    press(view, _("Shared without consent…"))
    [found] = window.findChildren(OverridesDialog)
    qtbot.waitUntil(lambda: "Wajib lapor 24 jam." in words_in(found))
    assert_accessible(found)
    found.accept()


def test_a_case_is_offered_and_taken_back_on_the_screen(
    window: WorkspaceWindow, case_id: str, as_role: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = window.place.desk
    desk.actor = as_role("SUPERVISOR").actor
    other = next(office.id for office in transfers.offices(desk))
    dialog = hand_over(window.place, case_id, owner=window)
    dialog.restore({"to_office": other, "reason": "MOVED", "message": "Ia pulang ke keluarganya."})
    assert_accessible(dialog)
    dialog.save()
    qtbot.waitUntil(lambda: len(transfers.outgoing(desk)) == 1)
    view = window.go("referrals", target="outbox")
    assert isinstance(view, ReferralsView)
    qtbot.waitUntil(lambda: "Ia pulang" in words_in(view.transfers))
    assert_accessible(view)
    press(view.transfers, _("Withdraw the offer…"))
    [note] = window.findChildren(FormDialog)
    note.save()
    qtbot.waitUntil(lambda: not view.transfers.isVisible())
    assert transfers.outgoing(desk)[0].state == "WITHDRAWN"
