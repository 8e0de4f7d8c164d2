"""Several codes of a long list: type a part of one, choose it, and it stands below as a chip that can be taken away."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.i18n import _
from app.ui import theme
from app.ui.theme import Tone
from app.ui.widgets.editors import Choices, CodeEditor, Unreadable
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.widgets.pills import Pill


class PickCodesEditor(CodeEditor):
    """The value is a tuple of codes, in the order of the list. A code the list does not know is kept and shown."""

    def __init__(self, choices: Choices) -> None:
        self._codes: tuple[str, ...] = ()
        self._order = [code for code, _words in choices]
        self._labels = dict(choices)
        super().__init__(choices)
        self._holder = QWidget()
        self._flow = FlowLayout(self._holder, gap=theme.px(6))
        self._holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        layout = self.layout()
        assert layout is not None
        layout.setSpacing(theme.px(6))
        layout.addWidget(self._holder)
        self._holder.hide()

    def value(self) -> tuple[str, ...]:
        """What was chosen; what is typed and not chosen yet is no value."""
        words = self.combo.currentText().strip()
        if words:
            raise Unreadable(
                _("“{text}” is not in the list. Type a part of an entry, or open the list.").format(text=words)
            )
        return self._codes

    def set_value(self, value: Any) -> None:
        """Show these codes."""
        self._codes = tuple(value or ())
        self._clear()
        self._show()

    def _settle(self) -> None:
        """Leaving, Enter and a choice end here: what is meant becomes a chip."""
        at = self._find(self.combo.currentText().strip())
        if at > 0:
            self._add(self.combo.itemData(at))
        self.committed.emit()

    def _add(self, code: str) -> None:
        if code not in self._codes:
            chosen = {*self._codes, code}
            known = [c for c in self._order if c in chosen]
            self._codes = (*known, *(c for c in self._codes if c not in known))
        self._clear()
        self._show()

    def _take_away(self, code: str) -> None:
        self._codes = tuple(c for c in self._codes if c != code)
        self._show()
        self.combo.setFocus(Qt.FocusReason.OtherFocusReason)
        self.committed.emit()

    def _clear(self) -> None:
        self.combo.setCurrentIndex(0)
        self.combo.setEditText("")

    def _show(self) -> None:
        empty(self._flow)
        for code in self._codes:
            words = self._labels.get(code, code)
            pill = Pill(words, tone=Tone.GOOD, tail="cross")
            pill.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            pill.setAccessibleName(_("Remove {entry}").format(entry=words))
            pill.clicked.connect(lambda _on=False, code=code: self._take_away(code))
            self._flow.addWidget(pill)
        self._holder.setVisible(bool(self._codes))
