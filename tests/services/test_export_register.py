"""What leaves in any form is in the register; who may read it; lists and counts that name nobody; stopping halfway."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.errors import Forbidden, Invalid
from app.i18n import speaking
from app.models.codelist import label
from app.services import export_register, exports, list_exports, statistics
from app.services.case_list import CaseQuery
from app.services.case_parts import add_part
from app.services.consents import withdraw
from app.services.desk import Desk
from app.services.exports import Order
from app.services.intake import take
from tests.reports.files import sheets, table
from tests.reports.pdf_reading import read
from tests.services.test_exports import consent_ids, police
from tests.worlds import GIRL, intake

OPEN = Order(profile="STATISTICS", format="csv", password=None, recipient="Sekretariat", purpose="laporan")


def test_every_format_is_registered_with_its_digest_and_its_fields(desk: Desk, case_id: str) -> None:
    made = [
        exports.export_case(desk, case_id, Order(profile="POLICE", agency=police(desk), purpose="laporan")),
        exports.export_case(desk, case_id, Order(profile="STATISTICS", format="json", password=None)),
        list_exports.export_list(desk, CaseQuery(), OPEN),
        statistics.export_statistics(desk, ("sex",), OPEN),
    ]
    lines = {line.sha256: line for line in export_register.lines(desk)}
    assert [lines[m.sha256].fields for m in made] == [m.fields for m in made]
    assert {(line.report, line.format) for line in lines.values()} == {
        ("case_summary", "pdf"), ("case_summary", "json"), ("case_list", "csv"), ("statistics", "csv"),
    }  # fmt: skip
    assert {line.case != "" for line in lines.values() if line.report == "case_summary"} == {True}
    first = lines[made[0].sha256]
    assert (first.who, first.recipient, first.purpose) == ("Siti Rahma", "Unit PPA Polrestabes Bandung", "laporan")
    assert "person.name" in first.fields


def test_a_worker_sees_their_own_exports_and_a_supervisor_all(
    desk: Desk, as_role: Callable[[str], Desk], case_id: str
) -> None:
    exports.export_case(desk, case_id, Order(profile="INTERNAL"))
    colleague, supervisor = as_role("SOCIAL_WORKER"), as_role("SUPERVISOR")
    assert len(export_register.lines(desk)) == 1
    assert export_register.lines(colleague) == ()
    assert len(export_register.lines(supervisor)) == 1
    with pytest.raises(Forbidden):
        export_register.lines(as_role("ADMIN"))


def test_whoever_withdraws_a_consent_is_told_which_files_lie_where(desk: Desk, case_id: str) -> None:
    consent = consent_ids(desk)[0]
    exports.export_case(desk, case_id, Order(profile="INTERNAL"))
    assert export_register.touched_by_consent(desk, consent) == ()
    exports.export_case(desk, case_id, Order(profile="COURT", recipient="PN Bandung"))
    withdraw(desk, consent)
    [line] = export_register.touched_by_consent(desk, consent)
    assert line.recipient == "PN Bandung"


@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
def test_what_can_name_somebody_leaves_under_a_password_only(desk: Desk, case_id: str, form: str) -> None:
    order = Order(profile="INTERNAL", format=form, password=None)
    for work in (lambda: exports.export_case(desk, case_id, order), lambda: list_exports.export_list(
        desk, CaseQuery(), order
    )):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            work()
        assert refused.value.problems[0][0] == "password"
    assert export_register.lines(desk) == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"format": "docx"}, "format"),
        ({"left_out": ("about",)}, "left_out"),
        ({"released": ("person.name",)}, "released"),
        ({"released": ("person.nothing",)}, "released"),
        ({"released": ("nothing",)}, "released"),
    ],
)
def test_an_order_that_makes_no_sense_names_its_field(
    desk: Desk, case_id: str, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        exports.export_case(desk, case_id, Order(profile="INTERNAL", **changes))
    assert refused.value.problems[0][0] == field


def test_only_who_is_cleared_releases_a_sensitive_field(desk: Desk, case_id: str) -> None:
    blind = Desk(desk.engine, desk.actor, desk.now)
    order = Order(profile="POLICE", agency=police(desk), released=("person.health",))
    with pytest.raises(Forbidden):
        exports.export_case(blind, case_id, order)


def test_a_list_as_statistics_names_nobody(desk: Desk, case_id: str) -> None:
    made = list_exports.export_list(desk, CaseQuery(), OPEN)
    words = made.data.decode("utf-8-sig")
    assert not [bad for bad in ("S.A.", "3273-26", "Sitti", "Siti Rahma \u00b7", "0001") if f'"{bad}' in words]
    rows = table(made.data)
    [head] = [row for row in rows if len(row) > 5 and row[0] != rows[0][0]][:1]
    assert len(head) == len([f for f in made.fields if f.startswith("list.")])
    inside = json.loads(list_exports.export_list(
        desk, CaseQuery(), Order(profile="STATISTICS", format="json", password=None)
    ).data)  # fmt: skip
    assert inside["cases"] == [{
        "reported_year": 2026, "victims": 1, "sex": "P", "age_group": "13-17", "risk": "HIGH",
        "status": inside["cases"][0]["status"],
    }]  # fmt: skip


def test_a_list_for_an_agency_is_refused(desk: Desk, case_id: str) -> None:
    for form in ("xlsx", "pdf"):
        with pytest.raises(Invalid):
            list_exports.export_list(desk, CaseQuery(), Order(profile="POLICE", recipient="x", format=form))


def test_a_list_on_paper_has_initials_and_the_flags_that_are_up(desk: Desk, case_id: str) -> None:
    add_part(desk, case_id, "flag", {"reason": "DANGER", "text": "Jarum catatan"})
    add_part(desk, case_id, "flag", {"reason": "MEDIA", "until": "2026-11-01"})
    order = Order(profile="INTERNAL", format="pdf", language="en", password=None)
    words = read(list_exports.export_list(desk, CaseQuery(), order).data).everything
    with speaking("en"):
        up, down = label("flag_reason", "DANGER"), label("flag_reason", "MEDIA")
    assert "S.A." in words and up in words
    for gone in ("Sitti", "Jarum catatan", down):
        assert gone not in words, gone
    bare = read(list_exports.export_list(desk, CaseQuery(), replace(order, profile="STATISTICS")).data).everything
    assert "S.A." not in bare and "5WF-0001" not in bare


class Stopped(Exception):
    """Somebody pressed Cancel."""


def test_a_list_that_is_stopped_leaves_no_entry(desk: Desk, case_id: str) -> None:
    steps: list[tuple[int, int]] = []

    def told(done: int, total: int) -> None:
        steps.append((done, total))
        if len(steps) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        list_exports.export_list(desk, CaseQuery(), OPEN, told=told)
    assert export_register.lines(desk) == ()
    assert steps == [(0, 1), (1, 1)]


def test_who_may_not_export_makes_no_list_and_no_table(as_role: Callable[[str], Desk], case_id: str) -> None:
    secretary = as_role("SECRETARY")
    with pytest.raises(Forbidden):
        list_exports.export_list(secretary, CaseQuery(), OPEN)
    with pytest.raises(Forbidden):
        statistics.export_statistics(secretary, ("sex",), OPEN)


def test_counts_tell_no_data_from_nobody_and_nothing_small(desk: Desk) -> None:
    for n in range(13):
        sex = {"sex": "P"} if n < 12 else {"sex": "L"}
        take(desk, intake(victim={**GIRL, **sex, "name": f"Orang {n}", "education": None}))
    by_sex = statistics.count(desk, ("sex",), outside=True).table
    assert by_sex.cells == {("L", ""): None, ("P", ""): None, ("", ""): 13}
    inside = statistics.count(desk, ("education", "age_group"), outside=False)
    assert inside.unit == "victims"
    assert inside.table.cells["NA", "13-17"] == 13
    assert statistics.count(desk, ("risk",)).unit == "cases"
    words = [str(cell) for row in statistics.count_sheet(statistics.count(desk, ("education",))).rows for cell in row]
    assert "Tidak ada data" in words or "No data" in words
    made = statistics.export_statistics(
        desk, ("sex", "risk"), Order(profile="STATISTICS", format="xlsx", password=None)
    )
    values = [cell.value for cell in sheets(made.data).cells]
    assert statistics.WITHHELD in values
    assert 12 not in values
    assert 1 not in values


@pytest.mark.parametrize("by", [(), ("name",), ("sex", "sex"), ("sex", "risk", "year")])
def test_what_cannot_be_counted_by_is_said(desk: Desk, by: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        statistics.count(desk, by)


def test_every_dimension_can_be_counted_by(desk: Desk, case_id: str) -> None:
    for name in statistics.DIMENSIONS:
        found = statistics.count(desk, (name,), outside=False)
        assert found.table.cells["", ""] is None, "one case alone is a small count"
        assert statistics.count_sheet(found).rows
