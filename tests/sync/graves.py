"""What the tests of erasing look at: every value of every table, and every decrypted page of a workspace."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.vault.engine import DATABASE_PURPOSE, connect
from tests.attack.scanner import find_needles
from tests.sync.laptops import Laptop
from tests.wire_scan import holds

PAGE, RESERVE, SALT, IV = 4096, 80, 16, 16


def tables_with(laptop: Laptop, needle: str) -> list[str]:
    """The tables in which a word is, those inside the full-text index too; packed values are opened."""
    with closing(connect(laptop.workspace.database, keys=laptop.workspace.keys)) as reading:
        names = [row[0] for row in reading.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
        found = [name for name in names if _in_table(reading, name, needle)]
    return sorted(found)


def _in_table(reading: Any, name: str, needle: str) -> bool:
    return holds(reading.execute(f'SELECT * FROM "{name}"').fetchall(), needle)


def opened_pages(laptop: Laptop, into: Path) -> Path:
    """The database as it lies on the disk, every page deciphered, free ones and those of the log too."""
    database = laptop.workspace.database
    with laptop.workspace.keys.derived(DATABASE_PURPOSE) as key:
        plain = _pages(database.read_bytes(), bytes(key), first=SALT)
        log = database.with_name(database.name + "-wal")
        frames = log.read_bytes()[32:] if log.exists() else b""
        for at in range(0, len(frames), PAGE + 24):
            page = frames[at + 24 : at + 24 + PAGE]
            plain += _pages(page, bytes(key), first=SALT if frames[at : at + 4] == b"\0\0\0\1" else 0)
    file = into / f"{laptop.workspace.directory.name}.pages"
    file.write_bytes(plain)
    return file


def _pages(data: bytes, key: bytes, *, first: int) -> bytes:
    plain = b""
    for at in range(0, len(data), PAGE):
        page = data[at : at + PAGE]
        start, iv = (first if at == 0 else 0), page[-RESERVE : -RESERVE + IV]
        cipher = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        plain += cipher.update(page[start:-RESERVE]) + cipher.finalize() + bytes(RESERVE)
    return plain


def in_files(laptop: Laptop, needle: str, *, scratch: Path) -> list[str]:
    """Names of the files, deciphered pages among them, in which a word is in any dress; backups and PDFs are left."""
    scratch.mkdir(exist_ok=True)
    folder = laptop.workspace.directory
    roots = [each for each in folder.iterdir() if each.name != "backups"] + [opened_pages(laptop, scratch)]
    return sorted({hit.file.name for hit in find_needles(roots, [needle])})
