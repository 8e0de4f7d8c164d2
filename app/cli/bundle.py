"""Synchronise without a link: a sealed file to the centre, its answer back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from app.cli.arguments import Verbs
from app.cli.lines import columns
from app.cli.opening import opened
from app.cli.shell import Shell
from app.cli.sync import UNPROVEN, proof_lines, received_line
from app.context import Context
from app.i18n import _, format_bytes, format_datetime, format_number
from app.models.permission import Permission
from app.sync import bundle
from app.sync.bundle import BundleRead, BundleState
from app.sync.wiping import destroyed


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """Out, in, and what is still on its way."""
    verbs = Verbs(parser)
    export = verbs.add("export", export_bundle, says=_("write all that waits into one file that only the centre opens"))
    export.add_argument("place", type=Path, metavar="DIR|FILE", help=_("folder of the stick, or a new file"))
    reading = verbs.add("import", import_answer, says=_("read the centre's answer to this laptop"))
    reading.add_argument("place", type=Path, metavar="DIR|FILE", help=_("folder of the stick, or the file"))
    verbs.add("list", list_bundles, says=_("bundles that the centre has not answered yet"))
    parser.epilog = _(
        "Nothing counts as arrived before the centre's answer was read here. Until then the same work may go over a "
        "link, too.\n"
        "Exit code of import 0: the centre confirmed that both sides hold the same. 3: it is not proven yet."
    )


def export_bundle(shell: Shell, wanted: argparse.Namespace) -> int:
    """A file is either there whole or not at all; nothing on this laptop counts as sent by it."""
    with opened(shell) as context:
        context.desk.require(Permission.SYNC)
        made = bundle.pack(context.sync_setup(), wanted.place)
        lines = [
            _("Written: {file} ({n} changes, {size})").format(
                file=made.path, n=format_number(made.operations), size=format_bytes(made.bytes)
            )
        ]
        if made.left:
            lines.append(_("Not all of it fitted. Make another bundle when this one was answered."))
        lines.append(_("NOT confirmed yet: take it to the centre, and read its answer here."))
        document = {
            "file": made.path, "batches": made.batches, "operations": made.operations, "bytes": made.bytes,
            "files": made.files, "batches_left": made.left,
        }  # fmt: skip
        shell.tell(document, lines=lines)
    return 0


def import_answer(shell: Shell, wanted: argparse.Namespace) -> int:
    """0 only on the centre's signed word that it holds the same."""
    with opened(shell) as context:
        context.desk.require(Permission.SYNC)
        setup = context.sync_setup()
        read = bundle.read_answers(setup, wanted.place)
        report = read.report
        context.synced(report)
        waiting = bundle.bundles_open(setup)
        shell.tell(_read_json(read, waiting), lines=_read_lines(read, waiting, context))
        if report.wipe is not None and context.obey(report.wipe):
            raise destroyed(report.wipe)
        if report.problem is not None:
            shell.remark(str(report.problem))
        return 0 if report.green else UNPROVEN


def list_bundles(shell: Shell, _wanted: argparse.Namespace) -> int:
    """Those that neither an answer nor a sync has confirmed."""
    with opened(shell) as context:
        context.desk.require(Permission.SYNC)
        waiting = bundle.bundles_open(context.sync_setup())
        head = (_("Made"), _("Changes"), _("Size"))
        cells = [
            (format_datetime(each.made_at), format_number(each.operations), format_bytes(each.bytes))
            for each in waiting
        ]  # fmt: skip
        lines = columns(head, cells) if waiting else [_("No bundle waits for an answer.")]
        shell.tell({"bundles": [_state_json(each) for each in waiting]}, lines=lines)
    return 0


def _state_json(state: BundleState) -> dict[str, object]:
    return {"made_at": state.made_at, "batches": state.batches, "operations": state.operations, "bytes": state.bytes}


def _read_json(read: BundleRead, waiting: tuple[BundleState, ...]) -> dict[str, object]:
    report = read.report
    return {
        "proven": report.green, "scopes": report.proven, "answers": read.answers, "old": read.old,
        "others": read.others, "problems": [{"file": file, "problem": said} for file, said in read.problems],
        "problem": str(report.problem) if report.problem else None,
        "pushed": {"batches": report.pushed_batches, "operations": report.pushed_operations},
        "waiting": read.waiting, "outcomes": report.outcomes, "pulled": report.pulled, "files_left": report.files_left,
        "bundles": [_state_json(each) for each in waiting],
    }  # fmt: skip


def _read_lines(read: BundleRead, waiting: tuple[BundleState, ...], context: Context) -> Iterator[str]:
    report = read.report
    for file, said in read.problems:
        yield f"{file.name}: {said}"
    yield _("Confirmed: {n} changes").format(n=format_number(report.pushed_operations))
    yield received_line(report)
    if read.old:
        yield _("An answer is older than what this laptop has heard since; it changed nothing.")
    unproven = _("NOT proven yet. Nothing is lost; make a new bundle, or synchronise over a link.")
    yield from proof_lines(report, context, unproven=unproven)
    if read.waiting:
        yield _("{n} changes wait here for the next bundle or synchronisation.").format(n=format_number(read.waiting))
    for each in waiting:
        yield _("Bundle of {when}, {n} changes, {size}: not confirmed yet").format(
            when=format_datetime(each.made_at), n=format_number(each.operations), size=format_bytes(each.bytes)
        )
