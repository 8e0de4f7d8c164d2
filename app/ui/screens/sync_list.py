"""The entries of the sync: all of them, or those in one state, or of one case; ten thousand cost their numbers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from app.i18n import N_, _
from app.sync.items import item_ids, item_rows
from app.sync.report import SyncItem
from app.ui import presenting, theme
from app.ui.jobs import Job
from app.ui.screens import sync_words
from app.ui.table import Column, PagedModel, Query
from app.ui.table_view import TableView
from app.ui.widgets.basics import row
from app.ui.widgets.search import SearchField
from app.ui.workplace import Workplace

KEPT = 2_000  # rows that were read last
STATES = (
    ("", N_("All states")),
    ("problem", N_("Need a person")),
    ("waiting", N_("Not answered yet")),
    ("refused", N_("Refused")),
    ("held", N_("Held")),
    ("conflict", N_("Conflict")),
    ("left", N_("No longer shared, erased")),
    ("taken", N_("Taken, not proven")),
    ("proven", N_("Arrived")),
    ("settled", N_("Settled")),
)


class ItemSource:
    """Rows by the page, straight from the file; `items` holds those that were looked at."""

    def __init__(self, place: Workplace) -> None:
        self._setup = place.context.sync_setup()
        self.items: OrderedDict[int, SyncItem] = OrderedDict()

    def ids(self, query: Query) -> Sequence[int]:
        """Those that need a person first, then those under way, then the newest."""
        states = dict(query.filters).get("state", "")
        with self._setup.read() as session:
            return item_ids(session, states=states, words=query.text)

    def rows(self, ids: Sequence[int]) -> Sequence[SyncItem | None]:
        """One entry per id."""
        missing = [seq for seq in ids if seq not in self.items]
        if missing:
            with self._setup.read() as session:
                self.items |= {item.seq: item for item in item_rows(session, missing)}
        found = [self.items.get(seq) for seq in ids]
        while len(self.items) > KEPT:
            self.items.popitem(last=False)
        return found


class SyncList(QWidget):
    """`chosen(SyncItem | None)` follows the current row, `opened(SyncItem)` is Enter or a double click."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.place = place
        self.source = ItemSource(place)
        self.model = PagedModel(self.source, columns=_columns())
        self.table = TableView(self.model, name=_("Entries"), empty=_("No entry is in this state."))
        self.search = SearchField(name=_("Search by case number"))
        self.states = QComboBox()
        self.states.setAccessibleName(_("State of the entries"))
        for value, words in STATES:
            self.states.addItem(_(words), value)
        self._job: Job | None = None
        self.table.chosen.connect(lambda seq: self.chosen.emit(self.item(seq)))
        self.table.opened.connect(lambda seq: self.opened.emit(self.item(seq)))
        self.search.searched.connect(lambda words: self._ask(text=words))
        self.states.currentIndexChanged.connect(lambda _at: self._ask(state=self.states.currentData()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        line = row(self.search, self.states)
        line.setStretch(0, 1)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)

    def item(self, seq: int | None) -> SyncItem | None:
        """The entry of a number; None when there is none."""
        return self.source.rows([seq])[0] if seq is not None else None

    def show_state(self, state: str) -> None:
        """Show only the entries in one group of states."""
        self.states.setCurrentIndex(max(0, self.states.findData(state)))

    def show_stopped(self) -> None:
        """Show what needs a person, and let the keyboard be there."""
        self.show_state("problem")
        self.table.setFocus()

    def refresh(self) -> None:
        """Read anew, behind the screen; the same entry stays chosen."""
        if self._job is not None:
            self._job.cancel()
        query = self.model.query
        self._job = self.place.load(lambda: self.source.ids(query), owner=self, then=self._show)

    def _show(self, ids: Sequence[int]) -> None:
        self.source.items.clear()
        here = self.table.current_id()
        self.model.show_ids(ids)
        if self.table.current_id() is None and ids:
            self.table.choose(ids[0])
        elif self.table.current_id() == here:
            self.chosen.emit(self.item(here))  # the same entry, but perhaps in another state

    def _ask(self, *, text: str | None = None, state: str | None = None) -> None:
        query = self.model.query
        if state is not None:
            query = query.with_filter("state", value=state or None)
        self.model.query = Query(query.text if text is None else text, query.filters)
        self.refresh()


def _columns() -> tuple[Column, ...]:
    return (
        Column("case_number", N_("Case"), 140, text=lambda n: n or presenting.NOTHING, sortable=False),
        Column("kind", N_("Entry"), 190, text=sync_words.change_of, whole_row=True, sortable=False, stretch=True),
        Column(
            "state", N_("State"), 126, text=lambda i: sync_words.state_of(i).words,
            tone=lambda i: sync_words.state_of(i).tone, mark=lambda i: sync_words.state_of(i).mark, whole_row=True,
            sortable=False,
        ),
        Column(
            "code", N_("Why"), 96, text=sync_words.why, whole_row=True, sortable=False, style="muted", stretch=True
        ),
    )  # fmt: skip
