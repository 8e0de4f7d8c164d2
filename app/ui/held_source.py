"""A short list that was read whole: its rows are held by id and sorted in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from app.ui.table import Query

T = TypeVar("T")


class HeldSource(Generic[T]):
    """The source of a PagedModel; `put` replaces everything. `key` names the attribute that tells rows apart."""

    def __init__(self, key: str = "id") -> None:
        self.items: Mapping[str, T] = {}
        self._key = key

    def put(self, items: Iterable[T]) -> None:
        """These are the rows now, in this order."""
        self.items = {str(getattr(item, self._key)): item for item in items}

    def ids(self, query: Query) -> Sequence[str]:
        """In the order they were put, or by a column."""
        found: list[tuple[str, Any]] = list(self.items.items())
        if query.sort:
            found.sort(key=lambda pair: str(getattr(pair[1], query.sort)).casefold(), reverse=query.descending)
        return [key for key, _item in found]

    def rows(self, ids: Sequence[str]) -> Sequence[T | None]:
        """One row per id."""
        return [self.items.get(key) for key in ids]
