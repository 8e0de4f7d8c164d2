"""Words of a spreadsheet that are in no list of codes: said once what they mean, and remembered."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.i18n import N_, _, format_number, ngettext
from app.models.codelist import label
from app.services.import_plan import Plan, targets
from app.services.import_values import plain
from app.ui import theme
from app.ui.form_tools import choices
from app.ui.screens.import_work import ImportWork, Listed, target_label
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, button, text
from app.ui.widgets.editors import CodeEditor, Unreadable
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Word:
    """One word, where it stood, how often, and what it means: a code, "" for left out, None for nobody said yet."""

    target: str
    words: str
    often: int
    means: str | None

    @property
    def said(self) -> str:
        """What it means, in words."""
        if self.means is None:
            return _("not chosen yet")
        return label(targets()[self.target].field.codelist, self.means) if self.means else _("leave out")


class WordsPage(QWidget):
    """The words at the left, the list of codes for the chosen one at the right. `changed()` after every choice."""

    changed = Signal()

    def __init__(self, place: Workplace, work: ImportWork) -> None:
        super().__init__()
        self.place, self.work, self.source = place, work, Listed()
        self.table = TableView(
            PagedModel(self.source, columns=_columns()), name=_("Words nobody knows"),
            empty=_("Every word of the file is known."),
        )  # fmt: skip
        self.table.chosen.connect(self._show)
        self.table.opened.connect(lambda _at: self.chooser.setFocus() if self.chooser else None)
        self.card, self.said = Card(), text("", tone="warn", wrap=True)
        self.chooser: CodeEditor | None = None
        self.card.body.addWidget(self.said)
        self._lay_out()

    def show_plan(self, plan: Plan) -> None:
        """Show what the dry run did not understand."""
        self.source.put([
            Word(target, words, often, self.work.words.get(target, {}).get(plain(words)))
            for target, found in plan.unknown.items() for words, often in found.items()
        ])  # fmt: skip
        self.table.model().refresh()  # type: ignore[attr-defined]
        if self.source.items:
            self.table.choose(0)
        self._show(self.table.current_id())

    # inside

    def _show(self, at: int | None) -> None:
        self.chooser = None
        empty(self.card.body)
        if at is None or at >= len(self.source.items):
            self.card.hide()
            return
        self.card.show()
        word = self.source.items[at]
        field = targets()[word.target].field
        often = ngettext("Stands in {n} row.", "Stands in {n} rows.", word.often).format(n=format_number(word.often))
        self.chooser = CodeEditor(choices(field.codelist or ""))
        self.chooser.target.setAccessibleName(_("Means"))
        self.chooser.set_value(word.means or None)
        self.chooser.committed.connect(lambda: self._chosen(at))
        self.said = text("", tone="warn", wrap=True)
        for part in (
            text(f"\u201c{word.words}\u201d", role="heading", wrap=True),
            text(f"{target_label(word.target)}. {often}", role="muted", wrap=True),
            text(_("Means"), role="label"), self.chooser, self.said,
            button(_("Leave this word out"), clicked=lambda: self._mean(at, "")),
        ):  # fmt: skip
            self.card.body.addWidget(part)
        self.said.hide()

    def _chosen(self, at: int) -> None:
        if self.chooser is None or self.table.current_id() != at:
            return
        try:
            code = self.chooser.value()
        except Unreadable as error:
            self.said.setText(str(error))
            self.said.show()
            return
        if code:
            self._mean(at, code)

    def _mean(self, at: int, code: str) -> None:
        word = self.source.items[at]
        if word.means == code:
            return
        self.work.words.setdefault(word.target, {})[plain(word.words)] = code
        items = list(self.source.items)
        items[at] = Word(word.target, word.words, word.often, code)
        self.source.put(items)
        self.table.model().forget([at])  # type: ignore[attr-defined]
        self.changed.emit()

    def _lay_out(self) -> None:
        aside = QVBoxLayout()
        aside.addWidget(self.card)
        aside.addStretch(1)
        layout = QHBoxLayout()
        layout.setSpacing(theme.px(14))
        layout.addWidget(self.table, 3)
        layout.addLayout(aside, 2)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.px(10))
        words = _("Say once what they mean; it is remembered. Rows with a word that nobody explains stay out.")
        whole.addWidget(text(words, role="muted", wrap=True))
        whole.addLayout(layout, 1)
        self.landing: QWidget = self.table


def _columns() -> tuple[Column, ...]:
    return (
        Column("target", N_("Field"), 170, text=target_label, sortable=False, stretch=True),
        Column("words", N_("In the file"), 150, sortable=False, style="strong", stretch=True),
        Column("often", N_("Rows"), 70, text=format_number, sortable=False, right=True),
        Column("said", N_("Means"), 150, text=lambda word: word.said, sortable=False, stretch=True, whole_row=True,
               mark=lambda word: "warning" if word.means is None else "check",
               tone=lambda word: Tone.WARN if word.means is None else Tone.GOOD),
    )  # fmt: skip
