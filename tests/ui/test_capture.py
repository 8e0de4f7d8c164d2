"""Pictures of the screen: which calls the system would get for which windows, and what is said where it cannot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.ui.capture import (
    WDA_EXCLUDEFROMCAPTURE,
    WDA_MONITOR,
    WDA_NONE,
    Blocking,
    CaptureBlock,
    WindowsShield,
    capture_block,
    system_shield,
)
from app.ui.screens.capture_card import MEANS, SAID
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import words_in


class Calls:
    """A system that writes down what it is asked; `obeys` are the affinities it knows."""

    def __init__(self, *obeys: int) -> None:
        self.obeys, self.asked = obeys, list[tuple[int, int]]()

    def set_affinity(self, handle: int, affinity: int) -> bool:
        self.asked.append((handle, affinity))
        return affinity in self.obeys

    def now(self, widget: QWidget) -> int | None:
        """The last affinity this window was given and has."""
        found = [a for handle, a in self.asked if handle == int(widget.winId()) and a in self.obeys]
        return found[-1] if found else None


def block(qapp: QApplication, calls: Calls) -> Iterator[CaptureBlock]:
    made = CaptureBlock(qapp, shield=calls)
    yield made
    qapp.removeEventFilter(made)
    made.setParent(None)
    made.deleteLater()


@pytest.fixture
def modern() -> Calls:
    return Calls(WDA_NONE, WDA_MONITOR, WDA_EXCLUDEFROMCAPTURE)


@pytest.fixture
def blocking(qapp: QApplication, modern: Calls) -> Iterator[CaptureBlock]:
    yield from block(qapp, modern)


def test_every_window_that_is_shown_is_covered(blocking: CaptureBlock, modern: Calls, qtbot: QtBot) -> None:
    window, combo = QWidget(), QComboBox()
    combo.addItems(["a", "b"])
    QVBoxLayout(window).addWidget(combo)
    dialog, menu = QDialog(window), QMenu(window)
    menu.addAction("x")
    qtbot.addWidget(window)
    for one in (window, dialog):
        one.show()
    menu.popup(window.pos())
    combo.showPopup()
    shown = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    assert {window, dialog, menu} <= set(shown)
    assert len(shown) >= 4, "the list of the combo box is a window too"
    assert {modern.now(w) for w in shown} == {WDA_EXCLUDEFROMCAPTURE}
    menu.close()
    combo.hidePopup()
    dialog.close()
    assert blocking.state is Blocking.ON


def test_a_control_inside_a_window_is_not_asked_for(blocking: CaptureBlock, modern: Calls, qtbot: QtBot) -> None:
    window = QWidget()
    inside = QWidget(window)
    qtbot.addWidget(window)
    window.show()
    inside.show()
    assert {handle for handle, _a in modern.asked} == {int(window.winId())}


def test_the_switch_counts_for_windows_that_are_open_and_for_new_ones(
    blocking: CaptureBlock, modern: Calls, qtbot: QtBot
) -> None:
    first, second = QWidget(), QWidget()
    qtbot.addWidget(first)
    qtbot.addWidget(second)
    first.show()
    with qtbot.waitSignal(blocking.changed):
        blocking.switch(False)
    second.show()
    assert (modern.now(first), modern.now(second), blocking.state) == (WDA_NONE, WDA_NONE, Blocking.OFF)
    blocking.switch(True)
    assert (modern.now(first), modern.now(second)) == (WDA_EXCLUDEFROMCAPTURE, WDA_EXCLUDEFROMCAPTURE)


def test_an_older_windows_shows_a_black_place(qapp: QApplication, qtbot: QtBot) -> None:
    older = Calls(WDA_NONE, WDA_MONITOR)
    for made in block(qapp, older):
        window = QWidget()
        qtbot.addWidget(window)
        window.show()
        assert older.now(window) == WDA_MONITOR
        assert made.state is Blocking.ON


def test_a_system_that_does_not_obey_is_not_believed(qapp: QApplication, qtbot: QtBot) -> None:
    for made in block(qapp, Calls()):
        window = QWidget()
        qtbot.addWidget(window)
        with qtbot.waitSignal(made.changed):
            window.show()
        assert made.state is Blocking.NOT_HERE


def test_here_it_is_said_that_nothing_is_blocked(window: WorkspaceWindow) -> None:
    assert system_shield() is None
    assert not WindowsShield().set_affinity(1, WDA_EXCLUDEFROMCAPTURE)
    assert capture_block() is capture_block()
    assert capture_block().state is Blocking.NOT_HERE
    assert _(SAID[Blocking.NOT_HERE]) in words_in(window.sidebar)
    window.go("settings")
    assert _(MEANS[Blocking.NOT_HERE]) in words_in(window)
