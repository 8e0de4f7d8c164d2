"""The legal side of a case: which articles fit, where each right of each victim stands, who must not be punished."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import _
from app.models.case import Case
from app.models.codelist import codelist
from app.models.dates import latest
from app.models.law import article_warnings
from app.models.person import Party
from app.services.desk import Desk
from app.services.entries import Entry, get, of_case
from app.services.part_rule import Coming

RIGHTS = "rights_checklist"


@dataclass(frozen=True, slots=True)
class RightState:
    """One right of one victim: the latest entry about it, and those before it, newest first. None: nobody looked."""

    code: str
    latest: Entry | None
    earlier: tuple[Entry, ...] = ()


def checklist(entries: Iterable[Entry], person_id: str) -> tuple[RightState, ...]:
    """Every right of the list for one victim, in the order of the list."""
    mine: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry["person_id"] == person_id:
            mine.setdefault(entry["right_code"] or "", []).append(entry)
    found = []
    for code in codelist(RIGHTS).choices():
        told = sorted(mine.get(code.code, ()), key=lambda e: (e["day"] or "", e.id), reverse=True)
        found.append(RightState(code.code, told[0] if told else None, tuple(told[1:])))
    return tuple(found)


def step_rule(coming: Coming) -> None:
    """A stage that was reached, of a suspect of this case; articles that do not fit the day of the act are said."""
    coming.past("day", "told_at")
    suspect = coming["person_id"]
    if coming.changes("person_id") and suspect and not has_role(coming.session, coming.case_id, suspect, "SUSPECT"):
        coming.refuse("person_id", _("Only a suspect of this case: give this person that part first."))
    if coming.changes("articles"):
        act_on = _day_of_act(get(coming.session, Case, coming.case_id))
        coming.warnings += article_warnings(tuple(coming["articles"]), act_on=act_on, today=coming.desk.today())


def hearing_rule(coming: Coming) -> None:
    """About a victim; what came of it is written when it has been."""
    coming.about_victim()
    at = coming["at"]
    if coming["result"] and at is not None and at > coming.desk.now():
        coming.refuse("result", _("The hearing has not been yet. Write its result afterwards."))


def right_rule(coming: Coming) -> None:
    """About a victim; a right that was not given says why."""
    coming.about_victim()
    coming.default("day", coming.desk.today().isoformat())
    coming.past("day")
    if coming["state"] == "DENIED" and not coming["note"]:
        coming.refuse("note", _("Write down why it was not given."))


def _day_of_act(case: Case) -> date | None:
    """The last day the act can have been going on; None if the case does not say."""
    told = case.freed_on or case.recruited_on
    return latest(told) if told else None


def has_role(session: Session, case_id: str, person_id: str, role: str) -> bool:
    """Whether somebody has this part in the case."""
    there = select(Party.id).where(Party.case_id == case_id, Party.person_id == person_id, Party.role == role)
    return session.scalar(there.limit(1)) is not None


def accused_victims(desk: Desk, case_id: str) -> tuple[str, ...]:
    """Ids of victims of this case who are suspects in another one: article 18 is to be looked at for them.

    Those about whom something is entered already are left out.
    """
    with desk.read() as session:
        return _accused(session, case_id)


def _accused(session: Session, case_id: str) -> tuple[str, ...]:
    victims = {p.person_id: p for p in of_case(session, Party, case_id) if p.role == "VICTIM" and p.person_id}
    rows = session.scalars(
        select(Party.person_id).where(Party.person_id.in_(victims), Party.role == "SUSPECT").distinct()
    )
    return tuple(sorted(p for p in rows if p and not victims[p].forced_offence))
