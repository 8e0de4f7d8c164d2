"""One field that two people changed: the other entry, what is to stand, and what the centre has, side by side."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton

from app.i18n import _
from app.models.base import KINDS
from app.models.field import Field, Kind
from app.services.conflicts import EDITED, KEPT, OTHER, Choice, sides_of
from app.services.disputes import Dispute
from app.services.entries import Entry
from app.ui import presenting, theme
from app.ui.field_editors import editor_for
from app.ui.form_tools import tools_for
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, row, sensitive_chip, text
from app.ui.widgets.differing import DifferingText
from app.ui.widgets.editors import Editor
from app.ui.workplace import Workplace

_SIDE = 2  # of the three columns, how wide a side is beside the middle


class FieldChoice(Card):
    """`chosen()` when what is to stand is another. Alt+Left and Alt+Right take a side; the middle can be written in.

    A value that this person cannot read offers no choice: nobody decides between what they do not see.
    """

    chosen = Signal()

    def __init__(self, place: Workplace, entry: Entry, *, dispute: Dispute) -> None:
        super().__init__()
        sides = sides_of(entry)
        self.place, self.entry, self.sides, self._names = place, entry, sides, dispute.names
        here = sides.field is not None and bool(dispute.values)
        self._stands = dispute.values.get(sides.field.key) if here and sides.field else sides.kept
        # chosen once already, and waiting again: the value the centre had is offered, not the same one twice
        self._earlier = _equal(self._stands, sides.other) and not _equal(sides.kept, sides.other)
        self._right = sides.kept if self._earlier else self._stands
        self._picked = ""
        self.unseen = presenting.is_hidden(sides.kept) or presenting.is_hidden(sides.other)
        self.other = QRadioButton(_("Your entry") if sides.other_by == place.desk.actor.name else _("Other entry"))
        self.kept = QRadioButton(_("At the centre"))
        self._sides = QButtonGroup(self)
        self._sides.addButton(self.other)
        self._sides.addButton(self.kept)
        self.editor = self._editor(sides.field)
        self.said = text("", role="small", wrap=True)
        self._lay_out()
        for keys, side in (("Alt+Left", OTHER), ("Alt+Right", KEPT)):  # a radio button keeps arrows for itself
            pressed = QShortcut(QKeySequence(keys), self)
            pressed.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            pressed.activated.connect(partial(self.pick, side))
        self.other.clicked.connect(lambda: self.pick(OTHER))
        self.kept.clicked.connect(lambda: self.pick(KEPT))
        if self.editor is not None:
            self.editor.edited.connect(self._written)
            self.editor.committed.connect(self._written)

    @property
    def name(self) -> str:
        """What the field is called."""
        return _(self.sides.field.label) if self.sides.field else self.entry["about_field"] or ""

    @property
    def is_chosen(self) -> bool:
        """Whether something was chosen here."""
        return bool(self._picked)

    def pick(self, side: str) -> None:
        """Let one side stand: KEPT or OTHER."""
        if self.unseen:
            return
        self._picked = side
        (self.kept if side == KEPT else self.other).setChecked(True)
        if self.editor is not None:
            self.editor.blockSignals(True)
            self.editor.set_value(self._right if side == KEPT else self.sides.other)
            self.editor.blockSignals(False)
        self._say("")
        self.chosen.emit()

    def answer(self) -> Choice | None:
        """What is to stand; None while nothing was chosen. ValueError, said here as well, for what cannot be read."""
        if self._picked == KEPT and self._earlier:
            return Choice(EDITED, self._right)
        if self._picked != EDITED or self.editor is None:
            return Choice(self._picked) if self._picked else None
        try:
            return Choice(EDITED, self.editor.value())
        except ValueError as error:
            self._say(str(error))
            self.editor.target.setFocus()
            raise

    def _written(self) -> None:
        """What is written in the middle is a choice of its own, unless it is one of the two."""
        assert self.editor is not None
        try:
            value = self.editor.value()
        except ValueError:
            value = object()
        same = {KEPT: self._right, OTHER: self.sides.other}
        self._picked = next((side for side, said in same.items() if _equal(said, value)), EDITED)
        self._sides.setExclusive(False)
        self.kept.setChecked(self._picked == KEPT)
        self.other.setChecked(self._picked == OTHER)
        self._sides.setExclusive(True)
        self._say(_("A third value: both entries stay in the history.") if self._picked == EDITED else "")
        self.chosen.emit()

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def _editor(self, declared: Field | None) -> Editor | None:
        if declared is None or self.unseen or declared.kind is Kind.REF:
            return None
        record = KINDS[self.entry["about_kind"]]
        editor = editor_for(declared, tools=tools_for(self.place.desk, record))
        editor.target.setAccessibleName(_("{field}: what is to stand").format(field=self.name))
        return editor

    def _words(self, value: Any) -> str:
        declared = self.sides.field
        if declared is not None and declared.kind is Kind.REF:
            return self._names.get(str(value), "") or presenting.NOTHING
        words = presenting.value_text(declared, value) if declared else str(value or "")
        return words or presenting.NOTHING

    def _signed(self, by: str, at: Any) -> QLabel:
        signed = " \u00b7 ".join(part for part in (by, presenting.when(at, self.place.now())) if part)
        return text(signed, role="small", wrap=True)

    def _lay_out(self) -> None:
        sides, grid = self.sides, QGridLayout()
        grid.setHorizontalSpacing(theme.px(18))
        grid.setVerticalSpacing(theme.px(4))
        head = row(
            text(self.name, role="heading"), *([sensitive_chip()] if sides.field and sides.field.sealed else []), None
        )
        self.body.addLayout(head)
        if self.unseen:
            words = _("Both values are sealed: somebody who may read them has to choose.")
            self.body.addWidget(text(words, tone=Tone.WARN, wrap=True))
            return
        other, kept = self._words(sides.other), self._words(self._right)
        for column, (pick, words, beside, signed) in {
            0: (self.other, other, kept, self._signed(sides.other_by, sides.other_at)),
            2: (self.kept, kept, other, self._signed(sides.kept_by, sides.kept_at)),
        }.items():
            pick.setAccessibleName(f"{self.name}, {pick.text()}: {words}")
            grid.addWidget(pick, 0, column)
            grid.addWidget(DifferingText(words, other=beside), 1, column)
            grid.addWidget(signed, 2, column)
            grid.setColumnStretch(column, _SIDE)
        grid.addWidget(text(_("What is to stand"), role="label"), 0, 1)
        middle = self.editor or text(_("Choose one of the two."), role="muted", wrap=True)
        grid.addWidget(middle, 1, 1, 2, 1, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(1, _SIDE + 1)
        self.body.addLayout(grid)
        if not _equal(self._stands, sides.kept):
            since = _("Changed since they met; it was: {value}").format(value=self._words(sides.kept))
            if self._earlier:
                since = _("What stands now: {value}").format(value=other)
            self.body.addWidget(text(since, role="small", tone=Tone.WARN, wrap=True))
        self.body.addWidget(self.said)
        self._say("")


def _equal(one: Any, two: Any) -> bool:
    """Whether two values are the same to a person: empty is empty, and a set has no order."""
    if isinstance(one, tuple | list) or isinstance(two, tuple | list):
        return set(one or ()) == set(two or ())
    return (one or None) == (two or None) if one in ("", None) or two in ("", None) else bool(one == two)
