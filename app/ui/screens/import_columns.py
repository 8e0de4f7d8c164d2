"""Which column of a spreadsheet becomes which field, and what stands in every row that says nothing."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.i18n import N_, _
from app.models.case import Case
from app.models.field import field_map
from app.services.import_plan import letter, targets
from app.ui import theme
from app.ui.form import Form
from app.ui.form_tools import tools_for
from app.ui.screens.import_work import GIVEN, ImportWork, Listed, target_label
from app.ui.screens.refer import scrolled
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, text
from app.ui.widgets.editors import CodeEditor, Unreadable
from app.ui.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Line:
    """One column of the file."""

    at: int
    name: str
    examples: str
    target: str
    proposed: bool

    @property
    def goes_to(self) -> str:
        """Where it goes, in words."""
        if not self.target:
            return _("left out")
        words = target_label(self.target)
        return _("{target} (suggested)").format(target=words) if self.proposed else words


class ColumnsPage(QWidget):
    """The columns at the left, where the chosen one goes at the right. `changed()` after every choice."""

    changed = Signal()

    def __init__(self, place: Workplace, work: ImportWork) -> None:
        super().__init__()
        self.work, self.source = work, Listed()
        self.chooser = CodeEditor([(name, target_label(name)) for name in targets()])
        self.table = TableView(PagedModel(self.source, columns=_columns()), name=_("Columns of the file"))
        self.table.chosen.connect(self._show)
        self.table.opened.connect(lambda _at: self.chooser.setFocus())
        self.chooser.target.setAccessibleName(_("Goes to"))
        self.chooser.committed.connect(self._chosen)
        fields = [field_map(Case)[key] for key in GIVEN]
        self.given = Form(fields, tools=tools_for(place.desk, Case), layout=[GIVEN])
        self.given.changed.connect(self._given)
        self.heading, self.examples = text("", role="heading", wrap=True), text("", role="muted", wrap=True)
        self.said, self.missing = text("", tone="warn", wrap=True), text("", tone="warn", wrap=True)
        self._lay_out()

    def show_work(self) -> None:
        """Show the columns of the file that was chosen."""
        self.given.set_values({key: self.work.given.get(key) for key in GIVEN})
        self._read()
        if self.source.items:
            self.table.choose(0)
        self._show(self.table.current_id())

    def commit(self) -> None:
        """What is being typed counts."""
        self.work.given = {key: value for key, value in self.given.values().items() if value not in (None, "", ())}

    # inside

    def _read(self) -> None:
        work = self.work
        self.source.put([
            Line(at, name, " \u00b7 ".join(work.examples(at)), work.columns.get(at, ""), at in work.proposed)
            for at, name in enumerate(work.names())
        ])  # fmt: skip
        self.table.model().refresh()  # type: ignore[attr-defined]
        missing = work.missing()
        words = _("Every case needs these; choose a column or fill in below: {fields}")
        self.missing.setText(words.format(fields=", ".join(missing)))
        self.missing.setVisible(bool(missing))

    def _show(self, at: int | None) -> None:
        if at is None or at >= len(self.source.items):
            return
        line = self.source.items[at]
        self.heading.setText(f"{letter(line.at)} \u00b7 {line.name}")
        words = _("For instance: {values}").format(values=line.examples) if line.examples else _("Empty.")
        self.examples.setText(words)
        self.said.hide()
        self.chooser.set_value(line.target or None)

    def _chosen(self) -> None:
        at = self.table.current_id()
        if at is None:
            return
        try:
            target = self.chooser.value() or ""
        except Unreadable as error:
            self._say(str(error))
            return
        if target != self.work.columns.get(at, ""):
            self._send(at, target)

    def _send(self, at: int, target: str) -> None:
        """A column goes to one field, and no field has two."""
        self.work.proposed.discard(at)
        other = next((n for n, name in self.work.columns.items() if name == target), None) if target else None
        self.work.columns.pop(at, None)
        if other is not None:
            del self.work.columns[other]
        if target:
            self.work.columns[at] = target
        self._read()
        if other is not None:
            self._say(_("Column {letter} went there before; it is left out now.").format(letter=letter(other)))
        self.changed.emit()

    def _given(self, _key: str) -> None:
        self.commit()
        self._read()
        self.changed.emit()

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.show()

    def _lay_out(self) -> None:
        one, every = Card(), Card(_("In every row that says nothing"))
        parts: tuple[QWidget, ...] = (
            self.heading, self.examples, text(_("Goes to"), role="label"), self.chooser, self.said,
        )  # fmt: skip
        for part in parts:
            one.body.addWidget(part)
        every.body.addWidget(self.given)
        aside = QWidget()
        side = QVBoxLayout(aside)
        side.setContentsMargins(0, 0, theme.px(4), 0)
        side.setSpacing(theme.px(12))
        for beside in (one, self.missing, every):
            side.addWidget(beside)
        side.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(14))
        layout.addWidget(self.table, 3)
        layout.addWidget(scrolled(aside), 2)
        self.said.hide()
        self.missing.hide()
        self.landing: QWidget = self.table
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def _columns() -> tuple[Column, ...]:
    return (
        Column("at", N_("Column"), 70, text=letter, sortable=False, style="muted"),
        Column("name", N_("Heading"), 150, sortable=False, style="strong", stretch=True),
        Column("examples", N_("Examples"), 150, sortable=False, stretch=True),
        Column("goes_to", N_("Goes to"), 180, text=lambda line: line.goes_to, sortable=False, stretch=True,
               mark=lambda line: "" if not line.target else "dot" if line.proposed else "check",
               tone=lambda line: None if not line.target else Tone.INFO if line.proposed else Tone.GOOD,
               whole_row=True),
    )  # fmt: skip
