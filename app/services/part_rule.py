"""What a rule about one kind of record in a case is given: the values that are about to be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.i18n import _
from app.models.base import CaseRecord
from app.models.dates import earliest, latest
from app.models.field import field_map
from app.models.person import Party
from app.services.desk import Desk


@dataclass(slots=True)
class Coming:
    """A record before it is written: a rule may fill in `values`, add a warning, or refuse by raising.

    `values` are checked already and hold only what is written now; `before` is the record as it stands, None for a
    new one.
    """

    session: Session
    desk: Desk
    case_id: str
    record: type[CaseRecord]
    values: dict[str, Any]
    before: CaseRecord | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether there was no such record."""
        return self.before is None

    def __getitem__(self, key: str) -> Any:
        """The value as it will be."""
        return self.values[key] if key in self.values else getattr(self.before, key, None)

    def changes(self, key: str) -> bool:
        """Whether this value becomes another one."""
        return key in self.values and self.values[key] != getattr(self.before, key, None)

    def default(self, key: str, value: Any) -> None:
        """What a new record holds where nothing was said."""
        if self.is_new and self.values.get(key) in (None, ""):
            self.values[key] = value

    def refuse(self, key: str, sentence: str) -> NoReturn:
        """Invalid, with the sentence at this field."""
        raise Invalid(_("Not saved: {sentence}").format(sentence=sentence), [(key, sentence)])

    def past(self, *keys: str) -> None:
        """What is said to have happened has happened: none of these days lies ahead, as far as they are known."""
        for key in keys:
            told = self.values.get(key)
            ahead = (
                told > self.desk.now() if isinstance(told, datetime) else told and earliest(told) > self.desk.today()
            )
            if ahead:
                self.refuse(key, _("This day lies ahead. Enter what has happened; plan the rest as a task."))

    def in_order(self, first: str, then: str) -> None:
        """The second of two days is not before the first, as far as both are known."""
        if self[first] and self[then] and latest(self[then]) < earliest(self[first]):
            labels = [_(field_map(self.record)[key].label) for key in (then, first)]
            self.refuse(then, _("“{later}” lies before “{earlier}”.").format(later=labels[0], earlier=labels[1]))

    def about_victim(self) -> None:
        """It is about a victim of the case: the only one, if nobody was named."""
        victims = tuple(
            self.session.scalars(
                select(Party.person_id).where(Party.case_id == self.case_id, Party.role == "VICTIM").distinct()
            )
        )
        if len(victims) == 1:
            self.default("person_id", victims[0])
        if self["person_id"] not in victims:
            self.refuse("person_id", _("Choose the victim it is about."))


Rule = Callable[[Coming], None]
