"""The pure rules: dates, NIK, names, elements, referral steps, consent."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.models import nik
from app.models.consent import ConsentEntry, may_leave
from app.models.course import CENTRE, Step
from app.models.dates import age_range, is_child, latest, parse_date, show_age
from app.models.names import initials, likeness, name_key
from app.models.referral import COURSE, RECIPIENT, SENDER, side_of
from app.models.screening import weigh

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("17/8/26", "2026-08-17"),
        ("17-8-2026", "2026-08-17"),
        ("h", "2026-11-24"),
        ("-3", "2026-11-21"),
        ("?/8/2009", "2009-08-??"),
        ("8/2009", "2009-08-??"),
        ("2009", "2009-??-??"),
        ("1/2/97", "1997-02-01"),
        ("29/2/2024", "2024-02-29"),
        ("2009-08-??", "2009-08-??"),
    ],
)
def test_dates_as_workers_type_them(typed: str, meant: str) -> None:
    assert parse_date(typed, today=TODAY) == meant


@pytest.mark.parametrize("typed", ["", "31/2/2020", "29/2/2025", "x", "1/2/3/4", "5/?/2009", "??", "1850", "99999"])
def test_what_is_no_date_says_so(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\w{4,}"):
        parse_date(typed, today=TODAY)


def test_an_age_is_a_range_and_in_doubt_she_is_a_child() -> None:
    assert age_range("2008-11-??", None, TODAY) == (17, 18)
    assert show_age("2008-11-??", None, TODAY) == "17–18"
    assert is_child("2008-11-??", None, TODAY) is True
    assert is_child("2008-11-24", None, TODAY) is False
    assert is_child(None, 17, TODAY) is True
    assert age_range(None, 17, TODAY, on="2024-03-03") == (19, 20), "whoever was about 17 then has grown older"
    assert age_range(None, 17, TODAY, on=TODAY.isoformat()) == (17, 17)
    assert (is_child(None, 16, TODAY, on="2024-??-??"), is_child(None, 16, TODAY, on="2020-01-01")) == (True, False)
    assert is_child(None, None, TODAY) is None
    assert latest("2024-02-??") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "wrong", ["327302550809000", "32730255080900000", "3273025513090000", "327302550809000x", "٣" * 16]
)
def test_a_nik_of_wrong_shape_is_refused(wrong: str) -> None:
    assert nik.shape_problem(wrong)


def test_a_nik_that_does_not_fit_only_warns() -> None:
    hers = "3273025508090000"  # 15 August, day + 40
    assert not nik.shape_problem(hers)
    assert nik.warnings(hers, sex="P", birth_date="2009-08-??") == ()
    assert nik.warnings(hers, sex="P", birth_date="1909-08-15") == ()
    assert len(nik.warnings(hers, sex="L", birth_date="2010-01-01")) == 2
    assert nik.warnings(hers, sex="P", birth_date=None, region=hers[:4]) == ()
    assert len(nik.warnings(hers, sex="P", birth_date=None, region="1171")) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Soekarno", "Sukarno"),
        ("Djoko Tjipto", "Joko Cipto"),
        ("H. Moch. Soebandi", "Muhammad Subandi"),
        ("Sitti Aminah", "Siti Aminah"),
        ("Sjafruddin", "Syafrudin"),
        ("NJOMAN RAI", "nyoman rai"),
        ("Hj. Nurhayati, S.Pd.", "Nurhayati"),
        ("Aminah binti Usman", "Aminah Usman"),
        ("Soebandie", "Subandi"),
        ("Mohd. Rizki", "Mochammad Rizki"),
        ("Moech. Ali", "Muh. Ali"),
        ("Pak Bambang, S.Sos.", "Bambang"),
        ("I Wayan Sudarma", "Sudarma"),
        ("Tiur Nainggolan", "Tiur Naingolan"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert likeness(name_key(one), name_key(other)) >= 95


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siti Aminah", "Siti Rohani"), ("Budi", "Wati"), ("Sri Wahyuni", "Sri Lestari"),
        ("Ni Made Ayu", "Ni Made Ari"), ("I Wayan Arta", "I Wayan Rai"), ("Maria Siregar", "Maria Simbolon"),
    ],
)  # fmt: skip
def test_a_common_word_does_not_make_two_people_one(one: str, other: str) -> None:
    assert likeness(name_key(one), name_key(other)) < 84


def test_initials_of_names_of_one_word_and_of_none() -> None:
    assert [initials(n) for n in ("Sukarno", "Siti Nur Aminah Dewi", "", None, "<b>")] == ["S.", "S.N.A.", "", "", ""]


@pytest.mark.parametrize(
    ("held", "child", "suggestion", "warns"),
    [
        ("process means purpose", False, "PRESUMED", False),
        ("process purpose", True, "PRESUMED", True),
        ("process purpose", False, "POSSIBLE", True),
        ("process", True, "POSSIBLE", False),
        ("", False, "NOT_INDICATED", False),
    ],
)
def test_the_elements_are_weighed(held: str, child: bool, suggestion: str, warns: bool) -> None:
    elements = weigh(child=child, **{name: name in held.split() for name in ("process", "means", "purpose")})
    assert (elements.suggestion, bool(elements.warning)) == (suggestion, warns)


def steps(*taken: tuple[str, str]) -> list[Step]:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    return [
        Step(f"e{n}", step, side, start + timedelta(hours=n), (n + 1, f"e{n}")) for n, (step, side) in enumerate(taken)
    ]


def test_a_late_acceptance_after_withdrawal_is_kept_and_changes_nothing() -> None:
    state = COURSE.state_of(steps(("SENT", SENDER), ("WITHDRAWN", SENDER), ("ACCEPTED", RECIPIENT)))
    assert (state.step, state.late) == ("WITHDRAWN", ("e2",))


def test_events_count_in_the_order_of_the_centre_not_of_clocks() -> None:
    played = steps(("SENT", SENDER), ("ACCEPTED", RECIPIENT), ("WITHDRAWN", SENDER))
    assert COURSE.state_of(reversed(played)).step == "ACCEPTED"


def test_nobody_answers_for_the_other_side() -> None:
    assert COURSE.state_of(steps(("SENT", SENDER), ("ACCEPTED", SENDER))).step == "SENT"
    assert side_of("a", sender="a", recipient="b", on_paper=True) == RECIPIENT
    assert side_of("c", sender="a", recipient="b", on_paper=False) == ""
    assert side_of(None, sender="a", recipient="b", on_paper=False) == CENTRE


def test_ended_referrals_stay_ended() -> None:
    ends = {"DECLINED", "WITHDRAWN", "COMPLETED", "RETURNED"}
    assert not {origin for origin, _ in COURSE.transitions} & ends
    assert COURSE.next_steps("ACCEPTED", RECIPIENT) == ("IN_PROGRESS", "RETURNED", "COMPLETED")


def given(**changes: object) -> ConsentEntry:
    facts = {
        "id": "c1", "person_id": "p", "purpose": "SHARE", "decision": "GIVEN", "recipient": None,
        "tiers": frozenset({"OPEN", "CASE"}), "valid_until": None, "withdraws": None,
    }  # fmt: skip
    return ConsentEntry(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entries", "leaves"),
    [
        ([given()], True),
        ([given(recipient="b")], True),
        ([given(recipient="x")], False),
        ([given(decision="REFUSED")], False),
        ([given(purpose="RECORD")], False),
        ([given(valid_until="2026-11-23")], False),
        ([given(valid_until="2026-11-24")], True),
        ([given(valid_until="2026-??-??")], True),
        ([given(), given(id="c2", decision="WITHDRAWN", withdraws="c1")], False),
        ([given(id="other")], False),
        ([], False),
    ],
)
def test_may_this_leave(entries: list[ConsentEntry], leaves: bool) -> None:
    assert bool(may_leave("c1", entries, recipient="b", today="2026-11-24")) is leaves
