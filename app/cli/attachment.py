"""Attachments: add a photograph or a scan to a case, list them, take one out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli.arguments import Verbs
from app.cli.export import must_be_free
from app.cli.lines import columns, sealed_words
from app.cli.opening import opened
from app.cli.shell import Shell
from app.i18n import _, format_datetime, format_number
from app.models.sealed import HIDDEN
from app.services import attachments, cases
from app.services.desk import Desk
from app.services.entries import Entry
from app.vault.files import write_whole


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """The verbs of an attachment."""
    verbs = Verbs(parser)
    more = _("JPEG, PNG or PDF, at most 20 MiB. The original stays where it is: remove it yourself.")
    add = verbs.add("add", add_file, says=_("seal a file into a case"), more=more)
    add.add_argument("number", metavar="NUMBER", help=_("case number, or its unmistakable end"))
    add.add_argument("file", type=Path, metavar="FILE", help=_("the photograph or scan"))
    add.add_argument("--title", default="", metavar="TEXT", help=_("what it shows; else the name of the file"))
    listing = verbs.add("list", list_files, says=_("the attachments of a case"))
    listing.add_argument("number", metavar="NUMBER", help=_("case number, or its unmistakable end"))
    taking = verbs.add("open", open_file, says=_("write an attachment to a file; this is written into the audit"))
    taking.add_argument("id", metavar="ID", help=_("its id, from the list"))
    taking.add_argument("--out", required=True, type=Path, metavar="FILE", help=_("the file; never overwritten"))


def add_file(shell: Shell, wanted: argparse.Namespace) -> int:
    """The bytes are on the disk, sealed, before the record is."""
    with opened(shell) as context:
        case = cases.find_case(context.desk, wanted.number)
        saved = attachments.add(context.desk, case.id, wanted.title or wanted.file.name, wanted.file)
        words = _("Attached to case {number}. The original is still where it was.").format(number=case["number"])
        shell.tell({"id": saved.id}, lines=[words])
    return 0


def list_files(shell: Shell, wanted: argparse.Namespace) -> int:
    """Who is not cleared sees how many there are, not what they show."""
    with opened(shell) as context:
        case = cases.find_case(context.desk, wanted.number)
        found = attachments.of_case_entries(context.desk, case.id)
        head = (_("Id"), _("Title"), _("Kind of file"), _("Size"), _("Entered at"), _("Entered by"))
        lines = columns(head, [_cells(entry) for entry in found])
        shell.tell([_json(context.desk, entry) for entry in found], lines=lines)
    return 0


def open_file(shell: Shell, wanted: argparse.Namespace) -> int:
    """From here on whoever has the disk has the file."""
    must_be_free(wanted.out)
    with opened(shell) as context:
        data = attachments.open_file(context.desk, wanted.id)
        write_whole(wanted.out, data)
        words = _("Written to {file}. It is not sealed there: remove it when it is not needed any more.")
        shell.tell({"file": str(wanted.out), "size": len(data)}, lines=[words.format(file=wanted.out)])
    return 0


def _cells(entry: Entry) -> tuple[str, ...]:
    title = sealed_words() if entry["title"] is HIDDEN else entry["title"] or ""
    made = format_datetime(entry.made_at) if entry.made_at else ""
    return (entry.id, title, entry["media_type"] or "", format_number(entry["size"] or 0), made, entry.made_by)


def _json(desk: Desk, entry: Entry) -> dict[str, Any]:
    held = {key: entry[key] for key in ("title", "media_type", "size", "made_at", "made_by")}
    return {"id": entry.id, **held, "here": attachments.is_here(desk, entry)}
