"""Restoring a backup in the place of the workspace: which one, what is lost by it, whose password opens it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QVBoxLayout, QWidget

from app.errors import KnownError, WorkspaceDamaged
from app.i18n import _, format_bytes, format_datetime, format_number, ngettext
from app.services.backups import Losses, openers
from app.ui import files, problems, theme
from app.ui.jobs import Jobs
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.password import PasswordField
from app.vault import restoring
from app.vault.attempts import Clock
from app.vault.backup import Backup, backup_in
from app.vault.keyfile import KeyFile, read_key_file


@dataclass(frozen=True)
class Restorable:
    """What may be restored where. `losses` is None at the door, where nobody can count; `before` is done last."""

    directory: Path
    backups: Sequence[Backup]
    now: Clock
    losses: Callable[[Backup], Losses] | None = None
    before: Callable[[], object] | None = None
    chosen: Backup | None = field(default=None)


class RestoreDialog(QDialog):
    """`prepared(backup)` when all is made and verified, and waits to be put in place once the workspace is closed."""

    prepared = Signal(object)

    def __init__(self, what: Restorable, *, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what, self._jobs, self._backups = what, jobs, list(what.backups)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Restore a backup"))
        self.which, self.who = QComboBox(), QComboBox()
        self.lost, self.said = text("", tone="warn", wrap=True), text("", wrap=True)
        self.password = PasswordField(_("Password"))
        self.password.entered.connect(self.restore)
        self.button = button(_("Restore"), kind="danger", clicked=self.restore)
        self.cancel = button(_("Cancel"), clicked=self.reject)
        self.other = button(_("From another folder…"), clicked=self._choose_folder)
        self._lay_out()
        self._list(what.chosen)
        self.which.currentIndexChanged.connect(lambda _at: self._show())

    def backup(self) -> Backup | None:
        """The chosen one."""
        at = self.which.currentIndex()
        return self._backups[at] if 0 <= at < len(self._backups) else None

    def restore(self) -> None:
        """Make and verify what is to take the workspace's place; nothing of it is touched yet."""
        backup, login, password = self.backup(), str(self.who.currentData() or ""), self.password.text()
        if backup is None or not self.button.isEnabled():
            return
        if not password:
            self.say(_("Type the password."), tone="warn")
            self.password.setFocus()
            return
        what = self._what

        def work() -> None:
            restoring.prepare(backup.path, directory=what.directory, login=login, password=password, now=what.now)
            try:
                with suppress(WorkspaceDamaged):  # what cannot be copied is put aside all the same
                    if what.before is not None:
                        what.before()
            except BaseException:
                restoring.forget_prepared(what.directory)
                raise

        self._busy(True)
        self.say(_("Restoring and comparing every page…"))
        self._jobs.run(
            lambda _progress: work(), then=lambda _none: self._done(backup), failed=self._refused, owner=self
        )

    def add_folder(self, folder: Path) -> None:
        """Offer the backup in this folder, carried here on a stick."""
        found = backup_in(folder)
        if found is None:
            self.say(_("There is no backup in {folder}.").format(folder=folder.name), tone="warn")
            return
        self._backups.append(found)
        self._list(found)
        self.say("")

    def say(self, words: str, *, tone: str = "") -> None:
        """A sentence above the buttons."""
        self.said.setText(words)
        self.said.setVisible(bool(words))
        theme.mark(self.said, tone=tone)

    def reject(self) -> None:
        self.password.clear()
        super().reject()

    # inside

    def _done(self, backup: Backup) -> None:
        self.password.clear()
        self.accept()
        self.prepared.emit(backup)

    def _refused(self, error: Exception) -> None:
        self._busy(False)
        self.password.line.selectAll()
        self.password.setFocus()
        problems.tell(self, error, at=lambda words: self.say(words, tone="danger"))

    def _busy(self, busy: bool) -> None:
        for part in (self.button, self.cancel, self.other, self.which, self.who, self.password):
            part.setEnabled(not busy)

    def _choose_folder(self) -> None:
        files.ask_folder(self, self.add_folder, title=_("Folder of the backup"))

    def _list(self, chosen: Backup | None) -> None:
        self.which.blockSignals(True)
        self.which.clear()
        for each in self._backups:
            self.which.addItem(f"{format_datetime(each.at)} \u00b7 {format_bytes(each.bytes)}")
        self.which.setCurrentIndex(self._backups.index(chosen) if chosen in self._backups else 0)
        self.which.blockSignals(False)
        self._show()

    def _show(self) -> None:
        backup = self.backup()
        self.button.setEnabled(backup is not None)
        self.who.clear()
        if backup is None:
            self.lost.setText(
                _("There is no backup in this workspace. Choose the folder of one that was carried away.")
            )
            return
        today: KeyFile | None = None
        with suppress(KnownError):
            today = read_key_file(self._what.directory)
        for opener in openers(backup.path, today=today):
            which = _("today’s password") if opener.today else _("the password of that day")
            self.who.addItem(f"{opener.name} \u00b7 {which}", opener.login)
        self.lost.setText(self._loss(backup))
        safe = self._what.losses is not None and not self._what.losses(backup).entries
        theme.mark(self.lost, tone="" if safe else "warn", role="muted" if safe else "")

    def _loss(self, backup: Backup) -> str:
        when = format_datetime(backup.at)
        if self._what.losses is None:
            return _("What was entered after {when} and was not sent to the centre will be gone.").format(when=when)
        lost = self._what.losses(backup)
        if not lost.entries:
            return _("Nothing was entered after it: nothing is lost.")
        n = lost.entries
        gone = ngettext("{n} entry made after it will be gone here.", "{n} entries made after it will be gone here.", n)
        sent = ngettext(
            "{n} of them was never sent and is lost for good.", "{n} of them were never sent and are lost for good.",
            lost.unsent,
        ) if lost.unsent else _("All of them were sent: they come back with the next sync.")  # fmt: skip
        return f"{gone.format(n=format_number(n))} {sent.format(n=format_number(lost.unsent))}"

    def _lay_out(self) -> None:
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, pad, pad, theme.px(16))
        layout.setSpacing(theme.px(10))
        layout.addWidget(text(_("Restore a backup"), role="heading"))
        note = _(
            "The workspace becomes what it was when the backup was made. What is here now is put aside, encrypted, "
            "for 35 days. Naungan closes and asks for the password again."
        )
        layout.addWidget(text(note, role="muted", wrap=True))
        for label, widget, beside in ((_("Backup"), self.which, self.other), (_("Who opens it"), self.who, None)):
            name = text(label, role="label")
            name.setBuddy(widget)
            widget.setAccessibleName(label)
            layout.addWidget(name)
            line = row(widget, beside) if beside is not None else row(widget)
            line.setStretch(0, 1)
            layout.addLayout(line)
        layout.addWidget(self.password)
        layout.addWidget(self.lost)
        layout.addWidget(self.said)
        self.said.hide()
        for one in (self.button, self.cancel, self.other):
            one.setAutoDefault(False)
        layout.addLayout(row(None, self.cancel, self.button))
        self.setMinimumWidth(theme.px(540))
