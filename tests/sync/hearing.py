"""A way to the centre that remembers which rows came over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from app.sync.http import HttpTransport
from app.sync.loop import run
from app.sync.report import SyncReport
from app.sync.transport import Moved, Partial, Wish
from app.wire import SCHEMA
from app.wire.messages import (
    FeedRow,
    RangeReply,
    RangeRequest,
    ReceiptAnswer,
    ReceiptRequest,
    RowKind,
    RowsRequest,
)
from app.wire.segment import unseal_segment
from tests.sync.country import Country
from tests.sync.laptops import Laptop

T = TypeVar("T")


class Hearing(HttpTransport):
    """The real one; `came` are those of the segments that came, by scope."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.dialect = SCHEMA
        self.came: list[FeedRow] = []
        self.asked: list[Wish] = []
        self.spent: list[tuple[str, int]] = []  # what a repair asked, and the bytes of it both ways

    def get_segment(self, scope: str, partial: Partial, *, moved: Moved, wish: Wish) -> bool:
        """The same, heard."""
        self.asked.append(wish)
        came = super().get_segment(scope, partial, moved=moved, wish=wish)
        if came:
            self.came += unseal_segment(bytes(partial.data)).rows
        return came

    def ranges(self, request: RangeRequest) -> RangeReply:
        """The same, weighed."""
        return self._weighed("ranges", lambda: super(Hearing, self).ranges(request))

    def rows(self, request: RowsRequest, *, wish: Wish) -> bytes:
        """The same, weighed."""
        return self._weighed("rows", lambda: super(Hearing, self).rows(request, wish=wish))

    def receipts(self, requests: list[ReceiptRequest]) -> list[ReceiptAnswer]:
        """The same, weighed."""
        return self._weighed("receipts", lambda: super(Hearing, self).receipts(requests))

    def _weighed(self, what: str, ask: Callable[[], T]) -> T:
        before = self.traffic.up + self.traffic.down
        answer = ask()
        self.spent.append((what, self.traffic.up + self.traffic.down - before))
        return answer

    def kinds(self, *kinds: RowKind) -> list[FeedRow]:
        """The rows of these kinds."""
        return [row for row in self.came if row.row in kinds]


def heard(country: Country, laptop: Laptop, **options: Any) -> tuple[SyncReport, Hearing]:
    """One sync that ends green, and what came over."""
    with Hearing(country.centre.base_url, laptop.workspace.device) as transport:
        report = run(laptop.setup, transport, **options)
    assert report.problem is None, report.problem
    assert report.green
    return report, transport
