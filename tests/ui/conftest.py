"""What every screen test stands on: the theme, silence from Qt, nothing left behind, a name on every control."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QScrollArea, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from app import i18n
from app.context import Context
from app.services.desk import Desk
from app.ui import theme
from app.ui.application import SCREENS
from app.ui.jobs import Jobs
from app.ui.screens.recovery import RecoveryView
from app.ui.widgets.basics import Chip
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Workspace
from tests.conftest import Clock
from tests.keystores import store
from tests.worlds import as_role, case_id, desk, vault, workspace

__all__ = ["as_role", "case_id", "desk", "store", "vault", "workspace"]

_QUIET = {QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg}
_OFFSCREEN = "This plugin does not support"  # the screenless platform says so for raise() and grabs; it is not ours


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return QApplication


@pytest.fixture(autouse=True)
def _indonesian() -> Iterator[None]:
    i18n.use("id", "WIB")
    yield
    i18n.use("id", "WIB")


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp)
    yield
    if theme.current() != theme.Theme():
        theme.apply(qapp)


@pytest.fixture(scope="module", autouse=True)
def _the_past_is_not_searched() -> None:
    """What earlier files of this run left in memory is not looked through again at the end of every test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_left(qapp: QApplication) -> Iterator[None]:
    """Fail on any Qt warning and on any window, running timer or thread that outlives the test."""
    said: list[str] = []
    before = {shiboken6.getCppPointer(w)[0] for w in QApplication.topLevelWidgets()}
    threads = set(threading.enumerate())

    def hear(kind: QtMsgType, _context: object, text: str) -> None:
        if kind not in _QUIET and not text.startswith(_OFFSCREEN):
            said.append(text)

    old = qInstallMessageHandler(hear)
    yield
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qInstallMessageHandler(old)
    assert not said, f"Qt warned: {said}"
    windows = [w for w in QApplication.topLevelWidgets() if shiboken6.getCppPointer(w)[0] not in before]
    assert not windows, f"left open: {windows}; give it to qtbot.addWidget"
    assert set(threading.enumerate()) <= threads, "a thread outlived the test: call Jobs.shutdown()"
    timers = [t for t in gc.get_objects() if type(t) is QTimer and shiboken6.isValid(t) and t.isActive()]
    assert not timers, f"a timer runs on: {[t.parent() for t in timers]}"


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[Jobs]:
    """Real jobs, joined at the end."""
    made = Jobs()
    yield made
    made.shutdown()
    made.deleteLater()


@pytest.fixture
def recovery_view(window: WorkspaceWindow, workspace: Workspace, as_role: Callable[[str], Desk]) -> RecoveryView:
    """The screen of recovery, before a supervisor."""
    desk = window.place.context.desk
    desk.actor = replace(as_role("SUPERVISOR").actor, user=workspace.user.id)
    found = window.go("recovery")
    assert isinstance(found, RecoveryView)
    return found


def focusable(window: QWidget) -> list[QWidget]:
    """Every control of a window that a person can reach by Tab or click."""
    found = [window, *window.findChildren(QWidget)]
    return [
        w
        for w in found
        if w.focusPolicy() != Qt.FocusPolicy.NoFocus
        and w.focusProxy() is None
        and not w.objectName().startswith("qt_")
        and not isinstance(w, QScrollArea | QTabBar)
        and not (w.parent() is not None and w.parent().focusProxy() is w and w.parent().accessibleName())
        and w.metaObject().className() not in {"QComboBoxListView", "QComboBoxPrivateContainer", "QTableCornerButton"}
    ]


def assert_accessible(window: QWidget) -> None:
    """Every focusable control has an accessible name; a button's text counts, as screen readers read it."""
    nameless = [
        f"{type(w).__name__} in {type(w.parent()).__name__}"
        for w in focusable(window)
        if not w.accessibleName() and not (isinstance(w, QAbstractButton) and w.text()) and not _buddy(w)
    ]
    assert not nameless, f"no accessible name: {nameless}"


def _buddy(widget: QWidget) -> bool:
    return any(label.buddy() is widget and label.text() for label in widget.window().findChildren(QLabel))


@pytest.fixture
def context(workspace: Workspace, desk: Desk, clock: Clock) -> Context:
    """An unlocked workspace as the program passes it around; the office and its directory are there."""
    return Context(workspace, desk, clock)


@pytest.fixture
def window(qtbot: QtBot, context: Context) -> Iterator[WorkspaceWindow]:
    """The main window of the workspace, with every screen, when it has read what it shows first."""
    made = WorkspaceWindow(context, screens=SCREENS)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    assert [type(w) for w in QApplication.topLevelWidgets() if w.isVisible()] == [WorkspaceWindow]
    qtbot.waitUntil(lambda: made.jobs.idle)
    yield made
    made.end()


def words_in(widget: QWidget) -> str:
    """Everything a person can read in a widget right now: labels, buttons, fields, lists."""
    QApplication.sendPostedEvents()  # Qt shows what was added to a layout a moment later
    found = [widget.windowTitle()]
    for part in [widget, *widget.findChildren(QWidget)]:
        if part.isVisibleTo(widget):
            told = (getattr(part, name, None) for name in ("text", "toPlainText"))
            found += [str(say()) for say in told if callable(say)]
            found += [part.words] if isinstance(part, Chip) else []
            found += _rows_of(part) if isinstance(part, QAbstractItemView) and part.model() is not None else []
    return "\n".join(words for words in found if words)


def _rows_of(view: QAbstractItemView) -> list[str]:
    model = view.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [str(model.index(row, 0).data(role) or model.index(row, 0).data()) for row in range(model.rowCount())]


def press(widget: QWidget, words: str) -> None:
    """Press the visible button with these words, as Space does."""
    QApplication.sendPostedEvents()
    buttons = [b for b in widget.findChildren(QAbstractButton) if b.isVisibleTo(widget) and words in b.text()]
    assert buttons, f"no button “{words}” in:\n{words_in(widget)}"
    buttons[0].setFocus()
    QTest.keyClick(buttons[0], Qt.Key.Key_Space)
