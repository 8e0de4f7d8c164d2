"""What a kind of record is called, wherever one is named."""

from app.i18n import N_, _

KIND_NAMES = {
    "case": N_("Case"), "person": N_("Person"), "party": N_("Part in the case"), "screening": N_("Screening"),
    "consent": N_("Consent"), "service": N_("Service"), "note": N_("Note"), "referral": N_("Referral"),
    "referral_event": N_("Step of a referral"), "conflict": N_("Conflict"), "office": N_("Office"),
    "agency": N_("Agency"), "user": N_("User"), "attachment": N_("Attachment"), "key_grant": N_("Key of a case"),
    "office_key": N_("Key of the office"), "device": N_("Laptop"), "erasure": N_("Erasure"),
    "legal_hold": N_("Legal hold"),
}  # fmt: skip


def kind_name(kind: str) -> str:
    """The name in the running language; a kind of a newer program is an entry."""
    return _(KIND_NAMES.get(kind, N_("Entry")))
