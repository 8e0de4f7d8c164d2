"""Lock and hide also while a dialog is open: Qt keeps the keys of a window away from a window that is blocked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QWidget


class UrgentKeys(QObject):
    """Gives every dialog of `window` the same keys, when it first takes the keyboard."""

    def __init__(self, window: QWidget, *, acts: Mapping[str, Callable[[], object]]) -> None:
        super().__init__(window)
        self._window, self._acts = window, dict(acts)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._meet)

    def _meet(self, _old: QWidget | None, now: QWidget | None) -> None:
        dialog = now.window() if now is not None else None
        if isinstance(dialog, QDialog) and self._is_ours(dialog) and not dialog.property("urgent"):
            dialog.setProperty("urgent", True)
            for keys, act in self._acts.items():
                QShortcut(QKeySequence(keys), dialog).activated.connect(act)

    def _is_ours(self, dialog: QDialog) -> bool:
        above = dialog.parentWidget()
        while above is not None and above is not self._window:
            above = above.parentWidget()
        return above is not None


class Hidden:
    """The dialogs over `window`, out of sight; `show()` puts them back as they were."""

    def __init__(self, window: QWidget) -> None:
        self._dialogs: list[tuple[QDialog, Qt.WindowModality]] = []
        for dialog in window.findChildren(QDialog):
            if dialog.isVisible():
                self._dialogs.append((dialog, dialog.windowModality()))  # hiding lets go of it
                dialog.hide()

    def show(self) -> None:
        """Show them again, the ones in front last."""
        for dialog, modality in self._dialogs:
            dialog.setWindowModality(modality)
            dialog.show()
