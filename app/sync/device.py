"""What the sync is given: the workspace's engine, who signs, who acts and what time it is. It asks for nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.errors import Conflicted, ReadOnly
from app.i18n import _
from app.models import settings
from app.models.journal import Actor, Changes, Journal
from app.wire import REFERENCE

Clock = Callable[[], datetime]
NUMBERS = "numbers_epoch"


class Begun(Protocol):
    """What is here of a file that is on its way; it survives the end of the program."""

    def length(self) -> int:
        """How many of its first bytes are here and unharmed."""

    def append(self, piece: bytes) -> None:
        """The next piece, durably."""

    def finish(self) -> bool:
        """Put it in its place; False, and nothing is left, if it is not the file of its name."""


class Files(Protocol):
    """Where the sealed bytes of attachments lie on this laptop."""

    def begun(self, name: str, *, digest: Callable[[bytes], bytes], size: int) -> Begun:
        """What is here of a file that is not whole yet: pieces of `size` bytes, each with its digest."""

    def has(self, name: str) -> bool:
        """Whether they are here."""

    def read(self, name: str) -> bytes:
        """The sealed bytes as they lie."""

    def keep(self, data: bytes) -> str:
        """Put sealed bytes in their place; their name."""

    def forget(self, names: list[str]) -> None:
        """Remove them."""


class Signer(Protocol):
    """This device's keys, as the vault holds them. `id` is 32 hexadecimal digits."""

    @property
    def id(self) -> str:
        """The first 16 bytes of SHA-256(sign_public), in hex."""

    @property
    def sign_public(self) -> bytes:
        """32 bytes, Ed25519."""

    @property
    def box_public(self) -> bytes:
        """32 bytes, X25519."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes, Ed25519."""

    def open_file(self, sealed: bytes) -> bytes | None:
        """The content of an age file for `box_public`; None when it is for somebody else, ValueError if not whole."""


@dataclass(frozen=True)
class SyncSetup:
    """One workspace that synchronises."""

    engine: Engine
    signer: Signer
    actor: Actor
    now: Clock
    stale: str = ""  # why the data may be older than known: what was sent before would be sent again as something else
    stale_word: str = ""  # the same as one word, for the centre
    files: Files | None = None  # the sealed bytes of attachments
    with_files: bool | None = None  # whether they travel in this sync; None: unless the link is metered
    received: Callable[[Changes], None] | None = None  # told what came; work that it does then is sent in the same sync

    def require_fresh(self) -> None:
        """ReadOnly, with the reason, while the data may be older than known."""
        if self.stale:
            raise ReadOnly(self.stale)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that neither sends nor audits what it changes: for what the centre said."""
        with Session(self.engine) as session, session.begin():
            session.info["journal"] = Journal(self.actor, self.now, applying=True)
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A view of the file that never waits for a writer."""
        with Session(self.engine.execution_options(naungan_read=True)) as session:
            yield session

    @property
    def device(self) -> bytes:
        """This device as it is called on the wire."""
        return bytes.fromhex(self.signer.id)


@dataclass(frozen=True, slots=True)
class Membership:
    """What enrolment gave this device."""

    office: str
    centre_key: bytes
    epoch: str
    numbers: str  # the epoch whose numbers the records here have: an earlier one, until all was read after a restore

    @property
    def scopes(self) -> tuple[str, ...]:
        """The feeds this device reads, in the order it reads them."""
        return (REFERENCE, self.office)


def membership(session: Session) -> Membership:
    """The enrolment of this workspace. Conflicted, with a sentence on what to do, if there is none yet."""
    office, key = settings.get(session, "office"), settings.get(session, "centre_key")
    if not office or not key or settings.get(session, "certificate") is None:
        raise Conflicted(
            _("This laptop is not enrolled yet. Ask the centre for an enrolment code and enter it under Settings.")
        )
    epoch = settings.get(session, "epoch", "")
    return Membership(office, key, epoch, settings.get(session, NUMBERS, epoch))
