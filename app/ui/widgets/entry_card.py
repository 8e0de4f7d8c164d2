"""One entry of a case: a heading with chips, facts in two columns, who and when, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.i18n import _
from app.ui import theme
from app.ui.widgets.basics import Chip, column, row, sensitive_chip, text
from app.ui.widgets.flow import FlowLayout

ChipWords = tuple[str, str, str]  # words, tone, mark
LABEL_WIDTH = 150
PICTURE = 120
BESIDE = 2  # more buttons than that stand in a line of their own
LONG_TITLE = 44  # characters; a longer one has its own line and may break
ROOMY = 125  # up to this size of the font several buttons find room beside a heading


class Fact(NamedTuple):
    """A label and its words. `seal` says of a sealed value whether it is "open" to this person or "hidden"."""

    name: str
    words: str
    seal: str = ""


Facts = Sequence[tuple[str, str] | Fact]


@dataclass(frozen=True)
class EntryView:
    """What an entry shows; an empty fact is left out."""

    title: str
    chips: Sequence[ChipWords] = ()
    facts: Facts = ()
    words: str = ""  # running text
    meta: str = ""
    mark: ChipWords | None = None  # whether the centre has it
    actions: Sequence[QPushButton] = ()
    picture: bytes = b""  # a small JPEG of what it is about


class EntryCard(QFrame):
    """Flat, with a hairline under it, so that many of them stay calm. `wide` sets its facts in two columns."""

    def __init__(self, view: EntryView, *, wide: bool = False) -> None:
        super().__init__()
        theme.mark(self, role="entry")
        layout = self._beside(view.picture)
        layout.setSpacing(theme.px(6))
        chips = [Chip(words, tone=tone, mark=sign) for words, tone, sign in view.chips if words]
        beside = len(view.actions) == 1 or (wide and len(view.actions) <= BESIDE and theme.current().scale <= ROOMY)
        alone = view.actions if beside else ()
        if len(view.title) > LONG_TITLE and (chips or alone):
            layout.addWidget(text(view.title, role="strong", wrap=True))
            layout.addLayout(row(*chips, None, *alone))
        elif chips or alone:
            layout.addLayout(row(text(view.title, role="strong"), *chips, None, *alone))
        else:  # alone in its line it may break: in a narrow pane a long one would push the values out of sight
            layout.addWidget(text(view.title, role="strong", wrap=True))
        if view.words:
            layout.addWidget(text(view.words, wrap=True))
        facts = [fact for fact in (Fact(*one) for one in view.facts) if fact.words]
        if facts:
            layout.addLayout(_grid(facts, columns=2 if wide and len(facts) > 3 else 1))
        if view.meta or view.mark is not None:
            foot: list[QWidget | None] = [text(view.meta, role="small")]
            if view.mark is not None:
                foot.append(Chip(view.mark[0], tone=view.mark[1], mark=view.mark[2]))
            layout.addLayout(row(*foot, None))
        if view.actions and not alone:
            layout.addWidget(_flowing(view.actions))
        rule = QFrame()
        theme.mark(rule, role="rule")
        layout.addSpacing(theme.px(4))
        layout.addWidget(rule)

    def _beside(self, picture: bytes) -> QVBoxLayout:
        """Where everything goes: the whole card, or the room beside a picture."""
        pixmap = QPixmap()
        if not picture or not pixmap.loadFromData(picture, "JPEG"):
            layout = QVBoxLayout(self)
            layout.setContentsMargins(0, theme.px(4), 0, theme.px(4))
            return layout
        shown = QLabel()
        side = theme.px(PICTURE)
        kept = Qt.AspectRatioMode.KeepAspectRatio
        shown.setPixmap(pixmap.scaled(side, side, kept, Qt.TransformationMode.SmoothTransformation))
        shown.setFixedWidth(side)
        shown.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        shown.setAccessibleName(_("Small picture of the file"))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, theme.px(4), 0, theme.px(4))
        outer.setSpacing(theme.px(14))
        outer.addWidget(shown)
        inner = QVBoxLayout()
        outer.addLayout(inner, 1)
        return inner


def _grid(facts: Sequence[Fact], *, columns: int) -> QGridLayout:
    """The facts, reading down the first column, then down the second."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(12))
    grid.setVerticalSpacing(theme.px(3))
    lines = -(-len(facts) // columns)
    for at in range(columns):
        grid.setColumnMinimumWidth(2 * at, theme.px(LABEL_WIDTH))
        grid.setColumnStretch(2 * at + 1, 1)
    for place, fact in enumerate(facts):
        at, line = divmod(place, lines)
        grid.addWidget(text(fact.name, role="muted", wrap=True), line, 2 * at, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_value(fact), line, 2 * at + 1, Qt.AlignmentFlag.AlignTop)
    return grid


def _value(fact: Fact) -> QWidget:
    """The words; what is sealed wears its mark, and the mark is told with it."""
    shown = text(fact.words, role="muted" if fact.seal == "hidden" else "", wrap=True)
    if fact.seal != "hidden":
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        shown.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Qt would make it a Tab stop without a name
    if not fact.seal:
        return shown
    mark = sensitive_chip()
    shown.setAccessibleName(f"{fact.name}, {mark.words}: {fact.words}")
    holder = QWidget()
    holder.setLayout(column(mark, shown, gap=2))
    return holder


def _flowing(actions: Sequence[QPushButton]) -> QWidget:
    holder = QWidget()
    flow = FlowLayout(holder, gap=theme.px(8))
    for action in actions:
        flow.addWidget(action)
    holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return holder
