"""The real program, visited by somebody with quick fingers: run by the measurements of ui.py in a process of its own.

`python -m benchmarks._window WORKSPACE` with the password on the standard input writes one JSON line for each thing
that came to pass: its name, the seconds of the system's monotonic clock, the memory of this process in MiB.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.__main__ import main
from app.ui.screens.unlock import UnlockScreen
from app.ui.workspace_window import WorkspaceWindow

IDLE_MS, LOOK_MS = 5_000, 20
PLACES = ("home", "referrals", "settings", "help", "sync", "intake", "cases")


def memory() -> dict[str, float]:
    """Rss counts every page of a shared library in full; Pss shares it out among the processes that use it. MiB."""
    found = (line.split() for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    return {name.rstrip(":").lower(): int(size) / 1024 for name, size, *_unit in found if name in ("Rss:", "Pss:")}


def tell(name: str) -> None:
    """One line to whoever measures."""
    print(json.dumps({"name": name, "at": time.monotonic(), **memory()}), flush=True)


class Visitor(QObject):
    """Unlocks at the door, looks at the cases, sits still, walks through every place, sits still, leaves."""

    def __init__(self, app: QApplication, password: str) -> None:
        super().__init__(app)
        self._password = password
        self._awaited: type[QWidget] = UnlockScreen
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own name
        """A window is there when it has been painted for the first time."""
        if event.type() == QEvent.Type.Paint and isinstance(watched, self._awaited):
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]
            QTimer.singleShot(0, lambda: self._there(watched))
        return False

    def _there(self, window: Any) -> None:
        if isinstance(window, UnlockScreen):
            tell("door")
            self._awaited = WorkspaceWindow
            QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]
            window.password.line.setText(self._password)
            window.try_it()
        else:
            tell("window")
            self._walk(window, ("cases",), "listed", then=lambda: self._rest("idle", then=lambda: self._tour(window)))

    def _tour(self, window: Any) -> None:
        self._walk(window, PLACES, "walked", then=lambda: self._rest("toured", then=window.close))

    def _walk(self, window: Any, places: tuple[str, ...], name: str, *, then: Callable[[], object]) -> None:
        """Go to each place when the one before has been read."""
        if not window.jobs.idle:
            QTimer.singleShot(LOOK_MS, lambda: self._walk(window, places, name, then=then))
        elif places:
            window.go(places[0])
            QTimer.singleShot(LOOK_MS, lambda: self._walk(window, places[1:], name, then=then))
        else:
            tell(name)
            then()

    def _rest(self, name: str, *, then: Callable[[], object]) -> None:
        def rested() -> None:
            tell(name)
            then()

        QTimer.singleShot(IDLE_MS, rested)


if __name__ == "__main__":
    secret = sys.stdin.readline().rstrip("\n")
    visitor = Visitor(QApplication(sys.argv[:1]), secret)
    sys.exit(main(["--workspace", sys.argv[1]]))
