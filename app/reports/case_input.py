"""One case as plain data, as the reports take it: canonical contents, and the names of offices and agencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from app.models.all import KINDS
from app.models.attachment import Attachment
from app.models.case_parts import PARTS
from app.models.content import from_plain
from app.models.dates import earliest
from app.models.field import Field, Kind, field_map, from_ms
from app.models.referral import Referral, ReferralEvent
from app.models.sealed import HIDDEN, is_token

Row = tuple[str, Mapping[str, Any]]  # id, canonical content with what is sealed opened, or left out
# Files go their own way. Users, offices and agencies are no part of a case: their names come in `CaseInput.names`.
CASE_KINDS = ("case", "person", "party", *(part.kind for part in PARTS if part.kind != Attachment.kind), "conflict")
# The office's own business: on no paper that leaves it. Referrals and their steps have rules of their own.
OF_THE_OFFICE = frozenset(part.kind for part in PARTS if not part.travels) - {Referral.kind, ReferralEvent.kind}

_YEARS = range(1800, 2300)  # a moment outside them is damage, and no zone can be reckoned at the ends of the calendar


@dataclass(frozen=True, slots=True)
class CaseInput:
    """One case as plain data. `names` maps offices and agencies to their names, `revs` records to their numbers."""

    case_id: str
    records: Mapping[str, tuple[Row, ...]]
    today: date
    names: Mapping[str, str] = field(default_factory=dict)
    revs: Mapping[str, int] = field(default_factory=dict)
    damaged: tuple[str, ...] = ()  # 'person.birth_date': fields that hold what they cannot hold
    holder: str = ""  # the office whose the case is, where it is not the one that opened it
    withheld: tuple[str, ...] = ()  # 'person.health': fields with a value that is sealed for whoever asks

    def of(self, kind: str) -> tuple[Row, ...]:
        """(id, content) of the records of one kind."""
        return tuple(self.records.get(kind, ()))

    @property
    def office(self) -> str:
        """The office whose case this is; '' where it may not be told."""
        opened = self.case.get("made_office")
        return (self.holder or str(opened)) if opened else ""

    @property
    def case(self) -> Mapping[str, Any]:
        """The content of the case itself."""
        return next((content for record_id, content in self.of("case") if record_id == self.case_id), {})


def report_day(case: CaseInput) -> date:
    """The Indonesian day of the report, on which ages are counted."""
    reported = case.case.get("reported_at")
    return case.today if reported is None else (from_ms(reported) + timedelta(hours=7)).date()


def victims_of(case: CaseInput) -> tuple[str, ...]:
    """Ids of the victims, in the order of entry."""
    held = (content.get("person_id") for _rid, content in case.of("party") if content.get("role") == "VICTIM")
    return tuple(dict.fromkeys(str(person) for person in held if person))


def without_sealed(case: CaseInput) -> CaseInput:
    """The case without values that are still sealed; the fields are listed in `withheld`. Unknown fields stay."""
    sealed = set(case.withheld)
    records: dict[str, tuple[Row, ...]] = {}
    for kind, rows in case.records.items():
        found = []
        for record_id, content in rows:
            closed = {key for key, value in content.items() if _is_closed(value)}
            sealed |= {f"{kind}.{key}" for key in closed}
            found.append((record_id, {k: v for k, v in content.items() if k not in closed}))
        records[kind] = tuple(found)
    return replace(case, records=records, withheld=tuple(sorted(sealed)))


def _is_closed(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(one is HIDDEN or is_token(one) for one in value)
    return value is HIDDEN or is_token(value)


def without_damage(case: CaseInput) -> CaseInput:
    """The case without values that their field cannot hold; the fields are listed in `damaged`.

    The program cannot have written them. A summary has to be made all the same, and must say what it does not print.
    """
    damaged: set[str] = set()
    records: dict[str, tuple[Row, ...]] = {}
    for kind in CASE_KINDS:
        known = field_map(KINDS[kind])
        bad = {key for _rid, content in case.of(kind) for key, value in content.items()
               if key in known and not _is_sound(known[key], value)}  # fmt: skip
        damaged |= {f"{kind}.{known[key].key}" for key in bad}
        records[kind] = tuple(
            (rid, {k: v for k, v in content.items() if k not in bad or _is_sound(known[k], v)})
            for rid, content in case.of(kind)
        )
    return replace(case, records=records, damaged=tuple(sorted(damaged)))


def _is_sound(field: Field, value: Any) -> bool:
    try:
        held = from_plain(field, value)
        if field.kind is Kind.DATE and held:
            earliest(held)
        return field.kind is not Kind.DATETIME or held is None or held.year in _YEARS
    except (ValueError, OverflowError):
        return False
