"""What is seen when somebody looks over a shoulder: an empty sheet of figures, nothing of Naungan."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QTableWidget, QVBoxLayout, QWidget

from app.i18n import _

ROWS, COLUMNS = 60, 14


class NeutralWindow(QWidget):
    """An empty spreadsheet; `left()` on the keys that hid the program, or when it is closed."""

    left = Signal()

    def __init__(self, keys: str) -> None:
        super().__init__()
        self.setWindowTitle(_("Table 1"))
        sheet = QTableWidget(ROWS, COLUMNS)
        sheet.setAccessibleName(_("Table 1"))
        sheet.setHorizontalHeaderLabels([chr(ord("A") + number) for number in range(COLUMNS)])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(sheet)
        QShortcut(QKeySequence(keys), self).activated.connect(self.close)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.left.emit()
