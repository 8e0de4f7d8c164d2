"""Reports as files, reduced to what their recipient may see."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from app.cli.arguments import Verbs
from app.cli.export import add_case_order, add_order, export_case, hand_over, must_be_free, order_from
from app.cli.lines import columns
from app.cli.opening import opened, read_passphrase
from app.cli.shell import Shell
from app.errors import ReadOnly, UserError
from app.i18n import _, format_datetime
from app.models.codelist import label
from app.reports.api import Format
from app.reports.protect import disclose
from app.services import export_register, list_exports
from app.services.case_list import CaseQuery
from app.services.export_register import ExportLine
from app.vault.files import write_whole


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """The reports there are."""
    verbs = Verbs(parser)
    more = _("Outside the office a report needs a consent that covers its recipient. Every report is registered.")
    add_case_order(verbs.add("case", export_case, says=_("two-page summary of a case"), more=more))
    listing = verbs.add("list", list_report, says=_("the list of cases, for the office or as statistics"))
    add_order(listing, formats=(Format.XLSX, Format.PDF, Format.CSV, Format.JSON))
    listing.add_argument("--text", default="", metavar="WORDS", help=_("words of names, notes, numbers"))
    listing.add_argument("--status", default="", metavar="CODE", help=_("a case status, or ACTIVE"))
    verbs.add("register", register, says=_("what left this laptop as a file, newest first"))
    reopen = verbs.add("open", open_enclosed, says=_("open a sheet or data file with its passphrase"))
    reopen.add_argument("file", type=Path, metavar="FILE", help=_("the file that was received, `….age`"))
    reopen.add_argument("--out", required=True, type=Path, metavar="FILE", help=_("the file; never overwritten"))


def list_report(shell: Shell, wanted: argparse.Namespace) -> int:
    """The cases that match, as a file."""
    must_be_free(wanted.out)
    with opened(shell) as context:
        query = CaseQuery(text=wanted.text, status=wanted.status)
        made = list_exports.export_list(context.desk, query, order_from(wanted))
        hand_over(shell, made, wanted.out)
    return 0


def register(shell: Shell, _wanted: argparse.Namespace) -> int:
    """A supervisor sees all of it, a worker what they exported themselves."""
    with opened(shell) as context:
        found = export_register.lines(context.desk)
        shell.tell([_line_json(line) for line in found], lines=_register_lines(found))
    return 0


def open_enclosed(shell: Shell, wanted: argparse.Namespace) -> int:
    """No workspace is needed: whoever has the file and the words reads it."""
    must_be_free(wanted.out)
    try:
        enclosed = wanted.file.read_bytes()
    except OSError:
        raise UserError(_("{file} cannot be read.").format(file=wanted.file)) from None
    try:
        write_whole(wanted.out, disclose(enclosed, read_passphrase(shell)))
    except OSError:
        raise ReadOnly(_("The file could not be written there. Choose another folder.")) from None
    shell.tell({"file": wanted.out}, lines=[_("Written: {file}").format(file=wanted.out)])
    return 0


def _line_json(line: ExportLine) -> dict[str, object]:
    return {
        "id": line.id, "at": line.at, "who": line.who, "report": line.report, "format": line.format,
        "case": line.case, "profile": line.profile, "recipient": line.recipient, "purpose": line.purpose,
        "sha256": line.sha256, "fields": line.fields, "released": line.released,
    }  # fmt: skip


def _register_lines(found: tuple[ExportLine, ...]) -> Iterator[str]:
    head = (_("When"), _("Who"), _("Case"), _("Profile"), _("Format"), _("Recipient"), _("Number of the export"))
    yield from columns(head, [
        (format_datetime(line.at), line.who, line.case, label("redaction_profile", line.profile), line.format.upper(),
         line.recipient, line.id)
        for line in found
    ])  # fmt: skip
