"""Referrals as a list shows them: read behind the screen, then searched and sorted in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from app.i18n import N_
from app.models.referral import OPEN_STATES, UNANSWERED
from app.services.referrals import ReferralItem
from app.ui import presenting
from app.ui.presenting import Said
from app.ui.table import Column, Query
from app.ui.theme import Tone
from app.ui.workplace import Workplace

LATE = "NO_ANSWER"
WAITING = UNANSWERED | {LATE}
OPEN = OPEN_STATES | {LATE}
_FAR = datetime(9999, 1, 1, tzinfo=UTC)


def is_waiting(item: ReferralItem) -> bool:
    """Whether nobody has answered yet."""
    return item.state in WAITING


class ReferralSource:
    """The referrals of one direction; `items` is replaced after every read. Their order is the most urgent first."""

    def __init__(self) -> None:
        self._items: dict[str, ReferralItem] = {}

    def put(self, items: Iterable[ReferralItem]) -> None:
        """These are the referrals now."""
        self._items = {item.entry.id: item for item in items}

    def item(self, referral_id: str | None) -> ReferralItem | None:
        """One of them."""
        return self._items.get(referral_id or "")

    def ids(self, query: Query) -> Sequence[str]:
        """Those that match, in order."""
        wanted = dict(query.filters)
        words = query.text.casefold().split()
        found = [item for item in self._items.values() if _matches(item, wanted, words)]
        if query.sort:
            found.sort(key=lambda item: _sort_key(item, query.sort), reverse=query.descending)
        return [item.entry.id for item in found]

    def rows(self, ids: Sequence[str]) -> Sequence[ReferralItem | None]:
        """One item per id."""
        return [self._items.get(referral_id) for referral_id in ids]


def _matches(item: ReferralItem, wanted: dict[str, str], words: Sequence[str]) -> bool:
    if "open" in wanted and item.state not in OPEN:
        return False
    if "late" in wanted and item.state != LATE:
        return False
    said = f"{item.other} {item.case_number} {item.victims}".casefold()
    return all(word in said for word in words)


def _sort_key(item: ReferralItem, key: str) -> Any:
    if key == "due_at":
        return item.due_at or _FAR
    if key == "state":
        return presenting.referral_state(item.state, sent=item.sent).words
    return getattr(item, key)


def due_of(item: ReferralItem, now: datetime) -> Said:
    """When an answer is due; nothing to say once it came."""
    return presenting.due_moment(item.due_at, now) if is_waiting(item) else Said(presenting.NOTHING)


def referral_columns(place: Workplace, *, outgoing: bool) -> tuple[Column, ...]:
    """The columns of the list."""

    def state(item: ReferralItem) -> Said:
        return presenting.referral_state(item.state, sent=item.sent)

    def loud(item: ReferralItem) -> Tone | None:
        tone = due_of(item, place.now()).tone
        return tone if tone != Tone.NEUTRAL else None

    return (
        Column("other", N_("To") if outgoing else N_("From"), 180, style="strong", stretch=True),
        Column("victims", N_("Victim"), 94, text=presenting.victims),
        Column(
            "state", N_("State"), 128, text=lambda item: state(item).words, tone=lambda item: state(item).tone,
            style="chip", whole_row=True,
        ),
        Column(
            "due_at", N_("Answer due"), 136, text=lambda item: due_of(item, place.now()).words, tone=loud,
            mark=lambda item: due_of(item, place.now()).mark, whole_row=True,
        ),
        Column("case_number", N_("Case"), 138, hidden=True),
    )  # fmt: skip
