"""The sync on the page of settings: whether it may happen unasked, and whether the link is paid by the byte."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox

from app.i18n import _
from app.models.permission import Permission
from app.services.sync_choices import is_automatic, set_automatic
from app.sync.link import METERED
from app.ui import problems
from app.ui.widgets.basics import Card, text
from app.ui.workplace import Workplace


class SyncSettings(Card):
    """Two choices; the first is the office's."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(_("Sync"))
        self.place = place
        may = place.desk.may(Permission.MANAGE_USERS)
        self.automatic = QCheckBox(_("Synchronise by itself"))
        self.automatic.setChecked(is_automatic(place.desk))
        self.automatic.setEnabled(may)
        self.automatic.toggled.connect(self._set_automatic)
        words = _("A second after a save, at least once a minute while somebody writes, and once a day.")
        if not may:
            words += " " + _("The case supervisor or the administrator turns it on.")
        self.metered = QCheckBox(_("Slow or metered link"))
        self.metered.setChecked(bool(place.setting(METERED, False)))
        self.metered.toggled.connect(lambda on: place.put_setting(METERED, on))
        more = _("Files wait, nothing goes by itself but what is urgent, and everything is packed closely.")
        for box, said in ((self.automatic, words), (self.metered, more)):
            box.setAccessibleDescription(said)
            self.body.addWidget(box)
            self.body.addWidget(text(said, role="small", wrap=True))

    def _set_automatic(self, on: bool) -> None:
        desk = self.place.desk
        self.place.save(lambda: set_automatic(desk, on), owner=self, failed=self._refused)

    def _refused(self, error: Exception) -> None:
        self.automatic.blockSignals(True)
        self.automatic.setChecked(not self.automatic.isChecked())
        self.automatic.blockSignals(False)
        problems.show(self, error)
