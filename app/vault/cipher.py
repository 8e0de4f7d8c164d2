"""One keyed SQLCipher connection: what is checked before it opens, what it promises, and what it refuses to run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from app.errors import KnownError, WorkspaceDamaged
from app.i18n import _
from app.vault.faults import damaged, translated
from app.vault.kdf import wipe

Connection = Any  # sqlcipher3 ships no types; its Connection has the methods of sqlite3.Connection and set_key
DENY, OK = int(dbapi2.SQLITE_DENY), int(dbapi2.SQLITE_OK)
PLAIN = b"SQLite format 3\x00"
BUSY_SECONDS = 10.0
HEX = b"0123456789abcdef"

# What a screen, a service or a hostile value inside one may never run; the vault's own code opens without this guard.
FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "sqlcipher_export", "fts3_tokenizer"})
READABLE = frozenset(
    {
        "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
        "foreign_key_check", "integrity_check", "quick_check", "cipher_integrity_check", "wal_checkpoint", "optimize",
        "shrink_memory",
    }
)  # fmt: skip
READABLE_UNSET = frozenset(
    {
        "foreign_keys", "journal_mode", "synchronous", "page_count", "page_size", "freelist_count", "user_version",
        "application_id", "cipher_version", "compile_options", "database_list", "secure_delete", "read_uncommitted",
        "data_version", "trusted_schema",
    }
)  # fmt: skip


def check_is_ours(path: Path) -> None:
    """WorkspaceDamaged for a missing, empty or plain file: none of them is ever opened, let alone created anew."""
    with translated():
        try:
            if path.is_symlink() or not path.is_file():
                raise WorkspaceDamaged(_("The workspace file is missing. Put it back, or restore a backup."))
            with path.open("rb") as source:
                start = source.read(len(PLAIN))
        except FileNotFoundError as error:
            raise damaged() from error
    if start == PLAIN:
        raise WorkspaceDamaged(_("The workspace file is not encrypted, so it is not ours. Restore a backup."))
    if len(start) < len(PLAIN):
        raise damaged()


def connect(path: Path, *, key: bytearray, guarded: bool = False, foreign_keys: bool = True) -> Connection:
    """A connection to an existing, sound-looking file, with every pragma the workspace relies on."""
    check_is_ours(path)
    return _keyed(path, key=key, guarded=guarded, foreign_keys=foreign_keys)


def connect_fresh(path: Path, *, key: bytearray) -> Connection:
    """A connection to a file that was made empty a moment ago, for the vault to fill."""
    return _keyed(path, key=key, guarded=False, foreign_keys=True)


def _keyed(path: Path, *, key: bytearray, guarded: bool, foreign_keys: bool) -> Connection:
    with translated():
        # mode=rw: SQLite itself may never create a file here.
        uri = path.resolve().as_uri() + "?mode=rw"
        connection = dbapi2.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
        try:
            _prepare(connection, key=key, foreign_keys=foreign_keys)
        except BaseException:
            connection.close()
            raise
    if guarded:
        connection.set_authorizer(guard)
    return connection


def _prepare(connection: Connection, *, key: bytearray, foreign_keys: bool) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")  # else a wrong page prints on standard error
    literal = _raw_key_literal(key)
    try:
        connection.set_key(literal)
    finally:
        wipe(literal)
    version = connection.execute("PRAGMA cipher_version").fetchone()
    if not version or not version[0].startswith("4."):
        raise RuntimeError("this SQLite has no SQLCipher 4 inside and would write plain text")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the first read proves the key
    for pragma in (
        f"foreign_keys = {int(foreign_keys)}",
        "synchronous = FULL",
        "secure_delete = ON",
        "temp_store = MEMORY",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "cache_size = -16000",  # 16 MB: a page that stays in memory need not be deciphered again
    ):
        connection.execute(f"PRAGMA {pragma}")


def _raw_key_literal(key: bytearray) -> bytearray:
    """x'<hex>': 32 bare bytes would be taken for a passphrase. Built by hand, as any bytes object would linger."""
    literal = bytearray(b"x'")
    for byte in key:
        literal.append(HEX[byte >> 4])
        literal.append(HEX[byte & 15])
    literal += b"'"
    return literal


def guard(action: int, first: str | None, second: str | None, *_rest: object) -> int:  # signature: SQLite
    """The authorizer of every connection that leaves the vault: an allow-list of pragmas, no second file, no export."""
    if action in (dbapi2.SQLITE_ATTACH, dbapi2.SQLITE_DETACH):
        return DENY
    if action == dbapi2.SQLITE_FUNCTION:
        return DENY if (second or "").lower() in FORBIDDEN_FUNCTIONS else OK
    if action == dbapi2.SQLITE_PRAGMA:
        name = (first or "").lower()
        allowed = name in READABLE or name == "query_only" or (name in READABLE_UNSET and second is None)
        return OK if allowed else DENY
    return OK


def use_write_ahead_log(connection: Connection) -> None:
    """Put the file into WAL mode for good; a failure would pass in silence, as this pragma raises nothing."""
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise KnownError(
            _("This place cannot hold a workspace. Choose a folder on this computer's own disk, with room on it.")
        )


def tables(connection: Connection) -> tuple[str, ...]:
    """Names of the ordinary tables, without SQLite's own, the migration mark and the insides of full-text indexes."""
    rows = connection.execute("PRAGMA table_list").fetchall()
    names = (name for schema, name, kind, *_rest in rows if schema == "main" and kind == "table")
    return tuple(sorted(name for name in names if not name.startswith("sqlite_") and name != "alembic_version"))


def row_counts(connection: Connection) -> dict[str, int]:
    """How many rows each ordinary table holds."""
    counting = 'SELECT count(*) FROM "{}"'  # the names come from the file's own schema
    return {name: connection.execute(counting.format(name)).fetchone()[0] for name in tables(connection)}


def problems(connection: Connection) -> tuple[str, ...]:
    """What the checks of SQLCipher and SQLite find, as they say it; empty when the file is sound.

    A page with a broken seal ends the search: from there on the connection refuses every page.
    """
    broken = [row[0] for row in connection.execute("PRAGMA cipher_integrity_check").fetchall()]
    if broken:
        return tuple(broken)
    found = [row[0] for row in connection.execute("PRAGMA integrity_check").fetchall() if row[0] != "ok"]
    loose = connection.execute("PRAGMA foreign_key_check").fetchall()
    return (*found, *(" ".join(str(value) for value in row) for row in loose))
