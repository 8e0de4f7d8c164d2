"""The base of every record, and the list of all kinds of record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app.i18n import N_
from app.models.field import Kind, Merge, Tier, field
from app.models.ids import new_id

KINDS: dict[str, type["Record"]] = {}


class Base(DeclarativeBase):
    """Every table of the workspace."""


class Record(Base):
    """A thing that is journalled, audited, synchronised and shared; subclasses name their `kind`.

    `rev` is the number the owning scope gave its latest known change (0: the centre has not seen it).
    `scope` is the feed it arrives through (NULL: made here, not yet confirmed). `extra` holds fields of a newer peer.
    """

    __abstract__ = True
    kind: ClassVar[str]

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    rev: Mapped[int] = mapped_column(Integer, default=0)
    scope: Mapped[str | None] = mapped_column(String(32))
    extra: Mapped[bytes | None] = mapped_column(LargeBinary)

    made_at: Mapped[datetime | None] = field(
        N_("Entered at"), kind=Kind.DATETIME, tier=Tier.OPEN, group="entry", merge=Merge.ONCE
    )
    made_by: Mapped[str | None] = field(N_("Entered by"), tier=Tier.CASE, group="entry", merge=Merge.ONCE)
    made_office: Mapped[str | None] = field(
        N_("Office"), kind=Kind.REF, tier=Tier.OPEN, group="entry", merge=Merge.ONCE
    )

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        """The sync finds records by their number in a scope; what was never sent stands in no index for it."""
        name = f"ix_{cls.__tablename__}_place"
        return (Index(name, "scope", "rev", sqlite_where=text("rev > 0")),)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "kind" in cls.__dict__:  # not an abstract step in between
            KINDS[cls.kind] = cls

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)

    @classmethod
    def derived(cls, content: Mapping[str, Any]) -> dict[str, Any]:
        """The columns that follow from a content and are no part of it."""
        return {}

    def __repr__(self) -> str:
        return f"<{self.kind} {self.id}>"  # never a value: reprs end up in tracebacks


class CaseRecord(Record):
    """A record that belongs to one case and travels with it."""

    __abstract__ = True

    case_id: Mapped[str | None] = field(
        N_("Case"), kind=Kind.REF, tier=Tier.OPEN, group="link", merge=Merge.ONCE, index=True
    )
