"""The list of cases as a file: what the screen shows, reduced to a profile, in the register like every export."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from app.errors import Invalid
from app.i18n import _, format_date, ngettext, speaking, zone
from app.models.among import among
from app.models.codelist import label
from app.models.oversight import Flag
from app.models.permission import Permission
from app.reports.api import Format, Rendered, cover_lines, enclosed, paper_pdf, written
from app.reports.case_list import COLUMNS, age_band, case_list_document, case_list_sheet, columns_for
from app.reports.case_summary import Occasion
from app.reports.redaction import Profile
from app.reports.sheet import Book, Cell
from app.services import case_list
from app.services.case_list import CaseItem, CaseQuery
from app.services.desk import Desk
from app.services.export_grounds import letterhead
from app.services.export_register import enter, new_export_id
from app.services.exports import Order, checked
from app.services.oversight import is_up

REPORT = "case_list"
MOST_ON_PAPER = 2_000
HANDFUL = 500  # rows read at a time; between two of them the work can be stopped
Told = Callable[[int, int], object]  # (done, of how many); what it raises stops the export


def _nobody(_done: int, _total: int) -> None:
    """Nobody waits."""


def export_list(desk: Desk, query: CaseQuery, order: Order, *, told: Told = _nobody) -> Rendered:
    """The cases that match, in any format. Stopped before the end it leaves neither a file nor an entry."""
    desk.require(Permission.EXPORT)
    profile, _form, spoken = checked(order)
    columns_for(profile)
    export_id = new_export_id(desk)
    with speaking(spoken):
        rendered = _rendered(desk, query, order, export_id=export_id, told=told)
    enter(desk, export_id, rendered, report=REPORT, told=(profile, order.recipient, order.purpose))
    return rendered


def _rendered(desk: Desk, query: CaseQuery, order: Order, *, export_id: str, told: Told) -> Rendered:
    profile, form, _spoken = checked(order)
    keys = case_list.ids(desk, query)
    if form is Format.PDF and len(keys) > MOST_ON_PAPER:
        message = _("At most {n} cases fit on a paper: filter the list, or choose a sheet.").format(n=MOST_ON_PAPER)
        raise Invalid(message, [("format", message)])
    rows = list(_rows(desk, keys, codes=form is Format.JSON, told=told))
    occasion = Occasion(
        recipient=order.recipient, purpose=order.purpose, export_id=export_id, worker=desk.actor.name, now=desk.now()
    )
    if form is Format.PDF:
        with desk.read() as session:
            occasion = replace(occasion, letterhead=letterhead(session, desk))
        document, fields = case_list_document(rows, profile, occasion=occasion)
        told(len(keys), len(keys))
        return paper_pdf(document, fields, occasion=occasion, password=order.password)
    sheet, fields = case_list_sheet(rows, profile)
    cover = (*cover_lines(profile, occasion), (_("Cases"), _count(len(keys))))
    if form is Format.JSON:
        data = _json(rows, profile, occasion)
    else:
        mark = _("Export {export_id} · Confidential").format(export_id=export_id)
        made = Book(cover=cover, sheets=(sheet,), mark=mark)
        data = written(made, form, occasion=occasion, check=lambda done: told(min(done, len(keys)), len(keys)))
    told(len(keys), len(keys))
    return enclosed(data, form, password=order.password, fields=fields, export_id=export_id)


def _count(found: int) -> str:
    return ngettext("{n} case", "{n} cases", found).format(n=found)


def _json(rows: list[dict[str, Cell]], profile: Profile, occasion: Occasion) -> bytes:
    keys = [column.key for column in columns_for(profile)]
    head = {
        "id": occasion.export_id, "recipient": occasion.recipient, "purpose": occasion.purpose,
        "made": occasion.now.isoformat(), "profile": profile.value,
    }  # fmt: skip
    cases = [{key: row[key] for key in keys if row.get(key) not in (None, "")} for row in rows]
    return json.dumps({"naungan_export": 1, "export": head, "cases": cases}, ensure_ascii=True, indent=1).encode()


def _rows(desk: Desk, keys: list[int], *, codes: bool, told: Told) -> Iterator[dict[str, Cell]]:
    for start in range(0, len(keys), HANDFUL):
        told(start, len(keys))
        items = case_list.rows(desk, keys[start : start + HANDFUL])
        flags = _flags(desk, [item.id for item in items])
        for item in items:
            raised = (code if codes else label("flag_reason", code) for code in flags.get(item.id, ()))
            yield _values(item, codes=codes) | {"flags": ", ".join(raised)}


def _flags(desk: Desk, cases: list[str]) -> dict[str, tuple[str, ...]]:
    """The reasons of the flags that are up, by case."""
    found: dict[str, tuple[str, ...]] = {}
    today = desk.today().isoformat()
    with desk.read() as session:
        for flag in session.scalars(select(Flag).where(among(Flag.case_id, cases), Flag.lowered_at.is_(None))):
            if is_up(flag, today) and flag.reason:
                found[flag.case_id or ""] = (*found.get(flag.case_id or "", ()), flag.reason)
    return found


def _values(item: CaseItem, *, codes: bool) -> dict[str, Cell]:
    """Every column of one row; which of them leave is decided by the profile alone."""
    victims = [one.split("|") for one in item.victims.split(";") if one]
    ages = [_youngest(age) for _initials, _sex, age in victims]
    local = item.reported_at.astimezone(zone()).date() if item.reported_at else None
    words: Callable[[str, str], str] = (lambda _list, code: code) if codes else (lambda name, code: label(name, code))
    found: dict[str, Cell] = {
        "number": item.number,
        "reported": _day(local, codes=codes),
        "reported_year": local.year if local else "",
        "initials": ", ".join(initials for initials, _sex, _age in victims),
        "victims": len(victims),
        "sex": ", ".join(words("sex", sex) for _initials, sex, _age in victims if sex),
        "age": ", ".join(str(age) for age in ages if age is not None),
        "age_group": ", ".join(words("age_group", age_band(age)) for age in ages),
        "risk": words("risk_level", item.risk),
        "status": words("case_status", item.status),
        "next_step": item.next_step,
        "due": _day(date.fromisoformat(item.due), codes=codes) if item.due else "",
        "lead": item.lead,
    }
    assert found.keys() | {"flags"} == {column.key for column in COLUMNS}
    return found


def _youngest(age: str) -> int | None:
    """The first number of '16' or '15–16': in doubt a child."""
    found = re.match(r"\d+", age)
    return int(found[0]) if found else None


def _day(day: date | None, *, codes: bool) -> str:
    return "" if day is None else day.isoformat() if codes else format_date(day, "medium")
