"""Consent, and the one function that answers: may this leave?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Merge, Tier, field


class Consent(CaseRecord):
    """One decision about one purpose. Withdrawing is a new entry; nothing is overwritten."""

    __tablename__ = "consent"
    kind: ClassVar[str] = "consent"

    person_id: Mapped[str | None] = field(
        N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", merge=Merge.ONCE, index=True
    )
    purpose: Mapped[str | None] = field(
        N_("Purpose"), codelist="consent_purpose", group="decision", required=True, merge=Merge.ONCE
    )
    decision: Mapped[str | None] = field(
        N_("Decision"), codelist="consent_decision", group="decision", required=True, merge=Merge.ONCE
    )
    recipient: Mapped[str | None] = field(
        N_("For whom"),
        kind=Kind.REF,
        tier=Tier.OPEN,
        group="decision",
        merge=Merge.ONCE,
        help=N_("Empty: any agency that serves her"),
    )
    tiers: Mapped[tuple[str, ...]] = field(
        N_("What may be shared"), codelist="tier", many=True, group="decision", merge=Merge.ONCE
    )
    given_by: Mapped[str | None] = field(
        N_("Given by"), codelist="consent_given_by", group="decision", required=True, merge=Merge.ONCE
    )
    guardian_id: Mapped[str | None] = field(
        N_("Parent or guardian"), kind=Kind.REF, tier=Tier.OPEN, group="link", merge=Merge.ONCE
    )
    assent: Mapped[str | None] = field(
        N_("What the child says"), codelist="child_assent", group="decision", merge=Merge.ONCE
    )
    decided_at: Mapped[datetime | None] = field(
        N_("Decided at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="decision", required=True, merge=Merge.ONCE
    )
    valid_until: Mapped[str | None] = field(
        N_("Valid until"), kind=Kind.DATE, tier=Tier.OPEN, group="decision", merge=Merge.ONCE
    )
    method: Mapped[str | None] = field(N_("How"), codelist="consent_method", group="decision", merge=Merge.ONCE)
    evidence: Mapped[str | None] = field(N_("Evidence"), kind=Kind.REF, tier=Tier.OPEN, group="link", merge=Merge.ONCE)
    withdraws: Mapped[str | None] = field(
        N_("Withdraws"), kind=Kind.REF, tier=Tier.OPEN, group="link", merge=Merge.ONCE
    )
    note: Mapped[str | None] = field(
        N_("Note"), kind=Kind.LONG, tier=Tier.NARRATIVE, group="decision", merge=Merge.ONCE
    )


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """The facts of a consent that the rule below needs, from a row or from the wire."""

    id: str
    person_id: str | None
    purpose: str | None
    decision: str | None
    recipient: str | None
    tiers: frozenset[str]
    valid_until: str | None
    withdraws: str | None

    @classmethod
    def of(cls, consent_id: str, content: dict[str, object]) -> "ConsentEntry":
        """From canonical content: key -> wire value."""

        def text(key: str) -> str | None:
            value = content.get(key)
            return value if isinstance(value, str) else None

        tiers = content.get("tiers")
        return cls(
            consent_id, text("person_id"), text("purpose"), text("decision"), text("recipient"),
            frozenset(str(t) for t in tiers) if isinstance(tiers, list | tuple) else frozenset(),
            text("valid_until"), text("withdraws"),
        )  # fmt: skip


# What may leave without consent, on a ground of law, by its code. What is sealed only where a life is in danger.
_ON_A_GROUND = frozenset({"OPEN", "CASE", "IDENTIFYING", "NARRATIVE"})
OVERRIDES: dict[str, frozenset[str]] = {
    "LIFE": _ON_A_GROUND | {"SENSITIVE"},
    "CHILD": _ON_A_GROUND,
    "LAW": _ON_A_GROUND,
    "COURT": _ON_A_GROUND,
}


def may_leave(
    consent_id: str | None,
    consents: Iterable[ConsentEntry],
    *,
    recipient: str | None,
    today: str,
    ground: str | None = None,
) -> frozenset[str]:
    """The tiers that may go to this recipient on this named consent, today (ISO date). Empty: nothing may leave.

    A consent that is not GIVEN, not for SHARE, for somebody else, run out or withdrawn by a later entry gives nothing.
    `ground`: the code of a ground in law on which somebody who may decided to share without it.
    """
    return _agreed(consent_id, list(consents), recipient=recipient, today=today) | OVERRIDES.get(
        ground or "", frozenset()
    )


def _agreed(
    consent_id: str | None, entries: list[ConsentEntry], *, recipient: str | None, today: str
) -> frozenset[str]:
    consent = next((c for c in entries if c.id == consent_id), None)
    if consent is None or consent.decision != "GIVEN" or consent.purpose != "SHARE":
        return frozenset()
    if consent.recipient not in (None, recipient) or has_ended(consent, entries, today=today):
        return frozenset()
    return consent.tiers


def has_ended(consent: ConsentEntry, entries: Iterable[ConsentEntry], *, today: str) -> bool:
    """Whether a given consent ran out, or was withdrawn by a later entry."""
    if consent.valid_until and consent.valid_until.replace("?", "9") < today:
        return True
    return any(c.decision == "WITHDRAWN" and c.withdraws == consent.id for c in entries)
