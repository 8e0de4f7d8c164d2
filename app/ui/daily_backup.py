"""The backup of the day, made while the window is open: soon after the first sign-in, and when a new day begins."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.errors import KnownError
from app.i18n import _
from app.services import backups
from app.ui import problems
from app.ui.jobs import Job
from app.ui.workplace import Workplace
from app.vault.backup import Backup

FIRST_MS = 20_000  # a window that opens has better things to do
LOOK_MS = 300_000


class DailyBackup(QTimer):
    """Looks every few minutes whether today has a backup. A failure is said once per try, which is once an hour."""

    def __init__(self, place: Workplace, *, parent: QObject) -> None:
        super().__init__(parent)
        self._place = place
        self._job: Job | None = None
        self.setInterval(FIRST_MS)
        self.timeout.connect(self.look)
        self.start()

    def look(self) -> None:
        """Make it if it is due. A lock does not wait for it."""
        self.setInterval(LOOK_MS)
        if self._job is not None:
            return
        desk, workspace = self._place.desk, self._place.workspace
        self._job = self._place.jobs.run(
            lambda progress: backups.daily(desk, workspace, stop=progress), then=self._made, failed=self._failed,
            lane="aside", owner=self,
        )  # fmt: skip
        self._job.when_ended(self._forget)

    def _made(self, made: Backup | None) -> None:
        if made is not None:
            self._place.say(_("The backup of today is made and verified."))

    def _failed(self, error: Exception) -> None:
        if isinstance(error, KnownError):
            self._place.say(_("The backup of today could not be made: {why}").format(why=problems.sentence(error)))
        else:
            problems.show(self._place.window, error)

    def _forget(self) -> None:
        self._job = None
