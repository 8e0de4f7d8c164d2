"""Whoever signs in finds only the places of their role, and each of those works for them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.context import Context
from app.i18n import _
from app.models.permission import ROLES
from app.ui.application import SCREENS
from app.ui.screens.help import HelpView
from app.ui.workspace_window import WorkspaceWindow

OF_CASES = {"cases", "case", "intake", "referrals", "duplicates", "persons", "tasks", "import"}


@pytest.mark.parametrize("role", list(ROLES))
def test_every_place_of_a_role_opens_without_a_refusal(role: str, context: Context, case_id: str, qtbot: QtBot) -> None:
    context.desk.actor = replace(context.desk.actor, role=role)
    window = WorkspaceWindow(context, screens=SCREENS)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.jobs.idle)
    try:
        opened = set()
        for screen in SCREENS:
            target = case_id if screen.name == "case" else None
            if window.go(screen.name, target=target) is not None:
                opened.add(screen.name)
            qtbot.waitUntil(lambda: window.jobs.idle)
            assert not window.findChildren(QDialog), screen.name
        assert {"home", "sync", "help", "settings"} <= opened
        reads = role not in ("SECRETARY", "ADMIN")
        assert bool(opened & {"cases", "referrals", "persons"}) is reads
    finally:
        window.end()


def test_the_help_holds_the_table_of_the_program(window: WorkspaceWindow) -> None:
    view = window.go("help")
    assert isinstance(view, HelpView)
    view.search.setText("")
    view.show_topics(_("Approve a plan or a closure"))
    assert view.list.count() == 1
    assert _("Share without consent on a ground in law") in view.page.toPlainText()
