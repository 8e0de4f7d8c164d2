"""Deadlines: every rule of the law is bound or says why not; each begins, warns and ends as a table says in words."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import i18n
from app.errors import Conflicted, Forbidden, Invalid
from app.models.base import KINDS
from app.models.case_parts import PARTS
from app.models.codelist import codelist
from app.models.deadline_rules import LAW, LOCAL, Limit, effective, is_longer, rules_with, shipped_rules
from app.models.due_items import DueItem, RuleBook, due_items
from app.models.field import field_map
from app.models.workdays import WorkCalendar, calendar_with, end_of_limit, shipped_holidays
from app.paths import resource
from app.services import care, case_list, case_parts, cases, deadlines, office_limits, tasks
from app.services.case_list import CaseQuery
from app.services.deadlines import ALL, LATER, OVERDUE, TODAY, TaskQuery
from app.services.desk import Desk
from tests.conftest import Clock

WIB = i18n.ZONES["WIB"]
MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
BARE = WorkCalendar()


def test_every_deadline_of_the_law_is_bound_to_an_event_or_says_why_not() -> None:
    with resource("facts", "legal_deadlines.csv").open(encoding="utf-8") as lines:
        laws = {row["code"] for row in csv.DictReader(lines)}
    rules = shipped_rules()
    assert not laws - rules.keys(), "a deadline of the law that no rule names"
    for rule in rules.values():
        assert bool(rule.kind) != bool(rule.unbound), f"{rule.code}: bind it, or say why nothing begins it"
        assert rule.title_id and rule.title_en
        assert rule.origin != LAW or rule.law, f"{rule.code} does not say which law"


@pytest.mark.parametrize("rule", [r for r in shipped_rules().values() if r.kind], ids=lambda rule: rule.code)
def test_a_rule_names_fields_and_codes_that_exist(rule: Any) -> None:
    parts = {part.kind for part in PARTS} | {"case"}
    assert rule.kind in parts and rule.at in field_map(KINDS[rule.kind])
    conditions = [(c.kind or rule.kind, c) for wanted in rule.when for c in wanted]
    for ending in rule.done:
        if not ending.check:
            kind = rule.kind if ending.kind == "self" else ending.kind
            assert kind in parts
            conditions += [(c.kind or kind, c) for c in ending.wanted]
    for kind, condition in conditions:
        if condition.op != "()":
            field = field_map(KINDS[kind])[condition.key]
            for value in condition.values if field.codelist else ():
                codes = [code.code for code in codelist(field.codelist or "").codes]
                assert any(code == value or code.startswith(f"{value}.") for code in codes), (rule.code, value)


# a day as people write it, for the tables below
def at(day: int, month: int, year: int = 2026, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=WIB)


@pytest.mark.parametrize(
    ("said", "start", "limit", "ends"),
    [
        ("14 days after the verdict of 2 January", date(2026, 1, 2), (14, "day"), "2026-01-16 23:59"),
        ("30 days after the copy of 5 January", date(2026, 1, 5), (30, "day"), "2026-02-04 23:59"),
        ("30 working days after it, without any holiday", date(2026, 1, 5), (30, "workday"), "2026-02-16 23:59"),
        ("one working day after a Friday is Monday", date(2026, 11, 20), (1, "workday"), "2026-11-23 23:59"),
        ("one working day after a Saturday is Monday", date(2026, 11, 21), (1, "workday"), "2026-11-23 23:59"),
        ("24 hours run through the night", at(2, 1, hour=16), (24, "hour"), "2026-01-03 16:00"),
        ("72 hours from a day of which no hour is known", date(2026, 1, 2), (72, "hour"), "2026-01-05 23:59"),
        ("120 minutes over midnight", at(2, 1, hour=23), (120, "minute"), "2026-01-03 01:00"),
        ("six months after 31 August end in February", date(2025, 8, 31), (6, "month"), "2026-02-28 23:59"),
        ("late on New Year's Eve in London it is 2026 here", datetime(2025, 12, 31, 20, tzinfo=UTC), (1, "day"),
         "2026-01-02 23:59"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)  # fmt: skip
def test_when_a_limit_ends(said: str, start: Any, limit: tuple[int, str], ends: str) -> None:
    end = end_of_limit(start, limit, calendar=BARE, zone=WIB)
    assert f"{end.at:%Y-%m-%d %H:%M}" == ends, said
    assert end.day == end.at.date()


def test_holidays_are_left_out_and_the_office_has_the_last_word() -> None:
    shipped = calendar_with(())
    assert not shipped.is_workday(date(2026, 8, 17)) and shipped.is_workday(date(2026, 8, 18))
    assert shipped.after(date(2026, 8, 14), 1) == date(2026, 8, 18)
    own = calendar_with([("2026-08-18", False), ("2026-02-17", True)])
    assert own.after(date(2026, 8, 14), 1) == date(2026, 8, 19)
    assert own.is_workday(date(2026, 2, 17)), "the moon came a day later: the office said so"
    unsure = {holiday.day for holiday in shipped_holidays() if not holiday.is_sure}
    assert date(2026, 3, 21) in unsure and date(2026, 5, 1) not in unsure


days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@given(days, st.integers(1, 60), st.integers(1, 30), st.sets(days, max_size=40))
def test_working_days(start: date, amount: int, more: int, off: set[date]) -> None:
    calendar = WorkCalendar(frozenset(off))
    end = calendar.after(start, amount)
    assert calendar.is_workday(end), "it never ends on a day on which nobody works"
    assert sum(calendar.is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1)) == amount
    assert calendar.after(start, amount + more) > end, "more days, later"
    assert calendar.after(start + timedelta(days=more), amount) >= end, "a later beginning never ends earlier"
    assert WorkCalendar(calendar.holidays | {end}).after(start, amount) > end, "one more holiday, later"


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.integers(1, 500),
       st.sampled_from(["minute", "hour", "day", "workday", "month"]))  # fmt: skip
def test_a_limit_ends_after_it_began_and_a_longer_one_later(moment: datetime, amount: int, unit: str) -> None:
    start = moment.replace(tzinfo=UTC)
    ends = [end_of_limit(start, (n, unit), calendar=BARE, zone=WIB).at for n in (amount, amount + 1)]
    assert start < ends[0] < ends[1]
    if unit in ("minute", "hour"):
        for name in i18n.ZONES.values():
            assert end_of_limit(start, (amount, unit), calendar=BARE, zone=name).at == ends[0]


# the pure core, from records as they lie in the file


def record(kind: str, **values: Any) -> Any:
    empty = {field.key: () if field.kind == "codes" else None for field in field_map(KINDS[kind]).values()}
    base = {"id": kind, "made_at": MONDAY, "made_office": "office", "person_id": None, "rev": 0}
    return SimpleNamespace(**{**empty, **base, **values})


def due(file: dict[str, list[Any]], *, holidays: frozenset[date] = frozenset()) -> dict[str, DueItem]:
    book = RuleBook(rules_with(()), WorkCalendar(holidays), WIB)
    case = {"case": [record("case", reported_at=MONDAY, risk="LOW", channel="PHONE")]}
    return {item.rule: item for item in due_items(case | file, book)}


def ordered(**values: Any) -> Any:
    return record("restitution", id="ordered", step="ORDERED", day="2026-01-02", amount=1000, person_id="ani", **values)


def paid(amount: int, person: str = "ani") -> Any:
    return record("restitution", id=f"paid{amount}", step="PAID", day="2026-01-10", amount=amount, person_id=person)


def test_restitution_has_three_deadlines_that_contradict_and_the_shortest_warns() -> None:
    found = due({"restitution": [ordered(copy_on="2026-01-05", sexual=True)]})
    three = {code: found[code] for code in ("RESTITUTION_UU21", "RESTITUTION_PP7", "RESTITUTION_TPKS")}
    assert {code: item.due.isoformat() for code, item in three.items()} == {
        "RESTITUTION_UU21": "2026-01-16", "RESTITUTION_PP7": "2026-02-16", "RESTITUTION_TPKS": "2026-02-04",
    }  # fmt: skip
    assert min(three.values(), key=lambda item: item.due_at).rule == "RESTITUTION_UU21"
    assert [code for code, item in three.items() if item.is_overdue(at(17, 1))] == ["RESTITUTION_UU21"]
    imlek = due({"restitution": [ordered(copy_on="2026-01-05")]}, holidays=frozenset({date(2026, 1, 16)}))
    assert imlek["RESTITUTION_PP7"].due == date(2026, 2, 17), "a holiday moves working days"
    assert imlek["RESTITUTION_UU21"].due == date(2026, 1, 16), "and no other days"
    assert "RESTITUTION_TPKS" not in imlek, "30 days: only where the exploitation was sexual"


def test_restitution_is_paid_when_all_of_it_is() -> None:
    def state(*lines: Any) -> str:
        return due({"restitution": [ordered(), *lines]})["RESTITUTION_UU21"].ended

    assert state() == "" and state(paid(400)) == "", "a part is not all"
    assert state(paid(400), paid(600)) == "DONE"
    assert state(paid(1000, "budi")) == "", "somebody else's money"


@pytest.mark.parametrize(
    ("said", "rule", "file", "ended"),
    [
        ("nobody reported yet", "TPKS_REPORT", {}, ""),
        ("the victim has not chosen to report", "TPKS_REPORT",
         {"legal_step": [record("legal_step", stage="NOT_REPORTED", day="2026-11-23")]}, ""),
        ("a police report, older than the case", "TPKS_REPORT",
         {"legal_step": [record("legal_step", stage="LP", day="2026-11-01")]}, "DONE"),
        ("first aid: a service is planned only", "FIRST_AID",
         {"service": [record("service", service_type="H.EMERG", state="PLANNED")]}, ""),
        ("first aid: legal advice is none", "FIRST_AID",
         {"service": [record("service", service_type="L.CONSULT", state="DONE")]}, ""),
        ("first aid: treated", "FIRST_AID",
         {"service": [record("service", service_type="H.EMERG", state="DONE")]}, "DONE"),
        ("first aid: a person says it does not apply", "FIRST_AID",
         {"task": [record("task", rule="FIRST_AID", source="case", cancelled_at=MONDAY)]}, "CANCELLED"),
        ("SPDP of the same day", "SPDP",
         {"legal_step": [record("legal_step", id="a", stage="INVESTIGATION", day="2026-11-23"),
                         record("legal_step", id="b", stage="SPDP", day="2026-11-23")]}, "DONE"),
        ("SPDP of another suspect", "SPDP",
         {"legal_step": [record("legal_step", id="a", stage="INVESTIGATION", day="2026-11-23", person_id="x"),
                         record("legal_step", id="b", stage="SPDP", day="2026-11-24", person_id="y")]}, ""),
        ("the assessment itself does not end its own again", "ASSESS_AGAIN",
         {"assessment": [record("assessment", at=MONDAY, again_on="2026-12-23")]}, ""),
        ("a later assessment does", "ASSESS_AGAIN",
         {"assessment": [record("assessment", id="a", at=MONDAY, again_on="2026-12-23"),
                         record("assessment", id="b", at=MONDAY + timedelta(days=3))]}, "DONE"),
        ("a flag that was lowered", "FLAG_UNTIL",
         {"flag": [record("flag", until="2026-12-01", lowered_at=MONDAY)]}, "DONE"),
        ("a withdrawn consent on which nothing is shared", "PDP_WITHDRAW",
         {"consent": [record("consent", decision="WITHDRAWN", purpose="SHARE", decided_at=MONDAY, withdraws="c")]},
         "DONE"),
        ("of another purpose a person has to say so", "PDP_WITHDRAW",
         {"consent": [record("consent", decision="WITHDRAWN", purpose="RECORD", decided_at=MONDAY, withdraws="c")]},
         ""),
        ("empowerment without an outcome after half a year", "EMPOWERMENT_OUTCOME",
         {"empowerment": [record("empowerment", ended_on="2026-05-01")]}, ""),
    ],
)  # fmt: skip
def test_what_ends_a_deadline(said: str, rule: str, file: dict[str, list[Any]], ended: str) -> None:
    case = record("case", reported_at=MONDAY, risk="HIGH", channel="PHONE", exploitation=("SEX.PROST",))
    assert due({"case": [case]} | file)[rule].ended == ended, said


@pytest.mark.parametrize(
    ("said", "case", "rule"),
    [
        ("the police know already", {"channel": "POLICE", "exploitation": ("SEX",)}, "TPKS_REPORT"),
        ("forced labour", {"exploitation": ("LAB.SEA",)}, "TPKS_REPORT"),
        ("no danger", {"risk": "LOW"}, "FIRST_AID"),
        ("nobody met the victim yet", {"met_at": None}, "PPT_TO_POLICE"),
        ("closed", {"risk": "HIGH", "closed_at": MONDAY}, "FIRST_AID"),
        ("a local standard that nobody switched on", {}, "LOCAL_FOLLOWUP"),
    ],
)
def test_what_does_not_begin(said: str, case: dict[str, Any], rule: str) -> None:
    plain = {"reported_at": MONDAY, "risk": "LOW", "channel": "PHONE"}
    assert rule not in due({"case": [record("case", **{**plain, **case})]}), said


def test_a_flag_of_danger_begins_what_a_high_risk_does() -> None:
    assert due({"flag": [record("flag", reason="DANGER")]})["FIRST_AID"].due == date(2026, 11, 30)


def test_a_window_opens_and_closes() -> None:
    task = record("task", title="x", ready_from="2026-11-25", due="2026-11-27", fails_after="2026-11-30")
    item = due({"task": [task]})["task"]
    said = [(day, item.state(at(day, 11)).value, item.is_overdue(at(day, 11))) for day in (24, 25, 27, 28, 30)]
    assert said == [
        (24, "DRAFT", False), (25, "READY", False), (27, "READY", False), (28, "READY", True), (30, "READY", True),
    ]  # fmt: skip
    assert item.state(at(1, 12)).value == "FAILED"


def test_an_office_may_be_stricter_than_the_law_and_never_laxer() -> None:
    law = shipped_rules()["FIRST_AID"]
    assert effective(law, Limit("FIRST_AID", 3, "day", None)).limit == (3, "day")
    assert effective(law, Limit("FIRST_AID", 8, "day", None)).limit == (7, "day")
    assert effective(law, Limit("FIRST_AID", 7, "workday", None)).limit == (7, "day"), "7 working days are longer"
    assert effective(law, Limit("FIRST_AID", None, None, False)).active, "a law is not switched off"
    local = shipped_rules()["LOCAL_FOLLOWUP"]
    assert (local.origin, local.active) == (LOCAL, False)
    assert effective(local, Limit("LOCAL_FOLLOWUP", 5, "workday", True)).limit == (5, "workday")
    assert is_longer((24, "hour"), (1, "day")) is False and is_longer((25, "hour"), (1, "day"))


# the list over the whole workspace


def lines(desk: Desk, **query: Any) -> list[deadlines.TaskLine]:
    return deadlines.rows(desk, deadlines.ids(desk, TaskQuery(**query)))


def test_my_tasks_of_a_new_case_in_danger(desk: Desk, case_id: str, clock: Clock) -> None:
    (line,) = lines(desk)
    assert (line.item.rule, line.law, line.item.due) == ("FIRST_AID", "UU 21/2007 Ps 53", date(2026, 11, 30))
    (row,) = case_list.rows(desk, case_list.ids(desk, CaseQuery()))
    assert (row.next_step, row.due) == ("Pertolongan pertama bagi korban dalam bahaya", "2026-11-30")
    clock.forward(days=9)
    assert deadlines.counts(desk).overdue == case_list.counts(desk).overdue == 1
    service = care.add_service(desk, case_id, {"service_type": "H.EMERG", "due": "2026-12-02"})
    assert {line.title for line in lines(desk, when=TODAY)} == {"Layanan medis darurat"}
    care.complete_service(desk, service.id)
    assert lines(desk) == [], "the record of what was done ends both"
    assert {line.state.value for line in deadlines.of_case(desk, case_id)} == {"DONE"}


def test_a_person_says_that_a_deadline_was_met_and_takes_it_back(desk: Desk, case_id: str) -> None:
    source = ("FIRST_AID", case_id)
    with pytest.raises(Invalid, match=r"alasan|why"):
        tasks.cancel_deadline(desk, source, case_id, why=" ")
    said = tasks.complete_deadline(desk, source, case_id, result="Diberi RSUD")
    assert lines(desk) == []
    (line,) = deadlines.of_case(desk, case_id)
    assert (line.state.value, line.result, line.task_id) == ("DONE", "Diberi RSUD", said.id)
    tasks.reopen_task(desk, said.id)
    assert len(lines(desk)) == 1
    assert tasks.cancel_deadline(desk, source, case_id, why="Salah catat").id == said.id, "one word per deadline"
    assert deadlines.of_case(desk, case_id)[0].state.value == "CANCELLED"


def test_free_tasks_of_the_office_and_of_a_colleague(desk: Desk, case_id: str, clock: Clock) -> None:
    office = tasks.add_task(desk, {"title": "Laporan bulanan", "due": "2026-11-23"})
    tasks.add_task(desk, {"title": "Telepon keluarga", "ready_from": "2026-12-01"}, case_id=case_id)
    assert {line.title for line in lines(desk, rule="task")} == {"Laporan bulanan"}
    assert {line.title for line in lines(desk, when=LATER)} == {"Telepon keluarga"}
    clock.forward(days=1)
    assert [line.title for line in lines(desk, when=OVERDUE)] == ["Laporan bulanan"]
    tasks.complete_task(desk, office.id, result="Dikirim")
    assert lines(desk, when=OVERDUE) == []
    with pytest.raises(Conflicted):
        tasks.cancel_task(desk, office.id, why="x")
    tasks.reopen_task(desk, office.id)
    assert [line.title for line in lines(desk, when=OVERDUE)] == ["Laporan bulanan"]


def test_what_a_task_refuses(desk: Desk, case_id: str, as_role: Callable[[str], Desk]) -> None:
    bad = {
        "fails_after": {"title": "x", "due": "2026-12-02", "fails_after": "2026-12-01"},
        "due": {"title": "x", "ready_from": "2026-12-02", "due": "2026-12-01"},
        "assignee": {"title": "x", "assignee": "0" * 32},
        "title": {"due": "2026-12-01"},
        "done_at": {"title": "x", "done_at": desk.now()},
    }
    for key, values in bad.items():
        for add in (
            lambda v: tasks.add_task(desk, v, case_id=case_id),
            lambda v: case_parts.add_part(desk, case_id, "task", v),
        ):
            with pytest.raises(Invalid) as refused:
                add(values)
            assert [problem[0] for problem in refused.value.problems] == [key]
    with pytest.raises(Forbidden):
        tasks.add_task(as_role("SECRETARY"), {"title": "x"})
    service = care.add_service(desk, case_id, {"service_type": "P.COUNSEL", "due": "2026-12-01"})
    with pytest.raises(Conflicted):
        tasks.complete_deadline(desk, ("SERVICE_DUE", service.id), case_id)


def test_holidays_and_limits_of_the_office_reach_every_case(desk: Desk, case_id: str, as_role: Any) -> None:
    supervisor = as_role("SUPERVISOR")
    while deadlines.settle(desk, at_most=1):
        pass
    assert not deadlines.settle(desk)
    case_parts.add_part(desk, case_id, "approval", {"subject": "PLAN", "request": "x"})
    (waiting,) = lines(desk, rule="APPROVAL_WAITING", whose=ALL)
    assert waiting.item.due == date(2026, 11, 26)
    with pytest.raises(Forbidden):
        office_limits.add_holiday(desk, day="2026-11-25", name="Pilkada")
    office_limits.add_holiday(supervisor, day="2026-11-25", name="Pilkada")
    office_limits.set_limit(supervisor, "LOCAL_FOLLOWUP", amount=2, unit="workday", active=True)
    with pytest.raises(Invalid, match="7"):
        office_limits.set_limit(supervisor, "FIRST_AID", amount=8, unit="day")
    while deadlines.settle(desk, at_most=1):
        pass
    found = {line.item.rule: line.item.due for line in lines(desk, whose=ALL)}
    assert found["APPROVAL_WAITING"] == date(2026, 11, 27)
    assert found["LOCAL_FOLLOWUP"] == date(2026, 11, 26), "Tuesday, and Thursday: Wednesday nobody works"
    office_limits.set_limit(supervisor, "LOCAL_FOLLOWUP", active=False)
    while deadlines.settle(desk):
        pass
    assert "LOCAL_FOLLOWUP" not in {line.item.rule for line in lines(desk, whose=ALL)}


def test_a_closed_case_owes_nothing_but_what_outlives_it(desk: Desk, case_id: str) -> None:
    cases.close_case(desk, case_id, reason="GOALS_MET")
    assert lines(desk, whose=ALL) == []
