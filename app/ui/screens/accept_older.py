"""Accepting data that is older than known: whoever may decide it says why, and the audit keeps it."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from app.i18n import _
from app.services.freshness import accept_older
from app.ui import theme
from app.ui.screens.deed_dialog import DeedDialog
from app.ui.widgets.basics import text
from app.ui.workplace import Workplace


class AcceptOlder(DeedDialog):
    """What was found, what accepting it means, the reason."""

    def __init__(self, place: Workplace, *, parent: QWidget | None = None) -> None:
        super().__init__(place, title=_("Accept older data"), action=_("Accept"), parent=parent)
        theme.mark(self.button, kind="danger")
        self.reason = QLineEdit()
        self.reason.setAccessibleName(_("Why it is accepted"))
        self.reason.setPlaceholderText(_("For example: the disk was replaced"))
        self.explain([place.workspace.stale])
        note = _(
            "Accepting lets this count as the latest. Whatever was newer stays lost to this laptop; what the centre "
            "has comes back with the next sync. A newer backup is the better way, if there is one."
        )
        self.body.addWidget(text(note, role="muted", wrap=True))
        name = text(_("Why it is accepted"), role="label")
        name.setBuddy(self.reason)
        for part in (name, self.reason):
            self.body.addWidget(part)
        self.setMinimumWidth(theme.px(520))

    def save(self) -> None:
        """Accept it, if a reason is given."""
        desk, workspace, reason = self.place.desk, self.place.workspace, self.reason.text()
        self.do(lambda: accept_older(desk, workspace, reason), said=_("Accepted. Saving works again."))

    def refused(self, error: Exception) -> None:
        """Say why not, and let the reason be typed again."""
        super().refused(error)
        self.reason.setFocus()
