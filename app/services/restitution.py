"""Restitution of each victim: the lines of the ledger, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from app.i18n import _, format_rupiah
from app.models.restitution import Ledger, Line, Restitution, ledger_of
from app.services.entries import Entry
from app.services.part_rule import Coming

_SUMS = frozenset({"CLAIMED", "ASSESSED", "DEMANDED", "ORDERED", "PAID"})
_NOTHING_PAID = frozenset({"CLAIMED", "PAID"})  # a court may order nothing; nobody claims or pays it


def rule(coming: Coming) -> None:
    """A step that was taken, about a victim, with its sum where it has one; a surplus is said, not refused."""
    coming.about_victim()
    coming.past("day", "copy_on")
    coming.in_order("day", "copy_on")
    step, amount = coming["step"], coming["amount"]
    if step in _SUMS and amount is None:
        coming.refuse("amount", _("Enter the amount in whole rupiah."))
    if step in _NOTHING_PAID and amount == 0:
        coming.refuse("amount", _("The amount is more than nothing."))
    if step == "PAID":
        _say_surplus(coming)


def ledger(entries: Iterable[Entry], person_id: str) -> Ledger:
    """What the lines of one victim add up to."""
    lines = (Line(e["step"] or "", e["day"] or "", e["amount"]) for e in entries if e["person_id"] == person_id)
    return ledger_of(lines)


def _say_surplus(coming: Coming) -> None:
    rows = coming.session.scalars(
        select(Restitution)
        .where(Restitution.case_id == coming.case_id, Restitution.person_id == coming["person_id"])
        .order_by(Restitution.id)
    )
    mine = getattr(coming.before, "id", "")
    lines = [Line(row.step or "", row.day or "", row.amount) for row in rows if row.id != mine]
    found = ledger_of([*lines, Line("PAID", coming["day"] or "", coming["amount"])])
    if found.surplus:
        said = _("More was paid than ordered: {amount}. Look at the lines again.")
        coming.warnings.append(said.format(amount=format_rupiah(found.surplus)))
