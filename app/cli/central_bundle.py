"""`naungan central bundle FOLDER`: what laptops brought on a stick, taken and answered."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from app.cli.arguments import Verbs
from app.cli.central_place import data_folder, modules, place
from app.cli.lines import columns
from app.cli.shell import Shell
from app.errors import UserError
from app.i18n import N_, _, format_number

NOT_ALL = 3

WRONG = {
    "unreadable": N_("the file cannot be read"),
    "size": N_("too long for a bundle"),
    "foreign": N_("not closed for this centre"),
    "damaged": N_("cut or altered on the way: ask for it once more"),
    "signature": N_("not signed by the laptop it names"),
    "unknown": N_("from a laptop that was never enrolled here"),
    "revoked": N_("from a laptop that was revoked: nothing was taken"),
    "certificate_expired": N_("from a laptop whose certificate ran out: it has to enrol again"),
    "unconfirmed": N_("nobody has compared the six words of this laptop"),
    "fork": N_("the centre has other work under the same number: the laptop was copied or restored"),
    "gap": N_("an earlier bundle of this laptop has not arrived"),
    "answer": N_("taken, but the answer could not be written"),
    "internal": N_("a fault of the program; the file stays as it is"),
}


def add_arguments(
    verbs: Verbs,
    init: argparse.ArgumentParser,
    *,
    database: Callable[[argparse.Namespace], AbstractContextManager[str]],
) -> None:
    """`database` gives the owner's connection string, and keeps an embedded server running in its block."""
    init.add_argument("--new-bundle-key", action="store_true", help=_("close bundles for a new key from now on"))

    def run(shell: Shell, wanted: argparse.Namespace) -> int:
        with database(wanted):
            return take_folder(shell, wanted)

    bundle = place(verbs.add("bundle", run, says=_("take the bundles on a stick, and write the answers beside them")))
    bundle.add_argument("folder", type=Path, metavar="FOLDER", help=_("the folder with the files"))
    bundle.epilog = _("Exit code 0: every bundle was taken. 3: one was not, said in its line.")


def renew_key(wanted: argparse.Namespace) -> None:
    """A new key for bundles; what was closed for the old one still opens. A serving centre tells it after a restart."""
    with modules():
        from app.central import bundle_key
    bundle_key.renew(data_folder(wanted))


def take_folder(shell: Shell, wanted: argparse.Namespace) -> int:
    """One file that is bad never keeps the others waiting. The centre may serve meanwhile."""
    with modules():
        from app.central import admin
        from app.central.bundle import take
        from app.central.centre import open_centre
        from app.central.config import Config
    if not wanted.folder.is_dir():
        raise UserError(_("There is no folder {folder}.").format(folder=wanted.folder))
    data = data_folder(wanted)
    centre = open_centre(Config(admin.app_url(data), data, shell.now))
    try:
        told = take(centre, wanted.folder)
    finally:
        centre.store.close()
    head = (_("File"), _("Office"), _("Letters"), _("Batches"), _("Changes"), _("What became of it"))
    cells = [
        (line.file.name, line.office_code, line.tag, format_number(line.batches), format_number(line.operations),
         _became(line))
        for line in told
    ]  # fmt: skip
    names = ("file", "device", "office_code", "tag", "batches", "operations", "problem", "answers")
    document = [{name: getattr(line, name) for name in names} for line in told]
    shell.tell({"bundles": document}, lines=columns(head, cells) if told else [_("There is no bundle here.")])
    return NOT_ALL if any(line.problem for line in told) else 0


def _became(line: Any) -> str:
    if not line.problem:
        return _("taken and answered")
    wrong = _(WRONG[line.problem]) if line.problem in WRONG else _("not taken: {code}").format(code=line.problem)
    return f"{wrong} {line.said}".strip()
