"""The sync that nobody asks for, where the office wants it: one timer, driven by what app.sync.auto decides."""

from __future__ import annotations

import random
from datetime import timedelta

from PySide6.QtCore import QObject, QTimer

from app.services.sync_state import SyncState
from app.sync.auto import AUTO, SLOT, Auto, Conditions
from app.sync.link import METERED
from app.sync.report import SyncReport
from app.ui.screens.sync_run import IDLE, run_of
from app.ui.workplace import Workplace

_LONGEST_MS = 3_600_000  # an hour: a timer that sleeps longer misses a clock that was set


class AutoSync(QObject):
    """Told of every new standing; starts the run of the workplace when one is due."""

    def __init__(self, place: Workplace, *, parent: QObject) -> None:
        super().__init__(parent)
        self._place, self._run = place, run_of(place)
        self._auto = Auto()
        self._waiting, self._urgent = 0, False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self._run.ended.connect(self._ended)
        self._run.broke.connect(self._broke)

    def see(self, state: SyncState) -> None:
        """What waits now, read anew after something was written."""
        if state.proven_at is not None and self._auto.good is None:
            self._auto = Auto(first=self._auto.first, last=self._auto.last, good=state.proven_at)
        if state.enrolled and state.waiting > self._waiting:
            self._auto = self._auto.changed(self._place.now())
        if not state.waiting:  # a count taken while a sync ran may have come after its end
            self._auto = self._auto.nothing_waits()
        self._waiting, self._urgent = state.waiting, state.urgent
        self.look()

    def look(self) -> None:
        """Start it if it is due, or come back when it will be."""
        self._timer.stop()
        now = self._place.now()
        due = self._auto.due(self._conditions(), now=now)
        if due is None:
            return
        if due <= now:
            self._run.start(asked=False)
        else:
            self._timer.start(min(_LONGEST_MS, max(1, round((due - now) / timedelta(milliseconds=1)))))

    def stop(self) -> None:
        """The window ends."""
        self._timer.stop()

    def _conditions(self) -> Conditions:
        setting = self._place.setting
        if not setting(AUTO, False) or setting("certificate") is None or self._place.workspace.stale:
            return Conditions()
        slot = setting(SLOT)
        return Conditions(
            on=True,
            metered=bool(setting(METERED, False)),
            urgent=self._urgent,
            saving=self._place.jobs.saving,
            running=self._run.state != IDLE,  # also one that a person paused, or that waits for the link
            slot=slot if isinstance(slot, int) else None,
        )

    def _ended(self, report: SyncReport) -> None:
        now = self._place.now()
        if report.green:
            self._auto, self._waiting = self._auto.succeeded(now), 0
        elif not report.cancelled:
            self._auto = self._auto.failed(now, retry_after=report.retry_after, chance=random.random)
        self.look()

    def _broke(self, _error: Exception) -> None:
        self._auto = self._auto.failed(self._place.now(), chance=random.random)
        self.look()
