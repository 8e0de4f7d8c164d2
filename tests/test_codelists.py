"""Every codelist and fact table can be read, and every label can be shown."""

from __future__ import annotations

import csv
import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from app.paths import resource

CODELISTS = sorted(resource("codelists").glob("*.csv"))
FACTS = sorted(resource("facts").glob("*.csv"))
HEADER = ["code", "label_id", "label_en", "note_en", "retired", "source"]
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+()-]*")
SPINE = {
    "case_status", "referral_step", "referral_decline_reason", "party_role", "role", "screening_conclusion",
    "consent_purpose", "consent_given_by", "consent_decision", "consent_method", "service_state", "note_kind", "tier",
    "redaction_profile", "nationality", "contact_safety", "yes_no_unknown", "sex", "risk_level", "agency_type",
    "exploitation_type", "service_type", "referral_reason", "referral_urgency", "referral_outcome", "report_channel",
    "reporter_type", "recruitment_mode", "case_closure_reason", "provinces", "education_level", "disability_type",
}  # fmt: skip


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def controls(text: str) -> list[str]:
    """Control and invisible formatting characters: they would hide in a label."""
    return [f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn")]


def test_the_lists_of_the_spine_are_there() -> None:
    assert not SPINE - {path.stem for path in CODELISTS}


@pytest.mark.parametrize("path", CODELISTS, ids=lambda path: path.stem)
def test_codelist(path: Path) -> None:
    header, *values = rows(path)
    assert header == HEADER
    assert values, "a codelist without values"
    assert all(len(row) == len(HEADER) for row in values), "a row with too many or too few columns"
    codes = [row[0] for row in values]
    assert len(codes) == len(set(codes)), "a code twice: give the new value a code of its own"
    assert [code for code in codes if not CODE.fullmatch(code)] == []
    for code, label_id, label_en, *_rest in values:
        assert label_id.strip() == label_id != "", f"{code}: no Indonesian label, or blanks around it"
        assert label_en.strip() == label_en != "", f"{code}: no English label, or blanks around it"
    assert [row[0] for row in values if not row[5].strip()] == [], "no source: write where it is from, or DESIGN"
    assert controls("".join(cell for row in values for cell in row)) == []


@pytest.mark.parametrize("path", CODELISTS, ids=lambda path: path.stem)
def test_a_retired_value_says_since_when(path: Path) -> None:
    assert all(date.fromisoformat(row[4]) for row in rows(path)[1:] if row[4])


@pytest.mark.parametrize("path", CODELISTS, ids=lambda path: path.stem)
def test_labels_of_one_list_differ(path: Path) -> None:
    for column in (1, 2):
        labels = [row[column] for row in rows(path)[1:]]
        assert sorted({label for label in labels if labels.count(label) > 1}) == [], "two values nobody can tell apart"


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.stem)
def test_fact_table(path: Path) -> None:
    header, *values = rows(path)
    assert values
    assert all(len(row) == len(header) for row in values)
    keys = [row[0] for row in values]
    assert len(keys) == len(set(keys)), "a key twice"
    assert controls("".join(cell for row in values for cell in row)) == []


def test_every_source_key_is_explained() -> None:
    known = {row[0] for row in rows(resource("facts", "sources.csv"))[1:]}
    cited = {
        key
        for path in (*CODELISTS, *FACTS)
        for row in rows(path)[1:]
        for key in re.findall(r"\[(S\d+b?)\]", " ".join(row))
    }
    assert sorted(cited - known) == []
