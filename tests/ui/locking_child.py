"""The program in a process of its own, for the test that reads its memory.

    python -m tests.ui.locking_child FOLDER CASE TIME

The first line of the standard input is a passphrase, `lock` locks; without a passphrase the door is all there is.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

from app import context as contexts
from app.ui.application import Application, Options
from app.ui.replacing import replace_process
from app.ui.screens.unlock import UnlockScreen
from app.ui.workspace_window import WorkspaceWindow


def main() -> None:
    """Show the only case there is, say `open`; after the lock say `door`."""
    folder, passphrase = Path(sys.argv[1]), sys.stdin.readline().rstrip("\n")
    moment = datetime.fromisoformat(sys.argv[3])
    program = Application(QApplication([]), Options(folder, now=lambda: moment, again=replace_process))
    if passphrase:
        program.start(lambda w: contexts.unlock(w, login="siti", password=passphrase, now=lambda: moment))
    else:
        program.start()
    hears = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    hears.activated.connect(lambda: program.lock() if sys.stdin.readline() == "lock\n" else None)
    QTimer.singleShot(0, lambda: _tell(program))
    hears.setEnabled(bool(passphrase))
    QApplication.exec()


def _tell(program: Application) -> None:
    window = program.window
    if isinstance(window, UnlockScreen):
        print("door", flush=True)
    elif isinstance(window, WorkspaceWindow):
        window.go("case", target=sys.argv[2])
        window.jobs.busy_changed.connect(_tell_once)


_said: list[str] = []


def _tell_once(busy: bool) -> None:
    """The first time that nothing is under way; what begins later (a backup, a count) is no news."""
    if not busy and not _said:
        _said.append("open")
        print("open", flush=True)


if __name__ == "__main__":
    main()
