"""The keystore of this system beside your password: without both this laptop's files open nothing."""

from __future__ import annotations

import argparse

from app.cli.arguments import Verbs
from app.cli.opening import opened, read_passphrase
from app.cli.shell import Shell
from app.i18n import _
from app.services import keystore


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """Each is about whoever signs in, and about nobody else."""
    verbs = Verbs(parser)
    verbs.add("on", switch_on, says=_("from now on signing in also takes an entry in the keystore of this system"))
    verbs.add("off", switch_off, says=_("the password alone opens again; the entry is deleted"))
    verbs.add("show", show, says=_("whether it is on, and which keystore this system has"))


def switch_on(shell: Shell, _wanted: argparse.Namespace) -> int:
    """Refused until two people could let somebody in."""
    said = _("Signing in takes your password and the keystore of this system now. If the keystore is lost, two people "
             "with their recovery keys let somebody in.")  # fmt: skip
    return _switch(shell, on=True, said=said)


def switch_off(shell: Shell, _wanted: argparse.Namespace) -> int:
    """It takes the keystore once more, to sign in."""
    return _switch(shell, on=False, said=_("Your password alone opens this workspace again."))


def show(shell: Shell, _wanted: argparse.Namespace) -> int:
    """For whoever signs in."""
    with opened(shell) as context:
        found = keystore.standing(context.workspace)
    words = _("On: signing in takes the keystore.") if found.on else _("Off: signing in takes the password alone.")
    lines = [words, _("Keystore of this system: {name}").format(name=found.system)]
    shell.tell({"on": found.on, "recoverable": found.recoverable, "system": found.system}, lines=lines)
    return 0


def _switch(shell: Shell, *, on: bool, said: str) -> int:
    with opened(shell) as context:
        password = read_passphrase(shell)
        clean = keystore.switch(context.desk, context.workspace, password=password, on=on)
    left = _("The old entry in the keystore could not be deleted. It opens nothing.")
    shell.tell({"on": on, "old_entry_gone": clean}, lines=[said, *([] if clean else [left])])
    return 0
