"""The calm frame at the left: where one is, what waits, how things stand with the centre, who is at the keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QIcon, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.i18n import _
from app.ui import icons, theme
from app.ui.theme import Tone
from app.ui.widgets import marks
from app.ui.widgets.basics import ElidedLabel, text

WIDTH, WIDEST = 212, 300
LINES = 3  # the sync box has room for so many


@dataclass(frozen=True)
class NavItem:
    """A place to go to."""

    name: str
    title: str
    icon: str
    group: str = ""  # a gap stands between groups
    caption: str = ""  # and these words above the first of one


@dataclass(frozen=True)
class SyncView:
    """The state of sync in the words it is shown in: state "Luring", lines "14 perubahan menunggu", ..."""

    state: str
    tone: str = Tone.NEUTRAL
    lines: tuple[str, ...] = ()  # at most LINES
    action: str = ""
    enabled: bool = True


class Sidebar(QFrame):
    """`chosen(name)` when the person goes somewhere, `sync_wanted()` from the button of the sync box."""

    chosen = Signal(str)
    sync_wanted = Signal()

    def __init__(self, items: Sequence[NavItem], *, office: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, role="sidebar")
        self.setFixedWidth(min(theme.px(WIDTH), max(WIDEST, WIDTH)))
        self._buttons = {item.name: _NavButton(item) for item in items}
        self._sync = SyncBox()
        self._sync.button.clicked.connect(self.sync_wanted)
        self._user = ElidedLabel(role="small")
        self._lock = ElidedLabel(role="small")
        self._shield = Shield()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(12), theme.px(16), theme.px(12), theme.px(14))
        layout.setSpacing(0)
        layout.addLayout(self._head(office))
        layout.addWidget(self._places(items), 1)
        layout.addWidget(self._sync)
        layout.addLayout(self._foot())

    def go(self, name: str) -> None:
        """Show which place one is at."""
        for key, button in self._buttons.items():
            button.setChecked(key == name)

    def set_counter(self, name: str, *, count: int, urgent: bool = False) -> None:
        """What waits there; 0 shows nothing, urgent is said by a sign and by colour."""
        self._buttons[name].set_counter(count, urgent=urgent)

    def show_sync(self, view: SyncView) -> None:
        """How things stand with the centre."""
        self._sync.show_state(view)

    def show_user(self, who: str, *, lock: str) -> None:
        """Who is at the keyboard, and when the screen locks by itself."""
        self._user.setText(who)
        self._lock.setText(lock)

    def show_shield(self, words: str, *, on: bool, means: str) -> None:
        """Whether pictures of the screen are blocked."""
        self._shield.show_state(words, on=on, means=means)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down move between the places."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        buttons = list(self._buttons.values())
        here = next((n for n, b in enumerate(buttons) if b.hasFocus()), None)
        if step is None or here is None:
            super().keyPressEvent(event)
            return
        buttons[(here + step) % len(buttons)].setFocus(Qt.FocusReason.TabFocusReason)

    def _head(self, office: str) -> QVBoxLayout:
        head = QVBoxLayout()
        head.setContentsMargins(theme.px(10), 0, theme.px(6), theme.px(16))
        head.setSpacing(theme.px(2))
        head.addWidget(text("Naungan", role="brand"))
        head.addWidget(ElidedLabel(office, role="small"))
        return head

    def _places(self, items: Sequence[NavItem]) -> QScrollArea:
        body = QWidget()
        theme.mark(body, role="body")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(1))
        for at, item in enumerate(items):
            if at and item.group != items[at - 1].group:
                layout.addSpacing(theme.px(8))
                if item.caption:
                    layout.addWidget(_caption(item.caption))
            self._buttons[item.name].clicked.connect(lambda _on=False, name=item.name: self.chosen.emit(name))
            layout.addWidget(self._buttons[item.name])
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(body)
        return area

    def _foot(self) -> QVBoxLayout:
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.px(9), theme.px(12), theme.px(6), 0)
        foot.setSpacing(0)
        foot.addWidget(self._user)
        foot.addWidget(self._lock)
        foot.addWidget(self._shield)
        return foot


def _caption(words: str) -> ElidedLabel:
    """What a group of places has in common."""
    caption = ElidedLabel(words, role="small")
    caption.setContentsMargins(theme.px(12), 0, 0, theme.px(2))
    return caption


class SyncBox(QFrame):
    """State, what waits, when last; always in view."""

    def __init__(self) -> None:
        super().__init__()
        theme.mark(self, role="syncbox")
        self._dot = _StateDot()
        self._state = ElidedLabel(role="syncstate")
        self._labels = [ElidedLabel(role="small") for _number in range(LINES)]
        lines = QVBoxLayout()
        lines.setSpacing(0)
        for label in self._labels:
            lines.addWidget(label)
        self.button = QPushButton()
        theme.mark(self.button, kind="sync")
        head = QHBoxLayout()
        head.setSpacing(theme.px(6))
        head.addWidget(self._dot)
        head.addWidget(self._state, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(12), theme.px(9), theme.px(12), theme.px(10))
        layout.setSpacing(theme.px(4))
        layout.addLayout(head)
        layout.addLayout(lines)
        layout.addWidget(self.button)
        self.show_state(SyncView("", action=_("Sync…")))

    def show_state(self, view: SyncView) -> None:
        """Show it; the state is a word, its colour and sign only repeat it. Without a state the box is not there."""
        self.setVisible(bool(view.state))
        self._state.setText(view.state)
        theme.mark(self._state, tone=view.tone)
        self._dot.show_tone(view.tone)
        for number, label in enumerate(self._labels):
            label.setText(view.lines[number] if number < len(view.lines) else "")
            label.setVisible(number < len(view.lines))
        words = view.action or _("Sync…")
        self.button.setText(words)
        self.button.setAccessibleName(words)
        self.button.setAccessibleDescription(". ".join((view.state, *view.lines)))
        self.button.setEnabled(view.enabled)


class Shield(QWidget):
    """A shield and a few words, which say whether it holds; the colour only repeats it."""

    def __init__(self) -> None:
        super().__init__()
        self._sign = _StateDot(sign="shield")
        self._words = ElidedLabel(role="small")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(5))
        layout.addWidget(self._sign)
        layout.addWidget(self._words, 1)
        self.hide()

    def show_state(self, words: str, *, on: bool, means: str) -> None:
        """Say how it stands; `means` is the whole sentence, for whoever rests on it or listens."""
        self._words.setText(words)
        self._sign.show_tone(Tone.GOOD if on else Tone.WARN)
        self.setToolTip(means)
        self.setAccessibleName(words)
        self.setAccessibleDescription(means)
        self.show()


class _StateDot(QWidget):
    """A dot; a warning sign when something is wrong. With a sign of its own it keeps that."""

    def __init__(self, *, sign: str = "") -> None:
        super().__init__()
        self._tone: str = Tone.NEUTRAL
        self._own = sign
        self.setFixedSize(theme.px(12), theme.px(12))

    def show_tone(self, tone: str) -> None:
        """Follow the tone of the state."""
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = {Tone.WARN: "sidebar_warn", Tone.DANGER: "sidebar_danger", Tone.GOOD: "sidebar_good"}
        name = colour.get(Tone(self._tone), "sidebar_muted")
        sign = self._own or {Tone.DANGER: "warning", Tone.GOOD: "check"}.get(Tone(self._tone), "dot")
        painter = QPainter(self)
        marks.paint(painter, QRectF(self.rect()), name=sign, colour=theme.current().colour(name), width=2.2)
        painter.end()


class _NavButton(QAbstractButton):
    """Icon, title, counter; the current one on a lighter ground and in bold."""

    def __init__(self, item: NavItem) -> None:
        super().__init__()
        self.setText(item.title)
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._icons = (icons.icon(item.icon, colour="sidebar_muted"), icons.icon(item.icon, colour="sidebar_text"))
        self._count, self._urgent = 0, False
        self.setAccessibleName(item.title)

    def set_counter(self, count: int, *, urgent: bool) -> None:
        """Show how many wait."""
        self._count, self._urgent = count, urgent
        self.setAccessibleName(
            _("{place}, {count} waiting").format(place=self.text(), count=count) if count else self.text()
        )
        self.update()

    def nextCheckState(self) -> None:
        """Only the window decides where one is."""

    def sizeHint(self) -> QSize:
        return QSize(theme.px(150), theme.px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, rect = QPainter(self), theme.current(), QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = look.px(6)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("sidebar_current" if self.isChecked() else "sidebar_box"))
            painter.drawRoundedRect(rect, radius, radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("sidebar_warn"), 2))
            painter.drawRoundedRect(rect, radius, radius)
        side = look.px(17)
        at = QRectF(rect.left() + look.px(12), rect.center().y() - side / 2, side, side).toRect()
        self._icons[self.isChecked()].paint(painter, at, Qt.AlignmentFlag.AlignCenter, QIcon.Mode.Normal)
        left = at.right() + look.px(10)
        font = look.font(weight=QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal)
        room = QRectF(left, rect.top(), rect.right() - left - self._paint_counter(painter, rect), rect.height())
        painter.setFont(font)
        painter.setPen(look.colour("sidebar_text" if self.isChecked() else "sidebar_muted"))
        words = QFontMetrics(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()

    def _paint_counter(self, painter: QPainter, rect: QRectF) -> int:
        """Draw the counter at the right; the width it took."""
        if not self._count:
            return theme.px(8)
        look = theme.current()
        font = look.font(11, weight=QFont.Weight.Bold)
        words = f"{self._count}!" if self._urgent else str(self._count)
        metrics = QFontMetrics(font)
        width = max(metrics.horizontalAdvance(words) + look.px(12), look.px(22))
        height = metrics.height() + look.px(2)
        pill = QRectF(rect.right() - width - look.px(8), rect.center().y() - height / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("sidebar_warn" if self._urgent else "sidebar_box"))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setFont(font)
        painter.setPen(look.colour("sidebar" if self._urgent else "sidebar_text"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, words)
        return int(width) + look.px(14)
