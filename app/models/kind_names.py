"""What a kind of record is called, wherever one is named."""

from app.i18n import N_, _

KIND_NAMES = {
    "case": N_("Case"), "person": N_("Person"), "party": N_("Part in the case"), "screening": N_("Screening"),
    "consent": N_("Consent"), "service": N_("Service"), "note": N_("Note"), "referral": N_("Referral"),
    "referral_event": N_("Step of a referral"), "conflict": N_("Conflict"), "office": N_("Office"),
    "agency": N_("Agency"), "user": N_("User"), "attachment": N_("Attachment"), "key_grant": N_("Key of a case"),
    "office_key": N_("Key of the office"), "device": N_("Laptop"), "erasure": N_("Erasure"),
    "legal_hold": N_("Legal hold"), "assessment": N_("Assessment"), "goal": N_("Goal"),
    "safety_plan": N_("Safety plan"), "conference": N_("Case conference"), "approval": N_("Approval"),
    "flag": N_("Flag"), "task": N_("Task"), "holiday": N_("Holiday"), "deadline_limit": N_("Limit of a deadline"),
    "legal_step": N_("Legal step"), "hearing": N_("Hearing"), "victim_right": N_("Victim's right"),
    "restitution": N_("Restitution"), "empowerment": N_("Empowerment"), "transfer": N_("Transfer"),
    "transfer_event": N_("Step of a transfer"), "person_match": N_("Two entries for one person"),
    "code_entry": N_("Entry of a list"),
}  # fmt: skip


def kind_name(kind: str) -> str:
    """The name in the running language; a kind of a newer program is an entry."""
    return _(KIND_NAMES.get(kind, N_("Entry")))
