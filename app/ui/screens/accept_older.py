"""Accepting data that is older than known: whoever may decide it says why, and the audit keeps it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from app.errors import KnownError, UserError
from app.i18n import _
from app.services.freshness import accept_older
from app.ui import problems, theme
from app.ui.widgets.basics import button, row, text
from app.ui.workplace import Workplace


class AcceptOlder(QDialog):
    """What was found, what accepting it means, the reason. `accepted_older()` when it is done."""

    accepted_older = Signal()

    def __init__(self, place: Workplace, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Accept older data"))
        self.reason = QLineEdit()
        self.reason.setAccessibleName(_("Why it is accepted"))
        self.reason.setPlaceholderText(_("For example: the disk was replaced"))
        self.said = text("", tone="danger", wrap=True)
        self.button = button(_("Accept"), kind="danger", clicked=self.save)
        self._lay_out()

    def save(self) -> None:
        """Accept it, if a reason is given."""
        desk, workspace, reason = self.place.desk, self.place.workspace, self.reason.text()
        self.said.hide()
        self.button.setEnabled(False)
        self.place.save(
            lambda: accept_older(desk, workspace, reason), owner=self, then=lambda _none: self._done(),
            failed=self._refused,
        )  # fmt: skip

    def _done(self) -> None:
        self.place.say(_("Accepted. Saving works again."))
        self.accept()
        self.accepted_older.emit()

    def _refused(self, error: Exception) -> None:
        self.button.setEnabled(True)
        if isinstance(error, UserError | KnownError):
            self.said.setText(problems.sentence(error))
            self.said.show()
            self.reason.setFocus()
        else:
            problems.show(self, error)

    def _lay_out(self) -> None:
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, pad, pad, theme.px(16))
        layout.setSpacing(theme.px(12))
        layout.addWidget(text(_("Accept older data"), role="heading"))
        layout.addWidget(text(self.place.workspace.stale, wrap=True))
        note = _(
            "Accepting lets this count as the latest. Whatever was newer stays lost to this laptop; what the centre "
            "has comes back with the next sync. A newer backup is the better way, if there is one."
        )
        layout.addWidget(text(note, role="muted", wrap=True))
        name = text(_("Why it is accepted"), role="label")
        name.setBuddy(self.reason)
        cancel = button(_("Cancel"), clicked=self.reject)
        for one in (self.button, cancel):
            one.setAutoDefault(False)
        for part in (name, self.reason, self.said):
            layout.addWidget(part)
        self.said.hide()
        layout.addLayout(row(None, cancel, self.button))
        self.setMinimumWidth(theme.px(520))
