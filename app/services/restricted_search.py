"""The search of a cleared user also finds sealed words: health, places, titles of attachments.

The index is derived: it follows every unit of work and every sync, and is read anew when it is missing, was damaged, or
somebody worked here without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Self

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.models.attachment import Attachment
from app.models.base import Record
from app.models.case import Case
from app.models.codelist import label
from app.models.field import APART, Kind, sealed_fields
from app.models.journal import Changes
from app.models.local import AuditEntry
from app.models.person import Party, Person
from app.models.sealed import HIDDEN
from app.models.service import Service
from app.services.entries import Opens, opened
from app.services.sealing import Keyring
from app.vault.keys import Keys
from app.vault.restricted_index import RestrictedIndex

MOST: Final = 5_000  # cases one search brings
_PIECE = 100
_WHOLE = "audit"  # up to which line of the audit the index is whole
_KINDS = frozenset({"person", "party", "service", "attachment", "key_grant"})


class RestrictedSearch:
    """The index of one open workspace. Any thread may search while another reads cases into it."""

    def __init__(self, engine: Engine, keyring: Keyring, index: RestrictedIndex) -> None:
        self._engine = engine
        self._keyring = keyring
        self._index = index
        self._whole = index.state(_WHOLE) == self._head()
        index.note(_WHOLE, "")  # until it is closed in order: after a crash it is read anew

    @classmethod
    def open(cls, engine: Engine, keyring: Keyring | None, *, directory: Path, keys: Keys | None) -> Self | None:
        """The search of a cleared user; None for anybody else, whose program never touches the index."""
        if keyring is None or keys is None:
            return None
        return cls(engine, keyring, RestrictedIndex(directory, keys=keys))

    @property
    def whole(self) -> bool:
        """Whether every case is in it; if not, `make_whole` has work to do."""
        return self._whole

    def find(self, match: str) -> tuple[str, ...]:
        """The cases with sealed words that match an FTS5 query."""
        return self._index.find(match, most=MOST)

    def changed(self, changes: Changes) -> None:
        """Bring the index up to date with a unit of work or a sync."""
        if changes.kinds & _KINDS and changes.cases:
            with self._reading() as session:
                self._read(session, sorted(changes.cases))

    def make_whole(self) -> None:
        """Read every case into it."""
        last: str | None = ""
        while last is not None and not self._whole:
            last = self.piece(last)

    def piece(self, after: str) -> str | None:
        """Read some cases into it, those after this one; the last of them, or None when it is whole."""
        with self._reading() as session:
            ids = session.scalars(select(Case.id).where(Case.id > after).order_by(Case.id).limit(_PIECE)).all()
            self._read(session, ids)
        self._whole = not ids
        return ids[-1] if ids else None

    def renew(self) -> None:
        """After new keys: whoever held the old ones opens nothing of it any more."""
        self._index.renew()
        self._whole = False
        self.make_whole()

    def close(self) -> None:
        """Note how far it is whole, settle and close it."""
        if self._whole:
            self._index.note(_WHOLE, self._head())
        self._index.close()

    def _read(self, session: Session, cases: Iterable[str]) -> None:
        opens = self._keyring.opener(session)
        self._index.put([(case_id, "\n".join(_words(session, case_id, opens))) for case_id in cases])

    def _reading(self) -> Session:
        return Session(self._engine.execution_options(naungan_read=True))

    def _head(self) -> str:
        with self._reading() as session:
            return str(session.scalar(select(func.max(AuditEntry.seq))) or 0)


def _words(session: Session, case_id: str, opens: Opens) -> Iterator[str]:
    """What is sealed in a case, as people type it: words, and the names of codes."""
    people = select(Party.person_id).where(Party.case_id == case_id)
    records: list[Record] = list(session.scalars(select(Person).where(Person.id.in_(people)).order_by(Person.id)))
    for kind in (Service, Attachment):
        records += session.scalars(select(kind).where(kind.case_id == case_id).order_by(kind.id))
    for record in records:
        for field in sealed_fields(type(record)):
            if field.group in APART:
                continue
            value = opened(record, field, opens)
            if value is HIDDEN or not value:
                continue
            codes = value if field.kind is Kind.CODES else ()
            yield from (label(field.codelist, code) for code in codes) if field.codelist else (str(value),)
