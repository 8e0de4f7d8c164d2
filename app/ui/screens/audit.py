"""The audit, for a supervisor: who did what and when, and whether the chain of entries is whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import N_, _, format_datetime, format_number, ngettext
from app.models.permission import Permission
from app.services import audit_check, audit_log
from app.services.audit_check import ChainCheck
from app.services.audit_log import AuditLine
from app.ui import icons, problems, theme
from app.ui.asked_model import AskedModel
from app.ui.screens.audit_source import AuditFilters, AuditSource, audit_columns, filter_words, laptop_name
from app.ui.table import Query
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, button, row, text
from app.ui.widgets.pills import FilterChips
from app.ui.widgets.search import SearchField
from app.ui.workplace import Workplace

COLUMNS = "columns:audit"
People = Sequence[tuple[str, str]]


class AuditScreen:
    """The audit; hidden from roles that may not read it."""

    name, title, icon, section = "audit", N_("Audit"), "audit", "oversight"
    permission = Permission.READ_AUDIT

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return AuditView(context)


class AuditView(QWidget):
    """Newest first; Enter opens the case an entry is about."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self._people: dict[str, str] = {}
        self._devices: Sequence[str] = ()
        self.counted = text("", role="muted")
        self.state, self.told = Chip(_("Checking…")), text("", role="muted", wrap=True)
        self.model = AskedModel(AuditSource(place), place=place, columns=audit_columns(place))
        self.field = SearchField(name=_("Search by case number"), hint=_("Case number…"))
        self.chips = FilterChips()
        self.table = TableView(
            self.model, name=_("Audit"), empty=_("No entry matches. Change the search or the filters.")
        )
        self.filters = button(_("Filters"), icon=icons.icon("filter"), clicked=self._show_filters)
        self.columns = button(_("Columns"), icon=icons.icon("columns"), clicked=self._show_columns)
        self.again = button(_("Check again"), clicked=self.check)
        if isinstance(kept := place.user_setting(COLUMNS), dict):
            self.table.columns.restore(kept)
        self._connect()
        self._lay_out()
        self.check()

    def on_refresh(self) -> None:
        """F5."""
        self.model.refresh()
        self.check()

    def showEvent(self, event: QShowEvent) -> None:
        """What was done meanwhile stands in it too."""
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Who may be chosen from, then the list anew."""
        desk = self.place.desk
        self.place.load(lambda: (audit_log.people(desk), audit_log.devices(desk)), owner=self, then=self._know)
        self.model.refresh()

    def check(self) -> None:
        """Recompute the whole chain, beside everything else."""
        desk, workspace = self.place.desk, self.place.workspace
        self.again.setEnabled(False)
        job = self.place.jobs.run(
            lambda _progress: audit_check.check(desk, workspace), then=self.show_check, failed=self._check_failed,
            lane="aside", owner=self,
        )  # fmt: skip
        job.is_reading = True

    def show_check(self, found: ChainCheck) -> None:
        """Say whether the chain is whole, and how far the centre countersigned it."""
        self.again.setEnabled(True)
        if found.whole:
            self.state.say(_("The chain is whole"), tone=Tone.GOOD, mark="check")
        else:
            broken = _("Not whole after entry {n}").format(n=format_number(found.whole_to))
            self.state.say(broken, tone=Tone.DANGER, mark="warning")
        self.told.setText(" ".join((*found.problems, _signed(found))))
        theme.mark(self.told, role="" if found.problems else "muted", tone="danger" if found.problems else "")

    # inside

    def _connect(self) -> None:
        self.model.modelReset.connect(self._count)
        self.field.searched.connect(lambda words: self._ask(replace(self.model.query, text=words)))
        self.chips.removed.connect(self._drop)
        self.table.opened.connect(self._open)
        state = self.table.columns
        state.changed.connect(lambda: self.place.put_user_setting(COLUMNS, state.state()))
        self.table.actions_for = self._actions

    def _ask(self, query: Query) -> None:
        self.model.search(query)
        self._show_chips()

    def _know(self, found: tuple[People, Sequence[str]]) -> None:
        people, self._devices = found
        self._people = dict(people)
        self._show_chips()

    def _check_failed(self, error: Exception) -> None:
        self.again.setEnabled(True)
        problems.show(self, error)

    def _count(self) -> None:
        n = self.model.rowCount()
        self.counted.setText(ngettext("{n} entry", "{n} entries", n).format(n=format_number(n)))

    def _show_chips(self) -> None:
        here = self.place.desk.actor.device
        told = [(n, *filter_words(n, v, names=self._people, here=here)) for n, v in self.model.query.filters]
        self.chips.show_filters(told)

    def _drop(self, name: str) -> None:
        self.field.setFocus()  # the chip that had the keyboard goes
        self._ask(self.model.query.with_filter(name, value=None))

    def _show_filters(self) -> None:
        here = self.place.desk.actor.device
        laptops = [(device, laptop_name(device, here)) for device in self._devices]
        menu = AuditFilters(self, people=list(self._people.items()), devices=laptops)
        menu.triggered.connect(lambda _action: self._pick(*menu.picked))
        menu.popup(self.filters.mapToGlobal(QPoint(0, self.filters.height())))

    def _pick(self, name: str, value: str) -> None:
        if name:
            self._ask(self.model.query.with_filter(name, value=value))
        else:
            self.field.clear()
            self._ask(Query())

    def _show_columns(self) -> None:
        self.table.columns.menu().popup(self.columns.mapToGlobal(QPoint(0, self.columns.height())))

    def _line(self, seq: Any) -> AuditLine | None:
        found = self.model.row_at(self.model.row_of(seq)) if seq is not None else None
        return found if isinstance(found, AuditLine) else None

    def _open(self, seq: Any) -> None:
        line = self._line(seq)
        if line is not None and line.number:
            self.place.go("case", target=line.case_id)

    def _actions(self, seq: Any) -> list[QAction]:
        line = self._line(seq)
        if line is None:
            return []
        theirs = QAction(_("Only what {name} did").format(name=line.who), self)
        theirs.triggered.connect(lambda: self._pick("user", line.actor))
        if not line.number:
            return [theirs]
        case, only = QAction(_("Open the case"), self), QAction(_("Only this case"), self)
        case.triggered.connect(lambda: self._open(seq))
        only.triggered.connect(lambda: self.field.setText(line.number))
        return [case, only, theirs]

    def _lay_out(self) -> None:
        line = row(self.field, self.filters, self.columns)
        line.insertWidget(1, self.chips, 0, Qt.AlignmentFlag.AlignVCenter)
        state = row(self.state, self.told, self.again, gap=10)
        state.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        layout.addLayout(row(text(_("Audit"), role="title"), self.counted, None))
        layout.addLayout(state)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)
        self.landing: QWidget = self.table


def _signed(found: ChainCheck) -> str:
    if found.signed is None:
        return _("The centre has not countersigned it yet.")
    told = _("Countersigned by the centre on {when}, up to entry {n}.")
    return told.format(n=format_number(found.signed.seq), when=format_datetime(found.signed.at))
