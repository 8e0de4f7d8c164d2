"""Pages of a paper below one another, as wide as there is room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.i18n import _
from app.ui import theme
from app.ui.widgets.basics import text
from app.ui.widgets.flow import empty


class PagesView(QScrollArea):
    """`show_pages(PNG files)`, or `say` why there are none."""

    def __init__(self) -> None:
        super().__init__()
        ground = QWidget()
        theme.mark(ground, role="body")
        self._body = QVBoxLayout(ground)
        self._body.setContentsMargins(0, 0, theme.px(8), 0)
        self._body.setSpacing(theme.px(12))
        self._pictures: list[QPixmap] = []
        self._labels: list[QLabel] = []
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Preview of the pages"))
        self.setWidget(ground)

    def say(self, words: str) -> None:
        """A sentence instead of pages."""
        self._clear()
        self._body.addWidget(text(words, role="muted", wrap=True))
        self._body.addStretch(1)

    def show_pages(self, pages: Sequence[bytes]) -> None:
        """Show these files of pictures; the place scrolled to stays when the number of pages does."""
        pictures = []
        for data in pages:
            picture = QPixmap()
            picture.loadFromData(data)
            pictures.append(picture)
        self.show_pictures(pictures)

    def show_pictures(self, pictures: Sequence[QPixmap]) -> None:
        """The same for pictures that are read already."""
        at = self.verticalScrollBar().value() if len(pictures) == len(self._pictures) else 0
        self._clear()
        for number, picture in enumerate(pictures, start=1):
            label = QLabel()
            theme.mark(label, role="paper")
            label.setAccessibleName(_("Page {n} of {total}").format(n=number, total=len(pictures)))
            self._pictures.append(picture)
            self._labels.append(label)
            self._body.addWidget(label)
        self._body.addStretch(1)
        self._scale()
        self.verticalScrollBar().setValue(at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scale()

    def _clear(self) -> None:
        empty(self._body)
        self._pictures, self._labels = [], []

    def _scale(self) -> None:
        width = max(100, self.viewport().width() - theme.px(10))
        for picture, label in zip(self._pictures, self._labels, strict=True):
            ratio = self.devicePixelRatioF()
            shown = picture.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
            shown.setDevicePixelRatio(ratio)
            label.setPixmap(shown)
