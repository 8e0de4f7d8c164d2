"""Counting cases or victims by one or two dimensions, in tables that give nobody away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from app.errors import Invalid
from app.i18n import N_, _, ngettext, speaking, zone
from app.models.case import Case
from app.models.case_index import CaseRow
from app.models.codelist import label
from app.models.dates import age_range
from app.models.permission import Permission
from app.models.person import Party, Person
from app.reports.api import Format, Rendered, cover_lines, enclosed, written
from app.reports.case_list import age_band
from app.reports.case_summary import Occasion
from app.reports.redaction import Profile
from app.reports.sheet import Book, Cell, Sheet
from app.reports.statistics import K_INSIDE, K_OUTSIDE, NO_DATA, TOTAL, At, CountTable, tabulate
from app.services.desk import Desk
from app.services.export_register import enter, new_export_id
from app.services.exports import Order, checked

REPORT = "statistics"
SEVERAL = "SEVERAL"  # a case with more than one kind of exploitation is counted once
WITHHELD = "*"


@dataclass(frozen=True, slots=True)
class Dimension:
    """What can be counted by. `of_victims`: a fact about a person, so that victims are counted and not cases."""

    label: str
    columns: tuple[ColumnElement[Any] | Any, ...]
    code: Callable[..., str]
    codelist: str = ""
    of_victims: bool = False


def _code(value: str | None) -> str:
    return value or NO_DATA


def _one_of(values: tuple[str, ...] | None) -> str:
    return NO_DATA if not values else values[0] if len(values) == 1 else SEVERAL


def _year(moment: datetime | None) -> str:
    return str(moment.astimezone(zone()).year) if moment else NO_DATA


def _month(moment: datetime | None) -> str:
    return f"{moment.astimezone(zone()):%Y-%m}" if moment else NO_DATA


def _age_group(born: str | None, estimate: int | None, reported: datetime | None) -> str:
    """On the day of the report."""
    ages = age_range(born, estimate, reported.astimezone(zone()).date()) if reported else None
    return age_band(ages[0] if ages else None)


DIMENSIONS: Mapping[str, Dimension] = {
    "status": Dimension(N_("Status"), (CaseRow.status,), _code, "case_status"),
    "risk": Dimension(N_("Risk"), (Case.risk,), _code, "risk_level"),
    "channel": Dimension(N_("Channel"), (Case.channel,), _code, "report_channel"),
    "reporter": Dimension(N_("Reported by"), (Case.reporter_type,), _code, "reporter_type"),
    "exploitation": Dimension(N_("Exploitation"), (Case.exploitation,), _one_of, "exploitation_type"),
    "recruitment": Dimension(N_("Recruited through"), (Case.recruitment_mode,), _code, "recruitment_mode"),
    "destination": Dimension(N_("Destination country"), (Case.destination_country,), _code, "nationality"),
    "year": Dimension(N_("Year of the report"), (Case.reported_at,), _year),
    "month": Dimension(N_("Month of the report"), (Case.reported_at,), _month),
    "sex": Dimension(N_("Sex"), (Person.sex,), _code, "sex", of_victims=True),
    "age_group": Dimension(
        N_("Age group"), (Person.birth_date, Person.age, Case.reported_at), _age_group, "age_group", of_victims=True
    ),
    "nationality": Dimension(N_("Nationality"), (Person.nationality,), _code, "nationality", of_victims=True),
    "education": Dimension(N_("Education"), (Person.education,), _code, "education_level", of_victims=True),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A table and what it is a table of. `total` is known to the office and is no part of what leaves."""

    table: CountTable
    by: tuple[str, ...]
    unit: str  # 'cases' or 'victims'


def count(desk: Desk, by: tuple[str, ...], *, outside: bool = True) -> Counted:
    """Count by one or two dimensions; Invalid for others. Outside the office k is 11, inside 5."""
    chosen = _chosen(by)
    victims = any(dimension.of_victims for dimension in chosen)
    with desk.read(Permission.FIGURES) as session:
        statement = select(*(column for dimension in chosen for column in dimension.columns)).select_from(Case)
        statement = statement.join(CaseRow, CaseRow.case_id == Case.id)
        if victims:
            statement = statement.join(Party, (Party.case_id == Case.id) & (Party.role == "VICTIM"))
            statement = statement.join(Person, Person.id == Party.person_id)
        found = [_at(chosen, values) for values in session.execute(statement)]
    table = tabulate(found, k=K_OUTSIDE if outside else K_INSIDE)
    return Counted(table, by, "victims" if victims else "cases")


def export_statistics(desk: Desk, by: tuple[str, ...], order: Order) -> Rendered:
    """The table as a file, in the register; the profile INTERNAL counts with k = 5, STATISTICS with 11."""
    desk.require(Permission.EXPORT)
    profile, form, spoken = checked(order)
    if profile not in (Profile.INTERNAL, Profile.STATISTICS) or form is Format.PDF:
        message = _("Statistics stay in the office or leave as statistics, as a sheet, a table or data.")
        raise Invalid(message, [("profile", message)])
    counted = count(desk, by, outside=profile is Profile.STATISTICS)
    export_id = new_export_id(desk)
    with speaking(spoken):
        occasion = Occasion(
            recipient=order.recipient, purpose=order.purpose, export_id=export_id, worker=desk.actor.name,
            now=desk.now(),
        )  # fmt: skip
        cover = tuple(cover_lines(profile, occasion))
        fields = tuple(f"count.{name}" for name in by)
        if form is Format.JSON:
            data = json.dumps(count_json(counted) | {"id": export_id}, indent=1).encode()
        else:
            made = Book(cover=cover, sheets=(count_sheet(counted),), mark=note(counted))
            data = written(made, form, occasion=occasion)
        rendered = enclosed(data, form, password=order.password, fields=fields, export_id=export_id)
    enter(desk, export_id, rendered, report=REPORT, told=(profile, order.recipient, order.purpose))
    return rendered


def count_sheet(counted: Counted) -> Sheet:
    """The table in words, sums last."""
    first, *second = (DIMENSIONS[name] for name in counted.by)
    columns = (*counted.table.columns, TOTAL)
    head = (_(first.label), *(_words(second[0] if second else first, code) for code in columns))
    rows = tuple(
        (_words(first, row), *(_shown(counted.table.cells[row, column]) for column in columns))
        for row in (*counted.table.rows, TOTAL)
    )
    title = _("Victims") if counted.unit == "victims" else _("Cases")
    return Sheet(title, (head, *rows), frozenset({0}))


def count_json(counted: Counted) -> dict[str, Any]:
    """The table as data: codes, sums under '', null for what is withheld."""
    table = counted.table
    return {
        "unit": counted.unit, "by": list(counted.by), "k": table.k,
        "cells": [{"row": row, "column": column, "count": n} for (row, column), n in table.cells.items()],
    }  # fmt: skip


def note(counted: Counted) -> str:
    """What the gaps mean; nobody is told which of them are small."""
    k = counted.table.k
    said = _("{mark}: withheld, because a count below {k} could point to a person. Counted on the day of the report.")
    gaps = ngettext("{n} cell is withheld.", "{n} cells are withheld.", len(counted.table.withheld))
    return f"{said.format(mark=WITHHELD, k=k)} {gaps.format(n=len(counted.table.withheld))}"


def _chosen(by: tuple[str, ...]) -> tuple[Dimension, ...]:
    unknown = [name for name in by if name not in DIMENSIONS]
    if unknown or not 1 <= len(by) <= 2 or len(set(by)) != len(by):
        message = _("Count by one or two of: {known}.").format(known=", ".join(DIMENSIONS))
        raise Invalid(message, [("by", message)])
    return tuple(DIMENSIONS[name] for name in by)


def _at(chosen: tuple[Dimension, ...], values: Any) -> At:
    codes = tuple(_codes(chosen, tuple(values)))
    return (codes[0], codes[1]) if len(codes) > 1 else (codes[0], TOTAL)


def _codes(chosen: tuple[Dimension, ...], values: tuple[Any, ...]) -> Iterator[str]:
    for dimension in chosen:
        own, values = values[: len(dimension.columns)], values[len(dimension.columns) :]
        yield dimension.code(*own)


def _words(dimension: Dimension, code: str) -> str:
    if code == TOTAL:
        return _("Total")
    if code == NO_DATA:
        return _("No data")
    if code == SEVERAL:
        return _("Several kinds")
    return label(dimension.codelist, code) if dimension.codelist else code


def _shown(number: int | None) -> Cell:
    return WITHHELD if number is None else number
