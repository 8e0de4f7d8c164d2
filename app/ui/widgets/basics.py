"""The small parts everything is made of: texts in a role, buttons, cards, chips."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.i18n import _
from app.ui import theme
from app.ui.theme import Tone
from app.ui.widgets import marks

Box = TypeVar("Box", bound=QBoxLayout)


def text(words: str, *, role: str = "", tone: str = "", wrap: bool = False) -> QLabel:
    """A label in a role of the stylesheet: title, heading, strong, label, muted, small, figure. Never markup."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    theme.mark(label, role=role, tone=tone)
    return label


def button(
    words: str,
    *,
    kind: str = "",
    keys: str = "",
    icon: QIcon | None = None,
    clicked: Callable[[], object] | None = None,
) -> QPushButton:
    """A push button: kind primary, danger, quiet or plain; `keys` is its shortcut, shown behind the words."""
    made = QPushButton()
    shown = show_keys(keys) if keys else ""
    gap = " " if icon is not None else ""  # Qt leaves four pixels between an icon and its words
    made.setText(f"{gap}{words}   {shown}".rstrip().replace("&", "&&"))
    made.setAccessibleName(words)
    if keys:
        made.setShortcut(keys)
    if icon is not None:
        made.setIcon(icon)
        made.setIconSize(QSize(theme.px(16), theme.px(16)))
    theme.mark(made, kind=kind)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


def show_keys(keys: str) -> str:
    """Keys as they stand on the keyboard of this system; Qt's Return is Enter to everybody."""
    shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return (shown or keys).replace("Return", "Enter")


def only_if(wanted: bool, widget: QWidget) -> None:
    """Hide a widget unless it is wanted. (`setVisible(True)` before it has a parent would open a window of its own.)"""
    if not wanted:
        widget.hide()


def row(*parts: QWidget | None, gap: int = 8) -> QHBoxLayout:
    """Parts side by side; None takes the room that is left."""
    return _line(QHBoxLayout(), parts, gap=gap)


def column(*parts: QWidget | None, gap: int = 8) -> QVBoxLayout:
    """Parts below one another; None takes the room that is left."""
    return _line(QVBoxLayout(), parts, gap=gap)


def _line(layout: Box, parts: tuple[QWidget | None, ...], *, gap: int) -> Box:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.px(gap))
    for part in parts:
        if part is None:
            layout.addStretch(1)
        else:
            layout.addWidget(part)
    return layout


class Card(QFrame):
    """A rounded sheet with a hairline around it; put things into `body`."""

    def __init__(self, title: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, role="card")
        self.body = QVBoxLayout(self)
        pad = theme.px(16)
        self.body.setContentsMargins(pad, pad, pad, pad)
        self.body.setSpacing(theme.px(10))
        if title:
            self.body.addWidget(text(title, role="heading"))


class Page(QScrollArea):
    """The ground of a screen: a title line, then `body`. Scrolls when the font is large or the window small."""

    def __init__(self, title: str = "", *, subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground = QWidget()
        theme.mark(ground, role="page")
        self.title, self.subtitle = text(title, role="title"), text(subtitle, role="muted")
        self.head = row(self.title, self.subtitle, None)
        self.body = QVBoxLayout(ground)
        self.body.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        self.body.setSpacing(theme.px(12))
        self.body.addLayout(self.head)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(ground)


class Chip(QWidget):
    """A word in a pill. `mark` is a drawn sign before it (see marks.NAMES), `solid` fills it with the accent."""

    def __init__(self, words: str = "", *, tone: str = Tone.NEUTRAL, mark: str = "", solid: bool = False) -> None:
        super().__init__()
        self._words, self._tone, self._mark, self._solid = words, tone, mark, solid
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words

    def say(self, words: str, *, tone: str = Tone.NEUTRAL, mark: str = "") -> None:
        """Change the word, its tone and its sign."""
        self._words, self._tone, self._mark = words, tone, mark
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(chip_font())
        sign = metrics.ascent() + theme.px(4) if self._mark else 0
        return QSize(metrics.horizontalAdvance(self._words) + 2 * theme.px(10) + sign, metrics.height() + theme.px(4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        ink, ground = look.tone(self._tone)
        if self._solid:
            ink, ground = look.colour("on_accent"), look.colour("accent")
        paint_pill(painter, QRectF(self.rect()), words=self._words, mark=self._mark, colours=(ink, ground))
        painter.end()


def sensitive_chip() -> Chip:
    """The mark of a sealed value, the same wherever one stands."""
    return Chip(_("Sensitive, sealed"), tone=Tone.DANGER, mark="lock")


def chip_font() -> QFont:
    """The font of chips."""
    return theme.current().font(11, weight=QFont.Weight.DemiBold)


def paint_pill(
    painter: QPainter,
    rect: QRectF,
    *,
    words: str,
    mark: str = "",
    colours: tuple[QColor, QColor],
    radius: float | None = None,
) -> None:
    """A filled pill with an optional sign and a word, shortened if it must be. `colours` is (ink, ground)."""
    ink, ground = colours
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    metrics = QFontMetrics(chip_font())
    room = rect.adjusted(theme.px(10), 0, -theme.px(10), 0)
    if mark:
        side = metrics.ascent()
        sign = QRectF(room.left(), rect.center().y() - side / 2, side, side)
        marks.paint(painter, sign, name=mark, colour=ink, width=2)
        room.setLeft(sign.right() + theme.px(4))
    painter.setFont(chip_font())
    painter.setPen(ink)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()) + 1)
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class ElidedLabel(QLabel):
    """One line that is shortened with dots when the room is narrow; the whole stays in the tooltip and for hearing."""

    def __init__(self, words: str = "", *, role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        theme.mark(self, role=role)
        self.setText(words)

    def setText(self, words: str) -> None:
        self._whole = words
        self.setAccessibleName(words)
        self._shorten()

    def whole(self) -> str:
        """The text, unshortened."""
        return self._whole

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._whole), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(0, self.width()))
        super().setText(shown if self.width() > 0 else self._whole)
        self.setToolTip(self._whole if shown != self._whole else "")


class KeyHint(QLabel):
    """A quiet line that names keys: KeyHint(("Alt+J", _("next problem")), ("F1", _("help")))."""

    def __init__(self, *keys: tuple[str, str]) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        theme.mark(self, role="small")
        self.setText(" · ".join(f"{show_keys(key)}: {what}" for key, what in keys))
