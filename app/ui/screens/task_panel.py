"""What is due in one case, on its page: deadlines of the law and of the plans, and its tasks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _
from app.services import deadlines
from app.services.deadlines import TaskLine
from app.ui import theme
from app.ui.screens.case_shown import Shown
from app.ui.screens.task_deeds import TaskDeeds
from app.ui.screens.task_source import due_said, state_said
from app.ui.widgets.basics import text
from app.ui.widgets.entry_card import EntryCard, EntryView
from app.ui.widgets.flow import empty


class TaskPanel(QWidget):
    """Reads behind the screen; the preview shows it without buttons."""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self._deeds = TaskDeeds(shown.place, owner=self, then=lambda: None)  # the page refreshes itself
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(theme.px(8))
        desk, case_id = shown.place.desk, shown.page.case.id
        shown.place.load(lambda: deadlines.of_case(desk, case_id), owner=self, then=self.show_lines)

    def show_lines(self, lines: Sequence[TaskLine]) -> None:
        """Open ones first, then what is over."""
        empty(self._body)
        for line in lines:
            self._body.addWidget(EntryCard(self._view(line)))
        if not lines:
            self._body.addWidget(text(_("Nothing is due in this case."), role="muted"))

    def _view(self, line: TaskLine) -> EntryView:
        state, due = state_said(line), due_said(line, self._shown.place.now())
        chips = [(state.words, state.tone, state.mark)]
        if not line.item.ended and line.item.has_day and not line.is_overdue:
            chips.append((due.words, due.tone, ""))
        facts = [(_("Due"), due.words), (_("Law"), line.law), (_("For"), line.who), (_("Result"), line.result)]
        actions = self._deeds.buttons(line) if self._shown.deeds is not None else ()
        return EntryView(line.title, tuple(chips), tuple(fact for fact in facts if fact[1]), actions=tuple(actions))


def panel(shown: Shown) -> QWidget:
    """The panel above the cards of the tab."""
    return TaskPanel(shown)
