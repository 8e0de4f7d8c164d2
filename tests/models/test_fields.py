"""What holds for every field of every record, because everything else loops over them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from app.models import codelist
from app.models.all import KINDS
from app.models.check import check_value
from app.models.content import ALL_TIERS, content_of, fill, from_wire, reduce, to_wire
from app.models.field import Field, Kind, Merge, Tier, field, field_map, fields_of
from app.vault.casekeys import CaseKey
from app.vault.workspace import Workspace

EVERY = [pytest.param(kind, f, id=f"{kind}.{f.key}") for kind, record in KINDS.items() for f in fields_of(record)]
EXAMPLES: dict[Kind, Any] = {
    Kind.TEXT: "Ānak <b>&\"'",
    Kind.LONG: "baris satu\nbaris dua",
    Kind.DATE: "2009-08-??",
    Kind.DATETIME: datetime(2026, 11, 23, 3, 4, 5, 678000, tzinfo=UTC),
    Kind.INT: 17,
    Kind.BOOL: True,
    Kind.PHONE: "+6281234567890",
    Kind.NIK: "3273025508090000",
    Kind.REGION: "327302",
    Kind.REF: "0" * 31 + "1",
}


def example(f: Field) -> Any:
    if f.codelist:
        codes = [code.code for code in codelist.codelist(f.codelist).choices()]
        return tuple(sorted(codes[:2])) if f.kind is Kind.CODES else codes[0]
    return EXAMPLES[f.kind]


@pytest.mark.parametrize(("kind", "f"), EVERY)
def test_a_value_survives_the_file_and_the_wire(workspace: Workspace, kind: str, f: Field) -> None:
    held = _held(kind, f)
    record = KINDS[kind](**{f.key: held})
    with Session(workspace.engine) as session:
        session.add(record)
        session.commit()
        session.expire_all()
        assert getattr(record, f.key) == held
        content = content_of(record)
    other = KINDS[kind]()
    fill(other, content)
    assert content_of(other) == content
    assert from_wire(f, to_wire(f, held)) == held


def _held(kind: str, f: Field) -> Any:
    """What the file holds of an example: of a sealed field its token."""
    if not f.sealed:
        return example(f)
    key, place = CaseKey(bytes(32)), (kind, "0" * 32, f.key)
    codes = example(f) if f.kind is Kind.CODES else ()
    return tuple(sorted(key.seal_value(place, code) for code in codes)) or key.seal_value(place, example(f))


@pytest.mark.parametrize(("kind", "f"), [param for param in EVERY if param.values[1].sealed])
def test_a_sealed_field_takes_nothing_plain(workspace: Workspace, kind: str, f: Field) -> None:
    with pytest.raises(ValueError, match="not sealed"):
        from_wire(f, to_wire(f, example(f)))
    with Session(workspace.engine) as session:
        session.add(KINDS[kind](**{f.key: example(f)}))
        with pytest.raises(StatementError, match="not sealed"):
            session.flush()


@pytest.mark.parametrize(("kind", "f"), EVERY)
def test_a_value_leaves_only_with_its_tier(kind: str, f: Field) -> None:
    content = {f.key: to_wire(f, example(f))}
    structural = f.group in ("link", "entry")
    for tier in Tier:
        leaves = bool(reduce(KINDS[kind], content, frozenset({tier.value})))
        assert leaves == (structural or tier is f.tier)


@pytest.mark.parametrize(("kind", "f"), EVERY)
def test_an_example_passes_the_check_and_a_hostile_one_does_not(kind: str, f: Field) -> None:
    assert check_value(f, example(f)) is None
    if f.kind in (Kind.TEXT, Kind.LONG):
        assert check_value(f, "a\x00b") is not None
        assert check_value(f, "x" * 100_001) is not None


@pytest.mark.parametrize(("kind", "f"), EVERY)
def test_a_wrong_shape_from_the_wire_is_refused(kind: str, f: Field) -> None:
    wrong: list[Any] = [{"a": 1}, 1.5, [1], b"x", "text" if f.kind in (Kind.INT, Kind.BOOL, Kind.DATETIME) else 5]
    for value in wrong:
        with pytest.raises(ValueError, match=f.key):
            from_wire(f, value)


def test_a_field_without_a_tier_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="tier"):
        field("Somewhere")


def test_every_codelist_of_a_field_exists() -> None:
    for record in KINDS.values():
        for f in fields_of(record):
            if f.codelist:
                assert codelist.codelist(f.codelist).choices(), f.codelist


def test_fields_of_a_newer_peer_come_back_out() -> None:
    note = KINDS["note"]()
    fill(note, {"text": "x", "colour_of_sky": ["blue"]})
    assert content_of(note) == {"text": "x", "colour_of_sky": ["blue"]}
    assert reduce(KINDS["note"], content_of(note), ALL_TIERS) == {"text": "x"}


def test_keys_are_told_apart_from_aliases() -> None:
    assert field_map(KINDS["case"])["risk"].label == "Risk"
    assert {f.merge for f in fields_of(KINDS["referral_event"])} == {Merge.ONCE}
