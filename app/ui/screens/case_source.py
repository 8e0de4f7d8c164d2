"""Cases as a list shows them: the columns, and ids and rows from the service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.i18n import N_, format_date, zone
from app.models.search_text import OPEN, SHUT
from app.services import case_list
from app.services.case_list import CaseItem, CaseQuery
from app.ui import presenting
from app.ui.asked_model import AskedModel
from app.ui.table import Column, PagedModel, Query
from app.ui.theme import Tone
from app.ui.workplace import Workplace

LARGE = 20_000  # from so many cases on, the ids of a search are looked up behind the screen
_FLAGS = ("overdue", "quiet", "shared", "child", "mine", "referred", "my_tasks", "flagged")
_VALUES = ("status", "risk", "exploitation", "region", "since", "until")
_SORTS = {"reported_at": "reported"}


def case_query(query: Query) -> CaseQuery:
    """What a list's query means to the service."""
    filters = dict(query.filters)
    told: dict[str, Any] = {name: name in filters for name in _FLAGS}
    told |= {name: filters.get(name, "") for name in _VALUES}
    sort = _SORTS.get(query.sort, query.sort or "due")
    return CaseQuery(text=query.text, sort=sort, descending=query.descending, **told)


def list_query(query: CaseQuery) -> Query:
    """The same the other way, for those who come from a tile or a link."""
    filters = [(name, value) for name in _VALUES if (value := getattr(query, name))]
    filters += [(name, "1") for name in _FLAGS if getattr(query, name)]
    return Query(query.text, tuple(filters), "", False)


class CaseSource:
    """Keys of the list are numbers of rows; `case_id` gives the case behind one."""

    def __init__(self, place: Workplace) -> None:
        self._desk = place.desk
        self._words = ""  # of the list that is shown: each row says where they stand

    def ids(self, query: Query) -> Sequence[int]:
        """All keys, in order."""
        self._words = query.text
        return case_list.ids(self._desk, case_query(query))

    def rows(self, ids: Sequence[int]) -> Sequence[CaseItem | None]:
        """One item per key; None for a case that is gone."""
        found = case_list.rows(self._desk, list(ids), words=self._words)
        if len(found) == len(ids):
            return found
        return [next(iter(case_list.rows(self._desk, [key])), None) for key in ids]

    def case_id(self, key: int | None) -> str:
        """The case of a key, '' when there is none."""
        item = self.rows([key])[0] if key is not None else None
        return item.id if item else ""


class CaseModel(AskedModel):
    """Looks ids up behind the screen when the list is long."""

    def __init__(self, place: Workplace, *, columns: Sequence[Column], query: Query) -> None:
        super().__init__(CaseSource(place), place=place, columns=columns, query=query)
        self.total = 0

    def refresh(self) -> None:
        """Ask the source again, here or behind the screen."""
        if self.total < LARGE:
            self.void()
            PagedModel.refresh(self)
        else:
            super().refresh()


def case_columns(place: Workplace) -> tuple[Column, ...]:
    """The columns of the list; the last four are there for those who choose them, or when words are searched."""

    def due(iso: str) -> presenting.Said:
        return presenting.due(iso, place.desk.today())

    return (
        Column("number", N_("Number"), 134),
        Column("victims", N_("Victim"), 128, text=presenting.victims),
        Column("risk", N_("Risk"), 74, text=_words(presenting.risk), tone=_tone(presenting.risk), style="strong"),
        Column(
            "next_step", N_("Next step"), 132, text=_or_dash, sortable=False, stretch=True
        ),
        Column("due", N_("Due"), 130, text=lambda iso: due(iso).words, tone=lambda iso: _loud(due(iso))),
        Column(
            "status", N_("Status"), 130, text=_words(presenting.status), tone=_tone(presenting.status), style="chip",
            hidden=True,
        ),
        Column("reported_at", N_("Reported"), 110, text=_day, hidden=True),
        Column("lead", N_("Lead worker"), 130, sortable=False, hidden=True),
        Column("found", N_("Found in"), 140, text=_marked, sortable=False, hidden=True, style="muted", stretch=True),
    )  # fmt: skip


def _words(say: Any) -> Any:
    return lambda code: say(code).words


def _tone(say: Any) -> Any:
    return lambda code: say(code).tone


def _marked(found: str) -> str:
    return found.replace(OPEN, "\u2039").replace(SHUT, "\u203a")


def _or_dash(words: str) -> str:
    return words or presenting.NOTHING


def _loud(said: presenting.Said) -> Tone | None:
    return said.tone if said.tone != Tone.NEUTRAL else None


def _day(moment: Any) -> str:
    return format_date(moment.astimezone(zone()).date(), "short") if moment else ""


def without(query: Query, name: str) -> Query:
    """The query without one of its filters."""
    return replace(query, filters=tuple(pair for pair in query.filters if pair[0] != name))
