"""Nothing leaves but what the profile, the consent and the named release allow: field by field, to the last byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.errors import Invalid
from app.i18n import speaking
from app.models.all import KINDS
from app.models.codelist import label
from app.models.field import Kind, Tier, fields_of
from app.reports.api import case_summary_document, case_summary_pdf
from app.reports.case_input import CASE_KINDS, CaseInput
from app.reports.document import Document, Notice, Table, texts
from app.reports.redaction import Profile, Release, reduce_case
from tests.reports.needles import HOLDERS, NOT_PRINTED, Needle, needles, plant
from tests.reports.pdf_reading import read
from tests.reports.sample import ALL, OFFICE, POLICE, SHELTER, case_input, occasion, release, rid

PROFILES = tuple(Profile)
STATISTICAL = (Kind.CODE, Kind.CODES, Kind.DATE, Kind.DATETIME, Kind.INT, Kind.REGION)


def document(case: CaseInput, to: Release, language: str = "id") -> Document:
    return case_summary_document(case, release=to, occasion=occasion(), language=language)[0]


def may_show(needle: Needle, profile: Profile) -> bool:
    """The rule in words, written a second time and independently."""
    if profile is Profile.INTERNAL:
        return True
    if profile is Profile.STATISTICS:
        own_office = needle.name == "case.made_office"
        coded = needle.field.tier in (Tier.OPEN, Tier.CASE) and needle.field.kind in STATISTICAL
        return (coded or own_office) and needle.kind != "note"
    return needle.field.tier not in (Tier.SENSITIVE, Tier.NARRATIVE)  # those leave by hand only


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("needle", tuple(needles()), ids=lambda needle: needle.name)
def test_a_value_is_printed_where_its_tier_may_go_and_nowhere_else(needle: Needle, profile: Profile) -> None:
    to = release(profile)
    if profile is Profile.PARTNER_SERVICE and needle.name == "consent.recipient":
        to = replace(to, recipient_office=needle.value)
    words = "\n".join(texts(document(plant(needle), to)))
    found = any(form in words for form in needle.shown())
    if not may_show(needle, profile):
        assert not found
    elif profile is Profile.INTERNAL:
        assert found == (needle.name not in NOT_PRINTED)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("profile", PROFILES)
def test_no_needle_is_left_in_the_file(profile: Profile, language: str) -> None:
    # All at once; without the dates and codes by which the parts of a case hang together.
    free = [n for n in needles() if n.field.kind in (Kind.TEXT, Kind.LONG, Kind.PHONE, Kind.NIK)]
    made = case_summary_pdf(
        plant(*free), release=release(profile), occasion=occasion(), language=language, password=None
    )
    file = read(made.pdf)
    with speaking(language):
        found = {n.name for n in free if any(form in file.everything for form in n.shown())}
    allowed = {n.name for n in free if may_show(n, profile) and n.name not in NOT_PRINTED}
    assert found == allowed
    assert not any("Jarum" in text for text in (file.metadata, *file.attachments))
    assert [title for title, _page in file.outline if "Jarum" in title] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_the_audit_lists_exactly_the_fields_on_the_paper(profile: Profile) -> None:
    for needle in needles():
        shown, fields = case_summary_document(
            plant(needle), release=release(profile), occasion=occasion(), language="en"
        )
        with speaking("en"):
            on_paper = any(form in "\n".join(texts(shown)) for form in needle.shown())
        assert not on_paper or needle.name in fields, needle.name


@pytest.mark.parametrize("profile", PROFILES)
def test_no_identity_of_a_record_is_ever_printed(profile: Profile) -> None:
    words = "\n".join(texts(document(replace(case_input(), names={}), release(profile))))
    ids = {rid for kind in CASE_KINDS for rid, _content in case_input().of(kind)} | {OFFICE, POLICE, SHELTER}
    assert not [one for one in ids if one in words]


@pytest.mark.parametrize("profile", [Profile.PARTNER_SERVICE, Profile.POLICE, Profile.COURT])
def test_outside_the_office_nothing_goes_without_consent(profile: Profile) -> None:
    with pytest.raises(Invalid, match=r"."):
        document(case_input(), release(profile, may_leave=frozenset()))


@pytest.mark.parametrize("profile", [Profile.PARTNER_SERVICE, Profile.POLICE, Profile.COURT])
def test_consent_narrows_a_profile(profile: Profile) -> None:
    coded = release(profile, may_leave=frozenset({"OPEN", "CASE"}))
    words = "\n".join(texts(document(case_input(), coded)))
    for hidden in (
        "Ani",
        "Nurhayati",
        "3273025703090000",
        "2009",
        "Dago",
        "+62812",
        "Jon Hartono",
        "kafe",
        "Visum sel",
    ):
        assert hidden not in words
    assert f"{label('party_role', 'VICTIM')} 1" in words
    assert "17" in words  # the age stands instead of the date of birth


def test_who_wrote_an_entry_has_a_tier_of_its_own() -> None:
    def sections(*tiers: str) -> str:
        shown = document(case_input(), release(Profile.POLICE, may_leave=frozenset(tiers)))
        return "\n".join(texts(shown.sections[:-1]))

    assert "Aiptu Rina" in sections("OPEN", "CASE")
    assert "Aiptu Rina" not in sections("OPEN")


def test_the_internal_summary_needs_no_consent_and_holds_all() -> None:
    words = "\n".join(texts(document(case_input(), Release(profile=Profile.INTERNAL))))
    assert "Ani Nurhayati" in words
    assert "Rumah Aman Melati" in words


def test_a_sensitive_field_leaves_only_by_name_and_within_the_consent() -> None:
    named = frozenset({"person.health"})

    def says(to: Release) -> tuple[bool, bool]:
        words = "\n".join(texts(document(case_input(), to)))
        return "Sulit tidur" in words, "Melati" in words

    assert says(release(Profile.PARTNER_SERVICE)) == (False, False)
    assert says(release(Profile.PARTNER_SERVICE, released=named)) == (True, False)
    assert says(release(Profile.PARTNER_SERVICE, released=named, may_leave=ALL - {"SENSITIVE"})) == (False, False)


def test_a_field_nobody_here_knows_never_leaves() -> None:
    case = case_input(case=((rid(1), {**case_input().case, "invented_later": "Jarum"}),))
    for profile in Profile:
        assert "Jarum" not in "\n".join(texts(document(case, release(profile))))


def test_every_field_of_the_records_is_either_printed_or_named_here() -> None:
    planted = {needle.name for needle in needles()}
    fields = {f"{kind}.{f.key}" for kind in HOLDERS for f in fields_of(KINDS[kind]) if f.group != "link"}
    assert fields - planted == {"screening.child", "referral_event.on_paper"}
    said = case_summary_document(
        case_input(referral_event=((rid(17), {**dict(case_input().of("referral_event"))[rid(17)], "on_paper": True}),)),
        release=release(Profile.INTERNAL), occasion=occasion(), language="id",
    )[1]  # fmt: skip
    assert {"screening.child", "referral_event.on_paper"} <= set(said)


def _two_victims() -> CaseInput:
    case = case_input()
    other = {"name": "Wulan Dwi", "sex": "P", "age": 20}
    party = {"case_id": rid(1), "person_id": rid(30), "role": "VICTIM"}
    note = {"case_id": rid(1), "person_id": rid(30), "note_kind": "CALL", "at": 1_790_000_000_000, "text": "Tentang R"}
    referral = {**dict(case.of("referral"))[rid(15)], "person_id": rid(30), "to_office": POLICE}
    event = {"case_id": rid(1), "referral_id": rid(33), "step": "SENT", "at": 1_790_000_000_000, "feedback": "Milik R",
             "made_office": OFFICE}  # fmt: skip
    added = {"person": (rid(30), other), "party": (rid(31), party), "note": (rid(32), note),
             "referral": (rid(33), referral), "referral_event": (rid(34), event)}  # fmt: skip
    return replace(case, records={kind: (*rows, added[kind]) if kind in added else rows
                                  for kind, rows in case.records.items()})  # fmt: skip


@pytest.mark.parametrize("profile", [Profile.PARTNER_SERVICE, Profile.POLICE, Profile.COURT])
def test_a_report_about_one_victim_leaves_the_others_out(profile: Profile) -> None:
    words = frozenset({"note.text", "referral_event.feedback"})
    both = "\n".join(texts(document(_two_victims(), release(profile, released=words))))
    assert all(word in both for word in ("Wulan Dwi", "Tentang R", "Milik R"))
    one = "\n".join(texts(document(_two_victims(), release(profile, person_id=rid(2), released=words))))
    assert not [word for word in ("Wulan", "Tentang R", "Milik R") if word in one]
    assert "Ani Nurhayati" in one


def test_a_partner_sees_only_the_referrals_made_to_it() -> None:
    def agencies(to: Release) -> set[str]:
        reduced = reduce_case(case_input(), to)
        return {str(content.get("to_agency")) for _rid, content in reduced.of("referral")}

    assert agencies(release(Profile.PARTNER_SERVICE)) == {POLICE}
    assert agencies(release(Profile.PARTNER_SERVICE, recipient_office=None)) == set()
    assert agencies(release(Profile.POLICE)) == {POLICE, SHELTER}


def test_consents_given_for_another_agency_stay_here() -> None:
    consent = dict(case_input().of("consent"))[rid(9)]
    case = case_input(consent=((rid(9), {**consent, "recipient": SHELTER, "note": "Jarum"}),))
    assert "Jarum" not in "\n".join(texts(document(case, release(Profile.COURT))))
    assert "Jarum" in "\n".join(texts(document(case, release(Profile.INTERNAL))))


def test_statistics_have_no_number_no_names_and_the_district_only() -> None:
    statistical = document(case_input(), release(Profile.STATISTICS), "en")
    words = "\n".join(texts((statistical.title, statistical.strip, statistical.sections[:-1])))
    assert not [w for w in ("3273-2026", "Siti Rahma", "Ani", "Coblong", "Johor Bahru", "RSUD", "Polres") if w in words]
    assert "Kota Bandung, Jawa Barat" in words


def test_statistics_still_know_where_a_referral_stands() -> None:
    tables = [block for section in document(case_input(), release(Profile.STATISTICS), "en").sections
              for block in section.blocks if isinstance(block, Table)]  # fmt: skip
    states = [cell for table in tables for row in table.rows for cell in row]
    assert any(cell.startswith("Accepted") for cell in states)


def _notices(shown: Document) -> Iterator[str]:
    for section in shown.sections:
        yield from (block.text for block in section.blocks if isinstance(block, Notice))


def test_the_paper_says_what_was_left_out_and_what_is_in_dispute() -> None:
    conflict = {"case_id": rid(1), "about_kind": "person", "about_id": rid(2), "about_field": "nik", "kept": "Jarum"}
    case = case_input(conflict=((rid(40), conflict),))
    with speaking("en"):
        said = " ".join(_notices(document(case, release(Profile.POLICE), "en")))
        assert "Sensitive" in said
        assert "NIK" in said
        coded = release(Profile.POLICE, may_leave=frozenset({"OPEN", "CASE"}))
        assert "NIK" not in " ".join(_notices(document(case, coded, "en")))
    for profile in Profile:
        assert "Jarum" not in "\n".join(texts(document(case, release(profile))))
