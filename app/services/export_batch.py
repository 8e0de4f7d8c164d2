"""The papers of many cases, one locked PDF each in a folder: one at a time, so that memory and other work do not wait.

Every case asks its own consent and has its own entry in the register. One that cannot be made is listed with its
reason, and the next one goes on. All files open with the same words (docs/adr/0022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from app.errors import Invalid, UserError
from app.i18n import _
from app.lazy import lazy
from app.models.permission import Permission
from app.reports.api import Format, Rendered
from app.reports.papers import Paper
from app.reports.redaction import NEEDS_CONSENT
from app.services import case_list
from app.services.case_list import CaseQuery
from app.services.desk import Desk
from app.services.export_order import Order, checked
from app.services.exports import export_case

if TYPE_CHECKING:
    from app.reports import protect as protection
else:
    protection = lazy("app.reports.protect")

MOST = 1_000


@dataclass(frozen=True, slots=True)
class Item:
    """One case of a batch."""

    case_id: str
    number: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case: a file, or why there is none."""

    item: Item
    made: Rendered | None
    why: str = ""


def items(desk: Desk, query: CaseQuery, order: Order) -> tuple[Item, ...]:
    """The cases of a list, checked before the first is made. Invalid for an order that no case could fill."""
    desk.require(Permission.EXPORT)
    profile, form, _spoken = checked(replace(order, password="x"))
    if form is not Format.PDF or order.paper != Paper.SUMMARY or order.released or order.consent_id:
        raise Invalid(_("A batch is of summaries as PDF, each on its own consent; nothing is released by hand in it."))
    if profile in NEEDS_CONSENT and not (order.recipient.strip() or order.agency):
        message = _("Say who receives the paper.")
        raise Invalid(message, [("recipient", message)])
    keys = case_list.ids(desk, query)
    if len(keys) > MOST:
        raise Invalid(_("At most {n} cases at a time: filter the list first.").format(n=MOST))
    return tuple(Item(row.id, row.number) for row in case_list.rows(desk, keys))


def one(desk: Desk, item: Item, order: Order) -> Outcome:
    """The paper of one case, in the register already; a refusal is an outcome, what is a bug is not hidden."""
    try:
        return Outcome(item, export_case(desk, item.case_id, order))
    except UserError as error:
        return Outcome(item, None, str(error))


def words() -> str:
    """The passphrase of a batch, made once and kept nowhere."""
    return protection.passphrase()


def left(done: int, total: int, spent: timedelta) -> timedelta | None:
    """How much longer it takes at this pace; None before anything is known."""
    return spent / done * (total - done) if done else None


def listing(outcomes: Sequence[Outcome]) -> str:
    """Which file is which case, and which have none and why: to be read on the screen, and kept in no file."""
    lines = [f"{one.made.file_name}  {one.item.number}" for one in outcomes if one.made]
    failed = [f"{one.item.number}: {one.why}" for one in outcomes if one.made is None]
    return "\n".join([*([_("Not made:"), *failed, ""] if failed else []), *lines])
