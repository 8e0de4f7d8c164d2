"""Forgotten the password? At the door two people with their recovery keys let somebody in again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from app.errors import KnownError, UserError
from app.i18n import _
from app.services import recovery
from app.services.desk import Clock
from app.services.recovery import Occasion
from app.ui import files, problems, theme
from app.ui.jobs import Jobs
from app.ui.screens.new_password import NewPassword
from app.ui.screens.refer import fit, scrolled
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.feedback import ProgressLine
from app.ui.widgets.password import PasswordField
from app.vault.escrow import Opened, open_inner, open_outer
from app.vault.files import ESCROW
from app.vault.recovery import Newcomer
from app.vault.recovery_key import from_typed
from app.vault.workspace import Vault

ROLE = "SUPERVISOR"  # of whoever comes in: they look after the others from then on


@dataclass(frozen=True)
class Locked:
    """The workspace nobody can open any more, and how it is entered."""

    directory: Path
    now: Clock
    vault: Vault


@dataclass(frozen=True)
class _Keys:
    file: Path
    centre: str
    district: str

    def opened(self) -> Opened:
        """What both keys give; UserError says why they do not."""
        try:
            raw = self.file.read_bytes()
        except OSError:
            raise UserError(_("{file} cannot be read.").format(file=self.file.name)) from None
        if self.centre.strip():
            raw = open_outer(raw, identity=from_typed(self.centre))
        return open_inner(raw, identity=from_typed(self.district))


class RecoverDialog(QDialog):
    """Open it with `open()`; `recovered(login, words)` when somebody may sign in: words are doubts about the data."""

    recovered = Signal(str, str)

    def __init__(self, locked: Locked, *, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._locked, self._jobs, self._file = locked, jobs, locked.directory / ESCROW
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Forgotten the password?"))
        self.district_person, self.centre_person = QLineEdit(), QLineEdit()
        self.name, self.login = QLineEdit(), QLineEdit()
        self.centre_key = PasswordField(_("Recovery key of the centre"))
        self.district_key = PasswordField(_("Recovery key of the district"))
        self.password = NewPassword()
        self.only = QCheckBox(_("Take everybody else's access away (a password was stolen)"))
        self._named, self.said = text("", wrap=True), text("", tone="danger", wrap=True)
        self.said.hide()
        self.line = ProgressLine(_("Opening with both keys…"))
        self.line.hide()
        self.button = button(_("Let in"), kind="primary", clicked=self.recover)
        self.cancel = button(_("Cancel"), clicked=self.reject)
        for one in (self.button, self.cancel):
            one.setAutoDefault(False)
        self._lay_out()
        self._show_file()

    def take(self, file: Path) -> None:
        """This is the sealed file."""
        self._file = file
        self._show_file()

    def recover(self) -> None:
        """Open with both keys, then let the newcomer in; nothing is changed unless everything fits."""
        login, name = self.login.text().strip(), self.name.text().strip()
        if not self.password.is_good(login=login):
            return
        keys = _Keys(self._file, self.centre_key.text(), self.district_key.text())
        newcomer = Newcomer(login, name, ROLE, self.password.value())
        people = (self.district_person.text(), self.centre_person.text())
        occasion, locked = Occasion(newcomer, *people, only=self.only.isChecked()), self._locked
        self._run(True)

        def deed() -> str:
            occasion.check()
            return recovery.recover(
                locked.directory, opened=keys.opened(), occasion=occasion, now=locked.now, vault=locked.vault
            )

        self._jobs.run(
            lambda _progress: deed(), then=lambda doubt: self._done(login, doubt), failed=self._refused, owner=self
        )

    def reject(self) -> None:
        if not self.line.isVisible():
            super().reject()

    def _done(self, login: str, doubt: str) -> None:
        self._run(False)
        for field in (self.centre_key, self.district_key, self.password.first, self.password.second):
            field.clear()
        self.recovered.emit(login, doubt)
        self.accept()

    def _refused(self, error: Exception) -> None:
        self._run(False)
        if isinstance(error, UserError | KnownError):
            found = [words for _key, words in getattr(error, "problems", ()) if words != str(error)]
            self._say("\n".join([problems.sentence(error), *found]))
        else:
            problems.show(self, error)

    def _run(self, running: bool) -> None:
        self.button.setEnabled(not running)
        self.cancel.setEnabled(not running)
        self.line.setVisible(running)
        if running:
            self._say("")
            self.line.show_progress(0)

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def _show_file(self) -> None:
        there = self._file.is_file()
        words = _("Sealed file: {file}").format(file=self._file.name)
        self._named.setText(words if there else _("No recovery keys were set here. Choose the file from a backup."))
        theme.mark(self._named, tone="" if there else "warn")

    def _lay_out(self) -> None:
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, theme.px(16), pad, theme.px(14))
        layout.setSpacing(theme.px(10))
        layout.addWidget(text(_("Forgotten the password?"), role="heading"))
        layout.addWidget(scrolled(self._form()), 1)
        layout.addWidget(self.line)
        layout.addWidget(self.said)
        layout.addLayout(row(None, self.cancel, self.button))
        fit(self, width=640, height=680)

    def _form(self) -> QWidget:
        form = QWidget()
        inside = QVBoxLayout(form)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(10))
        colleague = _("Is there a colleague who can still sign in? They can remove you and add you again under People, "
                      "and nothing of this is needed.")  # fmt: skip
        explain = _(
            "Nobody knows your password, and there is no other door. But two people together can let somebody "
            "in: one brings the district's recovery sheet, one the centre's. It is written into the audit."
        )
        choose = button(_("Choose another file…"), clicked=self._choose)
        choose.setAutoDefault(False)
        centre = _("If the centre has opened its lock on its own computer, choose the file it gave and leave the "
                   "centre's key empty.")  # fmt: skip
        file_line = row(self._named, choose)
        file_line.setStretch(0, 1)
        inside.addWidget(text(explain, wrap=True))
        inside.addWidget(text(colleague, role="muted", wrap=True))
        inside.addLayout(file_line)
        inside.addWidget(text(centre, role="small", wrap=True))
        inside.addLayout(
            _pairs(
                (_("Who brings the centre's key"), self.centre_person),
                (_("Who brings the district's key"), self.district_person),
            )
        )
        for field in (self.centre_key, self.district_key):
            inside.addWidget(field)
        inside.addWidget(text(_("Who comes in"), role="heading"))
        inside.addLayout(_pairs((_("Name"), self.name), (_("New sign-in name"), self.login)))
        inside.addWidget(self.password)
        inside.addWidget(self.only)
        return form

    def _choose(self) -> None:
        files.ask_which(self, self.take, title=_("Sealed file"), kind=f"{_('All files')} (*)")


def _pairs(*fields: tuple[str, QLineEdit]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(12))
    grid.setVerticalSpacing(theme.px(4))
    for at, (label, line) in enumerate(fields):
        caption = text(label, role="label")
        caption.setBuddy(line)
        line.setAccessibleName(label)
        grid.addWidget(caption, 0, at)
        grid.addWidget(line, 1, at)
    return grid
