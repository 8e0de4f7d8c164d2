"""What the sync says to people: a sentence for every state of an entry and for every word of the centre.

A sentence says what happened and what to do. A word nobody here knows is shown with the centre's own word.
"""

from __future__ import annotations

from app.i18n import N_, _, format_bytes
from app.sync.report import Preview

STEPS = {
    "hello": N_("Greeting the centre"),
    "urgent": N_("Sending referrals"),
    "push": N_("Sending changes"),
    "pull": N_("Receiving changes"),
    "prove": N_("Comparing with the centre"),
    "files": N_("Exchanging files"),
}

STATES = {
    "only_here": N_("only here"),
    "sending": N_("being sent"),
    "accepted": N_("accepted"),
    "merged": N_("merged"),
    "conflict": N_("conflict"),
    "held": N_("held"),
    "refused": N_("refused"),
    "duplicate": N_("already there"),
    "erased": N_("erased"),
    "left": N_("no longer shared"),
    "proven": N_("arrived"),
}

# Why one entry was not simply accepted.
REASONS = {
    "no_predecessor": N_(
        "It waits for an earlier entry that the centre has not received. Synchronise the other laptop."
    ),
    "unknown_kind": N_("The centre does not know this kind of record yet. It will be sent again after an update."),
    "unknown_field": N_("The centre does not know this field yet. Ask the centre to update."),
    "unknown_office": N_("The receiving office does not exist at the centre. Choose another office and send again."),
    "not_found": N_("The record is not at the centre, or is not shared with this office. Ask the office that owns it."),
    "not_yours": N_("Only the centre changes this record. Ask the centre."),
    "left_scope": N_("The case is not shared with this office any more. Ask the office that owns it."),
    "outside_view": N_("This field was not shared with this office. Ask the office that owns the case to enter it."),
    "erased": N_("The case or person was erased for good. Nothing of it is kept, and nothing can be added."),
    "four_eyes": N_("Whoever asks for an erasure does not decide on it; another supervisor has to."),
    "late_step": N_("The referral had already moved on. The step is kept in its history; no need to enter it again."),
    "written_once": N_("This entry is written once and had a value already. Make a new entry instead."),
    "same_field": N_("Somebody else changed the same field. Both values are kept: choose one here or in the case."),
    "settled_before": N_("A colleague had settled this conflict already, in another way. That choice stands."),
    "nik_shape": N_("The NIK has not the right shape. Correct it; it is sent at the next synchronisation."),
    "number_shape": N_("The number must have 16 digits. Correct it; it is sent at the next synchronisation."),
    "range": N_("The number is out of range. Correct it; it is sent at the next synchronisation."),
    "too_long": N_("The text is too long. Shorten it; it is sent at the next synchronisation."),
    "too_large": N_("The entry is too large to be sent in one piece. Shorten its texts and save it again."),
    "controls": N_("The text holds control characters. Remove them; it is sent at the next synchronisation."),
    "phone_shape": N_("The telephone number is not possible. Correct it; it is sent at the next synchronisation."),
    "date_shape": N_("There is no such day in the calendar. Correct it; it is sent at the next synchronisation."),
    "reference": N_("The reference to another record is damaged. Choose it again and save."),
    "not_sealed": N_(
        "The centre takes this field only sealed, and this laptop sent it as plain text before it was updated. "
        "Send it again: now it goes sealed."
    ),
    "signature": N_("The signature under this key does not hold. Enrol this laptop anew, then synchronise again."),
    "shape": N_("The value has not the shape the centre expects. Correct it; it is sent at the next synchronisation."),
}

# Why the centre refused a whole request.
REFUSALS = {
    "not_enrolled": N_("The centre does not know this laptop. Enrol it with a new code under Settings."),
    "session": N_("The centre did not accept the sign-in of this laptop. Try again; if it stays so, ask the centre."),
    "nonce": N_("The sign-in took too long. Try again."),
    "signature": N_("The centre could not verify the signature of this laptop. Ask the centre; nothing was lost."),
    "revoked": N_("The centre has revoked this laptop. Ask the centre; your work is kept here."),
    "code": N_("The enrolment code is wrong or was tried too often. Check it, or ask the centre for a new one."),
    "code_used": N_("The enrolment code has been used by another laptop. Ask the centre for a new one."),
    "code_expired": N_("The enrolment code is older than a day. Ask the centre for a new one."),
    "tag": N_("The device code is one to eight capital letters or digits. Choose another one and try again."),
    "enrolled": N_("This laptop belongs to another office already. Create a new workspace for this office."),
    "unconfirmed": N_(
        "Nobody at the centre has compared the six words of this laptop, and its first day is over. Read them to the "
        "centre (under Settings); your work is kept here."
    ),
    "certificate_expired": N_("The certificate of this laptop ran out. Ask the centre for a new code and enrol again."),
    "tag_taken": N_("Another laptop of this district has this device code. Choose another one and try again."),
    "offset": N_("The centre holds other parts of this batch. Synchronise again; nothing was lost."),
    "gap": N_("The centre misses an earlier batch of this laptop. Synchronise again; if it stays so, ask the centre."),
    "fork": N_(
        "The centre knows other work under the number of this batch: this workspace is a copy or was restored. "
        "Ask the centre to enrol this laptop anew; nothing was lost."
    ),
    "audit_rewound": N_(
        "The audit of this laptop ends before what the centre countersigned: this workspace is a copy or was restored. "
        "Ask the centre to enrol this laptop anew; nothing was lost."
    ),
    "hash": N_("The data changed on the way. Synchronise again; nothing was lost."),
    "chain": N_("The batch does not follow the one before it. Ask the centre; nothing was lost."),
    "format": N_("The centre could not read what was sent. Update Naungan, then try again; nothing was lost."),
    "version": N_("The centre speaks another version. Update Naungan; your work is kept here."),
    "codec": N_("The centre does not know this way of packing yet. Update Naungan; your work is kept here."),
    "dictionary": N_("The centre does not know this way of packing yet. Update Naungan; your work is kept here."),
    "numbers": N_("The centre numbers its records anew since it was restored. Synchronise again; nothing was lost."),
    "piece": N_("A part of an attached file changed on the way. Synchronise again; nothing was lost."),
    "size": N_("The centre finds the batch too large. Ask the centre; your work is kept here."),
    "behind": N_("The centre received new changes meanwhile. Synchronise again."),
    "digest": N_("This laptop and the centre do not hold the same. Synchronise again; if it stays so, ask the centre."),
    "not_found": N_("The centre does not know what was asked for. Synchronise again; nothing was lost."),
    "busy": N_("The centre is busy. Try again a little later; nothing was lost."),
    "stored": N_("The centre has received this and is still working on it. Synchronise again a little later."),
    "too_many": N_("This laptop asked the centre too often. Wait a little, then try again; nothing was lost."),
    "database": N_("The centre cannot reach its database now. Try again later; nothing was lost."),
    "method": N_("The centre speaks another version. Update Naungan; your work is kept here."),
    "http": N_("The centre did not understand the request. Update Naungan; your work is kept here."),
    "segment": N_("What the centre was sending has changed. Synchronise again; nothing was lost."),
    "internal": N_("The centre had a fault of its own. Try again later; nothing was lost."),
}

_BY_STATUS = {
    400: "format", 401: "session", 413: "size", 415: "codec", 429: "busy", 500: "internal", 502: "busy", 503: "busy",
}  # fmt: skip


def reason(code: str) -> str:
    """Why one entry was not simply accepted, translated; '' for no code."""
    if not code:
        return ""
    return (
        _(REASONS[code]) if code in REASONS else _("The centre refused it: {code}. Ask the centre.").format(code=code)
    )


def refusal(status: int, code: str) -> str:
    """Why the centre refused a request, translated."""
    text = REFUSALS.get(code) or REFUSALS.get(_BY_STATUS.get(status, ""))
    if text:
        return _(text)
    said = f"{status} {code}".strip()
    return _("The centre refused the request: {code}. Try again later; nothing was lost.").format(code=said)


def about(preview: Preview) -> str:
    """How much a sync would send: "about" it where that is an estimate."""
    size = format_bytes(preview.bytes)
    return size if preview.exact else _("about {size}").format(size=size)
