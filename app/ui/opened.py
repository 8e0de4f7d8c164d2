"""The program around a workspace that is open already: whoever unlocked it looks at it without a second passphrase."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication

from app.context import Context
from app.ui.application import Application, Options


def run_opened(context: Context) -> int:
    """Show the window of this workspace until it is closed; the workspace is closed with it. The exit code."""
    made = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(made, QApplication)
    made.setApplicationName("Naungan")
    made.setQuitOnLastWindowClosed(False)
    program = Application(made, Options(context.workspace.directory, now=context.now))
    sys.excepthook = program.show_fault
    program.enter(context)
    return made.exec()
