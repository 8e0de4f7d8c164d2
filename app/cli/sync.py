"""Synchronise with the centre, or see what would be sent."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.cli.lines import columns
from app.cli.opening import opened
from app.cli.shell import Shell
from app.context import Context
from app.i18n import _, format_bytes, format_datetime, format_duration, format_number
from app.models.permission import Permission
from app.services.erasure import notice_lines
from app.sync import loop
from app.sync.report import Preview, SyncItem, SyncProgress, SyncReport
from app.sync.wiping import destroyed
from app.sync.words import STATES, STEPS, about, reason

UNPROVEN = 3
PATIENCE = 900  # seconds of waiting in all, as nobody sits before it
QUIET_STATES = ("accepted", "merged", "proven", "duplicate")


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """Where to, or only a look."""
    parser.add_argument("--centre", metavar="URL", help=_("address of the centre, if not the one of the enrolment"))
    parser.add_argument("--preview", action="store_true", help=_("send nothing; say what would be sent"))
    parser.add_argument(
        "--files", choices=("now", "later"), help=_("send and fetch attached files; else as the link is said to be")
    )
    parser.add_argument(
        "--wait", type=_seconds, default=PATIENCE, metavar="SECONDS",
        help=_("how long to wait in all while the centre has too much to do (default: {n}; 0: not at all)").format(
            n=PATIENCE
        ),
    )  # fmt: skip
    parser.set_defaults(run=run)
    parser.epilog = _("Exit code 0: the centre confirmed that both sides hold the same. 3: it is not proven yet.")


def run(shell: Shell, wanted: argparse.Namespace) -> int:
    """One whole sync with a receipt per entry; 0 only on the centre's signed word."""
    with opened(shell) as context:
        context.desk.require(Permission.SYNC)
        setup = context.sync_setup()
        if wanted.preview:
            preview = loop.preview(setup)
            shell.tell(_preview_json(preview), lines=_preview_lines(preview))
            return 0
        first = loop.preview(setup)
        waiting = [item.seq for item in first.items if item.state in ("only_here", "sending")]
        with context.transport(wanted.centre) as transport:
            chosen = replace(setup, with_files=None if wanted.files is None else wanted.files == "now")

            def once() -> SyncReport:
                report = loop.run(chosen, transport, progress=_Bar(shell))
                context.synced(report)
                return report

            report = _patiently(shell, once, patience=wanted.wait)
        items = [item for item in loop.items(setup) if item.seq in waiting or item.state not in QUIET_STATES]
        shell.tell(_report_json(report, items), lines=_report_lines(report, items, context))
        if report.wipe is not None and context.obey(report.wipe):
            raise destroyed(report.wipe)
        if report.problem is not None:
            shell.remark(str(report.problem))
        return 0 if report.green else UNPROVEN


def _patiently(shell: Shell, once: Callable[[], SyncReport], *, patience: int) -> SyncReport:
    """Go on by itself as often as the centre asks to wait, as long as that is no more than `patience` in all."""
    report = once()
    while 0 < report.retry_after <= patience:
        patience -= report.retry_after
        left = format_duration(timedelta(seconds=report.retry_after))
        shell.remark(_("The centre asks us to wait: trying again in {time}").format(time=left))
        shell.pause(report.retry_after)
        report = once().after(report)
    return report


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(_("a number of seconds"))
    return int(text)


class _Bar:
    """Says where the sync stands: a moving line at a terminal, else one line for every step."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._moving = shell.err.isatty()
        self._step = ""

    def __call__(self, at: SyncProgress) -> None:
        if self._moving:
            share = f" {at.done / at.total:4.0%}" if at.total else ""
            end = "\n" if at.step != self._step and self._step else ""
            moved = format_bytes(at.done)
            self._shell.err.write(f"{end}\r  {_(STEPS.get(at.step, at.step))}{share} {moved}\x1b[K")
            self._shell.err.flush()
        elif at.step != self._step:
            self._shell.remark(_(STEPS.get(at.step, at.step)))
        self._step = at.step


def item_json(item: SyncItem) -> dict[str, Any]:
    """One entry as data: names of fields, never values."""
    return {
        "case": item.case_number, "kind": item.kind, "record": item.record, "fields": item.fields, "state": item.state,
        "code": item.code, "field": item.field, "reason": reason(item.code), "at": item.at,
    }  # fmt: skip


def _preview_json(preview: Preview) -> dict[str, Any]:
    return {
        "operations": preview.operations, "bytes": preview.bytes, "urgent": preview.urgent, "cases": preview.cases,
        "proven_at": preview.proven_at, "problems": preview.problems, "exact": preview.exact,
        "files": {"count": preview.files.count, "bytes": preview.files.bytes}, "speed": preview.speed,
        "items": [item_json(item) for item in preview.items if item.state not in QUIET_STATES],
    }  # fmt: skip


def _preview_lines(preview: Preview) -> Iterator[str]:
    yield _("{n} changes in {cases} cases, {size}; {urgent} of them urgent").format(
        n=format_number(preview.operations), cases=format_number(preview.cases), size=about(preview),
        urgent=format_number(preview.urgent),
    )  # fmt: skip
    if preview.files.count:
        yield _("Attached files: {n}, {size}").format(
            n=format_number(preview.files.count), size=format_bytes(preview.files.bytes)
        )
    if preview.problems:
        yield _("{n} entries need a person.").format(n=format_number(preview.problems))
    proven = format_datetime(preview.proven_at, with_zone=True) or _("never")
    yield _("Last confirmed by the centre: {when}").format(when=proven)


def _report_json(report: SyncReport, items: list[SyncItem]) -> dict[str, Any]:
    return {
        "proven": report.green, "scopes": report.proven, "cancelled": report.cancelled,
        "problem": str(report.problem) if report.problem else None, "retry_after": report.retry_after,
        "pushed": {"batches": report.pushed_batches, "operations": report.pushed_operations},
        "erased": [{"erasure": e.erasure, "at": e.at, "basis": e.basis, "office": e.office} for e in report.erased],
        "outcomes": report.outcomes, "pulled": report.pulled, "bytes_up": report.bytes_up,
        "bytes_down": report.bytes_down, "bytes_again": report.bytes_again, "files_left": report.files_left,
        "files_later": report.files_later, "seconds": report.seconds, "items": [item_json(item) for item in items],
    }  # fmt: skip


def _report_lines(report: SyncReport, items: list[SyncItem], context: Context) -> Iterator[str]:
    if items:
        head = (_("Case"), _("Entry"), _("State"), _("Why"))
        yield from columns(head, [_cells(item) for item in items])
    yield _("Sent: {n} changes, {size}").format(
        n=format_number(report.pushed_operations), size=format_bytes(report.bytes_up)
    )
    yield received_line(report)
    if report.files_left or report.files_later:
        yield _("Attached files that wait: {n}").format(n=format_number(report.files_left + report.files_later))
    yield from proof_lines(report, context, unproven=_("NOT proven yet. Nothing is lost; synchronise again."))


def received_line(report: SyncReport) -> str:
    """How much came, by a link or by a stick."""
    return _("Received: {n} records, {size}").format(
        n=format_number(sum(report.pulled.values())), size=format_bytes(report.bytes_down)
    )


def proof_lines(report: SyncReport, context: Context, *, unproven: str) -> Iterator[str]:
    """What was erased on the way, and whether the centre signed; `unproven` says what to do if it did not."""
    yield from notice_lines(context.desk, report.erased)
    if report.green:
        yield _("Proven: the centre signed that it holds the same. {when}").format(
            when=format_datetime(context.now(), with_zone=True)
        )
    else:
        yield unproven


def _cells(item: SyncItem) -> tuple[str, ...]:
    return (
        item.case_number,
        f"{item.kind} {item.record[-6:]}",
        _(STATES.get(item.state, item.state)),
        reason(item.code),
    )
