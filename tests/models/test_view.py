"""What a recipient sees of somebody else's case: by tier, purpose, consent and person."""

import pytest

from app.models.view import CaseFile, view_for

A, B, C = "a" * 32, "b" * 32, "c" * 32
TODAY = "2026-11-24"


def case_file(**referral: object) -> CaseFile:
    """Two victims, a suspect, a note, a consent, and a referral of the first victim to office B."""
    file = CaseFile()
    file.add(
        "case", "case1", 1, {"number": "1", "risk": "HIGH", "summary": "cerita", "origin": "5201", "made_office": A}
    )
    for person, role in (("ana", "VICTIM"), ("sari", "VICTIM"), ("bos", "SUSPECT")):
        file.add("person", person, 2, {"name": person.title(), "sex": "P", "health": "x", "age": 16})
        file.add("party", f"part-{person}", 2, {"case_id": "case1", "person_id": person, "role": role})
        file.add("screening", f"screen-{person}", 2, {"case_id": "case1", "person_id": person, "means": ["M"]})
    file.add("note", "note1", 3, {"case_id": "case1", "text": "rahasia", "note_kind": "VISIT"})
    file.add("consent", "consent1", 3, {
        "case_id": "case1", "person_id": "ana", "purpose": "SHARE", "decision": "GIVEN", "recipient": B,
        "tiers": ["CASE", "IDENTIFYING", "OPEN"],
    })  # fmt: skip
    file.add("referral", "ref1", 4, {
        "case_id": "case1", "person_id": "ana", "to_office": B, "made_office": A, "consent_id": "consent1",
        "tiers": ["CASE", "IDENTIFYING", "OPEN"], "message": "tolong", **referral,
    })  # fmt: skip
    step(file, "SENT", A, 5)
    return file


def step(file: CaseFile, name: str, office: str | None, rev: int, referral: str = "ref1") -> None:
    content = {"case_id": "case1", "referral_id": referral, "step": name, "at": 1000 + rev}
    file.add("referral_event", f"{referral}-{rev}", rev, {**content, **({"made_office": office} if office else {})})


def test_the_package_holds_the_referred_person_and_nobody_elses_secrets() -> None:
    seen = view_for(case_file(), B, today=TODAY)
    people = {key[1] for key in seen if key[0] == "person"}
    assert people == {"ana", "bos"}
    assert ("screening", "screen-sari") not in seen
    assert ("party", "part-sari") not in seen
    assert seen["person", "ana"][1] == {"name": "Ana", "sex": "P", "age": 16}
    assert seen["case", "case1"][1] == {"number": "1", "risk": "HIGH", "origin": "5201", "made_office": A}
    assert "text" not in seen["note", "note1"][1]


@pytest.mark.parametrize("tier", ["OPEN", "CASE", "IDENTIFYING"])
def test_less_than_the_consent_allows_is_less(tier: str) -> None:
    seen = view_for(case_file(tiers=[tier]), B, today=TODAY)
    name = seen.get(("person", "ana"), (0, {}))[1].get("name")
    assert (name == "Ana") == (tier == "IDENTIFYING")


def test_more_than_the_consent_allows_is_not_shared() -> None:
    seen = view_for(case_file(tiers=["NARRATIVE", "SENSITIVE", "OPEN"]), B, today=TODAY)
    everything = str(seen)
    assert "cerita" not in everything
    assert "rahasia" not in everything
    assert "health" not in everything


def test_nobody_else_sees_anything() -> None:
    assert view_for(case_file(), C, today=TODAY) == {}


def test_a_draft_shows_nothing() -> None:
    file = case_file()
    del file.rows["referral_event", "ref1-5"]
    assert view_for(file, B, today=TODAY) == {}


@pytest.mark.parametrize("ending", ["DECLINED", "COMPLETED", "WITHDRAWN"])
def test_when_the_referral_ends_only_the_referral_itself_stays(ending: str) -> None:
    file = case_file()
    if ending == "COMPLETED":
        step(file, "ACCEPTED", B, 6)
    step(file, ending, A if ending == "WITHDRAWN" else B, 7)
    seen = view_for(file, B, today=TODAY)
    assert {key[0] for key in seen} == {"referral", "referral_event"}
    assert "message" not in seen["referral", "ref1"][1]


def test_the_recipient_keeps_what_it_wrote_and_reads_the_message_while_the_referral_is_open() -> None:
    file = case_file()
    assert view_for(file, B, today=TODAY)["referral", "ref1"][1]["message"] == "tolong"
    step(file, "ACCEPTED", B, 6)
    step(file, "COMPLETED", B, 7)
    done = next(key for key, row in file.rows.items() if row[3].get("step") == "COMPLETED")
    file.add(*done, 7, {**file.rows[done][3], "feedback": "sudah didampingi"})
    assert view_for(file, B, today=TODAY)[done][1]["feedback"] == "sudah didampingi"


def test_withdrawing_consent_takes_the_package_away() -> None:
    file = case_file()
    file.add("consent", "c2", 9, {"case_id": "case1", "decision": "WITHDRAWN", "withdraws": "consent1"})
    assert {key[0] for key in view_for(file, B, today=TODAY)} == {"referral", "referral_event"}


def test_another_referral_of_the_same_case_is_private() -> None:
    file = case_file()
    file.add("referral", "ref2", 8, {"case_id": "case1", "to_office": C, "made_office": A, "reason": "SERVICE"})
    step(file, "SENT", A, 9, referral="ref2")
    assert not [key for key in view_for(file, B, today=TODAY) if "ref2" in key[1]]


def test_a_conflict_is_shown_only_where_its_field_is() -> None:
    file = case_file()
    about = {"case_id": "case1", "about_kind": "person", "about_id": "ana", "kept": '"1"', "other": '"2"'}
    file.add("conflict", "k1", 9, {**about, "about_field": "name"})
    file.add("conflict", "k2", 9, {**about, "about_field": "health"})
    file.add("conflict", "k3", 9, {**about, "about_id": "sari", "about_field": "name"})
    seen = view_for(file, B, today=TODAY)
    assert seen["conflict", "k1"][1]["other"] == '"2"'
    assert not {("conflict", "k2"), ("conflict", "k3")} & seen.keys()


def test_two_referrals_to_one_office_add_up() -> None:
    file = case_file(tiers=["OPEN"])
    file.add("referral", "ref2", 8, {
        "case_id": "case1", "person_id": "ana", "to_office": B, "made_office": A, "consent_id": "consent1",
        "tiers": ["IDENTIFYING"],
    })  # fmt: skip
    step(file, "SENT", A, 9, referral="ref2")
    assert view_for(file, B, today=TODAY)["person", "ana"][1] == {"name": "Ana", "sex": "P"}


def test_an_office_that_is_offered_a_case_sees_no_conflict_about_what_it_is_not_shown() -> None:
    file = case_file()
    file.add("transfer", "t1", 4, {"case_id": "case1", "to_office": C, "made_office": A})
    offered = {"case_id": "case1", "transfer_id": "t1", "step": "OFFERED", "at": 1005, "made_office": A}
    file.add("transfer_event", "t2", 5, offered)
    private = (("flag", "reason"), ("consent", "decision"), ("conference", "place"), ("task", "due"))
    for kind, key in (*private, ("case", "risk"), ("case", "summary")):
        record = "case1" if kind == "case" else f"a-{kind}"
        file.rows.setdefault((kind, record), (kind, record, 6, {"case_id": "case1", key: "X"}))
        about = {"case_id": "case1", "about_kind": kind, "about_id": record, "about_field": key}
        file.add("conflict", f"k-{kind}-{key}", 9, {**about, "kept": '"1"', "other": '"2"'})
    assert {key[1] for key in view_for(file, C, today=TODAY) if key[0] == "conflict"} == {"k-case-risk"}
