"""Which papers a case offers now, by what is in it: for a choice on the screen and for the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.i18n import _, format_date
from app.models.codelist import label
from app.models.referral import OPEN_STATES
from app.reports.papers import PAPERS, Paper
from app.reports.reading import local_day
from app.services.case_page import CasePage
from app.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Offer:
    """One paper about one record; `about` is None for the summary and for an empty form."""

    paper: Paper
    about: str | None
    words: str

    @property
    def key(self) -> str:
        """'referral_letter:0123...': how a choice names it."""
        return key_of(self.paper, self.about)


def key_of(paper: str, about: str | None) -> str:
    """The key of an offer."""
    return f"{paper}:{about or ''}"


def offers(desk: Desk, page: CasePage) -> tuple[Offer, ...]:
    """The summary first; a plan only for who is cleared, a letter only while its referral shares something."""
    return tuple(_offers(desk, page))


def _offers(desk: Desk, page: CasePage) -> Iterator[Offer]:
    yield Offer(Paper.SUMMARY, None, _(PAPERS[Paper.SUMMARY]))
    for item in page.referrals:
        if item.outgoing and item.step in OPEN_STATES:
            yield _about(Paper.LETTER, item.entry.id, item.other)
    for paper in (Paper.CONSENT, Paper.WITHDRAWAL):
        yield Offer(paper, None, _("{paper} (empty)").format(paper=_(PAPERS[paper])))
        for consent in page.consents:
            if consent["decision"] == "GIVEN":
                at = consent["decided_at"]
                day = format_date(local_day(at), "medium") if at else ""
                yield _about(paper, consent.id, f"{label('consent_purpose', consent['purpose'])}, {day}")
    if desk.keyring is not None:
        for plan in page.parts["safety_plan"]:
            yield _about(Paper.SAFETY, plan.id, format_date(local_day(plan["at"]), "medium") if plan["at"] else "")
    for victim in page.victims:
        if any(line["person_id"] == victim.person.id for line in page.parts["restitution"]):
            yield _about(Paper.RESTITUTION, victim.person.id, victim.person["name"] or "")


def _about(paper: Paper, about: str, words: str) -> Offer:
    return Offer(paper, about, f"{_(PAPERS[paper])}: {words}" if words else _(PAPERS[paper]))
