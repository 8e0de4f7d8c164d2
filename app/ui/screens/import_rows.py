"""The dry run of a spreadsheet, row by row: what is wrong with which cell, who may be here already, what is decided."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from app.i18n import N_, _, format_number, ngettext
from app.models.names import initials
from app.services import import_likely
from app.services.import_likely import Shown
from app.services.import_plan import Plan, Planned, letter
from app.services.import_values import said
from app.services.import_wrong import wrong_rows
from app.services.imports import NEW, SKIP
from app.ui import files, icons, presenting, theme
from app.ui.screens.import_work import ImportWork, Listed, target_label
from app.ui.screens.refer import scrolled
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, Chip, button, row, text
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace
from app.vault.files import write_whole

WHICH = (
    ("", N_("Every row")), ("wrong", N_("With problems")), ("here", N_("May be here already")),
    ("again", N_("Twice in the file")), ("skip", N_("Left out")),
)  # fmt: skip


class RowsPage(QWidget):
    """The rows at the left, the chosen one at the right. `changed()` after every decision."""

    changed = Signal()

    def __init__(self, place: Workplace, work: ImportWork) -> None:
        super().__init__()
        self.place, self.work, self.source = place, work, Listed()
        self.model = PagedModel(self.source, columns=self._columns())
        self.table = TableView(self.model, name=_("Rows of the file"), empty=_("There is no such row."))
        self.table.chosen.connect(self._show)
        self.good, self.wrong, self.here = Chip(), Chip(), Chip()
        self.which = QComboBox()
        self.which.setAccessibleName(_("Which rows"))
        for code, words in WHICH:
            self.which.addItem(_(words), code)
        self.which.currentIndexChanged.connect(lambda _at: self._filter())
        self.save_button = button(_("Save the list of problems…"), icon=icons.icon("export"), clicked=self.ask_where)
        self.card = Card()
        self._lay_out()

    def show_plan(self, plan: Plan) -> None:
        """Show what the dry run found; those with problems first, if there are any."""
        wrong = len(plan.rows) - len(plan.good)
        here = sum(bool(r.same_as) for r in plan.rows)
        self.good.say(_said(ngettext("{n} row is good", "{n} rows are good", len(plan.good)), len(plan.good)),
                      tone=Tone.GOOD, mark="check")  # fmt: skip
        self.wrong.say(_said(ngettext("{n} with problems", "{n} with problems", wrong), wrong),
                       tone=Tone.DANGER if wrong else Tone.NEUTRAL, mark="stop" if wrong else "")  # fmt: skip
        self.here.say(_said(ngettext("{n} may be here already", "{n} may be here already", here), here),
                      tone=Tone.WARN if here else Tone.NEUTRAL, mark="warning" if here else "")  # fmt: skip
        self.save_button.setEnabled(bool(wrong))
        self.which.blockSignals(True)
        self.which.setCurrentIndex(1 if wrong else 2 if here else 0)
        self.which.blockSignals(False)
        self._filter()

    def ask_where(self) -> None:
        """Ask for the file of what is wrong."""
        name = f"naungan-{self.place.desk.today():%Y%m%d}.csv"
        files.ask_where_to(self, self.save_list, title=_("Save the list of problems…"), name=name, kind="CSV (*.csv)")

    def save_list(self, path: Path) -> None:
        """Row, column and reason, and nothing that stands in the cells."""
        desk, plan, mapping = self.place.desk, self.work.plan, self.work.mapping()
        if plan is None:
            return
        words = _("Saved. The list holds row numbers and reasons, nothing from the cells.")
        self.place.save(
            lambda: write_whole(path, wrong_rows(desk, plan, mapping)), owner=self,
            then=lambda _none: self.place.say(words),
        )  # fmt: skip

    # inside

    def _filter(self) -> None:
        rows: Sequence[Planned] = self.work.plan.rows if self.work.plan else ()
        wanted = {
            "wrong": lambda r: bool(r.problems), "here": lambda r: bool(r.same_as), "again": lambda r: bool(r.again),
            "skip": lambda r: not r.problems and self._decision(r) == SKIP,
        }.get(self.which.currentData(), lambda _row: True)  # fmt: skip
        self.source.put(rows, [at for at, one in enumerate(rows) if wanted(one)])
        self.model.refresh()
        if self.source.shown:
            self.table.choose(self.source.shown[0])
        self._show(self.table.current_id())

    def _decision(self, planned: Planned) -> str:
        return self.work.decided.get(planned.number, planned.known)

    def _show(self, at: int | None) -> None:
        empty(self.card.body)
        if at is None or at >= len(self.source.items):
            self.card.hide()
            return
        self.card.show()
        planned: Planned = self.source.items[at]
        name = str(planned.values.get("victim", {}).get("name") or "")
        head = _("Row {n}").format(n=format_number(planned.number))
        self.card.body.addWidget(text(f"{head} \u00b7 {name}" if name else head, role="heading", wrap=True))
        if planned.problems:
            self._show_problems(planned)
            return
        if planned.again:
            words = _("The same NIK stands in row {n}: both cases get the same person.")
            again = words.format(n=format_number(planned.again))
            self.card.body.addWidget(text(again, tone="warn", wrap=True))
        self._choices(planned, ())
        if planned.same_as:
            desk = self.place.desk
            self.place.load(lambda: import_likely.shown(desk, planned.same_as), owner=self,
                            then=lambda found: self._choices(planned, found))  # fmt: skip

    def _show_problems(self, planned: Planned) -> None:
        line = self.work.row(planned.number)
        for column, sentence in planned.problems:
            where = _("The row as a whole")
            if column >= 0:
                cell = said(line[column])[:60] if line else ""
                where = f"{letter(column)} \u00b7 {target_label(self.work.columns[column])}"
                where += f": \u201c{cell}\u201d" if cell else ""
            self.card.body.addWidget(text(where, role="strong", wrap=True))
            self.card.body.addWidget(text(sentence, tone="danger", wrap=True))
        words = _("It stays out. Mend the file and choose it again, or change the columns and words.")
        self.card.body.addWidget(text(words, role="muted", wrap=True))

    def _choices(self, planned: Planned, found: Sequence[Shown]) -> None:
        """What may be decided about the row; the candidates come a moment later."""
        at = self.table.current_id()
        if at is None or self.source.items[at] is not planned:
            return
        if (old := self.card.findChild(_Decision)) is not None:
            old.setParent(None)
            old.deleteLater()
        made = _Decision(found, now=self._decision(planned))
        made.decided.connect(lambda who: self._decide(at, who))
        self.card.body.addWidget(made)

    def _decide(self, at: int, who: str) -> None:
        planned: Planned = self.source.items[at]
        if who == planned.known:
            self.work.decided.pop(planned.number, None)
        else:
            self.work.decided[planned.number] = who
        self.model.forget([at])
        self.changed.emit()

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("number", N_("Row"), 64, text=format_number, sortable=False, right=True),
            Column("values", N_("Victim"), 80, text=_initials, sortable=False, style="strong"),
            Column("state", N_("Outcome"), 190, text=lambda r: self._state(r)[0], sortable=False,
                   mark=lambda r: self._state(r)[1], tone=lambda r: self._state(r)[2], whole_row=True, stretch=True),
            Column("why", N_("Why"), 240, text=self._why, sortable=False, whole_row=True, stretch=True, style="muted"),
        )  # fmt: skip

    def _state(self, planned: Planned) -> tuple[str, str, Tone | None]:
        who = self._decision(planned)
        if planned.problems:
            n = len(planned.problems)
            return _said(ngettext("{n} problem", "{n} problems", n), n), "stop", Tone.DANGER
        if who == SKIP:
            return _("left out"), "cross", Tone.NEUTRAL
        if who != NEW:
            return _("same person"), "check", Tone.GOOD
        if planned.same_as and planned.number not in self.work.decided:
            return _("may be here already"), "warning", Tone.WARN
        return _("new case"), "check", Tone.GOOD

    def _why(self, planned: Planned) -> str:
        if planned.problems:
            column, sentence = planned.problems[0]
            return f"{target_label(self.work.columns[column])}: {sentence}" if column >= 0 else sentence
        return " \u00b7 ".join(planned.same_as[0].reasons) if planned.same_as else ""

    def _lay_out(self) -> None:
        aside = QWidget()
        side = QVBoxLayout(aside)
        side.setContentsMargins(0, 0, theme.px(4), 0)
        side.addWidget(self.card)
        side.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(theme.px(14))
        middle.addWidget(self.table, 3)
        middle.addWidget(scrolled(aside), 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(10))
        layout.addLayout(row(self.good, self.wrong, self.here, None))
        layout.addLayout(row(self.which, None, self.save_button))
        layout.addLayout(middle, 1)
        self.landing: QWidget = self.table


class _Decision(QWidget):
    """New, one of those who are here, or left out: `decided(SKIP, NEW or the id of a person)`."""

    decided = Signal(str)

    def __init__(self, found: Sequence[Shown], *, now: str) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        options = [(NEW, _("A new person"), "")]
        for one in found:
            options.append((one.likely.id, _named(one), " \u00b7 ".join((*one.likely.reasons, one.case_number))))
        options.append((SKIP, _("Leave this row out"), ""))
        for who, words, why in options:
            choice = QRadioButton(words.replace("&", "&&"))
            choice.setAccessibleName(f"{words}. {why}" if why else words)
            choice.setChecked(who == now)
            choice.clicked.connect(lambda _on=False, who=who: self.decided.emit(who))
            layout.addWidget(choice)
            if why:
                reasons = text(why, role="muted", wrap=True)
                reasons.setContentsMargins(theme.px(24), 0, 0, 0)
                layout.addWidget(reasons)


def _named(one: Shown) -> str:
    person = one.person
    year = str(person["birth_date"] or "")[:4]
    parts = (person["name"] or presenting.NOTHING, person["sex"] or "", year)
    return _("This person: {who}").format(who=" \u00b7 ".join(part for part in parts if part))


def _initials(values: Any) -> str:
    return initials(str(values.get("victim", {}).get("name") or "")) or presenting.NOTHING


def _said(words: str, n: int) -> str:
    return words.format(n=format_number(n))
