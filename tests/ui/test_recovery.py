"""Recovery on the screen: made and set by one who may, and at the door two people let somebody in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.services.desk import Desk
from app.services.recovery import paper_key, set_trustees
from app.ui.jobs import Jobs
from app.ui.screens.recover import RecoverDialog
from app.ui.screens.recovery import RecoveryView, SetKeys, SheetDialog
from app.ui.screens.unlock import Door, UnlockScreen
from app.ui.workspace_window import WorkspaceWindow
from app.vault.recovery_key import new_key
from app.vault.workspace import Vault, Workspace
from tests.conftest import Clock
from tests.services.test_recovery import typed
from tests.ui.conftest import assert_accessible, press, words_in

NEW = "sepeda ontel warna merah"
LONG = 20_000  # ms


def test_the_sheet_is_made_shown_and_set_with_the_centres_key(
    recovery_view: RecoveryView, window: WorkspaceWindow, workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    assert recovery_view.said.property("tone") == "danger"
    assert_accessible(recovery_view)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    recovery_view.make()
    sheet = window.findChild(SheetDialog)
    assert sheet is not None
    qtbot.waitUntil(lambda: len(sheet.pages._pictures) == 1, timeout=LONG)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before  # in memory alone
    assert_accessible(sheet)
    assert not sheet.done_button.isEnabled()
    sheet.write(tmp_path / "lembar.pdf")
    assert len(pypdfium2.PdfDocument(tmp_path / "lembar.pdf")) == 1
    sheet.on_paper.setChecked(True)
    sheet.done_button.click()
    assert recovery_view.district.text().startswith("age1")
    recovery_view.centre.setText(new_key().public)
    recovery_view.ask_set()
    dialog = window.findChild(SetKeys)
    assert dialog is not None
    with qtbot.waitSignal(dialog.done_well, timeout=LONG):
        dialog.save()
    assert recovery_view.said.property("tone") == "good" and workspace.escrow is not None
    assert workspace.escrow.district == recovery_view.district.text()
    assert _("The district's sheet was not made on this laptop; make sure somebody has it.") not in words_in(
        recovery_view
    )


def test_one_key_twice_is_refused_in_words(recovery_view: RecoveryView, window: WorkspaceWindow, qtbot: QtBot) -> None:
    same = new_key().public
    recovery_view.district.setText(same)
    recovery_view.centre.setText(same)
    recovery_view.ask_set()
    dialog = window.findChild(SetKeys)
    assert dialog is not None
    dialog.save()
    qtbot.waitUntil(
        lambda: _("The two recovery keys must be kept by two people: they are the same.") in words_in(dialog)
    )
    dialog.reject()


def test_who_may_not_can_only_read(window: WorkspaceWindow) -> None:
    found = window.go("recovery")
    assert isinstance(found, RecoveryView) and not found.make_button.isEnabled() and not found.set_button.isEnabled()


@pytest.fixture
def door(
    workspace: Workspace, vault: Vault, clock: Clock, as_role: Callable[[str], Desk], jobs: Jobs, qtbot: QtBot
) -> tuple[UnlockScreen, str, str]:
    """The door of a workspace whose passwords are lost, and the two keys as they stand on paper."""
    (district, first), (centre, second) = (
        paper_key(holder, office="UPTD PPA", now=clock) for holder in ("district", "centre")
    )
    set_trustees(as_role("SUPERVISOR"), workspace, district=district, centre=centre)
    workspace.close()
    screen = UnlockScreen(Door(workspace.directory, lambda _login, _password: None, clock, vault=vault), jobs=jobs)
    qtbot.addWidget(screen)
    screen.show()
    qtbot.waitExposed(screen)
    return screen, typed(first), typed(second)


def test_two_people_let_somebody_in_at_the_door(
    door: tuple[UnlockScreen, str, str], workspace: Workspace, vault: Vault, clock: Clock, qtbot: QtBot
) -> None:
    screen, district, centre = door
    press(screen, _("Forgotten the password?"))
    dialog = screen.findChild(RecoverDialog)
    assert dialog is not None
    assert_accessible(dialog)
    dialog.name.setText("Dewi")
    dialog.login.setText("dewi")
    dialog.password.first.put(NEW)
    dialog.password.second.put(NEW)
    dialog.district_person.setText("Rina")
    dialog.recover()
    qtbot.waitUntil(lambda: bool(dialog.said.text()))  # one person is not two
    dialog.centre_person.setText("Agus")
    dialog.district_key.put(centre)
    dialog.centre_key.put(district)
    dialog.recover()
    qtbot.waitUntil(lambda: dialog.button.isEnabled() and bool(dialog.said.text()), timeout=LONG)  # the wrong way round
    assert [screen.who.itemData(at) for at in range(screen.who.count())] == ["siti"]
    dialog.district_key.put(district)
    dialog.centre_key.put(centre)
    with qtbot.waitSignal(dialog.recovered, timeout=LONG):
        dialog.recover()
    assert screen.who.currentData() == "dewi" and screen.line.property("tone") == "good"
    vault.unlock(workspace.directory, login="dewi", password=NEW, now=clock).close()
