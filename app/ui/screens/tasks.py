"""What is to be done, over all cases: by the law, by the plans, and tasks of one's own. Overdue first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.i18n import N_, _, format_number, ngettext
from app.models.deadline_rules import shipped_rules
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import deadlines
from app.services.deadlines import DueCounts, TaskLine, TaskQuery
from app.ui import icons, presenting, theme
from app.ui.screens.case import CaseView
from app.ui.screens.task_deeds import TaskDeeds
from app.ui.screens.task_source import (
    WHEN,
    WHOSE,
    TaskSource,
    due_said,
    rule_choices,
    state_said,
    task_columns,
    task_query,
)
from app.ui.table import PagedModel, Query
from app.ui.table_view import TableView
from app.ui.widgets.basics import Card, Chip, button, only_if, row, text
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.workplace import Workplace

COLUMNS = "columns:tasks"
_CONCERNED = frozenset({"task", "holiday", "deadline_limit"})


class TasksScreen:
    """The tasks of the office."""

    name, title, icon, section = "tasks", N_("Tasks"), "tasks", "main"
    permission = Permission.READ

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return TasksView(context)


class TasksView(QWidget):
    """`open(TaskQuery)` shows a filtered list. Enter opens the case where the thing is done."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.deeds = TaskDeeds(place, owner=self, then=self.reload)
        self.counted = text("", role="muted")
        self.whose = self._combo(_("Whose tasks"), [(code, _(words)) for code, words in WHOSE], "whose")
        self.when = self._combo(_("When"), [(code, _(words)) for code, words in WHEN], "when")
        self.rule = self._combo(_("By rule"), [("", _("Every rule"))], "rule")
        self.model = PagedModel(TaskSource(place), columns=task_columns(place), query=Query())
        self.table = TableView(self.model, name=_("Tasks"), empty=_("Nothing to do here. Well done."))
        self.columns = button(_("Columns"), icon=icons.icon("columns"), clicked=self._show_columns)
        self.detail = Card()
        if isinstance(kept := place.user_setting(COLUMNS), dict):
            self.table.columns.restore(kept)
        state = self.table.columns
        state.changed.connect(lambda: place.put_user_setting(COLUMNS, state.state()))
        self.table.chosen.connect(self._show)
        self.table.opened.connect(self._open)
        self.table.actions_for = self._actions
        self._lay_out()
        self.landing: QWidget = self.table
        self.reload()

    def open(self, target: Any) -> None:
        """Show the list with the filters of a TaskQuery."""
        if isinstance(target, TaskQuery):
            for combo, value in ((self.whose, target.whose), (self.when, target.when), (self.rule, target.rule)):
                combo.blockSignals(True)
                combo.setCurrentIndex(max(0, combo.findData(value)))
                combo.blockSignals(False)
            self._ask()

    def refresh(self, changes: Changes) -> None:
        """Something was done, or the rules changed."""
        if changes.cases or changes.kinds & _CONCERNED:
            self.reload()

    def on_refresh(self) -> None:
        """F5."""
        self.reload()

    def reload(self) -> None:
        """Count behind the screen, then read the list anew."""
        desk, whose = self.place.desk, task_query(self.model.query).whose
        self.place.load(
            lambda: (deadlines.counts(desk, whose=whose), deadlines.rules_in_use(desk)), owner=self, then=self._know
        )  # fmt: skip

    def chosen(self) -> TaskLine | None:
        """What the buttons are about."""
        at = self.table.currentIndex().row()
        return self.model.row_at(at) if at >= 0 else None

    # inside

    def _know(self, found: tuple[DueCounts, Sequence[tuple[str, int]]]) -> None:
        counts, rules = found
        kept = self.rule.currentData()
        self.rule.blockSignals(True)
        self.rule.clear()
        for code, words in [("", _("Every rule")), *rule_choices(rules)]:
            self.rule.addItem(words, code)
        self.rule.setCurrentIndex(max(0, self.rule.findData(kept)))
        self.rule.blockSignals(False)
        self.counted.setText(_counted(counts))
        self._ask()

    def _ask(self) -> None:
        said = (("whose", self.whose), ("when", self.when), ("rule", self.rule))
        filters = tuple((name, combo.currentData()) for name, combo in said if combo.currentData())
        self.model.search(replace(self.model.query, filters=filters))
        if self.table.current_id() is None and self.model.rowCount():
            self.table.choose(self.model.id_at(0))
        self._show(self.table.current_id())

    def _filtered(self, name: str) -> None:
        if name == "whose":
            self._ask()
            self.reload()
        else:
            self._ask()

    def _show(self, _key: Any) -> None:
        empty(self.detail.body)
        line = self.chosen()
        self.detail.setVisible(line is not None)
        if line is None:
            return
        state, due = state_said(line), due_said(line, self.place.now())
        head = QWidget()
        top = row(text(line.title, role="heading", wrap=True), Chip(state.words, tone=state.tone, mark=state.mark))
        top.setStretch(0, 1)
        head.setLayout(top)
        self.detail.body.addWidget(head)
        rule = shipped_rules().get(line.item.rule)
        law = _("By law: {law}").format(law=line.law) if line.law else ""
        victims = presenting.victims(line.victims) if line.victims else ""
        parts = [line.case_number, victims, due.words, law, _("For {name}").format(name=line.who) if line.who else ""]
        self.detail.body.addWidget(text(" \u00b7 ".join(filter(None, parts)), role="muted", wrap=True))
        if rule is not None and rule.unbound:
            self.detail.body.addWidget(text(_(rule.unbound), role="muted", wrap=True))
        buttons = QWidget()
        flow = FlowLayout(buttons, gap=theme.px(8))
        if line.item.case_id:
            flow.addWidget(button(_("Open the case"), clicked=lambda: self._open(line.key)))
        for one in self.deeds.buttons(line):
            flow.addWidget(one)
        self.detail.body.addWidget(buttons)

    def _open(self, key: Any) -> None:
        """The case, at the tab where it is done; a task of the office, in its dialog."""
        line = self.model.row_at(self.model.row_of(key))
        if line is None:
            return
        if not line.item.case_id:
            self.deeds.edit(line)
            return
        view = self.place.go("case", target=line.item.case_id)
        if isinstance(view, CaseView) and line.tab:
            view.tabs.go(line.tab)

    def _actions(self, key: Any) -> list[QAction]:
        line = self.model.row_at(self.model.row_of(key))
        found = []
        for words, deed in (
            (_("Open"), lambda: self._open(key)),
            (_("Done…"), lambda: self.deeds.end(line)),
            (_("Does not apply…"), lambda: self.deeds.cancel(line)),
        ):
            action = QAction(words, self)
            action.triggered.connect(deed)
            found.append(action)
        return found if line is not None and line.can_be_ended and self.deeds.may else found[:1]

    def _show_columns(self) -> None:
        self.table.columns.menu().popup(self.columns.mapToGlobal(self.columns.rect().bottomLeft()))

    def _combo(self, name: str, choices: Sequence[tuple[str, str]], key: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(16)
        for value, words in choices:
            combo.addItem(words, value)
        combo.currentIndexChanged.connect(lambda _at: self._filtered(key))
        return combo

    def _lay_out(self) -> None:
        self.add_button = button(_("New task…"), kind="primary", icon=icons.icon("add", colour="on_accent"))
        self.add_button.clicked.connect(lambda: self.deeds.add())
        only_if(self.deeds.may, self.add_button)
        line = row(self.whose, self.when, self.rule, None, self.columns)
        line.setStretch(2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        layout.addLayout(row(text(_("Tasks"), role="title"), self.counted, None, self.add_button))
        layout.addLayout(line)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.detail)
        self.detail.hide()


def _counted(counts: DueCounts) -> str:
    words = ngettext("{n} to do", "{n} to do", counts.ready).format(n=format_number(counts.ready))
    today = _("{n} today").format(n=format_number(counts.today))
    late = _("{n} overdue").format(n=format_number(counts.overdue))
    return " \u00b7 ".join((words, today, late))
