"""New keys for the whole workspace: what somebody knew who left opens nothing that is written from now on.

Everything is made beside the old under a name of its own and verified; then the key file takes its place, and that one
rename decides. A kill before it leaves the old, whole; after it the next start puts the rest in place.

    workspace.db.rekeyed    the database under the new key        anchor.rekeyed    the anchor that belongs to it
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace as changed
from pathlib import Path

import msgspec

from app.errors import WorkspaceDamaged
from app.i18n import _
from app.vault import cipher, migrate
from app.vault.anchor import Altered, Anchor, digest_of, read_anchor, write_anchor
from app.vault.attempts import Clock
from app.vault.chain import head_of
from app.vault.engine import connect, connect_fresh
from app.vault.faults import translated
from app.vault.files import ANCHOR, DATABASE, KEY_FILE, NEW, new_private_file, remove_database, replace, sync_file
from app.vault.identity import DeviceIdentity, rewrapped
from app.vault.keyfile import KeyFile, write_key_file
from app.vault.keys import Keys, KeySet
from app.vault.ring import SETTING
from app.vault.ring import rewrapped as ring_rewrapped
from app.vault.slot import with_keys

REKEYED = ".rekeyed"
COPY, COPY_ANCHOR = DATABASE + REKEYED, ANCHOR + REKEYED


def under_keys(fresh: KeySet, key_file: KeyFile, *, keys: Keys, device: DeviceIdentity) -> KeyFile:
    """The key file with the fresh keys behind every slot, and the device's own keys under the fresh data key."""
    slots = tuple(with_keys(slot, held=fresh, device=device) for slot in key_file.slots)
    moved = rewrapped(key_file.device, keys=keys, fresh=fresh.keys)
    return changed(key_file, device=moved, slots=slots).signed(fresh.keys)


def rekey(directory: Path, *, key_file: KeyFile, old: KeySet, fresh: KeySet, now: Clock) -> None:
    """Bring the workspace under the fresh keys, of which `key_file` is the file. Nobody may have the database open."""
    clear(directory)
    migrate.settle(directory / DATABASE, keys=old.keys)
    try:
        with translated():
            copy = directory / COPY
            _copy_under(fresh, directory / DATABASE, copy, old=old)
            with closing(connect(copy, keys=fresh.keys)) as connection:
                head = head_of(connection)
            anchor = Anchor(key_file.generation, head, now(), digest_of(copy))
            write_anchor(directory, anchor, keys=fresh.keys, name=COPY_ANCHOR)
    except BaseException:
        clear(directory)
        raise
    _decide(directory, key_file)


def _decide(directory: Path, key_file: KeyFile) -> None:
    """Put the key file in place. Only what is on the disk afterwards says whether that came to be."""
    try:
        write_key_file(directory, key_file)
    except BaseException:
        if (directory / KEY_FILE).read_bytes() != key_file.to_bytes():
            clear(directory)
            raise


def finish(directory: Path, *, keys: Keys) -> None:
    """Put in place what a rekey made for these keys, and remove what it made for keys that never came to be."""
    with translated():
        if (directory / COPY).exists() and _opens(directory / COPY, keys=keys):
            replace(directory / COPY, directory / DATABASE)
        if _is_anchor(directory, keys=keys):
            replace(directory / COPY_ANCHOR, directory / ANCHOR)
    clear(directory)


def clear(directory: Path) -> None:
    """Remove what lies beside the workspace for another key."""
    with translated():
        remove_database(directory / COPY)
        for name in (COPY_ANCHOR, COPY_ANCHOR + NEW):
            (directory / name).unlink(missing_ok=True)


def _copy_under(fresh: KeySet, source: Path, copy: Path, *, old: KeySet) -> None:
    new_private_file(copy)
    with closing(connect(source, keys=old.keys)) as reading, closing(connect_fresh(copy, keys=fresh.keys)) as writing:
        counts = cipher.row_counts(reading)
        reading.backup(writing)
        if old.restricted is not None and fresh.restricted is not None:
            _rewrap_ring(writing, restricted=old.restricted, fresh=fresh.restricted)
        cipher.use_write_ahead_log(writing)
    migrate.settle(copy, keys=fresh.keys)
    with closing(connect(copy, keys=fresh.keys)) as connection:
        if cipher.problems(connection) or cipher.row_counts(connection) != counts:
            raise WorkspaceDamaged(_("The copy is not equal to the original. Check the disk and try again."))
    sync_file(copy)


def _rewrap_ring(connection: cipher.Connection, *, restricted: Keys, fresh: Keys) -> None:
    """The office's keyring is all in the database that is under the restricted key."""
    if "setting" not in cipher.tables(connection):
        return
    row = connection.execute("SELECT value FROM setting WHERE name = ?", (SETTING,)).fetchone()
    if row is not None:
        moved = ring_rewrapped(msgspec.msgpack.decode(row[0], type=bytes), restricted=restricted, fresh=fresh)
        packed = msgspec.msgpack.encode(moved)
        connection.execute("UPDATE setting SET value = ? WHERE name = ?", (packed, SETTING))


def _opens(database: Path, *, keys: Keys) -> bool:
    try:
        connect(database, keys=keys).close()
    except WorkspaceDamaged:
        return False
    return True


def _is_anchor(directory: Path, *, keys: Keys) -> bool:
    try:
        return read_anchor(directory, keys=keys, name=COPY_ANCHOR) is not None
    except Altered:
        return False
