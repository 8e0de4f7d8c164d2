"""Filters that a person keeps under a name, in the encrypted file: they may hold names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from app.i18n import _
from app.services.case_list import ACTIVE
from app.ui.screens.filter_dialogs import ask_name
from app.ui.table import Query
from app.ui.workplace import Workplace

SETTING = "filters:cases"
MOST = 30


class SavedFilters:
    """Offers what was kept, and to keep what is shown; `chosen(Query)` when one is taken."""

    def __init__(self, place: Workplace, *, owner: QWidget, chosen: Callable[[Query], object]) -> None:
        self._place, self._owner, self._chosen = place, owner, chosen
        self._kept: dict[str, Any] = dict(place.user_setting(SETTING) or {})

    def all(self) -> dict[str, Query]:
        """By name: those every office needs, then the person's own."""
        built_in = {
            _("Overdue"): Query(filters=(("overdue", "1"),)),
            _("No follow-up for 14 days"): Query(filters=(("quiet", "1"),)),
            _("My active cases"): Query(filters=(("status", ACTIVE), ("mine", "1"))),
        }
        return built_in | {name: _query(told) for name, told in sorted(self._kept.items())}

    def offer(self, menu: QMenu, *, shown: Query) -> None:
        """Add them to the menu of the filters."""
        menu.addSeparator()
        below = menu.addMenu(_("Saved filters"))
        for name, query in self.all().items():
            below.addAction(name).triggered.connect(partial(self._take, query))
        keep = menu.addAction(_("Keep this filter\u2026"))
        keep.setEnabled(bool(shown.text or shown.filters) and len(self._kept) < MOST)
        keep.triggered.connect(lambda: ask_name(self._place, self._owner, taken=partial(self.keep, query=shown)))
        if self._kept:
            forget = menu.addMenu(_("Forget a filter"))
            for name in sorted(self._kept):
                forget.addAction(name).triggered.connect(partial(self.forget, name))

    def keep(self, name: str, *, query: Query) -> None:
        """Keep a filter under this name, in the place of an older one of it."""
        self._kept[name[:80]] = {"text": query.text, "filters": [list(pair) for pair in query.filters]}
        self._place.put_user_setting(SETTING, self._kept)
        self._place.say(_("The filter \u201c{name}\u201d is kept.").format(name=name))

    def forget(self, name: str, _on: bool = False) -> None:
        """Keep it no longer."""
        self._kept.pop(name, None)
        self._place.put_user_setting(SETTING, dict(self._kept))

    def _take(self, query: Query, _on: bool = False) -> None:
        self._chosen(query)


def _query(told: Any) -> Query:
    """What was kept; a filter that this version does not know is left out when it is used."""
    return Query(text=str(told.get("text", "")), filters=tuple((str(a), str(b)) for a, b in told.get("filters", ())))
