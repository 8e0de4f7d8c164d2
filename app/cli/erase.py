"""Erase cases and persons for good: ask, decide, certify; what is past its period."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.cli.arguments import Verbs
from app.cli.export import must_be_free
from app.cli.lines import columns
from app.cli.opening import opened
from app.cli.shell import Shell
from app.errors import Invalid
from app.i18n import LANGUAGES, _, format_date, format_datetime
from app.models.codelist import codelist, label
from app.models.erasure import OF_CASE, OF_PERSON
from app.services import cases, erasure, erasure_paper, retention
from app.services.erasure import ErasureItem, Wish
from app.services.retention import DueCase
from app.vault.files import write_whole

SHOWN = 12  # last digits of an id: enough to be told apart


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """The steps of an erasure."""
    verbs = Verbs(parser)
    ask = verbs.add("request", request, says=_("ask for an erasure; a supervisor who is somebody else decides"))
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("--case", metavar="NUMBER", help=_("case number, or its unmistakable end"))
    what.add_argument("--person", metavar="ID", help=_("the id of a person, as `case show --json` tells it"))
    ask.add_argument("--basis", required=True, metavar="CODE", help=_("a code of erasure_basis"))
    ask.add_argument("--asked-by", required=True, metavar="CODE", help=_("a code of erasure_asker"))
    verbs.add("list", list_erasures, says=_("requests, and what was decided"))
    approve = verbs.add(
        "approve", approve_erasure, says=_("approve a request and erase, for good"), more=backup_words()
    )
    approve.add_argument("id", metavar="ID", help=_("the id of the request, or its unmistakable end"))
    known = _("no criminal proceedings and no claim for restitution are known")
    approve.add_argument("--no-proceedings", action="store_true", help=known)
    refuse = verbs.add("refuse", refuse_erasure, says=_("refuse a request with a reason"))
    refuse.add_argument("id", metavar="ID", help=_("the id of the request, or its unmistakable end"))
    refuse.add_argument("--reason", required=True, metavar="CODE", help=_("a code of erasure_reason"))
    paper = verbs.add("certificate", certificate, says=_("the certificate of an erasure, as a PDF"))
    paper.add_argument("id", metavar="ID", help=_("the id of the erasure, or its unmistakable end"))
    paper.add_argument("--out", required=True, type=Path, metavar="FILE", help=_("the file; never overwritten"))
    paper.add_argument("--paper-language", choices=tuple(LANGUAGES), default="", help=_("language of the paper"))
    verbs.add("due", due, says=_("cases of this office that are past their period"))


def backup_words() -> str:
    """What is told before anything is erased."""
    return _(
        "Backups made before still hold it; they are removed within 35 days. Paper, exported files and copies that "
        "were carried away are not reached."
    )


def request(shell: Shell, wanted: argparse.Namespace) -> int:
    """Nothing is removed yet."""
    _known(wanted.basis, "erasure_basis", "--basis")
    _known(wanted.asked_by, "erasure_asker", "--asked-by")
    with opened(shell) as context:
        desk = context.desk
        kind = OF_CASE if wanted.case else OF_PERSON
        subject = cases.find_case(desk, wanted.case).id if wanted.case else wanted.person
        saved = erasure.request(desk, Wish(kind, subject, wanted.basis, wanted.asked_by))
        shell.tell({"id": saved.id}, lines=[_("The request {id} waits for a supervisor.").format(id=saved.id)])
    return 0


def list_erasures(shell: Shell, _wanted: argparse.Namespace) -> int:
    """Ids and codes; nobody's name but those of colleagues."""
    with opened(shell) as context:
        found = erasure.listed(context.desk)
        shell.tell({"erasures": [_json(item) for item in found]}, lines=_lines(found))
    return 0


def approve_erasure(shell: Shell, wanted: argparse.Namespace) -> int:
    """At once and for good."""
    with opened(shell) as context:
        item = erasure.find(context.desk, wanted.id)
        erasure.approve(context.desk, item.entry.id, no_proceedings=wanted.no_proceedings)
        done = erasure.find(context.desk, item.entry.id)
        said = _("Erased: {n} records. The last backup that holds them is gone after {date}.").format(
            n=done.entry["records"], date=format_date(erasure.last_backup_day(done.entry["executed_at"]))
        )
        shell.tell(_json(done), lines=[said])
    return 0


def refuse_erasure(shell: Shell, wanted: argparse.Namespace) -> int:
    """The reason is kept."""
    _known(wanted.reason, "erasure_reason", "--reason")
    with opened(shell) as context:
        item = erasure.find(context.desk, wanted.id)
        erasure.refuse(context.desk, item.entry.id, reason=wanted.reason)
        shell.tell(_json(erasure.find(context.desk, item.entry.id)), lines=[_("The request is refused.")])
    return 0


def certificate(shell: Shell, wanted: argparse.Namespace) -> int:
    """Its SHA-256 goes into the audit."""
    must_be_free(wanted.out)
    with opened(shell) as context:
        made = erasure_paper.certify(context.desk, wanted.id, spoken=wanted.paper_language)
        write_whole(wanted.out, made.pdf)
        said = _("Written: {file} ({n} pages), SHA-256 {sha256}").format(
            file=wanted.out, n=made.pages, sha256=made.sha256
        )
        shell.tell({"file": wanted.out, "pages": made.pages, "sha256": made.sha256}, lines=[said])
    return 0


def due(shell: Shell, _wanted: argparse.Namespace) -> int:
    """Computed from the closing and the period of the office."""
    with opened(shell) as context:
        found = retention.due(context.desk)
        shell.tell({"due": [_due_json(each) for each in found]}, lines=_due_lines(found))
    return 0


def _json(item: ErasureItem) -> dict[str, Any]:
    keys = ("subject_kind", "subject", "basis", "asked_by", "requested_at", "decision", "reason", "decided_at",
            "executed_at", "records", "operations", "drafts", "files", "keys", "exports")  # fmt: skip
    return {"id": item.entry.id, "state": item.state, "holds": item.holds} | {key: item.entry[key] for key in keys}


def _lines(found: tuple[ErasureItem, ...]) -> Iterator[str]:
    if not found:
        yield _("Nobody has asked for an erasure.")
        return
    head = (_("Id"), _("What"), _("Legal basis"), _("Requested at"), _("State"), _("In the way"))
    words = {"WAITING": _("waits"), "REFUSED": _("refused"), "DONE": _("erased")}
    rows = [
        (
            item.entry.id[-SHOWN:], item.number or str(item.entry["subject"])[-SHOWN:],
            erasure.basis_words(item), format_datetime(item.entry["requested_at"]), words[item.state],
            " ".join(item.holds),
        )
        for item in found
    ]  # fmt: skip
    yield from columns(head, rows)


def _due_json(each: DueCase) -> dict[str, Any]:
    return {
        "id": each.case_id, "number": each.number, "closed": each.closed, "due": each.due,
        "period": each.period.code, "months": each.period.months, "holds": each.holds,
    }  # fmt: skip


def _due_lines(found: tuple[DueCase, ...]) -> Iterator[str]:
    if not found:
        yield _("No case is past its period.")
        return
    head = (_("Case"), _("Closed"), _("Period over"), _("Rule"), _("In the way"))
    rows = [
        (each.number, format_date(each.closed, "short"), format_date(each.due, "short"), each.period.label,
         " ".join(each.holds))
        for each in found
    ]  # fmt: skip
    yield from columns(head, rows)


def _known(code: str, name: str, option: str) -> None:
    if code not in codelist(name):
        choices = ", ".join(f"{choice.code} ({label(name, choice.code)})" for choice in codelist(name).choices())
        raise Invalid(
            _("There is no code “{code}” in the list.").format(code=code),
            [(option, _("Choose one of: {known}.").format(known=choices))],
        )
