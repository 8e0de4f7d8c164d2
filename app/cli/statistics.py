"""Tables of counts in which no small number can be read or worked out."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from app.cli.arguments import Verbs
from app.cli.export import add_order, hand_over, must_be_free, order_from
from app.cli.lines import columns
from app.cli.opening import opened
from app.cli.shell import Shell
from app.i18n import _
from app.reports.api import Format
from app.services import statistics
from app.services.statistics import DIMENSIONS, Counted, count_json, count_sheet


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """Show a table, or make a file of it."""
    verbs = Verbs(parser)
    known = _("Count by one or two of: {known}.").format(known=", ".join(DIMENSIONS))
    show = verbs.add("show", show_table, says=_("a table of counts"), more=known)
    show.add_argument("--inside", action="store_true", help=_("for the office itself: counts from 5 on are shown"))
    export = verbs.add("export", export_table, says=_("the same as a file, in the register"), more=known)
    add_order(export, formats=(Format.XLSX, Format.CSV, Format.JSON))
    for one in (show, export):
        one.add_argument("--by", required=True, action="append", choices=sorted(DIMENSIONS), help=known)


def show_table(shell: Shell, wanted: argparse.Namespace) -> int:
    """Count and show; nothing leaves."""
    with opened(shell) as context:
        found = statistics.count(context.desk, tuple(wanted.by), outside=not wanted.inside)
        shell.tell(count_json(found), lines=_lines(found))
    return 0


def export_table(shell: Shell, wanted: argparse.Namespace) -> int:
    """Count and write."""
    must_be_free(wanted.out)
    with opened(shell) as context:
        made = statistics.export_statistics(context.desk, tuple(wanted.by), order_from(wanted))
        hand_over(shell, made, wanted.out)
    return 0


def _lines(found: Counted) -> Iterator[str]:
    head, *rows = ([str(cell) for cell in row] for row in count_sheet(found).rows)
    yield from columns(head, rows)
    yield statistics.note(found)
