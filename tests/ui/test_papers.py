"""Which paper is chosen in the dialog, what it hides then, and what comes out of a printer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.reports.papers import Paper
from app.reports.preview import page_count, pages_png
from app.services import directory, exports, referrals
from app.services.case_page import open_page
from app.services.export_choice import key_of
from app.services.export_order import Order
from app.ui import printing
from app.ui.screens.export import ExportDialog
from app.ui.screens.leaving import refer_case
from app.ui.screens.refer import ReferDialog
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible, words_in
from tests.ui.test_export import dialog, register, saved

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
