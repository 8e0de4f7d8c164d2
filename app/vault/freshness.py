"""Whether the data is the latest that this workspace was known to hold, and the anchor that says so next time.

What is not known to be the latest opens all the same, to be read, exported and backed up, but takes no record:
whoever works on older data without knowing it loses the newer.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection

from app.i18n import N_, _, format_datetime
from app.vault.anchor import Altered, Anchor, digest_of, read_anchor, write_anchor
from app.vault.attempts import Clock
from app.vault.chain import NOTHING, Head, contains, follows, head_of
from app.vault.engine import READ, connect
from app.vault.faults import translated
from app.vault.files import DATABASE, STRANGE, sync_folder
from app.vault.keyfile import ANCHORED, KeyFile
from app.vault.keys import Keys


class Why(StrEnum):
    """What speaks against the data being the latest, as a sentence."""

    MISSING = N_("The anchor of this workspace, which says how new its data has to be, is missing.")
    ALTERED = N_("The anchor of this workspace, which says how new its data has to be, was altered or is another's.")
    OLDER = N_("The data here is older than what this workspace held on {when}.")
    CHANGED = N_("The file is not as this workspace was left on {when}; some or all of it may be older.")
    LOG = N_("A log that does not belong here lay beside the file as it was left on {when}; it was put aside.")
    RECEIPT = N_("The data here is older than what the centre countersigned; the newest it confirmed is not here.")
    KEYS = N_("The key file here is older than the one this workspace had on {when}.")


@dataclass(frozen=True)
class Doubt:
    """Why the data is not known to be the latest, and when the last known state was."""

    why: Why
    at: datetime | None = None

    def __str__(self) -> str:
        found = _(self.why.value).format(when=format_datetime(self.at))
        return f"{found} {_('It can be read, exported and backed up; nothing can be saved.')}"


def first_look(directory: Path, *, key_file: KeyFile, keys: Keys) -> tuple[Anchor | None, Doubt | None]:
    """The anchor and what it finds before anything here is touched. A log put beside a file at rest is put aside."""
    try:
        anchor = read_anchor(directory, keys=keys)
    except Altered:
        return None, Doubt(Why.ALTERED)
    if anchor is None:
        due = key_file.initialised and key_file.version >= ANCHORED
        return None, Doubt(Why.MISSING) if due else None
    if key_file.generation < anchor.key_file:
        return anchor, Doubt(Why.KEYS, anchor.at)
    return anchor, _at_rest(directory / DATABASE, anchor) if anchor.file else None


def second_look(database: Path, anchor: Anchor, *, keys: Keys) -> Doubt | None:
    """What the anchor finds in the settled database: the known link has to be there, and the rest follow from it."""
    with translated(), closing(connect(database, keys=keys)) as connection:
        if not contains(connection, anchor.signed):
            return Doubt(Why.RECEIPT)
        return None if follows(connection, anchor.head) else Doubt(Why.OLDER, anchor.at)


def anchor_at_rest(directory: Path, *, key_file: KeyFile, keys: Keys, now: Clock) -> None:
    """The first anchor of a database that was just restored here, is settled, and in nobody's use."""
    database = directory / DATABASE
    head = _head(database, keys=keys)
    write_anchor(directory, Anchor(key_file.generation, head, now(), digest_of(database)), keys=keys)


def anchor_in_use(directory: Path, *, key_file: KeyFile, keys: Keys, now: Clock, before: Anchor | None = None) -> None:
    """The anchor of a database that is about to be written to: a crash from now on is not an alarm."""
    head = _head(directory / DATABASE, keys=keys)
    signed = before.signed if before else NOTHING
    write_anchor(directory, Anchor(key_file.generation, head, now(), signed=signed), keys=keys)


class Freshness:
    """Keeps the anchor of one open workspace. With a doubt it leaves the anchor alone, until the doubt is accepted."""

    def __init__(self, directory: Path, *, keys: Keys, now: Clock, doubt: Doubt | None) -> None:
        self._directory, self._keys, self._now = directory, keys, now
        self._lock = Lock()  # the anchor is kept from whichever thread has a moment
        self.doubt = doubt
        self.behind = True  # whether something was committed that the anchor does not know
        self.generation = 0  # of the key file
        self._signed = NOTHING if doubt else _signed(directory, keys=keys)

    @property
    def word(self) -> str:
        """The doubt as one word, for the centre; '' without one."""
        return self.doubt.why.name.lower() if self.doubt else ""

    def commit_seen(self, connection: Connection) -> None:
        """Something was written; the end of a reading is no news."""
        if not connection.get_execution_options().get(READ):
            self.behind = True

    def key_file_seen(self, generation: int) -> None:
        """The key file is this one now."""
        self.generation, self.behind = generation, True

    def countersigned(self, head: Head) -> None:
        """The centre signed that the chain came to this link: it has to be there, and from now on has to stay."""
        if self.doubt is not None or head == self._signed:
            return
        with translated(), closing(connect(self._directory / DATABASE, keys=self._keys)) as connection:
            if contains(connection, head):
                self._signed, self.behind = head, True
            else:
                self.doubt = Doubt(Why.RECEIPT)

    def paused(self) -> Lock:
        """A block in which nobody looks at the database for the anchor's sake."""
        return self._lock

    def keep(self) -> None:
        """Bring the anchor up to what is on the disk; nothing to do costs nothing."""
        with self._lock:
            if not self.behind or self.doubt is not None:
                return
            self.behind = False  # before looking: a commit from now on counts as the next one
            try:
                head = _head(self._directory / DATABASE, keys=self._keys)
                anchor = Anchor(self.generation, head, self._now(), signed=self._signed)
                write_anchor(self._directory, anchor, keys=self._keys)
            except BaseException:
                self.behind = True
                raise

    def rest(self) -> None:
        """Anchor the very content of the settled file; from now on nothing may write to it."""
        with self._lock:
            if self.doubt is None:
                sync_folder(self._directory)  # the settled log is gone for good: after a power cut it would be an alarm
                database = self._directory / DATABASE
                head, digest = _head(database, keys=self._keys), digest_of(database)
                anchor = Anchor(self.generation, head, self._now(), digest, self._signed)
                write_anchor(self._directory, anchor, keys=self._keys)

    def accept(self) -> None:
        """What is here counts as the latest from now on."""
        self.doubt, self._signed, self.behind = None, NOTHING, True
        self.keep()


def _at_rest(database: Path, anchor: Anchor) -> Doubt | None:
    if digest_of(database) != anchor.file:
        return Doubt(Why.CHANGED, anchor.at)
    log = database.with_name(database.name + "-wal")
    if not log.exists() or not log.stat().st_size:
        return None
    # The file itself is proved to be the latest, and settling this log into it would make it older.
    with translated():
        log.replace(database.with_name(database.name + STRANGE))
        database.with_name(database.name + "-shm").unlink(missing_ok=True)
    return Doubt(Why.LOG, anchor.at)


def _signed(directory: Path, *, keys: Keys) -> Head:
    try:
        anchor = read_anchor(directory, keys=keys)
    except Altered:
        return NOTHING
    return anchor.signed if anchor else NOTHING


def _head(database: Path, *, keys: Keys) -> Head:
    with translated(), closing(connect(database, keys=keys)) as connection:
        return head_of(connection)
