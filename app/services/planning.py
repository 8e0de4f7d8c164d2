"""Deeds around the plan and its approval: goals from needs, tasks from a conference, asking, deciding, lowering."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.errors import Conflicted
from app.i18n import _
from app.models.codelist import label
from app.models.oversight import Approval, Conference
from app.models.permission import Permission
from app.services.case_page import CasePage, open_page
from app.services.case_parts import add_part, change_part, enter_part
from app.services.desk import Desk, Saved
from app.services.entries import get
from app.services.legal import checklist
from app.services.oversight import APPROVED, RETURNED, require_approval
from app.services.plans import OPEN, unmet_needs


def goals_from_needs(desk: Desk, case_id: str) -> Saved:
    """One open goal for every need of the latest assessments that has none yet, in one step. Conflicted without any."""
    needs = unmet_needs(open_page(desk, case_id))
    if not needs:
        raise Conflicted(_("Every assessed need has a goal already."))
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        for person, need in needs:
            words = _("Met: {need}").format(need=label("needs_domain", need))
            values = {"person_id": person, "need": need, "goal": words, "state": OPEN}
            enter_part(session, desk, case_id, "goal", values)
    return Saved(case_id, unit.changes)


def tasks_from_conference(desk: Desk, conference_id: str, tasks: Iterable[dict[str, Any]]) -> Saved:
    """Each decision that is to be done becomes a task that follows from the conference."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        conference = get(session, Conference, conference_id)
        for task in tasks:
            enter_part(session, desk, conference.case_id or "", "task", {**task, "source": conference_id})
    return Saved(conference_id, unit.changes)


def decisions_of(words: str | None) -> tuple[str, ...]:
    """The decisions of a conference one by one: a line each, without its bullet or number."""
    lines = (line.strip().lstrip("-*\u2022").strip() for line in (words or "").splitlines())
    return tuple(line for line in lines if line)


def ask_approval(desk: Desk, case_id: str, subject: str, request: str | None = None) -> Saved:
    """Ask the supervisor to approve the plan or the closure of a case."""
    return add_part(desk, case_id, Approval.kind, {"subject": subject, "request": request})


def may_close(desk: Desk, page: CasePage) -> bool:
    """Whether the case may be closed now: nobody has to approve it, or somebody did. A service refuses by itself."""
    try:
        with desk.read() as session:
            require_approval(session, desk, page.case.id, since=page.case["reopened_at"])
    except Conflicted:
        return False
    return True


def rights_open(page: CasePage) -> tuple[str, ...]:
    """Codes of the rights that some victim of the case was neither given nor does without."""
    ended = {"GIVEN", "REFUSED_BY_VICTIM", "NOT_APPLICABLE"}
    return tuple(dict.fromkeys(
        right.code for victim in page.victims for right in checklist(page.parts["victim_right"], victim.person.id)
        if right.latest is None or right.latest["state"] not in ended
    ))  # fmt: skip


def decide(desk: Desk, approval_id: str, *, approve: bool, note: str | None = None) -> Saved:
    """Approve what is asked, or give it back with a note. Forbidden for whoever may not approve."""
    decision = APPROVED if approve else RETURNED
    return change_part(desk, Approval.kind, approval_id, {"decision": decision, "note": note})


def lower_flag(desk: Desk, flag_id: str) -> Saved:
    """Take a flag down; it stays in the history."""
    return change_part(desk, "flag", flag_id, {"lowered_at": desk.now()})
