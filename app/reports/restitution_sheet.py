"""The restitution sheet of one victim, for prosecutor and LPSK: sums, lines, and the deadlines that conflict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.i18n import _, format_date, format_rupiah, language
from app.reports.case_parts import sums_of
from app.reports.case_summary import Occasion, about, marks_of, signatures
from app.reports.case_work import withdrawn
from app.reports.document import Badge, Block, Document, Fields, Heading, Notice, Paragraph, Section, Tone, table
from app.reports.reading import Reading
from app.reports.redaction import Release

_WIDTHS = (0.17, 0.15, 0.18, 0.2, 0.3)
_DUE_WIDTHS = (0.36, 0.18, 0.22, 0.24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One rule about the payment. `due` is None while nothing began it; `why` says what has to happen first."""

    title: str
    law: str
    due: date | None
    state: str = ""
    why: str = ""
    is_over: bool = False
    conflicts: bool = False  # one of the three that name different last days for one payment


def restitution_sheet(
    reading: Reading, person_id: str, deadlines: Sequence[Deadline], *, release: Release, occasion: Occasion
) -> Document:  # fmt: skip
    """The sheet over a case already reduced, in the language of the running code."""
    sections = (
        Section(_("Victim"), tuple(_victim(reading, person_id))),
        Section(_("Where it stands"), tuple(_sums(reading, person_id))),
        Section(_("The lines"), tuple(_lines(reading, person_id))),
        Section(_("Until when it is to be paid"), tuple(_deadlines(deadlines))),
        Section(_("About this document"), tuple(about(reading, release=release))),
        Section(_("Signatures"), (signatures(occasion),)),
    )
    badges = [*withdrawn(reading, about=person_id)]
    if any(one.is_over for one in deadlines):
        badges.append(Badge(_("Overdue"), Tone.DANGER))
    number = reading.value("case", reading.case.case, "number")
    return Document(
        language=language(), kind=_("Restitution sheet"), title=number or _("Restitution"),
        letterhead=occasion.letterhead, badges=tuple(badges),
        sections=tuple(section for section in sections if section.blocks), marks=marks_of(occasion, release.profile),
    )  # fmt: skip


def _victim(reading: Reading, person_id: str) -> Iterator[Block]:
    person = reading.person_content(person_id)
    said = (reading.value("person", person, "sex"), reading.age(person))
    yield Heading(reading.person(person_id), " \u00b7 ".join(words for words in said if words))
    for _rid, step in reading.case.of("legal_step"):
        facts = tuple(
            (name, words) for name, key in (
                (_("Report number (LP)"), "report_number"), (_("Court case number"), "court_number"),
                (_("Institution"), "institution"), (_("Date"), "day"),
            ) if (words := reading.value("legal_step", step, key))
        )  # fmt: skip
        if step.get("report_number") or step.get("court_number"):
            yield Fields(facts, columns=4)


def _sums(reading: Reading, person_id: str) -> Iterator[Block]:
    found = sums_of(reading, person_id)
    if found:
        yield Fields(found)
        yield Notice(_(
            "Of a claim, an assessment, a demand and an order the latest counts; payments are added up. "
            "Where no sum stands there is no data, which is not nothing."
        ))  # fmt: skip


def _lines(reading: Reading, person_id: str) -> Iterator[Block]:
    rows = []
    mine = [c for _rid, c in reading.case.of("restitution") if str(c.get("person_id")) == person_id]
    for line in sorted(mine, key=lambda content: str(content.get("day") or "")):
        amount = format_rupiah(line["amount"]) if reading.value("restitution", line, "amount") else ""
        step, who = (reading.value("restitution", line, key) for key in ("step", "institution"))
        rest = reading.line("restitution", line, skip=("step", "day", "amount", "institution"))
        rows.append((step, reading.day("restitution", line, "day"), amount, who, rest))
    if rows:
        heads = (_("Step"), _("Date"), _("Amount"), _("Institution"), _("Details"))
        yield table(heads, rows, widths=_WIDTHS)


def _deadlines(deadlines: Sequence[Deadline]) -> Iterator[Block]:
    """Each rule with its source; of the conflicting ones the earliest is marked, for until a court decides it warns."""
    dated = [one.due for one in deadlines if one.conflicts and one.due]
    first = min(dated) if dated else None
    rows: list[tuple[Any, ...]] = []
    for one in sorted(deadlines, key=lambda item: (item.due is None, item.due or date.max)):
        shortest = one.conflicts and one.due is not None and one.due == first and len(dated) > 1
        state = "\n".join(part for part in (_("THE SHORTEST") if shortest else "", one.state) if part)
        rows.append((one.title, format_date(one.due, "medium") if one.due else one.why, one.law, state))
    if rows:
        yield table((_("Rule"), _("Last day"), _("Source"), _("State")), rows, widths=_DUE_WIDTHS)
        yield Paragraph(_(
            "The law, its regulation and the law on sexual violence name different last days for the same payment. "
            "All are shown. The shortest is marked: until a court says otherwise, act by it."
        ))  # fmt: skip
