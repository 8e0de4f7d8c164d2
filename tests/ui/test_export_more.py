"""Formats, sections and lists from the screen, and the register of what left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.services import exports
from app.services.exports import Order
from app.ui.screens import case_dialogs
from app.ui.screens.cases import CasesView
from app.ui.screens.export import ExportDialog
from app.ui.screens.export_list import ListExportDialog
from app.ui.screens.export_register import ExportRegisterView
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible, press, words_in
from tests.ui.test_export import dialog, register

__all__ = ["dialog"]


def test_a_sheet_that_can_name_somebody_cannot_be_without_a_password(dialog: ExportDialog) -> None:
    dialog.protect.setChecked(False)
    assert not dialog.save_button.isEnabled(), "not before it was confirmed"
    dialog.form.put("format", "xlsx")
    assert dialog.protect.isChecked()
    assert not dialog.protect.isEnabled()
    assert dialog.save_button.isEnabled()


def test_data_that_names_nobody_may_lie_open_if_that_is_confirmed(
    dialog: ExportDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog.form.put("format", "json")
    dialog.form.put("profile", "STATISTICS")
    dialog.sections.boxes["timeline"].setChecked(False)
    qtbot.waitUntil(dialog.save_button.isEnabled)
    dialog.protect.setChecked(False)
    assert not dialog.save_button.isEnabled()
    dialog.protection.known.setChecked(True)
    assert dialog.save_button.isEnabled()
    assert_accessible(dialog)
    dialog.write(tmp_path / "x.json")
    qtbot.waitUntil(dialog.done_page.isVisible)
    told = json.loads((tmp_path / "x.json").read_bytes())
    assert told["export"]["profile"] == "STATISTICS"
    assert "Sitti" not in json.dumps(told)


def test_a_section_that_is_not_wanted_is_not_in_the_preview_nor_in_the_register(
    dialog: ExportDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    for key in ("victims", "elements", "consents", "timeline", "others"):
        dialog.sections.boxes[key].setChecked(False)
    dialog.write(tmp_path / "x.pdf")
    qtbot.waitUntil(dialog.done_page.isVisible)
    [entry] = register(dialog.place.desk)
    assert "person.name" not in entry.fields
    assert "case.summary" in entry.fields


@pytest.fixture
def listing(window: WorkspaceWindow, case_id: str, qtbot: QtBot) -> ListExportDialog:
    """Reached by the button over the list."""
    view = window.go("cases")
    assert isinstance(view, CasesView)
    qtbot.waitUntil(lambda: view.list.model.rowCount() == 1)
    press(view, _("Export…"))
    [made] = window.findChildren(ListExportDialog)
    return made


def test_the_list_as_statistics_is_written_and_registered(
    listing: ListExportDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    listing.form.put("profile", "STATISTICS")
    listing.form.put("purpose", "rapat")
    listing.protection.protect.setChecked(False)
    listing.protection.known.setChecked(True)
    assert_accessible(listing)
    assert _("Case number") not in words_in(listing)
    listing.write(tmp_path / "x.xlsx")
    qtbot.waitUntil(listing.done_page.isVisible)
    assert (tmp_path / "x.xlsx").read_bytes().startswith(b"PK")
    [entry] = register(listing.place.desk)
    assert (entry.report, entry.purpose) == ("case_list.xlsx", "rapat")
    press(listing.done_page, _("Close"))


def test_cancel_stops_the_work_first(listing: ListExportDialog, tmp_path: Path, qtbot: QtBot) -> None:
    listing.form.put("purpose", "rapat")
    listing.write(tmp_path / "x.xlsx.age")
    listing.reject()
    qtbot.waitUntil(lambda: listing._job is None)
    assert listing.isVisible()
    assert register(listing.place.desk) == []
    assert not (tmp_path / "x.xlsx.age").exists()
    assert listing.save_button.isEnabled()
    listing.reject()
    assert not listing.isVisible()


def test_the_register_shows_who_for_whom_and_which_fields(window: WorkspaceWindow, case_id: str, qtbot: QtBot) -> None:
    view = window.go("exports")
    assert isinstance(view, ExportRegisterView)
    qtbot.waitUntil(lambda: window.jobs.idle)
    made = exports.export_case(
        window.place.desk, case_id, Order(profile="COURT", recipient="PN Bandung", purpose="sidang")
    )
    view.on_refresh()
    qtbot.waitUntil(lambda: view.model.rowCount() == 1)
    words = words_in(view)
    assert [w for w in ("Siti Rahma", "PN Bandung", "sidang", made.sha256, _("Name")) if w not in words] == []
    assert "Sitti" not in words
    assert_accessible(view)


def test_whoever_withdraws_a_consent_reads_where_the_files_are(window: WorkspaceWindow, case_id: str) -> None:
    desk = window.place.desk
    exports.export_case(desk, case_id, Order(profile="COURT", recipient="PN Bandung"))
    from_page = exports.usable_consents(desk, case_id)
    entry = next(c for c in case_dialogs.consents.usable(desk, case_id, None) if c.id == from_page[0])
    assert "PN Bandung" in case_dialogs.withdrawal(desk, entry).note
