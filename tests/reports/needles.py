"""A needle for every field of every record, and what it looks like on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.i18n import format_date, format_number
from app.models.all import KINDS
from app.models.dates import earliest, show_date
from app.models.field import Field, Kind, fields_of, to_ms
from app.reports.case_input import CASE_KINDS, CaseInput
from tests.reports.sample import case_input, rid

# Which record of the sample gets the needle.
HOLDERS = {
    "case": rid(1), "person": rid(2), "party": rid(6), "screening": rid(8), "consent": rid(9), "service": rid(11),
    "referral": rid(14), "referral_event": rid(17), "note": rid(19),
}  # fmt: skip
# Fields with a value that no summary prints, and why.
NOT_PRINTED = {
    "referral.consent_id": "the consent stands in its own table",
    "referral.to_office": "the agency's name stands for it",
    **{f"{kind}.made_at": "the record's own moment stands in the timeline" for kind in CASE_KINDS},
    **{f"{kind}.{key}": "not an entry of the timeline" for kind in ("person", "party", "consent", "referral")
       for key in ("made_by", "made_office")},
}  # fmt: skip
WORDS = (Kind.TEXT, Kind.LONG, Kind.CODE, Kind.CODES, Kind.PHONE, Kind.NIK)


@dataclass(frozen=True)
class Needle:
    """One value in one field; `shown` are the forms that would betray it."""

    kind: str
    field: Field
    value: Any
    number: int

    @property
    def name(self) -> str:
        """'person.name'"""
        return f"{self.kind}.{self.field.key}"

    def shown(self) -> tuple[str, ...]:
        """What to look for in the language of the running code."""
        match self.field.kind:
            case Kind.CODES:
                return (self.value[0],)
            case Kind.DATE:
                return show_date(self.value), format_date(earliest(self.value), "medium")
            case Kind.DATETIME:
                return (format_date(_day(self.number).date(), "medium"),)
            case Kind.REF:
                return (f"Kantor{self.number}Q",)
            case Kind.INT if self.field.unit == "rupiah":
                return (format_number(self.value),)
            case _:
                return (str(self.value),)


def needles(holders: Mapping[str, str] = HOLDERS) -> Iterator[Needle]:
    """One for every field that is not a link; a yes or no has none."""
    number = 100 if holders is HOLDERS else 400  # others than the ids of the offices
    for kind in holders:
        for field in fields_of(KINDS[kind]):
            number += 1
            if field.group != "link" and field.kind is not Kind.BOOL:
                yield Needle(kind, field, _value(field, number), number)


def _value(field: Field, number: int) -> Any:
    match field.kind:
        case Kind.CODES:
            return [f"JARUM{number}Q"]
        case Kind.DATE:
            return f"{1700 + number}-05-03"
        case Kind.DATETIME:
            return to_ms(_day(number))
        case Kind.INT:
            return 7000 + number
        case Kind.REGION:
            return f"Q{number}"
        case Kind.REF:
            return f"{number:032x}"
        case _:
            return f"Jarum{number}Q"


def _day(number: int) -> datetime:
    return datetime(2001, 1, 1, 5, tzinfo=UTC) + timedelta(days=number)


def plant(*planted: Needle, case: CaseInput | None = None, holders: Mapping[str, str] = HOLDERS) -> CaseInput:
    """The sample, or another case, with these needles in it."""
    case = case or case_input()
    records = {kind: tuple((rid, dict(content)) for rid, content in rows) for kind, rows in case.records.items()}
    names = dict(case.names)
    for needle in planted:
        content = dict(records[needle.kind])[holders[needle.kind]]
        content[needle.field.key] = needle.value
        if needle.name == "person.age":
            content.pop("birth_date", None)  # an estimate counts only when the date is not known
        if needle.field.kind is Kind.REF:
            names[needle.value] = f"Kantor{needle.number}Q"
    return replace(case, records=records, names=names)


def fill_words(text: str, *, everywhere: bool = True) -> CaseInput:
    """The sample with this text in every field of free words, and in the names of the offices.

    `everywhere=False`: in one record of each kind, for texts of which many would make a book.
    """
    case = case_input()
    records: dict[str, tuple[tuple[str, Mapping[str, Any]], ...]] = {}
    for kind, rows in case.records.items():
        words = {f.key: text for f in fields_of(KINDS[kind]) if f.kind in (Kind.TEXT, Kind.LONG)}
        records[kind] = tuple(
            (record, {**content, **words} if everywhere or record == HOLDERS[kind] else content)
            for record, content in rows
        )
    return replace(case, records=records, names=dict.fromkeys(case.names, text if everywhere else "Kantor"))
