"""Passwords and workers: the dialogs behind the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from app.errors import KnownError, UserError
from app.i18n import _
from app.services.users import add_user, change_password
from app.ui import problems, theme
from app.ui.form_tools import choices
from app.ui.screens.new_password import NewPassword
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.password import PasswordField
from app.ui.workplace import Workplace


class _Account(QDialog):
    """A few fields, a sentence, two buttons; `done_well()` when the deed is done."""

    done_well = Signal()

    def __init__(self, place: Workplace, *, title: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(10))
        self.said = text("", tone="danger", wrap=True)
        self.said.hide()
        self.button = button(action, kind="primary", clicked=self.save)
        self.button.setAutoDefault(False)
        cancel = button(_("Cancel"), clicked=self.reject)
        cancel.setAutoDefault(False)
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, pad, pad, theme.px(16))
        layout.setSpacing(theme.px(12))
        layout.addWidget(text(title, role="heading"))
        layout.addLayout(self.body)
        layout.addWidget(self.said)
        layout.addLayout(row(None, cancel, self.button))
        self.setMinimumWidth(theme.px(440))

    def save(self) -> None:
        """Do the deed."""

    def say(self, words: str) -> None:
        """A sentence above the buttons."""
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def do(self, deed: Callable[[], Any], *, said: str) -> None:
        """Run it behind the screen: a key takes its time to be worked out."""
        self.button.setEnabled(False)

        def done(_result: Any) -> None:
            self.place.say(said)
            self.done_well.emit()
            self.accept()

        self.place.save(deed, owner=self, then=done, failed=self._refused)

    def _refused(self, error: Exception) -> None:
        self.button.setEnabled(True)
        if isinstance(error, UserError | KnownError):
            self.say(problems.sentence(error))
        else:
            problems.show(self, error)


class ChangePassword(_Account):
    """The old one, the new one twice."""

    def __init__(self, place: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(place, title=_("Change the password"), action=_("Change"), parent=parent)
        self.old = PasswordField(_("Present password"))
        self.new = NewPassword()
        self.body.addWidget(self.old)
        self.body.addWidget(self.new)

    def save(self) -> None:
        """Change it, if the new one may be used."""
        desk, workspace = self.place.desk, self.place.workspace
        self.say("")
        if self.new.is_good(login=workspace.user.login):
            old, new = self.old.text(), self.new.value()
            self.do(lambda: change_password(desk, workspace, old=old, new=new), said=_("The password is changed."))


class NewUser(_Account):
    """One more worker who may open this workspace."""

    def __init__(self, place: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(place, title=_("Add a worker"), action=_("Add"), parent=parent)
        self.name, self.login, self.role = QLineEdit(), QLineEdit(), QComboBox()
        for code, words in choices("role"):
            self.role.addItem(words, code)
        for label, widget in ((_("Name"), self.name), (_("Sign-in name"), self.login), (_("Role"), self.role)):
            name = text(label, role="label")
            name.setBuddy(widget)
            widget.setAccessibleName(label)
            self.body.addWidget(name)
            self.body.addWidget(widget)
        self.password = NewPassword()
        self.body.addWidget(self.password)

    def save(self) -> None:
        """Add them."""
        login = self.login.text().strip()
        self.say("")
        if not self.password.is_good(login=login):
            return
        desk, workspace, password = self.place.desk, self.place.workspace, self.password.value()
        name, role = self.name.text().strip(), str(self.role.currentData())
        self.do(
            lambda: add_user(desk, workspace, login=login, name=name, role=role, password=password),
            said=_("{name} may sign in now.").format(name=name),
        )
