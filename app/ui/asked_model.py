"""A list whose ids are looked up behind the screen: one too long, or a question too hard, to be answered in it."""

from __future__ import annotations

from collections.abc import Sequence

from app.ui.jobs import Job
from app.ui.table import Column, PagedModel, Query, Source
from app.ui.workplace import Workplace


class AskedModel(PagedModel):
    """A newer question makes the older one void."""

    def __init__(
        self, source: Source, *, place: Workplace, columns: Sequence[Column], query: Query | None = None
    ) -> None:
        super().__init__(source, columns=columns, query=query)
        self._place = place
        self._job: Job | None = None

    def refresh(self) -> None:
        """Ask the source again."""
        self.void()
        query = self.query
        self._job = self._place.jobs.run(lambda _progress: self.source.ids(query), then=self.show_ids, owner=self)
        self._job.is_reading = True

    def void(self) -> None:
        """Nobody waits for the answer to the last question any more."""
        if self._job is not None:
            self._job.cancel()
