"""Cases: list, show, enter, export, close."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from app.cli.arguments import Verbs
from app.cli.entries import intake_from, intake_shape
from app.cli.export import add_case_order, export_case
from app.cli.lines import columns, entry_lines
from app.cli.opening import opened
from app.cli.reading import read_object
from app.cli.shell import Shell
from app.context import Context
from app.errors import Invalid
from app.i18n import _, format_date, format_datetime, ngettext
from app.models.case_parts import PARTS
from app.models.codelist import codelist, label
from app.models.dates import earliest
from app.services import case_list, cases, intake
from app.services.case_list import ACTIVE, CaseItem, CaseQuery
from app.services.case_page import CasePage, open_page, victims_line
from app.services.desk import log_view

# The parts that have no key of their own below: each is told under its kind, where it has records.
_NAMED = frozenset({"screening", "consent", "service", "note", "referral"})
_MORE = tuple(part.kind for part in PARTS if part.kind not in _NAMED)


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """The verbs of a case."""
    verbs = Verbs(parser)
    listing = verbs.add("list", list_cases, says=_("cases that match, the most urgent first"))
    listing.add_argument("--text", default="", metavar="WORDS", help=_("words of names, notes, numbers"))
    listing.add_argument("--status", default="", metavar="CODE", help=_("a case status, or ACTIVE"))
    listing.add_argument("--risk", default="", metavar="CODE", help=_("a level of risk"))
    listing.add_argument("--overdue", action="store_true", help=_("only those with a step that is overdue"))
    listing.add_argument("--limit", type=int, default=50, metavar="N", help=_("at most so many (50); 0 is all"))
    show = verbs.add("show", show_case, says=_("one case, whole; the look is written into the audit"))
    show.add_argument("number", metavar="NUMBER", help=_("case number, or its unmistakable end"))
    new = verbs.add("new", new_case, says=_("enter a whole intake from a JSON object"), more=intake_shape())
    new.add_argument("--from", dest="source", required=True, metavar="FILE", help=_("the JSON file, `-` for stdin"))
    add_case_order(verbs.add("export", export_case, says=_("the case as a PDF, a sheet or data, reduced to a profile")))
    close = verbs.add("close", close_case, says=_("close a case with a reason"))
    close.add_argument("number", metavar="NUMBER", help=_("case number, or its unmistakable end"))
    close.add_argument("--reason", required=True, metavar="CODE", help=_("a code of case_closure_reason"))
    close.add_argument("--note", metavar="TEXT", help=_("what a reader of the file should know"))


def list_cases(shell: Shell, wanted: argparse.Namespace) -> int:
    """Initials, never full names: a list may be read over a shoulder."""
    _known(wanted.status, "case_status", "--status", also=(ACTIVE,))
    _known(wanted.risk, "risk_level", "--risk")
    query = CaseQuery(text=wanted.text, status=wanted.status, risk=wanted.risk, overdue=wanted.overdue)
    with opened(shell) as context:
        if wanted.text and context.desk.search is not None:
            context.desk.search.make_whole()
        found = case_list.ids(context.desk, query)
        shown = case_list.rows(context.desk, found[: wanted.limit] if wanted.limit else found)
        document = {"total": len(found), "cases": [case_json(item) for item in shown]}
        shell.tell(document, lines=_list_lines(shown, len(found)))
    return 0


def show_case(shell: Shell, wanted: argparse.Namespace) -> int:
    """Everything this workspace holds of the case."""
    with opened(shell) as context:
        case = cases.find_case(context.desk, wanted.number)
        page = open_page(context.desk, case.id)
        log_view(context.desk, case.id)
        shell.tell(page_json(page), lines=_page_lines(page, context))
    return 0


def new_case(shell: Shell, wanted: argparse.Namespace) -> int:
    """All of it or nothing, in one transaction."""
    with opened(shell) as context:
        found = read_object(shell, wanted.source)
        saved = intake.take(context.desk, intake_from(context.desk, found))
        number = open_page(context.desk, saved.id).case["number"]
        for warning in saved.warnings:
            shell.remark(warning)
        document = {"id": saved.id, "number": number, "warnings": saved.warnings}
        shell.tell(document, lines=[_("Case {number} is saved.").format(number=number)])
    return 0


def close_case(shell: Shell, wanted: argparse.Namespace) -> int:
    """Close it; reopening keeps the history."""
    _known(wanted.reason, "case_closure_reason", "--reason")
    with opened(shell) as context:
        case = cases.find_case(context.desk, wanted.number)
        cases.close_case(context.desk, case.id, reason=wanted.reason, note=wanted.note)
        document = {"id": case.id, "number": case["number"], "reason": wanted.reason}
        shell.tell(document, lines=[_("Case {number} is closed.").format(number=case["number"])])
    return 0


def case_json(item: CaseItem) -> dict[str, Any]:
    """One row of the list as data: codes, not labels."""
    victims = [
        dict(zip(("initials", "sex", "age"), one.split("|"), strict=True)) for one in item.victims.split(";") if one
    ]
    return {
        "id": item.id, "number": item.number, "victims": victims, "child": item.child, "risk": item.risk,
        "status": item.status, "next_step": item.next_step, "due": item.due or None, "lead": item.lead,
        "reported_at": item.reported_at,
    }  # fmt: skip


def page_json(page: CasePage) -> dict[str, Any]:
    """A case as data: every record with its values, its id and whether the centre has it."""

    def record(entry: Any) -> dict[str, Any]:
        held = {key: value for key, value in entry.values.items() if value not in (None, ())}
        return {"id": entry.id, "sent": entry.sent, **held}

    return {
        "case": record(page.case), "status": page.row.status, "office": page.office,
        "parties": [
            {**record(item.party), "person": record(item.person), "other_cases": item.other_cases}
            for item in page.parties
        ],
        "screenings": [record(entry) for entry in page.screenings],
        "consents": [record(entry) for entry in page.consents],
        "services": [record(entry) for entry in page.services],
        "notes": [record(entry) for entry in page.notes],
        **{kind: [record(entry) for entry in page.parts[kind]] for kind in _MORE if page.parts[kind]},
        "referrals": [{**record(item.entry), "state": item.state, "to": item.other} for item in page.referrals],
        "conflicts": [record(entry) for entry in page.conflicts],
    }  # fmt: skip


def _list_lines(shown: list[CaseItem], total: int) -> Iterator[str]:
    head = (_("Number"), _("Victims"), _("Risk"), _("Status"), _("Next step"), _("Due"))
    yield from columns(head, [_cells(item) for item in shown])
    words = ngettext("{n} case", "{n} cases", total).format(n=total)
    yield words if len(shown) == total else _("{shown} of {all}").format(shown=len(shown), all=words)


def _cells(item: CaseItem) -> tuple[str, ...]:
    risk, status = label("risk_level", item.risk), label("case_status", item.status)
    due = format_date(earliest(item.due), "short") if item.due else ""
    return (item.number, victims_line(item.victims), risk, status, item.next_step, due)


def _page_lines(page: CasePage, context: Context) -> Iterator[str]:
    status = label("case_status", page.row.status)
    yield f"{page.case['number']}  {status}  {label('risk_level', page.case['risk'])}  {page.office}"
    yield from entry_lines(page.case, skip=("number", "risk"), context=context)
    for item in page.parties:
        yield ""
        yield f"{label('party_role', item.party['role'])}: {item.person['name'] or ''}"
        yield from entry_lines(item.person, skip=("name",), context=context)
        if item.other_cases:
            yield "  " + _("Also in: {numbers}").format(numbers=", ".join(item.other_cases))
    yield ""
    for line in page.timeline:
        mark = "" if line.sent else "  " + _("(only here)")
        yield f"{format_datetime(line.at)}  {line.text}  {line.by}{mark}"


def _known(code: str, name: str, option: str, also: tuple[str, ...] = ()) -> None:
    if code and code not in codelist(name) and code not in also:
        known = ", ".join([*also, *(choice.code for choice in codelist(name).choices())])
        raise Invalid(
            _("There is no code “{code}” in the list.").format(code=code),
            [(option, _("Choose one of: {known}.").format(known=known))],
        )
