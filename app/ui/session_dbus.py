"""What a Linux desktop tells over D-Bus: the session is locked, the screen saver is on, the laptop goes to sleep."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusUnixFileDescriptor

from app.i18n import _

# service, path, interface, signal ("" is any), our slot: as text, whatever the stubs say
Heard = tuple[str, str, str, str, Any]

LOGIN, MANAGER = "org.freedesktop.login1", "org.freedesktop.login1.Manager"
LOGIN_PATH = "/org/freedesktop/login1"
SAVERS = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver")
OF_SYSTEM: tuple[Heard, ...] = (
    (LOGIN, LOGIN_PATH, MANAGER, "PrepareForSleep", SLOT("prepare_for_sleep(bool)")),
    (LOGIN, "", "org.freedesktop.login1.Session", "Lock", SLOT("lock()")),
)
OF_SESSION: tuple[Heard, ...] = tuple(("", "", saver, "ActiveChanged", SLOT("saver_changed(bool)")) for saver in SAVERS)


class SystemWatch(QObject):
    """`left()` on each of these; without a bus it stays silent.

    While it watches it holds up sleep (logind's delay lock, 5 s at most) until whoever heard `left()` has returned:
    nobody freezes us with the keys in memory. Of the sessions of one machine it does not ask which is ours: on a laptop
    with two people at once, the lock of one locks the other.
    """

    left = Signal()

    def __init__(
        self, parent: QObject, *, system: QDBusConnection | None = None, session: QDBusConnection | None = None
    ) -> None:
        super().__init__(parent)
        self._system = system or QDBusConnection.systemBus()
        self._session = session or QDBusConnection.sessionBus()
        self._asked: QDBusPendingCallWatcher | None = None
        self._delay: int | None = None  # as long as this descriptor is open, sleep waits for us

    def start(self) -> None:
        """Listen to both buses."""
        for bus, signals in self._heard():
            for service, path, interface, name, slot in signals:
                bus.connect(service, path, interface, name, self, slot)
        self._ask_for_delay()

    def stop(self) -> None:
        """Listen no more, and hold nothing up."""
        for bus, signals in self._heard():
            for service, path, interface, name, slot in signals:
                bus.disconnect(service, path, interface, name, self, slot)
        self._asked = None
        self._let_sleep()

    @Slot(bool)
    def prepare_for_sleep(self, begins: bool) -> None:
        """The laptop is about to sleep, or woke up."""
        if begins:
            self.left.emit()
            self._let_sleep()
        else:
            self._ask_for_delay()

    @Slot()
    def lock(self) -> None:
        """The session is to be locked."""
        self.left.emit()

    @Slot(bool)
    def saver_changed(self, is_on: bool) -> None:
        """The screen saver covers the screen, or is gone."""
        if is_on:
            self.left.emit()

    @property
    def delays_sleep(self) -> bool:
        """Whether sleep waits for us."""
        return self._delay is not None

    def _ask_for_delay(self) -> None:
        if not self._system.isConnected():
            return
        call = QDBusMessage.createMethodCall(LOGIN, LOGIN_PATH, MANAGER, "Inhibit")
        call.setArguments(["sleep", "Naungan", _("Lock"), "delay"])
        self._asked = QDBusPendingCallWatcher(self._system.asyncCall(call), self)
        self._asked.finished.connect(self._take_delay)

    def _take_delay(self, asked: QDBusPendingCallWatcher) -> None:
        """A system without logind refuses; then sleep does not wait, and the jump of the clock locks afterwards."""
        answer = [] if asked.isError() or asked is not self._asked else asked.reply().arguments()
        self._asked = None
        asked.deleteLater()
        if answer and isinstance(answer[0], QDBusUnixFileDescriptor) and answer[0].isValid():
            self._let_sleep()
            self._delay = os.dup(answer[0].fileDescriptor())

    def _let_sleep(self) -> None:
        delay, self._delay = self._delay, None
        if delay is not None:
            with suppress(OSError):
                os.close(delay)

    def _heard(self) -> list[tuple[QDBusConnection, tuple[Heard, ...]]]:
        """The buses that are there, with what is listened to on each."""
        buses = ((self._system, OF_SYSTEM), (self._session, OF_SESSION))
        return [(bus, signals) for bus, signals in buses if bus.isConnected()]
