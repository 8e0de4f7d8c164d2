"""Reports as PDF, reduced to what their recipient may see."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.arguments import Verbs
from app.cli.entries import find_agency
from app.cli.opening import opened
from app.cli.shell import Shell
from app.context import Context
from app.errors import Invalid, UserError
from app.i18n import LANGUAGES, _
from app.reports.redaction import Profile
from app.services import cases, exports
from app.vault.files import write_whole


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """The reports there are."""
    verbs = Verbs(parser)
    more = _("Outside the office a report needs a consent that covers its recipient. Every report is registered.")
    report = verbs.add("case", case_report, says=_("two-page summary of a case"), more=more)
    report.add_argument("number", metavar="NUMBER", help=_("case number, or its unmistakable end"))
    profiles = [profile.value.lower() for profile in Profile]
    report.add_argument("--profile", required=True, choices=profiles, help=_("for whom it is made"))
    report.add_argument("--out", required=True, type=Path, metavar="FILE", help=_("the PDF file; never overwritten"))
    report.add_argument("--report-language", default="", choices=["", *LANGUAGES], metavar="LANG", help=_("id or en"))
    report.add_argument("--recipient", default="", metavar="NAME", help=_("who receives it"))
    report.add_argument("--purpose", default="", metavar="TEXT", help=_("what it is for; printed on every page"))
    report.add_argument("--consent", metavar="ID", help=_("on which consent it leaves, if several would do"))
    report.add_argument("--no-password", action="store_true", help=_("leave the file open to whoever holds it"))


def case_report(shell: Shell, wanted: argparse.Namespace) -> int:
    """Write the file and print its generated passphrase, once and nowhere else."""
    if wanted.out.exists():
        raise UserError(_("{file} exists already. Name another file.").format(file=wanted.out))
    if not wanted.out.absolute().parent.is_dir():
        raise UserError(_("There is no folder {folder}.").format(folder=wanted.out.absolute().parent))
    with opened(shell) as context:
        case = cases.find_case(context.desk, wanted.number)
        agency = _agency(context, wanted.recipient)
        order = exports.Order(
            profile=wanted.profile.upper(), recipient=wanted.recipient, purpose=wanted.purpose, agency=agency,
            consent_id=wanted.consent, language=wanted.report_language,
            **({"password": None} if wanted.no_password else {}),
        )  # fmt: skip
        made = exports.export_case(context.desk, case.id, order)
        write_whole(wanted.out, made.pdf)
        document = {"file": wanted.out, "passphrase": made.password, "pages": made.pages, "sha256": made.sha256}
        lines = [_("Written: {file}").format(file=wanted.out)]
        if made.password:
            lines.append(_("Passphrase: {words}").format(words=made.password))
        shell.tell(document, lines=lines)
    return 0


def _agency(context: Context, recipient: str) -> str | None:
    """The directory's entry behind the recipient; None for somebody who is not in it."""
    try:
        return find_agency(context.desk, recipient) if recipient else None
    except Invalid:
        return None
