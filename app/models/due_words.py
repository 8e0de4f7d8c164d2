"""What something due is called, in the running language: by its rule, and by what it is about."""

from __future__ import annotations

from app.i18n import _
from app.models.codelist import label
from app.models.deadline_rules import Rule, shipped_rules

_LISTS = {
    "SERVICE_DUE": "service_type", "GOAL_BY": "needs_domain", "HEARING": "hearing_kind", "FLAG_UNTIL": "flag_reason",
    "APPROVAL_WAITING": "approval_subject", "CONSENT_ENDS": "consent_purpose",
    "EMPOWERMENT_OUTCOME": "empowerment_type",
}  # fmt: skip


def rule_words(code: str) -> str:
    """The title of a rule; a code this program does not know is shown as it is."""
    rule: Rule | None = shipped_rules().get(code)
    return rule.title if rule else code


def due_words(rule: str, code: str, *, agency: str = "", title: str = "") -> str:
    """'Konseling psikologis', 'Jawaban RSUD Kota Bandung', 'Laporkan ke polisi', or the title of a free task."""
    if title:
        return title
    if rule == "REFERRAL_ANSWER":
        return _("Answer of {agency}").format(agency=agency) if agency else rule_words(rule)
    about = label(_LISTS[rule], code) if rule in _LISTS and code else ""
    if rule == "SERVICE_DUE":
        return about or rule_words(rule)
    return f"{rule_words(rule)}: {about}" if about else rule_words(rule)
