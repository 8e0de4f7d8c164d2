"""Tab alone reaches whatever a person can use on any screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.application import SCREENS
from app.ui.workspace_window import WorkspaceWindow

MOST = 120  # Tabs


def can_be_reached(widget: QWidget) -> bool:
    """Whether Tab has to come here: not to what is off, and of radio buttons only to the one that counts."""
    grouped = isinstance(widget, QAbstractButton) and widget.autoExclusive() and not widget.isChecked()
    policy = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(policy) and widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None and not grouped


@pytest.mark.parametrize("name", [screen.name for screen in SCREENS])
def test_tab_reaches_all_of_it(name: str, window: WorkspaceWindow, case_id: str, qtbot: QtBot) -> None:
    page = window.go(name, target=case_id if name == "case" else None)
    if page is None:
        pytest.skip("not a place of this role")
    qtbot.waitUntil(lambda: window.jobs.idle)
    frame = window.centralWidget()
    assert frame is not None
    frame.setFocus()
    reached: set[QWidget] = set()
    for _tab in range(MOST):
        at = QApplication.focusWidget()
        assert at is not None
        QTest.keyClick(at, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        if now in reached and page.isAncestorOf(now):
            break
        reached.add(now)
    left = [widget for widget in page.findChildren(QWidget) if can_be_reached(widget) and widget not in reached]
    assert not left, [(type(widget).__name__, widget.accessibleName()) for widget in left]
