"""Every part of a case, by its declaration alone: entered, shown, found, told on paper, and shared or kept here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from app.models.base import KINDS
from app.models.case_parts import PARTS, CasePart
from app.models.codelist import codelist
from app.models.consent import Consent
from app.models.field import Field, Kind, Tier, field_map, said_fields
from app.models.permission import Permission
from app.models.view import CaseFile, view_for
from app.reports.api import case_summary_document
from app.reports.document import texts
from app.reports.redaction import OF_THE_OFFICE, Profile, Release
from app.services import case_list, directory, export_grounds, referrals
from app.services.case_file import case_file
from app.services.case_list import CaseQuery
from app.services.case_page import CasePage, open_page
from app.services.case_parts import OWN_WAY, add_part
from app.services.desk import Desk
from app.services.intake import take
from app.vault.workspace import Vault
from tests import worlds
from tests.conftest import Clock
from tests.reports.sample import occasion

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
ALL = tuple(str(tier) for tier in Tier)
# What a rule asks for beside the declaration, or keeps for itself.
SAID: dict[str, dict[str, Any]] = {
    "approval": {"decision": None, "decided_at": None, "decided_by": None, "note": None},
    "empowerment": {"answer": "ACCEPTED", "reason": None},
    "flag": {"lowered_at": None, "lowered_by": None, "until": None},
    "goal": {"state": "OPEN", "ended_at": None},
    "hearing": {"result": None},
    "screening": {"child": None, "conclusion": "POSSIBLE"},
    "service": {"service_type": "H.VISUM", "state": "DONE"},
    "task": {"done_at": None, "cancelled_at": None},
}
# Records of a case that nobody reads as a part of it.
APART = frozenset({"party", "conflict", "key_grant", "erasure", "legal_hold"})


@dataclass(frozen=True)
class World:
    """One case with one record of every kind of part, and how it is read."""

    desk: Desk
    case_id: str
    page: CasePage
    file: CaseFile
    police: str
    paper: str
    made: dict[str, str]


def needle(kind: str, key: str) -> str:
    """A word that stands in one field only."""
    return f"jarum{kind}{key}".replace("_", "")


def value_of(kind: str, field: Field) -> Any:
    """Something that a field of this kind can hold, in the past."""
    match field.kind:
        case Kind.TEXT | Kind.LONG:
            return needle(kind, field.key)
        case Kind.CODE:
            return codelist(field.codelist or "").choices()[0].code
        case Kind.CODES:
            return tuple(code.code for code in codelist(field.codelist or "").choices()[:1])
        case Kind.DATE:
            return "2026-11-20"
        case Kind.DATETIME:
            return datetime(2026, 11, 20, 3, tzinfo=UTC)
        case Kind.INT:
            return 7
        case Kind.BOOL:
            return False
    return None


def values_of(part: CasePart) -> dict[str, Any]:
    """A whole record of this kind, all that is said of it filled in."""
    values = {f.key: value_of(part.kind, f) for f in said_fields(part.record) if f.kind is not Kind.REF}
    return {**values, **SAID.get(part.kind, {})}


def enter(desk: Desk, case_id: str, part: CasePart, links: dict[str, Any]) -> str:
    """By the one way in; what has a way of its own is put there as its own service would."""
    held = field_map(part.record)
    given = {**values_of(part), **{key: value for key, value in links.items() if key in held}}
    if part.kind == "transfer":
        given["to_office"] = links["office"]
    if part.kind == "legal_step":
        given["person_id"] = None  # all suspects
    if part.kind not in OWN_WAY:
        return add_part(desk, case_id, part.kind, given).id
    with pytest.raises(ValueError, match=part.kind):
        add_part(desk, case_id, part.kind, given)
    with desk.write(Permission.WRITE_CASE) as session:
        record = part.record(case_id=case_id, **given)
        session.add(record)
        return str(record.id)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Iterator[World]:
    """A workspace that every test here only reads."""
    folder, clock = tmp_path_factory.mktemp("parts") / "ws", Clock(NOW)
    worlds.copy_begun(folder, tmp_path_factory, vault, clock)
    with vault.unlock(folder, login="siti", password=worlds.PASSWORD, now=clock) as workspace:
        desk = worlds.desk_of(workspace, clock)
        yield prepared(desk)


def prepared(desk: Desk) -> World:
    """The case, its parts, and what the police see of it."""
    case_id = take(desk, worlds.intake(screening=None)).id
    page = open_page(desk, case_id)
    victim = page.victims[0].person.id
    police = next(a for a in directory.recipients(desk) if a["office_id"])
    links: dict[str, Any] = {"person_id": victim, "office": "e" * 32}
    made: dict[str, str] = {}
    for part in PARTS:
        made[part.kind] = enter(desk, case_id, part, links)
        if part.kind in ("referral", "transfer"):  # their steps name them
            links[f"{part.kind}_id"] = made[part.kind]
    with desk.write(Permission.WRITE_CASE) as session:
        consent = Consent(
            case_id=case_id, person_id=victim, purpose="SHARE", decision="GIVEN", given_by="BOTH", tiers=ALL,
            decided_at=desk.now(),
        )  # fmt: skip
        session.add(consent)
    referrals.refer(desk, case_id, {
        "to_agency": police.id, "reason": "LEGAL", "urgency": "DAY1", "tiers": ALL, "consent_id": consent.id,
        "person_id": victim,
    })  # fmt: skip
    with desk.read() as session:
        file, case = case_file(session, case_id), export_grounds.case_input(session, desk, case_id)
    release = Release(profile=Profile.INTERNAL)
    document = case_summary_document(case, release=release, occasion=occasion(), language="en")[0]
    paper = "\n".join(texts(document))
    return World(desk, case_id, open_page(desk, case_id), file, police["office_id"], paper, made)


@pytest.fixture(params=PARTS, ids=lambda part: part.kind)
def part(request: pytest.FixtureRequest) -> CasePart:
    found: CasePart = request.param
    return found


def test_it_stands_on_the_page_and_in_the_timeline(world: World, part: CasePart) -> None:
    assert world.made[part.kind] in {entry.id for entry in world.page.parts[part.kind]}
    lines = [line for line in world.page.timeline if line.record_id == world.made[part.kind]]
    assert bool(lines) is part.in_timeline and all(line.text for line in lines)


def test_what_may_be_searched_for_is_found(world: World, part: CasePart) -> None:
    for field in said_fields(part.record):
        if field.kind in (Kind.TEXT, Kind.LONG) and values_of(part).get(field.key):
            query = CaseQuery(text=needle(part.kind, field.key))
            wanted = field.searchable and field.tier is not Tier.SENSITIVE
            assert bool(case_list.ids(world.desk, query)) is wanted, field.key


def test_the_paper_of_the_office_tells_it(world: World, part: CasePart) -> None:
    words = [needle(part.kind, f.key) for f in said_fields(part.record) if f.kind in (Kind.TEXT, Kind.LONG)]
    told = [word for word in words if any(value == word for value in values_of(part).values())]
    if part.kind != "attachment":  # files go their own way
        assert all(word in world.paper for word in told)


def test_it_travels_with_a_referral_or_stays(world: World, part: CasePart) -> None:
    seen = view_for(world.file, world.police, today=world.desk.today().isoformat())
    alone = part.kind == "consent"  # only the one that the referral stands on
    assert ((part.kind, world.made[part.kind]) in seen) is (part.travels and not alone)
    assert part.travels or part.kind in OF_THE_OFFICE | {"referral", "referral_event"}


def test_the_page_knows_every_record_of_a_case() -> None:
    of_cases = {kind for kind, record in KINDS.items() if "case_id" in field_map(record)}
    assert {part.kind for part in PARTS} == of_cases - APART
