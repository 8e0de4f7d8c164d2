"""A cell becomes what it says, or is refused with a sentence; nothing is invented."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from app.i18n import speaking
from app.models.all import Case, Person
from app.models.codelist import overlay
from app.models.field import Field as Declared
from app.models.field import Kind, Tier, field_map
from app.services.import_values import value_of
from app.services.spreadsheet import Cell

TODAY = date(2026, 11, 24)
P, C = field_map(Person), field_map(Case)
YES = Declared("agreed", "Agreed", Kind.BOOL, Tier.OPEN, "main")


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        (P["name"], "  Siti Aminah ", "Siti Aminah"),
        (P["name"], "", None),
        (P["address"], "-", None),
        (P["sex"], "Pr", "P"),
        (P["sex"], "LAKI-LAKI", "L"),
        (P["birth_date"], date(2009, 8, 17), "2009-08-17"),
        (P["birth_date"], datetime(2009, 8, 17), "2009-08-17"),
        (P["birth_date"], "17 Agustus 2009", "2009-08-17"),
        (P["birth_date"], "17-08-2009", "2009-08-17"),
        (P["birth_date"], 2009.0, "2009-??-??"),
        (P["birth_date"], "?/8/2009", "2009-08-??"),
        (P["age"], 17.0, 17),
        (P["age"], "17 tahun", 17),
        (P["phone"], 81234567890.0, "+6281234567890"),
        (P["phone"], "0812-3456-7890", "+6281234567890"),
        (P["nik"], "3273 0257 0809 0000", "3273025708090000"),
        (P["region"], "Kota Bandung", "3273"),
        (P["region"], "Coblong, Kota Bandung, Jawa Barat", "327302"),
        (P["region"], "32.73", "3273"),
        (C["debt"], "Rp 12.500.000", 12_500_000),
        (C["debt"], 12500000.0, 12_500_000),
        (C["debt"], "12.500.000,00", 12_500_000),
        (C["exploitation"], "", ()),
        (YES, "Ya", True),
        (YES, "tdk", False),
    ],
)
def test_what_a_cell_says(field: Declared, cell: Cell, value: Any) -> None:
    assert value_of(field, cell, today=TODAY, chosen={}) == value


@pytest.mark.parametrize(
    ("field", "cell", "words"),
    [
        (P["sex"], "dewasa", "not in the list"),
        (P["birth_date"], 43831.0, "A number, not a date"),
        (P["birth_date"], "-3", "Not a date"),
        (P["birth_date"], "kemarin", "Not a date"),
        (P["birth_date"], "31/02/2009", "no such day"),
        (P["nik"], 3273025708090001.0, "lost its last digit"),
        (P["nik"], "327302570809", "16 digits"),
        (P["phone"], "rumah", "Not a telephone number"),
        (P["region"], "Atlantis", "no region"),
        (P["age"], "17.5", "whole number"),
        (P["age"], "12,50", "whole number"),
        (P["name"], "a\x07b", "control characters"),
        (C["reported_at"], "8/2026", "whole day"),
        (C["reported_at"], "17/8/2026 25:61", "no such time"),
        (C["lead_worker"], "x" * 2001, "Too long"),
        (YES, "mungkin", "Neither"),
    ],
)
def test_what_is_refused(field: Declared, cell: Cell, words: str) -> None:
    with speaking("en"), pytest.raises(ValueError, match=words):
        value_of(field, cell, today=TODAY, chosen={})


def test_what_a_person_chose_for_words_counts_before_the_list() -> None:
    chosen = {"dewasa pr": "P", "entahlah": ""}
    assert value_of(P["sex"], "Dewasa (Pr)", today=TODAY, chosen=chosen) == "P"
    assert value_of(P["sex"], "Entahlah", today=TODAY, chosen=chosen) is None


def test_a_cell_of_several_values_is_taken_apart() -> None:
    several = value_of(C["exploitation"], "SEX.PROST; SEX.ONLINE\nSEX.PROST", today=TODAY, chosen={})
    assert several == ("SEX.ONLINE", "SEX.PROST")
    with pytest.raises(ValueError, match="Atlantis"):
        value_of(C["exploitation"], "SEX.PROST, Atlantis", today=TODAY, chosen={})


def test_a_day_alone_is_its_beginning_here() -> None:
    found = value_of(C["reported_at"], "17/8/2026", today=TODAY, chosen={})
    assert found.isoformat() == "2026-08-17T00:00:00+07:00"
    assert value_of(C["reported_at"], "17/8/2026 14.30", today=TODAY, chosen={}).hour == 14


def test_what_the_office_adds_to_a_list_is_known_at_once() -> None:
    with pytest.raises(ValueError, match="Kapal"):
        value_of(C["sector"], "Kapal", today=TODAY, chosen={})
    overlay([("labour_sector", "OWN.SHIP", "Kapal", "Ship", False)])
    try:
        assert value_of(C["sector"], "Kapal", today=TODAY, chosen={}) == "OWN.SHIP"
    finally:
        overlay(())
    with pytest.raises(ValueError, match="Kapal"):
        value_of(C["sector"], "Kapal", today=TODAY, chosen={})
