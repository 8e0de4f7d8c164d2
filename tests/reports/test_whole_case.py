"""The summary of a case that has everything: in order, with its sums, and every value where its tier may go."""

from __future__ import annotations

import pytest

from app.i18n import speaking
from app.models.all import KINDS
from app.models.case_parts import PARTS
from app.models.field import Kind, Tier, fields_of
from app.reports.api import case_summary_document, case_summary_pdf
from app.reports.case_input import OF_THE_OFFICE
from app.reports.case_parts import OWN_WORDS
from app.reports.document import Document, Fields, Heading, Table, Timeline, texts
from app.reports.redaction import Profile
from tests.reports.needles import Needle, needles, plant
from tests.reports.pdf_reading import read
from tests.reports.sample import occasion, release
from tests.reports.sample_more import HOLDERS_MORE, whole_case

# Never printed: what is no words, and what stands elsewhere.
_ENTRY = ("made_at", "made_by", "made_office")
SILENT = {f"{kind}.{key}" for kind in ("task", "transfer", "victim_right") for key in _ENTRY}
UNDATED = frozenset({"goal", "flag"})  # of these the day of entry stands in the timeline


def document(profile: Profile = Profile.INTERNAL) -> Document:
    return case_summary_document(whole_case(), release=release(profile), occasion=occasion(), language="en")[0]


def may_show(needle: Needle, profile: Profile) -> bool:
    """The rule in words, written a second time and independently."""
    if profile is Profile.INTERNAL:
        return True
    if needle.kind in OF_THE_OFFICE:
        return False
    if profile is Profile.STATISTICS:
        coded = needle.field.kind in (Kind.CODE, Kind.CODES, Kind.DATE, Kind.DATETIME, Kind.INT)
        counted = needle.kind != "safety_plan"
        return counted and coded and needle.field.tier in (Tier.OPEN, Tier.CASE)
    return needle.field.tier not in (Tier.SENSITIVE, Tier.NARRATIVE)


def test_the_parts_come_in_the_order_of_reading_and_the_timeline_last() -> None:
    titles = [section.title for section in document().sections]
    assert titles == [
        "Victims", "What happened", "Elements of trafficking", "Other persons", "Needs and goals", "Services",
        "Safety plan", "Referrals", "Legal", "Restitution", "Empowerment", "Consent",
        "Conferences, approvals and tasks", "Timeline", "Signatures",
    ]  # fmt: skip
    assert all(section.blocks for section in document(Profile.STATISTICS).sections)


def test_restitution_says_what_its_lines_add_up_to() -> None:
    [section] = [part for part in document().sections if part.title == "Restitution"]
    heading, sums, lines = section.blocks
    assert isinstance(heading, Heading) and isinstance(sums, Fields) and isinstance(lines, Table)
    assert dict(sums.items)["Ordered"] == "Rp\u00a050,000,000"
    assert dict(sums.items)["Still to be paid"] == "Rp\u00a040,000,000"
    assert len(lines.rows) == 5


def test_every_kind_of_part_has_a_place_on_the_paper() -> None:
    told = {part.kind for part in PARTS} - OWN_WORDS
    _shown, fields = case_summary_document(
        whole_case(), release=release(Profile.INTERNAL), occasion=occasion(), language="en"
    )
    assert told <= {name.partition(".")[0] for name in fields}
    [timeline] = [b for s in document().sections for b in s.blocks if isinstance(b, Timeline)]
    assert {"Assessment", "Goal", "Safety plan", "Hearing", "Restitution", "Flag"} <= {e.what for e in timeline.entries}


@pytest.mark.parametrize("profile", tuple(Profile))
def test_a_value_is_printed_where_its_tier_may_go_and_nowhere_else(profile: Profile) -> None:
    every = tuple(needles(HOLDERS_MORE))
    planted = plant(*every, case=whole_case(), holders=HOLDERS_MORE)
    made = case_summary_pdf(planted, release=release(profile), occasion=occasion(), language="id", password=None)
    shown, fields = case_summary_document(planted, release=release(profile), occasion=occasion(), language="id")
    words, to_the_last_byte = "\n".join(texts(shown)), read(made.pdf).everything
    with speaking("id"):
        free = (Kind.TEXT, Kind.LONG, Kind.PHONE)
        found = {n.name for n in every if any(form in words for form in n.shown())}
        leaked = {n.name for n in every if n.field.kind in free and any(f in to_the_last_byte for f in n.shown())}
    allowed = {n.name for n in every if may_show(n, profile)}
    assert found | leaked <= allowed
    assert found <= set(fields)
    if profile is Profile.INTERNAL:
        dated = {f"{kind}.made_at" for kind in HOLDERS_MORE if kind not in UNDATED}
        assert allowed - found <= SILENT | dated
    assert {f"{kind}.{f.key}" for kind in HOLDERS_MORE for f in fields_of(KINDS[kind])} >= found
