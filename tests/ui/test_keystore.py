"""The switch for the keystore: offered where two people could let somebody in, refused in words otherwise."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.ui.screens.keystore import KeystoreDialog
from app.ui.screens.recovery import RecoveryView
from app.ui.workspace_window import WorkspaceWindow
from app.vault.escrow import Trustees
from app.vault.recovery_key import new_key
from app.vault.workspace import Workspace
from tests.keystores import FileKeystore
from tests.ui.conftest import assert_accessible, words_in
from tests.worlds import PASSWORD

LONG = 20_000  # ms


def test_it_is_switched_on_and_off_with_the_password(
    recovery_view: RecoveryView, window: WorkspaceWindow, workspace: Workspace, store: FileKeystore, qtbot: QtBot
) -> None:
    card = recovery_view.keystore
    assert not card.button.isEnabled() and card.need.text() in words_in(card)
    workspace.set_trustees(Trustees(new_key().public, new_key().public))
    recovery_view.on_refresh()
    assert card.button.isEnabled() and card.need.isHidden()
    assert_accessible(recovery_view)
    for on in (True, False):
        card.button.click()
        dialog = next(each for each in window.findChildren(KeystoreDialog) if each.isVisible())
        assert_accessible(dialog)
        dialog.password.line.setText("a wrong one")
        dialog.save()
        qtbot.waitUntil(lambda said=dialog.said: bool(said.text()), timeout=LONG)
        dialog.password.line.setText(PASSWORD)
        with qtbot.waitSignal(dialog.done_well, timeout=LONG):
            dialog.save()
        assert workspace.peppered == on and len(store.names) == on
        assert card.state.property("tone") == ("good" if on else "")


def test_a_keystore_that_keeps_nothing_is_said(
    recovery_view: RecoveryView, window: WorkspaceWindow, workspace: Workspace, store: FileKeystore, qtbot: QtBot
) -> None:
    workspace.set_trustees(Trustees(new_key().public, new_key().public))
    store.locked = True
    dialog = KeystoreDialog(window.place, on=True, parent=window)
    dialog.open()
    dialog.password.line.setText(PASSWORD)
    dialog.save()
    qtbot.waitUntil(lambda: bool(dialog.said.text()), timeout=LONG)
    assert not workspace.peppered
    dialog.reject()
