"""Reading a reduced case aloud: values as words, persons by name or by number, and a list of the fields that were said.

Nothing is printed but through here, so the list of fields in the audit is what the paper holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from app.i18n import _, format_date, format_datetime, format_rupiah, zone
from app.models.all import KINDS
from app.models.codelist import codelist, label
from app.models.course import Standing
from app.models.dates import earliest, show_age
from app.models.field import Field, Kind, field_map, from_ms, said_fields
from app.models.referral import COURSE
from app.models.said import contact_words, value_words
from app.models.view import CaseFile, steps_of
from app.reports.case_input import CaseInput, report_day, victims_of
from app.reports.document import Paragraph

LONG_TEXT = 90  # characters from which a value gets a paragraph of its own rather than a column
UNKNOWN = "\u2013"


class Reading:
    """One reduced case in the language of the running code."""

    def __init__(self, case: CaseInput) -> None:
        self.case = case
        self.victims = victims_of(case)
        self.report_day: date = report_day(case)
        self._said: set[str] = set()
        self._people = dict(case.of("person"))
        self._labels = dict(_person_labels(case))
        self._file = CaseFile()
        for kind in ("referral", "referral_event"):
            for record_id, content in case.of(kind):
                self._file.add(kind, record_id, case.revs.get(record_id, 0), content)

    @property
    def said(self) -> tuple[str, ...]:
        """The fields whose values were read so far: 'person.name', sorted."""
        return tuple(sorted(self._said))

    def value(self, kind: str, content: Mapping[str, Any], key: str) -> str:
        """The words of one field; '' if it is empty or not here."""
        held = content.get(key)
        if held is None or held == "":
            return ""
        field = field_map(KINDS[kind])[key]
        words = self._words(field, held)
        if words:
            self._said.add(f"{kind}.{key}")
        if words and kind == "person" and field.kind is Kind.PHONE:
            return words + " \u00b7 " + self._is_safe(content)
        return words

    def _is_safe(self, content: Mapping[str, Any]) -> str:
        """Whether to call is safe: no number of a person is on paper without it."""
        safety = content.get("contact_safety")
        if safety:
            self._said.add("person.contact_safety")
        return contact_words(safety)

    def moment(self, kind: str, content: Mapping[str, Any], key: str) -> datetime | None:
        """The aware datetime of one field, or None; counts as read."""
        held = content.get(key)
        if held is None:
            return None
        self._said.add(f"{kind}.{key}")
        return from_ms(held)

    def day(self, kind: str, content: Mapping[str, Any], key: str) -> str:
        """The day of a date or a moment, short enough for a column: '25 Nov 2026'."""
        held = content.get(key)
        if not held or "?" in str(held):
            return self.value(kind, content, key)
        self._said.add(f"{kind}.{key}")
        day = earliest(held) if isinstance(held, str) else local_day(from_ms(held))
        return format_date(day, "medium")

    def pairs(self, kind: str, content: Mapping[str, Any], *, skip: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
        """(label, words) of every field of a record that has a value: all but links, entry marks and those skipped."""
        left_out = frozenset(skip)
        for field in said_fields(KINDS[kind]):
            if field.key in left_out:
                continue
            words = self.value(kind, content, field.key)
            if words:
                yield _(field.label), words

    def line(self, kind: str, content: Mapping[str, Any], *, skip: Iterable[str] = ()) -> str:
        """All fields of a record in one line: 'Alias: Si Jon \u00b7 NIK: ...'."""
        return " \u00b7 ".join(f"{name}: {words}" for name, words in self.pairs(kind, content, skip=skip))

    def person(self, person_id: Any) -> str:
        """The name, or 'Victim 1' where names may not be shown."""
        content = self._people.get(str(person_id), {})
        return self.value("person", content, "name") or self._labels.get(str(person_id), UNKNOWN)

    def person_content(self, person_id: Any) -> Mapping[str, Any]:
        """What may be seen of a person; {} if nothing."""
        return self._people.get(str(person_id), {})

    def age(self, content: Mapping[str, Any]) -> str:
        """'16 years' on the day of the report; '' if nothing is known."""
        born, estimate = content.get("birth_date"), content.get("age")
        years = show_age(born, estimate, self.report_day)
        if years:
            self._said.add("person.birth_date" if born else "person.age")
        return _("{n} years old").format(n=years) if years else ""

    def office(self, office_id: Any) -> str:
        """The name of an office or agency; its id is never shown."""
        return self.case.names.get(str(office_id), "") if office_id else ""

    def author(self, kind: str, content: Mapping[str, Any]) -> str:
        """'Siti Rahma, UPTD PPA Kota Bandung': who entered a record, as far as it may be seen."""
        found = (self.value(kind, content, "made_by"), self.value(kind, content, "made_office"))
        if found[0] and not content.get("made_office"):  # a delivery: the centre wrote it
            return _("the centre")
        return ", ".join(part for part in found if part)

    def referral_state(self, referral_id: str) -> Standing:
        """Where a referral stands, played from its events."""
        referral = dict(self.case.of("referral"))[referral_id]
        return COURSE.state_of(steps_of(self._file, referral_id, referral))

    def _words(self, field: Field, value: Any) -> str:
        match field.kind:
            case Kind.DATETIME:
                return format_datetime(from_ms(value))
            case Kind.REF:
                return self.office(value)
            case Kind.INT:
                return format_rupiah(value) if field.unit == "rupiah" else f"{value} {_(field.unit)}".strip()
            case _:
                return value_words(field, value)


def split_long(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[tuple[str, str], ...], tuple[Paragraph, ...]]:
    """Short values for the columns, and the long ones as paragraphs."""
    found = list(pairs)
    short = tuple(pair for pair in found if not _is_long(pair[1]))
    return short, tuple(Paragraph(words, name) for name, words in found if _is_long(words))


def _is_long(words: str) -> bool:
    return len(words) > LONG_TEXT or "\n" in words


def codes_of(name: str) -> tuple[str, ...]:
    """The codes of a list that are in use, in its order: the choices of a form."""
    return tuple(code.code for code in codelist(name).choices())


def local_day(moment: datetime) -> date:
    """The day of a moment in the zone that is shown."""
    return moment.astimezone(zone()).date()


def _person_labels(case: CaseInput) -> Iterator[tuple[str, str]]:
    """'Victim 1', 'Suspect 2': what stands for a name that may not be shown, by the first role a person has."""
    counts: dict[str, int] = {}
    labelled: set[str] = set()
    for _rid, content in case.of("party"):
        person, role = str(content.get("person_id")), str(content.get("role") or "")
        if person in labelled:
            continue
        labelled.add(person)
        counts[role] = counts.get(role, 0) + 1
        yield person, f"{label('party_role', role) or _('Person')} {counts[role]}"
