"""What the summary says: asserted on the document, before anything is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.models.codelist import label
from app.reports.api import case_summary_document, case_summary_pdf
from app.reports.case_input import CaseInput
from app.reports.document import (
    Block,
    Columns,
    Document,
    Fields,
    Heading,
    Paragraph,
    Route,
    Signatures,
    Table,
    Timeline,
    Tone,
    texts,
)
from app.reports.redaction import Profile, Release
from tests.reports.needles import HOLDERS
from tests.reports.sample import OFFICE, POLICE, at, case_input, occasion, rid

INTERNAL = Release(profile=Profile.INTERNAL)


def summary(case: CaseInput | None = None, **said: Any) -> Document:
    return case_summary_document(case or case_input(), release=INTERNAL, occasion=occasion(**said), language="en")[0]


def blocks(document: Document, kind: type[Block]) -> list[Any]:
    return [block for section in document.sections for block in section.blocks if isinstance(block, kind)]


def table(document: Document, section: str) -> Table:
    found = next(part for part in document.sections if part.title == section)
    return next(block for block in found.blocks if isinstance(block, Table))


def test_the_head_says_number_risk_and_status() -> None:
    document = summary()
    assert document.title == "3273-2026-A1-0041"
    assert [(badge.text, badge.tone) for badge in document.badges] == [
        ("Risk: High", Tone.DANGER), ("In service", Tone.PLAIN)
    ]  # fmt: skip
    assert ("Office", "UPTD PPA Kota Bandung") in document.strip.items
    assert ("Lead worker", "Siti Rahma") in document.strip.items


def test_a_consent_that_was_taken_back_is_stamped_on_the_head_until_another_is_given() -> None:
    given = case_input().of("consent")
    taken = (rid(91), {
        "case_id": rid(1), "person_id": rid(2), "purpose": "SHARE", "decision": "WITHDRAWN", "withdraws": rid(9),
        "given_by": "VICTIM", "decided_at": at(5),
    })  # fmt: skip
    again = (rid(92), {**given[0][1], "decided_at": at(4)})
    stamps = [badge for badge in summary(case_input(consent=(*given, taken))).badges if badge.tone is Tone.DANGER]
    assert stamps[-1].text == "Consent withdrawn on 19 Nov 2026"
    assert not [one for one in summary(case_input(consent=(*given, taken, again))).badges if "withdrawn" in one.text]


def test_the_parts_come_in_the_order_of_reading() -> None:
    assert [section.title for section in summary().sections] == [
        "Victims", "What happened", "Elements of trafficking", "Other persons", "Services", "Referrals", "Consent",
        "Timeline", "Signatures",
    ]  # fmt: skip


def test_a_victim_has_the_age_on_the_day_of_the_report() -> None:
    assert Heading("Ani Nurhayati", "Female \u00b7 17 years old") in blocks(summary(), Heading)
    born = {**dict(case_input().of("person"))[rid(2)], "birth_date": "2009-11-21"}  # a day after the report
    younger = summary(case_input(person=((rid(2), born),)))
    assert Heading("Ani Nurhayati", "Female \u00b7 16 years old") in blocks(younger, Heading)


def test_no_number_of_a_person_is_printed_without_whether_to_call_is_safe() -> None:
    said = [words for words in texts(summary()) if "+6281234567890" in words or "+60123456789" in words]
    assert said
    for words in said:
        assert ("Messages only" if "+6281234567890" in words else "not known whether it is safe") in words


def test_the_route_goes_from_origin_to_destination() -> None:
    (route,) = blocks(summary(), Route)
    assert [stop.place for stop in route.stops] == [
        "Coblong, Kota Bandung, Jawa Barat", "Pelabuhan Batam Centre", "Johor Bahru, Malaysia"
    ]  # fmt: skip


def test_a_place_too_long_to_draw_is_written_out() -> None:
    document = summary(case_input(case=((rid(1), {**case_input().case, "transit": "x" * 500}),)))
    assert blocks(document, Route) == []
    assert Paragraph("x" * 500, "Transit") in blocks(document, Paragraph)


def test_the_three_elements_stand_side_by_side() -> None:
    (elements,) = blocks(summary(), Columns)
    assert [name for name, _codes in elements.items] == ["Process", "Means", "Purpose"]
    assert elements.items[0][1] == ("Recruitment", "Transportation")


def test_an_element_nobody_saw_is_a_dash() -> None:
    screening = {**dict(case_input().of("screening"))[rid(8)], "means": []}
    (elements,) = blocks(summary(case_input(screening=((rid(8), screening),))), Columns)
    assert elements.items[1] == ("Means", ("\u2013",))


def test_the_latest_screening_counts_and_the_earlier_stays_in_the_timeline() -> None:
    first = dict(case_input().of("screening"))[rid(8)]
    later = {**first, "conclusion": "CONFIRMED", "concluded_at": at(0.1)}
    document = summary(case_input(screening=((rid(8), first), (rid(41), later))))
    headings = [block.text for block in blocks(document, Heading)]
    assert label("screening_conclusion", "CONFIRMED") != ""
    assert "Confirmed victim" in headings
    assert "Presumed victim" not in headings
    timeline = [entry.text for entry in blocks(document, Timeline)[0].entries]
    assert {"Presumed victim", "Confirmed victim"} <= set(timeline)


def test_the_timeline_is_in_the_order_of_time() -> None:
    entries = blocks(summary(), Timeline)[0].entries
    assert [entry.what for entry in entries] == [
        "Report", "Visit", "Screening", "Referral", "Referral", "Service", "Referral", "Call"
    ]  # fmt: skip
    assert entries[4].who == "Aiptu Rina, Unit PPA Polrestabes Bandung"


def test_what_the_centre_wrote_is_said_in_the_language_of_the_document() -> None:
    delivered = {"referral_id": rid(14), "step": "DELIVERED", "made_by": "centre", "at": at(0.5)}
    case = case_input(referral_event=((rid(50), delivered),))
    for language, who in (("en", "the centre"), ("id", "pusat")):
        document, _named = case_summary_document(case, release=INTERNAL, occasion=occasion(), language=language)
        entries = blocks(document, Timeline)[0].entries
        assert [entry.who for entry in entries if "centre" in entry.who or "pusat" in entry.who] == [who]


def _referral_states(*events: dict[str, Any], due_days: float = -1, **made: Any) -> tuple[list[str], list[str]]:
    """(states in the table, texts of the timeline) of one referral with these events."""
    referral = {**dict(case_input().of("referral"))[rid(14)], "due_at": at(due_days)}
    rows = tuple((rid(50 + n), {"referral_id": rid(14), **event}) for n, event in enumerate(events))
    case = replace(case_input(referral=((rid(14), referral),), referral_event=rows), **made)
    document = summary(case)
    states = table(document, "Referrals")
    column = states.headers.index("State")
    return [row[column] for row in states.rows], [entry.text for entry in blocks(document, Timeline)[0].entries]


SENT = {"step": "SENT", "made_office": OFFICE, "at": at(2)}
ACCEPTED = {"step": "ACCEPTED", "made_office": POLICE, "at": at(1)}
WITHDRAWN = {"step": "WITHDRAWN", "made_office": OFFICE, "at": at(1.5)}


def test_a_referral_stands_where_its_events_left_it() -> None:
    assert _referral_states(SENT)[0][0].startswith("Sent\n")
    assert _referral_states(SENT, ACCEPTED)[0][0].startswith("Accepted\n")


def test_an_unanswered_referral_past_its_day_says_so() -> None:
    assert _referral_states(SENT, due_days=1.5)[0][0].startswith("No answer\n")
    assert _referral_states(SENT, ACCEPTED, due_days=1.5)[0][0].startswith("Accepted\n")


def test_an_answer_after_the_withdrawal_is_kept_and_marked() -> None:
    states, timeline = _referral_states(SENT, WITHDRAWN, ACCEPTED)
    assert states[0].startswith("Withdrawn\n")
    assert [text.endswith("came too late to count") for text in timeline if text.startswith("Accepted")] == [True]


def test_the_numbers_of_the_centre_decide_the_order_of_events() -> None:
    states, _timeline = _referral_states(SENT, WITHDRAWN, ACCEPTED, revs={rid(50): 1, rid(52): 2, rid(51): 3})
    assert states[0].startswith("Accepted\n")


def test_a_closed_case_says_when_and_why() -> None:
    closed = {**case_input().case, "closed_at": at(0.2), "close_reason": "GOALS_MET", "close_note": "Selesai. " * 20}
    document = summary(case_input(case=((rid(1), closed),)))
    closing = next(section for section in document.sections if section.title == "Closing")
    assert isinstance(closing.blocks[0], Fields)
    assert ("Reason for closing", "Goals met") in closing.blocks[0].items
    assert "Closed" in [entry.what for entry in blocks(document, Timeline)[0].entries]


def test_with_several_victims_each_row_says_whose_it_is() -> None:
    party = {"person_id": rid(3), "role": "VICTIM"}
    document = summary(case_input(party=(*case_input().of("party")[:1], (rid(60), party))))
    assert table(document, "Services").rows[0][0] == "Forensic medical report \u00b7 Ani Nurhayati"


def test_a_column_without_words_is_left_out() -> None:
    services = ((rid(11), {"service_type": "P.COUNSEL", "state": "PLANNED"}),)
    bare = table(summary(case_input(service=services)), "Services")
    assert bare.headers == ("Service", "State")
    assert sum(bare.widths) == pytest.approx(1)


def test_both_sign_under_place_and_day() -> None:
    assert blocks(summary(), Signatures) == [
        Signatures("Bandung, 24 November 2026", (("Prepared by", "Siti Rahma"), ("Case supervisor", "Dewi Lestari")))
    ]
    assert blocks(summary(place=""), Signatures)[0].place_and_date.startswith("....")


def test_an_empty_case_still_makes_a_page() -> None:
    made = case_summary_pdf(
        CaseInput(rid(1), {}, case_input().today), release=INTERNAL, occasion=occasion(), language="id", password=None
    )
    assert made.pages == 1
    assert made.fields == ()


@pytest.mark.parametrize(
    "damaged", ["", "kata", 17, -1, 253_402_300_799_000, 2**63, 1.5, True, [], ["a", "b"], {"a": 1}, b"\x00\xff", None]
)
def test_a_damaged_value_breaks_nothing(damaged: Any) -> None:
    case = case_input()
    records = {
        kind: tuple(
            (record, {key: damaged if key not in ("person_id", "role", "referral_id") else value
                      for key, value in content.items()} if record == HOLDERS[kind] else content)
            for record, content in rows
        )
        for kind, rows in case.records.items()
    }  # fmt: skip
    for profile in Profile:
        to = Release(profile=profile, may_leave=frozenset({"OPEN", "CASE", "IDENTIFYING"}))
        made = case_summary_pdf(
            replace(case, records=records), release=to, occasion=occasion(), language="id", password=None
        )
        assert made.pages >= 1


def test_what_is_damaged_is_said() -> None:
    damaged = {**dict(case_input().of("person"))[rid(2)], "birth_date": "kata"}
    words = list(texts(summary(case_input(person=((rid(2), damaged),)))))
    assert "Damaged in the record and not printed: Date of birth." in words
    assert not any(text.startswith("Damaged") for text in texts(summary()))


def test_texts_finds_every_word_of_a_document() -> None:
    words = list(texts(summary()))
    assert "Case summary" in words
    assert "Unit PPA Polrestabes Bandung" in words
    assert "7K2M-9QXD" in words
