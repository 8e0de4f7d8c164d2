"""The door: who you are, your password, nothing about any case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app import i18n
from app.errors import KnownError, UserError, WorkspaceDamaged, WrongPassword
from app.i18n import _, ngettext
from app.ui import problems, theme
from app.ui.jobs import Jobs
from app.ui.screens.recover import Locked, RecoverDialog
from app.ui.screens.restore_dialog import Restorable, RestoreDialog
from app.ui.widgets.basics import Card, button, row, text
from app.ui.widgets.password import PasswordField
from app.vault.backup import backups
from app.vault.entrance import users, wait_seconds
from app.vault.slot import UserSlot
from app.vault.workspace import Vault

WIDTH = 430


@dataclass(frozen=True)
class Door:
    """Which workspace is opened, and how: `open(login, password)` gives what `opened` carries, off the GUI thread."""

    directory: Path
    open: Callable[[str, str], Any]
    now: Callable[[], Any]
    last: str = ""  # the login of whoever was here last
    vault: Vault = field(default_factory=Vault)
    languages: dict[str, str] = field(default_factory=lambda: dict(i18n.LANGUAGES))


class UnlockScreen(QWidget):
    """`opened(context)` when the password was right; `language_wanted(code)` from the switch at the foot."""

    opened = Signal(object)
    language_wanted = Signal(str)
    restore_ready = Signal(object)  # Backup: what it gave lies beside what is damaged, to take its place
    closed = Signal()

    def __init__(self, door: Door, *, jobs: Jobs) -> None:
        super().__init__()
        self._door, self._jobs, self._left = door, jobs, 0
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        self.setWindowTitle("Naungan")
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumSize(640, 480)
        self.resize(1366, 768)
        self.who = QComboBox()
        self.who.setAccessibleName(_("Who are you?"))
        self.password = PasswordField(_("Password"))
        self.password.entered.connect(self.try_it)
        self.line = text("", wrap=True)
        self.button = button(_("Unlock"), kind="primary", clicked=self.try_it)
        self.restore = button(_("Restore a backup…"), clicked=self.ask_restore)
        self.forgotten = button(_("Forgotten the password?"), kind="quiet", clicked=self.ask_recover)
        self._lay_out()
        self._look_at_workspace()

    def try_it(self) -> None:
        """Try the password; the answer comes when the key has been worked out."""
        login, password = str(self.who.currentData() or ""), self.password.text()
        if not self.button.isEnabled():
            return
        if not password:
            self._say(_("Type your password."), tone="warn")
            self.password.setFocus()
            return
        self._busy(True)
        self._say(_("Opening…"))
        self._jobs.run(
            lambda _progress: self._door.open(login, password), then=self._open, failed=self._refused, owner=self
        )

    def ask_restore(self) -> None:
        """The dialog that makes a workspace from a backup, here or on a stick."""
        directory = self._door.directory
        what = Restorable(directory, backups(directory), self._door.now)
        dialog = RestoreDialog(what, jobs=self._jobs, parent=self)
        dialog.prepared.connect(self.restore_ready)
        dialog.open()

    def say(self, words: str, *, tone: str = "") -> None:
        """A line under the field."""
        self._say(words, tone=tone)

    def ask_recover(self) -> None:
        """Two people with their recovery keys let somebody in."""
        locked = Locked(self._door.directory, self._door.now, self._door.vault)
        dialog = RecoverDialog(locked, jobs=self._jobs, parent=self)
        dialog.recovered.connect(self._recovered)
        dialog.open()

    def _recovered(self, login: str, doubt: str) -> None:
        self._busy(False)
        self._look_at_workspace()
        self.who.setCurrentIndex(max(0, self.who.findData(login)))
        self.say(doubt or _("You may sign in now with the new password."), tone="warn" if doubt else "good")

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()

    def _open(self, context: Any) -> None:
        self.password.clear()
        self.opened.emit(context)

    def _refused(self, error: Exception) -> None:
        self._busy(False)
        self.password.line.selectAll()
        self.password.setFocus()
        if isinstance(error, WrongPassword):
            self._wait(error.wait_seconds, said=str(error))
        elif isinstance(error, UserError | KnownError):
            self._say(self._with_advice(error), tone="danger")
        else:
            self._say("")
            problems.show(self, error)

    def _wait(self, seconds: int, *, said: str = "") -> None:
        """Count down; the button comes back when the next try is allowed."""
        self._left, self._said = seconds, said
        self.button.setEnabled(seconds <= 0)
        if seconds > 0:
            self._timer.start()
        self._tell_wait()

    def _tick(self) -> None:
        self._left = wait_seconds(self._door.directory, now=self._door.now)
        if self._left <= 0:
            self._timer.stop()
            self.button.setEnabled(True)
            self._say("")
            return
        self._tell_wait()

    def _tell_wait(self) -> None:
        if self._left <= 0:
            self._say(self._said, tone="danger")
            return
        n = self._left
        again = ngettext("The next try is possible in {n} second.", "The next try is possible in {n} seconds.", n)
        first = _("This password opens nothing.") if self._said else ""
        self._say(f"{first} {again.format(n=n)}".strip(), tone="danger")

    def _busy(self, busy: bool) -> None:
        self.button.setEnabled(not busy)
        self.password.setEnabled(not busy)
        self.who.setEnabled(not busy)

    def _say(self, words: str, *, tone: str = "") -> None:
        self.line.setText(words)
        self.line.setVisible(bool(words))
        theme.mark(self.line, tone=tone)

    def _with_advice(self, error: Exception) -> str:
        words = problems.sentence(error)
        if isinstance(error, WorkspaceDamaged):
            self.restore.show()
            theme.mark(self.restore, kind="primary")
            theme.mark(self.button, kind="")
        return words

    def _look_at_workspace(self) -> None:
        """Who may come in; whether somebody has to wait; nothing else can be known without a key."""
        found: tuple[UserSlot, ...] = ()
        try:
            found = users(self._door.directory)
        except KnownError as error:
            self._say(self._with_advice(error), tone="danger")
            self._busy(True)
        self.who.clear()
        for user in found:
            self.who.addItem(user.name, user.login)
        self.who.setCurrentIndex(max(0, self.who.findData(self._door.last)))
        self.who.setEnabled(len(found) > 0)
        if found:
            self._wait(wait_seconds(self._door.directory, now=self._door.now))
            self.password.setFocus()

    def _lay_out(self) -> None:
        card = Card()
        card.setFixedWidth(theme.px(WIDTH))
        card.body.setSpacing(theme.px(12))
        card.body.addWidget(text("Naungan", role="title"))
        card.body.addWidget(
            text(_("This laptop is locked. Nothing can be read without a password."), role="muted", wrap=True)
        )
        label = text(_("Who are you?"), role="label")
        label.setBuddy(self.who)
        for part in (label, self.who, self.password, self.line, self.button, self.restore):
            card.body.addWidget(part)
        card.body.addLayout(row(None, self.forgotten, None))
        self.line.hide()
        self.restore.hide()
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card)
        middle.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addLayout(middle)
        layout.addStretch(3)
        layout.addLayout(row(None, *self._languages(), None, gap=4))

    def _languages(self) -> list[QPushButton]:
        made = []
        for code, name in self._door.languages.items():
            one = button(name, kind="quiet", clicked=partial(self.language_wanted.emit, code))
            one.setEnabled(code != i18n.language())
            made.append(one)
        return made
