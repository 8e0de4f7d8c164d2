"""The queue of conflicts: both sides are seen, one of three is chosen, what was chosen can be taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app import i18n
from app.i18n import _
from app.models.conflict import Conflict
from app.models.journal import Journal
from app.services import conflicts, disputes
from app.services.case_page import open_page
from app.services.conflicts import KEPT, OTHER
from app.services.desk import Desk
from app.ui.screens.conflicts import SETTLED, WAITING, ConflictsView, Resolver
from app.ui.widgets.differing import marked
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible

Meet = Callable[..., str]


@pytest.fixture
def meet(desk: Desk, case_id: str) -> Meet:
    """Two laptops wrote the same field of the case; the centre told of it."""

    def met(field: str, kept: Any, other: Any) -> str:
        with Session(desk.engine) as session:
            session.info["journal"] = Journal(desk.actor, desk.now, applying=True)
            made = Conflict(
                case_id=case_id, about_kind="case", about_id=case_id, about_field=field, kept=json.dumps(kept),
                kept_by="Ratna", kept_at=desk.now(), other=json.dumps(other), other_by="Siti", other_at=desk.now(),
                made_at=desk.now(),
            )  # fmt: skip
            session.add(made)
            session.commit()
            return made.id

    return met


@pytest.fixture
def view(window: WorkspaceWindow, qtbot: QtBot) -> Callable[[str], ConflictsView]:
    """The screen, before the conflicts over this record."""

    def shown(record: str) -> ConflictsView:
        made = window.go("conflicts", target=record)
        assert isinstance(made, ConflictsView)
        window.show()
        qtbot.waitUntil(lambda: made.resolver is not None)
        return made

    return shown


def resolver(view: ConflictsView) -> Resolver:
    assert view.resolver is not None
    return view.resolver


@pytest.mark.parametrize(
    ("side", "stands", "settled"), [(OTHER, "LOW", "OTHER"), (KEPT, "HIGH", "KEPT"), ("MEDIUM", "MEDIUM", "EDITED")]
)
def test_a_side_or_a_third_value_is_chosen(
    view: Callable[[str], ConflictsView], meet: Meet, desk: Desk, case_id: str, qtbot: QtBot, side: str, stands: str,
    settled: str,
) -> None:  # fmt: skip
    meet("risk", "HIGH", "LOW")
    shown = resolver(view(case_id))
    [field] = shown.fields
    assert not shown.settle_button.isEnabled()
    if side in (OTHER, KEPT):
        (field.other if side == OTHER else field.kept).click()
    else:
        assert field.editor is not None
        field.editor.set_value(side)
        field.editor.committed.emit()
        assert not field.other.isChecked() and not field.kept.isChecked()
    shown.settle()
    qtbot.waitUntil(lambda: disputes.queue(desk) == ())
    assert open_page(desk, case_id).case["risk"] == stands
    [[entry]] = [dispute.entries for dispute in disputes.queue(desk, settled=True)]
    assert (entry["settled"], entry["settled_by"]) == (settled, desk.actor.name)


def test_what_is_written_like_one_side_is_that_side(
    view: Callable[[str], ConflictsView], meet: Meet, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    meet("risk", "HIGH", "LOW")
    [field] = resolver(view(case_id)).fields
    assert field.editor is not None
    field.editor.set_value("LOW")
    field.editor.committed.emit()
    answer = field.answer()
    assert field.other.isChecked() and answer is not None and answer.choice == OTHER


def test_fields_without_a_choice_go_on_waiting_and_undo_brings_all_back(
    view: Callable[[str], ConflictsView], window: WorkspaceWindow, meet: Meet, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    meet("risk", "HIGH", "LOW")
    meet("transit", "Batam", "Dumai")
    before = open_page(desk, case_id).case["risk"]
    shown = resolver(view(case_id))
    shown.fields[0].pick(OTHER)
    assert "1" in shown.settle_button.text() and "2" in shown.settle_button.text()
    shown.settle()
    qtbot.waitUntil(lambda: [len(d.entries) for d in disputes.queue(desk)] == [1])
    qtbot.waitUntil(window.toast.undo_button.isVisible)
    window.toast.undo_button.click()
    qtbot.waitUntil(lambda: [len(d.entries) for d in disputes.queue(desk)] == [2])
    assert open_page(desk, case_id).case["risk"] == before


def test_it_goes_by_keyboard_alone(
    view: Callable[[str], ConflictsView], meet: Meet, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    meet("risk", "HIGH", "LOW")
    made = view(case_id)
    assert_accessible(made)
    made.table.setFocus()
    QTest.keyClick(made.table, Qt.Key.Key_Return)
    [field] = resolver(made).fields
    qtbot.waitUntil(resolver(made).isVisible)
    for key, side in ((Qt.Key.Key_Right, field.kept), (Qt.Key.Key_Left, field.other)):
        QTest.keyClick(field.other, key, Qt.KeyboardModifier.AltModifier)
        assert side.isChecked()
    assert made.window().focusWidget() is field.other
    QTest.keyClick(field.other, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: disputes.queue(desk) == ())
    qtbot.waitUntil(lambda: made.resolver is None)
    assert made.window().focusWidget() is made.table, "the keyboard stays with the queue"


def test_what_was_settled_is_shown_and_chosen_again(
    view: Callable[[str], ConflictsView], meet: Meet, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    conflict = meet("risk", "HIGH", "LOW")
    made = view(case_id)
    resolver(made).fields[0].pick(KEPT)
    resolver(made).settle()
    qtbot.waitUntil(lambda: disputes.queue(desk) == ())
    made.which.setCurrentIndex(SETTLED)

    def shown() -> list[QPushButton]:
        return [button for button in made.below.findChildren(QPushButton) if button.isVisible()]

    qtbot.waitUntil(lambda: made.resolver is None and len(shown()) == 1)
    [again] = shown()
    again.click()
    qtbot.waitUntil(lambda: [d.entries[0].id for d in disputes.queue(desk)] == [conflict])
    qtbot.waitUntil(lambda: made.which.currentIndex() == WAITING and made.resolver is not None)


def test_chosen_again_the_value_the_centre_had_is_still_offered(
    view: Callable[[str], ConflictsView], meet: Meet, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    conflict = meet("risk", "HIGH", "LOW")
    conflicts.settle(desk, conflict, OTHER)
    conflicts.reopen(desk, conflict)
    [field] = resolver(view(case_id)).fields
    assert field.editor is not None
    field.pick(KEPT)
    assert field.editor.value() == "HIGH"
    answer = field.answer()
    assert answer is not None
    conflicts.settle_all(desk, {conflict: answer})
    assert open_page(desk, case_id).case["risk"] == "HIGH"


def test_news_of_something_else_does_not_wipe_a_choice_away(
    view: Callable[[str], ConflictsView], meet: Meet, desk: Desk, case_id: str, qtbot: QtBot
) -> None:
    meet("risk", "HIGH", "LOW")
    made = view(case_id)
    chosen = resolver(made)
    chosen.fields[0].pick(OTHER)
    done: list[None] = []
    made.reload()
    made.place.load(lambda: None, owner=made, then=done.append)  # behind it, on the same lane
    qtbot.waitUntil(lambda: bool(done))
    assert made.resolver is chosen and chosen.is_touched


def test_the_sidebar_counts_records_over_which_people_differ(
    window: WorkspaceWindow, meet: Meet, desk: Desk, qtbot: QtBot
) -> None:
    meet("risk", "HIGH", "LOW")
    meet("transit", "Batam", "Dumai")
    assert disputes.count(desk) == 1
    window.count()
    buttons = window.sidebar.findChildren(QAbstractButton)
    place = next(button for button in buttons if button.accessibleName().startswith(_("Conflicts")))
    qtbot.waitUntil(lambda: "1" in place.accessibleName())


def test_words_that_differ_stand_out_and_markup_stays_text() -> None:
    i18n.use("en", "WIB")
    shown = marked("She left <b>Batam</b> on Monday by ship", "She left <b>Batam</b> on Tuesday by ship")
    assert shown == "She left &lt;b&gt;Batam&lt;/b&gt; on <b><u>Monday </u></b>by ship"
    assert marked("LOW", "HIGH") == "LOW"
    assert "<u>" not in marked("one two three four five", "six seven eight nine ten")
