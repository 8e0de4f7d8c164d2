"""A section of the case summary for every part of a case that has none of its own, from its declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.i18n import format_datetime
from app.models.case_parts import BY_KIND, PARTS, CasePart
from app.models.field import Kind, field_map, from_ms
from app.models.kind_names import kind_name
from app.models.said import DOT, moment_of
from app.reports.document import Block, Entry, Fields, Heading
from app.reports.reading import Reading, split_long

# What case_summary.py and case_work.py tell in a way of their own.
_OWN = frozenset(
    {"screening", "service", "referral", "referral_event", "consent", "note", "attachment"}
)  # fmt: skip
TOLD: tuple[str, ...] = tuple(part.kind for part in PARTS if part.kind not in _OWN)


def part_section(reading: Reading, kind: str) -> Iterator[Block]:
    """Every record of a kind: its headline, whom it is about, and all it says."""
    part = BY_KIND[kind]
    for _rid, content in sorted(reading.case.of(kind), key=lambda row: (_order(part, row[1]), row[0])):
        head = DOT.join(words for key in part.headline if (words := reading.value(kind, content, key)))
        short, long = split_long(reading.pairs(kind, content, skip=part.headline))
        if not (head or short or long):
            continue
        about = reading.person(content["person_id"]) if content.get("person_id") else ""
        yield Heading(head or kind_name(kind), about if about != head else "")
        if short:
            yield Fields(short)
        yield from long


def part_timeline(reading: Reading) -> Iterator[tuple[datetime, Entry]]:
    """What happened, of the same parts."""
    for kind in TOLD:
        part = BY_KIND[kind]
        for _rid, content in reading.case.of(kind) if part.in_timeline else ():
            at = _moment(reading, part, content)
            if at is not None:
                words = DOT.join(w for key in part.headline if (w := reading.value(kind, content, key)))
                yield at, Entry(format_datetime(at), kind_name(kind), reading.author(kind, content), words)


def _moment(reading: Reading, part: CasePart, content: Mapping[str, Any]) -> datetime | None:
    """When it was; when it was entered, where nothing else says it."""
    if part.at and content.get(part.at) is not None:
        reading.value(part.kind, content, part.at)  # it is printed: it counts as said
        told = content[part.at]
        return from_ms(told) if field_map(part.record)[part.at].kind is Kind.DATETIME else moment_of(told)
    return reading.moment(part.kind, content, "made_at")


def _order(part: CasePart, content: Mapping[str, Any]) -> str:
    """Sorts by day or moment; both shapes are the same within one kind."""
    told = content.get(part.at) if part.at else content.get("made_at")
    return told if isinstance(told, str) else f"{told or 0:015d}"
