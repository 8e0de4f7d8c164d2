"""The list of cases as a sheet: the columns a profile allows, and no others.

Only two profiles have one. What goes to an agency goes on the consent of one person, case by case, never as a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.errors import Invalid
from app.i18n import N_, _
from app.models.field import Tier
from app.reports.redaction import PROFILE_TIERS, Profile
from app.reports.sheet import Cell, Sheet

PROFILES = (Profile.INTERNAL, Profile.STATISTICS)
AGE_BANDS = ((5, "0-5"), (12, "6-12"), (17, "13-17"), (24, "18-24"), (44, "25-44"), (59, "45-59"), (999, "60+"))


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
    table = tuple(_cells(rows, columns))
    names = tuple(f"list.{column.key}" for column in columns)
    return Sheet(_("Cases"), (tuple(_(c.label) for c in columns), *table), frozenset({0})), names


def age_band(age: int | None) -> str:
    """The code of `age_group`; 'NA' if nothing is known."""
    return "NA" if age is None else next(band for oldest, band in AGE_BANDS if age <= oldest)


def _cells(rows: Iterable[Mapping[str, Cell]], columns: tuple[Column, ...]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield tuple(row.get(column.key, "") for column in columns)
