"""Who stays on something for a moment has looked at it: that is audited once, scrolling past is not."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.services.desk import log_view
from app.ui import problems
from app.ui.workplace import Workplace

LOOKED_MS = 1500


class Looked(QTimer):
    """Belongs to the widget that shows records of one kind; `at` says which stands there now."""

    def __init__(self, place: Workplace, *, kind: str, owner: QWidget) -> None:
        super().__init__(owner)
        self._place, self._kind, self._owner = place, kind, owner
        self._record = ""
        self._logged: set[str] = set()
        self.setSingleShot(True)
        self.setInterval(LOOKED_MS)
        self.timeout.connect(self._log)

    def at(self, record: str) -> None:
        """This is shown now; '' for nothing."""
        self.stop()
        self._record = record
        if record and record not in self._logged:
            self.start()

    def _log(self) -> None:
        if not self._owner.isVisible():
            return
        desk, record, kind = self._place.desk, self._record, self._kind
        self._logged.add(record)
        self._place.jobs.run(
            lambda _progress: log_view(desk, record, kind=kind),
            failed=lambda error: problems.show(self._owner, error), owner=self._owner,
        )  # fmt: skip
