"""What leaves as a file from the command line: never overwritten, its passphrase said once."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.cli.entries import find_agency
from app.cli.opening import opened
from app.cli.shell import Shell
from app.context import Context
from app.errors import Invalid, UserError
from app.i18n import LANGUAGES, _
from app.reports.api import Format, Rendered
from app.reports.case_summary import SECTIONS
from app.reports.papers import Paper
from app.reports.redaction import Profile
from app.services import cases, exports
from app.services.exports import Order
from app.vault.files import write_whole


def add_order(parser: argparse.ArgumentParser, *, formats: tuple[Format, ...]) -> None:
    """The options every export takes."""
    profiles = [profile.value.lower() for profile in Profile]
    codes = [form.value for form in formats]
    parser.add_argument("--profile", required=True, choices=profiles, help=_("for whom it is made"))
    parser.add_argument("--format", default=codes[0], choices=codes, help=_("in which form it leaves"))
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help=_("the file; never overwritten"))
    parser.add_argument("--report-language", default="", choices=["", *LANGUAGES], metavar="LANG", help=_("id or en"))
    parser.add_argument("--recipient", default="", metavar="NAME", help=_("who receives it"))
    parser.add_argument("--purpose", default="", metavar="TEXT", help=_("what it is for; printed on every page"))
    parser.add_argument(
        "--no-password", action="store_true",
        help=_("leave the file open to whoever holds it; a sheet or data only if it can name nobody"),
    )  # fmt: skip


def add_case_order(parser: argparse.ArgumentParser) -> None:
    """The options of an export of one case."""
    parser.add_argument("number", metavar="NUMBER", help=_("case number, or its unmistakable end"))
    add_order(parser, formats=tuple(Format))
    parser.add_argument("--paper", default=Paper.SUMMARY.value, choices=[p.value for p in Paper], help=_("which paper"))
    parser.add_argument("--about", metavar="ID", help=_("the referral, consent, plan or victim it is about"))
    parser.add_argument("--consent", metavar="ID", help=_("on which consent it leaves, if several would do"))
    parser.add_argument(
        "--without", action="append", default=[], choices=sorted(SECTIONS), help=_("a section that is left out")
    )
    parser.add_argument(
        "--release", action="append", default=[], metavar="FIELD",
        help=_("a sensitive field or free text let out by name, such as person.health; the consent has to cover it"),
    )  # fmt: skip


def export_case(shell: Shell, wanted: argparse.Namespace) -> int:
    """Write the file and print its generated passphrase, once and nowhere else."""
    must_be_free(wanted.out)
    with opened(shell) as context:
        case = cases.find_case(context.desk, wanted.number)
        order = replace(
            order_from(wanted), agency=_agency(context, wanted.recipient), consent_id=wanted.consent,
            left_out=tuple(wanted.without), released=tuple(wanted.release), paper=wanted.paper, about=wanted.about,
        )  # fmt: skip
        made = exports.export_case(context.desk, case.id, order)
        hand_over(shell, made, wanted.out)
    return 0


def order_from(wanted: argparse.Namespace) -> Order:
    """What every export is asked for."""
    order = Order(
        profile=wanted.profile.upper(), recipient=wanted.recipient, purpose=wanted.purpose, format=wanted.format,
        language=wanted.report_language,
    )  # fmt: skip
    return replace(order, password=None) if wanted.no_password else order


def must_be_free(path: Path) -> None:
    """UserError unless a file can be made there; asked before the work, for an export is registered first."""
    if path.exists():
        raise UserError(_("{file} exists already. Name another file.").format(file=path))
    if not path.absolute().parent.is_dir():
        raise UserError(_("There is no folder {folder}.").format(folder=path.absolute().parent))


def hand_over(shell: Shell, made: Rendered, path: Path) -> None:
    """Write the file and say how it opens."""
    write_whole(path, made.data)
    document: dict[str, Any] = {"file": path, "passphrase": made.password, "sha256": made.sha256}
    lines = [_("Written: {file}").format(file=path)]
    if made.pages:
        document["pages"] = made.pages
    if made.password:
        lines.append(_("Passphrase: {words}").format(words=made.password))
        if made.file_name.endswith(".age"):
            lines.append(_("It is an age file: `naungan report open FILE`, or any program that knows age, opens it."))
    shell.tell(document, lines=lines)


def _agency(context: Context, recipient: str) -> str | None:
    """The directory's entry behind the recipient; None for somebody who is not in it."""
    try:
        return find_agency(context.desk, recipient) if recipient else None
    except Invalid:
        return None
