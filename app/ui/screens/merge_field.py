"""One field in which two entries for a person differ: this one, what is to stand, and that one, side by side."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QRadioButton

from app.i18n import _
from app.models.field import Field
from app.models.person import Person
from app.services.person_merge import Comparison
from app.ui import presenting, theme
from app.ui.field_editors import editor_for
from app.ui.form_tools import tools_for
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, row, sensitive_chip, text
from app.ui.widgets.differing import DifferingText
from app.ui.workplace import Workplace

_SIDE = 2  # of the three columns, how wide a side is beside the middle


class MergeField(Card):
    """The middle starts with what the service proposes, can be taken from a side, and can be written in.

    What this person cannot read stays as it is: nobody decides between what they do not see.
    """

    def __init__(self, place: Workplace, field: Field, *, both: Comparison) -> None:
        super().__init__()
        self.field = field
        self.values = (both.kept[field.key], both.gone[field.key])
        self.unseen = any(presenting.is_hidden(value) for value in self.values)
        self.sides = (QRadioButton(_("This entry")), QRadioButton(_("That entry")))
        self.said = text("", role="small", tone=Tone.DANGER, wrap=True)
        self.said.hide()
        self.editor = editor_for(field, tools=tools_for(place.desk, Person))
        self.editor.target.setAccessibleName(_("{field}: what is to stand").format(field=_(field.label)))
        self.editor.set_value(both.result[field.key] if not self.unseen else None)
        self._lay_out()

    def pick(self, side: int) -> None:
        """Let one side stand: 0 or 1."""
        self.sides[side].setChecked(True)
        self.editor.set_value(self.values[side])

    def answer(self) -> dict[str, Any]:
        """What is to stand, by the field's key. ValueError, said here as well, for what cannot be read."""
        if self.unseen:
            return {}
        try:
            return {self.field.key: self.editor.value()}
        except ValueError as error:
            self.said.setText(str(error))
            self.said.show()
            self.editor.target.setFocus()
            raise

    def _lay_out(self) -> None:
        chips = [sensitive_chip()] if self.field.sealed else []
        self.body.addLayout(row(text(_(self.field.label), role="heading"), *chips, None))
        if self.unseen:
            self.editor.hide()
            self.editor.setParent(self)
            words = _("Sealed: it stays with each entry, and somebody who may read it can take it over later.")
            self.body.addWidget(text(words, tone=Tone.WARN, wrap=True))
            return
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(18))
        shown = [presenting.value_text(self.field, value) or presenting.NOTHING for value in self.values]
        for side, column in ((0, 0), (1, 2)):
            pick = self.sides[side]
            pick.setAccessibleName(f"{_(self.field.label)}, {pick.text()}: {shown[side]}")
            pick.clicked.connect(partial(self.pick, side))
            grid.addWidget(pick, 0, column)
            grid.addWidget(DifferingText(shown[side], other=shown[1 - side]), 1, column)
            grid.setColumnStretch(column, _SIDE)
        grid.addWidget(text(_("What is to stand"), role="label"), 0, 1)
        grid.addWidget(self.editor, 1, 1, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(1, _SIDE + 1)
        self.body.addLayout(grid)
        self.body.addWidget(self.said)
