"""One way to say that something went wrong: the person's to mend, the environment's fault, or a bug."""

from __future__ import annotations

import platform
import traceback
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from app import __version__
from app.errors import KnownError, UserError, WrongPassword
from app.i18n import _, ngettext
from app.ui import theme
from app.ui.main_window import MainWindow
from app.ui.widgets.basics import button, row, text


def show(widget: QWidget | None, error: BaseException) -> None:
    """Say it where the person looks: at the foot of the window, or as a dialog over whatever else is open."""
    if not isinstance(error, UserError | KnownError):
        above = _window(widget)
        if above is None or above.findChild(BugDialog) is None:  # one that is said over and over is said once
            _open(BugDialog(error, parent=above))
        return
    window = _window(widget)
    if isinstance(window, MainWindow) and isinstance(error, UserError):
        window.toast.say(sentence(error))
    else:
        title = _("Not possible now") if isinstance(error, KnownError) else _("Please check")
        _open(Message(title, words=sentence(error), parent=window))


def tell(widget: QWidget | None, error: BaseException, *, at: Callable[[str], object]) -> None:
    """Say it in its place on the screen, which takes the sentence; a fault of the program is shown as one."""
    if isinstance(error, UserError | KnownError):
        at(sentence(error))
    else:
        show(widget, error)


def sentence(error: BaseException) -> str:
    """The sentence of an error, with the seconds to wait when there are some."""
    words = str(error)
    wait = error.wait_seconds if isinstance(error, WrongPassword) else getattr(error, "retry_after", 0)
    if wait:
        again = ngettext("Try again in {n} second.", "Try again in {n} seconds.", wait).format(n=wait)
        return words if again in words else f"{words} {again}"
    return words


def report_of(error: BaseException) -> str:
    """What a bug report may hold: versions, the kind of error, the places in the code. Never a value of a record."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"  {_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    head = f"Naungan {__version__}, Python {platform.python_version()}, {platform.system()}"
    return "\n".join([head, type(error).__name__, *places])


def _place(filename: str) -> str:
    parts = Path(filename).parts
    return "/".join(parts[parts.index("app") :]) if "app" in parts else parts[-1]


def _window(widget: QWidget | None) -> QWidget | None:
    return widget.window() if widget is not None else QApplication.activeWindow()


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


class Message(QDialog):
    """A sentence, and a button to close it. Opened with `open()`: it never holds the program up."""

    def __init__(self, title: str, *, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        layout = QVBoxLayout(self)
        pad = theme.px(20)
        layout.setContentsMargins(pad, pad, pad, pad)
        layout.setSpacing(theme.px(12))
        layout.addWidget(text(title, role="heading"))
        layout.addWidget(text(words, wrap=True))
        self.body = QVBoxLayout()
        layout.addLayout(self.body)
        self.buttons = row(None, button(_("Close"), kind="primary", clicked=self.accept))
        layout.addLayout(self.buttons)
        self.setMinimumWidth(theme.px(420))


class BugDialog(Message):
    """Something we did not think of: what may be told about it, to copy; no content of a record is in it."""

    def __init__(self, error: BaseException, *, parent: QWidget | None = None) -> None:
        words = _(
            "Naungan met a fault of its own. What was saved is safe. Copy the report below and send it to the centre; "
            "it holds no content of any record."
        )
        super().__init__(_("A fault in the program"), words=words, parent=parent)
        self.report = QPlainTextEdit(report_of(error))
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setAccessibleName(_("Report"))
        self.body.addWidget(self.report)
        self.buttons.insertWidget(1, button(_("Copy report"), clicked=self.copy))

    def copy(self) -> None:
        """Put the report on the clipboard."""
        QGuiApplication.clipboard().setText(self.report.toPlainText())
