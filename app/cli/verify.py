"""Check the file, the audit chain, and the last receipt of the centre; or compare with the centre itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from app.cli.lines import columns
from app.cli.opening import opened
from app.cli.shell import Shell
from app.context import Context
from app.i18n import N_, _, format_datetime, format_number, ngettext
from app.models.kind_names import kind_name
from app.models.permission import Permission
from app.services import audit_check
from app.services.freshness import accept_older
from app.sync.receipts import ScopeCheck, check_receipts
from app.sync.verifying import Difference, differences
from app.vault.verify import integrity

UNSOUND = 3
_SIDES = {"only_here": N_("only here"), "only_there": N_("only at the centre"), "different": N_("different")}


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """Only a look, or the decision of somebody who may take it."""
    parser.add_argument(
        "--accept-older", metavar="REASON",
        help=_("let data that may be older than known count as the latest, for this reason; it is audited"),
    )  # fmt: skip
    parser.add_argument(
        "--centre", metavar="URL", nargs="?", const="",
        help=_("compare every record with the centre (the one of the enrolment if no URL is given); changes nothing"),
    )  # fmt: skip
    parser.set_defaults(run=run)
    parser.epilog = _("Exit code 0: sound. 3: something is wrong, said in words.")


def run(shell: Shell, wanted: argparse.Namespace) -> int:
    """Say what is wrong, or that nothing is."""
    with opened(shell) as context:
        context.desk.require(Permission.BACK_UP)
        if wanted.accept_older is not None:
            accept_older(context.desk, context.workspace, wanted.accept_older)
        found = [*_stale(context), *integrity(context.workspace), *audit_check.verify(context.desk)]
        scopes = check_receipts(context.sync_setup())
        differing = _compared(context, wanted.centre) if wanted.centre is not None else None
        sound = not found and all(check.equal for check in scopes) and not differing
        told = _json(found, scopes, sound=sound)
        if differing is not None:
            told["differences"] = [asdict(one) for one in differing]
        shell.tell(told, lines=[*_lines(found, scopes, context), *_difference_lines(differing)])
    return 0 if sound else UNSOUND


def _stale(context: Context) -> tuple[str, ...]:
    return (context.workspace.stale,) if context.workspace.stale else ()


def _compared(context: Context, url: str) -> list[Difference]:
    with context.transport(url or None) as transport:
        return differences(context.sync_setup(), transport)


def _difference_lines(differing: list[Difference] | None) -> Iterator[str]:
    if differing is None:
        return
    if not differing:
        yield _("The centre holds the same, record by record.")
        return
    yield ngettext("{n} record differs from the centre.", "{n} records differ from the centre.", len(differing)).format(
        n=format_number(len(differing))
    )
    head = (_("Case"), _("Entry"), _("Difference"), _("Fields"))
    yield from columns(head, [_cells(one) for one in differing])
    yield _("Synchronise: it takes from the centre what differs. Work that was not sent stays.")


def _cells(one: Difference) -> tuple[str, ...]:
    return (one.case, f"{kind_name(one.kind)} {one.record[-6:]}", _(_SIDES[one.side]), ", ".join(one.fields))


def _json(found: list[str], scopes: tuple[ScopeCheck, ...], *, sound: bool) -> dict[str, Any]:
    told = [
        {"scope": check.scope, "equal": check.equal, "digest": check.digest, "proven_at": check.proven_at}
        for check in scopes
    ]
    return {"sound": sound, "problems": found, "receipts": told}


def _lines(found: list[str], scopes: tuple[ScopeCheck, ...], context: Context) -> Iterator[str]:
    yield from found or [_("The file and the audit chain are sound.")]
    if not scopes:
        yield _("The centre has not confirmed anything yet.")
    for check in scopes:
        name = context.setting("office_name") if check.scope == context.desk.actor.office else _("Directory")
        when = format_datetime(check.proven_at, with_zone=True)
        if check.equal:
            yield _("{name}: as the centre signed it on {when}").format(name=name, when=when)
        else:
            yield _("{name}: NOT as the centre signed it on {when}. Synchronise again.").format(name=name, when=when)
