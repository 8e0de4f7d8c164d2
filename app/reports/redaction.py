"""What of a case may be in a report: profiles are lists of what is allowed, and everything else stays here.

A report is built from the case already reduced; nothing is ever drawn and then covered. Outside the office what is
sensitive and what is free text stays here unless a person releases that field. STATISTICS goes further than its tiers:
only codes, dates and numbers, no case number, residence to the district, and no record's identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Any

from app.errors import Invalid
from app.i18n import _
from app.models.all import KINDS
from app.models.content import Content, reduce
from app.models.dates import age_range
from app.models.field import Field, Kind, Tier, field_map, fields_of
from app.reports.case_input import (
    CASE_KINDS,
    OF_THE_OFFICE,
    CaseInput,
    Row,
    report_day,
    victims_of,
    without_damage,
    without_sealed,
)

_STATISTICAL = frozenset({Kind.CODE, Kind.CODES, Kind.DATE, Kind.DATETIME, Kind.INT, Kind.BOOL})
_UNCOUNTED = OF_THE_OFFICE | {"note", "conflict", "safety_plan"}
_STATISTICAL_KINDS = tuple(kind for kind in CASE_KINDS if kind not in _UNCOUNTED)
_DISTRICT_DIGITS = 4


class Profile(StrEnum):
    """For whom a report is made; the codes of the codelist `redaction_profile`."""

    INTERNAL = "INTERNAL"
    PARTNER_SERVICE = "PARTNER_SERVICE"
    POLICE = "POLICE"
    COURT = "COURT"
    STATISTICS = "STATISTICS"


_BASE = frozenset({Tier.OPEN, Tier.CASE})
_NAMED = _BASE | {Tier.IDENTIFYING}
# The most a profile may hold. Outside the office, consent narrows it further.
PROFILE_TIERS: dict[Profile, frozenset[Tier]] = {
    Profile.INTERNAL: frozenset(Tier),
    Profile.PARTNER_SERVICE: _NAMED,
    Profile.POLICE: _NAMED,
    Profile.COURT: _NAMED,
    Profile.STATISTICS: _BASE,
}
NEEDS_CONSENT = frozenset({Profile.PARTNER_SERVICE, Profile.POLICE, Profile.COURT})
# Outside the office these leave field by field, when a person says so: free text may hold anything.
BY_HAND = frozenset({Tier.SENSITIVE, Tier.NARRATIVE})
# The values of a conflict have the tier of the field they are about; what is the office's own never leaves.
_NOT_BY_HAND = OF_THE_OFFICE | {"conflict"}
RELEASABLE: dict[str, Field] = {
    f"{kind}.{field.key}": field
    for kind in CASE_KINDS if kind not in _NOT_BY_HAND
    for field in fields_of(KINDS[kind]) if field.tier in BY_HAND
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """On what grounds a report leaves.

    `may_leave`: the tiers that consent opens to this recipient (app.models.consent.may_leave); it has to hold for
    every victim in the report, so with several victims name one in `person_id`: the others are then left out.
    `released`: fields of BY_HAND let out by name, `person.health`; consent has to cover them as well.
    `recipient_office`: whose referrals and consents an outside report may speak of.
    """

    profile: Profile
    may_leave: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    person_id: str | None = None
    recipient_office: str | None = None


def allowed_tiers(release: Release) -> frozenset[str]:
    """The tiers that may be printed. Invalid if consent is needed and there is none."""
    tiers = frozenset(str(tier) for tier in PROFILE_TIERS[release.profile])
    if release.profile not in NEEDS_CONSENT:
        return tiers
    allowed = tiers & release.may_leave
    if not allowed and not release.may_leave & BY_HAND:
        raise Invalid(
            _("No consent covers this report: record one for this recipient, or choose the internal profile.")
        )
    return allowed


def reduce_case(case: CaseInput, release: Release) -> CaseInput:
    """The part of a case that may be printed for this release. Invalid if consent is needed and there is none."""
    tiers = allowed_tiers(release)
    case = without_damage(without_sealed(case))
    reduced = partial(_reduced, release=release, tiers=tiers, born_before=report_day(case))
    kept = {
        kind: tuple((rid, reduced(kind, content)) for rid, content in case.of(kind)
                    if _belongs(case, kind, (rid, content), release=release))
        for kind in CASE_KINDS
    }  # fmt: skip
    kept["conflict"] = tuple(row for row in kept["conflict"] if _may_show_conflict(row, tiers))
    whole = replace(case, records=kept)
    return _anonymous(whole) if release.profile is Profile.STATISTICS else whole


def held_by_hand(case: CaseInput, release: Release) -> frozenset[str]:
    """The fields with a value that leave only if they are released, of those that the consent covers."""
    whole = reduce_case(case, replace(release, released=frozenset(RELEASABLE)))
    return frozenset(
        name for kind in CASE_KINDS for _rid, content in whole.of(kind) for key, value in content.items()
        if (name := f"{kind}.{key}") in RELEASABLE and value not in (None, "", [], ())
    )  # fmt: skip


def _reduced(
    kind: str, content: Mapping[str, Any], *, release: Release, tiers: frozenset[str], born_before: date
) -> Content:
    known = field_map(KINDS[kind])
    shown = {key: v for key, v in reduce(KINDS[kind], content, tiers).items() if _is_open(known[key], tiers)}
    if release.profile in NEEDS_CONSENT:
        for key, value in content.items():
            name = f"{kind}.{key}"
            if name in release.released and name in RELEASABLE and known[key].tier in release.may_leave:
                shown[key] = value
    if kind == "person" and Tier.CASE in tiers and "birth_date" in content and "birth_date" not in shown:
        shown |= _age_only(content, born_before)
    return shown


def _is_open(field: Field, tiers: frozenset[str]) -> bool:
    """Links are needed to put the records together and are never printed; who entered a record has its own tier."""
    return field.group == "link" or field.tier in tiers


def _age_only(person: Mapping[str, Any], day: date) -> Content:
    """The age in years instead of the date of birth: coarser, and of the tier CASE."""
    ages = age_range(person["birth_date"], None, day)
    return {"age": ages[0]} if ages else {}


def _belongs(case: CaseInput, kind: str, row: Row, *, release: Release) -> bool:
    """Whether a record is part of what leaves: about the named person, and no other agency's business."""
    if release.profile is Profile.INTERNAL:
        return True
    if kind in OF_THE_OFFICE:
        return False
    record_id, content = row
    if kind == "referral_event":
        referral_id = content.get("referral_id")
        referral = next((found for found in case.of("referral") if found[0] == referral_id), None)
        return referral is not None and _belongs(case, "referral", referral, release=release)
    about = record_id if kind == "person" else content.get("person_id")
    if kind == "conflict" and content.get("about_kind") == "person":
        about = content.get("about_id")
    others = frozenset(victims_of(case)) - {release.person_id} if release.person_id else frozenset()
    return about not in others and _concerns(kind, content, release=release)


def _concerns(kind: str, content: Mapping[str, Any], *, release: Release) -> bool:
    """A partner sees the referrals to itself only; whose consent was asked for another agency concerns nobody."""
    office = release.recipient_office
    if kind == "consent" and release.profile in NEEDS_CONSENT:
        return content.get("recipient") in (None, office)
    if kind == "referral" and release.profile is Profile.PARTNER_SERVICE:
        return office is not None and content.get("to_office") == office
    return True


def _may_show_conflict(row: Row, tiers: frozenset[str]) -> bool:
    """The values of a conflict have the tier of the field they are about."""
    about = KINDS.get(str(row[1].get("about_kind")))
    field = field_map(about).get(str(row[1].get("about_field"))) if about else None
    return field is not None and field.tier in tiers


def _anonymous(case: CaseInput) -> CaseInput:
    """Only codes, dates and numbers; ids become running numbers; of offices only the case's own keeps its name."""
    known = {kind: field_map(KINDS[kind]) for kind in _STATISTICAL_KINDS}
    own = case.office
    used = {case.case_id, *filter(None, [own])} | {rid for kind in known for rid, _content in case.of(kind)}
    used |= {
        str(value) for kind, fields in known.items() for _rid, content in case.of(kind)
        for key, value in content.items() if fields[key].kind is Kind.REF
    }  # fmt: skip
    ids = {rid: f"{number:06d}" for number, rid in enumerate(sorted(used), start=1)}  # the order of making stays
    records = {
        kind: tuple((ids[rid], dict(_coded(content, fields, ids=ids))) for rid, content in case.of(kind))
        for kind, fields in known.items()
    }
    return CaseInput(
        ids[case.case_id], records, case.today,
        names={ids[own]: case.names[own]} if own in ids and own in case.names else {},
        revs={ids[rid]: rev for rid, rev in case.revs.items() if rid in ids}, damaged=case.damaged,
        holder=ids.get(own, ""),
    )  # fmt: skip


def _coded(
    content: Mapping[str, Any], fields: Mapping[str, Field], *, ids: Mapping[str, str]
) -> Iterable[tuple[str, Any]]:
    for key, value in content.items():
        kind = fields[key].kind
        if kind is Kind.REF:
            yield key, ids[str(value)]
        elif kind is Kind.REGION:
            yield key, str(value)[:_DISTRICT_DIGITS]
        elif kind in _STATISTICAL:
            yield key, value
