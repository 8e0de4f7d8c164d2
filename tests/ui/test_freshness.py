"""The band over data that may be older than known, and the anchor that follows every save."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.context import Context
from app.services import cases
from app.ui.application import SCREENS
from app.ui.screens.accept_older import AcceptOlder
from app.ui.widgets.feedback import Banner
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, words_in
from tests.worlds import PASSWORD


def test_a_save_is_anchored_without_anybody_asking(qtbot: Any, window: WorkspaceWindow, case_id: str) -> None:
    workspace = window.place.workspace
    assert workspace.unanchored
    window._anchoring.timeout.emit()  # two seconds later
    qtbot.waitUntil(lambda: window.jobs.idle)
    assert not workspace.unanchored
    cases.close_case(window.place.desk, case_id, reason="GOALS_MET")
    assert workspace.unanchored
    assert window._anchoring.isActive() and window._anchoring.interval() < 5_000


def test_older_data_stands_under_a_band(qtbot: Any, context: Context, case_id: str, vault: Vault, clock: Clock) -> None:
    directory, stale = context.workspace.directory, context.workspace.database
    context.workspace.close()
    older = stale.read_bytes()
    with vault.unlock(directory, login="siti", password=PASSWORD, now=clock) as again:
        context.desk.engine = again.engine
        cases.close_case(context.desk, case_id, reason="GOALS_MET")
    stale.write_bytes(older)
    with vault.unlock(directory, login="siti", password=PASSWORD, now=clock) as opened:
        context.workspace, context.desk.engine = opened, opened.engine
        made = WorkspaceWindow(context, screens=SCREENS)
        qtbot.addWidget(made)
        made.show()
        qtbot.waitUntil(lambda: made.jobs.idle)
        assert opened.stale and opened.stale in words_in(made)
        assert not made.findChildren(AcceptOlder) and "Terima" not in words_in(made), "a social worker may not"
        context.desk.actor = replace(context.desk.actor, role="SUPERVISOR")
        made._choose_band()
        made.ask_to_accept()
        dialog = made.findChild(AcceptOlder)
        assert dialog is not None
        assert_accessible(dialog)
        dialog.save()
        qtbot.waitUntil(lambda: made.jobs.idle)
        assert opened.stale and dialog.said.isVisible(), "not without a reason"
        dialog.reason.setText("disk diganti")
        with qtbot.waitSignal(dialog.done_well):
            dialog.save()
        qtbot.waitUntil(lambda: made.jobs.idle)
        assert opened.stale == ""
        assert not made.findChildren(Banner) or opened.stale not in words_in(made).splitlines()
        made.end()
