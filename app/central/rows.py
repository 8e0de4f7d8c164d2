"""What a scope holds of a record: the whole of it for its owner, and where it stands in a feed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.models.content import Content
from app.models.view import CaseFile
from app.wire.digest import item_digest
from app.wire.messages import encode

CENTRE = ""  # the device id of what the centre itself wrote


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote: device, a name to show, and when (milliseconds, only for people to read)."""

    device: str
    name: str
    at: int


@dataclass(slots=True)
class History:
    """field -> number of its last change, and who made the change with that number."""

    revs: dict[str, int] = field(default_factory=dict)
    authors: dict[int, Author] = field(default_factory=dict)

    @classmethod
    def load(cls, data: bytes) -> History:
        """From the database."""
        revs, authors = msgspec.msgpack.decode(data, type=tuple[dict[str, int], list[tuple[int, str, str, int]]])
        return cls(revs, {rev: Author(device, name, at) for rev, device, name, at in authors})

    def dump(self) -> bytes:
        """For the database; authors of numbers that no field has any more are let go."""
        used = set(self.revs.values())
        authors = [(rev, a.device, a.name, a.at) for rev, a in self.authors.items() if rev in used]
        return encode([self.revs, authors])

    def note(self, keys: tuple[str, ...], *, rev: int, author: Author) -> None:
        """These fields changed with this number."""
        self.authors[rev] = author
        for key in keys:
            self.revs[key] = rev

    def unseen(self, base_rev: int, *, device: str) -> set[str]:
        """The fields that another device changed after the version an author saw."""
        return {k for k, rev in self.revs.items() if rev > base_rev and self.authors[rev].device != device}

    def author_of(self, key: str) -> Author:
        """Who wrote a field last; nobody, if it never was."""
        return self.authors.get(self.revs.get(key, 0), Author(CENTRE, "", 0))


@dataclass(slots=True)
class Row:
    """A record as its owner scope holds it."""

    kind: str
    id: str
    content: Content
    rev: int = 0
    history: History = field(default_factory=History)

    @property
    def case_id(self) -> str | None:
        """The case it belongs to; a case belongs to itself."""
        case_id = self.id if self.kind == "case" else self.content.get("case_id")
        return case_id if isinstance(case_id, str) else None

    @property
    def person(self) -> str | None:
        """The person through whom it is found: of a party, a conflict about a person, or a person's key."""
        if self.kind == "party":
            key = "person_id"
        elif self.kind == "conflict" and self.content.get("about_kind") == "person":
            key = "about_id"
        elif self.kind == "key_grant" and self.content.get("subject_kind") == "person":
            key = "subject"
        else:
            return None
        person = self.content.get(key)
        return person if isinstance(person, str) else None


@dataclass(slots=True)
class Placed:
    """The latest feed row of a record in one scope."""

    kind: str
    record: str
    row: str  # 'F' it is here, 'L' it has left
    rev: int
    seq: int
    item: int  # its part of the scope's digest
    owner: str
    until: str | None = None

    @property
    def here(self) -> bool:
        """Whether the scope holds the record now."""
        return self.row == "F"

    def shows(self, content: Content, *, rev: int | None = None) -> bool:
        """Whether exactly this content stands there (at the number it stood at, or at another one)."""
        number = self.rev if rev is None else rev
        return self.here and self.item == item_digest(self.kind, bytes.fromhex(self.record), number, content)


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A row to be appended to a feed."""

    seq: int
    row: str
    kind: str
    record: str
    rev: int
    content: bytes
    reason: str
    device: str | None = None  # which alone caused it, and can make the content from its own work


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an operation after the result of its batch was told."""

    seq: int
    device: str
    n: int
    position: int
    outcome: bytes


def until_of(kind: str, content: dict[str, Any]) -> str | None:
    """The last day a consent holds, in a form that sorts; None for anything else."""
    until = content.get("valid_until") if kind == "consent" else None
    return until.replace("?", "9") if isinstance(until, str) else None


def case_file(rows: list[Row]) -> CaseFile:
    """The pure view of a case, from the rows its owner holds."""
    file = CaseFile()
    for row in rows:
        file.add(row.kind, row.id, row.rev, row.content)
    return file
