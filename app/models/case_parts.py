"""What a case file consists of, as data: whoever loops over the parts of a case loops over this.

The page, its tabs and dialogs, the timeline, the search, the papers and the package of a referral read it. A new kind
of part costs its model, a line here, a migration and its words.
"""

from dataclasses import dataclass

from app.i18n import N_
from app.models.assessment import Assessment, Goal, SafetyPlan
from app.models.attachment import Attachment
from app.models.base import CaseRecord
from app.models.consent import Consent
from app.models.empowerment import Empowerment
from app.models.legal import Hearing, LegalStep, VictimRight
from app.models.oversight import Approval, Conference, Flag
from app.models.referral import Referral, ReferralEvent
from app.models.restitution import Restitution
from app.models.screening import Screening
from app.models.service import Note, Service
from app.models.task import Task
from app.models.transfer import Transfer, TransferEvent


@dataclass(frozen=True, slots=True)
class CasePart:
    """One kind of record that belongs to a case, beside its persons.

    `headline` names the fields whose words are its title; `at` the field that says when it was, "" if that is when it
    was entered. `travels`: whether a referral's package may hold it at all; the tiers decide of its fields.
    """

    record: type[CaseRecord]
    tab: str  # where it stands on the page: a name of TABS
    headline: tuple[str, ...]
    at: str = ""
    in_timeline: bool = True
    travels: bool = True
    by_others: bool = False  # an office that was referred to may add one

    @property
    def kind(self) -> str:
        """The kind of its records."""
        return self.record.kind


# The tabs of a case page, in their order.
TABS: tuple[tuple[str, str], ...] = (
    ("timeline", N_("Timeline")),
    ("people", N_("People")),
    ("screening", N_("Screening")),
    ("plan", N_("Needs and plan")),
    ("referrals", N_("Referrals")),
    ("legal", N_("Legal")),
    ("restitution", N_("Restitution")),
    ("empowerment", N_("Empowerment")),
    ("consents", N_("Consents")),
    ("tasks", N_("Tasks")),
    ("notes", N_("Notes")),
    ("attachments", N_("Attachments")),
    ("conflicts", N_("Conflicts")),
)

PARTS: tuple[CasePart, ...] = (
    CasePart(Screening, "screening", ("conclusion",), at="concluded_at", by_others=True),
    CasePart(Assessment, "plan", ("risk", "needs"), at="at", by_others=True),
    CasePart(Goal, "plan", ("need", "goal")),
    CasePart(Service, "plan", ("service_type", "state"), at="done_at", by_others=True),
    CasePart(SafetyPlan, "plan", (), at="at"),
    CasePart(Conference, "plan", ("place",), at="at", travels=False),
    CasePart(Approval, "plan", ("subject", "decision"), at="asked_at", travels=False),
    CasePart(Referral, "referrals", ("reason",), in_timeline=False, travels=False),
    CasePart(ReferralEvent, "referrals", ("step", "reason"), at="at", travels=False, by_others=True),
    CasePart(Transfer, "referrals", ("reason",), in_timeline=False, travels=False),
    CasePart(TransferEvent, "referrals", ("step",), at="at", travels=False, by_others=True),
    CasePart(LegalStep, "legal", ("stage", "institution"), at="day", by_others=True),
    CasePart(Hearing, "legal", ("hearing_kind", "place"), at="at", by_others=True),
    CasePart(VictimRight, "legal", ("right_code", "state"), at="day", by_others=True),
    CasePart(Restitution, "restitution", ("step", "amount"), at="day", by_others=True),
    CasePart(Empowerment, "empowerment", ("opportunity", "answer"), at="offered_on", by_others=True),
    CasePart(Consent, "consents", ("purpose", "decision"), at="decided_at"),
    CasePart(Task, "tasks", ("title",), in_timeline=False, travels=False),
    CasePart(Flag, "timeline", ("reason", "text"), travels=False),
    CasePart(Note, "notes", ("note_kind",), at="at", by_others=True),
    CasePart(Attachment, "attachments", ("title",), by_others=True),
)

BY_KIND: dict[str, CasePart] = {part.kind: part for part in PARTS}

# What a package of a referral may show, in this order: the case, who is in it, and the parts that travel.
SHOWN: tuple[str, ...] = ("case", "person", "party", *(part.kind for part in PARTS if part.travels))
