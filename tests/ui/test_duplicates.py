"""The queue of likely pairs: merged field by field or told apart, and taken back."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.models.matches import canonical
from app.services import duplicates, parties
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.intake import take
from app.ui.screens.duplicates import DuplicatesView
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible
from tests.worlds import GIRL, intake


@pytest.fixture
def pair(desk: Desk, case_id: str) -> tuple[str, str]:
    """A girl who was entered twice."""
    again = take(desk, intake(victim={**GIRL, "name": "Siti Aminah", "village": "Sukamaju"})).id
    ids = [open_page(desk, case).victims[0].person.id for case in (case_id, again)]
    for person in ids:
        parties.change_person(desk, person, {"phone": "+6281234567890"})
    while duplicates.look_further(desk):
        pass
    return ids[0], ids[1]


def test_a_pair_is_merged_and_taken_back_then_told_apart(
    desk: Desk, pair: tuple[str, str], window: WorkspaceWindow, qtbot: QtBot
) -> None:
    view = window.go("duplicates")
    assert isinstance(view, DuplicatesView)
    window.show()
    qtbot.waitUntil(lambda: view.merging is not None)
    assert_accessible(view)
    assert view.merging is not None
    assert {field.field.key for field in view.merging.fields} == {"name", "village"}, "what is the same is hidden"
    name = next(field for field in view.merging.fields if field.field.key == "name")
    assert name.editor.value() == "Sitti Aminah"
    name.pick(1)
    view.merging.merge()
    qtbot.waitUntil(lambda: view.merging is None and not view.source.items)
    with desk.read() as session:
        assert canonical(session, pair[1]) == pair[0]
    qtbot.waitUntil(window.toast.undo_button.isVisible)
    window.toast.undo_button.click()
    qtbot.waitUntil(lambda: _stands(desk, pair[1]) == pair[1])
    while duplicates.look_further(desk):
        pass
    window.go("cases")
    assert window.go("duplicates") is view
    qtbot.waitUntil(lambda: view.merging is not None)
    view.merging.different()
    qtbot.waitUntil(lambda: not view.source.items)
    assert duplicates.waiting(desk) == 0


def _stands(desk: Desk, person: str) -> str:
    with desk.read() as session:
        return canonical(session, person)
