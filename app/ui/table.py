"""Big lists: ids from one query, rows in pages when they are shown.

`PagedModel` holds the ids of a query and the few pages of rows that were looked at last; a list of a hundred thousand
records costs their ids. `TableView` (app/ui/table_view.py) shows it quietly.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.i18n import _
from app.ui.theme import Tone

PAGE = 64
PAGES_KEPT = 24
ToneRole = Qt.ItemDataRole.UserRole + 1
StyleRole = Qt.ItemDataRole.UserRole + 2
IdRole = Qt.ItemDataRole.UserRole + 3
MarkRole = Qt.ItemDataRole.UserRole + 4
_CELL_ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, ToneRole, MarkRole)
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Query:
    """What a list shows: words, (filter, value) pairs, a column to sort by."""

    text: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    descending: bool = False

    def with_filter(self, name: str, *, value: str | None) -> Query:
        """The same query with one filter set, or taken away by None."""
        rest = tuple(pair for pair in self.filters if pair[0] != name)
        return replace(self, filters=rest if value is None else (*rest, (name, value)))


class Source(Protocol):
    """Where a list comes from; both calls run in the GUI thread and must be quick (a page in under 5 ms)."""

    def ids(self, query: Query) -> Sequence[Any]:
        """The ids of all records of a query, in its order."""

    def rows(self, ids: Sequence[Any]) -> Sequence[Any]:
        """One frozen row per id, in the order of the ids; None for a record that is gone."""


@dataclass(frozen=True)
class Column:
    """One column: `key` names the attribute of a row; `text` and `tone` turn its value into words and colour."""

    key: str
    title: str  # message id: translated when shown
    width: int = 120  # pixels of the sketches at 100 %
    text: Callable[[Any], str] = lambda value: "" if value is None else str(value)
    tone: Callable[[Any], Tone | None] = lambda value: None
    mark: Callable[[Any], str] = lambda value: ""  # a drawn sign before the words: a name of widgets.marks
    style: str = "plain"  # plain, strong, muted, chip
    right: bool = False
    sortable: bool = True
    hidden: bool = False  # until the person chooses it
    stretch: bool = False  # takes the room that is left while the widths are untouched
    whole_row: bool = False  # `text`, `tone` and `mark` receive the row instead of one value

    def value(self, row: Any) -> Any:
        """What `text`, `tone` and `mark` are given."""
        return row if self.whole_row else getattr(row, self.key)


class PagedModel(QAbstractTableModel):
    """A query's rows, fetched by page. Sorting asks the source again; it never sorts what is on the screen."""

    def __init__(self, source: Source, *, columns: Sequence[Column], query: Query | None = None) -> None:
        super().__init__()
        self.source = source
        self.columns = tuple(columns)
        self.query = query or Query()
        self._ids: Sequence[Any] = ()
        self._pages: OrderedDict[int, Sequence[Any]] = OrderedDict()

    # what a screen calls

    def search(self, query: Query) -> None:
        """Show another query, keeping the present sort unless the query names one."""
        if not query.sort:
            query = replace(query, sort=self.query.sort, descending=self.query.descending)
        self.query = query
        self.refresh()

    def refresh(self) -> None:
        """Ask the source again; the view keeps the same record selected."""
        self.show_ids(self.source.ids(self.query))

    def show_ids(self, ids: Sequence[Any]) -> None:
        """Show ids found elsewhere, for a source too slow to be asked here."""
        self.beginResetModel()
        self._ids = ids
        self._pages.clear()
        self.endResetModel()

    def forget(self, ids: Sequence[Any]) -> None:
        """Read these records anew when they are next shown: they changed, but not their place in the list."""
        wanted = set(ids)
        for page in list(self._pages):
            if wanted & set(self._ids[page * PAGE : (page + 1) * PAGE]):
                del self._pages[page]
                last = min((page + 1) * PAGE, len(self._ids)) - 1
                self.dataChanged.emit(self.index(page * PAGE, 0), self.index(last, len(self.columns) - 1))

    def ids(self) -> Sequence[Any]:
        """All ids, in the order shown."""
        return self._ids

    def id_at(self, row: int) -> Any:
        """The id shown in a row, None outside the list."""
        return self._ids[row] if 0 <= row < len(self._ids) else None

    def row_of(self, record: Any) -> int:
        """The row of an id, -1 when the list does not hold it."""
        try:
            return self._ids.index(record)
        except ValueError:
            return -1

    def row_at(self, row: int) -> Any:
        """The row itself, None for a record that is gone."""
        page = row // PAGE
        if page not in self._pages:
            self._pages[page] = self.source.rows(self._ids[page * PAGE : (page + 1) * PAGE])
            if len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        self._pages.move_to_end(page)
        return self._pages[page][row % PAGE]

    def row_text(self, row: int) -> str:
        """The whole row as a sentence, for those who hear the list."""
        shown = self.row_at(row)
        if shown is None:
            return _("No longer available")
        parts = ((_(c.title), c.text(c.value(shown))) for c in self.columns)
        return "; ".join(f"{title}: {text}" for title, text in parts if text)

    # what Qt calls

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == StyleRole:
            return column.style
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.row_text(index.row())
        if role == IdRole:
            return self.id_at(index.row())
        return self._cell(index.row(), column, role) if role in _CELL_ROLES else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _(self.columns[section].title)
        return _alignment(self.columns[section]) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _cell(self, row: int, column: Column, role: int) -> Any:
        shown = self.row_at(row)
        if shown is None:
            return None if role in (ToneRole, MarkRole) else "-"
        value = column.value(shown)
        say = {ToneRole: column.tone, MarkRole: column.mark}.get(role, column.text)
        return say(value)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask the source for another order; a column that cannot be sorted changes nothing."""
        if not 0 <= column < len(self.columns) or not self.columns[column].sortable:
            return
        descending = order == Qt.SortOrder.DescendingOrder
        self.query = replace(self.query, sort=self.columns[column].key, descending=descending)
        self.refresh()


def _alignment(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
