"""The parts of the case summary that their declaration says all about: what happened, when, to whom, and the rest.

A new kind of part is printed without a line here: in the section of its tab, or where SECTION_OF puts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from app.i18n import N_, _, format_datetime, format_rupiah
from app.models.case_parts import BY_KIND, PARTS, CasePart
from app.models.field import Kind, field_map
from app.models.kind_names import kind_name
from app.models.restitution import Ledger, Line, ledger_of
from app.models.said import moment_of
from app.reports.document import Block, Entry, Fields, Heading, Table, table
from app.reports.reading import Reading, split_long

Content = Mapping[str, Any]
Moment = tuple[datetime, Entry]
DOT = " \u00b7 "

# Kinds of which the summary speaks in its own words: app/reports/case_summary.py and case_work.py. Files it holds none.
OWN_WORDS = frozenset({"screening", "service", "referral", "referral_event", "consent", "note", "attachment"})
# Told in full, one after the other, rather than as rows of a table.
IN_FULL = frozenset({"assessment", "safety_plan", "conference"})
SECTION_OF = {"safety_plan": "safety", "conference": "office", "approval": "office", "flag": "office", "task": "office"}
# What stands with its day in a table of its own and would drown the timeline.
_NOT_IN_TIMELINE = OWN_WORDS | {"victim_right"}
_WIDTHS = (0.34, 0.15, 0.51)
_SUMS: tuple[tuple[str, str], ...] = (
    ("claimed", N_("Claimed")), ("assessed", N_("Assessed by LPSK")), ("demanded", N_("Demanded")),
    ("ordered", N_("Ordered")), ("paid", N_("Paid")), ("shortfall", N_("Still to be paid")),
)  # fmt: skip


def of_section(reading: Reading, section: str) -> Iterator[Block]:
    """All kinds of one section, each under its name if there are several."""
    kinds = [p for p in PARTS if p.kind not in OWN_WORDS and SECTION_OF.get(p.kind, p.tab) == section]
    there = [part for part in kinds if reading.case.of(part.kind)]
    if section == "restitution":
        yield from sums(reading)
    for part in there:
        blocks = _in_full(reading, part) if part.kind in IN_FULL else _rows(reading, part)
        found = tuple(blocks)
        if found and part.kind not in IN_FULL and (len(there) > 1):
            yield Heading(kind_name(part.kind))
        yield from found


def moments(reading: Reading) -> Iterator[Moment]:
    """Every part with a moment, for the timeline: what its headline says, and who wrote it down."""
    for part in PARTS:
        if part.in_timeline and part.kind not in _NOT_IN_TIMELINE:
            for _rid, content in reading.case.of(part.kind):
                at, when = _moment(reading, part, content)
                if at is not None:
                    text = _joined(_headline(reading, part, content), whom(reading, content))
                    yield at, Entry(when, kind_name(part.kind), reading.author(part.kind, content), text)


def sums(reading: Reading) -> Iterator[Block]:
    """What the lines of each victim add up to."""
    for person_id in dict.fromkeys(content.get("person_id") for _rid, content in reading.case.of("restitution")):
        found = sums_of(reading, str(person_id))
        if found:
            yield Heading(reading.person(person_id), _("what the lines add up to"))
            yield Fields(found)


def ledger(reading: Reading, person_id: str) -> Ledger:
    """The sums of one victim, as far as amounts may be seen."""
    lines = [content for _rid, content in reading.case.of("restitution") if str(content.get("person_id")) == person_id]
    return ledger_of(Line(str(c.get("step") or ""), str(c.get("day") or ""), c.get("amount")) for c in lines)


def sums_of(reading: Reading, person_id: str) -> tuple[tuple[str, str], ...]:
    """(label, rupiah) of what is known; a surplus is named."""
    found = ledger(reading, person_id)
    pairs = [(_(words), format_rupiah(getattr(found, key))) for key, words in _SUMS]
    if found.surplus:
        pairs.append((_("Paid too much"), format_rupiah(found.surplus)))
    return tuple(pair for pair in pairs if pair[1])


def whom(reading: Reading, content: Content) -> str:
    """Of whom a record speaks, where there is more than one victim, or it is none of them."""
    person = content.get("person_id")
    named = person and (len(reading.victims) > 1 or str(person) not in reading.victims)
    return reading.person(person) if named else ""


def _in_full(reading: Reading, part: CasePart) -> Iterator[Block]:
    """A heading with the day and the person, then every field."""
    for content in _in_order(reading, part):
        title = _headline(reading, part, content, keys=part.headline[:1])
        _at, when = _moment(reading, part, content)
        short, long = split_long(reading.pairs(part.kind, content, skip=(*part.headline[:1], part.at)))
        if short or long:
            name = kind_name(part.kind)
            heading = title if title.startswith(name) else f"{name}: {title}"
            yield Heading(heading, _joined(when, whom(reading, content)))
        if short:
            yield Fields(short)
        yield from long


def _rows(reading: Reading, part: CasePart) -> Iterator[Table]:
    """One row for each: the headline, the day, everything else."""
    rows = []
    for content in _in_order(reading, part):
        what = _joined(_headline(reading, part, content), whom(reading, content))
        day = reading.day(part.kind, content, part.at) if part.at else ""
        rest = reading.line(part.kind, content, skip=(*part.headline, part.at))
        if day or rest or what != kind_name(part.kind):
            rows.append((what, day, rest))
    if rows:
        yield table((_("What"), _("Date"), _("Details")), rows, widths=_WIDTHS)


def _in_order(reading: Reading, part: CasePart) -> Iterator[Content]:
    """By day or moment; both have one shape within a kind."""

    def order(row: tuple[str, Content]) -> tuple[str, str]:
        told = row[1].get(part.at) if part.at else row[1].get("made_at")
        return (told if isinstance(told, str) else f"{told or 0:015d}", row[0])

    return (content for _rid, content in sorted(reading.case.of(part.kind), key=order))


def _headline(reading: Reading, part: CasePart, content: Content, *, keys: tuple[str, ...] | None = None) -> str:
    words = map(partial(reading.value, part.kind, content), part.headline if keys is None else keys)
    return _joined(*words) or kind_name(part.kind)


def _moment(reading: Reading, part: CasePart, content: Content) -> tuple[datetime | None, str]:
    """When it was, for the order and in words; a day has no hour, and what has neither was when it was entered."""
    key = part.at if part.at and content.get(part.at) else "made_at"
    if field_map(BY_KIND[part.kind].record)[key].kind is Kind.DATE:
        return moment_of(content[key]), reading.day(part.kind, content, key)
    at = reading.moment(part.kind, content, key)
    return at, format_datetime(at)


def _joined(*parts: str) -> str:
    return DOT.join(part for part in parts if part)
