"""The frame: sidebar, one screen at a time, the keys. It knows no record and no service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.i18n import _
from app.ui import theme
from app.ui.screen import GROUPS, KeepsDraft, Lands, Opens, Refreshes, Screen
from app.ui.shortcuts import COMMANDS, ShortcutSheet, keys_of
from app.ui.urgent_keys import Hidden, UrgentKeys
from app.ui.widgets.feedback import Banner, Toast
from app.ui.widgets.neutral import NeutralWindow
from app.ui.widgets.sidebar import NavItem, Sidebar, SyncView

SMALLEST = (1000, 540)  # a screen of 1024x600 less the frame of the window and the bar of the desktop


class MainWindow(QMainWindow):
    """Shows one screen of a list at a time.

    `commanded(name)` are the keys of shortcuts.COMMANDS; a screen's widget that has a method `on_<name>` gets the
    command first and keeps it. `lock_wanted()` comes after every open draft was saved. Titles carry no name of anybody.
    """

    commanded = Signal(str)
    lock_wanted = Signal()
    went = Signal(str)
    closed = Signal()

    def __init__(self, context: Any, *, screens: Sequence[Screen], office: str = "") -> None:
        super().__init__()
        self._context, self._screens, self._office = context, tuple(screens), office
        self._banner: Callable[[], Banner] | None = None
        self._remembered: dict[str, Callable[[Sidebar], None]] = {}
        self._neutral: NeutralWindow | None = None
        self._hidden: Hidden | None = None
        self.setMinimumSize(*SMALLEST)
        self.resize(1366, 768)
        self._make_shortcuts()
        self._here = ""
        self.rebuild()

    # the frame

    def rebuild(self) -> None:
        """Make everything anew: after a change of language or of font size. Drafts are saved, the place is kept."""
        self.save_drafts()
        self.setWindowTitle("Naungan")
        self._built: dict[str, QWidget] = {}
        listed = [s for s in self._screens if s.section]
        self.sidebar = Sidebar([_place_of(s) for s in listed], office=self._office)
        self.sidebar.chosen.connect(self.go)
        self.sidebar.sync_wanted.connect(lambda: self.command("sync"))
        self._stack = QStackedWidget()
        self._side = QVBoxLayout()
        self._side.setContentsMargins(0, 0, 0, 0)
        self._side.setSpacing(0)
        self._side.addWidget(self._stack, 1)
        body = QWidget()
        theme.mark(body, role="page")
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sidebar)
        layout.addLayout(self._side, 1)
        self.setCentralWidget(body)  # Qt lets go of the one before
        self.toast = Toast(body)
        for show in self._remembered.values():
            show(self.sidebar)
        self.show_banner(self._banner)
        self.go(self._here or (listed[0].name if listed else ""))

    def go(self, name: str, *, target: Any = None) -> QWidget | None:
        """Go to a screen, building it if need be; `target` is handed to its `open`. None for an unknown name."""
        screen = next((s for s in self._screens if s.name == name), None)
        if screen is None:
            return None
        if name not in self._built:
            self._built[name] = screen.build(self._context)
            self._stack.addWidget(self._built[name])
        widget, focus = self._built[name], QApplication.focusWidget()
        self._stack.setCurrentWidget(widget)
        if focus is not None and self._stack.isAncestorOf(focus) and isinstance(widget, Lands):
            widget.landing.setFocus()  # what the place is about, not the way back
        self._here = name
        if screen.section:
            self.sidebar.go(name)
        if target is not None and isinstance(widget, Opens):
            widget.open(target)
        self.went.emit(name)
        return widget

    def current(self) -> QWidget | None:
        """The widget of the screen shown."""
        return self._built.get(self._here)

    def refresh(self, changes: Any) -> None:
        """Tell every screen that was built what was written."""
        for widget in self._built.values():
            if isinstance(widget, Refreshes):
                widget.refresh(changes)

    # what the sidebar and the bands say; remembered over a rebuild

    def set_counter(self, name: str, *, count: int, urgent: bool = False) -> None:
        """What waits at a place of the sidebar."""
        self._tell_sidebar(f"counter {name}", lambda s: s.set_counter(name, count=count, urgent=urgent))

    def show_sync(self, view: Callable[[], SyncView]) -> None:
        """How things stand with the centre; a function, so that it can be said again in another language."""
        self._tell_sidebar("sync", lambda s: s.show_sync(view()))

    def show_user(self, words: Callable[[], tuple[str, str]]) -> None:
        """(who is at the keyboard, when the screen locks by itself)."""

        def show(sidebar: Sidebar) -> None:
            who, lock = words()
            sidebar.show_user(who, lock=lock)

        self._tell_sidebar("user", show)

    def show_banner(self, banner: Callable[[], Banner] | None) -> None:
        """A band above every screen (sample data, read-only); None takes it away."""
        self._banner = banner
        if self._side.count() > 1:
            old = self._side.takeAt(0)
            if old is not None and (gone := old.widget()) is not None:
                gone.deleteLater()
        if banner is not None:
            self._side.insertWidget(0, banner())

    def _tell_sidebar(self, key: str, show: Callable[[Sidebar], None]) -> None:
        self._remembered[key] = show
        show(self.sidebar)

    # keys

    def command(self, name: str) -> None:
        """Do what a key asks: the screen first (its `on_<name>`), then lock, then whoever listens."""
        handler = getattr(self.current(), f"on_{name}", None)
        if handler is not None:
            handler()
        elif name == "lock":
            self.lock()
        else:
            self.commanded.emit(name)

    def lock(self) -> None:
        """Save every open draft, then ask to be locked; no question can stand in the way."""
        try:
            self.save_drafts()
        finally:  # nor can a fault in one of them
            self.lock_wanted.emit()

    def save_drafts(self) -> None:
        """Ask every screen and every dialog that has something open to keep it; one's fault does not harm another's."""
        faults: list[Exception] = []
        for widget in (*getattr(self, "_built", {}).values(), *self.findChildren(QDialog)):
            if isinstance(widget, KeepsDraft):
                try:
                    widget.save_draft()
                except Exception as fault:
                    faults.append(fault)
        if faults:
            raise faults[0]

    def hide_at_once(self) -> None:
        """Show a neutral window in place of this one; the same keys bring it back."""
        if self._neutral is not None:
            return
        self._hidden = Hidden(self)
        self._neutral = NeutralWindow(keys_of("hide"))
        self._neutral.left.connect(self._come_back)
        self._neutral.setGeometry(self.geometry())
        self._neutral.show()
        self.hide()

    def _come_back(self) -> None:
        self.show()
        self.activateWindow()
        if self._hidden is not None:
            self._hidden.show()
        self.uncover()

    def uncover(self) -> None:
        """Take the neutral window away."""
        if self._neutral is not None:
            self._neutral.deleteLater()
        self._neutral = self._hidden = None

    def show_keys(self) -> None:
        """The list of keys."""
        sheet = ShortcutSheet(self)
        sheet.setModal(True)
        sheet.finished.connect(sheet.deleteLater)
        sheet.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.save_drafts()
        self.closed.emit()
        super().closeEvent(event)

    def _make_shortcuts(self) -> None:
        for name in COMMANDS:
            self._bind(keys_of(name), partial(self.command, name))
        self._bind(keys_of("hide"), self.hide_at_once)
        UrgentKeys(self, acts={keys_of("lock"): self.lock, keys_of("hide"): self.hide_at_once})
        self._bind(keys_of("keys"), self.show_keys)
        for number, screen in enumerate([s for s in self._screens if s.section][:9], start=1):
            self._bind(f"Ctrl+{number}", partial(self.go, screen.name))

    def _bind(self, keys: str, act: Callable[[], object]) -> None:
        QShortcut(QKeySequence(keys), self).activated.connect(lambda: act())


def _place_of(screen: Screen) -> NavItem:
    """A line of the sidebar."""
    caption = GROUPS.get(screen.section, "")
    return NavItem(screen.name, _(screen.title), screen.icon, screen.section, _(caption) if caption else "")
