"""People in the settings: who may come in, who reads what is sealed, who goes, and what becomes of their work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.services import drafts, users
from app.services.desk import Desk
from app.ui.screens.account_dialogs import NewUser
from app.ui.screens.deed_dialog import Confirm
from app.ui.screens.people import PeopleView
from app.ui.screens.people_deeds import HandOver
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Workspace
from tests.ui.conftest import assert_accessible, press, words_in

LONG = 20_000  # ms: everything is encrypted anew
WORDS = "lautan tenang di sore hari"


@pytest.fixture
def view(window: WorkspaceWindow, workspace: Workspace, as_role: Callable[[str], Desk], qtbot: QtBot) -> PeopleView:
    """The people as Siti, a supervisor now, sees them: herself, and Dewi who has begun a note."""
    siti = replace(as_role("SUPERVISOR").actor, user=workspace.user.id, name="Siti Rahma")
    desk = window.place.context.desk
    desk.actor = siti
    dewi = users.add_user(
        desk, workspace, login="dewi", name="Dewi", role="SOCIAL_WORKER", password=WORDS, cleared=False
    )
    drafts.save(Desk(desk.engine, replace(siti, user=dewi.id, role="SOCIAL_WORKER"), desk.now), "case:note", {"a": 1})
    found = window.go("people")
    assert isinstance(found, PeopleView)
    qtbot.waitUntil(lambda: window.jobs.idle and found.model.rowCount() == 2)
    assert found.table.choose(dewi.id)
    return found


def asked(view: PeopleView) -> Confirm:
    return next(d for d in view.window().findChildren(Confirm) if d.isVisible())


def test_reading_sealed_values_is_given_and_taken_away(view: PeopleView, workspace: Workspace, qtbot: QtBot) -> None:
    press(view.detail, _("Let them read sealed values…"))
    assert_accessible(asked(view))
    with qtbot.waitSignal(asked(view).done_well, timeout=LONG):
        press(asked(view), _("Let them read"))
    assert {user.login: user.cleared for user in workspace.users()} == {"siti": True, "dewi": True}
    qtbot.waitUntil(lambda: (worker := view.chosen()) is not None and worker.cleared)
    press(view.detail, _("Let them read sealed values no more…"))
    dialog = asked(view)
    with qtbot.waitSignal(dialog.done_well, timeout=LONG):
        press(dialog, _("Take it away"))
        assert dialog.line.isVisible() and not dialog.cancel.isEnabled()
        dialog.reject()
        assert dialog.isVisible()  # it stays until everything is encrypted anew
    assert {user.login: user.cleared for user in workspace.users()} == {"siti": True, "dewi": False}


def test_who_is_removed_leaves_work_that_a_colleague_takes_over(
    view: PeopleView, window: WorkspaceWindow, workspace: Workspace, qtbot: QtBot
) -> None:
    press(view.detail, _("Remove…"))
    with qtbot.waitSignal(asked(view).done_well, timeout=LONG):
        press(asked(view), _("Remove"))
    assert [user.login for user in workspace.users()] == ["siti"]
    qtbot.waitUntil(lambda: (worker := view.chosen()) is not None and not worker.may_sign_in)
    qtbot.waitUntil(lambda: _("Hand over…") in words_in(view.detail))
    assert _("Remove…") not in words_in(view.detail)
    press(view.detail, _("Hand over…"))
    dialog = window.findChild(HandOver)
    assert dialog is not None and [dialog.to.itemText(at) for at in range(dialog.to.count())] == ["Siti Rahma"]
    assert_accessible(dialog)
    with qtbot.waitSignal(dialog.done_well, timeout=LONG):
        dialog.save()
    assert [draft.content for draft in drafts.mine(window.place.desk)] == [{"a": 1}]
    qtbot.waitUntil(lambda: view.model.rowCount() == 1)


def test_a_refusal_is_said_in_the_dialog_and_changes_nothing(
    view: PeopleView, window: WorkspaceWindow, workspace: Workspace, qtbot: QtBot
) -> None:
    press(view.detail, _("Remove…"))
    window.place.context.desk.actor = replace(window.place.desk.actor, role="SOCIAL_WORKER")
    dialog = asked(view)
    dialog.save()
    qtbot.waitUntil(lambda: bool(dialog.said.text()))
    assert dialog.button.isEnabled() and len(workspace.users()) == 2
    dialog.reject()


def test_nobody_removes_or_clears_themselves(view: PeopleView, workspace: Workspace) -> None:
    view.table.choose(workspace.user.id)
    said = words_in(view.detail)
    assert _("Remove…") not in said and _("Let them read sealed values no more…") not in said
    assert_accessible(view)


def test_clearance_is_proposed_by_the_role(view: PeopleView, window: WorkspaceWindow, qtbot: QtBot) -> None:
    view.add()
    dialog = window.findChild(NewUser)
    assert dialog is not None
    dialog.role.setCurrentIndex(dialog.role.findData("SOCIAL_WORKER"))
    assert dialog.cleared.isChecked()
    dialog.role.setCurrentIndex(dialog.role.findData("ADMIN"))
    assert not dialog.cleared.isChecked()
    QTest.keyClicks(dialog.name, "Agus")
    QTest.keyClicks(dialog.login, "agus")
    dialog.password.generate()
    with qtbot.waitSignal(dialog.done_well, timeout=LONG):
        dialog.save()
    qtbot.waitUntil(lambda: view.model.rowCount() == 3)
    assert not next(w for w in view.source.items.values() if w.login == "agus").cleared


def test_the_dialog_is_as_high_as_its_fields_and_begins_at_the_first(
    view: PeopleView, window: WorkspaceWindow, qtbot: QtBot
) -> None:
    view.add()
    dialog = window.findChild(NewUser)
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible)
    for field in (dialog.name, dialog.login, dialog.password.first.line, dialog.password.second.line):
        assert field.height() >= field.minimumSizeHint().height()
    assert dialog.focusWidget() is dialog.name
    dialog.reject()


def test_who_manages_nobody_sees_nobody(window: WorkspaceWindow, qtbot: QtBot) -> None:
    view = window.go("people")
    assert isinstance(view, PeopleView)
    qtbot.waitUntil(lambda: window.jobs.idle)
    assert view.model.rowCount() == 0 and not view.add_button.isVisible() and view.table.empty
