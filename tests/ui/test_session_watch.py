"""Locked, asleep, or a clock that jumped: told by a real bus, by messages of Windows made by hand, by the clock."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from ctypes import wintypes
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, Slot
from pytestqt.qtbot import QtBot

from app.ui import session_windows
from app.ui.session_watch import SessionWatch
from tests.conftest import Clock

if sys.platform == "linux":
    from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusUnixFileDescriptor

    from app.ui import session_dbus

needs_bus = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dbus-daemon") is None, reason="there is no D-Bus to be had here"
)


@ClassInfo({"D-Bus Interface": "org.freedesktop.login1.Manager"})
class Logind(QObject):
    """Takes the place of the system's: gives out the writing end of a pipe, and sees when nobody holds it any more."""

    def __init__(self) -> None:
        super().__init__()
        self.reading, self._writing = os.pipe()
        os.set_blocking(self.reading, False)
        self.asked: list[tuple[str, str]] = []

    @Slot(str, str, str, str, result="QDBusUnixFileDescriptor")
    def Inhibit(self, what: str, who: str, why: str, mode: str) -> QDBusUnixFileDescriptor:  # its name on the bus
        self.asked.append((what, mode))
        return QDBusUnixFileDescriptor(self._writing)

    def keep_only_theirs(self) -> None:
        os.close(self._writing)

    def is_held(self) -> bool:
        try:
            return os.read(self.reading, 1) != b""
        except BlockingIOError:
            return True


@dataclass
class Bus:
    """A bus of this test alone: what the watch listens with, and what the desktop speaks with."""

    ours: QDBusConnection
    theirs: QDBusConnection

    def say(self, path: str, interface: str, name: str, *values: object) -> None:
        signal = QDBusMessage.createSignal(path, interface, name)
        signal.setArguments(list(values))
        assert self.theirs.send(signal)


@pytest.fixture
def bus(qapp: QCoreApplication, tmp_path: Path) -> Iterator[Bus]:
    words = ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:dir={tmp_path}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        address, names = daemon.stdout.readline().strip(), (f"{tmp_path}-ours", f"{tmp_path}-theirs")
        yield Bus(*(QDBusConnection.connectToBus(address, name) for name in names))
        for name in names:
            QDBusConnection.disconnectFromBus(name)
        daemon.terminate()


@pytest.fixture
def logind(bus: Bus) -> Iterator[Logind]:
    made = Logind()
    option = QDBusConnection.RegisterOption.ExportAllSlots
    assert bus.theirs.registerService(session_dbus.LOGIN)
    assert bus.theirs.registerObject(session_dbus.LOGIN_PATH, made, option)
    yield made
    bus.theirs.unregisterObject(session_dbus.LOGIN_PATH)
    os.close(made.reading)


@pytest.fixture
def heard(bus: Bus, logind: Logind, qtbot: QtBot) -> Iterator[session_dbus.SystemWatch]:
    """A watch that is listening; its own object owns it."""
    owner = QObject()
    watch = session_dbus.SystemWatch(owner, system=bus.ours, session=bus.ours)
    watch.start()
    qtbot.waitUntil(lambda: watch.delays_sleep)
    yield watch
    watch.stop()
    owner.deleteLater()


@needs_bus
@pytest.mark.parametrize("saver", ["org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"])
def test_a_screen_saver_that_comes_on_is_leaving_and_one_that_goes_is_not(
    heard: session_dbus.SystemWatch, bus: Bus, qtbot: QtBot, saver: str
) -> None:
    seen: list[int] = []
    heard.left.connect(lambda: seen.append(1))
    bus.say("/org/freedesktop/ScreenSaver", saver, "ActiveChanged", False)
    bus.say("/org/freedesktop/ScreenSaver", saver, "ActiveChanged", True)
    qtbot.waitUntil(lambda: seen == [1])


@needs_bus
def test_a_locked_session_is_leaving(heard: session_dbus.SystemWatch, bus: Bus, qtbot: QtBot) -> None:
    with qtbot.waitSignal(heard.left):
        bus.say("/org/freedesktop/login1/session/_32", "org.freedesktop.login1.Session", "Lock")


@needs_bus
def test_sleep_waits_until_who_heard_of_it_has_locked(
    heard: session_dbus.SystemWatch, bus: Bus, logind: Logind, qtbot: QtBot
) -> None:
    assert logind.asked == [("sleep", "delay")]
    logind.keep_only_theirs()
    held: list[bool] = []
    heard.left.connect(lambda: held.append(logind.is_held()))
    bus.say(session_dbus.LOGIN_PATH, session_dbus.MANAGER, "PrepareForSleep", True)
    qtbot.waitUntil(lambda: held == [True])
    qtbot.waitUntil(lambda: not logind.is_held())
    assert not heard.delays_sleep


@needs_bus
def test_after_waking_it_asks_again(heard: session_dbus.SystemWatch, bus: Bus, logind: Logind, qtbot: QtBot) -> None:
    for begins in (True, False):
        bus.say(session_dbus.LOGIN_PATH, session_dbus.MANAGER, "PrepareForSleep", begins)
    qtbot.waitUntil(lambda: len(logind.asked) == 2 and heard.delays_sleep)


@needs_bus
def test_one_that_was_stopped_hears_nothing_and_holds_nothing_up(
    heard: session_dbus.SystemWatch, bus: Bus, logind: Logind, qtbot: QtBot
) -> None:
    seen: list[int] = []
    heard.left.connect(lambda: seen.append(1))
    heard.stop()
    bus.say("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged", True)
    again = session_dbus.SystemWatch(heard.parent(), system=bus.ours, session=bus.ours)
    again.start()
    with qtbot.waitSignal(again.left):  # what is told later has arrived: so has what was told before
        bus.say("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged", True)
    again.stop()
    assert not seen and not heard.delays_sleep


def test_a_clock_that_jumped_means_that_it_slept(qapp: QCoreApplication, clock: Clock) -> None:
    owner, seen = QObject(), []
    watch = SessionWatch(owner, now=clock)
    watch.left.connect(lambda: seen.append(clock.moment))
    clock.forward(hours=5)
    watch.start()
    for seconds, expected in ((5, 0), (60, 0), (61, 1), (5, 1), (3_600, 2), (-600, 3)):
        clock.forward(seconds=seconds)
        watch._timer.timeout.emit()
        assert len(seen) == expected
    watch.stop()
    assert not watch._timer.isActive()
    owner.deleteLater()


@pytest.mark.parametrize(
    ("message", "word", "means_left"),
    [
        (session_windows.WM_WTSSESSION_CHANGE, session_windows.WTS_SESSION_LOCK, True),
        (session_windows.WM_WTSSESSION_CHANGE, 0x8, False),  # unlocked
        (session_windows.WM_POWERBROADCAST, session_windows.PBT_APMSUSPEND, True),
        (session_windows.WM_POWERBROADCAST, 0x7, False),  # woke up
        (0x0007, session_windows.WTS_SESSION_LOCK, False),  # another message
    ],
)
def test_the_messages_of_windows(qapp: QCoreApplication, message: int, word: int, means_left: bool) -> None:
    owner, seen = QObject(), []
    watch = session_windows.SystemWatch(owner)
    watch.left.connect(lambda: seen.append(1))
    said = wintypes.MSG(None, message, word, 0, 0, wintypes.POINT(0, 0))
    watch.start()
    watch._filter.nativeEventFilter(b"windows_generic_MSG", ctypes.addressof(said))
    watch._filter.nativeEventFilter(b"xcb_generic_event_t", ctypes.addressof(said))
    watch.stop()
    assert bool(seen) is means_left and len(seen) <= 1
    owner.deleteLater()
