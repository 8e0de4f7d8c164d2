"""The audit: who did what and when, and whether its chain is whole."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from app.cli.arguments import Verbs
from app.cli.lines import columns
from app.cli.opening import opened
from app.cli.shell import Shell
from app.context import Context
from app.errors import UserError
from app.i18n import _, format_datetime, format_number, ngettext
from app.services import audit_check, audit_log, audit_words, cases
from app.services.audit_check import ChainCheck
from app.services.audit_log import AuditLine, AuditQuery

PAGE = 50
BROKEN = 3


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """Looking needs the permission to read the audit; checking it does not."""
    verbs = Verbs(parser)
    shown = verbs.add("show", show, says=_("the entries, newest first"))
    shown.add_argument("--since", metavar="DAY", help=_("from this day on: 2026-11-24, or 7d for the last seven days"))
    shown.add_argument("--case", metavar="NUMBER", help=_("what was done to this case, its entries and its persons"))
    shown.add_argument("--by", metavar="LOGIN", help=_("what this worker did (sign-in name or name)"))
    known = ", ".join(audit_words.GROUPS)
    shown.add_argument("--action", metavar="ACTION", help=_("only this: {known}, or one action").format(known=known))
    shown.add_argument("--device", metavar="ID", help=_("what this laptop wrote (the beginning of its id is enough)"))
    shown.add_argument("--limit", metavar="N", type=int, default=PAGE, help=_("so many entries ({n})").format(n=PAGE))
    shown.add_argument("--before", metavar="ENTRY", type=int, default=0, help=_("older than this entry: the next page"))
    checked = verbs.add("verify", verify, says=_("recompute the whole chain and compare it with what is known of it"))
    checked.epilog = _("Exit code 0: sound. 3: something is wrong, said in words.")


def show(shell: Shell, wanted: argparse.Namespace) -> int:
    """A page of entries; the last line says how to get the next."""
    with opened(shell) as context:
        query = _query(context, wanted)
        limit = max(1, wanted.limit)
        found = audit_log.seqs(context.desk, query, limit=limit + 1)
        page = audit_log.rows(context.desk, found[:limit])
        older = page[-1].seq if len(found) > limit else None
        shell.tell({"entries": [_json(line) for line in page], "before": older}, lines=_lines(page, older=older))
    return 0


def verify(shell: Shell, _wanted: argparse.Namespace) -> int:
    """Whoever can unlock the workspace may check it."""
    with opened(shell) as context:
        found = audit_check.check(context.desk, context.workspace)
        stale = context.workspace.stale
        told = {
            "sound": found.whole and not stale, "entries": found.links, "whole_to": found.whole_to,
            "anchored": found.anchored, "problems": [*found.problems, *([stale] if stale else [])],
            "countersigned": found.signed and {"entry": found.signed.seq, "at": found.signed.at},
        }  # fmt: skip
        shell.tell(told, lines=[*_verdict(found), *([stale] if stale else [])])
    return 0 if told["sound"] else BROKEN


def _query(context: Context, wanted: argparse.Namespace) -> AuditQuery:
    number = cases.find_case(context.desk, wanted.case)["number"] if wanted.case else ""
    return AuditQuery(
        number=number, since=_day(context, wanted.since), user=_worker(context, wanted.by), group=wanted.action or "",
        device=wanted.device or "", before=max(0, wanted.before),
    )  # fmt: skip


def _day(context: Context, typed: str | None) -> date | None:
    if not typed:
        return None
    try:
        if typed[-1:] == "d":
            return context.desk.today() - timedelta(days=int(typed[:-1]))
        return date.fromisoformat(typed)
    except (ValueError, OverflowError):
        told = _("“{typed}” is no day. Write it as 2026-11-24, or 7d for the last seven days.")
        raise UserError(told.format(typed=typed)) from None


def _worker(context: Context, typed: str | None) -> str:
    if not typed:
        return ""
    wanted = typed.casefold()
    logins = {user.login.casefold(): user.id for user in context.workspace.users()}
    named = [user for user, name in audit_log.people(context.desk) if name.casefold() == wanted]
    if wanted not in logins and not named:
        raise UserError(_("Nobody called “{name}” stands in the audit.").format(name=typed))
    return logins.get(wanted) or named[0]


def _lines(page: Sequence[AuditLine], *, older: int | None) -> Iterator[str]:
    if not page:
        yield _("No entry matches.")
        return
    head = ("#", _("When"), _("Who"), _("What was done"), _("Case"), _("Fields"), _("Laptop"))
    cells = [
        (
            str(line.seq), format_datetime(line.at), line.who, line.sentence, line.number,
            audit_words.field_line(line.labels, limit=3), line.device[:8],
        )
        for line in page
    ]  # fmt: skip
    yield from columns(head, cells)
    if older is not None:
        yield _("There are older entries: --before {n}").format(n=older)


def _json(line: AuditLine) -> dict[str, Any]:
    return {
        "entry": line.seq, "at": line.at, "user": line.actor, "name": line.who, "action": line.action,
        "kind": line.kind, "record": line.record, "case": line.number or None, "fields": line.fields,
        "device": line.device, "sentence": line.sentence,
    }  # fmt: skip


def _verdict(found: ChainCheck) -> Iterator[str]:
    if found.problems:
        yield from found.problems
        n = found.whole_to
        yield ngettext("Whole up to here: {n} entry.", "Whole up to here: {n} entries.", n).format(n=format_number(n))
    else:
        n = found.links
        yield ngettext("The chain is whole: {n} entry.", "The chain is whole: {n} entries.", n).format(
            n=format_number(n)
        )
    if found.signed is None:
        yield _("The centre has not countersigned it yet.")
    else:
        told = _("Countersigned by the centre on {when}, up to entry {n}.")
        yield told.format(n=found.signed.seq, when=format_datetime(found.signed.at, with_zone=True))
