"""A figure that leads somewhere."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.ui import theme
from app.ui.theme import Tone
from app.ui.widgets.basics import text


class StatTile(QFrame):
    """A number, what it counts, and a line under it; `pressed()` by click, Enter or Space."""

    pressed = Signal()

    def __init__(self, caption: str, *, figure: str = "", detail: str = "", tone: str = Tone.NEUTRAL) -> None:
        super().__init__()
        theme.mark(self, role="card", state="hot")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._caption = caption
        self._figure, self._detail = text("", role="figure"), text("", role="small", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(12))
        layout.setSpacing(theme.px(2))
        layout.addWidget(text(caption, role="muted"))
        layout.addWidget(self._figure)
        layout.addWidget(self._detail)
        layout.addStretch(1)
        self.show_figure(figure, detail=detail, tone=tone)

    def show_figure(self, figure: str, *, detail: str = "", tone: str = Tone.NEUTRAL) -> None:
        """Change the number, the line under it, and the tone of both."""
        self._figure.setText(figure)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        theme.mark(self._figure, tone=tone)
        theme.mark(self._detail, tone=tone)
        self.setAccessibleName(f"{self._caption}: {figure}. {detail}".strip(" ."))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)
