"""Chips that do something: filters that can be taken away, steps to go to, codes to tick; all by keyboard too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from app.i18n import _
from app.ui import theme
from app.ui.theme import Tone
from app.ui.widgets import marks
from app.ui.widgets.basics import chip_font, paint_pill
from app.ui.widgets.flow import FlowLayout, empty


class Pill(QAbstractButton):
    """A chip that can be pressed; `mark` is drawn before the word, `tail` after it."""

    def __init__(self, words: str, *, tone: str = Tone.NEUTRAL, mark: str = "", tail: str = "") -> None:
        super().__init__()
        self.setText(words)
        self.tone, self.mark, self.tail, self.solid = tone, mark, tail, False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(chip_font())
        sign = metrics.ascent() + theme.px(4)
        signs = sign * (bool(self.mark) + bool(self.tail))
        return QSize(metrics.horizontalAdvance(self.text()) + 2 * theme.px(11) + signs, metrics.height() + theme.px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme.current()
        ink, ground = look.tone(self.tone)
        if self.solid:
            ink, ground = look.colour("on_accent"), look.colour("accent")
        if not self.isEnabled():
            ink, ground = look.colour("faint"), look.colour("window")
        rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        paint_pill(painter, rect, words=self.text(), mark=self.mark, colours=(ink, ground))
        if self.tail:
            side = QFontMetrics(chip_font()).ascent() * 0.8
            at = QRectF(rect.right() - side - theme.px(9), rect.center().y() - side / 2, side, side)
            marks.paint(painter, at, name=self.tail, colour=ink, width=2)
        if self.hasFocus() or self.underMouse():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("text" if self.hasFocus() else "faint"), 2 if self.hasFocus() else 1))
            painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.end()


class FilterChips(QWidget):
    """The filters in force, each with a cross to take it away: `removed(name)`."""

    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._flow = FlowLayout(self, gap=theme.px(8))
        self.hide()

    def show_filters(self, filters: Iterable[tuple[str, str, str]]) -> None:
        """Show (name, words, tone) per filter; nothing at all when there is none."""
        empty(self._flow)
        for name, words, tone in filters:
            pill = Pill(words, tone=tone, tail="cross")
            pill.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            pill.setAccessibleName(_("Remove filter {filter}").format(filter=words))
            pill.clicked.connect(lambda _on=False, name=name: self.removed.emit(name))
            self._flow.addWidget(pill)
        self.setVisible(self._flow.count() > 0)


@dataclass(frozen=True)
class StepItem:
    """One step of a longer task: `state` is todo, current or done."""

    title: str
    state: str = "todo"


class StepBar(QWidget):
    """The steps of a task; `wanted(index)` when the person asks for one. Signs and words, never colour alone."""

    wanted = Signal(int)

    def __init__(self, *, numbered: bool = True, pressable: bool = True) -> None:
        super().__init__()
        self._numbered, self._pressable = numbered, pressable
        self._pills: list[Pill] = []
        self._flow = FlowLayout(self, gap=theme.px(6))

    def show_steps(self, steps: Sequence[StepItem]) -> None:
        """Show these steps; the same number of steps keeps the focus where it is."""
        if len(steps) != len(self._pills):
            empty(self._flow)
            self._pills = [self._pill(number) for number in range(len(steps))]
        said = {"done": _("done"), "current": _("current step"), "todo": _("not yet")}
        for number, (pill, step) in enumerate(zip(self._pills, steps, strict=True)):
            words = f"{number + 1} {step.title}" if self._numbered else step.title
            pill.setText(words)
            pill.setAccessibleName(f"{words}, {said[step.state]}")
            pill.tone = Tone.GOOD if step.state == "done" else Tone.NEUTRAL
            pill.mark, pill.solid = "check" if step.state == "done" else "", step.state == "current"
            pill.updateGeometry()
            pill.update()

    def _pill(self, number: int) -> Pill:
        pill = Pill("")
        pill.setFocusPolicy(Qt.FocusPolicy.TabFocus if self._pressable else Qt.FocusPolicy.NoFocus)
        pill.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not self._pressable)
        pill.clicked.connect(lambda: self.wanted.emit(number))
        self._flow.addWidget(pill)
        return pill


class ChipPicker(QWidget):
    """Several codes to tick. One Tab stop; arrows, Home and End move, Space ticks; `picked()` when the person did."""

    picked = Signal()

    def __init__(self, choices: Sequence[tuple[str, str]], *, name: str = "") -> None:
        super().__init__()
        self._flow = FlowLayout(self, gap=theme.px(6))
        self._pills: dict[str, Pill] = {}
        self._name = name
        for code, words in choices:
            self._add(code, words)
        self._set_stop(0)

    def codes(self) -> tuple[str, ...]:
        """The ticked codes, in the order of the list."""
        return tuple(code for code, pill in self._pills.items() if pill.isChecked())

    def set_codes(self, codes: Iterable[str]) -> None:
        """Tick exactly these. A code that the list does not know (retired, or from a newer peer) is kept and shown."""
        wanted = tuple(codes)
        for code in wanted:
            if code not in self._pills:
                self._add(code, code)
        for code, pill in self._pills.items():
            pill.setChecked(code in wanted)
        self._set_stop(0)

    def allow(self, codes: Iterable[str]) -> None:
        """Only these may be ticked; others lose their tick and say that they are not possible now."""
        allowed = set(codes)
        for code, pill in self._pills.items():
            pill.setEnabled(code in allowed)
            pill.setChecked(pill.isChecked() and code in allowed)
        self._set_stop(next((at for at, code in enumerate(self._pills) if code in allowed), 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        pills = [pill for pill in self._pills.values() if pill.isEnabled()]
        here = QApplication.focusWidget()
        at = pills.index(here) if isinstance(here, Pill) and here in pills else 0
        target = {
            Qt.Key.Key_Right: at + 1, Qt.Key.Key_Down: at + 1, Qt.Key.Key_Left: at - 1, Qt.Key.Key_Up: at - 1,
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(pills) - 1,
        }.get(Qt.Key(event.key()))  # fmt: skip
        if target is None:
            super().keyPressEvent(event)
        elif pills:
            chosen = pills[target % len(pills)]
            self._set_stop(list(self._pills.values()).index(chosen))
            chosen.setFocus(Qt.FocusReason.TabFocusReason)

    def _add(self, code: str, words: str) -> None:
        pill = _Tick(words, name=f"{self._name}: {words}" if self._name else words)
        pill.clicked.connect(self.picked)
        self._pills[code] = pill
        self._flow.addWidget(pill)

    def _set_stop(self, number: int) -> None:
        """Only one pill takes part in the Tab order."""
        for at, pill in enumerate(self._pills.values()):
            pill.setFocusPolicy(Qt.FocusPolicy.StrongFocus if at == number else Qt.FocusPolicy.ClickFocus)
            if at == number:
                self.setFocusProxy(pill)


class _Tick(Pill):
    """A pill with a tick in front when it is on."""

    def __init__(self, words: str, *, name: str) -> None:
        super().__init__(words)
        self.setAccessibleName(name)
        self.setCheckable(True)
        self.toggled.connect(self._look)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the picker, not to Qt's own idea of a button group."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Select):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _look(self, on: bool) -> None:
        self.mark, self.tone = ("check", Tone.GOOD) if on else ("", Tone.NEUTRAL)
        self.updateGeometry()
        self.update()
