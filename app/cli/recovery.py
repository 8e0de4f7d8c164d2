"""Recovery keys on paper, and the escrow of this workspace."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.arguments import Verbs
from app.cli.opening import opened
from app.cli.recovery_input import add_key_file, must_be_free, read, read_key
from app.cli.shell import Shell
from app.i18n import _
from app.services import recovery
from app.vault.escrow import open_outer
from app.vault.files import ESCROW, write_whole


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """What is done before it is needed, and the centre's part when it is."""
    verbs = Verbs(parser)
    key = verbs.add("key", make_key, says=_("make a recovery key and the sheet to print"))
    key.add_argument("--for", required=True, dest="holder", choices=("district", "centre"), help=_("who keeps it"))
    key.add_argument("--office", required=True, metavar="NAME", help=_("name of the office, for the sheet"))
    key.add_argument("--out", required=True, type=Path, metavar="FILE", help=_("the sheet (PDF); never overwritten"))
    keys = verbs.add("set", set_keys, says=_("seal this workspace's keys to two recovery keys"))
    keys.add_argument("--district", required=True, metavar="AGE1", help=_("public half of the district's key"))
    keys.add_argument("--centre", required=True, metavar="AGE1", help=_("public half of the centre's key"))
    verbs.add("show", show, says=_("to which keys this workspace is sealed, and whether the escrow is whole"))
    outer = verbs.add("open-outer", open_outer_lock, says=_("the centre's part, on any computer"))
    outer.add_argument("escrow", type=Path, metavar="FILE", help=_("escrow.age of the workspace or of a backup"))
    outer.add_argument("--out", required=True, type=Path, metavar="FILE", help=_("the file; never overwritten"))
    add_key_file(outer)


def make_key(shell: Shell, wanted: argparse.Namespace) -> int:
    """No workspace is needed. The secret is on the sheet and nowhere else."""
    must_be_free(wanted.out)
    public, sheet = recovery.paper_key(wanted.holder, office=wanted.office, now=shell.now)
    write_whole(wanted.out, sheet)
    said = _("Print {file} now, then delete the file: the key is kept nowhere else.").format(file=wanted.out)
    shell.tell({"public": public, "sheet": wanted.out}, lines=[said, _("Public half: {key}").format(key=public)])
    return 0


def set_keys(shell: Shell, wanted: argparse.Namespace) -> int:
    """The escrow is made, read back and compared; from now on it is made anew with every change of the keys."""
    with opened(shell) as context:
        recovery.set_trustees(context.desk, context.workspace, district=wanted.district, centre=wanted.centre)
        path = context.workspace.directory / ESCROW
        said = _("This workspace can be recovered by two people now. The escrow: {file}").format(file=path)
        shell.tell({"escrow": path}, lines=[said])
    return 0


def show(shell: Shell, _wanted: argparse.Namespace) -> int:
    """What the key file says, held against the file."""
    with opened(shell) as context:
        escrow = context.workspace.escrow
        if escrow is None:
            none = _("There is no escrow: without a password nobody opens this workspace.")
            shell.tell({"escrow": None}, lines=[none])
            return 0
        whole = escrow.is_in(context.workspace.directory / ESCROW)
        document = {"district": escrow.district, "centre": escrow.centre, "whole": whole}
        lines = [
            _("District: {key}").format(key=escrow.district),
            _("Centre: {key}").format(key=escrow.centre),
            _("The escrow is whole.") if whole else _("The escrow is missing or altered."),
        ]
        shell.tell(document, lines=lines)
    return 0


def open_outer_lock(shell: Shell, wanted: argparse.Namespace) -> int:
    """What comes out is still sealed to the district's key."""
    must_be_free(wanted.out)
    raw = read(wanted.escrow)
    write_whole(wanted.out, open_outer(raw, identity=read_key(shell, wanted, of=_("the centre"))))
    said = _("Opened the outer lock: {file}. It is still sealed to the district's key.").format(file=wanted.out)
    shell.tell({"file": wanted.out}, lines=[said])
    return 0
