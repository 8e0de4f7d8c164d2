"""Which papers a case can leave on, and what they have in common."""

from __future__ import annotations

from enum import StrEnum

from app.i18n import N_


class Paper(StrEnum):
    """A kind of paper; the code stands in the register of exports."""

    SUMMARY = "case_summary"
    LETTER = "referral_letter"
    CONSENT = "consent_form"
    WITHDRAWAL = "consent_withdrawal"
    SAFETY = "safety_plan"
    RESTITUTION = "restitution_sheet"


PAPERS: dict[Paper, str] = {
    Paper.SUMMARY: N_("Case summary"),
    Paper.LETTER: N_("Referral letter"),
    Paper.CONSENT: N_("Consent form"),
    Paper.WITHDRAWAL: N_("Withdrawal of consent"),
    Paper.SAFETY: N_("Safety plan to take along"),
    Paper.RESTITUTION: N_("Restitution sheet"),
}
# Whose grounds are not a profile that somebody chooses: a letter leaves as its referral does, forms and the plan of a
# victim stay in the victim's and the office's hands.
ON_OWN_GROUNDS = frozenset({Paper.LETTER, Paper.CONSENT, Paper.WITHDRAWAL, Paper.SAFETY})
