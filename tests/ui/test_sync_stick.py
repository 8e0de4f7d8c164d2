"""The sync by stick from the panel: a file for the centre, its answer, and what is confirmed and what is not yet."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from app.central.bundle import take as take_at_centre
from app.i18n import _
from app.ui.screens.sync import SyncView
from app.ui.screens.sync_stick import SyncStick
from app.ui.workspace_window import WorkspaceWindow
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.sync.sticks import at
from tests.ui.conftest import assert_accessible, press, words_in
from tests.ui.test_sync_panel import enrolled, laptop, link, states, view, window

__all__ = ["centre", "enrolled", "laptop", "link", "postgres", "view", "window"]


def test_by_stick_nothing_counts_as_arrived_before_the_answer(
    window: WorkspaceWindow, view: SyncView, centre: CentreUnderTest, clock: Clock, tmp_path: Path, qtbot: QtBot
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    press(view, _("By stick…"))
    [dialog] = window.findChildren(SyncStick)
    qtbot.waitUntil(lambda: _("No file is on its way.") in words_in(dialog))
    assert_accessible(dialog)
    dialog.read(stick)
    qtbot.waitUntil(lambda: dialog.said.isVisibleTo(dialog))  # there is no answer yet, which is said
    dialog.make(stick)
    qtbot.waitUntil(lambda: _("Not confirmed yet") in words_in(dialog))
    [made] = stick.iterdir()
    assert made.name in words_in(dialog)
    assert "proven" not in states(view)
    clock.forward(hours=1)
    with at(centre) as opened:
        assert [taken.problem for taken in take_at_centre(opened, stick)] == [""]
    assert "proven" not in states(view), "the centre has it, but nobody here knows"
    with qtbot.waitSignal(dialog.took_in, timeout=20_000) as took:
        dialog.read(stick)
    assert took.args[0].green
    qtbot.waitUntil(lambda: _("No file is on its way.") in words_in(dialog))
    assert dialog.told.property("tone") == "good"
    qtbot.waitUntil(lambda: "proven" in states(view))
    assert states(view) <= {"proven", "only_here"}, "keys that could be given only now wait for the next way"
    assert view.card.said.property("tone") == "good"
    dialog.reject()
