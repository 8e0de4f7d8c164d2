"""The enrolment dialog against a real centre: it ends with six words to compare, not with a tick."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app import context as contexts
from app.central import admin
from app.context import NewUser
from app.services.first_run import Beginning
from app.ui.application import SCREENS
from app.ui.screens.enrolment import EnrolDialog
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, words_in
from tests.worlds import PASSWORD

__all__ = ["centre", "postgres"]
LONG = 20_000  # ms: a busy machine


def test_both_ends_read_the_same_six_words(
    tmp_path: Path, vault: Vault, clock: Clock, centre: CentreUnderTest, qtbot: QtBot
) -> None:
    user = NewUser("siti", "Siti Rahma", "SOCIAL_WORKER", PASSWORD)
    beginning = Beginning("UPTD PPA Kota Bandung", "UPTD_PPA", "3273")
    context = contexts.create(tmp_path / "laptop", user=user, beginning=beginning, now=clock, vault=vault)
    window = WorkspaceWindow(context, screens=[screen for screen in SCREENS if screen.name == "settings"])
    qtbot.addWidget(window)
    try:
        dialog = EnrolDialog(window.place, window)
        dialog.open()
        dialog.fields.url.setText(centre.base_url)
        dialog.fields.code.setText(centre.code("A"))
        with qtbot.waitSignal(dialog.enrolled, timeout=LONG):
            dialog.enrol()
        [line] = admin.devices(centre.owner, centre.data_dir)
        assert dialog.isVisible() and line.words in words_in(dialog)
        assert not dialog.fields.isVisible() and not dialog.cancel.isVisible()
        assert_accessible(dialog)
        dialog.button.click()
        settings = window.go("settings")
        assert settings is not None and line.words in words_in(settings)
        qtbot.waitUntil(lambda: window.jobs.idle, timeout=LONG)
    finally:
        window.end()
        context.close()
