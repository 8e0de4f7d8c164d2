"""Conflicts: a queue of records over which people differ, and below it, field by field, what is to stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QScrollArea, QSplitter, QTabBar, QVBoxLayout, QWidget

from app.i18n import N_, _, format_number, ngettext
from app.models.journal import Changes
from app.models.kind_names import kind_name
from app.models.permission import Permission
from app.services import conflicts
from app.services.conflicts import KEPT, OTHER, Settled, sides_of
from app.services.disputes import Dispute, queue
from app.ui import icons, presenting, theme
from app.ui.held_source import HeldSource
from app.ui.screens.case_cards import conflict_card
from app.ui.screens.conflict_field import FieldChoice
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.widgets.basics import button, column, only_if, row, text
from app.ui.widgets.entry_card import EntryCard
from app.ui.widgets.feedback import EmptyState
from app.ui.workplace import Workplace

WAITING, SETTLED = 0, 1
_TOUCHED = frozenset({"conflict", "case", "person"})
_LIST = 150  # how high the queue is beside what is chosen from it


class ConflictsScreen:
    """What two people wrote without knowing of each other."""

    name, title, icon, section = "conflicts", N_("Conflicts"), "conflicts", "main"
    permission = Permission.READ

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return ConflictsView(context)


class ConflictsView(QWidget):
    """`open(record_id)` shows the conflicts over one record."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place, self._wanted = place, ""
        self.source: HeldSource[Dispute] = HeldSource()
        self.model = PagedModel(self.source, columns=_columns(place))
        self.table = TableView(self.model, name=_("Conflicts"))
        self.which = QTabBar()
        self.which.setAccessibleName(_("Waiting or settled"))
        self.which.addTab(_("Waiting for a choice"))
        self.which.addTab(_("Settled lately"))
        self.counted = text("", role="muted")
        self.below = QWidget()
        self.resolver: Resolver | None = None
        self._lay_out()
        self.which.currentChanged.connect(lambda _tab: self.reload())
        self.table.chosen.connect(self._show)
        self.table.opened.connect(self._enter)
        self.reload()

    def open(self, target: Any) -> None:
        """Show the conflicts over this record."""
        self._wanted = str(target)
        self.which.setCurrentIndex(WAITING)
        self.reload()

    def refresh(self, changes: Changes) -> None:
        """Read again when a conflict came, or was settled."""
        if changes.kinds & _TOUCHED:
            self.reload()

    def on_refresh(self) -> None:
        """F5."""
        self.reload()

    def reload(self) -> None:
        """Read the queue."""
        settled = self.which.currentIndex() == SETTLED
        self.place.load(lambda: queue(self.place.desk, settled=settled), owner=self, then=self._take)

    def _take(self, found: Sequence[Dispute]) -> None:
        if self.resolver is not None and found == tuple(self.source.items.values()):
            self.table.choose(self._wanted)
            self._wanted = ""
            return  # what was chosen already, and where the keyboard is, is not wiped away by news of something else
        self.source.put(found)
        self.model.refresh()
        told = ngettext("{n} record", "{n} records", len(found)).format(n=format_number(len(found)))
        self.counted.setText(told)
        if not self.table.choose(self._wanted) and self.table.current_id() is None and found:
            self.table.choose(found[0].id)
        self._wanted = ""
        self._show(self.table.current_id())

    def _show(self, record: Any) -> None:
        dispute = self.source.items.get(record or "")
        self.resolver = None
        if dispute is None and self.which.currentIndex() == SETTLED:
            words = _("What was chosen stands here with both values, and can be chosen again.")
            self._put(EmptyState(_("Nothing settled yet"), body=words, icon="conflicts"))
        elif dispute is None:
            words = _("When two people change the same field without knowing of each other, both values wait here.")
            self._put(EmptyState(_("No conflicts"), body=words, icon="conflicts"))
        elif self.which.currentIndex() == SETTLED:
            self._put(_scrolled(_History(self.place, dispute, reopened=self.open)))
        else:
            self.resolver = Resolver(self.place, dispute)
            self._put(self.resolver)

    def _put(self, shown: QWidget) -> None:
        layout = self.below.layout()
        assert layout is not None
        at: QWidget | None = self.window().focusWidget()  # Qt says None where its types do not
        if at is not None and self.below.isAncestorOf(at):
            self.table.setFocus()  # what is settled goes; the next one is chosen here
        while (old := layout.takeAt(0)) is not None:
            if (gone := old.widget()) is not None:
                gone.hide()
                gone.deleteLater()
        layout.addWidget(shown)

    def _enter(self, _record: Any) -> None:
        if self.resolver is not None and self.resolver.fields:
            self.resolver.fields[0].other.setFocus()

    def _lay_out(self) -> None:
        self.below.setLayout(column())
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.below)
        split.setStretchFactor(1, 1)
        split.setSizes([theme.px(_LIST), 4 * theme.px(_LIST)])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        layout.addLayout(row(text(_("Conflicts"), role="title"), self.counted, None, self.which))
        layout.addWidget(split, 1)
        self.landing: QWidget = self.table


class Resolver(QWidget):
    """All fields of one record over which people differ; what was chosen is saved together and can be undone."""

    def __init__(self, place: Workplace, dispute: Dispute) -> None:
        super().__init__()
        self.place, self.dispute = place, dispute
        self.fields = [FieldChoice(place, entry, dispute=dispute) for entry in dispute.entries]
        self.settle_button = button(_("Settle"), kind="primary", clicked=self.settle)
        self.all_other = button(_("All other entries"), clicked=lambda: self._all(OTHER))
        self.all_kept = button(_("All of the centre"), clicked=lambda: self._all(KEPT))
        self.show_case = button(_("Open the case"), clicked=lambda: place.go("case", target=dispute.case_id))
        keys = QShortcut(QKeySequence("Ctrl+Return"), self)
        keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys.activated.connect(self.settle)
        for field in self.fields:
            field.chosen.connect(self._count)
        self._lay_out()
        self._count()

    @property
    def is_touched(self) -> bool:
        """Whether something was chosen that is not saved."""
        return any(field.is_chosen for field in self.fields)

    def settle(self) -> None:
        """Save what was chosen; fields without a choice go on waiting."""
        try:
            answers = {field.entry.id: field.answer() for field in self.fields}
        except ValueError:
            return  # it stands beside the field
        chosen = {conflict: answer for conflict, answer in answers.items() if answer is not None}
        if chosen and self.settle_button.isEnabled():
            self.settle_button.setEnabled(False)
            desk, said = self.place.desk, partial(_settled, self.place, self.window())
            # what was saved is told although this widget goes as soon as the queue is read again
            self.place.save(lambda: conflicts.settle_all(desk, chosen), owner=self.window(), then=said)

    def _all(self, side: str) -> None:
        for field in self.fields:
            field.pick(side)

    def _count(self) -> None:
        chosen = sum(field.is_chosen for field in self.fields)
        several = len(self.fields) > 1
        words = _("Settle {n} of {all}") if several and chosen < len(self.fields) else _("Settle")
        said = words.format(n=format_number(chosen), all=format_number(len(self.fields)))
        self.settle_button.setText(f"{said}   Ctrl+Enter")
        self.settle_button.setAccessibleName(said)
        self.settle_button.setEnabled(bool(chosen) and self.place.desk.may(Permission.WRITE_CASE))

    def _lay_out(self) -> None:
        dispute, several = self.dispute, len(self.fields) > 1
        title = " \u00b7 ".join(part for part in (dispute.case_number, kind_name(dispute.kind)) if part)
        only_if(dispute.case_id is not None, self.show_case)
        only_if(several, self.all_other)
        only_if(several, self.all_kept)
        inside = QWidget()
        theme.mark(inside, role="body")
        fields = QVBoxLayout(inside)
        fields.setContentsMargins(0, 0, theme.px(6), 0)
        fields.setSpacing(theme.px(10))
        for field in self.fields:
            fields.addWidget(field)
        fields.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px(6), 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addLayout(row(text(title, role="heading"), None, self.show_case))
        words = _("Two people changed the same without knowing of each other. Choose what stands, or write it anew.")
        told = row(text(words, role="muted", wrap=True), self.all_other, self.all_kept)
        told.setStretch(0, 1)
        layout.addLayout(told)
        layout.addWidget(_scrolled(inside), 1)
        layout.addLayout(row(None, self.settle_button))


def _settled(place: Workplace, window: QWidget, settled: Settled) -> None:
    desk = place.desk
    words = ngettext(
        "{n} conflict settled. Both values stay in the history.",
        "{n} conflicts settled. Both values stay in the history.",
        len(settled.conflicts),
    )

    def undo() -> None:
        place.save(lambda: conflicts.undo(desk, settled), owner=window)

    place.say(words.format(n=format_number(len(settled.conflicts))), undo=undo)


class _History(QWidget):
    """What was chosen, with both values; a choice can be made again."""

    def __init__(self, place: Workplace, dispute: Dispute, *, reopened: Callable[[str], None]) -> None:
        super().__init__()
        self._reopened, self._record = reopened, dispute.id
        theme.mark(self, role="body")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px(6), theme.px(6), 0)
        layout.setSpacing(theme.px(10))
        may = place.desk.may(Permission.WRITE_CASE)
        for entry in reversed(dispute.entries):
            again = button(_("Choose again"), icon=icons.icon("sync", colour="accent"),
                           clicked=partial(self._again, place, entry.id))  # fmt: skip
            actions = (again,) if may else ()
            layout.addWidget(EntryCard(conflict_card(entry, sides_of(entry), now=place.now(), actions=actions)))
        layout.addStretch(1)

    def _again(self, place: Workplace, conflict_id: str) -> None:
        desk = place.desk
        words = _("It waits for a choice again. What stands now stays until then.")
        window, record, reopened = self.window(), self._record, self._reopened

        def then(_saved: Any) -> None:
            place.say(words)
            reopened(record)

        # the window asks: this widget goes as soon as the queue is read again
        place.save(lambda: conflicts.reopen(desk, conflict_id), owner=window, then=then)


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area


def _columns(place: Workplace) -> tuple[Column, ...]:
    return (
        Column("case_number", N_("Case"), 160, text=lambda n: n or presenting.NOTHING, sortable=False),
        Column("kind", N_("Entry"), 130, text=kind_name, sortable=False),
        Column("entries", N_("Fields"), 240, text=_fields, sortable=False, stretch=True),
        Column("entries", N_("By"), 200, text=_people, sortable=False, style="muted", stretch=True),
        Column("at", N_("Since"), 130, text=lambda at: presenting.when(at, place.now()), sortable=False, style="muted"),
    )


def _fields(entries: Sequence[Any]) -> str:
    sides = [sides_of(entry) for entry in entries]
    return ", ".join(_(each.field.label) if each.field else entry["about_field"] or ""
                     for each, entry in zip(sides, entries, strict=True))  # fmt: skip


def _people(entries: Sequence[Any]) -> str:
    names = [name for entry in entries for name in (entry["other_by"], entry["kept_by"]) if name]
    return ", ".join(dict.fromkeys(names))
