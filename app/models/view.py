"""What a recipient sees of somebody else's case: which records, and which of their fields.

Pure: the referral dialog uses it to show exactly what will be shared, and the centre to share exactly that.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.models import transfer as transfers
from app.models.base import KINDS
from app.models.case_parts import BY_KIND, PARTS
from app.models.consent import ConsentEntry, may_leave
from app.models.content import ALL_TIERS, Content, reduce
from app.models.course import Step
from app.models.field import field_map, from_ms
from app.models.referral import COURSE, OPEN_STATES, side_of

Key = tuple[str, str]  # (kind, id)
Row = tuple[str, str, int, Mapping[str, Any]]  # kind, id, rev, content

# Kinds that a package never holds: another referral is another agency's business, a conference is the office's own.
_PRIVATE = frozenset({"user", "office", "agency", "device", "office_key", "key_grant"}) | {
    part.kind for part in PARTS if not part.travels
}
_SEALED = "SENSITIVE"
_MESSAGE = frozenset({"NARRATIVE"})
_ALWAYS = frozenset({"OPEN", "CASE"})  # of the referral itself: the recipient must be able to read what is asked


@dataclass(slots=True)
class CaseFile:
    """Everything one case consists of: rows of the case, its records, and its persons."""

    rows: dict[Key, Row] = field(default_factory=dict)

    def add(self, kind: str, record_id: str, rev: int, content: Mapping[str, Any]) -> None:
        """Put a record into the file."""
        self.rows[kind, record_id] = (kind, record_id, rev, content)

    def of(self, kind: str) -> list[tuple[str, Mapping[str, Any]]]:
        """(id, content) of all records of one kind."""
        return [(rid, content) for (k, rid), (_, _, _, content) in self.rows.items() if k == kind]


def referral_step(case: CaseFile, referral_id: str) -> str:
    """The present step of a referral of this case."""
    referral = case.rows[("referral", referral_id)][3]
    return COURSE.state_of(steps_of(case, referral_id, referral)).step


def steps_of(case: CaseFile, referral_id: str, referral: Mapping[str, Any]) -> Iterable[Step]:
    """The events of a referral as steps; those without a number yet come last, in the order they were made."""
    heirs = heirs_of(case)
    for event_id, event in case.of("referral_event"):
        if event.get("referral_id") == referral_id:
            yield step_from(event_id, case.rows["referral_event", event_id][2], event, referral, heirs=heirs)


def step_from(
    event_id: str, rev: int, event: Mapping[str, Any], referral: Mapping[str, Any], *, heirs: Collection[str] = ()
) -> Step:
    """One event's content as a step of its referral."""
    side = side_of(
        event.get("made_office"),
        sender=referral.get("made_office"),
        recipient=referral.get("to_office"),
        on_paper=bool(event.get("on_paper")),
        heirs=heirs,
    )
    return _step(event_id, rev, event, side=side)


def transfer_step(case: CaseFile, transfer_id: str) -> str:
    """The present step of a transfer of this case."""
    transfer = case.rows["transfer", transfer_id][3]
    found = (
        transfer_step_from(event_id, case.rows["transfer_event", event_id][2], event, transfer)
        for event_id, event in case.of("transfer_event")
        if event.get("transfer_id") == transfer_id
    )
    return transfers.COURSE.state_of(found).step


def transfer_step_from(event_id: str, rev: int, event: Mapping[str, Any], transfer: Mapping[str, Any]) -> Step:
    """One event's content as a step of its transfer."""
    side = transfers.side_of(
        event.get("made_office"), owner=transfer.get("made_office"), target=transfer.get("to_office")
    )
    return _step(event_id, rev, event, side=side)


def _step(event_id: str, rev: int, event: Mapping[str, Any], *, side: str) -> Step:
    """What has no number yet comes last, in the order it was made."""
    return Step(event_id, str(event.get("step", "")), side, from_ms(event.get("at") or 0), (rev or 2**62, event_id))


def heirs_of(case: CaseFile) -> frozenset[str]:
    """The offices to which this case was handed over: they go on with the referrals that stand."""
    moved = (transfer for tid, transfer in case.of("transfer") if transfer_step(case, tid) == "MOVED")
    return frozenset(str(transfer["to_office"]) for transfer in moved if transfer.get("to_office"))


def granted_tiers(case: CaseFile, referral_id: str, *, today: str) -> frozenset[str]:
    """The tiers a referral opens today: asked for AND covered by its consent or its ground, while it is open."""
    referral = case.rows[("referral", referral_id)][3]
    if referral_step(case, referral_id) not in OPEN_STATES:
        return frozenset()
    consents = [ConsentEntry.of(cid, dict(content)) for cid, content in case.of("consent")]
    allowed = may_leave(
        referral.get("consent_id"), consents,
        recipient=referral.get("to_office"), today=today, ground=referral.get("override_ground"),
    )  # fmt: skip
    return allowed & frozenset(referral.get("tiers") or ())


def view_for(case: CaseFile, recipient: str, *, today: str, offered: bool = True) -> dict[Key, tuple[int, Content]]:
    """All that the recipient office sees of this case today: key -> (rev, reduced content).

    `offered`: with what a transfer that it was offered lets it look at. That it may look, and not write.
    """
    seen: dict[Key, tuple[int, Content]] = {}
    _show_transfers(seen, case, recipient, offered=offered)
    for referral_id, referral in case.of("referral"):
        if referral.get("to_office") != recipient or referral_step(case, referral_id) in ("", "DRAFT"):
            continue
        tiers = granted_tiers(case, referral_id, today=today)
        for key, (kind, record_id, rev, content) in case.rows.items():
            if key == ("referral", referral_id) or (
                kind == "referral_event" and content.get("referral_id") == referral_id
            ):
                _show(seen, key, rev, reduce(KINDS[kind], content, _own_tiers(content, recipient, tiers)))
            elif tiers and (
                _is_granted(case, content, referral, tiers=tiers)
                if kind == "key_grant"
                else _belongs(case, (kind, record_id, rev, content), referral)
            ):
                _show(seen, key, rev, _reduced(kind, content, tiers))
    return {key: shown for key, shown in seen.items() if shown[1]}


def _show_transfers(seen: dict[Key, tuple[int, Content]], case: CaseFile, recipient: str, *, offered: bool) -> None:
    """Both sides see a transfer with its steps. Until it is decided the other office looks at the case in codes."""
    for transfer_id, transfer in case.of("transfer"):
        step = transfer_step(case, transfer_id)
        if not step or recipient not in (transfer.get("to_office"), transfer.get("made_office")):
            continue
        looks = offered and recipient == transfer.get("to_office") and step in transfers.OPEN_STATES
        for key, (kind, record_id, rev, content) in case.rows.items():
            if record_id == transfer_id or (kind == "transfer_event" and content.get("transfer_id") == transfer_id):
                _show(seen, key, rev, reduce(KINDS[kind], content, _ALWAYS | _MESSAGE))
            elif looks and _is_looked_at(case, kind, content):
                _show(seen, key, rev, _reduced(kind, content, _ALWAYS))


def _is_looked_at(case: CaseFile, kind: str, content: Mapping[str, Any]) -> bool:
    """Whether an office that was offered the case may look at it: a conflict only with what it is about."""
    if kind == "conflict":
        kind = str(content.get("about_kind"))
        return (
            kind != "conflict" and (kind, str(content.get("about_id"))) in case.rows and _is_looked_at(case, kind, {})
        )
    return kind not in _PRIVATE and kind != "consent"


def sees_sealed(case: CaseFile, office: str, *, kind: str, subject: str, today: str) -> bool:
    """Whether this office's view of the case includes the SENSITIVE values of the case, or of this person in it."""
    return any(
        _opens(case, referral, kind=kind, subject=subject, tiers=granted_tiers(case, referral_id, today=today))
        for referral_id, referral in case.of("referral")
        if referral.get("to_office") == office and referral_step(case, referral_id) not in ("", "DRAFT")
    )


def _is_granted(
    case: CaseFile, grant: Mapping[str, Any], referral: Mapping[str, Any], *, tiers: frozenset[str]
) -> bool:
    """A key goes only to the office it is sealed to, and only with the values it opens."""
    kind, subject = str(grant.get("subject_kind")), str(grant.get("subject"))
    mine = grant.get("to_office") == referral.get("to_office")
    return mine and _opens(case, referral, kind=kind, subject=subject, tiers=tiers)


def _opens(case: CaseFile, referral: Mapping[str, Any], *, kind: str, subject: str, tiers: frozenset[str]) -> bool:
    """Whether a referral with these tiers shares the sealed values of the case, or of this person of it."""
    row = case.rows.get((kind, subject))
    if _SEALED not in tiers or row is None or kind not in ("case", "person"):
        return False
    return kind == "case" or _belongs(case, row, referral)


def _own_tiers(content: Mapping[str, Any], recipient: str, tiers: frozenset[str]) -> frozenset[str]:
    """Of the referral and its steps: what the recipient wrote itself, whole; the sender's message while it is open."""
    if content.get("made_office") == recipient:
        return ALL_TIERS
    return tiers | _ALWAYS | _MESSAGE if tiers else _ALWAYS


def _belongs(case: CaseFile, row: Row, referral: Mapping[str, Any]) -> bool:
    """Whether a record is part of the package: about the referred person, or about the case as a whole."""
    kind, record_id, _, content = row
    if kind in _PRIVATE:
        return False
    person, parts = referral.get("person_id"), referral.get("parts")
    theirs = content.get("made_office") == referral.get("to_office")  # what the recipient wrote it goes on seeing
    if parts and kind in BY_KIND and kind not in (*parts, "consent") and not theirs:
        return False
    if kind == "consent":
        return record_id == referral.get("consent_id") or content.get("withdraws") == referral.get("consent_id")
    if kind == "conflict":  # it shows values of the record it is about: it goes where that record goes
        about_row = case.rows.get((str(content.get("about_kind")), str(content.get("about_id"))))
        return about_row is not None and _belongs(case, about_row, referral)
    if not person:
        return True
    if kind == "person":
        return record_id == person or record_id in _others(case)
    about = content.get("person_id")
    return about is None or about == person or about in _others(case)


def _others(case: CaseFile) -> frozenset[str]:
    """Persons who are not victims: a referral of one victim must not carry the other victims."""
    roles: dict[str, set[str]] = {}
    for _, party in case.of("party"):
        roles.setdefault(str(party.get("person_id")), set()).add(str(party.get("role")))
    return frozenset(person for person, held in roles.items() if "VICTIM" not in held)


def _reduced(kind: str, content: Mapping[str, Any], tiers: frozenset[str]) -> Content:
    if kind == "attachment" and _SEALED not in tiers:
        return {}
    if kind != "conflict":
        return reduce(KINDS[kind], content, tiers)
    about = field_map(KINDS[str(content["about_kind"])]).get(str(content["about_field"]))
    visible = about is not None and about.tier in tiers
    return reduce(KINDS[kind], content, tiers | {_SEALED}) if visible else {}


def _show(seen: dict[Key, tuple[int, Content]], key: Key, rev: int, content: Content) -> None:
    """Two referrals of one case to one office: their views add up."""
    before = seen.get(key)
    seen[key] = (rev, {**before[1], **content} if before else content)
