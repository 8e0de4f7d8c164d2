"""Releasing by hand in the export dialog: what is ticked goes along, is shown before, and is named afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.models.local import Export
from app.services import consents, exports
from app.services.desk import Desk
from app.services.export_register import lines
from app.services.intake import take
from app.ui.screens.export import ExportDialog
from app.ui.screens.export_register import whole
from app.ui.workspace_window import WorkspaceWindow
from tests.reports.pdf_reading import read
from tests.ui.conftest import assert_accessible, words_in
from tests.ui.test_export import agency, dialog, register
from tests.worlds import GIRL, intake

__all__ = ["dialog"]

HEALTH = "Jarum luka lama"
NAMES = {"case.summary", "person.disability", "person.health"}


@pytest.fixture
def case_id(desk: Desk) -> str:
    """A girl with something in both sealed fields, and a consent that covers everything."""
    victim = {**GIRL, "health": HEALTH, "disability": ["MENTAL"]}
    tiers = ["OPEN", "CASE", "IDENTIFYING", "NARRATIVE", "SENSITIVE"]
    return take(desk, intake(victim=victim, consent={"purpose": "SHARE", "given_by": "BOTH", "tiers": tiers})).id


def preview(dialog: ExportDialog, case_id: str) -> str:
    """The words of the pages that the dialog shows."""
    return read(exports.preview(dialog.place.desk, case_id, dialog._order(protected=True)).pdf).everything


def for_the_police(dialog: ExportDialog, qtbot: QtBot) -> dict[str, QCheckBox]:
    dialog.form.put("profile", "POLICE")
    dialog.form.put("agency", agency(dialog.place.desk, "Polrestabes"))
    qtbot.waitUntil(lambda: set(dialog.releases.boxes) == NAMES)
    return dialog.releases.boxes


def test_what_is_ticked_is_shown_before_and_named_afterwards(
    dialog: ExportDialog, case_id: str, tmp_path: Path, qtbot: QtBot
) -> None:
    assert dialog.releases.boxes == {} and not dialog.releases.isVisible(), "inside the office nothing is held back"
    boxes = for_the_police(dialog, qtbot)
    assert not any(box.isChecked() for box in boxes.values()) and all(box.isEnabled() for box in boxes.values())
    assert _("Health") in boxes["person.health"].text() and _("Person") in boxes["person.health"].text()
    qtbot.waitUntil(dialog.save_button.isEnabled)
    assert HEALTH not in preview(dialog, case_id)
    boxes["person.health"].setChecked(True)
    assert not dialog.save_button.isEnabled(), "not before it was drawn"
    qtbot.waitUntil(dialog.save_button.isEnabled)
    words = preview(dialog, case_id)
    assert HEALTH in words and "Ditawari" not in words
    assert_accessible(dialog)
    dialog.write(tmp_path / "x.pdf")
    qtbot.waitUntil(dialog.done_page.isVisible)
    assert HEALTH in read((tmp_path / "x.pdf").read_bytes(), password=dialog.done_page.words.text()).everything
    [entry] = register(dialog.place.desk)
    assert isinstance(entry, Export) and entry.consent_id == dialog.form.committed["consent_id"]
    [line] = lines(dialog.place.desk)
    assert line.released == ("person.health",)
    assert f"{_('Released by hand')}: {_('Health')}" in whole(line).splitlines()


def test_a_tick_counts_for_one_recipient_and_one_consent(dialog: ExportDialog, desk: Desk, qtbot: QtBot) -> None:
    for_the_police(dialog, qtbot)["person.health"].setChecked(True)
    dialog.form.put("agency", agency(desk, "RSUD"))
    assert dialog._order(protected=True).released == ()
    qtbot.waitUntil(lambda: set(dialog.releases.boxes) == NAMES)
    assert dialog._order(protected=True).released == ()
    dialog.releases.boxes["person.health"].setChecked(True)
    dialog.form.put("profile", "INTERNAL")
    assert dialog._order(protected=True).released == ()


def test_what_the_consent_does_not_cover_is_not_offered(
    dialog: ExportDialog, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    given = consents.usable(desk, case_id, None)[0]
    consents.withdraw(desk, given.id)
    narrow = {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["CASE", "NARRATIVE"]}
    consents.record_consent(desk, case_id, given["person_id"], narrow)
    dialog.form.put("profile", "POLICE")
    dialog.form.put("agency", agency(desk, "Polrestabes"))
    qtbot.waitUntil(lambda: set(dialog.releases.boxes) == {"case.summary"})


def test_who_is_not_cleared_sees_that_something_is_there_and_why_it_stays(
    window: WorkspaceWindow, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    desk.keyring = None
    made = ExportDialog(window.place, case_id, parent=window)
    made.open()
    boxes = for_the_police(made, qtbot)
    assert {name for name, box in boxes.items() if box.isEnabled()} == {"case.summary"}
    why = _("Sealed values: only somebody who is cleared for sensitive information may release them.")
    assert why in words_in(made)
    assert_accessible(made)
    made.reject()
