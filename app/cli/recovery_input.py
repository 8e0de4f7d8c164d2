"""A recovery key from a terminal, a file or the standard input, and the files that recovery hands about."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from app.cli.shell import Shell
from app.errors import UserError
from app.i18n import _
from app.vault.recovery_key import LINES, from_typed

PROMPTLESS = "-"


def add_key_file(parser: argparse.ArgumentParser) -> None:
    """The option for a key that is not typed."""
    says = _("file with the recovery key, or - for the standard input; else it is asked for and does not show")
    parser.add_argument("--key-file", metavar="FILE", help=says)


def read_key(shell: Shell, wanted: argparse.Namespace, *, of: str) -> str:
    """The recovery key; it is never an argument."""
    if wanted.key_file == PROMPTLESS:
        return from_typed(shell.source.read())
    if wanted.key_file:
        return from_typed(read(Path(wanted.key_file)).decode("ascii", errors="replace"))
    if not sys.stdin.isatty():
        raise UserError(_("Give the recovery key in a file: --key-file FILE. It is never an argument."))
    shell.remark(_("Recovery key of {whom}: type the sheet line by line, with the check group.").format(whom=of))
    asked = (_("Line {n}: ").format(n=n) for n in range(1, LINES + 1))
    return from_typed("\n".join(getpass.getpass(line, stream=shell.err) for line in asked))


def read(path: Path) -> bytes:
    """A file that was handed over."""
    try:
        return path.read_bytes()
    except OSError:
        raise UserError(_("{file} cannot be read.").format(file=path)) from None


def must_be_free(path: Path) -> None:
    """UserError if something is there."""
    if path.exists():
        raise UserError(_("{file} is there already. Choose another name; nothing is overwritten.").format(file=path))
