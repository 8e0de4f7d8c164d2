"""The real program, started as the demo starts it: a passphrase through a pipe, a lock told by the desktop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.cli.window import words_for
from app.context import Context
from app.errors import WorkspaceBusy
from app.vault.instance_lock import InstanceLock
from tests.conftest import Clock
from tests.worlds import PASSWORD

LONG = 60_000  # ms: a whole program starts, on a busy machine

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dbus-daemon") is None, reason="there is no D-Bus to be had here"
)


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A desktop's bus of this test alone."""
    words = ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:dir={tmp_path}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        address = daemon.stdout.readline().strip()
        yield os.environ | {"DBUS_SESSION_BUS_ADDRESS": address, "DBUS_SYSTEM_BUS_ADDRESS": address}
        daemon.terminate()


@pytest.fixture
def _today(clock: Clock) -> None:
    """The program has the system's clock, and so has the workspace from its first day."""
    clock.moment = datetime.now(UTC)


def is_open(folder: Path) -> bool:
    try:
        InstanceLock.take(folder).release()
    except WorkspaceBusy:
        return True
    return False


@pytest.mark.usefixtures("_today")
def test_the_screen_saver_locks_it_and_it_stays_the_same_process(
    context: Context, environment: dict[str, str], qtbot: QtBot
) -> None:
    context.close()
    folder = context.workspace.directory
    words = words_for(folder, login="siti", language="id")
    assert PASSWORD not in " ".join(words) + " ".join(environment.values())
    with subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, text=True) as window:
        assert window.stdin is not None
        window.stdin.write(PASSWORD + "\n")
        window.stdin.close()
        saver = ["/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver.ActiveChanged", "boolean:true"]

        def locked() -> bool:
            subprocess.run(["dbus-send", "--session", "--type=signal", *saver], env=environment, check=True)
            return not is_open(folder)

        qtbot.waitUntil(lambda: is_open(folder), timeout=LONG)
        qtbot.waitUntil(locked, timeout=LONG)
        assert window.poll() is None, "who waits for the window goes on waiting"
        window.terminate()
