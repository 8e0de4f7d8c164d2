"""New keys for the whole workspace: what somebody knew who left opens nothing that is written from now on.

Everything is made beside the old under a name of its own and verified; then the key file takes its place, and that one
rename decides. A kill before it leaves the old, whole; after it the next start puts the rest in place.

    workspace.db.rekeyed    the database under the new key        anchor.rekeyed    the anchor that belongs to it
    escrow.age.rekeyed      the escrow of the new keys
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
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
from app.vault.escrow import Trustees, seal_escrow
from app.vault.faults import damaged, translated
from app.vault.files import (
    ANCHOR,
    DATABASE,
    ESCROW,
    KEY_FILE,
    NEW,
    new_private_file,
    remove_database,
    replace,
    sync_file,
    write_whole,
)
from app.vault.identity import DeviceIdentity, rewrapped
from app.vault.keyfile import KeyFile, write_key_file
from app.vault.keys import Keys, KeySet
from app.vault.ring import SETTING, kept_in
from app.vault.ring import rewrapped as ring_rewrapped
from app.vault.slot import with_keys

REKEYED = ".rekeyed"
COPY, COPY_ANCHOR, COPY_ESCROW = DATABASE + REKEYED, ANCHOR + REKEYED, ESCROW + REKEYED


@dataclass(frozen=True)
class Prepared:
    """A key file that is about to be written, and the escrow that belongs to it; b"" when it has none."""

    key_file: KeyFile
    escrow: bytes = b""


def under_keys(fresh: KeySet, key_file: KeyFile, *, old: KeySet, device: DeviceIdentity) -> Prepared:
    """The key file with the fresh keys behind every slot, the device's own keys and the escrow under them too."""
    slots = tuple(with_keys(slot, held=fresh, device=device) for slot in key_file.slots)
    moved = changed(key_file, device=rewrapped(key_file.device, keys=old.keys, fresh=fresh.keys), slots=slots)
    trustees = trusted(key_file, restricted=old.restricted)
    return Prepared(moved.signed(fresh.keys)) if trustees is None else with_escrow(moved, trustees, held=fresh)


def trusted(key_file: KeyFile, *, restricted: Keys | None) -> Trustees | None:
    """To whom the escrow is sealed, if there is one; WorkspaceDamaged when it was not a cleared user who said so."""
    if key_file.escrow is None:
        return None
    if restricted is None or not key_file.escrow.is_sealed_by(restricted):
        raise damaged()
    return key_file.escrow.trustees


def with_escrow(key_file: KeyFile, trustees: Trustees, *, held: KeySet) -> Prepared:
    """The same key file, signed, with an escrow of these keys."""
    record, raw = seal_escrow(held, trustees=trustees, generation=key_file.generation, device=key_file.device)
    return Prepared(changed(key_file, escrow=record).signed(held.keys), raw)


def write_prepared(directory: Path, prepared: Prepared) -> None:
    """Write a key file with its escrow: the key file decides, and at a kill the next start does the rest."""
    if prepared.escrow:
        write_whole(directory / COPY_ESCROW, prepared.escrow)
    write_key_file(directory, prepared.key_file)
    put_escrow(directory, key_file=prepared.key_file)


def put_escrow(directory: Path, *, key_file: KeyFile) -> None:
    """Put the prepared escrow in place if it is the one that the key file names."""
    with translated():
        if key_file.escrow is not None and key_file.escrow.is_in(directory / COPY_ESCROW):
            replace(directory / COPY_ESCROW, directory / ESCROW)


def rekey(directory: Path, *, prepared: Prepared, old: KeySet, fresh: KeySet, now: Clock) -> None:
    """Bring the workspace under the fresh keys, for which this was prepared. Nobody may have the database open."""
    key_file = prepared.key_file
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
            if prepared.escrow:
                write_whole(directory / COPY_ESCROW, prepared.escrow)
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


def finish(directory: Path, *, key_file: KeyFile, keys: Keys) -> None:
    """Put in place what a rekey made for these keys, and remove what it made for keys that never came to be."""
    with translated():
        if (directory / COPY).exists() and _opens(directory / COPY, keys=keys):
            replace(directory / COPY, directory / DATABASE)
        if _is_anchor(directory, keys=keys):
            replace(directory / COPY_ANCHOR, directory / ANCHOR)
    put_escrow(directory, key_file=key_file)
    clear(directory)


def clear(directory: Path) -> None:
    """Remove what lies beside the workspace for another key."""
    with translated():
        remove_database(directory / COPY)
        for name in (COPY_ANCHOR, COPY_ANCHOR + NEW, COPY_ESCROW, COPY_ESCROW + NEW):
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
    ring = kept_in(connection)
    if ring is not None:
        packed = msgspec.msgpack.encode(ring_rewrapped(ring, restricted=restricted, fresh=fresh))
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
