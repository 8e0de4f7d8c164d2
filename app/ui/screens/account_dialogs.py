"""Passwords and workers: the dialogs behind the settings."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from app.i18n import _
from app.models.permission import CLEARED_BY_DEFAULT
from app.services.users import add_user, change_password
from app.ui import theme
from app.ui.form_tools import choices
from app.ui.screens.deed_dialog import DeedDialog
from app.ui.screens.new_password import NewPassword
from app.ui.widgets.basics import text
from app.ui.widgets.password import PasswordField
from app.ui.workplace import Workplace


class ChangePassword(DeedDialog):
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


class NewUser(DeedDialog):
    """One more worker who may open this workspace."""

    def __init__(self, place: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(place, title=_("Add a worker"), action=_("Add"), parent=parent)
        self.name, self.login, self.role = QLineEdit(), QLineEdit(), QComboBox()
        for code, words in choices("role"):
            self.role.addItem(words, code)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        fields = ((_("Name"), self.name), (_("Sign-in name"), self.login), (_("Role"), self.role))
        for at, (label, widget) in enumerate(fields):
            name = text(label, role="label")
            name.setBuddy(widget)
            widget.setAccessibleName(label)
            grid.addWidget(name, at // 2 * 2, at % 2)
            grid.addWidget(widget, at // 2 * 2 + 1, at % 2)
        self.body.addLayout(grid)
        self.cleared = QCheckBox(_("May read sealed values: health, disability, where a shelter is"))
        self.body.addWidget(self.cleared)
        if not place.workspace.cleared:
            self.cleared.setEnabled(False)
            words = _("You may not read sealed values yourself, so you cannot let others read them.")
            self.body.addWidget(text(words, role="small", wrap=True))
        self.password = NewPassword()
        self.body.addWidget(self.password)
        words = _("Hand the password over in person: after this nobody sees it again. They change it in Settings.")
        self.body.addWidget(text(words, role="small", wrap=True))
        self.role.currentIndexChanged.connect(lambda _at: self._propose())
        self._propose()
        self.setMinimumWidth(theme.px(560))

    def save(self) -> None:
        """Add them."""
        login = self.login.text().strip()
        self.say("")
        if not self.password.is_good(login=login):
            return
        desk, workspace, password = self.place.desk, self.place.workspace, self.password.value()
        name, role = self.name.text().strip(), str(self.role.currentData())
        cleared = self.cleared.isChecked() if self.cleared.isEnabled() else None
        self.do(
            lambda: add_user(desk, workspace, login=login, name=name, role=role, password=password, cleared=cleared),
            said=_("{name} may sign in now.").format(name=name),
        )

    def _propose(self) -> None:
        """Who works on cases usually needs what is sealed; who manages users does not."""
        self.cleared.setChecked(self.cleared.isEnabled() and self.role.currentData() in CLEARED_BY_DEFAULT)
