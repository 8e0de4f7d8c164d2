"""The list of cases as a sheet: the columns a profile allows, and no others.

Only two profiles have one. What goes to an agency goes on the consent of one person, case by case, never as a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.errors import Invalid
from app.i18n import N_, _, format_number, language, ngettext
from app.models.field import Tier
from app.reports.case_summary import Occasion, marks_of
from app.reports.document import Document, Notice, Section, table
from app.reports.redaction import PROFILE_TIERS, Profile
from app.reports.sheet import Cell, Sheet

PROFILES = (Profile.INTERNAL, Profile.STATISTICS)
AGE_BANDS = ((5, "0-5"), (12, "6-12"), (17, "13-17"), (24, "18-24"), (44, "25-44"), (59, "45-59"), (999, "60+"))


# On paper: the head of a column, its share of the page, and what stands in it, one below the other.
_ON_PAPER: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    (N_("Case"), 0.2, ("number", "reported", "reported_year")),
    (N_("Victims"), 0.14, ("initials", "sex", "age", "age_group")),
    (N_("Status"), 0.15, ("status", "risk")),
    (N_("Next step"), 0.24, ("next_step", "due")),
    (N_("Flags"), 0.12, ("flags",)),
    (N_("Lead worker"), 0.15, ("lead",)),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `counts`: it may be part of statistics; its tier alone does not make it so."""

    key: str
    label: str
    tier: Tier
    counts: bool = False


COLUMNS = (
    Column("number", N_("Case number"), Tier.IDENTIFYING),
    Column("reported", N_("Reported at"), Tier.CASE),
    Column("reported_year", N_("Year of the report"), Tier.OPEN, counts=True),
    Column("initials", N_("Victims"), Tier.IDENTIFYING),
    Column("victims", N_("Number of victims"), Tier.OPEN, counts=True),
    Column("sex", N_("Sex"), Tier.OPEN, counts=True),
    Column("age", N_("Age"), Tier.CASE),
    Column("age_group", N_("Age group"), Tier.OPEN, counts=True),
    Column("risk", N_("Risk"), Tier.OPEN, counts=True),
    Column("status", N_("Status"), Tier.OPEN, counts=True),
    Column("next_step", N_("Next step"), Tier.CASE),
    Column("due", N_("Due"), Tier.CASE),
    Column("flags", N_("Flags"), Tier.CASE),
    Column("lead", N_("Lead worker"), Tier.CASE),
)  # fmt: skip


def columns_for(profile: Profile) -> tuple[Column, ...]:
    """What a list may say under this profile. Invalid for one that knows no lists."""
    if profile not in PROFILES:
        message = _("A list of cases stays in the office, or leaves as statistics. For an agency, export each case.")
        raise Invalid(message, [("profile", message)])
    statistical = profile is Profile.STATISTICS
    return tuple(
        column for column in COLUMNS
        if column.tier in PROFILE_TIERS[profile] and (column.counts or not statistical)
    )  # fmt: skip


def case_list_sheet(rows: Iterable[Mapping[str, Cell]], profile: Profile) -> tuple[Sheet, tuple[str, ...]]:
    """(the sheet, the fields it holds: 'list.risk'). A value without a column of this profile stays here."""
    columns = columns_for(profile)
    body = tuple(_cells(rows, columns))
    names = tuple(f"list.{column.key}" for column in columns)
    return Sheet(_("Cases"), (tuple(_(c.label) for c in columns), *body), frozenset({0})), names


def case_list_document(
    rows: Iterable[Mapping[str, Cell]], profile: Profile, *, occasion: Occasion
) -> tuple[Document, tuple[str, ...]]:
    """(the list as a paper, the fields it holds): what belongs together stands in one column."""
    allowed = columns_for(profile)
    keys = {column.key for column in allowed}
    keys -= {rough for fine, rough in (("reported", "reported_year"), ("age", "age_group")) if fine in keys}
    found = tuple(rows)
    groups = tuple((head, width, tuple(k for k in within if k in keys)) for head, width, within in _ON_PAPER)
    printed = (
        tuple("\n".join(str(row[key]) for key in within if row.get(key)) for _h, _w, within in groups) for row in found
    )
    lines = table(tuple(_(head) for head, _w, _k in groups), printed, widths=tuple(width for _h, width, _k in groups))
    cases = ngettext("{n} case", "{n} cases", len(found)).format(n=format_number(len(found)))
    document = Document(
        language=language(), kind=_("List of cases"), title=cases, letterhead=occasion.letterhead,
        sections=(Section(_("Cases"), (lines,) if found else (Notice(_("No case.")),)),),
        marks=marks_of(occasion, profile),
    )  # fmt: skip
    said = {key for _h, _w, within in groups for key in within}
    return document, tuple(f"list.{column.key}" for column in allowed if column.key in said)


def age_band(age: int | None) -> str:
    """The code of `age_group`; 'NA' if nothing is known."""
    return "NA" if age is None else next(band for oldest, band in AGE_BANDS if age <= oldest)


def _cells(rows: Iterable[Mapping[str, Cell]], columns: tuple[Column, ...]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield tuple(row.get(column.key, "") for column in columns)
