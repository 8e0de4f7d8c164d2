"""Create a workspace for an office, with its first user."""

from __future__ import annotations

import argparse

from app import context
from app.cli.opening import directory, read_passphrase
from app.cli.shell import Shell
from app.errors import Invalid, UserError
from app.i18n import LANGUAGES, ZONES, _, language
from app.models.codelist import codelist
from app.models.regions import regions
from app.services.first_run import Beginning


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """What the first-run screen asks."""
    parser.add_argument("--office-name", required=True, metavar="NAME", help=_("name of the office"))
    parser.add_argument(
        "--agency-type", required=True, metavar="CODE", help=_("kind of agency, e.g. {codes}").format(codes="UPTD_PPA")
    )
    parser.add_argument(
        "--region",
        required=True,
        metavar="CODE",
        help=_("district by its Kemendagri code, e.g. {code}").format(code="3273"),
    )
    parser.add_argument("--login", required=True, metavar="LOGIN", help=_("sign-in name of the first user"))
    parser.add_argument("--name", required=True, metavar="NAME", help=_("name of the first user"))
    parser.add_argument(
        "--role",
        default="SUPERVISOR",
        metavar="CODE",
        help=_("role of the first user (default: {role})").format(role="SUPERVISOR"),
    )
    parser.add_argument("--zone", default="WIB", choices=tuple(ZONES), help=_("time zone of the office"))
    parser.set_defaults(run=init)


def init(shell: Shell, wanted: argparse.Namespace) -> int:
    """Create it, or say what is wrong with what was asked for; nothing is ever overwritten."""
    _check(wanted)
    folder = directory(shell)
    beginning = Beginning(
        wanted.office_name, wanted.agency_type, wanted.region, wanted.zone, shell.options.language or language()
    )
    if beginning.language not in LANGUAGES:
        raise UserError(_("Naungan speaks Indonesian (id) and English (en)."))
    user = context.NewUser(wanted.login, wanted.name, wanted.role, read_passphrase(shell, twice=True))
    made = context.create(folder, user=user, beginning=beginning, now=shell.now, vault=shell.vault)
    with made.workspace:
        document = {"workspace": folder, "device": made.workspace.device.id, "user": wanted.login}
        said = _(
            "The workspace is ready in {folder}. Keep the passphrase safe: until recovery keys are set "
            "(naungan recovery) nobody gets in without it."
        )
        shell.tell(document, lines=[said.format(folder=folder)])
    return 0


def _check(wanted: argparse.Namespace) -> None:
    region = regions().get(wanted.region)
    problems = [
        (option, _("There is no code “{code}” in the list.").format(code=code))
        for option, code, known in (
            ("--agency-type", wanted.agency_type, wanted.agency_type in codelist("agency_type")),
            ("--role", wanted.role, wanted.role in codelist("role")),
            ("--region", wanted.region, region is not None and len(wanted.region) == 4),
        )
        if not known
    ]
    if problems:
        raise Invalid(_("The workspace was not created."), problems)
