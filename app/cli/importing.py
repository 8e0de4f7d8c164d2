"""Spreadsheets: take the rows of a file in as cases, list what came in, undo it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from app.cli.arguments import Misunderstood
from app.cli.lines import columns
from app.cli.opening import opened
from app.cli.shell import Shell
from app.errors import Invalid, NotFound
from app.i18n import N_, _, format_datetime, format_number, ngettext
from app.models.permission import Permission
from app.services import imports
from app.services.desk import Desk
from app.services.import_plan import (
    ColumnMap,
    Plan,
    Planned,
    headings,
    letter,
    prepare,
    remember,
    suggest,
    targets,
)
from app.services.import_values import plain, value_of
from app.services.imports import Source, Taken
from app.services.spreadsheet import Book, Sheet

PROBLEMS = 2
_MOST = 50  # problems on a screen; --json tells all
_MORE = N_(
    """The columns go where they were sent the last time, or where their headings most likely belong; --map says
otherwise. Rows that are wrong are left out and told with their reasons; all others come in together. With --dry-run
nothing is saved. Whoever has the same NIK as somebody here already is that person.

Exit code 0: every row is good. 2: something is to be put right; rows that were left out are among it. The rows that
came in are not to be taken in again: mend the others in a file of their own, or undo the import first."""
)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A sheet, the names of its columns and where they go."""

    source: Source
    sheet: Sheet
    heading: int
    names: tuple[str, ...]
    mapping: ColumnMap

    def name_of(self, column: int) -> str:
        """The heading of a column; '' for the row as a whole."""
        return self.names[column] if column >= 0 else ""


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """One of three: a file, the list of imports, an import to undo."""
    parser.epilog = _(_MORE)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="FILE", help=_("XLSX, XLSM, XLS, ODS, CSV or TSV"))
    what.add_argument("--list", action="store_true", dest="listed", help=_("the imports of this laptop"))
    what.add_argument("--undo", metavar="ID", help=_("undo this import (the end of its id is enough)"))
    parser.add_argument("--sheet", metavar="NAME", help=_("the sheet; not needed when there is only one"))
    parser.add_argument("--heading", type=int, metavar="N", help=_("the row that names the columns"))
    parser.add_argument(
        "--map", action="append", default=[], dest="mapped", metavar="HEADING=FIELD",
        help=_("send a column to a field: \"Nama=victim.name\"; \"Nama=\" leaves it out; may be repeated"),
    )  # fmt: skip
    parser.add_argument(
        "--given", action="append", default=[], metavar="FIELD=VALUE",
        help=_("what stands in every row that says nothing: case.channel=WALKIN; may be repeated"),
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help=_("only say what would come in"))
    parser.set_defaults(run=run)


def run(shell: Shell, wanted: argparse.Namespace) -> int:
    """Whichever of the three was asked for."""
    with opened(shell) as context:
        if wanted.listed:
            return _list(shell, context.desk)
        if wanted.undo is not None:
            return _undo(shell, context.desk, wanted.undo)
        return _take(shell, context.desk, wanted)


def _take(shell: Shell, desk: Desk, wanted: argparse.Namespace) -> int:
    """The choices are remembered when something came in; a dry run keeps nothing."""
    desk.require(Permission.IMPORT)
    chosen = _chosen(desk, wanted)
    plan = prepare(desk, chosen.sheet, chosen.mapping, heading=chosen.heading, progress=_unheard)
    made = ""
    if plan.good and not wanted.dry_run:
        made = imports.take_in(desk, plan, source=chosen.source, decided={}, progress=_unheard).id
        remember(desk, chosen.names, chosen.mapping)
    shell.tell(_json(plan, chosen, made), lines=_lines(plan, chosen, made))
    return 0 if plan.good and len(plan.good) == len(plan.rows) else PROBLEMS


def _list(shell: Shell, desk: Desk) -> int:
    found = imports.taken(desk)
    shell.tell({"imports": [_taken_json(one) for one in found]}, lines=_list_lines(found))
    return 0


def _undo(shell: Shell, desk: Desk, wanted: str) -> int:
    found = [one for one in imports.taken(desk) if wanted and one.id.endswith(wanted)]
    if len(found) != 1:
        raise NotFound(_("There is no such import on this laptop, or several; give the whole id."))
    imports.undo(desk, found[0].id)
    cases = found[0].cases
    said = ngettext("{n} case was taken back.", "{n} cases were taken back.", cases).format(n=format_number(cases))
    shell.tell({"id": found[0].id, "cases": cases}, lines=[said])
    return 0


def _chosen(desk: Desk, wanted: argparse.Namespace) -> _Chosen:
    book = Book(wanted.file)
    sheet = book.read(_sheet_name(book.sheets, wanted.sheet))
    at = _heading(sheet, wanted.heading)
    names = headings(sheet, at)
    before = suggest(desk, names)
    given = dict(_given(desk, told) for told in wanted.given)
    mapping = ColumnMap(_mapped(names, before, wanted.mapped), before.words, given)
    return _Chosen(Source(wanted.file.name, sheet.name), sheet, at, names, mapping)


def _sheet_name(names: Sequence[str], wanted: str | None) -> str:
    known = ", ".join(names)
    if wanted is None and len(names) > 1:
        raise Invalid(_("The file has several sheets. Say which with --sheet: {known}.").format(known=known))
    if wanted is not None and wanted not in names:
        raise Invalid(_("There is no sheet “{name}”. There are: {known}.").format(name=wanted, known=known))
    return wanted or names[0]


def _heading(sheet: Sheet, wanted: int | None) -> int:
    """The index of the row with this number, as the spreadsheet shows it."""
    if wanted is None:
        return sheet.heading()
    found = next((at for at, row in enumerate(sheet.rows) if row.number == wanted), None)
    if found is None:
        raise Invalid(_("Row {n} is empty: it cannot name the columns.").format(n=wanted))
    return found


def _mapped(names: Sequence[str], before: ColumnMap, wanted: Sequence[str]) -> dict[int, str]:
    """A column goes to one field, and no field has two."""
    found = dict(before.columns)
    for told in wanted:
        heading, name = _parted(told, "--map")
        at = _column(names, heading)
        if name:
            _known_field(name)
        found = {column: other for column, other in found.items() if column != at and other != name}
        if name:
            found[at] = name
    return found


def _column(names: Sequence[str], heading: str) -> int:
    """By its heading, or by its letter if no heading reads so."""
    found = [at for at, name in enumerate(names) if name == heading.strip()]
    found = found or [at for at, name in enumerate(names) if plain(name) == plain(heading)]
    found = found or [at for at in range(len(names)) if letter(at) == heading.strip().upper()]
    if len(found) != 1:
        said = _("No column is called “{name}”, or several are. There are: {known}.")
        raise Invalid(said.format(name=heading, known=", ".join(names)))
    return found[0]


def _given(desk: Desk, told: str) -> tuple[str, Any]:
    name, words = _parted(told, "--given")
    _known_field(name)
    try:
        return name, value_of(targets()[name].field, words, today=desk.today(), chosen={})
    except ValueError as error:
        raise Invalid(_("--given cannot be used:"), [(name, str(error))]) from None


def _parted(told: str, option: str) -> tuple[str, str]:
    before, sign, after = told.rpartition("=") if option == "--map" else told.partition("=")
    if not sign or not before:
        raise Misunderstood(_("{option} takes two parts with = between them, not “{told}”.").format(
            option=option, told=told
        ))  # fmt: skip
    return before.strip(), after.strip()


def _known_field(name: str) -> None:
    if name not in targets():
        known = ", ".join(targets())
        raise Invalid(_("There is no field “{name}”. There are: {known}.").format(name=name, known=known))


def _wrong(plan: Plan) -> list[Planned]:
    return [row for row in plan.rows if row.problems]


def _json(plan: Plan, chosen: _Chosen, made: str) -> dict[str, Any]:
    """`id` is empty when nothing was saved."""
    wrong = _wrong(plan)
    return {
        "id": made, "sheet": chosen.sheet.name, "heading": chosen.sheet.rows[chosen.heading].number,
        "columns": {letter(at): [name, chosen.mapping.columns.get(at)] for at, name in enumerate(chosen.names)},
        "rows": len(plan.rows), "good": len(plan.good), "wrong": len(wrong),
        "problems": [
            {"row": row.number, "column": letter(at) if at >= 0 else None, "heading": chosen.name_of(at) or None,
             "problem": problem}
            for row in wrong for at, problem in row.problems
        ],
        "unknown": plan.unknown,
        "here_already": [
            {"row": row.number, "persons": [one.id for one in row.same_as], "sure": bool(row.known)}
            for row in plan.good if row.same_as
        ],
    }  # fmt: skip


def _lines(plan: Plan, chosen: _Chosen, made: str) -> Iterator[str]:
    """Counts, what nobody understood, then each wrong row with its reasons."""
    wrong, good = _wrong(plan), len(plan.good)
    n = format_number(good)
    if made:
        yield ngettext("{n} case came in", "{n} cases came in", good).format(n=n) + f"  {made}"
    else:
        yield ngettext("{n} row is good; nothing was saved.", "{n} rows are good; nothing was saved.", good).format(n=n)
    left = [name for at, name in enumerate(chosen.names) if at not in chosen.mapping.columns]
    if left:
        yield _("Columns left out: {names}").format(names=", ".join(left))
    if here := [str(row.number) for row in plan.good if row.same_as]:
        yield _("Somebody may be here already in the rows: {rows}").format(rows=", ".join(here))
    for name, words in plan.unknown.items():
        told = ", ".join(f"{one} ({format_number(often)})" for one, often in words.items())
        yield _("Not understood for {field}: {words}").format(field=_(targets()[name].field.label), words=told)
    if wrong:
        count = format_number(len(wrong))
        yield ngettext("{n} row is wrong:", "{n} rows are wrong:", len(wrong)).format(n=count)
        yield from _wrong_lines(wrong, chosen)


def _wrong_lines(wrong: Sequence[Planned], chosen: _Chosen) -> Iterator[str]:
    all_of_them = [(row.number, at, problem) for row in wrong for at, problem in row.problems]
    for number, at, problem in islice(all_of_them, _MOST):
        where = f"{number}  {letter(at)} {chosen.name_of(at)}" if at >= 0 else str(number)
        yield f"  {where}: {problem}"
    if len(all_of_them) > _MOST:
        more = format_number(len(all_of_them) - _MOST)
        yield _("  and {n} more: --json tells all").format(n=more)


def _list_lines(found: Sequence[Taken]) -> Iterator[str]:
    head = (_("When"), _("File"), _("Cases"), _("Who"), _("Id"))
    rows = [(format_datetime(one.at), one.file, format_number(one.cases), one.by, one.id) for one in found]
    yield from columns(head, rows)
    for one in found:
        if one.why_not:
            yield f"{one.id[-8:]}: {one.why_not}"


def _taken_json(one: Taken) -> dict[str, Any]:
    return {
        "id": one.id, "at": one.at, "by": one.by, "file": one.file, "sheet": one.sheet, "rows": one.rows,
        "cases": one.cases, "undone_at": one.undone_at, "why_not": one.why_not or None,
    }  # fmt: skip


def _unheard(_done: int, _total: int) -> None:
    """A command shows no bar."""
