"""Referrals to this office and from it: who waits, since when, what for, and the answer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.errors import NotFound
from app.i18n import N_, _, format_number
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import referrals, transfers
from app.services.desk import Desk
from app.services.referral_page import open_referral
from app.services.referrals import ReferralItem
from app.services.transfers import TransferItem
from app.ui import icons, theme
from app.ui.screens.referral_detail import ReferralDetail
from app.ui.screens.referral_source import ReferralSource, is_waiting, referral_columns
from app.ui.screens.transfers import TransferCards, show_overrides
from app.ui.table import PagedModel, Query
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.pills import FilterChips
from app.ui.widgets.search import SearchField
from app.ui.workplace import Workplace

DETAIL_MS = 60
INBOX, OUTBOX = 0, 1
VICTIMS, ROOM_FOR_VICTIMS = 1, 960  # the column, and how wide the screen has to be for it
WIDE, NARROW = [630, 480], [500, 270]
_OPEN_ONLY = Query(filters=(("open", "1"),))
_TOUCHED = frozenset({"referral", "referral_event", "consent", "agency", "office", "transfer", "transfer_event"})
Lists = tuple[tuple[ReferralItem, ...], tuple[ReferralItem, ...]]


class ReferralsScreen:
    """Inbox and outbox."""

    name, title, icon, section = "referrals", N_("Referrals"), "referrals", "main"
    permission = Permission.READ

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return ReferralsView(context)


class ReferralsView(QWidget):
    """`open(referral_id)` shows one of them, in whichever direction it goes."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self._wanted, self._narrow = "", False
        self.sources = (ReferralSource(), ReferralSource())
        self.models = tuple(
            PagedModel(source, columns=referral_columns(place, outgoing=bool(side)), query=_OPEN_ONLY)
            for side, source in enumerate(self.sources)
        )
        names = (_("Referrals to this office"), _("Referrals from this office"))
        hint = _("Nothing here. Change the search or the filter.")
        self.tables = tuple(
            TableView(model, name=name, empty=hint) for model, name in zip(self.models, names, strict=True)
        )
        self.sides = QTabBar()
        self.sides.setAccessibleName(_("Inbox and outbox"))
        self.sides.addTab(_("Inbox"))
        self.sides.addTab(_("Outbox"))
        self.search = SearchField(name=_("Search referrals"), hint=_("Search office, case number, initials…"))
        self.chips = FilterChips()
        self.counted = text("", role="muted")
        self.transfers = TransferCards(place)
        self.detail = ReferralDetail(place)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DETAIL_MS)
        self._timer.timeout.connect(self._show_chosen)
        self._lay_out()
        self._connect()
        self._load()

    def open(self, target: Any) -> None:
        """Show a referral by its id, or the outbox for "outbox"."""
        self._wanted = str(target)
        self._go_to_wanted()

    def refresh(self, changes: Changes) -> None:
        """Read again when a referral or what it stands on changed."""
        if changes.kinds & _TOUCHED:
            self._load()

    def on_refresh(self) -> None:
        """F5."""
        self._load()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the list keeps the office's name whole: whom it is about stands beside it anyway."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(ROOM_FOR_VICTIMS)
        if narrow is not self._narrow:
            self._narrow = narrow
            self._split.setSizes(NARROW if narrow else WIDE)
            for table in self.tables:
                table.columns.show(VICTIMS, on=not narrow)

    # inside

    @property
    def _side(self) -> int:
        return self.sides.currentIndex()

    def _connect(self) -> None:
        self.sides.currentChanged.connect(self._turn)
        self.search.searched.connect(lambda words: self._search(replace(self._query, text=words)))
        self.chips.removed.connect(lambda name: self._search(self._query.with_filter(name, value=None)))
        for table in self.tables:
            table.chosen.connect(lambda _id: self._timer.start())
            table.opened.connect(lambda _id: self.detail.tabs.setFocus())

    @property
    def _query(self) -> Query:
        return self.models[self._side].query

    def _load(self) -> None:
        desk = self.place.desk
        self.place.load(lambda: _read(desk), owner=self, then=self.show_lists)

        self.place.load(lambda: _open_transfers(desk), owner=self, then=self._show_transfers)

    def _show_transfers(self, items: tuple[TransferItem, ...]) -> None:
        self.transfers.show_items(items, most=1 if self._narrow else 2)  # the list below keeps its room

    def show_lists(self, found: Lists) -> None:
        """Show what was read."""
        for source, model, items in zip(self.sources, self.models, found, strict=True):
            source.put(items)
            model.refresh()
        waiting = [sum(is_waiting(item) for item in items) for items in found]
        for side, (title, count) in enumerate(zip((_("Inbox"), _("Outbox")), waiting, strict=True)):
            self.sides.setTabText(side, f"{title}  {format_number(count)}" if count else title)
        self._say_counts(waiting)
        self._go_to_wanted()
        self._turn()

    def _say_counts(self, waiting: list[int]) -> None:
        here = _("{n} wait for our answer").format(n=format_number(waiting[INBOX]))
        there = _("{n} wait for others").format(n=format_number(waiting[OUTBOX]))
        self.counted.setText(f"{here} \u00b7 {there}")

    def _go_to_wanted(self) -> None:
        if self._wanted == "outbox":
            self._wanted = ""
            self.sides.setCurrentIndex(OUTBOX)
        for side, source in enumerate(self.sources):
            if source.item(self._wanted) is not None:
                wanted, self._wanted = self._wanted, ""
                self.sides.setCurrentIndex(side)
                if not self.tables[side].choose(wanted):
                    self.search.clear()
                    self._search(Query())
                    self.tables[side].choose(wanted)

    def _turn(self, _side: int = 0) -> None:
        self._stack.setCurrentIndex(self._side)
        self.landing: QWidget = self.tables[self._side]
        if self.search.text() != self._query.text:
            self.search.setText(self._query.text)
            self.search.search_now()
        self._show_filters()
        self._choose_first()
        self._timer.start()

    def _search(self, query: Query) -> None:
        self.models[self._side].search(query)
        self._show_filters()
        self._choose_first()

    def _show_filters(self) -> None:
        words = {"open": (_("Still open"), Tone.GOOD), "late": (_("Without an answer in time"), Tone.DANGER)}
        self.chips.show_filters([(name, *words[name]) for name, _value in self._query.filters])

    def _choose_first(self) -> None:
        table, model = self.tables[self._side], self.models[self._side]
        if table.current_id() is None and model.rowCount():
            table.choose(model.id_at(0))
        elif not model.rowCount():
            self._timer.start()

    def _show_chosen(self) -> None:
        chosen = self.tables[self._side].current_id()
        try:
            self.detail.show_page(open_referral(self.place.desk, chosen) if chosen else None)
        except NotFound:
            self.detail.show_page(None)

    def _filter_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, words in (("open", _("Still open")), ("late", _("Without an answer in time"))):
            action = QAction(words, menu)
            action.triggered.connect(
                lambda _on=False, name=name: self._search(replace(self._query, filters=((name, "1"),)))
            )
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(_("Show all referrals")).triggered.connect(
            lambda: self._search(replace(self._query, filters=()))
        )
        menu.popup(self.filters.mapToGlobal(QPoint(0, self.filters.height())))

    def _lay_out(self) -> None:
        self.filters = button(_("Filters"), icon=icons.icon("filter"), clicked=self._filter_menu)
        self._stack = QStackedWidget()
        for table in self.tables:
            self._stack.addWidget(table)
        split = self._split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._stack)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 4)
        split.setStretchFactor(1, 3)
        split.setSizes(WIDE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        overrides = button(
            _("Shared without consent…"), kind="quiet", clicked=partial(show_overrides, self.place, self)
        )
        overrides.setVisible(self.place.desk.may(Permission.OVERRIDE_CONSENT))
        layout.addLayout(row(text(_("Referrals"), role="title"), self.counted, None, overrides))
        layout.addWidget(self.transfers)
        line = row(self.sides, self.search, self.filters)
        line.insertWidget(2, self.chips, 0, Qt.AlignmentFlag.AlignVCenter)
        line.setStretch(1, 1)
        layout.addLayout(line)
        layout.addWidget(split, 1)


def _open_transfers(desk: Desk) -> tuple[TransferItem, ...]:
    """Cases offered to this office first, then those it offers."""
    return (*transfers.incoming(desk, only_open=True), *transfers.outgoing(desk, only_open=True))


def _read(desk: Desk) -> Lists:
    return referrals.inbox(desk), referrals.outbox(desk)
