"""What the supervisor says to a plan and to a closure, and flags: the rules of both.

Who may decide is checked here alone: the centre knows offices, not the roles of their people, so an office answers for
its own supervisors. The audit says who decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import Conflicted
from app.i18n import _
from app.models import settings
from app.models.oversight import Approval, Flag
from app.models.permission import Permission
from app.services.desk import Desk
from app.services.entries import Entry, of_case
from app.services.part_rule import Coming

PLAN, CLOSURE = "PLAN", "CLOSURE"
APPROVED, RETURNED = "APPROVED", "RETURNED"
NEEDS_APPROVAL = "closing_needs_approval"  # a setting of the office; on until somebody switches it off


def approval_rule(coming: Coming) -> None:
    """One request at a time for a subject; decided once, by who may, and given back with a word why."""
    coming.default("asked_at", coming.desk.now())
    if coming.is_new and coming["subject"] in {r.subject for r in open_requests(coming.session, coming.case_id)}:
        coming.refuse("subject", _("This waits for the supervisor already."))
    if not coming.changes("decision"):
        return
    coming.desk.require(Permission.APPROVE)
    if getattr(coming.before, "decision", None):
        raise Conflicted(_("This was decided already. Ask again with a new request."))
    if coming["decision"] == RETURNED and not coming["note"]:
        coming.refuse("note", _("Write down what is missing."))
    coming.values |= {"decided_at": coming.desk.now(), "decided_by": coming.desk.actor.name}


def open_requests(session: Session, case_id: str) -> list[Approval]:
    """What of a case waits for a decision, oldest first."""
    return [one for one in of_case(session, Approval, case_id) if not one.decision]


def flag_rule(coming: Coming) -> None:
    """Lowered once; who lowered it is who is signed in."""
    if coming.values.get("lowered_at") is not None:
        if getattr(coming.before, "lowered_at", None):
            raise Conflicted(_("This flag is lowered already."))
        coming.values["lowered_by"] = coming.desk.actor.name


def is_up(flag: Entry | Flag, today: str) -> bool:
    """Whether a flag is still to be seen: not lowered, and its day has not passed."""
    lowered, until = (flag["lowered_at"], flag["until"]) if isinstance(flag, Entry) else (flag.lowered_at, flag.until)
    return lowered is None and (not until or until >= today)


def closes_directly(session: Session, desk: Desk) -> bool:
    """Whether the signed-in user closes a case without asking: a supervisor, or an office that wants no approval."""
    return desk.may(Permission.APPROVE) or not settings.get(session, NEEDS_APPROVAL, True)


def require_approval(session: Session, desk: Desk, case_id: str, *, since: datetime | None = None) -> None:
    """Conflicted, saying what to do, while the closure of this case is not approved.

    An approval given before the case was opened again counts no more.
    """
    if closes_directly(session, desk):
        return
    last = _last(a for a in of_case(session, Approval, case_id) if a.subject == CLOSURE)
    if last is None or (since is not None and last.asked_at is not None and last.asked_at < since):
        raise Conflicted(_("The supervisor has to approve the closure first: ask for approval under “Needs and plan”."))
    if not last.decision:
        raise Conflicted(_("The closure waits for the supervisor's approval."))
    if last.decision == RETURNED:
        raise Conflicted(_("The supervisor gave the closure back: {note}").format(note=last.note or ""))


def _last(found: Iterable[Approval]) -> Approval | None:
    return max(found, key=lambda one: one.id, default=None)
