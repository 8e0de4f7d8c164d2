"""Erasure and retention: requests that wait, cases past their period, and what was done, with its certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabBar, QVBoxLayout, QWidget

from app.i18n import N_, _, format_date, format_number
from app.models.codelist import label
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import erasure, erasure_paper, retention
from app.services.case_page import open_page
from app.services.erasure import ErasureItem
from app.services.retention import DueCase
from app.ui import files, icons, presenting, theme
from app.ui.screens.erasure_dialogs import DecideErasure, Periods, RequestErasure
from app.ui.table import Column, PagedModel, Query
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import button, only_if, row, text
from app.ui.workplace import Workplace
from app.vault.files import write_whole

WAITING, DUE, DONE = 0, 1, 2
_NOTHING = (
    N_("No request waits for a decision."), N_("No closed case is past its period."), N_("Nothing was decided yet."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a tab: an erasure, or a case past its period."""

    id: str
    what: str
    basis: str
    who: str
    when: datetime | None
    state: str
    tone: Tone
    held: bool
    item: ErasureItem | None = None
    due: DueCase | None = None


class Lines:
    """The source of the table."""

    def __init__(self) -> None:
        self.items: Mapping[str, Line] = {}

    def ids(self, query: Query) -> Sequence[str]:
        """In the order they were put, or by a column."""
        found = list(self.items.values())
        if query.sort:
            found.sort(key=lambda line: str(getattr(line, query.sort) or "").casefold(), reverse=query.descending)
        return [line.id for line in found]

    def rows(self, ids: Sequence[str]) -> Sequence[Line | None]:
        """One row per id."""
        return [self.items.get(key) for key in ids]


class ErasureScreen:
    """For supervisors."""

    name, title, icon, section = "erasure", N_("Erasure"), "delete", "oversight"
    listed_for = Permission.DECIDE_ERASURE

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return ErasureView(context)


class ErasureView(QWidget):
    """Three tabs over one table; below it what can be done with the chosen line."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self._erasures: tuple[ErasureItem, ...] = ()
        self._due: tuple[DueCase, ...] = ()
        self.source = Lines()
        self.model = PagedModel(self.source, columns=_columns(place))
        self.table = TableView(self.model, name=_("Erasure and retention"), empty=_("Nothing here."))
        self.table.chosen.connect(lambda _id: self._allow())
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(_("Requests, periods, what was done"))
        self.tabs.setExpanding(False)
        for _name in range(3):
            self.tabs.addTab("")
        self.tabs.currentChanged.connect(lambda _tab: self._show())
        self.told = text("", wrap=True)
        self.approve = button(_("Approve and erase…"), kind="danger", clicked=lambda: self._decide(approve=True))
        self.refuse = button(_("Refuse…"), clicked=lambda: self._decide(approve=False))
        self.ask = button(_("Request erasure…"), kind="primary", clicked=self._request)
        self.paper = button(_("Certificate…"), icon=icons.icon("pdf"), clicked=self._ask_where)
        self.periods = button(_("Periods…"), clicked=self._periods)
        self._lay_out()
        self.landing: QWidget = self.table

    def showEvent(self, event: QShowEvent) -> None:
        """What is due changes with the day."""
        super().showEvent(event)
        self.on_refresh()

    def refresh(self, changes: Changes) -> None:
        """An erasure or a case changed."""
        if changes.kinds & {"erasure", "case"} and self.isVisible():
            self.on_refresh()

    def on_refresh(self) -> None:
        """F5."""
        desk = self.place.desk
        if desk.may(Permission.DECIDE_ERASURE):
            work = lambda: (erasure.listed(desk), retention.due(desk))  # noqa: E731
            self.place.load(work, owner=self, then=lambda read: self.show_found(*read))
        else:
            self.table.empty = _("Only a supervisor sees this.")

    def show_found(self, erasures: tuple[ErasureItem, ...], due: tuple[DueCase, ...]) -> None:
        """Show what was read."""
        self._erasures, self._due = erasures, due
        waiting = sum(item.state == "WAITING" for item in erasures)
        named = ((_("Waiting"), waiting), (_("Past their period"), len(due)), (_("Decided"), len(erasures) - waiting))
        for tab, (words, count) in enumerate(named):
            self.tabs.setTabText(tab, f"{words} ({format_number(count)})" if count else words)
        self._show()

    def chosen(self) -> Line | None:
        """What the buttons are about."""
        return self.source.items.get(self.table.current_id() or "")

    def save_certificate(self, erasure_id: str, file: Path) -> None:
        """Make the certificate and write it there."""
        desk = self.place.desk

        def deed() -> None:
            write_whole(file, erasure_paper.certify(desk, erasure_id).pdf)

        self.place.save(deed, owner=self, then=lambda _none: self.place.say(_("The certificate is saved.")))

    # inside

    def _show(self) -> None:
        tab = self.tabs.currentIndex()
        if tab == DUE:
            lines = [_line_of_due(due) for due in self._due]
        else:
            lines = [_line_of(i) for i in self._erasures if (i.state == "WAITING") == (tab == WAITING)]
        self.source.items = {line.id: line for line in lines}
        self.table.empty = _(_NOTHING[tab])
        self.model.refresh()
        if lines and self.chosen() is None:
            self.table.choose(lines[0].id)
        self._allow()

    def _allow(self) -> None:
        line, tab = self.chosen(), self.tabs.currentIndex()
        item = line.item if line is not None else None
        for one, wanted in ((self.approve, WAITING), (self.refuse, WAITING), (self.ask, DUE), (self.paper, DONE)):
            one.setVisible(tab == wanted)
            one.setEnabled(line is not None and (tab != DONE or (item is not None and item.state == "DONE")))
        if item is not None and item.entry["requested_by"] == self.place.desk.actor.user and tab == WAITING:
            self.approve.setEnabled(False)
            self.refuse.setEnabled(False)
        words = self._words(line)
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def _words(self, line: Line | None) -> str:
        """What stands in the way, or what remains."""
        if line is None:
            return ""
        item, due = line.item, line.due
        if due is not None:
            return " ".join(due.holds) or _("Nothing known stands in the way.")
        if item is None:
            return ""
        if item.state == "DONE":
            last = format_date(erasure.last_backup_day(item.entry["executed_at"]))
            removed = _("{n} records were removed here.").format(n=format_number(item.entry["records"] or 0))
            return f"{removed} " + _("The last backup that holds them is gone after {date}.").format(date=last)
        if item.state == "WAITING" and item.entry["requested_by"] == self.place.desk.actor.user:
            return _("You asked for this yourself; another supervisor has to decide.")
        return " ".join(item.holds)

    def _decide(self, *, approve: bool) -> None:
        line = self.chosen()
        if line is not None and line.item is not None:
            dialog = DecideErasure(self.place, line.item, approve=approve, parent=self.window())
            dialog.done_well.connect(self.on_refresh)
            dialog.open()

    def _request(self) -> None:
        line = self.chosen()
        if line is not None and line.due is not None:
            page = open_page(self.place.desk, line.due.case_id)
            dialog = RequestErasure(self.place, page, basis=line.due.period.basis, parent=self.window())
            dialog.done_well.connect(self.on_refresh)
            dialog.open()

    def _ask_where(self) -> None:
        line = self.chosen()
        if line is not None:
            name, erasure_id = f"naungan-erasure-{line.id[-12:]}.pdf", line.id
            files.ask_where_to(
                self, lambda file: self.save_certificate(erasure_id, file), title=_("Save the certificate"), name=name,
                kind="PDF (*.pdf)",
            )  # fmt: skip

    def _periods(self) -> None:
        dialog = Periods(self.place, parent=self.window())
        dialog.done_well.connect(self.on_refresh)
        dialog.open()

    def _lay_out(self) -> None:
        only_if(self.place.desk.may(Permission.DECIDE_ERASURE), self.periods)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(10))
        layout.addLayout(row(text(_("Erasure and retention"), role="title"), None, self.periods))
        layout.addWidget(self.tabs)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.told)
        layout.addLayout(row(self.approve, self.refuse, self.ask, self.paper, None))
        self._allow()


def request_erasure(place: Workplace, case_id: str) -> None:
    """Open the dialog that asks for the erasure of a case."""
    RequestErasure(place, open_page(place.desk, case_id), parent=place.window).open()


def _line_of(item: ErasureItem) -> Line:
    entry, state = item.entry, item.state
    kind = _("Case") if entry["subject_kind"] == "case" else _("Person")
    words = {"WAITING": _("Held up") if item.holds else _("Waits"), "DONE": _("Erased")}
    said = words.get(state) or label("erasure_reason", entry["reason"])
    tone = {"DONE": Tone.GOOD, "REFUSED": Tone.NEUTRAL}.get(state, Tone.DANGER if item.holds else Tone.WARN)
    when = entry["executed_at"] or entry["decided_at"] or entry["requested_at"]
    what = f"{kind} {item.number or str(entry['subject'])[-12:]}"
    who = item.requested_by if state == "WAITING" else item.decided_by
    return Line(entry.id, what, erasure.basis_words(item), who, when, said, tone, bool(item.holds), item=item)


def _line_of_due(due: DueCase) -> Line:
    said = _("Held up") if due.holds else _("since {date}").format(date=format_date(due.due, "short"))
    tone = Tone.DANGER if due.holds else Tone.WARN
    return Line(due.case_id, due.number, due.period.label, "", None, said, tone, bool(due.holds), due=due)


def _columns(place: Workplace) -> tuple[Column, ...]:
    return (
        Column("what", N_("What"), 190, style="strong", stretch=True),
        Column("basis", N_("Legal basis"), 230),
        Column("who", N_("By"), 140),
        Column("when", N_("When"), 130, style="muted",
               text=lambda at: presenting.when(at, place.now()) if at else presenting.NOTHING),
        Column("state", N_("State"), 150, whole_row=True, text=lambda line: line.state, tone=lambda line: line.tone,
               mark=lambda line: "warning" if line.held else ""),
    )  # fmt: skip
