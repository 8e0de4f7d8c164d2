"""A case is erased, and nothing of it is left on any laptop or at the centre, whoever comes back and when."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.central import admin
from app.models.all import KINDS, Case, Conflict, Erasure, Party, Person
from app.models.base import CaseRecord, Record
from app.models.case_parts import PARTS
from app.models.field import Kind, fields_of
from app.models.ids import new_id
from app.models.journal import Journal
from app.models.keyring import KeyGrant
from app.models.local import Export
from app.services import attachments, care, cases, drafts, erasure, parties
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.erasure import Wish
from app.vault.backup import back_up, backups
from tests.sync.country import Country, new_case, refer
from tests.sync.graves import in_files, tables_with
from tests.sync.laptops import Laptop
from tests.wire_scan import holds

NEEDLE = "Jarumhilang"
ALL = ("OPEN", "CASE", "IDENTIFYING", "NARRATIVE")
SENT = ("attachment", "consent", "referral")
CONSENT = {"purpose": "SHARE", "given_by": "BOTH", "tiers": ALL, "note": NEEDLE}


# a part of every kind that can be about somebody; an attachment has a file
ABOUT_PEOPLE = [part for part in PARTS if hasattr(part.record, "person_id") and part.kind not in SENT]


def chief(laptop: Laptop) -> Desk:
    """Another supervisor of the same office, at the same laptop."""
    return replace(laptop.desk, actor=replace(laptop.actor, user=new_id(), name="Penyelia", role="SUPERVISOR"))


def erase(laptop: Laptop, subject: str, *, kind: str = "case", basis: str = "COURT") -> str:
    """Asked for by one, approved by another."""
    asked = erasure.request(laptop.desk, Wish(kind, subject, basis, "COURT")).id
    erasure.approve(chief(laptop), asked, no_proceedings=True)
    return asked


def fill(laptop: Laptop, case_id: str) -> None:
    """The needle into every text of every record of the case, and of its persons."""
    with Session(laptop.workspace.engine) as session:
        session.info["journal"] = Journal(laptop.actor, laptop.clock)
        girl = session.scalars(select(Party.person_id).where(Party.case_id == case_id, Party.role == "VICTIM")).one()
        session.add_all(part.record(case_id=case_id, person_id=girl) for part in ABOUT_PEOPLE)
        session.flush()
        found: list[Record] = [session.get_one(Case, case_id)]
        for made in KINDS.values():
            if issubclass(made, CaseRecord) and made is not KeyGrant:
                found += session.scalars(select(made).where(made.case_id == case_id))
        people = {getattr(record, "person_id", None) for record in found} - {None}
        found += session.scalars(select(Person).where(Person.id.in_(people)))
        for record in found:
            for field in fields_of(type(record)):
                free = field.kind in (Kind.TEXT, Kind.LONG) and not field.sealed and field.key != "number"
                if free and field.group != "entry" and getattr(record, field.key) is None:
                    setattr(record, field.key, NEEDLE)
        session.commit()


def picture(words: str) -> bytes:
    """A PNG of one pixel with words in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head, pixel = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0), zlib.compress(bytes(2))
    said = b"Title\0" + words.encode()
    parts = ((b"IHDR", head), (b"tEXt", said), (b"IDAT", pixel), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def sealed_files(laptop: Laptop) -> int:
    """How many attached files lie beside the database."""
    return len(list((laptop.workspace.directory / "attachments").glob("*")))


def full_case(laptop: Laptop) -> str:
    """A case with everything, and the needle wherever words can stand."""
    victim = {"name": NEEDLE, "alias": NEEDLE, "sex": "P", "birth_date": "2009-08-??", "phone": "+6281299887766"}
    victim |= {"health": NEEDLE}
    case_id = new_case(laptop, victim=victim, consent=CONSENT)
    desk = laptop.desk
    person = open_page(desk, case_id).victims[0].person.id
    care.add_note(desk, case_id, {"text": NEEDLE, "note_kind": "VISIT", "at": laptop.clock()})
    care.add_service(desk, case_id, {"service_type": "H.VISUM", "person_id": person, "goal": NEEDLE})
    parties.add_party(desk, case_id, {"name": NEEDLE + " Dua", "sex": "L"}, role="SUSPECT")
    attachments.add(desk, case_id, NEEDLE, picture(NEEDLE))
    drafts.save(desk, "case:note", {"text": NEEDLE}, record=case_id)
    with Session(laptop.workspace.engine) as session:
        paper = {"report": "case_summary", "profile": "court", "sha256": "0" * 64, "fields": "case.number"}
        said = {"recipient": NEEDLE, "purpose": NEEDLE, "user": laptop.actor.user}
        session.add(Export(id="E-1", at=laptop.clock(), record=case_id, **paper, **said))
        session.commit()
    fill(laptop, case_id)
    return case_id


def at_the_centre(country: Country) -> list[str]:
    """The tables of the centre in which the needle is, packed values opened."""
    from_where = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    names = [name for (name,) in country.centre.sql(from_where)]
    return sorted(n for n in names if in_values(country.centre.sql(f"SELECT * FROM {n}")))


def in_values(rows: Any) -> bool:
    """Whether the needle is in these rows."""
    return holds(rows, NEEDLE)


def keep_quiet(country: Country, *laptops: Laptop) -> list[Any]:
    """Sync each once; every one ends green, and nothing had to be received anew."""
    reports = [country.sync(laptop) for laptop in laptops]
    for report in reports:
        assert report.problem is None, report.problem
        assert report.green
        assert not report.repaired
    return reports


@pytest.fixture
def world(country: Country) -> tuple[Country, Laptop, Laptop, Laptop]:
    """Two laptops of office A, one of B; everybody knows everybody."""
    a, a2, b = country.laptop("a1", office="A"), country.laptop("a2", office="A"), country.laptop("b1", office="B")
    keep_quiet(country, a, a2, b)
    return country, a, a2, b


def test_nothing_is_left_anywhere(world: tuple[Country, Laptop, Laptop, Laptop], tmp_path: Path) -> None:
    country, a, a2, b = world
    case_id = full_case(a)
    other = new_case(a, victim={"name": "Yang Tinggal", "sex": "P"})
    refer(a, case_id, "Kantor B", *ALL)
    keep_quiet(country, a, b, a2)
    care.add_note(b.desk, case_id, {"text": NEEDLE, "note_kind": "VISIT", "at": b.clock()})
    cases.change_case(b.desk, case_id, {"summary": NEEDLE + " B"})
    cases.change_case(a.desk, case_id, {"summary": NEEDLE + " A"})
    keep_quiet(country, a, b, a)  # a conflict, which holds both
    assert a.count(Conflict) == 1
    care.add_note(a2.desk, case_id, {"text": NEEDLE, "note_kind": "VISIT", "at": a2.clock()})  # alone for weeks
    cases.change_case(a2.desk, case_id, {"summary": NEEDLE + " A2"})
    drafts.save(a2.desk, "case:note", {"text": NEEDLE}, record=case_id)
    care.add_note(a.desk, case_id, {"text": NEEDLE, "note_kind": "VISIT", "at": a.clock()})  # never sent
    cases.change_case(a.desk, case_id, {"transit": NEEDLE + " T"})
    back_up(a.workspace, now=country.clock)
    for laptop in (a, a2, b):  # the control: it is in every place in which it can be
        assert {"case_file", "note", "person", "case_fts_content", "case_fts_data"} <= set(tables_with(laptop, NEEDLE))
        assert in_files(laptop, NEEDLE, scratch=tmp_path / "pages") == [f"{laptop.workspace.directory.name}.pages"]
    assert {"draft", "export", "operation", "batch", "shadow"} <= set(tables_with(a, NEEDLE))
    assert {"batch", "feed", "record"} <= set(at_the_centre(country))

    assert (sealed_files(a), a.count(KeyGrant) > 0, a2.count(KeyGrant) > 0) == (1, True, True)

    erased = erase(a, case_id)
    assert (sealed_files(a), a.count(KeyGrant)) == (0, 0)
    assert tables_with(a, NEEDLE) == []
    assert in_files(a, NEEDLE, scratch=tmp_path / "pages") == []
    log = a.workspace.database.with_name("workspace.db-wal")
    assert not log.exists() or log.stat().st_size == 0
    country.clock.forward(hours=1)
    sent, received = keep_quiet(country, a, b)
    assert sent.outcomes == {"accepted": sent.pushed_operations}
    [told] = received.erased
    assert (told.basis, told.office, told.erasure) == ("COURT", a.actor.office, erased)
    country.clock.forward(days=20)
    [late] = keep_quiet(country, a2)
    assert late.outcomes["erased"] == 2
    assert [line.erasure for line in late.erased] == [erased]
    for laptop in (a, a2, b):
        keep_quiet(country, laptop)
        assert tables_with(laptop, NEEDLE) == []
        assert in_files(laptop, NEEDLE, scratch=tmp_path / "pages") == []
        assert (laptop.get(Case, case_id), laptop.count(KeyGrant)) == (None, 0)
    assert at_the_centre(country) == []
    assert a.get(Case, other) is not None
    assert a2.get(Case, other) is not None
    record = a.get(Erasure, erased)
    assert isinstance(record, Erasure)
    assert (record.records or 0) >= 9
    assert (record.drafts, record.exports) == (1, 1)
    assert a2.get(Erasure, erased) is not None


def test_a_person_in_two_cases_stays_until_the_last(world: tuple[Country, Laptop, Laptop, Laptop]) -> None:
    country, a, a2, _b = world
    first = new_case(a)
    girl = open_page(a.desk, first).victims[0].person.id
    second = new_case(a, victim={"name": "Rina", "sex": "P"})
    parties.add_party(a.desk, second, girl, role="WITNESS")
    keep_quiet(country, a, a2)
    erase(a, first)
    assert a.get(Person, girl) is not None
    keep_quiet(country, a, a2, a)
    assert a2.get(Person, girl) is not None
    assert a2.get(Case, first) is None
    third = new_case(a2, victim={"name": "Wati", "sex": "P"})
    parties.add_party(a2.desk, third, girl, role="WITNESS")
    keep_quiet(country, a2)
    erase(a, second)  # here nobody knows of the third case
    assert a.get(Person, girl) is None
    keep_quiet(country, a, a2)
    assert a.get(Person, girl) is not None  # the centre does
    assert a2.get(Person, girl) is not None
    keep_quiet(country, a2, a)


def test_a_person_is_erased_from_every_case(world: tuple[Country, Laptop, Laptop, Laptop]) -> None:
    country, a, a2, _b = world
    case_id = new_case(a, victim={"name": NEEDLE, "sex": "P"})
    girl = open_page(a.desk, case_id).victims[0].person.id
    parties.add_party(a.desk, case_id, {"name": "Budi", "sex": "L"}, role="SUSPECT")
    keep_quiet(country, a, a2)
    erase(a, girl, kind="person")
    assert a.get(Case, case_id) is not None
    keep_quiet(country, a, a2)
    for laptop in (a, a2):
        assert tables_with(laptop, NEEDLE) == []
        assert [item.person["name"] for item in open_page(laptop.desk, case_id).parties] == ["Budi"]
    assert at_the_centre(country) == []


def test_a_restored_centre_brings_nothing_back(world: tuple[Country, Laptop, Laptop, Laptop]) -> None:
    country, a, a2, b = world
    case_id = full_case(a)
    refer(a, case_id, "Kantor B", *ALL)
    keep_quiet(country, a, b, a2)
    kept = snapshot(country)
    later = new_case(a, victim={"name": "Setelah Cadangan", "sex": "P"})
    care.add_note(a.desk, case_id, {"text": NEEDLE, "note_kind": "VISIT", "at": a.clock()})
    keep_quiet(country, a)
    erase(a, case_id)
    keep_quiet(country, a, a2, b)
    go_back(country, kept)
    assert at_the_centre(country) != []
    report = country.sync(a2)  # who did not erase, but knows
    assert report.problem is None
    assert report.green
    assert at_the_centre(country) == []
    for laptop in (b, a, a2):
        keep_quiet(country, laptop)
        assert tables_with(laptop, NEEDLE) == []
    assert a.get(Case, later) is not None
    assert a2.get(Case, later) is not None


def snapshot(country: Country) -> dict[str, list[Any]]:
    """Every row of the centre, as a backup would hold it."""
    names = [n for (n,) in country.centre.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {name: country.centre.sql(f"SELECT * FROM {name}") for name in names}


def go_back(country: Country, kept: dict[str, list[Any]]) -> None:
    """Put the centre back to it, and do what the manual asks after a restore: a new epoch."""
    country.centre.stop()
    country.centre.sql("TRUNCATE " + ", ".join(kept))
    country.centre.sql("SET session_replication_role = replica; SELECT 1")
    for name in ("office", "device", *(each for each in kept if each not in ("office", "device"))):
        for row in kept[name]:
            country.centre.sql(f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(row))})", *row)
    admin.init(country.centre.url_of["owner"], country.centre.data_dir, new_epoch=True)
    country.centre.start()


def test_backups_from_before_are_gone_after_35_days(world: tuple[Country, Laptop, Laptop, Laptop]) -> None:
    country, a, _a2, _b = world
    case_id = new_case(a)
    back_up(a.workspace, now=country.clock)
    country.clock.forward(hours=2)
    erased = erase(a, case_id)
    [item] = erasure.listed(a.desk)
    assert (erasure.last_backup_day(item.entry["executed_at"]) - a.desk.today()).days == 35
    country.clock.forward(days=1)
    back_up(a.workspace, now=country.clock)
    folder, engine = a.workspace.directory, a.workspace.engine
    country.clock.forward(days=33)
    assert erasure.age_backups(engine, folder, now=country.clock()) == 0
    country.clock.forward(days=1)
    assert erasure.age_backups(engine, folder, now=country.clock()) == 1
    [left] = backups(folder)
    assert left.at > item.entry["executed_at"]
    assert erased == item.entry.id


def test_another_offices_erasure_takes_nothing_that_is_our_own(country: Country) -> None:
    """B has a case of its own about a person it was shown: what it wrote there stays, and both sides hold the same."""
    a, b = country.laptop("a1"), country.laptop("b1", office="B")
    country.settle(a, b)
    case_id = new_case(a, consent={**CONSENT, "given_by": "VICTIM"})
    refer(a, case_id, "Kantor B", *ALL)
    country.settle(a, b)
    girl = open_page(a.desk, case_id).victims[0].person.id
    own = new_case(b)
    parties.add_party(b.desk, own, girl, role="VICTIM")
    care.add_service(b.desk, own, {"service_type": "H.VISUM", "goal": "Tetap", "person_id": girl})
    country.settle(b)
    unsent = care.add_service(b.desk, own, {"service_type": "H.VISUM", "goal": "Belum", "person_id": girl}).id
    erase(a, case_id)
    country.settle(a, b)  # and both sides hold the same
    with Session(b.workspace.engine) as session:
        assert session.get(Case, case_id) is None
        assert session.get(Person, girl) is None
        kept = [
            row
            for made in KINDS.values()
            if issubclass(made, CaseRecord) and hasattr(made, "person_id")
            for row in session.scalars(select(made).where(made.case_id == own, made.person_id == girl))
        ]
        assert sorted(row.kind for row in kept) == ["party", "service"], "what the centre holds; unsent work goes"
        assert unsent not in {row.id for row in kept}
    page = open_page(b.desk, own)
    assert page.victims, "the page of our own case opens, also where somebody in it is gone"
