"""Tabs that stand below one another at the left of what they show, with a count at their right: room for many."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QTabBar, QTabWidget, QWidget

from app.ui import theme

HEIGHT, TIGHT, LEAST, MOST, PAD = 28, 22, 120, 220, 10  # TIGHT: a row where there is little room


class RailBar(QTabBar):
    """The bar of a Rail; arrows up and down move in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: dict[int, int] = {}
        self._height = 0  # 0 while nobody has said
        self.setDrawBase(False)
        self.setMouseTracking(True)

    def fit(self, height: int) -> None:
        """Stand in this height without having to scroll, as long as the rows can be read."""
        if height != self._height:
            self._height = height
            self.setIconSize(QSize(height, height))  # no tab has one: it makes Qt lay the rows out anew

    def _row(self) -> int:
        shown = sum(self.isTabVisible(at) for at in range(self.count())) or 1
        return max(theme.px(TIGHT), min(theme.px(HEIGHT), self._height // shown)) if self._height else theme.px(HEIGHT)

    def tabSizeHint(self, index: int) -> QSize:
        """As wide as the widest, so that all stand in one column."""
        plain = QFontMetrics(theme.current().font(13, weight=QFont.Weight.DemiBold))
        widest = max((plain.horizontalAdvance(self.tabText(at)) for at in range(self.count())), default=0)
        room = widest + theme.px(3 * PAD) + plain.horizontalAdvance("00")
        return QSize(min(max(room, theme.px(LEAST)), theme.px(MOST)), self._row())

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for at in range(self.count()):
            if self.isTabVisible(at):
                self._draw(painter, at)

    def _draw(self, painter: QPainter, at: int) -> None:
        look, box, here = theme.current(), self.tabRect(at), at == self.currentIndex()
        ground = box.adjusted(0, theme.px(1), 0, -theme.px(1))
        under = box.contains(self.mapFromGlobal(self.cursor().pos())) and self.underMouse()
        if here or under:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent_tint" if here else "zebra"))
            painter.drawRoundedRect(ground, theme.px(6), theme.px(6))
        if here and self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), theme.px(2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.adjusted(1, 1, -1, -1), theme.px(6), theme.px(6))
        painter.setFont(look.font(13, weight=QFont.Weight.DemiBold if here else QFont.Weight.Normal))
        painter.setPen(look.colour("accent" if here else "text"))
        inner = ground.adjusted(theme.px(PAD), 0, -theme.px(PAD), 0)
        count = str(self.counts.get(at) or "")
        room = painter.fontMetrics().horizontalAdvance(count) + theme.px(6) if count else 0
        words = QRect(inner.left(), inner.top(), inner.width() - room, inner.height())
        told = painter.fontMetrics().elidedText(self.tabText(at), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, told)
        painter.setPen(look.colour("accent" if here else "muted"))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count)


class Rail(QTabWidget):
    """A tab widget whose tabs stand at the left, or above when `beside` is false; `set_count` puts a number at one."""

    def __init__(self, *, beside: bool = True) -> None:
        super().__init__()
        self._bar = RailBar(self) if beside else None
        self._titles: list[str] = []
        if self._bar is not None:
            theme.mark(self, role="rail")
            self.setTabBar(self._bar)
            self.setTabPosition(QTabWidget.TabPosition.West)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(True)

    def add(self, widget: QWidget, title: str) -> None:
        """A tab more, at the end."""
        self._titles.append(title)
        self.addTab(widget, title)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._bar is not None:
            self._bar.fit(event.size().height())
        super().resizeEvent(event)

    def set_count(self, at: int, count: int) -> None:
        """How many things are under a tab; 0 says nothing."""
        title = self._titles[at]
        words = f"{title} {count}" if count else title
        if self._bar is None:
            self.setTabText(at, words)
        elif self._bar.counts.get(at, 0) != count:
            self._bar.counts[at] = count
            self._bar.setAccessibleTabName(at, words)
            self._bar.update()
