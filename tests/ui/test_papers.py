"""Which paper is chosen in the dialog, what it hides then, and what comes out of a printer."""

from __future__ import annotations

from pathlib import Path

import pikepdf
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.reports.papers import Paper
from app.reports.preview import page_count, pages_png
from app.services import directory, exports, referrals
from app.services.case_list import CaseQuery
from app.services.case_page import open_page
from app.services.export_choice import key_of
from app.services.export_order import Order
from app.services.intake import take
from app.ui import printing
from app.ui.screens.export import ExportDialog
from app.ui.screens.export_batch import BatchDialog
from app.ui.screens.leaving import refer_case
from app.ui.screens.refer import ReferDialog
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible, words_in
from tests.ui.test_export import dialog, register, saved
from tests.worlds import intake

__all__ = ["dialog"]


def test_a_form_hides_what_it_is_not_asked_for_and_is_registered_as_what_it_is(
    dialog: ExportDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.form.put("paper", key_of(Paper.CONSENT, None))
    qtbot.waitUntil(dialog.save_button.isEnabled)
    for key in ("profile", "format", "recipient", "agency"):
        assert dialog.form.boxes[key].isHidden(), key
    assert dialog.sections.isHidden()
    assert_accessible(dialog)
    assert saved(dialog, tmp_path / "x.pdf", qtbot)
    [entry] = register(dialog.place.desk)
    assert (entry.report, entry.profile) == ("consent_form", "INTERNAL")


def test_after_a_referral_to_paper_its_letter_is_offered(window: WorkspaceWindow, case_id: str, qtbot: QtBot) -> None:
    place = window.place
    refer_case(place, case_id)
    [refer] = window.findChildren(ReferDialog)
    hospital = next(a.id for a in directory.recipients(place.desk) if "RSUD" in a["name"])
    page = open_page(place.desk, case_id)
    referral = referrals.refer(place.desk, case_id, {
        "person_id": page.victims[0].person.id, "to_agency": hospital, "reason": "HEALTH", "urgency": "DAY1",
        "tiers": ("OPEN",), "consent_id": page.consents[0].id,
    }).id  # fmt: skip
    refer.on_paper.emit(referral)
    refer.discard()
    [letter] = window.findChildren(ExportDialog)
    qtbot.waitUntil(lambda: bool(letter.pages._pictures))
    assert letter.form.offer().key == key_of(Paper.LETTER, referral)
    assert _("It holds exactly what the referral shares, and a form for the answer.") in words_in(letter)
    letter.reject()


def test_pages_are_painted_on_any_paper_and_the_print_is_registered(
    dialog: ExportDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    printer = QPrinter(QPrinter.PrinterMode.ScreenResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)  # a printer of the test's own
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    made = exports.preview(dialog.place.desk, dialog.case_id, Order(profile="INTERNAL"))
    desk = dialog.place.desk
    dialog.print_on(printer)
    qtbot.waitUntil((tmp_path / "printed.pdf").exists)
    data = (tmp_path / "printed.pdf").read_bytes()
    assert page_count(data) == made.pages
    assert len(next(pages_png(data, dpi=40))) > 1_000  # something stands on it
    [entry] = register(desk)
    assert entry.report == "case_summary.print"
    assert printing.DPI >= 150


def test_a_batch_makes_what_it_may_lists_what_it_may_not_and_cancel_keeps_what_is_made(
    window: WorkspaceWindow, case_id: str, tmp_path: Path, qtbot: QtBot
) -> None:
    desk = window.place.desk
    second = take(desk, intake(consent=None)).id  # nobody agreed to anything there
    batch = BatchDialog(window.place, CaseQuery(), count=2, parent=window)
    batch.open()
    batch.form.put("profile", "COURT")
    batch.form.put("recipient", "PN Bandung")
    assert_accessible(batch)
    batch.write(tmp_path)
    qtbot.waitUntil(batch.done_page.isVisible)
    found = list(tmp_path.glob("naungan-*.pdf"))
    assert len(found) == 1
    [entry] = register(desk)
    assert (entry.record, entry.report, entry.recipient) == (case_id, "case_summary", "PN Bandung")
    with pikepdf.open(found[0], password=batch.done_page.words.text()) as pdf:
        assert len(pdf.pages) >= 1
    [refused] = [one for one in batch.outcomes if one.made is None]
    assert refused.item.case_id == second
    assert refused.item.number in batch.told.toPlainText()
    batch.form.put("profile", "INTERNAL")
    batch.write(tmp_path)
    qtbot.waitUntil(lambda: len(batch.waiting) == 1)
    batch.reject()  # stops, and leaves the dialog open
    qtbot.waitUntil(lambda: len(register(desk)) == 2)
    qtbot.waitUntil(lambda: window.jobs.idle)
    assert len(list(tmp_path.glob("naungan-*.pdf"))) == 2
    batch.reject()
