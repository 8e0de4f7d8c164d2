"""What only this laptop keeps: outbox, feeds, drafts, settings. Never synchronised as records."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base
from app.models.field import Moment


class Operation(Base):
    """One save of one record by one person: what goes to the centre, and what the centre said about it.

    `changes` and `before` are msgpack maps of field key to wire value; a set field's change is
    {"add": [...], "remove": [...]}. `result` is NULL until the centre has decided.
    """

    __tablename__ = "operation"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    record: Mapped[str] = mapped_column(String(32), index=True)
    case_id: Mapped[str | None] = mapped_column(String(32), index=True)
    base_rev: Mapped[int] = mapped_column(Integer, default=0)
    new: Mapped[bool] = mapped_column(default=False)
    changes: Mapped[bytes] = mapped_column(LargeBinary)
    before: Mapped[bytes] = mapped_column(LargeBinary)
    actor: Mapped[str] = mapped_column(String(32))
    actor_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    batch: Mapped[int | None] = mapped_column(Integer, index=True)  # NULL: not frozen yet
    idx: Mapped[int | None] = mapped_column(Integer)
    result: Mapped[str | None] = mapped_column(String(12), index=True)
    result_code: Mapped[str | None] = mapped_column(String(40))
    result_field: Mapped[str | None] = mapped_column(String(40))
    result_rev: Mapped[int | None] = mapped_column(Integer, index=True)  # where the centre put it: its own feed line
    settled: Mapped[bool] = mapped_column(default=False)  # refused or held work that was replaced or given up


class Batch(Base):
    """Frozen bytes of the outbox: identity (device, n), chained by hash, kept until proven and 400 days more."""

    __tablename__ = "batch"

    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    operations: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(8), default="FROZEN")  # FROZEN, PARTIAL, STORED, APPLIED, ACKED, PROVEN
    offset: Mapped[int] = mapped_column(Integer, default=0)
    frozen_at: Mapped[datetime] = mapped_column(Moment)
    acked_at: Mapped[datetime | None] = mapped_column(Moment)


class Feed(Base):
    """How far this laptop has read one scope, and the centre's last signed word on it."""

    __tablename__ = "feed"

    scope: Mapped[str] = mapped_column(String(32), primary_key=True)
    cursor: Mapped[str] = mapped_column(Text, default="")  # opaque; '' = from the beginning
    epoch: Mapped[str] = mapped_column(String(32), default="")
    seq: Mapped[int] = mapped_column(Integer, default=0)
    receipt: Mapped[bytes | None] = mapped_column(LargeBinary)  # signed by the centre
    proven_at: Mapped[datetime | None] = mapped_column(Moment)


class PartialSegment(Base):
    """The bytes of a feed segment received so far: a link that broke goes on where it stopped."""

    __tablename__ = "partial_segment"

    scope: Mapped[str] = mapped_column(String(32), primary_key=True)
    cursor: Mapped[str] = mapped_column(Text)  # what was asked for
    digest: Mapped[str] = mapped_column(String(64))  # of the whole segment, as the centre named it
    total: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class BundleSent(Base):
    """A file that was made to carry batches to the centre by hand, until the centre's answer to it was read."""

    __tablename__ = "bundle_sent"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    first: Mapped[int] = mapped_column(Integer)  # batches in it; 0, 0: none, it only asks
    last: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)  # bytes
    answered_at: Mapped[datetime | None] = mapped_column(Moment)


class Shadow(Base):
    """The centre's version of a record that has unsent local work on it: base for the digest and for merging."""

    __tablename__ = "shadow"

    record: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str | None] = mapped_column(String(32))
    rev: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class AuditEntry(Base):
    """One link of this device's audit chain: h = SHA-256(h before, this entry). Field names, never values."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(32))
    device: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(20))  # create, change, apply, view, export, ...
    kind: Mapped[str] = mapped_column(String(20))
    record: Mapped[str] = mapped_column(String(64), index=True)
    fields: Mapped[str] = mapped_column(Text)  # names, comma-separated
    h: Mapped[bytes] = mapped_column(LargeBinary(32))


class ImportBatch(Base):
    """A spreadsheet that was taken in as one unit of work. Its operations are those from `first` to `last`."""

    __tablename__ = "import_batch"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    user: Mapped[str] = mapped_column(String(32))
    user_name: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(Text)
    sheet: Mapped[str] = mapped_column(Text)
    rows: Mapped[int] = mapped_column(Integer)
    cases: Mapped[int] = mapped_column(Integer)
    first: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(Integer)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)


class Draft(Base):
    """An open form, saved while it is being filled in. `content` is msgpack."""

    __tablename__ = "draft"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    form: Mapped[str] = mapped_column(String(40))
    record: Mapped[str | None] = mapped_column(String(32))
    user: Mapped[str] = mapped_column(String(32))
    saved_at: Mapped[datetime] = mapped_column(Moment)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Setting(Base):
    """A named value of this workspace: office, certificate, serial numbers, column widths. `value` is msgpack."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[bytes] = mapped_column(LargeBinary)


class Export(Base):
    """The register of everything that left as a file."""

    __tablename__ = "export"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    user: Mapped[str] = mapped_column(String(32))
    report: Mapped[str] = mapped_column(String(40))
    record: Mapped[str | None] = mapped_column(String(32))
    consent_id: Mapped[str | None] = mapped_column(String(32))  # NULL: none was needed, or older than this column
    profile: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    fields: Mapped[str] = mapped_column(Text)
